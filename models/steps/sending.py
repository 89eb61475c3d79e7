"""Sending under a lease: claim, send outside any transaction, mark; or hand over to the next channel.

The lease is real time by the database's clock. Whoever finds it expired adopts the delivery and sends it again under
the same Message-ID; that is the one way a message can reach the server twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import rollup_id
from models.bells import ring_bell, want_dispatch
from models.reachable import MARKED
from models.session import business_now
from models.steps import contacts
from models.steps.addressees import usable_channel


@dataclass(frozen=True)
class Claimed:
    """A delivery under our lease. `content` is the frozen digest; `at` the business instant it was gathered."""

    id: int
    realm: str
    person: int
    channel: str
    address: str
    rollup: int | None
    content: dict[str, Any]
    at: datetime
    attempts: int
    owner: str


_CLAIM = """
UPDATE delivery SET state = 'reserved', retry_at = NULL, attempts = attempts + 1, lease_owner = :owner,
                    lease_until = clock_timestamp() + make_interval(secs => :lease)
WHERE id = ANY(:ids) AND (state = 'reserved' OR (state = 'waiting' AND retry_at <= business_now(realm)))
  AND (lease_until IS NULL OR lease_until < clock_timestamp() OR lease_owner = :owner)
RETURNING id, realm, person_id, channel, address, rollup_id, content, at, attempts, lease_owner
"""
_STILL_OPEN = "SELECT count(*) FROM delivery WHERE id = ANY(:ids) AND state = 'reserved'"


async def claim(engine: AsyncEngine, ids: Sequence[int], owner: str, lease: float) -> list[Claimed]:
    """Take under lease whichever of these deliveries are open and free, oldest first.

    One that was put off and whose time has not come is left alone, however often its batch is tried.
    """
    async with engine.begin() as connection:
        rows = await connection.execute(text(_CLAIM), {"ids": list(ids), "owner": owner, "lease": lease})
        return sorted((Claimed(*row) for row in rows), key=lambda c: c.id)


async def renew(engine: AsyncEngine, owner: str, ids: Sequence[int], lease: float) -> set[int]:
    """Push the lease of what is still to be sent; returns which of these are still ours to send."""
    async with engine.begin() as connection:
        rows = await connection.execute(
            text(
                """UPDATE delivery SET lease_until = clock_timestamp() + make_interval(secs => :lease)
                   WHERE id = ANY(:ids) AND lease_owner = :owner AND state IN ('reserved', 'waiting') RETURNING id"""
            ),
            {"ids": list(ids), "owner": owner, "lease": lease},
        )
        return {delivery for (delivery,) in rows}


async def still_open(engine: AsyncEngine, ids: Sequence[int]) -> int:
    """How many of these still wait for somebody to send them now."""
    async with engine.connect() as connection:
        return int(await connection.scalar(text(_STILL_OPEN), {"ids": list(ids)}) or 0)


async def mark_sent(engine: AsyncEngine, delivery: Claimed, provider_id: str) -> list[str]:
    """Write that the server has taken it; returns workflows to ring."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                """UPDATE delivery SET state = 'sent', sent_at = clock_timestamp(), provider_id = :provider,
                     lease_until = NULL, retry_at = NULL, error_code = '', error = '' WHERE id = :id"""
            ),
            {"id": delivery.id, "provider": provider_id},
        )
        # The wake row before the notices, as the rollup's step takes them.
        rings = await tell_rollup(connection, delivery, "Thư đã tới máy chủ của nơi nhận")
        await settle_notices(connection, delivery.id, "sent")
        return rings


async def mark_waiting(engine: AsyncEngine, delivery: Claimed, code: str, error: str, seconds: float) -> None:
    """Try again after so many business seconds; nothing for a delivery that another has adopted meanwhile."""
    async with engine.begin() as connection:
        now = await business_now(connection, delivery.realm)
        await connection.execute(
            text(
                """UPDATE delivery SET state = 'waiting', error_code = :code, error = :error, lease_until = NULL,
                     lease_owner = '', retry_at = CAST(:now AS timestamptz) + make_interval(secs => :seconds)
                   WHERE id = :id AND lease_owner = :owner AND state IN ('reserved', 'waiting')"""
            ),
            {"id": delivery.id, "owner": delivery.owner, "code": code, "error": error, "now": now, "seconds": seconds},
        )


async def release(engine: AsyncEngine, ids: Sequence[int], owner: str, tried: int | None = None, why: str = "") -> None:
    """Give up the lease of what was not sent, so that the next attempt need not wait for it to expire.

    Only for `tried` does it count as an attempt: the others were never handed over. `why` is shown with what waits.
    """
    async with engine.begin() as connection:
        await connection.execute(
            text(
                """UPDATE delivery SET lease_until = NULL, error_code = 'channel-down', error = :why,
                     attempts = attempts - CASE WHEN id = CAST(:tried AS bigint) THEN 0 ELSE 1 END
                   WHERE id = ANY(:ids) AND lease_owner = :owner"""
            ),
            {"ids": list(ids), "owner": owner, "tried": tried, "why": why},
        )


async def mark_refused(
    engine: AsyncEngine, delivery: Claimed, code: str, error: str, mark_contact: bool, stop_channel: bool
) -> list[str]:
    """No retry mends it: note why, and let the person's next channel carry the same notices, if there is one.

    A delivery that another has adopted meanwhile is the other's to settle.
    """
    async with engine.begin() as connection:
        now = await business_now(connection, delivery.realm)
        values = {"person": delivery.person, "channel": delivery.channel, "code": code, "now": now,
                  "realm": delivery.realm, "error": error, "id": delivery.id, "owner": delivery.owner}  # fmt: skip
        if stop_channel:
            await connection.execute(
                text(
                    """INSERT INTO channel_alarm (realm, channel, code, reason, since)
                       VALUES (:realm, :channel, :code, :error, :now) ON CONFLICT DO NOTHING"""
                ),
                values,
            )
        ours = await connection.scalar(
            text(
                """UPDATE delivery SET state = 'refused', error_code = :code, error = :error, lease_until = NULL
                   WHERE id = :id AND lease_owner = :owner AND state IN ('reserved', 'waiting') RETURNING id"""
            ),
            values,
        )
        if ours is None:
            return []
        leaves = await _mark(connection, delivery, code, now) if mark_contact else None
        rings: list[str] = []
        if not await fail_over(connection, delivery):
            rings = await tell_rollup(connection, delivery, "Thư không gửi được tới nơi nhận")
            await settle_notices(connection, delivery.id, "failed")
        dispatch = await want_dispatch(connection, delivery.realm, leaves) if leaves else None
        return [*rings, *([dispatch] if dispatch else [])]


async def _mark(connection: AsyncConnection, delivery: Claimed, code: str, now: datetime) -> datetime | None:
    """Mark the address and tell the coordinators; returns when the first of them is to hear of it."""
    unreached = contacts.Unreached(
        delivery.realm, delivery.id, delivery.person, delivery.channel, delivery.address, code
    )
    await contacts.mark_contact(connection, unreached, now)
    return await contacts.raise_contact_notice(connection, unreached, now)


async def fail_over(connection: AsyncConnection, delivery: Claimed) -> bool:
    """Let the person's next channel carry the same notices; False where there is none."""
    person = (
        (
            await connection.execute(
                text(f"SELECT p.*, {MARKED} AS marked FROM person p WHERE p.id = :id"),
                {"id": delivery.person},
            )
        )
        .mappings()
        .one()
    )
    alarms = await connection.execute(
        text("SELECT channel FROM channel_alarm WHERE realm = :realm"), {"realm": delivery.realm}
    )
    channel = usable_channel(person, {name for (name,) in alarms}, after=delivery.channel)
    if channel is None:
        return False
    address = person["email"] if channel == "mail" else person["phone"]
    await connection.execute(
        text(
            """WITH made AS (
                 INSERT INTO delivery (realm, person_id, channel, address, rollup_id, content, at, state, attempts,
                                       lease_owner, provider_id, error_code, error)
                 SELECT realm, person_id, :channel, :address, rollup_id, content, at, 'reserved', 0, '', '', '', ''
                 FROM delivery WHERE id = :id RETURNING id)
               INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
               SELECT d.notice_id, d.person_id, :channel, made.id FROM delivery_notice d, made
               WHERE d.delivery_id = :id ON CONFLICT DO NOTHING"""
        ),
        {"id": delivery.id, "channel": channel.value, "address": address},
    )
    return True


