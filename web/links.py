"""What signed links lead to: the edge's side of reading them, and the calendar of whoever one was made for."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from documents.render_calendar import render_calendar
from domain.appointments import Feed
from domain.links import Link, Purpose
from domain.notices import Role
from models.facts.frame import Actor
from models.facts.links import LinkSigner, actor_of_link, calendar_token, signing_key, valid_now
from models.queries.appointments import list_appointments
from models.queries.clock import read_clock
from web.auth import Action, Reach, reaches

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Of every page whose address is a secret: nothing keeps it, and no page that it leads to is told of it."""
_COMPILES = {Role.COORDINATOR.value, Role.SIGNER.value}


async def signer_of(engine: AsyncEngine) -> LinkSigner:
    """The signer with the key of the books."""
    return LinkSigner(await signing_key(engine))


def public_url_of(request: Request) -> str:
    """Where people reach us, as the settings say; without a slash at its end."""
    url: str = request.app.state.public_url
    return url.rstrip("/")


async def read_link(engine: AsyncEngine, token: str, *purposes: Purpose) -> Link:
    """What the token says, now; raises `link-invalid` or `link-expired`."""
    link = (await signer_of(engine)).verify(token, purposes)
    async with engine.connect() as books:
        await valid_now(books, link)
    return link


async def calendar_address(request: Request, engine: AsyncEngine, actor: Actor, feed: int) -> str:
    """Where a calendar program finds this person's calendar; empty where they have made no link."""
    if not feed:
        return ""
    token = calendar_token(await signer_of(engine), actor, feed)
    return f"{public_url_of(request)}/calendar/{token}.ics"


async def draw_calendar(books: AsyncConnection, link: Link, public_url: str) -> bytes:
    """The calendar of whoever the link was made for, with what they may see; raises `link-invalid`."""
    actor = await actor_of_link(books, link)
    found = await list_appointments(
        books,
        actor.realm,
        actor.unit,
        reports=Reach.OWN in reaches(actor, Action.READ_OBLIGATION),
        rollups=compiles(actor.roles),
    )
    clock = await read_clock(books, actor.realm)
    return render_calendar(Feed(actor.name, clock.kind == "rehearsal", found), public_url)


def compiles(roles: Iterable[str]) -> bool:
    """Whether the days of the lead agency's own reports are this person's concern."""
    return not _COMPILES.isdisjoint(roles)
