"""The rows of a plan's rollups, one for each period of the lead agency's regime, with the instants it gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.contracts import Process
from domain.deadlines import RoundDates, period_words
from domain.errors import Refusal
from domain.ids import rollup_id
from domain.levels import rollups_of
from domain.policy import Policy
from models.bells import want
from models.facts.frame import Ledger
from models.facts.plan_head import Head
from models.realm_calendar import read_calendar


async def write_rollups(books: Ledger, plan: int, slug: str, head: Head, policy: Policy, now: datetime) -> None:
    """Write the rollups that are still ahead and not there yet, and want their workflows."""
    for dates in await _rollups(books, head, policy):
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

    One that would be overdue by that at once keeps the day it had. Raises `Refusal` where the regime has another rhythm
    than the rollups that are waited for: their workflows run, and the same reports would be compiled twice.
    """
    rollups = await _rollups(books, head, policy)
    await _check_rhythm(books, plan, {dates.label for dates in rollups})
    moved = []
    for dates in rollups:
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


async def _check_rhythm(books: Ledger, plan: int, labels: set[str]) -> None:
    waiting = await books.rows(
        "SELECT period FROM rollup WHERE plan_id = :plan AND supplement = 0 AND compiled_at IS NULL ORDER BY period",
        plan=plan,
    )
    if gone := [row["period"] for row in waiting if row["period"] not in labels]:
        words = f"Kế hoạch đang chạy đang chờ báo cáo tổng hợp {period_words(gone[0])}; bản sửa đổi chỉ được đổi ngày, "
        raise Refusal("rollup-rhythm-changed", f"{words}không đổi kỳ báo cáo của cơ quan tổng hợp. Hãy sửa chế độ này.")


async def _rollups(books: Ledger, head: Head, policy: Policy) -> list[RoundDates]:
    calendar = await read_calendar(books.connection, books.realm)
    return rollups_of(head.units_before, head.lead_before, policy, calendar)


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
