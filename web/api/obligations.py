"""What units do: see what they owe, keep a draft, report, ask for more time."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.decisions import ask_extension
from models.facts.reports import save_draft, submit_report
from models.queries.clock import read_now
from models.queries.obligations import ObligationList, ObligationView, Wanted, list_obligations, read_obligation
from models.queries.subjects import Subject
from web.answers import Asked, Receipt, Saved
from web.auth import Action, Reach, authorise, reaches
from web.bodies import ExtensionBody, ReportBody
from web.desk import Desk, Done, Id, of_obligation, reading, recording

router = APIRouter(tags=["Báo cáo của đơn vị"])
Reader = Annotated[Desk, reading(Action.READ_OBLIGATION, of_obligation)]
Name = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]


def scoped(desk: Desk, scope: Literal["mine", "all"]) -> Wanted:
    """What this person may list: their own unit's, or as much of everything as they may read."""
    actor = desk.actor
    if scope == "mine":
        authorise(actor, Action.READ_OBLIGATION, Subject(actor.unit, actor.unit))
        return Wanted(actor.realm, unit_id=actor.unit)
    authorise(actor, Action.READ_OBLIGATION, Subject(lead=actor.unit))
    everything = Reach.ALL in reaches(actor, Action.READ_OBLIGATION)
    return Wanted(actor.realm, lead_id=None if everything else actor.unit)


@router.get("/obligations")
async def get_obligations(
    desk: Annotated[Desk, reading(Action.READ_SELF)],
    scope: Literal["mine", "all"] = "mine",
    state: Literal["open", "all"] = "all",
    plan: Name = None,
    unit: Name = None,
    task: Annotated[int | None, Query(ge=0, le=99_999)] = None,
    round: Name = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 2000,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> ObligationList:
    """Obligations with their states at one instant, and the four counts of the scope, open or not."""
    bounds = scoped(desk, scope)
    wanted = Wanted(
        bounds.realm, bounds.unit_id, bounds.lead_id, state == "open", False, plan, unit, task, round, None, limit, skip
    )
    async with desk.books() as books:
        return await list_obligations(books, wanted, await read_now(books, desk.actor.realm))


@router.get("/obligations/{obligation}")
async def get_obligation(obligation: Id, desk: Reader) -> ObligationView:
    """One obligation with its submissions, requests for more time and draft."""
    async with desk.books() as books:
        at = await read_now(books, desk.actor.realm)
        return await read_obligation(books, desk.actor.realm, obligation, at)


@router.put("/obligations/{obligation}/draft")
async def put_draft(
    obligation: Id, body: ReportBody, desk: Annotated[Desk, recording(Action.REPORT, of_obligation)]
) -> Saved:
    """Keep what is written so far; it is not reported."""
    return Saved(await save_draft(desk.office.engine, desk.actor, obligation, body.report()))


@router.post("/obligations/{obligation}/reports", status_code=201, response_model=Receipt)
async def post_report(
    obligation: Id, body: ReportBody, desk: Annotated[Desk, recording(Action.REPORT, of_obligation)]
) -> JSONResponse:
    """Send the report; the answer is its receipt, with the legal time."""

    async def act(books: AsyncConnection) -> Done:
        got = await submit_report(books, desk.actor, obligation, body.report())
        return Done(Receipt(got.submission, got.revision, got.received_at, got.in_time), got.rings)

    return await desk.record(body, act, 201)


@router.post("/obligations/{obligation}/extensions", status_code=201, response_model=Asked)
async def post_extension(
    obligation: Id, body: ExtensionBody, desk: Annotated[Desk, recording(Action.ASK_EXTENSION, of_obligation)]
) -> JSONResponse:
    """Ask for more time, before the due instant."""

    async def act(books: AsyncConnection) -> Done:
        number, rings = await ask_extension(books, desk.actor, obligation, body.until, body.reason)
        return Done(Asked(number), rings)

    return await desk.record(body, act, 201)
