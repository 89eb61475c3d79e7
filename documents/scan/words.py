"""What tesseract says it saw: words with their boxes and how sure it is, faults that it is known for repaired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from documents.pdf.words import Page, Word, clean
from domain.plan import Finding, Severity, Where

DOUBTFUL = 60.0
"""Words that the program is less sure of, 0 to 100, are shown to a person."""
_QUOTED = 5
# What is left of rulings, stains and seals.
_SPECK_RE = re.compile(r"^[|¦_\[\]{}~^°«»<>\\=¬¿“”‘’'\"`´*#@€£¥§©®™.,:;]+$")
_STOP_RE = re.compile(r"^[.,;:)]{1,2}$")
_NOTHING = 25.0
_NUMBER_RE = re.compile(r"^([IVX]{1,4}\.|[0-9]{1,2}\.)([^\W\d_]{2,}.*)$")
_LEVEL, _LEFT, _TOP, _WIDTH, _HEIGHT, _CONFIDENCE, _TEXT = 0, 6, 7, 8, 9, 10, 11


def read_tsv(table: str, scale: float) -> tuple[Word, ...]:
    """The words of tesseract's table, their boxes multiplied by `scale`, as tall as their line."""
    rows = [row.split("\t") for row in table.splitlines()]
    found: list[Word] = []
    for row in rows:
        if len(row) <= _TEXT or row[_LEVEL] != "5":
            continue
        left, top, width, height = (int(row[index]) * scale for index in (_LEFT, _TOP, _WIDTH, _HEIGHT))
        text, confidence = clean(row[_TEXT]).strip(), float(row[_CONFIDENCE])
        if text and height > 0 and not _is_speck(text, confidence):
            found.append(Word(left, top, left + width, top + height, text, confidence))
    if not found:
        return ()
    usual = median(word.height for word in found)
    found = [_as_tall_as_its_line(word, usual) for word in _with_stops(found) if word.height < 5 * usual]
    return tuple(_repaired(word, found) for word in found)


def doubtful(page: Page) -> tuple[Finding, ...]:
    """One finding for a page with words that the program is not sure of, which quotes some."""
    words = [word.text for word in page.words if word.confidence < DOUBTFUL and any(map(str.isalnum, word.text))]
    if not words:
        return ()
    quoted = ", ".join(f"“{word}”" for word in list(dict.fromkeys(words))[:_QUOTED])
    message = f"Trang {page.number} có {len(words)} chữ máy chưa chắc: {quoted}. Hãy đối chiếu với bản gốc."
    return (Finding("word-doubtful", Severity.REVIEW, message, Where(page=page.number)),)


def _is_speck(text: str, confidence: float) -> bool:
    if _SPECK_RE.match(text):
        return text not in (".", ",", ";", ":", "./.") or confidence < DOUBTFUL
    return confidence < _NOTHING and not any(map(str.isalnum, text)) and text not in ("-", "–", "+", "/")


def _with_stops(words: Sequence[Word]) -> list[Word]:
    """A stop that was seen apart from its word is put back to it."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if before and _STOP_RE.match(word.text) and 0 <= word.x0 - before.x1 < 0.8 * before.height:
            joined[-1] = replace(before, text=before.text + word.text, x1=word.x1)
        else:
            joined.append(word)
    return joined


def _as_tall_as_its_line(word: Word, usual: float) -> Word:
    """A box grown to the height of a line around its middle: that of "-" or "a" is lower than that of "ệ"."""
    missing = max(1.2 * usual - word.height, 0.0) / 2
    return replace(word, top=word.top - missing, bottom=word.bottom + missing)


def _repaired(word: Word, words: Sequence[Word]) -> Word:
    text = word.text
    if match := _NUMBER_RE.match(text):
        text = f"{match[1]} {match[2]}"
    # Large and small letters with a mark are easily taken for one another: "cuỘc", "SỞ Tài chính".
    if text[:1].islower() and text.lower() != text and not text.isascii():
        text = text.lower()
    elif len(text.strip("(;,.")) == 2 and text.isupper() and not text.isascii() and _is_among_small(word, words):
        text = text.replace(text.strip("(;,."), text.strip("(;,.").capitalize())
    return replace(word, text=text)


def _is_among_small(word: Word, words: Sequence[Word]) -> bool:
    """Whether the nearest words of its line are written small."""
    line = [other for other in words if abs(other.middle - word.middle) < 0.4 * word.height and other is not word]
    near = sorted((other for other in line if len(other.text) > 2), key=lambda other: abs(other.x0 - word.x0))[:2]
    return bool(near) and not any(other.text.isupper() for other in near)
