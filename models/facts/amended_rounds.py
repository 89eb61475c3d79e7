"""The rounds of an amended task: whoever owes what, by when, after the amendment.

Rounds that have not opened follow by themselves, since a task's rounds are worked out anew at every step.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from domain.deadlines import DueRule, RoundDates, with_grace
from domain.ids import round_id, task_id
from domain.policy import Policy
from domain.reporting import task_label
from domain.rounds import rounds_of
from domain.workdays import VIETNAM, WorkCalendar, last_day_of
from models.facts.frame import Actor, Ledger
from models.plans import TIMING_RULES

_EVER = datetime(1, 1, 2, tzinfo=VIETNAM)
"""A round that is open stays one, however early the amended document would have it due."""
_DAY_LENGTH = len("2026-06-30")


@dataclass(frozen=True)
class News:
    """A fact to be written once all rows are. `level` orders the bells: rounds 0, tasks 1, rollups 2, the plan 3."""

    level: int
    workflow: str
    kind: str
    summary: str
    about: dict[str, Any]
    rings: bool = True


@dataclass(frozen=True)
class _Event:
    """The day of the guidance that a task waited for, where it has come, and since when its rounds count."""

    guidance: date | None
    since: datetime


@dataclass
class Amending:
    """An approval while it is being carried out. `before` is the units' new regime."""

    books: Ledger
    actor: Actor
    plan: RowMapping
    number: int
    now: datetime
    before: str
    policy: Policy
    calendar: WorkCalendar
    news: list[News] = field(default_factory=list)
    reopened: set[int] = field(default_factory=set)
    """Closed tasks that have something to do again."""

    def planned(self, rules: list[Any], before: str, event: _Event) -> dict[str, RoundDates]:
        """The rounds of a timing under a regime, by label; a term that had run out is counted as its task counts it."""
        timing = TIMING_RULES.validate_python(rules)
        found: dict[str, RoundDates] = {}
        for since in (_EVER, event.since):
            rounds = rounds_of(timing, before, self.policy, self.calendar, since, event.guidance)
            found.update((dates.label, dates) for dates in rounds)
        return found

    def task_news(self, task: RowMapping, kind: str, summary: str, unit: int | None = None) -> None:
        """Something for a task's workflow; for one that has ended only the timeline tells of it."""
        workflow = task_id(self.books.realm, self.plan["slug"], task["ordinal"])
        about = {"task_id": task["id"], "unit_id": unit}
        self.news.append(News(1, workflow, kind, summary, about, task["closed_at"] is None))

    def round_news(self, task: RowMapping, label: str, kind: str, summary: str) -> None:
        """Something for a round's workflow."""
        workflow = round_id(self.books.realm, self.plan["slug"], task["ordinal"], label)
        self.news.append(News(0, workflow, kind, summary, {"task_id": task["id"]}))


async def withdraw_rounds(work: Amending, task: RowMapping, reason: str) -> None:
    """Withdraw from all rounds of a task what nobody has answered."""
    for row in await _rounds(work, task):
        if await _withdraw(work, row, reason):
            words = f"{_about(task, row)}: rút nghĩa vụ báo cáo theo bản sửa đổi {work.number}"
            work.round_news(task, row["label"], "round_withdrawn", words)


async def reconcile(work: Amending, task: RowMapping, rules: list[Any], retimed: bool) -> None:
    """Bring the rounds of a task in line with its leads as they are now and, where `retimed`, its dates.

    Leads that are new owe the rounds that are open; those that are none any more owe what they have answered only. An
    open round of a day that was moved moves with it; one that is no longer in the plan is withdrawn.
    """
    event = await _event(work, task)
    planned = work.planned(rules, work.before, event)
    before = work.planned(task["timing"], work.plan["units_before"], event)
    leads = await work.books.rows(
        "SELECT unit_id FROM task_owner WHERE task_id = :id AND role = 'lead' AND ended_at IS NULL ORDER BY unit_id",
        id=task["id"],
    )
    units = [row["unit_id"] for row in leads]
    # What a coordinator asked for beside the plan's rounds is not the plan's to move.
    rounds = [row for row in await _rounds(work, task) if row["kind"] == "periodic"]
    stands_for = _follow(rounds, planned, before)
    for row in rounds:
        dates = planned.get(stands_for[row["id"]])
        if dates is None:
            await _end(work, task, row)
        else:
            await _amend(work, task, row, dates, units, retimed)
    if retimed:
        known = {row["label"] for row in rounds} | set(stands_for.values())
        await _look_ahead(work, task, before, [dates for label, dates in planned.items() if label not in known])


