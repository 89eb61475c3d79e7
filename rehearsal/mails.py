"""Reads what a mail server kept, as a recipient would: the standard library's parser and a grammar of our own.

The wording here is a second copy on purpose: whoever changes what mails say must change what the witness understands.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from rehearsal.days import local_day

_DAYS = r" (\d+) NGÀY LÀM VIỆC"
WORDING = {
    "GIAO NHIỆM VỤ CHỦ TRÌ": "assigned",
    "GIAO NHIỆM VỤ PHỐI HỢP": "assigned_coordinating",
    "NHẮC TIẾP NHẬN NHIỆM VỤ ĐƯỢC GIAO": "assigned_again",
    "ĐÃ CÓ HƯỚNG DẪN": "guidance",
    "MỞ KỲ BÁO CÁO": "opened",
    "NHẮC TRƯỚC HẠN" + _DAYS: "reminder",
    "HÔM NAY ĐẾN HẠN BÁO CÁO": "due",
    "BÁO CÁO QUÁ HẠN" + _DAYS: "overdue",
    "BÁO CÁO VẪN QUÁ HẠN": "overdue_weekly",
    "DỰ THẢO CÔNG VĂN ĐÔN ĐỐC CHỜ KÝ": "letter_drafted",
    "CÓ BÁO CÁO MỚI CẦN XEM XÉT": "received",
    "BÁO CÁO BỊ TRẢ LẠI ĐỂ BỔ SUNG": "returned",
    "BÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN": "accepted",
    "KẾT QUẢ THỰC HIỆN NHIỆM VỤ PHỐI HỢP": "result",
    "CÓ ĐỀ NGHỊ GIA HẠN CẦN QUYẾT ĐỊNH": "extension_requested",
    "ĐỀ NGHỊ GIA HẠN ĐƯỢC CHẤP THUẬN": "extension_granted",
    "ĐỀ NGHỊ GIA HẠN KHÔNG ĐƯỢC CHẤP THUẬN": "extension_refused",
    "HẠN BÁO CÁO THAY ĐỔI": "deadline_changed",
    "KỲ BÁO CÁO KHÔNG CÒN TRONG KẾ HOẠCH": "round_withdrawn",
    "THAY ĐỔI ĐƠN VỊ THỰC HIỆN NHIỆM VỤ": "task_reassigned",
    "NHIỆM VỤ ĐƯỢC RÚT KHỎI KẾ HOẠCH": "task_withdrawn",
    "NHIỆM VỤ TẠM DỪNG": "task_suspended",
    "NHIỆM VỤ ĐƯỢC TIẾP TỤC": "task_resumed",
    "CÓ ĐỀ NGHỊ TRẢ LẠI NHIỆM VỤ CẦN QUYẾT ĐỊNH": "hand_back_requested",
    "ĐỀ NGHỊ TRẢ LẠI NHIỆM VỤ KHÔNG ĐƯỢC CHẤP THUẬN": "hand_back_refused",
    "ĐỊA CHỈ LIÊN HỆ KHÔNG NHẬN ĐƯỢC THÔNG BÁO": "contact_bounced",
    "ĐƠN VỊ KHÔNG CÓ ĐẦU MỐI LIÊN HỆ ĐƯỢC": "unreachable",
    "BÁO CÁO TỔNG HỢP CHỜ KÝ": "rollup_compiled",
    f"NHẮC KÝ BÁO CÁO TỔNG HỢP TRƯỚC HẠN(?:{_DAYS})?": "rollup_reminder",
    f"BÁO CÁO TỔNG HỢP QUÁ HẠN(?:{_DAYS})?": "rollup_overdue",
    "BÁO CÁO TỔNG HỢP ĐÃ GỬI": "rollup_sent",
    "BÁO CÁO TỔNG HỢP": "rollup",
}
"""Headings as they are printed, and what they tell; the number is of working days on the day of the mail."""
_ONE_LINE = r" {2}\d+\. .* · Đơn vị: (.+) · Quá hạn: (\d+) ngày làm việc · Mã: (\S+)"
"""What is said every week is one line, with its own number of days."""
COVER = "TỆP KÈM THEO"
"""The heading by which the covering letter of a rollup is known."""


@dataclass(frozen=True)
class MailItem:
    """One thing told. `days` is the number in the heading or the line, or None; `unit` is printed after "Đơn vị:"."""

    kind: str
    days: int | None
    reference: str
    unit: str


@dataclass(frozen=True)
class Mail:
    """One message as it reached one address. `attached` and `promised` are names with SHA-256: bytes, and letter."""

    file: str
    address: str
    on: date
    message_id: str
    items: tuple[MailItem, ...]
    attached: tuple[tuple[str, str], ...] = ()
    promised: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mailbox:
    """Every message once, and those that came again with the same Message-ID."""

    mails: tuple[Mail, ...]
    physical_duplicates: tuple[str, ...]


def read_mailbox(folder: Path) -> Mailbox:
    """All messages kept as `*.eml` in a folder, oldest first."""
    mails: list[Mail] = []
    first: dict[tuple[str, str], Mail] = {}
    again: list[str] = []
    for file in sorted(folder.glob("*.eml")):
        for mail in read_mail(file):
            known = first.setdefault((mail.message_id or mail.file, mail.address), mail)
            if known is mail:
                mails.append(mail)
            elif replace(mail, file=known.file) != known:
                mails.append(
                    replace(mail, problems=(*mail.problems, f"says other things than {known.file} under its id"))
                )
            else:
                again.append(f"{mail.file} to {mail.address} came again: {mail.message_id}, first in {known.file}")
    return Mailbox(tuple(mails), tuple(again))


def read_mail(file: Path) -> Iterator[Mail]:
    """One message, once for each address that it was handed to."""
    message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    text = str(part.get_content()) if part is not None else ""
    items, promised, problems = parse_body(text)
    attached = []
    for other in message.iter_attachments():
        content = other.get_payload(decode=True)
        data = content if isinstance(content, bytes) else b""
        attached.append((other.get_filename() or "", hashlib.sha256(data).hexdigest()))
    for address in _addresses(file, message):
        yield Mail(
            file.name, address, local_day(parsedate_to_datetime(str(message["Date"]))),
            str(message.get("Message-ID", "")).strip(), tuple(items), tuple(attached), tuple(promised), tuple(problems),
        )  # fmt: skip


def _addresses(file: Path, message: EmailMessage) -> list[str]:
    """To whom the server was told to give it, which is what counts; without that record, to whom it is written."""
    envelope = file.with_suffix(".json")
    if envelope.exists():
        return [str(address) for address in json.loads(envelope.read_text())["rcpt_tos"]]
    return [address for _, address in getaddresses([str(value) for value in message.get_all("To", [])])]


def parse_body(text: str) -> tuple[list[MailItem], list[tuple[str, str]], list[str]]:
    """Items, files with the hashes that a covering letter promises, and what could not be understood."""
    lines = [line.rstrip() for line in text.splitlines()]
    if COVER in lines:
        return _cover(lines)
    items: list[MailItem] = []
    problems: list[str] = []
    heading: tuple[str, int | None] | None = None
    unit = ""
    for line, before, after in zip(lines, ["", *lines], [*lines[1:], ""], strict=False):
        if line[:1].isalpha() and line == line.upper() and not before and not after:
            heading = _heading(line)
            if heading is None:
                problems.append(f"the heading “{line}” is not known")
        elif found := re.fullmatch(r" {5}Đơn vị: (.+)", line):
            unit = found[1]
        elif found := re.fullmatch(_ONE_LINE, line):
            if heading is None:
                problems.append(f"{found[3]} stands below no known heading")
            else:
                items.append(MailItem(heading[0], int(found[2]), found[3], found[1]))
        elif re.match(r" {2}\d+\. ", line):
            unit = ""
        elif found := re.fullmatch(r" {5}Mã: (\S+)", line):
            if heading is None:
                problems.append(f"{found[1]} stands below no known heading")
            else:
                items.append(MailItem(*heading, found[1], unit))
    announced = re.search(r"^Có (\d+) việc cần biết hoặc xử lý:$", "\n".join(lines), re.M)
    if len(items) != (int(announced[1]) if announced else 1):
        problems.append(f"it announces {announced[1] if announced else 1} things and holds {len(items)}")
    return items, [], problems


def _heading(line: str) -> tuple[str, int | None] | None:
    for wording, kind in WORDING.items():
        if found := re.fullmatch(wording, line):
            days = found[1] if found.re.groups else None
            return kind, int(days) if days else None
    return None


def _cover(lines: list[str]) -> tuple[list[MailItem], list[tuple[str, str]], list[str]]:
    text = "\n".join(lines)
    files = re.findall(r"^ {2}\d+\. (.+)\n {5}SHA-256: ([0-9a-f]{64})$", text, re.M)
    code = re.search(r"^Mã: (\S+)$", text, re.M)
    problems = [] if code else ["the covering letter has no code"]
    return ([MailItem("rollup", None, code[1], "")] if code else []), files, problems
