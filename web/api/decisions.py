"""What the coordinator decides: reports, requests for more time, guidance; and a unit's word that it has its task."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.decisions import decide_extension, decide_report, issue_guidance
from models.facts.reports import acknowledge
from web.answers import Acknowledged, Decided, ExtensionDecided, GuidanceRecorded
from web.auth import Action
from web.bodies import GuidanceBody, ReasonBody
from web.desk import Desk, Done, Id, Ordinal, Slug, of_extension, of_obligation, of_own_part, of_plan, recording

router = APIRouter(tags=["Quyết định"])
Revision = Annotated[int, Path(ge=1, le=100_000, description="Lần gửi")]
Reviewer = Annotated[Desk, recording(Action.DECIDE_REPORT, of_obligation)]
Grantor = Annotated[Desk, recording(Action.DECIDE_EXTENSION, of_extension)]


@router.post(
    "/obligations/{obligation}/reports/{revision}/accept",
    response_model=Decided,
    summary="Tiếp nhận báo cáo",
    description="Lần gửi đang chờ được tiếp nhận; nghĩa vụ hoàn thành.",
)
async def post_acceptance(obligation: Id, revision: Revision, desk: Reviewer) -> JSONResponse:
    """Accept the revision that waits; the obligation is done."""

    async def act(books: AsyncConnection) -> Done:
        rings = await decide_report(books, desk.actor, obligation, revision, accepted=True)
        return Done(Decided(obligation, revision, "accepted"), rings)

    return await desk.record(None, act)


@router.post(
    "/obligations/{obligation}/reports/{revision}/return",
    response_model=Decided,
    summary="Trả lại báo cáo",
    description="Lần gửi đang chờ được trả lại đơn vị, kèm lý do.",
)
async def post_return(obligation: Id, revision: Revision, body: ReasonBody, desk: Reviewer) -> JSONResponse:
    """Return the revision that waits, with the reason."""

    async def act(books: AsyncConnection) -> Done:
        rings = await decide_report(books, desk.actor, obligation, revision, accepted=False, reason=body.reason)
        return Done(Decided(obligation, revision, "returned"), rings)

    return await desk.record(body, act)


@router.post(
    "/extensions/{extension}/grant",
    response_model=ExtensionDecided,
    summary="Chấp thuận gia hạn",
    description="Hạn báo cáo được dời.",
)
async def post_grant(extension: Id, desk: Grantor) -> JSONResponse:
    """Grant more time; the due instants move."""

    async def act(books: AsyncConnection) -> Done:
        rings = await decide_extension(books, desk.actor, extension, granted=True)
        return Done(ExtensionDecided(extension, "granted"), rings)

    return await desk.record(None, act)


@router.post(
    "/extensions/{extension}/refuse",
    response_model=ExtensionDecided,
    summary="Không chấp thuận gia hạn",
    description="Phải nêu lý do.",
)
async def post_refusal(extension: Id, body: ReasonBody, desk: Grantor) -> JSONResponse:
    """Refuse more time, with the reason."""

    async def act(books: AsyncConnection) -> Done:
        rings = await decide_extension(books, desk.actor, extension, granted=False, reason=body.reason)
        return Done(ExtensionDecided(extension, "refused"), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/acknowledge",
    response_model=Acknowledged,
    summary="Tiếp nhận nhiệm vụ",
    description="Đơn vị của người gửi xác nhận đã nhận việc; gửi lại không thay đổi gì.",
)
async def post_acknowledgement(
    slug: Slug, ordinal: Ordinal, desk: Annotated[Desk, recording(Action.ACKNOWLEDGE_TASK, of_own_part)]
) -> JSONResponse:
    """Say that one's unit has received the task."""

    async def act(books: AsyncConnection) -> Done:
        rings = await acknowledge(books, desk.actor, slug, ordinal)
        return Done(Acknowledged(slug, ordinal), rings)

    return await desk.record(None, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/guidance",
    status_code=201,
    response_model=GuidanceRecorded,
    summary="Ghi nhận văn bản hướng dẫn",
    description="Văn bản mà nhiệm vụ đang chờ để bắt đầu tính hạn.",
)
async def post_guidance(
    slug: Slug, ordinal: Ordinal, body: GuidanceBody, desk: Annotated[Desk, recording(Action.ISSUE_GUIDANCE, of_plan)]
) -> JSONResponse:
    """Record the document that an event-timed task waits for."""

    async def act(books: AsyncConnection) -> Done:
        rings = await issue_guidance(books, desk.actor, slug, ordinal, body.number, body.issued_on)
        return Done(GuidanceRecorded(slug, ordinal, body.number, body.issued_on), rings)

    return await desk.record(body, act, 201)
