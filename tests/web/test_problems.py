"""Errors are translated once, and what is inside them stays inside."""

from __future__ import annotations

import errno
import json

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from domain import errors
from web.problems import translate
from web.refusals import Stale, UnknownMedia, VersionMissing


class DriverError(Exception):
    """What a driver raises, with the state the server gave."""

    def __init__(self, state: str) -> None:
        super().__init__("secret words of a report")
        self.sqlstate = state


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.Refusal("a", "A"), 422, "a"),
        (errors.NotFound("a", "A"), 404, "a"),
        (errors.Forbidden("a", "A"), 403, "a"),
        (errors.Unauthenticated("a", "A"), 401, "a"),
        (errors.Conflict("a", "A"), 409, "a"),
        (errors.TooLarge("a", "A"), 413, "a"),
        (errors.Unavailable("a", "A"), 503, "a"),
        (errors.DondocError("a", "A"), 500, "a"),
        (Stale(errors.Conflict("a", "A"), 3), 412, "a"),
        (VersionMissing("a", "A"), 428, "a"),
        (UnknownMedia("a", "A"), 415, "a"),
        (HTTPException(404), 404, "path-unknown"),
        (HTTPException(405), 405, "method-not-allowed"),
        (ConnectionRefusedError(), 503, "database-unavailable"),
        (TimeoutError(), 503, "database-unavailable"),
        (OSError("Multiple exceptions: refused, refused"), 503, "database-unavailable"),
        (OSError(errno.ENOSPC, "No space left on device"), 503, "disk-full"),
        (asyncpg.CannotConnectNowError("starting up"), 503, "database-unavailable"),
        (asyncpg.InterfaceError("connection is closed"), 503, "database-unavailable"),
        (OperationalError("SELECT", {}, DriverError("57P01")), 503, "database-unavailable"),
        (DBAPIError("SELECT", {}, DriverError("53100")), 503, "disk-full"),
        (DBAPIError("SELECT", {}, DriverError("55P03")), 503, "database-busy"),
        (DBAPIError("SELECT", {}, DriverError("57014")), 503, "database-busy"),
        (DBAPIError("SELECT", {}, DriverError("40P01")), 503, "database-busy"),
        (PoolTimeout("pool"), 503, "database-busy"),
        (DBAPIError("SELECT", {}, DriverError("23505")), 500, "internal-error"),
        (FileNotFoundError("templates"), 500, "internal-error"),
        (ValueError("secret words of a report"), 500, "internal-error"),
    ],
)
def test_every_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    problem = translate(error, "abc")
    assert (problem.status, problem.code) == (status, code)
    body = json.loads(bytes(problem.response().body))
    assert body["detail"]
    assert "secret" not in str(body)
    assert ("Retry-After" in problem.headers) == (status == 503)
    if code == "internal-error":
        assert body["request_id"] == "abc"
        assert "abc" in body["detail"]
