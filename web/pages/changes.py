"""How one task is directed, on a page: its state, owners and rounds, and the forms that change them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.reporting import task_label
from domain.workdays import local_date
from models.facts.requested_rounds import request_round
from models.facts.suspensions import resume_task, suspend_task
from models.facts.transfers import decide_hand_back, hand_back, reassign
from models.queries.changes import TaskDesk, UnitChoice, read_task_desk, units_to_choose
from models.queries.clock import read_now
from models.queries.subjects import plan_subject
from web.auth import Action
from web.desk import Id, Ordinal, Slug, of_own_part, of_plan
from web.pages.visit import Visit, back, posting, visiting
from web.problems import Problem
from web.task_bodies import (
    HandBackBody,
    HandBackDecisionBody,
    ReassignmentBody,
    ResumptionBody,
    RoundBody,
    SuspensionBody,
)

router = APIRouter(include_in_schema=False)
UNIT = "unit-"
"""How the names of the boxes begin with which units are chosen."""
Reader = Annotated[Visit, visiting(Action.READ_PROGRESS, of_plan)]
Director = Annotated[Visit, posting(Action.DIRECT_TASK, of_plan)]


@router.get("/plans/{slug}/tasks/{ordinal}")
async def get_task(slug: Slug, ordinal: Ordinal, visit: Reader) -> Response:
    """One task, with forms for whoever may direct it."""
    return await show(visit, slug, ordinal)


@router.post("/plans/{slug}/tasks/{ordinal}/suspension")
async def post_suspension(slug: Slug, ordinal: Ordinal, visit: Director) -> Response:
    """Let it rest."""

    async def act(books: AsyncConnection) -> list[str]:
        reason = SuspensionBody.model_validate(_given(visit, "reason")).reason
        return (await suspend_task(books, visit.actor, slug, ordinal, reason))[1]

    return await _answer(visit, slug, ordinal, await visit.record(act), "suspended")


@router.post("/plans/{slug}/tasks/{ordinal}/resumption")
async def post_resumption(slug: Slug, ordinal: Ordinal, visit: Director) -> Response:
    """Let it go on."""

    async def act(books: AsyncConnection) -> list[str]:
        reason = ResumptionBody.model_validate(_given(visit, "reason")).reason
        return await resume_task(books, visit.actor, slug, ordinal, reason)

    return await _answer(visit, slug, ordinal, await visit.record(act), "resumed")


@router.post("/plans/{slug}/tasks/{ordinal}/reassignment")
async def post_reassignment(slug: Slug, ordinal: Ordinal, visit: Director) -> Response:
    """Give a unit's lead to another unit."""

    async def act(books: AsyncConnection) -> list[str]:
        body = ReassignmentBody.model_validate(_given(visit, "from_unit", "to_unit", "reason"))
        return await reassign(books, visit.actor, slug, ordinal, body.from_unit, body.to_unit, body.reason)

    return await _answer(visit, slug, ordinal, await visit.record(act), "reassigned")


@router.post("/plans/{slug}/tasks/{ordinal}/rounds")
async def post_round(slug: Slug, ordinal: Ordinal, visit: Director) -> Response:
    """Ask chosen units for a report; each ticked box names one."""
    units = tuple(name.removeprefix(UNIT) for name in visit.form if name.startswith(UNIT))

    async def act(books: AsyncConnection) -> list[str]:
        names = ("kind", "title", "due", "hour", "cutoff", "period_from", "period_to")
        body = RoundBody.model_validate({**_given(visit, *names), "units": units})
        return (await request_round(books, visit.actor, slug, ordinal, body.request())).rings

    return await _answer(visit, slug, ordinal, await visit.record(act), "round-opened")


@router.post("/plans/{slug}/tasks/{ordinal}/hand-backs/{number}")
async def post_hand_back_decision(slug: Slug, ordinal: Ordinal, number: Id, visit: Director) -> Response:
    """Take the task back and give it to another, or refuse, by the button that was pressed."""
    grants = visit.form.get("do") == "grant"

    async def act(books: AsyncConnection) -> list[str]:
        await _of_this(books, visit, slug, ordinal, number)
        body = HandBackDecisionBody.model_validate({**_given(visit, "to", "reason"), "granted": grants})
        return await decide_hand_back(books, visit.actor, number, grants, body.to or "", body.reason)

    done = "reassigned" if grants else "hand-back-refused"
    return await _answer(visit, slug, ordinal, await visit.record(act), done)


