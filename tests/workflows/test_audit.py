"""The audit's workflow alone: it looks over the realm every day without end, and at once when somebody rings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.contracts import Start, StepRequest, StepResult, Wait
from domain.ids import STEPS_QUEUE
from worker import sandbox_runner
from workflows.audit import AuditWorkflow

DAY = timedelta(days=1)


class Looks:
    """Looks as often as it is told, then fails for good: the workflow itself has no end."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked: list[StepRequest] = []

    @activity.defn(name="look_over")
    async def look_over(self, request: StepRequest) -> StepResult:
        self.asked.append(request)
        if len(self.asked) > self.times:
            raise ApplicationError("enough", type="Refusal")
        until = datetime(2024, 12, 2, 23, tzinfo=UTC) + len(self.asked) * DAY
        return StepResult(("đã xem",), "look_over", "Tự kiểm tra hằng ngày", Wait(until, DAY.total_seconds()),
                          state="watching", details="Đã kiểm tra 7 mục, thấy 0 chỗ cần xử lý")  # fmt: skip


async def begin(env: WorkflowEnvironment) -> WorkflowHandle[AuditWorkflow, str]:
    name = f"thu-{uuid4()}/audit"
    return await env.client.start_workflow(AuditWorkflow.run, Start("thu", 0), id=name, task_queue=STEPS_QUEUE)


async def test_it_looks_once_a_day_forever(skipping: WorkflowEnvironment) -> None:
    looks = Looks(5)
    async with Worker(
        skipping.client, task_queue=STEPS_QUEUE, workflows=[AuditWorkflow], activities=[looks.look_over],
        workflow_runner=sandbox_runner(),
    ):  # fmt: skip
        handle = await begin(skipping)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        described = await handle.describe()
    assert [request.number for request in looks.asked] == [1, 2, 3, 4, 5, 6]
    assert looks.asked[1].floor == datetime(2024, 12, 3, 23, tzinfo=UTC), "the timer that fired is the least instant"
    assert {(request.name, request.realm, request.subject) for request in looks.asked} == {("look_over", "thu", 0)}
    assert described.close_time is not None


async def test_a_bell_is_answered_before_the_morning(skipping: WorkflowEnvironment) -> None:
    looks = Looks(1)
    with skipping.with_time_skipping_disabled():
        async with Worker(
            skipping.client, task_queue=STEPS_QUEUE, workflows=[AuditWorkflow], activities=[looks.look_over],
            workflow_runner=sandbox_runner(),
        ):  # fmt: skip
            handle = await begin(skipping)
            while not looks.asked:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            await handle.signal(AuditWorkflow.ring, ["Gọi lại"])
            with pytest.raises(WorkflowFailureError):
                await handle.result()
    assert len(looks.asked) == 2
    assert looks.asked[1].floor is None
