"""The compilation of a period from the facts: what the units reported, who has not, and both kinds of counts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.deadlines import LATENESS_WORDS
from domain.plan import PlanDraft, TaskDraft
from domain.policy import Policy
from domain.reporting import FourCounts, ReporterRow, RollupDocument, TaskProgress, UnitReport, task_label
from domain.status import STATE_WORDS, State, combined

_HEAD = """
SELECT p.*, r.period, r.supplement, r.period_from, r.period_to, r.cutoff, u.name AS lead_name,
       a.name AS authority_unit_name, m.kind AS realm_kind, m.province
FROM rollup r JOIN plan p ON p.id = r.plan_id JOIN unit u ON u.id = p.lead_unit_id
JOIN unit a ON a.id = p.authority_unit_id JOIN realm m ON m.id = p.realm WHERE r.id = :rollup
"""
# A milestone belongs to the report of the year in which it falls, whatever its label.
# A unit that answered stands with its accepted answer, else with its latest; one that did not stands with nothing.
_OBLIGATIONS = """
SELECT t.id AS task, t.ordinal, COALESCE(t.printed, t.ordinal) AS printed, t.withdrawn_at, t.title,
       t.result AS expected, t.timing_text, u.name AS unit, o.late_at,
       o.due_text AS o_due_text, obligation_state(o, :at) AS state, s.id AS submission, s.result, s.progress, s.percent,
       s.difficulties, s.proposals, s.nil, s.nil_reason, s.explanation, s.received_at, s.effective_at, s.decision
FROM round r JOIN task t ON t.id = r.task_id JOIN obligation o ON o.round_id = r.id JOIN unit u ON u.id = o.unit_id
LEFT JOIN LATERAL (
    SELECT * FROM submission s WHERE s.obligation_id = o.id AND s.received_at <= :at
    ORDER BY (s.decision = 'accepted') IS TRUE DESC, s.revision DESC LIMIT 1) s ON true
