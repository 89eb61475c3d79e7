"""A plan's whole life, 2024–2030, with every message of its officer and head.

The days were counted by hand on the calendars of those years: "trước ngày 30/11" is due on the last working day before
it, reminders count working days back from there, overdue rungs on from 29/11. What makes the years differ: 30/11 falls
on Saturday, Sunday, Monday … Saturday; 24/11 is a day off from 2026 (and moves to 26/11 in 2029, 25/11 in 2030); the
long weekend of 2/9 lies before every opening and moves none.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from stories import story
from temporalio.client import Client
from worlds import small_registry

from domain.policy import Policy

#        opened   -30      -7       -1       due      +1       +3       +7
YEARS = {
    2024: "27/09 18/10 20/11 28/11 29/11 02/12 04/12 10/12",
    2025: "26/09 17/10 19/11 27/11 28/11 01/12 03/12 09/12",
    2026: "24/09 15/10 17/11 26/11 27/11 30/11 02/12 08/12",
    2027: "24/09 15/10 17/11 26/11 29/11 30/11 02/12 08/12",
    2028: "26/09 17/10 17/11 28/11 29/11 30/11 04/12 08/12",
    2029: "26/09 17/10 19/11 28/11 29/11 30/11 04/12 10/12",
    2030: "26/09 17/10 19/11 28/11 29/11 02/12 04/12 10/12",
}
RUNGS = (
    "MỞ KỲ BÁO CÁO",
    "NHẮC TRƯỚC HẠN 30 NGÀY LÀM VIỆC",
    "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC",
    "NHẮC TRƯỚC HẠN 1 NGÀY LÀM VIỆC",
    "HÔM NAY ĐẾN HẠN BÁO CÁO",
    "BÁO CÁO QUÁ HẠN 1 NGÀY LÀM VIỆC",
    "BÁO CÁO QUÁ HẠN 3 NGÀY LÀM VIỆC",
    "BÁO CÁO QUÁ HẠN 7 NGÀY LÀM VIỆC",
)


def expected(year: int, rungs: tuple[str, ...]) -> list[tuple[date, str, str]]:
    """The officer's items of a year: both obligations in one digest a day."""
    days = dict(zip(RUNGS, YEARS[year].split(), strict=True))
    return [
        (date(year, int(days[words][3:]), int(days[words][:2])), words, f"ke-hoach/{task}/{year}")
        for words in rungs
        for task in (0, 1)
    ]


async def test_seven_years_of_a_silent_unit(client: Client, dsn: str, tmp_path: Path) -> None:
    quiet = Policy(weekly=None)  # six years of a weekly line are in test_year.py's four weeks
    async with story(client, dsn, tmp_path, registry=small_registry(("bao",)), policy=quiet) as told:
        await told.until("2024-02-01 08:00")
        told.read_everything()
        await told.until("2031-02-01 08:00")
        officer = [item for year in YEARS for item in expected(year, RUNGS)]
        head = [item for year in YEARS for item in expected(year, RUNGS[5:])]
        assert told.inbox("bao-can-bo") == officer
        assert told.inbox("bao-thu-truong") == head
        assert len(await told.world.rows("SELECT id FROM round")) == 14
