"""The calendar of each person: what is in it, what leaves it, and which link opens it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar
from sites import GOOD, Site

from models.facts.decisions import ask_extension, decide_extension


async def link_of(site: Site, slug: str) -> str:
    """A new link of this person's calendar, as a path."""
    address: str = (await site.post(slug, "/preferences/calendar")).json()["calendar"]
    return "/calendar/" + address.rpartition("/")[2]


async def events_of(site: Site, slug: str) -> list[Any]:
    async with site.browser() as program:
        answer = await program.get(await link_of(site, slug))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return list(Calendar.from_ical(answer.content).events)


async def test_an_officers_calendar(site: Site) -> None:
    obligation = await site.world.obligation("bao")
    (event,) = await events_of(site, "bao-can-bo")
    assert event["summary"] == "[DIỄN TẬP] Hạn báo cáo: NV 01 kỳ 2024 – Việc 1"
    assert event["dtstart"].dt == date(2024, 11, 29), "the last working day before 30/11"
    assert (event["uid"], event["sequence"], event["status"]) == (f"thu.{obligation}@127.0.0.1", 0, "CONFIRMED")
    assert event["url"] == f"http://127.0.0.1:8080/obligations/{obligation}"
    assert "Mã: ke-hoach/1/2024" in event["description"]
    assert "trước ngày 30/11/2024" in event["description"]
    assert "hết ngày liền trước ngày ghi trong kế hoạch" in event["description"]
    assert event["dtstamp"].dt.isoformat() == "2024-09-27T01:00:00+00:00"
    assert [e["uid"] for e in await events_of(site, "bao-thu-truong")] == [event["uid"]]


async def test_everybody_sees_what_is_theirs(site: Site) -> None:
    theirs = await site.world.obligation("tap-chi")
    assert [e["uid"] for e in await events_of(site, "tap-chi-can-bo")] == [f"thu.{theirs}@127.0.0.1"]
    for nobody in ("hoi-can-bo", "chu-tich", "bo-van-thu", "quan-tri"):
        assert await events_of(site, nobody) == []
    for lead in ("so-tong-hop", "so-giam-doc"):
        (rollup,) = await events_of(site, lead)
        assert rollup["summary"] == "[DIỄN TẬP] Hạn báo cáo tổng hợp kỳ 2024 – Kế hoạch thử"
        assert rollup["dtstart"].dt == date(2024, 12, 13), "the last working day before 15/12"
        assert rollup["url"].endswith("/plans/ke-hoach/rollups/2024?supplement=0")


async def test_a_granted_extension_moves_the_day_and_an_acceptance_ends_it(site: Site) -> None:
    obligation, engine = await site.world.obligation("bao"), site.world.engine
    before = (await events_of(site, "bao-can-bo"))[0]
    await site.world.clock("2024-10-01 08:00")
    asked, _ = await ask_extension(engine, await site.world.actor("bao-can-bo"), obligation, date(2024, 12, 6), "Chờ")
    await decide_extension(engine, await site.world.actor("so-tong-hop"), asked, granted=True)
    (after,) = await events_of(site, "bao-can-bo")
    assert after["uid"] == before["uid"]
    assert after["dtstart"].dt == date(2024, 12, 6)
    assert after["sequence"] > before["sequence"]
    assert after["dtstamp"].dt > before["dtstamp"].dt

    await site.post("bao-can-bo", f"/obligations/{obligation}/reports", GOOD)
    assert "đang chờ xem xét" in (await events_of(site, "bao-can-bo"))[0]["description"]
    await site.post("so-tong-hop", f"/obligations/{obligation}/reports/1/accept")
    assert await events_of(site, "bao-can-bo") == []


async def test_what_was_withdrawn_is_cancelled_for_a_month(site: Site) -> None:
    await site.world.run(
        "UPDATE obligation SET withdrawn_at = business_now('thu'), withdrawn_reason = 'kế hoạch đã sửa đổi'"
    )
    (event,) = await events_of(site, "bao-can-bo")
    assert (event["status"], "Không còn phải báo cáo: NV 01" in event["summary"]) == ("CANCELLED", True)
    assert "kế hoạch đã sửa đổi" in event["description"]
    assert event["url"].endswith("/plans/ke-hoach")
    await site.world.clock("2024-10-28 08:00")
    assert await events_of(site, "bao-can-bo") == []


async def test_what_is_suspended_is_tentative(site: Site) -> None:
    await site.world.run("UPDATE task SET suspended_at = business_now('thu'), suspended_reason = 'Chờ Bộ'")
    await site.world.run("UPDATE obligation SET suspended_at = business_now('thu')")
    (event,) = await events_of(site, "bao-can-bo")
    assert (event["status"], "Tạm dừng" in event["summary"]) == ("TENTATIVE", True)
    assert "Chờ Bộ" in event["description"]


async def test_an_hour_and_a_round_with_a_name(site: Site) -> None:
    await site.world.run("UPDATE obligation SET due_strict = '2024-10-04 16:00+07', due_text = 'trước 16 giờ'")
    await site.world.run("UPDATE round SET title = 'chuyên đề an toàn thông tin', kind = 'thematic'")
    (event,) = await events_of(site, "bao-can-bo")
    assert event["dtend"].dt.isoformat() == "2024-10-04T16:00:00+07:00"
    assert "NV 01 chuyên đề an toàn thông tin – Việc 1" in event["summary"]


async def test_the_same_calendar_is_not_sent_twice(site: Site) -> None:
    path = await link_of(site, "bao-can-bo")
    async with site.browser() as program:
        first = await program.get(path)
        again = await program.get(path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
        head = await program.head(path)
        await site.world.clock("2024-10-01 08:00")
        later = await program.get(path, headers={"If-None-Match": first.headers["ETag"]})
        await site.world.run("UPDATE task SET title = 'Việc khác' WHERE ordinal = 1")
        changed = await program.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, later.status_code) == (304, b"", 304)
    assert (again.headers["ETag"], head.headers["ETag"]) == (first.headers["ETag"], first.headers["ETag"])
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert changed.status_code == 200


async def test_a_new_link_ends_the_old_one(site: Site) -> None:
    first, other = await link_of(site, "bao-can-bo"), await link_of(site, "tap-chi-can-bo")
    second = await link_of(site, "bao-can-bo")
    async with site.browser() as program:
        assert [(await program.get(path)).status_code for path in (first, second, other)] == [404, 200, 200]
        # It lasts as long as the person acts for somebody, and opens nothing else.
        await site.world.clock("2026-10-01 08:00")
        assert (await program.get(second)).status_code == 200
        token = second.removeprefix("/calendar/").removesuffix(".ics")
        assert (await program.get(f"/l/{token}")).status_code == 404
        assert (await program.post(f"/l/{token}/acknowledge")).status_code == 404
        assert (await program.get("/inbox")).headers["location"].startswith("/sign-in")
        await site.world.run("UPDATE person SET valid_to = '2026-09-30' WHERE slug = 'bao-can-bo'")
        assert (await program.get(second)).status_code == 404


@pytest.mark.parametrize("slug", ["bao-can-bo"])
async def test_whoever_moves_to_another_unit_sees_that_ones_days(site: Site, slug: str) -> None:
    path = await link_of(site, slug)
    await site.world.run(
        "UPDATE person SET unit_id = (SELECT id FROM unit WHERE slug = 'tap-chi') WHERE slug = :s", s=slug
    )
    async with site.browser() as program:
        events = Calendar.from_ical((await program.get(path)).content).events
    assert [str(e["uid"]) for e in events] == [f"thu.{await site.world.obligation('tap-chi')}@127.0.0.1"]
