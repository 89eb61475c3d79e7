"""The mailbox of bounces over IMAP: what is new in it, without changing anything that people see there.

The folder is opened read-only (EXAMINE) and messages are taken with BODY.PEEK, so nothing is marked read or deleted.
`imap-tools` is synchronous, so it runs in a thread; every wait on the network is bounded.
"""

from __future__ import annotations

import asyncio
import hashlib
import imaplib
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxUnencrypted

from activities.relays import is_loopback, secure_context
from domain.errors import Refusal

VARIABLE = "DONDOC_BOUNCE_IMAP"
ANSWER_SECONDS = 20.0
"""So long a server may take over each answer, …"""
LOOK_SECONDS = 120.0
"""… and over one look in all."""
AT_ONCE = 50
"""So many messages are taken in one look."""
MOST_BYTES = 200_000
"""Of a larger message its beginning is kept: the headers and the report come before what is sent back."""
UIDS_AT_ONCE = 50_000
_PORTS = {"imaps": 993, "imap": 143}
MailboxDown = (ImapToolsError, imaplib.IMAP4.error, OSError, EOFError)
"""What a server that refuses, hangs, leaves or talks nonsense is met with."""


@dataclass(frozen=True)
class BounceAddress:
    """Where the mailbox is. `ca` is a PEM file that alone is trusted, or empty; `tls` is off on this machine only."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    tls: bool = True
    ca: str = ""

    @property
    def name(self) -> str:
        """What people and the books call it; never a secret."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass(frozen=True)
class Look:
    """What one look found: messages with their keys, and how far it came. `more`: there is more at once."""

    validity: int
    last_uid: int
    mails: tuple[tuple[str, bytes], ...]
    more: bool


def read_address(words: str) -> BounceAddress | None:
    """The mailbox of `DONDOC_BOUNCE_IMAP`, None where it is empty; raises `Refusal`, which tells no password."""
    if not words.strip():
        return None
    try:
        parts = urlsplit(words.strip())
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _invalid("có máy chủ hoặc cổng không đọc được") from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme not in _PORTS or not host or not user or not password:
        raise _invalid("phải có dạng imaps://tên:mật-khẩu@máy-chủ/INBOX")
    if parts.scheme == "imap" and not is_loopback(host):
        raise _invalid("không mã hóa nên chỉ dùng được trên chính máy này; hãy dùng imaps://")
    if not (user.isprintable() and password.isprintable()):
        raise _invalid("có ký tự điều khiển trong tên hoặc mật khẩu")
    asked, _, file = parts.query.partition("=")
    if asked not in {"", "ca"} or bool(file) != bool(asked):
        raise _invalid("chỉ nhận một tham số ?ca=/đường/dẫn/ca.pem")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return BounceAddress(host, port, user, password, folder, parts.scheme == "imaps", unquote(file))


def _invalid(why: str) -> Refusal:
    hint = "; các ký tự @ : / ? # % trong tên và mật khẩu phải viết theo mã phần trăm, thí dụ %40"
    return Refusal("settings-invalid", f"{VARIABLE} {why}{hint}. Hãy sửa hoặc bỏ biến này rồi chạy lại.")


async def look_into(
    address: BounceAddress, validity: int, last_uid: int, seconds: float = LOOK_SECONDS, answer: float = ANSWER_SECONDS
) -> Look:
    """What is new behind `last_uid`, or from the start where the UIDs are others now. Raises one of `MailboxDown`."""
    reading = _Reading(address, answer)
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(reading.look, validity, last_uid)
    finally:
        reading.abandon()  # a thread cannot be stopped, but its connection can


class _Reading:
    """One look, in a thread of its own."""

    def __init__(self, address: BounceAddress, answer_seconds: float) -> None:
        self._address = address
        self._seconds = answer_seconds
        self._box: BaseMailBox | None = None
        self._abandoned = False

    def abandon(self) -> None:
        """Cut the connection, so that whoever waits on it stops waiting."""
        self._abandoned = True
        if self._box is not None:
            with suppress(OSError):
                self._box.client.socket().shutdown(socket.SHUT_RDWR)

    def look(self, validity: int, last_uid: int) -> Look:
        box = self._box = self._open()
        try:
            if self._abandoned:
                raise ConnectionAbortedError("given up while it was being opened")
            self._log_in(box)
            look = self._look(box, validity, last_uid)
            box.logout()
        except (ValueError, LookupError, TypeError, AttributeError) as error:  # an answer that imap-tools cannot read
            raise imaplib.IMAP4.error(f"no answer that IMAP knows: {type(error).__name__}") from None
        finally:
            with suppress(OSError):
                box.client.shutdown()
        return look

    def _open(self) -> BaseMailBox:
        a = self._address
        if not a.tls:
            return MailBoxUnencrypted(a.host, a.port, timeout=self._seconds)
        return MailBox(a.host, a.port, timeout=self._seconds, ssl_context=secure_context(a.ca))

    def _log_in(self, box: BaseMailBox) -> None:
        user, password = self._address.user, self._address.password
        log_in = box.login if (user + password).isascii() else box.login_utf8
        log_in(user, password, initial_folder=None)

    def _look(self, box: BaseMailBox, validity: int, last_uid: int) -> Look:
        folder = self._address.folder
        status = box.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
        if not {"UIDVALIDITY", "UIDNEXT"} <= status.keys():
            raise imaplib.IMAP4.error("no UIDVALIDITY and UIDNEXT in the answer")
        if status["UIDVALIDITY"] != validity:
            validity, last_uid = status["UIDVALIDITY"], 0
        end = min(status["UIDNEXT"] - 1, last_uid + UIDS_AT_ONCE)
        if end <= last_uid:
            return Look(validity, last_uid, (), more=False)
        box.folder.set(folder, readonly=True)
        uids = sorted(int(uid) for uid in box.uids(f"UID {last_uid + 1}:{end}") if last_uid < int(uid) <= end)
        taken, left = uids[:AT_ONCE], uids[AT_ONCE:]
        mails = tuple((key_of(raw), raw) for uid in taken for raw in _fetch(box, uid))
        return Look(validity, taken[-1] if left else end, mails, more=bool(left) or end < status["UIDNEXT"] - 1)


def _fetch(box: BaseMailBox, uid: int) -> Iterator[bytes]:
    """The message, or as much of it as is kept; nothing where somebody has deleted it meanwhile."""
    answer, parts = box.client.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)")
    if answer != "OK":
        raise imaplib.IMAP4.error("FETCH was refused")
    for part in parts:
        if isinstance(part, tuple) and re.search(rb"\bUID %d\b" % uid, part[0]):
            yield part[1]


def key_of(raw: bytes) -> str:
    """What a message is known by, whatever UID it has: its Message-ID, or the hash of its bytes where it has none."""
    words = str(BytesHeaderParser().parsebytes(raw[:65_536]).get("Message-ID", "")).strip()
    if re.fullmatch(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,200}>", words):
        return words
    return hashlib.sha256(raw).hexdigest()
