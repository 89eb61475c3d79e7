"""A sandbox that behaves as Zalo's token and template-message services do, where that matters to a sender.

Refresh tokens are used up by one use, failures are HTTP 200 with `error` other than 0, numbers come as strings,
`tracking_id` protects from nothing. The exact code for a wrong application or secret is a guess of ours. Where it is
given a webhook, it tells it of each message that was received, signed as Zalo's events are.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from domain.receipts import MAC_PREFIX, RECEIVED_EVENT, event_mac
from embedded import ports
from embedded.files import write_whole
from embedded.loop_server import LoopServer

SANDBOX_APP_ID = "1000000000000000001"
SANDBOX_SECRET_KEY = "sandbox-secret-key"  # noqa: S105 - opens nothing but this sandbox
SANDBOX_OA_SECRET = "sandbox-oa-secret"  # noqa: S105 - signs nothing but this sandbox's events
SANDBOX_REFRESH_TOKEN = "sandbox-refresh-token-0"  # noqa: S105 - the first one, given to the project by hand
TOKEN_SECONDS = 90_000
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 - a path
MESSAGE_PATH = "/message/template"
SIGNATURE_HEADER = "X-ZEvent-Signature"
WEBHOOK_SECONDS = 2.0
"""So long a webhook has to answer."""
REASONS = {
    -14014: "Invalid refresh token",
    -14002: "Invalid app id or secret key",
    -100: "Unknown exception",
    -108: "Phone number is invalid",
    -109: "Template id is invalid",
    -111: "Template data is empty",
    -1121: "Template data exceeds the limit of a parameter",
    -118: "Zalo account does not exist",
    -124: "Access token is invalid",
    -133: "Messages cannot be sent between 22:00 and 06:00",
    -139: "User refused to receive this kind of message",
    -144: "Daily quota exceeded",
}
log = logging.getLogger(__name__)
Answer = dict[str, Any]


class ZaloSandbox:
    """The two services, in the running loop. Tokens and counters survive a restart."""

    name = "zalo"

    def __init__(
        self,
        folder: Path,
        host: str = ports.LOOPBACK,
        port: int | None = None,
        *,
        app_id: str = SANDBOX_APP_ID,
        secret_key: str = SANDBOX_SECRET_KEY,
        refresh_token: str = SANDBOX_REFRESH_TOKEN,
        daily_quota: int = 100_000,
        webhook: str = "",
        oa_secret: str = SANDBOX_OA_SECRET,
    ) -> None:
        """`refresh_token` is the first one, forgotten once used; the quota counts down until `reset_quota`.

        `webhook` is the address that is told of what was received, with `oa_secret`; none where it is empty.
        """
        self.folder = folder.absolute()
        self.on_accepted: Callable[[Mapping[str, Any]], None] | None = None
        """Called with the log's entry of a message taken, after its answer was written."""
        self.token_seconds = TOKEN_SECONDS
        self.webhook = webhook
        self._oa_secret = oa_secret
        self._app_id = app_id
        self._secret_key = secret_key
        self._daily_quota = daily_quota
        self._state: Answer = {"refresh_token": refresh_token, "access": {}, "remaining": daily_quota, "taken": 0}
        routes = [
            Route(TOKEN_PATH, self._token, methods=["POST"]),
            Route(MESSAGE_PATH, self._message, methods=["POST"]),
        ]
        self._server = LoopServer(Starlette(routes=routes), "Zalo thử nghiệm", host, port)

    @property
    def url(self) -> str:
        """The address that stands for both `oauth.zaloapp.com` and `business.openapi.zalo.me`."""
        return self._server.url

    async def start(self) -> str:
        """Listen; returns the address. Raises `Refusal` if a wanted port is taken."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = self.folder / "state.json"
        if state.exists():
            self._state = json.loads(state.read_text())
        return await self._server.start()

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def requests(self) -> list[Answer]:
        """Every request with its answer, oldest first."""
        file = self.folder / "log.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def events(self) -> list[Answer]:
        """Every event told to the webhook with its answer (status, or why there was none), oldest first."""
        file = self.folder / "events.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def expire_tokens(self) -> None:
        """Let every access token be too old from now on."""
        self._state["access"] = {}
        self._save()

    def reset_quota(self) -> None:
        """A new day's quota."""
        self._state["remaining"] = self._daily_quota
        self._save()

    async def _token(self, request: Request) -> JSONResponse:
        raw = (await request.body()).decode(errors="replace")
        form = {name: values[0] for name, values in parse_qs(raw).items()}
        answer = self._refreshed(form, request.headers.get("secret_key", ""))
        shown = {name: _masked(value) if "token" in name else value for name, value in form.items()}
        self._note(request, shown, {name: _masked(v) if "token" in name else v for name, v in answer.items()})
        return JSONResponse(answer)

    def _refreshed(self, form: Mapping[str, str], secret: str) -> Answer:
        if form.get("app_id") != self._app_id or not secrets.compare_digest(secret.encode(), self._secret_key.encode()):
            return _oauth_error(-14002)
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self._state["refresh_token"]:
            return _oauth_error(-14014)
        access = secrets.token_urlsafe(32)
        self._state["refresh_token"] = secrets.token_urlsafe(32)
        self._state["access"][access] = time.time() + self.token_seconds
        self._save()
        return {
            "access_token": access,
            "refresh_token": self._state["refresh_token"],
            "expires_in": str(self.token_seconds),
        }

    async def _message(self, request: Request) -> JSONResponse:
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        body = body if isinstance(body, dict) else {}
        error = self._error_for(request.headers.get("access_token", ""), body)
        answer = self._taken() if error == 0 else {"error": error, "message": REASONS.get(error, "Refused by script")}
        entry = self._note(request, body, answer)
        return JSONResponse(answer, background=BackgroundTask(self._tell, entry) if error == 0 else None)

    def _error_for(self, token: str, body: Answer) -> int:
        """0, or the code of the first thing that is wrong."""
        phone, data = str(body.get("phone", "")), body.get("template_data")
        if self._state["access"].get(token, 0.0) <= time.time():
            return -124
        if not re.fullmatch(r"84\d{9}", phone):
            return -108
        if not body.get("template_id"):
            return -109
        if not isinstance(data, dict) or not data:
            return -111
        if any(len(str(value)) > 200 for value in data.values()):
            return -1121
        refused = self._scripted(phone)
        return refused or (0 if self._state["remaining"] > 0 else -144)

    def _scripted(self, phone: str) -> int:
        """What `refusals.json` says for this phone, or under `*` for all; read anew each time."""
        file = self.folder / "refusals.json"
        refuse = json.loads(file.read_text()) if file.exists() else {}
        return int(refuse.get(phone, refuse.get("*", 0)))

    def _taken(self) -> Answer:
        self._state["remaining"] -= 1
        self._state["taken"] += 1
        self._save()
        quota = {"dailyQuota": str(self._daily_quota), "remainingQuota": str(self._state["remaining"])}
        sent = {
            "msg_id": f"sandbox{self._state['taken']:08}",
            "sent_time": str(int(time.time() * 1000)),
            "quota": quota,
        }
        return {"error": 0, "message": "Success", "data": sent}

    def _save(self) -> None:
        """Before anything is answered: a token handed out must still be known after a restart."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(self.folder / "state.json", json.dumps(self._state, indent=1).encode(), durable=False)

    def _note(self, request: Request, body: Answer, answer: Answer) -> Answer:
        """Append to the log: names of headers only, since their values are secrets."""
        entry = {"path": request.url.path, "headers": sorted(request.headers), "body": body, "answer": answer}
        with (self.folder / "log.jsonl").open("a") as out:
            out.write(json.dumps(entry, ensure_ascii=False) + "\n")
        return entry

    async def _tell(self, entry: Answer) -> None:
        if self.webhook:
            await self._tell_webhook(entry)
        if self.on_accepted is None:
            return
        try:
            self.on_accepted(entry)
        except Exception:
            log.exception("the Zalo sandbox's hook failed")

    async def _tell_webhook(self, entry: Answer) -> None:
        """One event for one message, told once: whether Zalo repeats what was not answered is not known."""
        now = str(int(time.time() * 1000))
        message = {
            "msg_id": entry["answer"]["data"]["msg_id"],
            "delivery_time": now,
            "tracking_id": str(entry["body"].get("tracking_id", "")),
        }
        event = {
            "event_name": RECEIVED_EVENT,
            "app_id": self._app_id,
            "sender": {"id": "sandbox"},
            "recipient": {"id": str(entry["body"]["phone"])},
            "message": message,
            "timestamp": now,
        }
        body = json.dumps(event, ensure_ascii=False).encode()
        mac = event_mac(self._app_id, body, now, self._oa_secret)
        headers = {SIGNATURE_HEADER: f"{MAC_PREFIX}{mac}", "Content-Type": "application/json"}
        try:
            async with httpx.AsyncClient(timeout=WEBHOOK_SECONDS) as client:
                answer: Answer = {
                    "status": (await client.post(self.webhook, content=body, headers=headers)).status_code
                }
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            answer = {"error": type(error).__name__}
        with (self.folder / "events.jsonl").open("a") as out:
            out.write(json.dumps({"event": event, "answer": answer}, ensure_ascii=False) + "\n")


def _oauth_error(code: int) -> Answer:
    return {"error": code, "error_name": REASONS[code], "error_reason": REASONS[code], "ref_doc": ""}


def _masked(token: str) -> str:
    return f"…{token[-4:]}"
