"""Reviewing on the page: a draft is corrected piece by piece, then put in force. For plans and amendments alike.

Each form changes one thing, says which version it was made from, and leads back to where it stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.plan import OwnerRef, PlanDraft
from models.queries.amendments import read_amendment, read_amendment_source
from models.queries.plans import read_source
from models.queries.subjects import Subject
from web.api.drafts import original
from web.auth import Action
from web.desk import Slug, of_plan
from web.drafts import Place, Sheet, change_sheet, discard_sheet, put_in_force, read_sheet, sheet_of
from web.names import read_names
from web.pages.differences import difference_view
from web.pages.edits import COMPARATORS, Edit
from web.pages.edits_tasks import TASK_EDITS, pick_of
from web.pages.names import AT_ONCE, Bodies, with_choices
from web.pages.review_view import review_view, task_findings, task_row
from web.pages.typed import typed_lines
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem
from web.uploads import FORMATS

router = APIRouter(include_in_schema=False)
What = Annotated[str, Path(pattern=r"^[a-z-]+$", max_length=30)]
TaskPlace = Annotated[int, Path(ge=0, le=100_000)]
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
BLANK_OWNERS = 2
_PLAN, _AMENDMENT = "/plans/{slug}/draft", "/plans/{slug}/amendments/{number}"


async def place_of(request: Request, slug: Slug) -> Place:
    """The draft in the path; raises `NotFound` for a number that is none."""
    number = request.path_params.get("number")
    if number is None:
        return Place(slug)
    if not _NUMBER.fullmatch(number):
        raise NotFound("amendment-unknown", "Không có bản sửa đổi này.")
    return Place(slug, int(number))


Here = Annotated[Place, Depends(place_of)]
Reader = Annotated[Visit, visiting(Action.READ_DRAFT, of_plan)]
Editor = Annotated[Visit, posting(Action.CHANGE_DRAFT, of_plan)]
Activator = Annotated[Visit, posting(Action.ACTIVATE_PLAN, of_plan)]


@router.get(_PLAN)
@router.get(_AMENDMENT)
async def get_review(place: Here, visit: Reader) -> Response:
    """The draft, to be checked against the document."""
    return await show(visit, place)


@router.get(_PLAN + "/tasks/{index}")
@router.get(_AMENDMENT + "/tasks/{index}")
async def get_task(place: Here, index: TaskPlace, visit: Reader) -> Response:
    """One task of the draft."""
    return await show_task(visit, place, index)


@router.post(_PLAN + "/edit/{what}")
@router.post(_AMENDMENT + "/edit/{what}")
async def post_edit(place: Here, what: What, visit: Editor) -> Response:
    """Change one thing."""
    if what not in TASK_EDITS:
        raise NotFound("path-unknown", "Không có địa chỉ này.")
    done: list[Edit] = []

    async def act(books: AsyncConnection) -> list[str]:
        form = with_choices(visit.form, Bodies(await read_names(books, visit.actor.realm)))

        def change(draft: PlanDraft) -> tuple[PlanDraft, str]:
            done[:] = [TASK_EDITS[what](draft, form)]
            return done[0].draft, done[0].summary

        await change_sheet(books, visit.actor, place, seen_in(visit), change)
        return []

    problem = await asked(visit).record(act)
    if problem is None:
        return onward(visit, place, what, done[0].anchor if done else "")
    if what == "task" and visit.form.get("task", "").isdecimal():
        return await show_task(visit, place, int(visit.form["task"]), problem)
    return await show(visit, place, problem, what)


@router.post(_PLAN + "/activate")
@router.post(_AMENDMENT + "/approve")
async def post_in_force(place: Here, visit: Activator) -> Response:
    """Activate the plan, or approve its amendment."""

    async def act(books: AsyncConnection) -> list[str]:
        return await put_in_force(books, visit.actor, place, seen_in(visit))

    problem = await asked(visit).record(act)
    done = "activated" if place.number is None else "amended"
    return await show(visit, place, problem) if problem else back(f"/plans/{place.slug}", done)


@router.post(_PLAN + "/discard")
@router.post(_AMENDMENT + "/discard")
async def post_discard(place: Here, visit: Editor) -> Response:
    """Give up the draft or the amendment."""

    async def act(books: AsyncConnection) -> list[str]:
        await discard_sheet(books, visit.actor, place, seen_in(visit))
        return []

    problem = await asked(visit).record(act)
    if problem:
        return await show(visit, place, problem)
    return back("/plans" if place.number is None else f"/plans/{place.slug}", "discarded")


@router.get("/plans/{slug}/source")
@router.get(_AMENDMENT + "/source")
async def get_source(place: Here, visit: Reader) -> Response:
    """The document as it came."""
    async with visit.desk.books() as books:
        if place.number is None:
            return original(await read_source(books, visit.actor.realm, place.slug))
        return original(await read_amendment_source(books, visit.actor.realm, place.slug, place.number))


def asked(visit: Visit) -> Visit:
    """The visit with what is filled in as a part of its key: a form that is sent again with other content, from the
    browser's history, is another wish, which the version then decides on."""
    said = json.dumps(dict(visit.form), sort_keys=True).encode()
    key = f"{visit.desk.key or ''}-{hashlib.sha256(said).hexdigest()[:32]}"
    return replace(visit, desk=replace(visit.desk, key=key))


