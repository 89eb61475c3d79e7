"""Which rounds a task has, from the words of its cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from domain.deadlines import RoundDates, year_period
from domain.levels import rollups_of
from domain.policy import Policy
from domain.rounds import rounds_of
from domain.timing import TimingKind, TimingRule, parse_timing
from domain.workdays import VIETNAM, WorkCalendar, at_hour, last_day_of

CALENDAR = WorkCalendar(frozenset({date(2026, 11, 24), date(2028, 11, 24), date(2030, 1, 1)}), frozenset(), "by hand")
ALL_YEARS = ["2024", "2025", "2026", "2027", "2028", "2029", "2030"]


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=VIETNAM)


def rounds(words: str, since: str = "2024-01-15 08:00", policy: Policy | None = None) -> list[RoundDates]:
    return rounds_of(parse_timing(words).rules, "11-30", policy or Policy(), CALENDAR, at(since))


def labels(words: str, since: str = "2024-01-15 08:00") -> list[str]:
    return [r.label for r in rounds(words, since)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Thường xuyên", ALL_YEARS),
        ("Hàng năm", ALL_YEARS),
        ("Hằng quý", ALL_YEARS),
        ("6 tháng", ALL_YEARS),
        ("Sau khi có hướng dẫn từ Bộ Thông tin và Truyền thông", ALL_YEARS),
        ("", ALL_YEARS),
        ("chờ ý kiến", ALL_YEARS),
        ("2023-2025", ["2024", "2025"]),
        ("giai đoạn 2024-2030", ALL_YEARS),
        ("2027 - 2030", ["2027", "2028", "2029", "2030"]),
        ("2029-2035", ["2029", "2030"]),
        ("từ năm 2028 trở đi", ["2028", "2029", "2030"]),
        ("Trong năm 2026", ["2026"]),
        ("Quý II/2026", ["2026"]),
        ("tháng 5/2026", ["2026"]),
        ("đến năm 2027", ["2027"]),
        ("2018-2020", []),
        ("trước ngày 01/01/2030", ["2030-01-01"]),
        ("trước quý IV năm 2025", ["2025-10-01"]),
        ("2024; 2026", ["2024", "2026"]),
        ("trước ngày 30/6/2025; trước ngày 30/6/2026", ["2025-06-30", "2026-06-30"]),
    ],
)
def test_rounds(words: str, found: list[str]) -> None:
    assert labels(words) == found


def test_a_year_named_beside_every_year_is_a_label_and_no_second_report() -> None:
    found = rounds("Hàng năm/ Năm 2025 báo cáo đánh giá cả giai đoạn")
    assert [r.label for r in found] == ALL_YEARS
    assert found[0].due_text == "trước ngày 30/11/2024"
    assert found[1].due_text == "trước ngày 30/11/2025 (báo cáo đánh giá cả giai đoạn)"
    assert found[2].due_text == "trước ngày 30/11/2026"


def test_a_milestone_has_instants_of_its_own() -> None:
    (found,) = rounds("trước ngày 01/01/2030")
    assert last_day_of(found.due.strict) == date(2029, 12, 31)
    assert last_day_of(found.due.lenient) == date(2030, 1, 2)
    assert found.due_text == "trước ngày 01/01/2030"
    assert found.cutoff == date(2029, 12, 28)


def test_one_day_named_twice_is_one_milestone() -> None:
    """A label is a round's key: a second one would keep its task from ever taking a step."""
    day = date(2026, 6, 30)
    rules = [TimingRule(TimingKind.BY, by=day), TimingRule(TimingKind.BY, by=day, label="bản chính thức")]
    found = rounds_of(rules, "11-30", Policy(), CALENDAR, at("2024-01-15 08:00"))
    assert [r.label for r in found] == ["2026-06-30"]
    assert found[0].due_text == "trước ngày 30/6/2026 (bản chính thức)"


@pytest.mark.parametrize(
    ("since", "first", "why"),
    [
        ("2024-11-29 23:59", "2024", "on the last working day it can still be kept"),
        ("2024-11-30 00:00", "2025", "nobody could have kept that of 2024"),
        ("2026-03-01 08:00", "2026", "a plan that went live later"),
    ],
)
def test_rounds_that_nobody_could_keep_are_left_out(since: str, first: str, why: str) -> None:
    assert labels("Thường xuyên", since)[0] == first, why


def test_a_milestone_in_the_past_is_left_out() -> None:
    assert labels("trước ngày 01/02/2024; trước ngày 01/02/2025", "2024-03-01 08:00") == ["2025-02-01"]


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    found = rounds_of((), "02-29", Policy(first_year=2027, last_year=2028), CALENDAR, at("2026-01-01 08:00"))
    assert found == []
    (every,) = parse_timing("Hằng năm").rules
    found = rounds_of([every], "02-29", Policy(first_year=2027, last_year=2028), CALENDAR, at("2026-01-01 08:00"))
    assert [r.due_text for r in found] == ["trước ngày 28/02/2027", "trước ngày 29/02/2028"]


def test_rounds_come_by_opening_under_labels_of_their_own() -> None:
    found = rounds("Thường xuyên; trước ngày 30/6/2025; trước ngày 30/11/2025; 2026-2028")
    opens = [r.opens_at for r in found]
    assert opens == sorted(opens)
    assert len({r.label for r in found}) == len(found) == 9


def test_the_plans_years_are_policy() -> None:
    short = Policy(first_year=2025, last_year=2026)
    assert [r.label for r in rounds("Hàng năm", policy=short)] == ["2025", "2026"]
    assert [r.label for r in rounds("từ năm 2026 trở đi", policy=short)] == ["2026"]


def test_the_cut_off_is_always_at_least_a_working_day_before_sending() -> None:
    for words in ("Thường xuyên", "trước ngày 01/01/2030", "trước ngày 25/11/2028"):
        for found in rounds(words):
            assert CALENDAR.shift(found.cutoff, 1) <= last_day_of(found.due.strict)


def every_rollup() -> Iterator[tuple[int, RoundDates]]:
    return zip(range(2024, 2031), rollups_of("11-30", "12-15", Policy(), CALENDAR), strict=True)


def test_the_rollups_dates() -> None:
    found = dict(every_rollup())[2024]
    # 15/12/2024 is a Sunday: sending is on Friday the 13th, compiling two working days earlier.
    assert last_day_of(found.due.strict) == date(2024, 12, 13)
    assert found.opens_at == at_hour(date(2024, 12, 11), at("2024-01-01 08:00").time())
    assert found.cutoff == date(2024, 11, 28), "the rollup cannot know more than the units' reports"
    assert found.due_text == "trước ngày 15/12/2024"


def test_rollups_are_compiled_after_the_units_deadline_and_before_their_own() -> None:
    for year, found in every_rollup():
        units = next(r for r in rounds("Hàng năm") if r.label == str(year))
        assert units.due.lenient <= found.opens_at < found.due.strict
        assert found.cutoff == units.cutoff
        assert (found.period_from, found.period_to) == year_period(year)
        assert found.label == str(year)
