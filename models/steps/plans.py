"""The steps of a plan: see that everything under it runs, take in what changes it, close it after its horizon."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Process, Start, StartOrder, StepRequest, StepResult, Wait
from domain.deadlines import WORK_BEGINS
from domain.workdays import at_hour
from models.steps.context import plan_context
from models.steps.frame import Books, take

ENSURE_AT_ONCE = 50
_UNSTARTED = """
UPDATE wake SET started_at = clock_timestamp() WHERE workflow IN (
    SELECT workflow FROM wake
    WHERE starts_with(workflow, :prefix) AND process IN ('task', 'rollup') AND started_at IS NULL AND closed_at IS NULL
    ORDER BY workflow LIMIT :limit)
RETURNING workflow, process, subject, title
"""
_OPEN = """
SELECT count(*) AS open FROM wake
WHERE starts_with(workflow, :prefix) AND process IN ('task', 'rollup') AND closed_at IS NULL
"""


async def step_plan(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Do what is due for the plan `request.subject`; `start` names what should run and does not."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    await books.row("SELECT id FROM plan WHERE id = :id FOR NO KEY UPDATE", id=books.request.subject)
    await books.begin()
    plan = await plan_context(books, books.request.subject)
    did = [str(fact["summary"]) for fact in await books.facts()]
    prefix = f"{books.request.workflow}/"
    rows = await books.rows(_UNSTARTED, prefix=prefix, limit=ENSURE_AT_ONCE)
    start = tuple(
        StartOrder(r["workflow"], Process(r["process"]), Start(plan.realm, r["subject"], r["title"])) for r in rows
    )
    count = (await books.row(_OPEN, prefix=prefix))["open"]
    if start:
        words = f"Khởi động {len(start)} quy trình"
        return StepResult(
            (*did, words), "ensure", words, Wait(books.now), start=start, open_count=count, state="active"
        )
    horizon = at_hour(date(plan.policy.last_year + 1, 1, 1), WORK_BEGINS)
    details = f"{count} quy trình nhiệm vụ và báo cáo tổng hợp đang mở"
    if books.now < horizon:
        return StepResult(tuple(did), "review", f"Rà soát kế hoạch khi hết năm {plan.policy.last_year}", Wait(horizon),
                          details=details, open_count=count, state="active")  # fmt: skip
    if count:
        return StepResult(tuple(did), "review", "Chờ các quy trình kết thúc", Wait(), details=details,
                          open_count=count, state="active")  # fmt: skip
    await books.run("UPDATE plan SET status = 'closed' WHERE id = :id", {"id": plan.id})
    return StepResult((*did, "Kết thúc kế hoạch"), closed=True, state="closed")
