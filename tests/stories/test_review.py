"""A bell that rings while a workflow takes its closing step is looked at once more, and the workflow still closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from domain.contracts import Start, StepRequest, StepResult
from domain.ids import STEPS_QUEUE
from worker import sandbox_runner
from workflows.rollup import RollupWorkflow
from workflows.task import TaskWorkflow

NAMES = {
    TaskWorkflow: ("assign", "open_next_round", "close_task"),
    RollupWorkflow: ("gather_reports", "compile", "wait_for_signature", "send_rollup", "wait_for_acknowledgement"),
}


class Closing:
    """Steps that all close; the first waits until it may."""

    def __init__(self) -> None:
        self.begun, self.may = asyncio.Event(), asyncio.Event()
        self.asked: list[str] = []

    def activities(self, names: tuple[str, ...]) -> list[Callable[..., Any]]:
        """One activity for each named step."""
        return [activity.defn(name=name)(self._step()) for name in names]

    def _step(self) -> Callable[[StepRequest], Awaitable[StepResult]]:
        async def step(request: StepRequest) -> StepResult:
            self.asked.append(request.name)
            self.begun.set()
            while not self.may.is_set():
                activity.heartbeat()
                await asyncio.sleep(0.05)
            return StepResult(closed=True, details="Đã kết thúc")

        return step


@pytest.mark.parametrize("workflow", [TaskWorkflow, RollupWorkflow])
async def test_a_bell_during_the_closing_step(client: Client, workflow: Any) -> None:
    steps = Closing()
    async with Worker(
        client,
        task_queue=STEPS_QUEUE,
        workflows=[workflow],
        activities=steps.activities(NAMES[workflow]),
        workflow_runner=sandbox_runner(),
    ):
        handle = await client.start_workflow(
            workflow.run, Start("thu", 7), id=f"thu/plan/x/closing/{uuid4()}", task_queue=STEPS_QUEUE
        )
        await steps.begun.wait()
        await handle.signal(workflow.ring, ["Đơn vị tiếp nhận nhiệm vụ"])
        await asyncio.sleep(0.3)
        steps.may.set()
        async with asyncio.timeout(20):
            assert await handle.result() == "Đã kết thúc"
    assert len(steps.asked) == 2
