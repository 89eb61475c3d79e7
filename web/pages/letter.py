"""A drafted letter: what it says, the Word file, and what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.letters import demands, number_line, opening, place_date, subject
from models.facts.letters import drop_letter, issue_letter
from models.queries.subjects import letter_subject
from web.api.letters import IssueBody, drawn, letter_of
from web.auth import Action
from web.desk import Id, of_letter
from web.pages.obligation import reason_of
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visit, visiting(Action.READ_PROGRESS, of_letter)]
Settler = Annotated[Visit, posting(Action.SETTLE_LETTER, of_letter)]


@router.get("/letters/{letter}")
async def get_letter(letter: Id, visit: Reader) -> Response:
    """The page to which the notice leads."""
    return await show(visit, letter)


@router.get("/letters/{letter}/document")
async def get_document(letter: Id, visit: Reader) -> Response:
    """The Word file."""
    return await drawn(visit.desk, letter)


@router.post("/letters/{letter}/issue")
async def post_issue(letter: Id, visit: Settler) -> Response:
    """Number and day of the signed letter."""

    async def act(books: AsyncConnection) -> list[str]:
        body = IssueBody.model_validate({name: visit.form.get(name, "") for name in ("number", "issued_on")})
        return await issue_letter(books, visit.actor, letter, body.number, body.issued_on)

    problem = await visit.record(act)
    return await show(visit, letter, problem) if problem else back(f"/letters/{letter}", "letter-settled")


@router.post("/letters/{letter}/drop")
async def post_drop(letter: Id, visit: Settler) -> Response:
    """It is not sent."""

    async def act(books: AsyncConnection) -> list[str]:
        return await drop_letter(books, visit.actor, letter, reason_of(visit))

    problem = await visit.record(act)
    return await show(visit, letter, problem) if problem else back(f"/letters/{letter}", "letter-settled")


async def show(visit: Visit, letter: int, problem: Problem | None = None) -> Response:
    """The words of the letter with the forms for what comes next."""
    view = await letter_of(visit.desk, letter)
    async with visit.desk.books() as books:
        about = await letter_subject(books, visit.actor.realm, letter)
    content = view.content
    return await visit.show(
        "letter.html",
        problem,
        view=view,
        head=(number_line(content), place_date(content), subject(content)) if content else (),
        paragraphs=opening(content) if content else (),
        demands=demands(content) if content else (),
        may_settle=view.letter.settled_at is None and visit.may(Action.SETTLE_LETTER, about),
    )