async def settle_notices(connection: AsyncConnection, delivery: int, state: str) -> None:
    """Write what became of a delivery's notices; what has reached one person stays `sent` whatever befalls others."""
    await connection.execute(
        text(
            """UPDATE notice SET state = :state WHERE id IN (
                 SELECT id FROM notice WHERE state IN ('reserved', 'failed')
                   AND id IN (SELECT notice_id FROM delivery_notice WHERE delivery_id = :id)
                 ORDER BY id FOR UPDATE)"""
        ),
        {"state": state, "id": delivery},
    )


async def tell_rollup(connection: AsyncConnection, delivery: Claimed, summary: str) -> list[str]:
    """Write for the rollup's workflow what became of one of its messages; returns whom to ring."""
    if delivery.rollup is None:
        return []
    row = (
        (
            await connection.execute(
                text(
                    """SELECT p.realm, p.slug, p.id AS plan, r.period, r.supplement FROM rollup r
                       JOIN plan p ON p.id = r.plan_id WHERE r.id = :id"""
                ),
                {"id": delivery.rollup},
            )
        )
        .mappings()
        .one()
    )
    workflow = rollup_id(row["realm"], row["slug"], row["period"], row["supplement"])
    now = await business_now(connection, delivery.realm)
    await connection.execute(
        text(
            """INSERT INTO fact (realm, workflow, kind, at, plan_id, person_id, occurrence, summary)
               VALUES (:realm, :workflow, 'rollup_delivered', :now, :plan, :person, 0, :summary)"""
        ),
        {
            "realm": row["realm"],
            "workflow": workflow,
            "now": now,
            "plan": row["plan"],
            "person": delivery.person,
            "summary": summary,
        },
    )
    return [workflow] if await ring_bell(connection, workflow) else []
