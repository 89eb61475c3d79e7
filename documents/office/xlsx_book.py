"""The cells of a workbook as a person sees them: shown values, merged ranges, hidden rows; nothing is calculated."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from documents.limits import MAX_ROWS
from documents.office.boxes import MAX_COLUMNS
from documents.office.packages import check_package, described, not_a
from domain.errors import Refusal, TooLarge

MAX_SHEETS = 20
# Formats reach to the last of a million rows; below this many empty ones nothing is looked for.
_MOST_BLANK = 1_000
_MOST_MERGED = MAX_ROWS * MAX_COLUMNS


@dataclass
class BookSheet:
    """A visible sheet: shown texts by row number from 1, each row a text a column; hidden rows are left out."""

    title: str
    number: int
    rows: dict[int, list[str]] = field(default_factory=dict)
    # Ranges as (first column, first row, last column, last row), from 1.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: int = 0
    unvalued: int = 0


@dataclass
class Book:
    """The visible sheets in order, and how many are hidden."""

    sheets: list[BookSheet] = field(default_factory=list)
    hidden_sheets: int = 0


def read_book(data: bytes) -> Book:
    """The workbook; raises `Refusal` for what is no safe .xlsx, `TooLarge` beyond the limits, never for content."""
    check_package(data, "xlsx")
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(data)) as package:
            # What the library cannot show (a date out of range, an unknown extension) is simply not shown.
            warnings.simplefilter("ignore")
            return _read(data, package)
    except Refusal:
        raise
    except Exception as error:  # openpyxl and lxml raise many kinds for a broken package
        raise not_a("xlsx", described(data)) from error


def _read(data: bytes, package: zipfile.ZipFile) -> Book:
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    found, rows = Book(), 0
    for number, sheet in enumerate(workbook.worksheets, start=1):
        if sheet.sheet_state != "visible":
            found.hidden_sheets += 1
            continue
        if len(found.sheets) >= MAX_SHEETS:
            raise TooLarge("document-too-large", f"Tệp có hơn {MAX_SHEETS} trang tính. Hãy bỏ bớt rồi gửi lại.")
        each = BookSheet(sheet.title, number)
        hidden = _frame(package, sheet._worksheet_path, each)  # type: ignore[attr-defined]
        for at, texts in _rows(sheet):
            if at in hidden:
                each.hidden_rows += 1
                continue
            rows += 1
            if max(rows, at) > MAX_ROWS:
                message = f"Các trang tính có hơn {MAX_ROWS} dòng. Hãy bỏ các bảng số liệu rồi gửi lại."
                raise TooLarge("document-too-large", message)
            if len(texts) > MAX_COLUMNS:
                message = f"Trang tính “{sheet.title}” có hơn {MAX_COLUMNS} cột. Hãy bỏ bớt cột rồi gửi lại."
                raise TooLarge("document-too-large", message)
            each.rows[at] = texts
        _cut_merged(each)
        found.sheets.append(each)
    return found


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows with anything in them, without the empty cells at their end."""
    # The stated size of a sheet may be anything.
    sheet.reset_dimensions()
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        blank = 0 if texts else blank + 1
        if texts:
            yield number, texts
        elif blank > _MOST_BLANK:
            return


def shown(value: object, number_format: str = "General") -> str:
    """A value as the cell shows it in Vietnamese: "05/01/2026", "75%", "12,5", "7" and not "7.0"."""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, (datetime, date)):
        # Programs make dates of "11/2026", and show them without the day they made up.
        code = re.sub(r"\[[^\]]*\]|\"[^\"]*\"", "", number_format).lower()
        return value.strftime("%d/%m/%Y" if "d" in code else "%m/%Y" if "m" in code else "%Y")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, (int, float)):
        percent = "%" in number_format
        text = _decimal(value * 100 if percent else value)
        if re.fullmatch("0+", number_format) and text.isdigit():
            text = text.zfill(len(number_format))
        return f"{text}%" if percent else text
    text = str(value)
    # What a formula could not work out ("#REF!") is not worth reading.
    return "" if re.fullmatch(r"#(?:REF|VALUE|NAME|DIV/0|N/A|NUM|NULL)[!?]?", text) else text


def _decimal(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    # Ten digits: what binary fractions add beyond them nobody typed.
    return f"{value:.10g}".replace(".", ",")


def _frame(package: zipfile.ZipFile, path: str, sheet: BookSheet) -> set[int]:
    """The merged ranges and formulas without a value, into `sheet`; returns the numbers of hidden rows."""
    hidden: set[int] = set()
    number = 0
    with package.open(path.lstrip("/")) as part:
        for _, element in etree.iterparse(
            part, tag=("{*}row", "{*}c", "{*}mergeCell"), resolve_entities=False, no_network=True
        ):
            kind = etree.QName(element).localname
            if kind == "c":
                is_text = element.get("t") == "str"  # which may well be an empty one
                sheet.unvalued += element.find("{*}f") is not None and not is_text and not element.findtext("{*}v")
            elif kind == "row":
                given = element.get("r", "")
                number = int(given) if given.isdigit() and len(given) < 8 else number + 1
                if element.get("hidden") in ("1", "true"):
                    hidden.add(number)
                element.clear()
            elif len(sheet.merged) < _MOST_MERGED:
                left, top, right, bottom = range_boundaries(element.get("ref", "A1"))
                if left and top and right and bottom:
                    sheet.merged.append((left, top, right, bottom))
    return hidden


def _cut_merged(sheet: BookSheet) -> None:
    """Cut the merged ranges to the part of the sheet that holds something; the formats may reach much further."""
    last, width = max(sheet.rows, default=0), max(map(len, sheet.rows.values()), default=0)
    kept, area = [], 0
    for left, top, right, bottom in sheet.merged:
        right, bottom = min(right, width), min(bottom, last)
        if top in sheet.rows and left <= right and top <= bottom:
            area += (right - left + 1) * (bottom - top + 1)
            if area > _MOST_MERGED:
                break
            kept.append((left, top, right, bottom))
    sheet.merged = kept
