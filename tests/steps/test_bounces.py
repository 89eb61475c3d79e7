"""Bounces in the books: whose mail it was, what is marked, who is told, and who carries the notices on."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world, small_registry

from activities.receipts import process_receipts
from domain.contracts import StepResult
from domain.ids import dispatch_id
from models.facts.receipts import Position, keep_mails
from models.steps.dispatch import step_dispatch
from models.steps.sending import Claimed, claim, mark_sent

FIXTURES = Path(__file__).parent.parent / "fixtures" / "bounces"
OFFICER, PHONE = "bao-can-bo@thu.example", "84900000001"
_keys = itertools.count()


@dataclass
class Office:
    """A realm whose people have been told of their tasks by mail."""

    world: World
    sent: dict[str, int]
    rung: list[str]

    async def arrives(self, name: str, delivery: int | None = None, address: str = OFFICER, realm: str = "thu") -> str:
        """A message of tests/fixtures/bounces about a delivery comes in and is taken in; returns the outcome."""
        await self.keep(name, delivery, address, realm)
        await self.process()
        return (await self.outcomes())[-1]

    async def keep(self, name: str, delivery: int | None = None, address: str = OFFICER, realm: str = "thu") -> None:
        number = self.sent["bao-can-bo"] if delivery is None else delivery
        raw = (FIXTURES / f"{name}.eml").read_bytes()
        for old, new in ((b"thu.7@", f"{realm}.{number}@".encode()), (OFFICER.encode(), address.encode())):
            raw = raw.replace(old, new)
        raw = raw.replace(b"Bao-Can-Bo@thu.example", address.upper().encode())
        async with self.world.engine.begin() as connection:
            await keep_mails(connection, "hop-thu", Position(1, 1), [(f"<{next(_keys)}@x>", raw)])

    async def process(self) -> int:
        async def ring(workflows: Any) -> int:
            self.rung += workflows
            return len(workflows)

        return await process_receipts(self.world.engine, ring)

    async def outcomes(self) -> list[str]:
        return [row["outcome"] for row in await self.world.rows("SELECT outcome FROM receipt ORDER BY id")]

    async def deliveries(self, person: str = "bao-can-bo") -> list[tuple[str, str, str]]:
        rows = await self.world.rows(
            """SELECT d.channel, d.state, d.error_code FROM delivery d JOIN person p ON p.id = d.person_id
               WHERE p.slug = :person ORDER BY d.id""",
            person=person,
        )
        return [tuple(row.values()) for row in rows]

    async def marks(self) -> list[tuple[str, str, str, str]]:
        rows = await self.world.rows(
            """SELECT p.slug, m.channel, m.code, m.address FROM contact_mark m JOIN person p ON p.id = m.person_id
               ORDER BY 1, 2"""
        )
        return [tuple(row.values()) for row in rows]

    async def told(self) -> list[str]:
        rows = await self.world.rows("SELECT detail FROM notice WHERE kind = 'contact_bounced' ORDER BY id")
        return [row["detail"] for row in rows]

    async def states(self, person: str = "bao-can-bo") -> set[str]:
        """The states of the notices that were in this person's digest."""
        rows = await self.world.rows(
            """SELECT DISTINCT n.state FROM notice n JOIN delivery_notice m ON m.notice_id = n.id
               JOIN person p ON p.id = m.person_id WHERE p.slug = :person""",
            person=person,
        )
        return {row["state"] for row in rows}


async def gather(world: World) -> StepResult:
    return await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))


async def take(world: World) -> list[Claimed]:
    batches = (await gather(world)).deliveries
    return [d for batch in batches for d in await claim(world.engine, batch.deliveries, "a", 20)]


async def send(world: World) -> dict[str, int]:
    """Everything that can leave now leaves; who got which delivery."""
    sent = {}
    while claimed := await take(world):
        for delivery in claimed:
            await mark_sent(world.engine, delivery, "250 OK")
            sent[str(await world.value("SELECT slug FROM person WHERE id = :id", id=delivery.person))] = delivery.id
    return sent


