"""The compilation of a period from the facts: what the units reported, who has not, and both kinds of counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.deadlines import LATENESS_WORDS, period_words
from domain.plan import OwnerRef, PlanDraft, TaskDraft
from domain.plan_words import round_words
from domain.policy import Policy
from domain.regime import Regime, Rhythm
from domain.reporting import FourCounts, ReporterRow, RollupDocument, TaskProgress, UnitReport, task_label
from domain.status import STATE_WORDS, State, combined

_HEAD = """
SELECT p.*, r.period, r.supplement, r.period_from, r.period_to, r.cutoff, u.name AS lead_name,
       a.name AS authority_unit_name, m.kind AS realm_kind, m.province
FROM rollup r JOIN plan p ON p.id = r.plan_id JOIN unit u ON u.id = p.lead_unit_id
JOIN unit a ON a.id = p.authority_unit_id JOIN realm m ON m.id = p.realm WHERE r.id = :rollup
"""
# A round belongs to the report of the period in which its own ends; a milestone's is the one in which it falls.
# A unit that answered stands with its accepted answer, else with its latest; one that did not stands with nothing.
_OBLIGATIONS = """
SELECT r.label, r.title AS round_title, t.id AS task, t.ordinal, COALESCE(t.printed, t.ordinal) AS printed,
       t.withdrawn_at, t.title, t.result AS expected, t.timing_text, u.name AS unit, o.late_at,
       o.due_text AS o_due_text, obligation_state(o, :at) AS state, s.id AS submission, s.result, s.progress, s.percent,
       s.difficulties, s.proposals, s.nil, s.nil_reason, s.explanation, s.received_at, s.effective_at, s.decision
FROM round r JOIN task t ON t.id = r.task_id JOIN obligation o ON o.round_id = r.id JOIN unit u ON u.id = o.unit_id
LEFT JOIN LATERAL (
    SELECT * FROM submission s WHERE s.obligation_id = o.id AND s.received_at <= :at
    ORDER BY (s.decision = 'accepted') IS TRUE DESC, s.revision DESC LIMIT 1) s ON true
WHERE t.plan_id = :plan AND r.period_to BETWEEN :from AND :to AND o.withdrawn_at IS NULL
ORDER BY t.ordinal, u.name, r.period_to, r.label, o.id
"""
_RECIPIENTS = (
    "SELECT u.name FROM plan_recipient r JOIN unit u ON u.id = r.unit_id WHERE r.plan_id = :plan ORDER BY u.id"
)
# A task that is no longer in the document keeps the owners it had.
_OWNERS = """
SELECT o.task_id, o.role, o.text, u.slug, o.ended_at IS NULL AS present
FROM task_owner o JOIN task t ON t.id = o.task_id JOIN unit u ON u.id = o.unit_id WHERE t.plan_id = :plan ORDER BY o.id
"""
Words = tuple[str, ...]


@dataclass(frozen=True)
class Compilation:
    """A compiled document and the last submission that it saw."""

    document: RollupDocument
    last_submission: int


async def compile_rollup(connection: AsyncConnection, rollup: int, at: datetime) -> Compilation:
    """Compile the rollup's period as it stood at `at`. Reads only."""
    head = (await connection.execute(text(_HEAD), {"rollup": rollup})).mappings().one()
    values = {"plan": head["id"], "from": head["period_from"], "to": head["period_to"], "at": at}
    rows = list((await connection.execute(text(_OBLIGATIONS), values)).mappings())
    recipients = [name for (name,) in await connection.execute(text(_RECIPIENTS), {"plan": head["id"]})]
    by_task: dict[int, list[RowMapping]] = defaultdict(list)
    for row in rows:
        by_task[row["ordinal"]].append(row)
    drafts = {t.ordinal: t for t in PlanDraft.from_json(head["draft"]).tasks}
    owners = await _owners(connection, head["id"])
    tasks = tuple(_task(found, _owner_words(found[0], drafts, owners)) for _, found in sorted(by_task.items()))
    states = {ordinal: combined(State(r["state"]) for r in found) for ordinal, found in by_task.items()}
    document = RollupDocument(
        **_head_fields(head, at),
        due_text=_due_words(head),
        task_counts=FourCounts.of(states.values()),
        obligation_counts=FourCounts.of(State(r["state"]) for r in rows),
        tasks=tasks,
        reporters=tuple(_reporter(row, _round_name(row, by_task[row["ordinal"]])) for row in rows),
        recipients=tuple(recipients),
    )
    return Compilation(document, max((r["submission"] or 0 for r in rows), default=0))


