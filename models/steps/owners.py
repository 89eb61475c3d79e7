"""What the owners of a task are told: that it is theirs, and what an amendment of the plan has made of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping

from domain.notices import NoticeKind, Role
from domain.workdays import local_date
from models.steps.context import REACHABLE, PlanContext
from models.steps.frame import Books
from models.steps.raising import Wanted, raise_notices

ROLES = ("lead", "coordinating")
_ASSIGNED = {"lead_added": "lead", "coordinator_added": "coordinating"}
_REACHABLE = f"""
SELECT unit, {REACHABLE.format(unit="unit")} AS reachable FROM unnest(CAST(:units AS bigint[])) AS unit
"""


async def roles_of(books: Books, task: RowMapping) -> dict[str, list[int]]:
    """The units that own the task now, by role."""
    rows = await books.rows(
        "SELECT unit_id, role FROM task_owner WHERE task_id = :id AND ended_at IS NULL ORDER BY id", id=task["id"]
    )
    return {role: [row["unit_id"] for row in rows if row["role"] == role] for role in ROLES}


async def tell_of_assignment(
    books: Books, task: RowMapping, plan: PlanContext, owners: Sequence[tuple[int, str]], amendment: int = 0
) -> None:
    """Tell these (unit, role) that the task is theirs, and the coordinator of those whom nobody can tell.

    `amendment` is the number of the one that gave it to them, 0 for the plan as it was activated.
    """
    rows = await books.rows(_REACHABLE, units=[unit for unit, _ in owners], today=local_date(books.now))
    reachable = {row["unit"] for row in rows if row["reachable"]}
    wanted = []
    for unit, role in owners:
        lead = role == "lead"
        rung = "assigned" if lead else "assigned-coordinating"
        kind = NoticeKind.ASSIGNED if lead else NoticeKind.ASSIGNED_COORDINATING
        wanted.append(_notice(task, plan, unit, rung, kind, amendment))
    wanted += [
        Wanted(_subject(task, unit), 0, "unreachable", amendment, Role.COORDINATOR, plan.lead_unit,
               NoticeKind.UNREACHABLE, plan.id, task["id"], detail=f"unit:{unit}")
        for unit, _ in owners
        if unit not in reachable
    ]  # fmt: skip
    await raise_notices(books, wanted, plan.policy)


async def tell_of_changes(books: Books, task: RowMapping, plan: PlanContext, facts: Iterable[RowMapping]) -> None:
    """Tell those who were given the task, or lost it, by an amendment; but for what a later one has undone."""
    roles = await roles_of(books, task)
    for fact in facts:
        unit, number = fact["unit_id"], fact["occurrence"]
        role = _ASSIGNED.get(fact["kind"])
        if role is not None and unit in roles[role]:
            await tell_of_assignment(books, task, plan, [(unit, role)], number)
        elif fact["kind"] == "owner_removed" and unit not in roles["lead"]:
            what = "thôi chủ trì, vẫn phối hợp" if unit in roles["coordinating"] else "không còn được giao"
            words = f"Theo bản sửa đổi {number} của kế hoạch, đơn vị {what} nhiệm vụ này."
            told = _notice(task, plan, unit, "task-reassigned", NoticeKind.TASK_REASSIGNED, number, words)
            await raise_notices(books, [told], plan.policy)


async def tell_of_withdrawal(books: Books, task: RowMapping, plan: PlanContext, facts: Iterable[RowMapping]) -> None:
    """Tell every owner once that the task is no longer in the plan."""
    for number in [fact["occurrence"] for fact in facts if fact["kind"] == "task_withdrawn"]:
        roles = await roles_of(books, task)
        words = f"Nhiệm vụ không còn trong kế hoạch theo bản sửa đổi {number}."
        wanted = [
            _notice(task, plan, unit, "task-withdrawn", NoticeKind.TASK_WITHDRAWN, number, words)
            for unit in sorted({unit for units in roles.values() for unit in units})
        ]
        await raise_notices(books, wanted, plan.policy)


def _subject(task: RowMapping, unit: int) -> str:
    return f"task/{task['id']}/unit/{unit}"


def _notice(
    task: RowMapping, plan: PlanContext, unit: int, rung: str, kind: NoticeKind, amendment: int, detail: str = ""
) -> Wanted:
    return Wanted(
        _subject(task, unit), 0, rung, amendment, Role.OFFICER, unit, kind, plan.id, task["id"], detail=detail
    )
