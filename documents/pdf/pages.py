"""From pages of words and rulings to a `Source`: what is no content is dropped, tables are joined over the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from documents.limits import MAX_ROWS
from documents.meaning.tasks import is_task_table
from documents.pdf.blocks import Block, blocks_of
from documents.pdf.joins import Part, Piece, join_pieces
from documents.pdf.tables import Table, find_tables
from documents.pdf.words import Page, Row, Word, rows_of, text_of
from documents.scan.words import DOUBTFUL
from documents.source import Grid, Line, Source, squeeze
from domain.errors import TooLarge
from domain.plan import Finding

_PAGE_NUMBER_RE = re.compile(r"^[-–—\s]*(?:trang\s*)?[0-9]{1,3}(?:\s*/\s*[0-9]{1,3})?[-–—.\s]*$", re.IGNORECASE)
# Where a page number stands even when the ruled table is drawn around it, in points from the edge (NĐ 30/2020: in the
# margin, which is 20 to 25 mm).
_MARGIN = 52.0
# Running heads repeat in these shares of the page, on at least three pages and this share of all.
_HEAD, _FOOT, _REPEATED = 0.12, 0.88, 0.6
_BLOCK = -1


def assemble(pages: Sequence[Page], origin: Literal["pdf", "scan"], remarks: Sequence[Finding] = ()) -> Source:
    """The source made of all pages; raises `TooLarge` for more rows of tables than are ever read."""
    found = [find_tables(_without_margin_number(page)) for page in pages]
    rows = [_content_rows(page, words, tables) for page, (tables, words) in zip(pages, found, strict=True)]
    running = _running(pages, rows)
    lines: list[Line] = []
    pieces: list[Piece] = []
    for page, (tables, _), content in zip(pages, found, rows, strict=True):
        kept = [row for row in content if _mark(page, row) not in running]
        pieces += _page_content(page, tables, kept, lines)
    if sum(len(piece.table.groups) for piece in pieces) > MAX_ROWS:
        message = f"Các bảng có hơn {MAX_ROWS} dòng. Hãy tách phụ lục nhiệm vụ ra rồi gửi lại."
        raise TooLarge("document-too-large", message)
    parts = join_pieces(pieces, first_key=_keys(lines))
    return _source(lines, parts, origin, tuple(remarks))


def _without_margin_number(page: Page) -> Page:
    """The page without a number in its margin, which would otherwise fall into a table drawn around it."""
    rows = rows_of(page.words)
    dropped: list[Word] = []
    for row in rows[:1] + rows[1:][-1:]:
        centre = (row[0].x0 + row[-1].x1) / 2
        in_margin = row[0].middle < _MARGIN or row[0].middle > page.height - _MARGIN
        if in_margin and centre > 0.35 * page.width and _is_page_number(row):
            dropped += row
    return replace(page, words=tuple(word for word in page.words if word not in dropped)) if dropped else page


def _is_page_number(row: Row) -> bool:
    """A figure alone, or a sign of two or three letters that a machine took it for."""
    text = text_of(row)
    return bool(_PAGE_NUMBER_RE.match(text)) or (len(text) <= 3 and all(word.confidence < DOUBTFUL for word in row))


def _content_rows(page: Page, words: Sequence[Word], tables: Sequence[Table]) -> list[Row]:
    """The rows beside the tables without the page's number, which stands alone above or below everything else."""
    rows = rows_of(words)
    top = min((table.ys[0] for table in tables), default=page.height)
    bottom = max((table.ys[-1] for table in tables), default=0.0)
    if rows and rows[0][0].middle < top and _is_page_number(rows[0]) and len(rows) + len(tables) > 1:
        rows = rows[1:]
    if rows and rows[-1][0].middle > bottom and _is_page_number(rows[-1]):
        rows = rows[:-1]
    return rows


def _mark(page: Page, row: Row) -> tuple[str, int]:
    """What a running head looks like on every page: its words without figures, and its height."""
    share = row[0].middle / page.height if page.height else 0.5
    if _HEAD < share < _FOOT:
        return "", 0
    # Counted from the nearer edge, as wide pages among narrow ones have their feet elsewhere.
    place = row[0].middle if share < _HEAD else row[0].middle - page.height
    return re.sub(r"[0-9]+", "#", text_of(row)), round(place / 6)


def _running(pages: Sequence[Page], rows: Sequence[list[Row]]) -> set[tuple[str, int]]:
    if len(pages) < 3:
        return set()
    counts = Counter(
        mark for page, content in zip(pages, rows, strict=True) for mark in {_mark(page, row) for row in content}
    )
    return {mark for mark, count in counts.items() if mark[0] and count >= max(3, _REPEATED * len(pages))}


def _page_content(page: Page, tables: list[Table], rows: list[Row], lines: list[Line]) -> list[Piece]:
    """Adds the lines of a page and gives its tables, each with the number of lines before it."""
    pieces: list[Piece] = []
    waiting = list(rows)
    for index, table in enumerate(tables):
        above = [row for row in waiting if row[0].middle < table.ys[0]]
        waiting = waiting[len(above) :]
        _add(lines, blocks_of([word for row in above for word in row]), page.number)
        is_last = index == len(tables) - 1 and not waiting
        pieces.append(Piece(table, begins=index == 0 and not above, ends=is_last, after=len(lines)))
    _add(lines, blocks_of([word for row in waiting for word in row]), page.number)
    return pieces


def _add(lines: list[Line], blocks: Sequence[Block], page: int) -> None:
    for block in blocks:
        cell = _keys(lines) if block.beside else None
        lines += [
            Line(squeeze(text), cell, page, len(lines) + number) for number, text in enumerate(block.lines, start=1)
        ]


def _keys(lines: Sequence[Line]) -> int:
    return 1 + max((line.cell for line in lines if line.cell is not None), default=_BLOCK)


def _source(
    lines: list[Line], parts: list[Part], origin: Literal["pdf", "scan"], remarks: tuple[Finding, ...]
) -> Source:
    """Tables without tasks are lines too, as their reader cannot know what they are for."""
    grids: list[Grid] = []
    placed: list[Line] = []
    taken, is_tasks = 0, False
    for part in parts:
        placed += lines[taken : part.piece.after]
        taken = part.piece.after
        grid = Grid(tuple(part.rows), part.piece.table.page, part.first_row, len(placed))
        is_tasks = is_task_table(grid) or (part.goes_on and is_tasks)
        if not is_tasks:
            seen = {cell.key: cell.text for row in grid.rows for cell in row}
            texts = [(key, squeeze(text)) for key, words in seen.items() for text in words.split("\n")]
            placed += [Line(text, key, grid.page) for key, text in texts if text]
        grids.append(grid)
    placed += lines[taken:]
    numbered = tuple(replace(line, number=number) for number, line in enumerate(placed, start=1))
    return Source(numbered, tuple(grids), wrapped=True, origin=origin, remarks=remarks)
