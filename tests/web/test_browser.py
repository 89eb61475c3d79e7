"""The pages in a real browser: the style sheet arrives under our own CSP, and a mail's HTML shows in its frame."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from drafts import messy, store
from PIL import Image
from programs import program
from sites import Site
from starlette.types import Receive, Scope, Send

from embedded.loop_server import LoopServer
from embedded.mailbox import Mailbox
from embedded.pages import Pages
from embedded.ports import free_port
from embedded.zalo import ZaloSandbox

LOOPBACK = "127.0.0.1"
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--window-size=900,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> str:
    return program("chromium", "chromium-browser", "google-chrome", package="chromium")


async def look(chromium: str, url: str, folder: Path, *more_flags: str) -> tuple[str, Image.Image]:
    """The page's DOM and its picture."""
    picture = folder / "page.png"
    common = [chromium, *QUIET, f"--user-data-dir={folder / 'profile'}", *more_flags]
    for more in (["--dump-dom"], [f"--screenshot={picture}"]):
        process = await asyncio.create_subprocess_exec(
            *common, *more, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        out, _ = await process.communicate()
        if more == ["--dump-dom"]:
            dom = out.decode()
    return dom, Image.open(picture).convert("RGB")


def colours(picture: Image.Image) -> set[tuple[int, ...]]:
    """The colours that fill more than a speck."""
    counted = picture.getcolors(1_000_000) or []
    return {colour for count, colour in counted if count > 500 and isinstance(colour, tuple)}


@pytest.fixture
async def address(site: Site) -> AsyncIterator[str]:
    """The application on a port."""
    port = free_port()
    server = LoopServer(site.app, "the API", LOOPBACK, port)
    await server.start()
    yield f"http://{LOOPBACK}:{port}"
    await server.stop()


async def test_the_sign_in_page_has_its_style(chromium: str, address: str, tmp_path: Path) -> None:
    dom, picture = await look(chromium, f"{address}/", tmp_path)
    assert "Đăng nhập" in dom and "<form" in dom
    assert len(colours(picture)) >= 3, "a page without its style sheet is black on white"


async def test_the_review_page_has_its_style_and_no_part_runs_out_of_a_phone(
    chromium: str, site: Site, tmp_path: Path
) -> None:
    await store(site, messy())
    cookie = f"dondoc={await site.token('quan-tri')}".encode()

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await site.app({**scope, "headers": [*scope.get("headers", ()), (b"cookie", cookie)]}, receive, send)

    port = free_port()
    server = LoopServer(signed_in, "the API, signed in", LOOPBACK, port)
    await server.start()
    try:
        dom, picture = await look(chromium, f"http://{LOOPBACK}:{port}/plans/nhap/draft", tmp_path)
        _, phone = await look(
            chromium, f"http://{LOOPBACK}:{port}/plans/nhap/draft", tmp_path, "--window-size=500,2500"
        )
    finally:
        await server.stop()
    assert "Còn 3 việc phải xử lý" in dom and "<script" not in dom
    assert {(163, 22, 28), (227, 231, 236)} <= colours(picture), "what blocks is red, and the button that waits is grey"
    edge = phone.crop((phone.width - 4, 300, phone.width, phone.height)).getcolors(10_000) or []
    assert len(edge) == 1, "something is wider than the screen"


async def test_a_mail_shows_as_its_reader_would_see_it(chromium: str, tmp_path: Path) -> None:
    mailbox, zalo = Mailbox(tmp_path / "mailbox", durable=False), ZaloSandbox(tmp_path / "zalo")
    port = await mailbox.start()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@thu.example", "b@thu.example", "Nhắc hạn"
    message.set_content("chữ")
    message.add_alternative('<div style="background:#00aa00;height:400px">xanh</div>', subtype="html")
    await aiosmtplib.send(message, hostname=LOOPBACK, port=port)
    pages = Pages(mailbox, zalo, LOOPBACK, free_port())
    await pages.start()
    try:
        _, picture = await look(chromium, f"{pages.url}/mail/1", tmp_path)
    finally:
        await pages.stop()
        await mailbox.stop()
    assert (0, 170, 0) in colours(picture)
