"""How the system itself is doing, as the books know it: for the heartbeat, `dondoc doctor` and the page of admins.

Counts are over all realms, or over one. Only live realms can be late: in a rehearsal time stands still between two
jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.watching import AUDIT_WITHIN, DELIVERY_LATE, FACT_LATE, NOTICE_LATE, RELAY, WAKE_LATE
from models.reachable import REACHABLE

SHOWN = 5
"""So many examples of a finding are named."""


@dataclass(frozen=True)
class Late:
    """Things that should have happened: how many, since when the oldest waits, and some of them by name."""

    count: int = 0
    oldest: datetime | None = None
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """A channel that was stopped."""

    realm: str
    channel: str
    code: str
    reason: str
    since: datetime


@dataclass(frozen=True)
class AuditLine:
    """One look over a realm: `repaired` by name of defect, each with `found`, `repaired` and `examples`."""

    realm: str
    at: datetime
    checked: int
    repaired: dict[str, Any]
    relay: dict[str, int]
    """What the relay had counted by then."""


@dataclass(frozen=True)
class TokenLine:
    """A Zalo app's pair. `expires_at` is the access token's; the refresh token lives longer."""

    app: str
    needs_authorisation: bool
    refreshed_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True)
class Stall:
    """What holds escalation up in the live realms; nothing of it where all is well."""

    wakes: Late
    notices: Late
    deliveries: Late
    facts: Late
    unaudited: tuple[str, ...]


@dataclass(frozen=True)
class Backlog:
    """What waits, failed or was given up, in all realms asked for."""

    pending: int = 0
    failed: int = 0
    unroutable: int = 0
    reserved: int = 0
    waiting: int = 0
    refused_today: int = 0
    receipts: int = 0
    marks: int = 0


@dataclass(frozen=True)
class Health:
    """Everything at one instant of the database's clock."""

    at: datetime
    stall: Stall
    backlog: Backlog
    alarms: tuple[Alarm, ...]
    unreachable: tuple[str, ...]
    audits: tuple[AuditLine, ...]
    tokens: tuple[TokenLine, ...]
    relay: dict[str, int]


_MINE = "(CAST(:realm AS text) IS NULL OR {column} = :realm)"
_LATE = """
SELECT count(*) AS count, min(at) AS oldest,
       (array_agg(name ORDER BY at, name))[1:{shown}] AS examples FROM ({found}) AS late
"""
_WAKES = f"""
SELECT w.workflow AS name, w.at FROM wake w JOIN realm r ON r.id = w.realm AND r.kind = 'live'
WHERE {_MINE.format(column="w.realm")} AND w.closed_at IS NULL
  AND w.at < clock_timestamp() - make_interval(secs => :late)
"""
_NOTICES = f"""
SELECT n.subject || ' · ' || n.rung AS name, n.send_at AS at
FROM notice n JOIN realm r ON r.id = n.realm AND r.kind = 'live'
WHERE {_MINE.format(column="n.realm")} AND n.state = 'pending'
  AND n.send_at < clock_timestamp() - make_interval(secs => :late)
"""
# What waits because its recipient's server asked for that is not late.
_DELIVERIES = f"""
SELECT d.channel || ' · ' || d.id AS name, d.at FROM delivery d JOIN realm r ON r.id = d.realm AND r.kind = 'live'
WHERE {_MINE.format(column="d.realm")} AND d.state = 'reserved'
  AND d.at < clock_timestamp() - make_interval(secs => :late)
"""
_FACTS = f"""
SELECT f.workflow AS name, f.at FROM fact f JOIN realm r ON r.id = f.realm AND r.kind = 'live'
WHERE {_MINE.format(column="f.realm")} AND f.taken_in_at IS NULL
  AND f.at < clock_timestamp() - make_interval(secs => :late)
"""
# Until its first audit a realm is as old as the hour for which that is planned.
_UNAUDITED = f"""
SELECT r.id FROM realm r LEFT JOIN wake w ON w.workflow = r.id || '/audit'
WHERE r.kind = 'live' AND {_MINE.format(column="r.id")} AND (w.workflow IS NULL OR w.closed_at IS NOT NULL
  OR COALESCE((SELECT max(a.at) FROM audit a WHERE a.realm = r.id), w.at, '-infinity')
     < clock_timestamp() - make_interval(secs => :within)) ORDER BY 1
"""
_BACKLOG = f"""
SELECT (SELECT count(*) FROM notice n WHERE {{mine_n}} AND state = 'pending') AS pending,
       (SELECT count(*) FROM notice n WHERE {{mine_n}} AND state = 'failed') AS failed,
       (SELECT count(*) FROM notice n WHERE {{mine_n}} AND state = 'unroutable') AS unroutable,
       (SELECT count(*) FROM delivery d WHERE {{mine_d}} AND state = 'reserved') AS reserved,
       (SELECT count(*) FROM delivery d WHERE {{mine_d}} AND state = 'waiting') AS waiting,
       (SELECT count(*) FROM delivery d WHERE {{mine_d}} AND state IN ('refused', 'bounced')
          AND d.at > business_now(d.realm) - interval '1 day') AS refused_today,
       (SELECT count(*) FROM receipt WHERE processed_at IS NULL) AS receipts,
       (SELECT count(*) FROM contact_mark m JOIN person p ON p.id = m.person_id
          AND m.address = CASE m.channel WHEN 'mail' THEN p.email ELSE p.phone END
        WHERE {_MINE.format(column="p.realm")}) AS marks
""".format(mine_n=_MINE.format(column="n.realm"), mine_d=_MINE.format(column="d.realm"))
_ALARMS = f"""
SELECT realm, channel, code, reason, since FROM channel_alarm WHERE {_MINE.format(column="realm")} ORDER BY 1, 2
"""
_UNREACHABLE = f"""
SELECT DISTINCT u.realm || '/' || u.slug AS unit FROM task_owner o JOIN task t ON t.id = o.task_id
JOIN plan p ON p.id = t.plan_id AND p.status = 'active' JOIN unit u ON u.id = o.unit_id
CROSS JOIN LATERAL (SELECT CAST(business_now(u.realm) + interval '7 hours' AS date) AS today) AS d
WHERE {_MINE.format(column="p.realm")} AND o.ended_at IS NULL AND o.role = 'lead' AND t.withdrawn_at IS NULL
  AND t.closed_at IS NULL AND NOT {REACHABLE.format(unit="o.unit_id").replace("CAST(:today AS date)", "d.today")}
ORDER BY 1
"""
_AUDITS = f"""
SELECT realm, at, checked, repaired FROM audit WHERE {_MINE.format(column="realm")}
ORDER BY at DESC, id DESC LIMIT :limit
"""
_TOKENS = "SELECT app_id, needs_authorisation, refreshed_at, expires_at FROM zalo_token ORDER BY 1"


