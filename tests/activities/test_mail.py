"""Mail against a server that behaves like the real ones do on their bad days."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from posts import LEADS, make_post
from smtp_troubles import Troubles
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.answers import RETRY_RECIPIENT_SECONDS
from activities.deliveries import PATIENCE, Deliveries
from activities.mail import Attachment, MailServer, MailSession, build_message, message_id
from activities.outcomes import BadAddress, ChannelDown, HungUp, Later, Outcome, Refused, Sent
from activities.relays import Relay
from activities.zalo import ZaloApp
from documents.render_mail import MailContent
from domain.contracts import SendResult
from embedded.mailbox import Mailbox, Misbehaviour

RETRIABLE = (421, 422, 431, 432, 442, 447, 450, 451, 452, 454)
"""As mail systems in the field list them, besides a connection that fails (`OSError`, 101, 111)."""
AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "mail"
CONTENT = MailContent(
    "[DIỄN TẬP] Nhắc trước hạn 7 ngày làm việc · Nhiệm vụ 02",
    "Kính gửi: Nguyễn Thị Hằng\n\n.dòng bắt đầu bằng dấu chấm\n" + "Đẩy mạnh chuyển đổi số báo chí. " * 40 + "\n",
    "<p>Kính gửi: <b>Nguyễn Thị Hằng</b></p>\n" + "<p>Đẩy mạnh chuyển đổi số báo chí.</p>\n" * 40,
)


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    box = Mailbox(tmp_path / "mail", durable=False)
    await box.start()
    yield box
    await box.stop()


@pytest.fixture
def server(mailbox: Mailbox) -> MailServer:
    return MailServer("127.0.0.1", mailbox.port)


def mail(server: MailServer, to: str, number: int = 1, files: Sequence[Attachment] = ()) -> EmailMessage:
    identity = message_id(server, "thu", number)
    return build_message(server, to, "Nguyễn Thị Hằng", CONTENT, identity, AT, files)


async def send_all(server: MailServer, *people: str) -> list[Outcome]:
    """One session; what became of each message."""
    async with MailSession(server) as session:
        return [await session.send(mail(server, f"{p}@thu.example", n)) for n, p in enumerate(people, 1)]


def received(mailbox: Mailbox) -> list[str]:
    """Who got something, in order."""
    return [m.rcpt_tos[0].partition("@")[0] for m in mailbox.messages()]


def connections(mailbox: Mailbox) -> int:
    """Over how many connections the messages came."""
    return len({m.peer for m in mailbox.messages()})


# What is sent


def test_the_message_is_the_one_on_file() -> None:
    """Only the boundary between the parts is drawn anew."""
    message = mail(MailServer("127.0.0.1", 25), "hang@thu.example", 7)
    boundary = "=" * 15 + "boundary=="
    message.set_boundary(boundary)
    assert message.as_bytes() == (FIXTURES / "digest.eml").read_bytes()


async def test_a_mail_can_be_read_at_the_other_end(mailbox: Mailbox, server: MailServer) -> None:
    files = [
        Attachment("bao-cao-2024.pdf", "application/pdf", b"%PDF-1.7\r\n\x00\xff"),
        Attachment(
            "báo cáo.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            b"PK\x03\x04\n.\n",
        ),
    ]
    async with MailSession(server) as session:
        assert isinstance(await session.send(mail(server, "hang@thu.example", 7, files)), Sent)
    (stored,) = mailbox.messages()
    raw = stored.file.read_bytes()
    found = message_from_bytes(raw, policy=default_policy)
    assert found["Subject"] == CONTENT.subject
    assert found["From"].addresses[0].display_name == "Đôn Đốc"
    assert found["To"].addresses[0].display_name == "Nguyễn Thị Hằng"
    assert (found["To"].addresses[0].addr_spec, stored.rcpt_tos) == ("hang@thu.example", ("hang@thu.example",))
    assert parsedate_to_datetime(found["Date"]) == AT
    assert found["Date"] == "Wed, 20 Nov 2024 08:00:00 +0700"
    assert (found["Auto-Submitted"], found["Content-Language"]) == ("auto-generated", "vi")
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == CONTENT.text
    assert html.get_content().replace("\r\n", "\n") == CONTENT.html
    assert text.get_content_charset() == html.get_content_charset() == "utf-8"
    got = [(a.get_filename(), a.get_content_type(), a.get_content()) for a in found.iter_attachments()]
    assert got == [(f.name, f.media_type, f.content) for f in files]
    assert max(map(len, raw.split(b"\r\n"))) <= 998, "RFC 5322 §2.1.1"
    assert raw.isascii(), "nothing asks the servers on the way for more than RFC 5321"


def test_a_resend_is_the_same_message(server: MailServer) -> None:
    first, again = (mail(server, "hang@thu.example", 7) for _ in range(2))
    assert first["Message-ID"] == again["Message-ID"] == "<thu.7@dondoc.example>"
    assert first["Date"] == again["Date"]
    assert message_id(server, "thu", 8) != message_id(server, "thu", 7)
    assert message_id(server, "that", 7) != message_id(server, "thu", 7)


async def test_many_messages_over_one_connection(mailbox: Mailbox, server: MailServer) -> None:
    people = [f"nguoi-{n}" for n in range(40)]
    outcomes = await send_all(server, *people)
    assert all(isinstance(o, Sent) for o in outcomes)
    assert received(mailbox) == people
    assert connections(mailbox) == 1
    assert len({m.message_id for m in mailbox.messages()}) == 40


# What goes wrong with one recipient


@pytest.mark.parametrize("code", [code for code in RETRIABLE if code != 421])
async def test_a_recipient_put_off_waits_and_the_others_are_sent(
    mailbox: Mailbox, server: MailServer, code: int
) -> None:
    mailbox.rules = [Misbehaviour("RCPT", "cham@", f"{code} 4.3.2 try later")]
    outcomes = await send_all(server, "an", "cham", "binh", "chi")
    assert isinstance(outcomes[1], Later)
    assert outcomes[1].code == str(code)
    assert outcomes[1].seconds >= 60
    assert received(mailbox) == ["an", "binh", "chi"]
    assert connections(mailbox) == 1


@pytest.mark.parametrize("code", [450, 451, 452])
async def test_a_message_put_off_at_data_waits_and_the_others_are_sent(
    mailbox: Mailbox, server: MailServer, code: int
) -> None:
    mailbox.rules = [Misbehaviour("DATA", "cham@", f"{code} 4.7.1 greylisted")]
    outcomes = await send_all(server, "an", "cham", "binh")
    assert [type(o) for o in outcomes] == [Sent, Later, Sent]
    assert received(mailbox) == ["an", "binh"]


@pytest.mark.parametrize(
    ("answer", "mark", "why"),
    [
        ("550 5.1.1 No such user", True, "no such address"),
        ("550 No such user", True, "the same without an enhanced code"),
        ("551 5.1.6 User has moved", True, "moved"),
        ("553 5.1.3 Bad mailbox syntax", True, "no address at all"),
        ("552 5.2.2 Mailbox full", False, "full boxes are emptied"),
        ("550 5.2.2 Mailbox full", False, "the same under the general code"),
        ("550 5.7.1 Blocked by policy", False, "what the server thinks of us says nothing of the address"),
        ("554 5.7.1 Rejected as spam", False, "nor does this"),
    ],
)
async def test_a_refused_recipient(mailbox: Mailbox, server: MailServer, answer: str, mark: bool, why: str) -> None:
    mailbox.rules = [Misbehaviour("RCPT", "sai@", answer)]
    outcomes = await send_all(server, "an", "sai", "binh")
    refused = outcomes[1]
    assert isinstance(refused, Refused)
    assert refused.code == answer[:3]
    assert refused.error == answer[4:]
    assert refused.mark_contact is mark, why
    assert not refused.stop_channel
    assert received(mailbox) == ["an", "binh"]


OTHER_LATER = (400, 413, 441, 449, 453, 455, 458, 459, 471, 499)
"""Transient by their first digit (RFC 5321 §4.2.1), though on no list."""
FOR_GOOD = (500, 501, 502, 504, 510, 511, 512, 515, 521, 523, 541, 550, 551, 552, 553, 554, 555, 556, 571, 599)
OURS = (530, 534, 535, 538)
"""The server wants a login: no word on a recipient or a message."""


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", OTHER_LATER)
async def test_what_is_transient_by_its_first_digit_waits(
    mailbox: Mailbox, server: MailServer, stage: str, code: int
) -> None:
    mailbox.rules = [Misbehaviour(stage, "cham@", f"{code} try later")]
    outcomes = await send_all(server, "an", "cham", "binh")
    assert outcomes[1] == Later(str(code), "try later", RETRY_RECIPIENT_SECONDS)
    assert received(mailbox) == ["an", "binh"]
    assert connections(mailbox) == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", FOR_GOOD)
async def test_what_is_permanent_is_so_for_that_recipient_only(
    mailbox: Mailbox, server: MailServer, stage: str, code: int
) -> None:
    mailbox.rules = [Misbehaviour(stage, "sai@", f"{code} no")]
    outcomes = await send_all(server, "an", "sai", "binh")
    marked = stage == "RCPT" and code in {550, 551, 553}
    assert outcomes[1] == Refused(str(code), "no", mark_contact=marked)
    assert received(mailbox) == ["an", "binh"]
    assert connections(mailbox) == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", OURS)
async def test_a_login_that_is_asked_for_is_nobodys_fault_but_ours(
    mailbox: Mailbox, server: MailServer, stage: str, code: int
) -> None:
    mailbox.rules = [Misbehaviour(stage, "an@", f"{code} 5.7.0 log in first")]
    with pytest.raises(ChannelDown) as down:
        await send_all(server, "an")
    assert not isinstance(down.value, HungUp)
    assert received(mailbox) == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "STORED"])
@pytest.mark.parametrize("answer", ["what is this", "999 what", "\x00\x01\x02", "199 what", "354 go on"])
async def test_what_is_no_answer_is_not_held_against_the_recipient(
    mailbox: Mailbox, server: MailServer, stage: str, answer: str
) -> None:
    mailbox.rules = [Misbehaviour(stage, "", answer)]
    with pytest.raises(HungUp):
        await send_all(server, "an")
    assert received(mailbox) == (["an"] if stage == "STORED" else [])


async def test_a_message_refused_at_data_says_nothing_of_the_address(mailbox: Mailbox, server: MailServer) -> None:
    mailbox.rules = [Misbehaviour("DATA", "sai@", "554 5.6.0 Message contains a virus")]
    outcomes = await send_all(server, "an", "sai", "binh")
    assert outcomes[1] == Refused("554", "5.6.0 Message contains a virus")
    assert received(mailbox) == ["an", "binh"]


async def test_a_message_too_large_is_its_own_fault(mailbox: Mailbox, server: MailServer) -> None:
    mailbox.rules = [Misbehaviour("MAIL", "", "552 5.3.4 Message too big", times=1)]
    outcomes = await send_all(server, "to", "binh")
    assert [type(o) for o in outcomes] == [Refused, Sent]


# What goes wrong with the server


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (Misbehaviour("CONNECT", "", "421 4.3.2 too many connections"), "turned away at the door"),
        (
            Misbehaviour("CONNECT", "", "554 5.7.1 your address is on a list"),
            "turned away for good: not the recipient's",
        ),
        (Misbehaviour("CONNECT", "", None), "hung up at the door"),
        (Misbehaviour("MAIL", "", "421 4.7.0 closing"), "throttled at the sender"),
        (Misbehaviour("RCPT", "", "421 4.7.0 too many messages"), "throttled at the recipient"),
        (Misbehaviour("DATA", "", "421 4.3.2 shutting down"), "shut down in the middle"),
        (Misbehaviour("MAIL", "", "530 5.7.0 Authentication required"), "not logged in"),
        (Misbehaviour("MAIL", "", "550 5.7.1 sender rejected"), "our own address is refused: ours to mend"),
        (Misbehaviour("MAIL", "", None), "hung up"),
    ],
)
async def test_the_servers_own_trouble(mailbox: Mailbox, server: MailServer, rule: Misbehaviour, why: str) -> None:
    mailbox.rules = [rule]
    with pytest.raises(ChannelDown):
        await send_all(server, "an")
    assert received(mailbox) == [], why
    mailbox.rules = []
    assert [type(o) for o in await send_all(server, "an")] == [Sent]


async def test_nobody_listens(mailbox: Mailbox, server: MailServer) -> None:
    await mailbox.stop()
    with pytest.raises(ChannelDown):
        await send_all(server, "an")
    await mailbox.start()
    assert [type(o) for o in await send_all(server, "an")] == [Sent]


async def test_silence_at_quit_after_the_250(mailbox: Mailbox, server: MailServer) -> None:
    """Mastodon #23727: what the server took, it took."""
    mailbox.rules = [Misbehaviour("QUIT", "", None)]
    assert [type(o) for o in await send_all(server, "an", "binh")] == [Sent, Sent]
    mailbox.rules = [Misbehaviour("QUIT", "", "500 what")]
    assert [type(o) for o in await send_all(server, "chi")] == [Sent]
    assert received(mailbox) == ["an", "binh", "chi"]


