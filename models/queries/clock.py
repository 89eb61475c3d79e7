"""What time it is in a realm, as its people are shown it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.session import business_now


@dataclass(frozen=True)
class Clock:
    """A realm, the instant it is there, and whether it is `live` or a `rehearsal`."""

    realm: str
    now: datetime
    kind: str


async def read_clock(connection: AsyncConnection, realm: str) -> Clock:
    """The realm's clock."""
    kind = await connection.scalar(text("SELECT kind FROM realm WHERE id = :realm"), {"realm": realm})
    return Clock(realm, await business_now(connection, realm), str(kind))


async def read_now(connection: AsyncConnection, realm: str) -> datetime:
    """The instant at which whatever is read now stands."""
    return await business_now(connection, realm)
