"""What a digest says: its notices with their words, and the recipient's four counts at the instant of gathering."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from domain.amendment import printed_title
from domain.contracts import Channel
from domain.links import task_target
from domain.notices import COUNTING, Digest, DigestItem, NoticeKind, Role, day_text, rung_days, urgency
from domain.plan_words import round_words
from domain.policy import days_late, days_left
from domain.regime import Regime
from domain.reporting import FourCounts
from domain.workdays import WorkCalendar
from models.steps.frame import Books
from models.truth import UNTRUE

DIGEST = TypeAdapter(Digest)
_OWN = {Role.OFFICER, Role.HEAD}
WINDOW = "1 hour"
"""Who is told something now is told at once, too, what only waits for the window in which notices gather."""
MOST_ITEMS = 1_000
"""So many things stand in one message; of the others it gives the number."""

_NOTICES = """
SELECT n.*, p.slug AS plan_slug, p.title AS plan_title, p.authority, p.lead_unit_id, p.units_before,
       lead.name AS lead_name, o.withdrawn_at, t.ordinal, t.printed, t.title AS task_title, t.timing_text,
       t.result AS expected_result, r.label, r.title AS asked_for,
       COALESCE(o.due_text, ru.due_text, r.due_text, '') AS due_text, COALESCE(o.late_at, ru.late_at) AS due_at,
       COALESCE(o.due_strict, ru.due_strict) AS due_strict, ru.period, ru.supplement,
       l.id AS letter_id, COALESCE(ou.name, tu.name, lu.name, lead.name) AS about_unit,
       s.decision_reason, reporter.name AS reporter, e.reason AS extension_reason, e.until,
       e.decision_reason AS extension_decision, su.explanation, realm.kind AS realm_kind
FROM notice n JOIN plan p ON p.id = n.plan_id JOIN unit lead ON lead.id = p.lead_unit_id
JOIN realm ON realm.id = n.realm
LEFT JOIN task t ON t.id = n.task_id LEFT JOIN round r ON r.id = n.round_id
LEFT JOIN obligation o ON o.id = n.obligation_id LEFT JOIN unit ou ON ou.id = o.unit_id
LEFT JOIN unit tu ON tu.id = CASE WHEN n.subject LIKE '%/unit/%' THEN split_part(n.subject, '/', 4)::bigint END
LEFT JOIN letter l ON 'letter/' || l.id = n.subject LEFT JOIN unit lu ON lu.id = l.unit_id
LEFT JOIN rollup ru ON ru.id = n.rollup_id
LEFT JOIN submission s ON s.obligation_id = o.id AND s.revision = n.occurrence AND n.kind = 'returned'
LEFT JOIN submission su ON su.obligation_id = o.id AND su.revision = n.occurrence AND n.kind IN ('received', 'result')
LEFT JOIN person reporter ON reporter.id = su.person_id
LEFT JOIN extension e ON e.id = n.occurrence AND n.kind LIKE 'extension_%'
"""
_PENDING = f"""
{_NOTICES} WHERE n.realm = :realm AND n.state = 'pending' AND n.unit_id = ANY(:units)
  AND (n.send_at <= :now
       OR (n.raised_at <= :now AND n.send_at - n.raised_at <= INTERVAL '{WINDOW}' AND NOT {UNTRUE})) ORDER BY n.id
"""
# What is untrue and whose time has come was dropped before; what is only taken along is looked at here.
_MEMBERS = f"{_NOTICES} WHERE n.id = ANY(:ids) ORDER BY n.id"
_UNITS = """
SELECT unit_id FROM (
    SELECT unit_id, sum(count(*)) OVER (ORDER BY unit_id) - count(*) AS before FROM notice
    WHERE realm = :realm AND state = 'pending' AND send_at <= :now GROUP BY unit_id) AS units