async def test_a_poisoned_session_is_left_behind(mailbox: Mailbox, server: MailServer) -> None:
    """Frappe #40837: after one refusal the server says 503 to whoever comes next, who is innocent."""
    mailbox.rules = [
        Misbehaviour("RCPT", "sai@", "550 5.1.1 No such user"),
        Misbehaviour("MAIL", "", "", times=2),
        Misbehaviour("MAIL", "", "503 5.5.1 Error: nested MAIL command", times=1),
    ]
    outcomes = await send_all(server, "an", "sai", "binh", "chi")
    assert [type(o) for o in outcomes] == [Sent, Refused, Sent, Sent]
    assert received(mailbox) == ["an", "binh", "chi"]
    assert connections(mailbox) == 2
    assert mailbox.messages()[1].peer == mailbox.messages()[2].peer


async def test_503_on_a_fresh_connection_is_not_held_against_the_recipient(
    mailbox: Mailbox, server: MailServer
) -> None:
    mailbox.rules = [Misbehaviour("RCPT", "an@", "503 5.5.1 bad sequence")]
    outcomes = await send_all(server, "an", "binh")
    assert [type(o) for o in outcomes] == [Later, Sent]


async def test_a_connection_that_idled_out_is_opened_again(mailbox: Mailbox, server: MailServer) -> None:
    async with MailSession(server) as session:
        assert isinstance(await session.send(mail(server, "an@thu.example")), Sent)
        await mailbox.stop()
        await mailbox.start()
        await asyncio.sleep(0.1)  # the hang-up reaches the client
        assert isinstance(await session.send(mail(server, "binh@thu.example", 2)), Sent)
    assert received(mailbox) == ["an", "binh"]
    assert connections(mailbox) == 2


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_the_registry_holds_makes_a_message_that_can_be_handed_in_or_is_no_address(name: str, to: str) -> None:
    server = MailServer("127.0.0.1", 25)
    try:
        message = build_message(server, to, name, CONTENT, "<1@thu.example>", AT)
    except BadAddress:
        return
    (address,) = message["To"].addresses
    assert address.addr_spec.isascii()
    assert address.addr_spec.isprintable()
    assert message_from_bytes(message.as_bytes()).keys() == message.keys(), "no header is smuggled in"


