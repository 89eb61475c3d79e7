import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import aiosmtplib
import pytest

from embedded.mailbox import Mailbox, Misbehaviour

RAW = (
    "From: a@x.example\r\nTo: b@y.example\r\nSubject: Đôn đốc\r\nMessage-ID: <1@x.example>\r\n\r\n"
    "Kính gửi\r\n.dấu chấm\r\n"
).encode()


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    box = Mailbox(tmp_path / "mail", durable=False)
    await box.start()
    yield box
    await box.stop()


async def send(box: Mailbox, to: list[str] | None = None, raw: bytes = RAW, timeout: float = 5) -> str:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=box.port, start_tls=False, timeout=timeout)
    async with client:
        _, said = await client.sendmail("a@x.example", to or ["b@y.example"], raw)
        return said


async def test_exact_bytes_and_envelope_are_kept_and_numbers_go_on_after_a_restart(mailbox: Mailbox) -> None:
    port = mailbox.port
    await send(mailbox, ["b@y.example", "nguyễn@y.example"][:1])
    await mailbox.stop()
    await mailbox.start()
    assert mailbox.port == port
    await send(mailbox)
    first, second = mailbox.messages()
    assert (first.number, second.number) == (1, 2)
    assert first.file.name == "000001.eml"
    assert first.file.read_bytes() == RAW
    facts = json.loads(first.file.with_suffix(".json").read_text())
    assert (facts["mail_from"], facts["rcpt_tos"], facts["message_id"]) == (
        "a@x.example",
        ["b@y.example"],
        "<1@x.example>",
    )


async def talk(port: int, *lines: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for line in lines:
        writer.write(line + b"\r\n")
        answer = await reader.readline()
        while answer[3:4] == b"-":
            answer = await reader.readline()
        assert answer[:1] in b"23", answer
    return reader, writer


async def test_the_hook_comes_after_the_250_has_left(mailbox: Mailbox) -> None:
    """The hook blocks the server's loop for good measure: what the client has by then was sent before it."""
    seen: list[Path] = []
    got: list[bytes] = []
    reached = asyncio.Event()

    def hook(file: Path) -> None:
        assert file.exists()
        # Read from the socket here and now, in the middle of the hook: no further step of the server was made.
        got.append(writer.get_extra_info("socket")._sock.recv(100))
        seen.append(file)
        reached.set()

    _, writer = await talk(mailbox.port, b"EHLO me", b"MAIL FROM:<a@x.example>", b"RCPT TO:<b@y.example>", b"DATA")
    cast(asyncio.ReadTransport, writer.transport).pause_reading()  # so that only the hook reads what comes
    mailbox.on_accepted = hook
    writer.write(RAW + b".\r\n")
    await asyncio.wait_for(reached.wait(), 5)
    assert got == [b"250 OK\r\n"]
    assert [file.name for file in seen] == ["000001.eml"]
    writer.close()
    await writer.wait_closed()


async def test_a_failing_hook_does_not_disturb_the_conversation(mailbox: Mailbox, caplog) -> None:
    def hook(_: Path) -> None:
        raise ValueError("hook")

    mailbox.on_accepted = hook
    assert await send(mailbox) == "OK"
    assert "hook failed" in caplog.text


async def test_one_recipient_is_put_off_a_number_of_times(mailbox: Mailbox) -> None:
    mailbox.rules = [Misbehaviour("RCPT", "slow@", "451 4.3.2 try later", times=1)]
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await send(mailbox, ["slow@y.example"])
    assert refused.value.recipients[0].code == 451
    await send(mailbox, ["slow@y.example"])
    assert len(mailbox.messages()) == 1


async def test_refused_at_data_nothing_is_kept(mailbox: Mailbox) -> None:
    mailbox.rules = [Misbehaviour("DATA", "", "554 5.7.1 no")]
    with pytest.raises(aiosmtplib.SMTPDataError):
        await send(mailbox)
    assert mailbox.messages() == []


async def test_a_full_disk_is_a_reason_to_try_later(mailbox: Mailbox, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mailbox, "keep", full)
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(mailbox)
    assert refused.value.code == 452


async def test_turned_away_at_the_door(mailbox: Mailbox) -> None:
    mailbox.rules = [Misbehaviour("CONNECT", "", "421 4.3.2 too many", times=1)]
    with pytest.raises(aiosmtplib.SMTPException):
        await send(mailbox)
    await send(mailbox)


async def test_kept_but_hung_up_before_the_250(mailbox: Mailbox) -> None:
    called: list[Path] = []
    mailbox.on_accepted = called.append
    mailbox.rules = [Misbehaviour("STORED", "", None, times=1)]
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox)
    assert len(mailbox.messages()) == 1
    assert called == []


async def test_silence_at_quit_after_a_250(mailbox: Mailbox) -> None:
    mailbox.rules = [Misbehaviour("QUIT", delay_seconds=30)]
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.port, start_tls=False)
    await client.connect()
    await client.sendmail("a@x.example", ["b@y.example"], RAW)
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await client.quit(timeout=0.2)
    client.close()
    assert len(mailbox.messages()) == 1


async def test_too_large_and_utf8(mailbox: Mailbox) -> None:
    reader, writer = await talk(mailbox.port)
    writer.write(b"EHLO me\r\n")
    said = b""
    while b"250 " not in said:
        said += await reader.readline()
    assert b"SIZE 26214400" in said
    assert b"SMTPUTF8" in said
    assert b"8BITMIME" in said
    writer.write(b"MAIL FROM:<a@x.example> SIZE=26214401\r\n")
    assert (await reader.readline()).startswith(b"552")
    writer.close()
    await writer.wait_closed()
