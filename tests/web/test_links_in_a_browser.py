"""Links of messages in a real browser: by way of the sign-in and back, and one press that acknowledges."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from chromium import Chromium, browsing
from programs import program
from sites import Site

from embedded.loop_server import LoopServer
from embedded.ports import free_port
from models.facts.links import Links, LinkSigner, signing_key

LOOPBACK = "127.0.0.1"


@pytest.fixture
async def links(site: Site) -> AsyncIterator[Links]:
    """The links of an officer's messages, on a port that answers."""
    port = free_port()
    server = LoopServer(site.app, "the API", LOOPBACK, port)
    await server.start()
    url = f"http://{LOOPBACK}:{port}"
    site.app.state.public_url = url
    person = (await site.world.actor("bao-can-bo")).person
    now = await site.world.value("SELECT business_now('thu')")
    yield Links(LinkSigner(await signing_key(site.world.engine)), url, "thu", person, now)
    await server.stop()


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Chromium]:
    found = program("chromium", "chromium-browser", "google-chrome", package="chromium")
    async with browsing(found, tmp_path) as browser:
        yield browser


async def looks_right(page: Chromium, folder: Path, name: str) -> None:
    """No part runs out of a screen or a telephone. The pictures are kept where `DONDOC_PICTURES` says."""
    kept = Path(os.environ.get("DONDOC_PICTURES", folder))
    for width in (1280, 400):
        assert await page.picture(kept / f"{name}-{width}.png", width) <= width, f"{name} is wider than {width}"


async def test_from_a_message_to_the_obligation(site: Site, links: Links, page: Chromium, tmp_path: Path) -> None:
    obligation = f"/obligations/{await site.world.obligation('bao')}"
    await page.open(links.open(obligation))
    assert "Mã đăng nhập" in await page.text()
    assert "Việc 1" not in await page.text()
    await page.press("main button", token=await site.token("bao-can-bo"))
    assert "Nhiệm vụ 01: Việc 1" in await page.text()
    assert await page.ask("location.href") == links.public_url + obligation

    await page.open(f"{links.public_url}/preferences")
    await page.press("form[action='/preferences/calendar'] button")
    assert f"{links.public_url}/calendar/" in await page.text()
    await looks_right(page, tmp_path, "preferences")


async def test_one_press_acknowledges(site: Site, links: Links, page: Chromium, tmp_path: Path) -> None:
    await site.world.run(
        "UPDATE task SET title = :title",
        title="Tổ chức tập huấn, bồi dưỡng nghiệp vụ cung cấp thông tin cho báo chí và xử lý khủng hoảng truyền thông",
    )
    link = links.acknowledge("ke-hoach/1")
    await page.open(link)
    await looks_right(page, tmp_path, "acknowledge")
    told = "SELECT count(*) FROM fact WHERE kind = 'acknowledged'"
    assert await site.world.value(told) == 0
    await page.press("main button")
    assert "Đã ghi nhận đơn vị tiếp nhận" in await page.text()
    assert await site.world.value(told) == 1
    await looks_right(page, tmp_path, "acknowledged")
    await page.open(link[:-3])
    assert "Liên kết không đúng" in await page.text()
    await looks_right(page, tmp_path, "invalid")
