"""Plans, their tasks, and how far along they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.plan import Finding, PlanDraft
from domain.reporting import FourCounts
from domain.status import State, combined


@dataclass(frozen=True)
class PlanLine:
    """One plan in a list. `status` is `draft`, `active` or `closed`; a discarded draft is in no list.

    `lead_agency` is a draft's own words until it runs. `version` counts the changes of the draft.
    """

    slug: str
    status: str
    title: str
    number: str | None
    issued_on: date | None
    authority: str
    lead_agency: str
    imported_at: datetime
    activated_at: datetime | None
    amended_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True)
class OwnerView:
    """A unit's present part in a task; `role` is `lead` or `coordinating`."""

    unit: str
    unit_name: str
    role: str
    text: str
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class TaskView:
    """One task of a plan; 0 is the common report. `after_event` says which document it waits for, if any.

    `printed` is its number in the newest document, `withdrawn_at` since it is no longer in it.
    """

    ordinal: int
    title: str
    result: str
    timing_text: str
    after_event: str
    guidance: str | None
    assigned_at: datetime | None
    closed_at: datetime | None
    owners: tuple[OwnerView, ...]
    printed: int = 0
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class PlanView:
    """A plan with its tasks; those of a draft are in its findings' source, not yet in the books."""

    plan: PlanLine
    findings: tuple[Finding, ...]
    draft_tasks: int
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True)
class DraftView:
    """What was read of a document, for review: the draft, the names of the units and groups it names by slug.

    `version` is to be given back with a change. `changed_by` is the name of who changed or imported it last.
    """

    draft: PlanDraft
    units: dict[str, str]
    groups: dict[str, str]
    source_name: str
    policy: dict[str, Any]
    version: int
    status: str
    imported_at: datetime
    changed_at: datetime | None
    changed_by: str


@dataclass(frozen=True)
class SourceView:
    """A document as it came."""

    name: str
    sha256: str
    content: bytes


@dataclass(frozen=True)
class TaskProgressLine:
    """How far one task is: its state is that of its leads' obligations together, none before its first round."""

    ordinal: int
    title: str
    leads: tuple[str, ...]
    state: State | None
    counts: FourCounts


@dataclass(frozen=True)
class PlanProgress:
    """The four counts of tasks and of obligations, shown apart, at one instant. Tasks without a round count as none."""

    at: datetime
    plan: str
    period: str | None
    task_counts: FourCounts
    obligation_counts: FourCounts
    tasks: tuple[TaskProgressLine, ...]


_PLANS = """
SELECT p.id, p.slug, p.status, p.title, p.number, p.issued_on, p.authority, p.imported_at, p.activated_at,
       p.amended_at, p.version, p.draft, p.policy, p.source_name, p.changed_at, COALESCE(w.name, '') AS changed_by,
       COALESCE(u.name, p.draft ->> 'lead_agency', '') AS lead_agency
FROM plan p LEFT JOIN unit u ON u.id = p.lead_unit_id LEFT JOIN person w ON w.id = p.changed_by
WHERE p.realm = :realm AND (CAST(:slug AS text) IS NULL OR p.slug = :slug) AND p.status <> 'discarded' ORDER BY p.id
"""
_SOURCE = """
SELECT source_name, source_sha256, source FROM plan WHERE realm = :realm AND slug = :slug AND status <> 'discarded'
"""
_TASKS = """
SELECT t.*, g.number AS guidance FROM task t LEFT JOIN guidance g ON g.task_id = t.id
WHERE t.plan_id = :plan ORDER BY t.ordinal
"""
_OWNERS = """
SELECT o.task_id, u.slug AS unit, u.name AS unit_name, o.role, o.text, o.acknowledged_at
FROM task_owner o JOIN task t ON t.id = o.task_id JOIN unit u ON u.id = o.unit_id
WHERE t.plan_id = :plan AND o.ended_at IS NULL ORDER BY o.id
"""
_STATES = """
SELECT t.id AS task_id, obligation_state(o, :at) AS state, count(*) AS n
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
WHERE t.plan_id = :plan AND o.withdrawn_at IS NULL
  AND (CAST(:period AS text) IS NULL OR r.label = :period OR to_char(r.period_to, 'YYYY') = :period OR EXISTS (
    SELECT FROM rollup x WHERE x.plan_id = :plan AND x.period = :period AND x.supplement = 0
      AND r.period_to BETWEEN x.period_from AND x.period_to))
GROUP BY 1, 2
"""


async def list_plans(connection: AsyncConnection, realm: str) -> tuple[PlanLine, ...]:
    """All plans of the realm, oldest first."""
    return tuple(_plan(row) for row in await _rows(connection, _PLANS, realm=realm, slug=None))


