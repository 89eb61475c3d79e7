"""The rows of a plan's rollups, one a year, with the instants that the plan's regime gives them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.contracts import Process
from domain.deadlines import RoundDates
from domain.ids import rollup_id
from domain.policy import Policy
from domain.rounds import rollup_dates
from models.bells import want
from models.facts.frame import Ledger
from models.facts.plan_head import Head
from models.realm_calendar import read_calendar


async def write_rollups(books: Ledger, plan: int, slug: str, head: Head, policy: Policy, now: datetime) -> None:
    """Write the rollups that are still ahead and not there yet, and want their workflows."""
    for dates in await _years(books, head, policy):
        if dates.due.strict <= now:
            continue
        rows = await books.rows(
            """INSERT INTO rollup (plan_id, period, supplement, period_from, period_to, cutoff, compile_at, due_strict,
                 due_literal, due_lenient, late_at, due_text, version, raised)
               VALUES (:plan, :period, 0, :from, :to, :cutoff, :compile_at, :strict, :literal, :lenient, :late, :text,
                 0, 0) ON CONFLICT DO NOTHING RETURNING id""",
            plan=plan,
            **_columns(dates, policy),
        )
        workflow = rollup_id(books.realm, slug, dates.label)
        title = f"Báo cáo tổng hợp {dates.label} · {slug}"
        for made in rows:
            await want(books.connection, workflow, books.realm, Process.ROLLUP, made["id"], title, now)


async def move_rollups(books: Ledger, plan: int, slug: str, head: Head, policy: Policy, now: datetime) -> list[str]:
    """Give the rollups that are not compiled yet the instants of a changed regime; returns their workflows.

    One that would be overdue by that at once keeps the day it had.
    """
    moved = []
    for dates in await _years(books, head, policy):
        if dates.due.strict <= now:
            continue
        found = await books.rows(
            """UPDATE rollup SET period_from = :from, period_to = :to, cutoff = :cutoff, compile_at = :compile_at,
                 due_strict = :strict, due_literal = :literal, due_lenient = :lenient, late_at = :late, due_text = :text
               WHERE plan_id = :plan AND period = :period AND supplement = 0 AND compiled_at IS NULL
                 AND (compile_at, due_strict, late_at, cutoff) IS DISTINCT FROM
                   (CAST(:compile_at AS timestamptz), CAST(:strict AS timestamptz), CAST(:late AS timestamptz),
                    CAST(:cutoff AS date))
               RETURNING id""",
            plan=plan,
            **_columns(dates, policy),
        )
        moved += [rollup_id(books.realm, slug, dates.label) for _ in found]
    return moved


async def _years(books: Ledger, head: Head, policy: Policy) -> Iterator[RoundDates]:
    calendar = await read_calendar(books.connection, books.realm)
    years = range(policy.first_year, policy.last_year + 1)
    return (rollup_dates(year, head.units_before, head.lead_before, policy, calendar) for year in years)


def _columns(dates: RoundDates, policy: Policy) -> dict[str, Any]:
    return {
        "period": dates.label,
        "from": dates.period_from,
        "to": dates.period_to,
        "cutoff": dates.cutoff,
        "compile_at": dates.opens_at,
        "strict": dates.due.strict,
        "literal": dates.due.literal,
        "lenient": dates.due.lenient,
        "late": dates.due.late(policy.lateness),
        "text": dates.due_text,
    }
