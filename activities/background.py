"""Loops that live beside a worker: begun with it, ended with it, and never the reason why it stops."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, Self


class Background(ABC):
    """Runs its loops between `async with` and its end."""

    _tasks: tuple[asyncio.Task[None], ...] = ()

    @abstractmethod
    def loops(self) -> Mapping[str, Coroutine[Any, Any, None]]:
        """What is to run, by the name it has in a list of tasks."""

    async def __aenter__(self) -> Self:
        self._tasks = tuple(asyncio.create_task(loop, name=name) for name, loop in self.loops().items())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
