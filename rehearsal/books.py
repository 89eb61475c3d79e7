"""Reads from the books what a judge needs, with SQL of its own; everything of one realm, at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg  # type: ignore[import-untyped,unused-ignore]


@dataclass(frozen=True)
class NoticeRow:
    """A notice. `key` is what must be unique; `about` the unit it concerns, empty where it concerns none alone.

    `letter` is the number of the letter that it tells of, or None.
    """

    id: int
    key: tuple[Any, ...]
    kind: str
    rung: str
    role: str
    unit: str
    about: str
    task: int | None
    round: str
    period: str
    plan: str
    rollup_id: int | None
    letter: int | None
    state: str
    raised_at: datetime


@dataclass(frozen=True)
class DeliveryRow:
    """A digest to one person on one channel, with the notices in it."""

    id: int
    person: str
    unit: str
    channel: str
    address: str
    state: str
    at: datetime
    attempts: int
    message_id: str
    error_code: str
    rollup_id: int | None
    notices: tuple[int, ...]


@dataclass(frozen=True)
class SubmissionRow:
    """A revision of a report; `decision` is empty while it waits."""

    received_at: datetime
    decision: str
    decided_at: datetime | None


@dataclass(frozen=True)
class ObligationRow:
    """A unit's duty on a task in a round, with its reports in order and the last day granted, if any."""

    unit: str
    task: int
    round: str
    late_at: datetime
    granted_until: date | None
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True)
class LetterRow:
    """A letter that urges a unit; number and day are those under which it was issued, None before."""

    unit: str
    drafted_at: datetime
    number: str | None
    issued_on: date | None


@dataclass(frozen=True)
class FileRow:
    """A rendered file of a signed rollup; `sha256` is what the books say, `content` the bytes."""

    name: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class RollupRow:
    """A rollup and the files of its current version; `frozen` are the inputs that `frozen_sha256` is to be of."""

    period: str
    supplement: int
    number: str
    signed_by: str
    compiled_at: datetime | None
    signed_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    frozen: bytes
    frozen_sha256: str
    files: tuple[FileRow, ...]


@dataclass(frozen=True)
class Records:
    """All of it. `at` is the realm's own time."""

    at: datetime
    notices: tuple[NoticeRow, ...] = ()
    deliveries: tuple[DeliveryRow, ...] = ()
    obligations: tuple[ObligationRow, ...] = ()
    rollups: tuple[RollupRow, ...] = ()
    letters: tuple[LetterRow, ...] = ()


