"""The people of the script: they act through the public HTTP API alone, each with a token of their own."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from domain.errors import Refusal
from rehearsal.script import Act, Does, Report, Script

RETRY_SECONDS = 0.5
TRIES = 240

_WORDS = {
    Does.IMPORT: "nhập kế hoạch",
    Does.ACTIVATE: "kích hoạt kế hoạch",
    Does.ACKNOWLEDGE: "tiếp nhận nhiệm vụ",
    Does.REPORT: "gửi báo cáo",
    Does.ACCEPT: "tiếp nhận báo cáo",
    Does.RETURN: "trả lại báo cáo",
    Does.ASK_EXTENSION: "đề nghị gia hạn",
    Does.GRANT_EXTENSION: "chấp thuận gia hạn",
    Does.REFUSE_EXTENSION: "không chấp thuận gia hạn",
    Does.ISSUE_LETTER: "ban hành công văn đôn đốc",
    Does.SIGN: "ký báo cáo tổng hợp",
    Does.UNLOCK: "mở khóa báo cáo tổng hợp",
    Does.ACKNOWLEDGE_ROLLUP: "ghi nhận nơi nhận đã nhận",
}


def words_of(act: Act) -> str:
    """One line for the display."""
    task = f" · nhiệm vụ {act.task}" if act.task is not None else ""
    unit = f" · {act.unit}" if act.does not in {Does.IMPORT, Does.ACTIVATE, Does.SIGN} else ""
    refused = f"  (phải bị từ chối: {act.refused})" if act.refused else ""
    return f"{act.who}: {_WORDS[act.does]}{task}{unit}{refused}"


class Actors:
    """Does what a script says. An answer that is lost is asked for again under the same Idempotency-Key."""

    def __init__(self, http: httpx.AsyncClient, tokens: dict[str, str], script: Script, seeker: str) -> None:
        """`seeker` is who may see every obligation: it finds the number of another unit's, so that a refusal comes
        from the act and not from the search for it.
        """
        self._http = http
        self._tokens = tokens
        self._script = script
        self._seeker = seeker
        self._plan = f"/api/v1/plans/{script.plan}"

    async def perform(self, number: int, act: Act) -> None:
        """Do one act; raises `Refusal` with `script-differs` where the API answers otherwise than the script says."""
        answer = await self._send(act.who, number, **await self._request(act))
        problem = {} if answer.is_success else answer.json()
        code = problem.get("code", "") if not answer.is_success else ""
        if code != act.refused:
            raise Refusal(
                "script-differs",
                f"{act.place}: {words_of(act)}: API trả lời {answer.status_code} {code or 'thành công'}, "
                f"kịch bản chờ {act.refused or 'thành công'}. {problem.get('detail', '')}",
            )

    async def _request(self, act: Act) -> dict[str, Any]:
        match act.does:
            case Does.IMPORT:
                return {"url": "/api/v1/plans", "data": {"slug": self._script.plan}, "upload": self._script.document}
            case Does.ACTIVATE:
                return {"url": f"{self._plan}/activate"}
            case Does.ACKNOWLEDGE:
                return {"url": f"{self._plan}/tasks/{act.task}/acknowledge"}
            case Does.SIGN | Does.UNLOCK | Does.ACKNOWLEDGE_ROLLUP:
                return await self._rollup_request(act)
            case Does.ISSUE_LETTER:
                return await self._letter_request(act)
            case _:
                return await self._obligation_request(act)

    async def _rollup_request(self, act: Act) -> dict[str, Any]:
        url = f"{self._plan}/rollups/{act.round}"
        if act.does is Does.SIGN:
            seen = await self._get(act.who, url)
            return {"url": f"{url}/sign", "json": {"sha256": seen.get("sha256") or "", "number": act.number}}
        if act.does is Does.UNLOCK:
            return {"url": f"{url}/unlock", "json": {"reason": act.reason}}
        return {"url": f"{url}/acknowledge", "json": {"note": act.note}}

    async def _letter_request(self, act: Act) -> dict[str, Any]:
        letters = await self._get(self._seeker, f"{self._plan}/letters")
        found = [each["id"] for each in letters if each["unit"] == act.unit and each["settled_at"] is None]
        if len(found) != 1:
            raise Refusal("script-differs", f"{act.place}: {len(found)} công văn chờ ký gửi {act.unit}.")
        body = {"number": act.number, "issued_on": str(act.at.date())}
        return {"url": f"/api/v1/letters/{found[0]}/issue", "json": body}

    async def _obligation_request(self, act: Act) -> dict[str, Any]:
        found = await self._obligation(act)
        url = f"/api/v1/obligations/{found['id']}"
        reason = {"reason": act.reason}
        match act.does:
            case Does.REPORT:
                return {"url": f"{url}/reports", "json": asdict(act.report or Report())}
            case Does.ACCEPT:
                return {"url": f"{url}/reports/{found['revision']}/accept"}
            case Does.RETURN:
                return {"url": f"{url}/reports/{found['revision']}/return", "json": reason}
            case Does.ASK_EXTENSION:
                return {"url": f"{url}/extensions", "json": reason | {"until": str(act.until)}}
            case Does.GRANT_EXTENSION:
                return {"url": f"/api/v1/extensions/{found['extension']}/grant"}
            case _:
                return {"url": f"/api/v1/extensions/{found['extension']}/refuse", "json": reason}

    async def _obligation(self, act: Act) -> dict[str, Any]:
        query = {"plan": self._script.plan, "task": act.task, "round": act.round, "unit": act.unit}
        found = (await self._get(self._seeker, "/api/v1/obligations", query | {"scope": "all", "state": "all"}))[
            "items"
        ]
        if len(found) != 1:
            raise Refusal("script-differs", f"{act.place}: {len(found)} nghĩa vụ ứng với {query}.")
        return dict(found[0])

    async def _get(self, who: str, url: str, query: dict[str, Any] | None = None) -> Any:
        answer = await self._send(who, 0, url=url, method="GET", params=query)
        if not answer.is_success:
            raise Refusal("script-differs", f"{who} may not read {url}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    async def _send(self, who: str, number: int, url: str, method: str = "POST", **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[who]}"}
        upload: Path | None = request.pop("upload", None)
        if method == "POST":
            told = json.dumps([url, request], sort_keys=True, default=str)
            headers["Idempotency-Key"] = f"act-{number}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
        if upload is not None:
            request["files"] = {"file": (upload.name, upload.read_bytes())}
        for _ in range(TRIES):
            try:
                answer = await self._http.request(method, url, headers=headers, **request)
            except httpx.TransportError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(RETRY_SECONDS)
        raise Refusal("api-silent", f"The API did not answer {method} {url} in {TRIES * RETRY_SECONDS:.0f} s.")
