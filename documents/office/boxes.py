"""Tables within tables, as word processors and web pages have them, laid out as the lines and grids of a `Source`.

A table for layout (letterhead, signature, a frame around the page) gives lines, and the tables inside it stand on their
own; a table of tasks is a grid, and what is inside its cells is their text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from documents.limits import MAX_ROWS
from documents.meaning.tasks import is_task_table
from documents.source import Cell, Grid, Line, squeeze
from domain.errors import TooLarge

MAX_COLUMNS = 100
MAX_DEPTH = 8


@dataclass(frozen=True)
class Para:
    """A paragraph, "\\n" where it breaks its line; `level` as in `Line`, `number` where the format counts lines."""

    text: str
    level: int = 0
    number: int | None = None
    printed: str = ""


@dataclass
class Box:
    """A cell with what is in it; merged cells are one box. `key` tells boxes apart over the whole document."""

    key: int
    blocks: list[Para | Table] = field(default_factory=list)

    def text(self) -> str:
        """All text in the box, inner tables too, a line a paragraph."""
        return "\n".join(_texts(self.blocks)).strip()


@dataclass
class Table:
    """Rows of boxes, merged ones repeated."""

    rows: list[list[Box]] = field(default_factory=list)

    def boxes(self) -> list[Box]:
        """Each box once, in reading order."""
        return list({box.key: box for row in self.rows for box in row}.values())


class Sheet:
    """Where blocks are laid out: collects lines and grids in reading order, and hands out the keys of boxes."""

    def __init__(self, page: int | None = None) -> None:
        self.lines: list[Line] = []
        self.grids: list[Grid] = []
        self.page = page
        self._keys = 0
        self._rows = 0

    def box(self) -> Box:
        """A new empty box."""
        self._keys += 1
        return Box(self._keys)

    def count_rows(self, rows: int = 1) -> None:
        """Raises `TooLarge` when the document's tables have more rows than any reader takes."""
        self._rows += rows
        if self._rows > MAX_ROWS:
            message = f"Các bảng có hơn {MAX_ROWS} dòng. Hãy tách thành nhiều tệp, hoặc bỏ các bảng số liệu."
            raise TooLarge("document-too-large", message)

    def add(self, block: Para | Table, cell: int | None = None) -> None:
        """Lay out one block; `cell` is the key of the box it stands in."""
        if isinstance(block, Table):
            self._add_table(block)
            return
        for words in filter(None, map(squeeze, block.text.split("\n"))):
            number = block.number or len(self.lines) + 1
            self.lines.append(Line(words, cell, self.page, number, block.level, block.printed))

    def _add_table(self, table: Table) -> None:
        boxes = table.boxes()
        if not boxes:
            return
        cells = {box.key: Cell(box.text(), box.key) for box in boxes}
        rows = tuple(tuple(cells[box.key] for box in row) for row in table.rows)
        grid = Grid(rows, page=self.page, after=len(self.lines))
        is_frame = any(isinstance(block, Table) for box in boxes for block in box.blocks)
        if is_task_table(grid):
            self.grids.append(grid)
            return
        if not is_frame:
            # It may go on with a task table that a page break cut in two, so it is both.
            self.grids.append(grid)
        for box in boxes:
            for block in box.blocks:
                self.add(block, box.key)


def _texts(blocks: list[Para | Table]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Para):
            yield block.text
        else:
            for box in block.boxes():
                yield box.text()
