"""A task that runs, under its lock: whoever changes it waits for its step and for an amendment, and they for it.

Locks are taken as an amendment takes them: the task, then obligations by id; the wake rows last, rounds before tasks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import RowMapping

from domain.errors import NotFound, Refusal
from domain.ids import round_id, task_id
from domain.reporting import task_label
from models.facts.frame import Actor, Ledger

_TASK = """
SELECT t.*, p.slug, p.status AS plan_status, p.policy, p.units_before, p.activated_at
FROM task t JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal FOR NO KEY UPDATE OF t
"""
_LOCK = """
SELECT o.id FROM obligation o JOIN round r ON r.id = o.round_id
WHERE r.task_id = :task AND (o.suspended_at IS NOT NULL OR o.accepted_at IS NULL) ORDER BY o.id FOR NO KEY UPDATE OF o
"""
_OPEN = """
SELECT o.*, r.label, EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id) AS answered
FROM obligation o JOIN round r ON r.id = o.round_id
WHERE r.task_id = :task AND r.closed_at IS NULL AND o.accepted_at IS NULL AND o.withdrawn_at IS NULL ORDER BY o.id
"""
_UNIT = """
SELECT id, slug, name, superior, (valid_from IS NULL OR valid_from <= CAST(:today AS date))
    AND (valid_to IS NULL OR valid_to >= CAST(:today AS date)) AS valid
FROM unit WHERE realm = :realm AND slug = :slug
"""


async def locked_task(books: Ledger, plan: str, ordinal: int) -> RowMapping:
    """The task with its plan's `slug`, `policy` and `plan_status`, under its lock; raises `NotFound`."""
    return await books.one(
        _TASK,
        NotFound("task-unknown", f"Không có nhiệm vụ {ordinal} trong kế hoạch {plan}."),
        realm=books.realm,
        plan=plan,
        ordinal=ordinal,
    )


async def running_task(books: Ledger, plan: str, ordinal: int) -> RowMapping:
    """The same, of a task that goes on; raises `Refusal` for one that was withdrawn, has ended, or whose plan has."""
    task = await locked_task(books, plan, ordinal)
    if task["plan_status"] != "active":
        raise Refusal("plan-not-active", f"Kế hoạch {plan} không còn thực hiện; không thay đổi nhiệm vụ được nữa.")
    if task["withdrawn_at"] is not None:
        raise Refusal("task-withdrawn", f"{task_label(ordinal)} không còn trong kế hoạch; hãy chọn nhiệm vụ khác.")
    if task["closed_at"] is not None:
        raise Refusal("task-closed", f"{task_label(ordinal)} đã kết thúc; không thay đổi được nữa.")
    return task


async def open_obligations(books: Ledger, task: RowMapping) -> Sequence[RowMapping]:
    """What is owed in the task's open rounds, with its round's `label`; locked, with all else of it that is not over.

    `answered` says whether anything was ever sent for it. It is read once the locks are held: a report that was sent
    just before changes no obligation, and would not be seen by the statement that waited for it.
    """
    await books.rows(_LOCK, task=task["id"])
    return await books.rows(_OPEN, task=task["id"])


async def unit_that_can_lead(books: Ledger, slug: str, today: date) -> RowMapping:
    """The unit (`id`, `slug`, `name`); raises `NotFound`, or `Refusal` for one that owes no reports on that day."""
    found = await books.one(
        _UNIT, NotFound("unit-unknown", f"Không có đơn vị mã {slug!r}."), realm=books.realm, slug=slug, today=today
    )
    if not found["valid"]:
        raise Refusal("unit-not-in-force", f"{found['name']} không còn hoặc chưa có hiệu lực; hãy chọn đơn vị khác.")
    if found["superior"]:
        raise Refusal("unit-superior", f"{found['name']} là cấp trên, không báo cáo; hãy chọn đơn vị khác.")
    return found


async def tell_rounds(
    books: Ledger, actor: Actor, task: RowMapping, labels: Iterable[str], kind: str, now: datetime, words: str
) -> None:
    """Write one fact for each of these rounds of the task, and ring them."""
    for label in sorted(set(labels)):
        await books.fact(
            round_id(books.realm, task["slug"], task["ordinal"], label), kind, now,
            f"{task_label(task['ordinal'])} kỳ {label}: {words}", person_id=actor.person, plan_id=task["plan_id"],
            task_id=task["id"],
        )  # fmt: skip


async def tell_task(
    books: Ledger, actor: Actor, task: RowMapping, kind: str, now: datetime, words: str, occurrence: int,
    unit: int | None = None,
) -> None:  # fmt: skip
    """Write a fact for the task's workflow and ring it; for one that has ended only the timeline tells of it."""
    tell = books.fact if task["closed_at"] is None else books.trace
    await tell(
        task_id(books.realm, task["slug"], task["ordinal"]), kind, now, words, person_id=actor.person,
        plan_id=task["plan_id"], task_id=task["id"], unit_id=unit, occurrence=occurrence,
    )  # fmt: skip