async def _event(work: Amending, task: RowMapping) -> _Event:
    found = await work.books.rows("SELECT issued_on, recorded_at FROM guidance WHERE task_id = :id", id=task["id"])
    issued, recorded = (found[0]["issued_on"], found[0]["recorded_at"]) if found else (None, None)
    instants = (work.plan["activated_at"], task["counts_from"], recorded)
    return _Event(issued, max((at for at in instants if at is not None), default=work.now))


def _follow(rounds: list[RowMapping], planned: dict[str, RoundDates], before: dict[str, RoundDates]) -> dict[int, str]:
    """Which planned round each round is. Written days that are gone are, in their order, the days that are new.

    A day that stood in the plan `before` the amendment is none of the new ones, whether it was ever asked for or not.
    """
    found = {row["id"]: row["stands_for"] or row["label"] for row in rounds}
    for row in rounds:
        if row["label"] in planned and (found[row["id"]] not in planned or row["closed_at"] is None):
            found[row["id"]] = row["label"]  # the day is the one again that it was at first
    known = {*found.values(), *(row["label"] for row in rounds), *before}
    gone = sorted(
        (label, row["id"])
        for row in rounds
        if (label := found[row["id"]]) not in planned and len(label) == _DAY_LENGTH and row["closed_at"] is None
    )
    new = sorted(label for label in planned if label not in known and len(label) == _DAY_LENGTH)
    found.update({key: label for (_, key), label in zip(gone, new, strict=False)})
    return found


async def _rounds(work: Amending, task: RowMapping) -> list[RowMapping]:
    return await work.books.rows("SELECT * FROM round WHERE task_id = :id ORDER BY id", id=task["id"])


def _about(task: RowMapping, row: RowMapping) -> str:
    return f"{task_label(task['ordinal'])} kỳ {row['label']}"


async def _withdraw(work: Amending, row: RowMapping, reason: str, keep: list[int] | None = None) -> bool:
    """Withdraw what has no submission in a round, but for the units to keep; True where there was any."""
    found = await work.books.rows(
        """UPDATE obligation o SET withdrawn_at = :now, withdrawn_reason = :reason, amendment = :number
           WHERE round_id = :round AND withdrawn_at IS NULL AND NOT unit_id = ANY(:keep)
             AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id) RETURNING id""",
        now=work.now,
        reason=reason,
        number=work.number,
        round=row["id"],
        keep=keep or [],
    )
    return bool(found)


async def _end(work: Amending, task: RowMapping, row: RowMapping) -> None:
    """A round that the amended plan no longer has."""
    if await _withdraw(work, row, "Kỳ báo cáo này không còn trong kế hoạch sửa đổi"):
        words = f"{_about(task, row)} không còn trong kế hoạch sửa đổi"
        work.round_news(task, row["label"], "round_ended", words)


async def _amend(
    work: Amending, task: RowMapping, row: RowMapping, dates: RoundDates, units: list[int], retimed: bool
) -> None:
    """A round that goes on: who owes it, and by when."""
    label = _about(task, row)
    changed = await _withdraw(work, row, f"Không còn chủ trì {task_label(task['ordinal'])}", keep=units)
    changed |= await _restore(work, task, row, dates, units)
    moved = False
    if row["closed_at"] is None:
        moved = retimed and await _move(work, row, dates)
        changed |= await _insert(work, task, row, dates, units)
    if moved:
        words = f"{label}: hạn báo cáo đổi từ {row['due_text']} thành {dates.due_text}"
        work.round_news(task, row["label"], "round_moved", words)
    elif changed:
        work.round_news(task, row["label"], "round_amended", f"{label}: đơn vị phải báo cáo thay đổi")


def _due(work: Amending, dates: RoundDates) -> dict[str, Any]:
    return {
        "strict": dates.due.strict,
        "literal": dates.due.literal,
        "lenient": dates.due.lenient,
        "late": dates.due.late(work.policy.lateness),
        "due_text": dates.due_text,
        "rule": str(dates.rule),
        "version": work.calendar.version,
        "number": work.number,
    }


def _given(work: Amending, task: RowMapping, dates: RoundDates) -> RoundDates:
    """The dates of a round for a lead to whom it is given now: with time to report, so that nobody is late at once.

    While the task rests no working day passes.
    """
    standing = task["suspended_at"] or work.now
    due = with_grace(dates.due, standing, work.policy.transfer_workdays, work.calendar)
    if due == dates.due:
        return dates
    rule = DueRule("by", last_day_of(due.strict))
    return replace(dates, due=due, rule=rule, due_text=rule.words())


async def _date(work: Amending, row: RowMapping, dates: RoundDates) -> None:
    await work.books.run(
        """UPDATE round SET period_from = :from, period_to = :to, cutoff = :cutoff, due_text = :due_text,
             stands_for = :stands_for, closed_at = NULL WHERE id = :id""",
        **{"from": dates.period_from, "to": dates.period_to},
        cutoff=dates.cutoff,
        due_text=dates.due_text,
        stands_for="" if dates.label == row["label"] else dates.label,
        id=row["id"],
    )


