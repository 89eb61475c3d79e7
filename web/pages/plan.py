"""Plans: the list, one plan with its progress and timeline, and what is done to them on the page."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.read_file import read_file
from domain.errors import Refusal
from domain.policy import Policy
from models.facts.decisions import issue_guidance
from models.facts.plans import ImportedPlan, activate_plan, import_plan
from models.facts.reports import acknowledge
from models.queries.clock import read_now
from models.queries.plans import list_plans, read_draft, read_plan, read_progress
from models.queries.rollups import list_rollups
from models.queries.subjects import Subject, plan_subject
from models.queries.timeline import timeline
from web.api.plans import resolved
from web.auth import Action
from web.bodies import GuidanceBody, SlugBody, tidy
from web.desk import Ordinal, Slug, of_own_part, of_plan
from web.pages.draft import draft_words
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem, translate

router = APIRouter(include_in_schema=False)
TOLD = 200


@router.get("/plans")
async def get_plans(visit: Annotated[Visit, visiting(Action.READ_SELF)]) -> Response:
    """All plans."""
    return await show_all(visit)


@router.post("/plans")
async def post_plan(visit: Annotated[Visit, posting(Action.IMPORT_PLAN)]) -> Response:
    """Import a document as a draft."""
    try:
        slug = SlugBody(slug=visit.form.get("slug", "")).slug
        problem = await take_in(visit, await uploaded(visit, slug, Policy()))
    except (Refusal, ValidationError) as error:
        problem = translate(error)
    return await show_all(visit, problem) if problem else back(f"/plans/{slug}", "imported")


@router.post("/plans/{slug}/document")
async def post_document(slug: Slug, visit: Annotated[Visit, posting(Action.IMPORT_PLAN, of_plan)]) -> Response:
    """Import a corrected document in the place of a draft; the policy stays."""
    try:
        async with visit.desk.books() as books:
            earlier = await read_draft(books, visit.actor.realm, slug)
        problem = await take_in(visit, await uploaded(visit, slug, Policy.from_json(earlier.policy)))
    except Refusal as error:
        problem = translate(error)
    return await show(visit, slug, problem) if problem else back(f"/plans/{slug}", "imported")


async def take_in(visit: Visit, plan: ImportedPlan) -> Problem | None:
    """Store what was uploaded; the file is part of what was asked, so that another one is not taken for the same."""

    async def act(books: AsyncConnection) -> list[str]:
        await import_plan(books, visit.actor, plan)
        return []

    return await visit.record(act, hashlib.sha256(plan.source).hexdigest())


async def uploaded(visit: Visit, slug: str, policy: Policy) -> ImportedPlan:
    """What the form holds, read and resolved; raises `Refusal`."""
    if visit.upload is None or not visit.upload.filename:
        raise Refusal("file-missing", "Hãy chọn tệp .docx của kế hoạch.")
    data = await visit.upload.read()
    draft = await resolved(visit.desk, await asyncio.to_thread(read_file, data))
    return ImportedPlan(slug, draft, data, tidy(visit.upload.filename)[:200], policy)


@router.get("/plans/{slug}")
async def get_plan(slug: Slug, visit: Annotated[Visit, visiting(Action.READ_PLAN, of_plan)]) -> Response:
    """One plan, as far as this person may see it."""
    return await show(visit, slug)


@router.post("/plans/{slug}/activate")
async def post_activation(slug: Slug, visit: Annotated[Visit, posting(Action.ACTIVATE_PLAN, of_plan)]) -> Response:
    """Make a draft run."""
    problem = await visit.record(lambda books: activate_plan(books, visit.actor, slug))
    return await show(visit, slug, problem) if problem else back(f"/plans/{slug}", "activated")


@router.post("/plans/{slug}/tasks/{ordinal}/acknowledge")
async def post_acknowledgement(
    slug: Slug, ordinal: Ordinal, visit: Annotated[Visit, posting(Action.ACKNOWLEDGE_TASK, of_own_part)]
) -> Response:
    """Say that one's unit has the task."""
    problem = await visit.record(lambda books: acknowledge(books, visit.actor, slug, ordinal))
    return await show(visit, slug, problem) if problem else back(f"/plans/{slug}", "acknowledged")


@router.post("/plans/{slug}/tasks/{ordinal}/guidance")
async def post_guidance(
    slug: Slug, ordinal: Ordinal, visit: Annotated[Visit, posting(Action.ISSUE_GUIDANCE, of_plan)]
) -> Response:
    """Record the document that a task waits for."""

    async def act(books: AsyncConnection) -> list[str]:
        body = GuidanceBody.model_validate({name: visit.form.get(name, "") for name in ("number", "issued_on")})
        return await issue_guidance(books, visit.actor, slug, ordinal, body.number, body.issued_on)

    problem = await visit.record(act)
    return await show(visit, slug, problem) if problem else back(f"/plans/{slug}", "guided")


async def show_all(visit: Visit, problem: Problem | None = None) -> Response:
    """The list, with a form for whoever may import."""
    async with visit.desk.books() as books:
        plans = await list_plans(books, visit.actor.realm)
    return await visit.show("plans.html", problem, plans=plans, may_import=visit.may(Action.IMPORT_PLAN, Subject()))


async def show(visit: Visit, slug: str, problem: Problem | None = None) -> Response:
    """One plan with what this person may see of its progress, rollups and timeline."""
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        at, subject = await read_now(books, realm), await plan_subject(books, realm, slug)
        view = await read_plan(books, realm, slug)
        active = view.plan.status != "draft"
        more: dict[str, Any] = {"progress": None, "rollups": (), "told": ()}
        more["draft"] = None if active else draft_words(await read_draft(books, realm, slug))
        if active and visit.may(Action.READ_PROGRESS, subject):
            more["progress"] = await read_progress(books, realm, slug, at)
        if visit.may(Action.READ_ROLLUP, subject):
            more["rollups"] = await list_rollups(books, realm, slug)
        if visit.may(Action.READ_TIMELINE, subject):
            more["told"] = list(reversed(await timeline(books, realm, plan=slug, limit=TOLD)))
    states = {line.ordinal: line for line in more["progress"].tasks} if more["progress"] else {}
    more["may_activate"] = view.plan.status == "draft" and visit.may(Action.ACTIVATE_PLAN, subject)
    more["may_import"] = visit.may(Action.IMPORT_PLAN, subject)
    more["may_guide"] = visit.may(Action.ISSUE_GUIDANCE, subject)
    more["may_acknowledge"] = visit.may(Action.ACKNOWLEDGE_TASK, Subject(unit=visit.actor.unit))
    return await visit.show("plan.html", problem, at=at, view=view, states=states, **more)
