"""Workbooks as departments keep them: tables below a letterhead, merged cells, dates, hidden rows, several sheets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from documents.meaning.plan import read_source
from documents.office.xlsx_book import shown
from documents.read_xlsx import read_xlsx
from documents.source import Grid, Source
from domain.errors import Refusal, TooLarge
from domain.plan import Severity

HEAD = ["TT", "Nhiệm vụ", "Đơn vị chủ trì", "Phối hợp", "Sản phẩm", "Thời gian"]
ROWS: list[list[Any]] = [
    [1, "Mở lớp tập huấn", "Sở A", "Sở B; Sở C", "Báo cáo", "Hằng năm"],
    [2, "Lập kế hoạch", "Sở B", None, "Kế hoạch", "Quý II/2026"],
    [3, "Kiểm tra", "Sở C", None, None, "Thường xuyên"],
]


def book(*sheets: Iterable[Iterable[Any]]) -> Workbook:
    made = Workbook()
    for index, rows in enumerate(sheets):
        sheet = made.worksheets[0] if index == 0 else made.create_sheet()
        for row in rows:
            sheet.append(list(row))
    return made


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(made: Workbook) -> Source:
    return read_xlsx(saved(made))


def cells(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


def test_a_table_below_a_letterhead_and_above_a_signature() -> None:
    made = book(
        [
            ["ỦY BAN NHÂN DÂN", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
            ["TỈNH CAO BẰNG", None, None, "Độc lập - Tự do - Hạnh phúc"],
            ["Số: 12/KH-UBND", None, None, "Cao Bằng, ngày 05 tháng 01 năm 2026"],
            [],
            ["KẾ HOẠCH"],
            ["Triển khai một việc năm 2026"],
            [],
            HEAD,
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
            *ROWS,
            [],
            ["Nơi nhận:", None, None, "TM. ỦY BAN NHÂN DÂN"],
            ["- Sở A;", None, None, "CHỦ TỊCH"],
            ["- Lưu: VT.", None, None, "Nguyễn Văn A"],
        ]
    )
    source = read(made)
    assert source.origin == "xlsx"
    (grid,) = source.grids
    assert (grid.page, grid.first_row, grid.after) == (1, 8, 8)
    assert cells(grid)[0] == HEAD
    assert cells(grid)[2] == ["1", "Mở lớp tập huấn", "Sở A", "Sở B; Sở C", "Báo cáo", "Hằng năm"]
    assert len(grid.rows) == 5
    assert texts(source)[:3] == ["ỦY BAN NHÂN DÂN", "TỈNH CAO BẰNG", "Số: 12/KH-UBND"]
    assert [(line.number, line.page) for line in source.lines][6:8] == [(5, 1), (6, 1)]
    draft = read_source(source)
    assert (draft.document.number, draft.document.issued_on) == ("12/KH-UBND", date(2026, 1, 5))
    assert draft.document.signed_by == "Nguyễn Văn A"
    assert draft.recipients == ("Sở A",)
    assert [(task.ordinal, task.where.row) for task in draft.tasks] == [(1, 10), (2, 11), (3, 12)]


def test_merged_cells_are_repeated_with_one_key() -> None:
    made = book([["PHỤ LỤC"], HEAD, ["I", "NHÓM MỘT"], *ROWS[:2]])
    sheet = made.worksheets[0]
    for where in ("A1:F1", "B3:F3", "C4:C5"):
        sheet.merge_cells(where)
    source = read(made)
    grid = source.grids[0]
    assert texts(source) == ["PHỤ LỤC"]
    assert source.lines[0].cell is None
    assert cells(grid)[1] == ["I", *["NHÓM MỘT"] * 5]
    assert cells(grid)[3][2] == "Sở A"
    assert grid.rows[2][2].key == grid.rows[3][2].key


def test_headings_of_two_rows() -> None:
    made = book(
        [
            ["TT", "Nhiệm vụ", "Phân công", None, "Thời gian"],
            [None, None, "Chủ trì", "Phối hợp", None],
            [1, "Một", "Sở A", "Sở B", 2025],
        ]
    )
    for where in ("A1:A2", "B1:B2", "E1:E2", "C1:D1"):
        made.worksheets[0].merge_cells(where)
    (grid,) = read(made).grids
    assert grid.first_row == 1
    assert cells(grid)[:2] == [
        ["TT", "Nhiệm vụ", "Phân công", "Phân công", "Thời gian"],
        ["TT", "Nhiệm vụ", "Chủ trì", "Phối hợp", "Thời gian"],
    ]


def test_a_second_table_and_a_repeated_heading() -> None:
    other = ["STT", "Nội dung công việc", "Cơ quan thực hiện", "Hạn hoàn thành"]
    made = book([HEAD, ROWS[0], HEAD, ROWS[1], [], ["Phụ lục II"], [], other, [1, "Hai", "Sở D", "2027"]])
    source = read(made)
    assert [(grid.first_row, len(grid.rows)) for grid in source.grids] == [(1, 4), (8, 2)]
    assert texts(source) == ["Phụ lục II"]


def test_a_table_that_goes_on_on_the_next_sheet() -> None:
    source = read(book([HEAD, ROWS[0]], ROWS[1:]))
    assert [grid.page for grid in source.grids] == [1, 2]
    assert [task.ordinal for task in read_source(source).tasks] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (7, "General", "7"), (7.0, "General", "7"), (12.5, "General", "12,5"), (0.1 + 0.2, "General", "0,3"),
        (1e20, "General", "1e+20"), (1234567, "#,##0", "1234567"), (3, "00", "03"),
        (0.75, "0%", "75%"), (0.125, "0.0%", "12,5%"), (1, "0%", "100%"),
        (date(2026, 1, 5), "dd/mm/yyyy", "05/01/2026"),
        (datetime.fromisoformat("2026-01-05T16:00"), "d/m/yy h:mm", "05/01/2026"),
        (date(2026, 11, 1), "mmm-yy", "11/2026"), (date(2026, 1, 1), "yyyy", "2026"),
        (time(16, 0), "h:mm", "16:00"),
        (True, "General", "Có"), (False, "General", "Không"), ("#REF!", "General", ""), ("#1", "General", "#1"),
        ("=1+1", "General", "=1+1"),
    ],
)  # fmt: skip
def test_values_are_shown_as_the_cell_shows_them(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def test_dates_and_figures_in_a_real_file() -> None:
    made = book([HEAD, [1.0, "Một", "Sở A", None, 0.5, date(2026, 3, 31)]])
    made.worksheets[0]["E2"].number_format = "0%"
    assert cells(read(made).grids[0])[1] == ["1", "Một", "Sở A", "", "50%", "31/03/2026"]


def test_hidden_rows_and_sheets_are_passed_over_and_told() -> None:
    made = book([HEAD, *ROWS], [HEAD, ROWS[0]])
    made.worksheets[0].row_dimensions[3].hidden = True
    made.worksheets[1].sheet_state = "hidden"
    source = read(made)
    draft = read_source(source)
    assert [(task.title, task.where.row) for task in draft.tasks] == [("Mở lớp tập huấn", 2), ("Kiểm tra", 4)]
    assert [(f.code, f.severity) for f in source.remarks] == [("hidden-rows", Severity.INFO)]
    assert "1 trang tính và 1 dòng" in source.remarks[0].message


def test_formulas_are_never_worked_out_but_told() -> None:
    source = read(book([HEAD, ["=ROW()", "Một", '=HYPERLINK("http://x", "Sở A")', None, None, "2025"]]))
    assert cells(source.grids[0])[1] == ["", "Một", "", "", "", "2025"]
    assert [(f.code, f.severity) for f in source.remarks] == [("formula-without-value", Severity.REVIEW)]


def test_formats_that_reach_far_below_cost_nothing() -> None:
    made = book([HEAD, *ROWS])
    sheet = made.worksheets[0]
    sheet.cell(1_048_576, 16_384).number_format = "0"
    sheet.merged_cells.add("A1000000:XFD1048576")
    source = read(made)
    assert [len(grid.rows) for grid in source.grids] == [4]


def test_the_stated_size_of_a_sheet_is_not_believed() -> None:
    data = saved(book([HEAD, *ROWS]))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            if name.endswith("sheet1.xml"):
                body = body.replace(b'ref="A1:F4"', b'ref="A1:XFD1048576"').replace(b'r="4"', b'r="4000000"')
            target.writestr(name, body)
    assert len(read_xlsx(out.getvalue()).grids[0].rows) == 3


@pytest.mark.parametrize(
    "made",
    [
        book([HEAD, *([n, "x"] for n in range(5_001))]),
        book(*([[n, "x"] for n in range(2_600)] for _ in range(2))),
        book([["x"] * 101]),
        book(*([["x"]] for _ in range(21))),
    ],
    ids=["rows", "rows of two sheets", "columns", "sheets"],
)
def test_more_than_the_limits_is_refused(made: Workbook) -> None:
    with pytest.raises(TooLarge) as refused:
        read(made)
    assert refused.value.code == "document-too-large"
    assert "Hãy" in refused.value.message


def test_a_sheet_part_that_is_broken_is_refused() -> None:
    data = saved(book([HEAD]))
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
            for each in source.namelist():
                target.writestr(each, b"<broken" if each == name else source.read(each))
        with pytest.raises(Refusal, match="not-a-xlsx"):
            read_xlsx(out.getvalue())


VALUES = st.one_of(
    st.none(), st.sampled_from([*HEAD, "I", "Nơi nhận:", "- Sở A;", "KẾ HOẠCH", "=1/0", ""]), st.integers(-5, 10**6),
    st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.dates(date(1990, 1, 1), date(2090, 1, 1)),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=1, max_size=7), max_size=14), st.data())
def test_no_content_makes_it_raise(rows: list[list[Any]], data: st.DataObject) -> None:
    made = book(rows)
    corners = st.tuples(st.integers(1, 7), st.integers(1, 14), st.integers(0, 3), st.integers(0, 3))
    for left, top, across, down in data.draw(st.lists(corners, max_size=3)):
        made.worksheets[0].merge_cells(start_row=top, end_row=top + down, start_column=left, end_column=left + across)
    source = read(made)
    assert all(line.text for line in source.lines)
    assert all(len({len(row) for row in grid.rows}) == 1 for grid in source.grids)
    assert all(0 <= grid.after <= len(source.lines) for grid in source.grids)
    read_source(source)
