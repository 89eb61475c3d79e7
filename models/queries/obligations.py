"""Reporting obligations as their units and their reviewers see them, with their state at an instant."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.reporting import FourCounts
from domain.status import State


@dataclass(frozen=True)
class ObligationLine:
    """One obligation in a list. `due_at` ends the last working day for sending, from `late_at` on it is late.

    `revision` is the latest one, `extension` a request that waits for its decision; `round_title` names a round that
    was asked for beside the plan's.
    """

    id: int
    plan: str
    task: int
    task_title: str
    round: str
    unit: str
    unit_name: str
    due_text: str
    due_at: datetime
    late_at: datetime
    state: State
    waiting_review: bool
    revision: int | None
    extension: int | None
    round_title: str = ""


@dataclass(frozen=True)
class ObligationList:
    """Obligations at an instant. The counts are of all in scope, open or not, listed or on a further page."""

    at: datetime
    counts: FourCounts
    items: tuple[ObligationLine, ...]


@dataclass(frozen=True)
class SubmissionView:
    """One revision of a unit's answer, and what was decided on it."""

    revision: int
    reporter: str
    received_at: datetime
    in_time: bool
    result: str
    progress: str
    percent: int | None
    difficulties: str
    proposals: str
    nil: bool
    nil_reason: str
    explanation: str
    decision: str | None
    decision_reason: str
    decided_at: datetime | None
    decided_by: str | None


@dataclass(frozen=True)
class ExtensionView:
    """A request for more time and its decision."""

    id: int
    until: date
    reason: str
    asked_at: datetime
    asked_by: str
    decision: str | None
    decision_reason: str
    decided_at: datetime | None


@dataclass(frozen=True)
class ObligationView:
    """One obligation with everything that was written about it. `draft` is the unit's own, not yet sent."""

    at: datetime
    obligation: ObligationLine
    plan_title: str
    expected_result: str
    timing_text: str
    period_from: date
    period_to: date
    submissions: tuple[SubmissionView, ...]
    extensions: tuple[ExtensionView, ...]
    draft: dict[str, Any] | None
    draft_saved_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """Which obligations are asked for; `unit_id` and `lead_id` bound what the asker may see."""

    realm: str
    unit_id: int | None = None
    lead_id: int | None = None
    only_open: bool = False
    to_decide: bool = False
    """Only those whose report or request for more time waits for the coordinator."""
    plan: str | None = None
    unit: str | None = None
    task: int | None = None
    round: str | None = None
    id: int | None = None
    limit: int = 2000
    skip: int = 0


_FROM = """
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
JOIN unit u ON u.id = o.unit_id
WHERE p.realm = :realm AND o.withdrawn_at IS NULL
  AND (CAST(:id AS bigint) IS NULL OR o.id = :id)
  AND (CAST(:unit_id AS bigint) IS NULL OR o.unit_id = :unit_id)
  AND (CAST(:lead_id AS bigint) IS NULL OR p.lead_unit_id = :lead_id)
  AND (CAST(:plan AS text) IS NULL OR p.slug = :plan)
  AND (CAST(:unit AS text) IS NULL OR u.slug = :unit)
  AND (CAST(:task AS int) IS NULL OR t.ordinal = :task)
  AND (CAST(:round AS text) IS NULL OR r.label = :round)
"""
_COUNTS = f"SELECT obligation_state(o, :at) AS state, count(*) AS n {_FROM} GROUP BY 1"
_LINES = f"""
SELECT x.*, s.revision, COALESCE(s.waiting, false) AS waiting_review,
       (SELECT max(id) FROM extension e WHERE e.obligation_id = x.id AND e.decision IS NULL) AS extension
FROM (
    SELECT o.id, p.slug AS plan, t.ordinal AS task, t.title AS task_title, r.label AS round,
           r.title AS round_title, u.slug AS unit,
           u.name AS unit_name, o.due_text, o.due_strict AS due_at, o.late_at, obligation_state(o, :at) AS state,
           p.title AS plan_title, t.result AS expected_result, t.timing_text, r.period_from, r.period_to
    {_FROM}) x
LEFT JOIN LATERAL (SELECT max(revision) AS revision, bool_or(decision IS NULL) AS waiting
                   FROM submission WHERE obligation_id = x.id) s ON true
WHERE (NOT CAST(:only_open AS boolean) OR x.state LIKE 'open%')
  AND (NOT CAST(:to_decide AS boolean) OR s.waiting
       OR EXISTS (SELECT FROM extension e WHERE e.obligation_id = x.id AND e.decision IS NULL))
ORDER BY x.late_at, x.plan, x.task, x.round, x.unit_name, x.id LIMIT :limit OFFSET :skip
"""
_SUBMISSIONS = """
SELECT s.*, o.late_at, w.name AS reporter, d.name AS decider FROM submission s
JOIN obligation o ON o.id = s.obligation_id JOIN person w ON w.id = s.person_id
LEFT JOIN person d ON d.id = s.decided_by WHERE s.obligation_id = :id ORDER BY s.revision
"""
_EXTENSIONS = """
SELECT e.*, p.name AS asker FROM extension e JOIN person p ON p.id = e.asked_by
WHERE e.obligation_id = :id ORDER BY e.id
"""
_WITHDRAWN = """
SELECT o.withdrawn_reason FROM obligation o JOIN unit u ON u.id = o.unit_id
WHERE o.id = :id AND u.realm = :realm AND o.withdrawn_at IS NOT NULL
"""
_COLUMNS = tuple(ObligationLine.__dataclass_fields__)


