"""Letters that urge: drafted at their rung, one a unit, never twice for one lateness, settled once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, World, at, make_world, small_plan

from domain.errors import Conflict, NotFound, Refusal
from domain.policy import Policy
from models.facts.decisions import decide_report
from models.facts.letters import drop_letter, issue_letter
from models.facts.reports import submit_report
from models.queries.letters import LetterView, list_letters, read_letter

POLICY = Policy(acknowledge_ladder=(), last_year=2024)
SEVENTH, WEEKLY = "2024-12-10 08:00", "2024-12-17 08:00"
NUMBER = "125/UBND-KGVX"


async def late_world(engine: AsyncEngine, policy: Policy = POLICY) -> World:
    """Two tasks of two units, opened; seven working days after the deadline, no step taken yet."""
    world = await make_world(engine, "2024-11-18 08:00", draft=small_plan(("Hàng năm", "Hàng năm")), policy=policy)
    for ordinal in (1, 2):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    await world.clock(SEVENTH)
    return world


async def letters(world: World) -> list[tuple[str, date, int]]:
    """(unit, to be answered by, reports urged for) in the order of drafting."""
    rows = await world.rows(
        """SELECT u.slug, l.answer_by, (SELECT count(*) FROM letter_obligation m WHERE m.letter_id = l.id) AS n
           FROM letter l JOIN unit u ON u.id = l.unit_id ORDER BY l.id"""
    )
    return [(row["slug"], row["answer_by"], row["n"]) for row in rows]


async def view(world: World, letter: int) -> LetterView:
    async with world.engine.connect() as books:
        return await read_letter(books, world.realm, letter, await world.value("SELECT business_now('thu')"))


async def letter_of(world: World, unit: str) -> int:
    return int(
        await world.value(
            """SELECT l.id FROM letter l JOIN unit u ON u.id = l.unit_id
               WHERE u.slug = :unit AND l.settled_at IS NULL""",
            unit=unit,
        )
    )


async def told_of_letters(world: World) -> list[tuple[str, str]]:
    rows = await world.rows("SELECT subject, role FROM notice WHERE kind = 'letter_drafted' ORDER BY subject, role")
    return [(row["subject"], row["role"]) for row in rows]


async def test_one_draft_a_unit_and_what_is_late_too_is_added(engine: AsyncEngine) -> None:
    world = await late_world(engine)
    await world.step_round(1)
    answer_by = date(2024, 12, 17)  # five working days
    assert await letters(world) == [("bao", answer_by, 1), ("tap-chi", answer_by, 1)]
    told = [(f"letter/{n}", role) for n in (1, 2) for role in ("coordinator", "leader")]
    assert await told_of_letters(world) == told
    await world.clock("2024-12-11 08:00")
    await world.step_round(2)
    answer_by = date(2024, 12, 18)
    assert await letters(world) == [("bao", answer_by, 2), ("tap-chi", answer_by, 2)]
    assert await told_of_letters(world) == told, "of a draft they are told once"
    content = (await view(world, 1)).content
    assert content is not None
    assert [(row.task_title, row.workdays_late) for row in content.rows] == [("Việc 1", 8), ("Việc 2", 8)]


@pytest.mark.parametrize("name", ["overdue-3", "none"])
async def test_from_which_rung_on_is_policy(engine: AsyncEngine, name: str) -> None:
    world = await make_world(
        engine, "2024-11-18 08:00", policy=Policy(acknowledge_ladder=(), last_year=2024, letter_rung=name)
    )
    await world.step_task()
    await world.step_round(name="open_round")
    for day in ("2024-12-02", "2024-12-04", "2024-12-10", "2024-12-17"):
        await world.clock(f"{day} 08:00")
        await world.step_round()
        drafted = len(await letters(world))
        assert drafted == (2 if name == "overdue-3" and day > "2024-12-03" else 0)


@pytest.mark.parametrize("settled", ["issued", "dropped"])
async def test_for_one_lateness_there_is_one_letter(engine: AsyncEngine, settled: str) -> None:
    world = await late_world(engine)
    await world.step_round(1)
    leader, number = await world.actor("chu-tich"), await letter_of(world, "bao")
    if settled == "issued":
        await issue_letter(engine, leader, number, NUMBER, date(2024, 12, 10))
    else:
        await drop_letter(engine, leader, number, "đã nhắc trực tiếp")
    await world.clock(WEEKLY)
    await world.step_round(1)
    assert len(await letters(world)) == 2
    await world.step_round(2)
    assert await letters(world) == [
        ("bao", date(2024, 12, 17), 1), ("tap-chi", date(2024, 12, 24), 2), ("bao", date(2024, 12, 24), 1)
    ], "another report that is late makes another letter, with that one only"  # fmt: skip


async def test_who_is_late_again_after_a_return_gets_another(engine: AsyncEngine) -> None:
    world = await late_world(engine)
    await world.step_round(1)
    await issue_letter(engine, await world.actor("chu-tich"), await letter_of(world, "bao"), NUMBER, date(2024, 12, 10))
    await world.clock("2024-12-11 09:00")
    obligation = await world.obligation("bao")
    await submit_report(engine, await world.actor("bao-can-bo"), obligation, LATE_REPORT)
    await decide_report(engine, await world.actor("so-tong-hop"), obligation, 1, False, "thiếu số liệu")
    await world.step_round(1)
    assert len(await letters(world)) == 2, "it has just been given back"
    await world.clock(WEEKLY)
    await world.step_round(1)
    assert (await letters(world))[2:] == [("bao", date(2024, 12, 24), 1)]


async def test_a_draft_says_what_is_late_now_and_a_settled_letter_what_was_then(engine: AsyncEngine) -> None:
    world = await late_world(engine)
    for ordinal in (1, 2):
        await world.step_round(ordinal)
    number, officer = await letter_of(world, "bao"), await world.actor("bao-can-bo")
    await submit_report(engine, officer, await world.obligation("bao", 1), LATE_REPORT)
    content = (await view(world, number)).content
    assert content is not None
    assert [row.task_title for row in content.rows] == ["Việc 2"]
    await issue_letter(engine, await world.actor("chu-tich"), number, NUMBER, date(2024, 12, 10))
    await world.clock("2024-12-12 09:00")
    await submit_report(engine, officer, await world.obligation("bao", 2), LATE_REPORT)
    assert (await view(world, number)).content is not None
    other = await letter_of(world, "tap-chi")
    for task in (1, 2):
        obligation = await world.obligation("tap-chi", task)
        await submit_report(engine, await world.actor("tap-chi-can-bo"), obligation, LATE_REPORT)
    assert (await view(world, other)).content is None, "nothing is left to urge for"
    async with engine.connect() as books:
        listed = await list_letters(books, world.realm, world.plan)
    assert [(line.unit, line.number) for line in listed] == [("tap-chi", None), ("bao", NUMBER)], (
        "what waits comes first"
    )


async def books_of(world: World) -> list[Any]:
    return [await world.rows(f"SELECT * FROM {table} ORDER BY id") for table in ("letter", "fact")]


async def test_what_is_refused_leaves_the_books_as_they_were(engine: AsyncEngine) -> None:
    world = await late_world(engine)
    await world.step_round(1)
    leader, number, today = await world.actor("chu-tich"), await letter_of(world, "bao"), date(2024, 12, 10)
    before = await books_of(world)
    for call, error, code in (
        (issue_letter(engine, leader, number, "  ", today), Refusal, "number-missing"),
        (issue_letter(engine, leader, number, NUMBER, date(2024, 12, 11)), Refusal, "date-in-future"),
        (drop_letter(engine, leader, number, " \n"), Refusal, "reason-missing"),
        (issue_letter(engine, leader, 99, NUMBER, today), NotFound, "letter-unknown"),
        (drop_letter(engine, leader, 99, "thôi"), NotFound, "letter-unknown"),
    ):
        with pytest.raises(error) as refused:
            await call
        assert refused.value.code == code
    assert await books_of(world) == before
    await issue_letter(engine, leader, number, f" {NUMBER} ", today)
    row = (await world.rows("SELECT * FROM letter WHERE id = :id", id=number))[0]
    assert (row["number"], row["issued_on"], row["settled_at"], row["settled_by"]) == (
        NUMBER, today, at(SEVENTH), leader.person
    )  # fmt: skip
    settled = await books_of(world)
    for again in (issue_letter(engine, leader, number, NUMBER, today), drop_letter(engine, leader, number, "thôi")):
        with pytest.raises(Conflict) as refused:
            await again
        assert refused.value.code == "already-decided"
    assert await books_of(world) == settled


async def test_a_letter_of_before_the_draft_is_refused(engine: AsyncEngine) -> None:
    """It cannot have been issued before there was anything to issue."""
    world = await late_world(engine)
    await world.step_round(1)
    with pytest.raises(Refusal) as refused:
        await issue_letter(
            engine, await world.actor("chu-tich"), await letter_of(world, "bao"), NUMBER, date(2024, 12, 9)
        )
    assert refused.value.code == "date-before-draft"
