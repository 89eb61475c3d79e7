"""A task that rests: while it is suspended time stands still for what is owed on it, and nobody is reminded.

Its rounds that were to open meanwhile open when it goes on; those that fell due unopened are not owed by anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping

from domain.due_rules import Due, DueRule
from domain.errors import Conflict, Refusal
from domain.policy import Policy
from domain.reporting import task_label
from domain.suspension import Resumed, resumed, workdays_in
from domain.workdays import WorkCalendar, local_date
from models.facts.frame import Actor, Door, Ledger, ledger
from models.facts.running_tasks import locked_task, open_obligations, running_task, tell_rounds, tell_task
from models.realm_calendar import read_calendar

_RELEASE = """
UPDATE obligation o SET suspended_at = NULL,
  epoch = CASE WHEN o.id = ANY(:anew) THEN o.epoch + 1 ELSE o.epoch END,
  raised = CASE WHEN o.id = ANY(:anew) THEN -1 ELSE o.raised END
FROM round r WHERE r.id = o.round_id AND r.task_id = :task AND (o.suspended_at IS NOT NULL OR o.id = ANY(:anew))
"""
"""Time goes on for what was answered or withdrawn meanwhile, too: withdrawn things come back."""
_MOVE = """
UPDATE obligation o SET due_strict = w.strict, due_literal = w.literal, due_lenient = w.lenient, late_at = w.late,
  due_rule = w.rule, due_text = w.words, calendar_version = :version
FROM unnest(CAST(:ids AS bigint[]), CAST(:strict AS timestamptz[]), CAST(:literal AS timestamptz[]),
            CAST(:lenient AS timestamptz[]), CAST(:late AS timestamptz[]), CAST(:rules AS text[]),
            CAST(:words AS text[])) AS w (id, strict, literal, lenient, late, rule, words)
WHERE o.id = w.id
"""


async def suspend_task(door: Door, actor: Actor, plan: str, ordinal: int, reason: str) -> tuple[int, list[str]]:
    """Let a task rest; returns the suspension's number and whom to ring.

    Raises `NotFound`, `Refusal` without a reason or for a task that has ended, `Conflict` where it rests already.
    """
    if not reason.strip():
        raise Refusal("reason-missing", "Tạm dừng nhiệm vụ phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        task = await running_task(books, plan, ordinal)
        if task["suspended_at"] is not None:
            raise Conflict("already-suspended", f"{task_label(ordinal)} đang tạm dừng; không cần tạm dừng lần nữa.")
        owed = await open_obligations(books, task)
        now = await books.now()
        await books.run(
            "UPDATE task SET suspended_at = :now, suspended_reason = :reason WHERE id = :id",
            now=now,
            reason=reason,
            id=task["id"],
        )
        await books.run(
            "UPDATE obligation SET suspended_at = :now WHERE id = ANY(:ids)", now=now, ids=[o["id"] for o in owed]
        )
        made = await books.rows(
            """INSERT INTO suspension (task_id, suspended_at, suspended_by, reason)
               VALUES (:task, :now, :person, :reason) RETURNING id""",
            task=task["id"],
            now=now,
            person=actor.person,
            reason=reason,
        )
        number = int(made[0]["id"])
        await tell_rounds(books, actor, task, (o["label"] for o in owed), "suspended", now, "tạm dừng theo nhiệm vụ")
        words = f"Tạm dừng {task_label(ordinal)}. Lý do: {reason}"
        await tell_task(books, actor, task, "task_suspended", now, words, number)
        return number, books.rings


async def resume_task(door: Door, actor: Actor, plan: str, ordinal: int, reason: str = "") -> list[str]:
    """Let a suspended task go on; returns whom to ring.

    What was in term has as many working days left as before; what was overdue stays so. The ladder only finds where
    each now stands. Raises `NotFound`, and `Conflict` for a task that does not rest.
    """
    async with ledger(door, actor.realm) as books:
        task = await locked_task(books, plan, ordinal)
        if task["suspended_at"] is None:
            raise Conflict("not-suspended", f"{task_label(ordinal)} không tạm dừng.")
        owed = await open_obligations(books, task)
        now = await books.now()
        calendar = await read_calendar(books.connection, books.realm)
        await _release(books, task, owed, now, calendar)
        await books.run(
            "UPDATE task SET suspended_at = NULL, suspended_reason = '', counts_from = :now WHERE id = :id",
            now=now,
            id=task["id"],
        )
        ended = await books.rows(
            """UPDATE suspension SET resumed_at = :now, resumed_by = :person, resume_reason = :reason
               WHERE task_id = :task AND resumed_at IS NULL RETURNING id""",
            now=now,
            person=actor.person,
            reason=reason,
            task=task["id"],
        )
        await tell_rounds(books, actor, task, (o["label"] for o in owed), "resumed", now, "tiếp tục theo nhiệm vụ")
        words = f"Tiếp tục {task_label(ordinal)}. " + (f"Lý do: {reason} " if reason.strip() else "") + _RULE
        await tell_task(books, actor, task, "task_resumed", now, words, ended[0]["id"])
        return books.rings


_RULE = (
    "Báo cáo còn hạn khi tạm dừng được giữ đủ số ngày làm việc còn lại; kỳ báo cáo đến hạn trong thời gian tạm dừng mà"
    " chưa mở thì không phải báo cáo."
)


async def _release(
    books: Ledger, task: RowMapping, owed: Sequence[RowMapping], now: datetime, calendar: WorkCalendar
) -> None:
    """Let time go on for what is owed.

    Only where a deadline moved, or the task rested for a working day, is the ladder to find its place anew: of what
    passed within the day nothing need be lost. What came in meanwhile rests since the task does.
    """
    moved = {o["id"]: found for o in owed if (found := _resumed(o, task, now, calendar)) is not None}
    if moved:
        await _move(books, task, moved, now, calendar)
    rested = workdays_in(local_date(task["suspended_at"]), local_date(now), calendar) > 0
    await books.run(_RELEASE, task=task["id"], anew=[o["id"] for o in owed if rested or o["id"] in moved])


def _resumed(o: RowMapping, task: RowMapping, now: datetime, calendar: WorkCalendar) -> Resumed | None:
    due = Due(o["due_strict"], o["due_literal"], o["due_lenient"])
    since = o["suspended_at"] or task["suspended_at"]
    lateness = Policy.from_json(task["policy"]).lateness
    return resumed(DueRule.parse(o["due_rule"]), due, lateness, since, now, calendar)


async def _move(
    books: Ledger, task: RowMapping, moved: dict[int, Resumed], now: datetime, calendar: WorkCalendar
) -> None:
    lateness = Policy.from_json(task["policy"]).lateness
    dues = [found.due for found in moved.values()]
    await books.run(
        _MOVE,
        ids=list(moved),
        strict=[due.strict for due in dues],
        literal=[due.literal for due in dues],
        lenient=[due.lenient for due in dues],
        late=[due.late(lateness) for due in dues],
        rules=[str(found.rule) for found in moved.values()],
        words=list(_words(moved.values(), workdays_in(local_date(task["suspended_at"]), local_date(now), calendar))),
        version=calendar.version,
    )


def _words(moved: Iterable[Resumed], workdays: int) -> Iterable[str]:
    rested = f"tạm dừng {workdays} ngày làm việc" if workdays else "tạm dừng"
    return (f"{rested}; {found.rule.words()}" for found in moved)
