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
_COORDINATING = """
SELECT unit_id FROM task_owner
WHERE task_id = :task AND role = 'coordinating' AND unit_id <> :reporter ORDER BY unit_id
"""


async def news_of(books: Books, plan: PlanContext, round_row: RowMapping, fact: RowMapping) -> list[Wanted]:
    """The notices a fact asks for: the other side of the desk, and on acceptance the coordinating units too."""
    if fact["kind"] not in _TOLD:
        return []
    role, kind = _TOLD[fact["kind"]]
    told = [_event(plan, round_row, fact, role, kind)]
    if fact["kind"] == "accepted":
        units = await books.rows(_COORDINATING, task=round_row["task_id"], reporter=fact["unit_id"])
        told += [_event(plan, round_row, fact, Role.OFFICER, NoticeKind.RESULT, u["unit_id"]) for u in units]
    return told


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
