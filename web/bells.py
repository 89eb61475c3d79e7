"""Ringing after a fact, without the answer ever depending on it: what is not heard now, the relay rings again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import Unavailable
from workflows.client import Ringer, connect

RING_SECONDS = 1.5
CONNECT_SECONDS = 5.0
PAUSE_SECONDS = 2.0
log = structlog.get_logger("dondoc.api")


class Bells(Protocol):
    """What the edge asks of the processes."""

    def ring(self, workflows: Sequence[str]) -> None:
        """Ring these soon; never waits and never fails."""

    async def reachable(self) -> bool:
        """Whether a ring would be heard now."""

    async def open(self) -> None:
        """Begin, without waiting for anybody."""

    async def close(self) -> None:
        """End; rings under way are given their time."""


class TemporalBells:
    """Rings through Temporal's client. While Temporal is away it keeps trying to connect; rings pass unheard."""

    def __init__(self, address: str, namespace: str, engine: AsyncEngine) -> None:
        self._address = address
        self._namespace = namespace
        self._engine = engine
        self._client: Client | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._rings: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to connect in the background."""
        self._connecting = asyncio.create_task(self._connect())

    async def close(self) -> None:
        """Stop connecting; wait for the rings under way, each of which ends by its own time-out."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await asyncio.gather(*self._rings, return_exceptions=True)

    def ring(self, workflows: Sequence[str]) -> None:
        """Ring in a task of its own."""
        if not workflows:
            return
        if self._client is None:
            log.warning("ring-unheard", reason="temporal-unavailable", workflows=len(workflows))
            return
        task = asyncio.create_task(self._ring(Ringer(self._client, self._engine), workflows))
        self._rings.add(task)
        task.add_done_callback(self._rings.discard)

    async def reachable(self) -> bool:
        """Asks Temporal itself."""
        if self._client is None:
            return False
        try:
            async with asyncio.timeout(RING_SECONDS):
                return await self._client.service_client.check_health()
        except (RPCError, TimeoutError):
            return False

    async def _connect(self) -> None:
        while self._client is None:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._client = await connect(self._address, self._namespace)
            except (Unavailable, TimeoutError) as error:
                log.warning("temporal-unavailable", address=self._address, reason=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _ring(self, ringer: Ringer, workflows: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(RING_SECONDS):
                await ringer.ring(workflows)
        except Exception as error:  # whatever it was, the fact is committed and the relay rings again
            log.warning("ring-unheard", reason=type(error).__name__, workflows=len(workflows))
