"""The dispatch's step: drop what is no longer true, gather the rest into one digest a person, and reserve them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Batch, Channel, StepRequest, StepResult, Wait
from models.steps.frame import Books, take
from models.steps.reserving import reserve
from models.steps.stale import renew_stale
from models.steps.unreachable import tell_of_unreachable
from models.truth import MOOT

BATCH = {Channel.MAIL: 100, Channel.ZALO: 50}
HOLD = timedelta(minutes=1)
"""So long does what is due wait for the steps of the same instant, that people may get it in one message."""
LOOK_AGAIN = timedelta(seconds=1)
POLL = timedelta(minutes=1)
"""While a server is slow or down, the dispatch looks so often whether something else has come up."""

_HELD = """
SELECT EXISTS (SELECT FROM notice WHERE realm = :realm AND state = 'pending' AND send_at <= :now)
   AND NOT EXISTS (SELECT FROM notice WHERE realm = :realm AND state = 'pending' AND send_at <= :patience)
   AND EXISTS (SELECT FROM wake WHERE realm = :realm AND closed_at IS NULL AND at <= :now AND at > :patience
               AND process IN ('task', 'round', 'rollup')) AS held
"""
_OPEN = """
SELECT id, channel FROM delivery
WHERE realm = :realm AND (state = 'reserved' OR (state = 'waiting' AND retry_at <= :now)) ORDER BY id
"""
_NEXT = """
SELECT LEAST((SELECT min(send_at) FROM notice WHERE realm = :realm AND state = 'pending'),
             (SELECT min(retry_at) FROM delivery WHERE realm = :realm AND state = 'waiting' AND retry_at > :now)) AS at,
       (SELECT kind FROM realm WHERE id = :realm) AS kind
"""


async def step_dispatch(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Reserve what is to be sent now; `deliveries` are the batches to send, including those left by a crash."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    await books.begin()
    realm = books.request.realm
    if (await books.row(_HELD, realm=realm, now=books.now, patience=books.now - HOLD))["held"]:
        words = "Chờ các bước cùng lúc làm xong"
        return StepResult((), "gather", words, Wait(books.now + LOOK_AGAIN), state="waiting", details=words)
    did = await _gather(books)
    open_ones = await books.rows(_OPEN, realm=realm, now=books.now)
    upcoming = await books.row(_NEXT, realm=realm, now=books.now)
    at: datetime | None = upcoming["at"]
    if open_ones:
        words = f"Gửi {len(open_ones)} bản tin"
        # A stepped clock stands still while anything is being sent.
        again = min(at or books.now + POLL, books.now + POLL) if upcoming["kind"] == "live" else books.now
        return StepResult(did, "send", words, Wait(again), deliveries=_batches(realm, open_ones), state="sending",
                          details=words, open_count=len(open_ones))  # fmt: skip
    details = "Không có thông báo nào đang chờ" if at is None else "Chờ giờ gửi kế tiếp"
    return StepResult(did, "gather", "Gom thông báo", Wait(at), state="waiting", details=details)


async def _gather(books: Books) -> tuple[str, ...]:
    moot = await books.rows(MOOT, realm=books.request.realm, now=books.now, today=books.today)
    renewed, dropped = await renew_stale(books)
    reserved = await reserve(books)
    await tell_of_unreachable(books)
    counted = (
        ("Gom {} thông báo thành bản tin", reserved),
        ("Bỏ {} thông báo không còn đúng", len(moot) + dropped),
        ("Viết lại {} bản tin đã chờ lâu", renewed),
    )
    return tuple(words.format(n) for words, n in counted if n)


def _batches(realm: str, rows: list[RowMapping]) -> tuple[Batch, ...]:
    by_channel: dict[Channel, list[int]] = defaultdict(list)
    for row in rows:
        by_channel[Channel(row["channel"])].append(row["id"])
    return tuple(
        Batch(channel, tuple(ids[i : i + BATCH[channel]]), realm)
        for channel, ids in sorted(by_channel.items())
        for i in range(0, len(ids), BATCH[channel])
    )
