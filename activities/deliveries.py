"""Sending what the dispatch reserved: claim under a lease, send, mark at once, and go on with the next."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import httpx
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.answers import RETRY_RECIPIENT_SECONDS
from activities.beating import beating
from activities.mail import Attachment, MailServer, MailSession, build_message, message_id
from activities.outcomes import BadAddress, ChannelDown, HungUp, Later, Outcome, Refused
from activities.ringing import Ring, ring_gently
from activities.zalo import ZaloApp, ZaloSession
from documents.render_mail import render_digest, render_rollup_mail, render_zalo
from domain.contracts import Batch, SendResult
from domain.notices import Digest
from models.facts.links import Links, LinkSigner, signing_key
from models.queries.enclosures import read_enclosures
from models.steps.digests import DIGEST
from models.steps.sending import Claimed, claim, mark_refused, mark_sent, mark_waiting, release, renew, still_open

log = structlog.get_logger(__name__)

SendOne = Callable[[Claimed], Awaitable[Outcome]]
LEASED_RETRY = timedelta(seconds=2)
PATIENCE = 3
"""So often may a server vanish over one message before the message is put off, so that the others are sent."""
MARK_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between attempts to write that a message was taken; together less than a lease."""
_NOWHERE = Refused("rehearsal", "a rehearsal delivers only to the embedded mailbox and sandbox")


