"""The transactions behind receipts: one is taken, its meaning is applied, and it is settled, all or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

DEFER_SECONDS = 900
"""So long what is told of a delivery waits until it is written that the delivery was sent."""

_NEXT = """
SELECT id, source, body, received_at,
       received_at > clock_timestamp() - make_interval(secs => :seconds) AS young
FROM receipt WHERE processed_at IS NULL AND id > :after ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_SETTLE = "UPDATE receipt SET processed_at = clock_timestamp(), outcome = :outcome WHERE id = :id"
_POISON = (
    "UPDATE receipt SET processed_at = clock_timestamp(), outcome = :outcome WHERE id = :id AND processed_at IS NULL"
)
_FIND_ZALO = """
SELECT id, state, realm FROM delivery WHERE channel = 'zalo'
  AND ((:message <> '' AND provider_id = :message) OR (id = :id AND realm = :realm))
ORDER BY (provider_id = :message AND :message <> '') DESC LIMIT 1 FOR UPDATE
"""
_RECEIVED = """
UPDATE delivery SET received_at = GREATEST(sent_at, LEAST(CAST(:at AS timestamptz), CAST(:told AS timestamptz)))
WHERE id = :id AND received_at IS NULL
"""
OPEN_STATES = ("reserved", "waiting")
NOT_USED = "không dùng"
RECEIVED = "đã tới nơi nhận"


@dataclass(frozen=True)
class Waiting:
    """A receipt in hand; `young` while it may still wait for its delivery's mark."""

    id: int
    source: str
    body: bytes
    received_at: datetime
    young: bool


@dataclass
class Taken:
    """What became of a receipt, in a few words, and whom to ring. Not `settled`: it is to be looked at again later."""

    outcome: str
    rings: list[str] = field(default_factory=list)
    settled: bool = True


Apply = Callable[[AsyncConnection, Waiting], Awaitable[Taken]]


async def take_next(engine: AsyncEngine, after: int, apply: Apply) -> tuple[Waiting, Taken] | None:
    """Apply the first receipt that waits behind `after` and that nobody else has in hand; None where there is none.

    Raises `ReceiptFailed` around whatever `apply` raises; then nothing of it is in the books.
    """
    async with engine.begin() as connection:
        row = (await connection.execute(text(_NEXT), {"after": after, "seconds": DEFER_SECONDS})).one_or_none()
        if row is None:
            return None
        waiting = Waiting(*row)
        try:
            taken = await apply(connection, waiting)
        except Exception as error:
            raise ReceiptFailed(waiting) from error
        if taken.settled:
            await connection.execute(text(_SETTLE), {"id": waiting.id, "outcome": taken.outcome})
        return waiting, taken


class ReceiptFailed(Exception):
    """A receipt that could not be applied; the cause is why."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__(f"receipt {waiting.id}")
        self.waiting = waiting


async def set_aside(engine: AsyncEngine, receipt: int, outcome: str) -> None:
    """Settle a receipt that cannot be applied, with why, so that it is not met again."""
    async with engine.begin() as connection:
        await connection.execute(text(_POISON), {"id": receipt, "outcome": outcome})


@dataclass(frozen=True)
class ZaloReceived:
    """Zalo's word that a message reached a phone: by its own number, or by what we gave it along."""

    message: str
    realm: str
    delivery: int
    at: datetime


async def take_received(connection: AsyncConnection, told: ZaloReceived, waiting: Waiting) -> Taken:
    """Note that a Zalo message has arrived, never before it was sent; the first word counts."""
    values = {"message": told.message, "id": told.delivery, "realm": told.realm}
    row = (await connection.execute(text(_FIND_ZALO), values)).one_or_none()
    if row is None:
        return Taken("không có tin Zalo này trong sổ")
    if row.state in OPEN_STATES and waiting.young:
        return Taken("chờ ghi nhận đã gửi", settled=False)
    await note_received(connection, row.id, told.at, waiting)
    return Taken(RECEIVED)


async def note_received(connection: AsyncConnection, delivery: int, at: datetime, waiting: Waiting) -> None:
    """Write when a delivery arrived: not before it was sent, not after we heard of it."""
    await connection.execute(text(_RECEIVED), {"id": delivery, "at": at, "told": waiting.received_at})
