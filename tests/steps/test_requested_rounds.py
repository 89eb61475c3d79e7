"""Reports asked for at short notice: what is written, who is told, and that the task's own rounds go on as they did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from amendments import amended, retimed, task
from sqlalchemy.ext.asyncio import AsyncEngine
from unchanged import refused
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from domain.errors import NotFound
from domain.policy import Policy
from models.facts.decisions import decide_report
from models.facts.reports import submit_report
from models.facts.requested_rounds import RequestedRound, RoundRequest, request_round
from models.facts.suspensions import suspend_task
from models.queries.changes import read_standing, read_task_desk
from models.queries.compilation import compile_rollup

LEADS = ("bao", "tap-chi", "dai")
PLAN = replace(
    small_plan(), tasks=(task(1, "Tập huấn nghiệp vụ cho phóng viên", "bao", "tap-chi", coordinators=("hoi",)),)
)
ASKED = RoundRequest("ad_hoc", "Số lớp tập huấn đã mở", ("bao", "hoi"), date(2024, 10, 4))
LABEL = "DX-20241001-1"


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """One task on Tuesday 1/10, its round of 2024 open and told of."""
    world = await make_world(engine, registry=small_registry(LEADS), draft=PLAN)
    await world.clock("2024-10-01 08:00")
    await world.step_task(1)
    await world.step_round(name="open_round")
    return world


async def ask(world: World, ordinal: int = 1, **changes: Any) -> RequestedRound:
    asked = replace(ASKED, **changes)
    return await request_round(world.engine, await world.actor("so-tong-hop"), world.plan, ordinal, asked)


async def round_of(world: World, label: str = LABEL) -> Any:
    (row,) = await world.rows("SELECT * FROM round WHERE label = :label", label=label)
    return row


async def owing(world: World, label: str = LABEL) -> list[Any]:
    return await world.rows(
        """SELECT o.*, u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id
           WHERE r.label = :label ORDER BY u.slug""",
        label=label,
    )


async def settle(world: World, unit: str, label: str = LABEL) -> None:
    obligation = await world.obligation(unit, 1, label)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), obligation, REPORT)
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)


async def test_a_round_is_opened_at_once(world: World) -> None:
    made = await ask(world)
    workflow = f"thu/plan/ke-hoach/task/1/round/{LABEL}"
    assert made == RequestedRound(LABEL, at("2024-10-05 00:00"), [workflow])
    row = await round_of(world)
    assert (row["kind"], row["title"], row["opened_at"]) == ("ad_hoc", ASKED.title, at("2024-10-01 08:00"))
    assert (row["period_from"], row["period_to"], row["cutoff"]) == (
        date(2023, 12, 15), date(2024, 10, 3), date(2024, 10, 3),
    )  # fmt: skip
    assert row["due_text"] == "đến hết ngày 04/10/2024"
    assert [(o["slug"], o["due_rule"], o["opened"]) for o in await owing(world)] == [
        ("bao", "by:2024-10-04", False), ("hoi", "by:2024-10-04", False),
    ]  # fmt: skip
    assert await world.value("SELECT process FROM wake WHERE workflow = :id AND bell = 1", id=workflow) == "round"
    since = await world.value("SELECT max(id) FROM notice")
    step = await world.step_round(1, LABEL, "open_round")
    assert step.open_count == 2
    rows = await world.rows(
        "SELECT n.kind, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id WHERE n.id > :since ORDER BY 1, 2",
        since=since,
    )
    assert [tuple(row.values()) for row in rows] == [("opened", "bao"), ("opened", "hoi")]


async def test_an_hour_and_own_days(world: World) -> None:
    made = await ask(
        world, kind="thematic", due=date(2024, 10, 2), hour=time(16), cutoff=date(2024, 9, 30),
        period_from=date(2024, 7, 1), period_to=date(2024, 9, 30), units=("tap-chi",),
    )  # fmt: skip
    assert (made.label, made.late_at) == ("CD-20241001-1", at("2024-10-02 16:00"))
    row = await round_of(world, made.label)
    assert (row["period_from"], row["period_to"], row["cutoff"], row["due_text"]) == (
        date(2024, 7, 1), date(2024, 9, 30), date(2024, 9, 30), "trước 16 giờ 00 ngày 02/10/2024",
    )  # fmt: skip


async def test_the_common_report_takes_any_unit_that_reports(world: World) -> None:
    made = await ask(world, 0, units=("hoi", "dai", "ubnd", "hoi"))
    assert [o["slug"] for o in await owing(world, made.label)] == ["dai", "hoi", "ubnd"]


async def test_each_has_its_number_on_its_day(world: World) -> None:
    labels = [(await ask(world)).label, (await ask(world)).label, (await ask(world, kind="thematic")).label]
    await world.clock("2024-10-02 08:00")
    labels += [(await ask(world)).label, (await ask(world, 0)).label]
    assert labels == ["DX-20241001-1", "DX-20241001-2", "CD-20241001-1", "DX-20241002-1", "DX-20241002-1"]


async def test_the_ladder_is_climbed_and_what_has_passed_is_left_out(world: World) -> None:
    await ask(world)
    await world.step_round(1, LABEL, "open_round")
    for day in ("2024-10-03", "2024-10-04", "2024-10-07"):
        await world.clock(f"{day} 08:00")
        await world.step_round(1, LABEL)
    rungs = await world.rows(
        """SELECT DISTINCT n.rung, n.raised_at FROM notice n JOIN round r ON r.id = n.round_id AND r.label = :label
           ORDER BY n.raised_at""",
        label=LABEL,
    )
    assert [row["rung"] for row in rungs] == ["opened", "before-1", "due", "overdue-1"]


async def test_the_tasks_own_rounds_go_on_and_it_ends_after_both(world: World) -> None:
    before = await round_of(world, "2024")
    await ask(world)
    assert await round_of(world, "2024") == before
    assert (await world.step_task(1)).start == ()
    for label, units in ((LABEL, ("bao", "hoi")), ("2024", ("bao", "tap-chi"))):
        for unit in units:
            await settle(world, unit, label)
        await world.step_round(1, label, "take_in")
    assert (await world.step_round(1, "2024", "close_round")).closed
    policy = Policy()
    for year in range(policy.first_year + 1, policy.last_year + 1):
        await world.clock(f"{year}-11-01 08:00")
        await world.step_task(1)
        for unit in ("bao", "tap-chi"):
            await settle(world, unit, str(year))
        await world.step_round(1, str(year), "take_in")
        await world.step_round(1, str(year), "close_round")
    assert not (await world.step_task(1, "close_task")).closed
    assert (await world.step_round(1, LABEL, "close_round")).closed
    assert (await world.step_task(1, "close_task")).closed


async def test_it_is_compiled_with_its_period(world: World) -> None:
    await ask(world)
    await settle(world, "hoi", LABEL)
    await world.clock("2024-12-12 09:00")
    rollup = await world.value("SELECT id FROM rollup WHERE period = '2024' AND supplement = 0")
    async with world.engine.connect() as books:
        document = (await compile_rollup(books, rollup, at("2024-12-12 09:00"))).document
    (found,) = [each for each in document.tasks if each.ordinal == 1]
    assert [source.unit_name for source in found.sources] == ["Hội", "Đơn vị bao", "Đơn vị bao", "Đơn vị tap-chi"]
    names = {(source.unit_name, source.round_name) for source in found.sources}
    assert names == {
        ("Hội", ASKED.title), ("Đơn vị bao", ASKED.title), ("Đơn vị bao", "năm 2024"), ("Đơn vị tap-chi", "năm 2024"),
    }  # fmt: skip
    assert document.obligation_counts.done_on_time == 1
    assert document.obligation_counts.open_overdue == 3


async def test_an_amendment_leaves_it_alone(world: World) -> None:
    await ask(world)
    before = await round_of(world), await owing(world)
    await amended(world, retimed(PLAN, 1, "Trước ngày 20/12/2024"))
    assert (await round_of(world), await owing(world)) == before


async def test_pages_know_what_was_asked(world: World) -> None:
    await ask(world)
    async with world.engine.connect() as books:
        standing = await read_standing(books, await world.obligation("hoi", 1, LABEL))
        desk = await read_task_desk(books, world.realm, world.plan, 1, at("2024-10-05 08:00"))
    assert (standing.kind, standing.title, standing.hand_back) == ("ad_hoc", ASKED.title, "")
    assert [(r.label, r.kind, r.counts.open_overdue) for r in desk.rounds] == [
        (LABEL, "ad_hoc", 2), ("2024", "periodic", 0),
    ]  # fmt: skip


async def test_refusals_change_nothing(world: World) -> None:
    for changes, code in (
        ({"kind": "periodic"}, "kind-unknown"),
        ({"title": " "}, "title-missing"),
        ({"units": ()}, "units-missing"),
        ({"due": date(2024, 9, 30)}, "due-not-ahead"),
        ({"due": date(2024, 10, 1), "hour": time(8)}, "due-not-ahead"),
        ({"due": date(9999, 12, 31)}, "due-beyond-plan"),
        ({"cutoff": date(2024, 10, 5)}, "cutoff-after-due"),
        ({"cutoff": date(1, 1, 1)}, "period-too-far"),
        ({"period_to": date(9999, 12, 31)}, "period-too-far"),
        ({"period_from": date(2024, 10, 4)}, "period-reversed"),
        ({"units": ("bao", "dai")}, "unit-without-part"),
        ({"units": ("bao", "bo")}, "unit-superior"),
    ):  # fmt: skip
        async with refused(world, code):
            await ask(world, **changes)
    async with refused(world, "unit-unknown", NotFound):
        await ask(world, units=("bao", "khong-co"))
    async with refused(world, "task-unknown", NotFound):
        await ask(world, 9)
    await world.run("UPDATE unit SET valid_to = '2024-09-30' WHERE slug = 'hoi'")
    async with refused(world, "unit-not-in-force"):
        await ask(world)
    await suspend_task(world.engine, await world.actor("so-tong-hop"), world.plan, 1, "Chờ kinh phí")
    async with refused(world, "task-suspended"):
        await ask(world, units=("bao",))
    for sql, code in (
        ("UPDATE task SET closed_at = now() WHERE ordinal = 0", "task-closed"),
        ("UPDATE task SET withdrawn_at = now() WHERE ordinal = 0", "task-withdrawn"),
        ("UPDATE plan SET status = 'closed'", "plan-not-active"),
    ):
        await world.run(sql)
        async with refused(world, code):
            await ask(world, 0)
