"""Links of messages as people and mail scanners follow them: looking changes nothing, and nobody is signed in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from browsing import Browser
from sites import Site
from worlds import at, small_registry

from domain.links import Link, Purpose
from models.facts.links import KEY_NAME, Links, LinkSigner, signing_key
from models.facts.realms import create_realm

NOW = at("2024-09-27 08:00")
TASK = "ke-hoach/1"


async def links_of(site: Site, slug: str, realm: str = "thu") -> Links:
    person = (await site.world.actor(slug)).person
    return Links(LinkSigner(await signing_key(site.world.engine)), "", realm, person, NOW)


async def acknowledged(site: Site, unit: str = "bao") -> bool:
    return bool(
        await site.world.value(
            """SELECT acknowledged_at IS NOT NULL FROM task_owner o JOIN unit u ON u.id = o.unit_id
               JOIN task t ON t.id = o.task_id WHERE u.slug = :unit AND t.ordinal = 1""",
            unit=unit,
        )
    )


def secret(answer: httpx.Response) -> bool:
    """Whether nothing keeps or passes on the address of this answer."""
    return (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


async def test_one_key_for_all(site: Site) -> None:
    engine = site.world.engine
    # However many processes need it first.
    (first,) = set(await asyncio.gather(*(signing_key(engine) for _ in range(8))))
    assert len(first) == 32
    assert await signing_key(engine) == first
    assert await signing_key(engine, "others") != first
    assert await site.world.value("SELECT count(*) FROM signing_key WHERE name = :name", name=KEY_NAME) == 1


async def test_signed_out_by_way_of_the_sign_in_and_back(site: Site) -> None:
    page = f"/obligations/{await site.world.obligation('bao')}"
    link = (await links_of(site, "bao-can-bo")).open(page)
    reader = Browser(site.browser())
    answer = await reader.http.get(link)
    assert answer.status_code == 303
    assert secret(answer)
    assert "set-cookie" not in answer.headers
    await reader.open(link)
    assert "Mã đăng nhập" in reader.page
    assert "Việc 1" not in reader.page, "told before the sign-in"
    await reader.fill("/sign-in", token=await site.token("bao-can-bo"))
    assert "Nhiệm vụ 01: Việc 1" in reader.page
    # Once signed in it leads there at once.
    assert (await reader.http.get(link)).headers["location"] == page


async def test_a_page_with_a_question_is_opened_whole(site: Site) -> None:
    page = "/plans/ke-hoach/rollups/2024?supplement=0"
    link = (await links_of(site, "so-giam-doc")).open(page)
    reader = Browser(site.browser())
    await reader.open(link)
    answer = await reader.http.post("/sign-in", data={"token": await site.token("so-giam-doc"), "next": page})
    assert f'value="{page}"' in reader.page
    assert answer.headers["location"] == page


async def test_a_link_gives_nobody_more_than_they_may(site: Site) -> None:
    link = (await links_of(site, "bao-can-bo")).open(f"/obligations/{await site.world.obligation('bao')}")
    stranger = Browser(site.browser())
    await stranger.open(link)
    await stranger.fill("/sign-in", token=await site.token("tap-chi-can-bo"))
    assert (stranger.status, "Bạn không có quyền" in stranger.page) == (403, True)


async def test_scanners_acknowledge_nothing_and_the_button_does(site: Site) -> None:
    link = (await links_of(site, "bao-can-bo")).acknowledge(TASK)
    scanner = site.browser()
    for method in ("GET", "HEAD", "GET"):
        answer = await scanner.request(method, link, follow_redirects=True)
        assert (answer.status_code, secret(answer)) == (200, True)
    assert (await scanner.get(f"{link}/acknowledge")).status_code == 405
    assert (await scanner.request("OPTIONS", f"{link}/acknowledge")).status_code == 405
    assert not await acknowledged(site)
    assert await site.world.rows("SELECT 1 FROM fact WHERE kind = 'acknowledged'") == []

    reader = Browser(site.browser())
    await reader.open(link)
    assert "Nhiệm vụ 01: Việc 1" in reader.page
    await reader.fill(f"{link}/acknowledge")
    assert "Đã ghi nhận đơn vị tiếp nhận nhiệm vụ." in reader.page
    assert "Đơn vị đã tiếp nhận lúc 08:00 ngày 27/9/2024" in reader.page
    assert f"{link}/acknowledge" not in reader.page
    assert await acknowledged(site)
    assert not await acknowledged(site, "tap-chi")
    assert "thu/plan/ke-hoach/task/1" in site.bells.rung
    assert reader.http.cookies.get("dondoc") is None, "nobody is signed in by a link"
    await reader.open("/inbox")
    assert "Mã đăng nhập" in reader.page


async def test_pressed_twice_is_acknowledged_once(site: Site) -> None:
    link = (await links_of(site, "bao-can-bo")).acknowledge(TASK)
    async with site.browser() as reader:
        for _ in range(3):
            answer = await reader.post(f"{link}/acknowledge")
            assert (answer.status_code, secret(answer)) == (303, True)
    assert len(await site.world.rows("SELECT 1 FROM fact WHERE kind = 'acknowledged'")) == 1


async def test_the_token_is_all_that_a_form_of_ours_needs(site: Site) -> None:
    """No cookie takes part, so there is nothing that another site could borrow; and what is sent along is not read."""
    link = (await links_of(site, "bao-can-bo")).acknowledge(TASK)
    async with site.browser() as reader:
        answer = await reader.post(f"{link}/acknowledge", data={"unit": "tap-chi", "ordinal": "2"})
    assert answer.status_code == 303
    assert not await acknowledged(site, "tap-chi")


OTHERS = {
    "open": (Link(Purpose.OPEN, "thu", 1, "/inbox", NOW + timedelta(days=1)), "link-invalid"),
    "calendar": (Link(Purpose.CALENDAR, "thu", 1, "0", None), "link-invalid"),
    "expired": (Link(Purpose.ACKNOWLEDGE, "thu", 1, TASK, NOW), "link-expired"),
    "no such person": (Link(Purpose.ACKNOWLEDGE, "thu", 10**9, TASK, NOW + timedelta(days=1)), "link-invalid"),
    "no such realm": (Link(Purpose.ACKNOWLEDGE, "khac", 1, TASK, NOW + timedelta(days=1)), "link-invalid"),
    "no such task": (Link(Purpose.ACKNOWLEDGE, "thu", 0, "ke-hoach/77", NOW + timedelta(days=1)), "task-not-yours"),
    "no such plan": (Link(Purpose.ACKNOWLEDGE, "thu", 0, "khac/1", NOW + timedelta(days=1)), "task-not-yours"),
}
WORDS = {
    "link-invalid": "không đúng, bị cắt ngắn hoặc không còn dùng được",
    "link-expired": "đã hết hạn",
    "task-not-yours": "nhiệm vụ",
}
STATUS = {"link-invalid": 404, "link-expired": 410, "task-not-yours": 404}


@pytest.mark.parametrize("what", OTHERS)
async def test_a_link_that_does_not_acknowledge(site: Site, what: str) -> None:
    links = await links_of(site, "bao-can-bo")
    link, code = OTHERS[what]
    person = links.person if link.person in (0, 1) else link.person
    address = f"/l/{links.signer.sign(Link(link.purpose, link.realm, person, link.target, link.expires))}"
    async with site.browser() as reader:
        answer = await reader.post(f"{address}/acknowledge")
        assert (answer.status_code, WORDS[code] in answer.text.lower()) == (STATUS[code], True)
        assert secret(answer)
        assert "Việc 1" not in answer.text
        if link.purpose is not Purpose.OPEN:
            shown = await reader.get(address)
            assert (shown.status_code, WORDS[code] in shown.text.lower()) == (STATUS[code], True)
    assert not await acknowledged(site)


async def test_another_realms_person_acknowledges_nothing_here(site: Site) -> None:
    """A person's key is of one realm; a link that names another one with it is nobody's."""
    await create_realm(site.world.engine, "khac", small_registry(), at("2024-09-27 08:00"), 2024, 2030)
    address = (await links_of(site, "bao-can-bo", realm="khac")).acknowledge(TASK)
    async with site.browser() as reader:
        assert (await reader.post(f"{address}/acknowledge")).status_code == 404
        assert (await reader.get(address)).status_code == 404
    assert not await acknowledged(site)


@pytest.mark.parametrize(
    ("gone", "status"),
    [
        ("UPDATE person SET valid_to = '2024-09-26' WHERE slug = 'bao-can-bo'", 404),
        ("UPDATE task_owner SET ended_at = now() WHERE unit_id = (SELECT id FROM unit WHERE slug = 'bao')", 404),
        ("UPDATE task SET withdrawn_at = now() WHERE ordinal = 1", 404),
        ("UPDATE person_role SET role = 'recipient' WHERE person_id = "
         "(SELECT id FROM person WHERE slug = 'bao-can-bo')", 403),
        ("UPDATE person SET unit_id = (SELECT id FROM unit WHERE slug = 'ubnd') WHERE slug = 'bao-can-bo'", 404),
    ],
)  # fmt: skip
async def test_whoever_no_longer_acts_for_the_unit_acknowledges_nothing(site: Site, gone: str, status: int) -> None:
    link = (await links_of(site, "bao-can-bo")).acknowledge(TASK)
    await site.world.run(gone)
    async with site.browser() as reader:
        assert (await reader.post(f"{link}/acknowledge")).status_code == status
        page = await reader.get(link)
    assert (page.status_code, "Việc 1" in page.text) == (status, False)
    assert await site.world.rows("SELECT 1 FROM fact WHERE kind = 'acknowledged'") == []


async def test_links_expire_by_the_clock_of_their_realm(site: Site) -> None:
    links = await links_of(site, "bao-can-bo")
    opens, acknowledges = links.open("/inbox"), links.acknowledge(TASK)
    await site.world.clock("2024-10-28 08:00")
    reader = Browser(site.browser())
    await reader.open(acknowledges)
    assert (reader.status, "Liên kết này đã hết hạn" in reader.page) == (410, True)
    assert "Đăng nhập và mở Việc của tôi" in reader.page
    assert (await reader.http.post(f"{acknowledges}/acknowledge")).status_code == 410
    await reader.open(opens)
    assert (reader.status, "Mã đăng nhập" in reader.page) == (200, True)
    await site.world.clock("2025-01-06 08:00")
    assert (await reader.http.get(opens)).status_code == 410


@pytest.mark.parametrize("token", ["x", "%00", "a.b", "é", "x" * 3_000, "%2e%2e", "l?done=acknowledged"])
async def test_nonsense_is_answered_with_a_sentence(site: Site, token: str) -> None:
    async with site.browser() as reader:
        for answer in (await reader.get(f"/l/{token}"), await reader.get(f"/calendar/{token}.ics")):
            assert answer.status_code == 404
            assert "<h1>" in answer.text
