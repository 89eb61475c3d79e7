"""The authority's own days in the books: what a day off or a swapped day moves, and what it leaves; by hand."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, at, make_world, small_plan

from domain.deadlines import Lateness
from domain.errors import Conflict, NotFound, Refusal
from domain.policy import Policy
from models.facts.calendar import Overridden, override_day, refresh_calendar
from models.facts.decisions import ask_extension, decide_extension, issue_guidance
from models.facts.frame import ledger
from models.facts.reports import OBLIGATION, submit_report
from models.queries.calendar import CalendarChange, preview_override, preview_refresh, read_year
from models.realm_calendar import library_days, read_calendar

FRIDAY, SWAPPED = date(2024, 11, 29), date(2026, 8, 22)
STRICT = Policy(lateness=Lateness.STRICT)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """The round of 2024 open and told of, in October; late is who reports after the last working day."""
    return await opened(engine)


async def opened(engine: AsyncEngine, wrong: date | None = None) -> World:
    """`wrong` is a day that the library once held for a day off."""
    world = await make_world(engine, policy=STRICT)
    if wrong is not None:
        await world.run("INSERT INTO day_off VALUES ('thu', :day, false, 'nhầm')", day=wrong)
    await world.clock("2024-10-01 08:00")
    for ordinal in (0, 1):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    return world


async def preview(world: World, day: date, working: bool = False) -> CalendarChange:
    async with world.engine.connect() as connection:
        return await preview_override(connection, world.realm, day, working)


async def override(world: World, day: date, working: bool = False, move: bool | None = True, **more: Any) -> Overridden:
    return await override_day(world.engine, await world.actor("quan-tri"), day, working, "QĐ 12/QĐ-UBND", move, **more)


async def due(world: World, unit: str = "bao") -> tuple[date, date, int, int, str]:
    """(last working day for sending, last day in time, epoch, rungs behind, calendar)."""
    (row,) = await world.rows(
        """SELECT due_strict, late_at, epoch, raised, calendar_version FROM obligation WHERE id = :id""",
        id=await world.obligation(unit),
    )
    days = [(row[name].astimezone(at("2024-01-01 00:00").tzinfo)).date() for name in ("due_strict", "late_at")]
    return days[0], days[1], row["epoch"], row["raised"], row["calendar_version"]


async def books(world: World) -> list[Any]:
    """Everything that a change of the calendar may write."""
    tables = ("day_off", "calendar_override", "obligation", "round", "rollup", "fact", "wake", "realm")
    return [await world.rows(f"SELECT x.* FROM {table} x ORDER BY x::text") for table in tables]


async def test_a_day_off_moves_the_strict_day_of_a_running_deadline(world: World) -> None:
    seen = await preview(world, FRIDAY)
    assert (seen.moves, seen.obligations) == (5, 5)
    assert [(line.task, line.round, len(line.units)) for line in seen.deadlines] == [(0, "2024", 3), (1, "2024", 2)]
    assert {(line.old_strict, line.new_strict) for line in seen.deadlines} == {
        (at("2024-11-30 00:00"), at("2024-11-29 00:00"))
    }
    done = await override(world, FRIDAY, expected=seen.moves)
    assert done.moved == 5 and done.version.endswith(" + 1 sửa đổi")
    found = await due(world)
    assert found[0] == found[1] == date(2024, 11, 29) and found[2:4] == (1, -1) and found[4] == done.version
    moved = await world.rows(
        "SELECT workflow, summary, occurrence, taken_in_at FROM fact WHERE kind = 'calendar_moved'"
    )
    assert {row["workflow"] for row in moved} == {f"thu/plan/ke-hoach/task/{n}/round/2024" for n in (0, 1)}
    assert all(row["occurrence"] == done.override and row["taken_in_at"] is None for row in moved)
    assert "Hạn báo cáo đổi từ hết ngày 29/11/2024 thành hết ngày 28/11/2024 do điều chỉnh" in moved[0]["summary"]


async def test_the_ladder_moves_with_it(world: World) -> None:
    await override(world, FRIDAY)
    await world.step_round()
    assert await told_since(world, "changed") == []
    await world.clock("2024-11-19 08:00")
    await world.step_round()
    assert ("before-7", "officer", "bao") in await world.told(), "seven working days before 28/11"
    await world.clock("2024-11-28 08:00")
    await world.step_round()
    assert ("due", "officer", "bao") in await world.told()
    await world.clock("2024-12-02 08:00")
    await world.step_round(name="mark_overdue")
    assert ("overdue-1", "head", "bao") in await world.told(), "the day off is no day of lateness"


async def told_since(world: World, rung: str) -> list[tuple[str, str, str]]:
    return [each for each in await world.told() if each[0] == rung]


async def test_each_moved_lead_is_told_once(world: World) -> None:
    await override(world, FRIDAY)
    for _ in range(2):
        await world.step_round()
    rows = await world.rows(
        """SELECT u.slug, n.detail FROM notice n JOIN unit u ON u.id = n.unit_id JOIN task t ON t.id = n.task_id
           WHERE n.kind = 'deadline_changed' AND t.ordinal = 1 ORDER BY 1"""
    )
    assert [row["slug"] for row in rows] == ["bao", "tap-chi"]
    assert "hết ngày 28/11/2024" in rows[0]["detail"]


async def test_a_swapped_saturday_becomes_a_day_off_again(engine: AsyncEngine) -> None:
    """22/8/2026 is worked on in exchange for 31/8; a plan due before Monday 24/8 is sent on Friday without it."""
    world = await make_world(engine, "2026-01-15 08:00", draft=small_plan(("Trước ngày 24/8/2026",)), policy=STRICT)
    await world.clock("2026-07-01 08:00")
    await world.step_task()
    await world.step_round(label="2026-08-24", name="open_round")
    before = await world.value("SELECT due_strict FROM obligation WHERE due_rule LIKE '%08-24' LIMIT 1")
    assert before == at("2026-08-23 00:00")
    await override(world, SWAPPED)
    after = await world.value("SELECT due_strict FROM obligation WHERE due_rule LIKE '%08-24' LIMIT 1")
    assert after == at("2026-08-22 00:00")
    async with engine.connect() as connection:
        year = await read_year(connection, world.realm, 2026)
        calendar = await read_calendar(connection, world.realm)
    (day,) = [each for each in year.days if each.day == SWAPPED]
    assert (day.working, day.own, day.name, day.by) == (False, True, "QĐ 12/QĐ-UBND", "Người quan-tri")
    assert not calendar.is_workday(SWAPPED) and calendar.version == year.version


@pytest.mark.parametrize(
    ("day", "working", "reason", "code"),
    [
        (FRIDAY, False, " ", "reason-missing"),
        (FRIDAY, False, "x", "calendar-moves-deadlines"),
        (FRIDAY, True, "x", "calendar-day-same"),
        (date(2024, 11, 30), False, "x", "calendar-day-same"),
        (date(2024, 9, 30), False, "x", "calendar-day-past"),
        (date(2032, 1, 5), False, "x", "calendar-day-beyond"),
    ],
)
async def test_a_refusal_leaves_the_books_as_they_were(
    world: World, day: date, working: bool, reason: str, code: str
) -> None:
    admin, before = await world.actor("quan-tri"), await books(world)
    with pytest.raises(Refusal, match=code):
        await override_day(world.engine, admin, day, working, reason)
    assert await books(world) == before


async def test_what_was_previewed_is_what_moves_or_nothing_does(world: World) -> None:
    seen = await preview(world, FRIDAY)
    obligation = await world.obligation("bao")
    await world.run("UPDATE obligation SET accepted_at = '2024-10-01 08:00+07', effective_at = accepted_at"
                    " WHERE id = :id", id=obligation)  # fmt: skip
    before = await books(world)
    with pytest.raises(Conflict, match="calendar-reach-changed"):
        await override(world, FRIDAY, expected=seen.moves)
    assert await books(world) == before
    seen = await preview(world, FRIDAY)
    assert (await override(world, FRIDAY, expected=seen.moves)).moved == seen.moves == 4
    assert (await due(world))[0] == date(2024, 11, 30), "what was accepted keeps its day"


async def test_running_deadlines_stay_where_that_was_asked_and_new_rounds_follow(world: World) -> None:
    before = await world.rows("SELECT * FROM obligation ORDER BY id")
    seen = await preview(world, FRIDAY)
    done = await override(world, FRIDAY, move=False, expected=seen.moves)
    assert done.moved == 0
    assert await world.rows("SELECT * FROM obligation ORDER BY id") == before
    assert await world.value("SELECT moved FROM calendar_override") == 0
    # Another day that has nothing to do with them does not move them either.
    assert (await override(world, date(2024, 12, 27), move=None)).moved == 0
    assert await world.rows("SELECT * FROM obligation ORDER BY id") == before


async def test_rounds_and_rollups_ahead_follow_by_themselves(world: World) -> None:
    """28/11/2025 is the last working day before 30/11/2025; 12/12 that before 15/12/2025."""
    seen = await preview(world, date(2025, 11, 28))
    assert (seen.moves, seen.rungs) == (0, 0) and seen.rounds_ahead == 2
    await override(world, date(2025, 11, 28), move=None)
    seen = await preview(world, date(2025, 12, 12))
    assert seen.moves == 0 and [(line.period, line.running) for line in seen.rollups] == [("2025", False)]
    await override(world, date(2025, 12, 12), move=None)
    strict = await world.value("SELECT due_strict FROM rollup WHERE period = '2025'")
    assert strict == at("2025-12-12 00:00")
    await world.clock("2025-10-01 08:00")
    await world.step_task()
    await world.step_round(label="2025", name="open_round")
    late = await world.value("SELECT late_at FROM obligation WHERE due_rule = 'before:2025-11-30' LIMIT 1")
    assert late == at("2025-11-28 00:00")


async def test_a_running_rollup_is_asked_for_too(world: World) -> None:
    seen = await preview(world, date(2024, 12, 13))
    assert (seen.moves, seen.obligations) == (1, 0)
    assert [(line.period, line.running) for line in seen.rollups] == [("2024", True)]
    with pytest.raises(Refusal, match="calendar-moves-deadlines"):
        await override(world, date(2024, 12, 13), move=None)
    await override(world, date(2024, 12, 13), move=False)
    assert await world.value("SELECT due_strict FROM rollup WHERE period = '2024'") == at("2024-12-14 00:00")
    await override(world, date(2024, 12, 13), working=True, move=None)
    assert (await override(world, date(2024, 12, 13))).moved == 1
    assert await world.value("SELECT due_strict FROM rollup WHERE period = '2024'") == at("2024-12-13 00:00")
    facts = await world.rows("SELECT workflow FROM fact WHERE kind = 'calendar_moved'")
    assert [row["workflow"] for row in facts] == ["thu/plan/ke-hoach/rollup/2024"]


async def test_a_reminder_alone_moves_without_asking_and_wakes_its_round(world: World) -> None:
    """15/10/2024 lies before the first reminder, thirty working days before 29/11."""
    await world.step_round()
    seen = await preview(world, date(2024, 11, 5))
    assert (seen.moves, seen.rungs) == (0, 5)
    await world.run("UPDATE wake SET bell = 0")
    done = await override(world, date(2024, 11, 5), move=None)
    assert {ring for ring in done.rings if "/round/" in ring} == {
        f"thu/plan/ke-hoach/task/{n}/round/2024" for n in (0, 1)
    }
    assert await world.value("SELECT count(*) FROM fact WHERE kind = 'calendar_moved'") == 0


async def test_what_is_granted_past_or_suspended(world: World) -> None:
    """More time until 20/12 is moved by its own day only; what rests or is overdue is not moved at all."""
    asked, _ = await ask_extension(
        world.engine, await world.actor("bao-can-bo"), await world.obligation("bao"), date(2024, 12, 20), "x"
    )
    await decide_extension(world.engine, await world.actor("so-tong-hop"), asked, True)
    assert [line.units for line in (await preview(world, FRIDAY)).deadlines if line.task] == [("Đơn vị tap-chi",)]
    assert [line.units for line in (await preview(world, date(2024, 12, 20))).deadlines] == [("Đơn vị bao",)]
    await world.run("UPDATE obligation SET suspended_at = '2024-10-02 08:00+07'")
    assert (await preview(world, FRIDAY)).obligations == 0
    await world.run("UPDATE obligation SET suspended_at = NULL")
    await world.clock("2024-11-29 00:30")
    seen = await preview(world, FRIDAY)
    assert seen.moves == 0, "nobody becomes late at once: they keep the day they had"


async def test_who_has_reported_is_not_told_and_stays_in_time(world: World) -> None:
    obligation = await world.obligation("bao")
    await submit_report(world.engine, await world.actor("bao-can-bo"), obligation, REPORT)
    await world.step_round()
    await override(world, FRIDAY)
    await world.step_round()
    rows = await world.rows(
        """SELECT u.slug FROM notice n JOIN unit u ON u.id = n.unit_id JOIN task t ON t.id = n.task_id
           WHERE n.kind = 'deadline_changed' AND t.ordinal = 1"""
    )
    assert [row["slug"] for row in rows] == ["tap-chi"]
    assert (await due(world))[0] == date(2024, 11, 29)


async def test_a_term_in_working_days_ends_later_and_opens_no_second_round(engine: AsyncEngine) -> None:
    """Ten working days after 1/10/2024 end on 15/10, with one of them off on 16/10."""
    draft = small_plan(("10 ngày làm việc kể từ khi có văn bản hướng dẫn",))
    world = await make_world(engine, draft=draft, policy=STRICT)
    await world.clock("2024-10-02 08:00")
    admin = await world.actor("so-tong-hop")
    await issue_guidance(engine, admin, world.plan, 1, "12/BTTTT", date(2024, 10, 1))
    await world.step_task()
    rounds = await world.rows("SELECT r.label FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = 1")
    assert [row["label"] for row in rounds] == ["2024-10-15"]
    await world.step_round(label="2024-10-15", name="open_round")
    assert (await override(world, date(2024, 10, 9))).moved == 2
    (row,) = await world.rows("SELECT DISTINCT due_rule, late_at, epoch FROM obligation WHERE due_rule LIKE 'by%'")
    assert (row["due_rule"], row["late_at"], row["epoch"]) == ("by:2024-10-16", at("2024-10-17 00:00"), 1)
    await world.step_task()
    rounds = await world.rows("SELECT label, stands_for FROM round r JOIN task t ON t.id = r.task_id WHERE ordinal = 1")
    assert [tuple(row.values()) for row in rounds] == [("2024-10-15", "2024-10-16")]
    await override(world, date(2024, 10, 9), working=True)
    rounds = await world.rows("SELECT label, stands_for FROM round r JOIN task t ON t.id = r.task_id WHERE ordinal = 1")
    assert [tuple(row.values()) for row in rounds] == [("2024-10-15", "")]


async def test_a_report_at_the_same_time_is_never_lost(world: World) -> None:
    """Whoever comes second waits for the first and sees what it did."""
    obligation, actor = await world.obligation("bao"), await world.actor("bao-can-bo")
    async with ledger(world.engine, world.realm) as held:
        await held.rows(OBLIGATION, id=obligation, realm=world.realm)
        change = asyncio.create_task(override(world, FRIDAY))
        await asyncio.sleep(0.3)
        assert not change.done(), "the change must wait for the obligation's lock"
    assert (await change).moved == 5
    await asyncio.gather(
        submit_report(world.engine, actor, obligation, REPORT),
        override(world, FRIDAY, working=True),
        *(world.step_round(n) for n in (0, 1)),
        world.step_task(),
    )
    assert await world.value("SELECT count(*) FROM submission") == 1
    assert (await due(world))[0] == date(2024, 11, 30)
    await world.step_round(name="take_in")
    assert await world.value("SELECT count(*) FROM fact WHERE taken_in_at IS NULL AND kind = 'submitted'") == 0


async def test_reports_and_steps_and_changes_never_wait_in_a_ring(world: World) -> None:
    await world.clock("2024-11-20 08:00")
    days = (date(2024, 11, 28), FRIDAY, date(2024, 12, 2))
    reporters = [("bao-can-bo", "bao"), ("tap-chi-can-bo", "tap-chi")]

    async def report(person: str, unit: str) -> None:
        await submit_report(world.engine, await world.actor(person), await world.obligation(unit), LATE_REPORT)

    await asyncio.gather(
        *(override(world, day) for day in days), *(report(*each) for each in reporters),
        *(world.step_round(n % 2) for n in range(4)), *(world.step_task(n) for n in (0, 1)),
    )  # fmt: skip
    assert await world.value("SELECT calendar_edits FROM realm") == 3
    assert (await due(world))[0] == date(2024, 11, 28)


async def test_refreshing_adds_years_and_keeps_what_the_authority_set(world: World) -> None:
    await override(world, FRIDAY, move=False)
    await world.run("UPDATE plan SET policy = jsonb_set(policy, '{last_year}', '2033')")
    # The library is newer now: it had not known of a day off, and had one too many.
    await world.run("DELETE FROM day_off WHERE day = '2025-09-02'")
    await world.run(
        "INSERT INTO day_off VALUES ('thu', '2025-12-12', false, 'nhầm'), ('thu', '2024-03-01', false, 'cũ')"
    )
    await world.run("UPDATE realm SET calendar_version = 'holidays 0.1'")
    async with world.engine.connect() as connection:
        found = await preview_refresh(connection, world.realm)
    assert [(each.day, each.working) for each in found.change.days] == [
        (date(2025, 9, 2), False), (date(2025, 12, 12), True),
    ]  # fmt: skip
    assert found.last_year == 2034 and found.added == sum(day.year > 2031 for day in library_days(2032, 2034))
    assert found.change.moves == 0, "they were worked out without that day"
    done = await refresh_calendar(world.engine, await world.actor("quan-tri"))
    assert done.version.startswith("holidays 0.1") and done.version.endswith(" + 3 sửa đổi")
    async with world.engine.connect() as connection:
        calendar = await read_calendar(connection, world.realm)
    assert calendar.version == done.version and not calendar.is_workday(FRIDAY)
    assert calendar.is_workday(date(2025, 12, 12)) and not calendar.is_workday(date(2025, 9, 2))
    assert not calendar.is_workday(date(2024, 3, 1)), "a day that is past stays as it counted"
    assert not calendar.is_workday(date(2034, 9, 4)), "2/9/2034 is a Saturday"
    with pytest.raises(Refusal, match="calendar-current"):
        await refresh_calendar(world.engine, await world.actor("quan-tri"))


async def test_what_the_library_mends_in_a_running_year_is_asked_like_an_override(engine: AsyncEngine) -> None:
    world = await opened(engine, wrong=FRIDAY)
    admin = await world.actor("quan-tri")
    assert (await due(world))[0] == date(2024, 11, 29), "28/11 is the last day in time"
    async with engine.connect() as connection:
        seen = (await preview_refresh(connection, world.realm)).change
    assert seen.moves == 5 and [(each.day, each.working) for each in seen.days] == [(FRIDAY, True)]
    before = await books(world)
    with pytest.raises(Refusal, match="calendar-moves-deadlines"):
        await refresh_calendar(engine, admin)
    assert await books(world) == before
    done = await refresh_calendar(engine, admin, True, seen.moves)
    assert done.moved == 5 and done.version.endswith(" + 1 sửa đổi")
    assert (await due(world))[0] == date(2024, 11, 30)
    (row,) = await world.rows("SELECT * FROM calendar_override")
    assert (row["day"], row["working"], row["person_id"], row["moved"]) == (FRIDAY, True, None, 5)


async def test_a_year_that_is_not_in_the_calendar(world: World) -> None:
    async with world.engine.connect() as connection:
        with pytest.raises(NotFound, match="calendar-year-unknown"):
            await read_year(connection, world.realm, 2040)
        assert (await read_year(connection, world.realm)).year == 2024
        assert await connection.scalar(text("SELECT count(*) FROM calendar_override")) == 0
