"""A mail server's report about one of our mails: found by its Message-ID, checked against its address, acted upon.

What came back is bounced, its address marked where that is to blame, the coordinator told, and the same notices go to
the person's next channel. What still waited for the same address goes there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notices import NoticeKind
from domain.policy import Policy
from domain.receipts import Bounce, Fate, Report, blames_address, delivery_of
from models.bells import want_dispatch
from models.session import business_now
from models.steps.contacts import Unreached, mark_contact, plans_of, raise_contact_notice
from models.steps.receipts import OPEN_STATES, RECEIVED, Taken, Waiting, note_received
from models.steps.sending import Claimed, fail_over
from models.steps.sending import tell_rollup as tell_rollup

DAYS_BACK = 7
"""A report that does not say which message it is about concerns the latest to its address, within so many days."""

_COLUMNS = "id, realm, person_id, channel, address, rollup_id, content, at, attempts, lease_owner, state"
_BY_ID = f"SELECT {_COLUMNS} FROM delivery WHERE id = :id AND realm = :realm AND channel = 'mail' FOR UPDATE"
_BY_ADDRESS = f"""
SELECT {_COLUMNS} FROM delivery
WHERE channel = 'mail' AND lower(address) = ANY(:addresses) AND state IN ('sent', 'bounced')
  AND sent_at > CAST(:told AS timestamptz) - make_interval(days => :days) AND sent_at <= :told
ORDER BY sent_at DESC, id DESC LIMIT 1 FOR UPDATE
"""
_BOUNCED = """
UPDATE delivery SET state = 'bounced', bounced_at = clock_timestamp(), error_code = :code, error = :words WHERE id = :id
"""
_STILL_TO_LEAVE = f"""
SELECT {_COLUMNS} FROM delivery WHERE person_id = :person AND channel = 'mail' AND address = :address
  AND state IN ('reserved', 'waiting') AND (lease_until IS NULL OR lease_until < clock_timestamp())
ORDER BY id FOR UPDATE SKIP LOCKED
"""
_REFUSED = (
    "UPDATE delivery SET state = 'refused', error_code = :code, error = :words, lease_until = NULL WHERE id = :id"
)
_SETTLE = """
UPDATE notice SET state = :state WHERE id IN (
    SELECT id FROM notice n WHERE state IN ('sent', 'reserved', 'failed')
      AND id IN (SELECT notice_id FROM delivery_notice WHERE delivery_id = :id)
      AND NOT EXISTS (SELECT FROM delivery_notice m JOIN delivery d ON d.id = m.delivery_id
                      WHERE m.notice_id = n.id AND d.state = 'sent')
    ORDER BY id FOR UPDATE)
"""
_IN_HOURS = (
    "UPDATE delivery SET state = 'waiting', retry_at = :at WHERE id = currval(pg_get_serial_sequence('delivery', 'id'))"
)


async def take_bounce(connection: AsyncConnection, bounce: Bounce, waiting: Waiting) -> Taken:
    """Act on each recipient's part of a report; a repetition finds its delivery bounced and changes nothing."""
    found = [await _take(connection, bounce.message_id, report, waiting) for report in bounce.reports]
    return Taken(
        "; ".join(dict.fromkeys(each.outcome for each in found)),
        list(dict.fromkeys(ring for each in found for ring in each.rings)),
        all(each.settled for each in found),
    )


async def _take(connection: AsyncConnection, message_id: str, report: Report, waiting: Waiting) -> Taken:
    row = await _delivery(connection, message_id, report, waiting)
    if row is None:
        return Taken("không khớp thư nào đã gửi")
    if row["address"].lower() not in report.addresses:
        return Taken("địa chỉ trong thư báo không phải địa chỉ đã gửi")
    if report.fate is Fate.DELAYED:
        return Taken("chậm, máy chủ thư còn gửi lại")
    if row["state"] in OPEN_STATES and waiting.young:
        return Taken("chờ ghi nhận đã gửi", settled=False)
    if report.fate is Fate.DELIVERED:
        await note_received(connection, row["id"], waiting.received_at, waiting)
        return Taken(RECEIVED)
    return await _failed(connection, row, report)


async def _delivery(
    connection: AsyncConnection, message_id: str, report: Report, waiting: Waiting
) -> RowMapping | None:
    """The delivery a report is about: the one it names, and where it names none, the latest to its address."""
    named = delivery_of(message_id)
    if named is not None:
        query, values = _BY_ID, {"realm": named[0], "id": named[1]}
    elif message_id:
        return None
    else:
        query = _BY_ADDRESS
        values = {"addresses": sorted(report.addresses), "told": waiting.received_at, "days": DAYS_BACK}
    return (await connection.execute(text(query), values)).mappings().one_or_none()


async def _failed(connection: AsyncConnection, row: RowMapping, report: Report) -> Taken:
    code = report.code or "5.0.0"
    outcome = f"không tới được: {code}"
    if row["state"] == "bounced":
        return Taken(f"{outcome} (đã biết)")
    now = await business_now(connection, row["realm"])
    unreached = Unreached(row["realm"], row["id"], row["person_id"], "mail", row["address"], code)
    blamed = blames_address(code)
    if blamed:
        await mark_contact(connection, unreached, now)
    rings: list[str] = []
    if row["state"] == "sent":
        rings += await _hand_on(connection, row, _BOUNCED, code, report.words, now)
    for later in await _still_to_leave(connection, row) if blamed else ():
        rings += await _hand_on(connection, later, _REFUSED, code, report.words, now)
    await raise_contact_notice(connection, unreached, now)
    ring = await want_dispatch(connection, row["realm"], now)
    return Taken(outcome, [*rings, *([ring] if ring else [])])


async def _still_to_leave(connection: AsyncConnection, row: RowMapping) -> Sequence[RowMapping]:
    values = {"person": row["person_id"], "address": row["address"]}
    return (await connection.execute(text(_STILL_TO_LEAVE), values)).mappings().all()


async def _hand_on(
    connection: AsyncConnection, row: RowMapping, settle: str, code: str, words: str, now: datetime
) -> list[str]:
    """Settle a delivery and let the next channel carry its notices, in the sending hours; returns whom to ring."""
    await connection.execute(text(settle), {"id": row["id"], "code": code, "words": words})
    delivery = Claimed(*(row[name] for name in _COLUMNS.split(", ")[:-1]))
    handed = await fail_over(connection, delivery)
    if handed:
        await _within_hours(connection, row["id"], now)
    rings = [] if handed else await tell_rollup(connection, delivery, "Thư bị trả lại, không tới được nơi nhận")
    await connection.execute(text(_SETTLE), {"id": row["id"], "state": "reserved" if handed else "failed"})
    return rings


async def _within_hours(connection: AsyncConnection, delivery: int, now: datetime) -> None:
    """Bounces come at any hour; whoever takes over is not to be woken by them."""
    plans = await plans_of(connection, delivery)
    at = [Policy.from_json(plan["policy"]).send_at(now, NoticeKind.UNREACHABLE) for plan in plans]
    if at:
        await connection.execute(text(_IN_HOURS), {"at": min(at)})
