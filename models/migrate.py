"""Bring a database to the newest schema; used by the stack, the tests and `dondoc migrate` alike."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parent.parent


def config(dsn: str = "") -> Config:
    """Alembic's configuration for a database given as `postgresql://…`."""
    made = Config(str(ROOT / "alembic.ini"))
    made.attributes["dsn"] = dsn
    return made


async def migrate(dsn: str) -> None:
    """Run all migrations not yet run. Safe to repeat; raises what the database says."""
    await asyncio.to_thread(command.upgrade, config(dsn), "head")


def head() -> str:
    """The one newest revision this code knows."""
    found = ScriptDirectory.from_config(config()).get_current_head()
    if found is None:
        raise RuntimeError("the migrations folder has no head")
    return found
