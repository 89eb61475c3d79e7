"""Text whose columns are set by blanks alone (a PDF saved as text): tables as grids, two-column blocks as cells.

Where a column begins is where, down the page, pieces of text begin after a gap; the heading of a task table says what
the columns are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from documents.meaning.columns import columns_of
from documents.source import Cell, Grid, Line, squeeze

_PIECE_RE = re.compile(r"\S+(?: \S+)*")
_GAP_RE = re.compile(r"\S {3,}\S")
_START_RE = re.compile(r"^\s{0,12}(?:S?TT|Stt|Số TT)\s{2,}\S", re.IGNORECASE)
_NEW_ROW_RE = re.compile(r"^\s{0,12}(?:[0-9]{1,3}(?:\.[0-9]{1,2})?|[IVX]{1,5}|[A-Z])[.)]?(?:\s|$)")
_PAGE_NUMBER_RE = re.compile(r"^\s*[0-9]{1,3}\s*$")
_BLOCK_ENDS_RE = re.compile(
    r"^(?:kế hoạch\b|căn cứ\b|thực hiện\b|phụ lục\b|danh mục\b|[IVX]{1,4}\.\s|\((?:ban hành |đính )?kèm)", re.I
)
_BLOCK_BEGINS_RE = re.compile(r"^nơi nhận\b", re.IGNORECASE)
_HEADING_LINES, _NEAR = 5, 3
_LAID_OUT = 3
"""So many lines with a gap inside show that blanks set columns here."""


@dataclass
class _Table:
    columns: int
    heading: tuple[Cell, ...]
    height: int
    rows: list[list[list[str]]]
    numbers: list[int | None]
    page: int | None
    after: int


def unlay(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Grid, ...]]:
    """The lines without tables, those beside each other apart by `cell`, and the task tables as grids."""
    if sum(bool(_GAP_RE.search(line.printed.strip())) for line in lines) < _LAID_OUT:
        return tuple(lines), ()
    rest: list[Line] = []
    grids: list[Grid] = []
    table: _Table | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        height = table.height if table else _HEADING_LINES
        found = _heading(lines, index, height) if line.printed and _START_RE.match(line.printed) else None
        if found:
            height, (index, starts, cells) = found[0] - index, found
            pieces = _body(lines, index)
            if table is None or table.columns != len(cells):
                table = _Table(len(cells), cells, height, [], [], line.page, len(rest))
            index = _fill(table, lines, index, _settled(starts, pieces))
            grids = [*grids[: len(grids) - (1 if grids and grids[-1].after == table.after else 0)], _grid(table)]
            continue
        rest.append(line)
        index += 1
    return tuple(_apart(rest)), tuple(grids)


def _pieces(text: str) -> list[tuple[int, str]]:
    return [(match.start(), match[0]) for match in _PIECE_RE.finditer(text)]


def _heading(lines: Sequence[Line], start: int, height: int) -> tuple[int, list[int], tuple[Cell, ...]] | None:
    """The line after a table's heading of at most so many lines, where its columns begin, and its cells, or None."""
    first = _pieces(lines[start].printed)
    starts = [place for place, _ in first]
    texts = [text for _, text in first]
    end = start + 1
    while end < min(start + height, len(lines)) and lines[end].printed:
        if _NEW_ROW_RE.match(lines[end].printed) or lines[end].number != (lines[end - 1].number or 0) + 1:
            break
        starts, texts = _under(starts, texts, _pieces(lines[end].printed))
        end += 1
    cells = tuple(Cell(squeeze(text), key) for key, text in enumerate(texts))
    return (end, starts, cells) if columns_of(cells) else None


def _under(
    starts: Sequence[int], texts: Sequence[str], pieces: Sequence[tuple[int, str]]
) -> tuple[list[int], list[str]]:
    """The heading with one more line below it; where two pieces stand under one cell, that cell is two columns."""
    below: list[list[tuple[int, str]]] = [[] for _ in starts]
    for place, text in pieces:
        below[min(range(len(starts)), key=lambda c: abs(starts[c] - place))].append((place, text))
    found: list[tuple[int, str]] = []
    for start, text, parts in zip(starts, texts, below, strict=True):
        if len(parts) < 2:
            found.append((start, " ".join([text, *(part for _, part in parts)])))
        else:
            found += [(place, part) for place, part in parts]
    return [start for start, _ in found], [text for _, text in found]


