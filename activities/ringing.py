"""How an activity asks for bells to be rung; who rings is decided where the process is composed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from temporalio import activity
from temporalio.service import RPCError

Ring = Callable[[Sequence[str]], Awaitable[int]]


async def ring_gently(ring: Ring, workflows: Sequence[str]) -> None:
    """Ring; a server that does not answer is left to the relay, which rings again within seconds.

    The fact is in the books either way, so failing the step for it would gain nothing.
    """
    if not workflows:
        return
    try:
        await ring(workflows)
    except RPCError as error:
        activity.logger.warning("bell not rung, left to the relay", extra={"reason": str(error.status)})
