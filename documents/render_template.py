"""The workbook in which a plan is entered by hand, empty or filled with a draft; `read_xlsx` reads it back."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from documents.layout import freeze_zip
from documents.office.template_form import (
    COMPARATOR_WORDS,
    ENTRIES,
    EVERY_WORDS,
    GUIDE_SHEET,
    INDICATOR_COLUMNS,
    INDICATOR_SHEET,
    NO,
    PLAN_COLUMNS,
    PLAN_SHEET,
    TASK_COLUMNS,
    TASK_SHEET,
    UNKNOWN,
)
from domain.notices import clean
from domain.plan import OwnerRef, PlanDraft, ReportingDraft
from domain.plan_words import before_entry
from domain.workdays import VIETNAM

_Value = str | int | float | date | None

# The file itself has no date: equal drafts give equal bytes.
_UNDATED = datetime(2024, 1, 1, tzinfo=VIETNAM)
_FONT, _BOLD = Font(name="Times New Roman", size=12), Font(name="Times New Roman", size=12, bold=True)
_LINE = Side(style="thin", color="FF000000")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_FILL = PatternFill("solid", start_color="FFE7E6E6")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOP = Alignment(vertical="top", wrap_text=True)
_LINE_POINTS, _TALLEST, _CELL_LIMIT = 16, 409, 32_767
# Rows that stand ready below what is filled.
_SPARE_ROWS = 30

_GUIDE = (
    "Mẫu này dùng để nhập kế hoạch khi không có bản Word hoặc PDF đọc được. Điền xong thì nhập như mọi tệp kế hoạch.",
    "Không đổi tên các trang tính và dòng tiêu đề. Có thể thêm dòng, đổi độ rộng cột, để trống ô chưa biết.",
    "Trang “Kế hoạch”: điền cột Nội dung. Nhiều tên trong một ô thì mỗi tên một dòng (Alt+Enter).",
    "Trang “Nhiệm vụ”: mỗi nhiệm vụ một dòng, đánh số 1, 2, 3 ở cột TT. Nhiều đơn vị trong một ô cách nhau bằng dấu ;",
    "Đơn vị chủ trì là đơn vị phải báo cáo. Nhóm đơn vị ghi như trong kế hoạch, ví dụ: Các sở, ban, ngành.",
    "Thời gian thực hiện ghi bằng chữ, ví dụ: Thường xuyên; Hằng năm; Hằng quý; 2025-2026; Quý II/2026; "
    "Trước ngày 15/6/2026; Sau khi có hướng dẫn của Bộ. Nhiều mốc cách nhau bằng dấu ;",
    "Trang “Chỉ tiêu”: mỗi chỉ tiêu một dòng, chỉ ghi chỉ tiêu có con số. Ví dụ: 2025 | xã có đài truyền thanh số | "
    "tối thiểu | 80 | %",
    "Chỉ tiêu đếm được thì ghi vật được đếm ở cột Đơn vị tính. Ví dụ: 2030 | mô hình mới | tối thiểu | 3 | mô hình mới",
    "Công thức không được tính: hãy gõ giá trị. Dòng ẩn và trang tính ẩn bị bỏ qua khi đọc.",
)


def render_template(draft: PlanDraft | None = None) -> bytes:
    """The template as an XLSX file; with a draft its values are filled in, and reading gives them back."""
    draft = draft or PlanDraft()
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = PLAN_SHEET
    _plan(first, draft)
    _tasks(book.create_sheet(TASK_SHEET), draft)
    _indicators(book.create_sheet(INDICATOR_SHEET), draft)
    _guide(book.create_sheet(GUIDE_SHEET))
    book.properties.creator = book.properties.lastModifiedBy = "Đôn Đốc"
    book.properties.created = _UNDATED.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return _frozen(out.getvalue())


def _plan(sheet: Worksheet, draft: PlanDraft) -> None:
    _header(sheet, PLAN_COLUMNS)
    values = _values(draft)
    for entry in ENTRIES:
        row = _append(sheet, (entry.label, values.get(entry.name), entry.hint))
        sheet.cell(row, 1).font = _BOLD
        if entry.name.endswith("_every"):
            _choose(sheet, f"B{row}", EVERY_WORDS.values())
        elif entry.name.endswith("_on_request"):
            _choose(sheet, f"B{row}", ("Có", "Không"))


def _values(draft: PlanDraft) -> dict[str, _Value]:
    info = draft.document
    values: dict[str, _Value] = {
        "number": info.number,
        "issued_on": info.issued_on,
        "authority": info.authority,
        "title": info.title,
        "signed_by": info.signed_by,
        "lead_agency": draft.lead_agency,
        "legal_bases": _lines(
            f"số {basis.number}" + (f" ngày {basis.issued_on:%d/%m/%Y}" if basis.issued_on else "")
            for basis in info.legal_bases
        ),
        "recipients": _lines(draft.recipients),
    }
    for who in ("units", "lead"):
        entries = [entry for entry in draft.reporting if entry.from_ == who]
        if entries:
            values |= {f"{who}_{name}": value for name, value in _regime(entries).items()}
    return values


def _regime(entries: Sequence[ReportingDraft]) -> dict[str, _Value]:
    """The entries of one reporter; they have one address, that of the first."""
    first = entries[0]
    return {
        "to": _lines(first.to),
        "via": first.via,
        "every": _lines(EVERY_WORDS.get(entry.every or "", UNKNOWN) for entry in entries),
        "before": _lines(before_entry(e.every, e.before) if e.before else UNKNOWN for e in entries),
        "on_request": "Có" if first.on_request else NO.capitalize(),
    }


def _lines(words: Iterable[str]) -> str | None:
    return "\n".join(filter(None, map(clean, words))) or None


def _tasks(sheet: Worksheet, draft: PlanDraft) -> None:
    _header(sheet, TASK_COLUMNS)
    for task in draft.tasks:
        _append(
            sheet,
            (
                task.ordinal,
                task.title,
                _owners(task.leads),
                _owners(task.coordinators),
                task.result,
                task.timing.text or None,
                None,
            ),
        )
    _spare(sheet, len(TASK_COLUMNS))
    sheet.print_title_rows = "1:1"


def _owners(owners: Sequence[OwnerRef]) -> str | None:
    return "; ".join(clean(owner.text) for owner in owners) or None


def _indicators(sheet: Worksheet, draft: PlanDraft) -> None:
    _header(sheet, INDICATOR_COLUMNS)
    for each in draft.indicators:
        value = int(each.value) if each.value.is_integer() else each.value
        _append(sheet, (each.horizon, each.subject, COMPARATOR_WORDS[each.comparator], value, each.unit))
    _spare(sheet, len(INDICATOR_COLUMNS))
    last = sheet.max_row
    _choose(sheet, f"C2:C{last}", COMPARATOR_WORDS.values())
    years = DataValidation("whole", operator="between", formula1="2000", formula2="2099", allow_blank=True)
    years.error, years.errorTitle = "Hãy ghi năm bằng bốn chữ số, như 2030.", "Năm"
    years.add(f"A2:A{last}")
    sheet.add_data_validation(years)


def _guide(sheet: Worksheet) -> None:
    _header(sheet, (("Cách điền", 110),))
    for words in _GUIDE:
        _append(sheet, (words,))


def _choose(sheet: Worksheet, cells: str, words: Iterable[str]) -> None:
    """A list to choose from; other words may be typed, since one cell may hold several lines."""
    listed = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=False)
    listed.add(cells)
    sheet.add_data_validation(listed)


def _header(sheet: Worksheet, columns: Iterable[tuple[str, int]]) -> None:
    for index, (title, width) in enumerate(columns, 1):
        cell = sheet.cell(1, index, title)
        cell.font, cell.alignment, cell.border, cell.fill = _BOLD, _CENTRE, _BORDER, _HEAD_FILL
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _append(sheet: Worksheet, values: Sequence[_Value]) -> int:
    row, lines = sheet.max_row + 1, 1
    for index, value in enumerate(values, 1):
        cell = sheet.cell(row, index)
        assert isinstance(cell, Cell)
        _put(cell, value)
        if isinstance(cell.value, str):
            room = sheet.column_dimensions[get_column_letter(index)].width
            lines = max(lines, sum(math.ceil(len(line) * 1.15 / room) or 1 for line in cell.value.split("\n")))
    # Not every program fits heights to wrapped text on opening; an estimate is better than lines cut off.
    sheet.row_dimensions[row].height = min(lines * _LINE_POINTS, _TALLEST)
    return row


def _spare(sheet: Worksheet, columns: int) -> None:
    for _ in range(_SPARE_ROWS):
        _append(sheet, [None] * columns)


def _put(cell: Cell, value: _Value) -> None:
    cell.font, cell.alignment, cell.border = _FONT, _TOP, _BORDER
    if isinstance(value, date):
        cell.value, cell.number_format = value, "dd/mm/yyyy"
        return
    # As text, so that "11/2026" stays what was typed and does not become a day.
    cell.number_format = "@" if value is None or isinstance(value, str) else "General"
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = "\n".join(clean(line) for line in value.split("\n"))[:_CELL_LIMIT] or None
    if value.lstrip().startswith(("=", "+", "-", "@")):
        # What a person typed is never a formula, neither on opening nor after an edit of the cell.
        cell.data_type, cell.quotePrefix = "s", True


def _frozen(data: bytes) -> bytes:
    """The writer stamps the time of saving; a fixed instant stands there instead."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        core = archive.read("docProps/core.xml")
    core = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-01-01T00:00:00Z", core)
    return freeze_zip(data, _UNDATED, {"docProps/core.xml": core})
