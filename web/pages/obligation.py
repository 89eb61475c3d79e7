"""One obligation: its report, its requests for more time, and what was decided on them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.status import State
from models.facts.decisions import ask_extension, decide_extension, decide_report
from models.facts.reports import PROGRESS, Report, save_draft, submit_report
from models.queries.changes import read_standing
from models.queries.clock import read_now
from models.queries.obligations import ObligationView, read_obligation
from models.queries.subjects import obligation_subject
from web.auth import Action
from web.bodies import ExtensionBody, ReasonBody, ReportBody
from web.desk import Id, of_obligation
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem

router = APIRouter(include_in_schema=False)


@router.get("/obligations/{obligation}")
async def get_obligation(
    obligation: Id, visit: Annotated[Visit, visiting(Action.READ_OBLIGATION, of_obligation)]
) -> Response:
    """The page that links in messages lead to."""
    return await show(visit, obligation)


@router.post("/obligations/{obligation}/report")
async def post_report(obligation: Id, visit: Annotated[Visit, posting(Action.REPORT, of_obligation)]) -> Response:
    """Save or send, by the button that was pressed."""
    saves = visit.form.get("do") == "save"

    async def act(books: AsyncConnection) -> list[str]:
        report = report_of(visit)
        if saves:
            await save_draft(books, visit.actor, obligation, report)
            return []
        return (await submit_report(books, visit.actor, obligation, report)).rings

    problem = await visit.record(act)
    if problem:
        return await show(visit, obligation, problem)
    return back(f"/obligations/{obligation}", "saved" if saves else "reported")


@router.post("/obligations/{obligation}/extension")
async def post_extension(
    obligation: Id, visit: Annotated[Visit, posting(Action.ASK_EXTENSION, of_obligation)]
) -> Response:
    """Ask for more time."""

    async def act(books: AsyncConnection) -> list[str]:
        body = ExtensionBody.model_validate({name: visit.form.get(name, "") for name in ("until", "reason")})
        return (await ask_extension(books, visit.actor, obligation, body.until, body.reason))[1]

    problem = await visit.record(act)
    return await show(visit, obligation, problem) if problem else back(f"/obligations/{obligation}", "asked")


@router.post("/obligations/{obligation}/decision")
async def post_decision(
    obligation: Id, visit: Annotated[Visit, posting(Action.DECIDE_REPORT, of_obligation)]
) -> Response:
    """Accept or return, by the button that was pressed."""
    accepts = visit.form.get("do") == "accept"

    async def act(books: AsyncConnection) -> list[str]:
        revision, reason = int(visit.form.get("revision", "")), reason_of(visit)
        return await decide_report(books, visit.actor, obligation, revision, accepts, reason)

    problem = await visit.record(act)
    if problem:
        return await show(visit, obligation, problem)
    return back(f"/obligations/{obligation}", "accepted" if accepts else "returned")


@router.post("/obligations/{obligation}/extensions/{extension}")
async def post_extension_decision(
    obligation: Id, extension: Id, visit: Annotated[Visit, posting(Action.DECIDE_EXTENSION, of_obligation)]
) -> Response:
    """Grant or refuse, by the button that was pressed."""
    grants = visit.form.get("do") == "grant"

    async def act(books: AsyncConnection) -> list[str]:
        await of_this(books, visit, obligation, extension)
        return await decide_extension(books, visit.actor, extension, grants, reason_of(visit))

    problem = await visit.record(act)
    if problem:
        return await show(visit, obligation, problem)
    return back(f"/obligations/{obligation}", "granted" if grants else "refused")


async def of_this(books: AsyncConnection, visit: Visit, obligation: int, extension: int) -> None:
    """Raises `NotFound` for a request that is another obligation's, on which the permission was not asked."""
    view = await read_obligation(books, visit.actor.realm, obligation, await read_now(books, visit.actor.realm))
    if all(extension != asked.id for asked in view.extensions):
        raise NotFound("extension-unknown", f"Nghĩa vụ này không có đề nghị gia hạn số {extension}.")


def report_of(visit: Visit) -> Report:
    """What the form says; raises `ValidationError`."""
    given = {name: visit.form[name] for name in ReportBody.model_fields if name in visit.form}
    return ReportBody.model_validate(given).report()


def reason_of(visit: Visit) -> str:
    """The reason field, tidied as in the API."""
    return ReasonBody(reason=visit.form.get("reason", "")).reason


async def show(visit: Visit, obligation: int, problem: Problem | None = None) -> Response:
    """The page, offering what this person may do now."""
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        view = await read_obligation(books, realm, obligation, await read_now(books, realm))
        subject = await obligation_subject(books, realm, obligation)
        standing = await read_standing(books, obligation)
    line = view.obligation
    is_open = line.state in (State.OPEN_IN_TERM, State.OPEN_OVERDUE)
    may_report = is_open and not line.waiting_review and visit.may(Action.REPORT, subject)
    may_ask = is_open and line.extension is None and view.at < line.late_at and visit.may(Action.ASK_EXTENSION, subject)
    return await visit.show(
        "obligation.html",
        problem,
        view=view,
        line=line,
        late=view.at >= line.late_at,
        typed=typed(visit, view),
        progress_words=PROGRESS,
        may_report=may_report,
        may_ask=may_ask,
        may_decide=line.waiting_review and visit.may(Action.DECIDE_REPORT, subject),
        may_grant=line.extension is not None and visit.may(Action.DECIDE_EXTENSION, subject),
        standing=standing,
        may_hand_back=bool(standing.hand_back) and visit.may(Action.HAND_BACK, subject),
        may_see_task=visit.may(Action.READ_PROGRESS, subject),
    )


def typed(visit: Visit, view: ObligationView) -> dict[str, Any]:
    """What the report form shows: what was just typed, else the draft, else what was returned for correction."""
    empty = asdict(Report())
    if "result" in visit.form:
        return {**empty, **visit.form}
    if view.draft is not None:
        return {**empty, **view.draft}
    last = view.submissions[-1] if view.submissions else None
    if last is not None and last.decision == "returned":
        return {name: getattr(last, name) for name in empty}
    return empty
