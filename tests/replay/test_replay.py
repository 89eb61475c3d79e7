"""Every recorded history goes through today's code; one that does not would stand still at a site."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.steps import RoundSteps
from domain.contracts import Start
from worker import sandbox_runner
from workflows.registered import WORKFLOWS
from workflows.stepping import Stepping

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*/*.json"))


def read(file: Path) -> WorkflowHistory:
    """A recorded history; its id stands beside its events."""
    found = json.loads(file.read_text())
    return WorkflowHistory.from_json(found.pop("id"), found)


def test_there_are_histories_of_every_workflow() -> None:
    started = {read(f).events[0].workflow_execution_started_event_attributes.workflow_type.name for f in HISTORIES}
    assert started == {w.__name__ for w in WORKFLOWS.values()}


@pytest.mark.parametrize("file", HISTORIES, ids=lambda f: f"{f.parent.name}-{f.stem}")
async def test_a_recorded_history_replays(file: Path) -> None:
    replayer = Replayer(
        workflows=list(WORKFLOWS.values()),
        data_converter=pydantic_data_converter,
        workflow_runner=sandbox_runner(),
    )
    await replayer.replay_workflow(read(file))


@workflow.defn(name="RoundWorkflow", sandboxed=False)
class SwappedRoundWorkflow(Stepping):
    """A round whose first two steps were swapped by somebody who did not read docs/change-a-workflow.md."""

    @workflow.run
    async def run(self, start: Start) -> str:
        """Reminds before it opens."""
        await self.step(RoundSteps.remind, start, "Nhắc")
        took = await self.step(RoundSteps.open_round, start, "Mở kỳ báo cáo")
        return took.details


async def test_two_swapped_steps_do_not_pass() -> None:
    replayer = Replayer(
        workflows=[SwappedRoundWorkflow],
        data_converter=pydantic_data_converter,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    file = next(f for f in HISTORIES if f.stem == "round-closed")
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(read(file))
