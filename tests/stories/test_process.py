"""The workflows are the process: end one and its task falls silent; lose Temporal and the books bring it all back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from stories import story
from temporalio.client import Client
from worlds import small_plan

from embedded.temporal import EmbeddedTemporal
from workflows.client import Ringer, connect
from workflows.rebuilding import rebuild


async def test_with_its_workflows_ended_only_that_task_falls_silent(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, relay=False, draft=small_plan(("Hàng năm",) * 3)) as told:
        await told.until("2024-10-01 08:00")
        for suffix in ("task/3", "task/3/round/2024"):
            await client.get_workflow_handle(f"thu/plan/ke-hoach/{suffix}").terminate()
        await told.world.run("UPDATE wake SET at = NULL WHERE workflow LIKE 'thu/plan/ke-hoach/task/3%'")
        told.read_everything()
        await told.until("2024-10-19 08:00")
        references = {ref for _, _, ref in told.inbox("bao-can-bo")}
        assert references == {f"ke-hoach/{n}/2024" for n in (0, 1, 2)}


async def test_the_relay_brings_back_what_was_ended(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-10-01 08:00")
        await client.get_workflow_handle("thu/plan/ke-hoach/task/1/round/2024").terminate()
        told.read_everything()
        await told.until("2024-10-19 08:00")
        assert (date(2024, 10, 18), "NHẮC TRƯỚC HẠN 30 NGÀY LÀM VIỆC", "ke-hoach/1/2024") in told.inbox("bao-can-bo")


@pytest.fixture
async def own_temporal(tmp_path: Path) -> AsyncIterator[EmbeddedTemporal]:
    """A server that this test may ruin."""
    server = EmbeddedTemporal(tmp_path / "temporal")
    await server.start()
    yield server
    await server.stop()


async def test_temporals_whole_database_is_lost_in_mid_year(
    own_temporal: EmbeddedTemporal, dsn: str, tmp_path: Path
) -> None:
    async with story(await connect(own_temporal.address, "dondoc"), dsn, tmp_path) as told:
        await told.until("2024-10-21 08:00")
        await told.report("bao-can-bo", "bao")
        await told.until("2024-11-01 08:00")
        before = await told.world.told()
        mails = len(told.mailbox.messages())
        await told.end()
        await own_temporal.stop()
        own_temporal.delete_data()
        await own_temporal.start()
        await told.restart(await connect(own_temporal.address, "dondoc"))
        assert await rebuild(told.world.engine, Ringer(told.client, told.world.engine)) > 5
        await told.until("2024-11-02 08:00")
        assert await told.world.told() == before
        assert len(told.mailbox.messages()) == mails
        told.read_everything()
        await told.until("2024-11-20 23:00")
        reminded = (date(2024, 11, 20), "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC", "ke-hoach/1/2024")
        assert told.inbox("tap-chi-can-bo").count(reminded) == 1
        assert reminded not in told.inbox("bao-can-bo")
