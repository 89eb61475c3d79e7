"""Text boxes, frames, merged cells and other ways in which Word documents lay out a plan."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from documents.read_docx import read_docx
from documents.source import Grid, Source
from domain.errors import TooLarge

HEAD = ["TT", "Nhiệm vụ", "Chủ trì", "Thời gian"]
ROWS = [["1", "Một", "Sở A", "2025"], ["2", "Hai", "Sở B", "2026"]]


def read(document: Any) -> Source:
    out = io.BytesIO()
    document.save(out)
    return read_docx(out.getvalue())


def cells(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def fill(table: Any, rows: list[list[str]]) -> None:
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def xml(text: str) -> Any:
    names = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    names += ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    return parse_xml(text.replace("<w:r>", f"<w:r {nsdecls('w')} {names}>", 1))


BOX = (
    "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:wsp><wps:txbx>"
    "<w:txbxContent>{0}</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{0}</w:txbxContent>"
    "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def test_text_boxes_are_read_once_and_apart_from_the_paragraph_they_hang_on() -> None:
    document = docx.Document()
    document.add_paragraph("trước")
    anchor = document.add_paragraph("KẾ HOẠCH")
    anchor._p.append(xml(BOX.format(PARAGRAPH.format("DỰ THẢO") + PARAGRAPH.format("lần 2"))))
    source = read(document)
    assert [(line.text, line.cell is None) for line in source.lines] == [
        ("trước", True), ("DỰ THẢO", False), ("lần 2", False), ("KẾ HOẠCH", True),
    ]  # fmt: skip
    assert source.lines[1].cell == source.lines[2].cell


def test_a_table_of_tasks_in_a_frame_around_the_page_is_a_grid() -> None:
    document = docx.Document()
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "PHỤ LỤC"
    fill(frame.add_table(rows=0, cols=4), [HEAD, *ROWS])
    frame.add_paragraph("Hết")
    source = read(document)
    assert [cells(grid) for grid in source.grids] == [[HEAD, *ROWS]]
    assert [line.text for line in source.lines] == ["PHỤ LỤC", "Hết"]
    assert source.grids[0].after == 1


def test_a_table_inside_a_cell_of_the_task_table_is_its_text() -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=4)
    fill(table, [HEAD, *ROWS])
    inner = table.cell(1, 2).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Sở B", "Sở C"
    (grid,) = read(document).grids
    assert grid.rows[1][2].text == "Sở A\nSở B\nSở C"


def test_paragraphs_and_breaks_inside_a_cell_are_lines() -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=4)
    fill(table, [HEAD, *ROWS])
    cell = table.cell(1, 1)
    cell.add_paragraph("- hai").add_run("\nba\tbốn")
    assert read(document).grids[0].rows[1][1].text == "Một\n- hai\nba bốn"


def test_merged_cells_share_their_key_and_rows_may_begin_late() -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=4)
    fill(table, [HEAD, *ROWS, ["II", "", "", ""]])
    table.cell(1, 2).merge(table.cell(2, 2))
    table.cell(3, 0).merge(table.cell(3, 3))
    row = table.rows[2]._tr
    row.remove(row.tc_lst[0])
    before = OxmlElement("w:gridBefore")
    before.set(qn("w:val"), "1")
    row.get_or_add_trPr().append(before)
    grid = read(document).grids[0]
    assert cells(grid)[2] == ["", "Hai", "Sở A\nSở B", "2026"]
    assert grid.rows[1][2].key == grid.rows[2][2].key
    assert len({cell.key for cell in grid.rows[3]}) == 1


def test_headings_have_their_level_also_by_outline_alone() -> None:
    document = docx.Document()
    document.add_heading("I. MỤC TIÊU", 1)
    document.add_heading("1. Chung", 2)
    outline = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), "2")
    document.add_paragraph("a) Riêng")._p.get_or_add_pPr().append(outline)
    document.add_paragraph("thường")
    assert [line.level for line in read(document).lines] == [1, 2, 3, 0]


def test_what_nobody_sees_is_not_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("thấy")
    paragraph.add_run(" ẩn").font.hidden = True
    paragraph.add_run(" hiện").font.hidden = False
    table = document.add_table(rows=0, cols=4)
    fill(table, [HEAD, *ROWS])
    table.rows[1]._tr.get_or_add_trPr().append(OxmlElement("w:del"))
    document.sections[0].header.paragraphs[0].text = "đầu trang"
    source = read(document)
    assert [line.text for line in source.lines] == ["thấy hiện"]
    assert cells(source.grids[0]) == [HEAD, ROWS[1]]


def test_marks_that_are_no_letters() -> None:
    document = docx.Document()
    run = document.add_paragraph("Quy").add_run()
    for tag in ("w:noBreakHyphen", "w:softHyphen", "w:ptab", "w:sym", "w:cr"):
        run._r.append(OxmlElement(tag))
    run.add_text("sau")
    assert [line.text for line in read(document).lines] == ["Quy-\u00ad", "sau"]


@pytest.mark.parametrize(("tag", "value"), [("w:gridSpan", "x"), ("w:gridSpan", "-3"), ("w:gridSpan", "99999")])
def test_spans_that_cannot_be(tag: str, value: str) -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=4)
    fill(table, [HEAD, *ROWS])
    span = OxmlElement(tag)
    span.set(qn("w:val"), value)
    table.cell(2, 1)._tc.get_or_add_tcPr().append(span)
    assert all(len(row) <= 100 for row in read(document).grids[0].rows)


def test_more_rows_than_the_limit_are_refused() -> None:
    document = docx.Document()
    table = document.add_table(rows=1, cols=1)
    row = table.rows[0]._tr
    for _ in range(5_001):
        table._tbl.append(parse_xml(f"<w:tr {nsdecls('w')}/>"))
    assert row is not None
    with pytest.raises(TooLarge) as refused:
        read(document)
    assert refused.value.code == "document-too-large"


def test_a_document_without_its_side_parts_is_read() -> None:
    document = docx.Document()
    document.add_paragraph("KẾ HOẠCH", style="List Number")
    for rel_id, rel in list(document.part.rels.items()):
        if rel.reltype.endswith(("/styles", "/numbering", "/settings", "/theme")):
            del document.part.rels[rel_id]
    assert [line.text for line in read(document).lines] == ["KẾ HOẠCH"]
