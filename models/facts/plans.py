"""Importing a plan as a draft, and activating it: its tasks, owners and rollups appear and its workflow is wanted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.contracts import Process
from domain.errors import Conflict, NotFound, Refusal
from domain.ids import plan_id, rollup_id, task_id
from domain.plan import OwnerRef, PlanDraft, Severity, TaskDraft
from domain.policy import Policy
from domain.reporting import task_label
from domain.rounds import rollup_dates
from domain.timing import TimingKind, TimingRule
from domain.workdays import local_date
from models.bells import want
from models.facts.frame import Actor, Door, Ledger, ledger
from models.plans import TIMING_RULES
from models.realm_calendar import read_calendar

_IN_FORCE = """(u.valid_from IS NULL OR u.valid_from <= CAST(:today AS date))
      AND (u.valid_to IS NULL OR u.valid_to >= CAST(:today AS date))"""
COMMON_TITLE = "Báo cáo chung kết quả thực hiện kế hoạch"


@dataclass(frozen=True)
class ImportedPlan:
    """A plan document as it was read, with what the registry made of its names."""

    slug: str
    draft: PlanDraft
    source: bytes
    source_name: str
    policy: Policy


async def import_plan(door: Door, actor: Actor, plan: ImportedPlan) -> int:
    """Store a draft, in the place of an earlier draft of that slug; returns its key.

    Raises `Conflict` for the slug of a plan that was activated, `Refusal` where regime or lead agency are missing.
    """
    document = plan.draft.document
    async with ledger(door, actor.realm) as books:
        earlier = await books.rows(
            "SELECT status FROM plan WHERE realm = :r AND slug = :s FOR UPDATE", r=actor.realm, s=plan.slug
        )
        if earlier and earlier[0]["status"] != "draft":
            raise Conflict("plan-exists", f"Kế hoạch mã {plan.slug!r} đã được kích hoạt; hãy chọn mã khác.")
        await books.run("DELETE FROM plan WHERE realm = :r AND slug = :s", r=actor.realm, s=plan.slug)
        realm = (await books.rows("SELECT * FROM realm WHERE id = :id", id=actor.realm))[0]
        row = await books.rows(
            """INSERT INTO plan (realm, slug, status, title, number, issued_on, authority, lead_unit_id,
                 authority_unit_id, common_group_id, units_before, lead_before, source, source_name, source_sha256,
                 draft, policy, imported_at)
               VALUES (:realm, :slug, 'draft', :title, :number, :issued_on, :authority, :lead, :above, :common,
                 :units_before, :lead_before, :source, :source_name, :sha, CAST(:draft AS jsonb),
                 CAST(:policy AS jsonb), :now) RETURNING id""",
            realm=actor.realm,
            slug=plan.slug,
            title=document.title or plan.slug,
            number=document.number,
            issued_on=document.issued_on,
            authority=document.authority or realm["authority"],
            lead=await _lead_unit(books, plan.draft),
            above=await _authority_unit(books),
            common=await _common_group(books),
            units_before=_before(plan.draft, "units"),
            lead_before=_before(plan.draft, "lead"),
            source=plan.source,
            source_name=plan.source_name,
            sha=hashlib.sha256(plan.source).hexdigest(),
            draft=json.dumps(plan.draft.to_json()),
            policy=json.dumps(plan.policy.to_json()),
            now=await books.now(),
        )
        return int(row[0]["id"])


def _before(draft: PlanDraft, who: str) -> str:
    for rule in draft.reporting:
        if rule.from_ == who and rule.before:
            return rule.before
    words = "các đơn vị" if who == "units" else "cơ quan chủ trì tổng hợp"
    raise Refusal("regime-missing", f"Không tìm thấy hạn báo cáo định kỳ của {words}; hãy bổ sung vào kế hoạch.")


async def _lead_unit(books: Ledger, draft: PlanDraft) -> int:
    name = draft.lead_agency
    if not name:
        raise Refusal("lead-agency-missing", "Không tìm thấy cơ quan chủ trì tổng hợp trong kế hoạch; hãy bổ sung.")
    found = await books.one(
        """SELECT id FROM unit u WHERE realm = :realm AND (name = :name OR EXISTS (
             SELECT FROM unit_alias a WHERE a.unit_id = u.id AND a.alias = :name))""",
        NotFound("unit-unknown", f"Cơ quan chủ trì {name!r} chưa có trong danh mục đơn vị; hãy bổ sung danh mục."),
        realm=books.realm,
        name=name,
    )
    return int(found["id"])


async def _authority_unit(books: Ledger) -> int:
    found = await books.one(
        """SELECT p.unit_id AS id FROM person p JOIN person_role r ON r.person_id = p.id
           WHERE p.realm = :realm AND r.role = 'leader' ORDER BY p.id LIMIT 1""",
        NotFound("leader-missing", "Danh mục chưa có người vai trò leader (lãnh đạo cơ quan ban hành)."),
        realm=books.realm,
    )
    return int(found["id"])


async def _common_group(books: Ledger) -> int:
    found = await books.one(
        "SELECT id FROM unit_group WHERE realm = :realm AND slug = 'bao-cao-chung'",
        NotFound("group-missing", "Danh mục chưa có nhóm bao-cao-chung (các đơn vị có nghĩa vụ báo cáo chung)."),
        realm=books.realm,
    )
    return int(found["id"])


async def activate_plan(door: Door, actor: Actor, slug: str) -> list[str]:
    """Make a draft run; returns the workflows to ring.

    Raises `NotFound`, `Conflict` for a second activation, `Refusal` while a finding blocks or no task is there.
    """
    async with ledger(door, actor.realm) as books:
        plan = await books.one(
            "SELECT * FROM plan WHERE realm = :realm AND slug = :slug FOR UPDATE",
            NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}."),
            realm=actor.realm,
            slug=slug,
        )
        if plan["status"] != "draft":
            raise Conflict("plan-already-active", f"Kế hoạch {slug} đã được kích hoạt; không kích hoạt lần nữa.")
        draft = PlanDraft.from_json(plan["draft"])
        _check_ready(draft)
        now = await books.now()
        await books.run("UPDATE plan SET status = 'active', activated_at = :now WHERE id = :id", now=now, id=plan["id"])
        workflow = plan_id(actor.realm, slug)
        await want(books.connection, workflow, actor.realm, Process.PLAN, plan["id"], f"Kế hoạch {slug}", now)
        await _write_tasks(books, plan["id"], slug, draft, plan["common_group_id"], now)
        await _write_recipients(books, plan["id"], draft)
        await _check_people(books, plan["id"])
        await _write_rollups(books, dict(plan), now)
        await books.fact(workflow, "plan_activated", now, f"Kích hoạt kế hoạch {slug}", person_id=actor.person,
                         plan_id=plan["id"])  # fmt: skip
        return books.rings


def _check_ready(draft: PlanDraft) -> None:
    blocking = [f.message for f in draft.findings if f.severity == Severity.BLOCKING]
    if blocking:
        raise Refusal("plan-not-ready", "Chưa kích hoạt được: " + " ".join(blocking))
    if not draft.tasks:
        raise Refusal("no-tasks", "Kế hoạch chưa có nhiệm vụ nào; hãy kiểm tra phụ lục.")


async def _check_people(books: Ledger, plan: int) -> None:
    """Raises `Refusal` for a task that nobody leads, or a rollup that nobody receives: each would wait for nobody."""
    idle = await books.rows(
        """SELECT ordinal FROM task t WHERE plan_id = :plan AND NOT EXISTS (
             SELECT FROM task_owner o WHERE o.task_id = t.id AND o.role = 'lead') ORDER BY ordinal""",
        plan=plan,
    )
    if idle:
        which = ", ".join(task_label(row["ordinal"]) for row in idle)
        raise Refusal("lead-missing", f"{which} chưa có đơn vị chủ trì còn hiệu lực; hãy sửa kế hoạch hoặc danh mục.")
    if not await books.rows("SELECT unit_id FROM plan_recipient WHERE plan_id = :plan", plan=plan):
        raise Refusal("recipient-missing", "Chưa rõ nơi nhận báo cáo tổng hợp; hãy sửa kế hoạch hoặc danh mục.")


async def _write_tasks(books: Ledger, plan: int, slug: str, draft: PlanDraft, common_group: int, now: datetime) -> None:
    yearly = (TimingRule(TimingKind.YEARLY),)
    common = await books.rows(
        f"""SELECT u.id, u.name FROM group_member g JOIN unit u ON u.id = g.unit_id
            WHERE g.group_id = :group AND {_IN_FORCE} ORDER BY u.id""",
        group=common_group,
        today=local_date(now),
    )
    key = await _write_task(books, plan, slug, 0, COMMON_TITLE, "Báo cáo", "Hằng năm", yearly, now)
    for unit in common:
        await _write_owner(books, key, unit["id"], "lead", unit["name"])
    for task in draft.tasks:
        key = await _write_task(
            books, plan, slug, task.ordinal, task.title, task.result or "", task.timing.text, task.timing.rules, now
        )
        await _write_owners(books, key, task, local_date(now))


async def _write_task(
    books: Ledger, plan: int, slug: str, ordinal: int, title: str, result: str, words: str,
    rules: tuple[TimingRule, ...], now: datetime,
) -> int:  # fmt: skip
    event = next((r.event for r in rules if r.kind is TimingKind.AFTER_EVENT and r.event), "")
    row = await books.rows(
        """INSERT INTO task (plan_id, ordinal, title, result, timing_text, timing, after_event)
           VALUES (:plan, :ordinal, :title, :result, :words, CAST(:rules AS jsonb), :event) RETURNING id""",
        plan=plan,
        ordinal=ordinal,
        title=title,
        result=result,
        words=words,
        rules=TIMING_RULES.dump_json(rules).decode(),
        event=event or "",
    )
    key = int(row[0]["id"])
    workflow = task_id(books.realm, slug, ordinal)
    await want(books.connection, workflow, books.realm, Process.TASK, key, f"{task_label(ordinal)} · {slug}", now)
    return key


async def _write_owners(books: Ledger, task: int, draft: TaskDraft, today: date) -> None:
    for role, owners in (("lead", draft.leads), ("coordinating", draft.coordinators)):
        for owner in owners:
            for unit in await _units_of(books, owner, today):
                await _write_owner(books, task, unit, role, owner.text)


async def _units_of(books: Ledger, owner: OwnerRef, today: date) -> list[int]:
    """The units an owner's words stand for; none where they are vague. A group means its members of that day."""
    found = await books.rows(
        f"""SELECT id FROM unit WHERE realm = :realm AND slug = :unit
            UNION SELECT u.id FROM unit_group g JOIN group_member m ON m.group_id = g.id JOIN unit u ON u.id = m.unit_id
            WHERE g.realm = :realm AND g.slug = :group AND {_IN_FORCE} ORDER BY id""",
        today=today,
        realm=books.realm,
        unit=owner.unit or "",
        group=owner.group or "",
    )
    return [int(row["id"]) for row in found]