WHERE before < :most
"""
AT_ONCE = 5_000
"""About so many notices are gathered in one step, unit by unit, since a person's digest is never split."""
_COUNTS = """
SELECT o.unit_id, obligation_state(o, :now) AS state, count(*) AS n
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND o.withdrawn_at IS NULL GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Addressee:
    """A person in one role, with the channel and address that are theirs now."""

    id: int
    name: str
    unit_id: int
    unit_name: str
    role: str
    channel: Channel
    address: str
    muted: frozenset[str] = frozenset()


Counts = dict[int, FourCounts]


async def read_pending(books: Books) -> list[RowMapping]:
    """The notices whose time has come, with everything their words need; of the first units where they are many."""
    realm = books.request.realm
    units = [r["unit_id"] for r in await books.rows(_UNITS, realm=realm, now=books.now, most=AT_ONCE)]
    return await books.rows(_PENDING, realm=realm, now=books.now, today=books.today, units=units) if units else []


async def read_members(books: Books, notices: list[int]) -> list[RowMapping]:
    """These notices, whatever their state."""
    return await books.rows(_MEMBERS, ids=notices)


async def read_counts(books: Books) -> Counts:
    """The four counts of each unit's obligations now; the sum of all under key 0."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in await books.rows(_COUNTS, realm=books.request.realm, now=books.now):
        for key in (row["unit_id"], 0):
            found[key][row["state"]] += row["n"]
    return {unit: FourCounts(**states) for unit, states in found.items()}


def digest_json(
    books: Books, person: Addressee, notices: Iterable[RowMapping], counts: Counts, calendar: WorkCalendar
) -> dict[str, Any]:
    """The frozen content of a digest, rendered when it is sent. What two roles of one person are told is one item."""
    told = {(n["subject"], n["kind"], n["rung"], n["occurrence"], n["epoch"]): n for n in notices}
    items = [_item(n, _days(n, books.now, calendar)) for n in told.values()]
    items.sort(key=lambda i: (urgency(i.kind, i.rung, i.days), i.task_ordinal or 0))
    first = next(iter(told.values()))
    digest = Digest(
        recipient_name=person.name,
        recipient_role=Role(person.role),
        unit_name=person.unit_name,
        authority_name=first["authority"],
        sender_name=first["lead_name"],
        rehearsal=first["realm_kind"] == "rehearsal",
        at=books.now,
        counts=counts.get(person.unit_id if Role(person.role) in _OWN else 0),
        items=tuple(items[:MOST_ITEMS]),
        inbox_link="/inbox" if Role(person.role) in _OWN else f"/plans/{first['plan_slug']}",
        more=max(len(items) - MOST_ITEMS, 0),
    )
    return {**DIGEST.dump_python(digest, mode="json"), "realm": books.request.realm, "person": person.id}


def _days(n: RowMapping, now: datetime, calendar: WorkCalendar) -> int | None:
    """The working days left or late as they are now: after a long outage the rung's own number is no longer true."""
    kind = NoticeKind(n["kind"])
    if n["due_at"] is None or kind not in COUNTING:
        return None
    if kind in (NoticeKind.REMINDER, NoticeKind.ROLLUP_REMINDER):
        return max(days_left(n["due_strict"], now, calendar), 0) if rung_days(n["rung"]) else None
    return days_late(n["due_at"], now, calendar)


def _item(n: RowMapping, days: int | None) -> DigestItem:
    kind = NoticeKind(n["kind"])
    label = n["label"] or n["period"]
    return DigestItem(
        kind=kind,
        rung=n["rung"],
        reference=_reference(n),
        task_ordinal=n["ordinal"] if n["ordinal"] is not None or kind in _WITHOUT_TASK else 0,
        task_title=printed_title(
            n["task_title"] or _WITHOUT_TASK.get(kind, "Báo cáo tổng hợp"), n["ordinal"], n["printed"]
        ),
        plan_title=n["plan_title"],
        round_label=round_words(label, n["asked_for"] or "") if label else "",
        unit_name=n["about_unit"],
        due_text="" if n["withdrawn_at"] else n["due_text"],
        due_at=None if n["withdrawn_at"] else n["due_at"],
        detail=_detail(n, kind),
        link=_link(n, kind),
        days=days,
        acknowledge_link=task_target(n["plan_slug"], n["ordinal"]) if kind in _TO_ACKNOWLEDGE else "",
    )