@pytest.mark.parametrize("to", ["an@thư.example", "an\t@thu.example", "an\x7f@thu.example", '"a\x00n"@thu.example'])
def test_an_address_that_no_server_can_be_told_is_refused_beforehand(to: str) -> None:
    with pytest.raises(BadAddress):
        build_message(MailServer("127.0.0.1", 25), to, "An", CONTENT, "<1@thu.example>", AT)


# A batch, with the books


async def test_a_batch_is_sent_once(engine: AsyncEngine, mailbox: Mailbox, server: MailServer) -> None:
    post = await make_post(engine, server)
    batch = await post.gather()
    assert await post.send(batch) == SendResult(sent=5)
    assert await post.send(batch) == SendResult(), "a repeated activity finds nothing left"
    assert [a.removesuffix("-can-bo") for a in received(mailbox)] == ["hoi", *LEADS]
    assert connections(mailbox) == 1
    assert set((await post.states()).values()) == {"sent"}
    assert await post.notices("mot") == {"sent"}


async def test_what_the_person_reads(engine: AsyncEngine, mailbox: Mailbox, server: MailServer) -> None:
    post = await make_post(engine, server)
    await post.send(await post.gather())
    found = message_from_bytes(mailbox.messages()[0].file.read_bytes(), policy=default_policy)
    assert str(found["Subject"]).startswith("[DIỄN TẬP] ")
    body = found.get_body(("plain",))
    assert body is not None
    assert re.search(r"https://dondoc\.example/\S{5,}", body.get_content()), "links are whole"
    assert parsedate_to_datetime(found["Date"]).isoformat() == "2024-01-15T09:00:00+07:00"


