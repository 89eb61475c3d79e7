"""A draft's values in words."""

from __future__ import annotations

from datetime import date

import pytest

from domain.plan import IndicatorDraft, ReportingDraft, Where
from domain.plan_words import figure_words, reporting_words, rule_words, where_words
from domain.timing import TimingKind, TimingRule

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (TimingRule(TimingKind.YEARLY), "hằng năm"),
        (TimingRule(TimingKind.MONTHLY, label="trước ngày 18"), "hằng tháng (trước ngày 18)"),
        (TimingRule(TimingKind.ONGOING), "thường xuyên"),
        (TimingRule(TimingKind.RANGE, FIRST, LAST), "từ 01/4/2026 đến 30/6/2026"),
        (TimingRule(TimingKind.RANGE, FIRST), "từ 01/4/2026 trở đi"),
        (TimingRule(TimingKind.WITHIN, FIRST, LAST), "từ 01/4/2026 đến hết 30/6/2026"),
        (TimingRule(TimingKind.WITHIN, to=LAST, soft=True), "chậm nhất hết ngày 30/6/2026, phấn đấu"),
        (TimingRule(TimingKind.WITHIN, LAST, LAST), "chậm nhất hết ngày 30/6/2026"),
        (TimingRule(TimingKind.BY, by=LAST), "trước ngày 30/6/2026"),
        (TimingRule(TimingKind.AFTER_EVENT, event="có hướng dẫn"), "sau khi có hướng dẫn"),
        (TimingRule(TimingKind.UNSTATED, label="khi thuận lợi"), "chưa rõ (khi thuận lợi)"),
    ],
)
def test_rules(rule: TimingRule, words: str) -> None:
    assert rule_words(rule) == words


def test_every_kind_of_rule_has_words() -> None:
    assert all(rule_words(TimingRule(kind)) for kind in TimingKind)


def test_regimes_figures_and_places() -> None:
    whole = ReportingDraft("units", ("UBND tỉnh", "Bộ"), "Sở A", "yearly", "11-30", True)
    words = "Các đơn vị báo cáo UBND tỉnh, Bộ qua Sở A: hằng năm, trước ngày 30/11, khi có yêu cầu"
    assert reporting_words(whole) == words
    assert reporting_words(ReportingDraft("lead")) == "Cơ quan tổng hợp báo cáo: chưa rõ"
    assert figure_words(IndicatorDraft(2025, "", ">=", 70, "%", "")) == "≥ 70%"
    assert figure_words(IndicatorDraft(2025, "", ">", 1.5, "triệu lượt", "")) == "> 1,5 triệu lượt"
    assert figure_words(IndicatorDraft(2025, "", "=", 1234567, None, "")) == "= 1234567"
    assert where_words(Where(3, 2, 5)) == "trang 3, hàng 2, dòng 5"
    assert where_words(Where()) == ""
