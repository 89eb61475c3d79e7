"""Lines and tables of a workbook .xlsx: a sheet's table of tasks is a grid, what stands above and below it is text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documents.meaning.tasks import is_task_table
from documents.office.template_form import GUIDE_SHEET, same_title
from documents.office.xlsx_book import Book, BookSheet, read_book
from documents.office.xlsx_template import template_lines, template_sheets
from documents.source import Cell, Grid, Line, Source, squeeze
from domain.plan import Finding, Severity

_TOP_ROWS = 60
# A row of the table fills this many columns; what follows with fewer, after a gap, is a signature or a note.
_TABLE_COLUMNS = 3

_Row = tuple[int, tuple[Cell, ...]]


def read_xlsx(data: bytes) -> Source:
    """The lines and tables of a workbook; `page` is the number of the sheet, `number` and rows count as in the sheet.

    Raises `Refusal` for `not-a-xlsx`, `xlsx-macro`, `xlsx-unsafe`, `legacy-office`, `document-encrypted` and
    `document-too-large`; never for content.
    """
    book = read_book(data)
    reader = _Reader()
    template = template_sheets(book)
    if template:
        reader.lines += template_lines(book)
    for sheet in book.sheets:
        if not template or not any(same_title(sheet.title, each) for each in (*template, GUIDE_SHEET)):
            reader.add(sheet)
    return Source(tuple(reader.lines), tuple(reader.grids), False, "xlsx", tuple(_remarks(book)))


def _remarks(book: Book) -> Iterator[Finding]:
    hidden = sum(sheet.hidden_rows for sheet in book.sheets)
    if hidden or book.hidden_sheets:
        told = [f"{book.hidden_sheets} trang tính"] if book.hidden_sheets else []
        told += [f"{hidden} dòng"] if hidden else []
        message = f"Đã bỏ qua {' và '.join(told)} đang ẩn. Hãy bỏ ẩn rồi đọc lại nếu cần."
        yield Finding("hidden-rows", Severity.INFO, message)
    if unvalued := sum(sheet.unvalued for sheet in book.sheets):
        message = f"Có {unvalued} ô công thức chưa có kết quả nên để trống. Hãy mở tệp bằng Excel, lưu lại rồi gửi lại."
        yield Finding("formula-without-value", Severity.REVIEW, message)


class _Reader:
    """Collects lines and grids of all sheets; cells are numbered over the whole workbook."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.grids: list[Grid] = []
        self._keys = 0

    def add(self, sheet: BookSheet) -> None:
        """Lay out one sheet: text, table, text, and so on."""
        rows = self._rows(sheet)
        tables = list(_tables(rows))
        at = 0
        for start, end in tables:
            self._add_text(rows[at:start], sheet.number)
            self._add_grid(rows[start:end], sheet.number)
            at = end
        rest = rows[at:]
        if not tables and sum(len(_filled(row)) >= _TABLE_COLUMNS for row in rest) > 1:
            # It may go on with the table of the sheet before.
            self._add_grid(rest, sheet.number)
        self._add_text(rest, sheet.number)

    def _rows(self, sheet: BookSheet) -> list[_Row]:
        """Every row to the last with all columns, merged cells repeated; empty and hidden rows are rows too."""
        last, width = max(sheet.rows, default=0), max(map(len, sheet.rows.values()), default=0)
        merged: dict[tuple[int, int], Cell] = {}
        for left, top, right, bottom in sheet.merged:
            texts = sheet.rows[top]
            cell = self._cell(texts[left - 1] if left <= len(texts) else "")
            for row in range(top, bottom + 1):
                merged |= {(row, column): cell for column in range(left, right + 1) if (row, column) not in merged}
        rows = []
        for number in range(1, last + 1):
            texts = sheet.rows.get(number, [])
            texts += [""] * (width - len(texts))
            is_shown = number in sheet.rows
            cells = ((is_shown and merged.get((number, at))) or self._cell(text) for at, text in enumerate(texts, 1))
            rows.append((number, tuple(cells)))
        return rows

    def _cell(self, text: str) -> Cell:
        self._keys += 1
        return Cell(text.strip(), self._keys)

    def _add_grid(self, rows: Sequence[_Row], page: int) -> None:
        cells = tuple(row for _, row in rows)
        self.grids.append(Grid(cells, page, rows[0][0], len(self.lines)))

    def _add_text(self, rows: Sequence[_Row], page: int) -> None:
        """Running text row by row; where several cells stand side by side, as in a letterhead, block by block."""
        side: list[_Row] = []
        for row in rows:
            filled = _filled(row)
            spread = sum(cell.key == filled[0][1].key for cell in row[1]) if filled else 0
            is_wide = len(filled) == 1 and spread > len(row[1]) / 2
            if len(filled) > 1 or (side and filled and not is_wide):
                side.append(row)
                continue
            self._add_side(side, page)
            side = []
            for _, cell in filled:
                self._add_lines(cell.text, None, page, row[0])
        self._add_side(side, page)

    def _add_side(self, rows: Sequence[_Row], page: int) -> None:
        filled = [(number, column, cell) for number, cells in rows for column, cell in _filled((number, cells))]
        starts = sorted(column for column, _ in _filled(rows[0])) if rows else []
        if len(starts) == 2:
            # Two blocks side by side: the left one whole, then the right one, each under one key.
            for left, right in ((0, starts[1]), (starts[1], len(rows[0][1]) + 1)):
                block = [(number, cell) for number, column, cell in filled if left <= column < right]
                for number, cell in block:
                    self._add_lines(cell.text, block[0][1].key, page, number)
            return
        for number, _, cell in filled:
            self._add_lines(cell.text, cell.key, page, number)

    def _add_lines(self, text: str, cell: int | None, page: int, number: int) -> None:
        self.lines += [Line(words, cell, page, number) for words in map(squeeze, text.split("\n")) if words]


