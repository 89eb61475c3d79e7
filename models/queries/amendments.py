"""Amendments of a running plan: what each changes, task by task, and what that means for what is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import Field, PlanDifference, TaskChange, compare
from domain.errors import NotFound
from domain.plan import PlanDraft
from models.queries.plans import SourceView, read_names


@dataclass(frozen=True)
class AmendmentLine:
    """One amendment in a list. `status` is `proposed`, `approved` or `discarded`; people are named, empty for none."""

    number: int
    status: str
    version: int
    source_name: str
    imported_at: datetime
    imported_by: str
    changed_at: datetime | None
    changed_by: str
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True)
class Consequence:
    """What a dropped or changed task has under way: duties nobody has answered, reports in review, reports accepted.

    `ordinal` is the task's number in the running plan's document, `message` what the approval does to it, in words.
    """

    ordinal: int
    kind: str
    unanswered: int
    in_review: int
    accepted: int
    message: str


@dataclass(frozen=True)
class AmendmentView:
    """One amendment. Its difference is against the running plan, or against the plan as it was until it was decided.

    `units` and `groups` are names by slug.
    """

    line: AmendmentLine
    draft: PlanDraft
    difference: PlanDifference
    consequences: tuple[Consequence, ...]
    units: dict[str, str]
    groups: dict[str, str]


_LINES = """
SELECT a.*, COALESCE(i.name, '') AS importer, COALESCE(c.name, '') AS changer, COALESCE(d.name, '') AS decider,
       p.id AS plan, COALESCE(a.replaced, p.draft) AS before
FROM amendment a JOIN plan p ON p.id = a.plan_id LEFT JOIN person i ON i.id = a.imported_by
LEFT JOIN person c ON c.id = a.changed_by LEFT JOIN person d ON d.id = a.decided_by
WHERE p.realm = :realm AND p.slug = :slug AND (CAST(:number AS int) IS NULL OR a.number = :number) ORDER BY a.number
"""
_UNDER_WAY = """
SELECT COALESCE(t.printed, t.ordinal) AS ordinal,
       count(*) FILTER (WHERE o.accepted_at IS NULL AND s.known IS NULL) AS unanswered,
       count(*) FILTER (WHERE o.accepted_at IS NULL AND s.known) AS in_review,
       count(*) FILTER (WHERE o.accepted_at IS NOT NULL) AS accepted
FROM task t JOIN round r ON r.task_id = t.id JOIN obligation o ON o.round_id = r.id
LEFT JOIN LATERAL (SELECT true AS known FROM submission WHERE obligation_id = o.id LIMIT 1) s ON true
WHERE t.plan_id = :plan AND t.withdrawn_at IS NULL AND o.withdrawn_at IS NULL GROUP BY 1
"""


async def list_amendments(connection: AsyncConnection, realm: str, slug: str) -> tuple[AmendmentLine, ...]:
    """The amendments of a plan, oldest first; none for a plan that is not there."""
    return tuple(_line(row) for row in await _rows(connection, realm, slug))


async def read_amendment(
    connection: AsyncConnection, realm: str, slug: str, number: int | None = None
) -> AmendmentView:
    """One amendment, the latest where no number is given; raises `NotFound`."""
    row = await _one(connection, realm, slug, number)
    draft = PlanDraft.from_json(row["draft"])
    difference = compare(PlanDraft.from_json(row["before"]), draft)
    found: tuple[Consequence, ...] = ()
    if row["status"] == "proposed":
        found = await _consequences(connection, row["plan"], difference)
    units, groups = await read_names(connection, realm)
    return AmendmentView(_line(row), draft, difference, found, units, groups)


async def read_amendment_source(connection: AsyncConnection, realm: str, slug: str, number: int) -> SourceView:
    """The document an amendment was imported from; raises `NotFound`."""
    row = await _one(connection, realm, slug, number)
    return SourceView(row["source_name"], row["source_sha256"], bytes(row["source"]))


async def _one(connection: AsyncConnection, realm: str, slug: str, number: int | None) -> RowMapping:
    found = await _rows(connection, realm, slug, number)
    if not found:
        which = "nào" if number is None else f"số {number}"
        raise NotFound("amendment-unknown", f"Kế hoạch {slug} không có bản sửa đổi {which}.")
    return found[-1]


async def _rows(connection: AsyncConnection, realm: str, slug: str, number: int | None = None) -> list[RowMapping]:
    values = {"realm": realm, "slug": slug, "number": number}
    return list((await connection.execute(text(_LINES), values)).mappings())


def _line(row: RowMapping) -> AmendmentLine:
    same = ("number", "status", "version", "source_name", "imported_at", "changed_at", "decided_at")
    return AmendmentLine(
        **{name: row[name] for name in same},
        imported_by=row["importer"],
        changed_by=row["changer"],
        decided_by=row["decider"],
    )


async def _consequences(connection: AsyncConnection, plan: int, difference: PlanDifference) -> tuple[Consequence, ...]:
    rows = (await connection.execute(text(_UNDER_WAY), {"plan": plan})).mappings()
    counts = {row["ordinal"]: dict(row) for row in rows}
    none = {"unanswered": 0, "in_review": 0, "accepted": 0}
    return tuple(
        _consequence(task, task.before.ordinal, counts.get(task.before.ordinal, none))
        for task in difference.tasks
        if task.before is not None and (task.kind == "dropped" or task.changes(*_FELT))
    )


def _consequence(task: TaskChange, ordinal: int, counts: dict[str, Any]) -> Consequence:
    numbers = {name: int(counts[name]) for name in ("unanswered", "in_review", "accepted")}
    reported = numbers["in_review"] + numbers["accepted"]
    kept = f"; {reported} báo cáo đã gửi được giữ nguyên và vẫn tính" if reported else ""
    if task.kind == "dropped":
        message = f"Nhiệm vụ {ordinal} kết thúc: rút {numbers['unanswered']} nghĩa vụ chưa báo cáo{kept}."
    else:
        parts = [words for field, words in _EFFECTS.items() if task.changes(field)] or ["chỉ sửa câu chữ"]
        open_ones = f"; {numbers['unanswered']} nghĩa vụ chưa báo cáo" if numbers["unanswered"] else ""
        message = f"Nhiệm vụ {ordinal}: {', '.join(parts)}{open_ones}{kept}."
    return Consequence(ordinal, task.kind, **numbers, message=message)


_FELT = tuple(name for name in Field if name is not Field.ORDINAL)
"""A task that only gets another number goes on as it was."""
_EFFECTS = {
    Field.LEADS: "đơn vị thôi chủ trì được rút nghĩa vụ chưa báo cáo, đơn vị mới nhận nghĩa vụ của kỳ đang mở",
    Field.COORDINATORS: "đơn vị phối hợp thay đổi",
    Field.TIMING: "hạn của kỳ đang mở và các kỳ sau tính lại",
}
