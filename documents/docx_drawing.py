"""How our Word files are drawn, after NĐ 30/2020/NĐ-CP: A4, Times New Roman, two-column heads, landscape appendices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

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

from documents.layout import TALL_CELL, Appendix, Column

FONT = "Times New Roman"
# At 12 pt the nation's name takes 88 mm and a department's easily 74: hence the narrowest lawful right margin.
TEXT_WIDTH, HEAD_LEFT = Mm(165), Mm(75)
LANDSCAPE_WIDTH = Mm(250)
_SIGNATURE_ROOM = 4
"""Empty lines between a signer's post and name."""
_LONGEST_PROPERTY = 255
"""Characters of a title or an author in the properties of a file (ECMA-376)."""


def set_defaults(paper: DocxDocument, title: str, author: str, at: datetime) -> None:
    """Fonts, spacing and properties of the file; `at` is the naive UTC instant at which it was made."""
    style = cast(Any, paper.styles["Normal"])
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.0
    facts = paper.core_properties
    facts.title, facts.language, facts.comments = title[:_LONGEST_PROPERTY], "vi-VN", ""
    facts.author = facts.last_modified_by = author[:_LONGEST_PROPERTY]
    facts.created = facts.modified = at


def set_page(section: Section, *, landscape: bool) -> None:
    """A4 with the margins of the decree; page numbers in the top margin, from 1, not on the first page."""
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


def write(
    paragraph: Paragraph, text: str, size: float, *, bold: bool = False, italic: bool = False, align: Any = ALIGN.CENTER
) -> Paragraph:
    """Adds the text to the paragraph; `size` in points."""
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    paragraph.alignment = align
    return paragraph


def tighten(paragraph: Paragraph) -> None:
    """A fifth of a point less between letters keeps the longest line whole where Times New Roman is substituted."""
    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), "-4")
    paragraph.runs[0]._r.get_or_add_rPr().find(qn("w:sz")).addprevious(spacing)


def rule(paragraph: Paragraph, room: Length, length: Length) -> None:
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


def bare_table(paper: DocxDocument, rows: int, widths: tuple[Length, Length]) -> Table:
    """A table without lines or margins that sets two blocks side by side."""
    table: Table = paper.add_table(rows, 2)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _set_widths(table, widths)
    _cell_margins(table, 0)
    return table


def nation(cell: _Cell, width: Length) -> None:
    """The name of the state and its motto with the rule below."""
    tighten(write(cell.paragraphs[0], "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, bold=True))
    write(cell.add_paragraph(), "Độc lập - Tự do - Hạnh phúc", 13, bold=True)
    # 59 mm is the length of the motto in Times New Roman bold 13.
    rule(cell.add_paragraph(), width, Mm(59))


def new_section(paper: DocxDocument) -> Section:
    """A section on a new page, for an appendix."""
    section: Section = paper.add_section(WD_SECTION.NEW_PAGE)
    # The break sits in a paragraph of its own; at full height it could fall on a page of its own, too.
    paper.paragraphs[-1].paragraph_format.line_spacing = Pt(1)
    return section


def draw_head(
    paper: DocxDocument, superior: str, issuer: Iterable[str], number: str, place_date: str, about: str = ""
) -> None:
    """The two blocks that open a document. `issuer` is one entry a line; `about` is what a letter says it is about."""
    right = Length(TEXT_WIDTH - HEAD_LEFT)
    table = bare_table(paper, 2, (HEAD_LEFT, right))
    left, state = table.rows[0].cells
    write(left.paragraphs[0], superior, 12)
    for index, name in enumerate(issuer):
        write(left.add_paragraph() if superior or index else left.paragraphs[0], name, 12, bold=True)
    rule(left.add_paragraph(), HEAD_LEFT, Mm(26))
    nation(state, right)
    numbered, dated = table.rows[1].cells
    for cell in (numbered, dated):
        cell.paragraphs[0].paragraph_format.space_before = Pt(6)
    write(numbered.paragraphs[0], number, 13)
    if about:
        write(numbered.add_paragraph(), about, 12).paragraph_format.space_before = Pt(6)
    write(dated.paragraphs[0], place_date, 13, italic=True)


def draw_text(paper: DocxDocument, text: str) -> Paragraph:
    """A paragraph of running text: justified, its first line indented."""
    line = write(paper.add_paragraph(), text, 14, align=ALIGN.JUSTIFY)
    line.paragraph_format.first_line_indent = Cm(1.27)
    line.paragraph_format.space_before = Pt(6)
    return line


def draw_foot(paper: DocxDocument, copies: Sequence[str], signer_title: Iterable[str], signer_name: str) -> None:
    """The recipients left and the signature right, on one page and never apart from what stands before them."""
    paper.add_paragraph().paragraph_format.line_spacing = Pt(8)
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    table = bare_table(paper, 1, (Mm(80), Mm(85)))
    mark(table.rows[0]._tr, "w:cantSplit")
    received, signature = table.rows[0].cells
    write(received.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT)
    for index, name in enumerate(copies):
        end = "." if index == len(copies) - 1 else ";"
        write(received.add_paragraph(), f"- {name}{end}", 11, align=ALIGN.LEFT)
    for index, line in enumerate(signer_title):
        write(signature.add_paragraph() if index else signature.paragraphs[0], line, 14, bold=True)
    for _ in range(_SIGNATURE_ROOM):
        signature.add_paragraph()
    write(signature.add_paragraph(), signer_name, 14, bold=True)


def draw_appendix(paper: DocxDocument, appendix: Appendix, width: Length = LANDSCAPE_WIDTH) -> None:
    """The heading and the ruled table of an appendix; `width` is that of the text on its pages."""
    write(paper.add_paragraph(), appendix.label, 14, bold=True)
    write(paper.add_paragraph(), appendix.title, 14, bold=True)
    write(paper.add_paragraph(), appendix.note, 14, italic=True).paragraph_format.space_after = Pt(8)
    draw_table(paper, appendix.columns, appendix.rows, width)


def draw_table(paper: DocxDocument, columns: Sequence[Column], rows: Iterable[tuple[str, ...]], width: Length) -> None:
    """A ruled table of the given width; its head is repeated on each page."""
    table = paper.add_table(1, len(columns), style="Table Grid")
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _cell_margins(table, 57)
    widths = [Length(round(width * column.share / 100)) for column in columns]
    _set_widths(table, widths)
    for tag in ("w:cantSplit", "w:tblHeader"):
        mark(table.rows[0]._tr, tag)
    _fill(table.rows[0].cells, [column.title for column in columns], widths, [True] * len(widths), bold=True)
    for texts in rows:
        row = table.add_row()
        if max(map(len, texts)) <= TALL_CELL:
            mark(row._tr, "w:cantSplit")
        _fill(row.cells, texts, widths, [column.centred for column in columns])


def mark(row: Any, tag: str) -> None:
    """Sets a property of a table row, such as `w:cantSplit`."""
    row.get_or_add_trPr().append(OxmlElement(tag))


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


def _fill(
    cells: Iterable[_Cell], texts: Iterable[str], widths: Iterable[Length], centred: Iterable[bool], bold: bool = False
) -> None:
    for cell, text, width, middle in zip(cells, texts, widths, centred, strict=True):
        cell.width = width
        write(cell.paragraphs[0], text, 12, bold=bold, align=ALIGN.CENTER if middle else ALIGN.LEFT)
