"""A web application served in the running loop, without a hand on the process's signals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from domain.errors import Unavailable
from embedded import ports


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the supervisor."""
        yield


class LoopServer:
    """Start and stop one application; the port stays the same."""

    def __init__(self, app: ASGIApp, what: str, host: str, port: int | None) -> None:
        self._app = app
        self._what = what
        self._host = host
        self._port = port
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port, known after the first start."""
        if self._port is None:
            raise RuntimeError("not started")
        return self._port

    @property
    def url(self) -> str:
        """The address, known after the first start."""
        return f"http://{self._host}:{self.port}"

    async def start(self) -> str:
        """Listen; returns the address. Raises `Refusal` if a wanted port is taken."""
        if self._task is not None:
            return self.url
        self._port = ports.claim(self._port, self._what)
        config = uvicorn.Config(
            self._app, host=self._host, port=self._port, log_config=None, log_level="warning", access_log=False,
            lifespan="off", server_header=False, ws="none", timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = _QuietServer(config)
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                raise Unavailable("server-start", f"Máy chủ {self._what} ở cổng {self._port} không khởi động được.")
            await asyncio.sleep(0.01)
        return self.url

    async def stop(self) -> None:
        """Finish what is being answered, for a second at most, and stop listening."""
        if self._task is None or self._server is None:
            return
        self._server.should_exit = True
        await self._task
        self._task = None