def _filled(row: _Row) -> list[tuple[int, Cell]]:
    """The cells with text, merged ones once, with their column from 0."""
    seen: dict[int, tuple[int, Cell]] = {}
    for column, cell in enumerate(row[1]):
        if cell.text:
            seen.setdefault(cell.key, (column, cell))
    return list(seen.values())


def _tables(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """First and last row (exclusive, from 0) of each table of tasks; a heading may stand in the first sixty rows."""
    heads = [at for at in range(len(rows)) if _is_heading(rows, at)]
    # The second row of a heading may read as one of its own.
    known = set(heads)
    heads = [at for at in heads if at - 1 not in known]
    if not heads or heads[0] >= _TOP_ROWS:
        return
    texts = [[squeeze(cell.text).casefold() for cell in rows[at][1]] for at in heads]
    # A heading repeated word by word is that of a printed page, not of another table.
    starts = [at for at, own, before in zip(heads, texts, [[], *texts], strict=False) if own != before]
    for start, following in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield start, _end(rows, start, following)


def _is_heading(rows: Sequence[_Row], at: int) -> bool:
    if len(_filled(rows[at])) < _TABLE_COLUMNS:
        return False
    return is_task_table(Grid((rows[at][1],))) or _is_pair(rows, at)


def _is_pair(rows: Sequence[_Row], at: int) -> bool:
    """Whether the row makes a heading together with the one below: "Phân công" over "Chủ trì" and "Phối hợp"."""
    if at + 1 >= len(rows):
        return False
    both = is_task_table(Grid((rows[at][1], rows[at + 1][1])))
    shared = {cell.key for cell in rows[at][1]} & {cell.key for cell in rows[at + 1][1]}
    return both and (bool(shared) or not is_task_table(Grid((rows[at + 1][1],))))


def _end(rows: Sequence[_Row], start: int, following: int) -> int:
    """Where the table that begins at `start` ends: after its last full row and what follows without a gap."""
    full = [at for at in range(start, following) if len(_filled(rows[at])) >= _TABLE_COLUMNS]
    end = full[-1] + 1
    while end < following and (filled := _filled(rows[end])) and not _is_tail(filled):
        end += 1
    return end


def _is_tail(filled: Sequence[tuple[int, Cell]]) -> bool:
    return any(cell.text.casefold().startswith(("nơi nhận", "ghi chú", "tm.", "kt.")) for _, cell in filled)
