"""Lines and tables of a text: a copy from a legal site, markdown, a web page, or what was copied out of a PDF."""

from __future__ import annotations

import html
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from documents.letters.decoding import decode
from documents.office.boxes import Para, Sheet
from documents.office.packages import check_size
from documents.source import Line, Source
from documents.text.tables import pipe_table, tab_table
from documents.text.web import BULLET_RE, add_html, is_html
from domain.errors import TooLarge

_HEADING_RE = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_RULE_RE = re.compile(r"^[\s\-–—_=*~]*$|^\s*```")
_TAG_RE = re.compile(
    r"</?(?:b|strong|i|em|u|p|span|div|font|sup|sub|center|small|mark|a)(?:\s[^<>]{0,500})?/?>", re.IGNORECASE
)
_BREAK_RE = re.compile(r"<br\s*/?>|\\$", re.IGNORECASE)
_ENTITY_RE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][a-z]{1,7}[0-9]{0,2});")
_LINK_RE = re.compile(r"(!?)\[([^\[\]]{0,500})\]\((?:[^()\s]{0,1000})(?:\s+\"[^\"]{0,200}\")?\)")
_STRONG_RE = re.compile(r"(?<!\*)(?!(?<=\()\*{2,3}\))\*{2,3}(?!\*)|(?<!\w)__(?=[^\s_])|(?<=[^\s_])__(?!\w)")
_STAR_RE = re.compile(r"(?<![\w*])\*(?=[\w\"“(\[])([^*\n]{0,1000}?)(?<=\S)\*(?![\w*])")
_UNDERLINE_RE = re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]{0,1000}?)(?<=\S)_(?![\w_])")
_ESCAPE_RE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")
# What is left of a signature's initials after the end of the text.
_INITIALS_RE = re.compile(r"(\./\.)\s*\*{1,3}\w{1,4}\*{1,3}\s*$")
# Ten megabytes of printed lines with blank ones between have fewer.
MAX_LINES = 500_000
_TABLE_RE = re.compile(r"<(/?)table\b", re.IGNORECASE)
_ENDS = (".", ";", ":", "!", "?", "/", "”", ",/.")
_LONG, _LONGEST_PRINTED = 40, 120


@dataclass(frozen=True)
class _Printed:
    """A line as it stands in the file."""

    text: str
    number: int
    page: int | None


def read_text(data: bytes) -> Source:
    """The lines and tables of a text in any encoding Vietnamese is written in; lines keep their number in the file.

    Raises `Refusal` for `not-a-text`, `text-undecodable` and `document-too-large`; never for content.
    """
    check_size(data)
    if data.count(b"\n") > MAX_LINES:
        message = f"Tệp có hơn {MAX_LINES} dòng. Hãy tách thành nhiều tệp, hoặc bỏ phần không thuộc kế hoạch."
        raise TooLarge("document-too-large", message)
    text, remarks = decode(data)
    sheet = Sheet()
    if is_html(text):
        add_html(text, sheet)
    else:
        _add_lines(_printed(_without_comments(text)), sheet)
    lines = tuple(sheet.lines)
    return Source(lines, tuple(sheet.grids), _is_wrapped(lines), "text", remarks)


def tidy(text: str) -> str:
    """One line of text without markdown's and HTML's marks, "\\n" where a mark broke it."""
    if "*" in text:
        text = _INITIALS_RE.sub(r"\1", text)
    text = _TAG_RE.sub("", _BREAK_RE.sub("\n", text))
    text = _LINK_RE.sub(lambda link: "" if link[1] else link[2], text)
    text = _STRONG_RE.sub("", text)
    text = _UNDERLINE_RE.sub(r"\1", _STAR_RE.sub(r"\1", text))
    text = _ESCAPE_RE.sub(r"\1", text)
    return _ENTITY_RE.sub(lambda entity: html.unescape(entity[0]), text)


def _without_comments(text: str) -> str:
    """The text without HTML's comments; their lines stay, so that the numbers of lines do."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*pieces, text[at:]])


def _printed(text: str) -> list[_Printed]:
    paged = "\f" in text.strip()
    page, found = 1, []
    for number, line in enumerate(text.split("\n"), start=1):
        for index, part in enumerate(line.split("\f")):
            page += index > 0
            found.append(_Printed(part, number, page if paged else None))
    return found


def _add_lines(printed: list[_Printed], sheet: Sheet) -> None:
    texts = [line.text for line in printed]
    # Lines before `plain` were found to be no table.
    at = plain = 0
    while at < len(printed):
        line = printed[at]
        sheet.page = line.page
        if not line.text.strip():
            at += 1
            continue
        if "<table" in line.text.lower():
            end = _table_end(texts, at)
            add_html("\n".join(texts[at:end]), sheet, line.number)
            at = end
            continue
        if at >= plain:
            table, plain = pipe_table(texts, at, sheet, tidy)
            if table is None and plain == at:
                table, plain = tab_table(texts, at, sheet, tidy)
            if table is not None:
                sheet.add(table)
                at = plain
                continue
        if not _RULE_RE.match(line.text):
            sheet.add(_paragraph(line))
        at += 1


def _paragraph(line: _Printed) -> Para:
    heading = _HEADING_RE.match(line.text)
    if heading:
        return Para(tidy(heading[2]), len(heading[1]), line.number)
    text = re.sub(r"^(\s*)\*\s+(?=\S)", r"\1- ", line.text)
    return Para(BULLET_RE.sub("- ", tidy(text)), number=line.number, printed=line.text.expandtabs())


def _table_end(texts: Sequence[str], start: int) -> int:
    """The index after the line that closes the table opened on line `start`; the last line where none does."""
    depth = 0
    for index in range(start, len(texts)):
        for tag in _TABLE_RE.finditer(texts[index]):
            depth += -1 if tag[1] else 1
        if depth <= 0:
            return index + 1
    return len(texts)


def _is_wrapped(lines: Sequence[Line]) -> bool:
    """Whether lines are as long as a page is wide and sentences go on from one to the next."""
    running = [line for line in lines if line.cell is None and not line.level]
    long = [len(line.text) for line in running if len(line.text) >= _LONG]
    if len(long) < 5 or statistics.median(long) >= _LONGEST_PRINTED:
        return False
    goes_on = sum(
        1
        for line, after in pairwise(running)
        if len(line.text) >= _LONG and not line.text.endswith(_ENDS) and after.text[0].islower()
    )
    return goes_on * 4 >= len(long)
