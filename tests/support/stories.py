"""Stories in a stepped realm on real servers: people act, time passes, inboxes are read."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.worker import Interceptor
from worlds import LATE_REPORT, REPORT, World, at, make_world

from domain.workdays import VIETNAM
from embedded.mailbox import Mailbox
from embedded.zalo import SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN, SANDBOX_SECRET_KEY, ZaloSandbox
from models.facts.channels import authorise_zalo
from models.facts.decisions import decide_report
from models.facts.reports import Report, submit_report
from models.session import make_engine
from rehearsal.driver import Driver
from settings import Settings
from worker import make_workers
from workflows.client import Ringer
from workflows.relay import Relay

HEADING = re.compile(r"^[A-ZĐÀ-ỸƠƯ0-9 ,/()–-]{8,}$")


@dataclass
class Story:
    """One realm, its people, its inboxes."""

    world: World
    client: Client
    ringer: Ringer
    driver: Driver
    mailbox: Mailbox
    zalo: ZaloSandbox
    settings: Settings
    ends: AsyncExitStack
    _read: set[int] = field(default_factory=set)

    async def work(self, relay: bool = True, interceptors: Sequence[Interceptor] = ()) -> None:
        """Start the workers."""
        for one in make_workers(self.client, self.world.engine, self.ringer, self.settings, interceptors):
            await self.ends.enter_async_context(one)
        if relay:
            await self.ends.enter_async_context(Relay(self.world.engine, self.client, self.ringer, 0.5))

    async def end(self) -> None:
        """Stop the workers."""
        await self.ends.aclose()

    async def restart(self, client: Client) -> None:
        """Go on with other workers, perhaps on another server."""
        self.client, self.ringer = client, Ringer(client, self.world.engine)
        self.driver = Driver(self.world.engine, self.ringer, self.world.realm)
        await self.work()

    async def until(self, words: str) -> None:
        """Let time pass until that instant, everything that is due on the way being done."""
        await self.driver.live_until(at(words))

    async def report(self, person: str, unit: str, task: int = 1, label: str = "2024", late: bool = False,
                     report: Report | None = None) -> None:  # fmt: skip
        """An officer reports."""
        obligation = await self.world.obligation(unit, task, label)
        actor = await self.world.actor(person)
        answer = report or (LATE_REPORT if late else REPORT)
        await self.driver.ring((await submit_report(self.world.engine, actor, obligation, answer)).rings)

    async def decide(self, unit: str, accepted: bool = True, task: int = 1, label: str = "2024", revision: int = 1,
                     reason: str = "thiếu số liệu") -> None:  # fmt: skip
        """The coordinator accepts or returns."""
        obligation = await self.world.obligation(unit, task, label)
        actor = await self.world.actor("so-tong-hop")
        await self.driver.ring(await decide_report(self.world.engine, actor, obligation, revision, accepted, reason))

    def inbox(self, person: str) -> list[tuple[date, str, str]]:
        """(day, heading, reference) of everything a person was mailed, in order; what was read before is left out."""
        return [item for mail in self._mails(person) for item in read_items(mail)]

    def subjects(self, person: str) -> list[str]:
        """The subjects of what a person was mailed and has not read."""
        return [str(mail["Subject"]) for mail in self._mails(person)]

    def _mails(self, person: str) -> list[EmailMessage]:
        found = []
        for stored in self.mailbox.messages():
            if f"{person}@thu.example" in stored.rcpt_tos and stored.number not in self._read:
                self._read.add(stored.number)
                found.append(message_from_bytes(stored.file.read_bytes(), policy=default_policy))
        return found

    def read_everything(self) -> None:
        """Forget what has been mailed so far."""
        self._read.update(stored.number for stored in self.mailbox.messages())

    async def unread(self) -> dict[str, list[tuple[date, str, str]]]:
        """All that was mailed to anybody and has not been read."""
        people = {a.partition("@")[0] for m in self.mailbox.messages() for a in m.rcpt_tos}
        found = {person: self.inbox(person) for person in sorted(people)}
        return {person: items for person, items in found.items() if items}


def read_items(mail: EmailMessage) -> list[tuple[date, str, str]]:
    """(day, heading, reference) of each item in a mail's text."""
    day = parsedate_to_datetime(str(mail["Date"])).astimezone(VIETNAM).date()
    body = mail.get_body(("plain",))
    assert body is not None
    heading, items = "", []
    for line in body.get_content().splitlines():
        if HEADING.match(line) and line.upper() == line:
            heading = line.split(" (")[0]
        found = re.search(r"^\s+.*Mã: (\S+)$", line)
        if found:
            items.append((day, heading, found.group(1)))
    return items


@asynccontextmanager
async def story(
    client: Client, dsn: str, folder: Path, relay: bool = True, interceptors: Sequence[Interceptor] = (),
    **world: Any,
) -> AsyncIterator[Story]:  # fmt: skip
    """A stepped realm with a worker in this process. The task queues are shared, so one story runs at a time."""
    async with AsyncExitStack() as ends:
        mailbox, zalo = Mailbox(folder / "mailbox", durable=False), ZaloSandbox(folder / "zalo")
        smtp_port, zalo_url = await mailbox.start(), await zalo.start()
        ends.push_async_callback(mailbox.stop)
        ends.push_async_callback(zalo.stop)
        settings = replace(
            Settings(), dsn=dsn, smtp_port=smtp_port, zalo_oauth_url=zalo_url, zalo_message_url=zalo_url,
            delivery="sandbox",
            zalo_app_id=SANDBOX_APP_ID, zalo_secret_key=SANDBOX_SECRET_KEY, lease_seconds=2.0, sticky_seconds=5.0,
        )  # fmt: skip
        engine = make_engine(dsn)
        ends.push_async_callback(engine.dispose)
        await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
        made = await make_world(engine, **world)
        ringer = Ringer(client, engine)
        told = Story(
            made, client, ringer, Driver(engine, ringer, made.realm), mailbox, zalo, settings, AsyncExitStack()
        )
        ends.push_async_callback(_end_workflows, told)
        ends.push_async_callback(told.end)
        await told.work(relay, interceptors)
        await told.driver.ring([f"{made.realm}/plan/{made.plan}"])
        yield told


async def _end_workflows(told: Story) -> None:
    """Nothing of a story outlives it, whether it was true or not: the next one has the same queues."""
    running = [w async for w in told.client.list_workflows("ExecutionStatus = 'Running'")]
    await asyncio.gather(*(told.client.get_workflow_handle(w.id).terminate() for w in running), return_exceptions=True)
