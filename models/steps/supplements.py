"""A report accepted after the period's rollup was signed makes a supplement, so that nothing late is lost."""

from __future__ import annotations

from datetime import date

from domain.contracts import Process
from domain.deadlines import WORK_BEGINS, DueRule
from domain.ids import plan_id, rollup_id
from domain.workdays import at_hour, end_of, local_date
from models.bells import ring_bell, want
from models.steps.context import PlanContext
from models.steps.frame import Books

_NEXT = """
INSERT INTO rollup (plan_id, period, supplement, period_from, period_to, cutoff, compile_at, due_strict, due_literal,
                    due_lenient, late_at, due_text, version, raised)
SELECT plan_id, period, (SELECT max(supplement) + 1 FROM rollup o WHERE o.plan_id = :plan AND o.period = r.period),
       period_from, period_to, cutoff, :compile_at, :due, :due, :due, :due, :due_text, 0, 0
FROM rollup r
WHERE plan_id = :plan AND :period_to BETWEEN period_from AND period_to AND supplement = 0 AND signed_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM rollup o WHERE o.plan_id = :plan AND o.period = r.period AND o.compiled_at IS NULL)
ORDER BY id
ON CONFLICT DO NOTHING
RETURNING id, period, supplement
"""
COMPILE_WORKDAYS, DUE_WORKDAYS = 5, 7
"""Late reports of a week travel together; the signer then has two more working days."""


async def want_supplement(books: Books, plan: PlanContext, period_to: date) -> None:
    """Make the next supplement of the rollup that covers the rounds whose period ends on this day.

    Nothing is made while that rollup is unsigned or a supplement of it is being gathered already.
    """
    today = local_date(books.now)
    due_day = plan.calendar.shift(today, DUE_WORKDAYS)
    made = await books.rows(
        _NEXT,
        plan=plan.id,
        period_to=period_to,
        compile_at=at_hour(plan.calendar.shift(today, COMPILE_WORKDAYS), WORK_BEGINS),
        due=end_of(due_day),
        due_text=DueRule("by", due_day).words(),
    )
    for row in made:
        workflow = rollup_id(plan.realm, plan.slug, row["period"], row["supplement"])
        title = f"Báo cáo tổng hợp bổ sung {row['supplement']} · {row['period']}"
        await want(books.connection, workflow, plan.realm, Process.ROLLUP, row["id"], title, books.now)
        above = plan_id(plan.realm, plan.slug)
        if await ring_bell(books.connection, above):
            books.rings.append(above)
