"""`dondoc calendar`: a year in a terminal, a day changed once it was confirmed, and never by a pipe alone."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world

import cli

OFF = ("calendar", "thu", "set", "2024-11-29", "off", "--reason", "QĐ 12/QĐ-UBND")


class Terminal(io.StringIO):
    """Somebody at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """An open round of two units in October."""
    world = await make_world(engine)
    await world.clock("2024-10-01 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    return world


@pytest.fixture
def run(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the command; returns exit code, what it printed and what it complained of."""
    for name in [name for name in os.environ if name.startswith("DONDOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DONDOC_DSN", dsn)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(cli, "configure_logs", lambda level: None)

    async def ran(*words: str, typed: str | None = None) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO() if typed is None else Terminal(typed))
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(cli.main, words)
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return ran


async def days(world: World) -> tuple[date, int]:
    """The last working day for sending, and how many days the authority set."""
    rows = await world.rows("SELECT DISTINCT due_strict FROM obligation")
    assert len(rows) == 1
    return rows[0]["due_strict"].date(), await world.value("SELECT count(*) FROM calendar_override")


async def test_a_year_is_listed_and_own_days_are_marked(world: World, run) -> None:
    code, out, _ = await run("calendar", "thu", "--year", "2026")
    assert code == 0 and "22/8/2026" in out and "Làm bù" in out and "22/8/2026 *" not in out
    await run("calendar", "thu", "set", "2026-08-22", "off", "--reason", "Không làm bù", "--yes")
    _, out, _ = await run("calendar", "thu", "--year", "2026")
    assert "22/8/2026 *" in out and "Không làm bù" in out and "+ 1 sửa đổi" in out
    code, _, err = await run("calendar", "thu", "--year", "2050")
    assert code == 2 and "calendar-year-unknown" in err
    code, _, err = await run("calendar", "nobody")
    assert code == 2 and "realm-unknown" in err


async def test_without_a_terminal_nothing_changes(world: World, run) -> None:
    code, out, err = await run(*OFF)
    assert code == 2 and "confirmation-missing" in err and "Chưa thay đổi gì" in err
    assert "2 hạn đang chạy sẽ dời" in out and "→ hết ngày 28/11/2024" in out
    assert await days(world) == (date(2024, 11, 29), 0)


async def test_somebody_at_a_terminal_is_asked(world: World, run) -> None:
    code, out, err = await run(*OFF, typed="\n")
    assert code == 2 and "confirmation-refused" in err and "dời 2 hạn? [c/K]" in out
    assert await days(world) == (date(2024, 11, 29), 0)
    code, out, _ = await run(*OFF, typed="c\n")
    assert code == 0 and "2 hạn đã dời" in out
    assert await days(world) == (date(2024, 11, 28), 1)


async def test_yes_confirms_and_keep_running_keeps(world: World, run) -> None:
    code, out, _ = await run(*OFF, "--yes", "--keep-running")
    assert code == 0 and "0 hạn đã dời" in out and await days(world) == (date(2024, 11, 29), 1)
    code, _, err = await run(*OFF, "--yes")
    assert code == 2 and "calendar-day-same" in err
    code, _, err = await run("calendar", "thu", "set", "soon", "off", "--reason", "x", "--yes")
    assert code == 2 and "date-invalid" in err


async def test_refresh_says_when_there_is_nothing_and_takes_in_what_there_is(world: World, run) -> None:
    code, out, _ = await run("calendar", "thu", "refresh")
    assert code == 0 and "không có gì để bổ sung" in out
    await world.run("UPDATE plan SET policy = jsonb_set(policy, '{last_year}', '2032')")
    await world.run("INSERT INTO day_off VALUES ('thu', '2025-12-12', false, 'nhầm')")
    code, out, err = await run("calendar", "thu", "refresh")
    assert code == 2 and "confirmation-missing" in err and "12/12/2025 là ngày làm việc" in out
    code, out, _ = await run("calendar", "thu", "refresh", "--yes")
    assert code == 0 and "đến hết năm 2033" in out
    assert await world.value("SELECT count(*) FROM day_off WHERE day >= '2033-01-01'") > 5
