"""Which rounds of reporting a task has: its timing read against the plan's regime."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from domain.deadlines import RoundDates, due_before, year_period, yearly_round, yearly_rounds
from domain.policy import Policy
from domain.timing import TimingKind, TimingRule
from domain.workdays import ONE_DAY, VIETNAM, WorkCalendar

_EVERY_YEAR = {
    TimingKind.ONGOING,
    TimingKind.YEARLY,
    TimingKind.HALF_YEARLY,
    TimingKind.QUARTERLY,
    TimingKind.MONTHLY,
    TimingKind.WEEKLY,
    TimingKind.AFTER_EVENT,
    TimingKind.UNSTATED,
}
"""Whatever the rhythm of the work, the regime of these plans asks for a report once a year."""


def rounds_of(
    rules: Iterable[TimingRule], before: str, policy: Policy, calendar: WorkCalendar, since: datetime
) -> list[RoundDates]:
    """The rounds of a task, by opening; `before` is the regime's "MM-DD", `since` when the plan went live.

    Recurring timings report every year of the plan, a range in its years. A year named beside a recurring timing does
    not make a second report of that year: its label says what more the report owes. A written day ("trước ngày X") is
    a milestone of its own, one however often it is written.
    """
    years: set[int] = set()
    labels: dict[int, str] = {}
    days: dict[date, str] = {}
    for rule in rules:
        if rule.kind in _EVERY_YEAR:
            years.update(range(policy.first_year, policy.last_year + 1))
        elif rule.kind is TimingKind.BY and rule.by is not None:
            days[rule.by] = days.get(rule.by) or rule.label or ""
        elif rule.from_ is not None or rule.to is not None:
            last = rule.to.year if rule.to else policy.last_year  # "từ năm 2026 trở đi" lasts as long as the plan
            first = rule.from_.year if rule.from_ else last
            years.update(range(max(first, policy.first_year), min(last, policy.last_year) + 1))
            if rule.kind is TimingKind.WITHIN and rule.label:
                labels[last] = rule.label
    found = [
        dates
        for year in sorted(years)
        for dates in yearly_rounds(year, year, before, policy.opens_workdays, calendar, since)
    ]
    found = [_with_label(dates, labels.get(int(dates.label), "")) for dates in found]
    found += [_milestone(day, label, policy, calendar) for day, label in days.items() if _ahead(day, calendar, since)]
    return sorted(found, key=lambda dates: (dates.opens_at, dates.label))


def _with_label(dates: RoundDates, label: str) -> RoundDates:
    return replace(dates, due_text=f"{dates.due_text} ({label})") if label else dates


def _milestone(day: date, label: str, policy: Policy, calendar: WorkCalendar) -> RoundDates:
    """The round of a written day; it belongs to the reporting year in which its last day falls."""
    last = day - ONE_DAY
    year = last.year + (last > year_period(last.year)[1])
    return _with_label(replace(yearly_round(year, day, policy.opens_workdays, calendar), label=day.isoformat()), label)


def _ahead(day: date, calendar: WorkCalendar, since: datetime) -> bool:
    return due_before(day, calendar).strict > since


def rollup_dates(year: int, units_before: str, lead_before: str, policy: Policy, calendar: WorkCalendar) -> RoundDates:
    """The lead agency's own deadline for a year, and (`opens_at`) when its rollup is compiled.

    The cut-off is that of the units' reports: the rollup cannot know more than they do. Where the lead agency's day
    comes earlier in the year than the units' ("trước ngày 10/01"), it is that of the year after.
    """
    units = next(yearly_rounds(year, year, units_before, policy.opens_workdays, calendar, _EVER))
    due = year + (lead_before < units_before)
    lead = next(yearly_rounds(due, due, lead_before, policy.compile_workdays, calendar, _EVER))
    return replace(
        lead, label=units.label, period_from=units.period_from, period_to=units.period_to, cutoff=units.cutoff
    )


_EVER = datetime(1, 1, 2, tzinfo=VIETNAM)
