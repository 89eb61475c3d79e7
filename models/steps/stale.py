"""Digests that have waited long for a server: each member is looked at again, and the rest is said as it stands now."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta

from sqlalchemy import RowMapping

from models.realm_calendar import read_calendar
from models.steps.addressees import read_addressees
from models.steps.digests import digest_json, read_counts, read_members
from models.steps.frame import Books
from models.truth import UNTRUE

STALE = timedelta(hours=1)
"""A digest older than this is written anew before it is sent, or sooner where one of its members is untrue."""
AT_ONCE = 200

# Of one that a server has put off, every member is looked at each time it is tried again.
_STALE = f"""
SELECT d.id, d.person_id FROM delivery d
WHERE d.realm = :realm AND d.rollup_id IS NULL
  AND (d.state = 'reserved' AND d.at < :before
       OR d.state = 'waiting' AND d.retry_at <= :now AND (d.at < :before OR EXISTS (
          SELECT FROM delivery_notice m JOIN notice n ON n.id = m.notice_id
          WHERE m.delivery_id = d.id AND {UNTRUE})))
  AND (d.lease_until IS NULL OR d.lease_until < clock_timestamp())
ORDER BY d.id LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_MEMBERS = f"""
SELECT m.delivery_id, n.id, n.state, {UNTRUE} AS untrue
FROM delivery_notice m JOIN notice n ON n.id = m.notice_id WHERE m.delivery_id = ANY(:ids)
"""
_LEAVE = "DELETE FROM delivery_notice WHERE delivery_id = ANY(:ids) AND notice_id = ANY(:untrue)"
_MOOT = """
UPDATE notice n SET state = 'moot' WHERE n.id = ANY(:untrue) AND n.state = 'reserved'
  AND NOT EXISTS (SELECT FROM delivery_notice m WHERE m.notice_id = n.id)
"""
_EMPTY = "UPDATE delivery SET state = 'moot', lease_until = NULL WHERE id = ANY(:ids)"
_RENEW = """
UPDATE delivery d SET content = w.content, at = :now
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id bigint, content jsonb) WHERE d.id = w.id
"""


async def renew_stale(books: Books) -> tuple[int, int]:
    """Write old digests anew; returns how many, and how many notices had become untrue.

    Their Message-ID stays: should an earlier attempt have reached the server after all, it is one message twice.
    """
    found = await books.rows(_STALE, realm=books.request.realm, now=books.now, before=books.now - STALE,
                             today=books.today, limit=AT_ONCE)  # fmt: skip
    if not found:
        return 0, 0
    ids = [row["id"] for row in found]
    members = await books.rows(_MEMBERS, ids=ids, today=books.today)
    untrue = sorted({m["id"] for m in members if m["untrue"]})
    if untrue:
        await books.run(_LEAVE, {"ids": ids, "untrue": untrue})
        await books.run(_MOOT, {"untrue": untrue})
    kept: dict[int, list[int]] = defaultdict(list)
    for member in members:
        if not member["untrue"]:
            kept[member["delivery_id"]].append(member["id"])
    await books.run(_EMPTY, {"ids": [delivery for delivery in ids if delivery not in kept]})
    await _write(books, {row["id"]: row["person_id"] for row in found}, kept)
    return len(kept), len(untrue)


async def _write(books: Books, people: dict[int, int], kept: dict[int, list[int]]) -> None:
    addressees, counts = await read_addressees(books), await read_counts(books)
    calendar = await read_calendar(books.connection, books.request.realm)
    rows: dict[int, RowMapping] = {
        row["id"]: row for row in await read_members(books, sorted({n for ids in kept.values() for n in ids}))
    }
    renewed = []
    for delivery, notices in kept.items():
        person = addressees.person(people[delivery])
        if person is not None:  # one who can be reached no more is refused by the channel, and so handed on
            content = digest_json(books, person, [rows[n] for n in notices], counts, calendar)
            renewed.append({"id": delivery, "content": content})
    await books.run(_RENEW, {"rows": json.dumps(renewed), "now": books.now})
