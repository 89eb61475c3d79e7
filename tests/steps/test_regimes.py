"""Regimes other than the yearly one, from the plan's words to its rounds and the rollups that compile them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from amendments import amended, led_by, retimed
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, at, make_world, small_plan, small_registry

from domain.contracts import StepResult
from domain.errors import Refusal
from domain.ids import rollup_id
from domain.plan import PlanDraft, ReportingDraft
from domain.policy import Policy
from domain.reporting import RollupDocument, from_json
from domain.workdays import local_date
from models.facts.decisions import decide_report, issue_guidance
from models.facts.reports import submit_report
from models.facts.rollups import sign_rollup
from models.queries.compilation import compile_rollup
from models.queries.rollups import read_rollup
from models.steps.rollups import step_rollup

YEAR = Policy(first_year=2024, last_year=2024)
QUARTERS = ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]


def with_regime(units: tuple[str, str], lead: tuple[str, str], timings: tuple[str, ...] = ("Hàng năm",)) -> PlanDraft:
    """The small plan under (rhythm, days) for the units and for the lead agency."""
    entries = (
        ReportingDraft("units", ("Sở TT",), None, *units),  # type: ignore[arg-type]
        ReportingDraft("lead", ("Bộ", "UBND tỉnh"), None, *lead),  # type: ignore[arg-type]
    )
    return replace(small_plan(timings), reporting=entries)


async def quarterly(engine: AsyncEngine, lead: tuple[str, str] = ("yearly", "12-31")) -> World:
    return await make_world(engine, draft=with_regime(("quarterly", "20"), lead), policy=YEAR)


async def report(world: World, unit: str, label: str, late: bool = False, ordinal: int = 1) -> int:
    """A unit reports and is accepted."""
    owed = await world.obligation(unit, ordinal, label)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), owed, LATE_REPORT if late else REPORT)
    await decide_report(world.engine, await world.actor("so-tong-hop"), owed, 1, True)
    return owed


async def labels(world: World, ordinal: int = 1) -> list[str]:
    rows = await world.rows(
        "SELECT label FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = :n ORDER BY r.id", n=ordinal
    )
    return [row["label"] for row in rows]


async def rollups(world: World) -> list[tuple[str, int]]:
    rows = await world.rows("SELECT period, supplement FROM rollup ORDER BY period, supplement")
    return [(row["period"], row["supplement"]) for row in rows]


async def step(world: World, period: str, name: str = "compile") -> StepResult:
    key = int(await world.value("SELECT id FROM rollup WHERE period = :p AND supplement = 0", p=period))
    return await step_rollup(world.engine, world.request(rollup_id(world.realm, world.plan, period), key, name))


async def document(world: World, period: str) -> RollupDocument:
    frozen = await world.value(
        """SELECT v.frozen FROM rollup_version v JOIN rollup r ON r.id = v.rollup_id
           WHERE r.period = :p AND r.supplement = 0 ORDER BY v.version DESC LIMIT 1""",
        p=period,
    )
    return from_json(bytes(frozen))


async def sign(world: World, period: str) -> None:
    async with world.engine.connect() as books:
        sha = (await read_rollup(books, world.realm, world.plan, period, 0)).sha256
    assert sha is not None
    await sign_rollup(world.engine, await world.actor("so-giam-doc"), world.plan, period, 0, sha, "15")


async def instants(world: World, unit: str, label: str, ordinal: int = 1) -> tuple[datetime, str, str]:
    """(late from, words, rule) of an obligation."""
    key = await world.obligation(unit, ordinal, label)
    (row,) = await world.rows("SELECT late_at, due_text, due_rule FROM obligation WHERE id = :id", id=key)
    return row["late_at"], row["due_text"], row["due_rule"]


# Quarters, and a year's rollup of all of them


async def test_four_quarters_are_opened_reported_and_compiled_in_one_yearly_rollup(engine: AsyncEngine) -> None:
    world = await quarterly(engine)
    assert await world.value("SELECT units_before FROM plan") == "quarterly 03-20,06-20,09-20,12-20"
    assert await rollups(world) == [("2024", 0)]
    openings = ("2024-02-27", "2024-05-29", "2024-08-27", "2024-11-28")
    for label, opening in zip(QUARTERS, openings, strict=True):
        await world.clock(f"{opening} 07:59")
        await world.step_task()
        assert label not in await labels(world)
        await world.clock(f"{opening} 08:00")
        assert f"Mở kỳ báo cáo {label}" in (await world.step_task(name="open_round")).did
        await world.step_round(label=label, name="open_round")
        await report(world, "bao", label)
    assert await labels(world) == QUARTERS
    await world.clock("2024-12-26 07:59")
    assert (await step(world, "2024", "wait")).next_step == "compile"
    await world.clock("2024-12-26 08:00")
    await step(world, "2024")
    found = await document(world, "2024")
    assert found.period_label == "năm 2024"
    assert found.due_text == "trước ngày 20 của tháng cuối mỗi quý"
    assert (found.period_from, found.period_to) == (date(2023, 12, 15), date(2024, 12, 14))
    assert found.obligation_counts.total == len(found.reporters) == 8, "two units, four quarters"
    assert (found.obligation_counts.done_on_time, found.obligation_counts.open_overdue) == (4, 4)
    quarters = [f"quý {each} năm 2024" for each in ("I", "II", "III", "IV")]
    assert [row.round_name for row in found.reporters] == quarters * 2, "each report of a unit is told from the others"
    assert [source.round_name for source in found.tasks[0].sources] == quarters * 2


async def test_a_quarters_obligation_knows_where_its_deadline_comes_from(engine: AsyncEngine) -> None:
    world = await quarterly(engine)
    await world.clock("2024-05-29 08:00")
    await world.step_task()
    # 20/6/2024 is a Thursday.
    assert await instants(world, "bao", "2024-Q2") == (
        at("2024-06-20 00:00"), "trước ngày 20/6/2024", "before:2024-06-20",
    )  # fmt: skip


async def test_a_lead_agency_that_reports_every_quarter_compiles_each_with_its_own(engine: AsyncEngine) -> None:
    world = await quarterly(engine, ("quarterly", "27"))
    assert await rollups(world) == [(label, 0) for label in QUARTERS]
    await world.clock("2024-05-29 08:00")
    await world.step_task()
    await world.step_round(label="2024-Q1", name="open_round")
    await world.step_round(label="2024-Q2", name="open_round")
    await report(world, "bao", "2024-Q1", late=True)
    await report(world, "bao", "2024-Q2")
    await world.clock("2024-06-24 08:00")
    for label in ("2024-Q1", "2024-Q2"):
        await step(world, label)
    q1, q2 = await document(world, "2024-Q1"), await document(world, "2024-Q2")
    assert (q1.period_label, q1.due_text) == ("quý I năm 2024", "trước ngày 20/3/2024")
    assert (q2.period_label, q2.due_text) == ("quý II năm 2024", "trước ngày 20/6/2024")
    assert (q1.obligation_counts.done_late, q1.obligation_counts.total) == (1, 2)
    assert {row.round_name for row in (*q1.reporters, *q2.reporters)} == {""}, "there is one of each task"
    assert (q2.obligation_counts.done_on_time, q2.obligation_counts.total) == (1, 2)


async def test_what_comes_late_makes_a_supplement_of_its_own_quarter_only(engine: AsyncEngine) -> None:
    world = await quarterly(engine, ("quarterly", "27"))
    await world.clock("2024-05-29 08:00")
    await world.step_task()
    for label in ("2024-Q1", "2024-Q2"):
        await world.step_round(label=label, name="open_round")
    await world.clock("2024-06-25 08:00")
    for label in ("2024-Q1", "2024-Q2"):
        await step(world, label)
        await sign(world, label)
    await report(world, "tap-chi", "2024-Q1", late=True)
    await world.step_round(label="2024-Q1", name="take_in")
    assert [each for each in await rollups(world) if each[1]] == [("2024-Q1", 1)]
    due = await world.value("SELECT due_text FROM rollup WHERE supplement = 1")
    assert due == "đến hết ngày 04/7/2024", "seven working days"


async def test_a_report_accepted_before_the_signature_is_missed_in_its_own_quarter(engine: AsyncEngine) -> None:
    world = await quarterly(engine, ("quarterly", "27"))
    await world.clock("2024-05-29 08:00")
    await world.step_task()
    for label in ("2024-Q1", "2024-Q2"):
        await world.step_round(label=label, name="open_round")
        await step(world, label) if label == "2024-Q1" else None
    await report(world, "bao", "2024-Q2")
    await sign(world, "2024-Q1")
    await step(world, "2024-Q1", "wait_for_signature")
    assert [each for each in await rollups(world) if each[1]] == [], "what came in belongs to the second quarter"
    await world.clock("2024-06-24 08:00")
    await step(world, "2024-Q2")
    await report(world, "tap-chi", "2024-Q2", late=True)
    await sign(world, "2024-Q2")
    await step(world, "2024-Q2", "wait_for_signature")
    assert [each for each in await rollups(world) if each[1]] == [("2024-Q2", 1)]


# Weeks, with an hour


async def test_weeks_are_opened_reported_and_compiled_in_one_yearly_rollup(engine: AsyncEngine) -> None:
    draft = with_regime(("weekly", "5T16:00"), ("yearly", "12-25"))
    world = await make_world(engine, "2024-11-18 08:00", draft=draft, policy=YEAR)
    weeks = ["2024-W47", "2024-W48", "2024-W49", "2024-W50"]
    for label, opening in zip(weeks, ("2024-11-19", "2024-11-26", "2024-12-03", "2024-12-10"), strict=True):
        await world.clock(f"{opening} 08:00")
        assert f"Mở kỳ báo cáo {label}" in (await world.step_task(name="open_round")).did
        await world.step_round(label=label, name="open_round")
        await report(world, "bao", label)
    assert await instants(world, "tap-chi", "2024-W50") == (
        at("2024-12-13 16:00"), "trước 16 giờ 00 ngày 13/12/2024", "before:2024-12-13T16:00",
    )  # fmt: skip
    await world.clock("2024-12-13 15:59")
    await submit_report(
        engine, await world.actor("tap-chi-can-bo"), await world.obligation("tap-chi", 1, weeks[3]), REPORT
    )
    await world.clock("2024-12-13 16:00")
    await world.step_task()
    assert await labels(world) == weeks, "the week that is cut off on 19/12 is of the next year"
    await world.clock("2024-12-20 08:00")
    await step(world, "2024")
    found = await document(world, "2024")
    assert found.due_text == "trước 16 giờ 00 ngày thứ Sáu hằng tuần"
    assert found.obligation_counts.total == 8
    assert (found.obligation_counts.done_on_time, found.obligation_counts.open_in_term) == (4, 1)
    assert found.obligation_counts.open_overdue == 3


async def test_a_week_is_late_from_its_hour_on(engine: AsyncEngine) -> None:
    draft = with_regime(("weekly", "5T16:00"), ("yearly", "12-25"))
    world = await make_world(engine, "2024-12-02 08:00", draft=draft, policy=YEAR)
    await world.clock("2024-12-03 08:00")
    await world.step_task()
    await world.step_round(label="2024-W49", name="open_round")
    owed = await world.obligation("bao", 1, "2024-W49")
    for clock, state in (("2024-12-06 15:59:59", "open_in_term"), ("2024-12-06 16:00", "open_overdue")):
        found = await world.value(
            "SELECT obligation_state(o, :at) FROM obligation o WHERE id = :id", at=at(clock), id=owed
        )
        assert found == state


# A task's own days, and terms


async def test_a_task_with_a_day_of_its_own_reports_by_it_and_is_in_the_yearly_rollup(engine: AsyncEngine) -> None:
    draft = with_regime(("yearly", "11-30"), ("yearly", "12-31"), ("trước ngày 18 hằng tháng", "Hằng tháng"))
    world = await make_world(engine, "2024-10-01 08:00", draft=draft, policy=YEAR)
    await world.clock("2024-12-05 08:00")
    for ordinal in (1, 2):
        await world.step_task(ordinal)
    assert await labels(world, 1) == ["2024-10", "2024-11", "2024-12"]
    assert await labels(world, 2) == ["2024"], "how often the work is done is not when to report"
    await world.clock("2024-12-27 08:00")
    await step(world, "2024")
    assert (await document(world, "2024")).obligation_counts.total == 8


async def test_a_term_runs_from_the_day_of_the_guidance(engine: AsyncEngine) -> None:
    words = "10 ngày làm việc kể từ ngày có hướng dẫn của Bộ"
    world = await make_world(engine, "2024-11-01 08:00", draft=small_plan((words,)), policy=YEAR)
    assert (await world.step_task()).next_step in ("wait_for_guidance", "acknowledge")
    await world.clock("2024-11-18 09:00")
    await issue_guidance(engine, await world.actor("so-tong-hop"), world.plan, 1, "5/HD", date(2024, 11, 15))
    await world.step_task()
    assert await labels(world) == ["2024-11-29"]
    assert await instants(world, "bao", "2024-11-29") == (
        at("2024-11-30 00:00"), "đến hết ngày 29/11/2024", "by:2024-11-29",
    )  # fmt: skip


async def test_a_term_that_had_run_out_leaves_some_days_and_an_amendment_does_not_take_them(
    engine: AsyncEngine,
) -> None:
    words = "10 ngày làm việc kể từ ngày có hướng dẫn của Bộ"
    draft = small_plan((words,))
    world = await make_world(engine, "2024-11-01 08:00", draft=draft)
    await world.step_task()
    await world.clock("2024-12-02 09:00")
    await issue_guidance(engine, await world.actor("so-tong-hop"), world.plan, 1, "5/HD", date(2024, 11, 1))
    await world.step_task()
    given = (at("2024-12-10 00:00"), "đến hết ngày 09/12/2024", "by:2024-12-09")
    assert await labels(world) == ["2024-11-15"]
    assert await instants(world, "bao", "2024-11-15") == given
    moved = replace(draft.reporting[0], before="12-01")
    await amended(world, replace(draft, reporting=(moved, draft.reporting[1])))
    assert await instants(world, "bao", "2024-11-15") == given


# Amendments


async def test_a_lead_that_is_given_an_open_round_has_time_for_it(engine: AsyncEngine) -> None:
    draft = small_plan(leads="unit:bao")
    world = await make_world(engine, registry=small_registry(("bao", "tap-chi")), draft=draft)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-11-28 08:00")
    await amended(world, led_by(draft, 1, "bao", "tap-chi"))
    assert await instants(world, "tap-chi", "2024") == (
        at("2024-12-06 00:00"), "đến hết ngày 05/12/2024", "by:2024-12-05",
    )  # fmt: skip
    assert (await instants(world, "bao", "2024"))[2] == "before:2024-11-30", "who had it all along keeps the day"
    # A later change of the regime does not take back what was given.
    earlier = replace(draft.reporting[0], before="12-01")
    await amended(world, replace(led_by(draft, 1, "bao", "tap-chi"), reporting=(earlier, draft.reporting[1])))
    assert (await instants(world, "tap-chi", "2024"))[2] == "by:2024-12-05"
    assert (await instants(world, "bao", "2024"))[2] == "before:2024-12-01"


async def test_a_lead_that_is_given_a_round_in_good_time_has_the_day_of_all(engine: AsyncEngine) -> None:
    draft = small_plan(leads="unit:bao")
    world = await make_world(engine, registry=small_registry(("bao", "tap-chi")), draft=draft)
    await world.clock("2024-10-01 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await amended(world, led_by(draft, 1, "bao", "tap-chi"))
    assert await instants(world, "tap-chi", "2024") == await instants(world, "bao", "2024")


async def test_a_regime_that_becomes_quarterly_ends_the_years_round_and_opens_quarters(engine: AsyncEngine) -> None:
    draft = small_plan()
    world = await make_world(engine, draft=draft)
    await world.clock("2024-10-01 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    units = ReportingDraft("units", ("Sở TT",), None, "quarterly", "20")
    lead = replace(draft.reporting[1], before="12-31")
    await amended(world, replace(draft, reporting=(units, lead)))
    withdrawn = await world.value("SELECT count(*) FROM obligation WHERE withdrawn_at IS NOT NULL")
    assert withdrawn == 2
    await world.clock("2024-11-28 08:00")
    await world.step_task()
    assert await labels(world) == ["2024", "2024-Q4"], "the quarters before were never owed"


async def test_a_running_plan_does_not_change_how_often_its_lead_agency_reports(engine: AsyncEngine) -> None:
    draft = small_plan()
    world = await make_world(engine, draft=draft)
    lead = ReportingDraft("lead", ("Bộ", "UBND tỉnh"), None, "half_yearly", "06-30,12-31")
    with pytest.raises(Refusal, match="rollup-rhythm-changed"):
        await amended(world, replace(draft, reporting=(draft.reporting[0], lead)))
    assert await world.value("SELECT lead_before FROM plan") == "12-15"


async def test_a_plan_whose_regime_is_not_whole_cannot_be_activated(engine: AsyncEngine) -> None:
    draft = with_regime(("half_yearly", "06-15"), ("yearly", "12-31"))
    with pytest.raises(Refusal, match="regime-invalid"):
        await make_world(engine, draft=draft)


async def test_a_task_may_get_a_day_of_its_own(engine: AsyncEngine) -> None:
    draft = small_plan()
    world = await make_world(engine, "2024-09-01 08:00", draft=draft)
    await world.clock("2024-10-01 08:00")
    await world.step_task()
    await amended(world, retimed(draft, 1, "trước ngày 18 hằng tháng"))
    await world.clock("2024-10-07 08:00")
    await world.step_task()
    assert await labels(world) == ["2024", "2024-10"]


async def test_the_compilation_of_a_period_reads_only(engine: AsyncEngine) -> None:
    world = await quarterly(engine)
    key = int(await world.value("SELECT id FROM rollup"))
    async with engine.connect() as books:
        found = await compile_rollup(books, key, at("2024-12-26 08:00"))
    assert found.document.obligation_counts.total == 0
    assert local_date(found.document.compiled_at) == date(2024, 12, 26)
