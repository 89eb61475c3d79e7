"""Letters that urge: listed, read, taken as a Word file, and settled."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.render_letter import render_letter
from domain.errors import Conflict
from models.facts.letters import drop_letter, issue_letter
from models.queries.clock import read_now
from models.queries.letters import LetterLine, LetterView, list_letters, read_letter
from web.auth import Action
from web.bodies import Body, ReasonBody, Text
from web.desk import Desk, Done, Id, Slug, of_letter, of_plan, reading, recording

router = APIRouter(tags=["Công văn đôn đốc"])
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class IssueBody(Body):
    """Under which number, and on which day, a letter was issued."""

    number: Annotated[Text, Field(max_length=60)] = Field(description="Số do văn thư cấp, ví dụ 125/UBND-KGVX")
    issued_on: date = Field(description="Ngày ban hành")


@router.get(
    "/plans/{slug}/letters",
    response_model=list[LetterLine],
    summary="Danh sách công văn đôn đốc",
    description="Các dự thảo đang chờ đứng trước, sau đó là công văn đã ban hành hoặc đã bỏ.",
)
async def get_letters(
    slug: Slug, desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_plan)]
) -> tuple[LetterLine, ...]:
    """The letters of a plan."""
    async with desk.books() as books:
        return await list_letters(books, desk.actor.realm, slug)


@router.get(
    "/letters/{letter}",
    response_model=LetterView,
    summary="Một công văn đôn đốc",
    description="Nội dung tính theo sổ tại lúc xem; khi đã ban hành thì giữ như lúc ban hành.",
)
async def get_letter(letter: Id, desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_letter)]) -> LetterView:
    """One letter with what it says."""
    return await letter_of(desk, letter)


@router.get(
    "/letters/{letter}/document",
    response_class=Response,
    summary="Tải công văn (DOCX)",
    description="Tệp Word theo thể thức văn bản hành chính, để trình ký.",
)
async def get_document(letter: Id, desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_letter)]) -> Response:
    """The letter as a Word file."""
    return await drawn(desk, letter)


@router.post(
    "/letters/{letter}/issue",
    response_model=LetterView,
    summary="Ghi nhận đã ban hành",
    description="Ghi số và ngày của công văn đã ký.",
)
async def post_issue(
    letter: Id, body: IssueBody, desk: Annotated[Desk, recording(Action.SETTLE_LETTER, of_letter)]
) -> JSONResponse:
    """Record number and day."""

    async def act(books: AsyncConnection) -> Done:
        rings = await issue_letter(books, desk.actor, letter, body.number, body.issued_on)
        return Done(await _view(books, desk, letter), rings)

    return await desk.record(body, act)


@router.post(
    "/letters/{letter}/drop",
    response_model=LetterView,
    summary="Bỏ dự thảo",
    description="Công văn không ban hành, kèm lý do; không soạn lại cho cùng lần quá hạn.",
)
async def post_drop(
    letter: Id, body: ReasonBody, desk: Annotated[Desk, recording(Action.SETTLE_LETTER, of_letter)]
) -> JSONResponse:
    """Record that it is not sent."""

    async def act(books: AsyncConnection) -> Done:
        rings = await drop_letter(books, desk.actor, letter, body.reason)
        return Done(await _view(books, desk, letter), rings)

    return await desk.record(body, act)


async def letter_of(desk: Desk, letter: int) -> LetterView:
    """The letter as it stands at the realm's instant."""
    async with desk.books() as books:
        return await _view(books, desk, letter)


async def _view(books: AsyncConnection, desk: Desk, letter: int) -> LetterView:
    return await read_letter(books, desk.actor.realm, letter, await read_now(books, desk.actor.realm))


async def drawn(desk: Desk, letter: int) -> Response:
    """The Word file; raises `Conflict` where nothing is left to urge for."""
    view = await letter_of(desk, letter)
    if view.content is None:
        words = "Đơn vị đã gửi đủ các báo cáo nêu trong dự thảo; không còn gì để đôn đốc, hãy bỏ dự thảo này."
        raise Conflict("letter-empty", words)
    name = f"cong-van-don-doc-{view.letter.plan}-{view.letter.unit}.docx"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(await asyncio.to_thread(render_letter, view.content), media_type=DOCX, headers=headers)
