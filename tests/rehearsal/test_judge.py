"""The judge passes a year that went as written down, and sees each way in which it may not have."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from documents.render_mail import MailContent
from rehearsal.books import DeliveryRow, NoticeRow
from rehearsal.expectations import Expectations, Told, read_expectations
from rehearsal.mails import read_mailbox
from rehearsal.people import People, Person, read_people
from rehearsal.zalo_log import ZaloMessage
from tests.rehearsal.perfect_year import FILES, World, at, letter, perfect, write_mail

SAMPLE = Path(__file__).parents[2] / "samples" / "binh-phuoc"
BU_DANG = "officer@bu-dang.example"


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once; each test spoils a copy."""
    expected = read_expectations(SAMPLE / "expected-2024.toml")
    return perfect(expected, read_people(SAMPLE / "registry.toml"), tmp_path_factory.mktemp("year"))


@pytest.fixture
def world(year: World, tmp_path: Path) -> World:
    folder = tmp_path / "mailbox"
    shutil.copytree(year.mailbox, folder)
    return replace(year, mailbox=folder, zalo=list(year.zalo))


def mail_to(world: World, address: str, kind: str) -> Path:
    """The first mail to an address that tells of a kind of thing."""
    for mail in read_mailbox(world.mailbox).mails:
        if mail.address == address and any(item.kind == kind for item in mail.items):
            return world.mailbox / mail.file
    raise AssertionError(f"no {kind} to {address}")


def resent(file: Path, **changes: str) -> None:
    """The same mail again as the last of the mailbox, with other words."""
    copy = file.with_name("999999.eml")
    data = file.read_bytes()
    for old, new in changes.items():
        data = data.replace(old.encode(), new.encode())
    copy.write_bytes(data)
    copy.with_suffix(".json").write_bytes(file.with_suffix(".json").read_bytes())


def notice_of(world: World, kind: str, state: str = "sent") -> NoticeRow:
    return next(row for row in world.records.notices if row.kind == kind and row.state == state)


def delivery_with(world: World, notice: NoticeRow) -> DeliveryRow:
    return next(row for row in world.records.deliveries if notice.id in row.notices)


def test_a_year_as_written_down_passes(world: World) -> None:
    verdict = world.judged()
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.physical_duplicates == []
    assert verdict.expected == 254
    assert verdict.checked["things told by mail"] + verdict.checked["things told by Zalo"] == 233
    assert verdict.lines()[-1] == "as expected"


def test_a_missing_mail_is_named_with_its_person_day_and_reason(world: World) -> None:
    mail_to(world, BU_DANG, "extension_granted").unlink()
    found = world.judged()
    assert len(found.missing) == 1 and not found.doubled and not found.unexpected
    assert BU_DANG in found.missing[0] and "26/11/2024" in found.missing[0] and "granted at 10:00" in found.missing[0]


def test_a_doubled_mail_is_seen_and_a_physical_duplicate_only_counted(world: World) -> None:
    file = mail_to(world, BU_DANG, "opened")
    resent(file)
    again = world.judged()
    assert again.passed and len(again.physical_duplicates) == 1 and BU_DANG in again.physical_duplicates[0]
    number = str(int(file.stem))
    resent(file, **{f"<{number}@dondoc.example>": "<another@dondoc.example>"})
    found = world.judged()
    assert len(found.doubled) == 1 and "999999.eml" in found.doubled[0] and not found.physical_duplicates


def test_other_words_under_a_known_id_are_no_duplicate(world: World) -> None:
    resent(mail_to(world, BU_DANG, "opened"), **{"27 Sep 2024": "28 Sep 2024"})
    found = world.judged()
    assert not found.physical_duplicates and any("says other things" in line for line in found.unexpected)


def test_an_unexpected_mail_is_seen(world: World) -> None:
    file = mail_to(world, BU_DANG, "opened")
    resent(file, **{f"<{int(file.stem)}@": "<another@"})
    world.mailbox.joinpath("999999.json").write_text('{"rcpt_tos": ["head@bu-dang.example"]}')
    found = world.judged()
    assert len(found.unexpected) == 1 and "head@bu-dang.example" in found.unexpected[0]
    assert not found.missing and not found.doubled


def test_a_mail_on_the_wrong_day_is_missing_and_unexpected(world: World) -> None:
    file = mail_to(world, BU_DANG, "extension_granted")
    file.write_bytes(file.read_bytes().replace(b"26 Nov 2024", b"27 Nov 2024"))
    found = world.judged()
    assert len(found.missing) == 1 and "one like it came on 27/11/2024" in found.missing[0]
    assert len(found.unexpected) == 1 and "27/11/2024" in found.unexpected[0]


