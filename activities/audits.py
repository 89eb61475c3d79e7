"""The daily audit's activity: Temporal is asked which open workflows do not run, the books everything else."""

from __future__ import annotations

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.contextvars import bound_contextvars
from temporalio import activity
from temporalio.client import Client

from activities.beating import beating
from activities.ringing import Ring, ring_gently
from domain.contracts import StepRequest, StepResult
from models.steps.audit import step_audit

log = structlog.get_logger(__name__)

# A plan starts what is under it by and by, so what has never run is late only some time after it was wanted.
_OPEN = """
SELECT workflow FROM wake
WHERE realm = :realm AND closed_at IS NULL AND workflow <> :own
  AND (started_at < clock_timestamp() - make_interval(mins => 5)
       OR at < business_now(realm) - make_interval(mins => 10))
ORDER BY workflow
"""


class Audits:
    """The steps of a realm's audit."""

    def __init__(self, engine: AsyncEngine, client: Client, ring: Ring) -> None:
        self._engine = engine
        self._client = client
        self._ring = ring

    @activity.defn
    async def look_over(self, request: StepRequest) -> StepResult:
        """Look over the realm, repair what is safe, and ring whoever has something to do."""
        with bound_contextvars(workflow=request.workflow, realm=request.realm):
            async with beating():
                silent = await silent_workflows(self._client, self._engine, request)
                result = await step_audit(self._engine, request, silent)
            log.info("realm looked over", realm=request.realm, did=list(result.did), rings=len(result.rings))
            await ring_gently(self._ring, result.rings)
        return result


async def silent_workflows(client: Client, engine: AsyncEngine, request: StepRequest) -> list[str]:
    """The realm's open workflows that Temporal does not run. Raises RPCError where it does not answer.

    The books are asked first: what is started meanwhile is then not missed by the list, which may lag by seconds.
    """
    async with engine.connect() as connection:
        values = {"realm": request.realm, "own": request.workflow}
        waiting = [name for (name,) in await connection.execute(text(_OPEN), values)]
    if not waiting:
        return []
    query = f"WorkflowId STARTS_WITH '{request.realm}/' AND ExecutionStatus = 'Running'"
    running = {found.id async for found in client.list_workflows(query, page_size=1000)}
    return [name for name in waiting if name not in running]
