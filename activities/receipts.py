"""In every worker: what the channels told us is taken in, and the mailbox of bounces is looked into.

Nothing else waits for it. A mailbox or a database that does not answer is tried again at the next turn.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.background import Background
from activities.bounce_mailbox import BounceAddress, Look, MailboxDown, look_into
from activities.bounces import read_bounce
from activities.ringing import Ring, ring_gently
from domain.receipts import RECEIVED_EVENT, NotABounce, delivery_of
from models.facts.receipts import MAIL, Position, keep_mails, position_of
from models.steps.bounces import take_bounce
from models.steps.receipts import (
    NOT_USED,
    ReceiptFailed,
    Taken,
    Waiting,
    ZaloReceived,
    set_aside,
    take_next,
    take_received,
)

log = structlog.get_logger(__name__)

TURN_SECONDS = 3.0
AT_ONCE = 500
_OF_THE_DATA = ("22", "23")
"""Classes of SQLSTATE that another attempt meets again: what is in the data, and integrity."""


async def process_receipts(engine: AsyncEngine, ring: Ring, limit: int = AT_ONCE) -> int:
    """Take in at most `limit` receipts, each in a transaction of its own; returns how many were settled.

    One that cannot be taken in is set aside with the reason and holds up no other. Raises where no books answer.
    """
    after, settled = 0, 0
    for _ in range(limit):
        try:
            found = await take_next(engine, after, _apply)
        except ReceiptFailed as failed:
            after = failed.waiting.id
            settled += await _failed(engine, failed)
            continue
        if found is None:
            break
        waiting, taken = found
        after = waiting.id
        if taken.settled:
            settled += 1
            log.info("receipt taken in", source=waiting.source, receipt=waiting.id, outcome=taken.outcome)
        await ring_gently(ring, taken.rings)
    return settled


async def _failed(engine: AsyncEngine, failed: ReceiptFailed) -> int:
    """Set a receipt aside, unless it is the database that had no time for it: then it is met again."""
    cause = failed.__cause__
    name = type(cause).__name__
    log.warning("receipt not taken in", receipt=failed.waiting.id, reason=name)
    if isinstance(cause, SQLAlchemyError | OSError) and not _state(cause).startswith(_OF_THE_DATA):
        return 0
    await set_aside(engine, failed.waiting.id, f"lỗi: {name}")
    return 1


def _state(error: BaseException | None) -> str:
    """PostgreSQL's code of an error, empty where it has none."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


async def _apply(connection: AsyncConnection, waiting: Waiting) -> Taken:
    if waiting.source == MAIL:
        meaning = await asyncio.to_thread(read_bounce, waiting.body)
        return (
            Taken(meaning.why) if isinstance(meaning, NotABounce) else await take_bounce(connection, meaning, waiting)
        )
    told = read_event(waiting)
    return Taken(NOT_USED) if told is None else await take_received(connection, told, waiting)


def read_event(waiting: Waiting) -> ZaloReceived | None:
    """Zalo's word that a message was received; None for any other event. An instant that is none is ours instead."""
    event: dict[str, Any] = json.loads(waiting.body)
    if event.get("event_name") != RECEIVED_EVENT:
        return None
    message = event.get("message")
    fields = event | (message if isinstance(message, dict) else {})
    realm, delivery = delivery_of(_word(fields, "tracking_id")) or ("", 0)
    return ZaloReceived(_word(fields, "msg_id"), realm, delivery, _instant(fields, waiting.received_at))


def _word(fields: dict[str, Any], name: str) -> str:
    """A provider's name for something, empty where it is none that we could have been given."""
    value = str(fields.get(name) or "")
    return value if value.isascii() and value.isprintable() else ""


def _instant(fields: dict[str, Any], otherwise: datetime) -> datetime:
    """`delivery_time` in milliseconds, written as a string or a number."""
    try:
        return datetime.fromtimestamp(int(fields["delivery_time"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return otherwise


async def read_mailbox(engine: AsyncEngine, address: BounceAddress) -> bool:
    """Keep what is new in the mailbox, with how far it was read; True where there is more to be had at once.

    One process reads at a time. Raises one of `MailboxDown` or `TimeoutError`; then nothing has moved.
    """
    async with engine.begin() as connection:
        position = await position_of(connection, address.name)
        if position is None:
            return False
        look: Look = await look_into(address, position.validity, position.last_uid)
        await keep_mails(connection, address.name, Position(look.validity, look.last_uid), look.mails)
        return look.more


class Receipts(Background):
    """Runs in the background between `async with` and its end; `address` is None where no mailbox is configured."""

    def __init__(
        self,
        engine: AsyncEngine,
        ring: Ring,
        address: BounceAddress | None,
        mailbox_seconds: float,
        seconds: float = TURN_SECONDS,
    ) -> None:
        self._engine = engine
        self._ring = ring
        self._address = address
        self._mailbox_seconds = max(mailbox_seconds, 1.0)
        self._seconds = seconds

    def loops(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Taking in always, reading where there is a mailbox."""
        reading = {} if self._address is None else {"bounce mailbox": self._read(self._address)}
        return {"receipts": self._process(), **reading}

    async def _process(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            try:
                await process_receipts(self._engine, self._ring)
            except (SQLAlchemyError, OSError) as error:
                log.warning("receipts could not be taken in", reason=type(error).__name__)

    async def _read(self, address: BounceAddress) -> None:
        while True:
            more = False
            try:
                more = await read_mailbox(self._engine, address)
            except SQLAlchemyError as error:
                log.warning("bounce mailbox not read: no database", reason=type(error).__name__)
            except (*MailboxDown, TimeoutError) as error:
                log.warning("bounce mailbox does not answer", mailbox=address.name, reason=_reason(error, address))
            await asyncio.sleep(0 if more else self._mailbox_seconds)


def _reason(error: BaseException, address: BounceAddress) -> str:
    """What a server said, in one line and without our password."""
    said = f"{type(error).__name__}: {error}".replace(address.password, "***")
    return " ".join(said.split())[:300]
