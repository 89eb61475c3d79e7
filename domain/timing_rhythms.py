"""Times that come back: "thường xuyên", "hằng quý", "6 tháng một lần", "trước ngày 18 hằng tháng".

A day, a month or a quarter inside the recurring period has no year and so is no date: it stays words, the rule's label.
"""

from __future__ import annotations

from dataclasses import dataclass

from domain.timing_calendar import Unit
from domain.timing_periods import Row, row_at
from domain.timing_rules import TimingKind
from domain.timing_words import EACH, PARTS_OF_PERIOD, Phrases, Words

_MONTHS = {"tháng": 1, "quý": 3, "năm": 12}
_BY_MONTHS = {
    1: TimingKind.MONTHLY, 3: TimingKind.QUARTERLY, 6: TimingKind.HALF_YEARLY, 12: TimingKind.YEARLY,
}  # fmt: skip
_ONGOING = Phrases("thường xuyên", "liên tục", "thường xuyên liên tục")
_LEAST = Phrases("ít nhất", "tối thiểu")
_POINT = Phrases(
    "trước", "xong trước", "trong", "vào", "đến", "đến hết", "từ", "không quá", "chậm nhất", "chậm nhất là",
    "chậm nhất vào", "chậm nhất đến", "chậm nhất trong", "chậm nhất là vào", "muộn nhất", "muộn nhất là", "vào trước",
)  # fmt: skip
_REPORTING = Phrases("báo cáo", "gửi báo cáo", "gửi", "tổng hợp", "tổng hợp báo cáo", "hoàn thành", "báo cáo kết quả")
_WEEKDAYS = frozenset({"hai", "ba", "tư", "năm", "sáu", "bảy", "2", "3", "4", "5", "6", "7"})
_AND = frozenset({",", "/", "và", "&", "-", "hoặc"})
_LONGEST_ROW = 8


@dataclass(frozen=True)
class Rhythm:
    """What recurs, the words of the day inside the period, and the word after the last."""

    kinds: tuple[TimingKind, ...]
    end: int
    label: str | None = None


@dataclass(frozen=True)
class _Point:
    """A day or a month inside a period, and the rhythms it can have; `fixed` when its words name the period."""

    kinds: frozenset[TimingKind]
    end: int
    fixed: bool = False


def rhythm_at(words: Words, i: int) -> Rhythm | None:
    """The recurring time that begins at `i`; more than one kind for "hằng tháng, quý, năm"."""
    if (end := _ONGOING.end(words, i)) is not None:
        return Rhythm((TimingKind.ONGOING,), end)
    begin = i + 2 if words.low(i) == "định" and words.low(i + 1) == "kỳ" else i
    if (point := _points(words, begin)) and (found := _after_point(words, begin, point)):
        return found
    least = _LEAST.end(words, i)
    first = _recurring(words, i if least is None else least)
    if first is None or (least is not None and "lần" not in words.lows(i, first[1])):
        return None
    kinds, end = _more(words, *first)
    if least is not None:
        return Rhythm(kinds, end, words.written(i, end))
    return _before_point(words, kinds, end) or Rhythm(kinds, end)


def _recurring(words: Words, i: int, *, goes_on: bool = False) -> tuple[TimingKind, int] | None:
    """One rhythm; after another ("hằng tháng, quý, năm") and after "định kỳ" the bare unit is enough."""
    fixed = words.low(i) == "định" and words.low(i + 1) == "kỳ"
    k = i + 2 if fixed else i
    each = words.low(k) in EACH
    k += each
    if words.low(k) == "tuần" and (each or fixed or goes_on):
        return TimingKind.WEEKLY, k + 1
    count = words.count(k)
    if count is not None and words.low(k + 1) == "lần":
        return _times_a_unit(words, count, k + 2)
    unit = _MONTHS.get(words.low(k + (count is not None)))
    if unit is None:
        return None
    months, end = (count or 1) * unit, k + 1 + (count is not None)
    if (times := _times(words, end)) is not None and (each or count is not None):
        return _kind(months, *times)
    if words.quarter(end) or words.low(end).isdigit() or words.low(end) == "học":
        return None  # "hằng năm 2025", "tháng" and its figure on the next line, "mỗi năm học"
    bare = words.boundary(end) or words.low(end) in EACH
    if each:
        return _kind(months, 1, end)
    half_year = count == 6 and unit == 1
    return _kind(months, 1, end) if bare and (fixed or goes_on or half_year) else None


def _times_a_unit(words: Words, times: int, i: int) -> tuple[TimingKind, int] | None:
    """How often a unit: "… lần/năm", "… lần mỗi quý", "… lần/06 tháng"; `i` is after "lần"."""
    k = i
    while words.low(k) in {"/", "trong", "trên"} | EACH and k < i + 2:
        k += 1
    count = words.count(k)
    k += count is not None
    if k == i:
        return None
    if words.low(k) == "tuần":
        return (TimingKind.WEEKLY, k + 1) if times == 1 and count in {None, 1} else None
    unit = _MONTHS.get(words.low(k))
    return _kind((count or 1) * unit, times, k + 1) if unit else None


def _times(words: Words, i: int) -> tuple[int, int] | None:
    """How many times, and the end, of "/lần", "/01 lần", "một lần" after a unit."""
    k = i + (words.low(i) == "/")
    count = words.count(k)
    if words.low(k + (count is not None)) != "lần" or (k == i and count is None):
        return None
    return (1 if count is None else count), k + 1 + (count is not None)


