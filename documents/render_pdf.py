"""The report as PDF: the composition of the DOCX, drawn with an embedded Noto Serif and the same on every machine."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Literal
from xml.sax.saxutils import escape

from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm, mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    LongTable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from documents.fonts import BOLD, BOLD_ITALIC, ITALIC, REGULAR, register_fonts
from documents.layout import REHEARSAL_MARK, Appendix, Composition, compose
from documents.report_body import Para
from domain.reporting import RollupDocument

_WIDTH, _LEFT, _EDGE = 165 * mm, 30 * mm, 20 * mm
_HEAD_LEFT = 75 * mm
_LANDSCAPE_LEFT, _LANDSCAPE_WIDTH = 27 * mm, 250 * mm
_Align = Literal[0, 1, 2, 4]
# Without it a table names Helvetica, which would then stand in the file and not be embedded.
_CELL_FONT = ("FONTNAME", (0, 0), (-1, -1), REGULAR)
_MOTTO = "Độc lập - Tự do - Hạnh phúc"
_FONTS = {(False, False): REGULAR, (True, False): BOLD, (False, True): ITALIC, (True, True): BOLD_ITALIC}


def render_pdf(doc: RollupDocument) -> bytes:
    """The report as the bytes of a PDF file; equal input gives equal bytes."""
    register_fonts()
    form = compose(doc)
    out = io.BytesIO()
    paper = BaseDocTemplate(
        out,
        pagesize=A4,
        pageTemplates=_page_templates(form),
        title=form.subject,
        author=form.issuer,
        lang="vi-VN",
        initialFontName=REGULAR,
        invariant=1,
    )
    *body, last = map(_body_paragraph, form.body)
    # The last sentence goes with the signature: none stands alone on its page.
    story = [*_head(form), *_title(form), *body, KeepTogether([last, *_foot(form)])]
    for appendix in form.appendices:
        story += [NextPageTemplate("appendix"), PageBreak(), *_appendix(appendix)]
    paper.build(story)
    return out.getvalue()


def _page_templates(form: Composition) -> list[PageTemplate]:
    """The report and each appendix count their own pages; no first page shows its number."""
    count = [0]

    def first(canvas: Canvas, paper: Any) -> None:
        count[0] = 1
        _mark_rehearsal(canvas, form, paper.pageTemplate.pagesize[0])

    def later(canvas: Canvas, paper: Any) -> None:
        count[0] += 1
        canvas.setFont(REGULAR, 13)
        width, height = paper.pageTemplate.pagesize
        canvas.drawCentredString(width / 2, height - 14 * mm, str(count[0]))
        _mark_rehearsal(canvas, form, width)

    return [
        _page("report", first, "report-later", wide=False),
        _page("report-later", later, "report-later", wide=False),
        _page("appendix", first, "appendix-later", wide=True),
        _page("appendix-later", later, "appendix-later", wide=True),
    ]


def _page(name: str, draw: Callable[[Canvas, Any], None], following: str, wide: bool) -> PageTemplate:
    size = landscape(A4) if wide else A4
    left, width = (_LANDSCAPE_LEFT, _LANDSCAPE_WIDTH) if wide else (_LEFT, _WIDTH)
    frame = Frame(left, _EDGE, width, size[1] - 2 * _EDGE, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    return PageTemplate(id=name, frames=[frame], onPage=draw, pagesize=size, autoNextPageTemplate=following)


def _mark_rehearsal(canvas: Canvas, form: Composition, width: float) -> None:
    if form.rehearsal:
        canvas.setFont(BOLD, 10)
        canvas.drawCentredString(width / 2, 10 * mm, REHEARSAL_MARK)


def _text(
    text: str, size: float, *, bold: bool = False, italic: bool = False, align: _Align = TA_CENTER, **shape: Any
) -> Paragraph:
    leading = size * 1.28
    style = ParagraphStyle(
        "text", fontName=_FONTS[bold, italic], fontSize=size, leading=leading, alignment=align, textColor=black, **shape
    )
    return Paragraph(escape(text), style)


class _Rule(Flowable):
    """A thin line of a given length, centred in whatever column it stands."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length = length

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        """The whole width, so that the line can be centred in it."""
        self._room = availWidth
        return availWidth, 6

    def draw(self) -> None:
        """Draws the line a little below the text above it."""
        self.canv.setLineWidth(0.7)
        left = (self._room - self._length) / 2
        self.canv.line(left, 3.5, left + self._length, 3.5)