class Deliveries:
    """The activities that reach outside. `owner` names this process in the leases."""

    def __init__(
        self,
        engine: AsyncEngine,
        ring: Ring,
        mail: MailServer,
        zalo: ZaloApp,
        owner: str,
        lease_seconds: float,
        public_url: str,
        sandbox: bool,
    ) -> None:
        self._engine = engine
        self._ring = ring
        self._mail = mail
        self._zalo = zalo
        self._owner = owner
        self._attempts = itertools.count(1)
        self._lease = lease_seconds
        self._public_url = public_url.rstrip("/")
        self._sandbox = sandbox
        self._signer: LinkSigner | None = None

    @activity.defn
    async def send_mail(self, batch: Batch) -> SendResult:
        """Send a batch over one SMTP connection. Raises, to be tried again, while the server does not work."""
        async with beating(), MailSession(self._mail) as session:
            signer = await self._links()

            async def send(delivery: Claimed) -> Outcome:
                try:
                    message = await self._message(delivery, signer)
                except BadAddress as bad:
                    return Refused("address", str(bad), mark_contact=True)
                return await session.send(message)

            return await self._send(batch, send)

    @activity.defn
    async def send_zalo(self, batch: Batch) -> SendResult:
        """Send a batch of Zalo template messages."""
        async with beating(), httpx.AsyncClient(timeout=20) as http:
            session = ZaloSession(self._engine, http, self._zalo)
            signer = await self._links()

            async def send(delivery: Claimed) -> Outcome:
                fields = render_zalo(digest_of(delivery, self._public_url, signer))
                return await session.send(delivery.address, fields, f"{delivery.realm}.{delivery.id}")

            return await self._send(batch, send)

    async def _links(self) -> LinkSigner:
        """What signs the links; its key is read once."""
        if self._signer is None:
            self._signer = LinkSigner(await signing_key(self._engine))
        return self._signer

    async def _message(self, delivery: Claimed, signer: LinkSigner) -> EmailMessage:
        identity = message_id(self._mail, delivery.realm, delivery.id)
        digest = digest_of(delivery, self._public_url, signer)
        attachments: Sequence[Attachment] = ()
        if delivery.rollup is None:
            content = await asyncio.to_thread(render_digest, digest)  # hundreds of items take a while
        else:
            async with self._engine.connect() as connection:
                letter, files = await read_enclosures(connection, delivery.rollup, digest.recipient_name)
            content = render_rollup_mail(letter)
            attachments = [Attachment(*file) for file in files]
        return await asyncio.to_thread(
            build_message,
            self._mail,
            delivery.address,
            digest.recipient_name,
            content,
            identity,
            delivery.at,
            attachments,
        )

    async def _send(self, batch: Batch, send: SendOne) -> SendResult:
        owner = f"{self._owner}.{next(self._attempts)}"  # an attempt given up for dead must not share with the next
        claimed = await claim(self._engine, batch.deliveries, owner, self._lease)
        left = [delivery.id for delivery in claimed]
        counts = {"sent": 0, "refused": 0, "waiting": 0}
        try:
            async with self._holding(owner, left):
                for delivery in claimed:
                    if await renew(self._engine, owner, [delivery.id], self._lease):
                        outcome = _NOWHERE if self._misdirected(delivery) else await _patiently(send, delivery)
                        counts[await self._mark(delivery, outcome)] += 1
                    left.remove(delivery.id)
        except ChannelDown as down:
            tried = left[0] if isinstance(down, HungUp) else None
            await release(self._engine, left, owner, tried, str(down))
            raise ApplicationError(f"channel down: {down}", type="ChannelDown") from down
        if await still_open(self._engine, batch.deliveries):
            raise ApplicationError("leased by another", type="Leased", next_retry_delay=LEASED_RETRY)
        return SendResult(**counts)

    @asynccontextmanager
    async def _holding(self, owner: str, left: list[int]) -> AsyncIterator[None]:
        """Keep the lease of what is left, however long the server takes over one message."""
        task = asyncio.create_task(self._hold(owner, left))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _hold(self, owner: str, left: list[int]) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                await renew(self._engine, owner, left, self._lease)
            except (SQLAlchemyError, OSError) as error:
                log.warning("lease not renewed", reason=type(error).__name__)

    def _misdirected(self, delivery: Claimed) -> bool:
        """A rehearsal must never reach real people, whatever this process was configured with."""
        return bool(delivery.content["rehearsal"]) and not self._sandbox

    async def _mark(self, delivery: Claimed, outcome: Outcome) -> str:
        """Write what became of it; shielded, since a cancelled mark after a 250 would send it again."""
        if isinstance(outcome, Later):
            await mark_waiting(self._engine, delivery, outcome.code, outcome.error, outcome.seconds)
            return "waiting"
        if isinstance(outcome, Refused):
            rings = await mark_refused(
                self._engine, delivery, outcome.code, outcome.error, outcome.mark_contact, outcome.stop_channel
            )
            await ring_gently(self._ring, rings)
            return "refused"
        rings = await asyncio.shield(self._mark_sent(delivery, outcome.provider_id))
        await ring_gently(self._ring, rings)
        return "sent"

    async def _mark_sent(self, delivery: Claimed, provider_id: str) -> list[str]:
        """The server has it: books that are away for a moment must not make us send it again."""
        for pause in MARK_PAUSES:
            try:
                return await mark_sent(self._engine, delivery, provider_id)
            except (SQLAlchemyError, OSError) as error:
                log.warning("sent and not yet marked", delivery=delivery.id, reason=type(error).__name__)
                await asyncio.sleep(pause)
        return await mark_sent(self._engine, delivery, provider_id)


async def _patiently(send: SendOne, delivery: Claimed) -> Outcome:
    """Send; a message over which the server has vanished too often is put off. Raises `ChannelDown`."""
    try:
        return await send(delivery)
    except HungUp as hung:
        if delivery.attempts < PATIENCE:
            raise
        return Later("hung-up", str(hung), RETRY_RECIPIENT_SECONDS)


def digest_of(delivery: Claimed, public_url: str, signer: LinkSigner) -> Digest:
    """The frozen digest, its links made whole and signed for whom it goes to; made again, they are the same."""
    links = Links(signer, public_url, delivery.realm, delivery.person, delivery.at)
    content = {k: v for k, v in delivery.content.items() if k not in ("realm", "person")}
    content["inbox_link"] = links.open(content["inbox_link"])
    content["items"] = [_linked(item, links) for item in content["items"]]
    return DIGEST.validate_python(content)


def _linked(item: dict[str, Any], links: Links) -> dict[str, Any]:
    target = item.get("acknowledge_link", "")
    return {
        **item,
        "link": links.open(item["link"]),
        "acknowledge_link": links.acknowledge(target) if target else "",
    }
