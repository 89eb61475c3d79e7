"""Tables as plain text has them: lines of a markdown table between "|", or fields with tabs between, as spreadsheets
and word processors put on the clipboard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from documents.limits import MAX_ROWS
from documents.meaning.tasks import is_task_table
from documents.office.boxes import MAX_COLUMNS, Box, Para, Sheet, Table
from documents.source import Cell, Grid

_RULE_RE = re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*(?::?-+:?)?\s*$")
_BAR_RE = re.compile(r"(?<!\\)\|")
_GROUP_RE = re.compile(r"^(?:[IVXLC]{1,5}|[A-ZĐ]|[0-9]{1,2})\s*[.)]\s")
_MOST_QUOTED_LINES = 40

Tidy = Callable[[str], str]
"""Takes the markup out of the text of a cell."""


def pipe_table(lines: Sequence[str], start: int, sheet: Sheet, tidy: Tidy) -> tuple[Table | None, int]:
    """The markdown table that begins on line `start`, None where the lines are none, and the index after them."""
    end = start
    while end < len(lines) and len(_BAR_RE.findall(lines[end])) >= 2:
        end += 1
    found = lines[start:end]
    framed = [line for line in found if line.strip().startswith("|") and line.strip().endswith("|")]
    if len(found) < 2 or not (any(_RULE_RE.match(line) for line in found[:3]) or len(framed) == len(found)):
        return None, end
    rows = []
    for line in found:
        if not _RULE_RE.match(line):
            inner = line.strip().removeprefix("|")
            inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
            rows.append([field.strip().replace("\\|", "|") for field in _BAR_RE.split(inner)])
    return _table(rows, sheet, tidy, start + 1), end


def tab_table(lines: Sequence[str], start: int, sheet: Sheet, tidy: Tidy) -> tuple[Table | None, int]:
    """The table of tab-separated fields that begins on line `start`, None where there is none, and the index after it.

    Single blank lines inside are passed over, unless a new heading follows; a row whose last field goes on on the next
    lines is put together.
    """
    if lines[start].count("\t") < 2:
        return None, start
    rows: list[list[str]] = []
    at = end = start
    while at < len(lines):
        if not lines[at].strip():
            if at + 1 >= len(lines) or lines[at + 1].count("\t") < 2 or _is_heading(lines[at + 1].split("\t")):
                break
            at += 1
            rows.append([])
            continue
        fields, after = _fields(lines, at)
        if len(fields) < 3 and not _goes_on(rows, fields, lines, after):
            break
        _take(rows, fields)
        at = end = after
        if len(rows) > MAX_ROWS:
            break  # one too many for a table; other lines may be as many as they are
    rows = [row for row in rows if row]
    filled = sum(1 for row in rows if sum(bool(field.strip()) for field in row) >= 3)
    if len(rows) < 2 or filled * 2 < len(rows):
        return None, end
    return _table(rows, sheet, tidy, start + 1), end


def _fields(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """The fields of a line, and the index after it; a field in quotation marks may hold line ends."""
    text = lines[at]
    fields = text.split("\t")
    last = fields[-1].lstrip()
    if last.startswith('"') and last.count('"') % 2:
        for more in range(at + 1, min(at + _MOST_QUOTED_LINES, len(lines))):
            if lines[more].count('"') % 2:
                rest, after = _fields([lines[more]], 0)[0], more + 1
                joined = "\n".join([fields[-1], *lines[at + 1 : more], rest[0]])
                return [*map(_unquoted, [*fields[:-1], joined]), *map(_unquoted, rest[1:])], after
    return [_unquoted(field) for field in fields], at + 1


def _unquoted(field: str) -> str:
    field = field.strip(" ")
    if len(field) > 1 and field.startswith('"') and field.endswith('"') and field.count('"') % 2 == 0:
        return field[1:-1].replace('""', '"')
    return field


def _goes_on(rows: list[list[str]], fields: list[str], lines: Sequence[str], after: int) -> bool:
    """Whether a line of one or two fields is still of the table: the rest of a row, or the title of a group."""
    if not rows or not rows[-1]:
        return False
    if _fits(rows, fields):
        return True
    more = after < len(lines) and lines[after].count("\t") >= 2
    return more and len(fields) <= 2


def _fits(rows: list[list[str]], fields: list[str]) -> bool:
    """Whether these fields are the rest of the last row: its last field goes on, and others may follow."""
    width = len(rows[0])
    return bool(rows[-1]) and len(rows) > 1 and len(rows[-1]) < width and len(rows[-1]) + len(fields) - 1 <= width


def _take(rows: list[list[str]], fields: list[str]) -> None:
    if rows and _fits(rows, fields) and not fields[0].strip(" .)").isdecimal():
        rows[-1][-1] += "\n" + fields[0]
        rows[-1] += fields[1:]
    elif len(fields) == 1 and not (_GROUP_RE.match(fields[0]) or fields[0].isupper()):
        rows[-1][-1] += "\n" + fields[0]
    else:
        rows.append(fields)


def _is_heading(fields: list[str]) -> bool:
    return is_task_table(Grid((tuple(Cell(field, index) for index, field in enumerate(fields)),)))


def _table(rows: list[list[str]], sheet: Sheet, tidy: Tidy, first_line: int) -> Table:
    """Boxes for the fields, all rows equally long; a single field is a title across its row."""
    width = min(max(map(len, rows)), MAX_COLUMNS)
    table = Table()
    for index, fields in enumerate(rows):
        sheet.count_rows()
        boxes = [_box(field, sheet, tidy, first_line + index) for field in fields[:width]]
        if len(boxes) == 1:
            table.rows.append(boxes * width)
        else:
            table.rows.append(boxes + [sheet.box() for _ in range(width - len(boxes))])
    return table


def _box(field: str, sheet: Sheet, tidy: Tidy, number: int) -> Box:
    box = sheet.box()
    text = tidy(field)
    if text.strip():
        box.blocks.append(Para(text, number=number))
    return box