def test_a_mail_that_is_not_understood_is_said(world: World) -> None:
    text = "\nLỜI CHÚC MỪNG\n\n  1. Việc\n     Đơn vị: A\n     Mã: p/1\n"
    write_mail(world.mailbox, 999999, BU_DANG, at(date(2024, 5, 2)), MailContent("Chúc mừng", text, text), {})
    found = world.judged()
    assert len(found.unexpected) == 4 and all("999999.eml" in line for line in found.unexpected)
    assert any("“LỜI CHÚC MỪNG” is not known" in line for line in found.unexpected)


@pytest.mark.parametrize(
    ("files", "missing", "unexpected"),
    [
        ({**FILES, "bao-cao.pdf": b"other bytes"}, 0, 1),
        ({name: data for name, data in FILES.items() if not name.endswith("xlsx")}, 1, 0),
        ({**FILES, "thu.zip": b"more"}, 0, 2),
    ],
)
def test_wrong_attachments_are_seen(world: World, files: dict[str, bytes], missing: int, unexpected: int) -> None:
    file = mail_to(world, "recipient@bo-tttt.example", "rollup")
    person = world.people.person("bo-tttt-officer")
    assert person is not None and world.expected.rollup is not None
    day = world.expected.rollup.signed_on
    content = letter(world.expected, person, day)
    write_mail(world.mailbox, int(file.stem), person.email, at(day), content, files)
    found = world.judged()
    assert (len(found.missing), len(found.unexpected)) == (missing, unexpected), found.lines()


def test_a_file_that_is_not_what_its_hash_says_is_seen(world: World) -> None:
    row = world.records.rollups[0]
    spoilt = (replace(row.files[0], sha256="0" * 64), *row.files[1:])
    world.change(rollups=(replace(row, files=spoilt, frozen=b"changed later"),))
    found = world.judged()
    assert len(found.unexpected) == 2 and all("SHA-256" in line for line in found.unexpected)


def test_zalo_is_counted_by_phone_and_day(world: World) -> None:
    first = next(message for message in world.zalo if not message.error)
    world.zalo.remove(first)
    assert any(first.phone in line for line in world.judged().missing)
    world.zalo += [replace(first, line=900), replace(first, line=901)]
    assert any(first.phone in line for line in world.judged().doubled)
    # Sent again after the sender died: the books know only the id of the second attempt.
    world.zalo[-2:] = [replace(first, tracking_id="t1", message_id="lost"), replace(first, line=901, tracking_id="t1")]
    again = world.judged()
    assert again.passed and len(again.physical_duplicates) == 1
    world.zalo[-1:] = [ZaloMessage(902, "84911111111", 0, 1, "x", "id-unknown", "")]
    assert any("not a delivery of the books" in line for line in world.judged().unexpected)


def test_a_marked_contact_must_not_be_tried_again(world: World) -> None:
    refused = next(message for message in world.zalo if message.error)
    world.zalo.append(replace(refused, line=900))
    assert any("not tried again" in line for line in world.judged().unexpected)
    world.zalo[:] = [message for message in world.zalo if not message.error]
    assert any("refused with -118 0 times" in line for line in world.judged().missing)


def test_notices_of_the_books_are_held_against_the_list(world: World) -> None:
    kept = world.records.notices
    gone = notice_of(world, "unreachable")
    world.change(notices=tuple(row for row in kept if row is not gone))
    assert any("unreachable" in line for line in world.judged().missing)
    world.change(notices=(*kept, replace(notice_of(world, "due"), id=900)))
    assert any("under the one key" in line for line in world.judged().doubled)
    world.change(notices=(*kept, replace(notice_of(world, "due"), id=900, key=("other",), state="moot")))
    assert world.judged().passed
    world.change(notices=(*kept, replace(notice_of(world, "due"), id=900, key=("other",), state="pending")))
    assert any("still pending" in line for line in world.judged().unexpected)


def test_a_letter_is_known_by_the_number_that_the_books_gave_it(world: World) -> None:
    kept = world.records.notices
    swapped = {"bu-gia-map": "phu-rieng", "phu-rieng": "bu-gia-map"}
    world.change(notices=tuple(replace(row, about=swapped.get(row.about, row.about)) if row.letter else row
                               for row in kept))  # fmt: skip
    found = world.judged()
    assert len(found.missing) == len(found.unexpected) == 2, (
        "the mails of the leader quote the number of the other unit"
    )
    assert all("leader@ubnd-tinh.example" in line and "/letter/" in line for line in found.missing)
    gone = next(row for row in kept if row.letter and row.role == "coordinator")
    world.change(notices=tuple(row for row in kept if row is not gone))
    assert any("letter_drafted" in line and "coordinator of stttt" in line for line in world.judged().missing)


def test_a_second_letter_and_one_that_was_not_issued_are_seen(world: World) -> None:
    first, second = world.records.letters
    world.change(letters=(first, second, replace(first, number=None, issued_on=None)))
    assert world.judged().unexpected == ["books: a letter to bu-gia-map, drafted on 10/12/2024, not issued"]
    world.change(letters=(first,))
    found = world.judged()
    assert len(found.missing) == 1 and "to phu-rieng" in found.missing[0] and "issued as 4922" in found.missing[0]


