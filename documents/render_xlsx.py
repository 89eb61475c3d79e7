"""The rollup's figures as XLSX, for those who count further: three sheets with frozen headers and real dates."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from documents.layout import REHEARSAL_MARK, freeze_zip
from documents.report_body import result_text
from domain.notices import clean
from domain.reporting import FourCounts, RollupDocument
from domain.workdays import VIETNAM

Value = str | int | date | datetime | None
_Head = tuple[str, int]
_Rows = list[tuple[Value, ...]]

_FONT, _BOLD = Font(name="Times New Roman", size=12), Font(name="Times New Roman", size=12, bold=True)
_LINE = Side(style="thin", color="FF000000")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOP = Alignment(vertical="top", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True)
_LINE_POINTS, _TALLEST = 16, 409
_CELL_LIMIT = 32_767

_ROUND = ("Kỳ báo cáo", 20)
_PROGRESS = (
    ("TT", 6),
    ("Tên nhiệm vụ", 44),
    ("Đơn vị chủ trì", 28),
    ("Đơn vị phối hợp", 28),
    ("Kết quả phải đạt", 28),
    ("Thời gian thực hiện", 18),
    ("Tình trạng", 18),
    ("Đơn vị báo cáo", 28),
    _ROUND,
    ("Không phát sinh", 12),
    ("Kết quả trong kỳ", 48),
    ("Tiến độ", 10),
    ("Tỷ lệ (%)", 10),
    ("Khó khăn, vướng mắc", 36),
    ("Đề xuất, kiến nghị", 36),
    ("Thời điểm nhận", 18),
    ("Đúng hạn", 10),
)
_REPORTERS = (
    ("TT", 6),
    ("Đơn vị", 36),
    ("Nhiệm vụ", 20),
    _ROUND,
    ("Hạn gửi: trước", 18),
    ("Thời điểm nhận", 18),
    ("Tình trạng", 26),
    ("Ghi chú", 36),
)


def render_xlsx(doc: RollupDocument) -> bytes:
    """The three sheets as the bytes of an XLSX file; equal input gives equal bytes."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Tổng hợp"
    _summary(first, doc)
    _table(book.create_sheet("Tiến độ nhiệm vụ"), *_with_rounds(_PROGRESS, _progress_rows(doc)))
    _table(book.create_sheet("Tình hình báo cáo"), *_with_rounds(_REPORTERS, _reporter_rows(doc)))
    book.properties.creator = book.properties.lastModifiedBy = clean(doc.lead_agency)
    book.properties.created = doc.compiled_at.astimezone(VIETNAM).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return _frozen(out.getvalue(), doc.compiled_at)


def _summary(sheet: Worksheet, doc: RollupDocument) -> None:
    _header(sheet, (("Chỉ số", 32), ("Nhiệm vụ", 56), ("Nghĩa vụ báo cáo", 22)))
    for label, read in _COUNTS.items():
        _append(sheet, (label, read(doc.task_counts), read(doc.obligation_counts)))
    number = f"{doc.number}/{doc.notation}" if doc.number else f"(chưa cấp số)/{doc.notation}"
    facts: list[tuple[str, Value]] = [
        ("Kế hoạch", " ".join(filter(None, (doc.plan_number, doc.plan_title)))),
        ("Cơ quan ban hành kế hoạch", doc.authority),
        ("Cơ quan tổng hợp", doc.lead_agency),
        ("Kỳ báo cáo", doc.period_label + (f" (bổ sung lần {doc.supplement})" if doc.supplement else "")),
        ("Từ ngày", doc.period_from),
        ("Đến ngày", doc.period_to),
        ("Số liệu chốt đến hết ngày", doc.cutoff),
        ("Hạn gửi của các đơn vị", doc.due_text),
        ("Số liệu tính đến", doc.compiled_at),
        ("Mốc xác định quá hạn", doc.lateness_policy),
        ("Số, ký hiệu báo cáo", number),
    ]
    if doc.rehearsal:
        facts.insert(0, ("Lưu ý", REHEARSAL_MARK))
    for fact in facts:
        _append(sheet, fact)
    for row in sheet.iter_rows(min_row=2, min_col=2, max_col=3):
        for cell in row:
            cell.alignment = _LEFT
    _page_setup(sheet)