async def test_put_off_refused_and_sent_side_by_side(engine: AsyncEngine, mailbox: Mailbox, server: MailServer) -> None:
    post = await make_post(engine, server)
    mailbox.rules = [
        Misbehaviour("RCPT", "mot-", "451 4.3.2 try later"),
        Misbehaviour("RCPT", "tam-", "550 5.1.1 No such user"),
    ]
    assert await post.send(await post.gather()) == SendResult(sent=3, refused=1, waiting=1)
    assert await post.states() == {"mot": "waiting", "hai": "sent", "tam": "refused", "tu": "sent", "hoi": "sent"}
    assert await post.notices("mot") == {"reserved"}
    assert await post.notices("tam") == {"failed"}
    marks = await post.world.rows(
        "SELECT p.slug, m.channel, m.code FROM contact_mark m JOIN person p ON p.id = person_id"
    )
    assert [tuple(m.values()) for m in marks] == [("tam-can-bo", "mail", "550")]


async def test_who_was_put_off_is_left_alone_until_then_however_often_the_batch_is_tried(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer
) -> None:
    """Zulip #32463: tried every few seconds, until the server bans us."""
    post = await make_post(engine, server)
    batch = await post.gather()
    mailbox.rules = [
        Misbehaviour("RCPT", "mot-", "451 4.3.2 try later", times=1),
        Misbehaviour("RCPT", "tam-", "421 no"),
    ]
    for _ in range(PATIENCE - 1):
        with pytest.raises(ApplicationError, match="channel down"):
            await post.send(batch)
    assert (await post.states())["mot"] == "waiting"
    mailbox.rules = []
    assert await post.send(batch) == SendResult(sent=2)
    assert await post.states() == {"mot": "waiting", "hai": "sent", "tam": "sent", "tu": "sent", "hoi": "sent"}
    await post.world.clock("2024-01-15 09:30")
    assert await post.send(await post.gather()) == SendResult(sent=1)
    assert (await post.states())["mot"] == "sent"


