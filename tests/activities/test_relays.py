"""Several mail servers in order: how they are written, which of them is given a message, and which never."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from smtp_troubles import HANG_UP, SILENCE, Answer, Troubles

from activities import mail, probing
from activities.mail import MailServer, MailSession, build_message, message_id
from activities.opening import Trouble
from activities.outcomes import ChannelDown, HungUp, Later, Outcome, Refused, Sent
from activities.probing import RelayHealth, probe
from activities.relays import Relay, read_relays, single_relay
from documents.render_mail import MailContent
from domain.errors import Refusal
from settings import Settings, read_settings
from worker import mail_server

AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)
CONTENT = MailContent("Nhắc trước hạn", "Kính gửi\n", "<p>Kính gửi</p>\n")
SECRET = "khong-duoc-lo"

# How they are written


def test_the_three_ways_and_their_order() -> None:
    found = read_relays(
        "smtps://dondoc%40so.example:m%E1%BA%ADt%20kh%E1%BA%A9u@mail.so.example smtp+starttls://u:p@10.0.0.7:2587\n"
        " smtp://127.0.0.1:25 smtp://localhost smtp://[::1]:2525 smtp+starttls://thư.tinh.example/"
    )
    assert found == (
        Relay("mail.so.example", 465, "dondoc@so.example", "mật khẩu", "implicit"),
        Relay("10.0.0.7", 2587, "u", "p", "starttls"),
        Relay("127.0.0.1", 25),
        Relay("localhost", 25),
        Relay("::1", 2525),
        Relay("thư.tinh.example", 587, tls="starttls"),
    )
    assert [each.name for each in found][:1] == ["mail.so.example:465"]
    assert found[4].name == "[::1]:2525"
    assert read_relays("") == read_relays("  ") == ()


@given(st.text(min_size=1), st.text(min_size=1))
def test_login_of_any_letters_comes_back(user: str, password: str) -> None:
    user, password = (each.encode("utf-8", "replace").decode() for each in (user, password))
    (found,) = read_relays(f"smtps://{quote(user, safe='')}:{quote(password, safe='')}@mail.example")
    assert (found.user, found.password, found.host) == (user, password, "mail.example")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"smtp://u:{SECRET}@mail.so.example:25", "plain text over a network"),
        ("smtp://10.0.0.7", "plain text to another host"),
        ("smtp://localhost.so.example", "a name that only looks like this machine's"),
        ("smtp://127.0.0.1.so.example:25", "another one"),
        (f"http://u:{SECRET}@mail.so.example", "another protocol"),
        ("mail.so.example:587", "no protocol"),
        (f"smtps://u:{SECRET}@", "no host"),
        (f"smtps://u:{SECRET}@mail..example", "no host name"),
        (f"smtps://u:{SECRET}@mail_so!.example", "letters that no host name has"),
        (f"smtps://u:{SECRET}@mail.example:0", "no port"),
        (f"smtps://u:{SECRET}@mail.example:70000", "no port"),
        (f"smtps://u:{SECRET}@mail.example:smtp", "no port"),
        (f"smtps://u:{SECRET}/x@mail.example", "a slash that is not encoded"),
        (f"smtps://u:{SECRET}#x@mail.example", "a hash that is not encoded"),
        (f"smtps://u:{SECRET}?x@mail.example", "a question mark that is not encoded"),
        (f"smtps://u:[{SECRET}@mail.example", "a bracket that is not encoded"),
        ("smtps://u@mail.example", "a user without a password"),
        (f"smtps://:{SECRET}@mail.example", "a password without a user"),
        ("smtps://mail.example/inbox", "a path"),
        ("smtps://mail.example?verify=no", "a wish nobody has"),
        ("smtps://mail.example?ca=", "no file"),
        ("smtps://mail.example?ca=/no/such/file.pem", "a file that is not there"),
        (f"smtps://mail.example?ca={Path(__file__).parent}", "a folder"),
        (f"smtps://mail.example?ca={__file__}", "a file that is no certificate"),
        ("smtp://127.0.0.1?ca=/no/such/file.pem", "a certificate without encryption"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_number_and_never_by_its_password(address: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_relays(f"smtp://127.0.0.1 {address}")
    assert refused.value.code == "settings-invalid", why
    assert "DONDOC_SMTP_RELAYS" in refused.value.message
    assert "địa chỉ thứ 2" in refused.value.message
    error: BaseException | None = refused.value
    while error is not None:
        assert SECRET not in repr(error)
        assert error.__suppress_context__ or error.__context__ is None
        error = error.__cause__


@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused(address: str) -> None:
    try:
        found = read_relays("smtps://" + address)
    except Refusal as refused:
        assert refused.code == "settings-invalid"
    else:
        assert all(each.host and 0 < each.port < 65536 for each in found)


@pytest.mark.parametrize(
    ("given_", "variable"),
    [
        (("127.0.0.1", 25, "", "", "startls"), "DONDOC_SMTP_TLS"),
        (("127.0.0.1", 25, "", "", ""), "DONDOC_SMTP_TLS"),
        (("mail.so.example", 25, "u", SECRET, "none"), "DONDOC_SMTP_TLS"),
        (("", 25, "", "", "none"), "DONDOC_SMTP_HOST"),
        (("mail so", 25, "", "", "none"), "DONDOC_SMTP_HOST"),
        (("127.0.0.1", 0, "", "", "none"), "DONDOC_SMTP_PORT"),
    ],
)
def test_the_one_server_is_checked_too(given_: tuple[str, int, str, str, str], variable: str) -> None:
    with pytest.raises(Refusal, match=variable) as refused:
        single_relay(*given_)
    assert SECRET not in refused.value.message


def test_the_one_server_on_a_closed_network_gets_no_password() -> None:
    assert single_relay("mail", 587, "", "", "none") == Relay("mail", 587)
    assert single_relay("localhost", 25, "u", "p", "none") == Relay("localhost", 25, "u", "p")


# What a process is told


def test_several_take_the_place_of_the_one() -> None:
    one = {"DONDOC_SMTP_HOST": "mail.example", "DONDOC_SMTP_TLS": "starttls", "DONDOC_SMTP_PORT": "587"}
    assert mail_server(read_settings(one)).in_order == (Relay("mail.example", 587, tls="starttls"),)
    several = one | {"DONDOC_SMTP_TLS": "nonsense", "DONDOC_SMTP_RELAYS": f"smtps://u:{SECRET}@a.example smtp://[::1]"}
    server = mail_server(read_settings(several))
    assert [each.name for each in server.in_order] == ["a.example:465", "[::1]:25"]
    assert SECRET not in repr(server)
    assert SECRET not in repr(read_settings(several))
    assert SECRET in read_settings(several).environment()["DONDOC_SMTP_RELAYS"], "a child process needs it"


def test_a_sandbox_delivers_nowhere_else() -> None:
    settings = replace(Settings(), delivery="sandbox", smtp_port=2626, smtp_relays="smtps://mail.example")
    assert mail_server(settings).in_order == (Relay("127.0.0.1", 2626),)


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (Settings(bounce_address="không phải"), "DONDOC_BOUNCE_ADDRESS"),
        (Settings(bounce_address="thu-hoi@tỉnh.example"), "DONDOC_BOUNCE_ADDRESS"),
        (Settings(mail_from="Đôn Đốc"), "DONDOC_MAIL_FROM"),
        (Settings(mail_from="Đôn Đốc <a@b@c>"), "DONDOC_MAIL_FROM"),
        (Settings(smtp_connections=0), "DONDOC_SMTP_CONNECTIONS"),
        (Settings(smtp_relays="smtps://"), "DONDOC_SMTP_RELAYS"),
    ],
)
def test_what_a_worker_refuses_to_start_with(settings: Settings, variable: str) -> None:
    with pytest.raises(Refusal, match=variable) as refused:
        mail_server(settings)
    assert refused.value.code == "settings-invalid"


# Which of them is given a message


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Troubles, Troubles]]:
    async with Troubles() as first, Troubles() as second:
        yield first, second


def server_of(*relays: Troubles, timeout: float = 5.0, data_timeout: float = 5.0, bounce: str = "") -> MailServer:
    each = tuple(Relay("127.0.0.1", relay.port) for relay in relays)
    return MailServer("unused.invalid", 1, bounce=bounce, relays=each, timeout=timeout, data_timeout=data_timeout)


async def send_all(server: MailServer, *people: str) -> list[Outcome]:
    """One session; what became of each message."""
    async with MailSession(server) as session:
        return [
            await session.send(build_message(server, f"{p}@thu.example", p, CONTENT, message_id(server, "thu", n), AT))
            for n, p in enumerate(people, 1)
        ]


async def test_the_first_is_enough(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    assert all(isinstance(each, Sent) for each in await send_all(server_of(*pair), "an", "binh", "chi"))
    assert (first.people(), first.connections, second.connections) == (["an", "binh", "chi"], 1, 0)
    assert first.verbs()[-1] == "QUIT"


@pytest.mark.parametrize(
    ("stage", "answer", "says"),
    [
        ("CONNECT", "421 4.3.2 too many connections", "turned-away: 421 4.3.2 too many"),
        ("CONNECT", "554 5.7.1 your address is on a list", "turned-away: 554"),
        ("CONNECT", HANG_UP, "hung-up"),
        ("CONNECT", "what is this", "turned-away"),
        ("EHLO", "421 4.3.2 closing", "turned-away: 421"),
        ("EHLO", "450 4.7.1 your name is not known", "turned-away: 450"),
        ("EHLO", "550 5.7.1 your name is forbidden", "turned-away: 550"),
        ("EHLO", HANG_UP, "hung-up"),
        ("MAIL", "421 4.7.0 too much mail", "421 4.7.0"),
        ("MAIL", "450 4.7.1 rate limited", "450 4.7.1"),
        ("MAIL", "451 4.3.0 local trouble", "451 4.3.0"),
        ("MAIL", "452 4.3.1 disk full", "452 4.3.1"),
        ("MAIL", "454 4.7.0 login server away", "454 4.7.0"),
        ("MAIL", "503 5.5.1 AUTH first", "503 5.5.1"),
        ("MAIL", "530 5.7.0 authentication required", "530 5.7.0"),
        ("MAIL", "550 5.7.1 sender rejected", "550 5.7.1"),
        ("MAIL", "553 5.1.8 sender's domain not found", "553 5.1.8"),
        ("MAIL", "554 5.7.1 no", "554 5.7.1"),
        ("MAIL", HANG_UP, "SMTPServerDisconnected"),
        ("MAIL", "\x00\x01", "Malformed"),
        ("RCPT", "421 4.7.0 closing", "421 4.7.0"),
        ("RCPT", "530 5.7.0 authentication required", "530 5.7.0"),
        ("RCPT", HANG_UP, "SMTPServerDisconnected"),
        ("DATA", "421 4.3.2 shutting down", "421 4.3.2"),
        ("BODY", "421 4.3.2 shutting down and have not kept it", "421 4.3.2"),
    ],
)
async def test_a_servers_own_trouble_and_the_next_one_takes_it(
    pair: tuple[Troubles, Troubles], stage: str, answer: Answer, says: str
) -> None:
    first, second = pair
    first.answers = {stage: answer}
    outcomes = await send_all(server_of(*pair), "an", "binh", "chi")
    assert all(isinstance(each, Sent) for each in outcomes)
    assert (first.taken, second.people()) == ([], ["an", "binh", "chi"])
    assert (first.connections, second.connections) == (1, 1), "the trouble is met once, not for every message"
    alone = server_of(first)
    if answer == "452 4.3.1 disk full":
        assert [type(each) for each in await send_all(alone, "an")] == [Later], "smaller ones may have room"
        return
    with pytest.raises(ChannelDown) as down:
        await send_all(alone, "an")
    assert says in str(down.value)
    assert f"127.0.0.1:{first.port}: " in str(down.value)


async def test_nobody_listens_at_the_first(pair: tuple[Troubles, Troubles]) -> None:
    _, second = pair
    server = server_of(*pair)
    gone = replace(server, relays=(Relay("127.0.0.1", 1), server.relays[1]))
    assert [type(each) for each in await send_all(gone, "an")] == [Sent]
    assert second.people() == ["an"]


async def test_a_silent_server_is_waited_for_once_in_a_batch(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    first.answers = {"CONNECT": SILENCE}
    started = time.monotonic()
    people = [f"nguoi-{n}" for n in range(20)]
    assert {type(each) for each in await send_all(server_of(*pair, timeout=1.0), *people)} == {Sent}
    assert second.people() == people
    assert (first.connections, second.connections) == (1, 1)
    assert time.monotonic() - started < 10.0, "not a time-out for every message"


async def test_a_server_that_answers_each_word_slowly_is_not_waited_for_word_by_word(
    pair: tuple[Troubles, Troubles],
) -> None:
    first, second = pair
    first.delay_seconds = 0.8
    assert [type(each) for each in await send_all(server_of(*pair, timeout=1.2), "an")] == [Sent]
    assert (first.people(), second.people()) == ([], ["an"])


@pytest.mark.parametrize(("rest", "then"), [(60.0, (1, 2)), (0.0, (2, 1))])
async def test_one_that_did_not_work_is_left_alone_for_a_while_and_then_tried_again(
    pair: tuple[Troubles, Troubles], monkeypatch: pytest.MonkeyPatch, rest: float, then: tuple[int, int]
) -> None:
    first, second = pair
    first.answers = {"EHLO": ["450 4.7.1 not now"]}
    monkeypatch.setattr(mail, "REST_SECONDS", rest)
    server = server_of(*pair)
    async with MailSession(server) as session:
        for number in (1, 2):
            message = build_message(server, "an@thu.example", "An", CONTENT, f"<{number}@x.example>", AT)
            assert isinstance(await session.send(message), Sent)
            second.hang_up()
            await asyncio.sleep(0.1)  # the hang-up reaches the client
    assert (first.connections, second.connections) == then
    assert len(first.taken) + len(second.taken) == 2


async def test_when_none_works_every_reason_is_told(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    first.answers, second.answers = {"CONNECT": "421 4.3.2 too many"}, {"MAIL": "550 5.7.1 sender rejected"}
    server = server_of(*pair)
    server = replace(server, relays=(*server.relays, Relay("127.0.0.1", 1)))
    with pytest.raises(ChannelDown) as down:
        await send_all(server, "an")
    assert not isinstance(down.value, HungUp), "it says nothing of the message"
    reasons = str(down.value).split("; ")
    assert [reason.partition(" ")[0] for reason in reasons] == [f"{each.name}:" for each in server.relays]
    assert ["turned-away: 421" in reasons[0], "550 5.7.1" in reasons[1], "unreachable" in reasons[2]] == [True] * 3


async def test_a_message_at_which_one_hangs_up_while_the_other_is_down_counts_as_tried(
    pair: tuple[Troubles, Troubles],
) -> None:
    """Else one message that a server cannot stand would keep its batch from ever ending."""
    first, second = pair
    first.answers, second.answers = {"RCPT": HANG_UP}, {"CONNECT": HANG_UP}
    with pytest.raises(HungUp, match=r"SMTPServerDisconnected.*; .*hung-up"):
        await send_all(server_of(*pair), "an")


# What must not go to the second


@pytest.mark.parametrize("answer", [HANG_UP, SILENCE, "\x00\x01", "354 go on", "150 what"])
async def test_a_server_that_vanished_with_the_message_in_hand_may_have_taken_it(
    pair: tuple[Troubles, Troubles], answer: Answer
) -> None:
    first, second = pair
    first.answers = {"BODY": answer}
    with pytest.raises(HungUp, match=f"127.0.0.1:{first.port}"):
        await send_all(server_of(*pair, data_timeout=0.5), "an")
    assert (first.people(), second.connections) == (["an"], 0)


@pytest.mark.parametrize("stage", ["RCPT", "DATA", "BODY"])
@pytest.mark.parametrize(
    "answer", ["450 4.2.0 greylisted", "451 4.3.0 later", "452 4.2.2 full", "550 5.1.1 nobody", "554 5.7.1 spam"]
)
async def test_what_is_said_of_a_recipient_or_a_message_is_not_asked_of_another(
    pair: tuple[Troubles, Troubles], stage: str, answer: str
) -> None:
    first, second = pair
    first.answers = {stage: [answer]}
    outcomes = await send_all(server_of(*pair), "an", "binh")
    assert [type(each) for each in outcomes] == [Later if answer < "5" else Refused, Sent]
    assert (first.people(), second.connections) == (["binh"], 0)
    assert first.connections == 1, "the connection goes on"


async def test_a_message_too_large_is_its_own_fault(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    first.answers = {"MAIL": ["552 5.3.4 too big", "554 5.3.4 too big"]}
    assert [type(each) for each in await send_all(server_of(*pair), "an", "binh", "chi")] == [Refused, Refused, Sent]
    assert (first.people(), second.connections) == (["chi"], 0)


async def test_a_session_that_cannot_be_reset_is_not_used_again(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    first.answers = {"RCPT": ["550 5.1.1 nobody"], "RSET": ["503 5.5.1 no"]}
    assert [type(each) for each in await send_all(server_of(*pair), "an", "binh")] == [Refused, Sent]
    assert (first.connections, second.connections) == (2, 0)


async def test_a_poisoned_session_is_opened_again_at_the_same_server(pair: tuple[Troubles, Troubles]) -> None:
    """Frappe #40837."""
    first, second = pair
    first.answers = {"MAIL": ["250 ok", "503 5.5.1 nested MAIL"]}
    assert [type(each) for each in await send_all(server_of(*pair), "an", "binh", "chi")] == [Sent] * 3
    assert (first.people(), first.connections, second.connections) == (["an", "binh", "chi"], 2, 0)


