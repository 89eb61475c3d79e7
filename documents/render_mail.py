"""Mails and Zalo messages from digests. Every kind of notice has its folder of templates."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from domain.cover import RollupFile, RollupMail
from domain.notices import (
    ROLE_NAMES,
    Digest,
    DigestItem,
    NoticeKind,
    Role,
    clean,
    clip,
    counts_sentence,
    day_text,
    deadline_text,
    heading,
    instant_text,
    rung_days,
    urgency,
)
from domain.reporting import task_label
from domain.workdays import VIETNAM

TEMPLATES = Path(__file__).parent / "templates" / "mail"
SUBJECT_LIMIT = 90
OF_A_UNIT = (Role.OFFICER, Role.HEAD)
"""Whose counts are those of their own unit; all others are told of all units."""
# Template messages of Zalo allow 30 characters for names and codes.
ZALO_LIMIT = 30
_REHEARSAL = "[DIỄN TẬP] "
_T = TypeVar("_T", Digest, DigestItem, RollupMail, RollupFile)


@dataclass(frozen=True)
class MailContent:
    """What a mail says, without its envelope. `subject` is one line of at most 90 characters."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Entry:
    item: DigestItem
    label: str


@dataclass(frozen=True)
class _Group:
    heading: str
    entries: list[_Entry]


def render_digest(digest: Digest) -> MailContent:
    """One mail for everything one person is told, most urgent heading first. ValueError for a digest without items."""
    if not digest.items:
        raise ValueError("a digest without items is not sent")
    digest = _one_line(replace(digest, items=tuple(_one_line(item) for item in _sorted(digest.items))))
    groups = _groups(digest.items)
    total = len(digest.items) + digest.more
    subject = _subject(digest, groups)
    facts = {
        "digest": digest,
        "groups": groups,
        "total": total,
        # One plan is named once at the top, several with each of their items.
        "plan": digest.items[0].plan_title if len({item.plan_title for item in digest.items}) == 1 else "",
        "subject": subject,
        "role": ROLE_NAMES[digest.recipient_role],
        "counts": counts_sentence(digest.counts, digest.at) if digest.counts else "",
        "counted": "của đơn vị" if digest.recipient_role in OF_A_UNIT else "của các đơn vị",
        "above": digest.recipient_role not in OF_A_UNIT,
        "at": instant_text(digest.at),
    }
    return MailContent(subject, _draw("digest/body.txt", **facts), _draw("digest/body.html", **facts))


def render_rollup_mail(mail: RollupMail) -> MailContent:
    """The covering letter that goes with the report's files, with the hashes that let the recipient check them."""
    mail = _one_line(replace(mail, files=tuple(_one_line(file) for file in mail.files)))
    title = f"Báo cáo bổ sung lần {mail.supplement}" if mail.supplement else "Báo cáo tổng hợp"
    mark = _REHEARSAL if mail.rehearsal else ""
    subject = clip(mark + _draw("cover/subject.txt", mail=mail, title=title), SUBJECT_LIMIT)
    facts = {
        "mail": mail,
        "title": title,
        "subject": subject,
        "signed": day_text(mail.signed_at.astimezone(VIETNAM)) if mail.signed_at else "",
        "at": instant_text(mail.at),
    }
    return MailContent(subject, _draw("cover/body.txt", **facts), _draw("cover/body.html", **facts))


def render_zalo(digest: Digest) -> dict[str, str]:
    """`template_data` of a Zalo template message; every value within its limit. The mail has the whole.

    `ten` and `don_vi` name the recipient, `noi_dung` sums up, `so_viec` counts, `han` and `ma` are of the most urgent.
    """
    if not digest.items:
        raise ValueError("a digest without items is not sent")
    first = _sorted(digest.items)[0]
    short, total = _short(first), len(digest.items) + digest.more
    values = {
        "ten": digest.recipient_name,
        "don_vi": digest.unit_name,
        "noi_dung": f"{total} việc, gấp nhất: {short}" if total > 1 else f"1 việc: {short}",
        "so_viec": str(total),
        "han": _short_due(first),
        "ma": first.reference,
    }
    return {name: clip(value, ZALO_LIMIT) for name, value in values.items()}


def _short_due(item: DigestItem) -> str:
    """The deadline in the plan's words where they fit, else the last instant in time; its day is never cut off."""
    if item.due_text and len(item.due_text) <= ZALO_LIMIT:
        return item.due_text
    return deadline_text(item.due_at) if item.due_at else "không"


