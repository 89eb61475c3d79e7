"""Reviewing over HTTP: drafts of plans and amendments of running ones, read, patched, put in force or given up."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.plan import PlanDraft
from models.queries.plans import SourceView, read_source
from models.queries.rollups import FileContent
from web.answers import DRAFT_EXAMPLE, Activated, Discarded, DraftAnswer, DraftSaved
from web.api.rollups import handed_out
from web.auth import Action
from web.desk import Desk, Done, Slug, of_plan, reading, recording
from web.drafts import Change, Place, Sheet, change_sheet, discard_sheet, put_in_force, read_sheet
from web.patches import clean, patched, read_draft_json, read_json, read_patch
from web.patching import MAX_OPERATIONS
from web.refusals import UnknownMedia
from web.versions import IfMatch, tag_of, tagged, version_of

router = APIRouter(tags=["Rà soát kế hoạch"])
PATCH_MEDIA = "application/json-patch+json"
NAMED = 5
"""How many places of a patch its summary names."""
Reader = Annotated[Desk, reading(Action.READ_DRAFT, of_plan)]
Editor = Annotated[Desk, recording(Action.CHANGE_DRAFT, of_plan)]
Activator = Annotated[Desk, recording(Action.ACTIVATE_PLAN, of_plan)]
_EXAMPLE = [
    {"op": "test", "path": "/tasks/0/ordinal", "value": 1},
    {"op": "replace", "path": "/tasks/0/timing/text", "value": "Quý II/2026"},
    {"op": "replace", "path": "/tasks/0/leads/0/unit", "value": "so-tai-chinh"},
    {"op": "remove", "path": "/findings/2"},
]
PATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {PATCH_MEDIA: {"schema": {"type": "array", "items": {"type": "object"}, "examples": [_EXAMPLE]}}},
    }
}
_WHOLE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "examples": [DRAFT_EXAMPLE]}}},
    }
}
PATCH_WORDS = (
    f"JSON Patch (RFC 6902), tối đa {MAX_OPERATIONS} thao tác, làm hết hoặc không làm gì. Cần If-Match: thiếu thì 428, "
    "đã có người sửa thì 412 kèm ETag hiện tại. Sửa timing/text thì rules được đọc lại; tên đơn vị được tra lại; mọi "
    "điểm kiểm tra được tính lại. Bỏ một mục trong findings nghĩa là đã kiểm tra xong."
)


@router.get(
    "/plans/{slug}/draft",
    summary="Bản thảo của kế hoạch",
    description="Điều đọc được từ văn bản, kèm những điểm phải xử lý; ETag là phiên bản.",
)
async def get_draft(slug: Slug, desk: Reader, response: Response) -> DraftAnswer:
    """The draft of a plan."""
    async with desk.books() as books:
        sheet = await read_sheet(books, desk.actor.realm, Place(slug))
    response.headers["ETag"] = tag_of(sheet.version)
    return answered(sheet)


@router.patch(
    "/plans/{slug}/draft",
    response_model=DraftSaved,
    openapi_extra=PATCH_BODY,
    summary="Sửa bản thảo",
    description=PATCH_WORDS,
)
async def patch_draft(slug: Slug, request: Request, desk: Editor, if_match: IfMatch = None) -> JSONResponse:
    """Patch the draft of a plan."""
    return await patch_sheet(desk, Place(slug), request, if_match)


@router.put(
    "/plans/{slug}/draft",
    response_model=DraftSaved,
    openapi_extra=_WHOLE_BODY,
    summary="Thay cả bản thảo",
    description="Gửi lại toàn bộ draft đã đọc sau khi sửa. Cần If-Match như khi sửa từng phần.",
)
async def put_draft(slug: Slug, request: Request, desk: Editor, if_match: IfMatch = None) -> JSONResponse:
    """Put a whole draft in the place of the one that was seen."""
    seen, body = version_of(if_match), await request.body()
    draft = read_draft_json(clean(read_json(body)))
    return await change(desk, Place(slug), seen, body, lambda _: (draft, "thay toàn bộ bản thảo"))


@router.post(
    "/plans/{slug}/draft/discard",
    response_model=Discarded,
    summary="Bỏ bản thảo",
    description="Kế hoạch chưa kích hoạt được bỏ đi; mã dùng lại được. Cần If-Match.",
)
async def post_discard(slug: Slug, desk: Editor, if_match: IfMatch = None) -> JSONResponse:
    """Give up a draft."""
    return await discard(desk, Place(slug), if_match)


@router.post(
    "/plans/{slug}/activate",
    response_model=Activated,
    summary="Kích hoạt kế hoạch",
    description="Bản thảo bắt đầu chạy: mở nhiệm vụ, tính hạn, nhắc việc. Không được khi còn điểm phải xử lý.",
)
async def post_activation(slug: Slug, desk: Activator, if_match: IfMatch = None) -> JSONResponse:
    """Make a draft run, the version that was seen where the sender names one."""
    seen = None if if_match is None else version_of(if_match)

    async def act(books: AsyncConnection) -> Done:
        return Done(Activated(slug), await put_in_force(books, desk.actor, Place(slug), seen))

    return await desk.record([seen], act)


@router.get(
    "/plans/{slug}/source",
    response_class=Response,
    summary="Văn bản gốc",
    description="Tệp kế hoạch như đã nhập; ETag là mã SHA-256 của tệp.",
)
async def get_source(slug: Slug, desk: Reader) -> Response:
    """The document as it came."""
    async with desk.books() as books:
        return original(await read_source(books, desk.actor.realm, slug))


def original(source: SourceView) -> Response:
    """A document as it came, to be saved and not shown: it is whatever somebody has sent."""
    return handed_out(FileContent(source.name, "application/octet-stream", source.sha256, source.content))


async def patch_sheet(desk: Desk, place: Place, request: Request, if_match: str | None) -> JSONResponse:
    """Apply the patch that was sent."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != PATCH_MEDIA:
        raise UnknownMedia("media-type-unknown", f"Hãy gửi với Content-Type: {PATCH_MEDIA}.")
    body = await request.body()
    seen, operations = version_of(if_match), read_patch(body)
    places = list(dict.fromkeys(each.pointer for each in operations if each.op != "test"))
    more = f" và {len(places) - NAMED} chỗ khác" if len(places) > NAMED else ""
    summary = f"{', '.join(places[:NAMED])}{more}" or "không đổi gì"

    def patch(draft: PlanDraft) -> tuple[PlanDraft, str]:
        return patched(draft, operations), summary

    return await change(desk, place, seen, body, patch)


