"""The rollups that wait for a signature, as the signer's inbox shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class RollupToSign:
    """A compiled rollup that nobody has signed."""

    plan: str
    plan_title: str
    period: str
    supplement: int
    compiled_at: datetime
    due_text: str
    late_at: datetime


_TO_SIGN = """
SELECT p.slug, p.title, r.period, r.supplement, r.compiled_at, r.due_text, r.late_at
FROM rollup r JOIN plan p ON p.id = r.plan_id
WHERE p.realm = :realm AND p.lead_unit_id = :lead AND r.compiled_at IS NOT NULL AND r.signed_at IS NULL
ORDER BY r.late_at, r.id
"""


async def rollups_to_sign(connection: AsyncConnection, realm: str, lead: int) -> tuple[RollupToSign, ...]:
    """Those of the plans that this unit leads, soonest due first."""
    rows = await connection.execute(text(_TO_SIGN), {"realm": realm, "lead": lead})
    return tuple(RollupToSign(*row) for row in rows)
