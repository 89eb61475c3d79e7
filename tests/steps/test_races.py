"""Two at once, on a real PostgreSQL: the due instant, two officers, two workers in one step."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, make_world

from domain.errors import Conflict, Refusal
from models.facts.decisions import decide_report
from models.facts.frame import ledger
from models.facts.reports import OBLIGATION, submit_report
from models.steps.rounds import step_round


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A round that is open, all reminders behind it, on the evening of the last day."""
    world = await make_world(engine)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-11-29 08:00")
    await world.step_round()
    await world.clock("2024-11-29 23:59:59")
    return world


async def test_a_report_stamped_before_the_due_instant_is_never_called_late(world: World) -> None:
    """The step that marks overdue waits for the report's lock, and then sees it."""
    obligation = await world.obligation("bao")
    actor = await world.actor("bao-can-bo")
    async with ledger(world.engine, world.realm) as books:
        await books.rows(OBLIGATION, id=obligation, realm=world.realm)
        stamped = await books.now()
        await world.run("UPDATE realm SET now = '2024-12-02 08:00+07'")
        step = asyncio.create_task(step_round(world.engine, await world.round_request(name="mark_overdue")))
        await asyncio.sleep(0.3)
        assert not step.done(), "the step must wait for the obligation's lock"
        await books.run(
            """INSERT INTO submission (obligation_id, revision, person_id, result, progress, difficulties, proposals,
                 nil, nil_reason, explanation, received_at, effective_at, decision_reason)
               VALUES (:id, 1, :person, 'x', '', '', '', false, '', '', :at, :at, '')""",
            id=obligation,
            person=actor.person,
            at=stamped,
        )
    await step
    overdue = [told for told in await world.told() if told[0] == "overdue-1"]
    assert ("overdue-1", "officer", "bao") not in overdue
    assert ("overdue-1", "officer", "tap-chi") in overdue


async def test_a_report_that_comes_while_the_step_holds_the_lock_is_stamped_after_it(world: World) -> None:
    """The other way round: whoever waited for the lock reads the clock after it has it."""
    obligation = await world.obligation("bao")
    actor = await world.actor("bao-can-bo")
    async with world.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM obligation WHERE id = :id FOR UPDATE"), {"id": obligation})
        report = asyncio.create_task(submit_report(world.engine, actor, obligation, REPORT))
        await asyncio.sleep(0.3)
        await world.run("UPDATE realm SET now = '2024-11-30 00:00+07'")
    with pytest.raises(Refusal, match="explanation-missing"):
        await report
    received = await submit_report(world.engine, actor, obligation, LATE_REPORT)
    assert not received.in_time


async def test_two_officers_at_once_leave_one_report(world: World) -> None:
    obligation = await world.obligation("bao")
    actor = await world.actor("bao-can-bo")
    answers = await asyncio.gather(
        *(submit_report(world.engine, actor, obligation, REPORT) for _ in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(a, BaseException) for a in answers) == 1
    assert all(a.code == "already-submitted" for a in answers if isinstance(a, Conflict))
    assert await world.value("SELECT count(*) FROM submission") == 1
    assert await world.value("SELECT count(*) FROM fact WHERE kind = 'submitted'") == 1


async def test_two_coordinators_at_once_decide_once(world: World) -> None:
    obligation = await world.obligation("bao")
    await submit_report(world.engine, await world.actor("bao-can-bo"), obligation, REPORT)
    coordinator = await world.actor("so-tong-hop")
    answers = await asyncio.gather(
        decide_report(world.engine, coordinator, obligation, 1, True),
        decide_report(world.engine, coordinator, obligation, 1, False, "thiếu số liệu"),
        return_exceptions=True,
    )
    assert sum(isinstance(a, Conflict) for a in answers) == 1


async def test_two_workers_in_one_step_change_the_books_once_and_say_the_same(world: World) -> None:
    await world.clock("2024-12-02 08:00")
    request = await world.round_request(name="mark_overdue")
    first, second = await asyncio.gather(step_round(world.engine, request), step_round(world.engine, request))
    assert first == second
    assert "Báo cáo quá hạn 1 ngày làm việc" in " ".join(first.did)
    overdue = [told for told in await world.told() if told[0] == "overdue-1"]
    assert len(overdue) == len(set(overdue)) == 4


async def test_a_step_under_another_key_finds_nothing_left_to_do(world: World) -> None:
    await world.clock("2024-12-02 08:00")
    await world.step_round(name="mark_overdue")
    told = await world.told()
    again = await world.step_round(name="mark_overdue")
    assert again.did == ()
    assert await world.told() == told


async def test_after_a_long_sleep_only_the_highest_rung_is_raised(world: World) -> None:
    await world.clock("2024-12-20 09:00")
    await world.step_round(name="mark_overdue")
    rungs = {told[0] for told in await world.told()}
    assert "overdue-7" in rungs
    assert not rungs & {"overdue-1", "overdue-3"}


async def test_steps_and_reports_at_once_never_wait_for_each_other_in_a_ring(world: World) -> None:
    """Both sides take obligations before wake rows; a deadlock would be an error here."""
    await world.clock("2024-12-02 08:00")
    reporters = [("bao-can-bo", "bao"), ("tap-chi-can-bo", "tap-chi")]

    async def report(person: str, unit: str) -> None:
        await submit_report(world.engine, await world.actor(person), await world.obligation(unit), LATE_REPORT)

    await asyncio.gather(*(world.step_round() for _ in range(6)), *(report(*r) for r in reporters))
    await world.step_round(name="take_in")
    assert await world.value("SELECT count(*) FROM fact WHERE taken_in_at IS NULL AND kind = 'submitted'") == 0
    assert await world.value("SELECT count(*) FROM notice WHERE rung = 'received'") == 2
