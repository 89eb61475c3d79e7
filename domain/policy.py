"""The policy of a plan: data stored with it and changed without touching code. Defaults are ours, not the law's."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from domain.deadlines import WORK_BEGINS, Due, Lateness
from domain.notices import NoticeKind, Role
from domain.workdays import VIETNAM, WorkCalendar, at_hour, last_day_of, local_date


class Anchor(StrEnum):
    """What a rung's working days are counted from."""

    STRICT = "strict"
    LATE = "late"


@dataclass(frozen=True)
class Rung:
    """One rung of the ladder: `workdays` before (negative) or after its anchor, whom it tells, when work begins."""

    name: str
    kind: NoticeKind
    workdays: int
    anchor: Anchor
    roles: tuple[Role, ...]

    def at(self, due: Due, lateness: Lateness, calendar: WorkCalendar, begins: time = WORK_BEGINS) -> datetime:
        """The instant of this rung for one obligation; never on a day off."""
        anchor = due.strict if self.anchor is Anchor.STRICT else due.late(lateness)
        day = last_day_of(anchor)
        if self.workdays:
            day = calendar.shift(day, self.workdays)
        elif not calendar.is_workday(day):  # a "literal" reading may end on a Sunday
            day = calendar.last_before(day)
        return at_hour(day, begins)


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
ROLLUP_LADDER = (
    Rung("before-1", NoticeKind.ROLLUP_REMINDER, -1, Anchor.STRICT, (Role.SIGNER,)),
    Rung("due", NoticeKind.ROLLUP_REMINDER, 0, Anchor.STRICT, (Role.SIGNER, Role.COORDINATOR)),
    Rung("overdue-1", NoticeKind.ROLLUP_OVERDUE, 1, Anchor.LATE, (Role.SIGNER, Role.COORDINATOR, Role.LEADER)),
)


@dataclass(frozen=True)
class Policy:
    """Everything about timing and fairness that an authority decides for itself."""

    lateness: Lateness = Lateness.LITERAL
    opens_workdays: int = 45
    """A round opens so many working days before the last working day for sending."""
    return_workdays: int = 5
    """A report received in time, returned, and corrected within so many working days, still counts as in time."""
    extensions: int = 1
    """How many extensions may be granted for one obligation."""
    compile_workdays: int = 2
    """The rollup is compiled so many working days before the lead agency's last working day for sending."""
    coalesce_minutes: int = 10
    """Notices raised within this window travel in one digest."""
    work_begins: str = WORK_BEGINS.isoformat("minutes")
    """When on its day a rung is raised."""
    sending_from: str = "07:00"
    sending_to: str = "20:00"
    ladder: tuple[Rung, ...] = DEFAULT_LADDER
    rollup_ladder: tuple[Rung, ...] = ROLLUP_LADDER
    notation: str = "BC-STTTT"
    """The notation after the number of the lead agency's reports."""
    first_year: int = 2024
    last_year: int = 2030

    def climbing(self, rungs: tuple[Rung, ...], calendar: WorkCalendar) -> Ladder:
        """A ladder of these rungs under this policy."""
        return Ladder(rungs, self.lateness, calendar, time.fromisoformat(self.work_begins))

    def send_at(self, raised: datetime) -> datetime:
        """When a notice raised at this instant may leave: after the window, within the sending hours."""
        at = (raised + timedelta(minutes=self.coalesce_minutes)).astimezone(VIETNAM)
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
        for name in ("ladder", "rollup_ladder"):
            if name in given:
                given[name] = tuple(_rung(r) for r in given[name])
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
    counted = (policy.opens_workdays, policy.return_workdays, policy.extensions, policy.compile_workdays)
    if not all(type(n) is int and 0 <= n <= _MOST_DAYS for n in (*counted, policy.coalesce_minutes)):
        raise ValueError(f"days, minutes and extensions are whole numbers from 0 to {_MOST_DAYS}")
    if not (policy.first_year in _YEARS and policy.last_year in range(policy.first_year, _YEARS.stop)):
        raise ValueError("first_year must not be later than last_year, both between 2000 and 2100")
    for rungs in (policy.ladder, policy.rollup_ladder):
        if len({rung.name for rung in rungs}) < len(rungs):
            raise ValueError("two rungs of a ladder have one name")
        if not all(type(rung.workdays) is int and abs(rung.workdays) <= _MOST_DAYS for rung in rungs):
            raise ValueError(f"a rung's workdays are a whole number up to {_MOST_DAYS}")
    return policy


@dataclass(frozen=True)
class Standing:
    """Where an obligation stands on its ladder at an instant."""

    due_rung: Rung | None
    """The highest rung due by now and above the last raised one; lower ones that were slept through are dropped."""
    next_rung: Rung | None
    next_at: datetime | None


@dataclass
class Ladder:
    """Rungs of one plan, with the instants of each distinct due remembered: a round's obligations mostly share one."""

    rungs: tuple[Rung, ...]
    lateness: Lateness
    calendar: WorkCalendar
    begins: time = WORK_BEGINS
    _instants: dict[Due, list[datetime]] = field(default_factory=dict)

    def instants(self, due: Due) -> list[datetime]:
        """The instant of each rung, in the order of the rungs."""
        if due not in self._instants:
            self._instants[due] = [rung.at(due, self.lateness, self.calendar, self.begins) for rung in self.rungs]
        return self._instants[due]

    def standing(self, due: Due, raised: int, now: datetime) -> Standing:
        """`raised` is how many rungs, counted from the lowest, are behind this obligation."""
        instants = self.instants(due)
        reached = max((i + 1 for i, at in enumerate(instants) if at <= now), default=0)
        upcoming = max(reached, raised)
        return Standing(
            due_rung=self.rungs[reached - 1] if reached > raised else None,
            next_rung=self.rungs[upcoming] if upcoming < len(self.rungs) else None,
            next_at=instants[upcoming] if upcoming < len(self.rungs) else None,
        )

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
