"""The dispatch's workflow alone: a server that is down or slow holds up neither the other channel nor what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.contracts import Batch, Channel, SendResult, Start, StepRequest, StepResult, Wait
from domain.ids import MAIL_QUEUE, STEPS_QUEUE
from worker import sandbox_runner
from workflows.dispatch import DispatchWorkflow

MINUTE, POLL = 60.0, 0.4
MORNING = datetime(2024, 12, 2, 1, tzinfo=UTC)
ENOUGH = "enough"
OVER = ApplicationError(ENOUGH, type="Refusal", non_retryable=True)
"""The workflow has no end of its own; the test's last step gives it one."""


def mail(*deliveries: int) -> Batch:
    return Batch(Channel.MAIL, deliveries, "thu")


def zalo(*deliveries: int) -> Batch:
    return Batch(Channel.ZALO, deliveries, "thu")


def sending(*batches: Batch, again: float = MINUTE) -> StepResult:
    """What a step says while something is to be sent: look again after so many seconds."""
    until = MORNING + timedelta(seconds=again)
    return StepResult(
        next_step="send", next_summary="Gửi", wait=Wait(until, again), deliveries=batches, state="sending"
    )


def resting(seconds: float | None = None) -> StepResult:
    """What it says where nothing is to be sent now."""
    return StepResult(next_step="gather", next_summary="Gom thông báo", wait=Wait(None, seconds), state="waiting")


@dataclass
class Servers:
    """Steps from a list, mail and Zalo as the test wants them; all in the order in which it happened."""

    answers: list[StepResult]
    down: int = 0
    """So many attempts the mail server is down for."""
    slow: asyncio.Event | None = None
    """The mail server answers when this is set."""
    asked: list[StepRequest] = field(default_factory=list)
    tried: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    sent: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    happened: asyncio.Condition = field(default_factory=asyncio.Condition)

    def activities(self) -> list[Callable[..., Any]]:
        return [self.gather, self.send_mail, self.send_zalo]

    @activity.defn(name="gather")
    async def gather(self, request: StepRequest) -> StepResult:
        self.asked.append(request)
        await self._tell()
        if not self.answers:
            raise OVER
        return self.answers.pop(0)

    @activity.defn(name="send_mail")
    async def send_mail(self, batch: Batch) -> SendResult:
        self.tried.append(("mail", batch.deliveries))
        await self._tell()
        if self.down:
            self.down -= 1
            raise ApplicationError("channel down", type="ChannelDown")
        if self.slow is not None:
            while not self.slow.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.05)
        return await self._sent("mail", batch)

    @activity.defn(name="send_zalo")
    async def send_zalo(self, batch: Batch) -> SendResult:
        self.tried.append(("zalo", batch.deliveries))
        return await self._sent("zalo", batch)

    async def _sent(self, channel: str, batch: Batch) -> SendResult:
        self.sent.append((channel, batch.deliveries))
        await self._tell()
        return SendResult(sent=len(batch.deliveries))

    async def _tell(self) -> None:
        async with self.happened:
            self.happened.notify_all()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until it has come to that."""
        async with asyncio.timeout(30), self.happened:
            await self.happened.wait_for(what)


@asynccontextmanager
async def dispatching(env: WorkflowEnvironment, servers: Servers) -> AsyncIterator[WorkflowHandle[Any, str]]:
    common: dict[str, Any] = {"workflow_runner": sandbox_runner()}
    async with (
        Worker(env.client, task_queue=STEPS_QUEUE, workflows=[DispatchWorkflow], activities=[servers.gather], **common),
        Worker(env.client, task_queue=MAIL_QUEUE, activities=[servers.send_mail, servers.send_zalo]),
    ):
        yield await env.client.start_workflow(
            DispatchWorkflow.run, Start("thu", 0), id=f"thu-{uuid4()}/dispatch", task_queue=STEPS_QUEUE
        )


async def over(handle: WorkflowHandle[Any, str]) -> None:
    """It goes on until a step ends it."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert ENOUGH in str(failed.value.__cause__.__cause__)  # type: ignore[union-attr]


async def test_both_channels_leave_and_the_next_hour_is_awaited(skipping: WorkflowEnvironment) -> None:
    servers = Servers([sending(mail(1, 2), zalo(3)), resting(POLL), resting(POLL)])
    with skipping.with_time_skipping_disabled():
        async with dispatching(skipping, servers) as handle:
            await over(handle)
    assert sorted(servers.sent) == [("mail", (1, 2)), ("zalo", (3,))]
    assert len(servers.asked) == 4, "each answer is asked for once, and then it is over"


async def test_while_mail_is_down_zalo_goes_on_and_new_notices_are_gathered(skipping: WorkflowEnvironment) -> None:
    """It looks each time its poll is over, not once a moment, and hands over nothing that is under way already."""
    looks = [sending(mail(1, 2), again=POLL) for _ in range(8)]
    looks[0] = sending(mail(1, 2), zalo(3), again=POLL)
    looks[4] = sending(mail(1, 2, 4), zalo(5), again=POLL)
    servers = Servers(looks.copy(), down=1_000)
    began = monotonic()
    with skipping.with_time_skipping_disabled():
        async with dispatching(skipping, servers) as handle:
            await over(handle)
    passed = monotonic() - began
    assert servers.sent == [("zalo", (3,)), ("zalo", (5,))]
    assert {deliveries for channel, deliveries in servers.tried if channel == "mail"} == {(1, 2), (4,)}
    assert len(servers.asked) == len(looks) + 1
    # Twice a batch of Zalo ended and was followed by a look at once; all the other looks waited for the poll.
    assert passed >= (len(looks) - 2) * POLL
    assert servers.asked[1].floor is None
    assert servers.asked[3].floor == MORNING + timedelta(seconds=POLL), "acts as if it were at least then"


async def test_a_bell_is_answered_while_a_server_is_slow(skipping: WorkflowEnvironment) -> None:
    servers = Servers([sending(mail(1)), sending(mail(1), zalo(2)), resting(POLL)], slow=asyncio.Event())
    assert servers.slow is not None
    with skipping.with_time_skipping_disabled():
        async with dispatching(skipping, servers) as handle:
            await servers.until(lambda: ("mail", (1,)) in servers.tried)
            await handle.signal(DispatchWorkflow.ring, ["Báo gửi báo cáo"])
            await servers.until(lambda: ("zalo", (2,)) in servers.sent)
            assert servers.sent == [("zalo", (2,))], "the mail is still under way"
            assert [tried for tried in servers.tried if tried[0] == "mail"] == [("mail", (1,))]
            servers.slow.set()
            await servers.until(lambda: ("mail", (1,)) in servers.sent)
            await over(handle)
    assert servers.tried.count(("mail", (1,))) == 1


async def test_in_a_rehearsal_the_clock_stands_still_until_all_is_sent(skipping: WorkflowEnvironment) -> None:
    """There is no poll: a step that says "now" is followed by the next when a batch has ended, and by none before."""
    servers = Servers([sending(mail(1), again=0.0), resting(POLL)], slow=asyncio.Event())
    assert servers.slow is not None
    with skipping.with_time_skipping_disabled():
        async with dispatching(skipping, servers) as handle:
            await servers.until(lambda: ("mail", (1,)) in servers.tried)
            await asyncio.sleep(0.5)
            assert len(servers.asked) == 1
            servers.slow.set()
            await servers.until(lambda: len(servers.asked) == 2)
            await handle.terminate()
