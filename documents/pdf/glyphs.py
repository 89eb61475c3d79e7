"""From the glyphs and paths that pdfplumber finds on a page to words and rulings.

The order in which a PDF draws is no reading order, and letters of a fallback font are drawn last: so letters are put
into rows by their base line, and into words by their places.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from documents.pdf.words import Ruling, Word, clean

# Letters whose base lines differ by less than this share of their size stand in one row; below it are raised letters.
_ROW = 0.35
# A gap of this share of the size parts two words where no blank is drawn.
_GAP = 0.22
# The part of a letter's size above and below its base line.
_ABOVE, _BELOW = 0.78, 0.22
# A border is thinner than this, in points, and a ruling longer than that.
_THIN, _SHORT = 3.0, 4.0
# What is drawn more slanted than this is a mark across the page.
_SLANT = 0.05


@dataclass(frozen=True)
class Glyph:
    """One letter: its base line's height from the top, its size, and what it says."""

    text: str
    x0: float
    x1: float
    base: float
    size: float


def glyphs_of(chars: Iterable[dict[str, Any]], width: float, height: float) -> list[Glyph]:
    """The letters that stand upright on the page."""
    glyphs: list[Glyph] = []
    for char in chars:
        a, b, _, d, _, f = char["matrix"]
        size = min(abs(float(char["size"])), 200.0)
        if abs(b) > _SLANT * abs(a) or a * d <= 0 or size < 1:
            continue
        x0, x1, base = float(char["x0"]), float(char["x1"]), height - float(f)
        if -size < x0 < width + size and 0 < base < height + size:
            glyphs.append(Glyph(clean(char["text"]), x0, x1, base, size))
    return glyphs


def words_of(glyphs: Sequence[Glyph]) -> tuple[Word, ...]:
    """The words in rows from top to bottom."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: each.base):
        if rows and glyph.base - rows[-1][0].base <= _ROW * max(glyph.size, rows[-1][0].size):
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return tuple(word for row in rows for word in _words(row))


def _words(row: list[Glyph]) -> Iterator[Word]:
    current: list[Glyph] = []
    for glyph in sorted(row, key=_place):
        if not glyph.text.strip():
            if glyph.text:
                yield from _word(current)
                current = []
            continue
        if current and _is_twice(current, glyph):
            continue
        if current and glyph.x0 - max(each.x1 for each in current[-2:]) > _GAP * glyph.size:
            yield from _word(current)
            current = []
        current.append(glyph)
    yield from _word(current)


def _place(glyph: Glyph) -> float:
    """Combining marks may begin before the letter they stand on, but their middle is over it."""
    if glyph.text and unicodedata.combining(glyph.text[0]):
        return (glyph.x0 + glyph.x1) / 2
    return glyph.x0


def _is_twice(current: list[Glyph], glyph: Glyph) -> bool:
    """Bold letters are sometimes drawn twice, a hair apart."""
    return any(each.text == glyph.text and abs(each.x0 - glyph.x0) < 0.1 * glyph.size for each in current[-2:])


def _word(glyphs: list[Glyph]) -> Iterator[Word]:
    if glyphs:
        size = max(glyph.size for glyph in glyphs)
        base = max(glyph.base for glyph in glyphs if glyph.size > 0.8 * size)
        x0, x1 = min(glyph.x0 for glyph in glyphs), max(glyph.x1 for glyph in glyphs)
        text = unicodedata.normalize("NFC", "".join(glyph.text for glyph in glyphs))
        yield Word(x0, base - _ABOVE * size, x1, base + _BELOW * size, text)


def rulings_of(objects: dict[str, list[dict[str, Any]]]) -> tuple[tuple[Ruling, ...], tuple[Ruling, ...]]:
    """The ruled lines across and down: drawn lines, thin bars, the sides of drawn frames."""
    level: list[Ruling] = []
    upright: list[Ruling] = []
    for x0, top, x1, bottom in _segments(objects):
        if abs(bottom - top) <= _THIN and abs(x1 - x0) >= _SHORT:
            level.append(Ruling((top + bottom) / 2, min(x0, x1), max(x0, x1)))
        elif abs(x1 - x0) <= _THIN and abs(bottom - top) >= _SHORT:
            upright.append(Ruling((x0 + x1) / 2, min(top, bottom), max(top, bottom)))
    return tuple(level), tuple(upright)


def _segments(objects: dict[str, list[dict[str, Any]]]) -> Iterator[tuple[float, float, float, float]]:
    for each in (*objects.get("line", ()), *objects.get("rect", ()), *objects.get("curve", ())):
        box = (float(each["x0"]), float(each["top"]), float(each["x1"]), float(each["bottom"]))
        is_thin = min(box[2] - box[0], box[3] - box[1]) <= _THIN
        if _is_white(each["stroking_color"] if each["stroke"] else each["non_stroking_color"]):
            continue
        if each["object_type"] == "line" or is_thin:
            yield box
        elif each["object_type"] == "rect" and each["stroke"]:
            x0, top, x1, bottom = box
            yield from ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom))
        elif each["object_type"] == "curve" and each["stroke"]:
            points = each["pts"]
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                yield (x0, y0, x1, y1)


def _is_white(colour: Any) -> bool:
    if isinstance(colour, (int, float)):
        colour = (colour,)
    if not isinstance(colour, (tuple, list)) or not all(isinstance(part, (int, float)) for part in colour):
        return False
    return all(part == 0 for part in colour) if len(colour) == 4 else bool(colour) and all(p >= 0.99 for p in colour)
