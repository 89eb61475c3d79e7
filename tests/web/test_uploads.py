"""How large a document may be: said before it is read, cut while it streams, and only where documents are sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from browsing import Forms, signed_in
from sites import API as P
from sites import Site
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from documents.limits import MAX_BYTES, MAX_PAGES, MAX_ROWS
from domain.errors import DondocError
from embedded.loop_server import LoopServer
from embedded.ports import free_port
from web.middleware import BodyLimit
from web.uploads import ADDRESSES, FORM_ROOM, Bounds

BOUNDS = Bounds(1_000, MAX_PAGES, MAX_ROWS)


class Sender:
    """Somebody who sends pieces, and counts how many were taken."""

    def __init__(self, *pieces: int) -> None:
        self.pieces = list(pieces)
        self.taken = 0
        self.answer = 0

    async def receive(self) -> Message:
        self.taken += 1
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": b"x" * piece, "more_body": bool(self.pieces)}

    async def send(self, message: Message) -> None:
        self.answer = message.get("status", self.answer)


async def sent(sender: Sender, path: str, method: str = "POST", length: int | None = None) -> int:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        await PlainTextResponse(str(len(body)))(scope, receive, send)

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, DondocError)
        return PlainTextResponse(error.code, 413)

    limit: Any = BodyLimit(app, 100, answer, ADDRESSES, BOUNDS.room)
    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    await limit(scope, sender.receive, sender.send)
    return sender.answer


@pytest.mark.parametrize(
    ("path", "method", "limit"),
    [
        ("/api/v1/plans", "POST", 1_000 + FORM_ROOM),
        ("/plans", "POST", 1_000 + FORM_ROOM),
        ("/plans/bao-chi-2024/document", "POST", 1_000 + FORM_ROOM),
        ("/plans", "PUT", 100),
        ("/api/v1/plans/x/document", "POST", 100),
        ("/plans/a/b/document", "POST", 100),
        ("/plans/x/draft/edit/task", "POST", 100),
        ("/api/v1/plans/x/draft", "PATCH", 100),
        ("/api/v1/obligations/1/reports", "POST", 100),
    ],
)
async def test_each_address_has_its_limit(path: str, method: str, limit: int) -> None:
    assert await sent(Sender(limit), path, method, limit) == 200
    said = Sender(limit + 1)
    assert (await sent(said, path, method, limit + 1), said.taken) == (413, 0), "it was read before it was refused"
    streaming = Sender(limit, 1, 1, 1)
    assert (await sent(streaming, path, method), streaming.taken) == (413, 2), "it was read on after it was too much"
    lying = Sender(limit, 1)
    assert await sent(lying, path, method, 5) == 413
    odd = Sender(limit)
    assert await sent(odd, path, method, -1) == 200


@pytest.fixture
async def address(site: Site) -> AsyncIterator[str]:
    """The application on a port."""
    server = LoopServer(site.app, "the API", "127.0.0.1", port := free_port())
    await server.start()
    yield f"http://127.0.0.1:{port}"
    await server.stop()


async def test_who_sends_too_much_hears_why(site: Site, address: str) -> None:
    headers = {"Authorization": f"Bearer {await site.token('quan-tri')}"}
    large = b"PK\x03\x04".ljust(MAX_BYTES + FORM_ROOM + 1, b"x")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, 2 * len(large), 1_000_000):
            yield large[:1_000_000] if start else b"--b\r\n"

    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as http:

        async def upload(data: bytes) -> httpx.Response:
            return await http.post(f"{P}/plans", data={"slug": "moi"}, files={"file": ("a.docx", data)})

        answer = await upload(large)
        assert (answer.status_code, answer.json()["code"]) == (413, "document-too-large")
        assert "10 MB" in answer.json()["detail"]
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = await http.post(f"{P}/plans", content=pieces(), headers=kind)
        assert (answer.status_code, answer.json()["code"]) == (413, "document-too-large")
        # As large as may be for the edge, and too large for a reader.
        answer = await upload(large[: MAX_BYTES + 1])
        assert (answer.status_code, answer.json()["code"]) == (413, "document-too-large")
        assert (await upload(large[:MAX_BYTES])).status_code == 422
        assert (await http.get(f"{P}/me")).status_code == 200


async def test_the_page_says_it_too(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    await admin.open("/plans")
    fields = Forms(admin.page).found["/plans"]
    fields.pop("file")
    files = {"file": ("a.pdf", b"x" * (MAX_BYTES + FORM_ROOM))}
    answer = await admin.http.post("/plans", data={**fields, "slug": "moi"}, files=files)
    assert (answer.status_code, "vượt quá 10 MB" in answer.text) == (413, True)


def test_the_limits_are_said_in_words() -> None:
    assert Bounds(MAX_BYTES, MAX_PAGES, MAX_ROWS).words == "10 MB, 500 trang, 5.000 dòng bảng"