async def open_office(engine: AsyncEngine, zalo: bool = True) -> Office:
    world = await make_world(engine, registry=small_registry())
    if zalo:
        await world.run(
            "UPDATE person SET channels = '[\"mail\", \"zalo\"]', phone = :phone WHERE slug = 'bao-can-bo'", phone=PHONE
        )
    await world.step_task()
    await world.clock("2024-01-15 09:00")
    return Office(world, await send(world), [])


@pytest.fixture
async def office(engine: AsyncEngine) -> Office:
    return await open_office(engine)


async def test_a_bounce_marks_tells_and_goes_on_by_the_next_channel(office: Office) -> None:
    assert await office.states() == {"sent"}
    assert await office.arrives("postfix-unknown-user") == "không tới được: 5.1.1"
    assert await office.deliveries() == [("mail", "bounced", "5.1.1"), ("zalo", "waiting", "")]
    assert await office.marks() == [("bao-can-bo", "mail", "5.1.1", OFFICER)]
    assert await office.told() == [
        f"Đơn vị bao: thư gửi Người bao-can-bo ({OFFICER}) bị trả lại, không có địa chỉ này (5.1.1)."
    ]
    assert await office.states() == {"reserved"}
    assert office.rung == [dispatch_id("thu")]
    row = (await office.world.rows("SELECT role, subject, unit_id FROM notice WHERE kind = 'contact_bounced'"))[0]
    unit = await office.world.value("SELECT id FROM unit WHERE slug = 'bao'")
    assert (row["role"], row["subject"].split("/")[2:]) == ("coordinator", ["unit", str(unit), "mail"])
    assert row["unit_id"] == await office.world.value("SELECT lead_unit_id FROM plan")
    assert await office.world.value("SELECT bounced_at IS NOT NULL FROM delivery WHERE state = 'bounced'")
    await office.world.clock("2024-01-15 09:30")
    assert set(await send(office.world)) == {"bao-can-bo", "so-tong-hop"}
    assert (await office.deliveries(), await office.states()) == (
        [("mail", "bounced", "5.1.1"), ("zalo", "sent", "")], {"sent"},
    )  # fmt: skip


async def test_a_report_that_is_told_twice_does_nothing_twice(office: Office) -> None:
    await office.arrives("postfix-unknown-user")
    assert await office.arrives("gmail-unknown-user") == "không tới được: 5.1.1 (đã biết)"
    assert (len(await office.told()), len(await office.deliveries())) == (1, 2)
    assert await office.process() == 0


async def test_a_mark_holds_for_its_address_and_is_told_of_once(office: Office) -> None:
    """The registry has another address, which is tried; then that one bounces, and is told of by itself."""
    first = office.sent["bao-can-bo"]
    await office.arrives("postfix-unknown-user")
    await office.world.run("UPDATE person SET email = 'moi@thu.example' WHERE slug = 'bao-can-bo'")
    assert await office.world.value(
        """SELECT count(*) FROM contact_mark m JOIN person p ON p.id = m.person_id
           WHERE m.address = CASE m.channel WHEN 'mail' THEN p.email ELSE p.phone END"""
    ) == 0  # fmt: skip
    await office.world.run("UPDATE delivery SET address = 'moi@thu.example', state = 'sent' WHERE id = :id", id=first)
    await office.world.clock("2024-01-16 09:00")
    await office.arrives("gmail-unknown-user", address="moi@thu.example")
    assert await office.marks() == [("bao-can-bo", "mail", "5.1.1", "moi@thu.example")]
    assert len(await office.told()) == 1, "the same delivery has one notice"


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("exchange-mailbox-full", "5.2.2", "hộp thư đầy"),
        ("exchange-policy", "5.7.133", "từ chối theo quy định"),
        ("postfix-gave-up", "4.4.1", "không trả lời trong nhiều ngày"),
    ],
)
async def test_what_is_not_the_addresss_fault_is_not_held_against_it(
    office: Office, name: str, code: str, words: str
) -> None:
    assert await office.arrives(name) == f"không tới được: {code}"
    assert await office.deliveries() == [("mail", "bounced", code), ("zalo", "waiting", "")]
    assert await office.marks() == []
    assert [words in told for told in await office.told()] == [True]


