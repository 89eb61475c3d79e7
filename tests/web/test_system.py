"""The page on which an administrator sees how the system is doing; nobody else does."""

from __future__ import annotations

import pytest
from browsing import signed_in
from sites import Site


async def test_an_admin_sees_how_the_parts_are_doing(site: Site) -> None:
    world = site.world
    await world.run(
        """INSERT INTO audit (realm, at, checked, repaired) VALUES ('thu', business_now('thu'), 42,
           '{"facts-unheard": {"found": 2, "repaired": 2, "examples": ["thu/plan/ke-hoach"]}}')"""
    )
    await world.run(
        """INSERT INTO channel_alarm (realm, channel, code, reason, since)
           VALUES ('thu', 'zalo', '-115', 'hết <tiền>', business_now('thu'))"""
    )
    await world.run("UPDATE person SET email = '' WHERE slug LIKE 'bao-%'")
    browser = await signed_in(site, "quan-tri")
    page = await browser.open("/system")
    assert browser.status == 200
    for words in ("Tình trạng hệ thống", "Đã kiểm tra", "42 mục", "2 việc đã ghi sổ", "Kênh zalo của thu bị dừng",
                  "hết &lt;tiền&gt;", "1 đơn vị có nhiệm vụ mà không có đầu mối", "thu/bao"):  # fmt: skip
        assert words in page, words
    site.bells.up = False
    assert "báo cáo vẫn nhận" in await browser.open("/system")


@pytest.mark.parametrize("person", ["bao-can-bo", "so-tong-hop", "so-giam-doc", "chu-tich"])
async def test_nobody_else_does(site: Site, person: str) -> None:
    browser = await signed_in(site, person)
    await browser.open("/system")
    assert browser.status == 403
