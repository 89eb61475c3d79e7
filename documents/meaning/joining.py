"""Puts printed lines together to the paragraphs they were broken from, in sources that know lines only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from documents.meaning.bodies import begins_body, is_open
from documents.meaning.sections import split_at_verb
from documents.source import Line, plain

ITEM_RE = re.compile(
    r"^(?:[-–—•+*▪●]\s*\S|[IVX1l]{1,5}\s*[.)]\s*\S|(?:[0-9]{1,2}\.)*[0-9]{1,2}\s*[.)]\s*\D|[a-zđ]\s*[.)]\s*\S"
    r"|(?:Phụ lục|PHỤ LỤC|Nơi nhận|Noi nh|Số\s*:|Điều [0-9]))"
)
"""How a line begins that starts an item or part of its own."""
_ENDED_RE = re.compile(r"(?:[.;:!?”]|\./\.)[*_\s]*$")
_HYPHEN_RE = re.compile(r"[^\W_]-$")
_PREAMBLE_RE = re.compile(r"^(?:căn cứ|thực hiện (?:quyết|nghị|chỉ|công|kế)|theo đề nghị|xét đề nghị)", re.IGNORECASE)
_DATED_RE, _YEAR_RE = re.compile(r"tháng\s+[0-9]{1,2}\s+năm$", re.IGNORECASE), re.compile(r"^20[0-9]{2}\b")
_NUMBER_RE = re.compile(r"^[0-9]{1,2}\s*[.),]\s+(?:đề nghị\s+)?", re.IGNORECASE)
_FULL, _RAGGED = 0.62, 0.82
"""A line shorter than this share of the text's width was ended by its author, not by the margin."""


def join_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The paragraphs of wrapped lines; each keeps the page and number of its first line."""
    width = text_width(lines)
    joined: list[Line] = []
    last = ""
    for line in lines:
        if joined and _goes_on(joined[-1], last, line, width):
            joint = "" if _HYPHEN_RE.search(last) and line.text[:1].isupper() else " "
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}{joint}{line.text}")
        else:
            joined.append(line)
        last = line.text
    return tuple(joined)


def text_width(lines: Sequence[Line]) -> int:
    """How many letters a full line of running text holds: nine tenths of the long lines are no longer."""
    lengths = sorted(len(line.text) for line in lines if len(line.text) > 40)
    return lengths[int(0.9 * (len(lengths) - 1))] if lengths else 80


def _goes_on(paragraph: Line, last: str, line: Line, width: int) -> bool:
    """Whether `line` is the rest of the paragraph whose last printed line is `last`."""
    if paragraph.cell != line.cell or line.level or paragraph.level or ITEM_RE.match(line.text):
        return False
    if line.text.startswith(("(", "*")) and len(last) < 0.9 * width:
        return False
    starts_low = line.text[:1].islower() or line.text[:1] in "(,;"
    if _is_title(last) or _is_title(line.text):
        return _is_title(last) and _is_title(line.text) and len(last) > _FULL * width
    if _HYPHEN_RE.search(last) or (_DATED_RE.search(last) and _YEAR_RE.match(line.text)):
        return True
    if paragraph.text == last and _names_bodies(last) and line.text[:1].isupper() and not is_open(last):
        return False
    if _ENDED_RE.search(last) and not starts_low:
        return False
    if starts_low:
        return len(last) > 0.35 * width
    first = line.text.split()[0]
    would_have_fitted = len(last) + 1 + len(first) < _RAGGED * width
    return not would_have_fitted and not _PREAMBLE_RE.match(line.text)


def _names_bodies(text: str) -> bool:
    """Whether a numbered line only names the bodies whose duties follow on the next."""
    words = _NUMBER_RE.sub("", text)
    return words != text and begins_body(words) and not split_at_verb(words)[1] and ":" not in words


def _is_title(text: str) -> bool:
    """Capitals only, as headings and signatures are printed."""
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 2 and all(c.isupper() for c in letters) and len(plain(text)) > 3
