"""Mail over SMTP on one reused connection, and what each answer of the server means.

Sources of the classes: RFC 5321 §4.2, RFC 3463; the failures are those of real systems (tests/activities/test_mail.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from types import TracebackType

import aiosmtplib
import structlog

from activities.folding import POLICY
from activities.outcomes import BadAddress, ChannelDown, HungUp, Later, Outcome, Refused, Sent
from documents.render_mail import MailContent
from domain.notices import clean
from domain.workdays import VIETNAM

log = structlog.get_logger(__name__)

RETRY_RECIPIENT_SECONDS = 15 * 60
RETRIABLE = frozenset({101, 111, 421, 422, 431, 432, 442, 447, 450, 451, 452, 454})
OUT_OF_STEP = 503
"""Bad sequence of commands: the session is out of step, whatever message meets it."""
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `tls` is "none", "starttls" or "implicit"."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: str = "none"
    sender: str = "Đôn Đốc <dondoc@dondoc.example>"


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
    try:
        return Address(clean(name), addr_spec=to)
    except (MessageError, ValueError, IndexError) as error:
        raise BadAddress(f"{to!r} is not an address: {error}") from error


def message_id(server: MailServer, realm: str, delivery: int) -> str:
    """Stable for a delivery, so that a message that did arrive twice can be seen to be one."""
    domain = parseaddr(server.sender)[1].partition("@")[2]
    return f"<{realm}.{delivery}@{domain}>"


class MailSession:
    """One connection for a batch; opened at the first message, opened again after the server hung up."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: aiosmtplib.SMTP | None = None

    async def __aenter__(self) -> MailSession:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave()

    async def send(self, message: EmailMessage) -> Outcome:
        """Hand one message in. Raises `ChannelDown` where the server as a whole refuses or vanishes.

        A session that an earlier message has put out of step is no fault of this one: it gets a new connection.
        """
        used = self._smtp is not None
        outcome = await self._hand_in(message)
        if used and isinstance(outcome, Later) and outcome.code == str(OUT_OF_STEP):
            outcome = await self._hand_in(message)
        return outcome

    async def _hand_in(self, message: EmailMessage) -> Outcome:
        smtp = await self._connected()
        try:
            _, answer = await smtp.sendmail(_addr(message, "From"), [_addr(message, "To")], message.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as refused:
            first = refused.recipients[0]
            if first.code in {421, OUT_OF_STEP}:
                await self._drop()
            return _recipient(first.code, first.message)
        except aiosmtplib.SMTPNotSupported as error:
            return Refused("address", str(error), mark_contact=True)
        except aiosmtplib.SMTPResponseException as error:
            await self._drop()
            ours = isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code != 552
            return _sender(error.code, error.message) if ours else _response(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            raise HungUp(f"{type(error).__name__}: {error}") from error
        return Sent(answer[:200])

    async def _connected(self) -> aiosmtplib.SMTP:
        """The open connection, or a new one. Whatever is said before a message was named is about no message."""
        if self._smtp is None or not self._smtp.is_connected:
            server = self._server
            self._smtp = aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.tls == "implicit",
                start_tls=server.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
            try:
                await self._smtp.connect()
            except (aiosmtplib.SMTPException, OSError) as error:
                await self._drop()
                raise ChannelDown(f"{type(error).__name__}: {error}") from error
        return self._smtp

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
            await self._smtp.quit(timeout=5)
        except (aiosmtplib.SMTPException, OSError) as error:
            log.info("mail server did not answer QUIT", reason=type(error).__name__)
            self._smtp.close()


def _recipient(code: int, message: str) -> Outcome:
    """An answer to the recipient. A full box (X.2.2) or a policy (X.7.x) does not make an address a wrong one."""
    outcome = _response(code, message)
    wrong = code in {550, 551, 553} and not message.startswith(("5.2.", "5.7."))
    return replace(outcome, mark_contact=True) if wrong and isinstance(outcome, Refused) else outcome


def _sender(code: int, message: str) -> Outcome:
    """An answer to our own address, which is the same in every message: only a person can mend it."""
    if code in RETRIABLE or code == OUT_OF_STEP:
        return _response(code, message)
    raise ChannelDown(f"{code} {message}")


def _response(code: int, message: str) -> Outcome:
    """An answer to the message. 421 and login failures are the server's own trouble."""
    if code == 421:
        raise HungUp(f"{code} {message}")
    if code in {530, 534, 535, 538}:
        raise ChannelDown(f"{code} {message}")
    if code in RETRIABLE or code == OUT_OF_STEP:
        return Later(str(code), message, RETRY_RECIPIENT_SECONDS)
    return Refused(str(code), message)
