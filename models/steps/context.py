"""What the steps of a plan's workflows share: the plan with its policy, and the working days of its realm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.policy import Policy
from domain.workdays import WorkCalendar
from models.realm_calendar import read_calendar
from models.steps.frame import Books


@dataclass(frozen=True)
class PlanContext:
    """A running plan as its steps need it. `before` and `lead_before` are "MM-DD"."""

    id: int
    slug: str
    realm: str
    lead_unit: int
    authority_unit: int
    before: str
    lead_before: str
    policy: Policy
    activated_at: datetime
    calendar: WorkCalendar


async def plan_context(books: Books, plan_id: int) -> PlanContext:
    """Read the plan and its calendar."""
    row = await books.row("SELECT * FROM plan WHERE id = :id", id=plan_id)
    return PlanContext(
        id=row["id"],
        slug=row["slug"],
        realm=row["realm"],
        lead_unit=row["lead_unit_id"],
        authority_unit=row["authority_unit_id"],
        before=row["units_before"],
        lead_before=row["lead_before"],
        policy=Policy.from_json(row["policy"]),
        activated_at=row["activated_at"],
        calendar=await read_calendar(books.connection, row["realm"]),
    )


REACHABLE = """EXISTS (
    SELECT FROM person p JOIN person_role r ON r.person_id = p.id
    JOIN jsonb_array_elements_text(p.channels) c ON CASE c WHEN 'mail' THEN p.email ELSE p.phone END <> ''
    WHERE p.unit_id = {unit} AND r.role IN ('officer', 'head')
      AND NOT EXISTS (SELECT FROM contact_mark m WHERE m.person_id = p.id AND m.channel = c)
      AND (p.valid_from IS NULL OR p.valid_from <= CAST(:today AS date))
      AND (p.valid_to IS NULL OR p.valid_to >= CAST(:today AS date)))"""
"""Whether anybody of a unit can be told anything; `{unit}` is the column, `:today` the business date."""
