"""Plans: the list, one plan with its progress and timeline, and what is done to them on the page."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Refusal
from domain.policy import Policy
from models.facts.decisions import issue_guidance
from models.facts.plans import ImportedPlan, import_plan
from models.facts.reports import acknowledge
from models.queries.amendments import list_amendments
from models.queries.changes import waiting_hand_backs
from models.queries.clock import read_now
from models.queries.letters import list_letters
from models.queries.plans import PlanView, list_plans, read_draft, read_plan, read_progress
from models.queries.rollups import list_rollups
from models.queries.subjects import Subject, plan_subject
from models.queries.timeline import timeline
from web.auth import Action
from web.bodies import GuidanceBody, SlugBody
from web.desk import Ordinal, Slug, of_own_part, of_plan
from web.drafts import Place
from web.pages.draft import draft_words
from web.pages.review import show as show_review
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem, translate
from web.uploads import FORMATS, taken_in

router = APIRouter(include_in_schema=False)
TOLD = 200


@router.get("/plans")
async def get_plans(visit: Annotated[Visit, visiting(Action.READ_SELF)]) -> Response:
    """All plans."""
    return await show_all(visit)


@router.post("/plans")
async def post_plan(visit: Annotated[Visit, posting(Action.IMPORT_PLAN)]) -> Response:
    """Import a document as a draft, or as an amendment of the plan that runs under this slug."""
    try:
        slug = SlugBody(slug=visit.form.get("slug", "")).slug
        plan = await taken_in(visit.desk, slug, visit.upload, Policy())
    except (Refusal, ValidationError) as error:
        return await show_all(visit, translate(error))
    problem = await take_in(visit, plan)
    return await show_all(visit, problem) if problem else await onward(visit, slug)


@router.post("/plans/{slug}/document")
async def post_document(slug: Slug, visit: Annotated[Visit, posting(Action.IMPORT_PLAN, of_plan)]) -> Response:
    """Import a corrected document in the place of a draft, an amended one of a running plan; the policy stays."""
    try:
        async with visit.desk.books() as books:
            earlier = await read_draft(books, visit.actor.realm, slug)
        plan = await taken_in(visit.desk, slug, visit.upload, Policy.from_json(earlier.policy))
    except Refusal as error:
        return await show(visit, slug, translate(error))
    problem = await take_in(visit, plan)
    return await show(visit, slug, problem) if problem else await onward(visit, slug)


async def take_in(visit: Visit, plan: ImportedPlan) -> Problem | None:
    """Store what was uploaded; the file is part of what was asked, so that another one is not taken for the same."""

    async def act(books: AsyncConnection) -> list[str]:
        await import_plan(books, visit.actor, plan)
        return []

    return await visit.record(act, hashlib.sha256(plan.source).hexdigest())


async def onward(visit: Visit, slug: str) -> Response:
    """To where what was imported is reviewed."""
    async with visit.desk.books() as books:
        lines = await list_amendments(books, visit.actor.realm, slug)
    proposed = next((line.number for line in lines if line.status == "proposed"), None)
    return back(f"/plans/{slug}/draft" if proposed is None else f"/plans/{slug}/amendments/{proposed}", "imported")


@router.get("/plans/{slug}")
async def get_plan(slug: Slug, visit: Annotated[Visit, visiting(Action.READ_PLAN, of_plan)]) -> Response:
    """One plan, as far as this person may see it."""
    return await show(visit, slug)


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
    may_import = visit.may(Action.IMPORT_PLAN, Subject())
    return await visit.show("plans.html", problem, plans=plans, may_import=may_import, **_accepted(visit))


async def show(visit: Visit, slug: str, problem: Problem | None = None) -> Response:
    """One plan with what this person may see of its progress, rollups and timeline.

    A draft is shown on its review page to those who have a part in that.
    """
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        at, subject = await read_now(books, realm), await plan_subject(books, realm, slug)
        view = await read_plan(books, realm, slug)
        reviews = view.plan.status == "draft" and visit.may(Action.READ_DRAFT, subject)
        more = {} if reviews else await _more(visit, books, view, subject, at)
    if reviews:
        return (
            await show_review(visit, Place(slug), problem) if problem else RedirectResponse(f"/plans/{slug}/draft", 303)
        )
    states = {line.ordinal: line for line in more["progress"].tasks} if more["progress"] else {}
    more["may_import"] = visit.may(Action.IMPORT_PLAN, subject)
    more["may_source"] = visit.may(Action.READ_DRAFT, subject)
    more["may_guide"] = visit.may(Action.ISSUE_GUIDANCE, subject)
    more["may_acknowledge"] = visit.may(Action.ACKNOWLEDGE_TASK, Subject(unit=visit.actor.unit))
    return await visit.show("plan.html", problem, at=at, view=view, states=states, **_accepted(visit), **more)


_LISTS = ("rollups", "told", "amendments", "hand_backs", "letters")


async def _more(visit: Visit, books: AsyncConnection, view: PlanView, subject: Subject, at: datetime) -> dict[str, Any]:
    """What this person may see of a plan besides its tasks."""
    realm, slug, active = visit.actor.realm, view.plan.slug, view.plan.status != "draft"
    more: dict[str, Any] = {"progress": None, **dict.fromkeys(_LISTS, ())}
    more["draft"] = None if active else draft_words(await read_draft(books, realm, slug))
    if active and visit.may(Action.READ_PROGRESS, subject):
        more["progress"] = await read_progress(books, realm, slug, at)
        more["hand_backs"] = await waiting_hand_backs(books, realm, slug)
        more["letters"] = await list_letters(books, realm, slug)
    if active and visit.may(Action.READ_DRAFT, subject):
        more["amendments"] = await list_amendments(books, realm, slug)
    if visit.may(Action.READ_ROLLUP, subject):
        more["rollups"] = await list_rollups(books, realm, slug)
    if visit.may(Action.READ_TIMELINE, subject):
        more["told"] = list(reversed(await timeline(books, realm, plan=slug, limit=TOLD)))
    return more


def _accepted(visit: Visit) -> dict[str, Any]:
    """Which files a form takes, and how large."""
    return {"formats": FORMATS, "bounds": visit.desk.office.bounds}
