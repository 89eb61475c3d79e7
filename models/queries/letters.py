"""Letters that urge a unit, and what they say: counted anew until one is settled, as it stood then ever after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.errors import NotFound
from domain.letters import LetterRow, UrgingLetter
from domain.plan_words import round_words
from domain.policy import days_late
from domain.reporting import task_label
from domain.workdays import WorkCalendar, local_date
from models.realm_calendar import read_calendar


@dataclass(frozen=True)
class LetterLine:
    """One letter in a list. It waits until it is settled: issued under a number, or dropped with a reason."""

    id: int
    plan: str
    unit: str
    unit_name: str
    drafted_at: datetime
    answer_by: date
    number: str | None
    issued_on: date | None
    settled_at: datetime | None
    dropped_reason: str
    reports: int


@dataclass(frozen=True)
class LetterView:
    """A letter with its words; `content` is None where everything it urged for has come meanwhile."""

    letter: LetterLine
    plan_title: str
    content: UrgingLetter | None


_LETTERS = """
SELECT l.*, p.slug AS plan, p.title AS plan_title, p.number AS plan_number, p.issued_on AS plan_issued_on, p.authority,
       u.slug AS unit, u.name AS unit_name, a.name AS authority_name, lead.name AS lead_name, m.province,
       m.kind = 'rehearsal' AS rehearsal,
       (SELECT count(*) FROM letter_obligation x WHERE x.letter_id = l.id) AS reports
FROM letter l JOIN plan p ON p.id = l.plan_id JOIN unit u ON u.id = l.unit_id JOIN realm m ON m.id = p.realm
JOIN unit a ON a.id = p.authority_unit_id JOIN unit lead ON lead.id = p.lead_unit_id
WHERE p.realm = :realm AND (CAST(:id AS bigint) IS NULL OR l.id = :id)
  AND (CAST(:plan AS text) IS NULL OR p.slug = :plan)
ORDER BY l.settled_at IS NOT NULL, l.id DESC LIMIT 500
"""
# What has come, was extended, withdrawn or suspended by then is not urged for.
_LATE = """
SELECT t.ordinal, t.printed, t.title, r.label, r.title AS asked_for, o.due_text, o.late_at, p.slug,
       (SELECT max(e.until) FROM extension e WHERE e.obligation_id = o.id AND e.decision = 'granted') AS extended
FROM letter_obligation m JOIN obligation o ON o.id = m.obligation_id JOIN round r ON r.id = o.round_id
JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
WHERE m.letter_id = :id AND o.late_at <= :at AND (o.accepted_at IS NULL OR o.accepted_at > :at)
  AND (o.withdrawn_at IS NULL OR o.withdrawn_at > :at) AND (o.suspended_at IS NULL OR o.suspended_at > :at)
  AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.received_at <= :at
                  AND (s.decided_at IS NULL OR s.decided_at > :at))
ORDER BY t.ordinal, r.label
"""
_LINE = tuple(LetterLine.__dataclass_fields__)


async def list_letters(connection: AsyncConnection, realm: str, plan: str | None = None) -> tuple[LetterLine, ...]:
    """The letters of a realm or a plan, those that wait first, newest first."""
    return tuple(_line(row) for row in await _rows(connection, realm, plan=plan))


async def read_letter(connection: AsyncConnection, realm: str, letter: int, now: datetime) -> LetterView:
    """One letter as it stands now, or stood when it was settled; raises `NotFound`."""
    found = await _rows(connection, realm, letter=letter)
    if not found:
        raise NotFound("letter-unknown", f"Không có công văn đôn đốc số {letter} trong sổ.")
    row = found[0]
    at = row["settled_at"] or now
    late = list((await connection.execute(text(_LATE), {"id": letter, "at": at})).mappings())
    calendar = await read_calendar(connection, realm)
    return LetterView(_line(row), row["plan_title"], _content(row, late, at, calendar) if late else None)


async def _rows(
    connection: AsyncConnection, realm: str, letter: int | None = None, plan: str | None = None
) -> list[RowMapping]:
    values = {"realm": realm, "id": letter, "plan": plan}
    return list((await connection.execute(text(_LETTERS), values)).mappings())


def _line(row: RowMapping) -> LetterLine:
    return LetterLine(**{name: row[name] for name in _LINE})


def _content(row: RowMapping, late: list[RowMapping], at: datetime, calendar: WorkCalendar) -> UrgingLetter:
    return UrgingLetter(
        authority=row["authority_name"],
        place=row["province"].removeprefix("tỉnh ").removeprefix("thành phố "),
        addressee=row["unit_name"],
        plan_title=row["plan_title"],
        plan_number=row["plan_number"],
        plan_issued_on=row["plan_issued_on"],
        lead_agency=row["lead_name"],
        rows=tuple(_row(one, at, calendar) for one in late),
        drafted_on=local_date(at),
        answer_by=row["answer_by"],
        number=row["number"],
        issued_on=row["issued_on"],
        plan_authority=row["authority"],
        recipients=(row["lead_name"],),
        rehearsal=row["rehearsal"],
    )


def _row(one: RowMapping, at: datetime, calendar: WorkCalendar) -> LetterRow:
    return LetterRow(
        reference=f"{one['slug']}/{one['ordinal']}/{one['label']}",
        task_label=task_label(one["ordinal"]),
        task_title=printed_title(one["title"], one["ordinal"], one["printed"]),
        period=round_words(one["label"], one["asked_for"]),
        due_text=one["due_text"],
        late_at=one["late_at"],
        workdays_late=days_late(one["late_at"], at, calendar),
    )
