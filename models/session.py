"""Engines, and the clock's reading inside a transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

STATEMENT_MS = 10_000
LOCK_MS = 8_000
COMMAND_SECONDS = 12.0
"""For a server that neither answers nor hangs up; above the statement time-out, which is the server's own."""


def make_engine(dsn: str, pool_size: int = 10) -> AsyncEngine:
    """An engine for `postgresql://…`; time-outs of statements and locks stay below those of the activities."""
    return create_async_engine(
        dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,  # words of a report must not reach a log through an SQL error
        connect_args={
            "timeout": 10,
            "command_timeout": COMMAND_SECONDS,
            "server_settings": {
                "application_name": "dondoc",
                "statement_timeout": str(STATEMENT_MS),
                "lock_timeout": str(LOCK_MS),
                "timezone": "UTC",
            },
        },
    )


async def business_now(connection: AsyncConnection, realm: str, floor: datetime | None = None) -> datetime:
    """The instant of the realm, read now: the database's clock, or the stepped one of a rehearsal.

    A floor is honoured in a live realm only; a stepped clock is moved by its driver and by nobody else.
    """
    found = await connection.scalar(
        text("SELECT business_now(:realm, CAST(:floor AS timestamptz))"), {"realm": realm, "floor": floor}
    )
    if not isinstance(found, datetime):
        raise TypeError(f"the realm {realm!r} is not in the books")
    return found
