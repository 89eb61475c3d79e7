"""Watching over the system itself: what counts as too late, what an audit looks for, and how a finding is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.workdays import at_hour, local_date

WAKE_LATE = timedelta(minutes=5)
"""A workflow that has slept through its hour by so long does not move."""
NOTICE_LATE = timedelta(minutes=15)
"""A notice whose sending hour has been over for so long should have left."""
DELIVERY_LATE = timedelta(minutes=30)
"""A digest that has been handed out for so long and was not taken by any server: nobody is told anything."""
FACT_LATE = timedelta(minutes=10)
"""A fact that nobody has taken in for so long was not heard."""
AUDIT_WITHIN = timedelta(hours=26)
"""A live realm is looked over every day; two hours more than that is too long ago."""

AUDIT_AT = time(6)
"""When on each day a live realm is looked over: before anybody works, and before the first sending hour."""

RELAY = "_relay"
"""Under this name an audit keeps what the relay had counted by then, among the defects that it found."""
DEFECTS = {
    "rungs-behind": "nghĩa vụ báo cáo chưa được nhắc hoặc đôn đốc dù đã đến nấc",
    "rungs-unsaid": "nấc nhắc, đôn đốc đã ghi là xong nhưng thiếu thông báo",
    "rounds-unseen": "nghĩa vụ báo cáo có thay đổi mà kỳ báo cáo chưa xử lý",
    "acknowledgements-behind": "nhiệm vụ chưa được nhắc tiếp nhận dù đã đến nấc",
    "rollups-behind": "báo cáo tổng hợp chưa được nhắc ký dù đã đến nấc",
    "notices-waiting": "thông báo quá giờ gửi mà chưa gửi",
    "notices-adrift": "thông báo ghi là đang gửi nhưng không có lượt gửi nào",
    "notices-reachable": "thông báo trước đây không gửi được, nay đã có địa chỉ hoặc kênh",
    "deliveries-stalled": "lượt gửi đứng yên quá một giờ",
    "facts-unheard": "việc đã ghi sổ nhưng quy trình chưa được báo",
    "facts-orphaned": "việc đã ghi sổ nhưng không có quy trình nào nhận",
    "workflows-silent": "quy trình đang mở nhưng không chạy",
    "workflows-missing": "việc đang mở nhưng chưa có quy trình",
    "workflows-closed": "việc đang mở nhưng quy trình đã đóng",
    "rounds-closed-early": "kỳ báo cáo đã đóng khi còn nghĩa vụ chưa hoàn thành",
    "tasks-closed-early": "nhiệm vụ đã đóng khi còn kỳ báo cáo đang mở",
    "plans-closed-early": "kế hoạch đã đóng khi còn nhiệm vụ đang mở",
}
"""Every defect that an audit looks for, as people read it."""


def next_audit(now: datetime) -> datetime:
    """The next 06:00 in Việt Nam after `now`."""
    at = at_hour(local_date(now), AUDIT_AT)
    return at if at > now else at_hour(local_date(now) + timedelta(days=1), AUDIT_AT)


class Level(StrEnum):
    """How a part is doing."""

    GOOD = "good"
    LOOK = "look"
    BROKEN = "broken"


LEVEL_WORDS = {Level.GOOD: "tốt", Level.LOOK: "cần xem", Level.BROKEN: "hỏng"}


@dataclass(frozen=True)
class Checkup:
    """How one part is doing: `part` in a word or two, a sentence of what was seen, and what to do about it if anything.

    `code` is stable, for machines. No field ever holds a secret.
    """

    code: str
    part: str
    level: Level
    sentence: str
    remedy: str = ""


def worst(checkups: Iterable[Checkup]) -> Level:
    """The worst of these levels."""
    return max((each.level for each in checkups), key=list(Level).index, default=Level.GOOD)
