"""The pages as people use them: sign in, fill in a form, see what came of it; and who is kept out."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from sites import GOOD, Site
from worlds import small_plan

from api import PAGE_PARTS, create_app
from documents.read_file import read_file
from domain.ids import rollup_id
from domain.plan import Finding, IndicatorDraft, OwnerRef, PlanDraft, Severity
from domain.policy import Policy
from models.facts.plans import ImportedPlan, import_plan
from models.steps.rollups import step_rollup
from settings import Settings

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "binh-phuoc" / "ke-hoach.docx"


class Forms(HTMLParser):
    """The forms of a page: action and the values its fields have."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.unlabelled: list[str] = []
        self._labels = set(re.findall(r'<label for="([^"]+)"', page))
        self._form = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = given["action"]
            self.found[self._form] = {}
        if tag == "input" and "name" in given and given.get("type") != "checkbox":
            self.found[self._form][given["name"]] = given.get("value", "")
        shown = tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "checkbox")
        if shown and given.get("id") not in self._labels:
            self.unlabelled.append(str(given))


class Browser:
    """Somebody with a browser: follows redirects, fills in the forms of the page they see."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.page = ""
        self.status = 0

    async def open(self, path: str) -> str:
        return self._seen(await self.http.get(path, follow_redirects=True))

    async def fill(self, action: str, again: bool = True, **values: str) -> str:
        fields = Forms(self.page).found[action] if again else {}
        return self._seen(await self.http.post(action, data={**fields, **values}, follow_redirects=True))

    def _seen(self, answer: httpx.Response) -> str:
        self.page, self.status = answer.text, answer.status_code
        assert "Traceback" not in self.page
        assert Forms(self.page).unlabelled == []
        return self.page


async def signed_in(site: Site, slug: str) -> Browser:
    browser = Browser(site.browser())
    await browser.open("/inbox")
    assert "Mã đăng nhập" in browser.page
    await browser.fill("/sign-in", token=await site.token(slug))
    assert "Việc của tôi" in browser.page
    return browser


def page_routes() -> list[APIRoute]:
    return [route for part in PAGE_PARTS for route in part.routes if isinstance(route, APIRoute)]


OPEN_TO_ALL = {("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/docs"), ("GET", "/favicon.ico")}


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
    assert "Đơn vị phối hợp" in officer.page
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


async def test_an_admin_imports_on_the_page(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    await admin.open("/plans")
    fields = Forms(admin.page).found["/plans"]
    fields.pop("file")
    wrong = await admin.http.post("/plans", data={**fields, "slug": "moi"}, files={"file": ("a.docx", b"text")})
    assert (wrong.status_code, "không phải văn bản Word" in wrong.text) == (422, True)
    none = await admin.http.post("/plans", data={**fields, "slug": "moi"}, files={"file": ("", b"")})
    assert "Hãy chọn tệp" in none.text
    strange = await admin.http.post(
        "/plans", data={**fields, "slug": "moi"}, files={"file": ("a.docx", SAMPLE.read_bytes())}
    )
    assert "chưa có trong danh mục" in strange.text


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


def draft_of_four() -> PlanDraft:
    plan = small_plan(("Hằng quý (phấn đấu)", "Quý II/2025", "Sau khi có văn bản hướng dẫn của Bộ", "khi thuận tiện"))
    first = replace(
        plan.tasks[0],
        title="Tập huấn <b>một</b>",
        result="Lớp tập huấn",
        leads=(OwnerRef("Báo tỉnh", unit="bao"), OwnerRef("Cơ quan lạ")),
        coordinators=(OwnerRef("Các cơ quan báo chí", group="bao-chi"),),
    )
    return replace(
        plan,
        tasks=(first, *plan.tasks[1:]),
        recipients=("Như trên", "Lưu VT"),
        indicators=(IndicatorDraft(2025, "Số lớp", ">=", 3, None, "ít nhất 03 lớp"),),
        findings=(Finding("unit-unknown", Severity.BLOCKING, "Nhiệm vụ 1: chưa có “Cơ quan lạ” trong danh bạ."),),
    )


async def store(site: Site, draft: PlanDraft) -> None:
    admin = await site.world.actor("quan-tri")
    plan = ImportedPlan("nhap", draft, b"source", "ban-1.docx", Policy(opens_workdays=31))
    await import_plan(site.world.engine, admin, plan)


async def test_the_draft_shows_what_was_read(site: Site) -> None:
    await store(site, draft_of_four())
    admin = await signed_in(site, "quan-tri")
    page = unescape(await admin.open("/plans/nhap"))
    for words in (
        "Đã đọc được 4 nhiệm vụ từ tệp ban-1.docx",
        "<dt>Cơ quan chủ trì</dt><dd>Sở TT</dd>",
        "Các đơn vị báo cáo Sở TT: hằng năm, trước ngày 30/11",
        "Cơ quan chủ trì báo cáo Bộ, UBND tỉnh: hằng năm, trước ngày 15/12",
        "Như trên; Lưu VT",
        "<dt>Chỉ tiêu</dt><dd>1</dd>",
        "Kết quả: Lớp tập huấn",
        "Báo tỉnh<small>→ Đơn vị bao</small>",
        'Cơ quan lạ<small class="unclear">→ chưa rõ</small>',
        "Các cơ quan báo chí<small>→ nhóm Các cơ quan báo chí</small>",
        "→ hằng quý, phấn đấu",
        "→ trong khoảng 01/4/2025 – 30/6/2025",
        "→ sau khi có văn bản hướng dẫn của Bộ",
        "khi thuận tiện<small>→ chưa rõ: chưa tính được hạn</small>",
        "<b>Phải xử lý:</b> Nhiệm vụ 1",
        "dondoc registry",
        "Còn 1 điểm phải xử lý",
    ):
        assert words in page, words
    assert "Tập huấn &lt;b&gt;một" in admin.page
    assert page.index("Nhiệm vụ đã đọc được") < page.index("Kích hoạt kế hoạch</button>")
    await admin.fill("/plans/nhap/activate")
    assert (admin.status, "Chưa kích hoạt được" in admin.page) == (422, True)

    officer = await signed_in(site, "bao-can-bo")
    await officer.open("/plans/nhap")
    assert "Nhiệm vụ đã đọc được" in officer.page
    assert "Nhập lại" not in officer.page
    assert "Kích hoạt kế hoạch" not in officer.page


async def test_a_corrected_document_takes_the_place_of_the_draft(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await store(site, draft_of_four())
    monkeypatch.setattr("web.pages.plan.read_file", lambda data: small_plan(("Hằng năm",) * int(data.decode())))
    admin = await signed_in(site, "quan-tri")
    await admin.open("/plans/nhap")
    fields = Forms(admin.page).found["/plans/nhap/document"]
    fields.pop("file")

    async def upload(data: bytes, slug: str = "nhap") -> tuple[int, str]:
        files = {"file": ("ban-2.docx", data)}
        answer = await admin.http.post(f"/plans/{slug}/document", data=fields, files=files, follow_redirects=True)
        return answer.status_code, answer.text

    none = await admin.http.post("/plans/nhap/document", data=fields, files={"file": ("", b"")})
    assert (none.status_code, "Hãy chọn tệp" in none.text, "Bản nháp" in none.text) == (422, True, True)
    status, page = await upload(b"2")
    assert (status, "Đã đọc được 2 nhiệm vụ từ tệp ban-2.docx" in page) == (200, True)
    # The same form with another file is another wish, and is not answered as if it had been done.
    status, page = await upload(b"3")
    assert (status, "Đã đọc được 2 nhiệm vụ" in page) == (409, True)
    rows = await site.world.rows("SELECT policy->>'opens_workdays' AS days FROM plan WHERE slug = 'nhap'")
    assert [row["days"] for row in rows] == ["31"]
    fields["once"] = "khac"
    status, page = await upload(b"1", "ke-hoach")
    assert (status, "đã được kích hoạt" in page) == (409, True)

    officer = await signed_in(site, "bao-can-bo")
    await officer.open("/plans/nhap")
    answer = await officer.http.post("/plans/nhap/document", data=fields, files={"file": ("a.docx", b"1")})
    assert answer.status_code == 403


async def test_a_real_plan_is_shown(site: Site) -> None:
    await store(site, replace(read_file(SAMPLE.read_bytes()), lead_agency="Sở TT"))
    admin = await signed_in(site, "quan-tri")
    page = await admin.open("/plans/nhap")
    assert (admin.status, "Đã đọc được" in page) == (200, True)
