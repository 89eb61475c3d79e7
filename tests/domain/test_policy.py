"""The ladder and the other promises of a plan's policy."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import Due, DueRule, Lateness, due_before, due_by
from domain.notices import NoticeKind, Role
from domain.policy import (
    ACKNOWLEDGE_LADDER,
    DEFAULT_LADDER,
    ROLLUP_LADDER,
    WEEKLY,
    Anchor,
    Ladder,
    Policy,
    Rung,
    days_late,
)
from domain.workdays import VIETNAM, WorkCalendar, at_hour, end_of, local_date

TET_2025 = {date(2025, 1, 27) + timedelta(days=n) for n in range(5)}
OFF = frozenset(
    {date(2024, 9, 2), date(2024, 9, 3), date(2026, 11, 24), date(2028, 11, 24), date(2030, 11, 25)} | TET_2025
)
CALENDAR = WorkCalendar(OFF, frozenset({date(2025, 4, 26), date(2026, 8, 22)}), "by hand")
DAYS = st.dates(date(2024, 4, 1), date(2030, 12, 1))
POLICIES = st.sampled_from(list(Lateness))
CALENDARS = st.builds(
    lambda off, working: WorkCalendar(off - working, working, "any"),
    st.frozensets(DAYS, max_size=40), st.frozensets(DAYS, max_size=10),
)  # fmt: skip
HOURS = st.times(time(0), time(23, 59)).map(lambda hour: hour.replace(second=0, microsecond=0))
RULES = st.one_of(
    st.builds(DueRule, st.just("before"), DAYS, st.none() | HOURS), st.builds(DueRule, st.just("by"), DAYS)
)
NOVEMBER = due_before(date(2024, 11, 30), CALENDAR)


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=VIETNAM)


def ladder(lateness: Lateness = Lateness.LITERAL, rungs: tuple[Rung, ...] = DEFAULT_LADDER) -> Ladder:
    return Ladder(rungs, lateness, CALENDAR)


@pytest.mark.parametrize(
    ("lateness", "overdue"),
    [
        # The last day in time is Friday 29/11, Friday 29/11 and (rolled) Monday 2/12.
        (Lateness.STRICT, ["2024-12-02", "2024-12-04", "2024-12-10"]),
        (Lateness.LITERAL, ["2024-12-02", "2024-12-04", "2024-12-10"]),
        (Lateness.LENIENT, ["2024-12-03", "2024-12-05", "2024-12-11"]),
    ],
)
def test_the_rungs_of_2024(lateness: Lateness, overdue: list[str]) -> None:
    days = ["2024-10-18", "2024-11-20", "2024-11-28", "2024-11-29", *overdue]
    assert ladder(lateness).instants(NOVEMBER) == [at(f"{day} 08:00") for day in days]


@pytest.mark.parametrize(
    ("lateness", "overdue"),
    [
        # Trước 25/11/2028: the 24th is a holiday; in time until Thursday 23, Friday 24, Monday 27.
        (Lateness.STRICT, "2028-11-27"),
        (Lateness.LITERAL, "2028-11-27"),
        (Lateness.LENIENT, "2028-11-28"),
    ],
)
def test_the_first_overdue_rung_after_a_holiday(lateness: Lateness, overdue: str) -> None:
    due = due_before(date(2028, 11, 25), CALENDAR)
    found = dict(zip([r.name for r in DEFAULT_LADDER], ladder(lateness).instants(due), strict=True))
    assert found["due"] == at("2028-11-23 08:00")
    assert found["overdue-1"] == at(f"{overdue} 08:00")


@given(RULES, CALENDARS, POLICIES, st.sampled_from([DEFAULT_LADDER, ROLLUP_LADDER]))
def test_rungs_are_in_order_and_never_on_a_day_off(
    rule: DueRule, calendar: WorkCalendar, lateness: Lateness, rungs: tuple[Rung, ...]
) -> None:
    """Whatever the hour, whatever the days off."""
    due = rule.instants(calendar)
    climb = Ladder(rungs, lateness, calendar, repeat=WEEKLY)
    instants = [climb.instant(due, place) for place in range(len(rungs) + 5)]
    found = [instant for instant in instants if instant is not None]
    assert len(found) == len(rungs) + 5
    assert all(before < after for before, after in pairwise(found))
    assert all(calendar.is_workday(local_date(instant)) for instant in found)
    for rung, instant in zip(rungs, found, strict=False):
        late = due.late(lateness)
        assert (instant >= late) == (rung.workdays > 0), "overdue is told from the late instant on, not before"


@given(DAYS, POLICIES, st.sampled_from([-30, -1, 0, 1, 30]), st.sampled_from(list(Anchor)))
def test_no_rung_of_any_policy_falls_on_a_day_off(day: date, lateness: Lateness, workdays: int, anchor: Anchor) -> None:
    rung = Rung("x", NoticeKind.REMINDER, workdays, anchor, (Role.OFFICER,))
    for due in (due_before(day, CALENDAR), due_by(day, CALENDAR)):
        instant = rung.at(due, lateness, CALENDAR)
        assert CALENDAR.is_workday(local_date(instant))
        if workdays <= 0:
            assert instant < due.late(lateness) or anchor is Anchor.STRICT


@given(RULES, st.integers(0, 90), CALENDARS, POLICIES)
def test_an_extension_makes_no_rung_earlier(
    rule: DueRule, days: int, calendar: WorkCalendar, lateness: Lateness
) -> None:
    climb = Ladder(DEFAULT_LADDER, lateness, calendar)
    was = climb.instants(rule.instants(calendar))
    now = climb.instants(due_by(rule.day + timedelta(days=days), calendar))
    assert all(before <= after for before, after in zip(was, now, strict=True))


@given(DAYS, st.integers(0, 90), POLICIES)
def test_an_extension_makes_no_repeat_earlier(day: date, days: int, lateness: Lateness) -> None:
    climb = Ladder(DEFAULT_LADDER, lateness, CALENDAR, repeat=WEEKLY)
    places = range(len(DEFAULT_LADDER), len(DEFAULT_LADDER) + 4)
    was, now = due_before(day, CALENDAR), due_by(day + timedelta(days=days), CALENDAR)
    for place in places:
        before, after = climb.instant(was, place), climb.instant(now, place)
        assert before is not None and after is not None and before <= after


@pytest.mark.parametrize(
    ("raised", "now", "rung", "occurrence", "reached", "next_at", "why"),
    [
        (6, "2024-12-10 08:00", "overdue-7", 0, 7, "2024-12-17 08:00", "the last rung, a week to its first repeat"),
        (7, "2024-12-10 08:00", None, 0, 7, "2024-12-17 08:00", "nothing twice"),
        (7, "2024-12-17 08:00", "weekly", 1, 8, "2024-12-24 08:00", "the first repeat"),
        (8, "2025-01-02 09:00", "weekly", 3, 10, "2025-01-07 08:00", "of two slept through only the later"),
        (0, "2024-12-18 09:00", "overdue-7", 0, 8, "2024-12-24 08:00", "its last rung reaches more than its repeats"),
        (9, "2024-12-18 09:00", None, 0, 9, "2024-12-31 08:00", "told of more than is due"),
    ],
)
def test_the_end_of_the_ladder_is_repeated(
    raised: int, now: str, rung: str | None, occurrence: int, reached: int, next_at: str, why: str
) -> None:
    climb = Ladder(DEFAULT_LADDER, Lateness.LITERAL, CALENDAR, repeat=WEEKLY)
    found = climb.standing(NOVEMBER, raised, at(now))
    assert (found.due_rung and found.due_rung.name) == rung, why
    assert (found.occurrence, found.reached) == (occurrence, reached), why
    assert (found.next_rung and found.next_rung.name, found.next_at) == ("weekly", at(next_at)), why


@given(DAYS, HOURS, CALENDARS)
def test_an_assignment_is_told_again_on_working_mornings(day: date, hour: time, calendar: WorkCalendar) -> None:
    told = at_hour(day, hour)
    again, head = (rung.after(told, calendar) for rung in ACKNOWLEDGE_LADDER)
    assert told < again < head
    assert again == at_hour(calendar.shift(day, 3), time(8))
    assert head == at_hour(calendar.shift(day, 6), time(8))


@given(DAYS, POLICIES, st.integers(0, len(DEFAULT_LADDER)), st.integers(-80, 40))
def test_standing(day: date, lateness: Lateness, raised: int, days: int) -> None:
    """Only the highest rung due is raised, the next is still to come, and one told of a rung is not told again."""
    climb, due = ladder(lateness), due_before(day, CALENDAR)
    instants, now = climb.instants(due), due.strict + timedelta(days=days)
    standing = climb.standing(due, raised, now)
    passed = sum(instant <= now for instant in instants)
    assert (standing.due_rung is None) == (passed <= raised)
    if standing.due_rung is not None:
        assert climb.position(standing.due_rung.name) == passed
        again = climb.standing(due, climb.position(standing.due_rung.name), now)
        assert again.due_rung is None
        assert again.next_rung == standing.next_rung
    if standing.next_at is not None and standing.next_rung is not None:
        index = climb.position(standing.next_rung.name) - 1
        assert index == max(passed, raised)
        assert standing.next_at == instants[index]
    else:
        assert max(passed, raised) == len(DEFAULT_LADDER)


@pytest.mark.parametrize(
    ("raised", "now", "due_rung", "next_rung", "why"),
    [
        (0, "2024-10-18 07:59", None, "before-30", "a minute before the first"),
        (0, "2024-10-18 08:00", "before-30", "before-7", "the instant itself"),
        (1, "2024-11-19 08:00", None, "before-7", "between two"),
        (0, "2024-11-28 12:00", "before-1", "due", "two were slept through and are dropped"),
        (1, "2024-12-20 09:00", "overdue-7", None, "after a long sleep only the highest"),
        (7, "2024-12-20 09:00", None, None, "nothing is left"),
        (4, "2024-12-02 08:00", "overdue-1", "overdue-3", "the first working day too late"),
        (4, "2024-11-30 12:00", None, "overdue-1", "late, but a Saturday"),
        (5, "2024-11-01 08:00", None, "overdue-3", "told of more than is due: nothing is said twice"),
    ],
)
def test_where_one_stands(raised: int, now: str, due_rung: str | None, next_rung: str | None, why: str) -> None:
    found = ladder().standing(NOVEMBER, raised, at(now))
    assert (found.due_rung and found.due_rung.name) == due_rung, why
    assert (found.next_rung and found.next_rung.name) == next_rung, why


def test_position_counts_from_the_lowest() -> None:
    names = [rung.name for rung in DEFAULT_LADDER]
    assert [ladder().position(name) for name in names] == [1, 2, 3, 4, 5, 6, 7]


def test_whom_each_overdue_rung_tells() -> None:
    roles = {rung.name: set(rung.roles) for rung in DEFAULT_LADDER}
    assert roles["due"] == {Role.OFFICER}
    assert roles["overdue-1"] == {Role.OFFICER, Role.HEAD}
    assert roles["overdue-3"] == {Role.OFFICER, Role.HEAD, Role.COORDINATOR}
    assert roles["overdue-7"] == {Role.OFFICER, Role.HEAD, Role.COORDINATOR, Role.LEADER}


@pytest.mark.parametrize(
    ("raised", "leaves", "why"),
    [
        ("2024-11-20 08:00", "2024-11-20 08:10", "after the window"),
        ("2024-11-20 06:40", "2024-11-20 07:00", "before the sending hours"),
        ("2024-11-20 06:50", "2024-11-20 07:00", "the window ends as the hours begin"),
        ("2024-11-20 06:51", "2024-11-20 07:01", "the window ends in them"),
        ("2024-11-20 19:49", "2024-11-20 19:59", "just within"),
        ("2024-11-20 19:50", "2024-11-21 07:00", "the window ends as the hours do"),
        ("2024-11-20 23:00", "2024-11-21 07:00", "at night"),
        ("2024-11-20 23:55", "2024-11-21 07:00", "the window crosses midnight: still the coming morning"),
        ("2024-12-31 23:55", "2025-01-01 07:00", "and the year"),
        ("2024-11-21 00:00", "2024-11-21 07:00", "midnight belongs to the coming day"),
    ],
)
def test_when_a_notice_may_leave(raised: str, leaves: str, why: str) -> None:
    assert Policy().send_at(at(raised), NoticeKind.REMINDER) == at(leaves), why


@pytest.mark.parametrize(
    ("raised", "leaves", "why"),
    [
        ("2024-11-29 08:00", "2024-11-29 08:00:02", "at once, but for those of the same instant"),
        ("2024-11-29 23:00", "2024-11-30 07:00", "the quiet hours hold"),
        ("2024-11-29 19:59:59", "2024-11-30 07:00", "and begin on the second"),
    ],
)
@pytest.mark.parametrize("kind", [NoticeKind.DUE, NoticeKind.OVERDUE])
def test_what_is_urgent_skips_the_window(kind: NoticeKind, raised: str, leaves: str, why: str) -> None:
    assert Policy().send_at(at(raised), kind) == at(leaves), why


@given(DAYS, st.integers(0, 24 * 60 * 60 - 1), st.integers(0, 600))
def test_notices_leave_in_the_sending_hours_and_in_order(day: date, second: int, minutes: int) -> None:
    policy, raised = Policy(), at_hour(day, time(0)) + timedelta(seconds=second)
    leaves = policy.send_at(raised, NoticeKind.REMINDER)
    assert time(7) <= leaves.astimezone(VIETNAM).time() < time(20)
    assert timedelta(minutes=10) <= leaves - raised <= timedelta(hours=11, minutes=10)
    assert policy.send_at(raised + timedelta(minutes=minutes), NoticeKind.REMINDER) >= leaves


def test_a_policy_survives_json() -> None:
    policy = Policy(
        lateness=Lateness.LENIENT,
        ladder=(*DEFAULT_LADDER, Rung("overdue-15", NoticeKind.OVERDUE, 15, Anchor.LATE, (Role.LEADER,))),
        return_workdays=3,
        sending_from="06:30",
        opens={"monthly": 5},
        weekly=None,
    )
    for one in (Policy(), policy):
        assert Policy.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_missing_keys_take_the_default_and_unknown_ones_are_refused() -> None:
    assert Policy.from_json({}) == Policy()
    assert Policy.from_json({"extensions": 2}) == replace(Policy(), extensions=2)
    with pytest.raises(TypeError, match="latenes"):
        Policy.from_json({"latenes": "strict"})
    with pytest.raises(ValueError, match="kind"):
        Policy.from_json({"lateness": "kind"})


def test_reading_a_policy_leaves_what_was_given() -> None:
    data = json.loads(json.dumps(Policy().to_json()))
    before = json.dumps(data)
    Policy.from_json(data)
    assert json.dumps(data) == before


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2024-11-29 23:59", 0),
        ("2024-11-30 00:00", 0),  # late, but no working day has passed
        ("2024-12-01 12:00", 0),
        ("2024-12-02 00:00", 1),
        ("2024-12-06 18:00", 5),
        ("2024-12-09 08:00", 6),
    ],
)
def test_working_days_late(now: str, days: int) -> None:
    assert days_late(end_of(date(2024, 11, 29)), at(now), CALENDAR) == days


def test_an_instant_of_two_dues_is_remembered_apart() -> None:
    climb, later = ladder(), due_by(date(2024, 12, 6), CALENDAR)
    assert climb.instants(NOVEMBER)[3] == at_hour(date(2024, 11, 29), time(8))
    assert climb.instants(later)[3] == at_hour(date(2024, 12, 6), time(8))
    assert climb.instants(Due(NOVEMBER.strict, NOVEMBER.literal, NOVEMBER.lenient)) is climb.instants(NOVEMBER)
