"""A task rests and goes on: what the facts write, and what the next steps make of it; taken by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from amendments import amended, task, without
from sqlalchemy.ext.asyncio import AsyncEngine
from unchanged import refused
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from domain.errors import Conflict, NotFound
from models.facts.decisions import decide_report
from models.facts.reports import submit_report
from models.facts.suspensions import resume_task, suspend_task

LEADS = ("bao", "tap-chi", "dai")
PLAN = replace(
    small_plan(),
    tasks=(
        task(1, "Tập huấn nghiệp vụ", "bao", "tap-chi", coordinators=("hoi",)),
        task(2, "Rà soát loa truyền thanh", "dai", timing="Trước ngày 31/10/2024; Trước ngày 20/12/2024"),
    ),
)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """Two tasks in October; the round of the first is open and told of, due on Friday 29/11."""
    world = await make_world(engine, registry=small_registry(LEADS), draft=PLAN)
    await world.clock("2024-10-01 08:00")
    await world.step_task(1)
    await world.step_round(name="open_round")
    return world


async def suspend(world: World, ordinal: int = 1, reason: str = "Chờ kinh phí") -> list[str]:
    return (await suspend_task(world.engine, await world.actor("so-tong-hop"), world.plan, ordinal, reason))[1]


async def resume(world: World, ordinal: int = 1, reason: str = "") -> list[str]:
    return await resume_task(world.engine, await world.actor("so-tong-hop"), world.plan, ordinal, reason)


async def report(world: World, unit: str) -> int:
    obligation = await world.obligation(unit)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), obligation, REPORT)
    return obligation


async def accept(world: World, obligation: int) -> None:
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)


async def owed(world: World, unit: str = "bao") -> Any:
    (row,) = await world.rows("SELECT * FROM obligation WHERE id = :id", id=await world.obligation(unit))
    return row


async def state(world: World, unit: str, when: datetime | None = None) -> str:
    key = await world.obligation(unit)
    now = when or await world.value("SELECT now FROM realm")
    return str(await world.value("SELECT obligation_state(o, :at) FROM obligation o WHERE id = :id", at=now, id=key))


async def facts(world: World) -> list[tuple[str, str, int]]:
    rows = await world.rows("SELECT workflow, kind, occurrence FROM fact WHERE kind <> 'accepted' ORDER BY id")
    return [(r["workflow"].removeprefix("thu/plan/ke-hoach/"), r["kind"], r["occurrence"]) for r in rows]


async def notices(world: World) -> list[tuple[str, str]]:
    rows = await world.rows(
        """SELECT n.kind, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id
           WHERE n.kind NOT IN ('assigned', 'assigned_coordinating', 'assigned_again', 'opened') ORDER BY n.id"""
    )
    return [(r["kind"], r["slug"]) for r in rows]


async def test_a_task_rests_with_everything_it_owes(world: World) -> None:
    await accept(world, await report(world, "tap-chi"))
    rings = await suspend(world)
    assert [ring.rpartition("ke-hoach/")[2] for ring in rings] == ["task/1"]  # the round's bell has been set before
    (row,) = await world.rows("SELECT suspended_at, suspended_reason FROM task WHERE ordinal = 1")
    assert tuple(row.values()) == (at("2024-10-01 08:00"), "Chờ kinh phí")
    assert (await owed(world))["suspended_at"] == at("2024-10-01 08:00")
    assert (await owed(world, "tap-chi"))["suspended_at"] is None
    number = await world.value("SELECT id FROM suspension WHERE resumed_at IS NULL")
    assert (await facts(world))[-2:] == [("task/1/round/2024", "suspended", 0), ("task/1", "task_suspended", number)]
    assert await world.value("SELECT summary FROM fact ORDER BY id DESC LIMIT 1") == (
        "Tạm dừng Nhiệm vụ 01. Lý do: Chờ kinh phí"
    )
    assert await state(world, "bao", at("2026-01-01 08:00")) == "open_in_term"
    assert await state(world, "tap-chi") == "done_on_time"


async def test_nobody_is_reminded_while_it_rests_and_no_round_opens(world: World) -> None:
    await suspend(world)
    await world.step_task(1)
    await world.step_round(name="take_in")
    since = await notices(world)
    await world.clock("2024-12-20 08:00")
    assert (await world.step_round(name="remind")).did == ()
    await world.clock("2025-12-20 08:00")
    assert (await world.step_task(1)).start == ()
    assert await notices(world) == since


async def test_it_goes_on_with_the_working_days_that_were_left(world: World) -> None:
    await world.clock("2024-11-18 10:00")
    await world.step_round()
    before = await owed(world)
    await suspend(world)
    await world.clock("2024-11-25 09:00")
    await resume(world, reason="Đã có kinh phí")
    after = await owed(world)
    # From Monday 18/11 nine working days were left until Friday 29/11; from Monday 25/11 they end on Friday 6/12.
    assert after["late_at"] == after["due_strict"] == after["due_lenient"] == at("2024-12-07 00:00")
    assert (after["due_rule"], after["due_text"]) == (
        "by:2024-12-06", "tạm dừng 5 ngày làm việc; đến hết ngày 06/12/2024",
    )  # fmt: skip
    assert (after["epoch"], after["raised"], after["suspended_at"]) == (before["epoch"] + 1, -1, None)
    assert after["calendar_version"] == before["calendar_version"] != ""
    (row,) = await world.rows("SELECT suspended_at, suspended_reason, counts_from FROM task WHERE ordinal = 1")
    assert tuple(row.values()) == (None, "", at("2024-11-25 09:00"))
    (row,) = await world.rows("SELECT resumed_at, resume_reason FROM suspension")
    assert tuple(row.values()) == (at("2024-11-25 09:00"), "Đã có kinh phí")
    assert [kind for _, kind, _ in await facts(world)][-2:] == ["resumed", "task_resumed"]
    said = await notices(world)
    await world.step_round()  # the seventh working day before 6/12 is still ahead
    assert await notices(world) == said
    await world.clock("2024-11-27 08:00")
    await world.step_round()
    assert (await notices(world))[len(said) :] == [("reminder", "bao"), ("reminder", "tap-chi")]


async def test_what_was_overdue_stays_so_since_then(world: World) -> None:
    await world.clock("2024-12-03 08:00")
    await world.step_round()
    before = await owed(world)
    await suspend(world)
    assert await state(world, "bao", at("2025-06-01 08:00")) == "open_overdue"
    await world.clock("2024-12-23 08:00")
    await resume(world)
    after = await owed(world)
    assert {name: after[name] for name in ("late_at", "due_strict", "due_text", "due_rule")} == {
        name: before[name] for name in ("late_at", "due_strict", "due_text", "due_rule")
    }
    assert (after["epoch"], after["raised"]) == (before["epoch"] + 1, -1)
    since = len(await notices(world))
    await world.step_round()
    assert (await notices(world))[since:] == []


async def test_a_rest_within_a_day_loses_nothing(world: World) -> None:
    """What was to be said meanwhile is said after it, since the ladder did not begin anew."""
    await world.clock("2024-11-29 07:00")
    await world.step_round()
    before = await owed(world)
    await suspend(world)
    await world.clock("2024-11-29 10:00")
    await resume(world)
    after = await owed(world)
    assert {**after, "suspended_at": None} == {**before}
    await world.step_round()
    assert (await notices(world))[-1][0] == "due"


async def test_a_report_sent_while_it_rests_counts_as_of_its_beginning(world: World) -> None:
    await suspend(world)
    await world.clock("2024-12-20 08:00")
    obligation = await report(world, "bao")
    assert await world.value("SELECT effective_at FROM submission") == at("2024-10-01 08:00")
    await resume(world)
    await accept(world, obligation)
    assert await state(world, "bao") == "done_on_time"


async def test_rounds_that_fell_due_unopened_are_not_owed(world: World) -> None:
    """The milestone of 31/10 falls into the rest, that of 20/12 does not."""
    await suspend(world, 2)
    await world.clock("2024-11-11 08:00")
    await resume(world, 2)
    await world.step_task(2)
    rows = await world.rows("SELECT r.label FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = 2")
    assert [row["label"] for row in rows] == ["2024-12-20"]
    assert "không phải báo cáo" in await world.value("SELECT summary FROM fact WHERE kind = 'task_resumed'")


async def test_it_can_rest_again(world: World) -> None:
    for day in (7, 14):
        await world.clock(f"2024-10-{day:02d} 08:00")
        await suspend(world)
        await world.clock(f"2024-10-{day + 2:02d} 08:00")
        await resume(world)
    assert (await owed(world))["due_rule"] == "by:2024-12-05"  # twice two working days after Friday 29/11
    assert (await owed(world))["epoch"] == 2
    numbers = [n for _, kind, n in await facts(world) if kind == "task_suspended"]
    assert len(set(numbers)) == 2


async def test_what_was_withdrawn_while_it_rested_is_awake_when_it_comes_back(world: World) -> None:
    await suspend(world)
    await world.run("UPDATE obligation SET withdrawn_at = now() WHERE id = :id", id=await world.obligation("bao"))
    await resume(world)
    assert await world.value("SELECT count(*) FROM obligation WHERE suspended_at IS NOT NULL") == 0


async def test_a_withdrawn_task_can_go_on_so_that_its_reports_are_decided(world: World) -> None:
    await report(world, "bao")
    await suspend(world)
    await amended(world, without(PLAN, 1))
    await resume(world)
    assert (await owed(world))["suspended_at"] is None


async def test_two_who_suspend_at_once_suspend_once(world: World) -> None:
    await world.actor("so-tong-hop")
    answers = await asyncio.gather(*(suspend(world) for _ in range(3)), world.step_round(), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers[:3]) == ["Conflict", "Conflict", "list"]
    assert await world.value("SELECT count(*) FROM suspension") == 1


async def test_refusals_change_nothing(world: World) -> None:
    async with refused(world, "reason-missing"):
        await suspend(world, reason=" ")
    async with refused(world, "task-unknown", NotFound):
        await suspend(world, 9)
    async with refused(world, "task-unknown", NotFound):
        await resume(world, 9)
    async with refused(world, "not-suspended", Conflict):
        await resume(world)
    await suspend(world)
    async with refused(world, "already-suspended", Conflict):
        await suspend(world)
    for sql, code in (
        ("UPDATE task SET closed_at = now() WHERE ordinal = 2", "task-closed"),
        ("UPDATE task SET withdrawn_at = now() WHERE ordinal = 2", "task-withdrawn"),
        ("UPDATE plan SET status = 'closed'", "plan-not-active"),
    ):
        await world.run(sql)
        async with refused(world, code):
            await suspend(world, 2)


async def test_a_long_rest_over_tet_counts_working_days_only(world: World) -> None:
    """Tết of 2025 is off from 27/1 to 31/1."""
    await world.clock("2024-11-25 08:00")
    await suspend(world)
    await world.clock("2025-01-24 08:00")
    await resume(world)
    # Four working days were left on Monday 25/11; after Friday 24/1 they are 3, 4, 5 and 6/2.
    assert (await owed(world))["late_at"].astimezone(at("2025-01-01 00:00").tzinfo).date() == date(2025, 2, 7)