def _due_words(head: RowMapping) -> str:
    """The words of the units' deadline: of the one round of their regime in the period, else of the regime itself."""
    regime = Regime.parse(head["units_before"])
    if regime.rhythm is Rhythm.WEEKLY:
        return regime.words()
    rules = [
        rule
        for year in (head["period_to"].year, head["period_to"].year + 1)
        for period, rule in regime.asked(year)
        if head["period_from"] <= period.last <= head["period_to"]
    ]
    return rules[0].words() if len(rules) == 1 else regime.words()


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
        "period_label": period_words(head["period"]),
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


@dataclass
class _Owners:
    """The owners of a task in one role: those it has (slug and words), and the words of those it has no more."""

    present: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)

    def words(self, drafted: Sequence[OwnerRef]) -> Words:
        """The plan's own words, without those whose units have lost the task, and who has been given it since.

        Words that stand for no unit in the books ("các đơn vị liên quan") stay as they are.
        """
        named = {owner.unit for owner in drafted}
        kept = [owner.text for owner in drafted if self._holds(owner)]
        return tuple(dict.fromkeys([*kept, *(words for slug, words in self.present.items() if slug not in named)]))

    def _holds(self, owner: OwnerRef) -> bool:
        if owner.unit:
            return owner.unit in self.present
        return not owner.group or owner.text in self.present.values() or owner.text not in self.gone


def _owner_words(
    row: RowMapping, drafts: dict[int, TaskDraft], owners: dict[int, dict[str, _Owners]]
) -> tuple[Words, Words] | None:
    """Who leads and who coordinates, as the plan has it where it still holds; None for the common report.

    A task that is no longer in the document has the words of its rows.
    """
    draft = None if row["withdrawn_at"] is not None else drafts.get(row["printed"])
    if draft is None and row["withdrawn_at"] is None:
        return None
    of_task = owners[row["task"]]
    leads, coordinators = of_task["lead"], of_task["coordinating"]
    return leads.words(draft.leads if draft else ()), coordinators.words(draft.coordinators if draft else ())


async def _owners(connection: AsyncConnection, plan: int) -> dict[int, dict[str, _Owners]]:
    """By task and role."""
    found: dict[int, dict[str, _Owners]] = defaultdict(lambda: defaultdict(_Owners))
    for row in (await connection.execute(text(_OWNERS), {"plan": plan})).mappings():
        each = found[row["task_id"]][row["role"]]
        if row["present"]:
            each.present[row["slug"]] = row["text"]
        else:
            each.gone.append(row["text"])
    return found


def _round_name(row: RowMapping, of_task: list[RowMapping]) -> str:
    """The round in words where the period has several of its task, to tell their reports apart; else nothing."""
    return round_words(row["label"], row["round_title"]) if len({one["label"] for one in of_task}) > 1 else ""


def _task(rows: list[RowMapping], owners: tuple[Words, Words] | None) -> TaskProgress:
    first = rows[0]
    state = combined(State(r["state"]) for r in rows)
    return TaskProgress(
        ordinal=first["ordinal"],
        title=printed_title(first["title"], first["ordinal"], first["printed"]),
        lead_names=owners[0] if owners else tuple(dict.fromkeys(r["unit"] for r in rows)),
        coordinating_names=owners[1] if owners else (),
        expected_result=first["expected"],
        timing_text=first["timing_text"],
        state=STATE_WORDS[state],
        sources=tuple(_source(row, _round_name(row, rows)) for row in rows),
    )


def _source(row: RowMapping, round_name: str) -> UnitReport:
    if row["submission"] is None:
        return UnitReport(row["unit"], state=STATE_WORDS[State(row["state"])], round_name=round_name)
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
        round_name=round_name,
    )


def _reporter(row: RowMapping, round_name: str) -> ReporterRow:
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
        round_name=round_name,
    )
