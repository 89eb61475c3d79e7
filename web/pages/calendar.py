"""The page of the working days: everybody sees a year's days off; an admin sees what a change moves, then makes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar_changes import day_words
from domain.errors import NotFound, Refusal
from domain.regime import WEEKDAYS
from models.facts.calendar import override_day
from models.queries.calendar import preview_override, read_year
from models.queries.subjects import Subject
from web.api.calendar import OverrideBody, Year
from web.auth import Action
from web.pages.visit import Visit, posting, visiting
from web.problems import Problem, translate

router = APIRouter(include_in_schema=False)
SAID = {
    "calendar": "Đã đổi lịch làm việc. Các hạn dưới đây và trên mọi trang tính theo lịch mới.",
}
"""What the page says after a form was done."""
FIELDS = ("day", "working", "reason", "running", "expected")


@router.get("/calendar")
async def get_calendar(visit: Annotated[Visit, visiting(Action.READ_SELF)], year: Year = None) -> Response:
    """One year."""
    return await show(visit, year)


@router.post("/calendar/preview")
async def post_preview(visit: Annotated[Visit, posting(Action.CHANGE_CALENDAR)]) -> Response:
    """What a change would move, before it is confirmed."""
    return await show_preview(visit)


@router.post("/calendar/overrides")
async def post_override(visit: Annotated[Visit, posting(Action.CHANGE_CALENDAR)]) -> Response:
    """Change a day; where the running deadlines are others by now, they are shown again."""
    made: list[OverrideBody] = []

    async def act(books: AsyncConnection) -> list[str]:
        body = _body(visit)
        made.append(body)
        found = await override_day(
            books, visit.actor, body.day, body.working, body.reason, body.move_running, body.expected
        )
        return found.rings

    problem = await visit.record(act)
    if problem is not None:
        return await show_preview(visit, problem)
    year = f"&year={made[0].day.year}" if made else ""
    return RedirectResponse(f"/calendar?done=calendar{year}", 303)


async def show(visit: Visit, year: int | None = None, problem: Problem | None = None) -> Response:
    """The days off of a year, with the form for whoever may change a day; the present year where that is not there."""
    async with visit.desk.books() as books:
        try:
            found = await read_year(books, visit.actor.realm, year)
        except NotFound:
            if problem is None:
                raise
            found = await read_year(books, visit.actor.realm)
    said = SAID.get(visit.request.query_params.get("done", ""))
    may_change = visit.may(Action.CHANGE_CALENDAR, Subject())
    return await visit.show("calendar.html", problem, said=said, found=found, may_change=may_change, **_words())


async def show_preview(visit: Visit, problem: Problem | None = None) -> Response:
    """What moves, with the buttons to confirm it; back to the form where it cannot be done."""
    try:
        body = _body(visit)
        if not body.reason:
            raise Refusal("reason-missing", "Đổi lịch làm việc phải nêu lý do, ví dụ số và ngày của văn bản.")
        async with visit.desk.books() as books:
            change = await preview_override(books, visit.actor.realm, body.day, body.working)
    except (Refusal, ValidationError) as error:
        return await show(visit, _year_of(visit), translate(error))
    return await visit.show("calendar_change.html", problem, body=body, change=change, **_words())


def _body(visit: Visit) -> OverrideBody:
    """What was filled in; raises `ValidationError`."""
    return OverrideBody.model_validate({name: visit.form[name] for name in FIELDS if name in visit.form})


def _year_of(visit: Visit) -> int | None:
    try:
        return date.fromisoformat(visit.form.get("day", "")).year
    except ValueError:
        return None


def _words() -> dict[str, Any]:
    return {"weekday": lambda day: WEEKDAYS[day.weekday()], "day_words": day_words}
