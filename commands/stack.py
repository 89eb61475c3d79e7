"""Commands that run the stack, or tell of it and mend it: demo, up, migrate, rebuild, rehearse, timeline."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path

from commands.frame import books, instant, running
from domain.errors import Refusal
from domain.workdays import VIETNAM
from settings import Settings

FARTHEST = timedelta(days=3653)
"""How far a rehearsal's clock goes at once: a slip of the pen in the year would play for hours."""


async def demo(a: argparse.Namespace, settings: Settings) -> int:
    """Play a script and judge it; with --keep the stack stays up until Ctrl-C. 1 where it is found wanting."""
    from rehearsal.demo import Options, run_demo

    with contextlib.ExitStack() as ends:
        data = a.data or Path(
            ends.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-", ignore_cleanup_errors=True))
        )
        if a.data is None:
            data.chmod(
                0o711
            )  # root runs PostgreSQL as another account, which has to pass; each part's folder is closed
        options = Options(a.script, a.expect, data, a.out, a.seed if a.kill else None, a.keep, throwaway=a.data is None)
        verdict = await run_demo(options)
    return 0 if verdict.passed else 1


async def up(a: argparse.Namespace, settings: Settings) -> int:
    """Start the stack to work with; a restart goes on where it was."""
    from embedded.commands import run_up

    return await run_up(a.data, settings)


async def migrate(a: argparse.Namespace, settings: Settings) -> int:
    """Bring the books to the newest schema."""
    from models.migrate import head
    from models.migrate import migrate as run_migrations

    found = running(a, settings)
    async with books(found):  # reads the address
        await run_migrations(found.dsn)
    print(f"Cơ sở dữ liệu ở phiên bản {head()}.")
    return 0


async def timeline(a: argparse.Namespace, settings: Settings) -> int:
    """Print the readable account of a plan, task or unit."""
    from models.queries.account import account

    async with books(running(a, settings)) as engine:
        print("\n".join(await account(engine, a.realm, a.what, a.id)))
    return 0


async def rebuild(a: argparse.Namespace, settings: Settings) -> int:
    """Start every open process again from the books."""
    from workflows.client import Ringer, connect
    from workflows.rebuilding import rebuild as ring_all

    found = running(a, settings)
    client = await connect(found.temporal_address, found.temporal_namespace)
    async with books(found) as engine:
        count = await ring_all(engine, Ringer(client, engine))
    print(f"Đã gọi lại {count} quy trình từ sổ.")
    return 0


async def rehearse(a: argparse.Namespace, settings: Settings) -> int:
    """Step a rehearsal's clock to an instant, doing everything that is due on the way."""
    from models.session import business_now
    from rehearsal.driver import Driver
    from workflows.client import Ringer, connect

    found, until = running(a, settings), instant(a.until)
    client = await connect(found.temporal_address, found.temporal_namespace)
    async with books(found) as engine:
        driver = Driver(engine, Ringer(client, engine), a.realm)
        await driver.check(until)
        async with engine.connect() as connection:
            now = await business_now(connection, a.realm)
        if until - now > FARTHEST:
            words = f"{a.until} xa hơn 10 năm so với đồng hồ diễn tập ({now.astimezone(VIETNAM):%d/%m/%Y %H:%M})."
            raise Refusal("until-too-far", words)
        await driver.live_until(until)
    print(f"Không gian {a.realm} đứng ở {a.until}.")
    return 0
