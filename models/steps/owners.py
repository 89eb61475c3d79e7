"""What the owners of a task are told: that it is theirs, and what an amendment of the plan has made of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import RowMapping

from domain.notices import NoticeKind, Role
from domain.workdays import local_date
from models.reachable import REACHABLE
from models.steps.context import PlanContext
from models.steps.frame import Books
from models.steps.raising import Wanted, raise_notices

ROLES = ("lead", "coordinating")
_ASSIGNED = {"lead_added": "lead", "coordinator_added": "coordinating", "lead_given": "lead"}
_REMOVED = ("owner_removed", "lead_taken")
_TRANSFERRED = ("lead_given", "lead_taken")
_REACHABLE = f"""
SELECT unit, {REACHABLE.format(unit="unit")} AS reachable FROM unnest(CAST(:units AS bigint[])) AS unit
"""


async def roles_of(books: Books, task: RowMapping) -> dict[str, list[int]]:
    """The units that own the task now, by role; one that leads it, and is of a group that helps, leads it."""
    rows = await books.rows(
        "SELECT unit_id, role FROM task_owner WHERE task_id = :id AND ended_at IS NULL ORDER BY id", id=task["id"]
    )
    leads = [row["unit_id"] for row in rows if row["role"] == "lead"]
    others = [row["unit_id"] for row in rows if row["role"] == "coordinating" and row["unit_id"] not in leads]
    return {"lead": leads, "coordinating": others}


async def tell_of_assignment(
    books: Books,
    task: RowMapping,
    plan: PlanContext,
    owners: Sequence[tuple[int, str]],
    amendment: int = 0,
    detail: str = "",
) -> None:
    """Tell these (unit, role) that the task is theirs, and the coordinator of those whom nobody can tell.

    `amendment` is the number of the one that gave it to them, 0 for the plan as it was activated; `detail` says more.
    """
    rows = await books.rows(_REACHABLE, units=[unit for unit, _ in owners], today=local_date(books.now))
    reachable = {row["unit"] for row in rows if row["reachable"]}
    wanted = []
    for unit, role in owners:
        lead = role == "lead"
        rung = "assigned" if lead else "assigned-coordinating"
        kind = NoticeKind.ASSIGNED if lead else NoticeKind.ASSIGNED_COORDINATING
        wanted.append(_notice(task, plan, unit, rung, kind, amendment, detail))
    wanted += [
        Wanted(_subject(task, unit), 0, "unreachable", amendment, Role.COORDINATOR, plan.lead_unit,
               NoticeKind.UNREACHABLE, plan.id, task["id"], detail=f"unit:{unit}")
        for unit, _ in owners
        if unit not in reachable
    ]  # fmt: skip
    await raise_notices(books, wanted, plan.policy)
    await books.run(
        """UPDATE task_owner SET told_at = :now, raised = 0
           WHERE task_id = :task AND role = 'lead' AND unit_id = ANY(:units) AND ended_at IS NULL""",
        {"now": books.now, "task": task["id"], "units": [unit for unit, role in owners if role == "lead"]},
    )


async def tell_of_changes(books: Books, task: RowMapping, plan: PlanContext, facts: Iterable[RowMapping]) -> None:
    """Tell those who were given the task, or lost it, by an amendment or a transfer; but for what a later has undone.

    Of several that come in at once the last counts. Whoever had not heard that it is theirs need not hear
    that it is not.
    """
    last = {fact["unit_id"]: fact for fact in facts if fact["kind"] in (*_ASSIGNED, *_REMOVED)}
    roles, knowing = await roles_of(books, task), await _knowing(books, task, last)
    for unit, fact in sorted(last.items()):
        number = fact["occurrence"]
        role = _ASSIGNED.get(fact["kind"])
        if role is not None and unit in roles[role]:
            detail = await _no_longer_lead(books, task, fact) if role == "coordinating" else _transferred(fact)
            await tell_of_assignment(books, task, plan, [(unit, role)], number, detail)
        elif fact["kind"] in _REMOVED and unit in knowing and unit not in roles["lead"]:
            what = "thôi chủ trì, vẫn phối hợp" if unit in roles["coordinating"] else "không còn được giao"
            words = _transferred(fact) or f"Theo bản sửa đổi {number} của kế hoạch, đơn vị {what} nhiệm vụ này."
            told = _notice(task, plan, unit, "task-reassigned", NoticeKind.TASK_REASSIGNED, number, words)
            await raise_notices(books, [told], plan.policy)


async def tell_of_withdrawal(books: Books, task: RowMapping, plan: PlanContext, facts: Sequence[RowMapping]) -> None:
    """Tell every owner once that the task is no longer in the plan; also one who lost it and has not heard so yet."""
    removed = {fact["unit_id"] for fact in facts if fact["kind"] in _REMOVED}
    for number in [fact["occurrence"] for fact in facts if fact["kind"] == "task_withdrawn"]:
        owners = removed.union(*(await roles_of(books, task)).values())
        words = f"Nhiệm vụ không còn trong kế hoạch theo bản sửa đổi {number}."
        wanted = [
            _notice(task, plan, unit, "task-withdrawn", NoticeKind.TASK_WITHDRAWN, number, words)
            for unit in sorted(await _knowing(books, task, owners))
        ]
        await raise_notices(books, wanted, plan.policy)


def _transferred(fact: RowMapping) -> str:
    """The words of a transfer; an amendment's are made from its number."""
    return str(fact["summary"]) if fact["kind"] in _TRANSFERRED else ""


async def _no_longer_lead(books: Books, task: RowMapping, fact: RowMapping) -> str:
    """What a unit is told besides that now coordinates what the same amendment took out of its lead."""
    found = await books.rows(
        "SELECT 1 FROM task_owner WHERE task_id = :id AND unit_id = :unit AND role = 'lead' AND ended_at = :at",
        id=task["id"],
        unit=fact["unit_id"],
        at=fact["at"],
    )
    return f"Theo bản sửa đổi {fact['occurrence']} của kế hoạch, đơn vị thôi chủ trì nhiệm vụ này." if found else ""


async def _knowing(books: Books, task: RowMapping, units: Iterable[int]) -> set[int]:
    """Those of the units that were told that the task is theirs, now or once."""
    rows = await books.rows(
        """SELECT DISTINCT unit_id FROM notice
           WHERE subject = ANY(:subjects) AND kind IN ('assigned', 'assigned_coordinating')""",
        subjects=[_subject(task, unit) for unit in units],
    )
    return {row["unit_id"] for row in rows}


def _subject(task: RowMapping, unit: int) -> str:
    return f"task/{task['id']}/unit/{unit}"


def _notice(
    task: RowMapping, plan: PlanContext, unit: int, rung: str, kind: NoticeKind, amendment: int, detail: str = ""
) -> Wanted:
    return Wanted(
        _subject(task, unit), 0, rung, amendment, Role.OFFICER, unit, kind, plan.id, task["id"], detail=detail
    )
