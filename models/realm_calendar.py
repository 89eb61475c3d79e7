"""A realm's working days: filled from the `holidays` library, read from the books ever after, changed by overrides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

import holidays
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_changes import DayEdit
from domain.errors import NotFound
from domain.workdays import WorkCalendar


def library_version() -> str:
    """The library from which days are filled, as it stands in a calendar's version."""
    return f"holidays {version('holidays')}"


def library_days(first_year: int, last_year: int) -> dict[date, DayEdit]:
    """What the library says of these years: days off, and weekend days that were made working days."""
    years = range(first_year, last_year + 1)
    found = holidays.country_holidays("VN", years=years, language="vi")
    days = {day: DayEdit(day, False, name) for day, name in sorted(found.items()) if day.year in years}
    swapped = (day for day in sorted(found.weekend_workdays) if day.year in years)
    return days | {day: DayEdit(day, True, "Làm bù") for day in swapped}


async def fill_calendar(connection: AsyncConnection, realm: str, first_year: int, last_year: int) -> str:
    """Write the days off of Việt Nam for these years into the realm's table; returns the library's version.

    Days that are there already are left as they are. The years beside are filled too, for working days are counted
    across the turn of a year.
    """
    await _write(connection, realm, library_days(first_year - 1, last_year + 1).values(), "DO NOTHING")
    return await _count(connection, realm, 0, refreshed=True)


async def write_days(
    connection: AsyncConnection, realm: str, edits: Iterable[DayEdit], counted: int = 0, refreshed: bool = False
) -> str:
    """Change days of the calendar, `counted` of which are changes of its own; returns the calendar's version.

    The library's name is written where it was `refreshed`: an override leaves the rest as the library filled it then.
    """
    changed = list(edits)
    plain = [edit.day for edit in changed if edit.working is None]
    await connection.execute(
        text("DELETE FROM day_off WHERE realm = :realm AND day = ANY(:days)"), {"realm": realm, "days": plain}
    )
    kept = [edit for edit in changed if edit.working is not None]
    await _write(connection, realm, kept, "DO UPDATE SET working = EXCLUDED.working, name = EXCLUDED.name")
    return await _count(connection, realm, counted, refreshed)


async def _write(connection: AsyncConnection, realm: str, edits: Iterable[DayEdit], known: str) -> None:
    rows = [{"realm": realm, "day": each.day, "working": each.working, "name": each.name} for each in edits]
    if rows:
        await connection.execute(
            text(
                f"""INSERT INTO day_off (realm, day, working, name) VALUES (:realm, :day, :working, :name)
                    ON CONFLICT (realm, day) {known}"""
            ),
            rows,
        )


async def _count(connection: AsyncConnection, realm: str, counted: int, refreshed: bool) -> str:
    found = await connection.execute(
        text(
            """UPDATE realm SET calendar_edits = calendar_edits + :counted,
                 calendar_version = CASE WHEN :refreshed THEN :name ELSE calendar_version END
               WHERE id = :realm RETURNING calendar_version, calendar_edits"""
        ),
        {"name": library_version(), "realm": realm, "counted": counted, "refreshed": refreshed},
    )
    row = found.one()
    return version_words(row.calendar_version, row.calendar_edits)


def version_words(library: str, edits: int) -> str:
    """`holidays 0.108`, or `holidays 0.108 + 3 sửa đổi`: what is recorded with every instant."""
    return f"{library} + {edits} sửa đổi" if edits else library


_CALENDAR = """
SELECT r.calendar_version, r.calendar_edits,
       ARRAY(SELECT day FROM day_off WHERE realm = r.id AND NOT working) AS off,
       ARRAY(SELECT day FROM day_off WHERE realm = r.id AND working) AS working
FROM realm r WHERE r.id = :realm
"""


async def read_calendar(connection: AsyncConnection, realm: str) -> WorkCalendar:
    """The realm's working days as data for the rules; days and version in one query, so that they belong together."""
    row = (await connection.execute(text(_CALENDAR), {"realm": realm})).one()
    return WorkCalendar(frozenset(row.off), frozenset(row.working), version_words(row[0], row[1]))


@dataclass(frozen=True)
class KnownDays:
    """The table of a realm: its rows by day, the years it is filled for, and the days the authority set itself."""

    rows: dict[date, DayEdit]
    first_year: int
    last_year: int
    own: frozenset[date]


_OWN = "SELECT DISTINCT day FROM calendar_override WHERE realm = :realm AND person_id IS NOT NULL"


async def known_days(connection: AsyncConnection, realm: str) -> KnownDays:
    """What the table holds now; raises `NotFound` for a realm that is none.

    The library's own later changes are overrides by nobody, and so none of `own`.
    """
    given = {"realm": realm}
    found = await connection.execute(text("SELECT day, working, name FROM day_off WHERE realm = :realm"), given)
    rows = {row.day: DayEdit(row.day, row.working, row.name) for row in found}
    own = frozenset((await connection.execute(text(_OWN), given)).scalars())
    years = {day.year for day in rows}
    if not years:
        raise NotFound("realm-unknown", f"Không có không gian {realm!r}.")
    return KnownDays(rows, min(years), max(years), own)


@dataclass(frozen=True)
class LibraryChange:
    """What filling the table anew would do: days of years that are not there yet, and days that the library has
    otherwise by now, from today on. What the authority set itself, and what is past, stays.

    `version` is the library's, `recorded` the one that the table was filled from.
    """

    added: tuple[DayEdit, ...]
    changed: tuple[DayEdit, ...]
    last_year: int
    version: str
    recorded: str


async def library_change(connection: AsyncConnection, realm: str, today: date, last_year: int) -> LibraryChange:
    """Compare the table with the library up to a year (at least as far as the table goes)."""
    known = await known_days(connection, realm)
    last = max(known.last_year, last_year)
    library = library_days(known.first_year, last)
    changed = []
    for day in sorted((library.keys() | known.rows.keys()) - known.own):
        has, says = known.rows.get(day), library.get(day, DayEdit(day, None))
        if today <= day and day.year <= known.last_year and (has.working if has else None) != says.working:
            changed.append(says)
    added = tuple(edit for day, edit in library.items() if day.year > known.last_year)
    recorded = await connection.scalar(text("SELECT calendar_version FROM realm WHERE id = :realm"), {"realm": realm})
    return LibraryChange(added, tuple(changed), last, library_version(), str(recorded))
