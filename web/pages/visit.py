"""A visit to a page: who came, what they filled in, and how they are answered. Forms carry a token of the session."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import UploadFile

from domain.errors import Forbidden, Refusal
from models.facts.frame import Actor
from models.queries.clock import read_clock
from models.queries.subjects import Subject
from web.auth import Action, allowed
from web.bodies import tidy
from web.desk import COOKIE, About, Desk, Done, of_nobody, reading
from web.pages.rendering import DONE, render
from web.problems import Problem, translate

MAX_FIELDS = 5_000
"""Of one form: a list of indicators has seven a row."""


@dataclass(frozen=True)
class Visit:
    """One signed-in person on one page; `form` holds what was filled in."""

    desk: Desk
    request: Request
    form: Mapping[str, str] = field(default_factory=dict)
    upload: UploadFile | None = None

    @property
    def actor(self) -> Actor:
        """Who came."""
        return self.desk.actor

    def may(self, action: Action, subject: Subject) -> bool:
        """Whether to offer something."""
        return allowed(self.actor, action, subject)

    async def show(self, template: str, problem: Problem | None = None, **context: Any) -> HTMLResponse:
        """A page, with what went wrong said on it, and what was filled in kept."""
        async with self.desk.books() as books:
            clock = await read_clock(books, self.actor.realm)
        words = render(
            template,
            actor=self.actor,
            clock=clock,
            csrf=csrf_of(self.request.cookies.get(COOKIE, "")),
            once=secrets.token_urlsafe(16),
            problem=problem,
            form=self.form,
            done=DONE.get(self.request.query_params.get("done", "")),
            **context,
        )
        return HTMLResponse(words, problem.status if problem else 200)

    async def record(self, act: Callable[[AsyncConnection], Awaitable[list[str]]], file: str = "") -> Problem | None:
        """Do what the form asks, once however often it is sent; returns what stands against it.

        `file` is the hash of what was uploaded with it.
        """
        asked = {name: value for name, value in self.form.items() if name not in ("csrf", "once")} | {"file": file}

        async def done(books: AsyncConnection) -> Done:
            return Done({}, await act(books))

        try:
            await self.desk.record(asked, done)
        except (Refusal, ValidationError) as error:
            return translate(error)
        except ValueError:
            return Problem("Unprocessable", 422, "Nội dung đã nhập không hợp lệ; hãy kiểm tra lại.", "request-invalid")
        return None


def csrf_of(token: str) -> str:
    """The word that forms of a session carry; whoever cannot read its cookie cannot say it."""
    return hashlib.sha256(b"form/" + token.encode()).hexdigest()


def back(path: str, done: str) -> RedirectResponse:
    """To a page that says what was done, so that reloading it does nothing again."""
    return RedirectResponse(f"{path}?done={done}", 303)


def visiting(action: Action, about: About = of_nobody) -> Any:
    """The permission of a page that is read."""
    inner = reading(action, about)

    async def guarded(request: Request, desk: Desk = inner) -> Visit:
        return Visit(desk, request)

    return Depends(guarded)


def posting(action: Action, about: About = of_nobody) -> Any:
    """The permission of a form; raises `Forbidden` for one that another site made."""
    inner = reading(action, about)

    async def guarded(request: Request, desk: Desk = inner) -> AsyncIterator[Visit]:
        async with request.form(max_fields=MAX_FIELDS) as sent:
            form = {name: tidy(value) for name, value in sent.items() if isinstance(value, str)}
            check_form(request, form)
            upload = next((value for value in sent.values() if isinstance(value, UploadFile)), None)
            yield Visit(replace(desk, key=form.get("once") or None), request, form, upload)

    return Depends(guarded)


def check_form(request: Request, form: Mapping[str, str]) -> None:
    """Raises `Forbidden` unless the form is one that we gave this session."""
    expected = csrf_of(request.cookies.get(COOKIE, ""))
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if foreign or not secrets.compare_digest(form.get("csrf", "").encode(), expected.encode()):
        raise Forbidden("form-foreign", "Biểu mẫu đã cũ hoặc không phải của trang này; hãy tải lại trang rồi gửi lại.")
