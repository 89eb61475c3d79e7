"""A world whose dispatch has mail to send, and the activity that sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment
from worlds import World, make_world, small_registry

from activities.deliveries import Deliveries
from activities.mail import MailServer
from activities.zalo import ZaloApp
from domain.contracts import Batch, Channel, SendResult
from domain.ids import dispatch_id
from models.steps.dispatch import step_dispatch


@dataclass
class Post:
    """A world whose dispatch has something to send, and the activity that sends it."""

    world: World
    deliveries: Deliveries
    rung: list[str] = field(default_factory=list)

    async def gather(self) -> Batch:
        """One step of the dispatch; the one batch of mail that it reserved."""
        took = await step_dispatch(self.world.engine, self.world.request(dispatch_id(self.world.realm), 0, "gather"))
        (batch,) = took.deliveries
        assert batch.channel is Channel.MAIL
        return batch

    async def send(self, batch: Batch) -> SendResult:
        """One attempt of the activity."""
        return await ActivityEnvironment().run(self.deliveries.send_mail, batch)

    async def states(self) -> dict[str, str]:
        """Person → state of their delivery."""
        rows = await self.world.rows(
            "SELECT p.slug, d.state FROM delivery d JOIN person p ON p.id = d.person_id ORDER BY d.id"
        )
        return {row["slug"].removesuffix("-can-bo"): row["state"] for row in rows}

    async def notices(self, person: str) -> set[str]:
        """States of a person's notices."""
        rows = await self.world.rows(
            """SELECT n.state FROM notice n JOIN delivery_notice m ON m.notice_id = n.id
               JOIN person p ON p.id = m.person_id WHERE p.slug = :slug""",
            slug=f"{person}-can-bo",
        )
        return {row["state"] for row in rows}


LEADS = ("mot", "hai", "tam", "tu")


async def make_post(engine: AsyncEngine, server: MailServer, **emails: str) -> Post:
    """Four units are assigned a task, a fifth is to coordinate; `emails` overwrite those of the registry."""
    registry = small_registry(LEADS)
    people = [replace(p, email=emails.get(p.id.removesuffix("-can-bo"), p.email)) for p in registry.people]
    world = await make_world(engine, registry=replace(registry, people=tuple(people)))
    await world.step_task()
    await world.clock("2024-01-15 09:00")
    rung: list[str] = []

    async def ring(workflows: Sequence[str]) -> int:
        rung.extend(workflows)
        return len(workflows)

    nowhere = ZaloApp("http://127.0.0.1:1", "http://127.0.0.1:1", "app", "key")
    deliveries = Deliveries(engine, ring, server, nowhere, "worker-1", 20.0, "https://dondoc.example", sandbox=True)
    return Post(world, deliveries, rung)
