"""The HTTP process: composes the edge and serves it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from documents.limits import MAX_BYTES, MAX_PAGES, MAX_ROWS
from domain.errors import DondocError
from logs import configure_logs
from models.migrate import head
from models.session import make_engine
from settings import Settings, read_settings
from web.answers import PROBLEMS
from web.api import (
    amendments,
    calendar,
    changes,
    decisions,
    drafts,
    letters,
    obligations,
    plans,
    preferences,
    receipts,
    rollups,
    system,
    units,
)
from web.bells import Bells, TemporalBells
from web.desk import Office
from web.middleware import BodyLimit, RequestFrame
from web.pages import calendar as calendar_page
from web.pages import changes as changes_page
from web.pages import docs, inbox, letter, links, obligation, plan, review, rollup, session
from web.pages import preferences as preferences_page
from web.pages import system as system_page
from web.pages.rendering import error_page
from web.problems import translate
from web.uploads import ADDRESSES, Bounds

API = "/api/v1"
BOUNDS = Bounds(MAX_BYTES, MAX_PAGES, MAX_ROWS)
PAGE_PARTS = (
    session.router, links.router, inbox.router, obligation.router, review.router, plan.router, changes_page.router,
    rollup.router, letter.router, preferences_page.router, calendar_page.router, system_page.router,
    docs.router,
)  # fmt: skip
API_PARTS = (
    system.router, obligations.router, decisions.router, changes.router, plans.router, drafts.router, amendments.router,
    units.router, rollups.router, letters.router, preferences.router, receipts.router, calendar.router,
)  # fmt: skip


def create_app(settings: Settings, bells: Bells | None = None) -> FastAPI:
    """The application; nothing is connected before its lifespan begins. Tests give it bells of their own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(settings.dsn)
        rung = bells or TemporalBells(settings.temporal_address, settings.temporal_namespace, engine)
        app.state.office = Office(engine, rung, head(), settings.public_url.startswith("https:"), BOUNDS.words)
        await rung.open()
        yield
        await rung.close()
        await engine.dispose()

    app = FastAPI(
        title="Đôn Đốc",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    app.state.public_url = settings.public_url
    app.state.zalo_hook = receipts.ZaloHook(settings.zalo_app_id, settings.zalo_oa_secret)
    app.include_router(receipts.webhook)
    for part in API_PARTS:
        app.include_router(part, prefix=API, responses=PROBLEMS)
    for part in PAGE_PARTS:
        app.include_router(part)
    app.mount("/static", StaticFiles(packages=[("web", "static")], check_dir=False), "static")
    for kind in (DondocError, RequestValidationError, HTTPException, SQLAlchemyError, OSError):
        app.add_exception_handler(kind, answer_async)
    app.add_middleware(BodyLimit, limit=settings.body_limit, answer=answer, roomier=ADDRESSES, room=BOUNDS.room)
    app.add_middleware(RequestFrame, answer=answer)
    return app


def answer(request: Request, error: Exception) -> Response:
    """What an error is answered with."""
    problem = translate(error, request.scope["state"]["request_id"])
    structlog.get_logger("dondoc.api").info("refused", code=problem.code, status=problem.status)
    return problem.response() if request.url.path.startswith("/api/") else error_page(request, problem)


async def answer_async(request: Request, error: Exception) -> Response:
    """The same for FastAPI, which awaits its handlers. Raises again what nobody foresaw, so that it is logged."""
    if translate(error).status == 500:
        raise error
    return answer(request, error)


def main() -> None:
    """Read the settings and serve until stopped."""
    settings = read_settings(os.environ)
    configure_logs(settings.log_level)
    uvicorn.run(
        create_app(settings), host=settings.api_host, port=settings.api_port, access_log=False, log_config=None,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
