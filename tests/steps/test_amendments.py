"""What the approval of an amendment does to the books, and what the next steps make of it; taken by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from amendments import amended, led_by, propose, retimed, task, unit, without
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, make_world, small_plan, small_registry

from domain.contracts import StepResult
from domain.errors import Conflict, NotFound, Refusal
from domain.ids import dispatch_id, plan_id, task_id
from domain.plan import Finding, ReportingDraft, Severity
from domain.policy import Policy
from models.facts.amendments import approve_amendment, change_amendment, discard_amendment
from models.facts.decisions import ask_extension, decide_extension, decide_report
from models.facts.reports import acknowledge, submit_report
from models.queries.amendments import list_amendments, read_amendment
from models.queries.obligations import Wanted, list_obligations, read_obligation
from models.queries.plans import read_plan, read_progress
from models.queries.timeline import timeline
from models.steps.dispatch import step_dispatch
from models.steps.plans import step_plan
from models.steps.tasks import step_task

LEADS = ("bao", "tap-chi", "dai")
TITLES = (
    "Tập huấn nghiệp vụ cho phóng viên",
    "Rà soát hệ thống loa truyền thanh cơ sở",
    "Xây dựng cổng thông tin đối ngoại",
)
QUIET = Policy(acknowledge_ladder=())
"""Nobody is asked to acknowledge here: what amendments do is what is looked at."""
PLAN = replace(
    small_plan(),
    tasks=(
        task(1, TITLES[0], "bao", "tap-chi", coordinators=("hoi",)),
        task(2, TITLES[1], "dai", coordinators=("hoi",)),
        task(3, TITLES[2], "bao", timing="Trước ngày 30/11/2024"),
    ),
)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """Three tasks, all rounds of 2024 open and told of, in October."""
    world = await make_world(engine, registry=small_registry(LEADS), policy=QUIET, draft=PLAN)
    await world.clock("2024-10-01 08:00")
    for ordinal in range(4):
        await world.step_task(ordinal)
        await world.step_round(ordinal, "2024-11-30" if ordinal == 3 else "2024", name="open_round")
    await step_of_plan(world)
    return world


async def step_of_plan(world: World) -> StepResult:
    workflow, key = plan_id(world.realm, world.plan), await world.value("SELECT id FROM plan")
    return await step_plan(world.engine, world.request(workflow, key, "ensure"))


async def report(world: World, unit: str, ordinal: int = 1, label: str = "2024") -> int:
    obligation = await world.obligation(unit, ordinal, label)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), obligation, REPORT)
    return obligation


async def accept(world: World, obligation: int) -> None:
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)


async def live(world: World, ordinal: int) -> list[str]:
    """The units that owe something on a task."""
    rows = await world.rows(
        """SELECT u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id
           JOIN task t ON t.id = r.task_id WHERE t.ordinal = :n AND o.withdrawn_at IS NULL ORDER BY 1""",
        n=ordinal,
    )
    return [row["slug"] for row in rows]


async def new_notices(world: World, since: int) -> list[tuple[str, str]]:
    """(kind, unit) of what was raised since."""
    rows = await world.rows(
        "SELECT n.kind, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id WHERE n.id > :since ORDER BY 1, 2",
        since=since,
    )
    return [(row["kind"], row["slug"]) for row in rows]


async def last_notice(world: World) -> int:
    return int(await world.value("SELECT max(id) FROM notice"))


async def totals(world: World) -> tuple[int, int]:
    """(obligations counted, tasks counted)."""
    async with world.engine.connect() as books:
        found = await read_progress(books, world.realm, world.plan, await now(world))
        listed = await list_obligations(books, Wanted(world.realm), await now(world))
    assert found.obligation_counts == listed.counts
    return found.obligation_counts.total, found.task_counts.total


async def now(world: World) -> Any:
    return await world.value("SELECT now FROM realm")


async def due(world: World, unit: str, ordinal: int, label: str = "2024") -> tuple[date, int, int]:
    """(last day in time, epoch, raised)."""
    (row,) = await world.rows(
        "SELECT late_at, epoch, raised FROM obligation WHERE id = :id", id=await world.obligation(unit, ordinal, label)
    )
    return row["late_at"].date(), row["epoch"], row["raised"]


# --- the document waits ----------------------------------------------------------------------------------------------


async def test_a_document_for_a_running_plan_waits_and_changes_nothing(world: World) -> None:
    before = await world.rows("SELECT * FROM task ORDER BY id")
    first = await propose(world, without(PLAN, 2))
    second = await propose(world, without(PLAN, 1))
    assert (first.amendment, first.version, second.amendment, second.version) == (1, 1, 1, 2)
    assert await world.rows("SELECT * FROM task ORDER BY id") == before
    async with world.engine.connect() as books:
        view = await read_amendment(books, world.realm, world.plan)
    assert [t.before.title for t in view.difference.of_kind("dropped") if t.before] == [TITLES[0]]
    assert view.line.changed_by == "Người quan-tri"


async def test_versions_and_decisions_of_an_amendment(world: World) -> None:
    admin = await world.actor("quan-tri")
    await propose(world, without(PLAN, 2))
    version = await change_amendment(world.engine, admin, world.plan, 1, 1, without(PLAN, 3), "giữ nhiệm vụ 2")
    with pytest.raises(Conflict, match="draft-changed"):
        await approve_amendment(world.engine, admin, world.plan, 1, 1)
    with pytest.raises(NotFound, match="amendment-unknown"):
        await approve_amendment(world.engine, admin, world.plan, 2, 1)
    await approve_amendment(world.engine, admin, world.plan, 1, version)
    for again in (approve_amendment, discard_amendment):
        with pytest.raises(Conflict, match="amendment-decided"):
            await again(world.engine, admin, world.plan, 1, version)
    assert (await propose(world, PLAN)).amendment == 2
    await discard_amendment(world.engine, admin, world.plan, 2, 1)
    async with world.engine.connect() as books:
        lines = await list_amendments(books, world.realm, world.plan)
        told = [e.what for e in await timeline(books, world.realm, plan=world.plan) if e.source == "fact"]
        decided = await read_amendment(books, world.realm, world.plan, 1)
    assert [(line.number, line.status) for line in lines] == [(1, "approved"), (2, "discarded")]
    assert [t.before.title for t in decided.difference.of_kind("dropped") if t.before] == [TITLES[2]]
    assert told[-6:] == [
        "Sửa bản sửa đổi 1 của kế hoạch ke-hoach: giữ nhiệm vụ 2",
        "Nhiệm vụ 03 kỳ 2024-11-30: rút nghĩa vụ báo cáo theo bản sửa đổi 1",
        "Sửa đổi kế hoạch: rút Nhiệm vụ 03 (bản sửa đổi 1)",
        "Áp dụng bản sửa đổi 1 của kế hoạch ke-hoach: thêm 0, rút 1, sửa 0 nhiệm vụ",
        "Nhập văn bản sua-doi.docx thành bản sửa đổi 2 của kế hoạch ke-hoach",
        "Không áp dụng bản sửa đổi 2 của kế hoạch ke-hoach",
    ]


async def test_an_amendment_that_is_not_ready_or_not_of_this_plan_changes_nothing(world: World) -> None:
    admin = await world.actor("quan-tri")
    before = await world.rows("SELECT * FROM obligation ORDER BY id")
    blocked = replace(without(PLAN, 2), findings=(Finding("x", Severity.BLOCKING, "Phải sửa."),))
    nobody = led_by(PLAN, 1)
    for draft, code in ((blocked, "plan-not-ready"), (nobody, "plan-not-ready")):
        made = await propose(world, draft)
        with pytest.raises(Refusal, match=code):
            await approve_amendment(world.engine, admin, world.plan, 1, made.version)
    made = await propose(world, without(PLAN, 2))
    await world.run("UPDATE plan SET version = version + 1")
    with pytest.raises(Conflict, match="plan-changed"):
        await approve_amendment(world.engine, admin, world.plan, 1, made.version)
    assert await world.rows("SELECT * FROM obligation ORDER BY id") == before


async def test_two_who_approve_at_once_approve_once(world: World) -> None:
    await propose(world, without(PLAN, 2))
    admin = await world.actor("quan-tri")
    answers = await asyncio.gather(
        *(approve_amendment(world.engine, admin, world.plan, 1, 1) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(a).__name__ for a in answers) == ["Conflict", "Conflict", "list"]


# --- tasks come and go -----------------------------------------------------------------------------------------------


async def test_a_new_task_comes_under_the_next_free_number_and_owes_nothing_of_before(world: World) -> None:
    await world.clock("2025-02-03 08:00")
    new = task(2, "Đào tạo kỹ năng số cho biên tập viên", "dai")
    rows = (PLAN.tasks[0], new, *(replace(t, ordinal=t.ordinal + 1) for t in PLAN.tasks[1:]))
    rings = await amended(world, replace(PLAN, tasks=rows))
    assert rings == [plan_id(world.realm, world.plan)]
    found = await world.rows("SELECT ordinal, printed, title FROM task WHERE ordinal > 0 ORDER BY ordinal")
    assert [tuple(row.values()) for row in found] == [
        (1, None, TITLES[0]), (2, 3, TITLES[1]), (3, 4, TITLES[2]), (4, 2, "Đào tạo kỹ năng số cho biên tập viên"),
    ]  # fmt: skip
    ensured = await step_of_plan(world)
    assert f"{plan_id(world.realm, world.plan)}/task/4" in {order.workflow for order in ensured.start}
    assert "thêm 1, rút 0, sửa 2 nhiệm vụ" in ensured.did[-2]
    took = await world.step_task(4)
    assert took.start == () and took.next_summary == "Mở kỳ báo cáo 2025"
    async with world.engine.connect() as books:
        view = await read_plan(books, world.realm, world.plan)
    assert [(t.ordinal, t.printed) for t in view.tasks] == [(0, 0), (1, 1), (2, 3), (3, 4), (4, 2)]
    # The next amendment speaks of the numbers that this one printed.
    await amended(world, replace(PLAN, tasks=tuple(replace(t, ordinal=n) for n, t in enumerate(rows[1:], 1))))
    assert await world.value("SELECT ordinal FROM task WHERE withdrawn_at IS NOT NULL") == 1
    assert await world.value("SELECT printed FROM task WHERE ordinal = 4") == 1


async def test_a_dropped_task_ends_but_for_what_was_reported(world: World) -> None:
    waiting = await report(world, "bao")
    await world.step_round(name="take_in")
    since, before = await last_notice(world), await totals(world)
    rings = await amended(world, without(PLAN, 1))
    assert [ring.rpartition("ke-hoach")[2] for ring in rings] == ["/task/1/round/2024", "/task/1", ""]
    assert await live(world, 1) == ["bao"]
    assert await totals(world) == (before[0] - 1, before[1])
    withdrawn = await world.value("SELECT id FROM obligation WHERE withdrawn_at IS NOT NULL")
    officer = await world.actor("tap-chi-can-bo")
    with pytest.raises(Conflict, match="obligation-withdrawn"):
        await submit_report(world.engine, officer, withdrawn, REPORT)
    with pytest.raises(NotFound, match="task-not-yours"):
        await acknowledge(world.engine, officer, world.plan, 1)
    async with world.engine.connect() as books:
        with pytest.raises(NotFound, match=r"obligation-withdrawn: .*Nhiệm vụ 01 không còn trong kế hoạch sửa đổi"):
            await read_obligation(books, world.realm, withdrawn, await now(world))
    took = await world.step_task(1, "close_task")
    assert not took.closed
    await world.step_round()
    assert await new_notices(world, since) == [
        ("task_withdrawn", "bao"), ("task_withdrawn", "hoi"), ("task_withdrawn", "tap-chi"),
    ]  # fmt: skip
    await world.clock("2024-12-20 08:00")
    await world.step_round()
    await accept(world, waiting)
    assert (await world.step_round(name="take_in")).next_step == "close_round"
    assert (await world.step_round(name="close_round")).closed
    assert (await world.step_task(1, "close_task")).closed
    assert await world.value("SELECT obligation_state(o, '2025-01-01') FROM obligation o WHERE id = :i", i=waiting) == (
        "done_on_time"
    )
    assert ("accepted", "bao") in await new_notices(world, since)
    assert not {kind for kind, _ in await new_notices(world, since)} & {"overdue", "reminder", "due"}
    assert await totals(world) == (before[0] - 1, before[1])


async def test_a_task_dropped_before_anybody_was_told_ends_in_silence(engine: AsyncEngine) -> None:
    world = await make_world(engine, registry=small_registry(LEADS), policy=QUIET, draft=PLAN)
    await amended(world, without(PLAN, 2))
    assert (await world.step_task(2)).closed
    assert await world.value("SELECT count(*) FROM notice") == 0


async def test_what_waits_to_be_sent_of_a_dropped_task_is_not_sent_any_more(world: World) -> None:
    await amended(world, without(PLAN, 1))
    await world.step_task(1, "close_task")
    await world.clock("2024-10-01 08:20")
    await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
    found = await world.rows(
        """SELECT n.kind, n.state, count(*) AS n FROM notice n JOIN task t ON t.id = n.task_id WHERE t.ordinal = 1
           GROUP BY 1, 2 ORDER BY 1"""
    )
    assert [tuple(row.values()) for row in found] == [
        ("assigned", "moot", 2), ("assigned_coordinating", "moot", 1), ("opened", "moot", 2),
        ("task_withdrawn", "reserved", 3),
    ]  # fmt: skip


async def test_a_repeated_step_says_the_same_and_another_finds_nothing_left(world: World) -> None:
    await amended(world, led_by(without(PLAN, 3), 1, "dai"))
    keys = {r["ordinal"]: r["id"] for r in await world.rows("SELECT ordinal, id FROM task")}
    for ordinal in (1, 3):
        request = world.request(task_id(world.realm, world.plan, ordinal), keys[ordinal], "open_next_round")
        first, second = await asyncio.gather(step_task(world.engine, request), step_task(world.engine, request))
        assert first == second
        told = await world.told()
        assert (await world.step_task(ordinal)).did in ((), ("Nhiệm vụ đã kết thúc",))
        assert await world.told() == told


# --- owners ----------------------------------------------------------------------------------------------------------


async def test_a_lead_is_replaced_in_an_open_round(world: World) -> None:
    accepted, since = await report(world, "bao"), await last_notice(world)
    await accept(world, accepted)
    await amended(world, led_by(PLAN, 1, "dai"))
    assert await live(world, 1) == ["bao", "dai"]
    assert await due(world, "dai", 1) == (date(2024, 11, 29), 0, 0)
    await world.step_task(1, "open_next_round")
    await world.step_round(name="take_in")
    assert await new_notices(world, since) == [
        ("accepted", "bao"), ("assigned", "dai"), ("opened", "dai"), ("received", "so"), ("result", "hoi"),
        ("task_reassigned", "bao"), ("task_reassigned", "tap-chi"),
    ]  # fmt: skip
    await world.clock("2024-12-02 08:00")
    since = await last_notice(world)
    await world.step_round(name="mark_overdue")
    assert {unit for _, unit in await new_notices(world, since)} == {"dai"}


async def test_a_lead_that_comes_back_owes_again(world: World) -> None:
    await amended(world, led_by(PLAN, 1, "tap-chi"))
    for _ in range(2):
        await world.step_task(1, "open_next_round")
    await amended(world, PLAN)
    since = await last_notice(world)
    assert await live(world, 1) == ["bao", "tap-chi"]
    await world.step_task(1, "open_next_round")
    await world.step_round(name="take_in")
    assert await new_notices(world, since) == [("assigned", "bao"), ("opened", "bao")]
    assert await world.value("SELECT count(*) FROM task_owner WHERE ended_at IS NOT NULL") == 0


async def test_a_round_left_by_its_last_lead_closes_and_opens_again_with_it(world: World) -> None:
    other = retimed(led_by(PLAN, 2, "bao"), 2, "Năm 2026")
    await amended(world, other)
    assert await live(world, 2) == []
    assert (await world.step_round(2, name="take_in")).next_step == "close_round"
    assert (await world.step_round(2, name="close_round")).closed
    await amended(world, PLAN)
    assert await live(world, 2) == ["dai"]
    assert await world.value("SELECT count(*) FROM round WHERE closed_at IS NOT NULL") == 0
    since = await last_notice(world)
    await world.step_round(2, name="open_round")
    assert await new_notices(world, since) == [("opened", "dai")]


async def test_a_lead_becomes_coordinating_and_the_other_way_round(world: World) -> None:
    since = await last_notice(world)
    swapped = replace(PLAN, tasks=(task(1, TITLES[0], "hoi", "tap-chi", coordinators=("bao",)), *PLAN.tasks[1:]))
    await amended(world, swapped)
    assert await live(world, 1) == ["hoi", "tap-chi"]
    await world.step_task(1, "open_next_round")
    await world.step_round(name="take_in")
    assert await new_notices(world, since) == [
        ("assigned", "hoi"), ("assigned_coordinating", "bao"), ("opened", "hoi"),
    ]  # fmt: skip


# --- dates -----------------------------------------------------------------------------------------------------------


async def test_a_written_day_that_moves_takes_its_open_round_along(world: World) -> None:
    since = await last_notice(world)
    await amended(world, retimed(PLAN, 3, "Trước ngày 31/12/2024"))
    assert await due(world, "bao", 3, "2024-11-30") == (date(2024, 12, 30), 1, -1)
    await world.step_task(3, "open_next_round")
    await world.step_round(3, "2024-11-30", name="take_in")
    assert await new_notices(world, since) == [("deadline_changed", "bao")]
    assert await world.value("SELECT detail FROM notice WHERE kind = 'deadline_changed'") == (
        "Nhiệm vụ 03 kỳ 2024-11-30: hạn báo cáo đổi từ trước ngày 30/11/2024 thành trước ngày 31/12/2024"
    )
    await world.clock("2024-12-20 08:00")
    await world.step_round(3, "2024-11-30")
    assert await new_notices(world, since) == [("deadline_changed", "bao"), ("reminder", "bao")]
    await world.step_task(3, "open_next_round")
    assert await world.value("SELECT count(*) FROM round r JOIN task t ON t.id = r.task_id WHERE ordinal = 3") == 1
    await amended(world, PLAN)
    assert (await due(world, "bao", 3, "2024-11-30"))[0] == date(2024, 11, 29)
    assert await world.value("SELECT count(*) FROM round WHERE stands_for <> ''") == 0


async def test_more_time_that_was_granted_and_reports_in_time_stay(world: World) -> None:
    coordinator = await world.actor("so-tong-hop")
    obligation = await world.obligation("tap-chi")
    asked, _ = await ask_extension(
        world.engine, await world.actor("tap-chi-can-bo"), obligation, date(2024, 12, 6), "thiếu người"
    )
    await decide_extension(world.engine, coordinator, asked, True)
    await report(world, "bao")
    regime = (ReportingDraft("units", ("Sở TT",), every="yearly", before="11-15"), PLAN.reporting[1])
    earlier = replace(PLAN, reporting=regime)
    await amended(world, earlier)
    assert (await due(world, "tap-chi", 1))[0] == date(2024, 12, 6)
    assert (await due(world, "bao", 1))[0] == date(2024, 11, 29)
    assert await due(world, "dai", 2) == (date(2024, 11, 14), 1, -1)
    assert (await due(world, "so", 0))[0] == date(2024, 11, 14)
    later = replace(earlier, reporting=(replace(regime[0], before="12-10"), regime[1]))
    await amended(world, later)
    assert {(await due(world, unit, n))[0] for unit, n in (("tap-chi", 1), ("bao", 1), ("dai", 2), ("so", 0))} == {
        date(2024, 12, 9)
    }


async def test_more_time_that_the_amendment_has_given_already_is_not_granted_again(world: World) -> None:
    officer, owed = await world.actor("bao-can-bo"), await world.obligation("bao", 3, "2024-11-30")
    asked, _ = await ask_extension(world.engine, officer, owed, date(2024, 12, 6), "thiếu người")
    await amended(world, retimed(PLAN, 3, "Trước ngày 31/12/2024"))
    with pytest.raises(Refusal, match="extension-not-later"):
        await decide_extension(world.engine, await world.actor("so-tong-hop"), asked, True)
    assert (await due(world, "bao", 3, "2024-11-30"))[0] == date(2024, 12, 30)


async def test_the_regime_moves_rollups_that_are_not_compiled(world: World) -> None:
    await world.run("UPDATE rollup SET compiled_at = now() WHERE period = '2025'")
    regime = (PLAN.reporting[0], replace(PLAN.reporting[1], before="12-20", to=("Bộ",)))
    rings = await amended(world, replace(PLAN, reporting=regime))
    found = await world.rows("SELECT period, due_text FROM rollup WHERE period < '2027' ORDER BY 1")
    assert [row["due_text"] for row in found] == [f"trước ngày {d}" for d in ("20/12/2024", "15/12/2025", "20/12/2026")]
    assert [ring.rpartition("/")[2] for ring in rings] == ["2024", "2026", "2027", "2028", "2029", "2030", "ke-hoach"]
    assert await world.value("SELECT count(*) FROM plan_recipient") == 1


async def test_a_round_that_is_no_longer_asked_for_is_withdrawn_unless_reported(world: World) -> None:
    kept, since = await report(world, "bao"), await last_notice(world)
    await amended(world, retimed(PLAN, 1, "Năm 2026"))
    assert await live(world, 1) == ["bao"]
    await world.step_task(1, "open_next_round")
    await world.step_round(name="take_in")
    assert await new_notices(world, since) == [("received", "so"), ("round_withdrawn", "tap-chi")]
    await accept(world, kept)
    assert (await world.step_round(name="take_in")).next_step == "close_round"
    assert (await world.step_round(name="close_round")).closed
    assert (await world.step_task(1, "close_task")).next_summary == "Mở kỳ báo cáo 2026"


async def test_a_task_that_had_ended_goes_on_where_it_has_rounds_again(world: World) -> None:
    obligation = await report(world, "bao", 3, "2024-11-30")
    await accept(world, obligation)
    await world.step_round(3, "2024-11-30", name="take_in")
    await world.step_round(3, "2024-11-30", name="close_round")
    assert (await world.step_task(3, "close_task")).closed
    await world.clock("2025-03-03 08:00")
    await amended(world, retimed(PLAN, 3, "Trước ngày 30/11/2024; hằng năm"))
    took = await world.step_task(3)
    assert took.next_summary == "Mở kỳ báo cáo 2025" and not took.closed
    assert await world.value("SELECT count(*) FROM round r JOIN task t ON t.id = r.task_id WHERE ordinal = 3") == 1


async def test_what_an_amendment_makes_past_is_not_owed(engine: AsyncEngine) -> None:
    """Approved in August, before the rounds of 2024 open: "trước ngày 30/6" is for 2025."""
    world = await make_world(engine, registry=small_registry(LEADS), policy=QUIET, draft=PLAN)
    await world.clock("2024-08-01 08:00")
    await world.step_task(1)
    regime = tuple(replace(entry, before=day) for entry, day in zip(PLAN.reporting, ("06-30", "07-15"), strict=True))
    await amended(world, retimed(replace(PLAN, reporting=regime), 3, "Trước ngày 15/7/2024"))
    took = await world.step_task(1, "open_next_round")
    assert took.start == () and took.next_summary == "Mở kỳ báo cáo 2025"
    assert (await world.step_task(3)).closed
    assert await world.value("SELECT due_text FROM rollup WHERE period = '2024'") == "trước ngày 15/12/2024"
    assert await world.value("SELECT due_text FROM rollup WHERE period = '2025'") == "trước ngày 15/7/2025"


async def test_a_new_lead_of_a_task_that_goes_on_again_is_told(world: World) -> None:
    await accept(world, await report(world, "bao", 3, "2024-11-30"))
    await world.step_round(3, "2024-11-30", name="take_in")
    await world.step_round(3, "2024-11-30", name="close_round")
    assert (await world.step_task(3, "close_task")).closed
    since = await last_notice(world)
    await amended(world, led_by(retimed(PLAN, 3, "Năm 2025"), 3, "dai"))
    await world.step_task(3)
    assert await new_notices(world, since) == [("assigned", "dai"), ("task_reassigned", "bao")]


async def test_an_event_that_is_gone_is_no_longer_waited_for(engine: AsyncEngine) -> None:
    waiting = retimed(PLAN, 2, "Sau khi có hướng dẫn của Bộ")
    world = await make_world(engine, registry=small_registry(LEADS), policy=QUIET, draft=waiting)
    await world.clock("2024-10-01 08:00")
    assert (await world.step_task(2)).next_step == "wait_for_guidance"
    await amended(world, PLAN)
    assert [order.workflow.rpartition("/")[2] for order in (await world.step_task(2)).start] == ["2024"]


async def test_untouched_tasks_are_left_alone(world: World) -> None:
    before = await world.rows("SELECT * FROM wake WHERE workflow LIKE '%/task/2%' OR workflow LIKE '%/task/0%'")
    renumbered = replace(without(PLAN, 1), tasks=(*without(PLAN, 1).tasks, task(3, "Việc hoàn toàn mới", "bao")))
    await amended(world, renumbered)
    after = await world.rows("SELECT * FROM wake WHERE workflow LIKE '%/task/2%' OR workflow LIKE '%/task/0%'")
    assert after == before
    assert await world.value("SELECT printed FROM task WHERE ordinal = 2") == 1


# --- what an admin is told before ------------------------------------------------------------------------------------


async def test_consequences_are_counted(world: World) -> None:
    await accept(world, await report(world, "bao"))
    await propose(world, led_by(without(PLAN, 1), 1, "bao"))
    async with world.engine.connect() as books:
        view = await read_amendment(books, world.realm, world.plan, 1)
    found = {each.kind: each for each in view.consequences}
    dropped, changed = found["dropped"], found["changed"]
    assert (dropped.ordinal, dropped.unanswered, dropped.in_review, dropped.accepted) == (1, 1, 0, 1)
    assert dropped.message == (
        "Nhiệm vụ 1 kết thúc: rút 1 nghĩa vụ chưa báo cáo; 1 báo cáo đã gửi được giữ nguyên và vẫn tính."
    )
    assert "đơn vị thôi chủ trì được rút nghĩa vụ" in changed.message
    assert view.units["bao"] == "Đơn vị bao"


async def test_reports_steps_and_an_approval_at_once_never_wait_for_each_other_in_a_ring(world: World) -> None:
    """Whoever is first, no report is lost: it is received, or refused because its duty was withdrawn."""
    await propose(world, led_by(without(PLAN, 1), 1, "bao"))
    admin = await world.actor("quan-tri")
    people = [await world.actor(f"{unit}-can-bo") for unit in ("bao", "tap-chi", "dai")]
    owed = [await world.obligation(unit, n) for unit, n in (("bao", 1), ("tap-chi", 1), ("dai", 2))]
    steps = [world.step_round(n) for n in (1, 2, 1, 2)] + [world.step_task(n) for n in (1, 2)]
    answers = await asyncio.gather(
        *(submit_report(world.engine, *pair, LATE_REPORT) for pair in zip(people, owed, strict=True)),
        approve_amendment(world.engine, admin, world.plan, 1, 1),
        *steps,
        return_exceptions=True,
    )
    refused = [a for a in answers if isinstance(a, BaseException)]
    assert all(isinstance(a, Conflict) and a.code == "obligation-withdrawn" for a in refused), refused
    kept = await world.value(
        "SELECT count(*) FROM submission s JOIN obligation o ON o.id = s.obligation_id WHERE o.withdrawn_at IS NULL"
    )
    assert kept == 3 - len(refused)


# --- what several amendments come to ----------------------------------------------------------------------------------


async def test_a_lead_replaced_and_the_task_dropped_before_anybody_was_told(world: World) -> None:
    """Whoever knew of the task hears once that it is gone; the lead of a moment, who never knew, hears nothing."""
    since = await last_notice(world)
    await amended(world, led_by(PLAN, 1, "dai"))
    await amended(world, without(led_by(PLAN, 1, "dai"), 1))
    await world.step_task(1)
    assert await new_notices(world, since) == [
        ("task_withdrawn", "bao"), ("task_withdrawn", "hoi"), ("task_withdrawn", "tap-chi"),
    ]  # fmt: skip


async def test_of_amendments_taken_in_together_the_last_is_told(world: World) -> None:
    since = await last_notice(world)
    for leads in (("bao", "dai"), ("bao", "tap-chi"), ("dai",), ("dai", "bao", "hoi"), ("dai",)):
        await amended(world, led_by(PLAN, 1, *leads))
    await world.step_task(1)
    assert await new_notices(world, since) == [
        ("assigned", "dai"), ("task_reassigned", "bao"), ("task_reassigned", "hoi"), ("task_reassigned", "tap-chi"),
    ]  # fmt: skip


async def test_a_lead_of_a_moment_that_was_never_told_hears_nothing(world: World) -> None:
    since = await last_notice(world)
    await amended(world, led_by(PLAN, 1, "bao", "tap-chi", "dai"))
    await amended(world, PLAN)
    await world.step_task(1)
    await world.step_round()
    assert await new_notices(world, since) == []


async def test_what_a_later_amendment_undid_is_not_sent(world: World) -> None:
    """Both were approved in the evening; in the morning the units read how it stands, once."""
    await world.clock("2024-10-01 21:00")
    for draft in (led_by(PLAN, 1, "dai"), PLAN):
        await amended(world, draft)
        await world.step_task(1)
    await world.clock("2024-10-02 07:00")
    await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
    found = await world.rows(
        """SELECT n.kind, n.occurrence FROM notice n JOIN unit u ON u.id = n.unit_id JOIN task t ON t.id = n.task_id
           WHERE u.slug = 'bao' AND t.ordinal = 1 AND n.state = 'reserved' AND n.kind <> 'opened' ORDER BY 1"""
    )
    assert [tuple(row.values()) for row in found] == [("assigned", 2)]


async def test_a_lead_that_comes_back_acknowledges_anew(world: World) -> None:
    officer = await world.actor("bao-can-bo")
    await acknowledge(world.engine, officer, world.plan, 1)
    await amended(world, led_by(PLAN, 1, "bao"))
    acknowledged = "SELECT count(*) FROM task_owner WHERE acknowledged_at IS NOT NULL"
    assert await world.value(acknowledged) == 1
    await amended(world, led_by(PLAN, 1, "dai"))
    await amended(world, PLAN)
    assert await world.value(acknowledged) == 0
    await acknowledge(world.engine, officer, world.plan, 1)
    assert await world.value(acknowledged) == 1


async def test_a_lead_that_only_coordinates_now_is_told_what_it_has_lost(world: World) -> None:
    since = await last_notice(world)
    swapped = replace(PLAN.tasks[0], leads=unit("hoi"), coordinators=unit("bao", "tap-chi"))
    await amended(world, replace(PLAN, tasks=(swapped, *PLAN.tasks[1:])))
    await world.step_task(1)
    assert await new_notices(world, since) == [
        ("assigned", "hoi"), ("assigned_coordinating", "bao"), ("assigned_coordinating", "tap-chi"),
    ]  # fmt: skip
    await world.clock("2024-10-01 08:20")
    await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
    details = await world.rows(
        """SELECT p.slug, i ->> 'detail' AS detail FROM delivery d JOIN person p ON p.id = d.person_id,
             jsonb_array_elements(d.content -> 'items') i
           WHERE i ->> 'kind' = 'assigned_coordinating' AND i ->> 'task_ordinal' = '1' ORDER BY 1"""
    )
    words = "Theo bản sửa đổi 1 của kế hoạch, đơn vị thôi chủ trì nhiệm vụ này."
    assert [tuple(row.values()) for row in details] == [("bao-can-bo", words), ("tap-chi-can-bo", words)]


# --- written days that come and go ------------------------------------------------------------------------------------


async def test_a_day_that_stays_is_not_where_another_moves_to(engine: AsyncEngine) -> None:
    """The milestone of 2023 was past when the plan began, that of 2025 is not open yet; only the one of 2024 moves."""
    days = "Trước ngày 30/6/2023; trước ngày {}/2024; trước ngày 30/6/2025"
    world = await make_world(
        engine, registry=small_registry(LEADS), policy=QUIET, draft=retimed(PLAN, 3, days.format("30/11"))
    )
    await world.clock("2024-10-01 08:00")
    await world.step_task(3)
    await world.step_round(3, "2024-11-30", name="open_round")
    await amended(world, retimed(PLAN, 3, days.format("31/12")))
    assert (await due(world, "bao", 3, "2024-11-30"))[0] == date(2024, 12, 30)
    assert (await world.step_task(3)).next_summary == "Mở kỳ báo cáo 2025-06-30"


async def test_a_day_that_comes_back_beside_the_one_it_moved_to_is_owed_too(world: World) -> None:
    await amended(world, retimed(PLAN, 3, "Trước ngày 07/12/2024"))
    await world.step_task(3)
    await amended(world, retimed(PLAN, 3, "Trước ngày 30/11/2024; trước ngày 07/12/2024"))
    assert (await due(world, "bao", 3, "2024-11-30"))[0] == date(2024, 11, 29)
    assert (await world.step_task(3)).next_summary == "Mở kỳ báo cáo 2024-12-07"


async def test_a_year_that_the_amended_regime_brings_back_has_its_rollup(engine: AsyncEngine) -> None:
    """Begun on 16/12, after the year's report was due; the amended plan has it due on 31/12."""
    world = await make_world(engine, "2024-12-16 08:00", registry=small_registry(LEADS), policy=QUIET, draft=PLAN)
    assert await world.value("SELECT min(period) FROM rollup") == "2025"
    regime = tuple(replace(entry, before=day) for entry, day in zip(PLAN.reporting, ("12-25", "12-31"), strict=True))
    await amended(world, replace(PLAN, reporting=regime))
    assert "Mở kỳ báo cáo 2024" in (await world.step_task(1)).did
    assert await world.value("SELECT due_text FROM rollup WHERE period = '2024'") == "trước ngày 31/12/2024"
    started = {order.workflow.partition("ke-hoach/")[2] for order in (await step_of_plan(world)).start}
    assert "rollup/2024" in started
