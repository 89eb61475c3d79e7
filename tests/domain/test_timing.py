"""The words of a timing cell become exactly these rules, and any other words become none."""

from datetime import date

import pytest

from domain.timing import Timing, TimingKind, TimingRule, parse_timing

K = TimingKind
WITHIN, RANGE = K.WITHIN, K.RANGE


def span(
    kind: TimingKind, first: str | None, last: str | None, label: str | None = None, soft: bool = False
) -> TimingRule:
    start = date.fromisoformat(first) if first else None
    end = date.fromisoformat(last) if last else None
    return TimingRule(kind, from_=start, to=end, label=label, soft=soft)


def by(day: str) -> TimingRule:
    return TimingRule(K.BY, by=date.fromisoformat(day))


YEAR_2025 = span(WITHIN, "2025-01-01", "2025-12-31")
UNSTATED = TimingRule(K.UNSTATED)
UNREAD = TimingRule(K.UNSTATED, label="các năm trước")
CASES: list[tuple[str, list[TimingRule]]] = [
    ("Thường xuyên", [TimingRule(K.ONGOING)]),
    ("Hàng năm", [TimingRule(K.YEARLY)]),
    ("Hằng năm.", [TimingRule(K.YEARLY)]),
    ("định kỳ hằng năm", [TimingRule(K.YEARLY)]),
    ("01 lần/năm", [TimingRule(K.YEARLY)]),
    ("hằng quý", [TimingRule(K.QUARTERLY)]),
    ("Hằng tháng", [TimingRule(K.MONTHLY)]),
    ("hàng tuần", [TimingRule(K.WEEKLY)]),
    ("6 tháng", [TimingRule(K.HALF_YEARLY)]),
    ("06 tháng, hằng năm", [TimingRule(K.HALF_YEARLY), TimingRule(K.YEARLY)]),
    ("2023-2025", [span(RANGE, "2023-01-01", "2025-12-31")]),
    ("2027 - 2030", [span(RANGE, "2027-01-01", "2030-12-31")]),
    ("2023\n–\n2025", [span(RANGE, "2023-01-01", "2025-12-31")]),
    ("giai đoạn 2024-2030", [span(RANGE, "2024-01-01", "2030-12-31")]),
    ("Từ năm 2023 đến năm 2025", [span(RANGE, "2023-01-01", "2025-12-31")]),
    ("Quý I/2026 - Quý III/2026", [span(RANGE, "2026-01-01", "2026-09-30")]),
    ("Từ năm 2024 trở đi", [span(RANGE, "2024-01-01", None)]),
    ("Năm 2025", [YEAR_2025]),
    ("Trong năm 2026", [span(WITHIN, "2026-01-01", "2026-12-31")]),
    ("Quý II/2026", [span(WITHIN, "2026-04-01", "2026-06-30")]),
    ("Xong trong Quý II/2026", [span(WITHIN, "2026-04-01", "2026-06-30")]),
    ("tháng 5/2026", [span(WITHIN, "2026-05-01", "2026-05-31")]),
    ("6 tháng cuối năm 2026", [span(WITHIN, "2026-07-01", "2026-12-31")]),
    ("Đến hết năm 2030", [span(WITHIN, None, "2030-12-31")]),
    ("trước ngày 01/01/2030", [by("2030-01-01")]),
    ("trước ngày 15 tháng 6 năm 2026", [by("2026-06-15")]),
    ("Hoàn thành trước quý IV năm 2023", [by("2023-10-01")]),
    ("trước ngày 18 hằng tháng", [TimingRule(K.MONTHLY, label="trước ngày 18")]),
    ("Sau khi có hướng dẫn từ Bộ/ngành", [TimingRule(K.AFTER_EVENT, event="có hướng dẫn từ Bộ/ngành")]),
    ("Sau khi kế hoạch được ban hành", [TimingRule(K.AFTER_EVENT, event="kế hoạch được ban hành")]),
    (
        "Hàng năm/ Năm 2025 báo cáo đánh giá cả giai đoạn",
        [TimingRule(K.YEARLY), span(WITHIN, "2025-01-01", "2025-12-31", "báo cáo đánh giá cả giai đoạn")],
    ),
    ("Năm 2025/Hàng năm", [YEAR_2025, TimingRule(K.YEARLY)]),
    ("Năm 2025; trước ngày 01/01/2030", [YEAR_2025, by("2030-01-01")]),
    ("Quý II/2026 (phấn đấu)", [span(WITHIN, "2026-04-01", "2026-06-30", soft=True)]),
    ("Hàng năm/theo yêu cầu", [TimingRule(K.YEARLY), TimingRule(K.UNSTATED, label="theo yêu cầu")]),
    # Words that change the meaning are not labels, and impossible dates are not repaired.
    (
        "Năm 2024 và các năm trước",
        [span(WITHIN, "2024-01-01", "2024-12-31"), UNREAD],
    ),
    ("31/02/2026", [UNSTATED]),
    ("2025-2023", [UNSTATED]),
    ("Theo tiến độ của Trung ương", [UNSTATED]),
    ("Báo cáo/kiểm tra; khác", [UNSTATED]),
    ("", [UNSTATED]),
    (" \n ", [UNSTATED]),
]


@pytest.mark.parametrize(("text", "rules"), CASES, ids=[text or "empty" for text, _ in CASES])
def test_each_form_gives_its_rules_and_keeps_its_words(text: str, rules: list[TimingRule]) -> None:
    assert parse_timing(text) == Timing(text, tuple(rules))


def test_letters_composed_in_another_way_mean_the_same() -> None:
    import unicodedata

    decomposed = unicodedata.normalize("NFD", "Thường xuyên")
    assert parse_timing(decomposed).rules == (TimingRule(K.ONGOING),)
    assert parse_timing(decomposed).text == decomposed