def _bare(rows: list[list[list[Flowable]]], left: float) -> Table:
    table = Table(rows, colWidths=[left, _WIDTH - left])
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(TableStyle([_CELL_FONT, ("VALIGN", (0, 0), (-1, -1), "TOP"), *padding]))
    return table


def _head(form: Composition) -> list[Flowable]:
    issuer: list[Flowable] = [_text(form.superior, 11.5)] if form.superior else []
    issuer += [_text(form.issuer, 11.5, bold=True), _Rule(26 * mm)]
    nation = [
        _text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 11.5, bold=True),
        _text(_MOTTO, 12.5, bold=True),
        _Rule(stringWidth(_MOTTO, BOLD, 12.5)),
    ]
    row: list[list[Flowable]] = [[*issuer], [*nation]]
    second: list[list[Flowable]] = [
        [Spacer(1, 3 * mm), _text(form.number_line, 12.5)],
        [Spacer(1, 3 * mm), _text(form.place_date, 12.5, italic=True)],
    ]
    return [_bare([row, second], _HEAD_LEFT)]


def _title(form: Composition) -> list[Flowable]:
    title = [_text("BÁO CÁO", 13.5, bold=True, spaceBefore=18), _text(form.subject, 13.5, bold=True), _Rule(50 * mm)]
    if len(form.addressed) == 1:
        return [*title, _text(f"Kính gửi: {form.addressed[0]}", 13, spaceBefore=8)]
    lines = [_text("Kính gửi:", 13, align=TA_LEFT, leftIndent=3 * cm, spaceBefore=8)] if form.addressed else []
    for index, name in enumerate(form.addressed):
        end = "." if index == len(form.addressed) - 1 else ";"
        lines.append(_text(f"- {name}{end}", 13, align=TA_LEFT, leftIndent=5 * cm))
    return [*title, *lines]


def _body_paragraph(para: Para) -> Flowable:
    heading = para.kind in ("part", "section")
    return _text(
        f"- {para.text}" if para.kind == "dash" else para.text,
        13,
        bold=heading,
        align=TA_LEFT if heading else TA_JUSTIFY,
        firstLineIndent=1.27 * cm,
        spaceBefore=6,
        keepWithNext=heading,
        allowWidows=0,
        allowOrphans=0,
    )


def _foot(form: Composition) -> list[Flowable]:
    copies: list[Flowable] = [_text("Nơi nhận:", 12, bold=True, italic=True, align=TA_LEFT)]
    for index, name in enumerate(form.copies):
        end = "." if index == len(form.copies) - 1 else ";"
        copies.append(_text(f"- {name}{end}", 11, align=TA_LEFT))
    signature: list[Flowable] = [_text(line, 13, bold=True) for line in form.signer_title]
    signature += [Spacer(1, 22 * mm), _text(form.signer_name, 13, bold=True)]
    return [Spacer(1, 5 * mm), _bare([[copies, signature]], _WIDTH / 2)]


def _appendix(appendix: Appendix) -> list[Flowable]:
    header = [_text(column.title, 11, bold=True) for column in appendix.columns]
    aligns: list[_Align] = [TA_CENTER if column.centred else TA_LEFT for column in appendix.columns]
    rows = [[_text(text, 11, align=align) for text, align in zip(row, aligns, strict=True)] for row in appendix.rows]
    # Whole rows move to the next page; only a row taller than a page is split inside.
    table = LongTable(
        [header, *rows],
        colWidths=[_LANDSCAPE_WIDTH * column.share / 100 for column in appendix.columns],
        repeatRows=1,
        splitByRow=1,
        splitInRow=1,
    )
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    line = ("GRID", (0, 0), (-1, -1), 0.5, black)
    grid: list[Any] = [_CELL_FONT, line, ("VALIGN", (0, 0), (-1, -1), "TOP"), *padding]
    table.setStyle(TableStyle(grid))
    return [
        _text(appendix.label, 13.5, bold=True),
        _text(appendix.title, 13.5, bold=True),
        _text(appendix.note, 13, italic=True, spaceAfter=8),
        table,
    ]
