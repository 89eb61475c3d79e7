"""A year in which everything went as written down: mails, Zalo log and records made from an expected list.

The mails are drawn by the product, so that the judge's own grammar is tried on what is really printed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

from documents.render_mail import MailContent, render_digest, render_rollup_mail
from domain.cover import RollupFile, RollupMail
from domain.notices import Digest, DigestItem, NoticeKind, Role
from rehearsal.books import (
    DeliveryRow,
    FileRow,
    LetterRow,
    NoticeRow,
    ObligationRow,
    Records,
    RollupRow,
    SubmissionRow,
)
from rehearsal.days import VIETNAM
from rehearsal.expectations import Expectations, Told
from rehearsal.judge import weigh
from rehearsal.judge_messages import reaching
from rehearsal.mails import read_mailbox
from rehearsal.people import People, Person
from rehearsal.verdict import Verdict
from rehearsal.zalo_log import ZaloMessage

END = datetime(2024, 12, 31, 17, tzinfo=VIETNAM)
FILES = {f"bao-cao.{end}": f"the {end} file".encode() for end in ("docx", "pdf", "xlsx")}
TITLE = "Kế hoạch chuyển đổi số báo chí"


def at(day: date, hour: int = 8) -> datetime:
    return datetime.combine(day, time(hour, 10), VIETNAM)


@dataclass
class World:
    """What the judge weighs; tests spoil it."""

    expected: Expectations
    people: People
    mailbox: Path
    zalo: list[ZaloMessage]
    records: Records

    def judged(self) -> Verdict:
        return weigh(self.expected, self.people, read_mailbox(self.mailbox), self.zalo, self.records)

    def change(self, **lists: tuple[object, ...]) -> None:
        self.records = replace(self.records, **lists)  # type: ignore[arg-type]


def perfect(expected: Expectations, people: People, mailbox: Path) -> World:
    digests: dict[tuple[Person, date, str, bool], list[Told]] = defaultdict(list)
    for one, person, channel in reaching(expected, people):
        key = person, one.leaves, channel, one.kind == "rollup"
        digests[key].append(one)
    notices = {one: notice(number, one, expected.plan) for number, one in enumerate(expected.told, start=1)}
    deliveries: list[DeliveryRow] = []
    zalo: list[ZaloMessage] = []
    refused = dict(expected.refused)
    for (person, day, channel, rollup), told in digests.items():
        if code := refused.pop(person.phone, None):
            zalo.append(ZaloMessage(len(zalo) + 1, person.phone, code[0], len(told), "", "", ""))
            deliveries.append(delivery(len(deliveries) + 1, person, "zalo", day, (), state="refused"))
        number = len(deliveries) + 1
        ids = () if rollup else tuple(notices[one].id for one in told)
        deliveries.append(delivery(number, person, channel, day, ids, rollup_id=1 if rollup else None))
        if channel == "zalo":
            code_of_first = reference(told[0], expected.plan)
            zalo.append(ZaloMessage(len(zalo) + 1, person.phone, 0, len(told), code_of_first, f"id-{number}", ""))
        else:
            content = letter(expected, person, day) if rollup else digest(expected, people, person, told, day)
            write_mail(mailbox, number, person.email, at(day), content, FILES if rollup else {})
    letters = tuple(LetterRow(one.unit, at(one.drafted_on), one.number, one.issued_on) for one in expected.letters)
    records = Records(
        END, tuple(notices.values()), tuple(deliveries), obligations(expected), rollups(expected), letters
    )
    return World(expected, people, mailbox, zalo, records)


def notice(number: int, told: Told, plan: str) -> NoticeRow:
    return NoticeRow(
        id=number, key=(str(number), "0", told.rung), kind=told.kind, rung=told.rung, role=told.role, unit=told.to,
        about="" if told.period else told.about, task=told.task, round=told.round, period=told.period, plan=plan,
        rollup_id=1 if told.period else None, letter=letter_number(told), state=told.state,
        raised_at=at(told.on, 23 if told.leaves > told.on else 8),
    )  # fmt: skip


def letter_number(told: Told) -> int | None:
    """A number such as the books would give: one a unit."""
    return sum(told.about.encode()) if told.kind == "letter_drafted" else None


def delivery(
    number: int, person: Person, channel: str, day: date, notices: tuple[int, ...], *, state: str = "sent",
    rollup_id: int | None = None,
) -> DeliveryRow:  # fmt: skip
    address = person.phone if channel == "zalo" else person.email
    return DeliveryRow(
        number, person.id, person.unit, channel, address, state, at(day), 1, f"id-{number}", "", rollup_id, notices
    )  # fmt: skip


def reference(told: Told, plan: str) -> str:
    """As it is printed: a letter by its number."""
    number = letter_number(told)
    return told.reference(plan) if number is None else f"{plan}/letter/{number}"


def obligations(expected: Expectations) -> tuple[ObligationRow, ...]:
    end = at(expected.units_before, 0) - timedelta(minutes=10)
    found = []
    for (unit, task), (state, _) in expected.final.items():
        received = end + timedelta(days=2) if state == "done_late" else end - timedelta(days=2)
        made = (SubmissionRow(received, "accepted", received),) if state.startswith("done") else ()
        found.append(ObligationRow(unit, task, "2024", end, None, made))
    return tuple(found)


def rollups(expected: Expectations) -> tuple[RollupRow, ...]:
    wanted = expected.rollup
    if wanted is None:
        return ()
    files = tuple(FileRow(name, hashlib.sha256(data).hexdigest(), data) for name, data in FILES.items())
    done = at(wanted.acknowledged_on) if wanted.acknowledged_on else None
    return (
        RollupRow(
            wanted.period, 0, wanted.number, wanted.signed_by, at(wanted.compiled_on), at(wanted.signed_on),
            at(wanted.signed_on), done, b"frozen", hashlib.sha256(b"frozen").hexdigest(), files,
        ),
    )  # fmt: skip


def digest(expected: Expectations, people: People, person: Person, told: list[Told], day: date) -> MailContent:
    once = {(one.kind, one.rung, reference(one, expected.plan), one.about): one for one in told}  # whatever the role
    items = tuple(
        DigestItem(
            kind=NoticeKind(one.kind), rung=one.rung or one.kind, reference=reference(one, expected.plan),
            task_ordinal=one.task or 0, task_title="Ra sản phẩm báo chí số mới", plan_title=TITLE,
            round_label=one.round or one.period, unit_name=people.units.get(one.about or one.to, ""),
            due_text="trước ngày 30/11/2024", due_at=None, detail="Đạt", link="https://dondoc.example/viec/1",
            days=one.days,
        )
        for one in once.values()
    )  # fmt: skip
    return render_digest(
        Digest(
            recipient_name="Đầu mối", recipient_role=Role.OFFICER, unit_name=people.units[person.unit],
            authority_name="UBND tỉnh", sender_name="Sở TT&TT", rehearsal=True, at=at(day), counts=None, items=items,
            inbox_link="https://dondoc.example/viec",
        )
    )  # fmt: skip


def letter(expected: Expectations, person: Person, day: date) -> MailContent:
    assert expected.rollup is not None
    files = tuple(RollupFile(name, hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
    return render_rollup_mail(
        RollupMail(
            recipient_name=person.id, sender_name="Sở TT&TT", plan_title=TITLE, period_label="năm 2024",
            number=expected.rollup.number, signed_by="Giám đốc", signed_at=at(day), inputs_sha256="0" * 64,
            files=files, at=at(day), rehearsal=True, reference=f"{expected.plan}/rollup/{expected.rollup.period}",
        )
    )  # fmt: skip


def write_mail(
    folder: Path, number: int, address: str, when: datetime, content: MailContent, files: dict[str, bytes]
) -> Path:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "no-reply@dondoc.example", address, content.subject
    message["Date"], message["Message-ID"] = when, f"<{number}@dondoc.example>"
    message.set_content(content.text)
    message.add_alternative(content.html, subtype="html")
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    file = folder / f"{number:06}.eml"
    file.write_bytes(message.as_bytes())
    file.with_suffix(".json").write_text(json.dumps({"rcpt_tos": [address]}))
    return file