_SHORT = {
    NoticeKind.ASSIGNED: "giao việc",
    NoticeKind.ASSIGNED_COORDINATING: "phối hợp",
    NoticeKind.ASSIGNED_AGAIN: "tiếp nhận",
    NoticeKind.GUIDANCE: "hướng dẫn",
    NoticeKind.OPENED: "mở kỳ",
    NoticeKind.REMINDER: "còn {n} ngày",
    NoticeKind.DUE: "hôm nay",
    NoticeKind.OVERDUE: "quá hạn {n}",
    NoticeKind.OVERDUE_WEEKLY: "quá hạn {n}",
    NoticeKind.LETTER_DRAFTED: "công văn",
    NoticeKind.RECEIVED: "cần duyệt",
    NoticeKind.RETURNED: "bị trả lại",
    NoticeKind.ACCEPTED: "đã nhận",
    NoticeKind.RESULT: "có kết quả",
    NoticeKind.EXTENSION_REQUESTED: "xin gia hạn",
    NoticeKind.EXTENSION_GRANTED: "được hạn",
    NoticeKind.EXTENSION_REFUSED: "không hạn",
    NoticeKind.DEADLINE_CHANGED: "đổi hạn",
    NoticeKind.ROUND_WITHDRAWN: "bỏ kỳ",
    NoticeKind.TASK_REASSIGNED: "thôi giao",
    NoticeKind.TASK_WITHDRAWN: "rút việc",
    NoticeKind.TASK_SUSPENDED: "tạm dừng",
    NoticeKind.TASK_RESUMED: "tiếp tục",
    NoticeKind.HAND_BACK_REQUESTED: "trả lại",
    NoticeKind.HAND_BACK_REFUSED: "vẫn giao",
    NoticeKind.UNREACHABLE: "mất đầu mối",
    NoticeKind.CONTACT_BOUNCED: "thư bị trả",
    NoticeKind.ROLLUP_COMPILED: "chờ ký",
    NoticeKind.ROLLUP_REMINDER: "ký, {n} ngày",
    NoticeKind.ROLLUP_OVERDUE: "quá hạn {n}",
    NoticeKind.ROLLUP_SENT: "đã gửi",
    NoticeKind.ROLLUP: "báo cáo",
}


def _short(item: DigestItem) -> str:
    days = rung_days(item.rung) if item.days is None else item.days
    if days is None and "{n}" in _SHORT[item.kind]:
        return clip(heading(item.kind, item.rung).lower(), 11)
    return _SHORT[item.kind].format(n=days)


def _sorted(items: tuple[DigestItem, ...]) -> list[DigestItem]:
    return sorted(
        items, key=lambda i: (urgency(i.kind, i.rung, i.days), i.plan_title, i.task_ordinal or 0, i.unit_name)
    )


def _groups(items: tuple[DigestItem, ...]) -> list[_Group]:
    groups: dict[str, _Group] = {}
    for item in items:
        title = heading(item.kind, item.rung, item.days)
        entries = groups.setdefault(title, _Group(title, [])).entries
        entries.append(_Entry(item, "" if item.task_ordinal is None else task_label(item.task_ordinal)))
    return list(groups.values())


def _subject(digest: Digest, groups: list[_Group]) -> str:
    first = groups[0].entries[0].item
    facts: dict[str, Any] = {"heading": groups[0].heading, "label": groups[0].entries[0].label, "item": first}
    others = len(digest.items) + digest.more - len(groups[0].entries)
    name = "digest" if others + len(groups[0].entries) > 1 else str(first.kind)
    text = _draw(f"{name}/subject.txt", digest=digest, groups=groups, others=others, **facts)
    return clip((_REHEARSAL if digest.rehearsal else "") + text, SUBJECT_LIMIT)


def _one_line(record: _T) -> _T:
    """Every text of the record cleaned, so that nothing pasted into it can look like a line of the mail."""
    values = ((field.name, getattr(record, field.name)) for field in fields(record))
    texts: dict[str, Any] = {name: clean(value) for name, value in values if type(value) is str}
    return replace(record, **texts)


def _draw(name: str, **facts: Any) -> str:
    return _environment().get_template(name).render(**facts).strip("\n")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["lcfirst"] = lambda text: text[:1].lower() + text[1:]
    return environment
