"""Zalo template messages: the single-use refresh token, and what each error code asks for.

Literal requests and responses are in tests/fixtures/zalo. Failure is HTTP 200 with `error` ≠ 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.outcomes import ChannelDown, HungUp, Later, Outcome, Refused, Sent

log = structlog.get_logger(__name__)

TOKEN_EXPIRED = -124
TOKEN_USED = -14014
UNKNOWN = -100
QUIET_HOURS_SECONDS = 8 * 3600
BACK_OFF_SECONDS = 30 * 60
REFRESH_BEFORE_SECONDS = 600

_LATER = {-133: QUIET_HOURS_SECONDS, UNKNOWN: BACK_OFF_SECONDS}
_OTHER_CHANNEL_NOW = {-144, -147}
_PERSON = {-118, -119, -139, -141, -114, -110, -108}
_STOP = {-115, -137, -117, -120, -125, -131, -135, -136, *range(-107, -100)}
_OURS = {-109, -111, -112, -1121, -1122}


@dataclass(frozen=True)
class ZaloApp:
    """The official account's app and the addresses of the two services."""

    oauth_url: str
    message_url: str
    app_id: str
    secret_key: str
    template_id: str = "dondoc_digest"


def classify(error: int, message: str) -> Outcome:
    """What an error code asks for; one that is not known is tried again later, and shown."""
    code = str(error)
    if error in _LATER:
        return Later(code, message, _LATER[error])
    if error in _OTHER_CHANNEL_NOW or error in _OURS:
        if error in _OURS:
            log.error("zalo refused what we sent", code=code)
        return Refused(code, message)
    if error in _PERSON:
        return Refused(code, message, mark_contact=True)
    if error in _STOP or error == TOKEN_USED:
        return Refused(code, message, stop_channel=True)
    return Later(code, message, BACK_OFF_SECONDS)


class ZaloSession:
    """Sends over one HTTP client; the token pair lives in the books, refreshed by one at a time."""

    def __init__(self, engine: AsyncEngine, http: httpx.AsyncClient, app: ZaloApp) -> None:
        self._engine = engine
        self._http = http
        self._app = app

    async def send(self, phone: str, data: dict[str, str], tracking_id: str) -> Outcome:
        """Send one template message; an expired token is refreshed once. Raises `ChannelDown` when nothing answers."""
        token = await self._token(expired="")
        if isinstance(token, Refused):
            return token
        answer = await self._post(token, phone, data, tracking_id)
        if _error(answer) == TOKEN_EXPIRED:
            token = await self._token(expired=token)
            if isinstance(token, Refused):
                return token
            answer = await self._post(token, phone, data, tracking_id)
        error = _error(answer)
        if error == 0:
            return Sent(str((answer.get("data") or {}).get("msg_id", "")))
        if error == TOKEN_EXPIRED:
            return Refused(str(error), "the new token was refused too", stop_channel=True)
        return classify(error, str(answer.get("message") or ""))

    async def _post(self, token: str, phone: str, data: dict[str, str], tracking_id: str) -> dict[str, Any]:
        body = {"phone": phone, "template_id": self._app.template_id, "template_data": data, "tracking_id": tracking_id}
        return await self._json(
            HungUp, f"{self._app.message_url}/message/template", headers={"access_token": token}, json=body
        )

    async def _token(self, expired: str) -> str | Refused:
        """The access token, refreshed if it is old or is the one that was just refused.

        The row stays locked while the single-use refresh token is exchanged: nobody else may use it meanwhile, and the
        new pair is committed before it is used.
        """
        async with self._engine.begin() as connection:
            row = (
                (
                    await connection.execute(
                        text(
                            """SELECT access, refresh, needs_authorisation,
                             expires_at < clock_timestamp() + make_interval(secs => :margin) AS old
                           FROM zalo_token WHERE app_id = :app FOR UPDATE"""
                        ),
                        {"app": self._app.app_id, "margin": REFRESH_BEFORE_SECONDS},
                    )
                )
                .mappings()
                .one_or_none()
            )
            if row is None or row["needs_authorisation"]:
                return Refused(str(TOKEN_USED), "a person must authorise the app again", stop_channel=True)
            if row["access"] and row["access"] != expired and not row["old"]:
                return str(row["access"])
            answer = await self._refresh(str(row["refresh"]))
            if "access_token" not in answer:
                error = _error(answer)
                if error == UNKNOWN:
                    raise ChannelDown("no token, and no reason that is known")
                await connection.execute(
                    text("UPDATE zalo_token SET needs_authorisation = :used WHERE app_id = :app"),
                    {"app": self._app.app_id, "used": error == TOKEN_USED},
                )
                return Refused(str(error), "the refresh token was refused", stop_channel=True)
            await connection.execute(
                text(
                    """UPDATE zalo_token SET access = :access, refresh = :refresh, refreshed_at = clock_timestamp(),
                         expires_at = clock_timestamp() + make_interval(secs => :seconds) WHERE app_id = :app"""
                ),
                {
                    "access": answer["access_token"],
                    "refresh": answer["refresh_token"],
                    "seconds": float(answer["expires_in"]),
                    "app": self._app.app_id,
                },
            )
        return str(answer["access_token"])

    async def _refresh(self, refresh: str) -> dict[str, Any]:
        form = {"app_id": self._app.app_id, "grant_type": "refresh_token", "refresh_token": refresh}
        return await self._json(
            ChannelDown,
            f"{self._app.oauth_url}/v4/oa/access_token",
            headers={"secret_key": self._app.secret_key},
            data=form,
        )

    async def _json(self, lost: type[ChannelDown], url: str, **request: Any) -> dict[str, Any]:
        """The answer; raises `ChannelDown` where nobody listens, `lost` where what comes back is no answer."""
        try:
            response = await self._http.post(url, **request)
            response.raise_for_status()
            answer = response.json()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ChannelDown(f"{type(error).__name__}: {error}") from error
        except (httpx.HTTPError, ValueError) as error:
            raise lost(f"{type(error).__name__}: {error}") from error
        if not isinstance(answer, dict):
            raise lost("the answer is not an object")
        return answer


def _error(answer: dict[str, Any]) -> int:
    """The error number; Zalo writes numbers as strings in places. No number is never a success."""
    try:
        return int(answer["error"])
    except (KeyError, TypeError, ValueError):
        return UNKNOWN
