"""The way of a report through the API, and every kind of refusal on it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from sites import GOOD, Site

from api import create_app
from domain.policy import Policy
from settings import Settings
from web.policies import read_policy

P = "/api/v1"
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "binh-phuoc" / "ke-hoach.docx"


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a problem, whose form is checked on the way."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "detail", "code"} <= set(body)
    return answer.status_code, body["code"]


async def test_a_report_is_received_reviewed_and_done(site: Site) -> None:
    obligation = await site.world.obligation("bao")
    url = f"/obligations/{obligation}"
    officer = await site.person("bao-can-bo")
    assert (await officer.put(f"{P}{url}/draft", json={"result": "Đang viết"})).status_code == 200
    assert (await site.get("bao-can-bo", url)).json()["draft"]["result"] == "Đang viết"

    receipt = await site.post("bao-can-bo", f"{url}/reports", GOOD)
    assert receipt.status_code == 201
    assert receipt.json()["revision"] == 1
    assert receipt.json()["in_time"] is True
    assert receipt.json()["received_at"] == "2024-09-27T01:00:00Z"
    assert site.bells.rung == ["thu/plan/ke-hoach/task/1/round/2024"]

    back = await site.post("so-tong-hop", f"{url}/reports/1/return", {"reason": "Thiếu số liệu"})
    assert back.json() == {"obligation": obligation, "revision": 1, "decision": "returned"}
    assert (await site.post("bao-can-bo", f"{url}/reports", GOOD)).json()["revision"] == 2
    line = (await site.get("so-tong-hop", "/obligations?scope=all&unit=bao&task=1")).json()["items"][0]
    assert (line["waiting_review"], line["revision"]) == (True, 2)
    assert (await site.post("so-tong-hop", f"{url}/reports/2/accept")).status_code == 200

    view = (await site.get("bao-can-bo", url)).json()
    assert view["obligation"]["state"] == "done_on_time"
    assert [s["decision"] for s in view["submissions"]] == ["returned", "accepted"]
    progress = (await site.get("so-tong-hop", "/plans/ke-hoach/progress?period=2024")).json()
    assert progress["obligation_counts"] == {"done_on_time": 1, "done_late": 0, "open_in_term": 1, "open_overdue": 0}
    assert progress["tasks"][1]["state"] == "open_in_term"
    assert progress["tasks"][2]["state"] is None


async def test_more_time_is_asked_and_granted(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}"
    asked = await site.post("bao-can-bo", f"{url}/extensions", {"until": "2024-12-06", "reason": "Chờ số liệu"})
    assert asked.status_code == 201
    number = asked.json()["extension"]
    assert (await site.get("bao-can-bo", "/obligations?task=1")).json()["items"][0]["extension"] == number
    assert code(await site.post("so-tong-hop", f"/extensions/{number}/refuse", {"reason": " "})) == (
        422, "reason-missing",
    )  # fmt: skip
    granted = await site.post("so-tong-hop", f"/extensions/{number}/grant")
    assert granted.json() == {"extension": number, "decision": "granted"}
    assert code(await site.post("so-tong-hop", f"/extensions/{number}/grant")) == (409, "already-decided")
    assert code(await site.post("so-tong-hop", "/extensions/999/grant")) == (404, "extension-unknown")


async def test_two_officers_at_once_one_is_first(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    answers = await asyncio.gather(
        site.post("bao-can-bo", url, GOOD), site.post("bao-thu-truong", url, GOOD | {"percent": 90})
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await site.world.rows("SELECT 1 FROM submission")) == 1


async def test_the_same_key_is_done_once_and_answered_twice(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    key = {"Idempotency-Key": "mot-lan"}
    answers = await asyncio.gather(*(site.post("bao-can-bo", url, GOOD, **key) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 5
    assert len(await site.world.rows("SELECT 1 FROM submission")) == 1
    assert code(await site.post("bao-can-bo", url, GOOD | {"percent": 1}, **key)) == (409, "idempotency-key-reused")
    # A key is a person's own, and an attempt that was refused leaves nothing behind.
    assert code(await site.post("bao-thu-truong", url, GOOD, **key)) == (409, "already-submitted")
    assert len(await site.world.rows("SELECT 1 FROM idempotent_reply")) == 1
    unfit = await site.post("bao-can-bo", url, GOOD, **{"Idempotency-Key": "hai lan"})
    assert code(unfit) == (422, "request-invalid")


async def test_a_reply_is_stored_with_its_fact_or_not_at_all(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    await site.world.run("ALTER TABLE idempotent_reply ADD CONSTRAINT broken CHECK (key <> 'hong')")
    answer = await site.post("bao-can-bo", url, GOOD, **{"Idempotency-Key": "hong"})
    assert code(answer) == (500, "internal-error")
    assert "broken" not in answer.text
    assert await site.world.rows("SELECT 1 FROM submission") == []
    assert site.bells.rung == []


async def test_what_was_reported_late_needs_an_explanation(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    await site.world.clock("2024-12-02 08:00")
    assert code(await site.post("bao-can-bo", url, GOOD)) == (422, "explanation-missing")
    late = await site.post("bao-can-bo", url, GOOD | {"explanation": "Thiếu người"})
    assert late.json()["in_time"] is False


async def test_what_cannot_be_read_is_named(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    answer = await site.post("bao-can-bo", url, GOOD | {"percent": "nhiều"})
    assert code(answer) == (422, "request-invalid")
    assert "percent" in answer.json()["detail"]
    assert code(await site.post("bao-can-bo", url, GOOD | {"resutl": ""})) == (422, "request-invalid")
    assert code(await site.post("bao-can-bo", url, {})) == (422, "result-missing")
    assert code(await site.get("bao-can-bo", "/obligations/nhieu")) == (422, "request-invalid")
    assert code(await site.get("bao-can-bo", "/obligations/999999999999999999999")) == (422, "request-invalid")
    assert code(await site.get("bao-can-bo", "/obligations/4711")) == (404, "obligation-unknown")
    assert code(await site.get("bao-can-bo", "/plans/%00")) == (422, "request-invalid")
    assert code(await site.get("bao-can-bo", "/nothing")) == (404, "path-unknown")
    officer = await site.person("bao-can-bo")
    assert code(await officer.post(P + url, content=b"{")) == (422, "request-invalid")
    assert code(await officer.delete(P + url)) == (405, "method-not-allowed")
    nul = await officer.post(P + url, json=GOOD | {"result": "mot\x00hai\r\nba"})
    assert nul.status_code == 201
    assert await site.world.value("SELECT result FROM submission") == "mot hai\nba"


async def test_five_megabytes_are_refused_however_they_come(site: Site) -> None:
    officer = await site.person("bao-can-bo")
    url = f"{P}/obligations/{await site.world.obligation('bao')}/reports"
    assert code(await officer.post(url, content=b"x" * 5_000_000)) == (413, "body-too-large")

    async def pieces() -> Any:
        for _ in range(50):
            yield b"x" * 100_000

    assert code(await officer.post(url, content=pieces())) == (413, "body-too-large")


async def test_temporal_down_changes_nothing_for_the_officer(site: Site) -> None:
    site.bells.up = False
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    assert (await site.post("bao-can-bo", url, GOOD)).status_code == 201
    async with site.browser() as anybody:
        ready = await anybody.get(f"{P}/ready")
        assert (ready.status_code, ready.json()["temporal"], ready.json()["database"]) == (200, "down", "up")
        assert (await anybody.get(f"{P}/health")).status_code == 200


async def test_the_real_bells_with_no_temporal_at_all(site: Site, dsn: str) -> None:
    app = create_app(Settings(dsn=dsn, temporal_address="127.0.0.1:1"))
    async with app.router.lifespan_context(app):
        alone = Site(app, site.world, site.bells)
        url = f"/obligations/{await site.world.obligation('bao')}/reports"
        assert (await alone.post("bao-can-bo", url, GOOD)).status_code == 201
        async with alone.browser() as anybody:
            assert (await anybody.get(f"{P}/ready")).json()["temporal"] == "down"


async def test_database_down_is_said_and_healed(site: Site, postgres: Any) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    officer = await site.person("bao-can-bo")
    await postgres.stop()
    try:
        answer = await officer.post(P + url, json=GOOD)
        assert code(answer) == (503, "database-unavailable")
        assert answer.headers["Retry-After"]
        assert code(await officer.get(f"{P}/ready")) == (503, "database-unavailable")
        assert (await officer.get(f"{P}/health")).status_code == 200
    finally:
        await postgres.start()
    assert (await officer.post(P + url, json=GOOD)).status_code == 201


async def test_guidance_and_acknowledgement(site: Site) -> None:
    plan = "/plans/ke-hoach/tasks"
    assert (await site.post("hoi-can-bo", f"{plan}/1/acknowledge")).json()["acknowledged"] is True
    assert code(await site.post("hoi-can-bo", f"{plan}/0/acknowledge")) == (404, "task-not-yours")
    body = {"number": "12/HD-BTTTT", "issued_on": "2024-09-20"}
    assert (await site.post("so-tong-hop", f"{plan}/2/guidance", body)).status_code == 201
    assert code(await site.post("so-tong-hop", f"{plan}/2/guidance", body)) == (409, "guidance-recorded")
    assert (await site.get("hoi-can-bo", "/plans/ke-hoach")).json()["tasks"][2]["guidance"] == "12/HD-BTTTT"


async def test_timelines_tell_what_happened(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}/reports"
    await site.post("bao-can-bo", url, GOOD)
    await site.world.step_round(name="take_in")
    told = (await site.get("so-tong-hop", "/plans/ke-hoach/tasks/1/timeline")).json()
    assert {entry["source"] for entry in told} == {"fact", "step", "notice"}
    words = [entry["what"] for entry in told]
    assert sum("gửi báo cáo" in what for what in words) == 1
    assert any("Mở kỳ báo cáo → cán bộ đầu mối, 2 đơn vị (chờ gửi)" in what for what in words)
    assert [entry["at"] for entry in told] == sorted(entry["at"] for entry in told)
    assert len((await site.get("so-tong-hop", "/plans/ke-hoach/timeline?limit=3")).json()) == 3
    mine = (await site.get("bao-can-bo", "/units/bao/timeline")).json()
    assert "step" not in {entry["source"] for entry in mine}
    assert (await site.get("so-tong-hop", "/units/bao/timeline?plan=ke-hoach")).status_code == 200


@pytest.mark.parametrize(
    ("policy", "named"),
    [
        ("[]", "đối tượng JSON"),
        ("5", "đối tượng JSON"),
        ("null", "đối tượng JSON"),
        ("{", "không đọc được"),
        ("[" * 15_000, "không đọc được"),
        ('{"x": 1}', "“x”"),
        ('{"lateness": "never"}', "“lateness”"),
        ('{"opens_workdays": "nhiều"}', "“opens_workdays”"),
        ('{"coalesce_minutes": 1e400}', "“coalesce_minutes”"),
        ('{"opens_workdays": 40, "sending_from": "21:00"}', "“sending_from”"),
        ('{"work_begins": "08:00+07:00"}', "“work_begins”"),
        ('{"sending_to": 20}', "“sending_to”"),
        ('{"ladder": [1]}', "“ladder”"),
        ('{"ladder": 1}', "“ladder”"),
        ('{"rollup_ladder": [{"name": "a"}]}', "“rollup_ladder”"),
        ('{"notation": "BC\\u0000"}', "“notation”"),
        ('{"notation": ["BC"]}', "“notation”"),
        ('{"first_year": 2029, "last_year": 2025}', "first_year, last_year"),
    ],
)
async def test_a_policy_that_does_not_fit_is_named(site: Site, policy: str, named: str) -> None:
    admin = await site.person("quan-tri")
    files = {"file": ("ke-hoach.docx", SAMPLE.read_bytes())}
    answer = await admin.post(f"{P}/plans", data={"slug": "moi", "policy": policy}, files=files)
    assert code(answer) == (422, "policy-invalid")
    assert named in answer.json()["detail"]
    assert len(await site.world.rows("SELECT 1 FROM plan")) == 1


def test_a_policy_is_read() -> None:
    assert read_policy("") == read_policy("{}") == Policy()
    assert read_policy('{"opens_workdays": 30, "last_year": 2040}') == Policy(opens_workdays=30, last_year=2040)
    assert read_policy(json.dumps(Policy().to_json())) == Policy()


@pytest.mark.parametrize("value", ["%00", "a%00b", "x" * 5000, "%20", "../a", "%F0%9F%98%80"])
async def test_no_query_and_no_path_breaks_the_books(site: Site, value: str) -> None:
    queries = (
        "/units/bao/timeline?plan=", "/units/bao/timeline?limit=", "/obligations?plan=", "/obligations?unit=",
        "/obligations?round=", "/obligations?task=", "/obligations?scope=", "/obligations?state=", "/obligations?skip=",
        "/plans/ke-hoach/progress?period=", "/plans/ke-hoach/rollups/2024?supplement=",
    )  # fmt: skip
    for path in queries:
        reader = "bao-can-bo" if path.startswith("/units") else "so-tong-hop"
        assert code(await site.get(reader, path + value)) == (422, "request-invalid"), path
    coordinator = await site.person("so-tong-hop")
    for path in ("/static/", "/sign-in?next=", "/inbox?done=", f"{P}/plans/", f"{P}/plans/ke-hoach/rollups/"):
        answer = await coordinator.get(path + value)
        assert answer.status_code < 500, (path, answer.status_code)


async def test_ready_does_not_wait_for_a_frozen_database(site: Site, dsn: str, postgres: Any) -> None:
    url, name = f"{P}/ready", dsn.rsplit("/", 1)[1].split("?")[0]
    async with site.browser() as anybody:
        assert (await anybody.get(url)).status_code == 200
        served = await site.world.rows("SELECT pid FROM pg_stat_activity WHERE datname = :name", name=name)
        frozen = [postgres.pid, *(row["pid"] for row in served)]
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        try:
            for _ in range(2):
                begun = time.monotonic()
                assert code(await anybody.get(url)) == (503, "database-unavailable")
                assert time.monotonic() - begun < 3
                assert (await anybody.get(f"{P}/health")).status_code == 200
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
        assert (await anybody.get(url)).status_code == 200


async def test_what_every_answer_carries(site: Site) -> None:
    answer = await site.get("bao-can-bo", "/clock")
    assert answer.json() == {"realm": "thu", "now": "2024-09-27T01:00:00Z", "kind": "rehearsal"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(answer.headers["X-Request-Id"]) == 16
    me = (await site.get("bao-can-bo", "/me")).json()
    assert me == {
        "person": "bao-can-bo",
        "name": "Người bao-can-bo",
        "realm": "thu",
        "unit": "bao",
        "roles": ["officer"],
    }
