"""Regimes as text and in words, and the rounds that each rhythm makes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.deadlines import RoundDates
from domain.errors import Refusal
from domain.levels import levels_of, rollups_of
from domain.plan import ReportingDraft
from domain.policy import Policy
from domain.regime import CYCLE_DAYS, Regime, Rhythm, regime_of
from domain.regime_words import before_words, is_before, read_before, regime_of_rule
from domain.rounds import rounds_of
from domain.timing import TimingKind, TimingRule, parse_timing
from domain.workdays import VIETNAM, WorkCalendar, at_hour, last_day_of, local_date

OFF = {date(2025, 1, 27) + timedelta(days=n) for n in range(5)} | {
    date(2026, 2, 16) + timedelta(days=n) for n in range(5)
}
CALENDAR = WorkCalendar(frozenset(OFF | {date(2026, 11, 24), date(2028, 11, 24)}), frozenset({date(2025, 4, 26)}), "x")
EVER = datetime(2000, 1, 1, tzinfo=VIETNAM)
SHORT = Policy(first_year=2024, last_year=2027)
EVERY = (TimingRule(TimingKind.ONGOING),)

MONTHS, DAYS = st.integers(1, 12), st.integers(1, 28)
HOURS = st.none() | st.times(time(0, 1), time(23, 59)).map(lambda hour: hour.replace(second=0, microsecond=0))
LAST_MONTHS = st.integers(1, 31).map(str)


@st.composite
def regimes(draw: st.DrawFn) -> str:
    """The text of any regime."""
    rhythm = draw(st.sampled_from(list(Rhythm)))
    hour = draw(HOURS)
    by = "" if hour else draw(st.sampled_from(["", "by "]))
    if rhythm is Rhythm.WEEKLY:
        days = str(draw(st.integers(1, 7)))
    elif rhythm is Rhythm.MONTHLY:
        days = draw(LAST_MONTHS)
    else:
        first, day = draw(st.integers(1, 12 // len(_MONTHS[rhythm]))), draw(DAYS)
        days = ",".join(f"{(month + first - 1) % 12 + 1:02d}-{day:02d}" for month in _MONTHS[rhythm])
    return f"{rhythm} {by}{days}" + (f"T{hour:%H:%M}" if hour else "")


_MONTHS = {Rhythm.YEARLY: (0,), Rhythm.HALF_YEARLY: (0, 6), Rhythm.QUARTERLY: (0, 3, 6, 9)}


def rounds(regime: str, calendar: WorkCalendar = CALENDAR) -> list[RoundDates]:
    return rounds_of(EVERY, regime, SHORT, calendar, EVER)


@given(regimes())
def test_a_regime_survives_as_text(text: str) -> None:
    regime = Regime.parse(text)
    assert Regime.parse(str(regime)) == regime
    assert Regime.of(regime.rhythm, regime.before) == regime


@pytest.mark.parametrize(
    ("text", "stored", "words"),
    [
        ("11-30", "11-30", "trước ngày 30/11 hằng năm"),
        ("yearly 11-30", "11-30", "trước ngày 30/11 hằng năm"),
        ("yearly by 12-31", "yearly by 12-31", "chậm nhất ngày 31/12 hằng năm"),
        ("02-05", "02-05", "trước ngày 05/02 hằng năm"),
        ("half_yearly 12-15,06-15", "half_yearly 06-15,12-15", "trước ngày 15/6 và 15/12 hằng năm"),
        ("half_yearly 01-10,07-10", "half_yearly 07-10,01-10", "trước ngày 10/7 và 10/01 hằng năm"),
        ("quarterly 20", "quarterly 03-20,06-20,09-20,12-20", "trước ngày 20 của tháng cuối mỗi quý"),
        ("quarterly 01-05,04-05,07-05,10-05", "quarterly 04-05,07-05,10-05,01-05",
         "trước ngày 05/4, 05/7, 05/10 và 05/01 hằng năm"),
        ("monthly 18", "monthly 18", "trước ngày 18 hằng tháng"),
        ("monthly by 5", "monthly by 05", "chậm nhất ngày 05 hằng tháng"),
        ("weekly 5T16:00", "weekly 5T16:00", "trước 16 giờ 00 ngày thứ Sáu hằng tuần"),
        ("weekly 7", "weekly 7", "trước ngày Chủ nhật hằng tuần"),
    ],
)  # fmt: skip
def test_texts_and_words(text: str, stored: str, words: str) -> None:
    regime = Regime.parse(text)
    assert (str(regime), regime.words()) == (stored, words)


@pytest.mark.parametrize(
    "text",
    [
        "", "yearly", "30/11", "daily 1", "monthly 0", "monthly 32", "monthly 03-20", "weekly 0", "weekly 8",
        "weekly 1,2", "02-30", "13-01", "yearly 06-15,12-15", "half_yearly 06-15", "half_yearly 11-15,12-15",
        "quarterly 03-20",
        "quarterly 03-20,06-20,09-20", "weekly 5T25:00", "monthly by 18T16:00", "quarterly 40",
    ],
)  # fmt: skip
def test_what_is_no_regime_is_refused_with_words(text: str) -> None:
    with pytest.raises(Refusal, match="hãy nhập") as refused:
        Regime.parse(text)
    assert refused.value.code == "regime-invalid"


@given(regimes())
@settings(max_examples=60)
def test_periods_join_and_rounds_come_by_opening(text: str) -> None:
    found = rounds(text)
    assert len({each.label for each in found}) == len(found) > 0
    assert [each.opens_at for each in found] == sorted(each.opens_at for each in found)
    ordered = sorted(found, key=lambda each: each.period_to)
    assert all(after.period_from == before.period_to + timedelta(days=1) for before, after in pairwise(ordered))
    assert [each.due.literal for each in ordered] == sorted(each.due.literal for each in ordered)


@given(regimes())
@settings(max_examples=60)
def test_a_working_day_lies_between_the_cut_off_and_the_last_day_for_sending(text: str) -> None:
    """NĐ 09/2019 Đ8.5; and whoever must report has time: a round opens before it is due, on a working morning."""
    for each in rounds(text):
        assert CALENDAR.shift(each.cutoff, 1) <= last_day_of(each.due.strict)
        assert each.period_from <= each.cutoff <= each.period_to
        assert each.opens_at < each.due.strict
        assert CALENDAR.is_workday(local_date(each.opens_at))
        assert each.rule.instants(CALENDAR) == each.due and each.due_text == each.rule.words()


@given(regimes(), regimes())
@settings(max_examples=60)
def test_every_round_of_the_units_is_in_one_rollup(units: str, lead: str) -> None:
    periods = [(each.period_from, each.period_to) for each in rollups_of(units, lead, SHORT, CALENDAR)]
    assert all(after[0] == before[1] + timedelta(days=1) for before, after in pairwise(periods))
    for each in rounds(units):
        if periods[0][0] <= each.period_to <= periods[-1][1]:
            assert sum(first <= each.period_to <= last for first, last in periods) == 1


@given(regimes(), regimes())
@settings(max_examples=60)
def test_a_rollup_is_never_due_before_the_reports_in_it(units: str, lead: str) -> None:
    for level in levels_of(units, lead, SHORT, CALENDAR):
        assert level.rollup.opens_at <= level.rollup.due.strict
        if level.units is not None:
            assert level.rollup.cutoff == level.units.cutoff
            assert level.rollup.due.literal >= level.units.due.literal
            next_day = CALENDAR.roll_forward(local_date(level.units.due.lenient) + timedelta(days=1))
            if not level.is_close(CALENDAR) and at_hour(next_day, time(8)) < level.rollup.due.strict:
                assert level.rollup.opens_at >= level.units.due.lenient


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_there_are_as_many_rounds_as_the_rhythm_has(rhythm: Rhythm) -> None:
    days = {"yearly": "11-30", "half_yearly": "06-15,12-15", "quarterly": "20", "monthly": "18", "weekly": "5T16:00"}
    found = rounds(f"{rhythm} {days[rhythm]}")
    weeks_of_tet = 2
    expected = {"yearly": 4, "half_yearly": 8, "quarterly": 16, "monthly": 48, "weekly": 208 - weeks_of_tet}
    assert len(found) == expected[rhythm]
    assert min(CYCLE_DAYS.values()) == CYCLE_DAYS[Rhythm.WEEKLY]


# What a task says for itself


@pytest.mark.parametrize(
    ("words", "regime"),
    [
        ("trước ngày 18 hằng tháng", "monthly 18"),
        ("Hằng tháng (trước ngày 25)", "monthly 25"),
        ("chậm nhất là ngày 20 hằng tháng", "monthly by 20"),
        ("vào ngày 20 hằng tháng", "monthly by 20"),
        ("Trước 16 giờ 00 ngày thứ Sáu hằng tuần", "weekly 5T16:00"),
        ("hằng tuần, trước 16h00 thứ Sáu", "weekly 5T16:00"),
        ("trước thứ năm hằng tuần", "weekly 4"),
        ("thứ 2 hằng tuần", "weekly by 1"),
        ("trước ngày 15/6 và 15/12 hằng năm", "half_yearly 06-15,12-15"),
        ("trước ngày 15 tháng 6 và ngày 15 tháng 12 hằng năm", "half_yearly 06-15,12-15"),
        ("trước ngày 20/3, 20/6, 20/9, 20/12 hằng năm", "quarterly 03-20,06-20,09-20,12-20"),
        ("hằng quý, trước ngày 20 tháng cuối quý", "quarterly 03-20,06-20,09-20,12-20"),
        ("trước ngày 10 tháng đầu quý", "quarterly 04-10,07-10,10-10,01-10"),
        ("báo cáo trước ngày 30/11 hằng năm", "11-30"),
        ("trước 17 giờ ngày 18 hằng tháng", "monthly 18T17:00"),
        ("đầu mỗi tháng", "monthly by 01"),
        ("cuối mỗi năm", "yearly by 12-31"),
        ("Hằng tháng", None),
        ("thường xuyên", None),
        ("quý IV hằng năm", None),
        ("trước tháng 12 hằng năm", None),
        ("chiều thứ Sáu hằng tuần", None),
        ("ngày 15, 30 hằng tháng", None),
        ("cuối mỗi quý", None),
        ("02 lần/năm", None),
        ("Năm 2026", None),
    ],
)
def test_the_day_that_a_task_names_for_itself(words: str, regime: str | None) -> None:
    (rule,) = parse_timing(words).rules
    found = regime_of_rule(rule)
    assert (str(found) if found else None) == regime


def labels(words: str, regime: str = "11-30", guidance: date | None = None) -> list[str]:
    return [each.label for each in rounds_of(parse_timing(words).rules, regime, SHORT, CALENDAR, EVER, guidance)]


@pytest.mark.parametrize(
    ("words", "regime", "first", "count"),
    [
        ("trước ngày 18 hằng tháng", "11-30", "2024-01", 48),
        ("Hằng tháng", "11-30", "2024", 4),
        ("Hằng năm", "monthly 18", "2024-01", 48),
        ("Thường xuyên, trước ngày 18 hằng tháng", "11-30", "2024-01", 48),
        ("trước ngày 18 hằng tháng từ năm 2026", "11-30", "2026-01", 24),
        ("2025-2026", "quarterly 20", "2025-Q1", 8),
        ("Quý II/2026", "monthly 18", "2026-04", 3),
        ("tháng 5/2026", "quarterly 20", "2026-Q2", 1),
        ("đến năm 2026", "half_yearly 06-15,12-15", "2026-H2", 1),
        ("từ năm 2026 trở đi", "monthly 18", "2026-01", 24),
        ("10 ngày làm việc kể từ ngày có hướng dẫn", "11-30", "", 0),
        ("Sau khi có hướng dẫn", "monthly 18", "2024-01", 48),
    ],
)
def test_the_rounds_of_a_task(words: str, regime: str, first: str, count: int) -> None:
    found = labels(words, regime)
    assert (found[0] if found else "", len(found)) == (first, count)


def test_what_is_said_of_a_year_is_said_in_its_last_report() -> None:
    rules = parse_timing("Hàng năm/ Năm 2025 báo cáo đánh giá cả giai đoạn").rules
    found = rounds_of(rules, "quarterly 20", SHORT, CALENDAR, EVER)
    told = [each.label for each in found if each.due_text.endswith("(báo cáo đánh giá cả giai đoạn)")]
    assert told == ["2025-Q4"]


def test_a_term_is_counted_from_its_guidance() -> None:
    assert labels("15 ngày kể từ ngày có hướng dẫn", guidance=date(2024, 11, 14)) == ["2024-11-29"]
    assert labels("01 tháng kể từ ngày có hướng dẫn", guidance=date(2024, 10, 31)) == ["2024-12-02"]


# What a person fills in


@pytest.mark.parametrize(
    ("every", "given_", "before", "words"),
    [
        ("yearly", "30/11", "11-30", "30/11"),
        (None, " 30-11 ", "11-30", "30/11"),
        ("half_yearly", "15/12 và 15/6", "06-15,12-15", "15/06, 15/12"),
        ("half_yearly", "15/6", "06-15", "15/06"),
        ("quarterly", "20", "03-20,06-20,09-20,12-20", "20/03, 20/06, 20/09, 20/12"),
        ("monthly", "trước ngày 5", "05", "05"),
        ("weekly", "Thứ Sáu 16:00", "5T16:00", "thứ Sáu 16:00"),
        ("weekly", "trước 16 giờ 30 ngày thứ 6", "5T16:30", "thứ Sáu 16:30"),
        ("weekly", "chủ nhật", "7", "Chủ nhật"),
    ],
)
def test_what_a_person_fills_in(every: str | None, given_: str, before: str, words: str) -> None:
    assert read_before(every, given_) == before
    assert before_words(every, before) == words
    assert read_before(every, words) == before
    assert is_before(every, before)


@pytest.mark.parametrize(
    ("every", "given_"),
    [("yearly", ""), ("yearly", "31/02"), ("quarterly", "20/3"), ("monthly", "32"), ("weekly", "5"),
     ("weekly", "thứ 8"), ("yearly", "15/6, 15/12"), ("monthly", "18/5"), ("yearly", "chậm nhất 30/11"),
     ("weekly", "thứ Sáu 25:00")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_an_example(every: str, given_: str) -> None:
    with pytest.raises(Refusal, match="ví dụ"):
        read_before(every, given_)


@given(st.text(max_size=40), st.sampled_from([*Rhythm]))
def test_nothing_filled_in_breaks_anything(given_: str, every: Rhythm) -> None:
    try:
        before = read_before(every, given_)
    except Refusal:
        return
    assert is_before(every, before)
    assert read_before(every, before_words(every, before)) == before


def test_the_regime_of_several_entries() -> None:
    def of(*entries: tuple[str | None, str | None]) -> str | None:
        found = regime_of([ReportingDraft("units", (), None, each, day) for each, day in entries], "units")  # type: ignore[arg-type]
        return str(found) if found else None

    assert of(("yearly", "11-30")) == of((None, "11-30")) == "11-30"
    assert of(("half_yearly", "06-15"), ("yearly", "12-15")) == "half_yearly 06-15,12-15"
    assert of(("half_yearly", "06-15"), ("half_yearly", "12-15")) == "half_yearly 06-15,12-15"
    assert of(("quarterly", "03-15"), ("yearly", "11-30")) == "11-30", "the whole one"
    assert of(("yearly", "11-30"), ("monthly", "18")) == "monthly 18", "the denser one"
    assert of(("quarterly", None), ("yearly", "12-05")) == "12-05"
    assert of(("monthly", None)) is None
    with pytest.raises(Refusal, match="6 tháng"):
        of(("half_yearly", "06-15"))
