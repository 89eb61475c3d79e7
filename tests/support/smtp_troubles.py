"""A mail server that misbehaves on command, at any word of the conversation, with and without TLS and login.

The embedded mailbox (`embedded.mailbox`) stands for a server that keeps what it takes; this one stands for the others:
each answer can be replaced, and every line it was told is kept, with whether it came encrypted.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

HANG_UP = None
"""Instead of an answer: close the connection."""
SILENCE = ""
"""Instead of an answer: nothing, and the connection stays open."""
AS_USUAL = "as usual"
Answer = str | None


@dataclass(frozen=True)
class Heard:
    """One line, as the server was told it: over which connection, and whether encrypted."""

    connection: int
    line: str
    secure: bool

    @property
    def verb(self) -> str:
        return self.line.split(" ")[0].upper()


@dataclass(frozen=True)
class Taken:
    """One message that the server kept: every one that it did not refuse, whether it said so or fell silent."""

    connection: int
    sender: str
    to: str
    content: bytes
    secure: bool


@dataclass
class Troubles:
    """The server. `answers`: stage → what to say instead: one answer, or one for each time, then as usual.

    Stages: CONNECT EHLO STARTTLS AUTH MAIL RCPT DATA BODY (the message's last dot) RSET NOOP QUIT. `implicit`: TLS from
    the first byte. `offers`: what EHLO announces besides STARTTLS and AUTH. `delay_seconds`: before each answer.
    """

    context: ssl.SSLContext | None = None
    implicit: bool = False
    login: tuple[str, str] | None = None
    offers: tuple[str, ...] = ("SIZE 26214400",)
    mechanisms: str = "PLAIN LOGIN"
    strips_starttls: bool = False
    answers: dict[str, Answer | Sequence[Answer]] = field(default_factory=dict)
    delay_seconds: float = 0.0
    heard: list[Heard] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _times: dict[str, int] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def __aenter__(self) -> Troubles:
        context = self.context if self.implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def verbs(self) -> list[str]:
        """The words it was told, in order, without the messages."""
        return [each.verb for each in self.heard]

    def people(self) -> list[str]:
        """Who got something, in order."""
        return [each.to.partition("@")[0] for each in self.taken]

    async def idle(self) -> None:
        """Until nobody is connected."""
        async with asyncio.timeout(10):
            while self.open_now:
                await asyncio.sleep(0.01)

    def hang_up(self) -> None:
        """Close every connection, as after a long pause."""
        for writer in self._writers:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            await _Conversation(self, self.connections, reader, writer).run()
        except (OSError, ssl.SSLError, asyncio.CancelledError):
            writer.transport.abort()  # the other side left, or the test is over
        finally:
            self.open_now -= 1
            self._tasks.discard(task)
            self._writers.discard(writer)
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    def answer(self, stage: str, usual: str) -> Answer:
        """What to say at this stage, this time."""
        wanted = self.answers.get(stage, ())
        if wanted is None or isinstance(wanted, str):
            return wanted
        time = self._times[stage] = self._times.get(stage, -1) + 1
        given = wanted[time] if time < len(wanted) else AS_USUAL
        return usual if given == AS_USUAL else given


class _HungUp(Exception):
    """The server closed the connection on purpose."""


@dataclass
class _Conversation:
    server: Troubles
    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    secure: bool = False
    sender: str = ""
    to: str = ""

    async def run(self) -> None:
        self.secure = self.server.implicit
        with contextlib.suppress(_HungUp):
            await self.say("CONNECT", "220 troubles.example ESMTP")
            while line := await self.hear():
                verb = line.split(" ")[0].upper()
                await getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    async def hear(self) -> str:
        raw = await self.reader.readline()
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line:
            self.server.heard.append(Heard(self.number, line, self.secure))
        return line

    async def say(self, stage: str, usual: str) -> bool:
        """Answer; whether it was a yes."""
        return await self.reply(self.server.answer(stage, usual))

    async def reply(self, answer: Answer) -> bool:
        await asyncio.sleep(self.server.delay_seconds)
        if answer is HANG_UP:
            self.writer.transport.abort()
            raise _HungUp
        if answer == SILENCE:
            return False
        self.writer.write(answer.encode() + b"\r\n")
        await self.writer.drain()
        if answer.startswith("421"):
            raise _HungUp
        return answer[0] in "23"

    async def on_ehlo(self, _: str) -> None:
        offers = ["troubles.example", *self.server.offers]
        if self.server.context and not self.secure and not self.server.strips_starttls:
            offers.append("STARTTLS")
        if self.server.login:
            offers.append(f"AUTH {self.server.mechanisms}")
        lines = [f"250{' ' if n == len(offers) else '-'}{offer}" for n, offer in enumerate(offers, 1)]
        await self.say("EHLO", "\r\n".join(lines))

    async def on_starttls(self, _: str) -> None:
        assert self.server.context is not None
        if await self.say("STARTTLS", "220 go ahead"):
            await self.writer.start_tls(self.server.context)
            self.secure = True

    async def on_auth(self, line: str) -> None:
        words = line.split(" ")
        if words[1].upper() == "PLAIN":
            told = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            told = [base64.b64decode(words[2]).decode()]
            self.writer.write(b"334 UGFzc3dvcmQ6\r\n")
            told.append(base64.b64decode(await self.hear()).decode())
        right = tuple(told) == self.server.login
        await self.say("AUTH", "235 2.7.0 welcome" if right else "535 5.7.8 bad credentials")

    async def on_mail(self, line: str) -> None:
        if await self.say("MAIL", "250 2.1.0 ok"):
            self.sender = line.partition("<")[2].partition(">")[0]

    async def on_rcpt(self, line: str) -> None:
        if await self.say("RCPT", "250 2.1.5 ok"):
            self.to = line.partition("<")[2].partition(">")[0]

    async def on_data(self, _: str) -> None:
        if not await self.say("DATA", "354 go ahead"):
            return
        content = (await self.reader.readuntil(b"\r\n.\r\n"))[:-3]
        answer = self.server.answer("BODY", "250 2.0.0 queued")
        if not (answer or "").startswith(("4", "5")):
            self.server.taken.append(Taken(self.number, self.sender, self.to, content, self.secure))
        await self.reply(answer)

    async def on_rset(self, _: str) -> None:
        await self.say("RSET", "250 2.0.0 ok")

    async def on_noop(self, _: str) -> None:
        await self.say("NOOP", "250 2.0.0 ok")

    async def on_quit(self, _: str) -> None:
        if await self.say("QUIT", "221 2.0.0 bye"):
            raise _HungUp

    async def on_other(self, _: str) -> None:
        await self.say("-", "500 5.5.2 what")
