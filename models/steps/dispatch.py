"""The dispatch's step: drop what is no longer true, gather the rest into one digest a person, and reserve them."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Batch, Channel, StepRequest, StepResult, Wait
from domain.workdays import local_date
from models.steps.digests import Addressee, digest_json, read_counts, read_pending
from models.steps.frame import Books, take

BATCH = {Channel.MAIL: 100, Channel.ZALO: 50}

# A notice waits for its sending hour, and the world moves on: what stopped being true is never sent.
_MOOT = """
UPDATE notice n SET state = 'moot' WHERE n.realm = :realm AND n.state = 'pending' AND n.send_at <= :now AND (
    (n.kind IN ('opened', 'reminder', 'due', 'overdue') AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND (o.accepted_at IS NOT NULL OR o.epoch <> n.epoch
          OR EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL))))
    OR (n.kind <> 'round_withdrawn' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND o.withdrawn_at IS NOT NULL))
    OR (n.kind = 'round_withdrawn' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND o.withdrawn_at IS NULL))
    OR (n.kind = 'deadline_changed' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND (o.accepted_at IS NOT NULL OR o.epoch <> n.epoch)))
    OR (n.kind IN ('assigned', 'assigned_coordinating', 'guidance') AND NOT EXISTS (
        SELECT FROM task_owner o JOIN task t ON t.id = o.task_id
        WHERE o.task_id = n.task_id AND o.unit_id = n.unit_id AND o.ended_at IS NULL AND t.withdrawn_at IS NULL))
    OR (n.kind IN ('assigned', 'assigned_coordinating', 'task_reassigned') AND EXISTS (
        SELECT FROM notice later WHERE later.subject = n.subject AND later.occurrence > n.occurrence
          AND later.kind IN ('assigned', 'assigned_coordinating', 'task_reassigned')))
    OR (n.kind = 'received' AND EXISTS (
        SELECT FROM submission s WHERE s.obligation_id = n.obligation_id AND s.revision = n.occurrence
          AND s.decision IS NOT NULL))
    OR (n.kind = 'extension_requested' AND EXISTS (
        SELECT FROM extension e WHERE e.id = n.occurrence AND e.decision IS NOT NULL))
    OR (n.kind IN ('rollup_compiled', 'rollup_reminder', 'rollup_overdue') AND EXISTS (
        SELECT FROM rollup r WHERE r.id = n.rollup_id AND (r.signed_at IS NOT NULL OR r.version <> n.epoch))))
RETURNING n.id
"""
_PEOPLE = """
SELECT p.id AS person, p.name, p.email, p.phone, p.channels, p.unit_id, r.role, u.name AS unit_name,
       ARRAY(SELECT channel FROM contact_mark m WHERE m.person_id = p.id) AS marked
FROM person p JOIN person_role r ON r.person_id = p.id JOIN unit u ON u.id = p.unit_id
WHERE p.realm = :realm AND (p.valid_from IS NULL OR p.valid_from <= CAST(:today AS date))
  AND (p.valid_to IS NULL OR p.valid_to >= CAST(:today AS date))
ORDER BY p.id
"""
_RESERVE = """
INSERT INTO delivery (realm, person_id, channel, address, rollup_id, content, at, state, attempts, lease_owner,
                      provider_id, error_code, error)
SELECT :realm, w.person, w.channel, w.address, w.rollup, w.content, :now, 'reserved', 0, '', '', '', ''
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (
    person bigint, channel text, address text, rollup bigint, content jsonb)
ORDER BY w.person, w.rollup NULLS FIRST
RETURNING id, person_id, channel, rollup_id
"""
_OPEN = """
SELECT id, channel FROM delivery
WHERE realm = :realm AND (state = 'reserved' OR (state = 'waiting' AND retry_at <= :now)) ORDER BY id
"""
_NEXT = """
SELECT LEAST((SELECT min(send_at) FROM notice WHERE realm = :realm AND state = 'pending'),
             (SELECT min(retry_at) FROM delivery WHERE realm = :realm AND state = 'waiting')) AS at
