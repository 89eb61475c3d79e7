"""A plan: sees that the workflows of its tasks and rollups run, takes in what changes it, closes after its horizon."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.ensuring import Ensuring
    from activities.steps import PlanSteps
    from domain.contracts import Start
    from domain.ids import STEPS_QUEUE
    from workflows.policies import QUICK
    from workflows.stepping import Stepping


@workflow.defn
class PlanWorkflow(Stepping):
    """Ensure tasks and rollups run → wait for what changes the plan, or its horizon → close."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the plan's key. Result: the last line of its details."""
        took = await self.step(PlanSteps.ensure, start, "Khởi động các nhiệm vụ")
        while not took.closed or self.bell:
            if took.start:
                await workflow.execute_activity_method(
                    Ensuring.start_workflows,
                    list(took.start),
                    task_queue=STEPS_QUEUE,
                    start_to_close_timeout=QUICK.start_to_close * 5,
                    retry_policy=QUICK.retry,
                    summary=f"Khởi động {len(took.start)} quy trình",
                )
            await self.until(took)
            self.renew(start)
            took = await self.step(PlanSteps.review, start, took.next_summary or "Rà soát kế hoạch")
        return took.details
