"""A letter over HTTP and on its page: read, taken as a Word file, settled; who may, and what is refused."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from browsing import Forms, signed_in
from chromium import browsing
from docx import Document
from programs import program
from pydantic import ValidationError
from sites import Site
from worlds import LATE_REPORT

from embedded.loop_server import LoopServer
from embedded.ports import free_port
from models.facts.reports import submit_report
from web.api.letters import IssueBody

LOOPBACK, NUMBER = "127.0.0.1", "125/UBND-KGVX"
ISSUED = {"number": NUMBER, "issued_on": "2024-12-10"}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
async def letter(site: Site) -> int:
    """The draft to the unit `bao`, seven working days after the deadline."""
    await site.world.clock("2024-12-10 08:00")
    await site.world.step_round(name="escalate")
    return int(await site.world.value("SELECT l.id FROM letter l JOIN unit u ON u.id = l.unit_id WHERE u.slug = 'bao'"))


async def get(site: Site, who: str, path: str, status: int = 200) -> Any:
    answer = await site.get(who, path)
    assert answer.status_code == status, answer.text
    return answer.json()


async def post(site: Site, who: str, path: str, json: Any, status: int = 200) -> Any:
    answer = await site.post(who, path, json)
    assert answer.status_code == status, answer.text
    return answer.json()


def words_of(content: bytes) -> str:
    """All that a Word file says, tables included."""
    paper = Document(io.BytesIO(content))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


async def test_a_letter_is_read_taken_and_issued(site: Site, letter: int) -> None:
    listed = await get(site, "so-tong-hop", "/plans/ke-hoach/letters")
    assert {(line["unit"], line["number"], line["reports"]) for line in listed} == {
        ("bao", None, 1),
        ("tap-chi", None, 1),
    }
    content = (await get(site, "chu-tich", f"/letters/{letter}"))["content"]
    assert [(r["reference"], r["workdays_late"]) for r in content["rows"]] == [("ke-hoach/1/2024", 7)]
    assert content["answer_by"] == "2024-12-17"

    answer = await site.get("chu-tich", f"/letters/{letter}/document")
    assert (answer.status_code, answer.headers["content-type"]) == (200, DOCX)
    assert "cong-van-don-doc-ke-hoach-bao.docx" in answer.headers["content-disposition"]
    words = words_of(answer.content)
    for said in ("Kính gửi: Đơn vị bao", "Việc 1", "trước ngày 30/11/2024", "17/12/2024"):
        assert said in words
    assert NUMBER not in words

    done = await post(site, "chu-tich", f"/letters/{letter}/issue", ISSUED)
    assert (done["letter"]["number"], done["letter"]["issued_on"]) == (NUMBER, "2024-12-10")
    assert NUMBER in words_of((await site.get("so-tong-hop", f"/letters/{letter}/document")).content)
    timeline = await get(site, "so-tong-hop", "/plans/ke-hoach/timeline")
    assert "Ban hành công văn đôn đốc số 125/UBND-KGVX gửi Đơn vị bao" in str(timeline)


async def test_what_is_refused_changes_nothing(site: Site, letter: int) -> None:
    here = f"/letters/{letter}"
    for path, body, status, code in (
        ("/issue", {**ISSUED, "number": " "}, 422, "number-missing"),
        ("/issue", {**ISSUED, "issued_on": "2024-12-11"}, 422, "date-in-future"),
        ("/issue", {**ISSUED, "issued_on": "hôm nay"}, 422, "request-invalid"),
        ("/drop", {"reason": " "}, 422, "reason-missing"),
        ("/drop", {}, 422, "request-invalid"),
    ):
        assert (await post(site, "chu-tich", here + path, body, status))["code"] == code, (path, body)
    assert (await get(site, "chu-tich", "/letters/99", 404))["code"] == "letter-unknown"
    assert await site.world.value("SELECT count(*) FROM letter WHERE settled_at IS NOT NULL") == 0
    await post(site, "chu-tich", f"{here}/drop", {"reason": "đã nhắc trực tiếp"})
    for path, body in (("/issue", ISSUED), ("/drop", {"reason": "thôi"})):
        assert (await post(site, "chu-tich", here + path, body, 409))["code"] == "already-decided"


async def test_a_draft_with_nothing_left_to_urge_for_is_no_document(site: Site, letter: int) -> None:
    world = site.world
    await submit_report(world.engine, await world.actor("bao-can-bo"), await world.obligation("bao"), LATE_REPORT)
    assert (await get(site, "chu-tich", f"/letters/{letter}"))["content"] is None
    assert (await get(site, "chu-tich", f"/letters/{letter}/document", 409))["code"] == "letter-empty"
    leader = await signed_in(site, "chu-tich")
    await leader.open(f"/letters/{letter}")
    assert "không còn gì để đôn đốc" in leader.page
    assert set(Forms(leader.page).found) == {"/sign-out", f"/letters/{letter}/drop"}


READERS = {
    "chu-tich": 200, "so-tong-hop": 200, "so-giam-doc": 200, "quan-tri": 200,
    "bao-can-bo": 403, "bao-thu-truong": 403, "tap-chi-can-bo": 403, "hoi-can-bo": 403, "bo-van-thu": 403,
}  # fmt: skip
SETTLERS = {"chu-tich", "so-tong-hop"}


async def test_who_may_read_and_who_may_settle(site: Site, letter: int) -> None:
    here = f"/letters/{letter}"
    for who, status in READERS.items():
        for path in (here, f"{here}/document", "/plans/ke-hoach/letters"):
            assert (await site.get(who, path)).status_code == status, (who, path)
        browser = await signed_in(site, who)
        assert (await browser.http.get(here)).status_code == status
        if status == 200:
            await browser.open(here)
            assert (f"{here}/issue" in Forms(browser.page).found) == (who in SETTLERS), who
        if who not in SETTLERS:
            for path, body in (("/issue", ISSUED), ("/drop", {"reason": "thôi"})):
                assert (await site.post(who, here + path, body)).status_code == 403, (who, path)
    assert await site.world.value("SELECT count(*) FROM letter WHERE settled_at IS NOT NULL") == 0
    async with site.browser() as nobody:
        assert (await nobody.get(f"/api/v1{here}")).status_code == 401


async def test_the_page_of_a_letter(site: Site, letter: int) -> None:
    here = f"/letters/{letter}"
    leader = await signed_in(site, "chu-tich")
    await leader.open(here)
    for said in (
        "Công văn đôn đốc gửi Đơn vị bao",
        "chờ trình ký",
        "Việc 1",
        "7 ngày làm việc",
        "Kính gửi: Đơn vị bao",
    ):
        assert said in leader.page
    taken = await leader.http.get(f"{here}/document")
    assert "Kính gửi: Đơn vị bao" in words_of(taken.content)
    await leader.fill(f"{here}/issue", number=NUMBER, issued_on="2025-01-01")
    assert leader.status == 422
    assert "chưa đến" in leader.page
    assert Forms(leader.page).found[f"{here}/issue"]["number"] == NUMBER, "what was typed is still there"
    await leader.fill(f"{here}/issue", issued_on="2024-12-10")
    assert f"Đã ban hành: số {NUMBER}, ngày 10/12/2024" in leader.page
    assert set(Forms(leader.page).found) == {"/sign-out"}

    coordinator = await signed_in(site, "so-tong-hop")
    other = await site.world.value("SELECT id FROM letter WHERE settled_at IS NULL")
    await coordinator.open(f"/letters/{other}")
    await coordinator.fill(f"/letters/{other}/drop", reason="Đã nhắc <b>trực tiếp</b>")
    assert "Đã nhắc &lt;b&gt;trực tiếp&lt;/b&gt;" in coordinator.page


async def test_the_notice_leads_to_the_page(site: Site, letter: int) -> None:
    leader = await signed_in(site, "chu-tich")
    await leader.open("/inbox")
    assert f'href="/letters/{letter}"' in leader.page


async def test_the_page_fits_a_screen_and_a_telephone(site: Site, letter: int, tmp_path: Path) -> None:
    """The pictures are kept where `DONDOC_PICTURES` says."""
    title = "Tổ chức tập huấn, bồi dưỡng nghiệp vụ cung cấp thông tin cho báo chí và xử lý khủng hoảng truyền thông"
    await site.world.run("UPDATE task SET title = :title", title=title)
    port = free_port()
    server = LoopServer(site.app, "the API", LOOPBACK, port)
    await server.start()
    site.app.state.public_url = url = f"http://{LOOPBACK}:{port}"
    kept = Path(os.environ.get("DONDOC_PICTURES", tmp_path))
    found = program("chromium", "chromium-browser", "google-chrome", package="chromium")
    async with browsing(found, tmp_path) as page:
        await page.open(f"{url}/letters/{letter}")
        await page.press("main button", token=await site.token("chu-tich"))
        assert title in await page.text()
        for width in (1280, 400):
            assert await page.picture(kept / f"letter-{width}.png", width) <= width
        today = date(2024, 12, 10).isoformat()
        await page.press(f"form[action='/letters/{letter}/issue'] button", number=NUMBER, issued_on=today)
        assert f"Đã ban hành: số {NUMBER}" in await page.text()
        for width in (1280, 400):
            assert await page.picture(kept / f"letter-issued-{width}.png", width) <= width
    await server.stop()


def test_a_number_is_short() -> None:
    with pytest.raises(ValidationError):
        IssueBody(number="1" * 61, issued_on=date(2024, 12, 10))
