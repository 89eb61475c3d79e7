"""What the approval of an amendment does to a running plan, in one transaction.

Locks are taken in one order: the plan, its tasks, the obligations of the tasks that are touched, by id; then the wake
rows from the rounds upwards. Nothing that was reported, decided or granted is changed.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import RowMapping

from domain.amendment import Field, PlanDifference, TaskChange, compare
from domain.ids import plan_id
from domain.plan import PlanDraft, TaskDraft
from domain.policy import Policy
from domain.reporting import task_label
from domain.workdays import local_date
from models.facts.amended_rounds import Amending, News, reconcile, withdraw_rounds
from models.facts.frame import Actor, Ledger
from models.facts.plan_head import (
    Head,
    check_people,
    day_before,
    document_columns,
    read_head,
    write_head,
    write_recipients,
)
from models.facts.rollup_rows import move_rollups, write_rollups
from models.facts.task_rows import COORDINATING, LEAD, timing_columns, units_of, write_owner, write_task
from models.realm_calendar import read_calendar

_WORDS = {
    Field.TITLE: "tên gọi",
    Field.ORDINAL: "số thứ tự",
    Field.LEADS: "đơn vị chủ trì",
    Field.COORDINATORS: "đơn vị phối hợp",
    Field.RESULT: "kết quả",
    Field.TIMING: "thời gian",
}


async def amend(books: Ledger, actor: Actor, plan: RowMapping, number: int, draft: PlanDraft) -> datetime:
    """Make the plan, whose row is locked, be as the draft says; returns the instant at which it was done.

    Raises `Refusal` where nobody would lead a task or receive the rollup, or the regime is missing.
    """
    difference = compare(PlanDraft.from_json(plan["draft"]), draft)
    regime_moved = day_before(draft, "units") != plan["units_before"]
    tasks = await _lock(books, plan, difference, regime_moved)
    now = await books.now()
    head = await read_head(books, draft, now)
    calendar = await read_calendar(books.connection, books.realm)
    work = Amending(books, actor, plan, number, now, head.units_before, Policy.from_json(plan["policy"]), calendar)
    live = {row["printed"] or row["ordinal"]: row for row in tasks if row["withdrawn_at"] is None}
    for change in difference.tasks:
        if change.kind == "dropped" and change.before is not None:
            await _withdraw(work, live[change.before.ordinal])
        elif change.before is not None and change.after is not None:
            await _change(work, live[change.before.ordinal], change, change.after, regime_moved)
    if regime_moved:
        work.task_news(live[0], "task_amended", f"Sửa đổi {task_label(0)}: hạn báo cáo định kỳ")
        await reconcile(work, live[0], live[0]["timing"], retimed=True)
    await _add(work, difference, max(row["ordinal"] for row in tasks) + 1)
    await _write_plan(work, head, draft)
    await check_people(books, plan["id"])
    await _tell(work, head, difference)
    return now


async def _lock(books: Ledger, plan: RowMapping, difference: PlanDifference, regime_moved: bool) -> list[RowMapping]:
    """All tasks of the plan, locked, so that no round opens meanwhile; and the obligations of those touched."""
    tasks = await books.rows("SELECT * FROM task WHERE plan_id = :plan ORDER BY id FOR NO KEY UPDATE", plan=plan["id"])
    numbers = {
        change.before.ordinal
        for change in difference.tasks
        if change.before is not None and (change.kind == "dropped" or change.changes(Field.LEADS, Field.TIMING))
    }
    touched = [row["id"] for row in tasks if regime_moved or (row["printed"] or row["ordinal"]) in numbers]
    await books.rows(
        """SELECT o.id FROM obligation o JOIN round r ON r.id = o.round_id
           WHERE r.task_id = ANY(:tasks) ORDER BY o.id FOR NO KEY UPDATE OF o""",
        tasks=touched,
    )
    return tasks


async def _withdraw(work: Amending, task: RowMapping) -> None:
    """A task that is no longer in the plan: what nobody has answered is withdrawn, what was answered goes its way."""
    await work.books.run("UPDATE task SET withdrawn_at = :now WHERE id = :id", now=work.now, id=task["id"])
    label = task_label(task["ordinal"])
    await withdraw_rounds(work, task, f"{label} không còn trong kế hoạch sửa đổi")
    words = f"Sửa đổi kế hoạch: rút {label} (bản sửa đổi {work.number})"
    work.task_news(task, "task_withdrawn", words)


async def _change(work: Amending, task: RowMapping, change: TaskChange, after: TaskDraft, regime_moved: bool) -> None:
    """A task that goes on: its words, its owners, its dates; nothing where nothing of it is another."""
    if change.kind == "changed":
        await work.books.run(
            """UPDATE task SET title = :title, result = :result, printed = :printed, timing_text = :words,
                 timing = CAST(:rules AS jsonb), after_event = :event WHERE id = :id""",
            id=task["id"],
            title=after.title,
            result=after.result or "",
            printed=None if after.ordinal == task["ordinal"] else after.ordinal,
            **timing_columns(after.timing),
        )
    names = [_WORDS[Field(each.field)] for each in change.fields] + regime_moved * ["hạn báo cáo định kỳ"]
    if regime_moved or change.changes(*(name for name in Field if name is not Field.ORDINAL)):
        work.task_news(task, "task_amended", f"Sửa đổi {task_label(task['ordinal'])}: {', '.join(names)}")
    if change.changes(Field.LEADS, Field.COORDINATORS):
        await _change_owners(work, task, change, after)
    if regime_moved or change.changes(Field.LEADS, Field.TIMING):
        rules = json.loads(timing_columns(after.timing)["rules"])
        await reconcile(work, task, rules, retimed=regime_moved or change.changes(Field.TIMING))


async def _change_owners(work: Amending, task: RowMapping, change: TaskChange, after: TaskDraft) -> None:
    rows = await work.books.rows(
        "SELECT * FROM task_owner WHERE task_id = :id AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE", id=task["id"]
    )
    had = {role: {row["unit_id"] for row in rows if row["role"] == role} for role in (LEAD, COORDINATING)}
    has = {role: set(units) for role, units in had.items()}
    for role, field, owners in (
        (LEAD, Field.LEADS, after.leads),
        (COORDINATING, Field.COORDINATORS, after.coordinators),
    ):
        if change.changes(field):
            wanted = await units_of(work.books, owners, local_date(work.now))
            for unit, words in wanted.items():
                await write_owner(work.books, task["id"], unit, role, words)
            has[role] = set(wanted)
    await work.books.run(
        """UPDATE task_owner o SET ended_at = :now
           FROM unnest(CAST(:units AS bigint[]), CAST(:roles AS text[])) AS w (unit, role)
           WHERE o.task_id = :task AND o.unit_id = w.unit AND o.role = w.role""",
        now=work.now,
        task=task["id"],
        units=[unit for role in had for unit in sorted(had[role] - has[role])],
        roles=[role for role in had for _ in had[role] - has[role]],
    )
    _owner_news(work, task, had, has)


def _owner_news(work: Amending, task: RowMapping, had: dict[str, set[int]], has: dict[str, set[int]]) -> None:
    """One piece of news a unit: what it is now, or that it has lost a part and was given no other."""
    label = task_label(task["ordinal"])
    lead, coordinating = has[LEAD] - had[LEAD], has[COORDINATING] - had[COORDINATING] - has[LEAD]
    lost = (had[LEAD] - has[LEAD]) | (had[COORDINATING] - has[COORDINATING] - has[LEAD])
    for units, kind, words in (
        (lead, "lead_added", "Giao chủ trì"),
        (coordinating - lead, "coordinator_added", "Giao phối hợp"),
        (lost - lead - coordinating, "owner_removed", "Thôi giao"),
    ):
        for unit in sorted(units):
            work.task_news(task, kind, f"{words} {label} theo bản sửa đổi {work.number}", unit)


async def _add(work: Amending, difference: PlanDifference, free: int) -> None:
    """Tasks that are new come under the next free numbers; the plan's workflow sees that they start."""
    added = [change.after for change in difference.of_kind("added") if change.after is not None]
    for ordinal, task in enumerate(added, free):
        key = await write_task(work.books, work.plan["id"], work.plan["slug"], task, work.now, ordinal)
        await work.books.run("UPDATE task SET counts_from = :now WHERE id = :id", now=work.now, id=key)


