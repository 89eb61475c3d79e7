"""A realm's working days: filled from the `holidays` library, read from the books ever after."""

from __future__ import annotations

from datetime import date
from importlib.metadata import version

import holidays
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.workdays import WorkCalendar


async def fill_calendar(connection: AsyncConnection, realm: str, first_year: int, last_year: int) -> str:
    """Write the days off of Việt Nam for these years into the realm's table; returns the calendar's version."""
    years = range(first_year - 1, last_year + 2)
    days = holidays.country_holidays("VN", years=years, language="vi")
    rows = [{"realm": realm, "day": day, "working": False, "name": name} for day, name in sorted(days.items())]
    rows += [
        {"realm": realm, "day": day, "working": True, "name": "Làm bù"}
        for day in sorted(days.weekend_workdays)
        if day.year in years
    ]
    await connection.execute(
        text(
            """INSERT INTO day_off (realm, day, working, name) VALUES (:realm, :day, :working, :name)
               ON CONFLICT (realm, day) DO NOTHING"""
        ),
        rows,
    )
    name = f"holidays {version('holidays')}"
    await connection.execute(
        text("UPDATE realm SET calendar_version = :name WHERE id = :realm"), {"name": name, "realm": realm}
    )
    return name


async def read_calendar(connection: AsyncConnection, realm: str) -> WorkCalendar:
    """The realm's working days as data for the rules."""
    result = await connection.execute(text("SELECT day, working FROM day_off WHERE realm = :realm"), {"realm": realm})
    off: set[date] = set()
    working: set[date] = set()
    for day, works in result:
        (working if works else off).add(day)
    name = await connection.scalar(text("SELECT calendar_version FROM realm WHERE id = :realm"), {"realm": realm})
    return WorkCalendar(frozenset(off), frozenset(working), str(name))
