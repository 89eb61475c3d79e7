"""A round's workflow alone: it takes the step the last one named, sleeps as told, and looks when the bell rings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.contracts import Start, StepRequest, StepResult, Wait
from domain.ids import STEPS_QUEUE
from worker import sandbox_runner
from workflows.round import RoundWorkflow

DAY = 86_400.0


class FakeSteps:
    """Answers from a list; remembers what it was asked."""

    def __init__(self, answers: list[StepResult]) -> None:
        self.answers = answers
        self.asked: list[StepRequest] = []

    def activities(self) -> list[Callable[..., Any]]:
        """One activity for each named step."""
        names = ("open_round", "remind", "mark_overdue", "escalate", "take_in", "close_round")
        return [activity.defn(name=name)(self._named()) for name in names]

    def _named(self) -> Callable[[StepRequest], Awaitable[StepResult]]:
        async def step(request: StepRequest) -> StepResult:
            self.asked.append(request)
            return self.answers.pop(0)

        return step

    @property
    def names(self) -> list[str]:
        """The steps in the order in which they were taken."""
        return [request.name for request in self.asked]


def sleeping(step: str, days: float, until: datetime | None = None) -> StepResult:
    return StepResult(next_step=step, next_summary=step, wait=Wait(until, days * DAY))


CLOSED = StepResult(closed=True, details="Đã kết thúc")


async def run(env: WorkflowEnvironment, steps: FakeSteps, bells: int = 0) -> str:
    async with Worker(
        env.client,
        task_queue=STEPS_QUEUE,
        workflows=[RoundWorkflow],
        activities=steps.activities(),
        workflow_runner=sandbox_runner(),
    ):
        handle = await env.client.start_workflow(
            RoundWorkflow.run, Start("thu", 7), id=f"round-{uuid4()}", task_queue=STEPS_QUEUE
        )
        for _ in range(bells):
            while not steps.asked:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)
            await handle.signal(RoundWorkflow.ring, ["Báo gửi báo cáo"])
        return await handle.result()


async def test_it_climbs_the_ladder_as_the_steps_say(skipping: WorkflowEnvironment) -> None:
    until = datetime(2024, 11, 20, 1, tzinfo=UTC)
    steps = FakeSteps(
        [
            sleeping("remind", 21, until),
            sleeping("remind", 33),
            sleeping("mark_overdue", 3),
            sleeping("escalate", 2),
            sleeping("close_round", 0),
            CLOSED,
        ]
    )
    assert await run(skipping, steps) == "Đã kết thúc"
    assert steps.names == ["open_round", "remind", "remind", "mark_overdue", "escalate", "close_round"]
    assert [request.number for request in steps.asked] == [1, 2, 3, 4, 5, 6]
    assert steps.asked[1].floor == until, "the step whose timer fired acts as if it were at least then"
    assert len({request.run for request in steps.asked}) == 1


async def test_a_bell_is_answered_before_the_timer(skipping: WorkflowEnvironment) -> None:
    forever = StepResult(next_step="remind", next_summary="remind", wait=Wait(None, timedelta(days=30).total_seconds()))
    steps = FakeSteps([forever, CLOSED, CLOSED, CLOSED])
    with skipping.with_time_skipping_disabled():
        await run(skipping, steps, bells=1)
    assert steps.names[:2] == ["open_round", "take_in"]
    assert steps.asked[1].floor is None
