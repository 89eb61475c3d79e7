"""Reserving digests: everything that one person is told now, in one message, under the key that forbids a second."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import RowMapping

from domain.notices import OPTIONAL
from models.realm_calendar import read_calendar
from models.steps.addressees import Addressees, read_addressees
from models.steps.digests import Addressee, digest_json, read_counts, read_pending
from models.steps.frame import Books

_RESERVE = """
INSERT INTO delivery (realm, person_id, channel, address, rollup_id, content, at, state, attempts, lease_owner,
                      provider_id, error_code, error)
SELECT :realm, w.person, w.channel, w.address, w.rollup, w.content, :now, 'reserved', 0, '', '', '', ''
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (
    person bigint, channel text, address text, rollup bigint, content jsonb)
ORDER BY w.person, w.rollup NULLS FIRST
RETURNING id, person_id, channel, rollup_id
"""
_JOIN = """
INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
SELECT notice, person, channel, delivery FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS w (notice bigint, person bigint, channel text, delivery bigint)
"""
Group = tuple[int, int | None]
"""A person, and the rollup where the message is a rollup with its files."""


async def reserve(books: Books) -> int:
    """Reserve the digests of what is to leave now; returns how many notices they carry.

    A notice that nobody holds the role for is `unroutable`, one that all who do keep out of their mail is `muted`.
    """
    pending = await read_pending(books)
    if not pending:
        return 0
    groups, people, settled = _grouped(pending, await read_addressees(books))
    await _write(books, groups, people)
    for state, ids in settled.items():
        await books.run("UPDATE notice SET state = :state WHERE id = ANY(:ids)", {"state": state, "ids": ids})
    return len(pending) - sum(map(len, settled.values()))


def _grouped(
    pending: list[RowMapping], addressees: Addressees
) -> tuple[dict[Group, list[RowMapping]], dict[int, Addressee], dict[str, list[int]]]:
    groups: dict[Group, list[RowMapping]] = defaultdict(list)
    people: dict[int, Addressee] = {}
    settled: dict[str, list[int]] = defaultdict(list)
    for notice in pending:
        found = addressees.of(notice["unit_id"], notice["role"])
        readers = [one for one in found if not (notice["kind"] in OPTIONAL and notice["kind"] in one.muted)]
        for person in readers:
            people[person.id] = person
            groups[person.id, notice["rollup_id"] if notice["kind"] == "rollup" else None].append(notice)
        if not readers:
            settled["muted" if found else "unroutable"].append(notice["id"])
    return groups, people, settled


async def _write(books: Books, groups: dict[Group, list[RowMapping]], people: dict[int, Addressee]) -> None:
    counts = await read_counts(books)
    calendar = await read_calendar(books.connection, books.request.realm)
    rows: list[dict[str, Any]] = [
        {
            "person": person,
            "channel": people[person].channel,
            "address": people[person].address,
            "rollup": rollup,
            "content": digest_json(books, people[person], notices, counts, calendar),
        }
        for (person, rollup), notices in groups.items()
    ]
    made = await books.rows(_RESERVE, realm=books.request.realm, now=books.now, rows=json.dumps(rows))
    members = [
        {"notice": n["id"], "person": d["person_id"], "channel": d["channel"], "delivery": d["id"]}
        for d in made
        for n in groups[d["person_id"], d["rollup_id"]]
    ]
    await books.run(_JOIN, {"rows": json.dumps(members)})
    await books.run(
        "UPDATE notice SET state = 'reserved' WHERE id = ANY(:ids)", {"ids": sorted({m["notice"] for m in members})}
    )
