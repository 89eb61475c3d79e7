"""The policy of a plan: data stored with it and changed without touching code. Defaults are ours, not the law's."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from domain.deadlines import WORK_BEGINS, Due, Lateness
from domain.notices import URGENT, NoticeKind, Role
from domain.workdays import VIETNAM, WorkCalendar, at_hour, last_day_of, local_date


class Anchor(StrEnum):
    """What a rung's working days are counted from: a due instant, or when somebody was told of their task."""

    STRICT = "strict"
    LATE = "late"
    TOLD = "told"


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder: `workdays` before (negative) or after its anchor, whom it tells, when work begins."""

    name: str
    kind: NoticeKind
    workdays: int
    anchor: Anchor
    roles: tuple[Role, ...]

    def at(self, due: Due, lateness: Lateness, calendar: WorkCalendar, begins: time = WORK_BEGINS) -> datetime:
        """The instant of this rung for one obligation; never on a day off, and up to the due instant never after it."""
        if self.anchor is Anchor.LATE:
            day = last_day_of(due.late(lateness))
        else:
            day = last_day_of(due.strict)
            if at_hour(day, begins) >= due.strict:  # due before the day's work begins
                day = calendar.last_before(day)
        if self.workdays:
            day = calendar.shift(day, self.workdays)
        elif not calendar.is_workday(day):  # a "literal" reading may end on a Sunday
            day = calendar.last_before(day)
        return at_hour(day, begins)

    def after(self, told: datetime, calendar: WorkCalendar, begins: time = WORK_BEGINS, rested: int = 0) -> datetime:
        """The instant of this rung for one who was told of a task then; that day itself is not counted.

        `rested` are working days since then that do not count, since the task rested.
        """
        return at_hour(calendar.shift(local_date(told), self.workdays + rested), begins)


_WITH_HEAD = (Role.OFFICER, Role.HEAD)
DEFAULT_LADDER = (
    Rung("before-30", NoticeKind.REMINDER, -30, Anchor.STRICT, (Role.OFFICER,)),
    Rung("before-7", NoticeKind.REMINDER, -7, Anchor.STRICT, (Role.OFFICER,)),
    Rung("before-1", NoticeKind.REMINDER, -1, Anchor.STRICT, (Role.OFFICER,)),
    Rung("due", NoticeKind.DUE, 0, Anchor.STRICT, (Role.OFFICER,)),
    Rung("overdue-1", NoticeKind.OVERDUE, 1, Anchor.LATE, _WITH_HEAD),
    Rung("overdue-3", NoticeKind.OVERDUE, 3, Anchor.LATE, (*_WITH_HEAD, Role.COORDINATOR)),
    Rung("overdue-7", NoticeKind.OVERDUE, 7, Anchor.LATE, (*_WITH_HEAD, Role.COORDINATOR, Role.LEADER)),
)
WEEKLY = Rung("weekly", NoticeKind.OVERDUE_WEEKLY, 5, Anchor.LATE, (*_WITH_HEAD, Role.COORDINATOR))
"""Said again every so many working days after the last rung, for as long as nothing comes."""
ACKNOWLEDGE_LADDER = (
    Rung("acknowledge-3", NoticeKind.ASSIGNED_AGAIN, 3, Anchor.TOLD, (Role.OFFICER,)),
    Rung("acknowledge-6", NoticeKind.ASSIGNED_AGAIN, 6, Anchor.TOLD, _WITH_HEAD),
)
ROLLUP_LADDER = (
    Rung("before-1", NoticeKind.ROLLUP_REMINDER, -1, Anchor.STRICT, (Role.SIGNER,)),
    Rung("due", NoticeKind.ROLLUP_REMINDER, 0, Anchor.STRICT, (Role.SIGNER, Role.COORDINATOR)),
    Rung("overdue-1", NoticeKind.ROLLUP_OVERDUE, 1, Anchor.LATE, (Role.SIGNER, Role.COORDINATOR, Role.LEADER)),
)


OPENS = {"half_yearly": 30, "quarterly": 15, "monthly": 8, "weekly": 3}
SETTLE_SECONDS = 2
"""What is urgent waits only until the others of the same instant have been raised too."""


@dataclass(frozen=True)
class Policy:
    """Everything about timing and fairness that an authority decides for itself."""

    lateness: Lateness = Lateness.LITERAL
    opens_workdays: int = 45
    """A yearly round or a milestone opens so many working days before the last working day for sending."""
    opens: dict[str, int] = field(default_factory=lambda: dict(OPENS))
    """The same for the shorter rhythms."""
    return_workdays: int = 5
    """A report received in time, returned, and corrected within so many working days, still counts as in time."""
    extensions: int = 1
    """How many extensions may be granted for one obligation."""
    transfer_workdays: int = 5
    """Who is given a task when its report is nearly due, or overdue, has at least so many working days for it."""
    compile_workdays: int = 2
    """The rollup is compiled so many working days before the lead agency's last working day for sending."""
    coalesce_minutes: int = 10
    """Notices raised within this window travel in one digest; what is due today or overdue does not wait for it."""
    work_begins: str = WORK_BEGINS.isoformat("minutes")
    """When on its day a rung is raised."""
    sending_from: str = "07:00"
    sending_to: str = "20:00"
    ladder: tuple[Rung, ...] = DEFAULT_LADDER
    weekly: Rung | None = WEEKLY
    acknowledge_ladder: tuple[Rung, ...] = ACKNOWLEDGE_LADDER
    letter_rung: str = "overdue-7"
    """From this rung on a letter to the unit is drafted for the leadership to sign; no rung's name: never."""
    rollup_ladder: tuple[Rung, ...] = ROLLUP_LADDER
    notation: str = "BC-STTTT"
    """The notation after the number of the lead agency's reports."""
    first_year: int = 2024
    last_year: int = 2030

    def climbing(self, rungs: tuple[Rung, ...], calendar: WorkCalendar, repeat: Rung | None = None) -> Ladder:
        """A ladder of these rungs under this policy, its end repeated where `repeat` says how."""
        return Ladder(rungs, self.lateness, calendar, time.fromisoformat(self.work_begins), repeat)

    def send_at(self, raised: datetime, kind: NoticeKind) -> datetime:
        """When a notice raised at this instant may leave: after the window unless urgent, within the sending hours."""
        window = timedelta(seconds=SETTLE_SECONDS) if kind in URGENT else timedelta(minutes=self.coalesce_minutes)
        at = (raised + window).astimezone(VIETNAM)
        begin, end = time.fromisoformat(self.sending_from), time.fromisoformat(self.sending_to)
        if at.time() < begin:
            return at_hour(at.date(), begin)
        if at.time() >= end:
            return at_hour(at.date() + timedelta(days=1), begin)
        return at

    def to_json(self) -> dict[str, Any]:
        """As stored with the plan."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Policy:
        """Read what `to_json` wrote; keys unknown here raise TypeError, missing ones take the default.

        Raises ValueError for what no step could work with.
        """
        given = dict(data)
        given["lateness"] = Lateness(given.get("lateness", Lateness.LITERAL))
        for name in ("ladder", "acknowledge_ladder", "rollup_ladder"):
            if name in given:
                given[name] = tuple(_rung(r) for r in given[name])
        if given.get("weekly") is not None:
            given["weekly"] = _rung(given["weekly"])
        elif any(rung.name == WEEKLY.name for rung in given.get("ladder", ())):
            given.setdefault("weekly", None)  # a ladder from before there was one has a rung of its own for it
        return _sound(cls(**given))


def _rung(data: dict[str, Any]) -> Rung:
    return Rung(
        name=data["name"],
        kind=NoticeKind(data["kind"]),
        workdays=data["workdays"],
        anchor=Anchor(data["anchor"]),
        roles=tuple(Role(r) for r in data["roles"]),
    )


_MOST_DAYS = 1000
_YEARS = range(2000, 2101)


def _sound(policy: Policy) -> Policy:
    begin, end, _ = (time.fromisoformat(h) for h in (policy.sending_from, policy.sending_to, policy.work_begins))
    if begin >= end:
        raise ValueError("sending_from must be earlier than sending_to")
    counted = (policy.opens_workdays, *policy.opens.values(), policy.return_workdays, policy.extensions,
               policy.transfer_workdays, policy.compile_workdays)  # fmt: skip
    if not all(type(n) is int and 0 <= n <= _MOST_DAYS for n in (*counted, policy.coalesce_minutes)):
        raise ValueError(f"days, minutes and extensions are whole numbers from 0 to {_MOST_DAYS}")
    if not (policy.first_year in _YEARS and policy.last_year in range(policy.first_year, _YEARS.stop)):
        raise ValueError("first_year must not be later than last_year, both between 2000 and 2100")
    if policy.opens.keys() - OPENS.keys():
        raise ValueError(f"opens has the keys {', '.join(OPENS)}")
    repeated = () if policy.weekly is None else (policy.weekly,)
    for rungs in ((*policy.ladder, *repeated), policy.acknowledge_ladder, policy.rollup_ladder):
        if len({rung.name for rung in rungs}) < len(rungs):
            raise ValueError("two rungs of a ladder have one name")
        if not all(type(rung.workdays) is int and abs(rung.workdays) <= _MOST_DAYS for rung in rungs):
            raise ValueError(f"a rung's workdays are a whole number up to {_MOST_DAYS}")
    if any(rung.workdays < 1 for rung in (*repeated, *policy.acknowledge_ladder)):
        raise ValueError("what is repeated, or counted from an assignment, has at least one working day")
    return policy


@dataclass(frozen=True)
class Standing:
    """Where an obligation stands on its ladder at an instant. `occurrence` is 0 for a rung, from 1 for its repeats."""

    due_rung: Rung | None
    """The highest rung due by now and above the last raised one; lower ones, and repeats of it, that were slept through
    are dropped."""
    occurrence: int
    reached: int
    """How many rungs and repeats are behind once that is raised."""
    next_rung: Rung | None
    next_at: datetime | None


@dataclass
class Ladder:
    """Rungs of one plan, with the instants of each distinct due remembered: a round's obligations mostly share one."""

    rungs: tuple[Rung, ...]
    lateness: Lateness
    calendar: WorkCalendar
    begins: time = WORK_BEGINS
    repeat: Rung | None = None
    """Raised again every `workdays` after the last rung, without end."""
    _instants: dict[Due, list[datetime]] = field(default_factory=dict)

    def instants(self, due: Due) -> list[datetime]:
        """The instant of each rung, in the order of the rungs; repeats follow as far as they were asked for."""
        if due not in self._instants:
            self._instants[due] = [rung.at(due, self.lateness, self.calendar, self.begins) for rung in self.rungs]
        return self._instants[due]

    def instant(self, due: Due, position: int) -> datetime | None:
        """The instant of the rung or repeat at a position from 0; None beyond the ladder's end."""
        instants = self.instants(due)
        while len(instants) <= position and self.repeat is not None and self.rungs:
            day = self.calendar.shift(local_date(instants[-1]), self.repeat.workdays)
            instants.append(at_hour(day, self.begins))
        return instants[position] if position < len(instants) else None

    def standing(self, due: Due, raised: int, now: datetime) -> Standing:
        """`raised` is how many rungs and repeats, counted from the lowest, are behind this obligation."""
        reached = max((i + 1 for i, at in enumerate(self.instants(due)) if at <= now), default=0)
        while reached >= len(self.rungs) and (at := self.instant(due, reached)) is not None and at <= now:
            reached += 1
        upcoming = max(reached, raised)
        new = reached > raised
        # Whoever slept through the last rung is told by that one: its repeats do not reach all whom it reaches.
        told = min(reached, len(self.rungs)) if raised < len(self.rungs) else reached
        return Standing(
            due_rung=self._rung(told - 1) if new else None,
            occurrence=max(told - len(self.rungs), 0) if new else 0,
            reached=upcoming,
            next_rung=self._rung(upcoming),
            next_at=self.instant(due, upcoming),
        )

    def _rung(self, position: int) -> Rung | None:
        if position < len(self.rungs):
            return self.rungs[position]
        return self.repeat if self.rungs else None

    def position(self, name: str) -> int:
        """How many rungs are behind one who was told of `name`."""
        return next(i + 1 for i, rung in enumerate(self.rungs) if rung.name == name)


def days_late(late_at: datetime, at: datetime, calendar: WorkCalendar) -> int:
    """Working days from the last day in time to the day of `at`; 0 when not late."""
    day, end, count = last_day_of(late_at), local_date(at), 0
    while day < end:
        day += timedelta(days=1)
        count += calendar.is_workday(day)
    return count


def days_left(due: datetime, at: datetime, calendar: WorkCalendar) -> int:
    """Working days from the day of `at`, which is not counted, to the last day in time; 0 on that day and after it."""
    day, end, count = local_date(at), last_day_of(due), 0
    while day < end:
        day += timedelta(days=1)
        count += calendar.is_workday(day)
    return count
