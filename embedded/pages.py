"""A page server to look at what the embedded mailbox and the Zalo sandbox took. Shows; changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from embedded import ports
from embedded.loop_server import LoopServer
from embedded.mailbox import Mailbox, StoredMessage
from embedded.message_view import subject_of, view
from embedded.zalo import ZaloSandbox

PER_PAGE = 50
HEADERS = {
    # A mail's HTML is shown in a sandboxed frame that inherits this: inline styles live, nothing is fetched or run.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Pages:
    """The server, in the running loop."""

    name = "pages"

    def __init__(
        self, mailbox: Mailbox, zalo: ZaloSandbox, host: str = ports.LOOPBACK, port: int | None = None
    ) -> None:
        self._mailbox = mailbox
        self._zalo = zalo
        folder = Path(__file__).parent / "templates"
        self._templates = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True)
        routes = [
            Route("/", self._list),
            Route("/mail/{number:int}", self._one),
            Route("/mail/{number:int}/raw", self._raw),
            Route("/mail/{number:int}/attachment/{index:int}", self._attachment),
            Route("/zalo", self._log),
        ]
        # Only by these names: a page elsewhere that lets its own name point here must not read mail.
        hosts = ["*"] if host == "0.0.0.0" else [ports.LOOPBACK, "localhost", host]  # noqa: S104 - a comparison
        app = Starlette(routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts)])
        self._server = LoopServer(app, "trang hộp thư", host, port)

    @property
    def url(self) -> str:
        """The address of the list of mails."""
        return self._server.url

    async def start(self) -> str:
        """Listen; returns the address. Raises `Refusal` if a wanted port is taken."""
        return await self._server.start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def _list(self, request: Request) -> Response:
        """Newest first, `?q=` narrows to addresses, `?before=` goes back."""
        q = request.query_params.get("q", "").strip()
        before = request.query_params.get("before", "")
        end = int(before) if before.isdecimal() else None
        found = [m for m in reversed(self._mailbox.messages()) if (end is None or m.number < end) and _is_for(m, q)]
        shown = [(message, subject_of(message.file)) for message in found[:PER_PAGE]]
        older = found[PER_PAGE - 1].number if len(found) > PER_PAGE else None
        return self._page("mails.html", mails=shown, q=q, older=older, total=len(found))

    def _one(self, request: Request) -> Response:
        return self._page("mail.html", mail=view(self._stored(request)))

    def _raw(self, request: Request) -> Response:
        content = self._stored(request).file.read_bytes()
        return Response(content, media_type="text/plain; charset=utf-8", headers=HEADERS)

    def _attachment(self, request: Request) -> Response:
        attachments = view(self._stored(request)).attachments
        index = request.path_params["index"]
        if index >= len(attachments):
            raise HTTPException(404, "Thư này không có tệp đó.")
        found = attachments[index]
        # Never shown by the browser, always saved: whoever wrote the mail does not write our pages.
        disposition = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
        headers = HEADERS | {"Content-Disposition": disposition}
        return Response(found.content, media_type="application/octet-stream", headers=headers)

    def _log(self, _: Request) -> Response:
        entries = list(enumerate(self._zalo.requests(), start=1))[::-1]
        shown = [(number, entry, _pretty(entry["body"]), _pretty(entry["answer"])) for number, entry in entries[:200]]
        events = [(_pretty(told["event"]), _pretty(told["answer"])) for told in self._zalo.events()[::-1]]
        return self._page("zalo.html", entries=shown, total=len(entries), events=events[:200], told=len(events))

    def _stored(self, request: Request) -> StoredMessage:
        found = self._mailbox.message(request.path_params["number"])
        if found is None:
            raise HTTPException(404, "Không có thư số này.")
        return found

    def _page(self, template: str, **values: object) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(template).render(**values), headers=HEADERS)


def _is_for(message: StoredMessage, q: str) -> bool:
    return not q or any(q.lower() in address.lower() for address in (message.mail_from, *message.rcpt_tos))


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
