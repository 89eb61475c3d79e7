"""The watch over the real stack: what was taken away is found, started again, and told."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stories import Story, story
from temporalio.client import Client
from temporalio.service import RPCError
from worlds import small_plan

from commands.doctor import examine
from domain.contracts import StepRequest
from domain.ids import MAIL_QUEUE, STEPS_QUEUE, audit_id
from domain.watching import Level, worst
from embedded.temporal import EmbeddedTemporal
from workflows.polled import QUEUES, unpolled

PLAN = "thu/plan/ke-hoach"


async def found(story: Story, seconds: float = 30) -> dict[str, object]:
    """What the first audit has found, once there is one."""
    give_up = asyncio.get_running_loop().time() + seconds
    while not (rows := await story.world.rows("SELECT repaired FROM audit ORDER BY id DESC LIMIT 1")):
        assert asyncio.get_running_loop().time() < give_up, "nobody has looked"
        await asyncio.sleep(0.1)
    return {name: each for name, each in rows[0]["repaired"].items() if not name.startswith("_")}


async def running(client: Client, workflow: str) -> bool:
    try:
        return (await client.get_workflow_handle(workflow).describe()).close_time is None
    except RPCError:
        return False


async def test_a_workflow_that_was_taken_away_is_started_again(
    client: Client, temporal: EmbeddedTemporal, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path, relay=False, live=True, draft=small_plan()) as told:
        world = told.world
        while not await running(client, f"{PLAN}/task/1"):
            await asyncio.sleep(0.1)
        await client.get_workflow_handle(f"{PLAN}/task/1").terminate()
        await world.run("UPDATE wake SET started_at = started_at - interval '1 hour'")
        while await running(client, f"{PLAN}/task/1"):
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)  # the server's list of what runs follows within moments
        await told.driver.ring([audit_id("thu")])
        seen = await found(told)
        assert seen["workflows-silent"] == {"found": 1, "repaired": 1, "examples": [f"{PLAN}/task/1"]}
        while not await running(client, f"{PLAN}/task/1"):
            await asyncio.sleep(0.1)
        wake = (await world.rows("SELECT at FROM wake WHERE workflow = 'thu/audit'"))[0]["at"]
        assert timedelta(0) < wake - datetime.now(UTC) <= timedelta(days=1)

        settings = replace(told.settings, temporal_address=temporal.address)
        health = await examine(argparse.Namespace(), settings, lambda: datetime.now(UTC))
        assert [(each.code, each.sentence) for each in health if each.level is Level.BROKEN] == []
        codes = {each.code for each in health}
        assert codes >= {"settings", "database", "temporal", "queues", "clock-skew", "moving", "audit-repaired"}
        assert worst(health) in (Level.GOOD, Level.LOOK)


async def test_a_queue_that_nobody_polls_is_seen(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, relay=False) as told:
        while await unpolled(client, datetime.now(UTC)):
            await asyncio.sleep(0.1)
        assert await unpolled(client, datetime.now(UTC) + timedelta(minutes=4)) == list(QUEUES)
        assert [*QUEUES][:2] == [STEPS_QUEUE, MAIL_QUEUE]
        assert told.world.realm == "thu"


async def test_the_audit_of_a_stepped_realm_is_asked_for_by_hand(client: Client, dsn: str, tmp_path: Path) -> None:
    from activities.audits import silent_workflows

    async with story(client, dsn, tmp_path, draft=small_plan()) as told:
        await told.until("2024-02-01 08:00")
        request = StepRequest(audit_id("thu"), "by-hand", 1, "look_over", "thu", 0)
        await told.world.run("UPDATE wake SET started_at = started_at - interval '1 hour'")
        await asyncio.sleep(1)
        assert await silent_workflows(client, told.world.engine, request) == []
