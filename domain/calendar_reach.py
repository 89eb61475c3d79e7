"""What a change of the working days moves: running deadlines, rungs of the ladder, rounds that are still ahead.

Each deadline is worked out from its rule (`before:2024-11-30`) under the calendar as it is and as it would be. What the
change does not touch keeps its instants, even where an earlier change was not applied to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.calendar_changes import (
    MovedDeadline,
    MovedRollup,
    OpenDeadline,
    OpenRollup,
    OpenTask,
    Reach,
    Running,
)
from domain.deadlines import Due, RoundDates
from domain.due_rules import DueRule
from domain.levels import rollups_of
from domain.policy import Ladder
from domain.rounds import rounds_of
from domain.workdays import WorkCalendar, local_date

_DAY_LENGTH = len("2026-06-30")
ByLabel = dict[str, RoundDates]


def reach(running: Running, old: WorkCalendar, new: WorkCalendar, now: datetime) -> Reach:
    """Compare everything that runs under two calendars."""
    planned = _Planned(old, new)
    moved = tuple(_moved_deadlines(running, planned, now))
    gone = {each.was.obligations: each.was.round for each in moved if each.felt}
    rungs, rounds = _rungs([each for each in running.deadlines if each.obligations not in gone], old, new, now)
    renamed = [(task, label, dates) for task in running.tasks for label, dates in planned.renamed(task).items()]
    return Reach(
        deadlines=moved,
        rollups=tuple(_moved_rollups(running.rollups, old, new, now)),
        rungs=rungs,
        rounds=rounds | set(gone.values()),
        ahead={task.id: count for task in running.tasks if (count := _ahead(task, planned))},
        renamed=tuple((task.id, label, dates.label) for task, label, dates in renamed if label in task.known),
    )


@dataclass
class _Planned:
    """The rounds of tasks by label under both calendars; tasks of one plan with one timing share theirs."""

    old: WorkCalendar
    new: WorkCalendar
    _found: dict[object, tuple[ByLabel, ByLabel]] = field(default_factory=dict)

    def of(self, task: OpenTask) -> tuple[ByLabel, ByLabel]:
        """As they are, and as they would be."""
        key = task.plan.id, task.rules, task.since, task.guidance
        if key not in self._found:
            self._found[key] = self._under(task, self.old), self._under(task, self.new)
        return self._found[key]

    def renamed(self, task: OpenTask) -> ByLabel:
        """Rounds by the label they have, where it is another: a term counted in working days ends on another day."""
        old, new = self.of(task)
        gone, come = (sorted(label for label in these if label not in others and len(label) == _DAY_LENGTH)
                      for these, others in ((old, new), (new, old)))  # fmt: skip
        return {label: new[becomes] for label, becomes in zip(gone, come, strict=False)}

    def _under(self, task: OpenTask, calendar: WorkCalendar) -> ByLabel:
        plan = task.plan
        found = rounds_of(task.rules, plan.units_before, plan.policy, calendar, task.since, task.guidance)
        return {dates.label: dates for dates in found}


def _may_move(was: Due, late_at: datetime, due: Due, late: datetime, now: datetime) -> bool:
    """A day that has passed stays, and nothing gets one that would have passed at once."""
    return late_at > now and late > now and (due.strict == was.strict or due.strict > now)


def _moved_deadlines(running: Running, planned: _Planned, now: datetime) -> Iterator[MovedDeadline]:
    tasks = {task.id: task for task in running.tasks}
    rules = {each.rule: DueRule.parse(each.rule) for each in running.deadlines if each.rule}
    instants = {text: (rule.instants(planned.old), rule.instants(planned.new)) for text, rule in rules.items()}
    for was in running.deadlines:
        before, due = instants.get(was.rule, (was.due, was.due))
        rule, text = was.rule, was.due_text
        dates = _dates(was, tasks.get(was.task), planned)
        if dates is not None and dates.label != was.stands_for and rule == str(_rule_before(was, tasks, planned)):
            rule, text, due = str(dates.rule), dates.due_text, dates.due
        late_at = due.late(was.plan.policy.lateness)
        if before != due and due != was.due and _may_move(was.due, was.late_at, due, late_at, now):
            yield MovedDeadline(was, rule, due, late_at, text, dates)


def _dates(was: OpenDeadline, task: OpenTask | None, planned: _Planned) -> RoundDates | None:
    """The planned round of these obligations, as it would be; None for one that somebody asked for."""
    if task is None or not was.stands_for:
        return None
    return planned.renamed(task).get(was.stands_for) or planned.of(task)[1].get(was.stands_for)


def _rule_before(was: OpenDeadline, tasks: dict[int, OpenTask], planned: _Planned) -> DueRule:
    return planned.of(tasks[was.task])[0][was.stands_for].rule


def _rungs(
    deadlines: Iterable[OpenDeadline], old: WorkCalendar, new: WorkCalendar, now: datetime
) -> tuple[int, frozenset[int]]:
    """How many rungs of these move, and the rounds whose next one does."""
    ladders: dict[int, tuple[Ladder, Ladder]] = {}
    count, rounds = 0, set()
    for each in deadlines:
        policy = each.plan.policy
        if each.plan.id not in ladders:
            before, after = (policy.climbing(policy.ladder, calendar, policy.weekly) for calendar in (old, new))
            ladders[each.plan.id] = before, after
        before, after = ladders[each.plan.id]
        for raised, times in Counter(max(behind, 0) for behind in each.raised).items():
            ahead = slice(raised, len(policy.ladder))
            pairs = zip(before.instants(each.due)[ahead], after.instants(each.due)[ahead], strict=True)
            count += times * sum(was != becomes and max(was, becomes) > now for was, becomes in pairs)
            if before.standing(each.due, raised, now).next_at != after.standing(each.due, raised, now).next_at:
                rounds.add(each.round)
    return count, frozenset(rounds)


def _ahead(task: OpenTask, planned: _Planned) -> int:
    """How many rounds that are still to open have other dates."""
    old, new = planned.of(task)
    known = task.known | {dates.label for label, dates in planned.renamed(task).items() if label in task.known}
    upcoming = [dates for label, dates in new.items() if label not in known]
    return sum(old.get(dates.label) != dates for dates in upcoming)


def _moved_rollups(
    rollups: Iterable[OpenRollup], old: WorkCalendar, new: WorkCalendar, now: datetime
) -> Iterator[MovedRollup]:
    dates: dict[int, tuple[dict[str, RoundDates], dict[str, RoundDates]]] = {}
    for was in rollups:
        plan = was.plan
        if plan.id not in dates:
            before, after = (
                {each.label: each for each in rollups_of(plan.units_before, plan.lead_before, plan.policy, calendar)}
                for calendar in (old, new)
            )
            dates[plan.id] = before, after
        then, becomes = dates[plan.id][0].get(was.period), dates[plan.id][1].get(was.period)
        if then is None or becomes is None or then == becomes:
            continue
        late_at = becomes.due.late(plan.policy.lateness)
        same = (was.compile_at, was.cutoff, was.due) == (becomes.opens_at, becomes.cutoff, becomes.due)
        if not same and _may_move(was.due, was.late_at, becomes.due, late_at, now):
            yield MovedRollup(was, becomes, late_at, was.period_from <= local_date(now))
