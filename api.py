"""The HTTP process: composes the edge and serves it."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.errors import DondocError
from models.migrate import head
from models.session import make_engine
from settings import Settings, read_settings
from web.answers import PROBLEMS
from web.api import decisions, obligations, plans, rollups, system
from web.bells import Bells, TemporalBells
from web.desk import Office
from web.middleware import BodyLimit, RequestFrame
from web.problems import translate

API = "/api/v1"


def create_app(settings: Settings, bells: Bells | None = None) -> FastAPI:
    """The application; nothing is connected before its lifespan begins. Tests give it bells of their own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(settings.dsn)
        rung = bells or TemporalBells(settings.temporal_address, settings.temporal_namespace, engine)
        app.state.office = Office(settings, engine, rung, head())
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
    for part in (system, obligations, decisions, plans, rollups):
        app.include_router(part.router, prefix=API, responses=PROBLEMS)
    for kind in (DondocError, RequestValidationError, HTTPException, SQLAlchemyError, OSError):
        app.add_exception_handler(kind, answer_async)
    app.add_middleware(BodyLimit, limit=settings.body_limit, answer=answer)
    app.add_middleware(RequestFrame, answer=answer)
    return app


def answer(request: Request, error: Exception) -> Response:
    """What an error is answered with."""
    problem = translate(error, request.scope["state"]["request_id"])
    structlog.get_logger("dondoc.api").info("refused", code=problem.code, status=problem.status)
    return problem.response()


async def answer_async(request: Request, error: Exception) -> Response:
    """The same for FastAPI, which awaits its handlers. Raises again what nobody foresaw, so that it is logged."""
    if translate(error).status == 500:
        raise error
    return answer(request, error)


def configure_logs(level: str) -> None:
    """One JSON object a line on standard output, of ours and of the libraries alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.dict_tracebacks,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)


def main() -> None:
    """Read the settings and serve until stopped."""
    settings = read_settings(os.environ)  # noqa: TID251 - settings are read in main
    configure_logs(settings.log_level)
    uvicorn.run(
        create_app(settings), host=settings.api_host, port=settings.api_port, access_log=False, log_config=None,
        server_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