async def test_without_another_channel_the_notices_have_failed(engine: AsyncEngine) -> None:
    office = await open_office(engine, zalo=False)
    await office.arrives("postfix-unknown-user")
    assert (await office.deliveries(), await office.states()) == ([("mail", "bounced", "5.1.1")], {"failed"})
    assert len(await office.told()) == 1


async def test_what_has_reached_another_person_stays_sent(office: Office) -> None:
    """Two officers of a unit are told the same; one of the mails comes back."""
    await office.world.run(
        """WITH made AS (INSERT INTO delivery (realm, person_id, channel, address, content, at, state, attempts,
                           lease_owner, sent_at, provider_id, error_code, error)
             SELECT d.realm, p.id, 'mail', p.email, d.content, d.at, 'sent', 1, '', d.sent_at, '', '', ''
             FROM delivery d, person p WHERE d.id = :id AND p.slug = 'bao-thu-truong' RETURNING id, person_id)
           INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
           SELECT m.notice_id, made.person_id, 'mail', made.id FROM delivery_notice m, made
           WHERE m.delivery_id = :id""",
        id=office.sent["bao-can-bo"],
    )
    await office.arrives("postfix-unknown-user")
    assert await office.states() == {"sent"}
    assert (await office.deliveries())[-1] == ("zalo", "waiting", "")


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("postfix-delayed", "chậm, máy chủ thư còn gửi lại"),
        ("vacation-rfc3834", "thư trả lời tự động"),
        ("away-vietnamese", "thư trả lời tự động"),
        ("read-receipt", "báo đã đọc"),
        ("a-person-writes", "không phải thư báo của máy chủ thư"),
        ("forwarded-bounce", "không phải thư báo của máy chủ thư"),
    ],
)
async def test_what_is_no_bounce_changes_nothing(office: Office, name: str, outcome: str) -> None:
    assert await office.arrives(name) == outcome
    assert (await office.deliveries(), await office.marks(), await office.told()) == ([("mail", "sent", "")], [], [])


async def test_a_report_of_success_is_a_receipt(office: Office) -> None:
    assert await office.arrives("postfix-delivered") == "đã tới nơi nhận"
    assert await office.world.value(
        "SELECT received_at >= sent_at FROM delivery WHERE id = :id", id=office.sent["bao-can-bo"]
    )
    assert await office.deliveries() == [("mail", "sent", "")]


async def test_each_recipient_of_a_report_has_a_fate_of_its_own(office: Office) -> None:
    assert await office.arrives("two-recipients") == (
        "đã tới nơi nhận; địa chỉ trong thư báo không phải địa chỉ đã gửi"
    )
    assert (await office.marks(), await office.deliveries("tap-chi-can-bo")) == ([], [("mail", "sent", "")])


async def test_an_address_that_is_passed_on_is_still_ours(office: Office) -> None:
    assert await office.arrives("forwarded-address") == "không tới được: 5.1.1"


# Reports that are not to be believed


async def test_a_forged_report_marks_nobody_else(office: Office) -> None:
    """It names a delivery of ours, and an address that this delivery did not go to."""
    head = office.sent["tap-chi-can-bo"]
    assert await office.arrives("postfix-unknown-user", delivery=head) == (
        "địa chỉ trong thư báo không phải địa chỉ đã gửi"
    )
    assert await office.arrives("postfix-unknown-user", address="ai-do@khac.example") == (
        "địa chỉ trong thư báo không phải địa chỉ đã gửi"
    )
    assert await office.arrives("postfix-unknown-user", realm="khac") == "không khớp thư nào đã gửi"
    assert await office.arrives("postfix-unknown-user", delivery=999_999) == "không khớp thư nào đã gửi"
    assert (await office.marks(), await office.told()) == ([], [])
    assert await office.deliveries() == [("mail", "sent", "")]


