"""What stands in a person's calendar, with when the books last changed each of it."""

from __future__ import annotations

import re

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.appointments import Appointment, Standing
from domain.deadlines import Lateness, period_words
from domain.reporting import task_label

_DAY_RE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OBLIGATIONS = """
SELECT o.id, o.epoch, o.due_strict, o.due_text, o.suspended_at, o.withdrawn_at, o.withdrawn_reason, t.ordinal,
       t.printed, t.title, t.suspended_reason, r.label, r.title AS round_title, p.realm, p.slug,
       p.title AS plan_title, p.policy ->> 'lateness' AS lateness, u.name AS unit_name,
       EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL) AS waiting,
       GREATEST(r.opened_at, o.suspended_at, o.withdrawn_at,
           (SELECT max(decided_at) FROM extension e WHERE e.obligation_id = o.id AND e.decision = 'granted'),
           (SELECT max(GREATEST(received_at, decided_at)) FROM submission s WHERE s.obligation_id = o.id),
           (SELECT max(resumed_at) FROM suspension s WHERE s.task_id = t.id),
           CASE WHEN o.amendment > 0 THEN p.amended_at END) AS changed_at
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
JOIN unit u ON u.id = o.unit_id
WHERE p.realm = :realm AND o.unit_id = :unit AND p.status = 'active' AND o.accepted_at IS NULL
  AND (o.withdrawn_at IS NULL OR o.withdrawn_at > business_now(p.realm) - interval '30 days')
ORDER BY o.due_strict, o.id
"""
_ROLLUPS = """
SELECT ru.id, ru.version, ru.due_strict, ru.due_text, ru.period, ru.supplement, ru.signed_at, p.realm, p.slug,
       p.title AS plan_title, p.policy ->> 'lateness' AS lateness, u.name AS unit_name,
       GREATEST(p.activated_at, p.amended_at, ru.compiled_at, ru.signed_at) AS changed_at
FROM rollup ru JOIN plan p ON p.id = ru.plan_id JOIN unit u ON u.id = p.lead_unit_id
WHERE p.realm = :realm AND p.lead_unit_id = :unit AND p.status = 'active' AND ru.sent_at IS NULL
  AND ru.due_strict < business_now(p.realm) + interval '400 days'
ORDER BY ru.due_strict, ru.id
"""
"""A plan's rollups are known for years ahead; a calendar shows little more than those of the next one."""


async def list_appointments(
    connection: AsyncConnection, realm: str, unit: int, reports: bool, rollups: bool
) -> tuple[Appointment, ...]:
    """What the unit has to report, and withdrawn within 30 days; what it has to compile as a lead agency."""
    values = {"realm": realm, "unit": unit}
    found: list[Appointment] = []
    if reports:
        found += [_report(row) for row in (await connection.execute(text(_OBLIGATIONS), values)).mappings()]
    if rollups:
        found += [_rollup(row) for row in (await connection.execute(text(_ROLLUPS), values)).mappings()]
    return tuple(found)


def _report(row: RowMapping) -> Appointment:
    withdrawn = row["withdrawn_at"] is not None
    suspended = row["suspended_at"] is not None and not withdrawn
    task = task_label(row["ordinal"]) if row["ordinal"] == 0 else f"NV {row['ordinal']:02d}"
    opening = "Không còn phải báo cáo" if withdrawn else "Tạm dừng, chưa tính hạn" if suspended else "Hạn báo cáo"
    notes = {
        "waiting": "Đã gửi báo cáo, đang chờ xem xét.",
        "suspended": f"Nhiệm vụ tạm dừng, hạn báo cáo chưa tính tiếp: {row['suspended_reason']}",
        "withdrawn": f"Không còn phải báo cáo: {row['withdrawn_reason']}.",
    }
    note = "withdrawn" if withdrawn else "suspended" if suspended else "waiting" if row["waiting"] else ""
    title = row["plan_title"] if row["ordinal"] == 0 else printed_title(row["title"], row["ordinal"], row["printed"])
    return Appointment(
        key=f"{row['realm']}.{row['id']}",
        epoch=row["epoch"],
        heading=f"{opening}: {task} {_round_words(row)}",
        title=title,
        reference=f"{row['slug']}/{row['ordinal']}/{row['label']}",
        plan_title=row["plan_title"],
        unit_name=row["unit_name"],
        due_at=row["due_strict"],
        due_text=row["due_text"],
        lateness=_lateness(row),
        standing=Standing.WITHDRAWN if withdrawn else Standing.SUSPENDED if suspended else Standing.DUE,
        note=notes.get(note, ""),
        changed_at=row["changed_at"],
        link=f"/plans/{row['slug']}" if withdrawn else f"/obligations/{row['id']}",
    )


def _rollup(row: RowMapping) -> Appointment:
    more = f", bổ sung {row['supplement']}" if row["supplement"] else ""
    suffix = f"/{row['supplement']}" if row["supplement"] else ""
    return Appointment(
        key=f"{row['realm']}.rollup.{row['id']}",
        epoch=row["version"],
        heading=f"Hạn báo cáo tổng hợp kỳ {_period_words(row['period'])}{more}",
        title=row["plan_title"],
        reference=f"{row['slug']}/rollup/{row['period']}{suffix}",
        plan_title=row["plan_title"],
        unit_name=row["unit_name"],
        due_at=row["due_strict"],
        due_text=row["due_text"],
        lateness=_lateness(row),
        standing=Standing.DUE,
        note="Đã ký, chờ gửi." if row["signed_at"] else "",
        changed_at=row["changed_at"],
        link=f"/plans/{row['slug']}/rollups/{row['period']}?supplement={row['supplement']}",
    )


def _lateness(row: RowMapping) -> Lateness:
    return Lateness(row["lateness"] or Lateness.LITERAL)


def _round_words(row: RowMapping) -> str:
    """A round that was asked for has a name of its own, the others their period."""
    return str(row["round_title"]) or f"kỳ {_period_words(row['label'])}"


def _period_words(label: str) -> str:
    """2024, quý II năm 2024; a milestone's round is named by its day, and people read 20/11/2024."""
    if _DAY_RE.fullmatch(label):
        return f"{label[8:]}/{label[5:7]}/{label[:4]}"
    return label if label.isdecimal() else period_words(label)
