"""What the channels tell us, kept as it came: Zalo's events from the webhook, and messages of the bounce mailbox.

Nothing is done with it here; `models.steps.receipts` does, afterwards and as often as it takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import Refusal
from domain.receipts import EVENT_WINDOW_SECONDS

ZALO, MAIL = "zalo", "mail"
MOST_KEY = 200

_KEEP_EVENT = """
WITH moment AS (SELECT abs(extract(epoch FROM clock_timestamp()) - CAST(:seconds AS float8)) <= :window AS fresh),
kept AS (
    INSERT INTO receipt (source, key, received_at, body, outcome)
    SELECT :source, :key, clock_timestamp(), :body, '' FROM moment WHERE fresh
    ON CONFLICT (source, key) DO NOTHING RETURNING id)
SELECT fresh, EXISTS (SELECT FROM kept) AS new FROM moment
"""
_KEEP_MAIL = """
INSERT INTO receipt (source, key, received_at, body, outcome)
VALUES (:source, :key, clock_timestamp(), :body, '') ON CONFLICT (source, key) DO NOTHING
"""
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('bounces ' || :name, 0))"
_POSITION = "SELECT validity, last_uid FROM bounce_mailbox WHERE name = :name"
_MOVE = """
INSERT INTO bounce_mailbox (name, validity, last_uid, looked_at)
VALUES (:name, :validity, :last_uid, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET validity = EXCLUDED.validity, last_uid = EXCLUDED.last_uid,
    looked_at = EXCLUDED.looked_at
"""


def receipt_key(parts: Sequence[str], body: bytes) -> str:
    """The provider's own key where it gives a usable one, else the body's SHA-256."""
    key = "/".join(parts)
    if all(parts[:2]) and len(key) <= MOST_KEY and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(body).hexdigest()


async def keep_event(engine: AsyncEngine, key: str, body: bytes, seconds: float) -> bool:
    """Keep a signed event of Zalo in one statement; False where it is kept already.

    `seconds` is when it was signed (Unix time). Raises `Refusal` outside the replay window by the database's clock.
    """
    async with engine.begin() as connection:
        values = {"source": ZALO, "key": key, "body": body, "seconds": seconds, "window": EVENT_WINDOW_SECONDS}
        row = (await connection.execute(text(_KEEP_EVENT), values)).one()
    if not row.fresh:
        minutes = EVENT_WINDOW_SECONDS // 60
        raise Refusal("event-stale", f"Sự kiện ký cách đây quá {minutes} phút nên không nhận; hãy kiểm tra đồng hồ.")
    return bool(row.new)


@dataclass(frozen=True)
class Position:
    """How far a mailbox was read: every UID up to `last_uid` under this UIDVALIDITY."""

    validity: int
    last_uid: int


async def position_of(connection: AsyncConnection, name: str) -> Position | None:
    """How far this mailbox was read, locked until the transaction ends; None while another process reads it."""
    if not await connection.scalar(text(_LOCK), {"name": name}):
        return None
    row = (await connection.execute(text(_POSITION), {"name": name})).one_or_none()
    return Position(row.validity, row.last_uid) if row else Position(0, 0)


async def keep_mails(
    connection: AsyncConnection, name: str, position: Position, mails: Sequence[tuple[str, bytes]]
) -> None:
    """Keep messages by their keys, and the position they were read up to, in the caller's transaction."""
    values = [{"source": MAIL, "key": key, "body": body} for key, body in mails]
    if values:
        await connection.execute(text(_KEEP_MAIL), values)
    moved = {"name": name, "validity": position.validity, "last_uid": position.last_uid}
    await connection.execute(text(_MOVE), moved)
