"""Starting what should run and does not."""

from __future__ import annotations

from temporalio import activity

from activities.ringing import Ring
from domain.contracts import StartOrder


class Ensuring:
    """Starts workflows through the client, so that an id that already runs is left alone."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring

    @activity.defn
    async def start_workflows(self, orders: list[StartOrder]) -> int:
        """Start each of these that does not run; returns how many the books know. Safe to repeat."""
        return await self._ring([order.workflow for order in orders])
