"""Every workflow of the product, by the kind under which the books know it."""

from __future__ import annotations

from typing import Any

from domain.contracts import Process
from workflows.audit import AuditWorkflow
from workflows.dispatch import DispatchWorkflow
from workflows.plan import PlanWorkflow
from workflows.rollup import RollupWorkflow
from workflows.round import RoundWorkflow
from workflows.task import TaskWorkflow

WORKFLOWS: dict[Process, Any] = {
    Process.PLAN: PlanWorkflow,
    Process.TASK: TaskWorkflow,
    Process.ROUND: RoundWorkflow,
    Process.ROLLUP: RollupWorkflow,
    Process.DISPATCH: DispatchWorkflow,
    Process.AUDIT: AuditWorkflow,
}