async def read_stall(connection: AsyncConnection, realm: str | None = None) -> Stall:
    """What should have moved and did not; nothing where escalation moves."""
    rows = await _rows(connection, _UNAUDITED, realm, within=AUDIT_WITHIN.total_seconds())
    return Stall(
        wakes=await _late(connection, _WAKES, WAKE_LATE, realm),
        notices=await _late(connection, _NOTICES, NOTICE_LATE, realm),
        deliveries=await _late(connection, _DELIVERIES, DELIVERY_LATE, realm),
        facts=await _late(connection, _FACTS, FACT_LATE, realm),
        unaudited=tuple(row["id"] for row in rows),
    )


async def read_pulse(connection: AsyncConnection) -> tuple[datetime, tuple[str, ...]]:
    """The database's clock, and what holds escalation up in any live realm, as stable codes with how many or where."""
    at: datetime = (await _rows(connection, "SELECT clock_timestamp() AS at", None))[0]["at"]
    stall = await read_stall(connection)
    late = (
        ("wakes-overdue", stall.wakes), ("notices-late", stall.notices), ("deliveries-unsent", stall.deliveries),
        ("facts-unheard", stall.facts),
    )  # fmt: skip
    causes = [code for code, found in late if found.count]
    return at, (*causes, *(f"audit-missing {realm}" for realm in stall.unaudited))


async def read_health(connection: AsyncConnection, realm: str | None = None, audits: int = 10) -> Health:
    """How everything is doing in one realm, or in all."""
    now: datetime = (await _rows(connection, "SELECT clock_timestamp() AS at", None))[0]["at"]
    (backlog,) = await _rows(connection, _BACKLOG, realm)
    relay = await _rows(connection, "SELECT reason, times FROM relay_count ORDER BY 1", None)
    return Health(
        at=now,
        stall=await read_stall(connection, realm),
        backlog=Backlog(**backlog),
        alarms=tuple(Alarm(**row) for row in await _rows(connection, _ALARMS, realm)),
        unreachable=tuple(row["unit"] for row in await _rows(connection, _UNREACHABLE, realm)),
        audits=await latest_audits(connection, realm, audits),
        tokens=tuple(TokenLine(*row.values()) for row in await _rows(connection, _TOKENS, None)),
        relay={row["reason"]: row["times"] for row in relay},
    )


async def latest_audits(connection: AsyncConnection, realm: str | None, limit: int) -> tuple[AuditLine, ...]:
    """The last audits, newest first."""
    rows = await _rows(connection, _AUDITS, realm, limit=limit)
    return tuple(
        AuditLine(
            realm=row["realm"],
            at=row["at"],
            checked=row["checked"],
            repaired={name: found for name, found in row["repaired"].items() if name != RELAY},
            relay=row["repaired"].get(RELAY, {}),
        )
        for row in rows
    )


async def _late(connection: AsyncConnection, found: str, after: timedelta, realm: str | None) -> Late:
    (row,) = await _rows(connection, _LATE.format(shown=SHOWN, found=found), realm, late=after.total_seconds())
    return Late(row["count"], row["oldest"], tuple(row["examples"] or ()))


async def _rows(connection: AsyncConnection, sql: str, realm: str | None, **values: Any) -> list[RowMapping]:
    return list((await connection.execute(text(sql), {"realm": realm, **values})).mappings())
