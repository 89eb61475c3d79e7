"""A real browser that is told what to do over its own debugging pipe: opens, types, presses, takes pictures."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE = 60


class Chromium:
    """One page of one browser with a profile of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: Any) -> None:
        self._reader = reader
        self._writer = writer
        self._number = 0
        self._session = ""

    async def tell(self, method: str, **params: Any) -> Any:
        """One command of the DevTools protocol and its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        return (await self._heard("id", self._number))["result"]

    async def begin(self) -> None:
        """Take hold of a page."""
        target = (await self.tell("Target.createTarget", url="about:blank"))["targetId"]
        self._session = (await self.tell("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        await self.tell("Page.enable")

    async def open(self, url: str) -> None:
        """Go to a page and wait until it is there, wherever it leads."""
        await self.tell("Page.navigate", url=url)
        await self._heard("method", "Page.loadEventFired")

    async def press(self, selector: str, **typed: str) -> None:
        """Type into fields, by id, and press a button; waits for the page that comes."""
        for name, value in typed.items():
            await self.ask(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}")
        await self.ask(f"document.querySelector({json.dumps(selector)}).click()")
        await self._heard("method", "Page.loadEventFired")

    async def ask(self, script: str) -> Any:
        """What a script of ours finds in the page; pages have none of their own."""
        return (await self.tell("Runtime.evaluate", expression=script))["result"].get("value")

    async def text(self) -> str:
        """What a reader sees."""
        return str(await self.ask("document.body.innerText"))

    async def picture(self, path: Path, width: int) -> int:
        """The whole page at this width; returns the width that its content takes."""
        await self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        shot = await self.tell("Page.captureScreenshot", captureBeyondViewport=True)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))
        return int(await self.ask("document.documentElement.scrollWidth"))

    async def _heard(self, name: str, value: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            while True:
                message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
                if message.get(name) == value:
                    assert "error" not in message, message
                    return message


@asynccontextmanager
async def browsing(program: str, folder: Path) -> AsyncIterator[Chromium]:
    """A browser that is started and stopped here; `folder` keeps its profile."""
    commands, answers = os.pipe(), os.pipe()
    # The browser reads descriptor 3 and writes 4; ours are moved out of the way first.
    theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (commands[0], answers[1])]
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}', "bash", program, *QUIET,
        f"--user-data-dir={folder / 'profile'}", pass_fds=theirs,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    for end in (*theirs, commands[0], answers[1]):
        os.close(end)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=50_000_000)
    hearing, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(answers[0], "rb", 0)
    )
    speaking, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(commands[1], "wb", 0))
    page = Chromium(reader, speaking)
    try:
        await page.begin()
        yield page
    finally:
        process.terminate()
        await process.wait()
        speaking.close()
        hearing.close()
