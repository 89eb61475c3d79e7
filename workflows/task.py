"""One appendix row: assigned, then reported on round after round."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.steps import TaskSteps
    from domain.contracts import Start, StartOrder
    from workflows.attributes import plan_attribute
    from workflows.round import RoundWorkflow
    from workflows.stepping import Stepping

STEPS = {
    "wait_for_guidance": TaskSteps.assign,
    "acknowledge": TaskSteps.remind_to_acknowledge,
    "open_round": TaskSteps.open_next_round,
    "close_task": TaskSteps.close_task,
}


@workflow.defn
class TaskWorkflow(Stepping):
    """Assign → wait for guidance where the plan says so → open each round as its time comes → close."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the task's key. Result: the last line of its details."""
        took = await self.step(TaskSteps.assign, start, "Giao nhiệm vụ")
        while not took.closed or self.bell:
            for order in took.start:
                await self.start_round(order)
            await self.until(took)
            self.renew(start)
            took = await self.step(STEPS.get(took.next_step, TaskSteps.close_task), start, took.next_summary)
        return took.details

    async def start_round(self, order: StartOrder) -> None:
        """Start a round and let it live on its own: rounds may overlap, and outlive this run."""
        try:
            await workflow.start_child_workflow(
                RoundWorkflow.run,
                order.start,
                id=order.workflow,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=order.start.title,
                search_attributes=plan_attribute(order.workflow),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("round runs already", extra={"round": order.workflow})
