"""What surrounds every request: its id and log line, its largest size, the headers that keep browsers strict."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import TooLarge

log = structlog.get_logger("dondoc.api")

Answer = Callable[[Request, Exception], Response]
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_SECRET = re.compile(r"^(/l/|/calendar/(?=.*\.ics$))[^/]+")
"""The part of a path that is a signed link; it must not reach a log."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestFrame:
    """Gives each request an id, binds it to the log, catches what nobody foresaw, and writes one line at the end."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        begun, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                kept = "public, max-age=300" if scope["path"].startswith("/static/") else "no-store"
                headers.setdefault("Cache-Control", kept)
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception as error:
            log.exception("request-failed")
            if status:
                raise
            await self.answer(Request(scope, receive), error)(scope, receive, send_on)
        finally:
            took = round((time.perf_counter() - begun) * 1000)
            log.info("request", method=scope["method"], path=_SECRET.sub(r"\1…", scope["path"]), status=status, ms=took)


class BodyLimit:
    """Reads a body no larger than the limit before anything else; one that says it is larger is answered at once.

    `roomier` are the addresses, each `POST /path` as a whole, where a document is sent: their limit and what is said
    there are `room`'s.
    """

    def __init__(self, app: ASGIApp, limit: int, answer: Answer, roomier: re.Pattern[str], room: Room) -> None:
        self.app = app
        self.limit = limit
        self.answer = answer
        self.roomier = roomier
        self.room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit, error = self._bounds(scope)
        said = Headers(scope=scope).get("content-length", "")
        body = None if said.isdecimal() and int(said) > limit else await _body(receive, limit)
        if body is None:
            response = self.answer(Request(scope, receive), error)
            await response(scope, receive, send)
        elif body.whole:
            await self.app(scope, _replay(bytes(body.content), receive), send)

    def _bounds(self, scope: Scope) -> tuple[int, TooLarge]:
        """How many bytes may come to this address, and what is said of more."""
        if self.roomier.fullmatch(f"{scope['method']} {scope['path']}"):
            return self.room.limit, self.room.error
        words = f"Nội dung gửi lên vượt quá giới hạn {self.limit // 1000} KB; hãy bỏ bớt rồi gửi lại."
        return self.limit, TooLarge("body-too-large", words)


@dataclass(frozen=True)
class Room:
    """How many bytes a request with a document may have, and what is said of one with more."""

    limit: int
    error: TooLarge


@dataclass
class _Body:
    """What has come of a body; not whole where the sender went away."""

    content: bytearray
    whole: bool = True


async def _body(receive: Receive, limit: int) -> _Body | None:
    """The body, None as soon as it is larger than the limit."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return _Body(body, whole=False)
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            return None
    return _Body(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once; whatever comes after it is the connection's."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
