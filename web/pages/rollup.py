"""A rollup: what is to be signed, the signature, the files, the recipients' word."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.rollups import acknowledge_rollup, sign_rollup, unlock_rollup
from models.queries.rollups import read_file, read_frozen, read_rollup
from models.queries.subjects import plan_subject
from web.api.rollups import FileName, Period, Supplement, handed_out
from web.auth import Action
from web.bodies import NoteBody, SignBody
from web.desk import Slug, of_plan
from web.pages.obligation import reason_of
from web.pages.visit import Visit, posting, visiting
from web.problems import Problem

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visit, visiting(Action.READ_ROLLUP, of_plan)]


@router.get("/plans/{slug}/rollups/{period}")
async def get_rollup(slug: Slug, period: Period, visit: Reader, supplement: Supplement = 0) -> Response:
    """What was compiled, and what may be done with it."""
    return await show(visit, slug, period, supplement)


@router.get("/plans/{slug}/rollups/{period}/files/{name}")
async def get_file(slug: Slug, period: Period, name: FileName, visit: Reader, supplement: Supplement = 0) -> Response:
    """A rendered file."""
    async with visit.desk.books() as books:
        return handed_out(await read_file(books, visit.actor.realm, slug, period, supplement, name))


@router.post("/plans/{slug}/rollups/{period}/sign")
async def post_signature(
    slug: Slug,
    period: Period,
    visit: Annotated[Visit, posting(Action.SIGN_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> Response:
    """Sign what was shown."""

    async def act(books: AsyncConnection) -> list[str]:
        body = SignBody.model_validate({name: visit.form.get(name, "") for name in ("sha256", "number")})
        return await sign_rollup(books, visit.actor, slug, period, supplement, body.sha256, body.number)

    problem = await visit.record(act)
    return await answer(visit, slug, period, supplement, problem, "signed")


@router.post("/plans/{slug}/rollups/{period}/unlock")
async def post_unlock(
    slug: Slug,
    period: Period,
    visit: Annotated[Visit, posting(Action.UNLOCK_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> Response:
    """Open it again before it is sent."""

    async def act(books: AsyncConnection) -> list[str]:
        return await unlock_rollup(books, visit.actor, slug, period, supplement, reason_of(visit))

    problem = await visit.record(act)
    return await answer(visit, slug, period, supplement, problem, "unlocked")


@router.post("/plans/{slug}/rollups/{period}/acknowledge")
async def post_acknowledgement(
    slug: Slug,
    period: Period,
    visit: Annotated[Visit, posting(Action.ACKNOWLEDGE_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> Response:
    """Note that the recipients have it."""

    async def act(books: AsyncConnection) -> list[str]:
        note = NoteBody(note=visit.form.get("note", "")).note
        return await acknowledge_rollup(books, visit.actor, slug, period, supplement, note)

    problem = await visit.record(act)
    return await answer(visit, slug, period, supplement, problem, "confirmed")


async def answer(visit: Visit, slug: str, period: str, supplement: int, problem: Problem | None, done: str) -> Response:
    """The page with what stands against it, else the page that says that it is done."""
    if problem:
        return await show(visit, slug, period, supplement, problem)
    return RedirectResponse(f"/plans/{slug}/rollups/{period}?supplement={supplement}&done={done}", 303)


async def show(visit: Visit, slug: str, period: str, supplement: int, problem: Problem | None = None) -> Response:
    """The frozen document in short, with the forms for what comes next."""
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        subject = await plan_subject(books, realm, slug)
        rollup = await read_rollup(books, realm, slug, period, supplement)
        document = await read_frozen(books, realm, slug, period, supplement)
    waits = rollup.compiled_at is not None and rollup.signed_at is None
    unsent = rollup.compiled_at is not None and rollup.sent_at is None and not rollup.files
    unconfirmed = rollup.sent_at is not None and rollup.acknowledged_at is None
    return await visit.show(
        "rollup.html",
        problem,
        slug=slug,
        rollup=rollup,
        document=document,
        may_sign=waits and visit.may(Action.SIGN_ROLLUP, subject),
        may_unlock=unsent and visit.may(Action.UNLOCK_ROLLUP, subject),
        may_confirm=unconfirmed and visit.may(Action.ACKNOWLEDGE_ROLLUP, subject),
    )
