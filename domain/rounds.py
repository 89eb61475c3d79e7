"""Which rounds of reporting a task has: its timing read against the plan's regime."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.deadlines import (
    DueRule,
    Period,
    RoundDates,
    part_of_year,
    round_dates,
    sending_day,
    week_of,
    with_grace,
    year_period,
)
from domain.due_rules import is_term, term_rule
from domain.policy import OPENS, Policy
from domain.regime import PARTS, Regime, Rhythm
from domain.regime_words import hour_of_rule, regime_of_rule
from domain.timing import TimingKind, TimingRule
from domain.workdays import ONE_DAY, WorkCalendar, last_day_of

_RECURRING = {
    TimingKind.ONGOING,
    TimingKind.YEARLY,
    TimingKind.HALF_YEARLY,
    TimingKind.QUARTERLY,
    TimingKind.MONTHLY,
    TimingKind.WEEKLY,
    TimingKind.AFTER_EVENT,
    TimingKind.UNSTATED,
}
"""The rhythms of the work. How often is reported is the regime's to say, unless the task names a day of its own."""
_WEEK = timedelta(days=7)


def rounds_of(
    rules: Iterable[TimingRule],
    before: str,
    policy: Policy,
    calendar: WorkCalendar,
    since: datetime,
    guidance: date | None = None,
) -> list[RoundDates]:
    """The rounds of a task, by opening; `before` is the regime's text, `since` when the plan went live for this task.

    A recurring time reports with the plan's regime in every year of the plan, a range or a year in its own periods:
    "hằng quý" is how often the work is done, and no day is guessed from it. A task that names a day of its own ("trước
    ngày 18 hằng tháng") reports by that day alone, within the years it names. A year named beside a recurring time does
    not make a second report of that year: its words say what more the report owes. A written day ("trước ngày X") is a
    milestone of its own, one however often it is written; so is a term after an event ("10 ngày làm việc kể từ …"),
    which is counted from `guidance`, the day of the document that was waited for, and unknown before it.

    A round whose due instant had passed at `since` is left out: nobody could have kept it. One of a term is not, since
    its task would then never report: it has some working days from `since` instead.
    """
    regime = Regime.parse(before)
    timing = _Timing.read(list(rules), regime)
    found: dict[str, RoundDates] = {}
    for period, dates in timing.periodic(policy, calendar):
        if dates.due.strict > since:
            found.setdefault(dates.label, _noted(dates, timing.note(period)))
    for day, note in timing.milestones:
        dates = _milestone(day, regime, policy, calendar)
        if dates.due.strict > since:
            found.setdefault(dates.label, _noted(dates, note))
    for term in timing.terms:
        if guidance and (rule := term_rule(term, guidance, calendar)):
            dates = _milestone(rule, regime, policy, calendar)
            found.setdefault(dates.label, _graced(dates, since, policy, calendar))
    return sorted(found.values(), key=lambda dates: (dates.opens_at, dates.label))


@dataclass(frozen=True)
class _Timing:
    """What the rules of one task ask for. `spans` are the days of a range or a named year, with what they add."""

    regimes: tuple[Regime, ...]
    every_period: bool
    spans: tuple[tuple[date | None, date | None, str], ...]
    milestones: tuple[tuple[DueRule, str], ...]
    terms: tuple[str, ...]

    @classmethod
    def read(cls, rules: Sequence[TimingRule], regime: Regime) -> _Timing:
        own = tuple(dict.fromkeys(found for rule in rules if (found := regime_of_rule(rule))))
        terms = tuple(rule.label for rule in rules if rule.label and _is_term(rule))
        dated = {rule: at for rule in rules if (at := hour_of_rule(rule))}
        ranges = [rule for rule in rules if rule.kind is TimingKind.RANGE]
        spans = [rule for rule in rules if (rule.from_ or rule.to) and rule not in dated]
        recurring = any(rule.kind in _RECURRING and not _is_term(rule) for rule in rules)
        days = {rule.by: DueRule("before", rule.by) for rule in rules if rule.kind is TimingKind.BY and rule.by}
        notes = {rule.by: rule.label for rule in reversed(rules) if rule.by and rule.label}
        hours = [(DueRule("before", each.to, at), "") for each, at in dated.items() if each.to]
        return cls(
            regimes=own or (regime,),
            # A range beside a recurring time does not bound it, unless the task reports by a day of its own.
            every_period=not ranges if own else recurring,
            spans=tuple((rule.from_, rule.to, _note(rule)) for rule in spans),
            milestones=(*((rule, notes.get(day) or "") for day, rule in days.items()), *hours),
            terms=terms,
        )

    def periodic(self, policy: Policy, calendar: WorkCalendar) -> Iterator[tuple[Period, RoundDates]]:
        """The rounds of the regimes in the periods that are asked for."""
        for regime in self.regimes:
            for period, rule in asked(regime, policy.first_year, policy.last_year, calendar):
                if self.every_period or any(_named(period, first, last) for first, last, _ in self.spans):
                    yield period, round_dates(period, rule, _opens(regime.rhythm, policy), calendar)

    def note(self, period: Period) -> str:
        """What is said of the period in which a named year or month ends."""
        return next((note for _, last, note in self.spans if note and last and _named(period, last, last)), "")