async def _write_owner(books: Ledger, task: int, unit: int, role: str, words: str) -> None:
    await books.run(
        """INSERT INTO task_owner (task_id, unit_id, role, text) VALUES (:task, :unit, :role, :words)
           ON CONFLICT DO NOTHING""",
        task=task,
        unit=unit,
        role=role,
        words=words,
    )


async def _write_recipients(books: Ledger, plan: int, draft: PlanDraft) -> None:
    names = [name for rule in draft.reporting if rule.from_ == "lead" for name in rule.to]
    await books.run(
        """INSERT INTO plan_recipient (plan_id, unit_id)
           SELECT :plan, u.id FROM unit u WHERE realm = :realm AND EXISTS (
             SELECT FROM jsonb_array_elements_text(CAST(:names AS jsonb)) n
             WHERE lower(n) = lower(u.name) OR EXISTS (
               SELECT FROM unit_alias a WHERE a.unit_id = u.id AND lower(a.alias) = lower(n)))""",
        plan=plan,
        realm=books.realm,
        names=json.dumps(names),
    )


async def _write_rollups(books: Ledger, plan: dict[str, Any], now: datetime) -> None:
    policy = Policy.from_json(plan["policy"])
    calendar = await read_calendar(books.connection, books.realm)
    for year in range(policy.first_year, policy.last_year + 1):
        dates = rollup_dates(year, plan["units_before"], plan["lead_before"], policy, calendar)
        if dates.due.strict <= now:
            continue
        row = await books.rows(
            """INSERT INTO rollup (plan_id, period, supplement, period_from, period_to, cutoff, compile_at, due_strict,
                 due_literal, due_lenient, late_at, due_text, version, raised)
               VALUES (:plan, :period, 0, :from, :to, :cutoff, :compile_at, :strict, :literal, :lenient, :late, :text,
                 0, 0) RETURNING id""",
            **{"from": dates.period_from, "to": dates.period_to},
            plan=plan["id"],
            period=dates.label,
            cutoff=dates.cutoff,
            compile_at=dates.opens_at,
            strict=dates.due.strict,
            literal=dates.due.literal,
            lenient=dates.due.lenient,
            late=dates.due.late(policy.lateness),
            text=dates.due_text,
        )
        workflow = rollup_id(books.realm, plan["slug"], dates.label)
        title = f"Báo cáo tổng hợp {dates.label} · {plan['slug']}"
        await want(books.connection, workflow, books.realm, Process.ROLLUP, row[0]["id"], title, now)
