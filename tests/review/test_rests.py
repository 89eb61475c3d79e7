"""A task that rests while something else is under way: time stands still for that, too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from amendments import amended, led_by, task
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, at, make_world, small_plan, small_registry

from domain.policy import Policy
from models.facts.decisions import decide_report
from models.facts.reports import acknowledge, submit_report
from models.facts.suspensions import resume_task, suspend_task

PLAN = replace(small_plan(), tasks=(task(1, "Rà soát hạ tầng", "bao", "tap-chi", coordinators=("hoi",)),))


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A round that is open."""
    made = await make_world(engine, "2024-10-14 09:00", draft=PLAN, registry=small_registry(("bao", "tap-chi", "dai")),
                            policy=Policy(last_year=2024))  # fmt: skip
    await made.step_task()
    await made.step_round(name="open_round")
    return made


async def rest(world: World) -> None:
    await suspend_task(world.engine, await world.actor("so-tong-hop"), world.plan, 1, "chờ kinh phí")


async def go_on(world: World) -> None:
    await resume_task(world.engine, await world.actor("so-tong-hop"), world.plan, 1)


@pytest.mark.parametrize("day, in_time", [("2024-12-20", True), ("2024-12-25", True), ("2024-12-26", False)])
async def test_the_days_for_a_correction_do_not_pass_while_the_task_rests(
    world: World, day: str, in_time: bool
) -> None:
    """Returned on Tuesday 3/12, five days; one has passed when it rests, and it goes on on Thursday 19/12."""
    obligation, officer = await world.obligation("bao"), await world.actor("bao-can-bo")
    await world.clock("2024-11-28 10:00")
    await submit_report(world.engine, officer, obligation, REPORT)
    await world.clock("2024-12-03 10:00")
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, False, "thiếu số liệu")
    await world.clock("2024-12-04 10:00")
    await rest(world)
    await world.clock("2024-12-19 10:00")
    await go_on(world)
    await world.clock(f"{day} 10:00")
    again = await submit_report(world.engine, officer, obligation, LATE_REPORT)
    assert again.in_time is in_time


@pytest.mark.parametrize("again", [False, True], ids=["new", "again"])
async def test_who_is_given_a_resting_task_by_an_amendment_rests_too(world: World, again: bool) -> None:
    if again:  # one that had it before, and lost it
        await amended(world, led_by(PLAN, 1, "bao", "dai"))
        await amended(world, led_by(PLAN, 1, "bao", "tap-chi"))
        await world.step_task()
        await world.step_round()
    await world.clock("2024-11-01 09:00")
    await rest(world)
    await world.clock("2024-11-12 09:00")
    await amended(world, led_by(PLAN, 1, "bao", "dai"))
    await world.step_task()
    await world.step_round()
    given = await world.obligation("dai")
    assert await world.value("SELECT suspended_at FROM obligation WHERE id = :id", id=given) is not None
    assert await world.value(
        "SELECT count(*) FROM notice WHERE obligation_id = :id AND raised_at >= '2024-11-12'", id=given
    ) == 0  # fmt: skip
    await world.clock("2024-11-14 09:00")
    await go_on(world)
    await world.step_round()
    assert await world.value("SELECT suspended_at FROM obligation WHERE id = :id", id=given) is None
    assert await world.value(
        "SELECT count(*) FROM notice WHERE obligation_id = :id AND kind = 'opened' AND raised_at >= '2024-11-14'",
        id=given,
    ) == 1  # fmt: skip


async def test_nobody_is_asked_to_acknowledge_for_days_in_which_the_task_rested(world: World) -> None:
    """Told on Monday 14/10, asked after three days: one has passed when it rests, and it goes on on Friday 1/11."""
    asked = "SELECT count(*) FROM notice WHERE kind = 'assigned_again'"
    await world.clock("2024-10-15 10:00")
    await rest(world)
    await world.step_task()
    await world.clock("2024-11-01 10:00")
    await go_on(world)
    took = await world.step_task()
    assert await world.value(asked) == 0
    assert took.wait.until == at("2024-11-05 08:00")
    await world.clock("2024-11-05 08:00")
    await world.step_task()
    assert await world.value(f"{asked} AND rung = 'acknowledge-3'") == 2
    assert await world.value(asked) == 2


async def test_who_acknowledges_a_task_that_has_ended_is_heard(world: World) -> None:
    await world.run("UPDATE task SET closed_at = now() WHERE ordinal = 1")
    await acknowledge(world.engine, await world.actor("bao-can-bo"), world.plan, 1)
    assert (await world.step_task()).closed
    assert await world.value("SELECT count(*) FROM fact WHERE kind = 'acknowledged' AND taken_in_at IS NULL") == 0
