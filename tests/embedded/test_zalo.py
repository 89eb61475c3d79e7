import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.zalo import SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN, SANDBOX_SECRET_KEY, ZaloSandbox

MESSAGE = {"phone": "84900000001", "template_id": "7", "template_data": {"so": "3"}, "tracking_id": "t1"}


@pytest.fixture
async def zalo(tmp_path: Path) -> AsyncIterator[ZaloSandbox]:
    sandbox = ZaloSandbox(tmp_path / "zalo", daily_quota=2)
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


async def refresh(zalo: ZaloSandbox, token: str, secret: str = SANDBOX_SECRET_KEY) -> dict[str, Any]:
    form = {"app_id": SANDBOX_APP_ID, "grant_type": "refresh_token", "refresh_token": token}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{zalo.url}/v4/oa/access_token", data=form, headers={"secret_key": secret})
    assert answer.status_code == 200
    return dict(answer.json())


async def send(zalo: ZaloSandbox, access: str, **changed: Any) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{zalo.url}/message/template", json=MESSAGE | changed, headers={"access_token": access}
        )
    assert answer.status_code == 200
    return dict(answer.json())


async def test_a_refresh_token_is_used_up_by_one_use(zalo: ZaloSandbox) -> None:
    first = await refresh(zalo, SANDBOX_REFRESH_TOKEN)
    assert first["expires_in"] == "90000"
    assert (await refresh(zalo, SANDBOX_REFRESH_TOKEN))["error"] == -14014
    await zalo.stop()

    again = ZaloSandbox(zalo.folder)
    await again.start()
    assert (await send(again, first["access_token"]))["error"] == 0
    assert (await refresh(again, SANDBOX_REFRESH_TOKEN))["error"] == -14014
    assert "access_token" in await refresh(again, first["refresh_token"])
    await again.stop()


async def test_quota_counts_down_in_strings_and_tracking_ids_protect_from_nothing(zalo: ZaloSandbox) -> None:
    taken: list[Any] = []
    zalo.on_accepted = taken.append
    access = (await refresh(zalo, SANDBOX_REFRESH_TOKEN))["access_token"]
    first, second, third = [await send(zalo, access) for _ in range(3)]
    assert first["data"]["quota"] == {"dailyQuota": "2", "remainingQuota": "1"}
    assert second["data"]["quota"]["remainingQuota"] == "0"
    assert first["data"]["msg_id"] != second["data"]["msg_id"]
    assert third["error"] == -144
    zalo.reset_quota()
    assert (await send(zalo, access))["error"] == 0
    assert [entry["answer"]["data"]["msg_id"][-1] for entry in taken] == ["1", "2", "3"]


async def test_failures_are_http_200_with_a_code(zalo: ZaloSandbox) -> None:
    access = (await refresh(zalo, SANDBOX_REFRESH_TOKEN))["access_token"]
    assert (await send(zalo, "nonsense"))["error"] == -124
    assert (await send(zalo, access, phone="0900000001"))["error"] == -108
    assert (await send(zalo, access, template_data={}))["error"] == -111
    assert (await send(zalo, access, template_data={"so": "x" * 201}))["error"] == -1121
    (zalo.folder / "refusals.json").write_text(json.dumps({"84900000001": -139}))
    assert (await send(zalo, access))["error"] == -139
    assert (await send(zalo, access, phone="84900000002"))["error"] == 0
    (zalo.folder / "refusals.json").write_text(json.dumps({"*": -133}))
    assert (await send(zalo, access))["error"] == -133
    zalo.expire_tokens()
    assert (await send(zalo, access))["error"] == -124
    assert (await refresh(zalo, "x", secret="wrong"))["error"] == -14002


async def test_the_log_holds_requests_and_no_secret(zalo: ZaloSandbox) -> None:
    tokens = await refresh(zalo, SANDBOX_REFRESH_TOKEN)
    await send(zalo, tokens["access_token"])
    text = (zalo.folder / "log.jsonl").read_text()
    for secret in (SANDBOX_SECRET_KEY, SANDBOX_REFRESH_TOKEN, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in text
    assert [entry["path"] for entry in zalo.requests()] == ["/v4/oa/access_token", "/message/template"]
    assert zalo.requests()[1]["body"] == MESSAGE
    assert "access_token" in zalo.requests()[1]["headers"]
