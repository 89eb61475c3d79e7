"""The dead man's switch: it beats while escalation moves, and each thing that holds escalation up stops it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs
from temporalio.service import RPCError, RPCStatusCode
from worlds import World, make_world, small_plan

from models.queries.health import read_pulse
from models.session import make_engine
from workflows.heartbeat import Heartbeat, Pulse


async def busy(at: datetime) -> list[str]:
    """Every queue has its worker."""
    return []


def heartbeat(engine: AsyncEngine, file: Path | None = None, url: str = "") -> Heartbeat:
    async def look() -> Pulse:
        async with engine.connect() as connection:
            return Pulse(*await read_pulse(connection))

    return Heartbeat(look, busy, url, str(file or ""), 0.05)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A live realm in which nothing is late, and a rehearsal, in which everything is."""
    made = await make_world(engine, live=True, draft=small_plan())
    await made.run("UPDATE wake SET at = clock_timestamp() + interval '1 day'")
    await made.run("UPDATE fact SET taken_in_at = clock_timestamp()")
    await made.run(
        """INSERT INTO realm (id, kind, authority, province, reporting_group, now, calendar_version)
           VALUES ('dien-tap', 'rehearsal', 'UBND', '', '', '2020-01-01', '')"""
    )
    await made.run(
        """INSERT INTO wake (workflow, realm, process, subject, title, at, next_step, bell)
           VALUES ('dien-tap/dispatch', 'dien-tap', 'dispatch', 0, '', '2020-01-01', '', 0)"""
    )
    return made


