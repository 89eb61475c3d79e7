"""The working days over HTTP and on the page: everybody reads them, an admin sees what moves before it moves."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

from browsing import Browser, signed_in
from sites import Site

FRIDAY = {"day": "2024-11-29", "working": False}
WHY = {"reason": "QĐ 12/QĐ-UBND"}


async def change(site: Site, **more: Any) -> Any:
    return await site.post("quan-tri", "/calendar/overrides", {**FRIDAY, **WHY, **more})


async def due(site: Site) -> Any:
    rows = await site.world.rows("SELECT DISTINCT due_strict, epoch FROM obligation")
    assert len(rows) == 1
    return rows[0]["due_strict"].date(), rows[0]["epoch"]


async def test_everybody_reads_the_days_off_of_a_year(site: Site) -> None:
    found = (await site.get("bao-can-bo", "/calendar?year=2026")).json()
    assert (found["year"], found["first_year"], found["last_year"]) == (2026, 2023, 2031)
    days = {each["day"]: each for each in found["days"]}
    assert days["2026-08-22"]["working"] and not days["2026-11-24"]["working"] and not days["2026-08-22"]["own"]
    assert (await site.get("bao-can-bo", "/calendar")).json()["year"] == 2024
    missing = await site.get("bao-can-bo", "/calendar?year=2040")
    assert (missing.status_code, missing.json()["code"]) == (404, "calendar-year-unknown")


async def test_only_an_admin_changes_a_day(site: Site) -> None:
    for path, body in (("/calendar/preview", FRIDAY), ("/calendar/overrides", {**FRIDAY, **WHY})):
        answer = await site.post("so-tong-hop", path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


async def test_a_change_is_previewed_refused_unconfirmed_and_made_once(site: Site) -> None:
    seen = (await site.post("quan-tri", "/calendar/preview", FRIDAY)).json()
    assert (seen["moves"], seen["obligations"], len(seen["deadlines"])) == (2, 2, 1)
    assert seen["deadlines"][0]["new_strict"].startswith("2024-11-29T00:00:00+07")
    refused = await change(site)
    assert (refused.status_code, refused.json()["code"]) == (422, "calendar-moves-deadlines")
    assert "2 hạn đang chạy" in refused.json()["detail"]
    stale = await change(site, running="move", expected=9)
    assert (stale.status_code, stale.json()["code"]) == (409, "calendar-reach-changed")
    assert await due(site) == (date(2024, 11, 29), 0)
    key = {"Idempotency-Key": "mot-lan"}
    made = [
        await site.post("quan-tri", "/calendar/overrides", {**FRIDAY, **WHY, "running": "move", "expected": 2}, **key)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201] and made[0].json() == made[1].json()
    assert made[0].json()["moved"] == 2 and made[0].json()["version"].endswith("+ 1 sửa đổi")
    assert await due(site) == (date(2024, 11, 28), 1)
    assert "thu/plan/ke-hoach/task/1/round/2024" in site.bells.rung
    again = await change(site, running="move")
    assert (again.status_code, again.json()["code"]) == (422, "calendar-day-same")


async def test_a_body_that_is_none_is_refused_in_words(site: Site) -> None:
    for body, words in (
        ({"day": "29/11/2024", "working": False, **WHY}, "day"),
        ({**FRIDAY, **WHY, "running": "perhaps"}, "running"),
        ({**FRIDAY}, "reason"),
    ):
        answer = await site.post("quan-tri", "/calendar/overrides", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
        assert words in answer.json()["detail"]
    blank = await site.post("quan-tri", "/calendar/overrides", {**FRIDAY, "reason": " "})
    assert blank.json()["code"] == "reason-missing"


async def test_the_page_shows_a_year_and_offers_a_change_to_an_admin_only(site: Site) -> None:
    officer = await signed_in(site, "bao-can-bo")
    page = unescape(await officer.open("/calendar?year=2026"))
    for words in ("Lịch làm việc năm 2026", "22/8/2026</b> thứ Bảy", "Ngày làm việc", "Làm bù", "/calendar?year=2027"):
        assert words in page, words
    assert "Đổi một ngày" not in page
    admin = await signed_in(site, "quan-tri")
    assert "Đổi một ngày" in await admin.open("/calendar")


async def preview(admin: Browser, day: str = "2024-11-29", working: str = "false") -> str:
    await admin.open("/calendar")
    return unescape(await admin.fill("/calendar/preview", day=day, working=working, **WHY))


async def test_an_admin_sees_what_moves_and_confirms(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    page = await preview(admin)
    for words in (
        "Thứ Sáu 29/11/2024 là ngày nghỉ?", "2 hạn đang chạy sẽ dời", "Đơn vị bao; Đơn vị tap-chi",
        "hết ngày 29/11/2024", "hết ngày 28/11/2024", "Đổi lịch và dời 2 hạn",
    ):  # fmt: skip
        assert words in page, words
    assert await due(site) == (date(2024, 11, 29), 0)
    page = unescape(await admin.fill("/calendar/overrides", running="move"))
    assert "Đã đổi lịch làm việc." in page and "QĐ 12/QĐ-UBND" in page and "Người quan-tri" in page
    assert await due(site) == (date(2024, 11, 28), 1)


async def test_an_admin_keeps_what_runs(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    await preview(admin)
    await admin.fill("/calendar/overrides", running="keep")
    assert "Đã đổi lịch làm việc." in admin.page and await due(site) == (date(2024, 11, 29), 0)


async def test_what_cannot_be_done_is_said_beside_the_form(site: Site) -> None:
    admin = await signed_in(site, "quan-tri")
    page = await preview(admin, day="2024-11-30")
    assert "đã là ngày nghỉ; không có gì để đổi" in page and 'value="2024-11-30"' in page
    page = await preview(admin, day="2055-01-05")
    assert "Lịch mới có đến hết năm 2031" in page and admin.status == 422
    page = await preview(admin, day="")
    assert admin.status == 422 and "Đổi một ngày" in page
    await preview(admin)
    await site.world.run("UPDATE obligation SET accepted_at = '2024-10-01', effective_at = '2024-10-01'")
    page = unescape(await admin.fill("/calendar/overrides", running="move"))
    assert admin.status == 409 and "hãy xem lại" in page and "Không có hạn đang chạy nào phải dời" in page
    assert await site.world.rows("SELECT 1 FROM calendar_override") == []
