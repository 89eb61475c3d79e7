"""What a digest says: its notices with their words, and the recipient's four counts at the instant of gathering."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from domain.amendment import printed_title
from domain.contracts import Channel
from domain.notices import Digest, DigestItem, NoticeKind, Role, urgency
from domain.reporting import FourCounts
from models.steps.frame import Books

DIGEST = TypeAdapter(Digest)
_DAY_RE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OWN = {Role.OFFICER, Role.HEAD}

_PENDING = """
SELECT n.*, p.slug AS plan_slug, p.title AS plan_title, p.authority, p.lead_unit_id, lead.name AS lead_name,
       o.withdrawn_at, t.ordinal, t.printed, t.title AS task_title, r.label,
       COALESCE(o.due_text, ru.due_text, r.due_text, '') AS due_text, COALESCE(o.late_at, ru.late_at) AS due_at,
       ru.period, ru.supplement,
       COALESCE(ou.name, tu.name, lead.name) AS about_unit,
       s.decision_reason, reporter.name AS reporter, e.reason AS extension_reason, e.until,
       e.decision_reason AS extension_decision, su.explanation, realm.kind AS realm_kind
FROM notice n JOIN plan p ON p.id = n.plan_id JOIN unit lead ON lead.id = p.lead_unit_id
JOIN realm ON realm.id = n.realm
LEFT JOIN task t ON t.id = n.task_id LEFT JOIN round r ON r.id = n.round_id
LEFT JOIN obligation o ON o.id = n.obligation_id LEFT JOIN unit ou ON ou.id = o.unit_id
LEFT JOIN unit tu ON tu.id = CASE WHEN n.subject LIKE '%/unit/%' THEN split_part(n.subject, '/', 4)::bigint END
LEFT JOIN rollup ru ON ru.id = n.rollup_id
LEFT JOIN submission s ON s.obligation_id = o.id AND s.revision = n.occurrence AND n.kind = 'returned'
LEFT JOIN submission su ON su.obligation_id = o.id AND su.revision = n.occurrence AND n.kind IN ('received', 'result')
LEFT JOIN person reporter ON reporter.id = su.person_id
LEFT JOIN extension e ON e.id = n.occurrence AND n.kind LIKE 'extension_%'
WHERE n.realm = :realm AND n.state = 'pending' AND n.send_at <= :now AND n.unit_id = ANY(:units)
ORDER BY n.id
"""
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


Counts = dict[int, FourCounts]


async def read_pending(books: Books) -> list[RowMapping]:
    """The notices whose time has come, with everything their words need; of the first units where they are many."""
    realm = books.request.realm
    units = [r["unit_id"] for r in await books.rows(_UNITS, realm=realm, now=books.now, most=AT_ONCE)]
    return await books.rows(_PENDING, realm=realm, now=books.now, units=units) if units else []


async def read_counts(books: Books) -> Counts:
    """The four counts of each unit's obligations now; the sum of all under key 0."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in await books.rows(_COUNTS, realm=books.request.realm, now=books.now):
        for key in (row["unit_id"], 0):
            found[key][row["state"]] += row["n"]
    return {unit: FourCounts(**states) for unit, states in found.items()}


def digest_json(books: Books, person: Addressee, notices: Iterable[RowMapping], counts: Counts) -> dict[str, Any]:
    """The frozen content of a digest, rendered when it is sent."""
    rows = sorted(notices, key=lambda n: (urgency(NoticeKind(n["kind"]), n["rung"]), n["ordinal"] or 0, n["id"]))
    role = Role(person.role)
    digest = Digest(
        recipient_name=person.name,
        recipient_role=role,
        unit_name=person.unit_name,
        authority_name=rows[0]["authority"],
        sender_name=rows[0]["lead_name"],
        rehearsal=rows[0]["realm_kind"] == "rehearsal",
        at=books.now,
        counts=counts.get(person.unit_id if role in _OWN else 0),
        items=tuple(_item(row) for row in rows),
        inbox_link="/inbox",
    )
    return {**DIGEST.dump_python(digest, mode="json"), "realm": books.request.realm}


def _item(n: RowMapping) -> DigestItem:
    kind = NoticeKind(n["kind"])
    period = _period_words(n["label"] or n["period"] or "")
    return DigestItem(
        kind=kind,
        rung=n["rung"],
        reference=_reference(n),
        task_ordinal=n["ordinal"] or 0,
        task_title=printed_title(n["task_title"] or "Báo cáo tổng hợp", n["ordinal"], n["printed"]),
        plan_title=n["plan_title"],
        round_label=f"năm {period}" if len(period) == 4 else period,
        unit_name=n["about_unit"],
        due_text="" if n["withdrawn_at"] else n["due_text"],
        due_at=None if n["withdrawn_at"] else n["due_at"],
        detail=_detail(n, kind),
        link=_link(n, kind),
    )


def _link(n: RowMapping, kind: NoticeKind) -> str:
    """The obligation, or the plan where the addressee may not see the obligation: a coordinating unit is told of it."""
    if n["obligation_id"] and kind not in (NoticeKind.RESULT, NoticeKind.ROUND_WITHDRAWN):
        return f"/obligations/{n['obligation_id']}"
    return f"/plans/{n['plan_slug']}"


def _period_words(label: str) -> str:
    """A milestone's round is named by its day; people read 20/11/2024."""
    return f"{label[8:]}/{label[5:7]}/{label[:4]}" if _DAY_RE.fullmatch(label) else label


def _reference(n: RowMapping) -> str:
    """What an officer quotes on the telephone: plan / task / round, or plan / rollup / period."""
    if n["rollup_id"]:
        suffix = f"/{n['supplement']}" if n["supplement"] else ""
        return f"{n['plan_slug']}/rollup/{n['period']}{suffix}"
    parts = [n["plan_slug"], str(n["ordinal"])]
    return "/".join([*parts, n["label"]] if n["label"] else parts)


_TOLD_IN_DETAIL = (
    NoticeKind.ASSIGNED_COORDINATING,
    NoticeKind.DEADLINE_CHANGED,
    NoticeKind.TASK_REASSIGNED,
    NoticeKind.TASK_WITHDRAWN,
)
"""Kinds whose notices carry their words themselves."""


def _detail(n: RowMapping, kind: NoticeKind) -> str:
    if kind in _TOLD_IN_DETAIL:
        return str(n["detail"])
    if kind is NoticeKind.RETURNED:
        return f"Lý do trả lại: {n['decision_reason']}"
    if kind is NoticeKind.EXTENSION_REQUESTED:
        return f"Đề nghị đến ngày {n['until']:%d/%m/%Y}: {n['extension_reason']}"
    if kind is NoticeKind.EXTENSION_GRANTED:
        return f"Được gia hạn đến ngày {n['until']:%d/%m/%Y}"
    if kind is NoticeKind.EXTENSION_REFUSED:
        return f"Không gia hạn: {n['extension_decision']}"
    if kind is NoticeKind.RECEIVED and n["explanation"]:
        return f"Giải trình chậm: {n['explanation']}"
    return ""