_NOTICES = """
SELECT n.id, n.kind, n.rung, n.role, u.slug AS unit, coalesce(about.slug, '') AS about, t.ordinal AS task,
       coalesce(r.label, '') AS round, coalesce(ro.period, '') AS period, p.slug AS plan, n.rollup_id,
       l.id AS letter, n.state, n.raised_at,
       ARRAY[n.subject, n.epoch::text, n.rung, n.occurrence::text, n.role, n.unit_id::text] AS key
FROM notice n
JOIN unit u ON u.id = n.unit_id
JOIN plan p ON p.id = n.plan_id
LEFT JOIN obligation o ON o.id = n.obligation_id
LEFT JOIN letter l ON 'letter/' || l.id = n.subject
LEFT JOIN unit about ON about.id = coalesce(
    o.unit_id, l.unit_id, CAST(substring(n.subject FROM '/unit/([0-9]+)') AS bigint))
LEFT JOIN round r ON r.id = coalesce(n.round_id, o.round_id)
LEFT JOIN task t ON t.id = coalesce(n.task_id, r.task_id)
LEFT JOIN rollup ro ON ro.id = n.rollup_id
WHERE n.realm = $1 ORDER BY n.id
"""
_DELIVERIES = """
SELECT d.id, p.slug AS person, u.slug AS unit, d.channel, d.address, d.state, d.at, d.attempts,
       d.provider_id AS message_id, d.error_code, d.rollup_id,
       ARRAY(SELECT m.notice_id FROM delivery_notice m WHERE m.delivery_id = d.id ORDER BY 1) AS notices
FROM delivery d JOIN person p ON p.id = d.person_id JOIN unit u ON u.id = p.unit_id
WHERE d.realm = $1 ORDER BY d.id
"""
_OBLIGATIONS = """
SELECT o.id, u.slug AS unit, t.ordinal AS task, r.label AS round, o.late_at,
       (SELECT e.until FROM extension e WHERE e.obligation_id = o.id AND e.decision LIKE 'grant%'
        ORDER BY e.decided_at DESC LIMIT 1) AS granted_until
FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
JOIN plan p ON p.id = t.plan_id WHERE p.realm = $1 AND o.withdrawn_at IS NULL ORDER BY t.ordinal, u.slug, r.label
"""
_SUBMISSIONS = """
SELECT s.obligation_id, s.received_at, coalesce(s.decision, '') AS decision, s.decided_at
FROM submission s JOIN obligation o ON o.id = s.obligation_id JOIN unit u ON u.id = o.unit_id
WHERE u.realm = $1 ORDER BY s.obligation_id, s.revision
"""
_LETTERS = """
SELECT u.slug AS unit, l.drafted_at, l.number, l.issued_on FROM letter l JOIN unit u ON u.id = l.unit_id
WHERE u.realm = $1 ORDER BY u.slug, l.id
"""
_ROLLUPS = """
SELECT ro.id, ro.version, ro.period, ro.supplement, coalesce(ro.signed_number, '') AS number, ro.compiled_at,
       ro.signed_at, ro.sent_at, ro.acknowledged_at, coalesce(s.slug, '') AS signed_by,
       coalesce(v.frozen, ''::bytea) AS frozen, coalesce(v.sha256, '') AS frozen_sha256
FROM rollup ro JOIN plan p ON p.id = ro.plan_id LEFT JOIN person s ON s.id = ro.signed_by
LEFT JOIN rollup_version v ON v.rollup_id = ro.id AND v.version = ro.version
WHERE p.realm = $1 ORDER BY ro.period, ro.supplement
"""
_FILES = "SELECT name, sha256, content FROM artefact WHERE rollup_id = $1 AND version = $2 ORDER BY name"


async def read_books(dsn: str, realm: str) -> Records:
    """Everything of a realm, in one read-only transaction; LookupError if the books do not know the realm."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await _read(connection, realm)
    finally:
        await connection.close()


async def _read(connection: Any, realm: str) -> Records:
    at = await connection.fetchval("SELECT coalesce(now, clock_timestamp()) FROM realm WHERE id = $1", realm)
    if at is None:
        raise LookupError(f"the books know no realm {realm!r}")
    notices = [dict(row) for row in await connection.fetch(_NOTICES, realm)]
    deliveries = [dict(row) for row in await connection.fetch(_DELIVERIES, realm)]
    return Records(
        at,
        tuple(NoticeRow(**{**row, "key": tuple(row["key"])}) for row in notices),
        tuple(DeliveryRow(**{**row, "notices": tuple(row["notices"])}) for row in deliveries),
        await _obligations(connection, realm),
        await _rollups(connection, realm),
        tuple(LetterRow(**dict(row)) for row in await connection.fetch(_LETTERS, realm)),
    )


async def _obligations(connection: Any, realm: str) -> tuple[ObligationRow, ...]:
    answers: dict[int, list[SubmissionRow]] = {}
    for row in await connection.fetch(_SUBMISSIONS, realm):
        values = dict(row)
        answers.setdefault(values.pop("obligation_id"), []).append(SubmissionRow(**values))
    found = []
    for row in await connection.fetch(_OBLIGATIONS, realm):
        values = dict(row)
        submissions = tuple(answers.get(values.pop("id"), []))
        found.append(ObligationRow(**values, submissions=submissions))
    return tuple(found)


async def _rollups(connection: Any, realm: str) -> tuple[RollupRow, ...]:
    found = []
    for row in await connection.fetch(_ROLLUPS, realm):
        values = dict(row)
        files = await connection.fetch(_FILES, values.pop("id"), values.pop("version"))
        found.append(RollupRow(**values, files=tuple(FileRow(**dict(file)) for file in files)))
    return tuple(found)
