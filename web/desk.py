"""The desk at which one request is served: who asks, what they may do, and how a fact is recorded once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import structlog
from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import Unauthenticated
from models.facts.frame import Actor
from models.facts.idempotency import Attempt, Reply, earlier_reply, fingerprint, keep_reply
from models.facts.tokens import actor_of
from models.queries import subjects
from models.queries.subjects import Subject
from web.auth import Action, authorise
from web.bells import Bells

COOKIE = "dondoc"
_SLUG = r"^[a-z0-9][a-z0-9-]*$"
Id = Annotated[int, Path(ge=1, le=2**53, description="Số trong sổ, lấy từ danh sách")]
Slug = Annotated[str, Path(pattern=_SLUG, max_length=60, description="Mã, ví dụ bao-chi-2024")]
OnePlan = Annotated[str | None, Query(pattern=_SLUG, max_length=60, description="Chỉ của kế hoạch có mã này")]
Ordinal = Annotated[int, Path(ge=0, le=99_999, description="Số thứ tự nhiệm vụ trong phụ lục; 0 là báo cáo chung")]


@dataclass(frozen=True)
class Office:
    """What all requests share."""

    engine: AsyncEngine
    bells: Bells
    schema_head: str
    """The schema revision that this code knows."""
    secure: bool = True
    """Whether people come by https, so that their cookies must not travel otherwise."""
    bounds: str = ""
    """How large a plan's document may be, in words."""


@dataclass(frozen=True)
class Done:
    """What a fact is answered with, and whom it rings."""

    body: object
    rings: list[str] = field(default_factory=list)


Act = Callable[[AsyncConnection], Awaitable[Done]]


@dataclass(frozen=True)
class Desk:
    """One signed-in person's request. `key` is its Idempotency-Key, where it has one."""

    office: Office
    actor: Actor
    method: str
    path: str
    key: str | None = None

    @asynccontextmanager
    async def books(self) -> AsyncIterator[AsyncConnection]:
        """The books, for reading."""
        async with self.office.engine.connect() as connection:
            yield connection

    async def record(self, asked: object, act: Act, status: int = 200) -> JSONResponse:
        """Do `act` and keep its reply in one transaction, then ring; a repetition of the key is only answered."""
        attempt = self._attempt(asked)
        async with self.office.engine.begin() as connection:
            earlier = await earlier_reply(connection, attempt) if attempt else None
            if earlier is not None:
                return JSONResponse(earlier.body, earlier.status, {"Idempotent-Replayed": "true"})
            done = await act(connection)
            reply = Reply(status, to_jsonable_python(done.body))
            if attempt:
                reply = await keep_reply(connection, attempt, reply)
        self.office.bells.ring(done.rings)
        return JSONResponse(reply.body, reply.status)

    def _attempt(self, asked: object) -> Attempt | None:
        if self.key is None:
            return None
        return Attempt(self.actor.person, self.key, fingerprint(self.method, self.path, to_jsonable_python(asked)))


def office_of(request: Request) -> Office:
    """What the lifespan has built."""
    office: Office = request.app.state.office
    return office


async def desk_for(request: Request, token: str) -> Desk:
    """The desk of whoever holds this token; raises `Unauthenticated`."""
    office = office_of(request)
    actor = await actor_of(office.engine, token)
    structlog.contextvars.bind_contextvars(person=actor.slug, realm=actor.realm)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Desk(office, actor, request.method, path)


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]+$",
        max_length=200,
        description="Mã do người gửi đặt; gửi lại cùng mã thì việc chỉ làm một lần và nhận lại đúng câu trả lời cũ.",
        examples=["3f1c7a52-bao-cao-17"],
    ),
]
_BEARER = HTTPBearer(auto_error=False, description="Mã đăng nhập do quản trị hệ thống cấp.")


async def signed(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Desk:
    """The desk of the bearer; on pages that of the cookie, which the API does not take. Raises `Unauthenticated`."""
    if not request.url.path.startswith("/api/"):
        return await desk_for(request, request.cookies.get(COOKIE, ""))
    if given is None:
        raise Unauthenticated("token-missing", "Thiếu mã đăng nhập; hãy gửi kèm tiêu đề Authorization: Bearer.")
    return await desk_for(request, given.credentials)


Signed = Annotated[Desk, Depends(signed)]
About = Callable[..., Awaitable[Subject]]
Guarded = Callable[..., Coroutine[Any, Any, Desk]]


async def of_nobody() -> Subject:
    """Nothing in particular."""
    return Subject()


async def of_obligation(desk: Signed, obligation: Id) -> Subject:
    """The obligation in the path."""
    async with desk.books() as books:
        return await subjects.obligation_subject(books, desk.actor.realm, obligation)


async def of_extension(desk: Signed, extension: Id) -> Subject:
    """The request for more time in the path."""
    async with desk.books() as books:
        return await subjects.extension_subject(books, desk.actor.realm, extension)


async def of_letter(desk: Signed, letter: Id) -> Subject:
    """The letter in the path."""
    async with desk.books() as books:
        return await subjects.letter_subject(books, desk.actor.realm, letter)


async def of_plan(desk: Signed, slug: Slug) -> Subject:
    """The plan in the path."""
    async with desk.books() as books:
        return await subjects.plan_subject(books, desk.actor.realm, slug)


async def of_own_part(desk: Signed, slug: Slug) -> Subject:
    """One's own unit's part in the plan in the path."""
    return replace(await of_plan(desk, slug), unit=desk.actor.unit)


async def of_unit(desk: Signed, unit: Slug, plan: OnePlan = None) -> Subject:
    """The unit in the path; asked for one plan only, that plan's lead agency may see it too."""
    async with desk.books() as books:
        found = await subjects.unit_subject(books, desk.actor.realm, unit)
        if plan is None:
            return found
        return replace(await subjects.plan_subject(books, desk.actor.realm, plan), unit=found.unit)


def reading(action: Action, about: About = of_nobody) -> Any:
    """The permission of a route that only reads: its desk, once `action` is allowed with what the path names."""

    async def guarded(desk: Signed, subject: Subject = Depends(about)) -> Desk:  # noqa: B008 - annotations cannot see `about`
        return _checked(desk, action, subject)

    return Depends(_marked(guarded, action))


def recording(action: Action, about: About = of_nobody) -> Any:
    """The permission of a route that records a fact; its desk carries the Idempotency-Key."""

    async def guarded(desk: Signed, subject: Subject = Depends(about), key: Key = None) -> Desk:  # noqa: B008
        return replace(_checked(desk, action, subject), key=key)

    return Depends(_marked(guarded, action))


def _checked(desk: Desk, action: Action, subject: Subject) -> Desk:
    if subject.plan:
        structlog.contextvars.bind_contextvars(plan=subject.plan)
    authorise(desk.actor, action, subject)
    return desk


def _marked(guarded: Guarded, action: Action) -> Guarded:
    """A test reads from here which permission each route has."""
    guarded.action = action  # type: ignore[attr-defined]
    return guarded
