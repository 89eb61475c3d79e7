"""The numbers and bullets that Word draws itself: they are nowhere in the text of a .docx and are worked out here.

Rules of ECMA-376, part 1, 17.9: a paragraph names a list (`numId`) and a level, itself or through its style; lists of
one abstract definition count on together unless an override restarts them; a level restarts after a higher one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_VAL = qn("w:val")
_HEADING_RE = re.compile(r"^heading ([1-9])$", re.IGNORECASE)
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_UNITS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class _Level:
    start: int
    format: str
    text: str
    gap: str
    style: str | None
    restart: int | None
    legal: bool


@dataclass(frozen=True)
class _List:
    abstract: str
    starts: dict[int, int]
    levels: dict[int, _Level]


@dataclass(frozen=True)
class _Style:
    name: str
    based_on: str | None
    properties: Any


@dataclass
class Numbering:
    """Works out labels; paragraphs must be asked for in reading order and once each, since every one counts."""

    numbering: Any
    styles: Any
    _lists: dict[str, _List] = field(default_factory=dict)
    _abstract: dict[str, dict[int, _Level]] = field(default_factory=dict)
    _styles: dict[str, _Style] = field(default_factory=dict)
    _default: str | None = None
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for style in _all(self.styles, "w:style"):
            id_, name = style.get(qn("w:styleId")), _value(style.find(qn("w:name")))
            self._styles[id_] = _Style(name or "", _value(style.find(qn("w:basedOn"))), style.find(qn("w:pPr")))
            if style.get(qn("w:type")) == "paragraph" and style.get(qn("w:default")) in ("1", "true", "on"):
                self._default = id_
        links: dict[str, str] = {}
        for abstract in _all(self.numbering, "w:abstractNum"):
            id_ = abstract.get(qn("w:abstractNumId"))
            self._abstract[id_] = dict(_level(level) for level in _all(abstract, "w:lvl"))
            if link := _value(abstract.find(qn("w:numStyleLink"))):
                links[id_] = link
        for num in _all(self.numbering, "w:num"):
            self._lists[num.get(qn("w:numId"))] = _list(num)
        for id_, style_id in links.items():
            num_id, _ = self._of_style(style_id)
            if num_id in self._lists:
                self._abstract[id_] = self._abstract.get(self._lists[num_id].abstract, {})

    def label(self, paragraph: Any) -> str:
        """What Word draws before the paragraph, with the blank after it: "1. ", "a) ", "- ", or ""."""
        num_id, depth = self._list_of(paragraph)
        found = self._lists.get(num_id or "")
        if found is None:
            return ""
        levels = self._abstract.get(found.abstract, {}) | found.levels
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._count(num_id or "", found, levels, depth)
        if level.format == "bullet":
            return f"{level.text if level.text in ('+', '*') else '-'}{level.gap}"
        if level.format == "none" and "%" not in level.text:
            return f"{level.text}{level.gap}" if level.text else ""

        def shown(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            known = levels.get(at, level)
            value = counts.get(at, found.starts.get(at, known.start))
            return number_text(value, "decimal" if level.legal else known.format)

        text = re.sub(r"%([1-9])", shown, level.text)
        return f"{text}{level.gap}" if text else ""

    def outline(self, paragraph: Any) -> int:
        """The level of a heading from 1, or 0: as the paragraph says, its style, or what that style is based on."""
        own = paragraph.find(qn("w:pPr"))
        name = None if own is None else _value(own.find(qn("w:pStyle")))
        properties = [own] if own is not None else []
        for style in self._chain(name):
            if style.properties is not None:
                properties.append(style.properties)
            if match := _HEADING_RE.match(style.name):
                return int(match[1])
        for each in properties:
            level = _int(_value(each.find(qn("w:outlineLvl"))), -1)
            if level >= 0:
                return level + 1 if level < 9 else 0
        return 0

    def _chain(self, name: str | None) -> list[_Style]:
        """The style of that name and what it is based on, the nearest first."""
        chain: list[_Style] = []
        name = name if name in self._styles else self._default
        while name in self._styles and len(chain) < _LONGEST_CHAIN:
            chain.append(self._styles[name])
            name = chain[-1].based_on
        return chain

    def _list_of(self, paragraph: Any) -> tuple[str | None, int]:
        own = paragraph.find(qn("w:pPr"))
        style = None if own is None else _value(own.find(qn("w:pStyle")))
        numbered = None if own is None else own.find(qn("w:numPr"))
        num_id, depth = (None, None) if numbered is None else _num_pr(numbered)
        if num_id is None:
            num_id, of_style = self._of_style(style or self._default or "")
            depth = of_style if depth is None else depth
        return num_id, depth or 0

    def _of_style(self, name: str) -> tuple[str | None, int | None]:
        num_id: str | None = None
        depth: int | None = None
        for style in self._chain(name):
            numbered = None if style.properties is None else style.properties.find(qn("w:numPr"))
            if numbered is not None:
                found, at = _num_pr(numbered)
                num_id, depth = num_id or found, at if depth is None else depth
        if depth is None and num_id in self._lists:
            levels = self._abstract.get(self._lists[num_id].abstract, {})
            depth = next((at for at, level in levels.items() if level.style == name), None)
        return num_id, depth

    def _count(self, num_id: str, found: _List, levels: dict[int, _Level], depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(found.abstract, {})
        if num_id not in self._begun:
            self._begun.add(num_id)
            for at in found.starts:
                counts.pop(at, None)
        counts[depth] = counts[depth] + 1 if depth in counts else found.starts.get(depth, levels[depth].start)
        for at in [at for at in counts if at > depth]:
            restart = levels[at].restart if at in levels else None
            if restart is None or depth < restart:
                del counts[at]
        return counts


def _all(parent: Any, tag: str) -> list[Any]:
    return [] if parent is None else list(parent.iterchildren(qn(tag)))


def _value(element: Any) -> str | None:
    found = None if element is None else element.get(_VAL)
    return found if isinstance(found, str) else None


def _int(text: str | None, otherwise: int) -> int:
    return int(text) if text and len(text) < 7 and text.isascii() and text.isdigit() else otherwise


def _num_pr(numbered: Any) -> tuple[str | None, int | None]:
    depth = _value(numbered.find(qn("w:ilvl")))
    return _value(numbered.find(qn("w:numId"))), None if depth is None else _int(depth, 0)


def _level(level: Any) -> tuple[int, _Level]:
    restart = _value(level.find(qn("w:lvlRestart")))
    legal = level.find(qn("w:isLgl"))
    return _int(level.get(qn("w:ilvl")), 0), _Level(
        start=_int(_value(level.find(qn("w:start"))), 0),
        format=_value(level.find(qn("w:numFmt"))) or "decimal",
        text=_value(level.find(qn("w:lvlText"))) or "",
        gap="" if _value(level.find(qn("w:suff"))) == "nothing" else " ",
        style=_value(level.find(qn("w:pStyle"))),
        restart=None if restart is None else _int(restart, 0),
        legal=legal is not None and legal.get(_VAL) not in ("0", "false", "off"),
    )


def _list(num: Any) -> _List:
    starts: dict[int, int] = {}
    levels: dict[int, _Level] = {}
    for override in _all(num, "w:lvlOverride"):
        at, start = _int(override.get(qn("w:ilvl")), 0), _value(override.find(qn("w:startOverride")))
        if start is not None:
            starts[at] = _int(start, 0)
        levels |= dict(_level(level) for level in _all(override, "w:lvl"))
    return _List(_value(num.find(qn("w:abstractNumId"))) or "", starts, levels)


def number_text(value: int, kind: str) -> str:
    """A number as Word writes it in one of its formats ("upperRoman", "lowerLetter" …); others are decimal."""
    if kind == "decimalZero":
        return f"{value:02d}"
    if kind in ("upperRoman", "lowerRoman") and 0 < value < 4000:
        roman, rest = "", value
        for size, letters in _ROMAN:
            roman, rest = roman + letters * (rest // size), rest % size
        roman += _ROMAN_UNITS[rest]
        return roman.upper() if kind == "upperRoman" else roman
    if kind in ("upperLetter", "lowerLetter") and 0 < value <= 260:
        letters = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letters.upper() if kind == "upperLetter" else letters
    return "" if kind == "none" else str(value)
