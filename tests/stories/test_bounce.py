"""Hours after the mail server took it, a mail comes back: the coordinator hears of it, and Zalo carries it on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from imap_server import PASSWORD, USER, ImapServer
from stories import Story, story
from temporalio.client import Client
from worlds import small_registry

from activities.bounce_mailbox import BounceAddress
from activities.receipts import Receipts

FIXTURES = Path(__file__).parent.parent / "fixtures" / "bounces"
OFFICER = "bao-can-bo@thu.example"


def taken_by_zalo(told: Story) -> list[dict[str, Any]]:
    """The messages the sandbox took."""
    return [r["body"] for r in told.zalo.requests() if "template_id" in r["body"] and r["answer"]["error"] == 0]


def mailed(told: Story) -> int:
    """How many mails went to the officer's address."""
    return sum(OFFICER in stored.rcpt_tos for stored in told.mailbox.messages())


async def settled(told: Story, count: int) -> None:
    """So many receipts have been taken in."""
    async with asyncio.timeout(20):
        while await told.world.value("SELECT count(*) FROM receipt WHERE processed_at IS NOT NULL") < count:
            await asyncio.sleep(0.05)


async def test_a_bounce_hours_after_a_250(client: Client, dsn: str, tmp_path: Path) -> None:
    registry = small_registry(zalo=("bao",))
    people = tuple(replace(p, channels=("mail", "zalo")) if p.id == "bao-can-bo" else p for p in registry.people)
    server = ImapServer()
    address = BounceAddress("127.0.0.1", await server.start(), USER, PASSWORD, tls=False)
    async with story(client, dsn, tmp_path, registry=replace(registry, people=people)) as told:
        await told.ends.enter_async_context(
            Receipts(told.world.engine, told.ringer.ring, address, mailbox_seconds=1.0, seconds=0.1)
        )
        await told.until("2024-01-15 14:00")
        (stored,) = (m for m in told.mailbox.messages() if OFFICER in m.rcpt_tos)
        told.read_everything()
        assert taken_by_zalo(told) == []

        delivery = await told.world.value("SELECT id FROM delivery WHERE address = :a", a=OFFICER)
        assert f"<thu.{delivery}@".encode() in stored.file.read_bytes()
        report = (FIXTURES / "postfix-unknown-user.eml").read_bytes().replace(b"<thu.7@", b"<thu.%d@" % delivery)
        server.add(report, (FIXTURES / "vacation-rfc3834.eml").read_bytes(), report.replace(b"4A1@", b"4B1@"))
        await settled(told, 3)
        await told.until("2024-01-15 18:00")

        assert told.subjects("so-tong-hop") == ["[DIỄN TẬP] Địa chỉ liên hệ không nhận được thông báo: Đơn vị bao"]
        assert len(taken_by_zalo(told)) == 1
        assert mailed(told) == 1
        assert await told.unread() == {}

        await told.until("2024-01-19 12:00")
        assert mailed(told) == 1, "no more mail to an address that does not work"
        assert len(taken_by_zalo(told)) > 1
    await server.stop()
