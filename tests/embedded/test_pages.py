from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from embedded.mailbox import Mailbox
from embedded.pages import Pages
from embedded.zalo import ZaloSandbox


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[tuple[Mailbox, httpx.AsyncClient]]:
    mailbox, zalo = Mailbox(tmp_path / "mail", durable=False), ZaloSandbox(tmp_path / "zalo")
    pages = Pages(mailbox, zalo)
    await mailbox.start()
    async with httpx.AsyncClient(base_url=await pages.start()) as client:
        yield mailbox, client
    await pages.stop()
    await mailbox.stop()


async def put(mailbox: Mailbox, raw: bytes, to: str = "b@y.example") -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port, start_tls=False)
    async with client:
        await client.sendmail("a@x.example", [to], raw)


async def test_a_mail_is_shown_escaped_and_its_parts_are_there(stack) -> None:
    mailbox, client = stack
    mail = EmailMessage()
    mail["Subject"] = "Đôn đốc <script>alert(1)</script>"
    mail["From"], mail["To"] = "a@x.example", "b@y.example"
    mail.set_content("Kính gửi <b>đơn vị</b>\n")
    mail.add_alternative('<p style="color:red">Kính gửi</p><script>alert(2)</script>', subtype="html")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename='Biểu "1".html')
    await put(mailbox, mail.as_bytes().replace(b"\n", b"\r\n"))

    listed = await client.get("/")
    assert "Đôn đốc &lt;script&gt;" in listed.text
    shown = await client.get("/mail/1")
    assert "<script" not in shown.text
    assert "Kính gửi &lt;b&gt;" in shown.text
    assert 'sandbox=""' in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    file = await client.get("/mail/1/attachment/0")
    assert file.content == b"<script>"
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Bi%E1%BB%83u%20%221%22")
    raw = await client.get("/mail/1/raw")
    assert raw.content == (mailbox.folder / "000001.eml").read_bytes()
    assert raw.headers["content-type"].startswith("text/plain")
    assert (await client.get("/mail/2")).status_code == 404
    assert (await client.get("/mail/1/attachment/9")).status_code == 404
    assert "Chưa có yêu cầu nào" in (await client.get("/zalo")).text


async def test_broken_mails_do_not_break_the_pages(stack) -> None:
    mailbox, client = stack
    for raw in (
        b"no headers at all\r\n",
        b"Subject: =?utf-99?b?xx?=\r\nFrom: <<<>\r\nContent-Type: text/plain; charset=none-such\r\n\r\n\xff\xfe\r\n",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
        b"",
    ):
        await put(mailbox, raw)
    assert (await client.get("/")).status_code == 200
    for number in range(1, 5):
        assert (await client.get(f"/mail/{number}")).status_code == 200


async def test_search_paging_and_strange_hosts(stack) -> None:
    mailbox, client = stack
    for number in range(3):
        await put(mailbox, b"Subject: s\r\n\r\n", to=f"u{number}@y.example")
    assert "u1@y.example" in (await client.get("/?q=U1@")).text
    assert "u2@y.example" not in (await client.get("/?q=U1@")).text
    assert "u2@y.example" not in (await client.get("/?before=3")).text
    assert (await client.get("/", headers={"host": "evil.example"})).status_code == 400