async def test_a_server_that_is_down_loses_nothing(engine: AsyncEngine, mailbox: Mailbox, server: MailServer) -> None:
    post = await make_post(engine, server)
    batch = await post.gather()
    await mailbox.stop()
    for _ in range(5):
        with pytest.raises(ApplicationError, match="channel down") as down:
            await post.send(batch)
        assert not down.value.non_retryable
    assert set((await post.states()).values()) == {"reserved"}, "however long: it is not the message's fault"
    await mailbox.start()
    assert await post.send(batch) == SendResult(sent=5)
    assert len(received(mailbox)) == 5


async def test_a_server_that_shuts_down_in_the_middle(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer
) -> None:
    post = await make_post(engine, server)
    batch = await post.gather()
    mailbox.rules = [Misbehaviour("MAIL", "", "", times=2), Misbehaviour("MAIL", "", "421 4.3.2 bye", times=1)]
    with pytest.raises(ApplicationError, match="channel down"):
        await post.send(batch)
    assert len(received(mailbox)) == 2
    assert await post.send(batch) == SendResult(sent=3)
    assert sorted(received(mailbox)) == sorted(f"{p}-can-bo" for p in (*LEADS, "hoi"))


@pytest.mark.parametrize(("stage", "reply"), [("RCPT", None), ("DATA", None), ("RCPT", "421 4.7.28 too much for them")])
async def test_a_message_at_which_the_server_hangs_up_does_not_block_the_others(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer, stage: str, reply: str | None
) -> None:
    post = await make_post(engine, server)
    batch = await post.gather()
    mailbox.rules = [Misbehaviour(stage, "mot-", reply)]
    for _ in range(10):
        try:
            await post.send(batch)
            break
        except ApplicationError:
            continue
    else:
        pytest.fail("one poison message keeps its batch, and with it the dispatch, from ever ending")
    states = await post.states()
    assert states.pop("mot") == "waiting"
    assert set(states.values()) == {"sent"}
    assert sorted(received(mailbox)) == sorted(f"{p}-can-bo" for p in ("hai", "tam", "tu", "hoi"))


