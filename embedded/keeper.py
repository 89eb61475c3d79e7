"""Keeps one process of the stack running: starts it again when it ends, unless it is held."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from domain.errors import DondocError

FIRST_PAUSE = 0.2
LAST_PAUSE = 5.0
SETTLED = 5.0
"""Seconds after which a process counts as having come up well, so that the next pause is short again."""
log = logging.getLogger(__name__)


class Part(Protocol):
    """What a keeper keeps: PostgreSQL, Temporal, a child. `start` returns when it is ready, or raises."""

    name: str

    @property
    def pid(self) -> int | None:
        """The process id, `None` while it is not running."""

    async def start(self) -> object:
        """Start and wait until it is ready."""

    async def stop(self) -> None:
        """Ask it to end, and see that it does."""

    async def kill(self) -> None:
        """End it without asking."""

    async def wait(self) -> int:
        """Wait for its end."""
        ...


class Keeper:
    """One part and the task that watches it."""

    def __init__(self, part: Part, *, restart: bool = True) -> None:
        self.part = part
        self.restarts = 0
        """How often it was started again after ending by itself."""
        self._restart = restart
        self._free = asyncio.Event()
        self._free.set()
        self._starting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the part, and watch it from then on."""
        await self.part.start()
        if self._restart:
            self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Stop watching, then stop the part."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        await self.part.stop()

    def hold(self) -> None:
        """From now on it is not started again; if it runs, it goes on."""
        self._free.clear()

    def release(self) -> None:
        """The opposite of `hold`; if it has ended meanwhile, it is started again."""
        self._free.set()

    async def stop_hard(self) -> None:
        """Hold it and end it without asking."""
        self.hold()
        await self.part.kill()  # which also ends a start that is under way
        async with self._starting:
            await self.part.kill()

    async def start_again(self) -> None:
        """Release it and return when it runs and is ready."""
        self.release()
        await self._start_if_down()

    async def _start_if_down(self) -> bool:
        async with self._starting:
            due = self.part.pid is None and self._free.is_set()
            if due:
                await self.part.start()
            return due

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while True:
            began = loop.time()
            code = await self.part.wait()
            pause = FIRST_PAUSE if loop.time() - began > SETTLED else min(2 * pause, LAST_PAUSE)
            log.warning("%s ended with code %s", self.part.name, code)
            await asyncio.sleep(pause)
            await self._free.wait()
            try:
                self.restarts += await self._start_if_down()
            except DondocError as error:
                log.error("%s could not be started again: %s", self.part.name, error.message)
            except Exception:
                # A keeper that gave up would leave the stack without this part and without a word.
                log.exception("%s could not be started again", self.part.name)
