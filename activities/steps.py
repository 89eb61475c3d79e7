"""The named steps of plans, tasks, rounds and rollups. A name tells the history why a step was taken; what it does is
whatever is due, decided in one transaction by `models.steps`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.contextvars import bound_contextvars
from temporalio import activity

from activities.beating import beating
from activities.ringing import Ring, ring_gently
from domain.contracts import StepRequest, StepResult
from domain.ids import subject_of
from models.steps.dispatch import step_dispatch
from models.steps.plans import step_plan
from models.steps.rollups import step_rollup
from models.steps.rounds import step_round
from models.steps.tasks import step_task

log = structlog.get_logger(__name__)

Take = Callable[[AsyncEngine, StepRequest], Awaitable[StepResult]]


class _Steps:
    def __init__(self, engine: AsyncEngine, ring: Ring) -> None:
        self._engine = engine
        self._ring = ring

    async def _take(self, take: Take, request: StepRequest) -> StepResult:
        with bound_contextvars(**subject_of(request.workflow)):
            async with beating():
                result = await take(self._engine, request)
            log.info("step taken", step=request.name, number=request.number, did=len(result.did), closed=result.closed)
            await ring_gently(self._ring, result.rings)
        return result


class PlanSteps(_Steps):
    """Steps of a plan."""

    @activity.defn
    async def ensure(self, request: StepRequest) -> StepResult:
        """Name what should run and does not."""
        return await self._take(step_plan, request)

    @activity.defn
    async def review(self, request: StepRequest) -> StepResult:
        """Take in what changed; close after the horizon."""
        return await self._take(step_plan, request)


class TaskSteps(_Steps):
    """Steps of a task."""

    @activity.defn
    async def assign(self, request: StepRequest) -> StepResult:
        """Tell the owners of their task."""
        return await self._take(step_task, request)

    @activity.defn
    async def remind_to_acknowledge(self, request: StepRequest) -> StepResult:
        """Ask those again who have not said that they have their task."""
        return await self._take(step_task, request)

    @activity.defn
    async def open_next_round(self, request: StepRequest) -> StepResult:
        """Open the rounds whose opening has come."""
        return await self._take(step_task, request)

    @activity.defn
    async def close_task(self, request: StepRequest) -> StepResult:
        """Close the task once its last round has closed."""
        return await self._take(step_task, request)


class RoundSteps(_Steps):
    """Steps of a round of reporting."""

    @activity.defn
    async def open_round(self, request: StepRequest) -> StepResult:
        """Tell the units that reporting has opened."""
        return await self._take(step_round, request)

    @activity.defn
    async def remind(self, request: StepRequest) -> StepResult:
        """Remind those still open, before the deadline or on its day."""
        return await self._take(step_round, request)

    @activity.defn
    async def mark_overdue(self, request: StepRequest) -> StepResult:
        """Tell officers and heads that the deadline has passed."""
        return await self._take(step_round, request)

    @activity.defn
    async def escalate(self, request: StepRequest) -> StepResult:
        """Tell those above."""
        return await self._take(step_round, request)

    @activity.defn
    async def take_in(self, request: StepRequest) -> StepResult:
        """Take in what was reported and decided."""
        return await self._take(step_round, request)

    @activity.defn
    async def close_round(self, request: StepRequest) -> StepResult:
        """Close the round: every report is accepted."""
        return await self._take(step_round, request)


class RollupSteps(_Steps):
    """Steps of a rollup."""

    @activity.defn
    async def gather_reports(self, request: StepRequest) -> StepResult:
        """Look whether it is time to compile."""
        return await self._take(step_rollup, request)

    @activity.defn
    async def compile(self, request: StepRequest) -> StepResult:
        """Compile and freeze."""
        return await self._take(step_rollup, request)

    @activity.defn
    async def wait_for_signature(self, request: StepRequest) -> StepResult:
        """Remind the signer."""
        return await self._take(step_rollup, request)

    @activity.defn
    async def send_rollup(self, request: StepRequest) -> StepResult:
        """Raise the sending, and see whether every recipient has it."""
        return await self._take(step_rollup, request)

    @activity.defn
    async def wait_for_acknowledgement(self, request: StepRequest) -> StepResult:
        """Take in the acknowledgement."""
        return await self._take(step_rollup, request)


class DispatchSteps(_Steps):
    """Steps of a realm's dispatch."""

    @activity.defn
    async def gather(self, request: StepRequest) -> StepResult:
        """Reserve the digests that are to leave now."""
        return await self._take(step_dispatch, request)
