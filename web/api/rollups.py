"""Rollups: read, sign, open again, note the recipients' word, hand out the files."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.rollups import acknowledge_rollup, sign_rollup, unlock_rollup
from models.queries.rollups import FileContent, RollupView, list_rollups, read_file, read_rollup
from web.auth import Action
from web.bodies import NoteBody, ReasonBody, SignBody
from web.desk import Desk, Done, Slug, of_plan, reading, recording

router = APIRouter(tags=["Báo cáo tổng hợp"])
Period = Annotated[str, Path(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=30, description="Kỳ, ví dụ 2024")]
Supplement = Annotated[int, Query(ge=0, le=1000, description="0 là báo cáo chính, 1, 2, … là bản bổ sung")]
FileName = Annotated[str, Path(pattern=r"^[\w.() -]+$", max_length=200, description="Tên tệp")]
Reader = Annotated[Desk, reading(Action.READ_ROLLUP, of_plan)]


@router.get(
    "/plans/{slug}/rollups",
    summary="Các báo cáo tổng hợp",
    description="Của một kế hoạch, theo kỳ.",
)
async def get_rollups(slug: Slug, desk: Reader) -> tuple[RollupView, ...]:
    """The rollups of a plan."""
    async with desk.books() as books:
        return await list_rollups(books, desk.actor.realm, slug)


@router.get(
    "/plans/{slug}/rollups/{period}",
    summary="Một báo cáo tổng hợp",
    description="Đang ở bước nào; sha256 là mã mà chữ ký phải nêu.",
)
async def get_rollup(slug: Slug, period: Period, desk: Reader, supplement: Supplement = 0) -> RollupView:
    """Where one rollup stands; `sha256` is what a signature must name."""
    async with desk.books() as books:
        return await read_rollup(books, desk.actor.realm, slug, period, supplement)


@router.post(
    "/plans/{slug}/rollups/{period}/sign",
    response_model=RollupView,
    summary="Ký báo cáo tổng hợp",
    description="Ký đúng bản đã tổng hợp có mã sha256 này.",
)
async def post_signature(
    slug: Slug,
    period: Period,
    body: SignBody,
    desk: Annotated[Desk, recording(Action.SIGN_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> JSONResponse:
    """Sign the compiled version."""

    async def act(books: AsyncConnection) -> Done:
        rings = await sign_rollup(books, desk.actor, slug, period, supplement, body.sha256, body.number)
        return Done(await read_rollup(books, desk.actor.realm, slug, period, supplement), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/rollups/{period}/unlock",
    response_model=RollupView,
    summary="Mở khóa báo cáo tổng hợp",
    description="Trước khi gửi; báo cáo sẽ được tổng hợp lại.",
)
async def post_unlock(
    slug: Slug,
    period: Period,
    body: ReasonBody,
    desk: Annotated[Desk, recording(Action.UNLOCK_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> JSONResponse:
    """Open a rollup again before it is sent; it is compiled anew."""

    async def act(books: AsyncConnection) -> Done:
        rings = await unlock_rollup(books, desk.actor, slug, period, supplement, body.reason)
        return Done(await read_rollup(books, desk.actor.realm, slug, period, supplement), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/rollups/{period}/acknowledge",
    response_model=RollupView,
    summary="Ghi nhận nơi nhận đã xác nhận",
    description="Nơi nhận cho biết đã nhận báo cáo.",
)
async def post_acknowledgement(
    slug: Slug,
    period: Period,
    body: NoteBody,
    desk: Annotated[Desk, recording(Action.ACKNOWLEDGE_ROLLUP, of_plan)],
    supplement: Supplement = 0,
) -> JSONResponse:
    """Record that the recipients have it."""

    async def act(books: AsyncConnection) -> Done:
        rings = await acknowledge_rollup(books, desk.actor, slug, period, supplement, body.note)
        return Done(await read_rollup(books, desk.actor.realm, slug, period, supplement), rings)

    return await desk.record(body, act)


@router.get(
    "/plans/{slug}/rollups/{period}/files/{name}",
    response_class=Response,
    summary="Tải tệp",
    description="Tệp của bản đã ký; ETag là mã SHA-256 của tệp.",
)
async def get_file(
    slug: Slug,
    period: Period,
    name: FileName,
    desk: Reader,
    supplement: Supplement = 0,
) -> Response:
    """A rendered file of the signed version."""
    async with desk.books() as books:
        return handed_out(await read_file(books, desk.actor.realm, slug, period, supplement, name))


def handed_out(file: FileContent) -> Response:
    """A file to be saved under its name; its hash is its entity tag."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "ETag": f'"{file.sha256}"',
    }
    return Response(file.content, media_type=file.media_type, headers=headers)