def _is_term(rule: TimingRule) -> bool:
    return rule.kind is TimingKind.AFTER_EVENT and is_term(rule.label or "")


def _note(rule: TimingRule) -> str:
    return rule.label or "" if rule.kind is TimingKind.WITHIN else ""


def _named(period: Period, first: date | None, last: date | None) -> bool:
    """Whether a period lies in these days by its name; "đến năm 2027" is the report of that year."""
    first = first or last
    return (last is None or period.begins <= last) and (first is None or first <= period.ends)


def _noted(dates: RoundDates, note: str) -> RoundDates:
    return replace(dates, due_text=f"{dates.due_text} ({note})") if note else dates


def _opens(rhythm: Rhythm, policy: Policy) -> int:
    """How many working days before the last one for sending a round opens."""
    return policy.opens_workdays if rhythm is Rhythm.YEARLY else policy.opens.get(rhythm, OPENS[rhythm])


def _milestone(rule: DueRule, regime: Regime, policy: Policy, calendar: WorkCalendar) -> RoundDates:
    """The round of a written day; in the regime's period in which its last day falls (of a week: the month)."""
    last = rule.day if rule.kind == "by" or rule.hour else rule.day - ONE_DAY
    period = part_of_year(last, PARTS.get(regime.rhythm, PARTS[Rhythm.MONTHLY]))
    return round_dates(replace(period, label=rule.day.isoformat()), rule, policy.opens_workdays, calendar)


def _graced(dates: RoundDates, since: datetime, policy: Policy, calendar: WorkCalendar) -> RoundDates:
    """A term that had run out before anybody was told of it: some working days from then."""
    if dates.due.strict > since:
        return dates
    due = with_grace(dates.due, since, policy.transfer_workdays, calendar)
    rule = DueRule("by", last_day_of(due.strict))
    return replace(dates, due=due, rule=rule, due_text=rule.words())


def asked(regime: Regime, first: int, last: int, calendar: WorkCalendar) -> Iterator[tuple[Period, DueRule]]:
    """The periods of the reporting years `first`..`last` with what their reports are due by, in order."""
    if regime.rhythm is Rhythm.WEEKLY:
        yield from _weeks(regime, first, last, calendar)
        return
    for year in range(first, last + 1):
        yield from regime.asked(year)


def _weeks(regime: Regime, first: int, last: int, calendar: WorkCalendar) -> Iterator[tuple[Period, DueRule]]:
    """A week of data ends at its cut-off, a working day before sending, and begins after the one before (ours, no law).

    A week without a working day of its own has no round: its days are in the following one's.
    """
    begins, ends = year_period(first)[0], year_period(last)[1]
    day = begins - 6 * _WEEK
    day += (regime.days[0][1] - day.isoweekday()) % 7 * ONE_DAY
    known: date | None = None
    while known is None or known <= ends:
        rule = regime.rule(day)
        due = rule.instants(calendar)
        cutoff = calendar.last_before(sending_day(due, calendar))
        if known is not None and known < cutoff and begins <= cutoff <= ends:
            yield week_of(known + ONE_DAY, cutoff, last_day_of(due.literal)), rule
        known = max(known or cutoff, cutoff)
        day += _WEEK
