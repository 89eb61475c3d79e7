"""Who was given a task and says nothing is asked again, then the head too; a report says it as well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from sqlalchemy import RowMapping

from domain.contracts import StepResult, Wait
from domain.policy import Rung
from domain.suspension import workdays_rested
from models.steps.context import PlanContext
from models.steps.frame import Books
from models.steps.raising import Wanted, raise_notices

_SILENT = """
SELECT o.id, o.unit_id, o.told_at, o.raised
FROM task_owner o
WHERE o.task_id = :task AND o.role = 'lead' AND o.ended_at IS NULL AND o.acknowledged_at IS NULL
  AND o.told_at IS NOT NULL AND o.raised < :rungs
  AND NOT EXISTS (SELECT FROM hand_back h WHERE h.task_id = o.task_id AND h.unit_id = o.unit_id AND h.decision IS NULL)
  AND NOT EXISTS (
    SELECT FROM obligation b JOIN round r ON r.id = b.round_id JOIN submission s ON s.obligation_id = b.id
    WHERE r.task_id = o.task_id AND b.unit_id = o.unit_id)
ORDER BY o.id
"""
_RESTS = """
SELECT task_id, suspended_at, resumed_at FROM suspension WHERE task_id = ANY(:tasks) AND resumed_at IS NOT NULL
"""


@dataclass
class Asked:
    """What was asked in this step, and when to ask next."""

    did: list[str] = field(default_factory=list)
    next_at: datetime | None = None


async def ask_to_acknowledge(books: Books, task: RowMapping, plan: PlanContext) -> Asked:
    """Ask those leads whose time has come; of several rungs slept through only the highest is raised."""
    rungs = plan.policy.acknowledge_ladder
    asked = Asked()
    rests = (await read_rests(books, [task["id"]])).get(task["id"], [])
    for owner in await books.rows(_SILENT, task=task["id"], rungs=len(rungs)) if rungs else []:
        rested = workdays_rested(rests, owner["told_at"], plan.calendar)
        instants = [_instant(rung, owner["told_at"], plan, rested) for rung in rungs]
        reached = max((i + 1 for i, at in enumerate(instants) if at <= books.now), default=0)
        if reached > owner["raised"]:
            rung = rungs[reached - 1]
            await raise_notices(books, _notices(task, plan, owner, rung), plan.policy)
            await books.run("UPDATE task_owner SET raised = :n WHERE id = :id", {"n": reached, "id": owner["id"]})
            asked.did.append(f"Nhắc tiếp nhận nhiệm vụ sau {rung.workdays} ngày làm việc")
        ahead = instants[max(reached, owner["raised"]) :]
        if ahead:
            asked.next_at = min(ahead[0], asked.next_at or ahead[0])
    return asked


async def read_rests(books: Books, tasks: Sequence[int]) -> dict[int, list[tuple[datetime, datetime]]]:
    """The rests of these tasks that are over, each from its beginning to its end."""
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in await books.rows(_RESTS, tasks=list(tasks)):
        found[row["task_id"]].append((row["suspended_at"], row["resumed_at"]))
    return found


def _instant(rung: Rung, told: datetime, plan: PlanContext, rested: int) -> datetime:
    return rung.after(told, plan.calendar, time.fromisoformat(plan.policy.work_begins), rested)


def _notices(task: RowMapping, plan: PlanContext, owner: RowMapping, rung: Rung) -> list[Wanted]:
    """One a role; the day on which the unit was told keeps two assignments of one task to one unit apart."""
    subject, day = f"task/{task['id']}/unit/{owner['unit_id']}", owner["told_at"].toordinal()
    return [
        Wanted(subject, 0, rung.name, day, role, owner["unit_id"], rung.kind, plan.id, task["id"])
        for role in rung.roles
    ]


def sooner(result: StepResult, asked: Asked) -> StepResult:
    """The step's result, woken for the next asking where that comes before what the task waits for itself."""
    until = result.wait.until
    if result.closed or asked.next_at is None or (until is not None and until <= asked.next_at):
        return result
    return replace(result, next_step="acknowledge", next_summary="Nhắc tiếp nhận nhiệm vụ", wait=Wait(asked.next_at))
