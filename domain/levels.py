"""The lead agency's level of the reporting: its rollups, due after the units' reports. Source: NĐ 09/2019 Đ8.5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.deadlines import WORK_BEGINS, RoundDates, round_dates, year_period
from domain.policy import Policy
from domain.regime import CYCLE_DAYS, Regime
from domain.rounds import asked
from domain.workdays import WorkCalendar, at_hour, last_day_of, local_date


@dataclass(frozen=True)
class Level:
    """A rollup, and the last round of the units that it covers, if there is any; `gap` is from its due to the rollup's.

    `later`: the lead agency's day lies before the units', so that its next one is meant.
    """

    rollup: RoundDates
    units: RoundDates | None
    later: bool = False
    cycle: timedelta = timedelta()

    def is_reversed(self) -> bool:
        """Whether the next day of the lead agency is too far off to have been meant: most of its period away."""
        if self.units is None or not self.later:
            return False
        return self.rollup.due.literal - self.units.due.literal > self.cycle * 2 / 3

    def is_close(self, calendar: WorkCalendar) -> bool:
        """Whether no working day lies between the units' last instant and the lead agency's first (NĐ 09/2019 Đ8.5)."""
        if self.units is None:
            return False
        return calendar.shift(last_day_of(self.units.due.lenient), 1) > last_day_of(self.rollup.due.strict)


def rollups_of(units_before: str, lead_before: str, policy: Policy, calendar: WorkCalendar) -> list[RoundDates]:
    """The lead agency's own deadlines in the plan's years, and (`opens_at`) when each rollup is compiled.

    A rollup covers the rounds whose period ends in its own. It is due on the lead agency's day of that period, or where
    the units' last report is due later ("trước ngày 10/01") on its next one. The cut-off is that of the units' last
    report: the rollup cannot know more than they do. It is compiled so many working days before, not before the units'
    reports are due where that leaves time.
    """
    return [level.rollup for level in levels_of(units_before, lead_before, policy, calendar)]


def levels_of(units_before: str, lead_before: str, policy: Policy, calendar: WorkCalendar) -> Iterator[Level]:
    """Each rollup beside the units' last round that it covers."""
    units, lead = Regime.parse(units_before), Regime.parse(lead_before)
    first, last = policy.first_year, policy.last_year
    rounds = [round_dates(period, rule, 0, calendar) for period, rule in asked(units, first, last, calendar)]
    days = [(period, rule, rule.instants(calendar)) for period, rule in asked(lead, first, last + 2, calendar)]
    for place, (period, own, _) in enumerate(days):
        if period.last > year_period(last)[1]:
            return
        covered = [each for each in rounds if period.first <= each.period_to <= period.last]
        latest = max(covered, key=lambda each: each.period_to, default=None)
        since = latest.due.literal if latest else None
        rule = next((rule for _, rule, due in days[place:] if since is None or due.literal >= since), own)
        dates = round_dates(period, rule, policy.compile_workdays, calendar)
        if latest is not None:
            dates = replace(dates, cutoff=latest.cutoff, opens_at=_after(latest, dates, calendar))
        yield Level(dates, latest, rule != own, timedelta(days=CYCLE_DAYS[lead.rhythm]))


def _after(units: RoundDates, lead: RoundDates, calendar: WorkCalendar) -> datetime:
    """When a rollup is compiled: as planned, or on the first morning after the units' last instant, if there is one."""
    ready = units.due.lenient
    if ready <= lead.opens_at:
        return lead.opens_at
    morning = at_hour(calendar.roll_forward(local_date(ready)), WORK_BEGINS)
    if morning < ready:
        morning = at_hour(calendar.shift(local_date(ready), 1), WORK_BEGINS)
    return morning if morning < lead.due.strict else lead.opens_at
