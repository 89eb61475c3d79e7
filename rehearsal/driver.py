"""The stepping driver: when everything due has been done and nothing is under way, it moves the clock on.

It asks the books only: a bell that was not answered, or a wake that is due, means that something is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from domain.errors import NotFound, Refusal, Unavailable
from domain.workdays import VIETNAM
from models.facts.realms import move_clock
from workflows.client import Ringer

_T = TypeVar("_T")

POLL_SECONDS = 0.02
STUCK_SECONDS = 180.0
RETRY_SECONDS = 0.5

_BUSY = """
SELECT w.workflow FROM wake w JOIN realm r ON r.id = w.realm
WHERE r.id = :realm AND (w.bell > 0 OR (w.closed_at IS NULL AND w.at <= r.now)) ORDER BY w.workflow LIMIT 5
"""
_REALM = "SELECT kind, now FROM realm WHERE id = :realm"
_NEXT = "SELECT min(at) FROM wake WHERE realm = :realm AND closed_at IS NULL"
_DUE = "SELECT workflow FROM wake WHERE realm = :realm AND closed_at IS NULL AND at <= :now ORDER BY workflow"


class Driver:
    """Steps one rehearsal realm. `on_jump` is called after the clock was moved and before anybody is rung."""

    def __init__(
        self, engine: AsyncEngine, ringer: Ringer, realm: str, on_jump: Callable[[datetime], None] | None = None
    ) -> None:
        self._engine = engine
        self._ringer = ringer
        self._realm = realm
        self._on_jump = on_jump

    async def check(self, until: datetime) -> None:
        """Raises `Refusal` for a realm that is unknown, is live, or stands later than `until` already."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(text(_REALM), {"realm": self._realm})).one_or_none()
        if row is None:
            raise NotFound("realm-unknown", f"Không có không gian {self._realm!r}.")
        if row.kind != "rehearsal":
            raise Refusal("realm-live", f"{self._realm!r} đang chạy thật; đồng hồ của nó không ai được dời.")
        if until < row.now:
            raise Refusal(
                "clock-backwards", f"Đồng hồ đã ở {row.now.astimezone(VIETNAM):%d/%m/%Y %H:%M}, không lùi lại."
            )

    async def settle(self) -> None:
        """Wait until nothing is under way. Raises `Unavailable` naming what stands still for three minutes."""
        seen: list[str] = []
        since = monotonic()
        while True:
            busy = await self.busy()
            if busy == []:
                return
            if busy != seen:
                seen, since = busy or [], monotonic()
            if monotonic() - since > STUCK_SECONDS:
                raise Unavailable("rehearsal-stuck", f"Nothing moves at {', '.join(seen)}; look into the worker's log.")
            await asyncio.sleep(POLL_SECONDS)

    async def busy(self) -> list[str] | None:
        """Some workflows that have something to do now; None while the books do not answer."""
        try:
            async with self._engine.connect() as connection:
                return [name for (name,) in await connection.execute(text(_BUSY), {"realm": self._realm})]
        except (DBAPIError, OSError):
            await asyncio.sleep(RETRY_SECONDS)
            return None

    async def next_instant(self) -> datetime | None:
        """The next instant that anything waits for."""
        async with self._engine.connect() as connection:
            found: datetime | None = await connection.scalar(text(_NEXT), {"realm": self._realm})
        return found

    async def jump(self, to: datetime) -> None:
        """Move the clock and ring whatever is due then."""
        await move_clock(self._engine, self._realm, to)
        if self._on_jump is not None:
            self._on_jump(to)
        async with self._engine.connect() as connection:
            due = [name for (name,) in await connection.execute(text(_DUE), {"realm": self._realm, "now": to})]
        await self.ring(due)

    async def ring(self, workflows: list[str]) -> None:
        """Ring, as often as it takes; a Temporal that is down holds the clock."""
        while workflows:
            try:
                await self._ringer.ring(workflows)
                return
            except (RPCError, DBAPIError, OSError):
                await asyncio.sleep(RETRY_SECONDS)

    async def live_until(self, until: datetime) -> None:
        """Settle and jump until the next thing that waits lies beyond `until`; then stand at `until`."""
        await self.settle()
        while True:
            at = await self._patiently(self.next_instant)
            if at is None or at > until:
                break
            await self._patiently(partial(self.jump, at))
            await self.settle()
        await self._patiently(lambda: move_clock(self._engine, self._realm, until))

    async def _patiently(self, work: Callable[[], Awaitable[_T]]) -> _T:
        while True:
            try:
                return await work()
            except (DBAPIError, OSError):
                await asyncio.sleep(RETRY_SECONDS)
