"""The report as DOCX, after NĐ 30/2020/NĐ-CP: A4, Times New Roman, a two-column head, landscape appendices."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC
from typing import Any, cast

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Cm, Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from documents.layout import REHEARSAL_MARK, TALL_CELL, Appendix, Composition, compose, freeze_zip
from documents.report_body import Para
from domain.reporting import RollupDocument

FONT = "Times New Roman"
# At 12 pt the nation's name takes 88 mm and a department's easily 74: hence the narrowest lawful right margin.
_TEXT_WIDTH, _HEAD_LEFT = Mm(165), Mm(75)
_LANDSCAPE_WIDTH = Mm(250)


def render_docx(doc: RollupDocument) -> bytes:
    """The report as the bytes of a DOCX file; equal input gives equal bytes."""
    form = compose(doc)
    paper = Document()
    _set_defaults(paper, form)
    _set_page(paper.sections[0], form, landscape=False)
    _head(paper, form)
    _title(paper, form)
    for para in form.body:
        last = _body_paragraph(paper, para)
    last.paragraph_format.keep_with_next = True  # no signature alone on its page
    _foot(paper, form)
    for appendix in form.appendices:
        section = paper.add_section(WD_SECTION.NEW_PAGE)
        # The break sits in a paragraph of its own; at full height it could fall on a page of its own, too.
        paper.paragraphs[-1].paragraph_format.line_spacing = Pt(1)
        _set_page(section, form, landscape=True)
        _appendix(paper, appendix)
    out = io.BytesIO()
    paper.save(out)
    return freeze_zip(out.getvalue(), form.compiled_at)


def _set_defaults(paper: DocxDocument, form: Composition) -> None:
    style = cast(Any, paper.styles["Normal"])
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    facts = paper.core_properties
    facts.title, facts.language, facts.comments = form.subject, "vi-VN", ""
    facts.author = facts.last_modified_by = form.issuer
    facts.created = facts.modified = form.compiled_at.astimezone(UTC).replace(tzinfo=None)


def _set_page(section: Section, form: Composition, landscape: bool) -> None:
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = (Mm(27), Mm(20)) if landscape else (Mm(30), Mm(15))
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    # Each appendix counts its own pages, and no first page shows its number.
    if section._sectPr.find(qn("w:pgNumType")) is None:
        start = OxmlElement("w:pgNumType")
        start.set(qn("w:start"), "1")
        section._sectPr.find(qn("w:pgMar")).addnext(start)
    for part in (section.header, section.footer, section.first_page_header, section.first_page_footer):
        part.is_linked_to_previous = False
    _page_number(section.header.paragraphs[0])
    if form.rehearsal:
        for footer in (section.footer, section.first_page_footer):
            _write(footer.paragraphs[0], REHEARSAL_MARK, 11, bold=True)


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = ALIGN.CENTER
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run._r.append(element)


def _write(
    paragraph: Paragraph, text: str, size: float, *, bold: bool = False, italic: bool = False, align: Any = ALIGN.CENTER
) -> Paragraph:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    paragraph.alignment = align
    return paragraph


def _tightened(paragraph: Paragraph) -> None:
    """A fifth of a point less between letters keeps the longest line whole where Times New Roman is substituted."""
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), "-4")
    paragraph.runs[0]._r.get_or_add_rPr().find(qn("w:sz")).addprevious(spacing)


def _rule(paragraph: Paragraph, room: Length, length: Length) -> None:
    """A centred line of the given length: the top border of an empty small paragraph, indented from both sides."""
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Length((room - length) // 2)
    shape.line_spacing = Pt(4)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    # The schema wants borders ahead of spacing and indents.
    paragraph._p.get_or_add_pPr().insert(0, borders)


def _bare_table(paper: DocxDocument, rows: int, widths: tuple[Length, Length]) -> Table:
    table: Table = paper.add_table(rows, 2)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _set_widths(table, widths)
    _cell_margins(table, 0)
    return table


def _set_widths(table: Table, widths: Iterable[Length]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _cell_margins(table: Table, twips: int) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(twips))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    # The schema wants the margins ahead of the look, which every table of the library's template has.
    table._tblPr.find(qn("w:tblLook")).addprevious(margins)


def _head(paper: DocxDocument, form: Composition) -> None:
    right = Length(_TEXT_WIDTH - _HEAD_LEFT)
    table = _bare_table(paper, 2, (_HEAD_LEFT, right))
    issuer, nation = table.rows[0].cells
    _write(issuer.paragraphs[0], form.superior, 12)
    _write(issuer.add_paragraph() if form.superior else issuer.paragraphs[0], form.issuer, 12, bold=True)
    _rule(issuer.add_paragraph(), _HEAD_LEFT, Mm(26))
    _tightened(_write(nation.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True))
    _write(nation.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    # 59 mm is the length of the motto in Times New Roman bold 13.
    _rule(nation.add_paragraph(), right, Mm(59))
    number, place = table.rows[1].cells
    for cell in (number, place):
        cell.paragraphs[0].paragraph_format.space_before = Pt(6)
    _write(number.paragraphs[0], form.number_line, 13)
    _write(place.paragraphs[0], form.place_date, 13, italic=True)


def _title(paper: DocxDocument, form: Composition) -> None:
    _write(paper.add_paragraph(), "BÁO CÁO", 14, bold=True).paragraph_format.space_before = Pt(18)
    _write(paper.add_paragraph(), form.subject, 14, bold=True)
    _rule(paper.add_paragraph(), _TEXT_WIDTH, Mm(50))
    if len(form.addressed) == 1:
        _write(paper.add_paragraph(), f"Kính gửi: {form.addressed[0]}", 14).paragraph_format.space_before = Pt(8)
    elif form.addressed:
        _addressed(paper, form.addressed)


def _addressed(paper: DocxDocument, names: tuple[str, ...]) -> None:
    first = _write(paper.add_paragraph(), "Kính gửi:", 14, align=ALIGN.LEFT)
    first.paragraph_format.space_before, first.paragraph_format.left_indent = Pt(8), Cm(3)
    for index, name in enumerate(names):
        last = index == len(names) - 1
        line = _write(paper.add_paragraph(), f"- {name}{'.' if last else ';'}", 14, align=ALIGN.LEFT)
        line.paragraph_format.left_indent = Cm(5)


def _body_paragraph(paper: DocxDocument, para: Para) -> Paragraph:
    heading = para.kind in ("part", "section")
    text = f"- {para.text}" if para.kind == "dash" else para.text
    line = _write(paper.add_paragraph(), text, 14, bold=heading, align=ALIGN.LEFT if heading else ALIGN.JUSTIFY)
    line.paragraph_format.first_line_indent = Cm(1.27)
    line.paragraph_format.space_before = Pt(6)
    line.paragraph_format.keep_with_next = heading
    return line


def _foot(paper: DocxDocument, form: Composition) -> None:
    paper.add_paragraph().paragraph_format.line_spacing = Pt(8)
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    table = _bare_table(paper, 1, (Mm(80), Mm(85)))
    _mark(table.rows[0]._tr, "w:cantSplit")
    copies, signature = table.rows[0].cells
    _write(copies.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT)
    for index, name in enumerate(form.copies):
        end = "." if index == len(form.copies) - 1 else ";"
        _write(copies.add_paragraph(), f"- {name}{end}", 11, align=ALIGN.LEFT)
    for index, line in enumerate(form.signer_title):
        paragraph = signature.paragraphs[0] if index == 0 else signature.add_paragraph()
        _write(paragraph, line, 14, bold=True)
    for _ in range(4):
        signature.add_paragraph()
    _write(signature.add_paragraph(), form.signer_name, 14, bold=True)


def _appendix(paper: DocxDocument, appendix: Appendix) -> None:
    _write(paper.add_paragraph(), appendix.label, 14, bold=True)
    _write(paper.add_paragraph(), appendix.title, 14, bold=True)
    _write(paper.add_paragraph(), appendix.note, 14, italic=True).paragraph_format.space_after = Pt(8)
    table = paper.add_table(1, len(appendix.columns), style="Table Grid")
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _cell_margins(table, 57)
    widths = [Length(round(_LANDSCAPE_WIDTH * column.share / 100)) for column in appendix.columns]
    _set_widths(table, widths)
    for tag in ("w:cantSplit", "w:tblHeader"):
        _mark(table.rows[0]._tr, tag)
    _fill(table.rows[0].cells, [column.title for column in appendix.columns], widths, [True] * len(widths), bold=True)
    for texts in appendix.rows:
        row = table.add_row()
        if max(map(len, texts)) <= TALL_CELL:
            _mark(row._tr, "w:cantSplit")
        _fill(row.cells, texts, widths, [column.centred for column in appendix.columns])


def _fill(
    cells: Iterable[_Cell], texts: Iterable[str], widths: Iterable[Length], centred: Iterable[bool], bold: bool = False
) -> None:
    for cell, text, width, middle in zip(cells, texts, widths, centred, strict=True):
        cell.width = width
        _write(cell.paragraphs[0], text, 12, bold=bold, align=ALIGN.CENTER if middle else ALIGN.LEFT)


def _mark(row: Any, tag: str) -> None:
    row.get_or_add_trPr().append(OxmlElement(tag))
