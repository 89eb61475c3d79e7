"""What a fact in a round is worth telling, and to whom."""

from __future__ import annotations

from sqlalchemy import RowMapping

from domain.notices import NoticeKind, Role
from models.steps.context import PlanContext
from models.steps.frame import Books
from models.steps.raising import Wanted

_TOLD: dict[str, tuple[Role, NoticeKind]] = {
    "submitted": (Role.COORDINATOR, NoticeKind.RECEIVED),
    "returned": (Role.OFFICER, NoticeKind.RETURNED),
    "accepted": (Role.OFFICER, NoticeKind.ACCEPTED),
    "extension_requested": (Role.COORDINATOR, NoticeKind.EXTENSION_REQUESTED),
    "extension_granted": (Role.OFFICER, NoticeKind.EXTENSION_GRANTED),
    "extension_refused": (Role.OFFICER, NoticeKind.EXTENSION_REFUSED),
}
_CALENDAR = "calendar"
"""The rung of a deadline that an edit of the calendar moved, so that its number is not taken for an amendment's."""
_COORDINATING = """
SELECT o.unit_id FROM task_owner o JOIN task t ON t.id = o.task_id
WHERE o.task_id = :task AND o.role = 'coordinating' AND o.unit_id <> :reporter AND o.ended_at IS NULL
  AND t.withdrawn_at IS NULL ORDER BY o.unit_id
"""
_AMENDED: dict[str, tuple[NoticeKind, str]] = {
    "round_moved": (NoticeKind.DEADLINE_CHANGED, "o.withdrawn_at IS NULL AND o.accepted_at IS NULL"),
    "round_ended": (NoticeKind.ROUND_WITHDRAWN, "o.withdrawn_at IS NOT NULL"),
}
_MOVED = """
SELECT o.id, o.unit_id, o.epoch FROM obligation o
WHERE o.round_id = :round AND o.opened AND o.raised < 0 AND o.accepted_at IS NULL AND o.withdrawn_at IS NULL
  AND o.suspended_at IS NULL
  AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL) ORDER BY o.id
"""
"""What begins its ladder anew: an edit of the calendar has moved it, and no step has looked at it since."""
_TOUCHED = """
SELECT o.id, o.unit_id, o.epoch FROM obligation o
WHERE o.round_id = :round AND o.amendment = :amendment AND o.opened AND {condition} AND EXISTS (
    SELECT FROM task_owner w
    WHERE w.task_id = :task AND w.unit_id = o.unit_id AND w.role = 'lead' AND w.ended_at IS NULL)
ORDER BY o.id
"""


async def news_of(books: Books, plan: PlanContext, round_row: RowMapping, fact: RowMapping) -> list[Wanted]:
    """The notices a fact asks for: the other side of the desk, and on acceptance the coordinating units too.

    An amendment's news goes to the leads that had been asked for a report which it moves or withdraws.
    """
    if fact["kind"] in _AMENDED:
        return await _of_amendment(books, plan, round_row, fact)
    if fact["kind"] == "calendar_moved":
        moved = await books.rows(_MOVED, round=round_row["id"])
        return [_changed(plan, round_row, fact, o, NoticeKind.DEADLINE_CHANGED, _CALENDAR) for o in moved]
    if fact["kind"] not in _TOLD:
        return []
    role, kind = _TOLD[fact["kind"]]
    told = [_event(plan, round_row, fact, role, kind)]
    if fact["kind"] == "accepted":
        units = await books.rows(_COORDINATING, task=round_row["task_id"], reporter=fact["unit_id"])
        told += [_event(plan, round_row, fact, Role.OFFICER, NoticeKind.RESULT, u["unit_id"]) for u in units]
    return told


async def _of_amendment(books: Books, plan: PlanContext, round_row: RowMapping, fact: RowMapping) -> list[Wanted]:
    kind, condition = _AMENDED[fact["kind"]]
    touched = await books.rows(
        _TOUCHED.format(condition=condition),
        round=round_row["id"],
        amendment=fact["occurrence"],
        task=round_row["task_id"],
    )
    return [_changed(plan, round_row, fact, o, kind, kind.value) for o in touched]


def _changed(
    plan: PlanContext, round_row: RowMapping, fact: RowMapping, o: RowMapping, kind: NoticeKind, rung: str
) -> Wanted:
    return Wanted(
        f"obligation/{o['id']}", o["epoch"], rung, fact["occurrence"], Role.OFFICER, o["unit_id"], kind, plan.id,
        round_row["task_id"], round_row["id"], o["id"], detail=fact["summary"],
    )  # fmt: skip


def _event(
    plan: PlanContext, round_row: RowMapping, fact: RowMapping, role: Role, kind: NoticeKind, unit: int | None = None
) -> Wanted:
    addressee = plan.lead_unit if role is Role.COORDINATOR else unit or fact["unit_id"]
    return Wanted(
        f"obligation/{fact['obligation_id']}",
        0,
        kind.value,
        fact["occurrence"],
        role,
        addressee,
        kind,
        plan.id,
        round_row["task_id"],
        round_row["id"],
        fact["obligation_id"],
        detail=f"fact:{fact['id']}",
    )
