"""The real application over a small world."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sites import FakeBells, Site
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import make_world, small_plan

from api import create_app
from settings import Settings


@pytest.fixture
async def site(dsn: str, engine: AsyncEngine) -> AsyncIterator[Site]:
    """An active plan of two tasks, the second waiting for guidance; the round of the first is open."""
    world = await make_world(engine, draft=small_plan(("Hàng năm", "Sau khi có văn bản hướng dẫn của Bộ")))
    bells = FakeBells()
    app = create_app(Settings(dsn=dsn, body_limit=1_000_000), bells)
    async with app.router.lifespan_context(app):
        made = Site(app, world, bells)
        await made.open_round()
        yield made
