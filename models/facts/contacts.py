"""What an administrator does about contacts that could not be reached."""

from __future__ import annotations

from domain.contracts import Channel
from domain.errors import Conflict, NotFound, Refusal
from models.facts.frame import Actor, Door, ledger

OPTED_OUT = frozenset({"-139", "-141"})
"""Zalo's codes for one who does not want our messages: theirs to say, and for the number they said it of."""

_MARK = """
SELECT p.id, p.name, m.code, CASE m.channel WHEN 'mail' THEN p.email ELSE p.phone END = m.address AS present
FROM person p LEFT JOIN contact_mark m ON m.person_id = p.id AND m.channel = :channel
WHERE p.realm = :realm AND p.slug = :slug FOR UPDATE OF p
"""


async def clear_mark(door: Door, actor: Actor, person: str, channel: Channel) -> None:
    """Let a person's address on a channel be tried again, from the next message on.

    Raises `NotFound`, `Conflict` where the address is not marked, `Refusal` where its owner has opted out.
    """
    async with ledger(door, actor.realm) as books:
        row = await books.one(
            _MARK, NotFound("person-unknown", f"Không có người mã {person!r} trong danh bạ."),
            realm=actor.realm, slug=person, channel=channel.value,
        )  # fmt: skip
        if not row["present"]:
            raise Conflict("contact-not-marked", f"Địa chỉ hiện nay của {row['name']} không bị đánh dấu; không cần gỡ.")
        if row["code"] in OPTED_OUT:
            words = f"{row['name']} đã từ chối nhận tin Zalo ở số này; chỉ gửi lại được khi danh bạ ghi số khác."
            raise Refusal("contact-opted-out", words)
        await books.run(
            "DELETE FROM contact_mark WHERE person_id = :id AND channel = :channel", id=row["id"], channel=channel.value
        )
