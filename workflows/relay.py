"""The relay, in every worker: rings again for bells nobody answered and wakes that were slept through.

It also moves the histories of closed runs into the books. Nothing depends on it while all parts are well; it counts how
often it had to act.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Coroutine
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.background import Background
from workflows.client import Ringer

log = structlog.get_logger(__name__)

BELL_SECONDS, WAKE_SECONDS = 5, 60
AT_ONCE = 100

# A stepped clock jumps past many instants at once, so there what counts is how long ago it jumped.
_LATE = """
UPDATE wake SET rung_at = clock_timestamp() WHERE workflow IN (
    SELECT w.workflow FROM wake w JOIN realm r ON r.id = w.realm
    WHERE (w.bell > 0 AND COALESCE(w.rung_at, w.bell_at) < clock_timestamp() - make_interval(secs => :bell))
       OR (w.closed_at IS NULL AND w.at < business_now(w.realm) - make_interval(secs => :wake) AND r.kind = 'live'
           AND COALESCE(w.rung_at, '-infinity') < clock_timestamp() - make_interval(secs => :wake))
       OR (w.closed_at IS NULL AND w.at <= r.now AND r.kind <> 'live'
           AND GREATEST(w.rung_at, r.moved_at) < clock_timestamp() - make_interval(secs => :bell))
    ORDER BY w.workflow LIMIT :limit FOR UPDATE OF w SKIP LOCKED)
RETURNING workflow, bell
"""
_COUNT = """
INSERT INTO relay_count (reason, times) VALUES (:reason, :times)
ON CONFLICT (reason) DO UPDATE SET times = relay_count.times + EXCLUDED.times
"""
_CLOSED = """
SELECT workflow FROM wake WHERE closed_at IS NOT NULL AND archived_at IS NULL AND bell = 0 ORDER BY closed_at LIMIT 20
"""
_KEEP = "INSERT INTO history (workflow, run, events) VALUES (:w, :r, :e) ON CONFLICT DO NOTHING"
_ARCHIVED = "UPDATE wake SET archived_at = clock_timestamp() WHERE workflow = :w AND closed_at IS NOT NULL"


class Relay(Background):
    """Runs in the background between `async with` and its end."""

    def __init__(self, engine: AsyncEngine, client: Client, ringer: Ringer, seconds: float) -> None:
        self._engine = engine
        self._client = client
        self._ringer = ringer
        self._seconds = seconds

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """One."""
        return {"relay": self._run()}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await self.ring_late()
                await self.archive()
            except (SQLAlchemyError, RPCError, OSError) as error:
                log.warning("relay could not look", reason=type(error).__name__)

    async def ring_late(self) -> int:
        """Ring whatever should have been rung; returns how many."""
        async with self._engine.begin() as connection:
            values = {"bell": BELL_SECONDS, "wake": WAKE_SECONDS, "limit": AT_ONCE}
            rows = list(await connection.execute(text(_LATE), values))
            bells = sum(bell > 0 for _, bell in rows)
            for reason, times in (("bell", bells), ("wake", len(rows) - bells)):
                if times:
                    await connection.execute(text(_COUNT), {"reason": reason, "times": times})
        if rows:
            log.info("relay rings", workflows=len(rows))
            await self._ringer.ring([workflow for workflow, _ in rows])
        return len(rows)

    async def archive(self) -> int:
        """Export the histories of workflows that have closed; returns how many. Two relays at once do no harm."""
        async with self._engine.connect() as connection:
            closed = [workflow for (workflow,) in await connection.execute(text(_CLOSED))]
        exported = [await self._export(workflow) for workflow in closed]
        return sum(exported)

    async def _export(self, workflow: str) -> bool:
        """Keep one history; False while Temporal has not closed the run yet. One that Temporal has lost is let go."""
        handle = self._client.get_workflow_handle(workflow)
        kept: dict[str, object] = {"w": workflow, "r": "", "e": b""}
        try:
            described = await handle.describe()
            if described.close_time is None:
                return False
            history = await handle.fetch_history()
            kept |= {"r": described.run_id, "e": gzip.compress(history.to_json().encode(), mtime=0)}
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        async with self._engine.begin() as connection:
            if kept["r"]:
                await connection.execute(text(_KEEP), kept)
            await connection.execute(text(_ARCHIVED), {"w": workflow})
        return True
