"""The door to the processes: connect, start what should run, ring what must look."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from domain.contracts import Process, Start
from domain.errors import Unavailable
from domain.ids import STEPS_QUEUE
from workflows.attributes import plan_attribute
from workflows.registered import WORKFLOWS

RINGS_AT_ONCE = 16
FACTS_SHOWN = 100

_WAKES = """
SELECT w.workflow, w.realm, w.process, w.subject, w.title,
       ARRAY(SELECT summary FROM fact f WHERE f.workflow = w.workflow AND f.taken_in_at IS NULL
             ORDER BY id LIMIT :shown) AS facts
FROM wake w WHERE w.workflow = ANY(:workflows) ORDER BY w.workflow
"""


async def connect(address: str, namespace: str) -> Client:
    """Connect to Temporal with the one data converter; raises `Unavailable` when it cannot be reached."""
    try:
        return await Client.connect(address, namespace=namespace, data_converter=pydantic_data_converter)
    except (RPCError, RuntimeError) as error:
        raise Unavailable(
            "temporal-unavailable",
            f"Temporal không trả lời tại {address}; hãy khởi động hoặc sửa DONDOC_TEMPORAL_ADDRESS. Không mất gì.",
        ) from error


class Ringer:
    """Rings workflows by their id, starting those that do not run: signal-with-start, so it is safe to repeat."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine
        self._gate = asyncio.Semaphore(RINGS_AT_ONCE)

    async def ring(self, workflows: Sequence[str]) -> int:
        """Ring these; returns how many are known to the books. Raises RPCError when Temporal does not answer."""
        async with self._engine.begin() as connection:
            rows = await connection.execute(text(_WAKES), {"workflows": list(workflows), "shown": FACTS_SHOWN})
            found = list(rows.mappings())
        await asyncio.gather(*(self._ring(row) for row in found))
        return len(found)

    async def _ring(self, row: RowMapping) -> None:
        async with self._gate:
            await self._client.start_workflow(
                WORKFLOWS[Process(row["process"])].run,
                Start(row["realm"], row["subject"], row["title"]),
                id=row["workflow"],
                task_queue=STEPS_QUEUE,
                static_summary=row["title"],
                search_attributes=plan_attribute(row["workflow"]),
                start_signal="ring",
                start_signal_args=[list(row["facts"])],
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
