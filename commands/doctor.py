"""`dondoc doctor`: how every part is doing and what to do about it; for people as a table, for monitors as a code."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from commands.checks import (
    Clock,
    check_books,
    check_clock,
    check_database,
    check_mail,
    check_queues,
    check_settings,
    check_temporal,
)
from commands.frame import books, running
from domain.errors import DondocError
from domain.watching import LEVEL_WORDS, Checkup, Level, worst
from settings import Settings

if TYPE_CHECKING:
    from temporalio.client import Client

SECONDS = 10.0
"""Each part has so long to answer."""
EXIT = {Level.GOOD: 0, Level.LOOK: 1, Level.BROKEN: 2}

Check = Callable[[], Awaitable[list[Checkup]]]


async def doctor(a: argparse.Namespace, settings: Settings) -> int:
    """Look at every part, whichever is down. 0: all is well; 1: something to look at; 2: something is broken."""
    found = await examine(a, settings, a.clock)
    if a.json:
        from commands.output import print_json

        print_json({"level": worst(found), "findings": [asdict(each) for each in found]})
    else:
        _print(found)
    return EXIT[worst(found)]


async def examine(a: argparse.Namespace, settings: Settings, clock: Clock) -> list[Checkup]:
    """Every finding, in the order of the parts."""
    try:
        given = running(a, settings)
    except DondocError as error:
        return [Checkup(error.code, "Cấu hình", Level.BROKEN, error.message)]
    found = check_settings(given)
    parts = (_of_books(given, clock), _of_temporal(given, clock), _isolated("Thư", partial(check_mail, given)))
    return [*found, *(each for part in await asyncio.gather(*parts) for each in part)]


async def _of_books(settings: Settings, clock: Clock) -> list[Checkup]:
    try:
        async with books(settings) as engine:
            checks: tuple[tuple[str, Check], ...] = (
                ("Đồng hồ", partial(check_clock, engine, clock)),
                ("Sổ", partial(check_books, engine)),
            )
            first = await _isolated("Cơ sở dữ liệu", partial(check_database, engine))
            if worst(first) is Level.BROKEN:
                return first
            further = [await _isolated(part, check) for part, check in checks]
            return [*first, *(each for part in further for each in part)]
    except DondocError as error:
        return [Checkup(error.code, "Cơ sở dữ liệu", Level.BROKEN, error.message)]


async def _of_temporal(settings: Settings, clock: Clock) -> list[Checkup]:
    async def both() -> list[Checkup]:
        async with _connected(settings) as client:
            first = await _isolated("Temporal", partial(check_temporal, client))
            return [*first, *await _isolated("Worker", partial(check_queues, client, clock))]

    return await _isolated("Temporal", both, SECONDS * 3)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[Client]:
    from workflows.client import connect

    async with asyncio.timeout(SECONDS):
        client = await connect(settings.temporal_address, settings.temporal_namespace)
    yield client


async def _isolated(part: str, check: Check, seconds: float = SECONDS) -> list[Checkup]:
    """What a check finds; that it cannot even ask is a finding too, and no other part is the worse for it."""
    from sqlalchemy.exc import DBAPIError
    from temporalio.service import RPCError

    try:
        async with asyncio.timeout(seconds):
            return await check()
    except DondocError as error:
        return [Checkup(error.code, part, Level.BROKEN, error.message)]
    except TimeoutError:
        words = f"Không trả lời trong {seconds:.0f} giây."
        return [Checkup("no-answer", part, Level.BROKEN, words, "Kiểm tra máy chủ và mạng.")]
    except (DBAPIError, RPCError, OSError) as error:
        why = error.orig if isinstance(error, DBAPIError) else error
        words = " ".join(f"Không dùng được ({type(why).__name__}: {why}).".split())
        return [Checkup("unavailable", part, Level.BROKEN, words, "Kiểm tra nó đang chạy và địa chỉ trong cấu hình.")]


def _print(found: list[Checkup]) -> None:
    from commands.output import console, table

    rows = [(each.part, LEVEL_WORDS[each.level], f"{each.sentence} {each.remedy}".strip()) for each in found]
    columns: tuple[tuple[str, int | None], ...] = (("Phần", 2), ("Mức", 1), ("Thấy gì, cần làm gì", 7))
    console().print(table("Tình trạng hệ thống", *columns, rows=rows))
    words = {Level.GOOD: "Mọi phần đều tốt.", Level.LOOK: "Có chỗ cần xem.", Level.BROKEN: "Có phần hỏng."}
    console().print(words[worst(found)])
