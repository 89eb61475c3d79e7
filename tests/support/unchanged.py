"""A refusal leaves the books as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from worlds import World

from domain.errors import Refusal

TABLES = (
    "task", "task_owner", "round", "obligation", "suspension", "hand_back", "extension", "submission", "fact", "notice",
    "wake",
)  # fmt: skip


async def books_of(world: World) -> dict[str, list[Any]]:
    """All rows that what people do may write."""
    return {table: await world.rows(f"SELECT * FROM {table} t ORDER BY CAST(t AS text)") for table in TABLES}


@asynccontextmanager
async def refused(world: World, code: str, kind: type[Refusal] = Refusal) -> AsyncIterator[None]:
    """What is done inside is refused under this code, in a sentence, and changes nothing."""
    before = await books_of(world)
    with pytest.raises(kind) as found:
        yield
    assert found.value.code == code
    assert found.value.message.endswith((".", ")"))
    assert await books_of(world) == before
