"""What a period's report must not lose: milestones, reports accepted before the signature, recipients without a way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from activities.documents import Documents
from domain.contracts import StepRequest, StepResult
from domain.ids import dispatch_id, rollup_id
from domain.levels import rollups_of
from domain.policy import Policy
from domain.reporting import RollupDocument, from_json
from domain.rounds import rounds_of
from domain.timing import parse_timing
from domain.workdays import WorkCalendar, last_day_of, local_date
from models.facts.decisions import decide_report
from models.facts.reports import submit_report
from models.facts.rollups import sign_rollup, unlock_rollup
from models.queries.plans import read_progress
from models.steps.dispatch import step_dispatch
from models.steps.rollups import step_rollup, store_artefacts

CALENDAR = WorkCalendar(frozenset(), frozenset(), "by hand")


async def request(world: World, name: str, period: str = "2024") -> StepRequest:
    key = int(await world.value("SELECT id FROM rollup WHERE period = :p AND supplement = 0", p=period))
    return world.request(rollup_id(world.realm, world.plan, period), key, name)


async def step(world: World, name: str = "compile") -> StepResult:
    return await step_rollup(world.engine, await request(world, name))


async def frozen(world: World) -> RollupDocument:
    return from_json(
        await world.value(
            """SELECT frozen FROM rollup_version v JOIN rollup r ON r.id = v.rollup_id AND r.version = v.version
               WHERE r.period = '2024' AND r.supplement = 0"""
        )
    )


async def sign(world: World) -> None:
    sha256 = await world.value(
        """SELECT sha256 FROM rollup_version v JOIN rollup r ON r.id = v.rollup_id AND r.version = v.version
           WHERE r.period = '2024' AND r.supplement = 0"""
    )
    signer = await world.actor("so-giam-doc")
    await sign_rollup(world.engine, signer, world.plan, "2024", 0, sha256, "12")


async def report_and_accept(world: World, unit: str, label: str = "2024") -> None:
    obligation = await world.obligation(unit, label=label)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), obligation, REPORT)
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)


async def supplements(world: World) -> list[int]:
    return [r["supplement"] for r in await world.rows("SELECT supplement FROM rollup WHERE supplement > 0 ORDER BY 1")]


async def open_year(engine: AsyncEngine) -> World:
    world = await make_world(engine)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-11-28 08:00")
    for unit in ("bao", "tap-chi"):
        await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), await world.obligation(unit), REPORT)
    return world


async def test_a_report_accepted_between_compiling_and_signing_is_in_a_supplement(engine: AsyncEngine) -> None:
    world = await open_year(engine)
    await world.clock("2024-12-11 08:00")
    await step(world)
    coordinator = await world.actor("so-tong-hop")
    await decide_report(engine, coordinator, await world.obligation("bao"), 1, True)
    await world.step_round(name="take_in")
    assert await supplements(world) == []
    await sign(world)
    await step(world, "wait_for_signature")
    assert await supplements(world) == [1]
    await step(world, "wait_for_signature")
    assert await supplements(world) == [1], "one gathers them all"


async def test_nothing_missed_asks_for_no_supplement(engine: AsyncEngine) -> None:
    world = await open_year(engine)
    await decide_report(engine, await world.actor("so-tong-hop"), await world.obligation("bao"), 1, True)
    await world.step_round(name="take_in")
    await world.clock("2024-12-11 08:00")
    await step(world)
    await sign(world)
    await step(world, "wait_for_signature")
    assert await supplements(world) == []


async def test_a_milestone_is_part_of_its_years_report(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan(("trước ngày 30/6/2024",)))
    await world.clock("2024-06-20 08:00")
    await world.step_task()
    await world.step_round(label="2024-06-30", name="open_round")
    await report_and_accept(world, "bao", "2024-06-30")
    await world.clock("2024-12-11 08:00")
    await step(world)
    document = await frozen(world)
    assert [task.ordinal for task in document.tasks] == [1]
    assert (document.obligation_counts.done_on_time, document.obligation_counts.open_overdue) == (1, 1)
    async with engine.connect() as books:
        seen = await read_progress(books, world.realm, world.plan, at("2024-12-11 08:00"), "2024")
    assert seen.obligation_counts == document.obligation_counts, "the screen says the same"


async def test_a_late_milestone_makes_a_supplement_of_its_years_report(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan(("trước ngày 30/11/2024",)))
    await world.clock("2024-11-20 08:00")
    await world.step_task()
    await world.step_round(label="2024-11-30", name="open_round")
    await submit_report(engine, await world.actor("bao-can-bo"), await world.obligation("bao", 1, "2024-11-30"), REPORT)
    await world.clock("2024-12-11 08:00")
    await step(world)
    await sign(world)
    coordinator = await world.actor("so-tong-hop")
    await decide_report(engine, coordinator, await world.obligation("bao", 1, "2024-11-30"), 1, True)
    await world.step_round(label="2024-11-30", name="take_in")
    assert await supplements(world) == [1]


@pytest.mark.parametrize(
    ("words", "year"),
    [("trước ngày 30/6/2024", 2024), ("trước ngày 15/12/2024", 2024), ("trước ngày 16/12/2024", 2025),
     ("trước ngày 01/01/2025", 2025)],
)  # fmt: skip
def test_a_milestone_belongs_to_the_reporting_year_of_its_last_day(words: str, year: int) -> None:
    (found,) = rounds_of(parse_timing(words).rules, "11-30", Policy(), CALENDAR, at("2024-01-15 08:00"))
    assert found.period_to == date(year, 12, 14)


def test_a_lead_agency_that_reports_in_january_reports_on_the_year_before() -> None:
    found = rollups_of("12-20", "01-10", Policy(), CALENDAR)[0]
    assert found.label == "2024"
    assert found.period_to == date(2024, 12, 14)
    assert last_day_of(found.due.strict) == date(2025, 1, 9)
    assert local_date(found.opens_at) > date(2024, 12, 20)


async def test_a_rollup_unlocked_before_it_is_rendered_is_compiled_anew(engine: AsyncEngine) -> None:
    world = await open_year(engine)
    await world.clock("2024-12-11 08:00")
    await step(world)
    await sign(world)
    assert (await step(world, "wait_for_signature")).next_step == "render"
    await unlock_rollup(engine, await world.actor("so-giam-doc"), world.plan, "2024", 0, "sai số liệu")
    took = await Documents(engine).render(await request(world, "render"))
    assert took.next_step == "wait_for_signature"
    assert await world.value("SELECT version FROM rollup WHERE period = '2024'") == 2


async def test_a_rollup_that_reaches_nobody_is_not_said_to_be_sent_and_does_not_stand_still(
    engine: AsyncEngine,
) -> None:
    registry = small_registry()
    people = tuple(replace(p, channels=()) if "recipient" in p.roles else p for p in registry.people)
    world = await make_world(engine, registry=replace(registry, people=people))
    await world.clock("2024-12-11 08:00")
    await step(world)
    await sign(world)
    await store_artefacts(engine, await request(world, "render"), 1, [("a.pdf", "application/pdf", b"x")], "test")
    waits = await step(world, "send_rollup")
    assert waits.next_step == "wait_for_sending"
    assert waits.wait.until is not None, "no delivery will ever ring"
    await world.clock("2024-12-11 09:30")
    await step_dispatch(engine, world.request(dispatch_id(world.realm), 0, "gather"))
    told = await step(world, "send_rollup")
    assert told.next_step == "wait_for_acknowledgement"
    rows = await world.rows("SELECT rung, subject FROM notice WHERE subject LIKE 'rollup/%' AND role = 'coordinator'")
    assert [r["rung"] for r in rows] == ["unreachable", "unreachable"]
    await world.clock("2024-12-11 10:00")
    await step_dispatch(engine, world.request(dispatch_id(world.realm), 0, "gather"))
    content = await world.value(
        """SELECT d.content FROM delivery d JOIN person p ON p.id = d.person_id WHERE p.slug = 'so-tong-hop'
           ORDER BY d.id DESC LIMIT 1"""
    )
    items = [i for i in content["items"] if i["kind"] == "unreachable" and i["reference"].endswith("rollup/2024")]
    assert {i["unit_name"] for i in items} == {"Bộ", "UBND tỉnh"}
