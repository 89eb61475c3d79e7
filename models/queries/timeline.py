"""One readable account of what happened: facts, steps, notices and deliveries, by business instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import plan_id, task_id
from domain.notices import ROLE_NAMES, NoticeKind, Role, heading
from domain.reporting import task_label

SYSTEM = "Hệ thống"
_NOTICE_STATES = {
    "muted": "chỉ xem trên hệ thống",
    "pending": "chờ gửi",
    "reserved": "đang gửi",
    "sent": "đã gửi",
    "moot": "không còn cần gửi",
    "unroutable": "không có đầu mối nhận",
    "failed": "không gửi được",
}
_DELIVERY_STATES = {
    "bounced": "bị trả lại",
    "moot": "không còn cần gửi",
    "reserved": "đang gửi",
    "waiting": "chờ gửi lại",
    "sent": "đã gửi",
    "refused": "bị từ chối",
    "failed": "không gửi được",
}
_CHANNELS = {"mail": "thư điện tử", "zalo": "Zalo"}


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened. `source` is `fact`, `step`, `notice` or `delivery`; `what` a sentence in Vietnamese."""

    at: datetime
    who: str
    what: str
    source: str


_SCOPE = """
  AND (CAST(:plan AS text) IS NULL OR p.slug = :plan) AND (CAST(:task AS int) IS NULL OR t.ordinal = :task)
"""
_UNIT = "(CAST(:unit AS text) IS NULL OR {column} = (SELECT id FROM unit WHERE realm = :realm AND slug = :unit))"
_FACTS = f"""
SELECT f.id, f.at, f.workflow, f.summary, w.name AS person FROM fact f LEFT JOIN person w ON w.id = f.person_id
LEFT JOIN plan p ON p.id = f.plan_id LEFT JOIN task t ON t.id = f.task_id
WHERE f.realm = :realm {_SCOPE} AND {_UNIT.format(column="f.unit_id")} ORDER BY f.at DESC, f.id DESC LIMIT :limit
"""
_STEPS = """
SELECT at, workflow, result -> 'did' AS did FROM step
WHERE realm = :realm AND (CAST(:workflow AS text) IS NULL OR workflow = :workflow
                          OR starts_with(workflow, :workflow || '/'))
ORDER BY at DESC, workflow, run, number DESC LIMIT :limit
"""
_NOTICES = f"""
SELECT n.raised_at, n.kind, n.rung, n.role, n.state, t.ordinal, count(DISTINCT n.unit_id) AS units,
       count(*) AS notices, min(u.name) AS unit
FROM notice n JOIN plan p ON p.id = n.plan_id JOIN unit u ON u.id = n.unit_id LEFT JOIN task t ON t.id = n.task_id
WHERE n.realm = :realm {_SCOPE} AND {_UNIT.format(column="n.unit_id")}
GROUP BY n.raised_at, n.kind, n.rung, n.role, n.state, t.ordinal ORDER BY n.raised_at DESC, t.ordinal LIMIT :limit
"""
_DELIVERIES = f"""
SELECT d.id, d.at, d.channel, d.state, d.error_code, w.name AS person, u.name AS unit,
       count(n.id) AS notices, d.rollup_id IS NOT NULL AS rollup
FROM delivery d JOIN person w ON w.id = d.person_id JOIN unit u ON u.id = w.unit_id
LEFT JOIN delivery_notice dn ON dn.delivery_id = d.id LEFT JOIN notice n ON n.id = dn.notice_id
LEFT JOIN rollup r ON r.id = d.rollup_id LEFT JOIN plan p ON p.id = COALESCE(n.plan_id, r.plan_id)
LEFT JOIN task t ON t.id = n.task_id
WHERE d.realm = :realm {_SCOPE} AND {_UNIT.format(column="w.unit_id")}
GROUP BY d.id, w.name, u.name ORDER BY 2 DESC, d.id DESC LIMIT :limit
"""
_ORDER = ("fact", "step", "notice", "delivery")


async def timeline(
    connection: AsyncConnection,
    realm: str,
    plan: str | None = None,
    task: int | None = None,
    unit: str | None = None,
    limit: int = 2000,
) -> list[TimelineEntry]:
    """The latest `limit` entries, oldest first, of a plan, of one of its tasks, or of a unit.

    A unit's account leaves steps out: they are taken for a whole round. What a step merely took in is told by its fact.
    """
    values = {"realm": realm, "plan": plan, "task": task, "unit": unit, "limit": limit}
    facts = list(reversed(await _rows(connection, _FACTS, values)))
    entries = [TimelineEntry(f["at"], f["person"] or SYSTEM, f["summary"], "fact") for f in facts]
    if unit is None:
        entries += _steps(await _rows(connection, _STEPS, {**values, "workflow": _workflow(realm, plan, task)}), facts)
    entries += [_notice(row) for row in await _rows(connection, _NOTICES, values)]
    entries += [_delivery(row) for row in await _rows(connection, _DELIVERIES, values)]
    entries.sort(key=lambda entry: (entry.at, _ORDER.index(entry.source)))
    return entries[-limit:]


async def _rows(connection: AsyncConnection, sql: str, values: Mapping[str, object]) -> list[RowMapping]:
    return list((await connection.execute(text(sql), values)).mappings())


def _workflow(realm: str, plan: str | None, task: int | None) -> str | None:
    if plan is None:
        return None
    return plan_id(realm, plan) if task is None else task_id(realm, plan, task)


def _steps(rows: Iterable[RowMapping], facts: Iterable[RowMapping]) -> list[TimelineEntry]:
    told = {(f["workflow"], f["summary"]) for f in facts}
    return [
        TimelineEntry(row["at"], SYSTEM, _place(row["workflow"]) + sentence, "step")
        for row in reversed(list(rows))
        for sentence in row["did"]
        if (row["workflow"], sentence) not in told
    ]


def _place(workflow: str) -> str:
    """Nhiệm vụ 02, kỳ 2024: from a workflow's id; nothing for the plan's own and the dispatch."""
    parts = workflow.split("/")
    if "task" in parts:
        words = task_label(int(parts[parts.index("task") + 1]))
        return f"{words}, kỳ {parts[-1]}: " if "round" in parts else f"{words}: "
    if "rollup" in parts:
        return f"Báo cáo tổng hợp kỳ {parts[parts.index('rollup') + 1]}: "
    return ""


def _notice(row: RowMapping) -> TimelineEntry:
    kind, role = heading(NoticeKind(row["kind"]), row["rung"]), ROLE_NAMES[Role(row["role"])]
    whom = row["unit"] if row["units"] == 1 else f"{row['units']} đơn vị"
    about = f"{task_label(row['ordinal'])}: " if row["ordinal"] is not None else ""
    state = _NOTICE_STATES.get(row["state"], row["state"])
    many = f"{row['notices']} thông báo, " if row["notices"] > row["units"] else ""
    return TimelineEntry(row["raised_at"], SYSTEM, f"{about}{kind} → {role}, {whom} ({many}{state})", "notice")


def _delivery(row: RowMapping) -> TimelineEntry:
    channel, state = _CHANNELS.get(row["channel"], row["channel"]), _DELIVERY_STATES.get(row["state"], row["state"])
    what = "báo cáo tổng hợp" if row["rollup"] else f"{row['notices']} thông báo"
    why = f", lỗi {row['error_code']}" if row["error_code"] else ""
    words = f"Gửi {what} qua {channel} tới {row['person']} ({row['unit']}): {state}{why}"
    return TimelineEntry(row["at"], SYSTEM, words, "delivery")
