"""After an outage: the present state once, and not what piled up meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path

from stories import Story, story
from temporalio.client import Client
from worlds import at, small_registry

from domain.policy import Policy
from embedded.mailbox import Misbehaviour
from models.facts.channels import reopen_channel

UNASKED = Policy(acknowledge_ladder=())
ASSIGNED, OPENED, DUE = "GIAO NHIỆM VỤ CHỦ TRÌ", "MỞ KỲ BÁO CÁO", "HÔM NAY ĐẾN HẠN BÁO CÁO"
REMINDED, LATE = "NHẮC TRƯỚC HẠN {} NGÀY LÀM VIỆC", "BÁO CÁO QUÁ HẠN {} NGÀY LÀM VIỆC"
FIRST, COMMON = "ke-hoach/1/2024", "ke-hoach/0/2024"
OFFICER = "bao-can-bo@thu.example"
NO_MONEY = -115


async def mailed(told: Story) -> dict[str, list[tuple[int, int, str]]]:
    """Person → (month, day, heading) of all they were mailed of the first task since this was last asked."""
    found = {
        person: [(day.month, day.day, words) for day, words, ref in items if ref.startswith("ke-hoach/1")]
        for person, items in (await told.unread()).items()
    }
    return {person: items for person, items in found.items() if items}


async def everything(told: Story) -> dict[str, list[tuple[int, int, str, str]]]:
    """The same of everything, with what it is about."""
    return {
        person: [(day.month, day.day, words, ref) for day, words, ref in items]
        for person, items in (await told.unread()).items()
    }


def the_mail(told: Story, address: str, delivery: int) -> EmailMessage:
    """The one mail of a delivery, by its Message-ID."""
    (stored,) = (m for m in told.mailbox.messages() if m.message_id.startswith(f"<thu.{delivery}@"))
    assert stored.rcpt_tos == (address,)
    mail = message_from_bytes(stored.file.read_bytes(), policy=default_policy)
    assert isinstance(mail, EmailMessage)
    return mail


def codes(told: Story) -> list[int]:
    """Zalo's answer to every message that was handed over."""
    return [r["answer"]["error"] for r in told.zalo.requests() if "template_id" in r["body"]]


async def asleep_until(told: Story, words: str) -> None:
    """No worker runs until that instant; then they all come back."""
    await told.end()
    await told.driver.jump(at(words))
    await told.restart(told.client)


async def test_workers_down_for_a_week(client: Client, dsn: str, tmp_path: Path) -> None:
    """Four rungs were slept through; people reported meanwhile, as ever."""
    async with story(
        client, dsn, tmp_path, begins="2024-11-26 08:00", policy=UNASKED, registry=small_registry(("bao", "tap-chi"))
    ) as told:
        await told.until("2024-11-27 10:00")
        told.read_everything()
        await told.end()
        await told.world.clock("2024-11-29 21:00")
        await told.report("tap-chi-can-bo", "tap-chi")
        await asleep_until(told, "2024-12-05 10:00")
        await told.until("2024-12-09 10:00")
        late = (12, 5, LATE.format(4))
        assert await mailed(told) == {
            "bao-can-bo": [late],
            "bao-thu-truong": [late],
            "so-tong-hop": [late, (12, 5, "CÓ BÁO CÁO MỚI CẦN XEM XÉT")],
        }, "the highest rung slept through, with the working days as they are"
        raised = await told.world.rows("SELECT DISTINCT rung FROM notice WHERE kind IN ('reminder', 'due', 'overdue')")
        assert [row["rung"] for row in raised] == ["overdue-3"]
        await told.until("2024-12-10 10:00")
        again = (12, 10, LATE.format(7))
        above = ("bao-can-bo", "bao-thu-truong", "chu-tich", "so-tong-hop")
        assert await mailed(told) == {person: [again] for person in above}


async def test_what_was_due_today_is_not_said_tomorrow(client: Client, dsn: str, tmp_path: Path) -> None:
    """Workers come back in the evening of the last day: the sending hour is on Saturday, and then it is past."""
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", policy=UNASKED) as told:
        await told.until("2024-11-28 12:00")
        told.read_everything()
        await asleep_until(told, "2024-11-29 20:30")
        await told.until("2024-12-01 23:00")
        assert await mailed(told) == {}
        await told.until("2024-12-02 12:00")
        late = [(12, 2, LATE.format(1))]
        assert await mailed(told) == {
            f"{unit}-{who}": late for unit in ("bao", "tap-chi") for who in ("can-bo", "thu-truong")
        }


