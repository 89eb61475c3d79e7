"""What a message in the mailbox of bounces means: a report of a mail server, or anything else.

Standard reports (RFC 3464) are read by their fields; the many home-made ones by `flufl.bounce`. An answer that a
person's mail program gives by itself is no bounce, whatever it quotes (RFC 3834).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr

import structlog
from flufl.bounce import all_failures

from domain.notices import clip
from domain.receipts import Bounce, Fate, NotABounce, Report

log = structlog.get_logger(__name__)

MOST_WORDS = 300
_AUTOMATIC = "thư trả lời tự động"
_AUTOREPLY = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From")
_MAILERS = frozenset({"mailer-daemon", "postmaster"})
"""Under these names mail servers speak for themselves; their reports too may say that they were made automatically."""
_AWAY = re.compile(
    r"\b(out of (the )?office|vacation|automatic reply|auto[- ]?reply|away from)\b|vắng mặt|trả lời tự động|nghỉ phép",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])(552|55[0134]|45[0-2]|421)[ -]")
_FULL = re.compile(
    r"(mail ?box|hộp thư)[^.\n]{0,40}\b(full|đầy)|over ?quota|quota exceeded|exceeded[^.\n]{0,40}quota", re.IGNORECASE
)
_RETURNED_ID = re.compile(r"^[>\s]*Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ENCLOSED = frozenset({"message/rfc822", "message/global"})
_WITH_HEADERS = _ENCLOSED | {"message/global-headers"}
_FATES = {"failed": Fate.FAILED, "delayed": Fate.DELAYED, "delivered": Fate.DELIVERED, "relayed": Fate.DELIVERED}


def read_bounce(raw: bytes) -> Bounce | NotABounce:
    """The meaning of one message, as the mailbox has it; never raises for what a message is like."""
    try:
        return _read(message_from_bytes(raw, policy=compat32))
    except RecursionError:  # parts in parts, a thousand deep
        return NotABounce("không đọc được")


def _read(message: Message) -> Bounce | NotABounce:
    fields = tuple(_statuses(message))
    if not fields and (why := _no_report(message)):
        return NotABounce(why)
    returned = _returned_id(message)
    reports = tuple(report for each in fields if (report := _standard(each))) or tuple(_home_made(message))
    return Bounce(returned, reports) if reports else NotABounce("không phải thư báo của máy chủ thư")


def _no_report(message: Message) -> str:
    """Why a message without delivery-status fields cannot be a bounce; empty where it may be one."""
    if str(message.get_param("report-type", "")).lower() == "disposition-notification":
        return "báo đã đọc"
    precedence = _header(message, "Precedence").lower()
    if precedence == "auto_reply" or any(message.get(name) for name in _AUTOREPLY):
        return _AUTOMATIC
    sender = parseaddr(_header(message, "From"))[1].lower().partition("@")[0]
    replied = _header(message, "Auto-Submitted").lower().startswith("auto-replied")
    if sender not in _MAILERS and (replied or _AWAY.search(_header(message, "Subject"))):
        return _AUTOMATIC
    return ""


def _header(message: Message, name: str) -> str:
    """A header in one line, decoded where it is encoded; empty where it is missing or cannot be decoded."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        words = str(make_header(decode_header(str(value))))
    except (MessageError, ValueError, LookupError):
        words = str(value)
    return unicodedata.normalize("NFC", " ".join(words.split()))


# Standard reports


def _statuses(message: Message) -> Iterator[Message]:
    """The fields of each recipient in a report's delivery-status part, never those of a report that was sent back."""
    for part in _own_parts(message):
        blocks = part.get_payload()
        if _kind(part) not in _STATUS or not isinstance(blocks, list):
            continue
        for block in blocks:
            if isinstance(block, Message) and block.get("Action"):
                yield block
            elif isinstance(block, Message) and isinstance(words := block.get_payload(), str):
                # Python splits the newer kind (RFC 6533) into no blocks: all but the first are one text.
                yield from (
                    each for each in map(message_from_string, re.split(r"\n\r?\n", words)) if each.get("Action")
                )


