"""How the system is doing, for its administrator: what stands still, the channels, the contacts, the last audits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response

from domain.watching import DEFECTS, LEVEL_WORDS, Checkup, Level
from models.queries.diagnosis import diagnose
from models.queries.health import read_health
from web.auth import Action
from web.pages.visit import Visit, visiting

router = APIRouter(include_in_schema=False)
AUDITS = 14
"""So many audits are shown: two weeks of them."""


@router.get("/system")
async def get_system(visit: Annotated[Visit, visiting(Action.READ_SYSTEM)]) -> Response:
    """What this process can see of the visitor's realm; `dondoc doctor` sees more."""
    async with visit.desk.books() as books:
        health = await read_health(books, visit.actor.realm, AUDITS)
    found = [_temporal(await visit.desk.office.bells.reachable()), *diagnose(health)]
    return await visit.show(
        "system.html", health=health, found=found, level_words=LEVEL_WORDS, defects=DEFECTS,
        state_of={Level.GOOD: "done_on_time", Level.LOOK: "done_late", Level.BROKEN: "open_overdue"},
    )  # fmt: skip


def _temporal(reachable: bool) -> Checkup:
    if reachable:
        return Checkup("temporal", "Temporal", Level.GOOD, "Trả lời.")
    return Checkup("temporal", "Temporal", Level.BROKEN, "Không trả lời; báo cáo vẫn nhận, chưa nhắc được ai.",
                   "Xem máy chủ Temporal; khi nó chạy lại, mọi việc tự tiếp tục.")  # fmt: skip