@pytest.mark.parametrize(
    "address",
    [
        "không có",
        "an",
        "an@",
        "@thu.example",
        "an thu@thu.example",
        "ân@thu.example",
        "an@thu.example\nBcc: x@y.example",
    ],
)
async def test_an_address_that_is_none_does_not_block_the_others(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer, address: str
) -> None:
    post = await make_post(engine, server, mot=address)
    assert await post.send(await post.gather()) == SendResult(sent=4, refused=1)
    assert (await post.states())["mot"] == "refused"
    assert await post.world.value("SELECT count(*) FROM contact_mark") == 1
    assert len(received(mailbox)) == 4


async def test_kept_but_never_said_so_is_sent_again_under_the_same_id(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer
) -> None:
    """The one way a mail can arrive twice: it can be seen to be one."""
    post = await make_post(engine, server)
    batch = await post.gather()
    mailbox.rules = [Misbehaviour("STORED", "mot-", None, times=1)]
    with pytest.raises(ApplicationError):
        await post.send(batch)
    assert await post.send(batch) == SendResult(sent=4)
    to_mot = [m for m in mailbox.messages() if m.rcpt_tos[0].startswith("mot-")]
    assert len(to_mot) == 2
    assert len({m.message_id for m in to_mot}) == 1
    assert len({m.message_id for m in mailbox.messages()}) == 5


async def test_a_rehearsal_reaches_nobody_but_the_sandbox(
    engine: AsyncEngine, mailbox: Mailbox, server: MailServer
) -> None:
    post = await make_post(engine, server)
    server = MailServer("127.0.0.1", mailbox.port)

    async def ring(_: Sequence[str]) -> int:
        return 0

    nowhere = ZaloApp("", "", "", "")
    real = Deliveries(engine, ring, server, nowhere, "worker-2", 20.0, "", sandbox=False)
    await ActivityEnvironment().run(real.send_mail, await post.gather())
    assert received(mailbox) == []
    assert set((await post.states()).values()) == {"refused"}


# Several servers, with the books