async def change(desk: Desk, place: Place, seen: int, body: bytes, how: Change) -> JSONResponse:
    """Change the version that was seen, and answer with the new one."""

    async def act(books: AsyncConnection) -> Done:
        return Done(saved(await change_sheet(books, desk.actor, place, seen, how)))

    return tagged(await desk.record([seen, hashlib.sha256(body).hexdigest()], act))


async def discard(desk: Desk, place: Place, if_match: str | None) -> JSONResponse:
    """Give up the version that was seen."""
    seen = version_of(if_match)

    async def act(books: AsyncConnection) -> Done:
        await discard_sheet(books, desk.actor, place, seen)
        return Done(Discarded(place.slug, place.number))

    return await desk.record([seen], act)


def saved(sheet: Sheet) -> DraftSaved:
    """What a change is answered with."""
    return DraftSaved(sheet.place.slug, sheet.place.number, sheet.version, sheet.blocking, sheet.draft.findings)


def answered(sheet: Sheet) -> DraftAnswer:
    """A draft as it is read."""
    return DraftAnswer(
        sheet.place.slug, sheet.place.number, sheet.version, sheet.status, sheet.source_name, sheet.imported_at,
        sheet.changed_at, sheet.changed_by, sheet.blocking, sheet.draft.to_json(), sheet.draft.findings,
    )  # fmt: skip
