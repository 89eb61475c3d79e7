"""A period's rollup: compiled, signed, rendered, sent to those above, acknowledged."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.documents import Documents
    from activities.steps import RollupSteps
    from domain.contracts import Start, StepResult
    from domain.ids import DOCUMENTS_QUEUE
    from workflows.policies import DOCUMENT
    from workflows.stepping import Stepping

STEPS = {
    "compile": RollupSteps.compile,
    "wait_for_signature": RollupSteps.wait_for_signature,
    "send": RollupSteps.send_rollup,
    "wait_for_sending": RollupSteps.send_rollup,
    "wait_for_acknowledgement": RollupSteps.wait_for_acknowledgement,
}


@workflow.defn
class RollupWorkflow(Stepping):
    """Wait for the units' deadline and grace → compile → signature → render → send → acknowledgement."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the rollup's key. Result: the last line of its details."""
        took = await self.step(RollupSteps.gather_reports, start, "Chờ báo cáo của các đơn vị")
        while not took.closed or self.bell:
            await self.until(took)
            self.renew(start)
            took = await self.next_step(took, start)
        return took.details

    async def next_step(self, took: StepResult, start: Start) -> StepResult:
        """Take the step that the last one named; rendering has a queue of its own."""
        if took.next_step == "render":
            return await self.step(Documents.render, start, took.next_summary, DOCUMENT, DOCUMENTS_QUEUE)
        last = RollupSteps.wait_for_acknowledgement  # a bell that rang while it closed is looked at once more
        return await self.step(STEPS.get(took.next_step, last), start, took.next_summary)
