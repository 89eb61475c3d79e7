"""What was understood of a document, in words."""

from __future__ import annotations

from datetime import date

import pytest

from domain.plan import ReportingDraft
from domain.plan_words import before_entry, before_phrase, regime_words, reporting_words, round_words, rule_words
from domain.regime_words import is_before, read_before
from domain.timing import TimingKind, TimingRule, parse_timing


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("Hằng năm", ["hằng năm"]),
        ("6 tháng một lần", ["6 tháng một lần"]),
        ("Thường xuyên", ["thường xuyên"]),
        ("2024-2026", ["từ 01/01/2024 đến 31/12/2026"]),
        ("Từ năm 2025", ["từ 01/01/2025 trở đi"]),
        ("Trước ngày 30/11/2024", ["trước ngày 30/11/2024"]),
        ("Đến hết năm 2025", ["chậm nhất hết ngày 31/12/2025"]),
        ("Trước ngày 30/11 hằng năm", ["hằng năm (Trước ngày 30/11)"]),
    ],
)
def test_times_in_words(cell: str, words: list[str]) -> None:
    assert [rule_words(rule) for rule in parse_timing(cell).rules] == words


def test_every_kind_of_rule_has_words() -> None:
    day = date(2025, 6, 30)
    for kind in TimingKind:
        assert kind.value not in rule_words(TimingRule(kind, day, day, day, "có hướng dẫn"))


def test_a_duty_without_a_time_is_unclear() -> None:
    assert reporting_words(ReportingDraft("lead")) == "Cơ quan tổng hợp báo cáo: chưa rõ"
    asked = ReportingDraft("units", ("Sở TT",), via="thư điện tử", on_request=True)
    assert reporting_words(asked) == "Các đơn vị báo cáo Sở TT qua thư điện tử: khi có yêu cầu"


@pytest.mark.parametrize(
    ("every", "before", "told", "entered", "understood"),
    [
        ("yearly", "11-30", "trước ngày 30/11", "30/11", "trước ngày 30/11 hằng năm"),
        ("half_yearly", "06-15", "trước ngày 15/06", "15/06", "trước ngày 15/06"),
        ("quarterly", "03-20,06-20,09-20,12-20", "trước ngày 20/03, 20/06, 20/09, 20/12",
         "20/03, 20/06, 20/09, 20/12", "trước ngày 20 của tháng cuối mỗi quý"),
        ("monthly", "18", "trước ngày 18", "18", "trước ngày 18 hằng tháng"),
        ("monthly", "18T09:30", "trước 9 giờ 30 ngày 18", "09:30 ngày 18", "trước 9 giờ 30 ngày 18 hằng tháng"),
        ("weekly", "5T16:00", "trước 16 giờ 00 ngày thứ Sáu", "thứ Sáu 16:00",
         "trước 16 giờ 00 ngày thứ Sáu hằng tuần"),
        ("monthly", "11-30", "trước ngày 30/11", "30/11", "trước ngày 30/11"),
    ],
)  # fmt: skip
def test_a_regime_in_words(every: str, before: str, told: str, entered: str, understood: str) -> None:
    assert (before_phrase(every, before), before_entry(every, before)) == (told, entered)
    assert regime_words(every, before) == understood
    entry = ReportingDraft("units", ("Sở TT",), every=every, before=before)  # type: ignore[arg-type]
    assert reporting_words(entry).endswith(told)
    if is_before(every, before):
        assert read_before(every, entered) == read_before(every, told) == before


@pytest.mark.parametrize(
    ("label", "title", "words"),
    [
        ("2024", "", "năm 2024"), ("2024-H2", "", "6 tháng cuối năm 2024"), ("2024-Q2", "", "quý II năm 2024"),
        ("2024-05", "", "tháng 5 năm 2024"), ("2024-W18", "", "tuần 18 năm 2024"), ("2024-06-30", "", "30/6/2024"),
        ("DX-20241015-1", "Thiệt hại do bão", "Thiệt hại do bão"), ("DX-20241015-1", "", "DX-20241015-1"),
    ],
)  # fmt: skip
def test_a_round_in_words(label: str, title: str, words: str) -> None:
    assert round_words(label, title) == words
