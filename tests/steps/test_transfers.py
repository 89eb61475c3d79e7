"""A task changes hands, asked for or not: owners, what is owed, and what the next steps tell; taken by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from amendments import amended, led_by, retimed, task
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine
from unchanged import refused
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from domain.errors import Conflict, NotFound, Refusal
from models.facts.decisions import decide_report
from models.facts.reports import acknowledge, submit_report
from models.facts.suspensions import resume_task, suspend_task
from models.facts.transfers import TRANSFERS, decide_hand_back, hand_back, reassign
from models.queries.changes import read_task_desk, waiting_hand_backs

LEADS = ("bao", "tap-chi", "dai")
PLAN = replace(
    small_plan(),
    tasks=(
        task(1, "Tập huấn nghiệp vụ cho phóng viên", "bao", "tap-chi", coordinators=("hoi",)),
        task(2, "Rà soát hệ thống loa truyền thanh", "dai"),
    ),
)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """Two tasks in October, the rounds of 2024 open and told of, due on Friday 29/11."""
    world = await make_world(engine, registry=small_registry(LEADS), draft=PLAN)
    await world.clock("2024-10-01 08:00")
    for ordinal in (1, 2):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    return world


async def move(world: World, old: str = "bao", new: str = "dai", ordinal: int = 1, reason: str = "Giao nhầm") -> Any:
    return await reassign(world.engine, await world.actor("so-tong-hop"), world.plan, ordinal, old, new, reason)


async def ask_back(world: World, person: str = "bao-can-bo", reason: str = "Không đúng chức năng", to: str = "") -> int:
    return (await hand_back(world.engine, await world.actor(person), world.plan, 1, reason, to))[0]


async def decide(world: World, number: int, granted: bool, to: str = "", reason: str = "") -> list[str]:
    return await decide_hand_back(world.engine, await world.actor("so-tong-hop"), number, granted, to, reason)


async def report(world: World, unit: str, ordinal: int = 1) -> int:
    obligation = await world.obligation(unit, ordinal)
    await submit_report(world.engine, await world.actor(f"{unit}-can-bo"), obligation, REPORT)
    return obligation


async def owners(world: World, ordinal: int = 1) -> list[tuple[str, str]]:
    rows = await world.rows(
        """SELECT u.slug, o.role FROM task_owner o JOIN unit u ON u.id = o.unit_id JOIN task t ON t.id = o.task_id
           WHERE t.ordinal = :n AND o.ended_at IS NULL ORDER BY o.role DESC, u.slug""",
        n=ordinal,
    )
    return [(r["slug"], r["role"]) for r in rows]


async def owing(world: World, ordinal: int = 1) -> list[str]:
    rows = await world.rows(
        """SELECT u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id
           JOIN task t ON t.id = r.task_id WHERE t.ordinal = :n AND o.withdrawn_at IS NULL ORDER BY 1""",
        n=ordinal,
    )
    return [r["slug"] for r in rows]


async def owed(world: World, unit: str) -> Any:
    (row,) = await world.rows("SELECT * FROM obligation WHERE id = :id", id=await world.obligation(unit))
    return row


async def told(world: World, since: int) -> list[tuple[str, str]]:
    rows = await world.rows(
        "SELECT n.kind, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id WHERE n.id > :since ORDER BY 1, 2",
        since=since,
    )
    return [(r["kind"], r["slug"]) for r in rows]


async def last(world: World) -> int:
    return int(await world.value("SELECT max(id) FROM notice"))


async def facts(world: World, count: int) -> list[Any]:
    return (await world.rows("SELECT * FROM fact ORDER BY id"))[-count:]


async def test_a_task_is_given_to_another_unit(world: World) -> None:
    since = await last(world)
    rings = await move(world)
    assert [ring.rpartition("ke-hoach/")[2] for ring in rings] == ["task/1/round/2024", "task/1"]
    assert await owners(world) == [("dai", "lead"), ("tap-chi", "lead"), ("hoi", "coordinating")]
    assert await owing(world) == ["dai", "tap-chi"]
    theirs = await owed(world, "bao")
    assert (theirs["withdrawn_at"], theirs["withdrawn_reason"]) == (
        at("2024-10-01 08:00"), "Đã chuyển Nhiệm vụ 01 cho Đơn vị dai",
    )  # fmt: skip
    new = await owed(world, "dai")
    same = ("due_strict", "due_literal", "due_lenient", "late_at", "due_text", "due_rule", "calendar_version")
    assert {name: new[name] for name in same} == {name: theirs[name] for name in same}
    assert (new["epoch"], new["raised"], new["opened"]) == (0, 0, False)
    taken, given_ = await facts(world, 2)
    assert (taken["kind"], given_["kind"]) == ("lead_taken", "lead_given")
    assert taken["occurrence"] == given_["occurrence"] == TRANSFERS + 1
    assert taken["summary"] == "Chuyển chủ trì Nhiệm vụ 01 từ Đơn vị bao sang Đơn vị dai. Lý do: Giao nhầm"
    await world.step_task(1)
    await world.step_round(name="take_in")
    assert await told(world, since) == [("assigned", "dai"), ("opened", "dai"), ("task_reassigned", "bao")]


async def test_whoever_gets_it_late_has_time_for_it(world: World) -> None:
    await world.clock("2024-11-28 08:00")
    await world.step_round()
    await move(world)
    new = await owed(world, "dai")
    assert (new["due_rule"], new["due_text"]) == ("by:2024-12-05", "đến hết ngày 05/12/2024")
    assert new["late_at"] == at("2024-12-06 00:00")


async def test_nobody_is_late_at_once_with_what_another_was_late_with(world: World) -> None:
    await world.clock("2024-12-12 08:00")
    await world.step_round()
    await move(world)
    since = await last(world)
    assert (await owed(world, "dai"))["due_rule"] == "by:2024-12-19"
    await world.step_round()
    assert await told(world, since) == [("opened", "dai")]


async def test_what_was_answered_stays_with_who_answered(world: World) -> None:
    obligation = await report(world, "bao")
    await move(world)
    assert await owing(world) == ["bao", "tap-chi"]
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)
    await world.step_task(1)
    await world.clock("2025-10-01 08:00")
    await world.step_task(1)
    rows = await world.rows(
        """SELECT u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id
           JOIN task t ON t.id = r.task_id WHERE t.ordinal = 1 AND r.label = '2025' ORDER BY 1"""
    )
    assert [row["slug"] for row in rows] == ["dai", "tap-chi"]


async def test_a_task_goes_there_and_back_again(world: World) -> None:
    for turn in range(2):
        await acknowledge(world.engine, await world.actor("bao-can-bo"), world.plan, 1)
        since = await last(world)
        await move(world)
        await world.step_task(1)
        await world.step_round(name="take_in")
        assert await told(world, since) == [("assigned", "dai"), ("opened", "dai"), ("task_reassigned", "bao")], turn
        since = await last(world)
        await move(world, "dai", "bao")
        (mine,) = await world.rows(
            """SELECT o.acknowledged_at, o.told_at, o.raised FROM task_owner o
               JOIN task t ON t.id = o.task_id AND t.ordinal = 1
               WHERE o.unit_id = (SELECT id FROM unit WHERE slug = 'bao') AND o.ended_at IS NULL"""
        )
        assert tuple(mine.values()) == (None, None, 0)
        await world.step_task(1)
        await world.step_round(name="take_in")
        assert await told(world, since) == [("assigned", "bao"), ("opened", "bao"), ("task_reassigned", "dai")], turn
        assert await owing(world) == ["bao", "tap-chi"]
    assert ((await owed(world, "bao"))["epoch"], (await owed(world, "dai"))["epoch"]) == (2, 1)
    numbers = [row["occurrence"] for row in await world.rows("SELECT occurrence FROM fact WHERE kind = 'lead_given'")]
    assert sorted(numbers) == [TRANSFERS + n for n in (1, 2, 3, 4)]


async def test_a_unit_that_helped_leads_and_no_longer_helps(world: World) -> None:
    await move(world, "bao", "hoi")
    assert await owners(world) == [("hoi", "lead"), ("tap-chi", "lead")]
    await move(world, "hoi", "bao")
    assert await owners(world) == [("bao", "lead"), ("tap-chi", "lead")]


async def test_a_unit_hands_back_and_another_is_given_the_task(world: World) -> None:
    since = await last(world)
    number = await ask_back(world, to="dai")
    (fact,) = await facts(world, 1)
    unit = await world.value("SELECT id FROM unit WHERE slug = 'bao'")
    assert (fact["kind"], fact["occurrence"], fact["unit_id"], fact["workflow"]) == (
        "hand_back_requested", number, unit, "thu/plan/ke-hoach/task/1",
    )  # fmt: skip
    await world.step_task(1)
    assert await told(world, since) == [("hand_back_requested", "so")]
    async with world.engine.connect() as books:
        (view,) = await waiting_hand_backs(books, world.realm, world.plan)
        desk = await read_task_desk(books, world.realm, world.plan, 1, at("2024-10-01 08:00"))
    assert (view.unit, view.suggested, view.reason) == ("bao", "dai", "Không đúng chức năng")
    assert desk.waiting == (view,)
    await decide(world, number, True, to="dai")
    async with world.engine.connect() as books:
        assert await waiting_hand_backs(books, world.realm, world.plan) == ()
        desk = await read_task_desk(books, world.realm, world.plan, 1, at("2024-10-01 08:00"))
    assert [(h.decision, h.given_to, h.decision_reason) for h in desk.hand_backs] == [
        ("granted", "Đơn vị dai", "Không đúng chức năng"),
    ]  # fmt: skip
    assert [part.unit for part in desk.leads] == ["tap-chi", "dai"]
    await world.step_task(1)
    await world.step_round(name="take_in")
    assert await told(world, since) == [
        ("assigned", "dai"), ("hand_back_requested", "so"), ("opened", "dai"), ("task_reassigned", "bao"),
    ]  # fmt: skip


async def test_a_refused_hand_back_changes_nothing_else_and_can_be_asked_again(world: World) -> None:
    number = await ask_back(world)
    since = await last(world)
    before = await owners(world), await owing(world)
    await decide(world, number, False, reason="Đúng chức năng theo quyết định thành lập")
    assert (await owners(world), await owing(world)) == before
    await world.step_task(1)
    assert ("hand_back_refused", "bao") in await told(world, since)
    async with refused(world, "already-decided", Conflict):
        await decide(world, number, True, to="dai")
    assert await ask_back(world) == number + 1


async def test_moving_it_unasked_grants_what_was_asked(world: World) -> None:
    number = await ask_back(world)
    await move(world, reason="Theo chức năng")
    (row,) = await world.rows("SELECT decision, decision_reason FROM hand_back WHERE id = :id", id=number)
    assert tuple(row.values()) == ("granted", "Theo chức năng")


async def test_refusals_change_nothing(world: World) -> None:
    async with refused(world, "reason-missing"):
        await ask_back(world, reason="  ")
    async with refused(world, "not-lead"):
        await ask_back(world, "hoi-can-bo")
    async with refused(world, "already-lead"):
        await ask_back(world, to="tap-chi")
    async with refused(world, "unit-unknown", NotFound):
        await ask_back(world, to="khong-co")
    number = await ask_back(world)
    async with refused(world, "hand-back-waiting", Conflict):
        await ask_back(world)
    for granted, to, reason, code in (
        (True, "", "", "unit-missing"), (False, "", " ", "reason-missing"), (True, "bo", "", "unit-superior"),
        (True, "tap-chi", "", "already-lead"),
    ):  # fmt: skip
        async with refused(world, code):
            await decide(world, number, granted, to, reason)
    async with refused(world, "hand-back-unknown", NotFound):
        await decide(world, number + 1, True, "dai")
    for old, new, reason, code in (
        ("bao", "dai", "", "reason-missing"), ("dai", "hoi", "x", "not-lead"), ("bao", "bao", "x", "already-lead"),
        ("bao", "bo", "x", "unit-superior"),
    ):  # fmt: skip
        async with refused(world, code):
            await move(world, old, new, reason=reason)
    for old, new in (("khong-co", "dai"), ("bao", "khong-co")):
        async with refused(world, "unit-unknown", NotFound):
            await move(world, old, new)
    await world.run("UPDATE unit SET valid_to = '2024-09-30' WHERE slug = 'dai'")
    async with refused(world, "unit-not-in-force"):
        await move(world)


async def test_who_has_reported_was_not_addressed_wrongly(world: World) -> None:
    obligation = await report(world, "bao")
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)
    async with refused(world, "already-reported"):
        await ask_back(world)


async def test_a_request_of_a_unit_that_leads_no_more_waits_for_nothing(world: World) -> None:
    number = await ask_back(world)
    await amended(world, led_by(PLAN, 1, "tap-chi"))
    async with refused(world, "not-lead"):
        await decide(world, number, True, "dai")
    async with world.engine.connect() as books:
        assert await waiting_hand_backs(books, world.realm, world.plan) == ()


async def test_an_amendment_that_does_not_speak_of_the_leads_keeps_a_transfer(world: World) -> None:
    await move(world)
    await world.step_round(name="take_in")
    await amended(world, retimed(PLAN, 1, "Trước ngày 20/12/2024"))
    assert ("bao", "lead") not in await owners(world)
    assert "bao" not in await owing(world)
    assert ("dai", "lead") in await owners(world)


async def test_an_amendment_that_says_who_leads_is_followed(world: World) -> None:
    """The new document is the newer word: one that names the new lead confirms the transfer, another undoes it."""
    await move(world)
    confirming = led_by(PLAN, 1, "dai", "tap-chi")
    await amended(world, confirming)
    assert await owners(world) == [("dai", "lead"), ("tap-chi", "lead"), ("hoi", "coordinating")]
    assert await owing(world) == ["dai", "tap-chi"]
    await amended(world, led_by(confirming, 1, "bao"))
    assert await owners(world) == [("bao", "lead"), ("hoi", "coordinating")]
    assert await owing(world) == ["bao"]


async def test_a_task_that_rests_changes_hands_and_rests_on(world: World) -> None:
    coordinator = await world.actor("so-tong-hop")
    await world.clock("2024-11-27 08:00")
    await world.step_round()
    await suspend_task(world.engine, coordinator, world.plan, 1, "Chờ kinh phí")
    await world.clock("2025-01-10 08:00")
    await move(world)
    new = await owed(world, "dai")
    assert new["suspended_at"] == at("2024-11-27 08:00")
    assert new["due_rule"] == "by:2024-12-04"  # five working days of the time that stands still
    await resume_task(world.engine, coordinator, world.plan, 1)
    assert (await owed(world, "dai"))["due_rule"] == "by:2025-01-17"


async def test_a_report_that_is_sent_while_the_task_is_being_moved_stands(world: World) -> None:
    """The move waits for the report, and then sees it."""
    officer, obligation = await world.actor("bao-can-bo"), await world.obligation("bao")
    await world.actor("so-tong-hop")
    async with world.engine.begin() as books:
        await submit_report(books, officer, obligation, REPORT)
        moving = asyncio.create_task(move(world))
        await asyncio.sleep(0.3)
        assert not moving.done()
    await moving
    assert await owing(world) == ["bao", "tap-chi"]


async def test_a_report_for_what_is_being_moved_comes_too_late(world: World) -> None:
    officer, obligation = await world.actor("bao-can-bo"), await world.obligation("bao")
    coordinator = await world.actor("so-tong-hop")
    async with world.engine.begin() as books:
        await reassign(books, coordinator, world.plan, 1, "bao", "dai", "Giao nhầm")
        sending = asyncio.create_task(submit_report(world.engine, officer, obligation, REPORT))
        await asyncio.sleep(0.3)
        assert not sending.done()
    with pytest.raises(Conflict, match="Đã chuyển Nhiệm vụ 01 cho Đơn vị dai"):
        await sending
    assert await owing(world) == ["dai", "tap-chi"]


async def test_steps_reports_and_moves_at_once_leave_one_who_owes(world: World) -> None:
    """Whatever comes first, a round is owed by the lead or answered by the former, and nobody waits in a ring."""
    officer, obligation = await world.actor("bao-can-bo"), await world.obligation("bao")
    await world.actor("so-tong-hop")
    answers = await asyncio.gather(
        move(world), move(world), submit_report(world.engine, officer, obligation, REPORT), world.step_task(1),
        world.step_round(), ask_back(world), return_exceptions=True,
    )  # fmt: skip
    assert all(not isinstance(each, Exception) or isinstance(each, Refusal) for each in answers), answers
    assert await owing(world) in (["bao", "tap-chi"], ["dai", "tap-chi"])
    assert await owners(world) == [("dai", "lead"), ("tap-chi", "lead"), ("hoi", "coordinating")]
    assert await world.value("SELECT count(*) FROM fact WHERE kind = 'lead_given'") == 1


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(1, 24 * 40), min_size=1, max_size=4))
async def test_whoever_takes_over_has_the_former_days_or_the_policys(world: World, hours: list[int]) -> None:
    """However often it changes hands: never less time than its holder had, and never overdue at once."""
    pair = await owners(world)
    holder, other = ("bao", "dai") if ("bao", "lead") in pair else ("dai", "bao")
    now = await world.value("SELECT now FROM realm")
    for hour in hours:
        now += timedelta(hours=hour)
        await world.run("UPDATE realm SET now = :now", now=now)
        before = await owed(world, holder)
        await move(world, holder, other)
        after = await owed(world, other)
        assert after["late_at"] >= before["late_at"]
        assert after["late_at"] > now + timedelta(days=5)
        assert not after["opened"]
        holder, other = other, holder
