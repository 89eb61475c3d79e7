"""The rule of the four states stands twice, in Python and in SQL: every short history must read the same in both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import product

from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import at, make_world

from domain.status import Answer, State, status

LATE = at("2024-11-30 00:00")
# Around the due instant to the smallest step that PostgreSQL knows, and well away from it.
INSTANTS = [
    LATE + delta
    for delta in (-timedelta(2), -timedelta(microseconds=1), timedelta(0), timedelta(microseconds=1), timedelta(2))
]
ASKED = [LATE - timedelta(5), *INSTANTS, LATE + timedelta(5)]
History = tuple[Answer, ...]


def first_answers(accepted: bool | None) -> Iterator[Answer]:
    """All answers that wait (None), were accepted or were returned."""
    for received, effective, decided in product(INSTANTS, INSTANTS, INSTANTS):
        if effective <= received <= decided:
            if accepted is not None:
                yield Answer(received, effective, decided, accepted)
            elif decided is INSTANTS[-1]:
                yield Answer(received, effective)


def histories() -> Iterator[History]:
    """Every history the books can hold, up to two revisions: only the last one can wait or be accepted."""
    yield ()
    for kind in (None, True, False):
        yield from ((answer,) for answer in first_answers(kind))
    for returned in first_answers(False):
        for kind in (None, True, False):
            for answer in first_answers(kind):
                kept = answer.effective in (answer.received, returned.effective)
                if returned.decided is not None and answer.received >= returned.decided and kept:
                    yield (returned, answer)


@dataclass
class Row:
    """One submission as it is written."""

    obligation: int
    revision: int
    received: str
    effective: str
    decided: str | None
    decision: str | None


def row(obligation: int, revision: int, a: Answer) -> Row:
    decision = None if a.decided is None else "accepted" if a.accepted else "returned"
    decided = None if a.decided is None else a.decided.isoformat()
    return Row(obligation, revision, a.received.isoformat(), a.effective.isoformat(), decided, decision)


async def test_every_history_reads_the_same_in_python_and_in_sql(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    person = (await world.actor("bao-can-bo")).person
    cases = list(histories())
    assert len(cases) > 500
    await world.run(
        """INSERT INTO round (task_id, label, kind, period_from, period_to, cutoff, due_text, opened_at)
           SELECT t.id, 'case-' || n, 'periodic', '2023-12-15', '2024-12-14', '2024-11-28', '', now()
           FROM task t, generate_series(1, :n) n WHERE t.ordinal = 1 ORDER BY n""",
        n=len(cases),
    )
    await world.run(
        """INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text,
             calendar_version, epoch, raised, opened)
           SELECT r.id, u.id, :late, :late, :late, :late, '', '', 0, 0, true
           FROM round r, unit u WHERE u.slug = 'bao' ORDER BY r.id""",
        late=LATE,
    )
    keys = [r["id"] for r in await world.rows("SELECT id FROM obligation ORDER BY id")]
    written = [row(key, n, a) for key, case in zip(keys, cases, strict=True) for n, a in enumerate(case, 1)]
    await world.run(
        """INSERT INTO submission (obligation_id, revision, person_id, result, progress, difficulties, proposals, nil,
             nil_reason, explanation, received_at, effective_at, decision, decision_reason, decided_at, decided_by)
           SELECT obligation, revision, :person, '', '', '', '', false, '', '', received, effective, decision, '',
             decided, CASE WHEN decided IS NOT NULL THEN CAST(:person AS bigint) END
           FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (obligation bigint, revision int, received timestamptz,
             effective timestamptz, decided timestamptz, decision text)""",
        person=person,
        rows=json.dumps([asdict(one) for one in written]),
    )
    await world.run(
        """UPDATE obligation o SET accepted_at = s.decided_at, effective_at = s.effective_at
           FROM submission s WHERE s.obligation_id = o.id AND s.decision = 'accepted'"""
    )
    found = await world.rows(
        """SELECT o.id, a.at, obligation_state(o, a.at) AS state
           FROM obligation o, unnest(CAST(:asked AS timestamptz[])) AS a (at)""",
        asked=ASKED,
    )
    in_sql = {(one["id"], one["at"]): State(one["state"]) for one in found}
    differing = [
        (case, asked, in_sql[key, asked], status(LATE, case, asked))
        for key, case in zip(keys, cases, strict=True)
        for asked in ASKED
        if in_sql[key, asked] is not status(LATE, case, asked)
    ]
    assert differing[:3] == []
    assert set(in_sql.values()) == set(State)
    assert len(in_sql) == len(cases) * len(ASKED)
