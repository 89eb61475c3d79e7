"""A unit's part in one task, as the page shows it on which the unit acknowledges it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.errors import NotFound


@dataclass(frozen=True)
class UnitsPart:
    """What a unit was given; `leads` unless it only coordinates, `acknowledged_at` once it has said that it has it."""

    plan: str
    plan_title: str
    task: int
    task_title: str
    unit_name: str
    leads: bool
    acknowledged_at: datetime | None


_PART = """
SELECT p.slug, p.title AS plan_title, t.ordinal, t.title, t.printed, u.name AS unit_name,
       bool_or(o.role = 'lead') AS leads,
       CASE WHEN bool_and(o.acknowledged_at IS NOT NULL) THEN max(o.acknowledged_at) END AS acknowledged_at
FROM task_owner o JOIN task t ON t.id = o.task_id JOIN plan p ON p.id = t.plan_id JOIN unit u ON u.id = o.unit_id
WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal AND o.unit_id = :unit
  AND o.ended_at IS NULL AND t.withdrawn_at IS NULL
GROUP BY p.id, t.id, u.id
"""


async def read_part(connection: AsyncConnection, realm: str, unit: int, plan: str, ordinal: int) -> UnitsPart:
    """What this unit has to do with the task; raises `NotFound` where it is not, or no longer, its own."""
    values = {"realm": realm, "unit": unit, "plan": plan, "ordinal": ordinal}
    row = (await connection.execute(text(_PART), values)).mappings().one_or_none()
    if row is None:
        raise NotFound(
            "task-not-yours",
            "Nhiệm vụ này không còn giao cho đơn vị của người nhận thư; không cần tiếp nhận. Nếu có nhầm lẫn, hãy liên "
            "hệ cơ quan chủ trì kế hoạch.",
        )
    return UnitsPart(
        plan=row["slug"],
        plan_title=row["plan_title"],
        task=row["ordinal"],
        task_title=printed_title(row["title"], row["ordinal"], row["printed"]),
        unit_name=row["unit_name"],
        leads=row["leads"],
        acknowledged_at=row["acknowledged_at"],
    )
