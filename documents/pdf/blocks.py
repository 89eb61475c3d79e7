"""From the words beside a page's tables to lines in reading order, with what stands side by side told apart.

A letterhead has the issuing body on the left and the motto on the right, a signature the recipients on the left and the
signer on the right (NĐ 30/2020/NĐ-CP, Phụ lục I). Read straight across they would be glued together.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.pdf.columns import by_cells, find_columns
from documents.pdf.words import Box, Row, Word, box_of, rows_of, text_of

# A gap between words is a gap between blocks from this many heights on, and so many times the row's usual gap.
_WIDE, _UNUSUAL = 0.9, 2.5
# One row alone shows two blocks only with a gap of so many heights.
_CERTAIN = 2.5
# How far, in points, lines of one block may be out of line; how far below a block its next line may stand, in heights.
_ALIGNED, _FURTHER, _SIGNED = 10.0, 2.4, 9.0
_BEFORE_BLANK_RE = re.compile(r"(?:^|\s|\()(?:Số\s*:?|ngày|tháng|năm|[-–+•*]|\(?[0-9IVXa-zđ]{1,4}[.)])$", re.IGNORECASE)
_AFTER_BLANK_RE = re.compile(r"^(?:tháng|năm|/)")
_BLANK = 6.0
"""The widest blank left for a number or a date, in heights."""


@dataclass(frozen=True)
class Block:
    """Lines that belong together; `beside` is true where another block stands next to this one."""

    lines: tuple[str, ...]
    beside: bool = False


@dataclass(frozen=True)
class _Run(Box):
    """Words of one row without a wide gap between them."""

    words: tuple[Word, ...] = ()

    @property
    def centre(self) -> float:
        return (self.x0 + self.x1) / 2


def blocks_of(words: Sequence[Word]) -> list[Block]:
    """The blocks of words from top to bottom, the left one of a pair before the right one."""
    rows = [_runs(row) for row in rows_of(words)]
    blocks: list[Block] = []
    waiting: list[_Run] = []
    index = 0
    while index < len(rows):
        count, columns = find_columns(rows, index)
        if not count:
            waiting += rows[index]
            index += 1
            continue
        part = rows[index : index + count]
        cells = [[part[row][run] for row, run in cell] for cell in by_cells(part, columns)]
        blocks += [*_blocks(waiting), *(Block(_lines(cell)) for cell in cells)]
        waiting, index = [], index + count
    return [block for block in [*blocks, *_blocks(waiting)] if block.lines]


def _blocks(runs: list[_Run]) -> list[Block]:
    blocks: list[Block] = []
    index = 0
    while index < len(runs):
        left, right, following = _pair(runs, index)
        if right:
            blocks += [Block(_lines(left), beside=True), Block(_lines(right), beside=True)]
            index = following
            continue
        level = [runs[index]]
        while index + len(level) < len(runs) and _are_beside(level[-1], runs[index + len(level)]):
            level.append(runs[index + len(level)])
        blocks.append(Block(_lines(level)))
        index += len(level)
    return blocks


def _runs(row: Row) -> list[_Run]:
    """A row cut where the gap is wide and unlike its other gaps; blanks left for a number or a date are no gaps."""
    gaps = [right.x0 - left.x1 for left, right in itertools.pairwise(row)]
    runs: list[list[Word]] = [[row[0]]]
    for index, (gap, word) in enumerate(zip(gaps, row[1:], strict=True)):
        others = sorted(gaps[:index] + gaps[index + 1 :])
        height = max(word.height, row[index].height)
        # The narrower gaps of a row are those between words, however many columns it has.
        wide = max(_WIDE * height, _UNUSUAL * others[len(others) // 4] if others else 0.0)
        is_blank = _BEFORE_BLANK_RE.search(text_of(runs[-1])) or _AFTER_BLANK_RE.match(word.text)
        if gap > wide and not (is_blank and gap < _BLANK * height):
            runs.append([word])
        else:
            runs[-1].append(word)
    return [_run(words) for words in runs]


def _run(words: list[Word]) -> _Run:
    box = box_of(words)
    return _Run(box.x0, box.top, box.x1, box.bottom, tuple(words))


def _pair(runs: list[_Run], start: int) -> tuple[list[_Run], list[_Run], int]:
    """The two blocks that begin with the run at `start`, and the index behind them; empty where it stands alone."""
    if start + 1 >= len(runs) or not _are_beside(runs[start], runs[start + 1]):
        return [], [], start
    first, second = sorted(runs[start : start + 2], key=lambda run: run.x0)
    left, right = [first], [second]
    low, high = first.x1, second.x0
    certain, index = int(high - low > _CERTAIN * first.height), start + 2
    while index < len(runs):
        run = runs[index]
        if run.x1 < high and _belongs(run, left, _FURTHER) and not _crosses(run, low, high):
            left.append(run)
            low = max(low, run.x1)
        elif run.x0 > low and (_are_beside(run, left[-1]) or _belongs(run, right, _SIGNED)):
            right.append(run)
            high = min(high, run.x0)
        else:
            break
        index += 1
    together = sum(any(_are_beside(run, other) for other in right) for run in left)
    return (left, right, index) if certain or together > 1 else ([], [], start)


def _crosses(run: _Run, low: float, high: float) -> bool:
    return run.x0 < low and run.x1 > high


def _are_beside(one: _Run, other: _Run) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap > 0.3 * min(one.height, other.height) and (one.x1 <= other.x0 or other.x1 <= one.x0)


def _belongs(run: _Run, block: list[_Run], further: float) -> bool:
    """Whether the run goes on with the block: near below it, and in line with its edge or its centre."""
    if run.top - block[-1].bottom > further * run.height:
        return False
    in_line = abs(run.x0 - min(each.x0 for each in block)) <= _ALIGNED
    centred = any(abs(run.centre - each.centre) <= _ALIGNED for each in block)
    return in_line or centred or (min(each.x0 for each in block) <= run.x0 and run.x1 <= max(each.x1 for each in block))


def _lines(runs: Sequence[_Run]) -> tuple[str, ...]:
    words = [word for run in runs for word in run.words]
    return tuple(filter(None, (text_of(row) for row in rows_of(words))))
