"""Who am I, what time is it, does the process live, can it take reports."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Unavailable
from models.queries.clock import Clock, read_clock
from web.answers import Me, Ready
from web.auth import Action
from web.desk import Desk, office_of, reading

router = APIRouter(tags=["Hệ thống"])
READY_SECONDS = 2.0
Somebody = Annotated[Desk, reading(Action.READ_SELF)]


@router.get(
    "/me",
    summary="Tôi là ai",
    description="Người đang đăng nhập, đơn vị và vai trò của họ.",
)
async def get_me(desk: Somebody) -> Me:
    """Who is signed in, with their unit and roles."""
    actor = desk.actor
    return Me(actor.slug, actor.name, actor.realm, actor.unit_slug, tuple(sorted(actor.roles)))


@router.get(
    "/clock",
    summary="Thời điểm nghiệp vụ",
    description="Đồng hồ mà mọi hạn báo cáo tính theo; trong diễn tập, đồng hồ này chạy theo bước.",
)
async def get_clock(desk: Somebody) -> Clock:
    """The business instant of the realm."""
    async with desk.books() as books:
        return await read_clock(books, desk.actor.realm)


@router.get(
    "/health",
    summary="Tiến trình còn sống",
    description="Không hỏi cơ sở dữ liệu.",
)
async def get_health() -> dict[str, str]:
    """The process lives."""
    return {"status": "ok"}


@router.get(
    "/ready",
    summary="Nhận được báo cáo chưa",
    description="Cơ sở dữ liệu có trả lời không; Temporal dừng thì báo cáo vẫn nhận.",
)
async def get_ready(request: Request) -> Ready:
    """Reports can be taken: the database answers and has the schema this code knows. Temporal may be down."""
    office = office_of(request)
    found = await within(READY_SECONDS, schema_of(office.engine))
    if found != office.schema_head:
        raise Unavailable(
            "database-not-migrated",
            f"Cơ sở dữ liệu ở phiên bản {found}, cần {office.schema_head}; hãy chạy dondoc migrate.",
        )
    return Ready("up", "up" if await office.bells.reachable() else "down", office.schema_head)


async def schema_of(engine: AsyncEngine) -> str | None:
    """The revision of the books; None where they have none yet."""
    try:
        async with engine.connect() as books:
            found = await books.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        return None
    return str(found)


async def within(seconds: float, asking: Coroutine[Any, Any, str | None]) -> str | None:
    """The answer, or TimeoutError at once: over a dead server the driver takes its time even to give up."""
    task = asyncio.create_task(asking)
    answered, _ = await asyncio.wait({task}, timeout=seconds)
    if answered:
        return task.result()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    task.cancel()
    raise TimeoutError
