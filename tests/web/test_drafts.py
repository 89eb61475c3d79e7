"""What was understood of a document, in words."""

from __future__ import annotations

from datetime import date

import pytest

from domain.plan import ReportingDraft
from domain.plan_words import reporting_words, rule_words
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
