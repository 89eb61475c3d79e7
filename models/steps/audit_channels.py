"""Whether every notice is on its way: waiting for its hour, in a delivery that somebody sends, or settled."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import RowMapping

from domain.ids import dispatch_id
from domain.notices import NoticeKind
from domain.watching import NOTICE_LATE
from domain.workdays import local_date
from models.steps.looking import Look
from models.truth import UNTRUE

STALLED = timedelta(hours=1)
"""A delivery that nobody has touched for so long is forgotten."""
FRESH = timedelta(days=30)
"""What could not be told for longer than this is not told any more: the next rung says how things stand."""

_COUNTED = (
    "SELECT count(*) AS n FROM notice WHERE realm = :realm AND state IN ('pending', 'reserved', 'failed', 'unroutable')"
)
_WAITING = """
SELECT n.id, n.subject, n.rung FROM notice n
WHERE n.realm = :realm AND n.state = 'pending' AND n.send_at < :before
  AND NOT EXISTS (SELECT FROM wake w WHERE w.workflow = :dispatch AND w.bell > 0) ORDER BY n.id
"""
_ADRIFT = """
SELECT n.id, n.subject, n.rung, n.kind, n.plan_id, EXISTS (
         SELECT FROM delivery_notice m JOIN delivery d ON d.id = m.delivery_id
         WHERE m.notice_id = n.id AND d.state = 'sent') AS sent
FROM notice n WHERE n.realm = :realm AND n.state = 'reserved' AND NOT EXISTS (
    SELECT FROM delivery_notice m JOIN delivery d ON d.id = m.delivery_id
    WHERE m.notice_id = n.id AND d.state IN ('reserved', 'waiting'))
ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
"""
# Whoever mends a channel or the registry revives what is true by that; this finds what slipped through. An address
# that refused this very notice is not asked again by us.
_REACHABLE = f"""
SELECT n.id, n.subject, n.rung, n.kind, n.plan_id FROM notice n
WHERE n.realm = :realm AND n.state IN ('failed', 'unroutable') AND n.raised_at > :since AND NOT {UNTRUE}
  AND EXISTS (
    SELECT FROM person p JOIN person_role r ON r.person_id = p.id AND r.role = n.role
    JOIN jsonb_array_elements_text(p.channels) c ON true
    CROSS JOIN LATERAL (SELECT CASE c WHEN 'mail' THEN p.email ELSE p.phone END AS address) a
    WHERE p.unit_id = n.unit_id AND a.address <> ''
      AND COALESCE(p.valid_from, '-infinity') <= CAST(:today AS date)
      AND COALESCE(p.valid_to, 'infinity') >= CAST(:today AS date)
      AND NOT EXISTS (SELECT FROM channel_alarm s WHERE s.realm = n.realm AND s.channel = c)
      AND NOT EXISTS (
        SELECT FROM contact_mark m WHERE m.person_id = p.id AND m.channel = c AND m.address = a.address)
      AND NOT EXISTS (
        SELECT FROM delivery_notice m JOIN delivery d ON d.id = m.delivery_id
        WHERE m.notice_id = n.id AND m.person_id = p.id AND m.channel = c AND d.address = a.address))
ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
"""
# The key of a membership keeps a notice from going twice to a person on a channel; one that did not go may go again.
_FREED = """
DELETE FROM delivery_notice m USING delivery d
WHERE m.notice_id = ANY(:ids) AND d.id = m.delivery_id AND d.state IN ('refused', 'bounced', 'moot')
"""
_AGAIN = """
UPDATE notice n SET state = 'pending', send_at = w.send_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id bigint, send_at timestamptz) WHERE n.id = w.id
"""


async def check_notices(look: Look) -> None:
    """Notices that nobody is about to send: to the dispatch, or back among those that wait."""
    books = look.books
    look.checked += (await books.row(_COUNTED, realm=look.realm))["n"]
    dispatch = dispatch_id(look.realm)
    waiting = await books.rows(_WAITING, realm=look.realm, before=books.now - NOTICE_LATE, dispatch=dispatch)
    adrift = await books.rows(_ADRIFT, realm=look.realm)
    sent = [row["id"] for row in adrift if row["sent"]]
    await books.run("UPDATE notice SET state = 'sent' WHERE id = ANY(:ids)", {"ids": sent})
    since = books.now - FRESH
    reachable = await books.rows(_REACHABLE, realm=look.realm, since=since, today=local_date(books.now))
    await _send_again(look, [*(row for row in adrift if not row["sent"]), *reachable])
    for name, rows in (("notices-waiting", waiting), ("notices-adrift", adrift), ("notices-reachable", reachable)):
        look.found(name, [f"{row['subject']} · {row['rung']}" for row in rows])
    if waiting:
        books.send_at = min(books.now, books.send_at or books.now)
        look.ring([dispatch])


async def _send_again(look: Look, rows: list[RowMapping]) -> None:
    """Back among the waiting, for the next sending hour: the dispatch asks once more whether they are true."""
    if not rows:
        return
    books = look.books
    await books.run(_FREED, {"ids": [row["id"] for row in rows]})
    times = [(row, look.policies[row["plan_id"]].send_at(books.now, NoticeKind(row["kind"]))) for row in rows]
    await books.run(_AGAIN, {"rows": json.dumps([{"id": row["id"], "send_at": at.isoformat()} for row, at in times])})
    earliest = min(at for _, at in times)
    books.send_at = min(earliest, books.send_at or earliest)


_STALLED = """
SELECT d.id, d.channel FROM delivery d WHERE d.realm = :realm AND (
    (d.state = 'reserved' AND d.at < :before
     AND COALESCE(d.lease_until, '-infinity') < clock_timestamp() - make_interval(secs => :stalled))
    OR (d.state = 'waiting' AND d.retry_at < :before))
  AND NOT EXISTS (SELECT FROM wake w WHERE w.workflow = :dispatch AND w.bell > 0) ORDER BY d.id
"""
_DELIVERIES = "SELECT count(*) AS n FROM delivery WHERE realm = :realm AND state IN ('reserved', 'waiting')"


async def check_deliveries(look: Look) -> None:
    """Deliveries that nobody sends: the dispatch hands them out anew."""
    books, dispatch = look.books, dispatch_id(look.realm)
    look.checked += (await books.row(_DELIVERIES, realm=look.realm))["n"]
    values = {"before": books.now - STALLED, "stalled": STALLED.total_seconds(), "dispatch": dispatch}
    rows = await books.rows(_STALLED, realm=look.realm, **values)
    look.found("deliveries-stalled", [f"{row['channel']} · {row['id']}" for row in rows])
    if rows:
        books.send_at = min(books.now, books.send_at or books.now)
        look.ring([dispatch])
