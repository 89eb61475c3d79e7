"""The words of a timing cell as the grammar sees them: folded, numbered and cut where letters and figures meet."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

_TOKEN_RE = re.compile(r"[0-9]+|[^\W\d_]+|\S")
_SPELLINGS = {"quí": "quý", "kì": "kỳ", "hàng": "hằng", "tuỳ": "tùy"} | dict.fromkeys("‐‑‒–—―−", "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
_COUNTS = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "sáu": 6}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
UNITS = frozenset({"ngày", "tuần", "tháng", "quý", "năm", "giờ"})
"""Words that count time."""
EACH = frozenset({"hằng", "mỗi", "từng"})
"""Words before a unit that make it recur."""
PARTS_OF_PERIOD = frozenset({"đầu", "giữa", "cuối"})
"""Words for the first, the middle and the last day of a period."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a figure or one sign; `new_line` when a line begins with it, `glued` when no blank stands before it."""

    low: str
    start: int
    end: int
    new_line: bool
    glued: bool


class Words:
    """A part of a cell. Asking for a word after the last gives "", so that the grammar may look ahead freely."""

    def __init__(self, text: str, words: tuple[Word, ...]) -> None:
        self.text = text
        self.words = words
        self._lows = (*(word.low for word in words), "")

    @classmethod
    def of(cls, text: str) -> Words:
        """The words of a cell: letters composed, blanks and spellings made one, signs that are not seen left out."""
        clean = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
        clean = "\n".join(filter(None, (" ".join(line.split()) for line in clean.splitlines())))
        words: list[Word] = []
        last = 0
        for match in _TOKEN_RE.finditer(clean):
            low = unicodedata.normalize("NFC", match[0].casefold())
            between = clean[last : match.start()]
            words.append(
                Word(_SPELLINGS.get(low, low), match.start(), match.end(), "\n" in between, bool(words and not between))
            )
            last = match.end()
        return cls(clean, tuple(words))

    def __len__(self) -> int:
        return len(self.words)

    def low(self, i: int) -> str:
        """The folded word at `i`."""
        return self._lows[i] if i < len(self.words) else ""

    def lows(self, first: int, end: int) -> tuple[str, ...]:
        """The folded words `first` … `end - 1`."""
        return self._lows[first:end]

    def part(self, first: int, end: int) -> Words:
        """The words `first` … `end - 1` as words of their own."""
        return Words(self.text, self.words[first:end])

    def written(self, first: int, end: int) -> str:
        """Those words as they were written, on one line."""
        if end <= first:
            return ""
        return self.text[self.words[first].start : self.words[end - 1].end].replace("\n", " ")

    def begins_line(self, i: int) -> bool:
        """Whether a new line begins with the word at `i`."""
        return i < len(self.words) and self.words[i].new_line

    def opens_cell(self, i: int) -> bool:
        """Whether the word at `i` is the first of its cell."""
        return i < len(self.words) and self.words[i].start == 0

    def glued(self, i: int) -> bool:
        """Whether the word at `i` follows the one before without a blank."""
        return i < len(self.words) and self.words[i].glued

    def capital(self, i: int) -> bool:
        """Whether the word at `i` begins with a capital letter."""
        return i < len(self.words) and self.text[self.words[i].start].isupper()

    def small(self, i: int) -> int | None:
        """A figure of one or two digits: a day, a month, a quarter, a count."""
        low = self.low(i)
        return int(low) if 1 <= len(low) <= 2 and low.isascii() and low.isdigit() else None

    def year(self, i: int) -> int | None:
        """A figure of four digits; whether it can be a year is for the calendar to say."""
        low = self.low(i)
        return int(low) if len(low) == 4 and low.isascii() and low.isdigit() else None

    def count(self, i: int) -> int | None:
        """How many: "02", "hai"."""
        number = self.small(i)
        return _COUNTS.get(self.low(i)) if number is None else number

    def quarter(self, i: int) -> int | None:
        """The number of a quarter, Roman or not."""
        number = self.small(i)
        number = _ROMAN.get(self.low(i)) if number is None else number
        return number if number is not None and 1 <= number <= 4 else None

    def boundary(self, i: int) -> bool:
        """Whether a phrase may end before the word at `i`."""
        return i >= len(self.words) or self.low(i) in SEPARATORS or self.words[i].new_line

    def closing(self, i: int) -> int | None:
        """Where the bracket opened at `i` is closed."""
        return self._closing[i + 1]

    def speaks_of_time(self, first: int, end: int) -> bool:
        """Whether those words hold anything that looks like a time, understood or not."""
        return self._times[end] > self._times[first]

    @cached_property
    def _closing(self) -> list[int | None]:
        found: list[int | None] = [None] * (len(self.words) + 1)
        for i in range(len(self.words) - 1, -1, -1):
            found[i] = i if self.low(i) == ")" else found[i + 1]
        return found

    @cached_property
    def _times(self) -> list[int]:
        sums = [0]
        for i in range(len(self.words)):
            sums.append(sums[-1] + self._is_time(i))
        return sums

    def _is_time(self, i: int) -> bool:
        low, following = self.low(i), self.low(i + 1)
        number = low.isascii() and low.isdigit()
        if number and (following in UNITS or (following in "/." and self.small(i + 2) is not None)):
            return True
        if (year := self.year(i)) is not None:
            return 1900 <= year < 2200
        if low == "năm" and following in {"tiếp", "sau", "tới", "trước", "kế", "về", "học"}:
            return True
        if low in UNITS or low == "q":
            return following.isdigit() or following in _ROMAN
        if low in PARTS_OF_PERIOD:
            return following in {"năm", "tháng", "quý"}
        return (low in EACH and following in UNITS) or (low, following) == ("trước", "ngày")


SEPARATORS = frozenset({",", "/", "-", "+", "và", "&", "hoặc", "hay", "(", ")", ".", ":", "•"})
"""Where a cell may pass from one time to the next."""


class Phrases:
    """A set of phrases, found from a place on; the longest wins."""

    def __init__(self, *phrases: str) -> None:
        self._by_first: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for phrase in sorted(phrases, key=lambda each: -len(each.split())):
            words = tuple(phrase.split())
            self._by_first[words[0]].append(words)

    def end(self, words: Words, i: int) -> int | None:
        """Where the phrase that begins at `i` ends, if one does."""
        for phrase in self._by_first.get(words.low(i), ()):
            if all(words.low(i + k) == word for k, word in enumerate(phrase)):
                return i + len(phrase)
        return None