async def read_plan(connection: AsyncConnection, realm: str, slug: str) -> PlanView:
    """One plan with its findings and tasks; raises `NotFound`."""
    row = await _one(connection, realm, slug)
    draft = PlanDraft.from_json(row["draft"])
    owners = await _owners(connection, row["id"])
    tasks = tuple(
        TaskView(
            ordinal=t["ordinal"],
            title=t["title"],
            result=t["result"],
            timing_text=t["timing_text"],
            after_event=t["after_event"],
            guidance=t["guidance"],
            assigned_at=t["assigned_at"],
            closed_at=t["closed_at"],
            owners=tuple(owners[t["id"]]),
            printed=t["printed"] or t["ordinal"],
            withdrawn_at=t["withdrawn_at"],
        )
        for t in await _rows(connection, _TASKS, plan=row["id"])
    )
    return PlanView(_plan(row), draft.findings, len(draft.tasks), tasks)


async def read_draft(connection: AsyncConnection, realm: str, slug: str) -> DraftView:
    """A plan as its document was read, whatever became of it since; raises `NotFound`."""
    row = await _one(connection, realm, slug)
    units, groups = await read_names(connection, realm)
    return DraftView(
        draft=PlanDraft.from_json(row["draft"]),
        units=units,
        groups=groups,
        **{name: row[name] for name in _DRAFT_COLUMNS},
    )


_DRAFT_COLUMNS = ("source_name", "policy", "version", "status", "imported_at", "changed_at", "changed_by")


async def read_names(connection: AsyncConnection, realm: str) -> tuple[dict[str, str], dict[str, str]]:
    """The names of the realm's units and of its groups, by slug."""
    units = await _rows(connection, "SELECT slug, name FROM unit WHERE realm = :realm", realm=realm)
    groups = await _rows(
        connection, "SELECT slug, names->>0 AS name FROM unit_group WHERE realm = :realm AND NOT vague", realm=realm
    )
    return {each["slug"]: each["name"] for each in units}, {each["slug"]: each["name"] for each in groups}


async def read_source(connection: AsyncConnection, realm: str, slug: str) -> SourceView:
    """The document a plan was imported from; raises `NotFound`."""
    found = (await connection.execute(text(_SOURCE), {"realm": realm, "slug": slug})).one_or_none()
    if found is None:
        raise NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}.")
    return SourceView(found.source_name, found.source_sha256, bytes(found.source))


async def read_progress(
    connection: AsyncConnection, realm: str, slug: str, at: datetime, period: str | None = None
) -> PlanProgress:
    """How far a plan is, over all rounds opened so far or those of one period; raises `NotFound`."""
    plan = (await _one(connection, realm, slug))["id"]
    owners = await _owners(connection, plan)
    found: dict[int, dict[State, int]] = defaultdict(dict)
    for row in await _rows(connection, _STATES, plan=plan, at=at, period=period):
        found[row["task_id"]][State(row["state"])] = row["n"]
    lines = tuple(
        TaskProgressLine(
            ordinal=t["ordinal"],
            title=t["title"],
            leads=tuple(o.unit_name for o in owners[t["id"]] if o.role == "lead"),
            state=combined(found[t["id"]]) if t["id"] in found else None,
            counts=FourCounts(**{state.value: n for state, n in found.get(t["id"], {}).items()}),
        )
        for t in await _rows(connection, _TASKS, plan=plan)
        if t["withdrawn_at"] is None or t["id"] in found
    )
    return PlanProgress(
        at=at,
        plan=slug,
        period=period,
        task_counts=FourCounts.of(line.state for line in lines if line.state is not None),
        obligation_counts=sum((line.counts for line in lines), FourCounts()),
        tasks=lines,
    )


async def _one(connection: AsyncConnection, realm: str, slug: str) -> RowMapping:
    found = await _rows(connection, _PLANS, realm=realm, slug=slug)
    if not found:
        raise NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}.")
    return found[0]


async def _owners(connection: AsyncConnection, plan: int) -> dict[int, list[OwnerView]]:
    found: dict[int, list[OwnerView]] = defaultdict(list)
    for row in await _rows(connection, _OWNERS, plan=plan):
        values = dict(row)
        found[values.pop("task_id")].append(OwnerView(**values))
    return found


async def _rows(connection: AsyncConnection, sql: str, **values: object) -> list[RowMapping]:
    return list((await connection.execute(text(sql), values)).mappings())


def _plan(row: RowMapping) -> PlanLine:
    return PlanLine(**{name: row[name] for name in PlanLine.__dataclass_fields__})
