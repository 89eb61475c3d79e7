"""What a task's owners and its coordinator are told of decisions about it: suspended, resumed, handed back, refused."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import RowMapping

from domain.notices import NoticeKind, Role
from models.steps.context import PlanContext
from models.steps.frame import Books
from models.steps.owners import ROLES, roles_of
from models.steps.raising import Wanted, raise_notices

_TO_OWNERS = {"task_suspended": NoticeKind.TASK_SUSPENDED, "task_resumed": NoticeKind.TASK_RESUMED}
_TO_ONE = {
    "hand_back_requested": (NoticeKind.HAND_BACK_REQUESTED, Role.COORDINATOR),
    "hand_back_refused": (NoticeKind.HAND_BACK_REFUSED, Role.OFFICER),
}


async def tell_of_decisions(books: Books, task: RowMapping, plan: PlanContext, facts: Iterable[RowMapping]) -> None:
    """Raise what these facts ask for: all owners hear of a rest, one side of the desk of a task handed back."""
    wanted: list[Wanted] = []
    for fact in facts:
        if fact["kind"] in _TO_OWNERS:
            roles = await roles_of(books, task)
            kind = _TO_OWNERS[fact["kind"]]
            wanted += [
                _notice(task, plan, fact, kind, Role.OFFICER, unit, unit) for role in ROLES for unit in roles[role]
            ]
        elif fact["kind"] in _TO_ONE:
            kind, role = _TO_ONE[fact["kind"]]
            to = plan.lead_unit if role is Role.COORDINATOR else fact["unit_id"]
            wanted.append(_notice(task, plan, fact, kind, role, to, fact["unit_id"]))
    await raise_notices(books, wanted, plan.policy)


def _notice(
    task: RowMapping, plan: PlanContext, fact: RowMapping, kind: NoticeKind, role: Role, to: int, about: int
) -> Wanted:
    return Wanted(
        f"task/{task['id']}/unit/{about}", 0, kind.value.replace("_", "-"), fact["occurrence"], role, to, kind, plan.id,
        task["id"], detail=fact["summary"],
    )  # fmt: skip