def test_the_days_of_a_weekly_line_are_compared(world: World) -> None:
    file = mail_to(world, "head@bu-gia-map.example", "overdue_weekly")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    part.set_content(str(part.get_content()).replace("Quá hạn: 12 ngày", "Quá hạn: 7 ngày"))
    file.write_bytes(message.as_bytes())
    found = world.judged()
    assert len(found.missing) == 1 and "overdue_weekly 12 working days" in found.missing[0]
    assert len(found.unexpected) == 1 and "overdue_weekly 7 working days" in found.unexpected[0]


def told_to(role: str, state: str = "sent") -> Told:
    day = date(2024, 12, 2)
    return Told(day, day, "overdue", "overdue-1", role, "a", "a", 0, "2024", "", None, state, "the rules say so")


def of_one_unit(world: World, folder: Path, people: tuple[Person, ...], *told: Told) -> World:
    expected: Expectations = replace(world.expected, told=told, final={}, rollup=None, refused={},
                                     obligation_counts={}, task_counts={}, letters=())  # fmt: skip
    folder.mkdir()
    return perfect(expected, People({"a": "Đơn vị A"}, people), folder)


def test_the_head_stands_in_for_an_officer_without_address_and_reads_it_once(world: World, tmp_path: Path) -> None:
    officer = Person("a-officer", "a", frozenset({"officer"}), "", "", ())
    head = Person("a-head", "a", frozenset({"head"}), "head@a.example", "", ("mail",))
    small = of_one_unit(world, tmp_path / "a", (officer, head), told_to("officer"), told_to("head"))
    (mail,) = read_mailbox(small.mailbox).mails
    assert mail.address == "head@a.example" and len(mail.items) == 1
    verdict = small.judged()
    assert verdict.passed, verdict.lines()
    alone = of_one_unit(world, tmp_path / "b", (officer,), told_to("officer"))
    assert any("the registry says otherwise" in line for line in alone.judged().unexpected)


def test_what_its_reader_keeps_out_of_the_mail_is_in_the_books_only(world: World, tmp_path: Path) -> None:
    officer = Person("a-officer", "a", frozenset({"officer"}), "officer@a.example", "", ("mail",))
    small = of_one_unit(world, tmp_path / "a", (officer,), told_to("officer", "muted"))
    assert read_mailbox(small.mailbox).mails == () and small.judged().passed
    small.change(notices=tuple(replace(row, state="sent") for row in small.records.notices))
    assert any("overdue-1, muted" in line for line in small.judged().missing)


def test_what_reaches_nobody_may_not_be_called_sent(world: World) -> None:
    lost = notice_of(world, "assigned", "unroutable")
    world.change(notices=tuple(replace(row, state="sent") if row is lost else row for row in world.records.notices))
    found = world.judged()
    assert len(found.missing) == 1 and len(found.unexpected) == 1


def test_a_notice_has_one_delivery_to_each_person(world: World) -> None:
    row = notice_of(world, "extension_granted")
    carried = delivery_with(world, row)
    kept = world.records.deliveries
    world.change(deliveries=(*kept, replace(carried, id=900)))
    assert any("delivery 900" in line for line in world.judged().doubled)
    world.change(deliveries=tuple(replace(each, notices=()) if each is carried else each for each in kept))
    assert any("extension_granted" in line for line in world.judged().missing)
    late = replace(carried, at=carried.at + timedelta(days=1))
    world.change(deliveries=tuple(late if each is carried else each for each in kept))
    assert any("one like it came on 27/11/2024" in line for line in world.judged().missing)
    world.change(deliveries=(*kept, replace(carried, id=900, state="waiting", notices=())))
    assert any("is waiting" in line for line in world.judged().unexpected)


def test_states_due_days_and_counts_are_computed_anew(world: World) -> None:
    kept = world.records.obligations
    late = next(row for row in kept if row.unit == "phuoc-long")
    world.change(obligations=tuple(replace(row, submissions=()) if row is late else row for row in kept))
    found = world.judged().unexpected
    assert any("ends open_overdue instead of done_late" in line for line in found)
    assert any("3 obligations end open_overdue instead of 2" in line for line in found)
    moved = replace(late, late_at=late.late_at + timedelta(days=1))
    world.change(obligations=tuple(moved if row is late else row for row in kept))
    assert [line for line in world.judged().unexpected if "is late from" in line]
    world.change(obligations=kept[1:])
    assert any("owes nothing" in line for line in world.judged().missing)


def test_a_rollup_that_was_not_sent_or_not_asked_for_is_seen(world: World) -> None:
    row = world.records.rollups[0]
    world.change(rollups=(replace(row, sent_at=None),))
    assert any("was sent None" in line for line in world.judged().missing)
    world.change(rollups=(row, replace(row, supplement=1)))
    assert any("1 supplements" in line for line in world.judged().unexpected)
    world.change(rollups=())
    assert any("there is no rollup" in line for line in world.judged().missing)
