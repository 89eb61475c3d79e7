"""Errors, translated once: a status, a stable code, and a Vietnamese sentence that says what to do."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus

import asyncpg  # type: ignore[import-untyped,unused-ignore]
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from domain.errors import Conflict, DondocError, Forbidden, NotFound, Refusal, TooLarge, Unauthenticated, Unavailable
from web.refusals import Stale, UnknownMedia, VersionMissing

RETRY_SECONDS = 5
_STATUS: tuple[tuple[type[DondocError], int], ...] = (
    (Stale, 412),
    (UnknownMedia, 415),
    (VersionMissing, 428),
    (NotFound, 404),
    (Forbidden, 403),
    (Unauthenticated, 401),
    (Conflict, 409),
    (TooLarge, 413),
    (Refusal, 422),
    (Unavailable, 503),
)
_DOWN = (
    "Cơ sở dữ liệu không trả lời nên yêu cầu chưa được ghi nhận. Hãy gửi lại sau ít phút; nếu kéo dài, quản trị hệ "
    "thống cần kiểm tra PostgreSQL."
)
_FULL = (
    "Ổ đĩa của cơ sở dữ liệu đã đầy nên yêu cầu chưa được ghi nhận. Quản trị hệ thống cần giải phóng chỗ trống; sau "
    "đó hãy gửi lại."
)
_BUSY = "Hệ thống đang bận nên yêu cầu chưa được ghi nhận. Hãy gửi lại sau ít giây."
_INTERNAL = "Có lỗi trong hệ thống; yêu cầu chưa chắc đã được ghi nhận. Hãy báo quản trị hệ thống kèm mã yêu cầu {id}."
_HTTP = {
    400: ("request-malformed", "Yêu cầu không đọc được; hãy kiểm tra định dạng rồi gửi lại."),
    404: ("path-unknown", "Không có địa chỉ này."),
    405: ("method-not-allowed", "Địa chỉ này không nhận phương thức đã dùng."),
    413: ("body-too-large", "Nội dung gửi lên vượt quá giới hạn; hãy bỏ bớt rồi gửi lại."),
}
_BUSY_STATES = frozenset({"55P03", "57014", "40001", "40P01", "53300"})


@dataclass(frozen=True)
class Problem:
    """An error as RFC 9457 tells it; `code` is stable, `detail` for people, `version` that of a draft as it is now."""

    title: str
    status: int
    detail: str
    code: str
    type: str = "about:blank"
    request_id: str | None = None
    version: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What the status asks for beside the body."""
        if self.status == HTTPStatus.UNAUTHORIZED:
            return {"WWW-Authenticate": 'Bearer realm="dondoc"'}
        if self.version is not None:
            return {"ETag": f'"{self.version}"'}
        return {"Retry-After": str(RETRY_SECONDS)} if self.status == HTTPStatus.SERVICE_UNAVAILABLE else {}

    def response(self) -> JSONResponse:
        """As application/problem+json."""
        body = {name: value for name, value in asdict(self).items() if value is not None}
        return JSONResponse(body, self.status, self.headers, "application/problem+json")


def translate(error: BaseException, request_id: str = "") -> Problem:
    """The problem that any error is. What is not foreseen is `internal-error` and tells nothing of its inside."""
    if isinstance(error, DondocError):
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        found = _problem(status, error.code, error.message)
        return replace(found, version=error.version) if isinstance(error, Stale) else found
    if isinstance(error, RequestValidationError | ValidationError):
        return _problem(422, "request-invalid", " ".join(_fields(error)))
    if isinstance(error, HTTPException):
        code, words = _HTTP.get(error.status_code, ("request-refused", "Yêu cầu không thực hiện được."))
        return _problem(error.status_code, code, words)
    down = _of_database(error)
    if down is not None:
        return _problem(503, *down)
    return replace(_problem(500, "internal-error", _INTERNAL.format(id=request_id)), request_id=request_id)


def _problem(status: int, code: str, detail: str) -> Problem:
    return Problem(HTTPStatus(status).phrase, status, detail, code)


def _fields(error: RequestValidationError | ValidationError) -> Iterator[str]:
    for found in error.errors():
        place = ".".join(str(part) for part in found["loc"] if part not in ("body", "query", "path", "header"))
        yield f"Trường {place or 'nội dung'}: {_words(found['type'], found['msg'])}."


def _words(kind: str, message: str) -> str:
    known = {
        "missing": "còn thiếu",
        "json_invalid": "không phải JSON hợp lệ",
        "string_too_long": "quá dài",
        "string_too_short": "không được để trống",
        "string_pattern_mismatch": "không đúng dạng",
        "extra_forbidden": "không có trường này",
        "date_from_datetime_parsing": "phải là ngày dạng NNNN-TT-NN",
        "date_parsing": "phải là ngày dạng NNNN-TT-NN",
        "int_parsing": "phải là số nguyên",
        "bool_parsing": "phải là true hoặc false",
    }
    return known.get(kind, f"không hợp lệ ({message})")


def _of_database(error: BaseException) -> tuple[str, str] | None:
    """Whether the database is away, full or too busy; None where the error is of another kind."""
    state = str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
    if state == "53100" or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return "disk-full", _FULL
    if state in _BUSY_STATES or isinstance(error, PoolTimeout):
        return "database-busy", _BUSY
    if state.startswith(("08", "57P", "53")) or state == "25006":
        return "database-unavailable", _DOWN
    if isinstance(error, DBAPIError):
        away = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
        return ("database-unavailable", _DOWN) if away else None
    network = isinstance(error, ConnectionError | TimeoutError | socket.gaierror | asyncpg.InterfaceError)
    # asyncpg gathers the refusals of a host with several addresses in one plain OSError.
    if network or type(error) is OSError:
        return "database-unavailable", _DOWN
    return None
