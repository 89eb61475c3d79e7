"""Letters that urge: drafted at the rung that says so, one a unit and plan at a time, for the leadership to sign."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import RowMapping

from domain.notices import NoticeKind, Role
from models.steps.context import PlanContext
from models.steps.frame import Books
from models.steps.raising import Wanted

ANSWER_WORKDAYS = 5
"""A letter asks for the report within so many working days from its draft."""

_DRAFT = """
INSERT INTO letter (plan_id, unit_id, drafted_at, answer_by)
SELECT :plan, unit, :now, :answer_by FROM unnest(CAST(:units AS bigint[])) AS unit ORDER BY unit
ON CONFLICT (plan_id, unit_id) WHERE settled_at IS NULL
DO UPDATE SET answer_by = GREATEST(letter.answer_by, EXCLUDED.answer_by)
RETURNING id, unit_id
"""
_URGE = """
INSERT INTO letter_obligation (letter_id, obligation_id, epoch)
SELECT letter, obligation, epoch FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS w (letter bigint, obligation bigint, epoch int) ORDER BY letter, obligation
ON CONFLICT (letter_id, obligation_id) DO UPDATE SET epoch = EXCLUDED.epoch
"""
# A letter that went, or was dropped, is not drafted again for the same lateness.
_URGED = """
SELECT m.obligation_id FROM letter_obligation m JOIN obligation o ON o.id = m.obligation_id AND o.epoch = m.epoch
WHERE m.obligation_id = ANY(:ids)
"""


async def draft_letters(books: Books, plan: PlanContext, overdue: Sequence[RowMapping]) -> list[Wanted]:
    """Draft, or add to the draft, what urges the units of these obligations; returns what is to be told of it."""
    if not overdue:
        return []
    urged = {row["obligation_id"] for row in await books.rows(_URGED, ids=[o["id"] for o in overdue])}
    late = [o for o in overdue if o["id"] not in urged]
    if not late:
        return []
    letters = await books.rows(
        _DRAFT,
        plan=plan.id,
        now=books.now,
        answer_by=plan.calendar.shift(books.today, ANSWER_WORKDAYS),
        units=sorted({o["unit_id"] for o in late}),
    )
    letter_of = {row["unit_id"]: row["id"] for row in letters}
    rows = [{"letter": letter_of[o["unit_id"]], "obligation": o["id"], "epoch": o["epoch"]} for o in late]
    await books.run(_URGE, {"rows": json.dumps(rows)})
    return [
        Wanted(f"letter/{row['id']}", 0, "letter", 0, role, unit, NoticeKind.LETTER_DRAFTED, plan.id)
        for row in letters
        for role, unit in ((Role.LEADER, plan.authority_unit), (Role.COORDINATOR, plan.lead_unit))
    ]
