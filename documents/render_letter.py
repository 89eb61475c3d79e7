"""The drafted công văn đôn đốc as DOCX, after NĐ 30/2020/NĐ-CP, Phụ lục I and III (mẫu 1.5)."""

from __future__ import annotations

import io
from datetime import UTC, time

from docx import Document
from docx.document import Document as DocxDocument
from docx.section import Section
from docx.shared import Pt

from documents.docx_drawing import (
    TEXT_WIDTH,
    draw_appendix,
    draw_foot,
    draw_head,
    draw_table,
    draw_text,
    new_section,
    set_defaults,
    set_page,
    write,
)
from documents.layout import REHEARSAL_MARK, Appendix, Column, freeze_zip
from domain.letters import (
    APPENDIX_TITLE,
    COLUMNS,
    UrgingLetter,
    appendix_note,
    copies,
    demands,
    letterhead,
    number_line,
    opening,
    place_date,
    row_cells,
    subject,
)
from domain.notices import clean
from domain.workdays import at_hour

_TABLE = tuple(
    Column(title, share, centred)
    for title, share, centred in zip(COLUMNS, (6, 43, 14, 23, 14), (True, False, False, False, True), strict=True)
)


def render_letter(letter: UrgingLetter) -> bytes:
    """The letter as the bytes of a DOCX file; equal letters give equal bytes."""
    paper = Document()
    # The file is dated by the letter itself: by its draft until it is issued.
    made_at = at_hour(letter.issued_on or letter.drafted_on, time(0))
    set_defaults(paper, subject(letter), clean(letter.authority), made_at.astimezone(UTC).replace(tzinfo=None))
    _set_page(paper.sections[0], letter)
    superior = clean(letter.superior.upper())
    draw_head(
        paper, superior, letterhead(letter.authority), number_line(letter), place_date(letter), about=subject(letter)
    )
    addressed = write(paper.add_paragraph(), f"Kính gửi: {clean(letter.addressee)}", 14)
    addressed.paragraph_format.space_before = addressed.paragraph_format.space_after = Pt(12)
    _body(paper, letter)
    draw_foot(paper, copies(letter), [clean(line.upper()) for line in letter.signer_title], clean(letter.signer_name))
    if letter.in_appendix:
        _set_page(new_section(paper), letter)
        draw_appendix(
            paper, Appendix("Phụ lục", APPENDIX_TITLE, appendix_note(letter), _TABLE, _rows(letter)), TEXT_WIDTH
        )
    out = io.BytesIO()
    paper.save(out)
    return freeze_zip(out.getvalue(), made_at)


def _set_page(section: Section, letter: UrgingLetter) -> None:
    set_page(section, landscape=False)
    if letter.rehearsal:
        # Above the letterhead, too: nobody should read a page of it before learning that it is none.
        for part in (section.first_page_header, section.first_page_footer, section.footer):
            write(part.paragraphs[0], REHEARSAL_MARK, 12, bold=True)


def _body(paper: DocxDocument, letter: UrgingLetter) -> None:
    for text in opening(letter):
        last = draw_text(paper, text)
    if not letter.in_appendix:
        last.paragraph_format.keep_with_next, last.paragraph_format.space_after = True, Pt(6)
        draw_table(paper, _TABLE, _rows(letter), TEXT_WIDTH)
    for text in demands(letter):
        last = draw_text(paper, text)
    last.paragraph_format.keep_with_next = True  # no signature alone on its page


def _rows(letter: UrgingLetter) -> tuple[tuple[str, ...], ...]:
    return tuple(row_cells(index, row) for index, row in enumerate(letter.rows, 1))
