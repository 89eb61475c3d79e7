"""`dondoc rebuild`: Temporal's whole database is lost, and every process starts again from the books.

It is what the relay does for one workflow, done for all that are open: ring, and so start what does not run.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from workflows.client import Ringer

AT_ONCE = 50
_OPEN = "SELECT workflow FROM wake WHERE closed_at IS NULL AND workflow > :after ORDER BY workflow LIMIT :limit"


async def rebuild(engine: AsyncEngine, ringer: Ringer) -> int:
    """Ring every open workflow of every realm; returns how many. Safe to repeat, also while everything runs."""
    count, after = 0, ""
    while True:
        async with engine.connect() as connection:
            rows = await connection.execute(text(_OPEN), {"after": after, "limit": AT_ONCE})
            names = [name for (name,) in rows]
        if not names:
            return count
        await ringer.ring(names)
        count, after = count + len(names), names[-1]
