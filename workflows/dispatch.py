"""The dispatch of a realm: gathers what is wanted into digests and sends them, channel by channel."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.deliveries import Deliveries
    from activities.steps import DispatchSteps
    from domain.contracts import Batch, Channel, SendResult, Start, StepResult
    from domain.ids import MAIL_QUEUE
    from workflows.policies import GATHER, MAIL
    from workflows.stepping import Stepping

LONG_HISTORY = 20_000
"""Events after which a fresh run takes over even while a server is down; leases keep anything from being sent twice."""
SEND = {Channel.MAIL: Deliveries.send_mail, Channel.ZALO: Deliveries.send_zalo}


@workflow.defn
class DispatchWorkflow(Stepping):
    """Gather → send per channel → fail over → wait for the next sending hour or the next bell."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: dict[int, asyncio.Task[SendResult]] = {}

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the realm. It has no end; a fresh run goes on where this one stops."""
        if not workflow.patched("channels-apart"):
            return await self.together(start)
        while True:
            took = await self.step(DispatchSteps.gather, start, "Gom thông báo", GATHER)
            for batch in took.deliveries:
                self.begin(batch)
            await self.rest(took)
            if not self.under_way or workflow.info().get_current_history_length() > LONG_HISTORY:
                self.renew(start)

    async def together(self, start: Start) -> str:
        """As runs of before went on: a channel that is down holds up the others."""
        while True:
            took = await self.step(DispatchSteps.gather, start, "Gom thông báo", GATHER)
            if took.deliveries:
                await asyncio.gather(*(self.send(batch) for batch in took.deliveries))
            else:
                await self.until(took)
            self.renew(start)

    def begin(self, batch: Batch) -> None:
        """Send what of a batch is not being sent yet."""
        new = tuple(delivery for delivery in batch.deliveries if delivery not in self.under_way)
        if new:
            task = asyncio.create_task(self.send(replace(batch, deliveries=new)))
            self.under_way.update(dict.fromkeys(new, task))

    async def rest(self, took: StepResult) -> None:
        """Until a batch has ended, the bell rings or something comes due: a server that is down holds nobody up."""
        if not self.under_way:
            await self.until(took)
            return
        self.floor = None
        timeout = timedelta(seconds=took.wait.seconds) if took.wait.seconds else None
        try:
            await workflow.wait_condition(
                lambda: self.bell or any(task.done() for task in self.under_way.values()),
                timeout=timeout,
                timeout_summary=took.next_summary,
            )
        except TimeoutError:
            self.floor = took.wait.until
        for task in {id(task): task for task in self.under_way.values() if task.done()}.values():
            await task  # so that what it raised is not lost
        self.under_way = {delivery: task for delivery, task in self.under_way.items() if not task.done()}

    async def send(self, batch: Batch) -> SendResult:
        """Send one batch over one connection."""
        return await workflow.execute_activity_method(
            SEND[batch.channel],
            batch,
            task_queue=MAIL_QUEUE,
            start_to_close_timeout=MAIL.start_to_close,
            heartbeat_timeout=MAIL.heartbeat,
            retry_policy=MAIL.retry,
            summary=f"{batch.channel.value} · {len(batch.deliveries)} bản tin",
        )
