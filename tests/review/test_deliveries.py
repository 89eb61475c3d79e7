"""Leases: a slow server, a worker given up for dead that wakes again, books that are away after the server's 250."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world

from activities import deliveries as module
from activities.deliveries import Deliveries
from activities.mail import MailServer
from activities.outcomes import Outcome, Sent
from activities.zalo import ZaloApp
from domain.contracts import Batch
from domain.ids import dispatch_id
from models.steps import digests
from models.steps.dispatch import step_dispatch
from models.steps.sending import Claimed, claim, mark_refused, mark_sent, mark_waiting
from workflows import relay


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    world = await make_world(engine)
    await world.step_task()
    await world.clock("2024-01-15 10:00")
    return world


async def reserved(world: World) -> Batch:
    took = await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
    (batch,) = took.deliveries
    return batch


def sender(engine: AsyncEngine, lease: float) -> Deliveries:
    async def ring(_: object) -> int:
        return 0

    mail, zalo = MailServer("127.0.0.1", 1), ZaloApp("", "", "", "")
    return Deliveries(engine, ring, mail, zalo, "w", lease, "http://x", True)


async def state(world: World, delivery: int) -> str:
    return str(await world.value("SELECT state FROM delivery WHERE id = :id", id=delivery))


async def test_who_lost_a_delivery_cannot_take_back_that_it_was_sent(world: World) -> None:
    batch = await reserved(world)
    (first, *_) = await claim(world.engine, batch.deliveries, "a", -1)
    (second, *_) = await claim(world.engine, [first.id], "b", 20)
    await mark_sent(world.engine, second, "250")
    await mark_waiting(world.engine, first, "451", "later", 60)
    assert await state(world, first.id) == "sent"
    await mark_refused(world.engine, first, "550", "no", False, False)
    assert await state(world, first.id) == "sent"


async def test_a_delivery_under_anothers_lease_is_not_handed_over_to_the_next_channel_twice(world: World) -> None:
    batch = await reserved(world)
    (first, *_) = await claim(world.engine, batch.deliveries, "a", -1)
    await claim(world.engine, [first.id], "b", 20)
    await mark_refused(world.engine, first, "550", "no", False, False)
    assert await state(world, first.id) == "reserved"


async def test_a_server_slower_than_the_lease_does_not_lose_it(world: World) -> None:
    batch = await reserved(world)
    stolen: list[Claimed] = []

    async def slow(_: Claimed) -> Outcome:
        if not stolen and not hasattr(slow, "done"):
            slow.done = True  # type: ignore[attr-defined]
            await asyncio.sleep(1.5)
            stolen.extend(await claim(world.engine, batch.deliveries, "thief", 20))
        return Sent("250")

    result = await sender(world.engine, 0.6)._send(batch, slow)
    assert stolen == []
    assert result.sent == len(batch.deliveries)


async def test_two_attempts_of_one_worker_never_send_the_same(world: World) -> None:
    """An attempt that the server gave up for dead may still be running when the next one begins."""
    batch = await reserved(world)
    sent: list[int] = []

    async def send(delivery: Claimed) -> Outcome:
        sent.append(delivery.id)
        await asyncio.sleep(0.05)
        return Sent("250")

    both = sender(world.engine, 20)
    await asyncio.gather(both._send(batch, send), both._send(batch, send), return_exceptions=True)
    assert sorted(sent) == sorted(batch.deliveries)


async def test_books_that_are_away_for_a_moment_do_not_make_a_second_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await reserved(world)
    sent: list[int] = []
    failures = [OSError("connection refused"), PoolTimeout("pool")]

    async def send(delivery: Claimed) -> Outcome:
        sent.append(delivery.id)
        return Sent("250")

    async def failing(engine: AsyncEngine, delivery: Claimed, provider: str) -> list[str]:
        if failures:
            raise failures.pop()
        return await mark_sent(engine, delivery, provider)

    monkeypatch.setattr(module, "mark_sent", failing)
    await sender(world.engine, 20)._send(batch, send)
    assert sorted(sent) == sorted(batch.deliveries)


async def test_the_relay_outlives_a_pool_that_has_run_dry(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    async def dry(_: relay.Relay) -> int:
        looked.append(1)
        raise PoolTimeout("QueuePool limit reached")

    monkeypatch.setattr(relay.Relay, "ring_late", dry)
    async with relay.Relay(engine, None, None, 0.01):  # type: ignore[arg-type]
        await asyncio.sleep(0.2)
    assert len(looked) > 1


async def test_many_notices_are_gathered_unit_by_unit_and_no_digest_is_split(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step over everything would outlast its heartbeats, and be begun again for ever."""
    monkeypatch.setattr(digests, "AT_ONCE", 1)
    await world.step_task(0)
    await world.clock("2024-01-15 11:00")
    due = await world.value("SELECT count(DISTINCT unit_id) FROM notice")
    assert due > 2
    for taken in range(1, due + 1):
        took = await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
        assert took.wait.seconds == 0
        units = await world.value("SELECT count(DISTINCT unit_id) FROM notice WHERE state <> 'pending'")
        assert units == taken
    assert await world.value("SELECT count(*) FROM notice WHERE state = 'pending'") == 0
    assert await world.value("SELECT max(n) FROM (SELECT count(*) AS n FROM delivery GROUP BY person_id) x") == 1
