"""What a link in a message leads to. Fetching one changes nothing: mail scanners and previews fetch them, too."""

from __future__ import annotations

import hashlib
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.errors import Refusal, Unauthenticated
from domain.links import Link, Purpose, task_of
from models.facts.frame import Actor
from models.facts.links import actor_of_link
from models.facts.reports import acknowledge
from models.facts.tokens import actor_of
from models.queries.clock import read_clock
from models.queries.parts import read_part
from models.queries.subjects import Subject
from web.auth import Action, authorise
from web.desk import COOKIE, Office, office_of
from web.links import HEADERS, draw_calendar, public_url_of, read_link
from web.pages.rendering import render
from web.problems import Problem, translate

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path()]
READS = ["GET", "HEAD"]
GONE = 410


@router.api_route("/l/{token}", methods=READS)
async def get_link(token: Token, request: Request) -> Response:
    """On to the page it opens, by way of the sign-in; or the one button that acknowledges a task."""
    office = office_of(request)
    try:
        link = await read_link(office.engine, token, Purpose.OPEN, Purpose.ACKNOWLEDGE)
        if link.purpose is Purpose.ACKNOWLEDGE:
            return await _show_part(office, token, link, request.query_params.get("done") == "acknowledged")
    except Refusal as error:
        return _unusable(translate(error))
    signed_in = await _is_signed_in(request, office)
    return RedirectResponse(link.target if signed_in else f"/sign-in?next={quote(link.target, safe='')}", 303, HEADERS)


@router.post("/l/{token}/acknowledge")
async def post_acknowledgement(token: Token, request: Request) -> Response:
    """The button: the unit has received its task. Whoever holds the link may press it, once or often."""
    office = office_of(request)
    try:
        link = await read_link(office.engine, token, Purpose.ACKNOWLEDGE)
        plan, ordinal = task_of(link.target)
        async with office.engine.begin() as books:
            actor = await actor_of_link(books, link)
            _authorise(actor)
            rings = await acknowledge(books, actor, plan, ordinal)
    except Refusal as error:
        return _unusable(translate(error))
    office.bells.ring(rings)
    return RedirectResponse(f"/l/{token}?done=acknowledged", 303, HEADERS)


@router.api_route("/calendar/{token}.ics", methods=READS)
async def get_calendar(token: Token, request: Request) -> Response:
    """A person's due days, for the calendar program that holds their link."""
    office = office_of(request)
    link = await read_link(office.engine, token, Purpose.CALENDAR)
    async with office.engine.connect() as books:
        content = await draw_calendar(books, link, public_url_of(request))
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {**HEADERS, "Cache-Control": "private, no-cache", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="don-doc.ics"'
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


async def _show_part(office: Office, token: str, link: Link, done: bool) -> Response:
    """The task with its button, or with when the unit has acknowledged it."""
    plan, ordinal = task_of(link.target)
    async with office.engine.connect() as books:
        actor = await actor_of_link(books, link)
        _authorise(actor)
        part = await read_part(books, actor.realm, actor.unit, plan, ordinal)
        clock = await read_clock(books, actor.realm)
    said = "Đã ghi nhận đơn vị tiếp nhận nhiệm vụ." if done and part.acknowledged_at else None
    page = render("acknowledge.html", part=part, token=token, actor=None, clock=clock, done=said, problem=None, form={})
    return HTMLResponse(page, headers=HEADERS)


def _authorise(actor: Actor) -> None:
    """Raises `Forbidden` for one who has lost the role in which they were told of the task."""
    authorise(actor, Action.ACKNOWLEDGE_TASK, Subject(unit=actor.unit))


async def _is_signed_in(request: Request, office: Office) -> bool:
    try:
        await actor_of(office.engine, request.cookies.get(COOKIE, ""))
    except Unauthenticated:
        return False
    return True


def _unusable(problem: Problem) -> Response:
    """Why the link does nothing, and what to do; the same for everybody, whoever it was made for."""
    status = GONE if problem.code == "link-expired" else problem.status
    page = render("link.html", problem=problem, actor=None, clock=None, done=None, form={})
    return HTMLResponse(page, status, HEADERS)
