"""The daily audit of a realm: whether everything that should have been done was done, and what was not is set going.

It does nobody's work: it rings those whose work it is. Each check is set-based, so that its cost follows the defects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import StepRequest, StepResult, Wait
from domain.watching import DEFECTS, RELAY, next_audit
from models.steps.audit_channels import check_deliveries, check_notices
from models.steps.audit_ladder import check_acknowledgements, check_rollups, check_rungs
from models.steps.audit_processes import check_closed, check_facts, check_missing, check_silent
from models.steps.frame import Books, take
from models.steps.looking import Look, begin, ring_all


async def step_audit(engine: AsyncEngine, request: StepRequest, silent: Sequence[str] = ()) -> StepResult:
    """Look over the realm once, repair what is safe, and keep what was found in the books.

    `silent` are the open workflows that do not run, as far as their server was asked.
    """

    async def body(books: Books) -> StepResult:
        return await _advance(await begin(books), silent)

    return await take(engine, request, body)


async def _advance(look: Look, silent: Sequence[str]) -> StepResult:
    books = look.books
    for check in (check_rungs, check_acknowledgements, check_rollups, check_notices, check_deliveries, check_facts,
                  check_missing, check_closed):  # fmt: skip
        await check(look)
    check_silent(look, silent)
    await ring_all(look)
    await _keep(look)
    at = next_audit(books.now)
    found = sum(defect.found for defect in look.defects.values())
    return StepResult(
        did=tuple(
            f"{defect.found} {DEFECTS[name]}; đã xử lý {defect.repaired}" for name, defect in look.defects.items()
        ),
        next_step="look_over",
        next_summary="Tự kiểm tra hằng ngày",
        wait=Wait(at),
        state="watching",
        details=f"Đã kiểm tra {look.checked} mục, thấy {found} chỗ cần xử lý",
    )


async def _keep(look: Look) -> None:
    """The audit's row. How often the relay has had to ring so far is kept with it, so that its growth can be told."""
    counts = await look.books.rows("SELECT reason, times FROM relay_count ORDER BY 1")
    relay = {RELAY: {row["reason"]: row["times"] for row in counts}}
    await look.books.run(
        "INSERT INTO audit (realm, at, checked, repaired) VALUES (:realm, :at, :checked, CAST(:repaired AS jsonb))",
        {
            "realm": look.realm,
            "at": look.books.now,
            "checked": look.checked,
            "repaired": json.dumps({name: defect.to_json() for name, defect in look.defects.items()} | relay),
        },
    )
