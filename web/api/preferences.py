"""What a person chooses for themselves: the order of channels, what only the inbox shows, the calendar's link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.preferences import CHOICES, kind_words
from models.facts.preferences import renew_feed, set_preferences
from models.queries.preferences import read_preferences
from web.auth import Action
from web.bodies import Body
from web.desk import Desk, Done, reading, recording
from web.links import calendar_address

router = APIRouter(tags=["Người dùng"])
Somebody = Annotated[Desk, reading(Action.READ_SELF)]
Oneself = Annotated[Desk, recording(Action.READ_SELF)]
Word = Annotated[str, Field(max_length=60)]


class PreferencesBody(Body):
    """Both lists replace what was chosen before."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"channels": ["zalo", "mail"], "muted": ["accepted", "result"]}]}
    )
    channels: tuple[Word, ...] = Field(max_length=10, description="Kênh nhận thông báo, kênh dùng trước đứng trước")
    muted: tuple[Word, ...] = Field(
        default=(), max_length=50, description="Loại thông báo chỉ xem trên hệ thống, không gửi đi"
    )


@dataclass(frozen=True)
class ChannelAnswer:
    """A channel with its address; `failing` where messages to it have not got through."""

    channel: str
    address: str
    failing: bool


@dataclass(frozen=True)
class OptionalKind:
    """A kind of notice that may be muted."""

    kind: str
    words: str


@dataclass(frozen=True)
class PreferencesAnswer:
    """A person's choices: `channels` in the order in which they are tried, out of those that are `available`.

    `calendar` is the address of their calendar, null while they have made none.
    """

    channels: tuple[str, ...]
    available: tuple[ChannelAnswer, ...]
    muted: tuple[str, ...]
    optional: tuple[OptionalKind, ...]
    calendar: str | None


@dataclass(frozen=True)
class CalendarAnswer:
    """The address of a calendar, which is a secret of its owner; earlier ones no longer work."""

    calendar: str


@router.get(
    "/preferences",
    summary="Cách nhận thông báo",
    description="Thứ tự kênh, loại thông báo chỉ xem trên hệ thống và địa chỉ lịch của người đang đăng nhập.",
)
async def get_preferences(desk: Somebody, request: Request) -> PreferencesAnswer:
    """One's own choices, and what there is to choose from."""
    async with desk.books() as books:
        return await _answer(books, desk, request)


@router.put(
    "/preferences",
    response_model=PreferencesAnswer,
    summary="Chọn cách nhận thông báo",
    description="Thay toàn bộ lựa chọn cũ. Giao việc, thời hạn, quá hạn và quyết định luôn được gửi, không tắt được.",
)
async def put_preferences(body: PreferencesBody, desk: Oneself, request: Request) -> JSONResponse:
    """Choose channels and what is muted."""

    async def act(books: AsyncConnection) -> Done:
        await set_preferences(books, desk.actor, body.channels, body.muted)
        return Done(await _answer(books, desk, request))

    return await desk.record(body, act)


@router.post(
    "/preferences/calendar",
    response_model=CalendarAnswer,
    summary="Tạo địa chỉ lịch",
    description="Địa chỉ lịch (iCalendar) mới của người đang đăng nhập; địa chỉ cũ thôi dùng được.",
)
async def post_calendar(desk: Oneself, request: Request) -> JSONResponse:
    """Make the next link of one's calendar."""

    async def act(books: AsyncConnection) -> Done:
        feed = await renew_feed(books, desk.actor)
        return Done(CalendarAnswer(await calendar_address(request, desk.office.engine, desk.actor, feed)))

    return await desk.record(None, act)


async def _answer(books: AsyncConnection, desk: Desk, request: Request) -> PreferencesAnswer:
    found = await read_preferences(books, desk.actor.person)
    return PreferencesAnswer(
        channels=found.order,
        available=tuple(ChannelAnswer(a.channel, a.address, a.failing) for a in found.addresses),
        muted=found.muted,
        optional=tuple(OptionalKind(kind.value, kind_words(kind)) for kind in CHOICES),
        calendar=await calendar_address(request, desk.office.engine, desk.actor, found.feed) or None,
    )
