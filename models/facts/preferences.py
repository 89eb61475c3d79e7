"""What a person chooses for themselves: channels, what is kept out of messages, and the link of their calendar."""

from __future__ import annotations

import json
from collections.abc import Sequence

from domain.contracts import Channel
from domain.ids import dispatch_id
from domain.notices import NoticeKind
from domain.preferences import CHANNEL_NAMES, check_muted, check_order, kind_words, reachable_channels
from models.facts.frame import Actor, Door, Ledger, ledger

_LOCK = "SELECT channels, email, phone FROM person WHERE id = :person FOR UPDATE"


async def set_preferences(door: Door, actor: Actor, channels: Sequence[str], muted: Sequence[str]) -> None:
    """Keep the order of channels and the muted kinds, both replacing what was; raises `Refusal`."""
    async with ledger(door, actor.realm) as books:
        (row,) = await books.rows(_LOCK, person=actor.person)
        available = reachable_channels(row["channels"], row["email"], row["phone"])
        order, quiet = check_order(available, channels), check_muted(muted)
        changed = await books.rows(
            """UPDATE person SET preferred = CAST(:preferred AS jsonb), muted = CAST(:muted AS jsonb)
               WHERE id = :person
                 AND (preferred, muted) IS DISTINCT FROM (CAST(:preferred AS jsonb), CAST(:muted AS jsonb))
               RETURNING id""",
            person=actor.person,
            preferred=json.dumps(order),
            muted=json.dumps(quiet),
        )
        if changed:
            await _trace(books, actor, _summary(order or available, quiet))


async def renew_feed(door: Door, actor: Actor) -> int:
    """Make the person's next calendar link; earlier ones stop. Returns its number."""
    async with ledger(door, actor.realm) as books:
        (row,) = await books.rows("UPDATE person SET feed = feed + 1 WHERE id = :person RETURNING feed",
                                  person=actor.person)  # fmt: skip
        await _trace(books, actor, "Tạo địa chỉ lịch mới; địa chỉ cũ thôi dùng được")
        return int(row["feed"])


async def _trace(books: Ledger, actor: Actor, summary: str) -> None:
    now = await books.now()
    await books.trace(dispatch_id(actor.realm), "preferences", now, summary, person_id=actor.person, unit_id=actor.unit)


def _summary(order: Sequence[str], muted: Sequence[str]) -> str:
    names = " rồi ".join(CHANNEL_NAMES[Channel(channel)] for channel in order)
    quiet = ", ".join(f"“{kind_words(NoticeKind(kind))}”" for kind in muted)
    words = f"Chọn nhận thông báo qua {names}" if names else "Chọn cách nhận thông báo"
    return f"{words}; chỉ xem trên hệ thống: {quiet}" if quiet else words
