"""The dead man's switch: as long as escalation moves, a file is touched or an address is called, and else not.

A machine that has stopped cannot tell so; somebody outside who misses the beat can.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.background import Background

log = structlog.get_logger(__name__)

URL_SECONDS = 10.0
LOOK_SECONDS = 15.0
"""For books or a server that neither answer nor refuse."""


@dataclass(frozen=True)
class Pulse:
    """What the books say: their instant, and what holds escalation up, as stable codes with a name; empty: nothing."""

    at: datetime
    causes: tuple[str, ...] = ()


Look = Callable[[], Awaitable[Pulse]]
Idle = Callable[[datetime], Awaitable[list[str]]]


class Heartbeat(Background):
    """Beats in the background between `async with` and its end, where a file or an address was given."""

    def __init__(self, look: Look, idle: Idle, url: str, file: str, seconds: float) -> None:
        """`look` asks the books, `idle` Temporal for queues that nobody polls; `seconds` pass between two beats."""
        self._look = look
        self._idle = idle
        self._url = url
        self._file = Path(file) if file else None
        self._seconds = seconds
        self._withheld: tuple[str, ...] = ()

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """One, where there is anybody to tell."""
        return {"heartbeat": self._run()} if self._url or self._file else {}

    async def _run(self) -> None:
        while True:
            await self.beat()
            await asyncio.sleep(self._seconds)

    async def beat(self) -> tuple[str, ...]:
        """Look, and beat if escalation moves; returns what stands against it. Never raises for what it looks at."""
        pulse, causes = await self._causes()
        if causes != self._withheld:
            self._withheld = causes
            if causes:
                log.error("heartbeat withheld", causes=list(causes))
            else:
                log.info("heartbeat goes on")
        if pulse is not None and not causes:
            await self._tell(pulse.at)
        return causes

    async def _causes(self) -> tuple[Pulse | None, tuple[str, ...]]:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                pulse = await self._look()
        except (SQLAlchemyError, OSError):  # a time-out is an OSError too
            return None, ("books-unavailable",)
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                idle = await self._idle(pulse.at)
        except (RPCError, OSError):
            return pulse, (*pulse.causes, "temporal-unavailable")
        return pulse, (*pulse.causes, *(f"queue-unpolled {queue}" for queue in idle))

    async def _tell(self, at: datetime) -> None:
        """Beat; whoever does not take it is told of in the log, and misses the beat, as is meant."""
        if self._file is not None:
            try:
                await asyncio.to_thread(_write, self._file, at)
            except OSError as error:
                log.error("heartbeat not written", reason=type(error).__name__)
        if self._url:
            try:
                async with httpx.AsyncClient(timeout=URL_SECONDS) as http:
                    (await http.get(self._url)).raise_for_status()
            except httpx.HTTPError as error:
                # The address itself may hold a secret.
                log.error("heartbeat not taken", reason=type(error).__name__)


def _write(file: Path, at: datetime) -> None:
    """One line of JSON, whole or not at all; the file's time says when it beat."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.write_text(json.dumps({"at": at.isoformat(), "status": "ok"}) + "\n")
    new.replace(file)
