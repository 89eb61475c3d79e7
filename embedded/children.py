"""The project's own processes as parts of the stack: what to start, and when it counts as started."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from domain.errors import Unavailable
from embedded.process import Process, tail

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Child:
    """A process to be kept running. `env` is added to our own environment, less the settings in it."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_file: Path
    ready: Callable[[], Awaitable[bool]]
    """Asked again and again after a start, until it says yes."""
    restart: bool = True
    """Whether it is started again when it has ended by itself."""


def http_ok(url: str) -> Callable[[], Awaitable[bool]]:
    """Ready when `url` answers with 200."""

    async def asked() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
                return (await client.get(url)).status_code == 200
        except httpx.TransportError:
            return False

    return asked


async def at_once() -> bool:
    """Ready as soon as it runs."""
    return True


class ChildPart:
    """A `Child` with the methods that the supervisor's keeper uses."""

    def __init__(self, child: Child, grace: float) -> None:
        """`grace` is how many seconds it has for ending when asked to."""
        self.name = child.name
        self._child = child
        self._grace = grace
        self._process = Process(child.argv, child.log_file, {**_inherited(), **child.env})

    @property
    def pid(self) -> int | None:
        """The process id, `None` while it is not running."""
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it is ready; raises `Unavailable` with the end of its log."""
        await self._process.kill()  # what the one before may have left behind
        self._child.log_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._process.start()
        give_up = asyncio.get_running_loop().time() + READY_SECONDS
        while not await self._child.ready() or self.pid is None:
            if self.pid is None or asyncio.get_running_loop().time() > give_up:
                how = "ended" if self.pid is None else f"was not ready after {READY_SECONDS:.0f} s"
                await self._process.kill()
                log = self._child.log_file
                raise Unavailable("part-start", f"{self.name} {how}. Look into {log}, which ends with:\n{tail(log)}")
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """SIGTERM, then, after the grace, SIGKILL to its group."""
        await self._process.stop(grace=self._grace)

    async def kill(self) -> None:
        """SIGKILL to its group."""
        await self._process.kill()

    async def wait(self) -> int:
        """Wait for its end; returns its exit code."""
        return await self._process.wait()


def _inherited() -> dict[str, str]:
    inherited = os.environ  # noqa: TID251 - PATH, HOME and LANG pass through; settings come from `Child.env`
    return {name: value for name, value in inherited.items() if not name.startswith("DONDOC_")}
