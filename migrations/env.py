"""Alembic's entry: runs the migrations over asyncpg on the connection or DSN that the caller put into the config."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models.tables import METADATA

LOCK_TIMEOUT = "5s"


def run(connection: Connection) -> None:
    """Migrate; gives up after the lock time-out rather than queue before a busy table."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=METADATA, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    """Connect and migrate."""
    dsn = str(context.config.attributes["dsn"])
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(run_online())
