"""Draws a plan as the Word file that an office would send: a letterhead, the text, the signature, the appendix.

Bình Phước has a builder of its own, beside its file; the other plans are drawn here, each time with the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

_FIXED = datetime(2024, 1, 2)  # noqa: DTZ001
_Words = tuple[str, float, bool]
"""Words, their size in points, whether they are bold."""


@dataclass(frozen=True)
class Appendix:
    """A table of tasks under its own heading: the first row is the head, `widths` are millimetres."""

    heading: tuple[str, ...]
    note: str
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """A plan as text. In `body` a line with "# " is a section, one with "## " a heading inside it."""

    authority: tuple[str, ...]
    number: str
    place_date: str
    title: str
    preamble: tuple[str, ...]
    body: str
    recipients: tuple[str, ...]
    post: tuple[str, ...]
    signer: str
    appendix: Appendix | None = None


def draw(plan: Plan) -> bytes:
    """The plan as the bytes of a DOCX file."""
    document = docx.Document()
    _set_page(document)
    _letterhead(document, plan)
    for text in ("KẾ HOẠCH", plan.title):
        _line(document.add_paragraph(), text, bold=True, align=ALIGN.CENTER)
    for text in (*plan.preamble, *plan.body.strip().split("\n")):
        paragraph = document.add_paragraph()
        _line(paragraph, text.lstrip("# "), bold=text.startswith("#"), align=ALIGN.JUSTIFY)
        paragraph.paragraph_format.first_line_indent = Cm(1.27)
    _closing(document, plan)
    if plan.appendix:
        _appendix(document, plan.appendix)
    facts = document.core_properties
    facts.author = facts.comments = ""
    facts.title, facts.created, facts.modified = f"Kế hoạch {plan.title}", _FIXED, _FIXED
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def timeless(data: bytes) -> bytes:
    """The same package with one fixed time on every part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            fixed = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            target.writestr(fixed, source.read(part), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def _set_page(document: Document) -> None:
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(13)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = ALIGN.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)


def _letterhead(document: Document, plan: Plan) -> None:
    left, right = _two_blocks(document, 68, 97)
    names = [(name, 13.0, True) for name in plan.authority]
    _fill(left, [*names, (plan.number, 13, False)], ALIGN.CENTER)
    motto = [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 11.5, True), ("Độc lập - Tự do - Hạnh phúc", 13, True)]
    _fill(right, [*motto, (plan.place_date, 13, False)], ALIGN.CENTER)
    right.paragraphs[-1].runs[0].italic = True


def _closing(document: Document, plan: Plan) -> None:
    left, right = _two_blocks(document, 80, 85)
    names = [(f"- {name}{'.' if name.startswith('Lưu') else ';'}", 11.0, False) for name in plan.recipients]
    _fill(left, [("Nơi nhận:", 12, True), *names])
    _fill(right, [*((line, 13.0, True) for line in (*plan.post, "", "", plan.signer))], ALIGN.CENTER)


def _appendix(document: Document, appendix: Appendix) -> None:
    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    for text in appendix.heading:
        _line(document.add_paragraph(), text, bold=True, align=ALIGN.CENTER)
    _line(document.add_paragraph(), appendix.note, align=ALIGN.CENTER)
    table = document.add_table(rows=0, cols=len(appendix.widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, appendix.widths, strict=True):
        column.width = Mm(width)
    for index, texts in enumerate(appendix.rows):
        row = table.add_row()
        if index == 0:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, texts, appendix.widths, strict=True):
            cell.width = Mm(width)
            _fill(cell, [(part, 12, index == 0) for part in text.split("\n")])


def _two_blocks(document: Document, left: int, right: int) -> tuple[_Cell, _Cell]:
    """Two cells beside each other, so many millimetres wide."""
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    cells = table.rows[0].cells
    for column, cell, width in zip(table.columns, cells, (left, right), strict=True):
        column.width = cell.width = Mm(width)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return cells[0], cells[1]


def _fill(cell: _Cell, lines: Sequence[_Words], align: ALIGN | None = None) -> None:
    for index, (text, size, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        _line(paragraph, text, size=size, bold=bold, align=align, after=0)


def _line(
    paragraph: Paragraph, text: str, *, size: float = 13, bold: bool = False, align: ALIGN | None = None, after: int = 6
) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(after)
