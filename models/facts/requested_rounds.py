"""Rounds that the coordinator asks for at short notice: đột xuất and chuyên đề (NĐ 09/2019).

They stand beside the task's own rounds, which go on as the plan has them; what they ask is owed, counted and chased as
any other report, and compiled into the rollup in whose period theirs ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import RowMapping

from domain.contracts import Process
from domain.deadlines import year_period
from domain.due_rules import Due, DueRule
from domain.errors import Refusal
from domain.ids import round_id
from domain.notices import day_text
from domain.policy import Policy
from domain.reporting import task_label
from domain.workdays import WorkCalendar, local_date
from models.bells import want
from models.facts.frame import Actor, Door, Ledger, ledger
from models.facts.running_tasks import running_task, tell_rounds, unit_that_can_lead
from models.realm_calendar import read_calendar

KINDS = {"ad_hoc": ("DX", "đột xuất"), "thematic": ("CD", "chuyên đề")}
"""By kind: how the labels of its rounds begin, and its name."""
FURTHEST_YEARS = 20
"""Between a report and its data; a year further away is a slip of the pen."""
_INSERT = """
INSERT INTO round (task_id, label, kind, title, period_from, period_to, cutoff, due_text, opened_at)
VALUES (:task, :label, :kind, :title, :from, :to, :cutoff, :words, :now) RETURNING id
"""
_OWED = """
INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text, due_rule,
                        calendar_version, epoch, raised, opened)
