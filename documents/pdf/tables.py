"""From ruled lines and words to tables: what the text layer and the recognised picture of a page share.

Rulings that meet are one table. Where no ruling parts two fields of it, they are one merged cell. A border that a page
break or a taste for open tables left away is taken to be where the other rulings end.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from documents.pdf.words import Box, Page, Row, Ruling, Word, box_of, rows_of, text_of

# Rulings nearer than this are one: double borders, and borders drawn cell by cell.
_SAME = 3.0
# How far a ruling may end before the one it meets; and how long a gap in a broken one may be.
_MEETS, _GAP = 4.5, 6.0
# How far rulings must reach beyond the last one across to show that a border is left away.
_OPEN = 10.0
# The share of a field's side that a ruling must cover to part it from its neighbour.
_PARTS = 0.75
# A page with more is a drawing.
_MOST_RULINGS = 1_200
# Extra space before a line, in shares of the usual distance of lines, that shows a paragraph's end.
_PARAGRAPH = 1.3
_HYPHEN_RE = re.compile(r"\w-$")
_ITEM_RE = re.compile(r"^(?:[-–—+•*]\s|[-–+•]\S|[a-zđ]\)|\(?[0-9]{1,2}[.)]\s)")
_DASH_RE = re.compile(r"^[-–—]$")


@dataclass
class Table:
    """A table on one page: its rulings and the text of each merged cell.

    `groups[row][column]` is the merged cell a field belongs to; `texts` the words of each merged cell that has any, and
    `spare` how many more lines would have fitted below them. `closed` tells whether a ruling ends the table below.
    """

    page: int
    xs: list[float]
    ys: list[float]
    groups: list[list[int]]
    closed: bool
    texts: dict[int, str] = field(default_factory=dict)
    spare: dict[int, float] = field(default_factory=dict)

    @property
    def box(self) -> Box:
        """Where it stands."""
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def place(self, x: float, y: float) -> int | None:
        """The merged cell at a point."""
        if not self.box.holds(x, y):
            return None
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        column = min(bisect_right(self.xs, x), len(self.xs) - 1) - 1
        return self.groups[row][column]


def find_tables(page: Page) -> tuple[list[Table], list[Word]]:
    """The tables of a page from top to bottom with their texts, and the words outside of them."""
    tables = [table for table in (_table(page.number, *lines) for lines in nets_of(page)) if table]
    tables.sort(key=lambda table: table.ys[0])
    inside: list[dict[int, list[Word]]] = [{} for _ in tables]
    outside: list[Word] = []
    for word in page.words:
        middle = (word.x0 + word.x1) / 2
        for table, cells in zip(tables, inside, strict=True):
            if (group := table.place(middle, word.middle)) is not None:
                cells.setdefault(group, []).append(word)
                break
        else:
            outside.append(word)
    for table, cells in zip(tables, inside, strict=True):
        _fill(table, cells)
    return tables, outside


def nets_of(page: Page) -> list[tuple[list[Ruling], list[Ruling]]]:
    """The rulings across and down of each table: those that meet, directly or through others."""
    level, upright = _joined(page.level), _joined(page.upright)
    if not level or not upright or len(level) + len(upright) > _MOST_RULINGS:
        return []
    owner = list(range(len(level) + len(upright)))

    def root(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    for i, across in enumerate(level):
        for j, down in enumerate(upright):
            meets_across = across.start - _MEETS <= down.at <= across.end + _MEETS
            if meets_across and down.start - _MEETS <= across.at <= down.end + _MEETS:
                owner[root(i)] = root(len(level) + j)
    nets: dict[int, tuple[list[Ruling], list[Ruling]]] = {}
    for index in range(len(owner)):
        net = nets.setdefault(root(index), ([], []))
        if index < len(level):
            net[0].append(level[index])
        else:
            net[1].append(upright[index - len(level)])
    return [net for net in nets.values() if net[0] and net[1]]


def _joined(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Pieces of one ruling put together."""
    bands: list[list[Ruling]] = []
    for ruling in sorted(rulings, key=lambda each: each.at):
        if bands and ruling.at - bands[-1][0].at <= _SAME:
            bands[-1].append(ruling)
        else:
            bands.append([ruling])
    joined: list[Ruling] = []
    for band in bands:
        at = sum(ruling.at for ruling in band) / len(band)
        pieces = sorted((ruling.start, ruling.end) for ruling in band)
        start, end = pieces[0]
        for further_start, further_end in pieces[1:]:
            if further_start - end > _GAP:
                joined.append(Ruling(at, start, end))
                start = further_start
            end = max(end, further_end)
        joined.append(Ruling(at, start, end))
    return joined


