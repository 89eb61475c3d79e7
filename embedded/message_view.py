"""A stored mail as it is shown: subject, addresses, text, HTML and attachments, decoded without ever failing."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage, Message
from pathlib import Path

from embedded.mailbox import StoredMessage


@dataclass(frozen=True)
class Attachment:
    """One part of a mail that is a file."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class MessageView:
    """A decoded mail."""

    stored: StoredMessage
    subject: str
    sender: str
    to: str
    date: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]


def subject_of(file: Path) -> str:
    """The subject alone, for a list; reads the headers only."""
    with file.open("rb") as source:
        head = source.read(100_000).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return _header(email.message_from_bytes(head, policy=email.policy.default), "Subject") or "(không có tiêu đề)"


def view(stored: StoredMessage) -> MessageView:
    """Decode a whole message."""
    message = email.message_from_bytes(stored.file.read_bytes(), policy=email.policy.default)
    texts: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    attachments: list[Attachment] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        if (
            part.get_filename()
            or part.get_content_disposition() == "attachment"
            or part.get_content_maintype() != "text"
        ):
            content = part.get_payload(decode=True)
            name = part.get_filename() or f"phan-{len(attachments) + 1}"
            body = content if isinstance(content, bytes) else b""
            attachments.append(Attachment(name, part.get_content_type(), body))
        else:
            texts.setdefault(part.get_content_type(), []).append(_text(part))
    return MessageView(
        stored, _header(message, "Subject") or "(không có tiêu đề)", _header(message, "From"), _header(message, "To"),
        _header(message, "Date"), "\n".join(texts["text/plain"]), "\n".join(texts["text/html"]), tuple(attachments),
    )  # fmt: skip


def _header(message: Message, name: str) -> str:
    """A header decoded; a broken one as it stands."""
    try:
        return str(message.get(name, ""))
    except (ValueError, LookupError, AttributeError, IndexError):
        # The standard library's parser fails on some malformed headers.
        return next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")


def _text(part: Message) -> str:
    try:
        return str(part.get_content()) if isinstance(part, EmailMessage) else str(part.get_payload())
    except (LookupError, ValueError):
        # A character set nobody knows.
        content = part.get_payload(decode=True)
        return content.decode(errors="replace") if isinstance(content, bytes) else ""
