"""Plans: import, activation, how far along they are, and what happened."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.read_docx import read_docx
from domain.errors import Refusal
from domain.plan import PlanDraft, Severity
from domain.policy import Policy
from domain.resolution import resolve
from domain.workdays import local_date
from models.facts.plans import ImportedPlan, activate_plan, import_plan
from models.queries.clock import read_now
from models.queries.plans import PlanLine, PlanProgress, PlanView, list_plans, read_plan, read_progress
from models.queries.registry import read_units
from models.queries.timeline import TimelineEntry, timeline
from web.answers import Activated, Imported
from web.auth import Action
from web.desk import Desk, Done, Ordinal, Slug, of_plan, of_unit, reading, recording

router = APIRouter(tags=["Kế hoạch"])
Latest = Annotated[int, Query(ge=1, le=10_000, description="Số mục mới nhất được trả về, cũ trước mới sau")]
Chronicler = Annotated[Desk, reading(Action.READ_TIMELINE, of_plan)]


@router.post("/plans", status_code=201, response_model=Imported)
async def post_plan(
    desk: Annotated[Desk, recording(Action.IMPORT_PLAN)],
    file: Annotated[UploadFile, File(description="Kế hoạch dạng .docx")],
    slug: Annotated[str, Form(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)],
    policy: Annotated[str, Form(description="Chính sách của kế hoạch, JSON; để trống là mặc định")] = "",
) -> JSONResponse:
    """Read a plan's document and store it as a draft, with what was unsure in it."""
    data, name = await file.read(), (file.filename or "")[:200]
    chosen = read_policy(policy)
    draft = await resolved(desk, await asyncio.to_thread(read_docx, data))

    async def act(books: AsyncConnection) -> Done:
        await import_plan(books, desk.actor, ImportedPlan(slug, draft, data, name, chosen))
        return Done(imported(slug, draft))

    return await desk.record([slug, policy, name, hashlib.sha256(data).hexdigest()], act, 201)


def read_policy(words: str) -> Policy:
    """The policy given as JSON, the default where there is none; raises `Refusal`."""
    try:
        given: Any = json.loads(words or "{}")
        return Policy.from_json(given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refusal("policy-invalid", f"Chính sách của kế hoạch không đọc được ({error}); hãy sửa JSON.") from error


async def resolved(desk: Desk, draft: PlanDraft) -> PlanDraft:
    """The draft with its names resolved against the registry of the business day."""
    async with desk.books() as books:
        registry = await read_units(books, desk.actor.realm)
        today = local_date(await read_now(books, desk.actor.realm))
    return await asyncio.to_thread(resolve, draft, registry, today)


def imported(slug: str, draft: PlanDraft) -> Imported:
    """What there is to say of a draft that was stored."""
    blocking = any(finding.severity is Severity.BLOCKING for finding in draft.findings)
    return Imported(slug, len(draft.tasks), blocking, draft.findings)


@router.post("/plans/{slug}/activate", response_model=Activated)
async def post_activation(slug: Slug, desk: Annotated[Desk, recording(Action.ACTIVATE_PLAN, of_plan)]) -> JSONResponse:
    """Make a draft run."""

    async def act(books: AsyncConnection) -> Done:
        return Done(Activated(slug), await activate_plan(books, desk.actor, slug))

    return await desk.record(None, act)


@router.get("/plans")
async def get_plans(desk: Annotated[Desk, reading(Action.READ_SELF)]) -> tuple[PlanLine, ...]:
    """All plans of the realm."""
    async with desk.books() as books:
        return await list_plans(books, desk.actor.realm)


@router.get("/plans/{slug}")
async def get_plan(slug: Slug, desk: Annotated[Desk, reading(Action.READ_PLAN, of_plan)]) -> PlanView:
    """One plan with its tasks and owners."""
    async with desk.books() as books:
        return await read_plan(books, desk.actor.realm, slug)


@router.get("/plans/{slug}/progress")
async def get_progress(
    slug: Slug,
    desk: Annotated[Desk, reading(Action.READ_PROGRESS, of_plan)],
    period: Annotated[str | None, Query(max_length=30, pattern=r"^[0-9A-Za-z._-]+$")] = None,
) -> PlanProgress:
    """The state of each task and the four counts of both kinds; of all periods so far, or of one."""
    async with desk.books() as books:
        at = await read_now(books, desk.actor.realm)
        return await read_progress(books, desk.actor.realm, slug, at, period)


@router.get("/plans/{slug}/timeline")
async def get_plan_timeline(slug: Slug, desk: Chronicler, limit: Latest = 2000) -> list[TimelineEntry]:
    """What happened in a plan."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=slug, limit=limit)


@router.get("/plans/{slug}/tasks/{ordinal}/timeline")
async def get_task_timeline(
    slug: Slug, ordinal: Ordinal, desk: Chronicler, limit: Latest = 2000
) -> list[TimelineEntry]:
    """What happened in a task."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=slug, task=ordinal, limit=limit)


@router.get("/units/{unit}/timeline")
async def get_unit_timeline(
    unit: Slug,
    desk: Annotated[Desk, reading(Action.READ_TIMELINE, of_unit)],
    plan: Annotated[str | None, Query(max_length=60)] = None,
    limit: Latest = 2000,
) -> list[TimelineEntry]:
    """What a unit did and was told, in all plans or in one."""
    async with desk.books() as books:
        return await timeline(books, desk.actor.realm, plan=plan, unit=unit, limit=limit)
