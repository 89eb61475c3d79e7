"""Puts a task table together again whose cells were flattened to lines, as copying from a PDF or a web page does.

The heading tells which columns there are, the ordinals where rows begin. Within a row the lines of each cell follow one
another, so the cells are the best way to cut the lines into as many parts: by what the parts say (bodies, times) and by
where lines break (inside a cell a line ends because the next word did not fit).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from documents.meaning.bodies import begins_body, is_open
from documents.meaning.columns import flat_columns
from documents.source import Cell, Grid, Line, plain
from domain.timing import parse_timing

_HEADING_LINES, _MOST_ROW_LINES, _TIME_LINES = 16, 120, 12
_INNER = 1.0
"""What a cell costs that begins in the middle of a line."""
_START_RE = re.compile(r"^(?:s?tt|số tt|số thứ tự|STT|TT|Stt)\b", re.IGNORECASE)
_ORDINAL_RE = re.compile(r"^(?P<number>[0-9]{1,3})(?:\s*[.)])?(?:\s+(?P<rest>\S.*))?$")
_NUMBERING_RE = re.compile(r"^\(?[0-9]{1,2}\)?(?:\s+\(?[0-9]{1,2}\)?)*$")
_GROUP_RE = re.compile(r"^(?:[IVX]{1,5}|[A-Z])(?:\s*[.)])?\s+\S")
_TAIL_RE = re.compile(r"^(?:Nơi nhận|Ghi chú\s*:|TM\.|KT\.|ỦY BAN|Phụ lục|PHỤ LỤC|[IVX]{1,5}\.\s)")
_AFTER_EVENT_RE = re.compile(r"^(?:ngay\s+)?sau\s+khi\b", re.IGNORECASE)
_INNER_RE = re.compile(
    r"(?<=\S)\s+(?=(?:[0-9]{1,2}/[0-9]{1,2}/20[0-9]{2}|20[0-9]{2}\b|Thường xuyên|(?:Hằng|Hàng) (?:năm|quý|tháng)"
    r"|Trước (?:ngày|tháng|năm|quý)|Quý [IV1-4]|Tháng [0-9]|Năm 20|Trong (?:năm|quý|tháng)|Giai đoạn|Sau khi|Xong ))"
)
_GOES_ON_RE = re.compile(r"(?:năm|tháng|quý|ngày|đến|từ|giai đoạn|và|[-–/,;])$", re.IGNORECASE)
"""Where a time may begin in the middle of a line, because the cell before it ended there."""
_FORBIDDEN = -1e9


@dataclass(frozen=True)
class _Flat:
    """The lines from `start` to `end`, exclusive, are a table with these columns and rows of lines."""

    start: int
    end: int
    columns: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


def unflatten(lines: Sequence[Line]) -> tuple[tuple[Line, ...], tuple[Grid, ...]]:
    """The lines without those of flattened tables, and these tables as grids."""
    rest: list[Line] = []
    grids: list[Grid] = []
    index = 0
    while index < len(lines):
        flat = _find(lines, index) if _START_RE.match(lines[index].text) else None
        if flat is None:
            rest.append(lines[index])
            index += 1
            continue
        grids.append(_grid(flat, len(rest)))
        index = flat.end
    return tuple(rest), tuple(grids)


def _find(lines: Sequence[Line], start: int) -> _Flat | None:
    """The table whose heading begins at that line: the heading ends where the first row begins."""
    for body in range(start + 1, min(start + _HEADING_LINES, len(lines))):
        text = lines[body].text
        if _NUMBERING_RE.match(text) and not (text.rstrip(".)") == "1" and _is_row(lines, body)):
            continue
        first = _ORDINAL_RE.match(text)
        if not (first and first["number"].lstrip("0") == "1") and not _GROUP_RE.match(text):
            continue
        heading = " ".join(line.text for line in lines[start:body] if not _NUMBERING_RE.match(line.text))
        columns = flat_columns(heading)
        if not columns:
            return None
        end, rows = _rows(lines, body, [plain(line.text) for line in lines[start:body]])
        return _Flat(start, end, columns, rows) if rows else None
    return None


def _is_row(lines: Sequence[Line], index: int) -> bool:
    """Whether a number alone on its line begins a row: letters follow, not the next number of a numbering row."""
    return index + 1 < len(lines) and not _NUMBERING_RE.match(lines[index + 1].text)


def _rows(lines: Sequence[Line], start: int, heading: Sequence[str]) -> tuple[int, tuple[tuple[Line, ...], ...]]:
    """Where the table ends, and the lines of each row; the heading repeated on a new page is left out."""
    rows: list[list[Line]] = []
    index = start
    while index < len(lines):
        line = lines[index]
        if [plain(after.text) for after in lines[index : index + len(heading)]] == heading:
            index += len(heading)
            continue
        match = _ORDINAL_RE.match(line.text)
        expected = len(rows) + 1
        if match and int(match["number"]) == expected and not _is_page_number(lines, index, expected):
            rows.append([line])
        elif match and not match["rest"]:
            pass  # a page number between two rows, or inside one
        elif (_TAIL_RE.match(line.text) and not _is_group(lines, index, expected)) or (
            rows and len(rows[-1]) >= _MOST_ROW_LINES
        ):
            break
        elif rows and not _GROUP_RE.match(line.text):
            rows[-1].append(line)
        index += 1
    return index, tuple(tuple(row) for row in rows)


def _is_group(lines: Sequence[Line], index: int, expected: int) -> bool:
    """Whether a line is the title of a group of rows: it has a Roman number, and the next row begins soon after."""
    following = (_ORDINAL_RE.match(line.text) for line in lines[index + 1 : index + 4])
    return bool(_GROUP_RE.match(lines[index].text)) and any(m and int(m["number"]) == expected for m in following)


def _is_page_number(lines: Sequence[Line], index: int, expected: int) -> bool:
    """Whether the number stands alone although the row of that number begins on one of the next lines."""
    if lines[index].text.strip() != str(expected):
        return False
    return any(
        (match := _ORDINAL_RE.match(line.text)) is not None and match["rest"] and int(match["number"]) == expected
        for line in lines[index + 1 : index + 3]
    )


def _pieces(lines: Sequence[str]) -> tuple[list[str], list[bool]]:
    """The lines, cut also where a new cell may begin inside one, and whether each piece begins a printed line."""
    pieces: list[str] = []
    heads: list[bool] = []
    for line in lines:
        cuts = [m.end() for m in _INNER_RE.finditer(line) if not _GOES_ON_RE.search(line[: m.start()])]
        cuts += [m.end() for m in re.finditer(r"\s+(?=[^\W\da-zđ])", line) if _may_begin(line, m.start(), m.end())]
        edges = [0, *sorted(set(cuts)), len(line)]
        found = [line[a:b].strip() for a, b in pairwise(edges)]
        pieces += found
        heads += [place == 0 for place in range(len(found))]
    return pieces, heads


def _may_begin(line: str, end: int, start: int) -> bool:
    return begins_body(line[start:]) and not is_open(line[:end])


def _grid(flat: _Flat, after: int) -> Grid:
    names = flat.columns[1:]
    heading = tuple(Cell(_TITLES[name], key) for key, name in enumerate(flat.columns))
    rows, key = [heading], len(heading)
    for number, lines in enumerate(flat.rows, start=1):
        texts = [line.text for line in lines]
        texts[0] = (_ORDINAL_RE.match(texts[0]) or {"rest": ""})["rest"] or ""
        texts = [text for text in texts if text]
        # A copy from a web page has each cell on a line of its own.
        whole = (
            len(texts) == len(names)
            and all(t[0].isupper() or t[0].isdigit() for t in texts)
            and not any(map(is_open, texts))
        )
        cells = [str(number), *(texts if whole else _cut(*_pieces(texts), names))]
        rows.append(tuple(Cell(text, key + offset) for offset, text in enumerate(cells)))
        key += len(cells)
    numbers = (None, *(lines[0].number for lines in flat.rows))
    return Grid(tuple(rows), page=flat.rows[0][0].page, after=after, numbers=numbers)


_TITLES = {
    "ordinal": "TT", "title": "Nhiệm vụ", "leads": "Đơn vị chủ trì", "coordinators": "Đơn vị phối hợp",
    "result": "Kết quả", "timing": "Thời gian", "notes": "Ghi chú",
}  # fmt: skip


def _cut(lines: Sequence[str], heads: Sequence[bool], names: Sequence[str]) -> list[str]:
    """The texts of a row's cells: the best cut of its lines into so many parts, each but the first possibly empty."""
    count, width = len(lines), len(names)
    if not count:
        return [""] * width
    best = [[_FORBIDDEN] * (count + 1) for _ in range(width + 1)]
    cut = [[0] * (count + 1) for _ in range(width + 1)]
    best[0][0] = 0.0
    for column in range(1, width + 1):
        for end in range(count + 1):
            for begin in range(end + 1):
                if best[column - 1][begin] <= _FORBIDDEN or (column == 1 and end == 0):
                    continue
                worth = best[column - 1][begin] + _worth(lines, begin, end, names[column - 1])
                if begin < end and not heads[begin]:
                    worth -= _INNER
                if worth > best[column][end]:
                    best[column][end], cut[column][end] = worth, begin
    cells: list[str] = []
    end = count
    for column in range(width, 0, -1):
        begin = cut[column][end]
        cells.append(" ".join(lines[begin:end]))
        end = begin
    return cells[::-1]


