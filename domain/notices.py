"""What people are told: roles, kinds of notice with their headings, the digest that carries them, shared wording."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.reporting import FourCounts
from domain.workdays import VIETNAM


class Role(StrEnum):
    """In which capacity somebody is told."""

    OFFICER = "officer"
    HEAD = "head"
    COORDINATOR = "coordinator"
    SIGNER = "signer"
    LEADER = "leader"
    ADMIN = "admin"
    RECIPIENT = "recipient"


ROLE_NAMES = {
    Role.OFFICER: "cán bộ đầu mối",
    Role.HEAD: "thủ trưởng đơn vị",
    Role.COORDINATOR: "cán bộ tổng hợp",
    Role.SIGNER: "người ký báo cáo",
    Role.LEADER: "lãnh đạo phụ trách",
    Role.ADMIN: "quản trị hệ thống",
    Role.RECIPIENT: "nơi nhận báo cáo",
}


class NoticeKind(StrEnum):
    """What a notice is about. The value names its folder of templates."""

    ASSIGNED = "assigned"
    ASSIGNED_COORDINATING = "assigned_coordinating"
    ASSIGNED_AGAIN = "assigned_again"
    GUIDANCE = "guidance"
    OPENED = "opened"
    REMINDER = "reminder"
    DUE = "due"
    OVERDUE = "overdue"
    OVERDUE_WEEKLY = "overdue_weekly"
    LETTER_DRAFTED = "letter_drafted"
    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    RESULT = "result"
    EXTENSION_REQUESTED = "extension_requested"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    DEADLINE_CHANGED = "deadline_changed"
    ROUND_WITHDRAWN = "round_withdrawn"
    TASK_REASSIGNED = "task_reassigned"
    TASK_WITHDRAWN = "task_withdrawn"
    TASK_SUSPENDED = "task_suspended"
    TASK_RESUMED = "task_resumed"
    HAND_BACK_REQUESTED = "hand_back_requested"
    HAND_BACK_REFUSED = "hand_back_refused"
    UNREACHABLE = "unreachable"
    CONTACT_BOUNCED = "contact_bounced"
    ROLLUP_COMPILED = "rollup_compiled"
    ROLLUP_REMINDER = "rollup_reminder"
    ROLLUP_OVERDUE = "rollup_overdue"
    ROLLUP_SENT = "rollup_sent"
    ROLLUP = "rollup"


_DAYS = " {n} ngày làm việc"

HEADINGS = {
    NoticeKind.ASSIGNED: "Giao nhiệm vụ chủ trì",
    NoticeKind.ASSIGNED_COORDINATING: "Giao nhiệm vụ phối hợp",
    NoticeKind.ASSIGNED_AGAIN: "Nhắc tiếp nhận nhiệm vụ được giao",
    NoticeKind.GUIDANCE: "Đã có hướng dẫn",
    NoticeKind.OPENED: "Mở kỳ báo cáo",
    NoticeKind.REMINDER: "Nhắc trước hạn" + _DAYS,
    NoticeKind.DUE: "Hôm nay đến hạn báo cáo",
    NoticeKind.OVERDUE: "Báo cáo quá hạn" + _DAYS,
    NoticeKind.OVERDUE_WEEKLY: "Báo cáo vẫn quá hạn",
    NoticeKind.LETTER_DRAFTED: "Dự thảo công văn đôn đốc chờ ký",
    NoticeKind.RECEIVED: "Có báo cáo mới cần xem xét",
    NoticeKind.RETURNED: "Báo cáo bị trả lại để bổ sung",
    NoticeKind.ACCEPTED: "Báo cáo đã được tiếp nhận",
    NoticeKind.RESULT: "Kết quả thực hiện nhiệm vụ phối hợp",
    NoticeKind.EXTENSION_REQUESTED: "Có đề nghị gia hạn cần quyết định",
    NoticeKind.EXTENSION_GRANTED: "Đề nghị gia hạn được chấp thuận",
    NoticeKind.EXTENSION_REFUSED: "Đề nghị gia hạn không được chấp thuận",
    NoticeKind.DEADLINE_CHANGED: "Hạn báo cáo thay đổi",
    NoticeKind.ROUND_WITHDRAWN: "Kỳ báo cáo không còn trong kế hoạch",
    NoticeKind.TASK_REASSIGNED: "Thay đổi đơn vị thực hiện nhiệm vụ",
    NoticeKind.TASK_WITHDRAWN: "Nhiệm vụ được rút khỏi kế hoạch",
    NoticeKind.TASK_SUSPENDED: "Nhiệm vụ tạm dừng",
    NoticeKind.TASK_RESUMED: "Nhiệm vụ được tiếp tục",
    NoticeKind.HAND_BACK_REQUESTED: "Có đề nghị trả lại nhiệm vụ cần quyết định",
    NoticeKind.HAND_BACK_REFUSED: "Đề nghị trả lại nhiệm vụ không được chấp thuận",
    NoticeKind.CONTACT_BOUNCED: "Địa chỉ liên hệ không nhận được thông báo",
    NoticeKind.UNREACHABLE: "Đơn vị không có đầu mối liên hệ được",
    NoticeKind.ROLLUP_COMPILED: "Báo cáo tổng hợp chờ ký",
    NoticeKind.ROLLUP_REMINDER: "Nhắc ký báo cáo tổng hợp trước hạn" + _DAYS,
    NoticeKind.ROLLUP_OVERDUE: "Báo cáo tổng hợp quá hạn" + _DAYS,
    NoticeKind.ROLLUP_SENT: "Báo cáo tổng hợp đã gửi",
    NoticeKind.ROLLUP: "Báo cáo tổng hợp",
}

# What has to be done soonest comes first in a digest and gives the subject line.
_URGENCY = (
    NoticeKind.ROLLUP_OVERDUE,
    NoticeKind.OVERDUE,
    NoticeKind.DUE,
    NoticeKind.LETTER_DRAFTED,
    NoticeKind.RETURNED,
    NoticeKind.EXTENSION_REFUSED,
    NoticeKind.HAND_BACK_REFUSED,
    NoticeKind.ROLLUP_REMINDER,
    NoticeKind.DEADLINE_CHANGED,
    NoticeKind.REMINDER,
    NoticeKind.ROLLUP_COMPILED,
    NoticeKind.UNREACHABLE,
    NoticeKind.CONTACT_BOUNCED,
    NoticeKind.RECEIVED,
    NoticeKind.EXTENSION_REQUESTED,
    NoticeKind.HAND_BACK_REQUESTED,
    NoticeKind.EXTENSION_GRANTED,
    NoticeKind.GUIDANCE,
    NoticeKind.OPENED,
    NoticeKind.ASSIGNED_AGAIN,
    NoticeKind.ASSIGNED,
    NoticeKind.ASSIGNED_COORDINATING,
    NoticeKind.TASK_SUSPENDED,
    NoticeKind.TASK_RESUMED,
    NoticeKind.TASK_WITHDRAWN,
    NoticeKind.TASK_REASSIGNED,
    NoticeKind.ROUND_WITHDRAWN,
    NoticeKind.ACCEPTED,
    NoticeKind.RESULT,
    NoticeKind.ROLLUP_SENT,
    NoticeKind.OVERDUE_WEEKLY,
    NoticeKind.ROLLUP,
)
URGENT = frozenset({NoticeKind.DUE, NoticeKind.OVERDUE, NoticeKind.ROLLUP_OVERDUE, NoticeKind.UNREACHABLE})
"""What does not wait for the window in which a digest gathers; the quiet hours hold for these too."""
OPTIONAL = frozenset(
    {
        NoticeKind.REMINDER,
        NoticeKind.RECEIVED,
        NoticeKind.ACCEPTED,
        NoticeKind.RESULT,
        NoticeKind.ROLLUP_SENT,
        NoticeKind.OVERDUE_WEEKLY,
    }
)
"""What a person may keep out of their mail (it stays in the inbox); never duties, deadlines, lateness, decisions."""
COUNTING = frozenset(
    {
        NoticeKind.REMINDER,
        NoticeKind.OVERDUE,
        NoticeKind.OVERDUE_WEEKLY,
        NoticeKind.ROLLUP_REMINDER,
        NoticeKind.ROLLUP_OVERDUE,
    }
)
"""What tells how many working days are left, or how many it is late."""
_LATE_KINDS = (NoticeKind.OVERDUE, NoticeKind.ROLLUP_OVERDUE, NoticeKind.OVERDUE_WEEKLY)


def rung_days(rung: str) -> int | None:
    """The number of working days in a rung such as "before-30" or "overdue-1"; None where it has none."""
    found = re.search(r"-(\d+)$", rung)
    return int(found.group(1)) if found else None


def heading(kind: NoticeKind, rung: str, days: int | None = None) -> str:
    """The Vietnamese heading, with working days where the kind counts them: the given ones, else those of the rung."""
    days = rung_days(rung) if days is None else days
    if days == 0 and kind is NoticeKind.REMINDER:
        return HEADINGS[NoticeKind.DUE]
    if days is None:
        return HEADINGS[kind].removesuffix(_DAYS)
    return HEADINGS[kind].format(n=days)


def urgency(kind: NoticeKind, rung: str, days: int | None = None) -> tuple[int, int]:
    """A sort key, most urgent first: later is worse when overdue, sooner when still to come."""
    days = (rung_days(rung) if days is None else days) or 0
    return _URGENCY.index(kind), -days if kind in _LATE_KINDS else days


@dataclass(frozen=True)
class DigestItem:
    """One thing the recipient is told. `reference` is what is quoted on the phone: plan code / ordinal / round label.

    `due_text` holds the plan's words ("trước ngày 30/11/2024"), `due_at` the instant, `detail` a reason or a decision.
    `task_ordinal` is None for what is about no task. `days` are the working days left or late when the digest was
    gathered, None where its kind does not count them; from `acknowledge_link` the task can be acknowledged without
    signing in.
    """

    kind: NoticeKind
    rung: str
    reference: str
    task_ordinal: int | None
    task_title: str
    plan_title: str
    round_label: str
    unit_name: str
    due_text: str
    due_at: datetime | None
    detail: str
    link: str
    days: int | None = None
    acknowledge_link: str = ""


@dataclass(frozen=True)
class Digest:
    """Everything one person is told in one message. `counts` are of the recipient's obligations at `at` (aware).

    `more` things are told by their number only: a message of thousands is read by nobody.
    """

    recipient_name: str
    recipient_role: Role
    unit_name: str
    authority_name: str
    sender_name: str
    rehearsal: bool
    at: datetime
    counts: FourCounts | None
    items: tuple[DigestItem, ...]
    inbox_link: str
    more: int = 0


def clean(text: str) -> str:
    """NFC, without control characters, in one line: what people paste must not break a form or a mail."""
    flat = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]", " ", unicodedata.normalize("NFC", text))
    return " ".join(flat.split())


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, ending in "…" where something was cut."""
    text = clean(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip(" ,;:/-") + "…"


def day_text(day: date) -> str:
    """05/12/2024: the day always in two digits, the month so for 1 and 2 only (NĐ 30/2020, Phụ lục I)."""
    return f"{day.day:02d}/{_month(day.month)}/{day.year}"


def long_date(day: date) -> str:
    """ngày 05 tháng 12 năm 2024, as in the head of a document."""
    return f"ngày {day.day:02d} tháng {_month(day.month)} năm {day.year}"


def instant_text(at: datetime) -> str:
    """08:00 ngày 20/11/2024, in Vietnamese time."""
    local = at.astimezone(VIETNAM)
    return f"{local:%H:%M} ngày {day_text(local)}"


def deadline_text(at: datetime) -> str:
    """hết ngày 29/11/2024 for the midnight that ends it; any other instant with its hour."""
    local = at.astimezone(VIETNAM)
    if (local.hour, local.minute) == (0, 0):
        return f"hết ngày {day_text(local - timedelta(days=1))}"
    return instant_text(at)


def counts_sentence(counts: FourCounts, at: datetime) -> str:
    """The four counts with their instant, in the one wording that screens and mails share."""
    return (
        f"Tính đến {instant_text(at)}: hoàn thành đúng hạn {counts.done_on_time}, quá hạn {counts.done_late}; "
        f"đang thực hiện trong hạn {counts.open_in_term}, quá hạn {counts.open_overdue}."
    )


def _month(month: int) -> str:
    return f"{month:02d}" if month < 3 else str(month)
