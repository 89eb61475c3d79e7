"""The dispatch of a realm: gathers what is wanted into digests and sends them, channel by channel."""

from __future__ import annotations

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.deliveries import Deliveries
    from activities.steps import DispatchSteps
    from domain.contracts import Batch, Channel, SendResult, Start
    from domain.ids import MAIL_QUEUE
    from workflows.policies import GATHER, MAIL
    from workflows.stepping import Stepping

SEND = {Channel.MAIL: Deliveries.send_mail, Channel.ZALO: Deliveries.send_zalo}


@workflow.defn
class DispatchWorkflow(Stepping):
    """Gather → send per channel → fail over → wait for the next sending hour or the next bell."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the realm. It has no end; a fresh run goes on where this one stops."""
        while True:
            took = await self.step(DispatchSteps.gather, start, "Gom thông báo", GATHER)
            if took.deliveries:
                await asyncio.gather(*(self.send(batch) for batch in took.deliveries))
            else:
                await self.until(took)
            self.renew(start)

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
