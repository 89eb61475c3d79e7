"""Marking an address that does not work, and telling the coordinators whose plans it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import Channel
from domain.notices import NoticeKind, Role
from domain.policy import Policy
from domain.receipts import reason_words

RUNG = "bounced"
AGAIN_AFTER = timedelta(days=7)
"""An address that is not marked (a full mailbox) is told of once in so long."""

_MARK = """
INSERT INTO contact_mark (person_id, channel, code, address, since)
VALUES (:person, :channel, :code, :address, :now)
ON CONFLICT (person_id, channel) DO UPDATE SET code = EXCLUDED.code, address = EXCLUDED.address, since = EXCLUDED.since
WHERE contact_mark.address <> EXCLUDED.address
"""
_SINCE = "SELECT since FROM contact_mark WHERE person_id = :person AND channel = :channel AND address = :address"
_PLANS = """
SELECT DISTINCT ON (p.lead_unit_id) p.id, p.lead_unit_id, p.policy FROM plan p WHERE p.id IN (
    SELECT n.plan_id FROM delivery_notice m JOIN notice n ON n.id = m.notice_id WHERE m.delivery_id = :delivery
    UNION SELECT r.plan_id FROM delivery d JOIN rollup r ON r.id = d.rollup_id WHERE d.id = :delivery)
ORDER BY p.lead_unit_id, p.id
"""
_PERSON = "SELECT p.name, p.unit_id, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.id = :id"
_TELL = """
INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, detail, raised_at, send_at,
                    state)
SELECT :realm, :subject, 0, :rung, :delivery, :role, CAST(:unit AS bigint), CAST(:kind AS text), :plan, :detail,
       CAST(:now AS timestamptz), :send_at, 'pending'
WHERE NOT EXISTS (SELECT FROM notice n WHERE n.subject = :subject AND n.kind = :kind AND n.unit_id = :unit
                  AND n.raised_at >= :since)
ON CONFLICT ON CONSTRAINT uq_notice_key DO NOTHING
"""


@dataclass(frozen=True)
class Unreached:
    """A delivery that did not reach its address, and the server's code for why."""

    realm: str
    delivery: int
    person: int
    channel: str
    address: str
    code: str


async def mark_contact(connection: AsyncConnection, unreached: Unreached, now: datetime) -> None:
    """Mark the address for its person; a mark that stands for the same address keeps its code and day."""
    await connection.execute(text(_MARK), {**_values(unreached), "code": unreached.code, "now": now})


async def plans_of(connection: AsyncConnection, delivery: int) -> Sequence[RowMapping]:
    """The plans a delivery was about, one for each agency that leads any of them."""
    return (await connection.execute(text(_PLANS), {"delivery": delivery})).mappings().all()


async def raise_contact_notice(connection: AsyncConnection, unreached: Unreached, now: datetime) -> datetime | None:
    """Tell the coordinators of the plans concerned, each once a mark; returns when the first of them is to leave.

    The caller tells the dispatch (`want_dispatch`) last, as all do.
    """
    since = await connection.scalar(text(_SINCE), _values(unreached)) or now - AGAIN_AFTER
    person = (await connection.execute(text(_PERSON), {"id": unreached.person})).one()
    told = {
        "realm": unreached.realm,
        "subject": f"person/{unreached.person}/unit/{person.unit_id}/{unreached.channel}",
        "rung": RUNG,
        "delivery": unreached.delivery,
        "role": Role.COORDINATOR.value,
        "kind": NoticeKind.CONTACT_BOUNCED.value,
        "detail": _words(unreached, person.name, person.unit),
        "now": now,
        "since": since,
    }
    leaves: list[datetime] = []
    for plan in await plans_of(connection, unreached.delivery):
        send_at = Policy.from_json(plan["policy"]).send_at(now, NoticeKind.CONTACT_BOUNCED)
        values = {**told, "unit": plan["lead_unit_id"], "plan": plan["id"], "send_at": send_at}
        if (await connection.execute(text(_TELL), values)).rowcount:
            leaves.append(send_at)
    return min(leaves, default=None)


def _words(unreached: Unreached, name: str, unit: str) -> str:
    if unreached.channel == Channel.MAIL:
        return f"{unit}: thư gửi {name} ({unreached.address}) bị trả lại, {reason_words(unreached.code)}."
    return f"{unit}: tin Zalo gửi {name} ({unreached.address}) không tới được (mã {unreached.code})."


def _values(unreached: Unreached) -> dict[str, object]:
    return {"person": unreached.person, "channel": unreached.channel, "address": unreached.address}
