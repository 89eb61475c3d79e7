"""The authority's working days over HTTP: the days off of a year, what a change would move, and the change itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.calendar import override_day
from models.queries.calendar import CalendarChange, CalendarYear, preview_override, read_year
from web.auth import Action
from web.bodies import Body, Line
from web.desk import Desk, Done, reading, recording

router = APIRouter(tags=["Lịch làm việc"])
Year = Annotated[int | None, Query(ge=1900, le=2200, description="Năm cần xem; không nêu thì là năm nay")]


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


class DayBody(Body):
    """A day as it is to be."""

    day: date = Field(description="Ngày cần đổi", examples=["2024-11-29"])
    working: bool = Field(description="true: ngày làm việc; false: ngày nghỉ", examples=[False])


class OverrideBody(DayBody):
    """A day as it is to be, why, and what becomes of the deadlines that already run."""

    reason: Line = Field(description="Lý do, ví dụ văn bản cho nghỉ hoặc làm bù", examples=["QĐ 12/QĐ-UBND"])
    running: Annotated[Literal["move", "keep"] | None, BeforeValidator(_blank_is_none)] = Field(
        default=None,
        description="Hạn đang chạy: move dời theo, keep giữ nguyên; bắt buộc khi có hạn phải dời",
        examples=["move"],
    )
    expected: Annotated[int | None, BeforeValidator(_blank_is_none)] = Field(
        default=None, ge=0, description="Số hạn phải dời (moves) khi xem trước; khác thì không đổi gì", examples=[5]
    )

    @property
    def move_running(self) -> bool | None:
        """Whether running deadlines move; None where it was not said."""
        return None if self.running is None else self.running == "move"


@dataclass(frozen=True)
class OverrideMade:
    """The override's number, how many running deadlines moved, and the calendar's version since."""

    override: int
    day: date
    working: bool
    moved: int
    version: str


@router.get(
    "/calendar",
    summary="Lịch làm việc của năm",
    description="Ngày nghỉ ngoài thứ Bảy, Chủ nhật và ngày làm bù; ngày do cơ quan tự đặt có own là true.",
)
async def get_calendar(desk: Annotated[Desk, reading(Action.READ_SELF)], year: Year = None) -> CalendarYear:
    """One year."""
    async with desk.books() as books:
        return await read_year(books, desk.actor.realm, year)


@router.post(
    "/calendar/preview",
    summary="Xem trước khi đổi một ngày",
    description="Hạn nào sẽ dời, từ khi nào sang khi nào; chưa thay đổi gì.",
)
async def post_preview(body: DayBody, desk: Annotated[Desk, reading(Action.CHANGE_CALENDAR)]) -> CalendarChange:
    """What a change would move."""
    async with desk.books() as books:
        return await preview_override(books, desk.actor.realm, body.day, body.working)


@router.post(
    "/calendar/overrides",
    status_code=201,
    response_model=OverrideMade,
    summary="Đổi một ngày của lịch làm việc",
    description="Đặt một ngày thành ngày nghỉ hoặc ngày làm việc, có lý do; hạn đang chạy chỉ dời khi running là move.",
)
async def post_override(body: OverrideBody, desk: Annotated[Desk, recording(Action.CHANGE_CALENDAR)]) -> JSONResponse:
    """Change a day."""

    async def act(books: AsyncConnection) -> Done:
        made = await override_day(
            books, desk.actor, body.day, body.working, body.reason, body.move_running, body.expected
        )
        return Done(OverrideMade(made.override, body.day, body.working, made.moved, made.version), made.rings)

    return await desk.record(body, act, 201)