SELECT :round, unit, :strict, :literal, :lenient, :late, :words, :rule, :version, 0, 0, false
FROM unnest(CAST(:units AS bigint[])) AS unit ORDER BY unit
"""


@dataclass(frozen=True)
class RoundRequest:
    """What is asked for: `units` by slug, in time up to the end of the day `due`, or to its `hour`.

    Left out, the data are cut off with the working day before, and are those of the reporting year up to then.
    """

    kind: str
    title: str
    units: tuple[str, ...]
    due: date
    hour: time | None = None
    cutoff: date | None = None
    period_from: date | None = None
    period_to: date | None = None


@dataclass(frozen=True)
class RequestedRound:
    """The round that was opened, from when on it is late, and whom to ring."""

    label: str
    late_at: datetime
    rings: list[str]


async def request_round(door: Door, actor: Actor, plan: str, ordinal: int, asked: RoundRequest) -> RequestedRound:
    """Open a round of a task for chosen units at once; task 0 takes any unit that reports, others only their own.

    Raises `NotFound`, and `Refusal` for a day that has passed or is in no order with the others, for units that cannot
    report on the task, and for a task that rests or has ended.
    """
    _check(asked)
    async with ledger(door, actor.realm) as books:
        task = await running_task(books, plan, ordinal)
        if task["suspended_at"] is not None:
            words = f"{task_label(ordinal)} đang tạm dừng; hãy cho tiếp tục rồi yêu cầu báo cáo."
            raise Refusal("task-suspended", words)
        now = await books.now()
        calendar = await read_calendar(books.connection, books.realm)
        policy = Policy.from_json(task["policy"])
        _check_due(asked.due, now, policy)
        rule = DueRule("by", asked.due) if asked.hour is None else DueRule("before", asked.due, asked.hour)
        due = rule.instants(calendar)
        if due.strict <= now:
            raise Refusal("due-not-ahead", "Hạn báo cáo phải còn ở phía trước, vào giờ làm việc; hãy chọn hạn khác.")
        dated = _dated(asked, calendar)
        units = [await _unit(books, task, slug, local_date(now)) for slug in dict.fromkeys(asked.units)]
        label = await _label(books, task, asked.kind, local_date(now))
        await _write(books, task, dated, _Opening(label, rule, due, calendar.version, now), units)
        words = f"yêu cầu báo cáo {KINDS[asked.kind][1]} {rule.words()}, {len(units)} đơn vị"
        await tell_rounds(books, actor, task, [label], "round_requested", now, words)
        return RequestedRound(label, due.late(policy.lateness), books.rings)


@dataclass(frozen=True)
class _Opening:
    """How and by when a round opens."""

    label: str
    rule: DueRule
    due: Due
    version: str
    now: datetime


def _check(asked: RoundRequest) -> None:
    if asked.kind not in KINDS:
        raise Refusal("kind-unknown", f"Loại báo cáo phải là một trong: {', '.join(KINDS)}.")
    if not asked.title.strip():
        raise Refusal("title-missing", "Hãy ghi nội dung yêu cầu báo cáo.")
    if not asked.units:
        raise Refusal("units-missing", "Hãy chọn ít nhất một đơn vị phải báo cáo.")


def _check_due(due: date, now: datetime, policy: Policy) -> None:
    """Raises `Refusal` for a day before today or beyond the plan, for which the calendar says nothing."""
    if due < local_date(now):
        raise Refusal("due-not-ahead", "Hạn báo cáo phải còn ở phía trước; hãy chọn hạn khác.")
    if due.year > policy.last_year:
        raise Refusal("due-beyond-plan", f"Hạn báo cáo phải trong thời gian của kế hoạch (đến hết {policy.last_year}).")


def _dated(asked: RoundRequest, calendar: WorkCalendar) -> RoundRequest:
    """The request with all its days, checked; raises `Refusal`."""
    given = (asked.cutoff, asked.period_from, asked.period_to)
    if any(day is not None and abs(day.year - asked.due.year) > FURTHEST_YEARS for day in given):
        raise Refusal("period-too-far", "Ngày chốt số liệu và kỳ số liệu quá xa hạn báo cáo; hãy kiểm tra năm đã nhập.")
    cutoff = asked.cutoff or calendar.last_before(asked.due)
    until = asked.period_to or cutoff
    year = until.year + (until > year_period(until.year)[1])
    since = asked.period_from or year_period(year)[0]
    if cutoff > asked.due:
        words = f"Ngày chốt số liệu phải không muộn hơn hạn báo cáo ({day_text(asked.due)})."
        raise Refusal("cutoff-after-due", words)
    if since > until:
        raise Refusal("period-reversed", "Kỳ số liệu phải có ngày đầu không muộn hơn ngày cuối.")
    return replace(asked, cutoff=cutoff, period_from=since, period_to=until)


async def _unit(books: Ledger, task: RowMapping, slug: str, today: date) -> int:
    unit = await unit_that_can_lead(books, slug, today)
    has_part = await books.rows(
        "SELECT 1 FROM task_owner WHERE task_id = :task AND unit_id = :unit AND ended_at IS NULL",
        task=task["id"],
        unit=unit["id"],
    )
    if task["ordinal"] and not has_part:
        words = f"{unit['name']} không chủ trì hay phối hợp {task_label(task['ordinal'])}; hãy bỏ đơn vị này, hoặc yêu"
        raise Refusal("unit-without-part", f"{words} cầu ở {task_label(0).lower()}.")
    return int(unit["id"])


async def _label(books: Ledger, task: RowMapping, kind: str, today: date) -> str:
    """`DX-20241015-1`: the kind, the day on which it was asked for, and its number among the task's of that day."""
    stem = f"{KINDS[kind][0]}-{today:%Y%m%d}-"
    earlier = await books.rows(
        "SELECT 1 FROM round WHERE task_id = :task AND starts_with(label, :stem)", task=task["id"], stem=stem
    )
    return f"{stem}{len(earlier) + 1}"


async def _write(books: Ledger, task: RowMapping, asked: RoundRequest, opening: _Opening, units: list[int]) -> None:
    """The round, who owes it, and its workflow, which its first fact rings."""
    label, rule, due = opening.label, opening.rule, opening.due
    made = await books.rows(
        _INSERT,
        **{"from": asked.period_from, "to": asked.period_to},
        task=task["id"],
        label=label,
        kind=asked.kind,
        title=asked.title,
        cutoff=asked.cutoff,
        words=rule.words(),
        now=opening.now,
    )
    await books.run(
        _OWED,
        round=made[0]["id"],
        units=units,
        strict=due.strict,
        literal=due.literal,
        lenient=due.lenient,
        late=due.late(Policy.from_json(task["policy"]).lateness),
        words=rule.words(),
        rule=str(rule),
        version=opening.version,
    )
    workflow = round_id(books.realm, task["slug"], task["ordinal"], label)
    title = f"{task_label(task['ordinal'])} · kỳ {label}"
    await want(books.connection, workflow, books.realm, Process.ROUND, made[0]["id"], title, opening.now)
