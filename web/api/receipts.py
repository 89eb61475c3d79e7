"""What comes from outside without signing in: Zalo's events. And the administrator's word on a contact's address."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.contracts import Channel
from domain.errors import DondocError, NotFound, TooLarge, Unauthenticated
from domain.receipts import is_signed
from models.facts.contacts import clear_mark
from models.facts.receipts import keep_event, receipt_key
from web.auth import Action
from web.desk import Desk, Done, Slug, office_of, recording
from web.problems import translate

webhook = APIRouter(tags=["Hệ thống"])
router = APIRouter(tags=["Hệ thống"])
MOST_BYTES = 65_536
SIGNATURE = "X-ZEvent-Signature"


@dataclass(frozen=True)
class ZaloHook:
    """The app whose events are taken, and the official account's secret; empty where none are."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Cleared:
    """An address that is tried again from the next message on."""

    person: str
    channel: Channel


@webhook.post("/zalo/webhook", include_in_schema=False)
async def post_event(request: Request) -> Response:
    """Keep a signed event and answer at once; what it means is found out afterwards, whoever is down meanwhile."""
    try:
        new = await _keep(request)
    except (DondocError, HTTPException) as error:
        return translate(error).response()
    return JSONResponse({"kept": new})


async def _keep(request: Request) -> bool:
    hook: ZaloHook = request.app.state.zalo_hook
    if not hook.secret:
        raise NotFound("webhook-off", "Chưa đặt DONDOC_ZALO_OA_SECRET nên không nhận sự kiện của Zalo.")
    raw = await request.body()
    if len(raw) > MOST_BYTES:
        raise TooLarge("body-too-large", f"Sự kiện vượt quá giới hạn {MOST_BYTES // 1024} KB.")
    event = read_event(raw)
    timestamp = event["timestamp"]
    if not is_signed(request.headers.get(SIGNATURE, ""), hook.app_id, raw, timestamp, hook.secret):
        raise Unauthenticated(
            "signature-invalid", f"Chữ ký {SIGNATURE} thiếu hoặc không đúng; hãy kiểm tra khóa của OA."
        )
    key = receipt_key((event["event_name"], event["msg_id"], event["tracking_id"]), raw)
    return await keep_event(office_of(request).engine, key, raw, int(timestamp) / 1000)


def read_event(raw: bytes) -> dict[str, str]:
    """The fields by which an event is told from others, empty where it lacks them; raises 400 for what is no event.

    The timestamp (milliseconds) is given as it stands in the body, since it is signed so.
    """
    try:
        event: Any = json.loads(raw, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    if not isinstance(event, dict):
        raise HTTPException(400)
    message = event.get("message")
    fields = event | (message if isinstance(message, dict) else {})
    found = {name: fields.get(name) for name in ("event_name", "msg_id", "tracking_id")}
    timestamp = event.get("timestamp")
    if not (isinstance(timestamp, str) and timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 16):
        raise HTTPException(400)
    return {name: value if isinstance(value, str) else "" for name, value in found.items()} | {"timestamp": timestamp}


@router.post(
    "/people/{slug}/channels/{channel}/clear",
    response_model=Cleared,
    summary="Cho gửi lại tới một địa chỉ đã bị đánh dấu",
    description="Sau khi đã xác minh địa chỉ; người đã từ chối nhận tin Zalo thì không gỡ được.",
)
async def post_clear(
    desk: Annotated[Desk, recording(Action.MEND_CONTACT)],
    slug: Slug,
    channel: Annotated[Channel, Path(description="mail hoặc zalo")],
) -> JSONResponse:
    """Lift the mark of a person's present address."""

    async def act(books: AsyncConnection) -> Done:
        await clear_mark(books, desk.actor, slug, channel)
        return Done(Cleared(slug, channel))

    return await desk.record(None, act)
