"""Tables that go on over pages: the same columns on every page, no repeated headings, rows cut by a page put together.

The tables of one chain stay one grid a page, so that each row keeps its page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from documents.pdf.tables import Table
from documents.source import Cell, squeeze

# How far columns of one table may be shifted from page to page, in points; a scanner shifts more than a printer.
_SHIFT = 9.0
_HEADING_ROWS = 3
# A text with less room below it, in lines, goes down to the end of its page; one line alone is not left behind there.
_SPARE = 1.9
# Recognised headings differ in a letter or two; rows of tasks differ in their figures.
_ALIKE, _LONG = 0.88, 20
_ORDINAL_RE = re.compile(r"^(?:[0-9]{1,3}(?:\.[0-9]{1,2})*|[IVX]{1,5}|[A-Z]|[a-zđ])[.)]*$")

Rows = list[tuple[Cell, ...]]


@dataclass
class Piece:
    """The part of a table that stands on one page: `begins` and `ends` tell that nothing else is above or below it."""

    table: Table
    begins: bool = False
    ends: bool = False
    after: int = 0


@dataclass
class Part:
    """The rows of a piece; `first_row` counts over the whole table, `goes_on` is false for the first piece of one.

    `is_full` tells for each column whether the text of its last cell reaches down to the end of the piece.
    """

    piece: Piece
    rows: Rows
    first_row: int = 1
    goes_on: bool = False
    is_full: tuple[bool, ...] = ()


def join_pieces(pieces: Sequence[Piece], first_key: int) -> list[Part]:
    """The pieces of all pages in reading order as rows of cells; keys are counted from `first_key`."""
    chains: list[list[Piece]] = []
    for piece in pieces:
        if chains and _goes_on(chains[-1], piece):
            chains[-1].append(piece)
        else:
            chains.append([piece])
    parts: list[Part] = []
    for chain in chains:
        joined = _join(chain, first_key)
        first_key = 1 + max((cell.key for part in joined for row in part.rows for cell in row), default=first_key)
        parts += joined
    return parts


def _goes_on(chain: list[Piece], piece: Piece) -> bool:
    before = chain[-1]
    if not (before.ends and piece.begins and piece.table.page == before.table.page + 1):
        return False
    known, new = _columns(chain), _shifted(piece.table)
    fewer, more = sorted((known, new), key=len)
    alike = all(any(abs(x - other) <= _SHIFT for other in more) for x in fewer)
    return alike and len(more) - len(fewer) <= 2


def _shifted(table: Table) -> list[float]:
    return [x - table.xs[0] for x in table.xs]


def _columns(chain: Sequence[Piece]) -> list[float]:
    """The column borders of a chain, from its left edge: those of all its pieces."""
    borders: list[float] = []
    for piece in chain:
        borders += [x for x in _shifted(piece.table) if all(abs(x - known) > _SHIFT for known in borders)]
    return sorted(borders)


def _join(chain: list[Piece], first_key: int) -> list[Part]:
    columns = _columns(chain)
    parts: list[Part] = []
    heading: Rows = []
    count = 0
    for piece in chain:
        rows = _rows(piece.table, columns, first_key)
        first_key = 1 + max((cell.key for row in rows for cell in row), default=first_key)
        if parts:
            rows = _without_heading(rows, heading)
            rows = _without_rest(parts, rows)
        else:
            heading = rows[:_HEADING_ROWS]
        part = Part(piece, rows, count + 1, bool(parts), _is_full(piece.table, columns))
        count += len(rows)
        parts.append(part)
    return [part for part in parts if part.rows]


def _rows(table: Table, columns: list[float], first_key: int) -> Rows:
    """The rows of a table over the columns of its chain, merged cells repeated; rows without any field are left out."""
    rows: Rows = []
    for groups in table.groups:
        cells = _over(table, groups, columns)
        rows.append(tuple(Cell(table.texts.get(group, ""), first_key + group) for group in cells))
    return rows


def _over(table: Table, groups: list[int], columns: list[float]) -> list[int]:
    """The merged cells of a row for each column of the chain."""
    own = _shifted(table)
    middles = ((left + right) / 2 for left, right in pairwise(columns))
    return [groups[min(max(sum(x <= middle for x in own) - 1, 0), len(groups) - 1)] for middle in middles]


def _is_full(table: Table, columns: list[float]) -> tuple[bool, ...]:
    return tuple(table.spare.get(group, 99.0) < _SPARE for group in _over(table, table.groups[-1], columns))


def _without_heading(rows: Rows, heading: Rows) -> Rows:
    repeated = 0
    while repeated < min(len(rows), len(heading)) and _is_alike(rows[repeated], heading[repeated]):
        repeated += 1
    rows = rows[repeated:]
    # Some programs draw no line between the repeated heading and the rest of a row.
    titles = [cell.text for cell in heading[0]] if heading and rows and not repeated else []
    texts = [cell.text for cell in rows[0]] if titles else []
    if any(titles) and all(text.startswith(title) for text, title in zip(texts, titles, strict=True)):
        rest = [text.removeprefix(title).strip() for text, title in zip(texts, titles, strict=True)]
        first = tuple(Cell(text, cell.key) for text, cell in zip(rest, rows[0], strict=True))
        rows = [first, *rows[1:]]
    return rows


def _is_alike(row: tuple[Cell, ...], other: tuple[Cell, ...]) -> bool:
    texts = [squeeze("|".join(cell.text for cell in cells)).casefold() for cells in (row, other)]
    if not texts[0].strip("|"):
        return False
    figures = [re.findall(r"[0-9]+", text) for text in texts]
    if texts[0] == texts[1] or figures[0] != figures[1] or len(texts[0]) < _LONG:
        return texts[0] == texts[1]
    return SequenceMatcher(None, texts[0], texts[1], autojunk=False).ratio() > _ALIKE


def _without_rest(parts: list[Part], rows: Rows) -> Rows:
    """The rows without the rest of the last row of the page before, which takes it in.

    Where only some cells are such a rest, the others begin a row under cells merged downwards, which both rows share.
    """
    before = next((part for part in reversed(parts) if part.rows), None)
    if before is None or not rows:
        return rows
    rest = rows[0]
    columns = _rest_columns([row for part in parts for row in part.rows], rest, before)
    if not columns:
        return rows
    cells = list(zip(before.rows[-1], rest, strict=True))
    texts = {cell.key: _together(cell.text, more.text) for i, (cell, more) in enumerate(cells) if i in columns}
    before.rows = [tuple(Cell(texts.get(cell.key, cell.text), cell.key) for cell in row) for row in before.rows]
    shared = {more.key: last for i, (last, more) in enumerate(zip(before.rows[-1], rest, strict=True)) if i in columns}
    is_whole = all(i in columns for i, cell in enumerate(rest) if cell.text)
    return [tuple(shared.get(cell.key, cell) for cell in row) for row in (rows[1:] if is_whole else rows)]


def _rest_columns(known: Rows, rest: tuple[Cell, ...], before: Part) -> set[int]:
    """The columns in which the row goes on with the one above the page break; none where it is a row of its own."""
    last = before.rows[-1]
    texts = [cell.text.strip() for cell in rest]
    if len({cell.key for cell in rest}) == 1 or len({cell.key for cell in last}) == 1 or not any(texts):
        return set()
    ordinals = [text for row in known[1:] if (text := row[0].text.strip())]
    is_numbered = bool(ordinals) and 2 * sum(bool(_ORDINAL_RE.match(text)) for text in ordinals) >= len(ordinals)
    filled = {i for i, text in enumerate(texts) if text}
    # What goes on below the cut was written down to the cut.
    full = {i for i in filled if before.is_full[i]}
    low = {i for i in full if texts[i][:1].islower() or texts[i][:1] in ",;)"}
    if not (full == filled or low) or (is_numbered and texts[0]):
        return set()
    # Where rows without a number are usual, one at the top of a page is no proof.
    unnumbered = any(not row[0].text.strip() and row[0].key != above[0].key for above, row in pairwise(known))
    if not low and before.piece.table.closed and (unnumbered or not is_numbered):
        return set()
    if full == filled:
        return set(range(len(texts)))
    return low | {i for i in range(min(low)) if i not in filled}


def _together(text: str, rest: str) -> str:
    if not text or not rest:
        return text or rest
    ended = text.rstrip().endswith((".", ";", ":")) and not rest[:1].islower()
    return f"{text}\n{rest}" if ended or rest[:1] in "-+•–" else f"{text} {rest}"
