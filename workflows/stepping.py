"""What all workflows share: the bell, the counted steps, and the wait between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Start, StepRequest, StepResult
    from domain.ids import STEPS_QUEUE
    from workflows.attributes import DUE_AT, OPEN_COUNT, STATE
    from workflows.policies import QUICK, ActivityPolicy

StepActivity = Callable[[Any, StepRequest], Awaitable[StepResult]]


class Stepping:
    """State of a workflow that takes steps. Everything else is in the books."""

    def __init__(self) -> None:
        self.bell = False
        self.news = False
        self.number = 0
        self.floor: datetime | None = None
        self.shown: tuple[str, datetime | None, int] | None = None

    @workflow.signal
    def ring(self, facts: list[str]) -> None:
        """Facts wait in the books; their summaries are here for whoever reads the history."""
        self.bell = True
        self.news = self.news or bool(facts)

    async def step(
        self,
        activity: StepActivity,
        start: Start,
        summary: str,
        policy: ActivityPolicy = QUICK,
        queue: str = STEPS_QUEUE,
    ) -> StepResult:
        """Take one step. The bell is cleared before it, so one that rings meanwhile is seen after it."""
        self.bell = False
        self.news = False
        self.number += 1
        info = workflow.info()
        request = StepRequest(
            workflow=info.workflow_id,
            run=info.run_id,
            number=self.number,
            name=activity.__name__,
            realm=start.realm,
            subject=start.subject,
            floor=self.floor,
        )
        result: StepResult = await workflow.execute_activity_method(
            activity,
            request,
            task_queue=queue,
            start_to_close_timeout=policy.start_to_close,
            heartbeat_timeout=policy.heartbeat,
            retry_policy=policy.retry,
            summary=summary,
        )
        self._show(result)
        return result

    async def until(self, result: StepResult) -> bool:
        """Sleep until the next step is due or the bell rings; True where it was the bell.

        In a rehearsal the driver rings for the timer, with no fact in hand: then it is the awaited step's turn.
        """
        self.floor = None
        if self.bell or result.wait.seconds == 0:
            return self.bell
        timeout = None if result.wait.seconds is None else timedelta(seconds=result.wait.seconds)
        try:
            await workflow.wait_condition(lambda: self.bell, timeout=timeout, timeout_summary=result.next_summary)
        except TimeoutError:
            self.floor = result.wait.until
            return False
        return self.news or result.wait.seconds is not None

    def renew(self, start: Start) -> None:
        """Go on in a fresh run when the history has grown long; its first step asks the books."""
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(start)

    def _show(self, result: StepResult) -> None:
        if result.details:
            workflow.set_current_details(result.details)
        shown = (result.state, result.due_at, result.open_count)
        if shown == self.shown or not result.state:
            return
        self.shown = shown
        updates: list[SearchAttributeUpdate[Any]] = [
            STATE.value_set(result.state),
            OPEN_COUNT.value_set(result.open_count),
        ]
        if result.due_at is not None:
            updates.append(DUE_AT.value_set(result.due_at))
        workflow.upsert_search_attributes(updates)