async def test_a_batch_goes_on_at_the_next_server(engine: AsyncEngine, mailbox: Mailbox) -> None:
    async with Troubles(login=("dondoc", "khac"), answers={"AUTH": "535 5.7.8 bad credentials"}) as first:
        relays = (Relay("127.0.0.1", first.port, "dondoc", "sai"), Relay("127.0.0.1", mailbox.port))
        post = await make_post(engine, MailServer("unused.invalid", 1, relays=relays))
        assert await post.send(await post.gather()) == SendResult(sent=5)
        assert (first.connections, first.taken) == (1, [])
    assert set((await post.states()).values()) == {"sent"}
    assert connections(mailbox) == 1
    assert await post.world.value("SELECT count(*) FROM contact_mark") == 0


async def test_when_every_server_refuses_us_nobody_is_marked_and_nothing_is_lost(
    engine: AsyncEngine, mailbox: Mailbox
) -> None:
    mailbox.rules = [Misbehaviour("MAIL", "", "550 5.7.1 sender rejected")]
    async with Troubles(login=("dondoc", "khac"), answers={"AUTH": "535 5.7.8 bad credentials"}) as first:
        relays = (Relay("127.0.0.1", first.port, "dondoc", "sai"), Relay("127.0.0.1", mailbox.port))
        post = await make_post(engine, MailServer("unused.invalid", 1, relays=relays))
        batch = await post.gather()
        for _ in range(PATIENCE + 1):
            with pytest.raises(ApplicationError, match=r"channel down: .*login: 535.*; .*550 5\.7\.1") as down:
                await post.send(batch)
            assert "sai" not in str(down.value)
    assert set((await post.states()).values()) == {"reserved"}
    assert await post.world.value("SELECT count(*) FROM contact_mark") == 0
    assert await post.world.value("SELECT count(*) FROM channel_alarm") == 0
    mailbox.rules = []
    assert await post.send(batch) == SendResult(sent=5)


async def test_a_message_that_two_servers_cannot_stand_does_not_block_the_others(
    engine: AsyncEngine, mailbox: Mailbox, tmp_path: Path
) -> None:
    other = Mailbox(tmp_path / "other", durable=False)
    await other.start()
    relays = (Relay("127.0.0.1", mailbox.port), Relay("127.0.0.1", other.port))
    post = await make_post(engine, MailServer("unused.invalid", 1, relays=relays))
    batch = await post.gather()
    mailbox.rules = other.rules = [Misbehaviour("RCPT", "mot-", None)]
    for _ in range(PATIENCE - 1):
        with pytest.raises(ApplicationError, match="channel down"):
            await post.send(batch)
    assert (await post.send(batch)).waiting == 1
    states = await post.states()
    assert states.pop("mot") == "waiting"
    assert set(states.values()) == {"sent"}
    assert sorted(received(mailbox) + received(other)) == sorted(f"{p}-can-bo" for p in ("hai", "tam", "tu", "hoi"))
    await other.stop()


async def test_a_message_that_the_first_may_have_taken_is_sent_again_under_its_id_and_only_then(
    engine: AsyncEngine, mailbox: Mailbox, tmp_path: Path
) -> None:
    other = Mailbox(tmp_path / "other", durable=False)
    await other.start()
    relays = (Relay("127.0.0.1", mailbox.port), Relay("127.0.0.1", other.port))
    post = await make_post(engine, MailServer("unused.invalid", 1, relays=relays))
    batch = await post.gather()
    mailbox.rules = [Misbehaviour("STORED", "mot-", None, times=1)]
    with pytest.raises(ApplicationError, match="channel down"):
        await post.send(batch)
    assert received(other) == []
    assert (await post.send(batch)).sent == 4
    twice = [m.message_id for m in mailbox.messages() if m.rcpt_tos[0].startswith("mot-")]
    assert (len(twice), len(set(twice)), received(other)) == (2, 1, [])
    await other.stop()
