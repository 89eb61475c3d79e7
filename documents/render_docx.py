"""The report as DOCX, after NĐ 30/2020/NĐ-CP: A4, Times New Roman, a two-column head, landscape appendices."""

from __future__ import annotations

import io
from datetime import UTC

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.section import Section
from docx.shared import Cm, Mm, Pt
from docx.text.paragraph import Paragraph

from documents.docx_drawing import (
    TEXT_WIDTH,
    draw_appendix,
    draw_foot,
    draw_head,
    new_section,
    rule,
    set_defaults,
    set_page,
    write,
)
from documents.layout import REHEARSAL_MARK, Composition, compose, freeze_zip
from documents.report_body import Para
from domain.reporting import RollupDocument


def render_docx(doc: RollupDocument) -> bytes:
    """The report as the bytes of a DOCX file; equal input gives equal bytes."""
    form = compose(doc)
    paper = Document()
    set_defaults(paper, form.subject, form.issuer, form.compiled_at.astimezone(UTC).replace(tzinfo=None))
    _set_page(paper.sections[0], form, landscape=False)
    draw_head(paper, form.superior, (form.issuer,), form.number_line, form.place_date)
    _title(paper, form)
    for para in form.body:
        last = _body_paragraph(paper, para)
    last.paragraph_format.keep_with_next = True  # no signature alone on its page
    draw_foot(paper, form.copies, form.signer_title, form.signer_name)
    for appendix in form.appendices:
        _set_page(new_section(paper), form, landscape=True)
        draw_appendix(paper, appendix)
    out = io.BytesIO()
    paper.save(out)
    return freeze_zip(out.getvalue(), form.compiled_at)


def _set_page(section: Section, form: Composition, landscape: bool) -> None:
    set_page(section, landscape=landscape)
    if form.rehearsal:
        for footer in (section.footer, section.first_page_footer):
            write(footer.paragraphs[0], REHEARSAL_MARK, 11, bold=True)


def _title(paper: DocxDocument, form: Composition) -> None:
    write(paper.add_paragraph(), "BÁO CÁO", 14, bold=True).paragraph_format.space_before = Pt(18)
    write(paper.add_paragraph(), form.subject, 14, bold=True)
    rule(paper.add_paragraph(), TEXT_WIDTH, Mm(50))
    if len(form.addressed) == 1:
        write(paper.add_paragraph(), f"Kính gửi: {form.addressed[0]}", 14).paragraph_format.space_before = Pt(8)
    elif form.addressed:
        _addressed(paper, form.addressed)


def _addressed(paper: DocxDocument, names: tuple[str, ...]) -> None:
    first = write(paper.add_paragraph(), "Kính gửi:", 14, align=ALIGN.LEFT)
    first.paragraph_format.space_before, first.paragraph_format.left_indent = Pt(8), Cm(3)
    for index, name in enumerate(names):
        last = index == len(names) - 1
        line = write(paper.add_paragraph(), f"- {name}{'.' if last else ';'}", 14, align=ALIGN.LEFT)
        line.paragraph_format.left_indent = Cm(5)


def _body_paragraph(paper: DocxDocument, para: Para) -> Paragraph:
    heading = para.kind in ("part", "section")
    text = f"- {para.text}" if para.kind == "dash" else para.text
    line = write(paper.add_paragraph(), text, 14, bold=heading, align=ALIGN.LEFT if heading else ALIGN.JUSTIFY)
    line.paragraph_format.first_line_indent = Cm(1.27)
    line.paragraph_format.space_before = Pt(6)
    line.paragraph_format.keep_with_next = heading
    return line
