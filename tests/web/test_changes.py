"""How a task is directed over HTTP and on its page: every way it changes, what is refused, and who is kept out."""

from __future__ import annotations

from typing import Any

from browsing import Forms, signed_in
from sites import API, Site

TASK = "/plans/ke-hoach/tasks/1"
WHY = {"reason": "Chờ bố trí kinh phí"}


async def post(site: Site, who: str, path: str, json: Any, status: int = 200, **headers: str) -> Any:
    answer = await site.post(who, path, json, **headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_task_is_suspended_and_goes_on(site: Site) -> None:
    done = await post(site, "so-tong-hop", f"{TASK}/suspension", WHY)
    assert done == {"plan": "ke-hoach", "task": 1, "change": "suspended"}
    assert "thu/plan/ke-hoach/task/1" in site.bells.rung
    again = await post(site, "so-tong-hop", f"{TASK}/suspension", WHY, 409)
    assert again["code"] == "already-suspended"
    assert (await post(site, "so-tong-hop", f"{TASK}/resumption", {}))["change"] == "resumed"
    assert (await post(site, "so-tong-hop", f"{TASK}/suspension", {"reason": " "}, 422))["code"] == "reason-missing"


async def test_a_repeated_request_does_it_once(site: Site) -> None:
    key = {"Idempotency-Key": "mot-lan"}
    first = await site.post("so-tong-hop", f"{TASK}/suspension", WHY, **key)
    second = await site.post("so-tong-hop", f"{TASK}/suspension", WHY, **key)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert await site.world.value("SELECT count(*) FROM suspension") == 1


async def test_a_task_is_handed_back_and_given_to_another(site: Site) -> None:
    asked = await post(site, "bao-can-bo", f"{TASK}/hand-back", {"reason": "Giao nhầm", "suggested": "hoi"}, 201)
    waiting = (await site.get("so-tong-hop", "/plans/ke-hoach/hand-backs")).json()
    assert [(h["id"], h["unit"], h["suggested"], h["task"]) for h in waiting] == [(asked["hand_back"], "bao", "hoi", 1)]
    decision = f"/hand-backs/{asked['hand_back']}/decision"
    assert (await post(site, "so-tong-hop", decision, {"granted": True}, 422))["code"] == "unit-missing"
    done = await post(site, "so-tong-hop", decision, {"granted": True, "to": "hoi"})
    assert done == {"hand_back": asked["hand_back"], "decision": "granted"}
    assert (await site.get("so-tong-hop", "/plans/ke-hoach/hand-backs")).json() == []
    mine = (await site.get("bao-can-bo", "/obligations?task=1")).json()["items"]
    theirs = (await site.get("hoi-can-bo", "/obligations?task=1")).json()["items"]
    assert (mine, [line["unit"] for line in theirs]) == ([], ["hoi"])


async def test_a_task_is_reassigned(site: Site) -> None:
    body = {"from_unit": "bao", "to_unit": "hoi", "reason": "Sắp xếp lại"}
    assert (await post(site, "so-tong-hop", f"{TASK}/reassignment", body))["change"] == "reassigned"
    assert (await post(site, "so-tong-hop", f"{TASK}/reassignment", body, 422))["code"] == "not-lead"


async def test_a_round_is_asked_for(site: Site) -> None:
    body = {"kind": "ad_hoc", "title": "Số lớp đã mở", "units": ["bao"], "due": "2024-09-30", "hour": "16:00"}
    made = await post(site, "so-tong-hop", f"{TASK}/rounds", body, 201)
    assert made == {
        "plan": "ke-hoach", "task": 1, "round": "DX-20240927-1", "late_at": "2024-09-30T09:00:00Z",
    }  # fmt: skip
    assert site.bells.rung[-1] == "thu/plan/ke-hoach/task/1/round/DX-20240927-1"
    for change, code in (
        ({"due": "2024-09-01"}, "due-not-ahead"),
        ({"units": []}, "units-missing"),
        ({"kind": "periodic"}, "request-invalid"),
        ({"hour": "25:00"}, "request-invalid"),
        ({"due": "0001-01-01"}, "due-not-ahead"),
        ({"until": "2024-12-01"}, "request-invalid"),
    ):
        assert (await post(site, "so-tong-hop", f"{TASK}/rounds", {**body, **change}, 422))["code"] == code


async def test_who_may_direct_a_task_and_who_may_hand_it_back(site: Site) -> None:
    directing = {
        f"{TASK}/suspension": WHY,
        f"{TASK}/resumption": {},
        f"{TASK}/reassignment": {"from_unit": "bao", "to_unit": "hoi", **WHY},
        f"{TASK}/rounds": {"kind": "ad_hoc", "title": "x", "units": ["bao"], "due": "2024-12-01"},
    }
    for who in ("bao-can-bo", "bao-thu-truong", "so-giam-doc", "chu-tich", "quan-tri", "bo-van-thu"):
        for path, body in directing.items():
            assert (await site.post(who, path, body)).status_code == 403, (who, path)
    asked = await post(site, "bao-thu-truong", f"{TASK}/hand-back", WHY, 201)
    for who in ("bao-can-bo", "chu-tich", "quan-tri"):
        decision = f"/hand-backs/{asked['hand_back']}/decision"
        assert (await site.post(who, decision, {"granted": True, "to": "hoi"})).status_code == 403
    assert (await post(site, "hoi-can-bo", f"{TASK}/hand-back", WHY, 422))["code"] == "not-lead"
    assert (await site.post("so-tong-hop", f"{TASK}/hand-back", WHY)).status_code == 403
    for who, status in (("bao-can-bo", 403), ("bo-van-thu", 403), ("chu-tich", 200), ("so-giam-doc", 200)):
        assert (await site.get(who, "/plans/ke-hoach/hand-backs")).status_code == status
        http = (await signed_in(site, who)).http
        assert (await http.get(TASK)).status_code == status
    assert (await site.post("so-tong-hop", "/hand-backs/99/decision", {"granted": False, **WHY})).status_code == 404


async def test_the_page_of_a_task(site: Site) -> None:
    browser = await signed_in(site, "so-tong-hop")
    await browser.open("/plans/ke-hoach")
    assert f'href="{TASK}"' in browser.page
    await browser.open(TASK)
    assert "Đang thực hiện" in browser.page
    await browser.fill(f"{TASK}/suspension", reason="Chờ <b>kinh phí</b>")
    assert "Đã tạm dừng nhiệm vụ" in browser.page
    assert "Chờ &lt;b&gt;kinh phí&lt;/b&gt;" in browser.page
    assert set(Forms(browser.page).found) == {"/sign-out", f"{TASK}/reassignment", f"{TASK}/resumption"}
    url = f"/obligations/{await site.world.obligation('bao')}"
    assert "Nhiệm vụ tạm dừng từ" in await browser.open(url)
    await browser.open(TASK)
    await browser.fill(f"{TASK}/resumption")
    assert "Nhiệm vụ được tiếp tục" in browser.page
    assert "cho tiếp tục" in browser.page


async def test_a_round_is_asked_for_on_the_page(site: Site) -> None:
    browser = await signed_in(site, "so-tong-hop")
    await browser.open(TASK)
    assert [name for name in ("bao", "tap-chi", "hoi", "so") if f"unit-{name}" in browser.page] == [
        "bao",
        "tap-chi",
        "hoi",
    ]
    typed = {"title": "Số lớp đã mở", "due": "2024-09-01", "unit-bao": "true"}
    await browser.fill(f"{TASK}/rounds", **typed)
    assert browser.status == 422
    assert "Hạn báo cáo phải còn ở phía trước" in browser.page
    form = Forms(browser.page).found[f"{TASK}/rounds"]
    assert {name: form.get(name) for name in typed} == typed
    await browser.fill(f"{TASK}/rounds", kind="thematic", due="2024-10-02")
    assert "Đã mở kỳ báo cáo" in browser.page
    assert "CD-20240927-1" in browser.page
    officer = await signed_in(site, "bao-can-bo")
    await officer.open(f"/obligations/{await site.world.obligation('bao', 1, 'CD-20240927-1')}")
    assert "Yêu cầu báo cáo chuyên đề" in officer.page
    assert "Số lớp đã mở" in officer.page
    await browser.open("/plans/ke-hoach/tasks/0")
    assert "unit-ubnd" in browser.page
    assert 'unit-bo"' not in browser.page


async def test_a_unit_hands_back_on_the_page_and_is_answered(site: Site) -> None:
    officer = await signed_in(site, "bao-can-bo")
    await officer.open("/plans/ke-hoach")
    assert f'href="{TASK}/hand-back"' in officer.page
    await officer.open(f"/obligations/{await site.world.obligation('bao')}")
    assert "Trả lại nhiệm vụ giao nhầm" in officer.page
    await officer.open(f"{TASK}/hand-back")
    await officer.fill(f"{TASK}/hand-back", reason=" ", suggested="hoi")
    assert "phải nêu lý do" in officer.page
    assert Forms(officer.page).found[f"{TASK}/hand-back"]["suggested"] == "hoi"
    await officer.fill(f"{TASK}/hand-back", reason="Không đúng chức năng")
    assert "Đã gửi đề nghị trả lại nhiệm vụ" in officer.page
    assert "đang chờ" in await officer.open(f"{TASK}/hand-back")
    number = await site.world.value("SELECT id FROM hand_back")

    coordinator = await signed_in(site, "so-tong-hop")
    assert "Đơn vị bao đề nghị trả lại Nhiệm vụ 01" in await coordinator.open("/plans/ke-hoach")
    await coordinator.open(TASK)
    action = f"{TASK}/hand-backs/{number}"
    assert Forms(coordinator.page).found[action]["to"] == "hoi"
    await coordinator.fill(action, do="refuse")
    assert "phải nêu lý do" in coordinator.page
    elsewhere = await coordinator.http.post(
        f"/plans/ke-hoach/tasks/2/hand-backs/{number}",
        data={**Forms(coordinator.page).found[action], "do": "grant"},
    )
    assert elsewhere.status_code == 404
    await coordinator.fill(action, do="grant")
    assert "Đã chuyển nhiệm vụ cho đơn vị mới" in coordinator.page
    assert "đã giao cho Hội" in coordinator.page
    assert "không có gì để trả lại" in await officer.open(f"{TASK}/hand-back")


async def test_a_task_is_reassigned_on_the_page(site: Site) -> None:
    browser = await signed_in(site, "so-tong-hop")
    await browser.open(TASK)
    await browser.fill(f"{TASK}/reassignment", from_unit="tap-chi", to_unit="bao", reason="Sắp xếp lại")
    assert "đã chủ trì" in browser.page
    form = Forms(browser.page).found[f"{TASK}/reassignment"]
    assert (form["from_unit"], form["to_unit"], form["reason"]) == ("tap-chi", "bao", "Sắp xếp lại")
    await browser.fill(f"{TASK}/reassignment", to_unit="hoi")
    assert "Đã chuyển nhiệm vụ cho đơn vị mới" in browser.page
    leader = await signed_in(site, "chu-tich")
    await leader.open(TASK)
    assert set(Forms(leader.page).found) == {"/sign-out"}
    assert (await leader.http.get(f"{API}/plans/ke-hoach/hand-backs")).status_code == 401