@router.get("/plans/{slug}/tasks/{ordinal}/hand-back")
async def get_hand_back(
    slug: Slug, ordinal: Ordinal, visit: Annotated[Visit, visiting(Action.HAND_BACK, of_own_part)]
) -> Response:
    """The form with which a unit says that a task is not its own."""
    return await _show_hand_back(visit, slug, ordinal)


@router.post("/plans/{slug}/tasks/{ordinal}/hand-back")
async def post_hand_back(
    slug: Slug, ordinal: Ordinal, visit: Annotated[Visit, posting(Action.HAND_BACK, of_own_part)]
) -> Response:
    """Say so."""

    async def act(books: AsyncConnection) -> list[str]:
        body = HandBackBody.model_validate(_given(visit, "reason", "suggested"))
        return (await hand_back(books, visit.actor, slug, ordinal, body.reason, body.suggested or ""))[1]

    problem = await visit.record(act)
    return await _show_hand_back(visit, slug, ordinal, problem) if problem else back(f"/plans/{slug}", "handed-back")


async def _of_this(books: AsyncConnection, visit: Visit, slug: str, ordinal: int, number: int) -> None:
    """Raises `NotFound` for a request about another task, on whose plan the permission was not asked."""
    desk = await read_task_desk(books, visit.actor.realm, slug, ordinal, await read_now(books, visit.actor.realm))
    if all(each.id != number for each in desk.hand_backs):
        words = f"{task_label(ordinal)} không có đề nghị trả lại số {number}."
        raise NotFound("hand-back-unknown", words)


def _given(visit: Visit, *names: str) -> dict[str, str]:
    return {name: visit.form.get(name, "") for name in names}


async def _answer(visit: Visit, slug: str, ordinal: int, problem: Problem | None, done: str) -> Response:
    return await show(visit, slug, ordinal, problem) if problem else back(f"/plans/{slug}/tasks/{ordinal}", done)


async def show(visit: Visit, slug: str, ordinal: int, problem: Problem | None = None) -> Response:
    """The page; what was filled in is kept in the form from which it came."""
    desk, units, may_direct = await _read(visit, slug, ordinal)
    askable = units if ordinal == 0 else _of_task(desk, units)
    typed: dict[str, Any] = {"form": visit.request.url.path.rpartition("/")[2], **visit.form} if problem else {}
    return await visit.show(
        "task.html", problem, task=desk, units=units, askable=askable, may_direct=may_direct and desk.runs,
        may_resume=may_direct and desk.suspended_at is not None, typed=typed, chosen=UNIT,
    )  # fmt: skip


async def _show_hand_back(visit: Visit, slug: str, ordinal: int, problem: Problem | None = None) -> Response:
    desk, units, _ = await _read(visit, slug, ordinal)
    ours = any(part.unit == visit.actor.unit_slug for part in desk.leads)
    waits = next((each for each in desk.waiting if each.unit == visit.actor.unit_slug), None)
    return await visit.show(
        "hand_back.html", problem, task=desk, units=units, waits=waits, possible=ours and desk.runs and waits is None
    )


async def _read(visit: Visit, slug: str, ordinal: int) -> tuple[TaskDesk, tuple[UnitChoice, ...], bool]:
    """The task, the units that may be named, and whether this person may direct it."""
    realm = visit.actor.realm
    async with visit.desk.books() as books:
        now = await read_now(books, realm)
        desk = await read_task_desk(books, realm, slug, ordinal, now)
        units = await units_to_choose(books, realm, local_date(now))
        subject = await plan_subject(books, realm, slug)
    return desk, units, visit.may(Action.DIRECT_TASK, subject)


def _of_task(desk: TaskDesk, units: tuple[UnitChoice, ...]) -> tuple[UnitChoice, ...]:
    """The units that have a part in the task now."""
    having = {part.unit for part in desk.parts if part.ended_at is None}
    return tuple(unit for unit in units if unit.slug in having)
