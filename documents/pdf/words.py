"""Words on a page with their boxes, whatever they come from: a text layer or a picture that was recognised.

Lengths are in points (1/72 inch), counted from the left upper corner of the page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Two words stand in one row when their middles differ by less than this share of their height.
_ROW = 0.45
_LIGATURES = {chr(0xFB00 + index): text for index, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))}
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0000"))
_PRIVATE_RE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_CONTROL_RE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BULLET_RE = re.compile(r"^[●▪■◆◾❖➢➤✓✔○◦‣⁃·]$")


@dataclass(frozen=True)
class Box:
    """A part of a page."""

    x0: float
    top: float
    x1: float
    bottom: float

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """How tall it is."""
        return self.bottom - self.top

    def holds(self, x: float, y: float) -> bool:
        """Whether the point lies inside."""
        return self.x0 <= x <= self.x1 and self.top <= y <= self.bottom


@dataclass(frozen=True)
class Word(Box):
    """A word and its box; the height of the box is that of the line, not that of these letters.

    `confidence` is 0 to 100 where a machine recognised the word.
    """

    text: str = ""
    confidence: float = 100.0


@dataclass(frozen=True)
class Ruling:
    """A ruled line: at `at` across, from `start` to `end` along."""

    at: float
    start: float
    end: float


@dataclass(frozen=True)
class Page:
    """What stands on a page: words in any order, and the ruled lines across (`level`) and down (`upright`)."""

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    level: tuple[Ruling, ...] = ()
    upright: tuple[Ruling, ...] = ()


Row = list[Word]
"""The words of one printed line from left to right."""


def rows_of(words: Iterable[Word]) -> list[Row]:
    """The printed lines from top to bottom."""
    rows: list[Row] = []
    middle = 0.0
    for word in sorted(words, key=lambda each: each.middle):
        if rows and word.middle - middle < _ROW * max(word.height, _height(rows[-1])):
            rows[-1].append(word)
            middle += (word.middle - middle) / len(rows[-1])
        else:
            rows.append([word])
            middle = word.middle
    for row in rows:
        row.sort(key=lambda each: each.x0)
    return rows


def box_of(words: Sequence[Box]) -> Box:
    """The smallest box around all of them."""
    return Box(
        min(word.x0 for word in words),
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
    )


def text_of(row: Sequence[Word]) -> str:
    """The words of a row, with blanks between them; a sign of a symbol font at its beginning is a dash."""
    texts = [word.text for word in row]
    if texts and (_BULLET_RE.match(texts[0]) or _PRIVATE_RE.fullmatch(texts[0])):
        texts[0] = "-"
    text = _PRIVATE_RE.sub("", " ".join(texts))
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean(text: str) -> str:
    """Letters of a font as letters of a text: no soft hyphens, ligatures taken apart, nothing invisible."""
    text = "".join(_LIGATURES.get(letter, letter) for letter in text.translate(_DROPPED))
    return _CONTROL_RE.sub("", text)


def _height(row: Sequence[Word]) -> float:
    return max(word.height for word in row[-4:])
