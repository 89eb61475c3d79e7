"""A mail server that keeps what it takes: every message a file with its exact bytes, written before the 250 is said."""

from __future__ import annotations

import asyncio
import email.parser
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from embedded import ports
from embedded.files import write_whole

SIZE_LIMIT = 25 * 1024 * 1024
"""The largest message taken, in bytes."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredMessage:
    """The envelope of one message taken; `file` holds the message itself, its exact bytes as received."""

    number: int
    file: Path
    mail_from: str
    rcpt_tos: tuple[str, ...]
    peer: str
    message_id: str
    size: int


@dataclass
class Misbehaviour:
    """What the server does wrongly at one stage: `CONNECT MAIL RCPT DATA STORED QUIT`.

    `match` is part of an address (recipient; sender at MAIL), or empty for all. The server waits `delay_seconds`, then
    answers `reply`: a line such as `451 4.3.2 try later`; empty: as it would have anyway; `None`: nothing, it hangs up.
    At `STORED` the message has been kept already, and only the answer is wrong or missing. `times` counts down.
    """

    stage: str
    match: str = ""
    reply: str | None = ""
    times: int | None = None
    delay_seconds: float = 0.0

    def applies(self, stage: str, addresses: list[str]) -> bool:
        """Whether it is its turn; no side effect."""
        matches = not self.match or any(self.match in address for address in addresses)
        return self.stage == stage and self.times != 0 and matches


class Mailbox:
    """The server, in the running loop. Stopped and started again it keeps its port and goes on counting."""

    name = "mailbox"

    def __init__(
        self, folder: Path, host: str = ports.LOOPBACK, port: int | None = None, *, durable: bool = True
    ) -> None:
        """`durable=False` does not wait for the disk, for tests."""
        self.folder = folder.absolute()
        self.host = host
        self.rules: list[Misbehaviour] = []
        self.delay_seconds = 0.0
        """How long every command takes."""
        self.on_accepted: Callable[[Path], None] | None = None
        """Called with the message's file as soon as the 250 for it has left."""
        self._durable = durable
        self._port = port
        self._server: asyncio.Server | None = None
        self._sessions: set[_Conversation] = set()
        self._last = 0

    @property
    def port(self) -> int:
        """The port, known after the first start."""
        if self._port is None:
            raise RuntimeError("not started")
        return self._port

    async def start(self) -> int:
        """Listen; returns the port. Raises `Refusal` if a wanted port is taken."""
        if self._server is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._last = max((int(file.stem) for file in self.folder.glob("[0-9]*.eml")), default=0)
            self._port = ports.claim(self._port, "hộp thư")
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Conversation(self, loop), self.host, self._port)
        return self.port

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        for conversation in list(self._sessions):
            conversation.hang_up()
        await server.wait_closed()

    def messages(self) -> list[StoredMessage]:
        """All messages taken, oldest first. Readable while the server is stopped, too."""
        return [self._stored(file) for file in sorted(self.folder.glob("[0-9]*.eml"), key=lambda file: int(file.stem))]

    def message(self, number: int) -> StoredMessage | None:
        """One message by its number."""
        file = self.folder / f"{number:06}.eml"
        return self._stored(file) if file.exists() else None

    def _stored(self, file: Path) -> StoredMessage:
        facts: dict[str, Any] = json.loads(file.with_suffix(".json").read_text())
        return StoredMessage(**{**facts, "file": file, "rcpt_tos": tuple(facts["rcpt_tos"])})

    def next_number(self) -> int:
        """Take the next number. Numbers follow the order in which messages came in whole."""
        self._last += 1
        return self._last

    def keep(self, message: StoredMessage, content: bytes) -> None:
        """Write one message: the facts first, since it counts as kept once the message's own file is there."""
        facts = {name: value for name, value in asdict(message).items() if name != "file"}
        text = json.dumps(facts, ensure_ascii=False, indent=1)
        write_whole(message.file.with_suffix(".json"), text.encode(errors="surrogateescape"), durable=self._durable)
        write_whole(message.file, content, durable=self._durable)

    def rule_for(self, stage: str, addresses: list[str]) -> Misbehaviour | None:
        """The first rule whose turn it is, counted as used."""
        for rule in self.rules:
            if rule.applies(stage, addresses):
                rule.times = None if rule.times is None else rule.times - 1
                return rule
        return None


class _Conversation(SMTP):
    """One connection. It is the library's protocol with our steps, and its own handler."""

    def __init__(self, mailbox: Mailbox, loop: asyncio.AbstractEventLoop) -> None:
        self._mailbox = mailbox
        self._kept: Path | None = None
        handler = _Steps(mailbox)
        # A host name is given since the library would else ask the network for ours.
        super().__init__(
            handler, data_size_limit=SIZE_LIMIT, enable_SMTPUTF8=True, hostname="mailbox.dondoc.example",
            ident="Don Doc mailbox", loop=loop,
        )  # fmt: skip
        handler.conversation = self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mailbox._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._mailbox._sessions.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def _handle_client(self) -> None:
        wrong = await self.misbehave("CONNECT", [])
        if wrong:
            await self.push(wrong)
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def misbehave(self, stage: str, addresses: list[str]) -> str:
        """Do what the rules want at this stage; returns the answer to give instead of the usual one, or nothing."""
        rule = self._mailbox.rule_for(stage, addresses)
        await asyncio.sleep(self._mailbox.delay_seconds + (rule.delay_seconds if rule else 0.0))
        if rule is None or rule.reply is not None:
            return (rule.reply or "") if rule else ""
        self.hang_up()
        await asyncio.Event().wait()  # until the library cancels us for the lost connection
        return ""

    def kept(self, file: Path) -> None:
        self._kept = file

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """As the library does it, then the hook: when the answer is out, not only in a buffer."""
        self._kept = None
        await super().smtp_DATA(arg)
        if self._kept is None or self._mailbox.on_accepted is None:
            return
        while isinstance(self.transport, asyncio.WriteTransport) and self.transport.get_write_buffer_size():  # noqa: ASYNC110
            # The library's drain() returns as soon as the buffer is small, not when it is empty.
            await asyncio.sleep(0)
        try:
            self._mailbox.on_accepted(self._kept)
        except Exception:
            log.exception("the mailbox's hook failed")


class _Steps:
    """What is ours in a conversation, called by the library by these names."""

    conversation: _Conversation

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if wrong := await self.conversation.misbehave("MAIL", [address]):
            return wrong
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if wrong := await self.conversation.misbehave("RCPT", [address]):
            return wrong
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, then take it."""
        recipients = [str(address) for address in envelope.rcpt_tos]
        if wrong := await self.conversation.misbehave("DATA", recipients):
            return wrong
        content = envelope.original_content or b""
        headers = email.parser.BytesHeaderParser().parsebytes(content)
        number = self._mailbox.next_number()
        message = StoredMessage(
            number, self._mailbox.folder / f"{number:06}.eml", str(envelope.mail_from), tuple(recipients),
            str(session.peer), str(headers.get("Message-ID", "")).strip(), len(content),
        )  # fmt: skip
        try:
            await asyncio.to_thread(self._mailbox.keep, message, content)
        except OSError:
            log.exception("message %s could not be kept", number)
            return "452 4.3.1 Insufficient system storage"
        if wrong := await self.conversation.misbehave("STORED", recipients):
            return wrong
        self.conversation.kept(message.file)
        return "250 OK"

    async def handle_QUIT(self, _: SMTP, __: Session, ___: Envelope) -> str:
        return await self.conversation.misbehave("QUIT", []) or "221 Bye"
