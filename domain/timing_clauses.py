"""One time of a cell, with the words that lead to it: "phấn đấu hoàn thành trước ngày 30/6/2026"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from domain.timing_dates import dates_at
from domain.timing_rhythms import rhythm_at
from domain.timing_rules import TimingKind, TimingRule
from domain.timing_words import UNITS, Phrases, Words


class Sort(Enum):
    """What a clause is: dates, a rhythm or an event."""

    DATES = auto()
    RHYTHM = auto()
    EVENT = auto()


@dataclass(frozen=True)
class Clause:
    """The rules of one time, ending before the word `end`.

    `opening` is what was said of the work as such ("hoàn thành"), no label unless it tells milestones apart; `label`
    what is done then; `keyed` is False for a time that is only figures.
    """

    rules: tuple[TimingRule, ...]
    end: int
    sort: Sort
    opening: str = ""
    label: str = ""
    soft: bool = False
    keyed: bool = True


SOFT = Phrases("phấn đấu", "dự kiến")
# A wish, not an event that somebody will see happen.
_VAGUE = Phrases(
    "thuận lợi", "cần", "cần thiết", "thấy cần thiết", "có thể", "phù hợp", "thích hợp", "có điều kiện", "đủ điều kiện",
    "nào",
)  # fmt: skip
# A phrase that ends so was cut off: what is waited for is not said.
_DANGLING = frozenset({
    "có", "được", "bị", "của", "từ", "do", "bởi", "theo", "tại", "về", "cho", "với", "các", "những", "và", "hoặc",
    "khi",
})  # fmt: skip
_OPENINGS = Phrases(
    "hoàn thành", "hoàn tất", "hoàn thiện", "xong", "thực hiện", "ban hành", "triển khai", "tổ chức thực hiện",
    "thời gian", "thời gian :", "thời gian thực hiện", "thời gian thực hiện :", "thời gian hoàn thành",
    "thời gian hoàn thành :", "thời hạn hoàn thành", "thời hạn hoàn thành :", "hạn hoàn thành", "hạn hoàn thành :",
    "nhiệm vụ", "duy trì", "duy trì thực hiện",
)  # fmt: skip
_TERM_LEADS = Phrases(
    "trong vòng", "trong thời hạn", "trong thời gian", "trong", "sau", "chậm nhất", "chậm nhất là", "chậm nhất sau",
    "chậm nhất trong", "muộn nhất", "muộn nhất là", "không quá", "tối đa", "ngay trong", "trong vòng không quá",
)  # fmt: skip
_TERM_FROM = Phrases(
    "kể từ khi", "kể từ ngày", "kể từ", "tính từ khi", "tính từ ngày", "tính từ", "từ khi", "từ ngày", "sau khi",
    "sau ngày", "khi", "kể từ thời điểm", "từ thời điểm", "tính từ thời điểm",
)  # fmt: skip
_TRIGGERS = Phrases(
    "sau khi", "ngay sau khi", "ngay khi", "khi", "kể từ khi", "từ khi", "kể từ ngày", "từ ngày", "tính từ ngày",
    "tính từ khi", "sau ngày", "ngay sau ngày", "kể từ thời điểm", "từ thời điểm",
)  # fmt: skip
_STRONG = frozenset({"trước", "chậm", "muộn", "hằng", "định", "thường", "xong", "hoàn"})
_NOT_LABELS = frozenset({
    "và", "hoặc", "hay", "đến", "tới", "từ", "trở", "sau", "trước", "cho", "kể", "tính", "trừ", "không", "chưa", "nếu",
    "khi", "nay", "tùy", "ngoài", "hơn", "về", "lại", "qua", "…", "học",
})  # fmt: skip
LONGEST_LABEL, _LONGEST_EVENT, _MOST_OPENINGS = 40, 60, 6
"""Words beside a time, and words of an event, beyond which they are prose; every look ahead is bounded by them."""


def time_at(words: Words, i: int) -> Clause | None:
    """A date or a rhythm at `i`, after "phấn đấu" and "hoàn thành"; events and labels are not looked for."""
    return _softened(words, i, bare_time_at)


def event_at(words: Words, i: int) -> Clause | None:
    """An event at `i` ("sau khi …", "15 ngày kể từ …"), after "phấn đấu" and "hoàn thành"."""
    return _softened(words, i, _event)


def dates_only_at(words: Words, i: int) -> Clause | None:
    """As `time_at`, without rhythms."""
    return _softened(words, i, _dates)


def may_be_label(words: Words, first: int, end: int) -> bool:
    """Whether words beside a time leave it as it is; "trở về trước" would not, nor would a second time."""
    if not first < end <= first + LONGEST_LABEL or words.low(first) in _NOT_LABELS or words.speaks_of_time(first, end):
        return False
    lows = words.lows(first, end)
    return not {"nếu", "…"} & set(lows) and any(low.isalpha() or low == "%" for low in lows)


def _softened(words: Words, i: int, read: Callable[[Words, int], Clause | None]) -> Clause | None:
    soft, opening, k = False, i, i
    for _ in range(_MOST_OPENINGS):
        if (end := SOFT.end(words, k)) is not None:
            soft = True
            opening = end if opening == k else opening
        elif (end := _OPENINGS.end(words, k)) is None:
            break
        k = end
    found = read(words, k)
    if found is None:
        return None
    said = words.written(opening, k).rstrip(" :")
    return replace(found, opening=said, soft=soft, keyed=found.keyed or k > i)


def bare_time_at(words: Words, i: int) -> Clause | None:
    """A date or a rhythm that begins at `i` itself."""
    return _dates(words, i) or _rhythm(words, i)


def _dates(words: Words, i: int) -> Clause | None:
    found = dates_at(words, i)
    return Clause(found.rules, found.end, Sort.DATES, keyed=found.keyed) if found else None


def _rhythm(words: Words, i: int) -> Clause | None:
    found = rhythm_at(words, i)
    if found is None:
        return None
    return Clause(tuple(TimingRule(kind, label=found.label) for kind in found.kinds), found.end, Sort.RHYTHM)


def _event(words: Words, i: int) -> Clause | None:
    term = _term(words, i)
    if term is not None:
        label, begin = term
    else:
        label, begin = "", _TRIGGERS.end(words, i) or len(words)
    if not words.low(begin).isalpha() or _VAGUE.end(words, begin) is not None:
        return None
    from_words = not label and words.low(i) not in {"sau", "ngay", "khi"}
    end, depth = begin, 0
    while end < len(words) and not _ends_event(words, begin, end):
        depth += (words.low(end) == "(") - (words.low(end) == ")")
        if depth < 0:
            break
        # "Từ khi ban hành đến 31/12/2025" has an end, which an event cannot hold.
        if from_words and words.low(end) in {"đến", "tới"} and words.speaks_of_time(end, min(end + 4, len(words))):
            return None
        end += 1
        if end > begin + _LONGEST_EVENT:
            return None
    last = end
    while last > begin and words.low(last - 1) in {".", ",", ":", "/", "-"}:
        last -= 1
    if words.low(last - 1) in _DANGLING:
        return None
    event = TimingRule(TimingKind.AFTER_EVENT, event=words.written(begin, last), label=label or None)
    return Clause((event,), end, Sort.EVENT)


def _ends_event(words: Words, begin: int, i: int) -> bool:
    """Whether another time begins after the word at `i`, which separates it from the event.

    The event's own words may name a year ("Kế hoạch năm 2024, năm 2025"): then only words that no name begins with do.
    """
    if i == begin:
        return False
    line = words.begins_line(i) and words.capital(i)
    if not line and words.low(i) not in {",", "/", "(", "-", ".", "và", "hoặc"}:
        return False
    k = i if line else i + 1
    following = time_at(words, k)
    if following is None or not following.keyed:
        return False
    loose = not line and words.low(i) in {",", "/", "(", "-", "."} and not words.speaks_of_time(begin, i)
    return loose or words.low(k) in _STRONG


def _term(words: Words, i: int) -> tuple[str, int] | None:
    """A counted term and where the event begins that it runs from: "15 ngày" of "15 ngày kể từ ngày ban hành"."""
    begin = k = _TERM_LEADS.end(words, i) or i
    if words.count(k) is None:
        return None
    k += 1
    if words.low(k) == "(":
        k = (words.closing(k) or k) + 1
    if words.low(k) not in UNITS:
        return None
    k += 1
    k += 2 if (words.low(k), words.low(k + 1)) == ("làm", "việc") else 0
    end = _TERM_FROM.end(words, k + (words.low(k) == ","))
    return (words.written(begin, k), end) if end is not None else None