async def list_obligations(connection: AsyncConnection, wanted: Wanted, at: datetime) -> ObligationList:
    """What is asked for, soonest due first, as it stands at `at`."""
    values = {**asdict(wanted), "at": at}
    states = {row.state: row.n for row in await connection.execute(text(_COUNTS), values)}
    lines = tuple(_line(row) for row in await _lines(connection, wanted, at))
    return ObligationList(at, FourCounts(**states), lines)


async def read_obligation(connection: AsyncConnection, realm: str, obligation: int, at: datetime) -> ObligationView:
    """One obligation with its submissions, extensions and draft; raises `NotFound`."""
    found = await _lines(connection, Wanted(realm, id=obligation), at)
    if not found:
        raise await _missing(connection, realm, obligation)
    row, values = found[0], {"id": obligation}
    submissions = (await connection.execute(text(_SUBMISSIONS), values)).mappings()
    extensions = (await connection.execute(text(_EXTENSIONS), values)).mappings()
    draft = (
        await connection.execute(text("SELECT body, saved_at FROM report_draft WHERE obligation_id = :id"), values)
    ).one_or_none()
    return ObligationView(
        at=at,
        obligation=_line(row),
        plan_title=row["plan_title"],
        expected_result=row["expected_result"],
        timing_text=row["timing_text"],
        period_from=row["period_from"],
        period_to=row["period_to"],
        submissions=tuple(_submission(s) for s in submissions),
        extensions=tuple(_extension(e) for e in extensions),
        draft=json.loads(draft.body) if draft else None,
        draft_saved_at=draft.saved_at if draft else None,
    )


async def _missing(connection: AsyncConnection, realm: str, obligation: int) -> NotFound:
    """Why there is nothing to show: links in earlier mails lead to what was withdrawn since."""
    reason = await connection.scalar(text(_WITHDRAWN), {"id": obligation, "realm": realm})
    if reason is None:
        return NotFound("obligation-unknown", f"Không có nghĩa vụ báo cáo số {obligation}.")
    return NotFound("obligation-withdrawn", f"Không còn phải báo cáo: {reason}.")


async def _lines(connection: AsyncConnection, wanted: Wanted, at: datetime) -> list[RowMapping]:
    return list((await connection.execute(text(_LINES), {**asdict(wanted), "at": at})).mappings())


def _line(row: RowMapping) -> ObligationLine:
    return ObligationLine(**{**{name: row[name] for name in _COLUMNS}, "state": State(row["state"])})


def _submission(row: RowMapping) -> SubmissionView:
    same = (
        "revision", "reporter", "received_at", "result", "progress", "percent", "difficulties", "proposals", "nil",
        "nil_reason", "explanation", "decision", "decision_reason", "decided_at",
    )  # fmt: skip
    in_time = row["effective_at"] < row["late_at"]
    return SubmissionView(**{name: row[name] for name in same}, in_time=in_time, decided_by=row["decider"])


def _extension(row: RowMapping) -> ExtensionView:
    same = ("id", "until", "reason", "asked_at", "decision", "decision_reason", "decided_at")
    return ExtensionView(**{name: row[name] for name in same}, asked_by=row["asker"])
