"""Reviewing on the page as an admin does it: correct piece by piece, see what is left, activate; and amendments."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import httpx
from browsing import Browser, Forms, signed_in
from drafts import amended, messy, store
from sites import Site
from worlds import small_plan

from domain.plan import Finding, OwnerRef, PlanDraft, Severity, Where

BASE = "/plans/nhap/draft"


async def admin_on(site: Site, draft: PlanDraft, path: str = BASE) -> Browser:
    """An admin who has opened the review of a draft."""
    await store(site, draft)
    admin = await signed_in(site, "quan-tri")
    await admin.open(path)
    return admin


async def stored(site: Site, slug: str = "nhap") -> PlanDraft:
    return PlanDraft.from_json(await site.world.value("SELECT draft FROM plan WHERE slug = :slug", slug=slug))


async def test_the_page_shows_what_was_read_and_what_is_to_do(site: Site) -> None:
    admin = await admin_on(site, messy(), "/plans/nhap")
    page = unescape(admin.page)
    for words in (
        "Còn 3 việc phải xử lý trước khi kích hoạt",
        "2 chỗ ghi tên đơn vị chưa rõ là ai",
        "Chưa có hạn báo cáo của các đơn vị",
        'href="#reporting">Tới chỗ cần sửa',
        "Nên xem lại (",
        "Bản quét mờ",
        "Đã kiểm tra, bỏ cảnh báo này",
        "“Cơ quan lạ”",
        "nhiệm vụ 1</a>, <a",
        'Cơ quan lạ<small class="unclear">→ chưa rõ</small>',
        "Đơn vị bao<small>→ Đơn vị bao</small>",
        "tải văn bản gốc: bản 1.docx",
        "<button disabled",
        "Nút dùng được khi 3 việc trên đã xong",
        'value="15/12"',
        'value="Bộ; UBND tỉnh"',
        "Như trên\nLưu VT</textarea>",
    ):
        assert words in page, words
    assert "Lớp &lt;b&gt;tập huấn" in admin.page
    assert "<script" not in admin.page and "style=" not in admin.page
    ids = re.findall(r'\sid="([^"]+)"', admin.page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', admin.page))
    assert targets <= set(ids), targets - set(ids)


async def test_a_messy_draft_is_mended_and_activated(site: Site) -> None:
    admin = await admin_on(site, messy())
    page = await admin.fill(f"{BASE}/edit/choose", pick="unit:tap-chi")
    assert "Đã lưu và kiểm tra lại" in page and "Tên đơn vị cần làm rõ" not in page
    draft = await stored(site)
    assert [[lead.unit for lead in task.leads] for task in draft.tasks] == [["tap-chi", "bao"], ["tap-chi"]]
    assert [task.leads[0].text for task in draft.tasks] == ["Cơ quan lạ", "Cơ quan lạ"]

    page = await admin.fill(
        f"{BASE}/edit/reporting",
        **{"reporting-1-from": "units", "reporting-1-to": "Sở TT", "reporting-1-every": "yearly",
           "reporting-1-before": "30/11"},
    )  # fmt: skip
    assert "Không còn gì cản trở việc kích hoạt" in page
    await admin.fill(f"{BASE}/edit/settle")
    assert "Bản quét mờ" not in admin.page
    await admin.fill(f"{BASE}/edit/document", number="9/KH-UBND", issued_on="2024-02-05", signed_by="Người Ký")
    await admin.open(f"{BASE}/tasks/1")
    assert "chưa hiểu thời gian “tùy tình hình”" in unescape(admin.page)
    page = await admin.fill(f"{BASE}/edit/task", timing="Quý II/2025", title="Việc đã sửa")
    assert "từ 01/4/2025 đến hết 30/6/2025" in page
    await admin.fill(f"{BASE}/activate")
    assert "Đã kích hoạt kế hoạch" in admin.page
    assert "Việc đã sửa" in admin.page
    draft = await stored(site)
    assert (draft.document.number, str(draft.document.issued_on)) == ("9/KH-UBND", "2024-02-05")
    told = await site.world.rows("SELECT summary FROM fact WHERE kind = 'draft_changed' ORDER BY id")
    assert [row["summary"].split(": ", 1)[1] for row in told] == [
        "Chọn Đơn vị tap-chi cho “Cơ quan lạ”", "Sửa chế độ báo cáo", "Đã kiểm tra, bỏ cảnh báo: Bản quét mờ. Hãy đối "
        "chiếu với bản gốc.", "Sửa thông tin văn bản", "Sửa nhiệm vụ 2",
    ]  # fmt: skip
    # The draft's address leads to the plan from now on.
    await admin.open(BASE)
    assert "Theo nhiệm vụ" in admin.page


async def test_activation_is_refused_on_the_server_too(site: Site) -> None:
    admin = await admin_on(site, messy())
    await admin.fill(f"{BASE}/activate")
    assert (admin.status, "Còn 3 điểm phải xử lý" in admin.page) == (422, True)


async def test_who_comes_second_overwrites_nothing_and_loses_nothing(site: Site) -> None:
    first = await admin_on(site, messy())
    second = await signed_in(site, "quan-tri")
    await second.open(BASE)
    await first.fill(f"{BASE}/edit/document", number="1/KH-UBND")
    page = await second.fill(f"{BASE}/edit/document", number="2/KH-UBND", signed_by="Người Thứ Hai")
    assert second.status == 412
    assert "Người quan-tri đã sửa bản này" in page and "Chưa có gì bị ghi đè" in page
    assert "Nội dung bạn vừa gửi (chưa lưu)" in page and "Người ký: Người Thứ Hai</li>" in page
    assert page.count('<li class="prose">') == 2, "only what differs: the number and the signer"
    assert Forms(page).found[f"{BASE}/edit/document"]["number"] == "1/KH-UBND"
    assert (await stored(site)).document.number == "1/KH-UBND"
    # What is shown now is the newest version, so it can be done at once.
    await second.fill(f"{BASE}/edit/document", number="2/KH-UBND")
    assert (second.status, (await stored(site)).document.number) == (200, "2/KH-UBND")
    await first.open(f"{BASE}/tasks/0")
    await second.fill(f"{BASE}/edit/recipients", recipients="Lưu")
    page = await first.fill(f"{BASE}/edit/task", title="Của người thứ nhất")
    assert (first.status, "Của người thứ nhất</li>" in page, ">Việc 1</textarea>" in page) == (412, True, True)


async def test_a_form_that_is_sent_twice_is_done_once_and_from_history_it_is_another(site: Site) -> None:
    admin = await admin_on(site, messy())
    before = admin.page
    for _ in range(2):
        admin.page = before
        await admin.fill(f"{BASE}/edit/add")
        assert (admin.status, "Nhiệm vụ" in admin.page) == (200, True)
    assert len((await stored(site)).tasks) == 3
    admin.page = before
    page = await admin.fill(f"{BASE}/edit/recipients", recipients="Khác")
    assert (admin.status, "Chưa có gì bị ghi đè" in page) == (412, True)


KEPT = "Giữ lại"
UNFIT: tuple[tuple[str, dict[str, str], str], ...] = (
    ("document", {"issued_on": "2024-13-01", "signed_by": KEPT}, "Ngày “2024-13-01” không có"),
    ("reporting", {"reporting-0-before": "31/2", "reporting-0-via": KEPT}, "một ngày trong năm, ví dụ 30/11"),
    (
        "reporting",
        {"reporting-0-every": "weekly", "reporting-0-via": KEPT},
        "Quy định 1: Hạn báo cáo hằng tuần “15/12”",
    ),
    ("indicators", {"indicator-0-value": "nhiều", "indicator-0-subject": KEPT}, "phải là một con số"),
    ("indicators", {"indicator-0-horizon": "20x5", "indicator-0-subject": KEPT}, "năm phải là số từ 1900"),
    ("indicators", {"indicator-1-value": "5", "indicator-0-subject": KEPT}, "năm phải là số"),
    ("bases", {"basis-0-issued_on": "2024-01-01"}, "Hãy nhập số, ký hiệu của căn cứ"),
    ("choose", {"other": "Không Có Ai"}, "không có đúng một đơn vị hoặc nhóm tên “Không Có Ai”"),
    ("choose", {}, "Hãy chọn một đơn vị hoặc nhóm"),
    ("recipients", {"version": "x"}, "Nội dung đã nhập không hợp lệ"),
    ("recipients", {"recipients": "x" * 30_000}, "dài hơn 20000 ký tự"),
)


async def test_what_cannot_be_used_is_said_and_what_was_typed_stays(site: Site) -> None:
    admin = await admin_on(site, messy())
    for what, values, words in UNFIT:
        await admin.open(BASE)
        page = unescape(await admin.fill(f"{BASE}/edit/{what}", **values))
        assert (admin.status, words in page) == (422, True), (what, values)
        assert KEPT not in values.values() or KEPT in page
    assert await site.world.value("SELECT version FROM plan WHERE slug = 'nhap'") == 1


async def test_rows_are_added_changed_and_dropped(site: Site) -> None:
    admin = await admin_on(site, messy())
    await admin.fill(f"{BASE}/edit/indicators", **{
        "indicator-0-value": "2,5", "indicator-0-comparator": ">", "indicator-1-horizon": "2030",
        "indicator-1-subject": "Tỷ lệ", "indicator-1-value": "95", "indicator-1-unit": "%",
    })  # fmt: skip
    first, second = (await stored(site)).indicators
    assert (first.value, first.comparator, first.text) == (2.5, ">", "ít nhất 03 lớp")
    assert (second.horizon, second.value, second.unit, second.comparator) == (2030, 95, "%", ">=")
    assert 'value="2,5"' in admin.page
    await admin.fill(f"{BASE}/edit/indicators", **{"indicator-0-drop": "true"})
    assert [each.horizon for each in (await stored(site)).indicators] == [2030]
    await admin.fill(f"{BASE}/edit/bases", **{"basis-0-number": "348/QĐ-TTg", "basis-0-issued_on": "2023-04-06"})
    assert [basis.number for basis in (await stored(site)).document.legal_bases] == ["348/QĐ-TTg"]
    await admin.fill(f"{BASE}/edit/recipients", recipients=" Bộ \r\n\r\nLưu: VT")
    assert (await stored(site)).recipients == ("Bộ", "Lưu: VT")
    await admin.fill(f"{BASE}/edit/reporting", **{"reporting-0-drop": "true"})
    assert (await stored(site)).reporting == ()


async def test_a_task_is_edited_on_its_own_page(site: Site) -> None:
    admin = await admin_on(site, messy(), f"{BASE}/tasks/0")
    page = unescape(admin.page)
    assert "Hiểu là: hằng năm" in page
    offered = page.split('name="leads-1-pick"')[1].split("</select>")[0]
    assert offered.count(" selected") == 1 and '<option value="unit:bao" selected>' in offered
    assert offered.index('label="Giống nhất"') < offered.index('label="Đơn vị"') < offered.index('label="Nhóm"')
    await admin.fill(f"{BASE}/edit/task", then="next", **{
        "leads-0-pick": "group:bao-chi", "leads-1-text": "Hội", "leads-2-pick": "unit:so",
        "coordinators-0-text": "", "result": "Dòng một\r\nDòng hai", "timing": "Hằng quý; Quý II/2026",
    })  # fmt: skip
    assert "<h1>Nhiệm vụ 2</h1>" in admin.page
    task = (await stored(site)).tasks[0]
    assert task.leads == (
        OwnerRef("Cơ quan lạ", group="bao-chi"), OwnerRef("Hội", "hoi"), OwnerRef("Sở TT", "so"),
    )  # fmt: skip
    assert task.coordinators == ()
    assert task.result == "Dòng một\nDòng hai"
    assert [rule.kind.value for rule in task.timing.rules] == ["quarterly", "within"]
    await admin.open(f"{BASE}/tasks/0")
    page = await admin.fill(f"{BASE}/edit/task", ordinal="x", title="Đã gõ")
    assert (admin.status, "Số thứ tự phải là số" in page, "Đã gõ</textarea>" in page) == (422, True, True)
    overruled = unescape(await admin.fill(f"{BASE}/edit/task", ordinal="1", **{"leads-1-pick": "unit:bao"}))
    assert (admin.status, "Không chọn được bao cho “Hội”" in overruled) == (422, True)
    await admin.open(f"{BASE}/tasks/9")
    assert (admin.status, "chỉ có 2 nhiệm vụ" in admin.page) == (404, True)


async def test_tasks_are_added_moved_renumbered_and_removed(site: Site) -> None:
    admin = await admin_on(site, replace(small_plan(("Hàng năm",) * 3), findings=()))
    page = await admin.fill(f"{BASE}/edit/add")
    assert "<h1>Nhiệm vụ 4</h1>" in page and "Đã thêm nhiệm vụ trống" in page
    assert [t.title for t in (await stored(site)).tasks] == ["Việc 1", "Việc 2", "Việc 3", ""]
    await admin.open(f"{BASE}/tasks/0")
    assert "Chuyển lên" not in admin.page
    await admin.fill(f"{BASE}/edit/move", to="down")
    assert [(t.ordinal, t.title) for t in (await stored(site)).tasks[:2]] == [(1, "Việc 2"), (2, "Việc 1")]
    await admin.open(f"{BASE}/tasks/3")
    await admin.fill(f"{BASE}/edit/remove")
    await admin.open(f"{BASE}/tasks/0")
    await admin.fill(f"{BASE}/edit/remove")
    assert [(t.ordinal, t.title) for t in (await stored(site)).tasks] == [(2, "Việc 1"), (3, "Việc 3")]
    await admin.fill(f"{BASE}/edit/renumber")
    assert [t.ordinal for t in (await stored(site)).tasks] == [1, 2]


async def test_a_body_found_by_likeness_is_confirmed_once(site: Site) -> None:
    plan, words = messy(), "Sở Thôg tin và Truyền thông"
    admin = await admin_on(site, replace(plan, tasks=(replace(plan.tasks[0], leads=(OwnerRef(words),)),)))
    await site.world.run("UPDATE unit SET name = 'Sở Thông tin và Truyền thông' WHERE slug = 'tap-chi'")
    page = unescape(await admin.fill(f"{BASE}/edit/look-up"))
    assert "được hiểu là Sở Thông tin và Truyền thông (giống" in page and "chỉ giống, cần xác nhận" in page
    page = await admin.fill(f"{BASE}/edit/choose", pick="unit:tap-chi")
    assert "cần xác nhận" not in page
    # Confirmed is confirmed, however often names are looked up.
    await admin.fill(f"{BASE}/edit/recipients", recipients="Lưu")
    draft = await stored(site)
    assert draft.tasks[0].leads == (OwnerRef(words, "tap-chi"),)
    assert "unit-similar" not in {finding.code for finding in draft.findings}


async def test_all_doubts_are_settled_at_once_and_none_that_blocks(site: Site) -> None:
    doubts = tuple(Finding("value-doubtful", Severity.REVIEW, f"Chữ mờ ở mục {n}.", Where(page=n)) for n in range(12))
    admin = await admin_on(site, replace(messy(), findings=doubts))
    assert "Còn 5 điểm nữa" in admin.page and "(trang 3)" in admin.page, re.findall("Còn . điểm", admin.page)
    await admin.fill(f"{BASE}/edit/settle-all")
    codes = {finding.code for finding in (await stored(site)).findings}
    assert "value-doubtful" not in codes and {"reporting-missing", "unit-unknown", "timing-unclear"} <= codes


async def test_names_are_looked_up_again_after_the_registry_has_grown(site: Site) -> None:
    admin = await admin_on(site, messy())
    await site.world.run(
        "INSERT INTO unit_alias (unit_id, alias) SELECT id, 'Cơ quan lạ' FROM unit WHERE slug = 'tap-chi'"
    )
    page = await admin.fill(f"{BASE}/edit/look-up")
    assert "Tên đơn vị cần làm rõ" not in page
    assert (await stored(site)).tasks[1].leads == (OwnerRef("Cơ quan lạ", "tap-chi"),)


async def test_the_lead_agency_is_chosen_with_the_other_names(site: Site) -> None:
    admin = await admin_on(site, replace(messy(), lead_agency="Sở lạ"))
    assert "cơ quan chủ trì tổng hợp</a>" in admin.page
    forms = Forms(admin.page).of(f"{BASE}/edit/choose")
    which = next(n for n, fields in enumerate(forms) if fields["words"] == "Sở lạ")
    await admin.fill(f"{BASE}/edit/choose", which, other="sở tt")
    assert (await stored(site)).lead_agency == "Sở TT"


async def test_a_long_plan_is_shown_page_by_page(site: Site) -> None:
    admin = await admin_on(site, small_plan(("Hàng năm",) * 230), f"{BASE}?from=150")
    assert 'id="task-150"' in admin.page and 'id="task-99"' not in admin.page
    assert 'aria-current="page">101–200<' in admin.page
    for odd in ("-1", "x", "9" * 30, "5000"):
        await admin.open(f"{BASE}?from={odd}")
        assert admin.status == 200


async def test_a_draft_is_given_up_on_the_page(site: Site) -> None:
    admin = await admin_on(site, messy())
    page = await admin.fill(f"{BASE}/discard")
    assert "Đã bỏ." in page and "/plans/nhap" not in page


async def test_an_amendment_is_reviewed_and_applied(site: Site) -> None:
    await store(site, amended(), "ke-hoach")
    admin = await signed_in(site, "quan-tri")
    page = await admin.open("/plans/ke-hoach")
    assert "Bản sửa đổi số 1 đang chờ duyệt" in page
    base = "/plans/ke-hoach/amendments/1"
    page = unescape(await admin.open(base))
    for words in (
        "Chờ duyệt; kế hoạch vẫn chạy như cũ",
        "1 nhiệm vụ thay đổi, 1 thêm mới, 1 bị bỏ, 0 giữ nguyên",
        "<ins>15/KH-UBND</ins>",
        "<del>bao-chi</del>",
        "<ins>Đơn vị bao</ins>",
        "Thêm mới (1)",
        "Bị bỏ (1)",
        "Kết thúc: rút",
        "Áp dụng bản sửa đổi",
    ):
        assert words in page, words
    await admin.open(f"{base}/tasks/1")
    page = await admin.fill(f"{base}/edit/task", title="Mở dữ liệu báo chí")
    assert "Mở dữ liệu báo chí" in page
    await admin.fill(f"{base}/approve")
    assert "Đã áp dụng bản sửa đổi" in admin.page and "Mở dữ liệu báo chí" in admin.page
    page = await admin.open(base)
    assert "Đã áp dụng" in page and f"{base}/approve" not in page and 'fieldset class="bare" disabled' in page


async def test_an_amendment_comes_by_the_page_of_the_plan(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    await admin.open("/plans/ke-hoach")
    page = await upload(admin, "/plans/ke-hoach/document", "KẾ HOẠCH\nSửa đổi\n".encode(), "sua.txt")
    assert "Bản sửa đổi số 1" in page.text
    admin.page = page.text
    page_after = await admin.fill("/plans/ke-hoach/amendments/1/discard")
    assert "Đã bỏ." in page_after
    await admin.open("/plans/ke-hoach/amendments/1")
    assert '<p class="help">Đã bỏ · ' in admin.page


async def upload(
    browser: Browser, action: str, data: bytes, name: str = "ke-hoach.txt", **values: str
) -> httpx.Response:
    fields = Forms(browser.page).found[action]
    fields.pop("file")
    files = {"file": (name, data)}
    return await browser.http.post(action, data={**fields, **values}, files=files, follow_redirects=True)


async def test_an_admin_imports_on_the_page(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    page = await admin.open("/plans")
    for words in ("10 MB, 500 trang, 5.000 dòng bảng", ".docx .pdf .xlsx", "bản sửa đổi chờ duyệt"):
        assert words in page
    wrong = await upload(admin, "/plans", b"PK\x03\x04 broken", "a.docx", slug="moi")
    assert (wrong.status_code, "Nhập kế hoạch" in wrong.text, 'value="moi"' in wrong.text) == (422, True, True)
    none = await upload(admin, "/plans", b"", "", slug="moi")
    assert (none.status_code, "Hãy chọn tệp" in none.text) == (422, True)
    bad = await upload(admin, "/plans", "KẾ HOẠCH\n".encode(), slug="Mới")
    assert (bad.status_code, "slug" in bad.text) == (422, True)
    good = await upload(admin, "/plans", "KẾ HOẠCH\nTập huấn\nSố: 7/KH-UBND\n".encode(), slug="moi")
    assert (good.status_code, str(good.url)) == (200, "http://dondoc.test/plans/moi/draft?done=imported")
    assert "Đã nhập văn bản" in good.text


async def test_a_corrected_document_takes_the_place_of_the_draft(site: Site) -> None:
    admin = await admin_on(site, messy())
    form = admin.page
    answer = await upload(admin, "/plans/nhap/document", "KẾ HOẠCH\nMột\nSố: 7/KH-UBND\n".encode(), "ban-2.txt")
    assert (answer.status_code, "ban-2.txt" in answer.text) == (200, True)
    # The same form with another file is another wish, and is not answered as if it had been done.
    admin.page = form
    answer = await upload(admin, "/plans/nhap/document", "KẾ HOẠCH\nHai\n".encode(), "ban-3.txt")
    assert (answer.status_code, "ban-2.txt" in answer.text) == (409, True)
    rows = await site.world.rows("SELECT policy->>'opens_workdays' AS days, version FROM plan WHERE slug = 'nhap'")
    assert [(row["days"], row["version"]) for row in rows] == [("31", 2)]
    none = await upload(admin, "/plans/nhap/document", b"", "")
    assert (none.status_code, "Hãy chọn tệp" in none.text, "Chế độ báo cáo" in none.text) == (422, True, True)


async def test_others_see_a_draft_and_cannot_touch_it(site: Site) -> None:
    await store(site, messy())
    officer = await signed_in(site, "bao-can-bo")
    page = unescape(await officer.open("/plans/nhap"))
    for words in ("Nhiệm vụ đã đọc được", "Đã đọc được 2 nhiệm vụ từ tệp bản 1.docx", "Chỉ tiêu"):
        assert words in page
    assert "<form" not in page.split("</header>")[1]
    await officer.open(BASE)
    assert officer.status == 403

    coordinator = await signed_in(site, "so-tong-hop")
    page = await coordinator.open("/plans/nhap")
    assert 'class="bare" disabled' in page and f"{BASE}/activate" not in page and "Bỏ bản nháp" not in page
    assert "Đã kiểm tra, bỏ cảnh báo này" not in page
    admin = await signed_in(site, "quan-tri")
    await admin.open(BASE)
    for action in ("edit/document", "edit/choose", "activate", "discard"):
        fields = {**Forms(page).found["/sign-out"], "version": "1"}
        answer = await coordinator.http.post(f"{BASE}/{action}", data=fields)
        assert answer.status_code == 403, action
    foreign = await admin.http.post(f"{BASE}/edit/document", data={"version": "1"})
    assert (foreign.status_code, "Biểu mẫu đã cũ" in foreign.text) == (403, True)
    unknown = await admin.http.post(f"{BASE}/edit/khong-co", data=Forms(admin.page).found[f"{BASE}/edit/document"])
    assert unknown.status_code == 404
    source = await admin.http.get("/plans/nhap/source")
    assert source.headers["Content-Disposition"].startswith("attachment")
