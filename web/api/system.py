"""Who am I, what time is it, does the process live, can it take reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from domain.errors import Unavailable
from models.queries.clock import Clock, read_clock
from web.answers import Me, Ready
from web.auth import Action
from web.desk import Desk, office_of, reading

router = APIRouter(tags=["Hệ thống"])
Somebody = Annotated[Desk, reading(Action.READ_SELF)]


@router.get("/me")
async def get_me(desk: Somebody) -> Me:
    """Who is signed in, with their unit and roles."""
    actor = desk.actor
    return Me(actor.slug, actor.name, actor.realm, actor.unit_slug, tuple(sorted(actor.roles)))


@router.get("/clock")
async def get_clock(desk: Somebody) -> Clock:
    """The business instant of the realm."""
    async with desk.books() as books:
        return await read_clock(books, desk.actor.realm)


@router.get("/health")
async def get_health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get("/ready")
async def get_ready(request: Request) -> Ready:
    """Reports can be taken: the database answers and has the schema this code knows. Temporal may be down."""
    office = office_of(request)
    try:
        async with office.engine.connect() as books:
            found = await books.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        found = None
    if found != office.schema_head:
        raise Unavailable(
            "database-not-migrated",
            f"Cơ sở dữ liệu ở phiên bản {found}, cần {office.schema_head}; hãy chạy dondoc migrate.",
        )
    return Ready("up", "up" if await office.bells.reachable() else "down", office.schema_head)
