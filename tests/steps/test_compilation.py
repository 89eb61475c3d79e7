"""What a compiled document calls its owners and its period, after tasks changed hands and under any regime."""

from __future__ import annotations

from dataclasses import replace

import pytest
from amendments import amended, led_by, task, unit, without
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from domain.ids import rollup_id
from domain.plan import OwnerRef, PlanDraft, ReportingDraft
from domain.policy import Policy
from domain.reporting import RollupDocument, TaskProgress
from models.facts.reports import submit_report
from models.facts.rollups import sign_rollup
from models.facts.suspensions import suspend_task
from models.facts.transfers import reassign
from models.queries.compilation import compile_rollup
from models.queries.enclosures import read_enclosures
from models.queries.rollups import read_rollup
from models.steps.rollups import step_rollup

LEADS = ("bao", "tap-chi", "dai")
VAGUE = "Các đơn vị có liên quan"
PLAN = replace(
    small_plan(),
    tasks=(
        replace(
            task(1, "Tập huấn nghiệp vụ", "bao", coordinators=("hoi", "dai")),
            leads=(OwnerRef("Báo của tỉnh", unit="bao"), *unit("tap-chi")),
        ),
        task(2, "Rà soát loa", "dai"),
    ),
)
PLAN = replace(
    PLAN, tasks=(replace(PLAN.tasks[0], coordinators=(*PLAN.tasks[0].coordinators, OwnerRef(VAGUE))), PLAN.tasks[1])
)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """Two tasks in October with the rounds of 2024 open."""
    world = await make_world(engine, registry=small_registry(LEADS), draft=PLAN)
    await world.clock("2024-10-01 08:00")
    for ordinal in (1, 2):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    return world


async def give(world: World, old: str, new: str, ordinal: int = 1) -> None:
    await reassign(world.engine, await world.actor("so-tong-hop"), world.plan, ordinal, old, new, "Giao nhầm")


async def compiled(world: World, period: str = "2024") -> RollupDocument:
    key = int(await world.value("SELECT id FROM rollup WHERE period = :p AND supplement = 0", p=period))
    async with world.engine.connect() as books:
        return (await compile_rollup(books, key, at("2024-12-11 08:00"))).document


async def first(world: World) -> TaskProgress:
    return next(each for each in (await compiled(world)).tasks if each.ordinal == 1)


async def test_owners_are_called_as_the_plan_calls_them(world: World) -> None:
    found = await first(world)
    assert found.lead_names == ("Báo của tỉnh", "tap-chi")
    assert found.coordinating_names == ("hoi", "dai", VAGUE)


async def test_a_unit_that_was_given_the_task_stands_in_the_place_of_the_former_one(world: World) -> None:
    await give(world, "bao", "dai")
    found = await first(world)
    assert found.lead_names == ("tap-chi", "Đơn vị dai")
    assert found.coordinating_names == ("hoi", VAGUE), "who leads no longer coordinates"
    assert {source.unit_name for source in found.sources} == {"Đơn vị dai", "Đơn vị tap-chi"}


async def test_a_unit_that_has_the_task_again_is_called_as_in_the_plan(world: World) -> None:
    await give(world, "bao", "dai")
    await give(world, "dai", "bao")
    assert (await first(world)).lead_names == ("Báo của tỉnh", "tap-chi")


async def test_a_group_keeps_its_words_while_one_of_its_members_leads(engine: AsyncEngine) -> None:
    world = await make_world(engine, registry=small_registry(LEADS))
    await world.clock("2024-10-01 08:00")
    await world.step_task(1)
    (words,) = {row["text"] for row in await world.rows(
        """SELECT o.text FROM task_owner o JOIN task t ON t.id = o.task_id
           WHERE t.ordinal = 1 AND o.role = 'lead'"""
    )}  # fmt: skip
    await give(world, "bao", "so")
    assert (await first(world)).lead_names == (words, "Sở TT")


async def test_a_task_that_left_the_document_names_who_had_it_at_its_end(world: World) -> None:
    await give(world, "bao", "dai")
    await submit_report(world.engine, await world.actor("dai-can-bo"), await world.obligation("dai"), REPORT)
    await amended(world, without(PLAN, 1))
    found = await first(world)
    assert found.lead_names == ("tap-chi", "Đơn vị dai") and found.coordinating_names == ("hoi",)


async def test_a_lead_that_an_amendment_gives_a_resting_task_rests_with_it(world: World) -> None:
    await suspend_task(world.engine, await world.actor("so-tong-hop"), world.plan, 2, "Chờ kinh phí")
    await world.clock("2024-10-15 08:00")
    await amended(world, led_by(PLAN, 2, "dai", "bao"))
    rests = await world.rows(
        """SELECT u.slug, o.suspended_at FROM obligation o JOIN unit u ON u.id = o.unit_id
           JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id WHERE t.ordinal = 2 ORDER BY 1"""
    )
    assert [(row["slug"], row["suspended_at"]) for row in rests] == [
        ("bao", at("2024-10-01 08:00")), ("dai", at("2024-10-01 08:00")),
    ]  # fmt: skip


async def test_the_letter_of_a_quarter_says_so(engine: AsyncEngine) -> None:
    entries = (
        ReportingDraft("units", ("Sở TT",), None, "quarterly", "03-20,06-20,09-20,12-20"),
        ReportingDraft("lead", ("Bộ", "UBND tỉnh"), None, "quarterly", "03-27,06-27,09-27,12-27"),
    )
    draft: PlanDraft = replace(small_plan(), reporting=entries)
    world = await make_world(engine, draft=draft, policy=Policy(first_year=2024, last_year=2024))
    await world.clock("2024-06-24 08:00")
    key = int(await world.value("SELECT id FROM rollup WHERE period = '2024-Q2'"))
    await step_rollup(engine, world.request(rollup_id(world.realm, world.plan, "2024-Q2"), key, "compile"))
    async with engine.connect() as books:
        sha = (await read_rollup(books, world.realm, world.plan, "2024-Q2", 0)).sha256
    assert sha is not None
    await sign_rollup(engine, await world.actor("so-giam-doc"), world.plan, "2024-Q2", 0, sha, "15")
    async with engine.connect() as books:
        letter, _ = await read_enclosures(books, key, "Bộ")
    assert letter.period_label == (await compiled(world, "2024-Q2")).period_label == "quý II năm 2024"
