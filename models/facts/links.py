"""Signed links: the key they are signed with, what they say, and who they were made for.

A link is signed from its content alone, with no clock and no chance, so a message that is sent again carries the same
link, and a link has exactly one spelling.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound, Refusal
from domain.links import ACKNOWLEDGE_FOR, OPEN_FOR, Link, Purpose, is_local, task_of
from models.facts.frame import Actor

KEY_NAME = "links"
KEY_BYTES = 32
LONGEST = 1_000
"""Characters of a link; nobody reads further than that before the signature is known to be ours."""
WHAT_TO_DO = "đăng nhập và mở trang Việc của tôi"
_FIND_KEY = "SELECT key FROM signing_key WHERE name = :name"
_MAKE_KEY = """
INSERT INTO signing_key (name, key, made_at) VALUES (:name, :key, clock_timestamp()) ON CONFLICT (name) DO NOTHING
"""
_NOW = "SELECT business_now(id) FROM realm WHERE id = :realm"
_PERSON = """
SELECT p.id, p.slug, p.name, p.realm, p.unit_id, p.feed, u.slug AS unit_slug,
       ARRAY(SELECT role FROM person_role r WHERE r.person_id = p.id) AS roles
FROM person p JOIN unit u ON u.id = p.unit_id
WHERE p.id = :person AND p.realm = :realm
  AND COALESCE(p.valid_from, '-infinity') <= CAST(business_now(p.realm) + interval '7 hours' AS date)
  AND COALESCE(p.valid_to, 'infinity') >= CAST(business_now(p.realm) + interval '7 hours' AS date)
"""


async def signing_key(engine: AsyncEngine, name: str = KEY_NAME) -> bytes:
    """The key of this name, made by whoever first needs it; all processes get the same one."""
    async with engine.begin() as connection:
        found = await connection.scalar(text(_FIND_KEY), {"name": name})
        if found is None:
            await connection.execute(text(_MAKE_KEY), {"name": name, "key": secrets.token_bytes(KEY_BYTES)})
            found = await connection.scalar(text(_FIND_KEY), {"name": name})
    return bytes(found)


class LinkSigner:
    """Makes tokens that only a holder of the key can make, of URL-safe characters."""

    def __init__(self, key: bytes) -> None:
        kind = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._serializer = URLSafeSerializer(key, salt="dondoc/link", signer_kwargs=kind)

    def sign(self, link: Link) -> str:
        """The one token of this link. ValueError for a target that its purpose cannot have."""
        if link.purpose is Purpose.OPEN and not is_local(link.target):
            raise ValueError(f"not a path of ours: {link.target!r}")
        if link.purpose is Purpose.ACKNOWLEDGE:
            task_of(link.target)
        expires = None if link.expires is None else int(link.expires.timestamp())
        content = [link.purpose.value, link.realm, link.person, link.target, expires]
        token = self._serializer.dumps(content)
        return token if isinstance(token, str) else token.decode()

    def verify(self, token: str, purposes: Sequence[Purpose]) -> Link:
        """What the token says, expired or not; raises `NotFound("link-invalid")` unless it is ours and serves this."""
        link = self._content(token)
        # Base64 spells the last bits in several ways; only the one that we wrote is taken.
        if link is None or link.purpose not in purposes or self.sign(link) != token:
            raise link_invalid()
        return link

    def read(self, token: str, purpose: Purpose, now: datetime) -> Link:
        """As `verify`, and still valid at this business instant; raises `Refusal("link-expired")` otherwise."""
        return unexpired(self.verify(token, (purpose,)), now)

    def _content(self, token: str) -> Link | None:
        if len(token) > LONGEST or not token.isascii():
            return None
        try:
            content: list[Any] = self._serializer.loads(token)
        except BadData:
            return None
        purpose, realm, person, target, expires = content
        until = None if expires is None else datetime.fromtimestamp(expires, UTC)
        return Link(Purpose(purpose), realm, person, target, until)


def unexpired(link: Link, now: datetime) -> Link:
    """The link; raises `Refusal("link-expired")` where its time is over."""
    if link.expired(now):
        raise Refusal("link-expired", f"Liên kết này đã hết hạn; hãy {WHAT_TO_DO}.")
    return link


def link_invalid() -> NotFound:
    """What is said of a token that is not ours, not for this, or no longer for this person."""
    words = f"Liên kết không đúng, bị cắt ngắn hoặc không còn dùng được. Hãy mở lại từ thư gốc, hoặc {WHAT_TO_DO}."
    return NotFound("link-invalid", words)


@dataclass(frozen=True)
class Links:
    """Makes the links of one message whole. `at` is the business instant of the message, the same when sent again."""

    signer: LinkSigner
    public_url: str
    realm: str
    person: int
    at: datetime

    def open(self, path: str) -> str:
        """An address that leads to this page of ours, after sign-in."""
        return self._address(Purpose.OPEN, path, self.at + OPEN_FOR)

    def acknowledge(self, target: str) -> str:
        """An address at which the recipient's unit acknowledges a task, see `domain.links.task_target`."""
        return self._address(Purpose.ACKNOWLEDGE, target, self.at + ACKNOWLEDGE_FOR)

    def _address(self, purpose: Purpose, target: str, expires: datetime) -> str:
        token = self.signer.sign(Link(purpose, self.realm, self.person, target, expires))
        return f"{self.public_url}/l/{token}"


def calendar_token(signer: LinkSigner, actor: Actor, feed: int) -> str:
    """The token of a person's calendar; it serves until the next one is made."""
    return signer.sign(Link(Purpose.CALENDAR, actor.realm, actor.person, str(feed), None))


async def valid_now(connection: AsyncConnection, link: Link) -> datetime:
    """The business instant of the link's realm, at which it has not expired; raises as `LinkSigner.read` does."""
    now = await connection.scalar(text(_NOW), {"realm": link.realm})
    if not isinstance(now, datetime):
        raise link_invalid()
    unexpired(link, now)
    return now


async def actor_of_link(connection: AsyncConnection, link: Link) -> Actor:
    """Who the link was made for; raises `NotFound("link-invalid")` where they no longer act for anybody.

    The link of a calendar is for whoever has not made a newer one since.
    """
    values = {"person": link.person, "realm": link.realm}
    row: RowMapping | None = (await connection.execute(text(_PERSON), values)).mappings().one_or_none()
    if row is None or (link.purpose is Purpose.CALENDAR and str(row["feed"]) != link.target):
        raise link_invalid()
    return Actor.of(row)
