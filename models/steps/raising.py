"""Raising notices: rows under their key, in key order, and the dispatch told in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from domain.notices import NoticeKind, Role
from domain.policy import Policy
from models.steps.frame import Books


@dataclass(frozen=True, order=True)
class Wanted:
    """A notice to be raised. `subject` is made of ids; the first six fields are its key."""

    subject: str
    epoch: int
    rung: str
    occurrence: int
    role: Role
    unit_id: int
    kind: NoticeKind
    plan_id: int
    task_id: int | None = None
    round_id: int | None = None
    obligation_id: int | None = None
    rollup_id: int | None = None
    detail: str = ""


_INSERT = """
INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, task_id, round_id,
                    obligation_id, rollup_id, detail, raised_at, send_at, state)
SELECT :realm, w.subject, w.epoch, w.rung, w.occurrence, w.role, w.unit_id, w.kind, w.plan_id, w.task_id, w.round_id,
       w.obligation_id, w.rollup_id, w.detail, :now, w.send_at, 'pending'
FROM jsonb_to_recordset(CAST(:wanted AS jsonb)) AS w (
    subject text, epoch int, rung text, occurrence int, role text, unit_id bigint, kind text, plan_id bigint,
    task_id bigint, round_id bigint, obligation_id bigint, rollup_id bigint, detail text, send_at timestamptz)
ORDER BY w.subject, w.epoch, w.rung, w.occurrence, w.role, w.unit_id
ON CONFLICT ON CONSTRAINT uq_notice_key DO NOTHING
RETURNING send_at
"""


async def raise_notices(books: Books, wanted: Iterable[Wanted], policy: Policy) -> int:
    """Write the notices not yet raised under their keys; returns how many were new."""
    ordered = list(wanted)
    if not ordered:
        return 0
    leaves = {kind: policy.send_at(books.now, kind).isoformat() for kind in {w.kind for w in ordered}}
    new = await books.rows(
        _INSERT,
        realm=books.request.realm,
        now=books.now,
        wanted=json.dumps([{**asdict(w), "send_at": leaves[w.kind]} for w in ordered]),
    )
    for row in new:
        books.send_at = min(row["send_at"], books.send_at or row["send_at"])
    return len(new)
