"""Mail over SMTP: the message, and one reused connection to the first mail server that works.

The failures it is built for are those of real systems (tests/activities/test_mail.py, test_relays.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from types import TracebackType

import aiosmtplib
import structlog

from activities.answers import RETRY_RECIPIENT_SECONDS as RETRY_RECIPIENT_SECONDS
from activities.answers import NotTaken, to_message, to_recipient, to_sender
from activities.folding import POLICY
from activities.opening import OPENING_SECONDS, RelayDown, open_relay
from activities.outcomes import BadAddress, ChannelDown, HungUp, Outcome, Sent
from activities.relays import Relay
from documents.render_mail import MailContent
from domain.notices import clean
from domain.workdays import VIETNAM

log = structlog.get_logger(__name__)

REST_SECONDS = 120.0
"""So long a batch leaves a server alone that did not work, if there is another."""
DATA_SECONDS = 300.0
"""So long a server may examine a message before it answers: RFC 5321 §4.5.3.2.6 asks for patience, since whoever gives
up here sends it a second time. Below the time-out of the activity."""
QUIT_SECONDS = 5.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and in whose name: at `host`, or at the first of `relays` that works.

    `tls` is "none", "starttls" or "implicit". `bounce` is the address that failures are reported to (the Return-Path),
    where it is not the sender's own. Time-outs are in seconds.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "none"
    sender: str = "Đôn Đốc <dondoc@dondoc.example>"
    bounce: str = ""
    relays: tuple[Relay, ...] = ()
    timeout: float = OPENING_SECONDS
    data_timeout: float = DATA_SECONDS

    @property
    def in_order(self) -> tuple[Relay, ...]:
        """The servers in the order in which they are tried; at least one."""
        return self.relays or (Relay(self.host, self.port, self.user, self.password, self.tls),)

    @property
    def envelope_sender(self) -> str:
        """The bare address of MAIL FROM."""
        return self.bounce or parseaddr(self.sender)[1]


@dataclass(frozen=True)
class Attachment:
    """A file that travels with a mail."""

    name: str
    media_type: str
    content: bytes


def build_message(
    server: MailServer,
    to: str,
    recipient: str,
    content: MailContent,
    message_id: str,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """The message as it leaves; a resend builds the same one, under the same Message-ID. Raises `BadAddress`."""
    message = EmailMessage(policy=POLICY)
    name, address = parseaddr(server.sender)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = _address(recipient, to)
    message["Subject"] = content.subject
    message["Date"] = format_datetime(at.astimezone(VIETNAM))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    for file in attachments:
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    message["Content-Language"] = "vi"  # last: what adds a part moves such headers into the one before
    return message


def _addr(message: EmailMessage, header: str) -> str:
    """The bare address of a header with one address."""
    return str(message[header].addresses[0].addr_spec)


def _address(name: str, to: str) -> Address:
    if not (to.isascii() and to.isprintable()):
        raise BadAddress(f"{to!r} is not an address: only plain letters go through every server")
    try:
        return Address(clean(name), addr_spec=to)
    except (MessageError, ValueError, IndexError) as error:
        raise BadAddress(f"{to!r} is not an address: {error}") from error


def message_id(server: MailServer, realm: str, delivery: int) -> str:
    """Stable for a delivery, so that a message that did arrive twice can be seen to be one."""
    domain = parseaddr(server.sender)[1].partition("@")[2]
    return f"<{realm}.{delivery}@{domain}>"


@dataclass(frozen=True)
class _Letter:
    """A message as it is handed in: its envelope and its bytes."""

    sender: str
    to: str
    content: bytes


class MailSession:
    """One connection for a batch; opened at the first message, opened again after the server hung up.

    Servers are tried in their order. One that did not work is left alone for a while, so that a batch waits for its
    time-out once and not for every message.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._relays = server.in_order
        self._smtp: aiosmtplib.SMTP | None = None
        self._current = 0
        self._resting: dict[int, tuple[float, str]] = {}
        """Which server is left alone until when, by the loop's clock, and why."""

    async def __aenter__(self) -> MailSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def send(self, message: EmailMessage) -> Outcome:
        """Hand one message in. Raises `ChannelDown`, with every server's reason, where none of them works.

        A session that an earlier message has put out of step is no fault of this one: it gets a new connection. A
        server that vanishes with the whole message in hand may have taken it, so no other is given it: `HungUp`.
        """
        letter = _Letter(self._server.envelope_sender, _addr(message, "To"), message.as_bytes())
        passed: dict[int, NotTaken] = {}
        while True:
            used = self._smtp is not None and self._smtp.is_connected
            smtp = await self._connected(passed)
            if smtp is None:
                return self._given_up(passed)
            try:
                return await self._hand_in(smtp, letter)
            except NotTaken as reason:
                await self._drop()
                if not (used and reason.out_of_step):
                    self._pass_over(passed, reason)

    async def _hand_in(self, smtp: aiosmtplib.SMTP, letter: _Letter) -> Outcome:
        """One message over one connection. Raises `NotTaken`; `HungUp` where it may have been taken."""
        size = [f"SIZE={len(letter.content)}"] if smtp.supports_extension("size") else []
        try:
            await smtp.mail(letter.sender, options=size)
            await smtp.rcpt(letter.to)
        except aiosmtplib.SMTPSenderRefused as error:
            outcome = to_sender(error.code, error.message)
        except aiosmtplib.SMTPRecipientRefused as error:
            outcome = to_recipient(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise NotTaken(f"{type(error).__name__}: {error}", hung=True) from error
        else:
            outcome = await self._give(smtp, letter.content)
        if not isinstance(outcome, Sent):
            await self._reset(smtp)
        return outcome

    async def _give(self, smtp: aiosmtplib.SMTP, content: bytes) -> Outcome:
        try:
            answer = await smtp.data(content, timeout=self._server.data_timeout)
        except (aiosmtplib.SMTPException, OSError) as error:
            if isinstance(error, aiosmtplib.SMTPDataError) and 400 <= error.code < 600:
                return to_message(error.code, error.message)
            await self._drop()
            raise HungUp(f"{self._relays[self._current].name}: {type(error).__name__}: {error}") from error
        return Sent(answer.message[:200])

    async def _connected(self, passed: Mapping[int, NotTaken]) -> aiosmtplib.SMTP | None:
        """The open connection, or one to the first server that works and has not passed on this message."""
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        await self._drop()
        for number, relay in enumerate(self._relays):
            until, _ = self._resting.get(number, (0.0, ""))
            if number in passed or until > asyncio.get_running_loop().time():
                continue
            try:
                self._smtp = await open_relay(relay, self._server.timeout)
            except RelayDown as down:
                self._rest(number, str(down))
            else:
                self._current = number
                return self._smtp
        return None

    def _pass_over(self, passed: dict[int, NotTaken], reason: NotTaken) -> None:
        passed[self._current] = reason
        if reason.rests:
            self._rest(self._current, str(reason))

    def _rest(self, number: int, reason: str) -> None:
        self._resting[number] = (asyncio.get_running_loop().time() + REST_SECONDS, reason)
        log.warning("mail server passed over", server=self._relays[number].name, reason=reason)

    def _given_up(self, passed: Mapping[int, NotTaken]) -> Outcome:
        """No server is left for this message. Where one hung up over it, that is counted against the message, too."""
        reasons = {number: reason for number, (_, reason) in self._resting.items()}
        reasons |= {number: str(reason) for number, reason in passed.items()}
        said = "; ".join(f"{self._relays[number].name}: {reasons[number]}" for number in sorted(reasons))
        if any(reason.hung for reason in passed.values()):
            raise HungUp(said)
        for reason in passed.values():
            if reason.alone:
                return reason.alone
        raise ChannelDown(said)

    async def _reset(self, smtp: aiosmtplib.SMTP) -> None:
        """Ready for the next message over the same connection; one that cannot be reset is not used again."""
        try:
            await smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            await self._drop()

    async def _drop(self) -> None:
        """Close without ceremony: after an error the session's state cannot be trusted for the next message."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    async def _leave(self) -> None:
        """QUIT politely; whatever the server says now, it took what it said it took."""
        if self._smtp is None or not self._smtp.is_connected:
            return
        try:
            await self._smtp.quit(timeout=min(QUIT_SECONDS, self._server.timeout))
        except (aiosmtplib.SMTPException, OSError) as error:
            log.info("mail server did not answer QUIT", reason=type(error).__name__)
            self._smtp.close()
