"""Signing in with a token and out again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from domain.errors import Unauthenticated
from models.facts.tokens import actor_of
from web.auth import Action
from web.desk import COOKIE, office_of
from web.pages.rendering import render
from web.pages.visit import Visit, posting
from web.problems import Problem, translate

router = APIRouter(include_in_schema=False)
Wanted = Annotated[str, Query(max_length=2000)]


@router.get("/")
async def get_root() -> Response:
    """The inbox is the first page."""
    return RedirectResponse("/inbox", 303)


@router.get("/favicon.ico")
async def get_icon() -> Response:
    """Where browsers look for a picture when the page names none, as with JSON."""
    return RedirectResponse("/static/favicon.svg", 308)


@router.get("/sign-in")
async def get_sign_in(next: Wanted = "/inbox") -> Response:
    """The form for the token."""
    return _form(next)


@router.post("/sign-in")
async def post_sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/inbox",
) -> Response:
    """Take the token into a cookie that scripts cannot read and other sites cannot send."""
    try:
        await actor_of(office_of(request).engine, token.strip())
    except Unauthenticated as error:
        wrong = Unauthenticated(error.code, "Mã đăng nhập không đúng hoặc đã hết hạn.")
        return _form(next, translate(wrong))
    answer = RedirectResponse(_local(next), 303)
    secure = office_of(request).secure
    answer.set_cookie(COOKIE, token.strip(), httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/sign-out")
async def post_sign_out(visit: Annotated[Visit, posting(Action.READ_SELF)]) -> Response:
    """Forget the token on this device."""
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=visit.desk.office.secure)
    return answer


def _form(wanted: str, problem: Problem | None = None) -> Response:
    page = render("sign_in.html", problem=problem, next=_local(wanted), actor=None, clock=None, done=None, form={})
    return HTMLResponse(page, problem.status if problem else 200)


def _local(wanted: str) -> str:
    """A path of ours, never another site's."""
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/inbox"
