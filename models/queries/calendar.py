"""The calendar of a realm as people read it, and what a change of it would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_changes import DayEdit, MovedDeadline, MovedRollup, Reach, check_day
from domain.errors import NotFound
from domain.workdays import local_date
from models.calendar_rows import calendar_horizon, reach_of
from models.queries.clock import read_now
from models.realm_calendar import known_days, library_change, read_calendar


@dataclass(frozen=True)
class CalendarDay:
    """A day off beside the weekends, or a weekend day that is worked on. `by` and `at` where the authority set it."""

    day: date
    working: bool
    name: str
    own: bool
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class CalendarYear:
    """One year of the calendar, and the years that it is filled for."""

    year: int
    version: str
    first_year: int
    last_year: int
    days: tuple[CalendarDay, ...]


@dataclass(frozen=True)
class DeadlineLine:
    """Obligations of one round that would be due otherwise: by when to send (`strict`), and from when they are late."""

    plan: str
    plan_title: str
    task: int
    round: str
    due_text: str
    units: tuple[str, ...]
    old_strict: datetime
    new_strict: datetime
    old_late: datetime
    new_late: datetime


@dataclass(frozen=True)
class RollupLine:
    """A rollup that would be compiled or due otherwise; a `running` one has to be confirmed."""

    plan: str
    plan_title: str
    period: str
    running: bool
    old_compile: datetime
    new_compile: datetime
    old_strict: datetime
    new_strict: datetime
    old_late: datetime
    new_late: datetime


@dataclass(frozen=True)
class CalendarChange:
    """What a change of the calendar would move at an instant.

    `moves` counts what has to be confirmed: obligations, and rollups of running periods that are due otherwise.
    `rungs` are reminders that change their day while the deadline stays; `rounds_ahead` rounds that are still to open
    and follow by themselves.
    """

    at: datetime
    days: tuple[CalendarDay, ...]
    moves: int
    obligations: int
    deadlines: tuple[DeadlineLine, ...]
    rollups: tuple[RollupLine, ...]
    rungs: int
    rounds_ahead: int


@dataclass(frozen=True)
class CalendarRefresh:
    """What filling the calendar anew from the library would add and change, and what that would move."""

    version: str
    recorded: str
    last_year: int
    added: int
    change: CalendarChange


_DAYS = """
SELECT d.day, d.working, d.name, c.at, p.name AS by
FROM day_off d
LEFT JOIN LATERAL (
  SELECT at, person_id FROM calendar_override c
  WHERE c.realm = d.realm AND c.day = d.day AND c.person_id IS NOT NULL ORDER BY c.id DESC LIMIT 1) c ON true
LEFT JOIN person p ON p.id = c.person_id
WHERE d.realm = :realm AND d.day BETWEEN :first AND :last ORDER BY d.day
"""


async def read_year(connection: AsyncConnection, realm: str, year: int | None = None) -> CalendarYear:
    """The days off and swapped days of a year, the present one where none is named; raises `NotFound`."""
    known = await known_days(connection, realm)
    if year is None:
        year = local_date(await read_now(connection, realm)).year
    if not known.first_year <= year <= known.last_year:
        words = f"Lịch làm việc chỉ có từ năm {known.first_year} đến năm {known.last_year}; hãy chọn năm khác."
        raise NotFound("calendar-year-unknown", words)
    given = {"realm": realm, "first": date(year, 1, 1), "last": date(year, 12, 31)}
    rows = (await connection.execute(text(_DAYS), given)).mappings()
    days = tuple(
        CalendarDay(row["day"], row["working"], row["name"], row["at"] is not None, row["at"], row["by"] or "")
        for row in rows
    )
    calendar = await read_calendar(connection, realm)
    return CalendarYear(year, calendar.version, known.first_year, known.last_year, days)


async def preview_override(connection: AsyncConnection, realm: str, day: date, working: bool) -> CalendarChange:
    """What making a day a working day or a day off would move; raises `Refusal` where it cannot be done."""
    now = await read_now(connection, realm)
    known = await known_days(connection, realm)
    check_day(await read_calendar(connection, realm), day, working, local_date(now), known.last_year)
    edits = (DayEdit(day, working),)
    return _change(edits, await reach_of(connection, realm, edits, now), now)


async def preview_refresh(connection: AsyncConnection, realm: str) -> CalendarRefresh:
    """What the library has otherwise by now, and which years plans need."""
    now = await read_now(connection, realm)
    horizon = await calendar_horizon(connection, realm, now)
    found = await library_change(connection, realm, local_date(now), horizon)
    reached = await reach_of(connection, realm, (*found.changed, *found.added), now)
    change = _change(found.changed, reached, now)
    return CalendarRefresh(found.version, found.recorded, found.last_year, len(found.added), change)


def _change(edits: Sequence[DayEdit], found: Reach, now: datetime) -> CalendarChange:
    return CalendarChange(
        at=now,
        days=tuple(CalendarDay(each.day, each.works, each.name, own=False) for each in edits),
        moves=found.moves,
        obligations=found.obligations,
        deadlines=tuple(map(_deadline, found.felt)),
        rollups=tuple(_rollup(each) for each in found.rollups if each.told),
        rungs=found.rungs,
        rounds_ahead=sum(found.ahead.values()),
    )


def _deadline(moved: MovedDeadline) -> DeadlineLine:
    was = moved.was
    return DeadlineLine(
        plan=was.plan.slug,
        plan_title=was.plan.title,
        task=was.ordinal,
        round=was.label,
        due_text=was.due_text,
        units=was.units,
        old_strict=was.due.strict,
        new_strict=moved.due.strict,
        old_late=was.late_at,
        new_late=moved.late_at,
    )


def _rollup(moved: MovedRollup) -> RollupLine:
    was = moved.was
    return RollupLine(
        plan=was.plan.slug,
        plan_title=was.plan.title,
        period=was.period,
        running=moved.running,
        old_compile=was.compile_at,
        new_compile=moved.dates.opens_at,
        old_strict=was.due.strict,
        new_strict=moved.dates.due.strict,
        old_late=was.late_at,
        new_late=moved.late_at,
    )