async def _move(work: Amending, row: RowMapping, dates: RoundDates) -> bool:
    """Give a round and what is still owed in it the new dates; True where anything moved.

    Who was granted more time (an extension, or days to take the task over), or has answered already, keeps the later
    of both: nobody becomes late by an amendment for what they did in time.
    """
    await _date(work, row, dates)
    found = await work.books.rows(
        """UPDATE obligation o SET due_strict = :strict, due_literal = :literal, due_lenient = :lenient,
             late_at = :late, due_text = :due_text, due_rule = :rule, calendar_version = :version, amendment = :number,
             epoch = CASE WHEN opened THEN epoch + 1 ELSE epoch END, raised = CASE WHEN opened THEN -1 ELSE raised END
           WHERE round_id = :round AND accepted_at IS NULL AND withdrawn_at IS NULL
             AND (due_strict, late_at) IS DISTINCT FROM (CAST(:strict AS timestamptz), CAST(:late AS timestamptz))
             AND (late_at < CAST(:late AS timestamptz) OR NOT (starts_with(due_rule, 'by:') OR EXISTS (
               SELECT FROM extension e WHERE e.obligation_id = o.id AND e.decision = 'granted'
               UNION ALL SELECT FROM submission s WHERE s.obligation_id = o.id))) RETURNING id""",
        **_due(work, dates),
        round=row["id"],
    )
    return bool(found)


async def _restore(work: Amending, task: RowMapping, row: RowMapping, dates: RoundDates, units: list[int]) -> bool:
    """What was withdrawn from a lead that is one again is owed again, unless the round is over; as if newly opened."""
    if row["closed_at"] is not None and dates.due.late(work.policy.lateness) <= work.now:
        return False
    found = await work.books.rows(
        """UPDATE obligation SET withdrawn_at = NULL, withdrawn_reason = '', due_strict = :strict,
             due_literal = :literal, due_lenient = :lenient, late_at = :late, due_text = :due_text,
             due_rule = :rule, calendar_version = :version, amendment = :number, epoch = epoch + 1, raised = 0,
             opened = false, suspended_at = :suspended
           WHERE round_id = :round AND withdrawn_at IS NOT NULL AND unit_id = ANY(:units) RETURNING id""",
        **_due(work, _given(work, task, dates)),
        suspended=task["suspended_at"],
        round=row["id"],
        units=units,
    )
    if found and row["closed_at"] is not None:
        await _date(work, row, dates)
        await _reopen_task(work, task)
    return bool(found)


async def _insert(work: Amending, task: RowMapping, row: RowMapping, dates: RoundDates, units: list[int]) -> bool:
    """Leads that owe nothing in an open round owe it from now on; its next step tells them, once the task goes on."""
    found = await work.books.rows(
        """INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text,
             due_rule, calendar_version, epoch, raised, opened, amendment, suspended_at)
           SELECT :round, unit, :strict, :literal, :lenient, :late, :due_text, :rule, :version, 0, 0, false, :number,
             CAST(:suspended AS timestamptz)
           FROM unnest(CAST(:units AS bigint[])) AS unit ORDER BY unit
           ON CONFLICT (round_id, unit_id) DO NOTHING RETURNING id""",
        **_due(work, _given(work, task, dates)),
        suspended=task["suspended_at"],
        round=row["id"],
        units=units,
    )
    return bool(found)


async def _look_ahead(
    work: Amending, task: RowMapping, before: dict[str, RoundDates], unopened: list[RoundDates]
) -> None:
    """Rounds that the amendment itself makes past are not owed: nobody could have kept them."""
    past = [dates for dates in unopened if work.plan["activated_at"] < dates.due.strict <= work.now]
    if any(dates.label not in before or before[dates.label].due.strict > work.now for dates in past):
        await work.books.run("UPDATE task SET counts_from = :now WHERE id = :id", now=work.now, id=task["id"])
    if any(dates.due.strict > work.now for dates in unopened):
        await _reopen_task(work, task)


async def _reopen_task(work: Amending, task: RowMapping) -> None:
    """A task that had ended goes on: its new timing has rounds to come, or a round of it is owed again."""
    if task["closed_at"] is None or task["id"] in work.reopened:
        return
    work.reopened.add(task["id"])
    await work.books.run("UPDATE task SET closed_at = NULL WHERE id = :id", id=task["id"])
    workflow = task_id(work.books.realm, work.plan["slug"], task["ordinal"])
    words = f"{task_label(task['ordinal'])} được thực hiện tiếp theo bản sửa đổi {work.number}"
    work.news.append(News(1, workflow, "task_reopened", words, {"task_id": task["id"]}))