_COUNTS: dict[str, Callable[[FourCounts], int]] = {
    "Tổng số": lambda counts: counts.total,
    "Hoàn thành đúng hạn": lambda counts: counts.done_on_time,
    "Hoàn thành quá hạn": lambda counts: counts.done_late,
    "Đang thực hiện trong hạn": lambda counts: counts.open_in_term,
    "Đang thực hiện quá hạn": lambda counts: counts.open_overdue,
}


def _with_rounds(columns: tuple[_Head, ...], rows: Iterable[tuple[Value, ...]]) -> tuple[tuple[_Head, ...], _Rows]:
    """The table without the column of rounds where no round has to be told from another: mostly there is one."""
    found, place = list(rows), columns.index(_ROUND)
    if any(row[place] for row in found):
        return columns, found
    return columns[:place] + columns[place + 1 :], [row[:place] + row[place + 1 :] for row in found]


def _progress_rows(doc: RollupDocument) -> Iterable[tuple[Value, ...]]:
    for task in doc.tasks:
        left = (
            task.ordinal,
            task.title,
            "; ".join(task.lead_names),
            "; ".join(task.coordinating_names),
            task.expected_result,
            task.timing_text,
            task.state,
        )
        for unit in task.sources:
            in_time = "" if unit.on_time is None else "Có" if unit.on_time else "Không"
            result = "" if unit.nil else result_text(unit)
            yield (
                *left,
                unit.unit_name,
                unit.round_name,
                f"Có: {unit.nil_reason}" if unit.nil else "",
                result,
                unit.progress,
                unit.percent,
                unit.difficulties,
                unit.proposals,
                unit.received_at,
                in_time,
            )
        if not task.sources:
            yield (*left, *[None] * (len(_PROGRESS) - len(left)))


def _reporter_rows(doc: RollupDocument) -> Iterable[tuple[Value, ...]]:
    for index, row in enumerate(doc.reporters, 1):
        received: Value = row.received_at or "Chưa gửi"
        yield index, row.unit_name, row.task_label, row.round_name, row.due_at, received, row.state, row.note


def _table(sheet: Worksheet, columns: tuple[tuple[str, int], ...], rows: Iterable[tuple[Value, ...]]) -> None:
    _header(sheet, columns)
    for row in rows:
        _append(sheet, row)
    sheet.auto_filter.ref = sheet.dimensions
    _page_setup(sheet)


def _page_setup(sheet: Worksheet) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _header(sheet: Worksheet, columns: Iterable[tuple[str, int]]) -> None:
    for index, (title, width) in enumerate(columns, 1):
        cell = sheet.cell(1, index, title)
        cell.font, cell.alignment, cell.border = _BOLD, _CENTRE, _BORDER
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"


def _append(sheet: Worksheet, values: Iterable[Value]) -> None:
    line, lines = sheet.max_row + 1, 1
    for index, value in enumerate(values, 1):
        cell = sheet.cell(line, index)
        cell.font, cell.alignment, cell.border = _FONT, _TOP, _BORDER
        _put(cell, value)
        if isinstance(cell.value, str):
            room = sheet.column_dimensions[get_column_letter(index)].width
            lines = max(lines, math.ceil(len(cell.value) * 1.15 / room))
    # Not every program fits heights to wrapped text on opening; an estimate is better than lines cut off.
    sheet.row_dimensions[line].height = min(lines * _LINE_POINTS, _TALLEST)


def _put(cell: Cell | MergedCell, value: Value) -> None:
    assert isinstance(cell, Cell)
    if isinstance(value, datetime):
        cell.value = value.astimezone(VIETNAM).replace(tzinfo=None)
        cell.number_format = "dd/mm/yyyy hh:mm"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "dd/mm/yyyy"
    elif isinstance(value, str):
        cell.value = clean(value)[:_CELL_LIMIT]
        if value.lstrip().startswith(("=", "+", "-", "@")):
            # What a unit typed is never a formula, neither on opening nor after an edit of the cell.
            cell.data_type, cell.quotePrefix = "s", True
    else:
        cell.value = value


def _frozen(data: bytes, at: datetime) -> bytes:
    """The writer stamps the time of saving; the document's own instant stands there instead."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        core = archive.read("docProps/core.xml")
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    core = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, core)
    return freeze_zip(data, at, {"docProps/core.xml": core})
