"""The inbox: what is to be done, where it stands, what was told."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.status import State
from models.queries.clock import read_now
from models.queries.notices import latest_notices
from models.queries.obligations import ObligationLine, Wanted, list_obligations
from models.queries.signing import RollupToSign, rollups_to_sign
from models.queries.subjects import Subject
from web.auth import Action, Reach, reaches
from web.pages.visit import Visit, visiting

router = APIRouter(include_in_schema=False)
SHOWN = 500


@router.get("/inbox")
async def get_inbox(visit: Annotated[Visit, visiting(Action.READ_SELF)]) -> Response:
    """One's own obligations; for reviewers, signers and leaders what waits for them."""
    actor = visit.actor
    async with visit.desk.books() as books:
        at = await read_now(books, actor.realm)
        scope = scope_of(visit)
        found = await list_obligations(books, scope, at)
        open_lines = [o for o in found.items if o.state in (State.OPEN_IN_TERM, State.OPEN_OVERDUE)]
        return await visit.show(
            "inbox.html",
            at=at,
            counts=found.counts,
            oversees=scope.unit_id is None,
            open=open_lines,
            done_lines=[o for o in found.items if o not in open_lines],
            to_decide=await _to_decide(books, visit),
            to_sign=await _to_sign(books, visit),
            notices=await latest_notices(books, actor.realm, actor.unit, actor.roles),
        )


def scope_of(visit: Visit) -> Wanted:
    """A unit's people see their unit's; those who only oversee see all they may."""
    actor, found = visit.actor, reaches(visit.actor, Action.READ_OBLIGATION)
    wanted = Wanted(actor.realm, limit=SHOWN)
    if Reach.OWN in found or not found:
        return replace(wanted, unit_id=actor.unit)
    return wanted if Reach.ALL in found else replace(wanted, lead_id=actor.unit)


async def _to_decide(books: AsyncConnection, visit: Visit) -> tuple[ObligationLine, ...]:
    actor = visit.actor
    if not visit.may(Action.DECIDE_REPORT, Subject(lead=actor.unit)):
        return ()
    wanted = Wanted(actor.realm, lead_id=actor.unit, to_decide=True, limit=SHOWN)
    return (await list_obligations(books, wanted, await read_now(books, actor.realm))).items


async def _to_sign(books: AsyncConnection, visit: Visit) -> tuple[RollupToSign, ...]:
    if not visit.may(Action.SIGN_ROLLUP, Subject(lead=visit.actor.unit)):
        return ()
    return await rollups_to_sign(books, visit.actor.realm, visit.actor.unit)
