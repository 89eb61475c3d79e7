"""Heartbeats while an activity runs, so that the server notices within seconds that its worker has died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

BEAT_SECONDS = 1.0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Beat once a second until the block is left. A short step is over before the first beat."""
    task = asyncio.create_task(_beat())
    try:
        yield
    finally:
        task.cancel()


async def _beat() -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        activity.heartbeat()