WHERE t.plan_id = :plan AND to_char(r.period_to, 'YYYY') = :period AND o.withdrawn_at IS NULL
ORDER BY t.ordinal, u.name, r.period_to, r.label, o.id
"""
_RECIPIENTS = (
    "SELECT u.name FROM plan_recipient r JOIN unit u ON u.id = r.unit_id WHERE r.plan_id = :plan ORDER BY u.id"
)
_WITHDRAWN = """
SELECT o.task_id, o.role, o.text FROM task_owner o JOIN task t ON t.id = o.task_id
WHERE t.plan_id = :plan AND t.withdrawn_at IS NOT NULL ORDER BY o.id
"""
Words = tuple[str, ...]
Owners = dict[int, tuple[Words, Words]]
"""By task: the words for its leads and for its coordinating units."""


@dataclass(frozen=True)
class Compilation:
    """A compiled document and the last submission that it saw."""

    document: RollupDocument
    last_submission: int


async def compile_rollup(connection: AsyncConnection, rollup: int, at: datetime) -> Compilation:
    """Compile the rollup's period as it stood at `at`. Reads only."""
    head = (await connection.execute(text(_HEAD), {"rollup": rollup})).mappings().one()
    values = {"plan": head["id"], "period": head["period"], "at": at}
    rows = list((await connection.execute(text(_OBLIGATIONS), values)).mappings())
    recipients = [name for (name,) in await connection.execute(text(_RECIPIENTS), {"plan": head["id"]})]
    by_task: dict[int, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_task[row["ordinal"]].append(row)
    drafts = {t.ordinal: t for t in PlanDraft.from_json(head["draft"]).tasks}
    owners = await _owners_of_withdrawn(connection, head["id"])
    tasks = tuple(_task(found, _owner_words(found[0], drafts, owners)) for _, found in sorted(by_task.items()))
    states = {ordinal: combined(State(r["state"]) for r in found) for ordinal, found in by_task.items()}
    document = RollupDocument(
        **_head_fields(head, at),
        due_text=_due_words(head["units_before"], head["period"]),
        task_counts=FourCounts.of(states.values()),
        obligation_counts=FourCounts.of(State(r["state"]) for r in rows),
        tasks=tasks,
        reporters=tuple(_reporter(row) for row in rows),
        recipients=tuple(recipients),
    )
    return Compilation(document, max((r["submission"] or 0 for r in rows), default=0))


def _due_words(month_day: str, period: str) -> str:
    month, day = month_day.split("-")
    return f"trước ngày {day}/{month}/{period}"


def _head_fields(head: RowMapping, at: datetime) -> dict[str, Any]:
    policy = Policy.from_json(head["policy"])
    return {
        "plan_number": head["number"] or "",
        "plan_issued_on": head["issued_on"],
        "plan_title": head["title"],
        "authority": head["authority"],
        "province": head["province"],
        "lead_agency": head["lead_name"],
        "superior": head["authority"].upper(),
        "place": head["province"].removeprefix("tỉnh ").removeprefix("thành phố "),
        "period_label": f"năm {head['period']}",
        "period_from": head["period_from"],
        "period_to": head["period_to"],
        "cutoff": head["cutoff"],
        "compiled_at": at,
        "lateness_policy": LATENESS_WORDS[policy.lateness],
        "supplement": head["supplement"],
        "notation": policy.notation,
        "number": None,
        "signer_title": "GIÁM ĐỐC",
        "signer_name": None,
        "signed_at": None,
        "rehearsal": head["realm_kind"] == "rehearsal",
        "copies": (),
        "filing_unit": "",
    }


def _owner_words(row: RowMapping, drafts: dict[int, TaskDraft], withdrawn: Owners) -> tuple[Words, Words] | None:
    """The plan's own words for who leads and who coordinates; None for the common report, which names nobody."""
    if row["withdrawn_at"] is not None:
        return withdrawn.get(row["task"])
    draft = drafts.get(row["printed"])
    return (tuple(o.text for o in draft.leads), tuple(o.text for o in draft.coordinators)) if draft else None


async def _owners_of_withdrawn(connection: AsyncConnection, plan: int) -> Owners:
    """The owners of tasks that are no longer in the document but have something to report on."""
    found: dict[int, dict[str, dict[str, None]]] = defaultdict(lambda: {"lead": {}, "coordinating": {}})
    for task, role, words in await connection.execute(text(_WITHDRAWN), {"plan": plan}):
        found[task][role][words] = None
    return {task: (tuple(roles["lead"]), tuple(roles["coordinating"])) for task, roles in found.items()}


def _task(rows: list[RowMapping], owners: tuple[Words, Words] | None) -> TaskProgress:
    first = rows[0]
    state = combined(State(r["state"]) for r in rows)
    return TaskProgress(
        ordinal=first["ordinal"],
        title=printed_title(first["title"], first["ordinal"], first["printed"]),
        lead_names=owners[0] if owners else tuple(r["unit"] for r in rows),
        coordinating_names=owners[1] if owners else (),
        expected_result=first["expected"],
        timing_text=first["timing_text"],
        state=STATE_WORDS[state],
        sources=tuple(_source(row) for row in rows),
    )


def _source(row: RowMapping) -> UnitReport:
    if row["submission"] is None:
        return UnitReport(row["unit"], state=STATE_WORDS[State(row["state"])])
    return UnitReport(
        unit_name=row["unit"],
        result=row["result"],
        progress=row["progress"],
        percent=row["percent"],
        difficulties=row["difficulties"],
        proposals=row["proposals"],
        nil=row["nil"],
        nil_reason=row["nil_reason"],
        received_at=row["received_at"],
        on_time=row["effective_at"] < row["late_at"],
        state=STATE_WORDS[State(row["state"])],
    )


def _reporter(row: RowMapping) -> ReporterRow:
    notes = {"returned": "Đã trả lại, chờ bổ sung", None: "Chờ xem xét" if row["submission"] else "Chưa báo cáo"}
    note = notes.get(row["decision"], "")
    if row["nil"]:
        note = "Không phát sinh"
    if row["explanation"]:
        note = f"Giải trình: {row['explanation']}"
    return ReporterRow(
        unit_name=row["unit"],
        task_label=task_label(row["ordinal"]),
        due_at=row["late_at"],
        received_at=row["received_at"],
        state=STATE_WORDS[State(row["state"])],
        note=note,
    )