def _table(page: int, level: list[Ruling], upright: list[Ruling]) -> Table | None:
    """The table of a net of rulings; None for a frame, a rule below a letterhead or one column."""
    xs, ys = _places(upright), _places(level)
    lowest = ys[-1]
    xs = _with_open_ends(xs, level)
    ys = _with_open_ends(ys, upright)
    if len(xs) < 3 or len(ys) < 2:
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    owner = list(range(columns * rows))

    def root(index: int) -> int:
        while owner[index] != index:
            index = owner[index]
        return index

    for row in range(rows):
        for column in range(columns):
            here = row * columns + column
            if column and not _is_parted(upright, xs[column], ys[row], ys[row + 1]):
                owner[root(here)] = root(here - 1)
            if row and not _is_parted(level, ys[row], xs[column], xs[column + 1]):
                owner[root(here)] = root(here - columns)
    groups = [[root(row * columns + column) for column in range(columns)] for row in range(rows)]
    if len({group for row_of_groups in groups for group in row_of_groups}) < 2:
        return None
    return Table(page, xs, ys, groups, closed=ys[-1] - lowest < _OPEN)


def _places(rulings: Sequence[Ruling]) -> list[float]:
    places: list[float] = []
    for at in sorted(ruling.at for ruling in rulings):
        if not places or at - places[-1] > _SAME:
            places.append(at)
    return places


def _with_open_ends(places: list[float], across: Sequence[Ruling]) -> list[float]:
    first, last = min(ruling.start for ruling in across), max(ruling.end for ruling in across)
    before = [first] if first < places[0] - _OPEN else []
    after = [last] if last > places[-1] + _OPEN else []
    return [*before, *places, *after]


def _is_parted(rulings: Sequence[Ruling], at: float, start: float, end: float) -> bool:
    covered = sum(
        max(0.0, min(ruling.end, end) - max(ruling.start, start)) for ruling in rulings if abs(ruling.at - at) <= _SAME
    )
    return covered >= _PARTS * (end - start)


def _fill(table: Table, cells: dict[int, list[Word]]) -> None:
    """Gives each merged cell its text: lines that go on are joined, real breaks are kept as line breaks."""
    fields: dict[int, list[Box]] = {}
    for row, groups in enumerate(table.groups):
        for column, group in enumerate(groups):
            corner = Box(table.xs[column], table.ys[row], table.xs[column + 1], table.ys[row + 1])
            fields.setdefault(group, []).append(corner)
    for group, words in cells.items():
        cell, line = box_of(fields[group]), max(word.height for word in words)
        table.texts[group] = _text(cell, words)
        table.spare[group] = (cell.bottom - max(word.bottom for word in words)) / line


def _text(cell: Box, words: list[Word]) -> str:
    rows = rows_of(words)
    outline = box_of(words)
    # Cells are padded alike on both sides; a centred or short text shows less than the padding, so it is bounded.
    padding = min(max(outline.x0 - cell.x0, 1.0), max(cell.x1 - outline.x1, 1.0), 8.0)
    room = cell.x1 - cell.x0 - 2 * padding
    steps = sorted(below[0].middle - above[0].middle for above, below in itertools.pairwise(rows))
    usual = steps[len(steps) // 4] if steps else 0.0
    has_items = sum(bool(_ITEM_RE.match(text_of(row))) for row in rows) > 1
    parts: list[str] = []
    for index, row in enumerate(rows):
        text = text_of(row)
        if not text:
            continue
        above = rows[index - 1]
        is_apart = bool(index) and row[0].middle - above[0].middle > _PARAGRAPH * usual
        if parts and (is_apart or not _goes_on(above, row, room, has_items=has_items)):
            parts.append("\n")
        elif parts:
            # A name broken at its hyphen ("Đài PT-", "TH tỉnh") has no blank there; a dash has one before.
            parts.append("" if _HYPHEN_RE.search(parts[-1]) and text[0].isalnum() else " ")
        parts.append(text)
    return "".join(parts)


def _goes_on(above: Row, row: Row, room: float, *, has_items: bool) -> bool:
    """Whether a printed line is the rest of the one above: its first word would not have fitted there."""
    first = row[0]
    used = above[-1].x1 - above[0].x0
    blank = 0.25 * first.height
    if _ITEM_RE.match(text_of(row)):
        # "Phát thanh - Truyền hình" breaks before its dash only where not even the dash had room.
        is_dash = bool(_DASH_RE.match(first.text))
        return is_dash and not has_items and used + blank + (first.x1 - first.x0) > room
    return used + blank + (first.x1 - first.x0) > room - 0.15 * first.height