def _body(lines: Sequence[Line], start: int) -> Iterator[int]:
    """Where pieces begin in the lines of the table."""
    for line in lines[start:]:
        if not line.printed or _START_RE.match(line.printed):
            return
        yield from (place for place, _ in _pieces(line.printed))


def _settled(starts: Sequence[int], places: Iterator[int]) -> list[int]:
    """Where the columns of the body begin: headings may be centred, so each goes to the commonest place nearby."""
    count = Counter(places)
    settled: list[int] = []
    for column, start in enumerate(starts):
        low = settled[-1] + 2 if settled else 0
        high = starts[column + 1] if column + 1 < len(starts) else start + 30
        near = {place: times for place, times in count.items() if max(low, start - 12) <= place < min(high, start + 12)}
        settled.append(max(near, key=lambda place: (near[place], -abs(place - start))) if near else max(start, low))
    return settled


def _fill(table: _Table, lines: Sequence[Line], index: int, starts: Sequence[int]) -> int:
    """Take the lines of the table into its rows; returns the line after it."""
    last = lines[index].number if index < len(lines) else None
    while index < len(lines):
        line = lines[index]
        text = line.printed
        gap = (line.number or 0) - (last or 0)
        if not text or _START_RE.match(text) or (gap > _NEAR + 3 and not _NEW_ROW_RE.match(text)):
            break
        if _is_running(text, starts):
            break
        last = line.number
        index += 1
        if _PAGE_NUMBER_RE.match(text) and len(text) - len(text.lstrip()) > starts[1]:
            continue
        if all(re.fullmatch(r"\(?[0-9]{1,2}\)?", piece) for _, piece in _pieces(text)) and len(_pieces(text)) > 1:
            continue
        cells = _slice(text, starts)
        if _NEW_ROW_RE.match(text) or not table.rows:
            table.rows.append([[] for _ in starts])
            table.numbers.append(line.number)
        for column, part in enumerate(cells):
            if part:
                table.rows[-1][column].append(part)
    return index


def _is_running(text: str, starts: Sequence[int]) -> bool:
    """Whether a line is running text after the table: it begins at the margin without a number, or is all one piece."""
    pieces = _pieces(text)
    return pieces[0][0] < starts[1] - 1 and not _NEW_ROW_RE.match(text) and len(pieces[0][1]) > 6


def _slice(text: str, starts: Sequence[int]) -> list[str]:
    """The line cut where columns begin. A word across goes with what stands beside it: left where a gap follows."""
    cuts = [0]
    for start in starts[1:]:
        place = start
        if place < len(text) and text[place - 1] != " ":
            begin, end = text.rfind(" ", 0, place) + 1, len(text) if " " not in text[place:] else text.index(" ", place)
            is_last = text[end : end + 2].strip() == "" and text[max(0, begin - 2) : begin].strip() != ""
            place = end if is_last else begin
        cuts.append(max(place, cuts[-1]))
    return [squeeze(text[a:b]) for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _grid(table: _Table) -> Grid:
    rows, key = [table.heading], len(table.heading)
    for texts in table.rows:
        rows.append(tuple(Cell("\n".join(parts), key + column) for column, parts in enumerate(texts)))
        key += table.columns
    return Grid(tuple(rows), page=table.page, after=table.after, numbers=(None, *table.numbers))


def _apart(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines apart that stand beside each other (letterhead; recipients and signature): left ones, then right ones."""
    block, edge = True, 40
    right: list[Line] = []
    for line in lines:
        pieces = _pieces(line.printed)
        if _BLOCK_ENDS_RE.match(line.text):
            block = False
        elif _BLOCK_BEGINS_RE.match(line.text):
            block = True
        if not (block and pieces):
            yield from right
            right.clear()
            yield line
        elif _GAP_RE.search(line.printed.strip()) and len(pieces) <= 3:
            edge = pieces[-1][0]
            left = " ".join(text for _, text in pieces[:-1])
            yield replace(line, text=squeeze(left), cell=0)
            right.append(replace(line, text=squeeze(pieces[-1][1]), cell=1))
        elif pieces[0][0] >= edge - 12:
            right.append(replace(line, cell=1))
        else:
            yield replace(line, cell=0)
    yield from right
