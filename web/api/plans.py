"""Plans: import, activation, how far along they are, and what happened."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.plan import Severity
from models.facts.plans import Imported as Stored
from models.facts.plans import ImportedPlan, import_plan
from models.queries.clock import read_now
from models.queries.plans import PlanLine, PlanProgress, PlanView, list_plans, read_plan, read_progress
from models.queries.timeline import TimelineEntry, timeline
from web.answers import Imported
from web.auth import Action
from web.bodies import LONGEST
from web.desk import Desk, Done, OnePlan, Ordinal, Slug, of_plan, of_unit, reading, recording
from web.policies import read_policy
from web.uploads import FORMATS, taken_in

router = APIRouter(tags=["Kế hoạch"])
Latest = Annotated[int, Query(ge=1, le=10_000, description="Số mục mới nhất được trả về, cũ trước mới sau")]
Chronicler = Annotated[Desk, reading(Action.READ_TIMELINE, of_plan)]


@router.post(
    "/plans",
    status_code=201,
    response_model=Imported,
    summary="Nhập kế hoạch",
    description=(
        "Đọc văn bản và lưu thành bản thảo, kèm những điểm chưa rõ trong findings. Tối đa 10 MB, 500 trang, 5.000 dòng "
        "bảng. Mã của kế hoạch đang chạy: lưu thành bản sửa đổi, số ở amendment, kế hoạch chưa thay đổi gì."
    ),
)
async def post_plan(
    desk: Annotated[Desk, recording(Action.IMPORT_PLAN)],
    file: Annotated[UploadFile, File(description=f"Kế hoạch: {', '.join(FORMATS)}")],
    slug: Annotated[
        str,
        Form(
            pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
            max_length=60,
            description="Mã đặt cho kế hoạch",
            examples=["bao-chi-2024"],
        ),
    ],
    policy: Annotated[
        str,
        Form(
            max_length=LONGEST,
            description="Chính sách của kế hoạch, JSON; để trống là mặc định",
            examples=['{"opens_workdays": 45}'],
        ),
    ] = "",
) -> JSONResponse:
    """Read a plan's document and store it as a draft, with what was unsure in it; an amendment where the plan runs."""
    plan = await taken_in(desk, slug, file, read_policy(policy))

    async def act(books: AsyncConnection) -> Done:
        return Done(imported(plan, await import_plan(books, desk.actor, plan)))

    return await desk.record([slug, policy, plan.source_name, hashlib.sha256(plan.source).hexdigest()], act, 201)


def imported(plan: ImportedPlan, stored: Stored) -> Imported:
    """What there is to say of a draft that was stored."""
    blocking = any(finding.severity is Severity.BLOCKING for finding in plan.draft.findings)
    return Imported(plan.slug, stored.version, stored.amendment, len(plan.draft.tasks), blocking, plan.draft.findings)


@router.get(
    "/plans",
    summary="Danh sách kế hoạch",
    description="Mọi kế hoạch, cũ trước mới sau.",
)
async def get_plans(desk: Annotated[Desk, reading(Action.READ_SELF)]) -> tuple[PlanLine, ...]:
    """All plans of the realm."""
    async with desk.books() as books:
        return await list_plans(books, desk.actor.realm)


@router.get(
    "/plans/{slug}",
    summary="Một kế hoạch",
    description="Kèm nhiệm vụ và các đơn vị được giao.",
)
async def get_plan(slug: Slug, desk: Annotated[Desk, reading(Action.READ_PLAN, of_plan)]) -> PlanView:
    """One plan with its tasks and owners."""
    async with desk.books() as books:
        return await read_plan(books, desk.actor.realm, slug)


@router.get(
    "/plans/{slug}/progress",
    summary="Tiến độ",
    description="Trạng thái từng nhiệm vụ, bốn con số theo nhiệm vụ và theo nghĩa vụ; mọi kỳ hoặc một kỳ.",
)
async def get_progress(
    slug: Slug,
    desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_plan)],
    period: Annotated[
        str | None, Query(max_length=30, pattern=r"^[0-9A-Za-z._-]+$", description="Kỳ, ví dụ 2024")
    ] = None,
) -> PlanProgress:
    """The state of each task and the four counts of both kinds; of all periods so far, or of one."""
    async with desk.books() as books:
        at = await read_now(books, desk.actor.realm)
        return await read_progress(books, desk.actor.realm, slug, at, period)


@router.get(
    "/plans/{slug}/timeline",
    summary="Diễn biến của kế hoạch",
    description="Việc đã xảy ra, ai làm, lúc nào.",
)
async def get_plan_timeline(slug: Slug, desk: Chronicler, limit: Latest = 2000) -> list[TimelineEntry]:
    """What happened in a plan."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=slug, limit=limit)


@router.get(
    "/plans/{slug}/tasks/{ordinal}/timeline",
    summary="Diễn biến của nhiệm vụ",
    description="Việc đã xảy ra trong một nhiệm vụ.",
)
async def get_task_timeline(
    slug: Slug, ordinal: Ordinal, desk: Chronicler, limit: Latest = 2000
) -> list[TimelineEntry]:
    """What happened in a task."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=slug, task=ordinal, limit=limit)


@router.get(
    "/units/{unit}/timeline",
    summary="Diễn biến của đơn vị",
    description="Đơn vị đã làm gì và được báo gì, ở mọi kế hoạch hoặc một kế hoạch.",
)
async def get_unit_timeline(
    unit: Slug,
    desk: Annotated[Desk, reading(Action.READ_TIMELINE, of_unit)],
    plan: OnePlan = None,
    limit: Latest = 2000,
) -> list[TimelineEntry]:
    """What a unit did and was told, in all plans or in one."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=plan, unit=unit, limit=limit)
