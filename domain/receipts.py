"""What comes back from the channels, as pure rules: Zalo's signature, and what a mail server's report means.

Sources: Zalo's webhook guide (X-ZEvent-Signature); RFC 3464 (Action); RFC 3463 and IANA's list of enhanced codes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

EVENT_WINDOW_SECONDS = 300
"""An event signed longer ago, or further ahead, than this by the database's clock is taken for a replay."""
RECEIVED_EVENT = "user_received_message"
MAC_PREFIX = "mac="
_IDENTITY = re.compile(r"\s*<?([a-z0-9][a-z0-9-]{0,99})\.([0-9]{1,18})(?:@[^\s<>]*)?>?\s*", re.IGNORECASE)


def event_mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The hex SHA-256 over app id, the raw body, the timestamp as it stands in the body, and the account's secret."""
    return hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def is_signed(header: str, app_id: str, body: bytes, timestamp: str, secret: str) -> bool:
    """Whether a header `mac=<hex>` is right for this body; in constant time, never with an empty secret."""
    given = header.strip().removeprefix(MAC_PREFIX).lower().encode()
    return bool(secret) and hmac.compare_digest(given, event_mac(app_id, body, timestamp, secret).encode())


def delivery_of(identity: str) -> tuple[str, int] | None:
    """Realm and number of one of our deliveries, from its Message-ID `<realm.7@domain>` or tracking id `realm.7`."""
    found = _IDENTITY.fullmatch(identity)
    return (found.group(1).lower(), int(found.group(2))) if found else None


class Fate(StrEnum):
    """What a mail server reports of a message for one recipient."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Report:
    """One recipient's part of a report. `addresses` are the names it goes by there, in lower case.

    `code` is the enhanced status ("5.1.1"), empty where none was told; `words` the server's own, in one line.
    """

    addresses: frozenset[str]
    fate: Fate
    code: str = ""
    words: str = ""


@dataclass(frozen=True)
class Bounce:
    """A mail server's report. `message_id` is that of the message it is about, empty where it was not sent back."""

    message_id: str
    reports: tuple[Report, ...]


@dataclass(frozen=True)
class NotABounce:
    """Any other message, and what it is taken for."""

    why: str


# What is wrong with the message, the way or the moment, and would be with any address: IANA's enhanced status codes.
_NOT_THE_ADDRESS = re.compile(r"4\.|5\.2\.[23]|5\.3\.[1-5]|5\.4\.[0356789]|5\.[567]\.")
_REASONS = (
    (r"[45]\.2\.2", "hộp thư đầy"),
    (r"5\.1\.(2|3|10)|5\.4\.4", "tên miền hoặc địa chỉ không nhận thư"),
    (r"5\.2\.1", "hộp thư đã khóa"),
    (r"5\.2\.3|5\.3\.4", "thư quá lớn đối với hộp thư này"),
    (r"5\.7\.", "máy chủ nơi nhận từ chối theo quy định của họ"),
    (r"4\.", "máy chủ nơi nhận không trả lời trong nhiều ngày"),
    (r"5\.1\.", "không có địa chỉ này"),
)


def blames_address(code: str) -> bool:
    """Whether a failure with this code will meet every message to the address; one without a code is taken to."""
    return _NOT_THE_ADDRESS.match(code) is None


def reason_words(code: str) -> str:
    """Why, in Vietnamese, for the coordinator who is to mend the contact."""
    known = next((words for pattern, words in _REASONS if re.match(pattern, code)), "máy chủ nơi nhận không nhận thư")
    return f"{known} ({code})" if code else known