def _worth(lines: Sequence[str], begin: int, end: int, name: str) -> float:
    """How well the lines make one cell of that column, and how well it begins where it does."""
    if begin == end:
        return {"timing": -2.0, "result": -2.0, "coordinators": -2.5, "notes": 0.0}.get(name, -6.0)
    part = lines[begin:end]
    worth = _begins(lines, begin) + sum(_continues(a, b) for a, b in pairwise(part))
    text = " ".join(part)
    if name == "timing":
        return worth + (6.0 if _is_time(part) else -6.0) - 5.0 * _strangers(part)
    if name in ("leads", "coordinators"):
        likeness = 4.0 if begins_body(text) else -5.0
        return (
            worth
            + likeness
            - (5.0 if _is_time(part[-1:]) else 0.0)
            - 0.4 * max(0, len(part) - 8)
            - 2.0 * _strangers(part)
        )
    strange = sum(1 for line in part[1:] if _is_time([line]))
    if name == "result":
        strange += begins_body(text)
    return worth - 3.0 * strange


def _strangers(part: Sequence[str]) -> int:
    """How many pieces begin another body although nothing before them says that more follow."""
    return sum(begins_body(b) and not is_open(a) and not a.endswith(";") for a, b in pairwise(part))


def _is_time(part: Sequence[str]) -> bool:
    """Whether lines are a timing; no cell of many lines is one."""
    return len(part) <= _TIME_LINES and _reads_as_time(" ".join(part))


@lru_cache(maxsize=20_000)
def _reads_as_time(text: str) -> bool:
    return parse_timing(text).understood or bool(_AFTER_EVENT_RE.match(text))


def _begins(lines: Sequence[str], begin: int) -> float:
    """Cells begin with a capital or a figure, after a line that is whole."""
    if begin == 0:
        return 0.0
    first = lines[begin][:1]
    worth = 2.0 if first.isupper() or first.isdigit() else -6.0
    return worth - (6.0 if is_open(lines[begin - 1]) or lines[begin - 1].endswith(";") else 0.0)


def _continues(line: str, following: str) -> float:
    """Inside a cell a line goes on with a small letter, or after a word that cannot be the last."""
    if following[:1].islower() or is_open(line):
        return 0.5
    return -1.5
