"""A small IMAP server that can misbehave on command: refuse, hang, hang up, talk nonsense, number its messages anew."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass, field

USER, PASSWORD = "thu-tra-lai", 'mat khau @ "rieng"'


@dataclass
class ImapServer:
    """One folder, INBOX, of messages by UID. `hang_at`, `drop_at` and `garble_at` name the command that goes wrong."""

    messages: dict[int, bytes] = field(default_factory=dict)
    validity: int = 1
    next_uid: int = 1
    hang_at: str = ""
    drop_at: str = ""
    garble_at: str = ""
    refuse_at: str = ""
    cut_after: int = -1
    """In a FETCH, hang up after so many bytes of the message; -1: never."""
    commands: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, context: ssl.SSLContext | None = None) -> int:
        """Listen on this machine; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Hang up on everybody and stop listening."""
        assert self._server is not None
        self._stopping.set()
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await self._server.wait_closed()

    def add(self, *messages: bytes) -> None:
        """New messages, under the next UIDs."""
        for message in messages:
            self.messages[self.next_uid] = message
            self.next_uid += 1

    def number_anew(self, validity: int, first: int = 1) -> None:
        """The same messages under other UIDs, as after a server was restored."""
        kept = list(self.messages.values())
        self.messages, self.validity, self.next_uid = {}, validity, first
        self.add(*kept)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if await self._misbehaves("GREETING", writer):
                return
            writer.write(b"* OK thu san sang\r\n")
            while line := await reader.readline():
                tag, _, rest = line.decode().rstrip("\r\n").partition(" ")
                name = rest.split(" ")[0].upper()
                name = f"UID {rest.split(' ')[1].upper()}" if name == "UID" else name
                self.commands.append(name)
                if await self._misbehaves(name, writer):
                    return
                if not await self._answer(tag, name, rest, writer):
                    return
                await writer.drain()
        except (ConnectionError, ssl.SSLError):
            return
        finally:
            self._open.discard(writer)
            writer.close()

    async def _misbehaves(self, name: str, writer: asyncio.StreamWriter) -> bool:
        if name == self.hang_at:
            await self._stopping.wait()
            return True
        if name == self.garble_at:
            writer.write(b"* 1 FETCH (\x00\xff(((\r\n* STATUS nonsense\r\n")
            await writer.drain()
        return name in (self.drop_at, self.garble_at)

    async def _answer(self, tag: str, name: str, rest: str, writer: asyncio.StreamWriter) -> bool:
        done = f"{tag} OK xong\r\n".encode()
        if name == self.refuse_at:
            writer.write(f"{tag} NO khong\r\n".encode())
        elif name == "CAPABILITY":
            writer.write(b"* CAPABILITY IMAP4rev1\r\n" + done)
        elif name == "LOGIN":
            quoted = PASSWORD.replace('"', '\\"')
            right = rest == f'LOGIN "{USER}" "{quoted}"'
            writer.write(done if right else f"{tag} NO [AUTHENTICATIONFAILED] sai ten hoac mat khau\r\n".encode())
        elif name == "STATUS":
            words = f'* STATUS "INBOX" (UIDVALIDITY {self.validity} UIDNEXT {self.next_uid})\r\n'
            writer.write(words.encode() + done)
        elif name in {"EXAMINE", "SELECT"}:
            writer.write(f"* {len(self.messages)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] ok\r\n".encode() + done)
        elif name == "UID SEARCH":
            first, last = (int(n) for n in re.findall(r"\d+", rest)[-2:])
            found = [str(uid) for uid in self.messages if first <= uid <= last]
            writer.write(f"* SEARCH {' '.join(found)}\r\n".encode() + done)
        elif name == "UID FETCH":
            return self._fetch(rest, writer, done)
        elif name == "LOGOUT":
            writer.write(b"* BYE tam biet\r\n" + done)
            await writer.drain()
            return False
        else:
            writer.write(f"{tag} BAD {name}\r\n".encode())
        return True

    def _fetch(self, rest: str, writer: asyncio.StreamWriter, done: bytes) -> bool:
        asked = re.fullmatch(r"UID FETCH (\d+) \(UID BODY\.PEEK\[\]<0\.(\d+)>\)", rest)
        assert asked, rest
        uid, most = int(asked.group(1)), int(asked.group(2))
        if uid not in self.messages:
            writer.write(done)
            return True
        part = self.messages[uid][:most]
        writer.write(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(part)}}}\r\n".encode())
        if 0 <= self.cut_after < len(part):
            writer.write(part[: self.cut_after])
            return False
        writer.write(part + b")\r\n" + done)
        return True
