"""One reporting round of a task, from its opening to its close."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.steps import RoundSteps
    from domain.contracts import Start
    from workflows.stepping import Stepping

STEPS = {
    "remind": RoundSteps.remind,
    "mark_overdue": RoundSteps.mark_overdue,
    "escalate": RoundSteps.escalate,
    "take_in": RoundSteps.take_in,
    "close_round": RoundSteps.close_round,
}


@workflow.defn
class RoundWorkflow(Stepping):
    """Open → remind … → due → overdue → escalate …; reports are taken in as they come; closed when all are accepted."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the round's key. Result: the last line of its details."""
        took = await self.step(RoundSteps.open_round, start, "Mở kỳ báo cáo")
        while not took.closed or self.bell:
            rang = await self.until(took)
            self.renew(start)
            if rang:
                took = await self.step(RoundSteps.take_in, start, "Tiếp nhận")
            else:
                took = await self.step(STEPS[took.next_step], start, took.next_summary)
        return took.details