def seen_in(visit: Visit) -> int:
    """The version that the form was made from; raises `ValueError`."""
    return int(visit.form.get("version", ""))


def onward(visit: Visit, place: Place, what: str, anchor: str) -> Response:
    """To where the change is seen; from a task's form on to the next one where that was asked."""
    saved = f"{place.path}?done=changed"
    if what == "add" and anchor:
        return RedirectResponse(f"{place.path}/tasks/{anchor.removeprefix('task-')}?done=added", 303)
    if anchor.startswith("task-"):
        index = int(anchor.removeprefix("task-"))
        if visit.form.get("then") == "next":
            return RedirectResponse(f"{place.path}/tasks/{index + 1}?done=changed", 303)
        return RedirectResponse(f"{saved}&from={index}#{anchor}", 303)
    return RedirectResponse(f"{saved}#{anchor}" if anchor else saved, 303)


async def show(visit: Visit, place: Place, problem: Problem | None = None, what: str = "") -> Response:
    """The review page; `what` names the form whose content is kept because it was refused."""
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        amendment = None if place.number is None else await read_amendment(books, realm, place.slug, place.number)
        sheet = sheet_of(place, amendment) if amendment else await read_sheet(books, realm, place)
        bodies = Bodies(await read_names(books, realm))
    if amendment is None and not sheet.may_change and problem is None:
        return RedirectResponse(f"/plans/{place.slug}", 303)
    first = visit.request.query_params.get("from", "0")
    return await visit.show(
        "review.html",
        problem,
        sheet=sheet,
        bodies=bodies,
        view=review_view(sheet, bodies, int(first) if first.isdecimal() and len(first) < 7 else 0),
        unclear=bodies.unclear(sheet.draft) if sheet.may_change else (),
        at_once=AT_ONCE,
        difference=amendment and difference_view(amendment),
        **_offers(visit, sheet, bodies, problem, what),
    )


async def show_task(visit: Visit, place: Place, index: int, problem: Problem | None = None) -> Response:
    """The form of one task, with what was filled in unless somebody else has changed the draft meanwhile."""
    async with visit.desk.books() as books:
        sheet = await read_sheet(books, visit.actor.realm, place)
        bodies = Bodies(await read_names(books, visit.actor.realm))
    if index >= len(sheet.draft.tasks):
        raise NotFound("task-unknown", f"Bản này chỉ có {len(sheet.draft.tasks)} nhiệm vụ.")
    task = sheet.draft.tasks[index]
    return await visit.show(
        "review_task.html",
        problem,
        sheet=sheet,
        bodies=bodies,
        index=index,
        task=task,
        row=task_row(task, index, bodies, task_findings(sheet, index)),
        owners={"leads": _entries(task.leads), "coordinators": _entries(task.coordinators)},
        pick_of=pick_of,
        **_offers(visit, sheet, bodies, problem, "task", index),
    )


def _entries(owners: tuple[OwnerRef, ...]) -> tuple[OwnerRef, ...]:
    """The owners and some empty entries after them."""
    return (*owners, *(OwnerRef("") for _ in range(BLANK_OWNERS)))


def _offers(
    visit: Visit, sheet: Sheet, bodies: Bodies, problem: Problem | None, what: str, task: int | None = None
) -> dict[str, Any]:
    """What this person may do with the draft now, and what they had filled in when it was refused."""
    stale = problem is not None and problem.version is not None
    return {
        "base": sheet.place.path,
        "comparators": COMPARATORS,
        "formats": FORMATS,
        "bounds": visit.desk.office.bounds,
        "may_edit": sheet.may_change and visit.may(Action.CHANGE_DRAFT, Subject()),
        "may_activate": sheet.may_change and visit.may(Action.ACTIVATE_PLAN, Subject()),
        "what": "" if stale else what,
        "typed": typed_lines(visit.form, sheet.draft, bodies, task) if stale else [],
    }