# Envelope, size, connections


async def test_bounces_go_to_their_own_address_and_replies_to_the_senders(pair: tuple[Troubles, Troubles]) -> None:
    first, _ = pair
    await send_all(server_of(*pair), "an")
    await send_all(server_of(*pair, bounce="thu-hoi@dondoc.example"), "binh")
    assert [each.sender for each in first.taken] == ["dondoc@dondoc.example", "thu-hoi@dondoc.example"]
    for each in first.taken:
        head = each.content.partition(b"\r\n\r\n")[0]
        assert b"<dondoc@dondoc.example>" in head
        assert b"thu-hoi" not in head
        assert b"Auto-Submitted: auto-generated" in head


async def test_the_size_is_told_where_it_is_asked_for(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    second.offers = ()
    await send_all(server_of(first), "an")
    await send_all(server_of(second), "an")
    (told,) = (each.line for each in first.heard if each.verb == "MAIL")
    assert told.endswith(f" SIZE={len(first.taken[0].content)}")
    (told,) = (each.line for each in second.heard if each.verb == "MAIL")
    assert "SIZE" not in told


async def test_a_session_has_one_connection_at_a_time(pair: tuple[Troubles, Troubles]) -> None:
    first, second = pair
    first.answers = {"RCPT": ["550 5.1.1 nobody", "503 out of step", HANG_UP], "DATA": ["421 4.3.2 bye"]}
    await send_all(server_of(*pair), *(f"nguoi-{n}" for n in range(10)))
    await first.idle()
    await second.idle()
    assert (first.most_open, second.most_open) == (1, 1)


async def test_no_connection_is_left_open_when_the_activity_is_cancelled(pair: tuple[Troubles, Troubles]) -> None:
    first, _ = pair
    for stage in ("CONNECT", "EHLO", "MAIL", "BODY"):
        first.answers = {stage: SILENCE}
        task = asyncio.create_task(send_all(server_of(*pair), "an"))
        await asyncio.sleep(0.1)
        first.answers = {}
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled(), stage
        await first.idle()


async def test_silence_at_quit_after_the_250_takes_nothing_back() -> None:
    """Mastodon #23727: what the server took, it took."""
    async with Troubles(answers={"QUIT": SILENCE}) as only:
        assert [type(each) for each in await send_all(server_of(only, timeout=1.0), "an")] == [Sent]
        assert only.people() == ["an"]


async def test_a_server_that_examines_a_message_for_long_is_waited_for() -> None:
    """RFC 5321 §4.5.3.2.6: whoever gives up here sends it a second time."""
    assert MailServer("h", 1).data_timeout >= 120.0
    async with Troubles(answers={"BODY": SILENCE}) as only:
        started = time.monotonic()
        with pytest.raises(HungUp):
            await send_all(server_of(only, timeout=0.5, data_timeout=1.0), "an")
        assert time.monotonic() - started >= 1.0


# Asked without sending


async def test_a_server_that_is_fit(pair: tuple[Troubles, Troubles]) -> None:
    (health,) = await probe(server_of(pair[0]))
    assert health == RelayHealth(
        f"127.0.0.1:{pair[0].port}",
        True,
        f"Máy chủ thư 127.0.0.1:{pair[0].port} sẵn sàng nhận thư (không mã hóa, không đăng nhập).",
    )
    assert pair[0].verbs() == ["EHLO", "NOOP", "QUIT"]


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
async def test_login_and_certificate_are_tried_and_nothing_is_sent(tmp_path: Path, scheme: str) -> None:
    ca, file = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("localhost").configure_cert(context)
    async with Troubles(context, implicit=scheme == "smtps", login=("u", SECRET)) as only:
        where = f"localhost:{only.port}"
        relays = read_relays(
            f"{scheme}://u:{SECRET}@{where}?ca={file} {scheme}://u:sai@{where}?ca={file} {scheme}://u:{SECRET}@{where}"
        )
        right, wrong, unknown = await probe(MailServer("unused.invalid", 1, relays=relays))
        assert not {"MAIL", "RCPT", "DATA"} & set(only.verbs())
    assert (right.ok, right.name) == (True, where)
    assert "đã đăng nhập" in right.sentence
    assert (wrong.ok, unknown.ok) == (False, False)
    assert "535 5.7.8" in wrong.sentence
    assert "mật khẩu trong cấu hình" in wrong.sentence
    assert "thêm ?ca=" in unknown.sentence
    assert all(SECRET not in each.sentence for each in (right, wrong, unknown))


@pytest.mark.parametrize(
    ("stage", "answer", "says"),
    [
        ("CONNECT", "554 5.7.1 go away", "từ chối phục vụ máy này (554 5.7.1 go away)"),
        ("CONNECT", HANG_UP, "ngắt kết nối giữa chừng"),
        ("CONNECT", SILENCE, "không trả lời kịp"),
        ("EHLO", "421 4.3.2 closing", "từ chối phục vụ máy này (421 4.3.2 closing)"),
        ("EHLO", SILENCE, "không trả lời kịp"),
        ("NOOP", "421 4.3.2 closing", "từ chối phục vụ máy này (421 4.3.2 closing)"),
        ("NOOP", HANG_UP, "ngắt kết nối giữa chừng"),
        ("NOOP", SILENCE, "không trả lời kịp"),
    ],
)
async def test_one_that_is_not_fit_is_told_with_what_to_do_and_the_others_are_asked_all_the_same(
    pair: tuple[Troubles, Troubles], stage: str, answer: Answer, says: str
) -> None:
    pair[0].answers = {stage: answer}
    started = time.monotonic()
    ill, fit = await probe(server_of(*pair), 1.5)
    assert time.monotonic() - started < 5.0
    assert (ill.ok, fit.ok) == (False, True)
    assert says in ill.sentence
    assert "Hãy" in ill.sentence


async def test_nobody_listens_and_says_so() -> None:
    (ill,) = await probe(MailServer("127.0.0.1", 1))
    assert (ill.ok, ill.name) == (False, "127.0.0.1:1")
    assert "không kết nối được" in ill.sentence


@pytest.mark.parametrize("answer", [SILENCE, HANG_UP, "500 what"])
async def test_what_it_says_to_quit_is_no_matter(pair: tuple[Troubles, Troubles], answer: Answer) -> None:
    pair[0].answers = {"QUIT": answer}
    (health,) = await probe(server_of(pair[0]), 2.0)
    assert health.ok


def test_every_trouble_has_its_words() -> None:
    assert set(probing._SAYS) == set(Trouble)


# A certificate authority in an address


def test_a_private_authority_is_named_in_the_address(tmp_path: Path) -> None:
    file = tmp_path / "ca tinh+so.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    (relay,) = read_relays(f"smtps://mail.example?ca={quote(str(file))}")
    assert relay.ca == str(file)
