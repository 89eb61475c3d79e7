"""Tokens of links: what was signed comes back, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import DondocError
from domain.links import ACKNOWLEDGE_FOR, OPEN_FOR, Link, Purpose, is_local, task_of, task_target
from models.facts.links import Links, LinkSigner

SIGNER = LinkSigner(b"k" * 32)
NOW = datetime(2024, 9, 27, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
OPENS = Link(Purpose.OPEN, "thu", 7, "/obligations/12", LATER)
ACKNOWLEDGES = Link(Purpose.ACKNOWLEDGE, "thu", 7, "ke-hoach/2", LATER)
CALENDAR = Link(Purpose.CALENDAR, "thu", 7, "1", None)
TOKEN = SIGNER.sign(ACKNOWLEDGES)


def refusal(
    token: str, purpose: Purpose = Purpose.ACKNOWLEDGE, now: datetime = NOW, signer: LinkSigner = SIGNER
) -> str:
    with pytest.raises(DondocError) as refused:
        signer.read(token, purpose, now)
    return refused.value.code


@given(
    st.sampled_from(Purpose), st.text(max_size=20), st.integers(0, 2**53), st.integers(0, 99_999),
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
)  # fmt: skip
def test_what_was_signed_is_read(
    purpose: Purpose, realm: str, person: int, number: int, expires: datetime | None
) -> None:
    target = {Purpose.OPEN: f"/obligations/{number}", Purpose.ACKNOWLEDGE: f"ke/{number}"}.get(purpose, str(number))
    until = None if expires is None else expires.replace(tzinfo=UTC, microsecond=0)
    link = Link(purpose, realm, person, target, until)
    token = SIGNER.sign(link)
    assert token == SIGNER.sign(link)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert SIGNER.verify(token, (purpose,)) == link


def test_tokens_are_short() -> None:
    year_ahead = NOW + timedelta(days=365)
    assert len(SIGNER.sign(Link(Purpose.OPEN, "binh-phuoc", 12_345, "/obligations/1234567", year_ahead))) < 140


@pytest.mark.parametrize("link", [OPENS, ACKNOWLEDGES, CALENDAR])
@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_serves_one_purpose(link: Link, purpose: Purpose) -> None:
    token = SIGNER.sign(link)
    if purpose is link.purpose:
        assert SIGNER.read(token, purpose, NOW) == link
    else:
        assert refusal(token, purpose) == "link-invalid"


def test_a_link_expires_at_its_instant() -> None:
    assert SIGNER.read(TOKEN, Purpose.ACKNOWLEDGE, LATER - timedelta(seconds=1)) == ACKNOWLEDGES
    assert refusal(TOKEN, now=LATER) == "link-expired"
    # Whoever holds a wrong one is not told whether it would have expired.
    assert refusal(TOKEN, Purpose.OPEN, LATER) == "link-invalid"
    assert SIGNER.read(SIGNER.sign(CALENDAR), Purpose.CALENDAR, LATER + timedelta(days=9_999)) == CALENDAR


@pytest.mark.parametrize(
    "token",
    ["", ".", "a", "a.b", TOKEN[:-1], TOKEN[1:], TOKEN + "A", TOKEN + "=", TOKEN + "\n", f" {TOKEN}", TOKEN.upper(),
     TOKEN.partition(".")[0], "." + TOKEN.rpartition(".")[2], TOKEN.replace(".", "!."), TOKEN + TOKEN, "x" * 100_000,
     TOKEN[:20], "é" + TOKEN, "\x00", TOKEN + "\udcff"],
)  # fmt: skip
def test_mangled_tokens(token: str) -> None:
    assert refusal(token) == "link-invalid"


def test_another_key_is_another_site() -> None:
    assert refusal(TOKEN, signer=LinkSigner(b"j" * 32)) == "link-invalid"


@given(st.integers(0, len(TOKEN) - 1), st.integers(0, 7))
def test_no_bit_can_be_changed(place: int, bit: int) -> None:
    changed = TOKEN[:place] + chr(ord(TOKEN[place]) ^ (1 << bit)) + TOKEN[place + 1 :]
    assert refusal(changed) == "link-invalid"


@given(st.text(alphabet="ABCDEFabcdef0123456789-_.", max_size=120))
def test_nothing_is_ours_by_chance(token: str) -> None:
    assume(token != TOKEN)
    assert refusal(token) == "link-invalid"


@given(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN)))
def test_two_links_cannot_be_spliced(one: int, other: int) -> None:
    second = SIGNER.sign(Link(Purpose.ACKNOWLEDGE, "thu", 8, "ke-hoach/2", LATER))
    spliced = TOKEN[:one] + second[other:]
    assume(spliced not in (TOKEN, second))
    assert refusal(spliced) == "link-invalid"


@pytest.mark.parametrize("path", ["//evil.test", "https://evil.test", "/\\evil.test", "", "obligations/1", "/a\nb"])
def test_only_pages_of_ours_are_opened(path: str) -> None:
    assert not is_local(path)
    with pytest.raises(ValueError, match="path"):
        SIGNER.sign(Link(Purpose.OPEN, "thu", 7, path, LATER))


def test_targets_of_tasks() -> None:
    assert task_of(task_target("bao-chi-2024", 3)) == ("bao-chi-2024", 3)
    for wrong in ("3", "/3", "ke-hoach/", "ke-hoach/ba"):
        with pytest.raises(ValueError, match=r"task|int"):
            SIGNER.sign(Link(Purpose.ACKNOWLEDGE, "thu", 7, wrong, LATER))


def test_a_message_sent_again_has_the_same_links() -> None:
    made = [Links(SIGNER, "https://dondoc.example", "thu", 7, NOW) for _ in range(2)]
    assert made[0].open("/inbox") == made[1].open("/inbox")
    address = made[0].acknowledge("ke-hoach/2")
    assert address.startswith("https://dondoc.example/l/")
    token = address.rpartition("/")[2]
    assert SIGNER.verify(token, (Purpose.ACKNOWLEDGE,)).expires == NOW + ACKNOWLEDGE_FOR
    opened = SIGNER.verify(made[0].open("/inbox").rpartition("/")[2], (Purpose.OPEN,))
    assert (opened.expires, opened.target, opened.person) == (NOW + OPEN_FOR, "/inbox", 7)