async def test_it_beats_into_a_file_while_all_is_well(world: World, engine: AsyncEngine, tmp_path: Path) -> None:
    file = tmp_path / "beat.json"
    assert await heartbeat(engine, file).beat() == ()
    assert json.loads(file.read_text())["status"] == "ok"
    first = file.stat().st_mtime_ns
    async with heartbeat(engine, file):
        while file.stat().st_mtime_ns == first:
            await asyncio.sleep(0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["beat.json"], "nothing half written is left"


NOTICE = """
INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, raised_at, send_at, state,
                    detail)
SELECT 'thu', 'task/1/unit/1', 0, 'assigned', 0, 'officer', u.id, 'assigned', p.id, clock_timestamp(),
       clock_timestamp() - interval '16 minutes', 'pending', '' FROM unit u, plan p WHERE u.slug = 'bao'
"""
FACT = """
INSERT INTO fact (realm, workflow, kind, at, occurrence, summary)
VALUES ('thu', 'thu/plan/ke-hoach', 'note', clock_timestamp() - interval '11 minutes', 0, '')
"""
DELIVERY = """
INSERT INTO delivery (realm, person_id, channel, address, content, at, state, attempts, lease_owner, provider_id,
                      error_code, error)
SELECT 'thu', min(id), 'mail', '', '{}', clock_timestamp() - interval '31 minutes', 'reserved', 0, '', '', '', ''
FROM person
"""
AUDITED = """
INSERT INTO audit (realm, at, checked, repaired) VALUES ('thu', clock_timestamp() - interval '27 hours', 1, '{}')
"""


@pytest.mark.parametrize(
    ("made", "causes"),
    [
        ("UPDATE wake SET at = clock_timestamp() - interval '6 minutes' WHERE process = 'plan'", ("wakes-overdue",)),
        (NOTICE, ("notices-late",)),
        (DELIVERY, ("deliveries-unsent",)),
        (FACT, ("facts-unheard",)),
        (AUDITED, ("audit-missing thu",)),
        ("DELETE FROM wake WHERE process = 'audit'", ("audit-missing thu",)),
    ],
)
async def test_each_thing_that_stands_still_stops_it(
    world: World, engine: AsyncEngine, tmp_path: Path, made: str, causes: tuple[str, ...]
) -> None:
    file = tmp_path / "beat.json"
    await world.run(made)
    assert await heartbeat(engine, file).beat() == causes
    assert not file.exists()


@pytest.mark.parametrize(
    "made",
    [
        "UPDATE wake SET at = clock_timestamp() - interval '4 minutes' WHERE process = 'plan'",
        NOTICE.replace("16 min", "14 min"),
        DELIVERY.replace("31 min", "29 min"),
        DELIVERY.replace("reserved", "waiting"),
        FACT.replace("11 min", "9 min"),
        AUDITED.replace("27 hours", "25 hours"),
    ],
)
async def test_what_is_nearly_too_late_does_not(world: World, engine: AsyncEngine, made: str) -> None:
    await world.run(made)
    assert await heartbeat(engine).beat() == ()


async def test_books_that_do_not_answer_stop_it(tmp_path: Path) -> None:
    nowhere = make_engine("postgresql://nobody:x@127.0.0.1:9/none")
    file = tmp_path / "beat.json"
    assert await heartbeat(nowhere, file).beat() == ("books-unavailable",)
    assert not file.exists()
    await nowhere.dispose()


async def test_a_temporal_that_is_away_or_a_queue_without_worker_stops_it(tmp_path: Path) -> None:
    file = tmp_path / "beat.json"

    async def look() -> Pulse:
        return Pulse(datetime.fromisoformat("2024-12-02T08:00:00+07:00"))

    async def away(at: datetime) -> list[str]:
        raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    async def alone(at: datetime) -> list[str]:
        return ["dondoc-mail"]

    assert await Heartbeat(look, away, "", str(file), 1).beat() == ("temporal-unavailable",)
    assert await Heartbeat(look, alone, "", str(file), 1).beat() == ("queue-unpolled dondoc-mail",)
    assert not file.exists()


async def test_it_says_why_once_and_when_it_goes_on(tmp_path: Path) -> None:
    looks = [OperationalError("SELECT 1", {}, OSError()), OperationalError("SELECT 1", {}, OSError()), None, None]

    async def look() -> Pulse:
        found = looks.pop(0)
        if found is not None:
            raise found
        return Pulse(datetime.fromisoformat("2024-12-02T08:00:00+07:00"))

    beats = Heartbeat(look, busy, "", str(tmp_path / "beat.json"), 1)
    with capture_logs() as said:
        for _ in range(4):
            await beats.beat()
    assert [(line["event"], line.get("causes")) for line in said] == [
        ("heartbeat withheld", ["books-unavailable"]),
        ("heartbeat goes on", None),
    ]


@asynccontextmanager
async def listening(answer: bytes, asked: list[str]) -> AsyncIterator[str]:
    """A little HTTP server with one answer."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode().split(" HTTP")[0])
        writer.write(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/ping/bi-mat"


async def test_it_calls_an_address(world: World, engine: AsyncEngine) -> None:
    asked: list[str] = []
    async with listening(b"200 OK", asked) as url:
        await heartbeat(engine, url=url).beat()
        assert asked == ["GET /ping/bi-mat"]
        await world.run("DELETE FROM wake WHERE process = 'audit'")
        await heartbeat(engine, url=url).beat()
    assert len(asked) == 1


async def test_an_address_that_refuses_is_told_of_without_its_secret(world: World, engine: AsyncEngine) -> None:
    asked: list[str] = []
    with capture_logs() as said:
        async with listening(b"404 Not Found", asked) as url:
            assert await heartbeat(engine, url=url).beat() == ()
        await heartbeat(engine, url=url).beat()
    assert [line["event"] for line in said] == ["heartbeat not taken"] * 2
    assert "bi-mat" not in str(said)


async def test_a_file_that_cannot_be_written_is_told_of(world: World, engine: AsyncEngine, tmp_path: Path) -> None:
    with capture_logs() as said:
        await heartbeat(engine, tmp_path / "missing" / "beat.json").beat()
    assert [line["event"] for line in said] == ["heartbeat not written"]


async def test_without_an_address_or_file_nothing_runs(engine: AsyncEngine) -> None:
    async with heartbeat(engine) as beats:
        assert beats.loops() == {}
