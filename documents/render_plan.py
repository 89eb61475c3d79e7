"""A draft as the DOCX of a plan after NĐ 30/2020/NĐ-CP; reading the file gives the draft back.

A draft has neither the post of its signer nor the words between its facts: the chairman's post stands there, and the
plan says no more than the draft does.
"""

from __future__ import annotations

import io
from datetime import datetime

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Cm, Length, Mm, Pt

from documents.docx_drawing import (
    HEAD_LEFT,
    TEXT_WIDTH,
    bare_table,
    draw_appendix,
    mark,
    nation,
    new_section,
    rule,
    set_defaults,
    set_page,
    write,
)
from documents.layout import freeze_zip
from documents.plan_body import authority_lines, number_line, place_date, plan_appendix, plan_body, subject
from documents.report_body import Para
from domain.notices import clean
from domain.plan import DocumentInfo, PlanDraft
from domain.workdays import VIETNAM

# The file itself has no date: equal drafts give equal bytes.
_UNDATED = datetime(2024, 1, 1, tzinfo=VIETNAM)
_SIGNATURE_ROOM = 4


def render_plan(draft: PlanDraft) -> bytes:
    """The plan as the bytes of a DOCX file; equal drafts give equal bytes."""
    paper, info = Document(), draft.document
    set_defaults(paper, f"Kế hoạch {subject(info)}", clean(info.authority or ""), _UNDATED.replace(tzinfo=None))
    set_page(paper.sections[0], landscape=False)
    _head(paper, info)
    write(paper.add_paragraph(), "KẾ HOẠCH", 14, bold=True).paragraph_format.space_before = Pt(18)
    write(paper.add_paragraph(), subject(info), 14, bold=True)
    rule(paper.add_paragraph(), TEXT_WIDTH, Mm(50))
    for para in plan_body(draft):
        _paragraph(paper, para)
    _foot(paper, draft)
    if appendix := plan_appendix(draft):
        set_page(new_section(paper), landscape=True)
        draw_appendix(paper, appendix)
    out = io.BytesIO()
    paper.save(out)
    return freeze_zip(out.getvalue(), _UNDATED)


def _head(paper: DocxDocument, info: DocumentInfo) -> None:
    right = Length(TEXT_WIDTH - HEAD_LEFT)
    table = bare_table(paper, 2, (HEAD_LEFT, right))
    issuer, state = table.rows[0].cells
    for index, words in enumerate(authority_lines(info)):
        write(issuer.paragraphs[0] if index == 0 else issuer.add_paragraph(), words, 12, bold=True)
    rule(issuer.add_paragraph(), HEAD_LEFT, Mm(26))
    nation(state, right)
    number, place = table.rows[1].cells
    for cell in (number, place):
        cell.paragraphs[0].paragraph_format.space_before = Pt(6)
    write(number.paragraphs[0], number_line(info), 13)
    write(place.paragraphs[0], place_date(info), 13, italic=True)


def _paragraph(paper: DocxDocument, para: Para) -> None:
    heading = para.kind in ("part", "section")
    text = f"- {para.text}" if para.kind == "dash" else para.text
    line = write(paper.add_paragraph(), text, 14, bold=heading, align=ALIGN.LEFT if heading else ALIGN.JUSTIFY)
    line.paragraph_format.first_line_indent = Cm(1.27)
    line.paragraph_format.space_before = Pt(6)
    line.paragraph_format.keep_with_next = heading


def _foot(paper: DocxDocument, draft: PlanDraft) -> None:
    paper.add_paragraph().paragraph_format.line_spacing = Pt(8)
    table = bare_table(paper, 1, (Mm(80), Mm(85)))
    mark(table.rows[0]._tr, "w:cantSplit")
    copies, signature = table.rows[0].cells
    write(copies.paragraphs[0], "Nơi nhận:", 12, bold=True, italic=True, align=ALIGN.LEFT)
    for name in draft.recipients:
        write(copies.add_paragraph(), f"- {clean(name)};", 11, align=ALIGN.LEFT)
    write(copies.add_paragraph(), "- Lưu: VT.", 11, align=ALIGN.LEFT)
    write(signature.paragraphs[0], "TM. ỦY BAN NHÂN DÂN", 14, bold=True)
    write(signature.add_paragraph(), "CHỦ TỊCH", 14, bold=True)
    for _ in range(_SIGNATURE_ROOM):
        signature.add_paragraph()
    write(signature.add_paragraph(), clean(draft.document.signed_by or ""), 14, bold=True)
