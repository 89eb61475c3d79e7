"""Amendments of running plans over HTTP: what an amended document changes, task by task, and the decision on it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.plan import PlanDraft, TaskDraft
from models.queries.amendments import (
    AmendmentLine,
    AmendmentView,
    list_amendments,
    read_amendment,
    read_amendment_source,
)
from web.answers import AmendmentAnswer, Approved, Discarded, DraftSaved, TaskChangeAnswer
from web.api.drafts import (
    PATCH_BODY,
    PATCH_WORDS,
    Activator,
    Editor,
    Reader,
    answered,
    discard,
    original,
    patch_sheet,
)
from web.desk import Done, Slug
from web.drafts import Place, put_in_force, sheet_of
from web.versions import IfMatch, tag_of, version_of

router = APIRouter(tags=["Sửa đổi kế hoạch"])
Number = Annotated[int, Path(ge=1, le=100_000, description="Số của bản sửa đổi")]


@router.get(
    "/plans/{slug}/amendments",
    summary="Các bản sửa đổi",
    description="Của một kế hoạch đang chạy: chờ duyệt, đã áp dụng, đã bỏ.",
)
async def get_amendments(slug: Slug, desk: Reader) -> tuple[AmendmentLine, ...]:
    """The amendments of a plan."""
    async with desk.books() as books:
        return await list_amendments(books, desk.actor.realm, slug)


@router.get(
    "/plans/{slug}/amendments/{number}",
    summary="Một bản sửa đổi",
    description="Khác kế hoạch đang chạy ở đâu, từng nhiệm vụ một, và áp dụng thì điều gì xảy ra; ETag là phiên bản.",
)
async def get_amendment(slug: Slug, number: Number, desk: Reader, response: Response) -> AmendmentAnswer:
    """One amendment with what it would change."""
    async with desk.books() as books:
        view = await read_amendment(books, desk.actor.realm, slug, number)
    response.headers["ETag"] = tag_of(view.line.version)
    return compared(Place(slug, number), view)


@router.get(
    "/plans/{slug}/amendments/{number}/source",
    response_class=Response,
    summary="Văn bản sửa đổi gốc",
    description="Tệp như đã nhập; ETag là mã SHA-256 của tệp.",
)
async def get_amendment_source(slug: Slug, number: Number, desk: Reader) -> Response:
    """The amended document as it came."""
    async with desk.books() as books:
        return original(await read_amendment_source(books, desk.actor.realm, slug, number))


@router.patch(
    "/plans/{slug}/amendments/{number}",
    response_model=DraftSaved,
    openapi_extra=PATCH_BODY,
    summary="Sửa bản sửa đổi",
    description=PATCH_WORDS,
)
async def patch_amendment(
    slug: Slug, number: Number, request: Request, desk: Editor, if_match: IfMatch = None
) -> JSONResponse:
    """Patch the draft of an amendment."""
    return await patch_sheet(desk, Place(slug, number), request, if_match)


@router.post(
    "/plans/{slug}/amendments/{number}/approve",
    response_model=Approved,
    summary="Áp dụng bản sửa đổi",
    description="Kế hoạch đang chạy đổi theo; điều đã báo cáo giữ nguyên. Cần If-Match.",
)
async def post_approval(slug: Slug, number: Number, desk: Activator, if_match: IfMatch = None) -> JSONResponse:
    """Change the running plan."""
    seen = version_of(if_match)

    async def act(books: AsyncConnection) -> Done:
        return Done(Approved(slug, number), await put_in_force(books, desk.actor, Place(slug, number), seen))

    return await desk.record([seen], act)


@router.post(
    "/plans/{slug}/amendments/{number}/discard",
    response_model=Discarded,
    summary="Bỏ bản sửa đổi",
    description="Kế hoạch chạy tiếp như cũ. Cần If-Match.",
)
async def post_discard(slug: Slug, number: Number, desk: Editor, if_match: IfMatch = None) -> JSONResponse:
    """Give up an amendment."""
    return await discard(desk, Place(slug, number), if_match)


def compared(place: Place, view: AmendmentView) -> AmendmentAnswer:
    """An amendment as it is read."""
    tasks = tuple(
        TaskChangeAnswer(each.kind, _task(each.before), _task(each.after), each.fields)
        for each in view.difference.tasks
    )
    return AmendmentAnswer(answered(sheet_of(place, view)), view.difference.plan, tasks, view.consequences)


def _task(task: TaskDraft | None) -> dict[str, Any] | None:
    """A task in the JSON form it has in a draft."""
    return None if task is None else PlanDraft(tasks=(task,)).to_json()["tasks"][0]
