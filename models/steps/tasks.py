"""The steps of a task: assign it, wait for guidance where it is timed by an event, open its rounds, close it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Process, Start, StartOrder, StepRequest, StepResult, Wait
from domain.deadlines import RoundDates
from domain.ids import plan_id, round_id
from domain.notices import NoticeKind, Role
from domain.rounds import rounds_of
from models.bells import ring_bell, want
from models.plans import TIMING_RULES
from models.steps.acknowledging import ask_to_acknowledge, sooner
from models.steps.context import PlanContext, plan_context
from models.steps.decided import tell_of_decisions
from models.steps.frame import Books, take
from models.steps.owners import ROLES, roles_of, tell_of_assignment, tell_of_changes, tell_of_withdrawal
from models.steps.raising import Wanted, raise_notices


async def step_task(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Do what is due for the task `request.subject`; raises nothing for its state."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    await books.row("SELECT id FROM task WHERE id = :id FOR NO KEY UPDATE", id=books.request.subject)
    await books.begin()
    task = await books.row("SELECT * FROM task WHERE id = :id", id=books.request.subject)
    facts = await books.facts()
    did = [str(fact["summary"]) for fact in facts]
    if task["closed_at"] is not None:  # who acknowledges a task that has ended is heard, too
        return StepResult(did=(*did, "Nhiệm vụ đã kết thúc"), closed=True, state="closed")
    plan = await plan_context(books, task["plan_id"])
    if task["withdrawn_at"] is not None:
        return await _wind_up(books, task, plan, facts, did)
    if any(fact["kind"] == "guidance_issued" for fact in facts):
        await _tell_of_guidance(books, task, plan)
    if task["assigned_at"] is None:
        did.append(await _assign(books, task, plan))
    else:
        await tell_of_changes(books, task, plan, facts)
    await tell_of_decisions(books, task, plan, facts)
    if task["suspended_at"] is not None:
        details = f"Nhiệm vụ tạm dừng: {task['suspended_reason']}"
        return StepResult(tuple(did), "open_round", "Chờ tiếp tục nhiệm vụ", state="suspended", details=details)
    asked = await ask_to_acknowledge(books, task, plan)
    did += asked.did
    return sooner(await _go_on(books, task, plan, did), asked)


async def _go_on(books: Books, task: RowMapping, plan: PlanContext, did: list[str]) -> StepResult:
    """What a task that is told and not suspended comes to: its guidance, its rounds, its end."""
    guidance = await _guidance(books, task)
    if task["after_event"] and guidance is None:
        return StepResult(
            did=tuple(did),
            next_step="wait_for_guidance",
            next_summary=f"Chờ {task['after_event']}",
            state="waiting",
            details=f"Đang chờ văn bản hướng dẫn ({task['after_event']})",
        )
    recorded = guidance["recorded_at"] if guidance else None
    since = max(at for at in (plan.activated_at, recorded, task["counts_from"]) if isinstance(at, datetime))
    return await _open_rounds(books, task, plan, since, guidance["issued_on"] if guidance else None, did)


async def _wind_up(
    books: Books, task: RowMapping, plan: PlanContext, facts: list[RowMapping], did: list[str]
) -> StepResult:
    """A task that an amendment took out of the plan: tell its owners, let what was reported be decided, and close."""
    if task["assigned_at"] is not None:
        await tell_of_withdrawal(books, task, plan, facts)
    left = await books.row("SELECT count(*) AS n FROM round WHERE task_id = :id AND closed_at IS NULL", id=task["id"])
    if left["n"]:
        details = "Nhiệm vụ đã được rút; chờ xét nốt các báo cáo đã gửi"
        return StepResult(tuple(did), "close_task", "Kết thúc nhiệm vụ", state="running", details=details)
    return await _close(books, task, plan, did)


async def _assign(books: Books, task: RowMapping, plan: PlanContext) -> str:
    roles = await roles_of(books, task)
    await tell_of_assignment(books, task, plan, [(unit, role) for role in ROLES for unit in roles[role]])
    await books.run("UPDATE task SET assigned_at = :now WHERE id = :id", {"now": books.now, "id": task["id"]})
    leads, others = (len(roles[role]) for role in ROLES)
    return f"Giao nhiệm vụ · {leads} đơn vị chủ trì, {others} đơn vị phối hợp"


async def _tell_of_guidance(books: Books, task: RowMapping, plan: PlanContext) -> None:
    leads = await books.rows(
        "SELECT unit_id FROM task_owner WHERE task_id = :id AND role = 'lead' AND ended_at IS NULL ORDER BY id",
        id=task["id"],
    )
    wanted = [
        Wanted(f"task/{task['id']}/unit/{lead['unit_id']}", 0, "guidance", 0, Role.OFFICER, lead["unit_id"],
               NoticeKind.GUIDANCE, plan.id, task["id"])
        for lead in leads
    ]  # fmt: skip
    await raise_notices(books, wanted, plan.policy)


async def _guidance(books: Books, task: RowMapping) -> RowMapping | None:
    """The guidance that was recorded, if any."""
    found = await books.rows("SELECT recorded_at, issued_on FROM guidance WHERE task_id = :id", id=task["id"])
    return found[0] if found else None


async def _open_rounds(
    books: Books, task: RowMapping, plan: PlanContext, since: datetime, guidance: date | None, did: list[str]
) -> StepResult:
    rules = TIMING_RULES.validate_python(task["timing"])
    planned = rounds_of(rules, plan.before, plan.policy, plan.calendar, since, guidance)
    rounds = await books.rows("SELECT * FROM round WHERE task_id = :id", id=task["id"])
    known = {name for row in rounds for name in (row["label"], row["stands_for"])}
    due_now = [dates for dates in planned if dates.label not in known and dates.opens_at <= books.now]
    start = [await _open_round(books, task, plan, dates) for dates in due_now]
    did += [f"Mở kỳ báo cáo {dates.label}" for dates in due_now]
    ahead = [dates for dates in planned if dates.label not in known and dates.opens_at > books.now]
    if ahead:
        return StepResult(
            did=tuple(did),
            next_step="open_round",
            next_summary=f"Mở kỳ báo cáo {ahead[0].label}",
            wait=Wait(ahead[0].opens_at),
            start=tuple(start),
            state="running",
            due_at=ahead[0].due.strict,
            details=f"Kỳ báo cáo kế tiếp: {ahead[0].label}, {ahead[0].due_text}",
        )
    if due_now or any(row["closed_at"] is None for row in rounds):
        details = "Đã mở mọi kỳ báo cáo; chờ kỳ cuối kết thúc"
        return StepResult(tuple(did), "close_task", "Kết thúc nhiệm vụ", start=tuple(start), details=details)
    return await _close(books, task, plan, did)


async def _close(books: Books, task: RowMapping, plan: PlanContext, did: list[str]) -> StepResult:
    await books.run("UPDATE task SET closed_at = :now WHERE id = :id", {"now": books.now, "id": task["id"]})
    above = plan_id(plan.realm, plan.slug)
    if await ring_bell(books.connection, above):
        books.rings.append(above)
    return StepResult((*did, "Kết thúc nhiệm vụ"), closed=True, state="closed")


async def _open_round(books: Books, task: RowMapping, plan: PlanContext, dates: RoundDates) -> StartOrder:
    row = await books.row(
        """INSERT INTO round (task_id, label, kind, period_from, period_to, cutoff, due_text, opened_at)
           VALUES (:task, :label, 'periodic', :from, :to, :cutoff, :due_text, :now) RETURNING id""",
        **{"task": task["id"], "label": dates.label, "from": dates.period_from, "to": dates.period_to},
        cutoff=dates.cutoff,
        due_text=dates.due_text,
        now=books.now,
    )
    await books.run(
        """INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text,
                                   due_rule, calendar_version, epoch, raised, opened)
           SELECT :round, unit_id, :strict, :literal, :lenient, :late, :due_text, :rule, :version, 0, 0, false
           FROM task_owner WHERE task_id = :task AND role = 'lead' AND ended_at IS NULL ORDER BY unit_id""",
        {
            "round": row["id"],
            "task": task["id"],
            "strict": dates.due.strict,
            "literal": dates.due.literal,
            "lenient": dates.due.lenient,
            "late": dates.due.late(plan.policy.lateness),
            "due_text": dates.due_text,
            "rule": str(dates.rule),
            "version": plan.calendar.version,
        },
    )
    workflow = round_id(plan.realm, plan.slug, task["ordinal"], dates.label)
    title = f"Nhiệm vụ {task['ordinal']:02} · kỳ {dates.label}"
    await want(books.connection, workflow, plan.realm, Process.ROUND, row["id"], title, books.now)
    return StartOrder(workflow, Process.ROUND, Start(plan.realm, row["id"], title))
