"""The people of the script: they act through the public HTTP API alone, each with a token of their own."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import httpx

from domain.errors import Refusal
from rehearsal.script import Act

RETRY_SECONDS = 0.5
TRIES = 240


class Actors:
    """Does what a script says. An answer that is lost is asked for again under the same Idempotency-Key."""

    def __init__(self, http: httpx.AsyncClient, tokens: dict[str, str], plan: str, folder: Path) -> None:
        self._http = http
        self._tokens = tokens
        self._plan = plan
        self._folder = folder

    async def perform(self, number: int, act: Act) -> None:
        """Do one act; raises `Refusal` with `script-differs` where the API answers otherwise than the script says."""
        request = await self._request(act)
        answer = await self._send(act.who, number, **request)
        code = "" if answer.is_success else answer.json().get("code", "")
        expected = act.refused or ""
        if code != expected:
            said = f"{answer.status_code} {code}" if code else str(answer.status_code)
            detail = "" if answer.is_success else answer.json().get("detail", "")
            raise Refusal(
                "script-differs",
                f"act {number} ({act.at:%d/%m %H:%M} {act.who} {act.does}): the API answered {said}, "
                f"the script expects {expected or 'success'}. {detail}",
            )

    async def _request(self, act: Act) -> dict[str, Any]:
        a, plan = act.fields, f"/api/v1/plans/{self._plan}"
        does = act.does
        if does == "import":
            return {"url": "/api/v1/plans", "data": {"slug": self._plan}, "upload": self._folder / a["document"]}
        if does == "activate":
            return {"url": f"{plan}/activate"}
        if does == "acknowledge":
            return {"url": f"{plan}/tasks/{a['task']}/acknowledge"}
        if does == "guidance":
            body = {"number": a["number"], "issued_on": a["issued_on"].isoformat()}
            return {"url": f"{plan}/tasks/{a['task']}/guidance", "json": body}
        if does in {"sign", "unlock", "acknowledge_rollup"}:
            return await self._rollup_request(act, plan)
        return await self._obligation_request(act)

    async def _rollup_request(self, act: Act, plan: str) -> dict[str, Any]:
        a = act.fields
        url = f"{plan}/rollups/{a.get('period', str(act.at.year))}"
        query = f"?supplement={a.get('supplement', 0)}"
        if act.does == "sign":
            seen = await self._get(act.who, url + query)
            body = {"sha256": seen.get("sha256") or "", "number": a.get("number")}
            return {"url": f"{url}/sign{query}", "json": body}
        if act.does == "unlock":
            return {"url": f"{url}/unlock{query}", "json": {"reason": a["reason"]}}
        return {"url": f"{url}/acknowledge{query}", "json": {"note": a.get("note", "")}}

    async def _obligation_request(self, act: Act) -> dict[str, Any]:
        a = act.fields
        found = await self._obligation(act)
        url = f"/api/v1/obligations/{found['id']}"
        if act.does == "draft":
            return {"url": f"{url}/draft", "json": _report(a), "method": "PUT"}
        if act.does == "report":
            return {"url": f"{url}/reports", "json": _report(a)}
        if act.does in {"accept", "return"}:
            body = {"reason": a["reason"]} if act.does == "return" else None
            return {"url": f"{url}/reports/{found['revision']}/{act.does}", "json": body}
        if act.does == "ask_extension":
            body = {"until": a["until"].isoformat(), "reason": a["reason"]}
            return {"url": f"{url}/extensions", "json": body}
        answer = act.does.removesuffix("_extension")
        body = {"reason": a["reason"]} if answer == "refuse" else None
        return {"url": f"/api/v1/extensions/{found['extension']}/{answer}", "json": body}

    async def _obligation(self, act: Act) -> dict[str, Any]:
        """The obligation an act is about: that of the named unit, else of the actor's own. Looked up as the
        coordinator would where the actor may not see it, so that a refusal comes from the act and not the search.
        """
        a = act.fields
        query = {"plan": self._plan, "task": a["task"], "round": a.get("round", str(act.at.year)), "state": "all"}
        query |= {"scope": "all", "unit": a["unit"]} if "unit" in a else {"scope": "mine"}
        seeker = a.get("seen_by", act.who)
        found = (await self._get(seeker, "/api/v1/obligations", query))["items"]
        if len(found) != 1:
            raise Refusal("script-differs", f"{act.who} {act.does}: {len(found)} obligations match {query}.")
        return dict(found[0])

    async def _get(self, who: str, url: str, query: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = await self._send(who, 0, url=url, method="GET", params=query)
        if not answer.is_success:
            raise Refusal("script-differs", f"{who} may not read {url}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())

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


def _report(fields: dict[str, Any]) -> dict[str, Any]:
    names = ("result", "progress", "percent", "difficulties", "proposals", "nil", "nil_reason", "explanation")
    return {name: fields[name] for name in names if name in fields}
