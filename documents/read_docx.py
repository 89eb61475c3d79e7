"""Lines and tables of a .docx: refuses what is no safe document, accepts everything else as it is."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import docx
from docx.oxml.ns import qn

from documents.reading_tasks import is_task_table
from documents.source import Cell, Grid, Line, Source, squeeze
from domain.errors import Refusal, TooLarge
from domain.plan import Finding, Severity

MAX_BYTES = 10 * 1024 * 1024
MAX_INFLATED = 100 * 1024 * 1024
# Real documents inflate 5 to 60 times; deflate's worst is 1032.
MAX_RATIO = 250
RATIO_FROM = 5 * 1024 * 1024
MAX_PARTS = 5_000

_NOT_A_DOCX = "Tệp không phải văn bản Word .docx. Hãy mở bản gốc, lưu thành .docx không đặt mật khẩu rồi gửi lại."
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DELETED = frozenset({qn("w:del"), qn("w:moveFrom"), _FALLBACK})
_BREAKS = frozenset({qn("w:br"), qn("w:cr")})
_CHANGES = (qn("w:ins"), qn("w:del"), qn("w:moveFrom"))


def read_docx(data: bytes) -> Source:
    """The lines and tables of a .docx, as they read once all changes are accepted.

    Raises `Refusal` for `not-a-docx`, `docx-macro`, `docx-unsafe` and `document-too-large`; never for content.
    """
    check_docx(data)
    try:
        body: Any = docx.Document(io.BytesIO(data)).element.body
    except Exception as error:  # python-docx and lxml raise many kinds for a broken package
        raise Refusal("not-a-docx", _NOT_A_DOCX) from error
    lines, grids = _content(body)
    remarks: tuple[Finding, ...] = ()
    if next(body.iter(*_CHANGES), None) is not None:
        message = "Văn bản còn vết sửa chưa chốt; đã đọc như khi chấp nhận hết. Hãy đối chiếu với bản phát hành."
        remarks = (Finding("tracked-changes", Severity.REVIEW, message),)
    return Source(tuple(lines), tuple(grids), origin="docx", remarks=remarks)


def check_docx(data: bytes) -> None:
    """Refuses what must not be opened: too large, not a Word package, with macros, or with a document type."""
    if len(data) > MAX_BYTES:
        raise TooLarge("document-too-large", "Tệp lớn hơn 10 MB. Hãy bỏ bớt hình ảnh rồi gửi lại.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_package(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refusal("not-a-docx", _NOT_A_DOCX) from error


def _check_package(package: zipfile.ZipFile) -> None:
    parts = package.infolist()
    names = {part.filename for part in parts}
    inflated = sum(part.file_size for part in parts)
    is_bomb = any(p.file_size > RATIO_FROM and p.file_size > MAX_RATIO * max(p.compress_size, 1) for p in parts)
    if len(parts) > MAX_PARTS or inflated > MAX_INFLATED or is_bomb:
        message = "Nội dung tệp khi giải nén quá lớn. Hãy lưu lại tệp bằng Word rồi gửi lại."
        raise TooLarge("document-too-large", message)
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        raise Refusal("not-a-docx", _NOT_A_DOCX)
    if any("vbaproject" in name.lower() for name in names) or b"macroEnabled" in package.read("[Content_Types].xml"):
        raise Refusal("docx-macro", "Tệp có macro. Hãy lưu thành .docx (không phải .docm) rồi gửi lại.")
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels")):
            # Without the zero bytes, UTF-16 shows its markup too.
            markup = package.read(part).replace(b"\x00", b"")
            if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
                message = "Tệp chứa khai báo XML không an toàn. Hãy mở bằng Word, lưu lại thành .docx rồi gửi lại."
                raise Refusal("docx-unsafe", message)


def _content(body: Any) -> tuple[list[Line], list[Grid]]:
    """All lines in reading order, and the grids that may hold tasks; layout tables give lines, task tables do not."""
    lines: list[Line] = []
    grids: list[Grid] = []
    keys: dict[Any, int] = {}
    for block in _blocks(body):
        if block.tag == qn("w:p"):
            lines += _lines(_text(block), None, len(lines) + 1)
            continue
        grid = replace(_grid(block, keys), after=len(lines))
        grids.append(grid)
        if not is_task_table(grid):
            seen: dict[int, str] = {cell.key: cell.text for row in grid.rows for cell in row}
            for key, text in seen.items():
                lines += _lines(text, key, len(lines) + 1)
    return lines, grids


def _lines(text: str, cell: int | None, number: int) -> Iterator[Line]:
    for words in filter(None, map(squeeze, text.split("\n"))):
        yield Line(words, cell, number=number)
        number += 1


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, also those inside content controls and accepted insertions."""
    for child in parent.iterchildren():
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _blocks(child)


def _text(element: Any) -> str:
    """The text as it reads once all changes are accepted; python-docx alone loses inserted text."""
    if element.tag in _DELETED:
        return ""
    if element.tag == qn("w:t"):
        return element.text or ""
    if element.tag == qn("w:tab"):
        return " "
    if element.tag in _BREAKS:
        return "\n"
    if element.tag == qn("w:noBreakHyphen"):
        return "-"
    return "".join(_text(child) for child in element.iterchildren() if isinstance(child.tag, str))


def _grid(table: Any, keys: dict[Any, int]) -> Grid:
    rows: list[tuple[Cell, ...]] = []
    for row in _inside(table, qn("w:tr")):
        cells: list[Cell] = []
        for cell in _inside(row, qn("w:tc")):
            properties = cell.tcPr
            merge = properties.vMerge_val if properties is not None else None
            above = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else None
            if merge == "continue" and above is not None:
                found = above
            else:
                text = "\n".join(_text(block) for block in _blocks(cell))
                found = Cell(text.strip(), keys.setdefault(cell, len(keys)))
            cells += [found] * min(cell.grid_span, 64)
        rows.append(tuple(cells))
    return Grid(tuple(rows))


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _inside(child, tag)
