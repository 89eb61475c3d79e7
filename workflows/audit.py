"""The daily audit of a realm: what the ordinary course has missed is found, set going, and told."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.audits import Audits
    from domain.contracts import Start
    from workflows.policies import AUDIT
    from workflows.stepping import Stepping


@workflow.defn
class AuditWorkflow(Stepping):
    """Look over the realm → sleep until the next morning, or until somebody rings → look again."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Input: the realm. It has no end; a fresh run goes on where this one stops."""
        while True:
            took = await self.step(Audits.look_over, start, "Tự kiểm tra hằng ngày", AUDIT)
            await self.until(took)
            self.renew(start)
