"""A worker that a rehearsal can kill after a step's commit and before its result reaches Temporal.

The product knows nothing of it: an interceptor looks whether the harness has laid an order into the folder that
`DONDOC_FIRE_FOLDER` names, writes down what was under way, and kills its own process.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

import worker

ORDER, RECORD = "order.json", "killed.json"


class FireInterceptor(Interceptor):
    """Puts the killing behind every activity."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Wrap the activity."""
        return _Fire(next, self._folder)


class _Fire(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, folder: Path) -> None:
        super().__init__(next)
        self._folder = folder

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        if self._ordered(activity.info().activity_type):
            self._die()
        return result

    def _ordered(self, name: str) -> bool:
        """Whether the order names this activity; only one process can take an order."""
        order = self._folder / ORDER
        try:
            wanted = json.loads(order.read_text())["activities"]
        except FileNotFoundError:
            return False
        if wanted and name not in wanted:
            return False
        try:
            order.rename(self._folder / f"taken-{os.getpid()}.json")
        except FileNotFoundError:
            return False
        return True

    def _die(self) -> None:
        info = activity.info()
        record = self._folder / f".{RECORD}"
        record.write_text(
            json.dumps(
                {
                    "activity": info.activity_type,
                    "workflow": info.workflow_id,
                    "attempt": info.attempt,
                    "under_way": "committed, result not yet with Temporal",
                    "pid": os.getpid(),
                }
            )
        )
        record.rename(self._folder / RECORD)
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the product's worker with the interceptor."""
    folder = Path(os.environ["DONDOC_FIRE_FOLDER"])  # noqa: TID251 an entry
    worker.main([FireInterceptor(folder)])


if __name__ == "__main__":
    main()