"""


async def step_dispatch(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Reserve what is to be sent now; `deliveries` are the batches to send, including those left by a crash."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    await books.begin()
    realm = books.request.realm
    moot = await books.rows(_MOOT, realm=realm, now=books.now)
    reserved = await _reserve(books)
    open_ones = await books.rows(_OPEN, realm=realm, now=books.now)
    did = tuple(
        words.format(n)
        for words, n in (("Gom {} thông báo thành bản tin", reserved), ("Bỏ {} thông báo không còn đúng", len(moot)))
        if n
    )
    if open_ones:
        words = f"Gửi {len(open_ones)} bản tin"
        return StepResult(did, "send", words, Wait(books.now), deliveries=_batches(realm, open_ones), state="sending",
                          details=words, open_count=len(open_ones))  # fmt: skip
    at: datetime | None = (await books.row(_NEXT, realm=realm))["at"]
    details = "Không có thông báo nào đang chờ" if at is None else "Chờ giờ gửi kế tiếp"
    return StepResult(did, "gather", "Gom thông báo", Wait(at), state="waiting", details=details)


def _batches(realm: str, rows: list[RowMapping]) -> tuple[Batch, ...]:
    by_channel: dict[Channel, list[int]] = defaultdict(list)
    for row in rows:
        by_channel[Channel(row["channel"])].append(row["id"])
    return tuple(
        Batch(channel, tuple(ids[i : i + BATCH[channel]]), realm)
        for channel, ids in sorted(by_channel.items())
        for i in range(0, len(ids), BATCH[channel])
    )


async def _reserve(books: Books) -> int:
    pending = await read_pending(books)
    if not pending:
        return 0
    addressees = await _addressees(books)
    groups: dict[tuple[int, int | None], list[RowMapping]] = defaultdict(list)
    people: dict[int, Addressee] = {}
    unroutable: list[int] = []
    for notice in pending:
        found = addressees.get((notice["unit_id"], notice["role"]), [])
        for person in found:
            people[person.id] = person
            groups[person.id, notice["rollup_id"] if notice["kind"] == "rollup" else None].append(notice)
        if not found:
            unroutable.append(notice["id"])
    await _write(books, groups, people)
    await books.run("UPDATE notice SET state = 'unroutable' WHERE id = ANY(:ids)", {"ids": unroutable})
    return len(pending) - len(unroutable)


async def _addressees(books: Books) -> dict[tuple[int, str], list[Addressee]]:
    realm = books.request.realm
    stopped = {r["channel"] for r in await books.rows("SELECT channel FROM channel_alarm WHERE realm = :r", r=realm)}
    found: dict[tuple[int, str], list[Addressee]] = defaultdict(list)
    for row in await books.rows(_PEOPLE, realm=realm, today=local_date(books.now)):
        channel = usable_channel(row, stopped)
        if channel is not None:
            address = row["email"] if channel is Channel.MAIL else row["phone"]
            found[row["unit_id"], row["role"]].append(
                Addressee(row["person"], row["name"], row["unit_id"], row["unit_name"], row["role"], channel, address)
            )
    return found


def usable_channel(person: RowMapping, stopped: set[str], after: str | None = None) -> Channel | None:
    """The first channel in a person's order that can be used, or the first after the one that just refused."""
    channels: list[str] = list(person["channels"])
    if after in channels:
        channels = channels[channels.index(after) + 1 :]
    for channel in channels:
        address = person["email"] if channel == "mail" else person["phone"]
        if address and channel not in stopped and channel not in person["marked"]:
            return Channel(channel)
    return None


async def _write(
    books: Books, groups: dict[tuple[int, int | None], list[RowMapping]], people: dict[int, Addressee]
) -> None:
    counts = await read_counts(books)
    rows: list[dict[str, Any]] = [
        {
            "person": person,
            "channel": people[person].channel,
            "address": people[person].address,
            "rollup": rollup,
            "content": digest_json(books, people[person], notices, counts),
        }
        for (person, rollup), notices in groups.items()
    ]
    made = await books.rows(_RESERVE, realm=books.request.realm, now=books.now, rows=json.dumps(rows))
    members = [
        {"notice": n["id"], "person": d["person_id"], "channel": d["channel"], "delivery": d["id"]}
        for d in made
        for n in groups[d["person_id"], d["rollup_id"]]
    ]
    await books.run(
        """INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
           SELECT notice, person, channel, delivery FROM jsonb_to_recordset(CAST(:rows AS jsonb))
             AS w (notice bigint, person bigint, channel text, delivery bigint)""",
        {"rows": json.dumps(members)},
    )
    await books.run(
        "UPDATE notice SET state = 'reserved' WHERE id = ANY(:ids)", {"ids": sorted({m["notice"] for m in members})}
    )
