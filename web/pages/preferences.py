"""The page on which people choose how they are told, and get the link of their calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import Channel
from domain.preferences import CHANNEL_NAMES, CHOICES, kind_words
from models.facts.preferences import renew_feed, set_preferences
from models.queries.preferences import Preferences, read_preferences
from web.auth import Action
from web.links import calendar_address
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem

router = APIRouter(include_in_schema=False)
SAID = {
    "kept": "Đã lưu cách nhận thông báo.",
    "linked": "Đã tạo địa chỉ lịch mới. Địa chỉ cũ (nếu có) thôi dùng được.",
}
"""What the page says after a form was done."""


@router.get("/preferences")
async def get_preferences(visit: Annotated[Visit, visiting(Action.READ_SELF)]) -> Response:
    """One's own choices."""
    return await show(visit)


@router.post("/preferences")
async def post_preferences(visit: Annotated[Visit, posting(Action.READ_SELF)]) -> Response:
    """Keep what was chosen: a channel a place in the order, a tick a kind that is sent."""

    async def act(books: AsyncConnection) -> list[str]:
        await set_preferences(books, visit.actor, _chosen(visit), _muted(visit))
        return []

    problem = await visit.record(act)
    return await show(visit, problem) if problem else back("/preferences", "kept")


@router.post("/preferences/calendar")
async def post_calendar(visit: Annotated[Visit, posting(Action.READ_SELF)]) -> Response:
    """Make the next link of one's calendar."""

    async def act(books: AsyncConnection) -> list[str]:
        await renew_feed(books, visit.actor)
        return []

    problem = await visit.record(act)
    return await show(visit, problem) if problem else back("/preferences", "linked")


async def show(visit: Visit, problem: Problem | None = None) -> Response:
    """The page, with what was just chosen where that could not be kept."""
    async with visit.desk.books() as books:
        found = await read_preferences(books, visit.actor.person)
    typed = visit.form if problem else None
    muted = found.muted if typed is None else _muted(visit)
    return await visit.show(
        "preferences.html",
        problem,
        addresses=found.addresses,
        places=_places(found, typed),
        names={channel.value: name for channel, name in CHANNEL_NAMES.items()},
        kinds=[(kind.value, kind_words(kind), kind.value not in muted) for kind in CHOICES],
        calendar=await calendar_address(visit.request, visit.desk.office.engine, visit.actor, found.feed),
        said=SAID.get(visit.request.query_params.get("done", "")),
    )


def _places(found: Preferences, typed: Mapping[str, str] | None) -> list[str]:
    """The channel in each place of the order, empty where none is used."""
    count = len(found.addresses)
    if typed is not None:
        return [typed.get(f"place-{place}", "") for place in range(1, count + 1)]
    return [*found.order, *[""] * (count - len(found.order))]


def _chosen(visit: Visit) -> tuple[str, ...]:
    """The channels of the form, first place first; there are as many places as channels."""
    places = (visit.form.get(f"place-{place}", "") for place in range(1, len(Channel) + 1))
    return tuple(channel for channel in places if channel)


def _muted(visit: Visit) -> tuple[str, ...]:
    """The kinds without a tick; a browser sends only those with one."""
    return tuple(kind.value for kind in CHOICES if f"send-{kind.value}" not in visit.form)
