"""Tables without ruled lines: printed rows whose words keep to four columns or more, given cell by cell.

They stay lines, in the order of the rows and in each row of its columns; what they mean is for the reader of flattened
tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from documents.pdf.words import Box

_COLUMNS, _ROWS = 4, 3
# The least room between two columns, in points.
_ROOM = 4.0

Runs = Sequence[Sequence[Box]]
"""Printed rows of runs, each run the words between two wide gaps."""


def find_columns(rows: Runs, start: int) -> tuple[int, list[tuple[float, float]]]:
    """The number of rows from `start` on that keep to the same columns, and the columns; 0 where there are too few."""
    if len(rows[start]) < _COLUMNS:
        return 0, []
    columns = _merged([(run.x0, run.x1) for run in rows[start]])
    wide, count = 0, 0
    for row in rows[start:]:
        # A run over two columns ends the table, unless it leaves enough of them.
        grown = _merged([*columns, *((run.x0, run.x1) for run in row)])
        if len(grown) < max(_COLUMNS, len(columns)) and (len(row) < _COLUMNS or len(grown) < _COLUMNS):
            break
        columns, count, wide = grown, count + 1, wide + (len(row) >= _COLUMNS)
    return (count, columns) if wide >= 2 and count >= _ROWS else (0, [])


def by_cells(rows: Runs, columns: Sequence[tuple[float, float]]) -> list[list[tuple[int, int]]]:
    """For each cell, row by row, the places (row, run) of its runs; a row begins where its first column is filled."""
    cells: list[list[list[tuple[int, int]]]] = []
    for number, row in enumerate(rows):
        places = [sum(left <= run.x0 for left, _ in columns) - 1 for run in row]
        if not cells or 0 in places:
            cells.append([[] for _ in columns])
        for index, place in enumerate(places):
            cells[-1][max(place, 0)].append((number, index))
    return [cell for row_of_cells in cells for cell in row_of_cells if cell]


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if merged and left <= merged[-1][1] + _ROOM:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged
