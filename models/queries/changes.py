"""A task as the one who directs it sees it: who owns it, its rounds, when it rested, and what waits for a decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.reporting import FourCounts
from domain.status import State
from models.queries.subjects import Subject


@dataclass(frozen=True)
class HandBackView:
    """A unit's request to hand a task back, and its decision; `given_to` is the unit that was given it."""

    id: int
    plan: str
    task: int
    task_title: str
    unit: str
    unit_name: str
    suggested: str | None
    suggested_name: str | None
    reason: str
    asked_at: datetime
    asked_by: str
    decision: str | None
    decision_reason: str
    decided_at: datetime | None
    given_to: str | None


@dataclass(frozen=True)
class PartView:
    """A unit's part in a task; `role` is `lead` or `coordinating`, `ended_at` since it is no longer its part."""

    unit: str
    unit_name: str
    role: str
    told_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ended_at: datetime | None


@dataclass(frozen=True)
class RoundView:
    """One round with the four counts of what is owed in it. `kind` is `periodic`, `ad_hoc` or `thematic`."""

    label: str
    kind: str
    title: str
    period_from: date
    period_to: date
    cutoff: date
    due_text: str
    opened_at: datetime
    closed_at: datetime | None
    counts: FourCounts


@dataclass(frozen=True)
class SuspensionView:
    """A time in which the task rested; one that has not ended has no `resumed_at`."""

    id: int
    suspended_at: datetime
    suspended_by: str
    reason: str
    resumed_at: datetime | None
    resumed_by: str | None
    resume_reason: str


@dataclass(frozen=True)
class UnitChoice:
    """A unit that can be given a task or asked for a report."""

    slug: str
    name: str


@dataclass(frozen=True)
class TaskDesk:
    """Everything about how one task is directed, at an instant. The newest of each list comes first.

    `runs` is whether anything of it can still be changed.
    """

    at: datetime
    plan: str
    plan_title: str
    ordinal: int
    title: str
    runs: bool
    withdrawn_at: datetime | None
    closed_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str
    parts: tuple[PartView, ...]
    rounds: tuple[RoundView, ...]
    suspensions: tuple[SuspensionView, ...]
    hand_backs: tuple[HandBackView, ...]

    @property
    def leads(self) -> tuple[PartView, ...]:
        """The units that lead it now."""
        return tuple(part for part in self.parts if part.role == "lead" and part.ended_at is None)

    @property
    def waiting(self) -> tuple[HandBackView, ...]:
        """The requests to hand it back that wait for a decision and still can have one."""
        leading = {part.unit for part in self.leads}
        return tuple(each for each in self.hand_backs if each.decision is None and each.unit in leading and self.runs)


_TASK = """
SELECT t.*, p.slug AS plan, p.title AS plan_title, p.status FROM task t JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal
"""
_PARTS = """
SELECT u.slug AS unit, u.name AS unit_name, o.role, o.told_at, o.acknowledged_at, w.name AS acknowledged_by, o.ended_at
FROM task_owner o JOIN unit u ON u.id = o.unit_id LEFT JOIN person w ON w.id = o.acknowledged_by
WHERE o.task_id = :task ORDER BY o.ended_at IS NOT NULL, o.role DESC, o.id
"""
_ROUNDS = """
SELECT id, label, kind, title, period_from, period_to, cutoff, due_text, opened_at, closed_at
FROM round WHERE task_id = :task ORDER BY opened_at DESC, id DESC
"""
_COUNTS = """
SELECT o.round_id, obligation_state(o, :at) AS state, count(*) AS n FROM obligation o JOIN round r ON r.id = o.round_id
WHERE r.task_id = :task AND o.withdrawn_at IS NULL GROUP BY 1, 2
"""
_SUSPENSIONS = """
SELECT s.id, s.suspended_at, a.name AS suspended_by, s.reason, s.resumed_at, b.name AS resumed_by, s.resume_reason
FROM suspension s JOIN person a ON a.id = s.suspended_by LEFT JOIN person b ON b.id = s.resumed_by
WHERE s.task_id = :task ORDER BY s.id DESC
"""
_HAND_BACKS = """
SELECT h.id, p.slug AS plan, t.ordinal AS task, t.title AS task_title, u.slug AS unit, u.name AS unit_name,
       s.slug AS suggested, s.name AS suggested_name, h.reason, h.asked_at, w.name AS asked_by, h.decision,
       h.decision_reason, h.decided_at, g.name AS given_to
FROM hand_back h JOIN task t ON t.id = h.task_id JOIN plan p ON p.id = t.plan_id JOIN unit u ON u.id = h.unit_id
JOIN person w ON w.id = h.asked_by LEFT JOIN unit s ON s.id = h.suggested_unit_id LEFT JOIN unit g ON g.id = h.given_to
WHERE {which} ORDER BY h.id DESC
"""
_OF_TASK = "h.task_id = :task"
_WAITING = """p.realm = :realm AND p.slug = :plan AND p.status = 'active' AND h.decision IS NULL
  AND t.withdrawn_at IS NULL AND t.closed_at IS NULL AND EXISTS (
    SELECT FROM task_owner o
    WHERE o.task_id = t.id AND o.unit_id = h.unit_id AND o.role = 'lead' AND o.ended_at IS NULL)"""
_UNITS = """
SELECT slug, name FROM unit
WHERE realm = :realm AND NOT superior AND (valid_from IS NULL OR valid_from <= CAST(:today AS date))
  AND (valid_to IS NULL OR valid_to >= CAST(:today AS date)) ORDER BY name, slug
"""
_SUBJECT = """
SELECT h.unit_id, p.lead_unit_id, p.slug
FROM hand_back h JOIN task t ON t.id = h.task_id JOIN plan p ON p.id = t.plan_id
WHERE h.id = :id AND p.realm = :realm
"""
_ROUND = """
SELECT r.kind, r.title, t.suspended_at, t.suspended_reason, t.closed_at IS NULL AND t.withdrawn_at IS NULL AND EXISTS (
    SELECT FROM task_owner w
    WHERE w.task_id = t.id AND w.unit_id = o.unit_id AND w.role = 'lead' AND w.ended_at IS NULL) AS leads,
  EXISTS (SELECT FROM hand_back h WHERE h.task_id = t.id AND h.unit_id = o.unit_id AND h.decision IS NULL) AS waiting,
  EXISTS (SELECT FROM obligation a JOIN round b ON b.id = a.round_id
          WHERE b.task_id = t.id AND a.unit_id = o.unit_id AND a.accepted_at IS NOT NULL) AS reported
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id WHERE o.id = :id
"""


@dataclass(frozen=True)
class Standing:
    """What directing a task means for one obligation: what was asked for, whether it rests, what its unit can ask.

    `hand_back` is `possible`, `waiting` or empty where there is nothing to hand back.
    """

    kind: str
    title: str
    suspended_at: datetime | None
    suspended_reason: str
    hand_back: str


async def read_task_desk(connection: AsyncConnection, realm: str, plan: str, ordinal: int, at: datetime) -> TaskDesk:
    """One task of a running plan; raises `NotFound`."""
    found = await _rows(connection, _TASK, realm=realm, plan=plan, ordinal=ordinal)
    if not found:
        raise NotFound("task-unknown", f"Không có nhiệm vụ {ordinal} trong kế hoạch {plan}.")
    task, key = found[0], {"task": found[0]["id"]}
    same = ("plan", "plan_title", "ordinal", "title", "withdrawn_at", "closed_at", "suspended_at", "suspended_reason")
    ended = task["withdrawn_at"] is not None or task["closed_at"] is not None
    return TaskDesk(
        at=at,
        **{name: task[name] for name in same},
        runs=task["status"] == "active" and not ended,
        parts=tuple(PartView(**row) for row in await _rows(connection, _PARTS, **key)),
        rounds=await _rounds(connection, task["id"], at),
        suspensions=tuple(SuspensionView(**row) for row in await _rows(connection, _SUSPENSIONS, **key)),
        hand_backs=tuple(
            HandBackView(**row) for row in await _rows(connection, _HAND_BACKS.format(which=_OF_TASK), **key)
        ),
    )


async def _rounds(connection: AsyncConnection, task: int, at: datetime) -> tuple[RoundView, ...]:
    counts: dict[int, dict[State, int]] = defaultdict(dict)
    for row in await _rows(connection, _COUNTS, task=task, at=at):
        counts[row["round_id"]][State(row["state"])] = row["n"]
    rounds = []
    for row in await _rows(connection, _ROUNDS, task=task):
        values: dict[str, Any] = dict(row)
        states = counts[values.pop("id")]
        rounds.append(RoundView(**values, counts=FourCounts(**{state.value: n for state, n in states.items()})))
    return tuple(rounds)


async def waiting_hand_backs(connection: AsyncConnection, realm: str, plan: str) -> tuple[HandBackView, ...]:
    """The requests to hand a task of the plan back that wait for the coordinator, newest first."""
    rows = await _rows(connection, _HAND_BACKS.format(which=_WAITING), realm=realm, plan=plan)
    return tuple(HandBackView(**row) for row in rows)


async def units_to_choose(connection: AsyncConnection, realm: str, today: date) -> tuple[UnitChoice, ...]:
    """The units in force on a day that report, by name."""
    return tuple(UnitChoice(**row) for row in await _rows(connection, _UNITS, realm=realm, today=today))


async def hand_back_subject(connection: AsyncConnection, realm: str, number: int) -> Subject:
    """Whose a request to hand a task back is; raises `NotFound`."""
    found = await _rows(connection, _SUBJECT, realm=realm, id=number)
    if not found:
        raise NotFound("hand-back-unknown", f"Không có đề nghị trả lại nhiệm vụ số {number}.")
    return Subject(*found[0].values())


async def read_standing(connection: AsyncConnection, obligation: int) -> Standing:
    """What its task's direction means for an obligation that is known to be there."""
    row = (await _rows(connection, _ROUND, id=obligation))[0]
    possible = "possible" if row["leads"] and not row["reported"] else ""
    return Standing(
        kind=row["kind"],
        title=row["title"],
        suspended_at=row["suspended_at"],
        suspended_reason=row["suspended_reason"],
        hand_back="waiting" if row["leads"] and row["waiting"] else possible,
    )


async def _rows(connection: AsyncConnection, sql: str, **values: object) -> list[RowMapping]:
    return list((await connection.execute(text(sql), values)).mappings())
