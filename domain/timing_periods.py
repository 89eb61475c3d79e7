"""Calendar words of a plan: days, months, quarters, half-years and years, alone or in a row ("Quý III, IV/2026").

A year is taken from the words only. Where several times share one ("tháng 5-6/2026") it stands after the last, as the
language has it; a time whose year is not written is no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from domain.timing_calendar import Days, Unit, days_of
from domain.timing_words import EACH, PARTS_OF_PERIOD, Phrases, Words

_LONGEST_ROW = 12  # the months of a year


@dataclass(frozen=True)
class Span:
    """First and last day; `is_range` when the words name both ends."""

    first: date
    last: date
    is_range: bool = False


@dataclass(frozen=True)
class Row:
    """Times in a row, ending before the word `end`: `spans` where their year is written, else none."""

    spans: tuple[Span, ...]
    end: int
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class _Item:
    """One time: its figures, its year where written, and whether "năm" was written before the year."""

    unit: Unit
    figures: tuple[int, ...]
    year: int | None
    end: int
    worded: bool = False
    bare: bool = False


def parse_period(text: str) -> Days | None:
    """First and last day of "ngày 5/6/2026", "tháng 5/2026", "Quý II/2026", "6 tháng đầu năm 2026", "năm 2026"."""
    words = Words.of(text)
    row = row_at(words, 0)
    if row is None or row.end < len(words) or len(row.spans) != 1 or row.spans[0].is_range:
        return None
    return row.spans[0].first, row.spans[0].last


def row_at(words: Words, i: int) -> Row | None:
    """The times that begin at `i`; None when there is none or when a day, an order or a year is impossible.

    "2023-2025" and "Quý III - IV/2026" are one range; "Quý III, IV/2026" and "Quý III và IV/2026" are two times.
    """
    items, links = _items(words, i)
    dated = [number for number, item in enumerate(items) if item.year is not None]
    if not items or (items[0].bare and not dated):
        return None
    if not dated:
        # 2024 has a 29 February: the day exists in some year.
        real = all(item.unit is Unit.DAY_OF_MONTH or days_of(item.unit, item.figures, 2024) for item in items)
        return Row((), items[-1].end, tuple(item.unit for item in items)) if real else None
    items, links = items[: dated[-1] + 1], links[: dated[-1]]
    filled = _filled(items, links)
    spans = _spans(filled, links) if filled else None
    return Row(spans, items[-1].end, tuple(item.unit for item in items)) if spans else None


def _filled(items: Sequence[_Item], links: Sequence[str]) -> list[_Item] | None:
    """Each time with the year (a lone day also with the month) of the one after it."""
    filled = [items[-1]]
    for item, link in zip(reversed(items[:-1]), reversed(links), strict=True):
        following = filled[0]
        # "Quý IV năm 2025 và 2026": one quarter of two years, or a quarter and a year?
        unclear = item.year is None or (link == "," and (item.worded or not following.worded))
        if unclear and following.unit is Unit.YEAR and item.unit is not Unit.YEAR:
            return None
        if item.year is None:
            item = replace(item, year=following.year)
            if item.unit is Unit.DAY_OF_MONTH:
                if following.unit is not Unit.DAY:
                    return None
                item = replace(item, unit=Unit.DAY, figures=(*item.figures, following.figures[1]))
        filled.insert(0, item)
    return filled


def _spans(items: Sequence[_Item], links: Sequence[str]) -> tuple[Span, ...] | None:
    spans: list[Span] = []
    for number, item in enumerate(items):
        days = days_of(item.unit, item.figures, item.year)
        if days is None:
            return None
        if number and links[number - 1] == "-":
            before = spans.pop()
            if before.is_range or days[1] < before.first:
                return None
            spans.append(Span(before.first, days[1], is_range=True))
        else:
            spans.append(Span(*days))
    return tuple(spans)


def _items(words: Words, i: int) -> tuple[list[_Item], list[str]]:
    first = _item(words, i, None)
    items, links = ([first] if first else []), list[str]()
    while items and len(items) < _LONGEST_ROW:
        link = _link(words, items[-1].end)
        following = _item(words, link[1], items[-1].unit) if link else None
        if not link or not following:
            break
        links.append(link[0])
        items.append(following)
    return items, links


_RANGE = Phrases(
    "-", "÷", "→", "đến", "tới", "đến hết", "tới hết", "cho đến", "cho tới", "cho đến hết", "- đến", "- đến hết"
)  # fmt: skip
_ROW = Phrases(",", "và", "&", ", và")


def _link(words: Words, i: int) -> tuple[str, int] | None:
    if (end := _RANGE.end(words, i)) is not None:
        return "-", end
    return (",", end) if (end := _ROW.end(words, i)) is not None else None


def _item(words: Words, i: int, before: Unit | None) -> _Item | None:
    """One time at `i`; after a quarter "IV" is a quarter, after a month "6" is a month."""
    low = words.low(i)
    if low == "ngày":
        return _day(words, i + 1, named=True)
    if low == "tháng":
        return _month(words, i + 1)
    if low == "t":
        return _month(words, i + 1 + (words.low(i + 1) == "."))
    if low == "năm":
        year = words.year(i + 1)
        return _Item(Unit.YEAR, (), year, i + 2, worded=True) if year is not None else None
    if low in PARTS_OF_PERIOD:
        return _part(words, i)
    if low == "nửa" and words.low(i + 1) in {"đầu", "cuối"}:
        return _months(words, i + 1, 6)
    if low[:1] == "q" and (item := _quarter(words, i)):
        return item
    if words.low(i + 1) == "tháng" and words.low(i + 2) in {"đầu", "cuối"}:
        return _months(words, i + 2, words.count(i) or 0)
    if (year := words.year(i)) is not None:
        return _Item(Unit.YEAR, (), year, i + 1)
    if before is Unit.QUARTER and (quarter := words.quarter(i)):
        return _with_year(words, i + 1, Unit.QUARTER, (quarter,), blank=True)
    if (item := _day(words, i, named=False)) and item.bare and before is Unit.MONTH:
        return _with_year(words, i + 1, Unit.MONTH, item.figures)
    return item


def _day(words: Words, i: int, *, named: bool) -> _Item | None:
    """What begins with the figure of a day, or with that of a month before a year ("5/2026")."""
    day, sign, month = words.small(i), words.low(i + 1), words.small(i + 2)
    if day is None:
        return None
    if sign in {"/", ".", "-"} and month is not None and words.low(i + 3) == sign:
        # "30/6/26": which century is not for us to say.
        year = words.year(i + 4)
        if year is not None:
            return _Item(Unit.DAY, (day, month), year, i + 5)
        return None if words.small(i + 4) is not None or sign == "/" else _lone_day(words, day, i, named)
    if sign == "/" and not named and (year := words.year(i + 2)) is not None:
        return _Item(Unit.MONTH, (day,), year, i + 3)
    if month is not None and (sign in {"/", "tháng"} or (sign == "." and words.glued(i + 2))):
        return _with_year(words, i + 3, Unit.DAY, (day, month), signs="/-.," if sign == "tháng" else "")
    return _lone_day(words, day, i, named)


def _lone_day(words: Words, day: int, i: int, named: bool) -> _Item | None:
    following = words.low(i + 1)
    if (
        not named
        and following.isalpha()
        and not words.boundary(i + 1)
        and following not in {"đến", "tới", "năm", "của"} | EACH
    ):
        return None  # "15 ngày", "02 lần"
    return _Item(Unit.DAY_OF_MONTH, (day,), None, i + 1, bare=not named) if 1 <= day <= 31 else None


def _month(words: Words, i: int) -> _Item | None:
    month = words.small(i)
    return _with_year(words, i + 1, Unit.MONTH, (month,), blank=True) if month is not None else None


def _quarter(words: Words, i: int) -> _Item | None:
    """A quarter: "Quý II", "Q2", "QII", "quý2"."""
    low = words.low(i)
    rest = low.removeprefix("quý") if low.startswith("quý") else low.removeprefix("q")
    quarter = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(rest) if rest else words.quarter(i + 1)
    end = i + 1 if rest else i + 2
    return _with_year(words, end, Unit.QUARTER, (quarter,), blank=True) if quarter else None


def _months(words: Words, i: int, count: int) -> _Item | None:
    """The first or last months of a year ("6 tháng đầu năm 2026"); `i` is at "đầu" or "cuối"."""
    end = i + 1 + (words.low(i + 1) == "của")
    if words.low(end) != "năm" or not 1 <= count <= 11:
        return None
    first, last = (1, count) if words.low(i) == "đầu" else (13 - count, 12)
    year = words.year(end + 1)
    return _Item(Unit.MONTHS, (first, last), year, end + 1 + (year is not None), worded=True)


def _part(words: Words, i: int) -> _Item | None:
    part = ("đầu", "giữa", "cuối").index(words.low(i))
    if words.low(i + 1) == "tháng" and (item := _month(words, i + 2)):
        return replace(item, unit=Unit.PART_MONTH, figures=(part, *item.figures))
    if words.low(i + 1) == "năm" and (year := words.year(i + 2)) is not None:
        return _Item(Unit.PART_YEAR, (part,), year, i + 3, worded=True)
    return None


def _with_year(
    words: Words, i: int, unit: Unit, figures: tuple[int, ...], *, signs: str = "/-.,", blank: bool = False
) -> _Item:
    """The time with the year written after it: "/2026", " năm 2026", ", năm 2026", and after a `blank` "2026"."""
    signed = bool(words.low(i)) and words.low(i) in signs
    k = i + signed + (words.low(i + signed) == "của")
    worded = words.low(k) == "năm"
    year = words.year(k + worded)
    if year is None or not (signed or worded or blank):
        return _Item(unit, figures, None, i, bare=unit is Unit.DAY_OF_MONTH)
    return _Item(unit, figures, year, k + worded + 1, worded=worded)
