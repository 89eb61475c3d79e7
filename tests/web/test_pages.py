"""The pages as people use them: sign in, fill in a form, see what came of it; and who is kept out."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import Browser, Forms, signed_in
from fastapi.routing import APIRoute
from sites import GOOD, Site

from api import PAGE_PARTS, create_app
from domain.ids import rollup_id
from models.steps.rollups import step_rollup
from settings import Settings

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "binh-phuoc" / "ke-hoach.docx"


def page_routes() -> list[APIRoute]:
    return [route for part in PAGE_PARTS for route in part.routes if isinstance(route, APIRoute)]


OPEN_TO_ALL = {
    *(("GET", path) for path in ("/", "/sign-in", "/docs", "/favicon.ico", "/l/{token}", "/calendar/{token}.ics")),
    *(("HEAD", path) for path in ("/l/{token}", "/calendar/{token}.ics")),
    *(("POST", path) for path in ("/sign-in", "/l/{token}/acknowledge")),
}
"""What needs no sign-in: the doors, and what a signed link serves by itself."""


def test_every_page_has_a_permission_and_every_form_its_token() -> None:
    for route in page_routes():
        for method in route.methods or ():
            calls = str(_calls(route.dependant))
            if (method, route.path) in OPEN_TO_ALL:
                continue
            assert "reading.<locals>.guarded" in calls, route.path
            assert ("posting.<locals>.guarded" in calls) == (method == "POST"), route.path


def _calls(dependant: object) -> list[object]:
    below = dependant.dependencies  # type: ignore[attr-defined]
    return [dependant.call, *(call for each in below for call in _calls(each))]  # type: ignore[attr-defined]


async def test_an_officer_reports_on_the_page(site: Site) -> None:
    officer = await signed_in(site, "bao-can-bo")
    url = f"/obligations/{await site.world.obligation('bao')}"
    assert url in officer.page
    assert "Tính đến 08:00 ngày 27/9/2024" in officer.page
    await officer.open(url)

    await officer.fill(f"{url}/report", do="save", result="Mới viết <b>một</b> phần")
    assert "Đã lưu nháp" in officer.page
    assert "Mới viết &lt;b&gt;một&lt;/b&gt; phần" in officer.page

    await officer.fill(f"{url}/report", do="send", result="", percent="130")
    assert officer.status == 422
    assert "Hãy nêu kết quả thực hiện" in officer.page
    await officer.fill(f"{url}/report", do="send", result="Đã xong <i>hết</i>", percent="130")
    assert "Tỷ lệ hoàn thành phải từ 0 đến 100" in officer.page
    assert "Đã xong &lt;i&gt;hết&lt;/i&gt;" in officer.page

    before = officer.page
    await officer.fill(f"{url}/report", do="send", result="Đã xong", percent="100", progress="Đạt")
    assert "Đã nhận báo cáo" in officer.page
    assert "chờ xem xét" in officer.page
    # The button was pressed twice: the second time nothing more happens, and nobody is told off.
    officer.page = before
    await officer.fill(f"{url}/report", do="send", result="Đã xong", percent="100", progress="Đạt")
    assert "Đã nhận báo cáo" in officer.page
    assert len(await site.world.rows("SELECT 1 FROM submission")) == 1


async def test_a_nil_report_and_a_request_for_more_time(site: Site) -> None:
    officer = await signed_in(site, "tap-chi-can-bo")
    url = f"/obligations/{await site.world.obligation('tap-chi')}"
    await officer.open(url)
    await officer.fill(f"{url}/extension", until="2024-11-01", reason="Chờ số liệu")
    assert "Ngày đề nghị phải sau hạn hiện tại" in officer.page
    await officer.fill(f"{url}/extension", until="2024-12-06", reason="Chờ số liệu")
    assert "Đã gửi đề nghị gia hạn" in officer.page

    coordinator = await signed_in(site, "so-tong-hop")
    await coordinator.open(url)
    number = await site.world.value("SELECT id FROM extension")
    await coordinator.fill(f"{url}/extensions/{number}", do="refuse", reason="")
    assert "phải nêu lý do" in coordinator.page
    await coordinator.fill(f"{url}/extensions/{number}", do="grant")
    assert "gia hạn đến hết ngày 06/12/2024" in coordinator.page
    other = await site.world.obligation("bao")
    await coordinator.http.post(f"/obligations/{other}/extensions/{number}", data={"do": "grant"})

    await officer.open(url)
    await officer.fill(f"{url}/report", do="send", nil="true", nil_reason="Không có việc trong kỳ")
    assert "Không có việc trong kỳ" in officer.page


async def test_a_coordinator_returns_and_accepts(site: Site) -> None:
    obligation = await site.world.obligation("bao")
    await site.post("bao-can-bo", f"/obligations/{obligation}/reports", GOOD)
    coordinator = await signed_in(site, "so-tong-hop")
    assert "Cần xem xét (1)" in coordinator.page
    url = f"/obligations/{obligation}"
    await coordinator.open(url)
    await coordinator.fill(f"{url}/decision", do="return", reason="Thiếu số liệu")
    assert "Đã trả lại báo cáo" in coordinator.page
    officer = await signed_in(site, "bao-can-bo")
    await officer.open(url)
    assert "Lý do: Thiếu số liệu" in officer.page
    assert "Đã tập huấn 120 cán bộ.</textarea>" in officer.page
    await officer.fill(f"{url}/report", do="send", result="Đủ số liệu")
    await coordinator.open(url)
    await coordinator.fill(f"{url}/decision", do="accept")
    assert "Đã tiếp nhận báo cáo" in coordinator.page
    assert "Hoàn thành đúng hạn" in coordinator.page


async def test_the_plan_page_shows_to_each_what_is_theirs(site: Site) -> None:
    officer = await signed_in(site, "hoi-can-bo")
    await officer.open("/plans/ke-hoach")
    assert "Đơn vị bạn phối hợp" in officer.page
    assert "Tiến độ" not in officer.page
    assert "Diễn biến" not in officer.page
    await officer.fill("/plans/ke-hoach/tasks/1/acknowledge")
    assert "tiếp nhận 08:00 ngày 27/9/2024" in officer.page

    coordinator = await signed_in(site, "so-tong-hop")
    await coordinator.open("/plans/ke-hoach")
    assert "Theo nghĩa vụ báo cáo" in coordinator.page
    assert "Hội tiếp nhận Nhiệm vụ 01" in coordinator.page
    await coordinator.fill("/plans/ke-hoach/tasks/2/guidance", number="5/HD", issued_on="2030-01-01")
    assert "chưa đến" in coordinator.page
    await coordinator.fill("/plans/ke-hoach/tasks/2/guidance", number="5/HD", issued_on="2024-09-01")
    assert "Hướng dẫn: 5/HD" in coordinator.page


async def test_a_rollup_is_signed_as_it_was_shown(site: Site) -> None:
    await site.world.clock("2024-12-12 08:00")
    rollup = await site.world.value("SELECT id FROM rollup WHERE period = '2024'")
    workflow = rollup_id(site.world.realm, site.world.plan, "2024")
    await step_rollup(site.world.engine, site.world.request(workflow, rollup, "compile"))
    signer = await signed_in(site, "so-giam-doc")
    url = "/plans/ke-hoach/rollups/2024"
    assert "Chờ ký" in signer.page
    await signer.open(url)
    action = f"{url}/sign?supplement=0"
    await signer.fill(action, sha256="0" * 64)
    assert signer.status == 409
    await signer.open(url)
    await signer.fill(action, number="215")
    assert "Đã ký báo cáo tổng hợp" in signer.page
    assert "số 215" in signer.page
    await signer.fill(f"{url}/unlock?supplement=0", reason="Sai số")
    assert "Đã mở khóa" in signer.page


async def test_who_is_kept_out(site: Site) -> None:
    url = f"/obligations/{await site.world.obligation('bao')}"
    stranger = await signed_in(site, "tap-chi-can-bo")
    await stranger.open(url)
    assert (stranger.status, "Bạn không có quyền" in stranger.page) == (403, True)

    officer = await signed_in(site, "bao-can-bo")
    await officer.open(url)
    await officer.fill(f"{url}/report", csrf="khac", do="send", result="Giả")
    assert (officer.status, "Biểu mẫu đã cũ" in officer.page) == (403, True)
    await officer.open(url)
    foreign = await officer.http.post(
        f"{url}/report", data=Forms(officer.page).found[f"{url}/report"], headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    # The cookie opens pages, not the API, where no form token is asked for.
    assert (await officer.http.get("/api/v1/me")).status_code == 401
    assert await site.world.rows("SELECT 1 FROM submission") == []


async def test_signing_in_and_out(site: Site) -> None:
    browser = Browser(site.browser())
    await browser.open("/sign-in")
    await browser.fill("/sign-in", token="sai")
    assert (browser.status, "Mã đăng nhập không đúng hoặc đã hết hạn." in browser.page) == (401, True)
    assert "hãy đăng nhập lại" not in browser.page
    answer = await browser.http.post("/sign-in", data={"token": await site.token("bao-can-bo"), "next": "//evil.test"})
    assert answer.headers["location"] == "/inbox"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    await browser.open("/inbox")
    fields = Forms(browser.page).found["/sign-out"]
    gone = (await browser.http.post("/sign-out", data=fields)).headers["set-cookie"]
    assert 'dondoc=""' in gone
    assert "Max-Age=0" in gone
    await browser.open("/obligations/1")
    assert "Mã đăng nhập" in browser.page
    assert 'value="/obligations/1"' in browser.page


async def test_cookies_of_a_secure_site_are_secure(site: Site, dsn: str) -> None:
    app = create_app(Settings(dsn=dsn, public_url="https://dondoc.example"), site.bells)
    async with app.router.lifespan_context(app):
        browser = Site(app, site.world, site.bells).browser()
        answer = await browser.post("/sign-in", data={"token": await site.token("bao-can-bo")})
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("who", ["bao-thu-truong", "so-giam-doc", "so-tong-hop", "chu-tich", "quan-tri", "bo-van-thu"])
async def test_pages_render_for_everybody(site: Site, who: str) -> None:
    browser = await signed_in(site, who)
    for path in ("/inbox", "/plans", "/plans/ke-hoach", "/static/dondoc.css"):
        await browser.open(path)
        assert browser.status == 200, path
    await browser.open("/plans/khong-co")
    assert (browser.status, "Không có kế hoạch" in browser.page) == (404, True)
    await browser.open("/khong-co")
    assert (browser.status, "Không có địa chỉ này" in browser.page) == (404, True)
