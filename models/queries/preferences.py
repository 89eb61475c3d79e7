"""What a person has chosen for themselves, and what they may choose from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import Channel
from domain.preferences import effective_channels, reachable_channels
from models.reachable import MARKED


@dataclass(frozen=True)
class Address:
    """Where one channel reaches the person; `failing` where a message did not get through and nobody has mended it."""

    channel: str
    address: str
    failing: bool


@dataclass(frozen=True)
class Preferences:
    """`addresses` in the registry's order, `order` the channels that are tried, `feed` 0 while there is no calendar."""

    addresses: tuple[Address, ...]
    order: tuple[str, ...]
    muted: tuple[str, ...]
    feed: int


_PERSON = f"SELECT p.*, {MARKED} AS marked FROM person p WHERE p.id = :person"


async def read_preferences(connection: AsyncConnection, person: int) -> Preferences:
    """A person's choices as they work now."""
    row = (await connection.execute(text(_PERSON), {"person": person})).mappings().one()
    addresses = {Channel.MAIL: row["email"], Channel.ZALO: row["phone"]}
    channels = reachable_channels(row["channels"], row["email"], row["phone"])
    return Preferences(
        addresses=tuple(Address(name, addresses[Channel(name)], name in row["marked"]) for name in channels),
        order=effective_channels(channels, row["preferred"]),
        muted=tuple(row["muted"]),
        feed=row["feed"],
    )