async def test_a_mail_put_off_for_hours_says_what_is_true_when_it_goes(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    """Minutes before it is taken one officer reports on one of two tasks, another on both."""
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", policy=UNASKED) as told:
        world = told.world
        await told.until("2024-11-27 10:00")
        told.read_everything()
        told.mailbox.rules = [
            Misbehaviour("RCPT", f"{unit}-can-bo@", "450 4.2.0 try again later") for unit in ("bao", "tap-chi")
        ]
        await told.until("2024-11-28 10:00")
        first = await world.rows("SELECT id, state FROM delivery WHERE at >= '2024-11-28 00:00+07' ORDER BY id")
        assert [row["state"] for row in first] == ["sent", "waiting", "waiting"]
        await told.until("2024-11-28 11:20")
        await told.report("bao-can-bo", "bao")
        for task in (0, 1):
            await told.report("tap-chi-can-bo", "tap-chi", task=task)
        told.mailbox.rules = []
        await told.until("2024-11-28 23:00")

        assert [(d, words, ref) for _, d, words, ref in (await everything(told)).pop("bao-can-bo")] == [
            (28, REMINDED.format(1), COMMON)
        ]
        mail = the_mail(told, OFFICER, first[1]["id"])
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Thư lập lúc 11:25 ngày 28/11/2024" in body.get_content()
        assert "Tính đến 11:25 ngày 28/11/2024" in body.get_content()
        deliveries = await world.rows(
            """SELECT state FROM delivery WHERE at >= '2024-11-28 00:00+07' AND content::text LIKE '%before-1%'
               ORDER BY id"""
        )
        assert [row["state"] for row in deliveries] == ["sent", "sent", "moot"]
        notices = await world.rows(
            "SELECT state, count(*) AS n FROM notice WHERE rung = 'before-1' GROUP BY 1 ORDER BY 1"
        )
        assert [tuple(row.values()) for row in notices] == [("moot", 3), ("sent", 2)]


async def test_a_channel_out_of_money_and_what_goes_once_it_is_paid(client: Client, dsn: str, tmp_path: Path) -> None:
    """A unit with nothing but Zalo: what was missed is not made up for, what is true now is."""
    registry = small_registry(zalo=("bao",))
    people = tuple(replace(p, channels=("zalo",), email=None) if p.unit == "bao" else p for p in registry.people)
    people = tuple(p for p in people if p.id != "bao-thu-truong")
    async with story(
        client, dsn, tmp_path, begins="2024-11-26 08:00", policy=UNASKED, registry=replace(registry, people=people)
    ) as told:
        await told.until("2024-11-27 10:00")
        assert codes(told) == [0]
        refusals = tmp_path / "zalo" / "refusals.json"
        refusals.write_text(json.dumps({"*": NO_MONEY}))
        await told.until("2024-12-02 22:00")
        assert codes(told) == [0, NO_MONEY], "a stopped channel is left alone"
        assert await told.world.value("SELECT count(*) FROM channel_alarm") == 1
        refusals.write_text("{}")
        _, rings = await reopen_channel(told.world.engine, told.world.realm, "zalo")
        await told.driver.ring(rings)
        await told.until("2024-12-03 06:00")
        assert codes(told) == [0, NO_MONEY], "not in the quiet hours"
        await told.until("2024-12-03 12:00")
        assert codes(told) == [0, NO_MONEY, 0]
        items = await told.world.rows(
            """SELECT i ->> 'rung' AS rung, i ->> 'reference' AS reference, (i ->> 'days')::int AS days
               FROM delivery d, jsonb_array_elements(d.content -> 'items') i
               WHERE d.channel = 'zalo' AND d.state = 'sent' AND d.at >= '2024-12-03 00:00+07' ORDER BY 2"""
        )
        assert [tuple(row.values()) for row in items] == [("overdue-1", COMMON, 2), ("overdue-1", FIRST, 2)]
        states = await told.world.rows(
            """SELECT n.rung, n.state FROM notice n JOIN unit u ON u.id = n.unit_id AND u.slug = 'bao'
               WHERE n.task_id = 2 AND n.role = 'officer' AND n.round_id IS NOT NULL ORDER BY n.id"""
        )
        assert [tuple(row.values()) for row in states] == [
            ("opened", "sent"), ("before-1", "failed"), ("due", "unroutable"), ("overdue-1", "sent")
        ]  # fmt: skip
