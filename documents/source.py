"""What every reader of a format brings: the lines and tables of a document, in reading order, with where they stand."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from domain import names
from domain.plan import Finding


@dataclass(frozen=True)
class Line:
    """One line of the source, squeezed. `cell` tells apart the boxes of a layout table; `None` is running text.

    `number` counts from 1 over the whole document: paragraphs, or printed lines where the format knows no paragraphs.
    `page` counts from 1 where the format has pages. `level` is 1 for a heading that the format itself marks as one.
    `printed` is the line with its blanks, where columns are set by blanks alone; "" everywhere else.
    """

    text: str
    cell: int | None = None
    page: int | None = None
    number: int | None = None
    level: int = 0
    printed: str = ""


@dataclass(frozen=True)
class Cell:
    """The text of one grid cell, "\\n" between its lines; cells merged into one share their `key`."""

    text: str
    key: int


@dataclass(frozen=True)
class Grid:
    """A table as a grid, merged cells repeated; all rows are equally long where the format allows.

    `first_row` is the number of its first row where the table goes on from an earlier page, else 1. `after` is the
    number of lines of `Source.lines` that stand before the table. `numbers` are the lines on which its rows begin,
    where the table was put together from lines.
    """

    rows: tuple[tuple[Cell, ...], ...]
    page: int | None = None
    first_row: int = 1
    after: int = 0
    numbers: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Source:
    """A document as its format gives it; what it means is for `documents.meaning.plan`.

    Tables that may hold tasks are in `grids` and not in `lines`; tables for layout (letterhead, signature) are lines
    with their `cell`. `wrapped` is true where a line is a printed line, not a paragraph. `remarks` are what the format
    already showed, such as changes nobody accepted.
    """

    lines: tuple[Line, ...]
    grids: tuple[Grid, ...] = ()
    wrapped: bool = False
    origin: Literal["text", "docx", "pdf", "xlsx", "scan"] = "text"
    remarks: tuple[Finding, ...] = ()


def squeeze(text: str) -> str:
    """NFC with single blanks: how every word is compared and stored."""
    # The Icelandic letter looks the same and stands in many a typed "QÐ".
    return " ".join(unicodedata.normalize("NFC", text).replace("Ð", "Đ").replace("ð", "đ").split())


def plain(text: str) -> str:
    """Squeezed, lower case and without diacritics: "Đơn vị chủ trì" and "don vi chu tri" are the same."""
    return names.plain(squeeze(text))