def _kind(months: int, times: int, end: int) -> tuple[TimingKind, int] | None:
    kind = _BY_MONTHS.get(months // times) if times and months % times == 0 else None
    return (kind, end) if kind else None


def _more(words: Words, first: TimingKind, end: int) -> tuple[tuple[TimingKind, ...], int]:
    kinds = [first]
    while words.low(end) in _AND and len(kinds) < _LONGEST_ROW:
        following = _recurring(words, end + 1, goes_on=True)
        if following is None or not words.boundary(following[1]):
            break
        kinds.append(following[0])
        end = following[1]
    return tuple(kinds), end


def _after_point(words: Words, i: int, point: _Point) -> Rhythm | None:
    """What recurs after a day ("… hằng tháng", "… (hằng năm)"), with the words before it as label."""
    sign = words.low(point.end)
    k = point.end + (sign in {"của", "(", ",", "/"})
    label = words.written(i, point.end)
    found = _recurring(words, k) if words.low(k) in EACH or words.low(k) == "định" else None
    if found and (sign != "(" or words.low(found[1]) == ")"):
        return Rhythm((found[0],), found[1] + (sign == "("), label) if found[0] in point.kinds else None
    return Rhythm(tuple(point.kinds), point.end, label) if point.fixed else None


def _before_point(words: Words, kinds: tuple[TimingKind, ...], end: int) -> Rhythm | None:
    """What recurs before a day: "Hằng năm, trước ngày 30/11", "Hằng tháng (ngày 25)"."""
    sign = words.low(end)
    opened = sign in {",", "(", "-", ":"}
    begin = end + opened
    point = _point(words, _REPORTING.end(words, begin) or begin)
    if point is None or len(kinds) != 1 or kinds[0] not in point.kinds or not words.boundary(point.end):
        return None
    if sign == "(" and words.low(point.end) != ")":
        return None
    return Rhythm(kinds, point.end + (sign == "("), words.written(begin, point.end))


def _points(words: Words, i: int) -> _Point | None:
    """Days in a row, each with its own "trước": "trước 15/6 và trước 15/12"."""
    point = _point(words, i)
    for _ in range(_LONGEST_ROW):
        if not point or words.low(point.end) not in {",", "và"} or _POINT.end(words, point.end + 1) is None:
            break
        following = _point(words, point.end + 1)
        if following is None or not point.kinds & following.kinds or following.fixed:
            break
        point = _Point(point.kinds & following.kinds, following.end)
    return point


def _point(words: Words, i: int) -> _Point | None:
    if words.low(i) in PARTS_OF_PERIOD and words.low(i + 1) in EACH and words.low(i + 2) in _MONTHS:
        return _Point(frozenset({_BY_MONTHS[_MONTHS[words.low(i + 2)]]}), i + 3, fixed=True)
    k = _POINT.end(words, i) or i
    k = clock_end(words, k) or k
    day = k + (words.low(k) in {"ngày", "sáng", "chiều"})
    if words.low(day) == "thứ" and words.low(day + 1) in _WEEKDAYS:
        return _Point(frozenset({TimingKind.WEEKLY}), day + 2)
    if words.low(day) == "chủ" and words.low(day + 1) == "nhật":
        return _Point(frozenset({TimingKind.WEEKLY}), day + 2)
    if point := _month_of_quarter(words, k):
        return point
    row = row_at(words, k)
    kinds = _kinds_of(row) if row and not row.spans else frozenset()
    return _Point(kinds, row.end) if row and kinds else None


def _kinds_of(row: Row) -> frozenset[TimingKind]:
    if all(unit is Unit.DAY_OF_MONTH for unit in row.units):
        return frozenset({TimingKind.MONTHLY, TimingKind.QUARTERLY})
    if Unit.DAY_OF_MONTH in row.units[-1:]:
        return frozenset()
    return frozenset({TimingKind.YEARLY, TimingKind.HALF_YEARLY})


def _month_of_quarter(words: Words, i: int) -> _Point | None:
    """A month by its place in the quarter: "ngày 20 của tháng cuối quý", "tháng cuối mỗi quý"."""
    k = i + 2 if words.low(i) == "ngày" and words.small(i + 1) is not None else i
    k += words.low(k) == "của"
    if words.low(k) != "tháng" or words.low(k + 1) not in PARTS_OF_PERIOD:
        return None
    k += 2
    k += words.low(k) == "của"
    k += words.low(k) in EACH
    if words.low(k) != "quý" or (not words.boundary(k + 1) and words.low(k + 1) not in EACH):
        return None
    day = words.small(i + 1) if words.low(i) == "ngày" else 1
    return _Point(frozenset({TimingKind.QUARTERLY}), k + 1, fixed=True) if day and 1 <= day <= 31 else None


def clock_end(words: Words, i: int) -> int | None:
    """Where an hour ends ("16 giờ 00", "17h30", "17:00"); None when there is none at `i`."""
    hour = words.small(i)
    if hour is None or hour > 24 or words.low(i + 1) not in {"giờ", "h", "g", ":"}:
        return None
    minute = words.small(i + 2)
    if minute is None or minute > 59 or words.low(i + 3) in {"/", "tháng"}:
        return None if words.low(i + 1) == ":" else i + 2
    return i + 3 + (words.low(i + 3) == "phút")