_WITHOUT_TASK = {
    NoticeKind.LETTER_DRAFTED: "Công văn đôn đốc",
    NoticeKind.CONTACT_BOUNCED: "Địa chỉ liên hệ",
    NoticeKind.UNREACHABLE: "Đầu mối của đơn vị",
}


def _link(n: RowMapping, kind: NoticeKind) -> str:
    """The obligation, or the plan where the addressee may not see the obligation: a coordinating unit is told of it."""
    if kind is NoticeKind.LETTER_DRAFTED:
        return f"/letters/{n['subject'].partition('/')[2]}"
    if kind is NoticeKind.HAND_BACK_REQUESTED:
        return f"/plans/{n['plan_slug']}/tasks/{n['ordinal']}"
    if n["obligation_id"] and kind not in (NoticeKind.RESULT, NoticeKind.ROUND_WITHDRAWN):
        return f"/obligations/{n['obligation_id']}"
    return f"/plans/{n['plan_slug']}"


def _reference(n: RowMapping) -> str:
    """What an officer quotes on the telephone: plan / task / round, plan / rollup / period, plan / letter / number."""
    if n["rollup_id"]:
        suffix = f"/{n['supplement']}" if n["supplement"] else ""
        return f"{n['plan_slug']}/rollup/{n['period']}{suffix}"
    if n["ordinal"] is None:
        return "/".join([n["plan_slug"], *(["letter", n["subject"].partition("/")[2]] if n["letter_id"] else [])])
    parts = [n["plan_slug"], str(n["ordinal"])]
    return "/".join([*parts, n["label"]] if n["label"] else parts)


_ASSIGNING = (NoticeKind.ASSIGNED, NoticeKind.ASSIGNED_AGAIN, NoticeKind.ASSIGNED_COORDINATING)
_TO_ACKNOWLEDGE = (NoticeKind.ASSIGNED, NoticeKind.ASSIGNED_AGAIN)
_TOLD_IN_DETAIL = (
    NoticeKind.CONTACT_BOUNCED,
    NoticeKind.DEADLINE_CHANGED,
    NoticeKind.HAND_BACK_REFUSED,
    NoticeKind.HAND_BACK_REQUESTED,
    NoticeKind.TASK_RESUMED,
    NoticeKind.TASK_SUSPENDED,
    NoticeKind.TASK_REASSIGNED,
    NoticeKind.TASK_WITHDRAWN,
)
"""Kinds whose notices carry their words themselves."""


def _detail(n: RowMapping, kind: NoticeKind) -> str:
    if kind in _TOLD_IN_DETAIL:
        return str(n["detail"])
    if kind in _ASSIGNING:
        return _what_is_asked(n)
    if kind is NoticeKind.RETURNED:
        return f"Lý do trả lại: {n['decision_reason']}"
    if kind is NoticeKind.EXTENSION_REQUESTED:
        return f"Đề nghị đến ngày {day_text(n['until'])}: {n['extension_reason']}"
    if kind is NoticeKind.EXTENSION_GRANTED:
        return f"Được gia hạn đến ngày {day_text(n['until'])}"
    if kind is NoticeKind.EXTENSION_REFUSED:
        return f"Không gia hạn: {n['extension_decision']}"
    if kind is NoticeKind.RECEIVED and n["explanation"]:
        return f"Giải trình chậm: {n['explanation']}"
    return ""


def _what_is_asked(n: RowMapping) -> str:
    """What a unit must know of a task that it is given: what to bring about, by when, and when it reports."""
    if n["detail"] and n["kind"] == NoticeKind.ASSIGNED_COORDINATING:
        return str(n["detail"])
    said = (
        ("", n["detail"].rstrip(".")),
        ("Kết quả", n["expected_result"]),
        ("Thời gian", n["timing_text"]),
        ("Báo cáo", Regime.parse(n["units_before"]).words() if n["kind"] != "assigned_coordinating" else ""),
    )
    return "; ".join(f"{name}: {words}" if name else str(words) for name, words in said if words)
