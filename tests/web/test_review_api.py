"""Reviewing a plan over HTTP: import, patch, activate; what blocks, who was first, and amendments of a running plan."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import httpx
import pytest
from drafts import amended, messy, store
from sites import API as P
from sites import Site
from worlds import small_plan

from documents.read_file import read_file
from domain.plan import OwnerRef

PATCH = "application/json-patch+json"
TEXT = """ỦY BAN NHÂN DÂN
TỈNH THỬ
Số: 7/KH-UBND
Thử, ngày 05 tháng 02 năm 2024
KẾ HOẠCH
Tập huấn người làm báo
"""


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def patch(site: Site, path: str, version: int | str, *operations: dict[str, Any], **more: str) -> httpx.Response:
    headers = {"If-Match": f'"{version}"', "Content-Type": PATCH, **more}
    return await (await site.person("quan-tri")).patch(P + path, json=list(operations), headers=headers)


def op(path: str, value: Any, kind: str = "replace") -> dict[str, Any]:
    return {"op": kind, "path": path, "value": value}


CHOSEN = (op("/tasks/0/leads/0/unit", "so"), op("/tasks/1/leads/0/unit", "tap-chi"))
REGIME = op("/reporting/-", {"from": "units", "to": ["Sở TT"], "every": "yearly", "before": "11-30"}, "add")


async def test_a_plan_is_imported_patched_and_activated(site: Site) -> None:
    admin = await site.person("quan-tri")
    answer = await admin.post(f"{P}/plans", data={"slug": "moi"}, files={"file": ("kh.txt", TEXT.encode())})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert (body["slug"], body["version"], body["amendment"], body["blocking"]) == ("moi", 1, None, True)
    answer = await site.get("quan-tri", "/plans/moi/draft")
    assert answer.headers["ETag"] == '"1"'
    read = answer.json()
    assert (read["version"], read["status"], read["source_name"], read["changed_by"]) == (
        1, "draft", "kh.txt", "Người quan-tri",
    )  # fmt: skip
    assert read["draft"]["document"]["number"] == "7/KH-UBND"
    assert read["findings"] == read["draft"]["findings"]
    assert read["blocking"] == sum(f["severity"] == "blocking" for f in read["findings"]) > 0

    refused = await site.post("quan-tri", "/plans/moi/activate")
    assert code(refused) == (422, "plan-not-ready")
    for finding in read["findings"]:
        assert (finding["message"] in refused.json()["detail"]) == (finding["severity"] == "blocking")

    task = {
        "ordinal": 1,
        "title": "Tập huấn",
        "leads": [{"text": "Các cơ quan báo chí"}],
        "timing": {"text": "Hằng năm"},
    }
    lead = {"from": "lead", "to": ["UBND tỉnh"], "every": "yearly", "before": "12-15"}
    answer = await patch(
        site, "/plans/moi/draft", 1, op("/tasks", [task]), op("/lead_agency", "Sở TT"), op("/reporting", [lead]), REGIME
    )
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"'), answer.text
    assert (answer.json()["version"], answer.json()["blocking"]) == (2, 0)
    draft = (await site.get("quan-tri", "/plans/moi/draft")).json()["draft"]
    assert draft["tasks"][0]["leads"] == [{"text": "Các cơ quan báo chí", "unit": None, "group": "bao-chi"}]
    assert [rule["kind"] for rule in draft["tasks"][0]["timing"]["rules"]] == ["yearly"]

    stale = await site.post("quan-tri", "/plans/moi/activate", **{"If-Match": '"1"'})
    assert code(stale) == (412, "draft-changed")
    done = await site.post("quan-tri", "/plans/moi/activate", **{"If-Match": '"2"'})
    assert done.json() == {"slug": "moi", "status": "active"}
    assert site.bells.rung == ["thu/plan/moi"]
    assert [task["ordinal"] for task in (await site.get("quan-tri", "/plans/moi")).json()["tasks"]] == [0, 1]
    assert code(await patch(site, "/plans/moi/draft", 2, op("/lead_agency", "Hội"))) == (409, "plan-already-active")
    assert code(await site.post("quan-tri", "/plans/moi/activate")) == (409, "plan-already-active")


async def test_what_blocks_goes_as_it_is_mended_and_what_the_reader_doubts_when_it_is_settled(site: Site) -> None:
    await store(site, messy())
    read = (await site.get("quan-tri", "/plans/nhap/draft")).json()
    codes = sorted(f["code"] for f in read["findings"] if f["severity"] == "blocking")
    assert codes == ["reporting-missing", "unit-unknown", "unit-unknown"]
    place = [f["code"] for f in read["findings"]].index("quality-poor")
    answer = await patch(
        site, "/plans/nhap/draft", 1, *CHOSEN, REGIME, op("/tasks/1/timing/text", "Quý II/2025"),
        op(f"/findings/{place}/code", "quality-poor", "test"), {"op": "remove", "path": f"/findings/{place}"},
    )  # fmt: skip
    found = {f["code"] for f in answer.json()["findings"]}
    assert answer.json()["blocking"] == 0
    assert not found & {"quality-poor", "unit-unknown", "timing-unclear", "reporting-missing"}
    # A finding that follows from the draft comes back until the draft is mended.
    for _ in range(2):
        read = (await site.get("quan-tri", "/plans/nhap/draft")).json()
        place = [f["code"] for f in read["findings"]].index("number-blank")
        again = await patch(site, "/plans/nhap/draft", read["version"], {"op": "remove", "path": f"/findings/{place}"})
        assert "number-blank" in {f["code"] for f in again.json()["findings"]}


async def test_a_choice_that_cannot_be_is_refused_and_not_lost_in_silence(site: Site) -> None:
    await store(site, messy())
    for unit in ("khong-co", "tap-chi"):  # the words "Đơn vị bao" are another unit's name outright
        answer = await patch(site, "/plans/nhap/draft", 1, op("/tasks/0/leads/1/unit", unit))
        assert code(answer) == (422, "choice-overruled")
        assert unit in answer.json()["detail"]
    assert (await site.get("quan-tri", "/plans/nhap/draft")).json()["version"] == 1


async def test_two_admins_one_is_first(site: Site) -> None:
    await store(site, messy())
    path = "/plans/nhap/draft"
    answers = await asyncio.gather(*(patch(site, path, 1, op("/document/number", f"{n}/KH-UBND")) for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]
    late = next(answer for answer in answers if answer.status_code == 412)
    assert code(late) == (412, "draft-changed")
    assert (late.headers["ETag"], late.json()["version"]) == ('"2"', 2)
    assert "Người quan-tri đã sửa" in late.json()["detail"]
    won = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
    assert (await site.get("quan-tri", path)).json()["draft"]["document"]["number"] == f"{won}/KH-UBND"
    assert code(await site.post("quan-tri", f"{path}/discard", **{"If-Match": '"1"'})) == (412, "draft-changed")


async def test_a_change_says_which_version_it_is_of(site: Site) -> None:
    await store(site, messy())
    admin, url = await site.person("quan-tri"), f"{P}/plans/nhap/draft"
    for given in ({}, {"If-Match": "*"}, {"If-Match": "1"}, {"If-Match": 'W/"1"'}, {"If-Match": '"x"'}):
        answer = await admin.patch(url, json=[], headers={"Content-Type": PATCH, **given})
        assert code(answer) == (428, "version-missing"), given
        assert code(await admin.put(url, json={}, headers=given)) == (428, "version-missing")
        assert code(await admin.post(f"{url}/discard", headers=given)) == (428, "version-missing")
    plain = await admin.patch(url, json=[], headers={"If-Match": '"1"'})
    assert code(plain) == (415, "media-type-unknown")


async def test_a_patch_that_does_not_fit_changes_nothing(site: Site) -> None:
    await store(site, messy())
    fine = op("/document/number", "9/KH-UBND")
    for bad, expected in (
        (op("/tasks/7/title", "x"), (422, "patch-invalid")),
        (op("/tasks/0/ordinal", "một"), (422, "draft-invalid")),
        (op("/tasks/0/title", "khác", "test"), (409, "patch-test-failed")),
    ):
        answer = await patch(site, "/plans/nhap/draft", 1, fine, bad)
        assert code(answer) == expected
    assert "Thao tác 2 (test “/tasks/0/title”)" in answer.json()["detail"]
    admin = await site.person("quan-tri")
    headers = {"If-Match": '"1"', "Content-Type": PATCH}
    for body in (b"{", b"{}", b"[1]", b'[{"op": "add", "path": "/\\ud800", "value": 1}]', b"[" * 9_000):
        assert (await admin.patch(f"{P}/plans/nhap/draft", content=body, headers=headers)).status_code == 422
    read = (await site.get("quan-tri", "/plans/nhap/draft")).json()
    assert (read["version"], read["draft"]["document"]["number"]) == (1, None)


async def test_a_patch_under_one_key_is_done_once(site: Site) -> None:
    await store(site, messy())
    key = {"Idempotency-Key": "mot-lan"}
    first = await patch(site, "/plans/nhap/draft", 1, *CHOSEN, **key)
    again = await patch(site, "/plans/nhap/draft", 1, *CHOSEN, **key)
    assert (first.status_code, again.status_code, again.text) == (200, 200, first.text)
    assert (again.headers["Idempotent-Replayed"], again.headers["ETag"]) == ("true", '"2"')
    assert code(await patch(site, "/plans/nhap/draft", 1, REGIME, **key)) == (409, "idempotency-key-reused")


async def test_a_whole_draft_is_put_in_its_place(site: Site) -> None:
    await store(site, messy())
    admin, url = await site.person("quan-tri"), f"{P}/plans/nhap/draft"
    whole = (await admin.get(url)).json()["draft"]
    whole["document"]["title"] = "Kế hoạch mới  "
    answer = await admin.put(url, json=whole, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (await admin.get(url)).json()["draft"]["document"]["title"] == "Kế hoạch mới"
    whole["extra"] = 1
    assert code(await admin.put(url, json=whole, headers={"If-Match": '"2"'})) == (422, "draft-invalid")


async def test_a_draft_is_discarded_and_its_slug_is_free(site: Site) -> None:
    await store(site, messy())
    gone = await site.post("quan-tri", "/plans/nhap/draft/discard", **{"If-Match": '"1"'})
    assert gone.json() == {"slug": "nhap", "amendment": None, "status": "discarded"}
    assert code(await site.get("quan-tri", "/plans/nhap/draft")) == (404, "plan-unknown")
    await store(site, small_plan())
    assert (await site.get("quan-tri", "/plans/nhap/draft")).json()["status"] == "draft"


async def test_the_source_comes_back_as_it_came(site: Site) -> None:
    await store(site, messy(), source=b"<script>alert(1)</script>")
    answer = await site.get("quan-tri", "/plans/nhap/source")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''b%E1%BA%A3n%201.docx"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert (await site.get("so-tong-hop", "/plans/ke-hoach/source")).status_code == 200


async def test_an_amendment_is_compared_patched_and_approved(site: Site) -> None:
    await store(site, amended(), "ke-hoach")
    lines = (await site.get("so-tong-hop", "/plans/ke-hoach/amendments")).json()
    assert [(line["number"], line["status"], line["version"]) for line in lines] == [(1, "proposed", 1)]
    path = "/plans/ke-hoach/amendments/1"
    answer = await site.get("quan-tri", path)
    assert answer.headers["ETag"] == '"1"'
    found = answer.json()
    assert (found["draft"]["amendment"], found["draft"]["status"]) == (1, "proposed")
    kinds = {each["kind"]: each for each in found["tasks"]}
    assert set(kinds) == {"changed", "added", "dropped"}
    assert {change["field"] for change in kinds["changed"]["fields"]} == {"leads"}
    assert kinds["added"]["before"] is None and kinds["dropped"]["after"] is None
    assert kinds["added"]["after"]["timing"]["rules"][0]["from"] == "2025-04-01"
    assert "number" in {change["field"] for change in found["plan"]}
    assert {each["kind"] for each in found["consequences"]} == {"changed", "dropped"}

    answer = await patch(site, path, 1, op("/tasks/1/title", "Mở dữ liệu về báo chí"))
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"'), answer.text
    assert answer.json()["amendment"] == 1
    assert code(await site.post("quan-tri", f"{path}/approve")) == (428, "version-missing")
    assert code(await site.post("quan-tri", f"{path}/approve", **{"If-Match": '"1"'})) == (412, "draft-changed")
    done = await site.post("quan-tri", f"{path}/approve", **{"If-Match": '"2"'})
    assert done.json() == {"slug": "ke-hoach", "amendment": 1, "status": "approved"}, done.text
    tasks = (await site.get("quan-tri", "/plans/ke-hoach")).json()["tasks"]
    assert "Mở dữ liệu về báo chí" in {task["title"] for task in tasks}
    assert code(await site.post("quan-tri", f"{path}/approve", **{"If-Match": '"2"'})) == (409, "amendment-decided")
    assert code(await patch(site, path, 2, op("/lead_agency", "Hội"))) == (409, "amendment-decided")
    assert (await site.get("quan-tri", f"{path}/source")).content == b"van ban"


async def test_an_amendment_that_blocks_is_not_approved_and_can_be_discarded(site: Site) -> None:
    plan = amended()
    unknown = replace(plan.tasks[1], leads=(OwnerRef("Cơ quan lạ"),))
    await store(site, replace(plan, tasks=(plan.tasks[0], unknown)), "ke-hoach")
    path = "/plans/ke-hoach/amendments/1"
    refused = await site.post("quan-tri", f"{path}/approve", **{"If-Match": '"1"'})
    assert code(refused) == (422, "plan-not-ready")
    assert "Cơ quan lạ" in refused.json()["detail"]
    gone = await site.post("quan-tri", f"{path}/discard", **{"If-Match": '"1"'})
    assert gone.json() == {"slug": "ke-hoach", "amendment": 1, "status": "discarded"}
    assert code(await site.get("quan-tri", "/plans/ke-hoach/amendments/2")) == (404, "amendment-unknown")
    assert len((await site.get("quan-tri", "/plans/ke-hoach")).json()["tasks"]) == 3


async def test_a_running_plan_is_amended_by_an_upload(site: Site) -> None:
    admin = await site.person("quan-tri")
    answer = await admin.post(f"{P}/plans", data={"slug": "ke-hoach"}, files={"file": ("sua.txt", TEXT.encode())})
    assert (answer.status_code, answer.json()["amendment"], answer.json()["version"]) == (201, 1, 1)
    answer = await admin.post(f"{P}/plans", data={"slug": "ke-hoach"}, files={"file": ("sua-2.txt", TEXT.encode())})
    assert (answer.json()["amendment"], answer.json()["version"]) == (1, 2)
    assert (await site.get("quan-tri", "/plans/ke-hoach")).json()["plan"]["status"] == "active"


async def test_who_may_review(site: Site) -> None:
    await store(site, messy())
    await store(site, amended(), "ke-hoach")
    reading = ("/plans/nhap/draft", "/plans/nhap/source", "/plans/ke-hoach/amendments", "/plans/ke-hoach/amendments/1")
    for who in ("bao-can-bo", "so-giam-doc", "chu-tich", "bo-van-thu"):
        for path in reading:
            assert code(await site.get(who, path)) == (403, "not-permitted"), (who, path)
    for path in reading:
        assert (await site.get("so-tong-hop", path)).status_code == 200, path
    coordinator = await site.person("so-tong-hop")
    headers = {"If-Match": '"1"', "Content-Type": PATCH}
    for path in ("/plans/nhap/draft", "/plans/ke-hoach/amendments/1"):
        assert code(await coordinator.patch(P + path, json=[], headers=headers)) == (403, "not-permitted")
        assert code(await coordinator.post(f"{P}{path}/discard", headers=headers)) == (403, "not-permitted")
    assert code(await coordinator.put(f"{P}/plans/nhap/draft", json={}, headers=headers)) == (403, "not-permitted")
    assert code(await coordinator.post(f"{P}/plans/nhap/activate")) == (403, "not-permitted")
    approve = await coordinator.post(f"{P}/plans/ke-hoach/amendments/1/approve", headers=headers)
    assert code(approve) == (403, "not-permitted")


async def test_bodies_are_found(site: Site) -> None:
    found = (await site.get("bao-can-bo", "/units")).json()
    assert [each["name"] for each in found if each["kind"] == "group"] == ["Các cơ quan báo chí", "các đơn vị"]
    units = [each["id"] for each in found if each["kind"] == "unit"]
    assert units == ["bo", "bao", "tap-chi", "hoi", "so", "ubnd"]
    likely = (await site.get("bao-can-bo", "/units?q=don vi bao&limit=2")).json()
    assert (likely[0]["id"], likely[0]["score"]) == ("bao", 1.0)
    assert len(likely) <= 2
    await site.world.run("UPDATE unit SET valid_to = '2024-01-01' WHERE slug = 'hoi'")
    assert "hoi" not in {each["id"] for each in (await site.get("bao-can-bo", "/units")).json()}


@pytest.mark.parametrize("path", ["draft", "source", "amendments/1", "amendments/0", "amendments/x"])
async def test_nothing_is_there_of_a_plan_that_is_not(site: Site, path: str) -> None:
    answer = await site.get("quan-tri", f"/plans/khong-co/{path}")
    assert answer.status_code in (404, 422)


def test_the_text_of_these_tests_is_read() -> None:
    assert read_file(TEXT.encode(), "kh.txt").document.number == "7/KH-UBND"