async def _write_plan(work: Amending, head: Head, draft: PlanDraft) -> None:
    columns = await document_columns(work.books, draft, work.plan["slug"], work.now)
    columns.pop("lead")
    await work.books.run(
        """UPDATE plan SET title = :title, number = :number, issued_on = :issued_on, authority = :authority,
             draft = CAST(:draft AS jsonb), version = version + 1, amended_at = :now, changed_at = :now,
             changed_by = :person WHERE id = :id""",
        **columns,
        draft=json.dumps(draft.to_json()),
        now=work.now,
        person=work.actor.person,
        id=work.plan["id"],
    )
    await write_head(work.books, work.plan["id"], head)
    await write_recipients(work.books, work.plan["id"], draft, work.now)


async def _tell(work: Amending, head: Head, difference: PlanDifference) -> None:
    """Write the facts, and so set the bells, from the rounds upwards."""
    slug, realm = work.plan["slug"], work.books.realm
    moved = await move_rollups(work.books, work.plan["id"], slug, head, work.policy, work.now)
    await write_rollups(work.books, work.plan["id"], slug, head, work.policy, work.now)
    for news in sorted(work.news, key=lambda news: (news.level, news.workflow)):
        await _write(work, news)
    for workflow in sorted(moved):
        words = f"Hạn báo cáo tổng hợp thay đổi theo bản sửa đổi {work.number}"
        await _write(work, News(2, workflow, "rollup_moved", words, {}))
    counts = [len(difference.of_kind(kind)) for kind in ("added", "dropped", "changed")]
    words = "Áp dụng bản sửa đổi {} của kế hoạch {}: thêm {}, rút {}, sửa {} nhiệm vụ".format(
        work.number, slug, *counts
    )
    await _write(work, News(3, plan_id(realm, slug), "plan_amended", words, {}))


async def _write(work: Amending, news: News) -> None:
    rings = news.rings or news.about.get("task_id") in work.reopened
    tell = work.books.fact if rings else work.books.trace
    await tell(
        news.workflow, news.kind, work.now, news.summary, person_id=work.actor.person, plan_id=work.plan["id"],
        occurrence=work.number, **news.about,
    )  # fmt: skip