def _own_parts(message: Message) -> Iterator[Message]:
    """The parts of a message without those of messages enclosed in it."""
    yield message
    if message.get_content_maintype() == "multipart" and isinstance(message.get_payload(), list):
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _own_parts(part)


def _standard(fields: Message) -> Report | None:
    action = _header(fields, "Action").lower().split(" ")[0].strip("();,")
    fate = Fate.FAILED if action.startswith(("fail", "error")) else _FATES.get(action)
    addresses = frozenset(
        address
        for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient")
        if (address := _address(_header(fields, name)))
    )
    if fate is None or not addresses:
        return None
    words = _header(fields, "Diagnostic-Code")
    status = _CODE.search(_header(fields, "Status"))
    return Report(addresses, fate, _finer(status.group(1) if status else "", words), _line(words))


def _address(value: str) -> str:
    """The address of `rfc822; a@b`, `utf-8; a@b` or `<a@b>`, in lower case; empty where there is none."""
    address = value.rpartition(";")[2].strip().removeprefix("<").removesuffix(">").strip().lower()
    return address if "@" in address and " " not in address and address.isprintable() else ""


def _line(words: str) -> str:
    """A server's words as they are kept: one line of characters that the books can hold."""
    return clip(words.encode("utf-8", "replace").decode(), MOST_WORDS)


def _finer(status: str, words: str) -> str:
    """The status, or the one in the server's words where the field says only that it failed (5.0.0)."""
    told = _CODE.search(words)
    if told and (not status or (status.endswith(".0.0") and told.group(1)[0] == status[0])):
        status = told.group(1)
    if (not status or status.endswith(".0.0")) and _FULL.search(words):
        return "5.2.2"
    return status


# Home-made reports


def _home_made(message: Message) -> Iterator[Report]:
    """Read by the library, without what is enclosed: a report that somebody passes on is not about our mail."""
    for part in _own_parts(message):
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            part.set_payload([p for p in part.get_payload() if _kind(p) not in _ENCLOSED])
    try:
        temporary, permanent = all_failures(message)
    except Exception as error:  # its many detectors may stumble over anything in a stranger's message
        log.warning("a message stays unread", reason=type(error).__name__)
        return
    text = _own_text(message)
    for fate, addresses in ((Fate.FAILED, permanent), (Fate.DELAYED, temporary - permanent)):
        for address in sorted(_address(each.decode("ascii", "replace")) for each in addresses):
            if address:
                words = _about(text, address)
                yield Report(frozenset({address}), fate, _finer("", words) or _basic(words), _line(words))


def _basic(words: str) -> str:
    """An enhanced status for a basic reply code (RFC 5321): no more than its class, save for 552."""
    found = _BASIC.search(words)
    if found is None:
        return ""
    return "5.2.2" if found.group(1) == "552" else f"{found.group(1)[0]}.0.0"


def _kind(part: object) -> str:
    return part.get_content_type() if isinstance(part, Message) else ""


def _own_text(message: Message) -> str:
    parts = [part for part in _own_parts(message) if part.get_content_type() == "text/plain"]
    return "\n".join(_decoded(part) for part in parts)


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _about(text: str, address: str) -> str:
    """What a report says after it names an address, up to a blank line and not into what was sent back."""
    at = text.lower().find(address)
    if at < 0:
        return ""
    rest = text[at + len(address) :].lstrip(">:\r\n\t ")
    return " ".join(re.split(r"\n\s*\n|\n-", rest, maxsplit=1)[0].split())


# The message it is about


def _returned_id(message: Message) -> str:
    """The Message-ID of what was sent back, whole, as headers or as text; empty where nothing was."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind in _WITH_HEADERS and isinstance(part.get_payload(), list):
            inner = part.get_payload(0)
            if isinstance(inner, Message) and (found := _header(inner, "Message-ID")):
                return found
        elif kind in {"text/rfc822-headers", "text/plain"}:
            told = _RETURNED_ID.search(_decoded(part))
            if told:
                return told.group(1)
    return ""
