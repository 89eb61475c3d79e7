"""What people choose about their messages, on the page and through the API, and what they cannot choose."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from browsing import Forms, signed_in
from sites import API, FakeBells, Site
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import at, make_world, small_plan, small_registry

from api import create_app
from models.facts.realms import update_registry
from settings import Settings


@pytest.fixture
async def site(dsn: str, engine: AsyncEngine) -> AsyncIterator[Site]:
    """As everywhere, and the officer of `bao` has Zalo before mail."""
    world = await make_world(engine, draft=small_plan(("Hàng năm",)), registry=small_registry(zalo=("bao",)))
    app = create_app(Settings(dsn=dsn, public_url="http://dondoc.example/"), FakeBells())
    async with app.router.lifespan_context(app):
        yield Site(app, world, FakeBells())


async def put(site: Site, body: dict[str, Any], slug: str = "bao-can-bo", **headers: str) -> httpx.Response:
    return await (await site.person(slug)).put(f"{API}/preferences", json=body, headers=headers)


async def kept(site: Site, slug: str = "bao-can-bo") -> tuple[list[str], list[str]]:
    (row,) = await site.world.rows("SELECT preferred, muted FROM person WHERE slug = :slug", slug=slug)
    return row["preferred"], row["muted"]


async def test_the_registry_holds_until_somebody_chooses(site: Site) -> None:
    found = (await site.get("bao-can-bo", "/preferences")).json()
    assert found["channels"] == ["zalo", "mail"]
    assert [a["channel"] for a in found["available"]] == ["zalo", "mail"]
    assert found["available"][1]["address"] == "bao-can-bo@thu.example"
    assert (found["muted"], found["calendar"]) == ([], None)
    assert {"kind": "reminder", "words": "Nhắc trước hạn"} in found["optional"]
    assert "overdue" not in [o["kind"] for o in found["optional"]]


async def test_a_choice_is_kept_and_told(site: Site) -> None:
    answer = await put(site, {"channels": ["mail", "zalo"], "muted": ["result", "accepted", "result"]})
    assert answer.status_code == 200
    assert (answer.json()["channels"], answer.json()["muted"]) == (["mail", "zalo"], ["accepted", "result"])
    assert await kept(site) == (["mail", "zalo"], ["accepted", "result"])
    assert (await site.get("bao-can-bo", "/preferences")).json() == answer.json()
    (told,) = await site.world.rows("SELECT summary, unit_id, taken_in_at FROM fact WHERE kind = 'preferences'")
    assert told["summary"] == (
        "Chọn nhận thông báo qua thư điện tử rồi Zalo; chỉ xem trên hệ thống: “Báo cáo đã được tiếp nhận”, "
        "“Kết quả thực hiện nhiệm vụ phối hợp”"
    )
    # The same again is no change, and going back to the registry's order is having no choice of one's own.
    await put(site, {"channels": ["mail", "zalo"], "muted": ["accepted", "result"]})
    assert len(await site.world.rows("SELECT 1 FROM fact WHERE kind = 'preferences'")) == 1
    await put(site, {"channels": ["zalo", "mail"]})
    assert await kept(site) == ([], [])
    assert await kept(site, "tap-chi-can-bo") == ([], [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"channels": []}, "channel-missing"),
        ({"channels": ["fax"]}, "channel-unusable"),
        ({"channels": ["mail", "mail"]}, "channel-twice"),
        ({"channels": ["mail"], "muted": ["overdue"]}, "kind-required"),
        ({"channels": ["mail"], "muted": ["assigned", "accepted"]}, "kind-required"),
        ({"channels": ["mail"], "muted": ["rac"]}, "kind-unknown"),
        ({"muted": []}, "request-invalid"),
        ({"channels": ["mail"], "mute": []}, "request-invalid"),
        ({"channels": "mail"}, "request-invalid"),
        ({"channels": ["mail"] * 11}, "request-invalid"),
        ({"channels": ["x" * 61]}, "request-invalid"),
    ],
)
async def test_what_cannot_be_chosen(site: Site, body: dict[str, Any], code: str) -> None:
    answer = await put(site, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await kept(site) == ([], [])


async def test_who_has_only_mail_cannot_choose_zalo(site: Site) -> None:
    answer = await put(site, {"channels": ["zalo"]}, "tap-chi-can-bo")
    assert (answer.status_code, answer.json()["code"]) == (422, "channel-unusable")


async def test_who_has_no_address_may_still_mute(site: Site) -> None:
    await site.world.run("UPDATE person SET email = '' WHERE slug = 'tap-chi-can-bo'")
    assert (await put(site, {"channels": [], "muted": ["accepted"]}, "tap-chi-can-bo")).status_code == 200
    page = (await signed_in(site, "tap-chi-can-bo")).http
    assert "chưa có địa chỉ nào của bạn" in (await page.get("/preferences")).text


async def test_an_import_of_the_registry_leaves_choices_alone(site: Site) -> None:
    await put(site, {"channels": ["mail"], "muted": ["accepted"]})
    await update_registry(site.world.engine, site.world.realm, small_registry(zalo=("bao",)))
    assert await kept(site) == (["mail"], ["accepted"])
    # Whoever loses the channel they chose is reached as the registry says.
    await site.world.run("UPDATE person SET email = '' WHERE slug = 'bao-can-bo'")
    assert (await site.get("bao-can-bo", "/preferences")).json()["channels"] == ["zalo"]


async def test_a_repetition_under_one_key_makes_one_calendar(site: Site) -> None:
    answers = [
        await site.post("bao-can-bo", "/preferences/calendar", **{"Idempotency-Key": "lich-1"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["calendar"].startswith("http://dondoc.example/calendar/")
    assert (await site.get("bao-can-bo", "/preferences")).json()["calendar"] == answers[0].json()["calendar"]
    assert await site.world.value("SELECT feed FROM person WHERE slug = 'bao-can-bo'") == 1


async def test_the_page(site: Site) -> None:
    await site.world.run(
        """INSERT INTO contact_mark (person_id, channel, address, code, since)
           SELECT id, 'mail', email, 'mailbox-unknown', now() FROM person WHERE slug = 'bao-can-bo'"""
    )
    officer = await signed_in(site, "bao-can-bo")
    await officer.open("/preferences")
    assert "không tắt được" in officer.page
    assert officer.page.count("không gửi tới được") == 1
    # Nothing is changed by saving what the page shows.
    await officer.fill("/preferences")
    assert ("Đã lưu cách nhận thông báo" in officer.page, await kept(site)) == (True, ([], []))

    await officer.fill("/preferences", **{"place-1": "mail", "place-2": "mail"})
    assert (officer.status, "Một kênh được chọn hai lần" in officer.page) == (422, True)
    assert '<option value="mail" selected>' in officer.page
    await officer.fill("/preferences", **{"place-1": "mail", "place-2": ""})
    assert await kept(site) == (["mail"], [])

    await officer.open("/preferences")
    without = dict.fromkeys(("send-reminder", "send-received", "send-result", "send-rollup_sent"), "true")
    page = await officer.http.get("/preferences")
    fields = Forms(page.text).found["/preferences"]
    fields = {name: value for name, value in fields.items() if not name.startswith("send-")} | without
    await officer.http.post("/preferences", data=fields)
    assert await kept(site) == (["mail"], ["overdue_weekly", "accepted"])
    await officer.open("/preferences")
    assert 'name="send-accepted" value="true">' in officer.page
    assert 'name="send-reminder" value="true" checked>' in officer.page

    await officer.fill("/preferences/calendar")
    assert "http://dondoc.example/calendar/" in officer.page
    assert "Đã tạo địa chỉ lịch mới" in officer.page


async def test_a_form_of_another_site_changes_nothing(site: Site) -> None:
    officer = await signed_in(site, "bao-can-bo")
    for path in ("/preferences", "/preferences/calendar"):
        assert (await officer.http.post(path, data={"place-1": "mail"})).status_code == 403
    assert await kept(site) == ([], [])
    assert at("2024-01-15 08:00") == await site.world.value("SELECT business_now('thu')")
