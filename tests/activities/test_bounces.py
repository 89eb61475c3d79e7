"""What messages in the bounce mailbox mean, and a mailbox that is read however its server behaves."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from imap_server import PASSWORD, USER, ImapServer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.bounce_mailbox import AT_ONCE, MOST_BYTES, BounceAddress, MailboxDown, key_of, look_into, read_address
from activities.bounces import read_bounce
from activities.receipts import Receipts, read_mailbox
from domain.errors import Refusal
from domain.receipts import Bounce, Fate, NotABounce, blames_address, delivery_of, reason_words

FIXTURES = Path(__file__).parent.parent / "fixtures" / "bounces"
OURS = "<thu.7@dondoc.example>"
OFFICER = "bao-can-bo@thu.example"

# What each message means: the message it is about, and for each recipient its addresses, fate, code and whose fault.
BOUNCES: dict[str, tuple[str, list[tuple[set[str], Fate, str, bool]]]] = {
    "postfix-unknown-user": (OURS, [({OFFICER}, Fate.FAILED, "5.1.1", True)]),
    "postfix-delayed": (OURS, [({OFFICER}, Fate.DELAYED, "4.4.1", False)]),
    "postfix-gave-up": (OURS, [({OFFICER}, Fate.FAILED, "4.4.1", False)]),
    "postfix-delivered": (OURS, [({OFFICER}, Fate.DELIVERED, "2.1.5", True)]),
    "exchange-unknown-user": (OURS, [({OFFICER}, Fate.FAILED, "5.1.10", True)]),
    "exchange-mailbox-full": (OURS, [({OFFICER}, Fate.FAILED, "5.2.2", False)]),
    "exchange-policy": (OURS, [({OFFICER}, Fate.FAILED, "5.7.133", False)]),
    "gmail-unknown-user": (OURS, [({OFFICER}, Fate.FAILED, "5.1.1", True)]),
    "exim-unknown-user": (OURS, [({OFFICER}, Fate.FAILED, "5.1.1", True)]),
    "exim-without-code": ("", [({OFFICER}, Fate.FAILED, "5.2.2", False)]),
    "qmail-unknown-user": (OURS, [({OFFICER}, Fate.FAILED, "5.0.0", True)]),
    "qmail-without-copy": ("", [({OFFICER}, Fate.FAILED, "5.1.2", True)]),
    "forwarded-address": (OURS, [({OFFICER, "rieng@noi-khac.example"}, Fate.FAILED, "5.1.1", True)]),
    "international-address": (OURS, [({OFFICER}, Fate.FAILED, "5.1.1", True)]),
    "two-recipients": (
        OURS,
        [({OFFICER}, Fate.DELIVERED, "2.0.0", True), ({"tap-chi-can-bo@thu.example"}, Fate.FAILED, "5.2.1", True)],
    ),
}
OTHERS = {
    "out-of-office-exchange": "thư trả lời tự động",
    "vacation-rfc3834": "thư trả lời tự động",
    "away-vietnamese": "thư trả lời tự động",
    "autoresponder-header": "thư trả lời tự động",
    "read-receipt": "báo đã đọc",
    "a-person-writes": "không phải thư báo của máy chủ thư",
    "forwarded-bounce": "không phải thư báo của máy chủ thư",
}


def fixture(name: str) -> bytes:
    """A message as IMAP gives it, with CRLF."""
    return (FIXTURES / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


def test_every_message_on_file_has_its_meaning_here() -> None:
    assert {file.stem for file in FIXTURES.iterdir()} == BOUNCES.keys() | OTHERS.keys()
    assert len(BOUNCES) + len(OTHERS) == 22


@pytest.mark.parametrize("name", BOUNCES)
@pytest.mark.parametrize("ends", [b"\r\n", b"\n"])
def test_a_report_is_read(name: str, ends: bytes) -> None:
    found = read_bounce(fixture(name).replace(b"\r\n", ends))
    assert isinstance(found, Bounce)
    read = [(set(r.addresses), r.fate, r.code, blames_address(r.code)) for r in found.reports]
    assert (found.message_id, read) == BOUNCES[name]


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_report_is_none(name: str) -> None:
    assert read_bounce(fixture(name)) == NotABounce(OTHERS[name])


def test_the_servers_words_are_kept_in_one_line() -> None:
    found = read_bounce(fixture("exchange-mailbox-full"))
    assert isinstance(found, Bounce)
    assert found.reports[0].words == "smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"


@given(st.binary(max_size=400), st.sampled_from(sorted(BOUNCES)), st.integers(0, 2000), st.integers(0, 200))
def test_no_message_is_too_broken_to_be_read(noise: bytes, name: str, at: int, gone: int) -> None:
    raw = fixture(name)
    found = read_bounce(raw[:at] + noise + raw[at + gone :])
    for report in found.reports if isinstance(found, Bounce) else ():
        assert all(address.isprintable() and "@" in address for address in report.addresses)
        report.words.encode()


def test_parts_in_parts_without_end_are_no_report() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    assert isinstance(read_bounce(deep), NotABounce)


@pytest.mark.parametrize(
    ("identity", "found"),
    [
        ("<thu.7@dondoc.example>", ("thu", 7)),
        (" <dien-tap-2024.123@x> ", ("dien-tap-2024", 123)),
        ("thu.7", ("thu", 7)),
        ("<20240115031203.4A1@mx.dondoc.example>", None),
        ("<thu.9999999999999999999@x>", None),
        ("<a.b.7@x>", None),
        ("", None),
    ],
)
def test_our_own_message_ids(identity: str, found: tuple[str, int] | None) -> None:
    assert delivery_of(identity) == found


@pytest.mark.parametrize(
    ("code", "blamed", "words"),
    [
        ("5.1.1", True, "không có địa chỉ này (5.1.1)"),
        ("5.1.10", True, "tên miền hoặc địa chỉ không nhận thư (5.1.10)"),
        ("5.4.4", True, "tên miền hoặc địa chỉ không nhận thư (5.4.4)"),
        ("5.2.1", True, "hộp thư đã khóa (5.2.1)"),
        ("5.0.0", True, "máy chủ nơi nhận không nhận thư (5.0.0)"),
        ("5.4.1", True, "máy chủ nơi nhận không nhận thư (5.4.1)"),
        ("5.2.2", False, "hộp thư đầy (5.2.2)"),
        ("5.3.4", False, "thư quá lớn đối với hộp thư này (5.3.4)"),
        ("5.7.1", False, "máy chủ nơi nhận từ chối theo quy định của họ (5.7.1)"),
        ("5.6.0", False, "máy chủ nơi nhận không nhận thư (5.6.0)"),
        ("4.4.7", False, "máy chủ nơi nhận không trả lời trong nhiều ngày (4.4.7)"),
    ],
)
def test_whose_fault_a_code_says_it_is(code: str, blamed: bool, words: str) -> None:
    assert (blames_address(code), reason_words(code)) == (blamed, words)


# The mailbox


@pytest.fixture
async def server() -> AsyncIterator[ImapServer]:
    made = ImapServer()
    yield made
    with contextlib.suppress(AssertionError):
        await made.stop()


async def box(server: ImapServer) -> BounceAddress:
    return BounceAddress("127.0.0.1", await server.start(), USER, PASSWORD, tls=False)


async def kept(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as books:
        return [key for (key,) in await books.execute(text("SELECT key FROM receipt ORDER BY id"))]


async def position(engine: AsyncEngine) -> tuple[int, int]:
    async with engine.connect() as books:
        row = (await books.execute(text("SELECT validity, last_uid FROM bounce_mailbox"))).one_or_none()
        return (row.validity, row.last_uid) if row else (0, 0)


def mails(*numbers: int) -> list[bytes]:
    return [b"Message-ID: <%d@x>\r\nSubject: thu\r\n\r\nnoi dung\r\n" % n for n in numbers]


async def test_new_messages_are_kept_once_and_nothing_is_changed(server: ImapServer, engine: AsyncEngine) -> None:
    address = await box(server)
    server.add(*mails(1, 2))
    assert not await read_mailbox(engine, address)
    server.add(*mails(3))
    del server.messages[2]
    await read_mailbox(engine, address)
    await read_mailbox(engine, address)
    assert await kept(engine) == ["<1@x>", "<2@x>", "<3@x>"]
    assert await position(engine) == (1, 3)
    assert set(server.commands) == {"CAPABILITY", "LOGIN", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH", "LOGOUT"}
    assert server.commands.count("UID FETCH") == 3


async def test_other_uids_are_read_from_the_start_and_nothing_is_kept_twice(
    server: ImapServer, engine: AsyncEngine
) -> None:
    address = await box(server)
    without_id = b"Subject: khong co ma\r\n\r\nx\r\n"
    server.add(*mails(1), without_id)
    await read_mailbox(engine, address)
    server.number_anew(validity=2, first=40)
    server.add(*mails(2))
    await read_mailbox(engine, address)
    assert await kept(engine) == ["<1@x>", key_of(without_id), "<2@x>"]
    assert await position(engine) == (2, 42)


async def test_many_messages_and_wide_gaps_take_several_looks(server: ImapServer, engine: AsyncEngine) -> None:
    address = await box(server)
    server.add(*mails(*range(AT_ONCE + 1)))
    server.next_uid = 120_000
    server.add(*mails(999))
    looks = 1
    while await read_mailbox(engine, address):
        looks += 1
    assert (looks, await position(engine), len(await kept(engine))) == (4, (1, 120_000), AT_ONCE + 2)


async def test_of_a_large_message_the_beginning_is_kept(server: ImapServer, engine: AsyncEngine) -> None:
    address = await box(server)
    large = fixture("postfix-unknown-user").replace(b"noi dung", b"x" * 3 * MOST_BYTES)
    server.add(large)
    await read_mailbox(engine, address)
    async with engine.connect() as books:
        body = await books.scalar(text("SELECT body FROM receipt"))
    assert body == large[:MOST_BYTES]
    found = read_bounce(body)
    assert isinstance(found, Bounce)
    assert (found.message_id, found.reports[0].code) == (OURS, "5.1.1")


TROUBLES: dict[str, dict[str, str | int]] = {
    "no login": {"refuse_at": "LOGIN"},
    "no status": {"refuse_at": "STATUS"},
    "no folder": {"refuse_at": "EXAMINE"},
    "no search": {"refuse_at": "UID SEARCH"},
    "no fetch": {"refuse_at": "UID FETCH"},
    "gone at the greeting": {"drop_at": "GREETING"},
    "gone at login": {"drop_at": "LOGIN"},
    "gone at search": {"drop_at": "UID SEARCH"},
    "nonsense at the greeting": {"garble_at": "GREETING"},
    "nonsense at status": {"garble_at": "STATUS"},
    "nonsense at search": {"garble_at": "UID SEARCH"},
    "nonsense at fetch": {"garble_at": "UID FETCH"},
    "gone in the middle of a message": {"cut_after": 10},
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_server_in_trouble_moves_nothing_and_is_read_when_it_is_well(
    trouble: str, server: ImapServer, engine: AsyncEngine
) -> None:
    address = await box(server)
    server.add(*mails(1, 2))
    for name, value in TROUBLES[trouble].items():
        setattr(server, name, value)
    with pytest.raises(MailboxDown):
        await read_mailbox(engine, address)
    assert (await kept(engine), await position(engine)) == ([], (0, 0))
    server.refuse_at = server.drop_at = server.garble_at = ""
    server.cut_after = -1
    await read_mailbox(engine, address)
    assert (await kept(engine), await position(engine)) == (["<1@x>", "<2@x>"], (1, 2))


@pytest.mark.parametrize("command", ["GREETING", "LOGIN", "UID SEARCH", "UID FETCH"])
async def test_a_server_that_hangs_is_left_in_time(command: str, server: ImapServer) -> None:
    address = await box(server)
    server.add(*mails(1))
    server.hang_at = command
    with pytest.raises(MailboxDown):
        await look_into(address, 0, 0, answer=0.2)
    server.hang_at = "UID FETCH"
    with pytest.raises(TimeoutError):
        await look_into(address, 0, 0, seconds=0.3, answer=30)


async def test_one_process_reads_at_a_time(server: ImapServer, engine: AsyncEngine) -> None:
    address = await box(server)
    server.add(*mails(1))
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('bounces ' || :name, 0))"
    async with engine.begin() as another:
        await another.execute(text(lock), {"name": address.name})
        assert not await read_mailbox(engine, address)
        assert server.commands == []
    await read_mailbox(engine, address)
    assert await kept(engine) == ["<1@x>"]


async def test_the_loop_outlives_a_mailbox_that_is_away(server: ImapServer, engine: AsyncEngine) -> None:
    address = await box(server)
    await server.stop()
    background = Receipts(engine, _nobody, address, mailbox_seconds=0.1, seconds=0.05)
    async with background:
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in background._tasks)


async def _nobody(workflows: object) -> int:
    return 0


async def test_a_certificate_that_nobody_vouches_for_is_refused(server: ImapServer, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    port = await server.start(context)
    server.add(*mails(1))
    address = BounceAddress("localhost", port, USER, PASSWORD, ca=str(tmp_path / "ca.pem"))
    assert [key for key, _ in (await look_into(address, 0, 0)).mails] == ["<1@x>"]
    with pytest.raises(ssl.SSLCertVerificationError):
        await look_into(replace(address, ca=""), 0, 0)
    with pytest.raises(ssl.SSLCertVerificationError):
        await look_into(replace(address, host="127.0.0.1"), 0, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("imaps://ten:mat%40khau@thu.example/INBOX", ("thu.example", 993, "ten", "mat@khau", "INBOX", True)),
        ("imaps://ten:b@thu.example:9993/Th%C6%B0%20tr%E1%BA%A3", ("thu.example", 9993, "ten", "b", "Thư trả", True)),
        ("imap://ten:b@127.0.0.1", ("127.0.0.1", 143, "ten", "b", "INBOX", False)),
    ],
)
def test_the_address_of_a_mailbox(words: str, said: tuple[object, ...]) -> None:
    a = read_address(words)
    assert a is not None
    assert (a.host, a.port, a.user, a.password, a.folder, a.tls) == said
    assert a.password not in repr(a) + a.name


@pytest.mark.parametrize(
    "words",
    [
        "imap://ten:bi-mat-lam@thu.example/INBOX",
        "pop3://ten:bi-mat-lam@thu.example",
        "imaps://thu.example/INBOX",
        "imaps://ten@thu.example",
        "imaps://ten:bi-mat-lam@thu.example:so",
        "imaps://ten:bi-mat-lam%0d%0aA1 DELETE INBOX@thu.example",
        "imaps://ten:bi-mat-lam@thu.example/INBOX?verify=no",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(words: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_address(words)
    assert refused.value.code == "settings-invalid"
    assert "DONDOC_BOUNCE_IMAP" in refused.value.message
    assert "bi-mat-lam" not in str(refused.value)


def test_no_mailbox_is_configured() -> None:
    assert read_address("") is None
