"""What runs in a realm and hangs on its calendar, read for the rules that compare two calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_changes import DayEdit, OpenDeadline, OpenRollup, OpenTask, Reach, Running, RunningPlan, edited
from domain.calendar_reach import reach
from domain.deadlines import Due
from domain.policy import Policy
from domain.workdays import local_date
from models.plans import TIMING_RULES
from models.realm_calendar import read_calendar

_PLANS = "SELECT * FROM plan WHERE realm = :realm AND status = 'active' ORDER BY id"
_DEADLINES = """
SELECT t.plan_id AS plan, r.id AS round, r.task_id, t.ordinal, r.label,
       CASE r.kind WHEN 'periodic' THEN COALESCE(NULLIF(r.stands_for, ''), r.label) ELSE '' END AS stands_for,
       o.due_text, o.due_rule, o.due_strict, o.due_literal, o.due_lenient, o.late_at,
       array_agg(o.id ORDER BY o.id) AS obligations, array_agg(u.name ORDER BY o.id) AS units,
       COALESCE(array_agg(o.raised ORDER BY o.id) FILTER (WHERE NOT EXISTS (
         SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL)), '{}') AS raised
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN unit u ON u.id = o.unit_id
WHERE t.plan_id = ANY(:plans) AND o.accepted_at IS NULL AND o.withdrawn_at IS NULL AND o.suspended_at IS NULL
GROUP BY t.plan_id, r.id, t.ordinal, o.due_text, o.due_rule, o.due_strict, o.due_literal, o.due_lenient, o.late_at
ORDER BY t.plan_id, t.ordinal, r.id, o.late_at, o.due_rule
"""
_TASKS = """
SELECT t.id, t.plan_id AS plan, t.timing, g.issued_on, GREATEST(p.activated_at, g.recorded_at, t.counts_from) AS since,
       ARRAY(SELECT l FROM round r, unnest(ARRAY[r.label, r.stands_for]) l WHERE r.task_id = t.id AND l <> '') AS known
FROM task t JOIN plan p ON p.id = t.plan_id LEFT JOIN guidance g ON g.task_id = t.id
WHERE t.plan_id = ANY(:plans) AND t.closed_at IS NULL AND t.withdrawn_at IS NULL
  AND (t.after_event = '' OR g.id IS NOT NULL)
ORDER BY t.id
"""
_ROLLUPS = """
SELECT * FROM rollup WHERE plan_id = ANY(:plans) AND supplement = 0 AND compiled_at IS NULL ORDER BY plan_id, id
"""


async def reach_of(connection: AsyncConnection, realm: str, edits: Iterable[DayEdit], now: datetime) -> Reach:
    """How far these changes of the calendar would go at this instant."""
    old = await read_calendar(connection, realm)
    return reach(await _running(connection, realm), old, edited(old, edits), now)


async def _running(connection: AsyncConnection, realm: str) -> Running:
    rows = (await connection.execute(text(_PLANS), {"realm": realm})).mappings()
    plans = {row["id"]: _plan(row) for row in rows}

    async def of_plans(sql: str) -> list[RowMapping]:
        return list((await connection.execute(text(sql), {"plans": list(plans)})).mappings())

    return Running(
        deadlines=tuple(_deadline(row, plans[row["plan"]]) for row in await of_plans(_DEADLINES)),
        tasks=tuple(_task(row, plans[row["plan"]]) for row in await of_plans(_TASKS)),
        rollups=tuple(_rollup(row, plans[row["plan_id"]]) for row in await of_plans(_ROLLUPS)),
    )


def _plan(row: RowMapping) -> RunningPlan:
    policy = Policy.from_json(row["policy"])
    return RunningPlan(row["id"], row["slug"], row["title"], policy, row["units_before"], row["lead_before"])


def _due(row: RowMapping) -> Due:
    return Due(row["due_strict"], row["due_literal"], row["due_lenient"])


def _deadline(row: RowMapping, plan: RunningPlan) -> OpenDeadline:
    return OpenDeadline(
        plan=plan,
        round=row["round"],
        task=row["task_id"],
        ordinal=row["ordinal"],
        label=row["label"],
        stands_for=row["stands_for"],
        due_text=row["due_text"],
        rule=row["due_rule"],
        due=_due(row),
        late_at=row["late_at"],
        obligations=tuple(row["obligations"]),
        units=tuple(row["units"]),
        raised=tuple(row["raised"]),
    )


def _task(row: RowMapping, plan: RunningPlan) -> OpenTask:
    rules = TIMING_RULES.validate_python(row["timing"])
    return OpenTask(row["id"], plan, rules, row["since"], row["issued_on"], frozenset(row["known"]))


def _rollup(row: RowMapping, plan: RunningPlan) -> OpenRollup:
    return OpenRollup(row["id"], plan, row["period"], row["period_from"], row["cutoff"], row["compile_at"], _due(row),
                      row["late_at"])  # fmt: skip


async def calendar_horizon(connection: AsyncConnection, realm: str, now: datetime) -> int:
    """The last year that the realm's plans need, drafts included: rollups fall due in the year after a plan's last."""
    plans = text("SELECT policy FROM plan WHERE realm = :realm AND status IN ('draft', 'active')")
    found = (await connection.execute(plans, {"realm": realm})).scalars()
    return max([Policy.from_json(policy).last_year for policy in found] + [local_date(now).year]) + 1
