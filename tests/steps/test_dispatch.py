"""The dispatch step by step: what is gathered, what is dropped, who may send it, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import REPORT, World, at, make_world, small_plan, small_registry

from domain.contracts import Channel, StepResult
from domain.ids import dispatch_id, rollup_id
from domain.policy import Policy
from models.facts.channels import reopen_channel
from models.facts.decisions import ask_extension, decide_extension, decide_report
from models.facts.reports import submit_report
from models.facts.rollups import sign_rollup
from models.steps.dispatch import step_dispatch
from models.steps.rollups import step_rollup
from models.steps.sending import Claimed, claim, mark_refused, mark_sent, mark_waiting, release, renew, still_open

MORNING = "2024-01-15 09:00"
LEASE = 0.2


async def gather(world: World) -> StepResult:
    """One step of the dispatch."""
    return await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))


def ids(took: StepResult, channel: Channel = Channel.MAIL) -> list[int]:
    """The deliveries of a channel that a step asks to be sent."""
    return [d for batch in took.deliveries if batch.channel is channel for d in batch.deliveries]


async def take(world: World, took: StepResult, channel: Channel = Channel.MAIL, owner: str = "a") -> list[Claimed]:
    """Claim them."""
    return await claim(world.engine, ids(took, channel), owner, 20)


async def send_everything(world: World) -> None:
    """Whatever can be sent now is sent."""
    while (took := await gather(world)).deliveries:
        for batch in took.deliveries:
            for delivery in await claim(world.engine, batch.deliveries, "a", 20):
                await mark_sent(world.engine, delivery, "250 OK")


async def notices(world: World, kind: str | None = None) -> dict[str, int]:
    """How many notices are in each state."""
    rows = await world.rows(
        """SELECT state, count(*) AS n FROM notice WHERE CAST(:kind AS text) IS NULL OR kind = :kind
           GROUP BY 1 ORDER BY 1""",
        kind=kind,
    )
    return {row["state"]: row["n"] for row in rows}


async def wake_at(world: World) -> datetime | None:
    """Until when the dispatch sleeps, as the books say."""
    found: datetime | None = await world.value("SELECT at FROM wake WHERE workflow = :w", w=dispatch_id(world.realm))
    return found


async def digests(world: World) -> dict[str, list[tuple[str, str]]]:
    """Person → (rung, reference) of everything in the digests that were reserved."""
    rows = await world.rows(
        """SELECT p.slug, d.content FROM delivery d JOIN person p ON p.id = d.person_id
           WHERE d.rollup_id IS NULL ORDER BY d.id"""
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["slug"], []).extend((i["rung"], i["reference"]) for i in row["content"]["items"])
    return found


async def with_round(engine: AsyncEngine, **world: Any) -> World:
    """A world in the morning of the last day, all that was told before sent, a notice for each unit pending."""
    made = await make_world(engine, **world)
    await made.clock("2024-09-27 08:00")
    await made.step_task()
    await made.step_round(name="open_round")
    await made.clock("2024-09-27 09:00")
    await send_everything(made)
    await made.clock("2024-11-29 08:00")
    await made.step_round()
    return made


# Gathering


async def test_one_digest_a_person_whatever_the_number_of_tasks(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan(("Hàng năm", "Thường xuyên", "Trong năm 2024")))
    for ordinal in range(4):
        await world.step_task(ordinal)
    await world.clock(MORNING)
    took = await gather(world)
    found = await digests(world)
    assert [ref for _, ref in found["bao-can-bo"]] == [f"ke-hoach/{n}" for n in range(4)]
    assert [ref for _, ref in found["hoi-can-bo"]] == [f"ke-hoach/{n}" for n in (1, 2, 3)]
    assert sorted(found) == ["bao-can-bo", "hoi-can-bo", "so-can-bo", "tap-chi-can-bo"]
    assert len(ids(took)) == len(found) == await world.value("SELECT count(*) FROM delivery")
    assert await notices(world) == {"reserved": 12}
    assert await world.value("SELECT count(*) FROM delivery_notice") == 12
    assert await world.value("SELECT count(*) FROM delivery WHERE channel = 'mail' AND attempts = 0") == 4
    again = await gather(world)
    assert ids(again) == ids(took), "what was reserved and not sent is asked for again, not reserved again"


async def test_a_person_in_two_roles_is_told_once(engine: AsyncEngine) -> None:
    registry = small_registry()
    people = [replace(p, roles=("officer", "head")) if p.id == "bao-can-bo" else p for p in registry.people]
    people = [p for p in people if p.id != "bao-thu-truong"]
    world = await with_round(engine, registry=replace(registry, people=tuple(people)))
    await world.clock("2024-12-02 08:00")
    await world.step_round(name="mark_overdue")
    await world.clock("2024-12-02 09:00")
    await gather(world)
    deliveries = await world.value(
        """SELECT count(*) FROM delivery d JOIN person p ON p.id = d.person_id
           WHERE p.slug = 'bao-can-bo' AND d.state = 'reserved'"""
    )
    assert deliveries == 1


async def test_nothing_leaves_before_its_time(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.step_task()
    for words in ("2024-01-15 08:00", "2024-01-15 08:09:59"):
        await world.clock(words)
        took = await gather(world)
        assert took.deliveries == ()
        assert took.wait.until == at("2024-01-15 08:10") == await wake_at(world)
    await world.clock("2024-01-15 08:10")
    assert len(ids(await gather(world))) == 3


async def test_notices_raised_within_the_window_travel_together(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan(("Hàng năm", "Hàng năm")))
    await world.step_task(1)
    await world.clock("2024-01-15 08:06")
    await world.step_task(2)
    await world.clock("2024-01-15 08:16")
    await gather(world)
    assert len((await digests(world))["bao-can-bo"]) == 2
    assert await world.value("SELECT count(*) FROM delivery") == 3


@pytest.mark.parametrize(
    ("reported", "leaves"),
    [
        ("2024-11-28 23:00", "2024-11-29 07:00"),
        ("2024-11-28 23:55", "2024-11-29 07:00"),
        ("2024-11-29 06:55", "2024-11-29 07:05"),
        ("2024-11-28 15:00", "2024-11-28 15:10"),
    ],
)
async def test_a_fact_of_the_night_is_told_in_the_morning(engine: AsyncEngine, reported: str, leaves: str) -> None:
    world = await make_world(engine)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-09-27 09:00")
    await send_everything(world)
    await world.clock(reported)
    await submit_report(engine, await world.actor("bao-can-bo"), await world.obligation("bao"), REPORT)
    await world.run("UPDATE notice SET state = 'sent' WHERE state = 'pending'")
    await world.step_round(name="take_in")
    await world.run("UPDATE notice SET state = 'sent' WHERE state = 'pending' AND kind <> 'received'")
    assert await wake_at(world) == at(leaves)
    took = await gather(world)
    assert (took.deliveries, took.wait.until) == ((), at(leaves))
    await world.clock(leaves)
    took = await gather(world)
    assert len(ids(took)) == 1
    assert (await digests(world))["so-tong-hop"] == [("received", "ke-hoach/1/2024")]


# What is no longer true


async def test_who_has_reported_is_not_reminded(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    await submit_report(engine, await world.actor("bao-can-bo"), await world.obligation("bao"), REPORT)
    await world.clock("2024-11-29 09:00")
    await gather(world)
    found = await digests(world)
    assert ("due", "ke-hoach/1/2024") not in found["bao-can-bo"]
    assert ("due", "ke-hoach/1/2024") in found["tap-chi-can-bo"]
    assert await notices(world, "due") == {"moot": 1, "reserved": 1}


async def test_who_was_accepted_is_not_reminded(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    obligation = await world.obligation("bao")
    await submit_report(engine, await world.actor("bao-can-bo"), obligation, REPORT)
    await decide_report(engine, await world.actor("so-tong-hop"), obligation, 1, True)
    await world.clock("2024-11-29 09:00")
    await gather(world)
    assert await notices(world, "due") == {"moot": 1, "reserved": 1}


async def test_whose_report_was_returned_is_not_reminded_by_the_old_ladder(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    obligation = await world.obligation("bao")
    await submit_report(engine, await world.actor("bao-can-bo"), obligation, REPORT)
    await decide_report(engine, await world.actor("so-tong-hop"), obligation, 1, False, "thiếu số liệu")
    await world.clock("2024-11-29 09:00")
    await gather(world)
    assert await notices(world, "due") == {"moot": 1, "reserved": 1}


async def test_who_got_more_time_is_not_reminded_by_the_old_ladder(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    obligation = await world.obligation("bao")
    number, _ = await ask_extension(engine, await world.actor("bao-can-bo"), obligation, at("2024-12-06").date(), "ốm")
    await decide_extension(engine, await world.actor("so-tong-hop"), number, True)
    await world.clock("2024-11-29 09:00")
    await gather(world)
    assert await notices(world, "due") == {"moot": 1, "reserved": 1}


async def test_a_request_decided_meanwhile_is_not_asked_about(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    obligation = await world.obligation("bao")
    number, _ = await ask_extension(engine, await world.actor("bao-can-bo"), obligation, at("2024-12-06").date(), "ốm")
    await world.step_round(name="take_in")
    assert await notices(world, "extension_requested") == {"pending": 1}
    await decide_extension(engine, await world.actor("so-tong-hop"), number, False, "không")
    await world.clock("2024-11-29 09:00")
    await gather(world)
    assert await notices(world, "extension_requested") == {"moot": 1}


async def test_a_report_decided_meanwhile_needs_no_review(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    obligation = await world.obligation("bao")
    await submit_report(engine, await world.actor("bao-can-bo"), obligation, REPORT)
    await world.step_round(name="take_in")
    assert await notices(world, "received") == {"pending": 1}
    await decide_report(engine, await world.actor("so-tong-hop"), obligation, 1, True)
    await world.clock("2024-11-29 09:00")
    await gather(world)
    assert await notices(world, "received") == {"moot": 1}


async def test_a_rollup_signed_meanwhile_needs_no_signature(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.clock("2024-12-11 08:00")
    key = await world.value("SELECT id FROM rollup WHERE period = '2024'")
    request = world.request(rollup_id(world.realm, world.plan, "2024"), key, "compile")
    await step_rollup(engine, request)
    assert await notices(world, "rollup_compiled") == {"pending": 1}
    sha256 = await world.value("SELECT sha256 FROM rollup_version")
    await sign_rollup(engine, await world.actor("so-giam-doc"), world.plan, "2024", 0, sha256, "12")
    await world.clock("2024-12-11 09:00")
    took = await gather(world)
    assert took.deliveries == ()
    assert await notices(world, "rollup_compiled") == {"moot": 1}
    assert took.did == ("Bỏ 1 thông báo không còn đúng",)


async def test_what_is_not_yet_due_to_leave_is_not_judged_yet(engine: AsyncEngine) -> None:
    world = await with_round(engine)
    await submit_report(engine, await world.actor("bao-can-bo"), await world.obligation("bao"), REPORT)
    await gather(world)  # 08:00: the window is still open
    assert await notices(world, "due") == {"pending": 2}


# Nobody to tell


async def test_a_notice_without_addressee_is_unroutable_and_says_so(engine: AsyncEngine) -> None:
    registry = small_registry()
    people = tuple(p for p in registry.people if p.unit != "tap-chi")
    world = await make_world(engine, registry=replace(registry, people=people))
    await world.step_task()
    await world.clock(MORNING)
    await gather(world)
    rows = await world.rows(
        "SELECT n.kind, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id WHERE n.state = 'unroutable'"
    )
    assert [tuple(r.values()) for r in rows] == [("assigned", "tap-chi")]
    assert ("unreachable", "ke-hoach/1") in (await digests(world))["so-tong-hop"]


async def test_a_person_who_has_left_is_not_told(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.run("UPDATE person SET valid_to = '2024-01-14' WHERE slug = 'bao-can-bo'")
    await world.run("UPDATE person SET valid_from = '2024-01-16' WHERE slug = 'tap-chi-can-bo'")
    await world.run("UPDATE person SET valid_to = '2024-01-15' WHERE slug = 'hoi-can-bo'")
    await world.step_task()
    await world.clock(MORNING)
    await gather(world)
    told = sorted(await digests(world))
    assert told == ["bao-thu-truong", "hoi-can-bo", "tap-chi-thu-truong"], "whose last day it is, is still there"


# Leases


async def assigned(engine: AsyncEngine, zalo: tuple[str, ...] = ()) -> tuple[World, StepResult]:
    """A world whose three digests are reserved."""
    quiet = Policy(acknowledge_ladder=())
    world = await make_world(engine, registry=small_registry(zalo=zalo), policy=quiet)
    await world.step_task()
    await world.clock(MORNING)
    return world, await gather(world)


async def expired(world: World, delivery: int) -> None:
    """Wait until the database says that a lease is over; however slow the machine."""
    while not await world.value("SELECT lease_until < clock_timestamp() FROM delivery WHERE id = :id", id=delivery):
        await asyncio.sleep(0.05)


async def test_a_lease_keeps_others_out_until_it_is_over(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    first = await claim(engine, ids(took), "a", 60)
    assert len(first) == 3
    assert await claim(engine, ids(took), "b", 60) == []
    assert await still_open(engine, ids(took)) == 3
    await renew(engine, "a", ids(took), LEASE)
    await expired(world, ids(took)[0])
    second = await claim(engine, ids(took), "b", 60)
    assert [d.id for d in second] == [d.id for d in first], "the same delivery, so the same Message-ID"
    assert {d.attempts for d in second} == {2}
    await renew(engine, "a", ids(took), 0)
    assert await claim(engine, ids(took), "a", 60) == [], "who lost the lease cannot shorten it"


async def test_one_of_two_who_claim_at_once_gets_it(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    found = await asyncio.gather(*(claim(world.engine, ids(took), owner, 60) for owner in "abcdef"))
    claimed = [d.id for each in found for d in each]
    assert sorted(claimed) == sorted(ids(took))


async def test_what_was_released_is_free_at_once(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    await claim(engine, ids(took), "a", 60)
    await release(engine, ids(took), "b")
    assert await claim(engine, ids(took), "b", 60) == [], "nobody gives up another's lease"
    await release(engine, ids(took), "a", tried=ids(took)[0])
    again = await claim(engine, ids(took), "b", 60)
    assert [d.attempts for d in again] == [2, 1, 1], "only what was handed over counts as tried"
    assert await world.value("SELECT count(*) FROM delivery") == 3


async def test_what_was_sent_is_never_claimed_again(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    first, *_ = await take(world, took)
    await mark_sent(engine, first, "250 OK")
    assert first.id not in [d.id for d in await claim(engine, ids(took), "a", 60)]
    assert await still_open(engine, ids(took)) == 2
    row = (await world.rows("SELECT state, provider_id, lease_until FROM delivery WHERE id = :id", id=first.id))[0]
    assert tuple(row.values()) == ("sent", "250 OK", None)


@pytest.mark.parametrize("late", ["waiting", "refused"])
async def test_a_sender_who_lost_the_lease_cannot_undo_what_the_other_sent(engine: AsyncEngine, late: str) -> None:
    """Else the third copy goes out, or the same news on another channel."""
    world, took = await assigned(engine, zalo=("bao", "tap-chi"))
    (slow,) = await claim(engine, ids(took, Channel.ZALO)[:1], "slow", LEASE)
    await expired(world, slow.id)
    (adopted,) = await claim(engine, [slow.id], "quick", 60)
    await mark_sent(engine, adopted, "msg-1")
    if late == "waiting":
        await mark_waiting(engine, slow, "451", "later", 60)
    else:
        await mark_refused(engine, slow, "-118", "gone", mark_contact=True, stop_channel=False)
    assert await world.value("SELECT state FROM delivery WHERE id = :id", id=slow.id) == "sent"
    assert await world.value("SELECT count(*) FROM delivery WHERE person_id = :p", p=slow.person) == 1
    assert await notices(world) == {"reserved": 2, "sent": 1}


async def test_two_who_were_both_refused_hand_over_once(engine: AsyncEngine) -> None:
    world, took = await assigned(engine, zalo=("bao", "tap-chi"))
    (slow,) = await claim(engine, ids(took, Channel.ZALO)[:1], "slow", LEASE)
    await expired(world, slow.id)
    (adopted,) = await claim(engine, [slow.id], "quick", 60)
    for one in (adopted, slow):
        await mark_refused(engine, one, "-118", "gone", mark_contact=True, stop_channel=False)
    channels = await world.rows("SELECT channel, state FROM delivery WHERE person_id = :p ORDER BY id", p=slow.person)
    assert [tuple(c.values()) for c in channels] == [("zalo", "refused"), ("mail", "reserved")]


# What becomes of it


async def test_zalo_refuses_and_mail_carries_the_same_notices(engine: AsyncEngine) -> None:
    world, took = await assigned(engine, zalo=("bao",))
    (zalo,) = await take(world, took, Channel.ZALO)
    rings = await mark_refused(engine, zalo, "-118", "no account", mark_contact=True, stop_channel=False)
    assert rings == [dispatch_id(world.realm)], "the coordinator is to hear of it"
    mail = (await world.rows("SELECT * FROM delivery WHERE person_id = :p AND channel = 'mail'", p=zalo.person))[0]
    assert (mail["state"], mail["address"], mail["attempts"]) == ("reserved", "bao-can-bo@thu.example", 0)
    assert mail["content"] == zalo.content
    assert mail["at"] == zalo.at
    members = await world.rows("SELECT delivery_id, notice_id FROM delivery_notice WHERE person_id = :p", p=zalo.person)
    by_delivery = {m["delivery_id"]: m["notice_id"] for m in members}
    assert by_delivery[mail["id"]] == by_delivery[zalo.id]
    assert mail["id"] in ids(await gather(world))
    (carried,) = await claim(engine, [mail["id"]], "a", 60)
    await mark_sent(engine, carried, "250")
    assert await world.value("SELECT state FROM notice WHERE id = :id", id=by_delivery[zalo.id]) == "sent"


async def test_who_cannot_be_reached_by_zalo_is_mailed_from_then_on(engine: AsyncEngine) -> None:
    world, took = await assigned(engine, zalo=("bao",))
    (zalo,) = await take(world, took, Channel.ZALO)
    await mark_refused(engine, zalo, "-139", "opted out", mark_contact=True, stop_channel=False)
    await send_everything(world)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-09-27 09:00")
    took = await gather(world)
    assert ids(took, Channel.ZALO) == []
    assert len(ids(took)) == 3, "two officers, and the coordinator who hears of it"


async def test_the_last_channel_refuses_and_the_notices_have_failed(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    first, *_ = await take(world, took)
    await mark_refused(engine, first, "550", "no such user", mark_contact=True, stop_channel=False)
    assert await notices(world) == {"failed": 1, "reserved": 2, "pending": 1}
    assert await notices(world, "contact_bounced") == {"pending": 1}
    assert await world.value("SELECT count(*) FROM delivery") == 3


async def test_a_stopped_channel_is_left_alone_until_it_is_mended(engine: AsyncEngine) -> None:
    world, took = await assigned(engine, zalo=("bao", "tap-chi"))
    first, _ = await take(world, took, Channel.ZALO)
    await mark_refused(engine, first, "-115", "out of money", mark_contact=False, stop_channel=True)
    alarm = (await world.rows("SELECT channel, code, reason, since FROM channel_alarm"))[0]
    assert tuple(alarm.values()) == ("zalo", "-115", "out of money", at(MORNING))
    assert await world.value("SELECT count(*) FROM contact_mark") == 0, "the person has done nothing"
    await send_everything(world)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    await world.step_round(name="open_round")
    await world.clock("2024-09-27 09:00")
    took = await gather(world)
    assert (ids(took, Channel.ZALO), len(ids(took))) == ([], 2)
    await send_everything(world)
    assert (await reopen_channel(engine, world.realm, "zalo"))[0]
    assert not (await reopen_channel(engine, world.realm, "zalo"))[0], "it works again already"
    await world.clock("2024-11-20 08:00")
    await world.step_round()
    await world.clock("2024-11-20 09:00")
    assert len(ids(await gather(world), Channel.ZALO)) == 2


async def test_what_waits_comes_back_at_its_time_and_the_wake_says_when(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    first, *others = await take(world, took)
    for one in others:
        await mark_sent(engine, one, "250")
    await mark_waiting(engine, first, "451", "greylisted", 900)
    took = await gather(world)
    assert (took.deliveries, took.wait.until) == ((), at("2024-01-15 09:15"))
    assert await wake_at(world) == at("2024-01-15 09:15")
    assert await claim(engine, [first.id], "a", 60) == [], "not before its time, whoever asks"
    await world.clock("2024-01-15 09:14:59")
    assert (await gather(world)).deliveries == ()
    await world.clock("2024-01-15 09:15")
    assert ids(await gather(world)) == [first.id]
    (again,) = await claim(engine, [first.id], "a", 60)
    assert again.attempts == 2
    assert await still_open(engine, [first.id]) == 1, "another worker is told that it is taken, and asks again"
    await mark_sent(engine, again, "250")
    took = await gather(world)
    assert (took.deliveries, took.wait.until) == ((), None)
    assert await wake_at(world) is None


async def test_the_earlier_of_a_retry_and_a_new_notice_wakes_the_dispatch(engine: AsyncEngine) -> None:
    world, took = await assigned(engine)
    first, *others = await take(world, took)
    for one in others:
        await mark_sent(engine, one, "250")
    await mark_waiting(engine, first, "451", "greylisted", 86_400)
    await gather(world)
    assert await wake_at(world) == at("2024-01-16 09:00")
    await world.step_task(0)
    assert await wake_at(world) == at("2024-01-15 09:10")


async def test_a_notice_cannot_go_twice_to_a_person_on_a_channel(engine: AsyncEngine) -> None:
    world, _ = await assigned(engine)
    with pytest.raises(IntegrityError, match="pk_delivery_notice"):
        await world.run(
            """INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
               SELECT notice_id, person_id, channel, delivery_id FROM delivery_notice LIMIT 1"""
        )


async def test_a_notice_cannot_be_raised_twice(engine: AsyncEngine) -> None:
    world, _ = await assigned(engine)
    with pytest.raises(IntegrityError, match="uq_notice_key"):
        await world.run(
            """INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, detail,
                 raised_at, send_at, state)
               SELECT realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, '', now(), now(), 'pending'
               FROM notice LIMIT 1"""
        )


async def test_a_repeated_step_says_the_same(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.step_task()
    await world.clock(MORNING)
    request = world.request(dispatch_id(world.realm), 0, "gather")
    first, second = await asyncio.gather(step_dispatch(engine, request), step_dispatch(engine, request))
    assert first == second
    assert await world.value("SELECT count(*) FROM delivery") == 3


async def test_batches_have_a_limit(engine: AsyncEngine) -> None:
    leads = tuple(f"don-vi-{n:03}" for n in range(120))
    world = await make_world(engine, registry=small_registry(leads), policy=Policy(last_year=2024))
    await world.step_task()
    await world.clock(MORNING)
    took = await gather(world)
    assert [len(b.deliveries) for b in took.deliveries] == [100, 21]
    assert {b.realm for b in took.deliveries} == {world.realm}
