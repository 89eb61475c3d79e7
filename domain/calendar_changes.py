"""Changes of the working days, and everything of a realm that hangs on them, as it is and as it would be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.deadlines import Due, RoundDates
from domain.errors import Refusal
from domain.notices import day_text, deadline_text
from domain.policy import Policy
from domain.timing import TimingRule
from domain.workdays import WorkCalendar


@dataclass(frozen=True)
class DayEdit:
    """A day as it is to be: worked on, a day off, or (`working` None) as its weekday says. `name` is why."""

    day: date
    working: bool | None
    name: str = ""

    @property
    def works(self) -> bool:
        """Whether people work on it then."""
        return self.day.weekday() < 5 if self.working is None else self.working


def edited(calendar: WorkCalendar, edits: Iterable[DayEdit]) -> WorkCalendar:
    """The calendar with these days changed, under the version that it had."""
    given = {edit.day: edit.working for edit in edits}
    off = {day for day, working in given.items() if working is False}
    working = {day for day, working in given.items() if working}
    return WorkCalendar((calendar.off - given.keys()) | off, (calendar.working - given.keys()) | working,
                        calendar.version)  # fmt: skip


def check_day(calendar: WorkCalendar, day: date, working: bool, today: date, last_year: int) -> None:
    """Raises `Refusal` for a day that is past, beyond the years of the calendar, or as it is asked to be already."""
    if day < today:
        words = (
            f"Ngày {day_text(day)} đã qua; ngày đã qua không đổi được nữa, vì đã dùng để tính hạn. Hãy chọn ngày khác."
        )
        raise Refusal("calendar-day-past", words)
    if day.year > last_year:
        words = f"Lịch mới có đến hết năm {last_year}; hãy chạy `dondoc calendar KHÔNG-GIAN refresh` để bổ sung năm."
        raise Refusal("calendar-day-beyond", words)
    if calendar.is_workday(day) == working:
        words = f"Ngày {day_text(day)} đã là {day_words(working)}; không có gì để đổi."
        raise Refusal("calendar-day-same", words)


def day_words(working: bool) -> str:
    """What a day is, in words."""
    return "ngày làm việc" if working else "ngày nghỉ"


@dataclass(frozen=True)
class RunningPlan:
    """An active plan, as far as its instants come from it; `units_before` and `lead_before` are its regimes."""

    id: int
    slug: str
    title: str
    policy: Policy
    units_before: str
    lead_before: str


@dataclass(frozen=True)
class OpenDeadline:
    """Open obligations of one round that share a rule and its instants; none of them suspended.

    `units` are the names beside `obligations`. `raised` has the rungs behind each that still climbs the ladder:
    an answered one does not. `stands_for` is the label of the planned round, empty where somebody asked for it.
    """

    plan: RunningPlan
    round: int
    task: int
    ordinal: int
    label: str
    stands_for: str
    due_text: str
    rule: str
    due: Due
    late_at: datetime
    obligations: tuple[int, ...]
    units: tuple[str, ...]
    raised: tuple[int, ...]


@dataclass(frozen=True)
class OpenTask:
    """A task that has rounds to come; `known` are the labels of those it has opened. `guidance` is its date."""

    id: int
    plan: RunningPlan
    rules: tuple[TimingRule, ...]
    since: datetime
    guidance: date | None
    known: frozenset[str]


@dataclass(frozen=True)
class OpenRollup:
    """A rollup that is not compiled yet."""

    id: int
    plan: RunningPlan
    period: str
    period_from: date
    cutoff: date
    compile_at: datetime
    due: Due
    late_at: datetime


@dataclass(frozen=True)
class MovedDeadline:
    """Obligations with the rule and instants that the change would give them; `dates` are those of a planned round."""

    was: OpenDeadline
    rule: str
    due: Due
    late_at: datetime
    due_text: str
    dates: RoundDates | None = None

    @property
    def felt(self) -> bool:
        """Whether anybody's last day is another: a reading that does not count is not told."""
        return (self.was.due.strict, self.was.late_at) != (self.due.strict, self.late_at)

    def words(self) -> str:
        """From when to when, in words: the instant from which it is late, else the last working day for sending."""
        if self.was.late_at != self.late_at:
            return from_to("Hạn báo cáo", self.was.late_at, self.late_at)
        return from_to("Ngày làm việc cuối cùng để gửi báo cáo", self.was.due.strict, self.due.strict)


def from_to(what: str, was: datetime, becomes: datetime) -> str:
    """What moves from when to when."""
    return f"{what} đổi từ {deadline_text(was)} thành {deadline_text(becomes)}"


@dataclass(frozen=True)
class MovedRollup:
    """A rollup with its new dates; `running` since its period has begun."""

    was: OpenRollup
    dates: RoundDates
    late_at: datetime
    running: bool

    @property
    def felt(self) -> bool:
        """Whether it is due on another day, and not only compiled or cut off on one."""
        return (self.was.due.strict, self.was.late_at) != (self.dates.due.strict, self.late_at)

    @property
    def told(self) -> bool:
        """Whether anybody sees a difference: the cut-off alone follows that of the units' reports in silence."""
        return self.felt or self.was.compile_at != self.dates.opens_at

    def words(self) -> str:
        """What moves most: when it is late, by when it is sent, when it is compiled."""
        if self.was.late_at != self.late_at:
            return from_to("Hạn báo cáo tổng hợp", self.was.late_at, self.late_at)
        if self.felt:
            what = "Ngày làm việc cuối cùng để gửi báo cáo tổng hợp"
            return from_to(what, self.was.due.strict, self.dates.due.strict)
        return from_to("Thời điểm tổng hợp báo cáo", self.was.compile_at, self.dates.opens_at)


@dataclass(frozen=True)
class Running:
    """Everything of a realm whose instants come from its calendar."""

    deadlines: tuple[OpenDeadline, ...] = ()
    tasks: tuple[OpenTask, ...] = ()
    rollups: tuple[OpenRollup, ...] = ()


@dataclass(frozen=True)
class Reach:
    """How far a change of the calendar goes.

    `rungs` counts reminders of deadlines that stay; `rounds` are the keys of rounds that wake at another instant,
    `ahead` how many unopened rounds of each task have other dates. `renamed` are rounds by their day, a counted term's
    last one, which is another: (task, label that they stand for, label that they will stand for).
    """

    deadlines: tuple[MovedDeadline, ...] = ()
    rollups: tuple[MovedRollup, ...] = ()
    rungs: int = 0
    rounds: frozenset[int] = frozenset()
    ahead: dict[int, int] = field(default_factory=dict)
    renamed: tuple[tuple[int, str, str], ...] = ()

    @property
    def felt(self) -> tuple[MovedDeadline, ...]:
        """The deadlines whose last day is another."""
        return tuple(each for each in self.deadlines if each.felt)

    @property
    def obligations(self) -> int:
        """How many obligations would be due on another day."""
        return sum(len(each.was.obligations) for each in self.felt)

    @property
    def running_rollups(self) -> tuple[MovedRollup, ...]:
        """Those whose period has begun and that are due on another day."""
        return tuple(each for each in self.rollups if each.running and each.felt)

    @property
    def moves(self) -> int:
        """How many running deadlines move: what has to be confirmed."""
        return self.obligations + len(self.running_rollups)
