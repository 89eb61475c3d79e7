"""What holds of every cell, known or not: no crash, no lost word, no time that runs backwards, no long wait."""

from __future__ import annotations

import string
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.timing import Timing, TimingKind, TimingRule, parse_period, parse_timing
from domain.timing_words import Words

K = TimingKind
PIECES = st.sampled_from([
    "năm", "2025", "2026", "/", ";", ",", "-", "–", "\n", "(", ")", ":", ".", "quý", "IV", "II", "hằng", "mỗi", "tuần",
    "trước ngày", "31/2/2025", "30/6/2026", "sau khi", "khi có yêu cầu", "²", "từ", "đến", "và", "hoặc", "phấn đấu",
    "đầu", "cuối", "tháng 5", "lần", "1", "02", "định kỳ", "thường xuyên", "ban hành", "báo cáo", "kể từ ngày", "…",
    "giai đoạn 1", "trở đi", "các năm tiếp theo", "thứ sáu", "16 giờ", "6 tháng", "%", "0", "99", "9999", "không",
])  # fmt: skip
CELLS = st.one_of(st.text(), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join))
RULES = {
    K.ONGOING: "thường xuyên", K.YEARLY: "hằng năm", K.HALF_YEARLY: "6 tháng một lần", K.QUARTERLY: "hằng quý",
    K.MONTHLY: "hằng tháng", K.WEEKLY: "hằng tuần",
}  # fmt: skip
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
LABELS = st.sampled_from([None, "báo cáo đánh giá", "giai đoạn 1", "dự thảo", "Sở Nội vụ tổng hợp"])


@st.composite
def written_rules(draw: st.DrawFn) -> tuple[str, TimingRule]:
    """A rule, and words for it."""
    kind = draw(st.sampled_from([kind for kind in K if kind is not K.UNSTATED]))
    first, last = sorted((draw(DAYS), draw(DAYS)))
    label, soft = draw(LABELS), draw(st.booleans())
    from_, to = f"{first.day}/{first.month}/{first.year}", f"{last:%d/%m}/{last.year}"
    written = {
        K.RANGE: (f"từ ngày {from_} đến ngày {to}", TimingRule(K.RANGE, first, last)),
        K.BY: (f"trước ngày {to}", TimingRule(K.BY, by=last)),
        K.WITHIN: (f"chậm nhất ngày {to}", TimingRule(K.WITHIN, to=last)),
        K.AFTER_EVENT: ("sau khi có hướng dẫn", TimingRule(K.AFTER_EVENT, event="có hướng dẫn")),
    } | {recurring: (text, TimingRule(recurring)) for recurring, text in RULES.items()}
    words, rule = written[kind]
    if kind is K.AFTER_EVENT:
        return words, rule
    words += f" ({label})" if label else ""
    return f"phấn đấu {words}" if soft else words, replace(rule, label=label, soft=soft)


@given(CELLS)
def test_no_text_makes_it_crash_or_lose_the_words(text: str) -> None:
    timing = parse_timing(text)
    assert timing.text == text
    assert timing.rules
    for rule in timing.rules:
        assert not (rule.from_ and rule.to) or rule.from_ <= rule.to
        assert (rule.by is not None) == (rule.kind is K.BY)
        assert (rule.event is not None) == (rule.kind is K.AFTER_EVENT)
        assert (rule.kind in {K.RANGE, K.WITHIN}) == bool(rule.from_ or rule.to)
        assert all(1900 <= day.year <= 2200 for day in (rule.from_, rule.to, rule.by) if day)


@given(written_rules())
def test_a_rule_in_words_reads_back_as_that_rule(written: tuple[str, TimingRule]) -> None:
    words, rule = written
    assert parse_timing(words) == Timing(words, (rule,))


@given(st.lists(written_rules(), min_size=2, max_size=5))
def test_parts_read_as_each_alone(written: list[tuple[str, TimingRule]]) -> None:
    words = "; ".join(words for words, _ in written)
    assert parse_timing(words).rules == tuple(dict.fromkeys(rule for _, rule in written))


def folded(rules: tuple[TimingRule, ...]) -> list[TimingRule]:
    """Rules with the words in them in one case and with one kind of dash."""
    dashes = str.maketrans("–—", "--")
    return [
        replace(
            rule,
            label=(rule.label or "").casefold().translate(dashes),
            event=(rule.event or "").casefold().translate(dashes),
        )
        for rule in rules
    ]


@given(st.lists(PIECES.filter(lambda piece: piece != "\n"), max_size=10).map(" ".join))
def test_blanks_case_and_composed_letters_change_nothing(text: str) -> None:
    rules = folded(parse_timing(text).rules)
    for other in (text.upper(), text.lower(), unicodedata.normalize("NFD", text)):
        assert folded(parse_timing(other).rules) == rules
    for blank in ("  ", "\u00a0", "\t", " \u200b"):
        assert folded(parse_timing(blank + text.replace(" ", blank) + blank).rules) == rules
    assert folded(parse_timing(text.replace("-", "–")).rules) == folded(parse_timing(text.replace("-", "—")).rules)


PHRASES = st.sampled_from([
    "Sau khi có hướng dẫn từ Bộ", "Từ quý I/2024 đến quý IV/2025", "trước ngày 30 tháng 6 năm 2026", "6 tháng một lần",
    "Quý III và quý IV năm 2026", "trước 30/11 hằng năm", "Phấn đấu hoàn thành trong năm 2026", "Hằng tháng, quý, năm",
])  # fmt: skip


@given(PHRASES, st.data())
def test_a_line_may_break_inside_a_phrase(text: str, data: st.DataObject) -> None:
    words = text.split()
    gaps = data.draw(st.lists(st.sampled_from([" ", "\n", "\n\n"]), min_size=len(words), max_size=len(words)))
    broken = "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    assert parse_timing(broken).rules == parse_timing(text).rules


@given(st.lists(st.sampled_from("0123456789/.- ²Ⅳ"), max_size=12).map("".join))
def test_figures_alone_are_a_time_only_with_a_whole_year(figures: str) -> None:
    days = parse_period(figures)
    assert days is None or any(str(year) in figures for year in (days[0].year, days[1].year))


@pytest.mark.parametrize(
    "piece",
    ["tháng 1, ", "1, 2, ", "(", "((năm 2025) ", "từ khi a đến 1, ", "15 ngày kể từ, ", "sau khi b\nHoàn thành c ",
     "năm 2025 và ", "phấn đấu ", "trình, ", "x: ", "hằng năm, ", "6 tháng, ", "-", "2025-", "khảo sát trong ", "1/1/",
     "trước ngày 30/6 và ", " ", "\n", "\n- a", string.punctuation],
)  # fmt: skip
def test_hostile_cells_take_work_by_their_length_only(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the words are twice the looks at a word, and beyond the length of a cell nothing is looked at."""
    looks = 0
    low = Words.low

    def counted(words: Words, i: int) -> str:
        nonlocal looks
        looks += 1
        return low(words, i)

    monkeypatch.setattr(Words, "low", counted)

    def looks_at(length: int) -> int:
        nonlocal looks
        looks = 0
        parse_timing(("hằng năm " + piece * length)[:length])
        return looks

    assert looks_at(1_600) < 3 * looks_at(800) + 1_000
    assert looks_at(1_000_000) == 0
