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
    """A running plan as its steps need it. `before` and `lead_before` are regimes as `Regime.parse` reads them."""

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
