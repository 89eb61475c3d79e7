"""What is no longer true: a notice waits for its sending hour or a server that is down, and the world moves on."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notices import NoticeKind
from domain.policy import Policy
from domain.workdays import local_date
from models.bells import want_dispatch
from models.reachable import REACHABLE

LADDER = "'opened', 'reminder', 'due', 'overdue', 'overdue_weekly'"
_ASSIGNING = "'assigned', 'assigned_coordinating', 'task_reassigned'"
_UNREACHED = REACHABLE.format(unit="CAST(split_part(n.detail, ':', 2) AS bigint)")

# One condition a line of the ladder of kinds; `n` is the notice.
UNTRUE = f"""(
    (n.kind IN ({LADDER}) AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id
          AND (o.accepted_at IS NOT NULL OR o.epoch <> n.epoch OR o.suspended_at IS NOT NULL
               OR EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL))))
    OR (n.kind IN ({LADDER}) AND EXISTS (
        SELECT FROM notice later WHERE later.obligation_id = n.obligation_id AND later.unit_id = n.unit_id
          AND later.role = n.role AND later.epoch = n.epoch AND later.kind IN ({LADDER})
          AND later.raised_at > n.raised_at))
    OR (n.kind IN ('reminder', 'due') AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id
          AND CAST((o.late_at - INTERVAL '1 microsecond') AT TIME ZONE INTERVAL '7 hours' AS date)
            < CAST(:today AS date)))
    OR (n.kind <> 'round_withdrawn' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND o.withdrawn_at IS NOT NULL))
    OR (n.kind = 'round_withdrawn' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND o.withdrawn_at IS NULL))
    OR (n.kind = 'deadline_changed' AND EXISTS (
        SELECT FROM obligation o WHERE o.id = n.obligation_id AND (o.accepted_at IS NOT NULL OR o.epoch <> n.epoch)))
    OR (n.kind IN ('assigned', 'assigned_coordinating', 'assigned_again', 'guidance') AND NOT EXISTS (
        SELECT FROM task_owner o JOIN task t ON t.id = o.task_id
        WHERE o.task_id = n.task_id AND o.unit_id = n.unit_id AND o.ended_at IS NULL AND t.withdrawn_at IS NULL))
    OR (n.kind = 'assigned_again' AND NOT EXISTS (
        SELECT FROM task_owner o JOIN task t ON t.id = o.task_id
        WHERE o.task_id = n.task_id AND o.unit_id = n.unit_id AND o.role = 'lead' AND o.ended_at IS NULL
          AND o.acknowledged_at IS NULL AND t.suspended_at IS NULL AND t.closed_at IS NULL))
    OR (n.kind IN ({_ASSIGNING}) AND EXISTS (
        SELECT FROM notice later WHERE later.subject = n.subject
          AND (later.raised_at, later.occurrence) > (n.raised_at, n.occurrence) AND later.kind IN ({_ASSIGNING})))
    OR (n.kind = 'task_suspended' AND EXISTS (
        SELECT FROM suspension s WHERE s.id = n.occurrence AND s.resumed_at IS NOT NULL))
    OR (n.kind = 'task_resumed' AND EXISTS (
        SELECT FROM notice told WHERE told.subject = n.subject AND told.kind = 'task_suspended'
          AND told.occurrence = n.occurrence AND told.role = n.role AND told.state IN ('pending', 'moot')))
    OR (n.kind = 'hand_back_requested' AND EXISTS (
        SELECT FROM hand_back h WHERE h.id = n.occurrence AND h.decision IS NOT NULL))
    OR (n.kind = 'received' AND EXISTS (
        SELECT FROM submission s WHERE s.obligation_id = n.obligation_id AND s.revision = n.occurrence
          AND s.decision IS NOT NULL))
    OR (n.kind = 'returned' AND EXISTS (
        SELECT FROM submission s WHERE s.obligation_id = n.obligation_id AND s.revision > n.occurrence))
    OR (n.kind = 'extension_requested' AND EXISTS (
        SELECT FROM extension e WHERE e.id = n.occurrence AND e.decision IS NOT NULL))
    OR (n.kind IN ('rollup_compiled', 'rollup_reminder', 'rollup_overdue') AND EXISTS (
        SELECT FROM rollup r WHERE r.id = n.rollup_id AND (r.signed_at IS NOT NULL OR r.version <> n.epoch)))
    OR (n.kind = 'letter_drafted' AND EXISTS (
        SELECT FROM letter l WHERE 'letter/' || l.id = n.subject AND l.settled_at IS NOT NULL))
    OR (n.kind = 'unreachable' AND n.rollup_id IS NULL AND n.detail LIKE 'unit:%' AND {_UNREACHED}))
"""
"""True of a notice `n` that must not be sent any more; `:today` is the business date."""

MOOT = f"""
UPDATE notice n SET state = 'moot'
WHERE n.realm = :realm AND n.state = 'pending' AND n.send_at <= :now AND {UNTRUE}
RETURNING n.id
"""

_REVIVE = f"""
WITH back AS (
    UPDATE notice n SET state = 'pending', send_at = w.send_at
    FROM jsonb_to_recordset(CAST(:leaves AS jsonb)) AS w (plan bigint, kind text, send_at timestamptz)
    WHERE n.realm = :realm AND n.plan_id = w.plan AND n.kind = w.kind
      AND n.state IN ('failed', 'unroutable') AND NOT {UNTRUE} RETURNING n.id, n.send_at),
left_behind AS (
    DELETE FROM delivery_notice m USING delivery d
    WHERE m.delivery_id = d.id AND d.state IN ('refused', 'bounced', 'moot') AND m.notice_id IN (SELECT id FROM back))
SELECT count(*) AS revived, min(send_at) AS send_at FROM back
"""
_LOST = """
SELECT DISTINCT n.plan_id, n.kind, p.policy FROM notice n JOIN plan p ON p.id = n.plan_id
WHERE n.realm = :realm AND n.state IN ('failed', 'unroutable')
"""


async def revive(connection: AsyncConnection, realm: str, now: datetime) -> tuple[int, str | None]:
    """What reached nobody and is still true is to be sent once more; how many, and the dispatch if it must be rung.

    For when a channel, an address or a registry was mended. It leaves within the sending hours, as at first.
    What still reaches nobody ends as it did before.
    """
    lost = (await connection.execute(text(_LOST), {"realm": realm})).mappings()
    leaves = [
        {
            "plan": row["plan_id"],
            "kind": row["kind"],
            "send_at": Policy.from_json(row["policy"]).send_at(now, NoticeKind(row["kind"])).isoformat(),
        }
        for row in lost
    ]
    values = {"realm": realm, "today": local_date(now), "leaves": json.dumps(leaves)}
    found = (await connection.execute(text(_REVIVE), values)).mappings().one()
    return found["revived"], await want_dispatch(connection, realm, found["send_at"]) if found["revived"] else None