async def test_a_report_without_the_message_is_about_the_latest_to_its_address(office: Office) -> None:
    assert await office.arrives("qmail-without-copy") == "không tới được: 5.1.2"
    assert (await office.deliveries())[0] == ("mail", "bounced", "5.1.2")
    assert await office.arrives("qmail-without-copy") == "không tới được: 5.1.2 (đã biết)"


async def test_and_not_about_one_of_long_ago_or_to_others(office: Office) -> None:
    assert await office.arrives("qmail-without-copy", address="ai-do@khac.example") == "không khớp thư nào đã gửi"
    await office.world.run("UPDATE delivery SET sent_at = sent_at - INTERVAL '8 days'")
    assert await office.arrives("qmail-without-copy") == "không khớp thư nào đã gửi"
    assert await office.marks() == []


# Order of events


async def test_a_bounce_before_our_own_mark_waits_for_it(office: Office) -> None:
    """The server has taken the mail and sent it back before we wrote that it was taken."""
    delivery = office.sent["bao-can-bo"]
    await office.world.run(
        "UPDATE delivery SET state = 'reserved', lease_until = clock_timestamp() + INTERVAL '20 s' WHERE id = :id",
        id=delivery,
    )
    await office.keep("postfix-unknown-user")
    await office.keep("a-person-writes")
    assert await office.process() == 1, "the other is not held up"
    assert await office.marks() == []
    await office.world.run("UPDATE delivery SET state = 'sent', lease_until = NULL WHERE id = :id", id=delivery)
    assert await office.process() == 1
    assert (await office.deliveries())[0] == ("mail", "bounced", "5.1.1")


async def test_a_bounce_whose_mail_was_never_marked_marks_the_address_in_the_end(office: Office) -> None:
    await office.world.run("UPDATE delivery SET state = 'waiting', retry_at = 'infinity' WHERE channel = 'mail'")
    await office.keep("postfix-unknown-user")
    await office.world.run("UPDATE receipt SET received_at = received_at - INTERVAL '16 minutes'")
    assert await office.process() == 1
    assert await office.marks() == [("bao-can-bo", "mail", "5.1.1", OFFICER)]
    assert await office.deliveries() == [("mail", "refused", "5.1.1"), ("zalo", "waiting", "")]


async def test_what_still_waits_for_the_address_goes_elsewhere_too(office: Office) -> None:
    await office.world.run(
        """WITH made AS (INSERT INTO delivery (realm, person_id, channel, address, content, at, state, attempts,
                           lease_owner, retry_at, provider_id, error_code, error)
             SELECT realm, person_id, channel, address, content, at, 'waiting', 1, '', 'infinity', '', '451', ''
             FROM delivery WHERE id = :id RETURNING id, person_id)
           INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
           SELECT m.notice_id, made.person_id, 'mail', made.id FROM made, delivery_notice m
           WHERE m.delivery_id = :other""",
        id=office.sent["bao-can-bo"],
        other=office.sent["hoi-can-bo"],
    )
    await office.arrives("postfix-unknown-user")
    assert sorted(await office.deliveries()) == [
        ("mail", "bounced", "5.1.1"), ("mail", "refused", "5.1.1"), ("zalo", "waiting", ""), ("zalo", "waiting", ""),
    ]  # fmt: skip


async def test_the_next_channel_keeps_the_quiet_hours(office: Office) -> None:
    """The mail comes back at night; nobody's telephone rings before seven."""
    await office.world.clock("2024-01-15 23:30")
    await office.arrives("postfix-unknown-user")
    assert [d for d in await take(office.world) if d.channel == "zalo"] == []
    await office.world.clock("2024-01-16 07:01")
    assert [d.channel for d in await take(office.world) if d.address == PHONE] == ["zalo"]


async def test_the_same_report_in_two_mailboxes_at_once(office: Office) -> None:
    for _ in range(4):
        await office.keep("postfix-unknown-user")
    await asyncio.gather(*(office.process() for _ in range(3)))
    assert sorted(await office.outcomes()) == ["không tới được: 5.1.1"] + ["không tới được: 5.1.1 (đã biết)"] * 3
    assert (len(await office.told()), len(await office.deliveries())) == (1, 2)
