"""Fixtures shared by all tests: one PostgreSQL a session, and a fresh, migrated database for whoever asks."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncEngine

from embedded.postgres import EmbeddedPostgres
from models.migrate import migrate
from models.session import make_engine

_numbers = itertools.count(1)

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("dondoc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dondoc")


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """A server of this session's own, with a migrated template database."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False)
    await server.start()
    await migrate(await server.create_database("books"))
    yield server
    await server.stop()
    server.delete_data()


@pytest.fixture
async def dsn(postgres: EmbeddedPostgres) -> str:
    """A database of the test's own, copied from the migrated one."""
    import asyncpg

    name = f"test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(postgres.dsn_of("postgres"))
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE books")
    await connection.close()
    return postgres.dsn_of(name)


@pytest.fixture
async def engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    """An engine on that database."""
    made = make_engine(dsn)
    yield made
    await made.dispose()


@pytest.fixture(scope="session")
def plans_folder() -> Path:
    """The real plans, where they are at hand."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared" / "plans"
    if not folder.is_dir():
        pytest.skip("the folder with the five real plans is not beside the checkout")
    return folder
