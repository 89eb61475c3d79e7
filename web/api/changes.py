"""How a running task is directed: suspended, resumed, handed back, given to another unit, asked about in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.requested_rounds import request_round
from models.facts.suspensions import resume_task, suspend_task
from models.facts.transfers import decide_hand_back, hand_back, reassign
from models.queries.changes import HandBackView, hand_back_subject, waiting_hand_backs
from models.queries.subjects import Subject
from web.auth import Action
from web.desk import Desk, Done, Id, Ordinal, Signed, Slug, of_own_part, of_plan, reading, recording
from web.task_bodies import (
    HandBackBody,
    HandBackDecisionBody,
    ReassignmentBody,
    ResumptionBody,
    RoundBody,
    SuspensionBody,
)

router = APIRouter(tags=["Điều hành nhiệm vụ"])


async def of_hand_back(desk: Signed, number: Id) -> Subject:
    """The request to hand a task back in the path."""
    async with desk.books() as books:
        return await hand_back_subject(books, desk.actor.realm, number)


Directing = Annotated[Desk, recording(Action.DIRECT_TASK, of_plan)]


@dataclass(frozen=True)
class TaskChanged:
    """What was done to the task: `suspended`, `resumed` or `reassigned`."""

    plan: str
    task: int
    change: str


@dataclass(frozen=True)
class HandBackAsked:
    """The number of a request to hand a task back."""

    hand_back: int


@dataclass(frozen=True)
class HandBackDecided:
    """A request was `granted` or `refused`."""

    hand_back: int
    decision: str


@dataclass(frozen=True)
class RoundOpened:
    """The round that was opened, by its label, and from when on its reports are late."""

    plan: str
    task: int
    round: str
    late_at: datetime


@router.post(
    "/plans/{slug}/tasks/{ordinal}/suspension",
    response_model=TaskChanged,
    summary="Tạm dừng nhiệm vụ",
    description="Hạn báo cáo dừng lại, không ai bị nhắc; kỳ báo cáo mới không mở.",
)
async def post_suspension(slug: Slug, ordinal: Ordinal, body: SuspensionBody, desk: Directing) -> JSONResponse:
    """Let a task rest."""

    async def act(books: AsyncConnection) -> Done:
        _, rings = await suspend_task(books, desk.actor, slug, ordinal, body.reason)
        return Done(TaskChanged(slug, ordinal, "suspended"), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/resumption",
    response_model=TaskChanged,
    summary="Tiếp tục nhiệm vụ",
    description="Báo cáo còn hạn khi tạm dừng được giữ đủ số ngày làm việc còn lại.",
)
async def post_resumption(slug: Slug, ordinal: Ordinal, body: ResumptionBody, desk: Directing) -> JSONResponse:
    """Let a suspended task go on."""

    async def act(books: AsyncConnection) -> Done:
        rings = await resume_task(books, desk.actor, slug, ordinal, body.reason)
        return Done(TaskChanged(slug, ordinal, "resumed"), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/hand-back",
    status_code=201,
    response_model=HandBackAsked,
    summary="Đề nghị trả lại nhiệm vụ",
    description="Đơn vị chủ trì báo rằng nhiệm vụ giao nhầm; cơ quan chủ trì kế hoạch quyết định.",
)
async def post_hand_back(
    slug: Slug, ordinal: Ordinal, body: HandBackBody, desk: Annotated[Desk, recording(Action.HAND_BACK, of_own_part)]
) -> JSONResponse:
    """Say that a task is not one's unit's own."""

    async def act(books: AsyncConnection) -> Done:
        number, rings = await hand_back(books, desk.actor, slug, ordinal, body.reason, body.suggested or "")
        return Done(HandBackAsked(number), rings)

    return await desk.record(body, act, 201)


@router.get(
    "/plans/{slug}/hand-backs",
    response_model=tuple[HandBackView, ...],
    summary="Các đề nghị trả lại nhiệm vụ đang chờ",
    description="Mới nhất trước.",
)
async def get_hand_backs(
    slug: Slug, desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_plan)]
) -> tuple[HandBackView, ...]:
    """The requests that wait for a decision."""
    async with desk.books() as books:
        return await waiting_hand_backs(books, desk.actor.realm, slug)


@router.post(
    "/hand-backs/{number}/decision",
    response_model=HandBackDecided,
    summary="Quyết định đề nghị trả lại nhiệm vụ",
    description="Nhận lại và giao cho đơn vị khác, hoặc không nhận lại kèm lý do.",
)
async def post_hand_back_decision(
    number: Id, body: HandBackDecisionBody, desk: Annotated[Desk, recording(Action.DIRECT_TASK, of_hand_back)]
) -> JSONResponse:
    """Grant or refuse."""

    async def act(books: AsyncConnection) -> Done:
        rings = await decide_hand_back(books, desk.actor, number, body.granted, body.to or "", body.reason)
        return Done(HandBackDecided(number, "granted" if body.granted else "refused"), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/reassignment",
    response_model=TaskChanged,
    summary="Chuyển đơn vị chủ trì",
    description="Phần chưa báo cáo chuyển sang đơn vị mới, kèm đủ ngày làm việc theo chính sách của kế hoạch.",
)
async def post_reassignment(slug: Slug, ordinal: Ordinal, body: ReassignmentBody, desk: Directing) -> JSONResponse:
    """Give a unit's lead of a task to another unit."""

    async def act(books: AsyncConnection) -> Done:
        rings = await reassign(books, desk.actor, slug, ordinal, body.from_unit, body.to_unit, body.reason)
        return Done(TaskChanged(slug, ordinal, "reassigned"), rings)

    return await desk.record(body, act)


@router.post(
    "/plans/{slug}/tasks/{ordinal}/rounds",
    status_code=201,
    response_model=RoundOpened,
    summary="Yêu cầu báo cáo đột xuất, chuyên đề",
    description="Kỳ báo cáo mở ngay cho các đơn vị được chọn; kỳ định kỳ không đổi.",
)
async def post_round(slug: Slug, ordinal: Ordinal, body: RoundBody, desk: Directing) -> JSONResponse:
    """Ask chosen units for a report at short notice."""

    async def act(books: AsyncConnection) -> Done:
        made = await request_round(books, desk.actor, slug, ordinal, body.request())
        return Done(RoundOpened(slug, ordinal, made.label, made.late_at.astimezone(UTC)), made.rings)

    return await desk.record(body, act, 201)
