"""Plans drawn as PDF for tests of their reading: letterhead, justified text, signature, an appendix over two pages."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageFilter
from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    LongTable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from documents.fonts import BOLD, REGULAR, register_fonts

HEADING = ("TT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Sản phẩm", "Thời hạn")
SHARES = (0.06, 0.32, 0.17, 0.18, 0.15, 0.12)
GROUP = "GROUP"
"""The first word of a row that is one cell across the whole table."""

Rows = Sequence[Sequence[str]]
ROWS: Rows = (
    (GROUP, "I. NÂNG CAO NHẬN THỨC"),
    ("1", "Mở chuyên mục về chuyển đổi số trên báo in và báo điện tử.", "Báo Hòa Bình", "Sở Tài chính; Sở Nội vụ",
     "Chuyên mục", "Hằng năm"),
    ("2", "Tập huấn cho phóng viên:\n- Lớp viết tin đa phương tiện;\n- Lớp xử lý dữ liệu.",
     "Sở Thông tin và Truyền thông", "Đài Phát thanh - Truyền hình tỉnh", "Các lớp học", "Quý II/2026"),
    (GROUP, "II. HẠ TẦNG, NỀN TẢNG"),
    ("3", "Dùng chung một nền tảng đo lường bạn đọc.", "Sở Thông tin và Truyền thông", "Các cơ quan báo chí",
     "Nền tảng", "2026-2028"),
)  # fmt: skip
LETTERHEAD = (
    ("ỦY BAN NHÂN DÂN\nTỈNH HÒA BÌNH", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"),
    ("Số: 17/KH-UBND", "Hòa Bình, ngày 05 tháng 02 năm 2026"),
)
SIGNATURE = (
    "Nơi nhận:\n- Bộ Thông tin và Truyền thông;\n- Thường trực Tỉnh ủy;\n- Lưu: VT, KGVX.",
    "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\n\n\nNguyễn Văn An",
)
BODY = (
    "Căn cứ Quyết định số 348/QĐ-TTg ngày 06/4/2023 của Thủ tướng Chính phủ về chiến lược cho báo chí, Ủy ban nhân dân "
    "tỉnh lập kế hoạch với những việc sau đây, mỗi việc có một đơn vị chịu trách nhiệm.",
    "I. MỤC TIÊU",
    "- Đến hết năm 2026 mọi tòa soạn trong tỉnh làm việc trên nền tảng chung, bạn đọc tìm được tin của tỉnh trên điện "
    "thoại của mình.",
    "II. CHẾ ĐỘ BÁO CÁO",
    "Các đơn vị báo cáo về Sở Thông tin và Truyền thông trước ngày 20/11 hằng năm.",
)
_Align = Literal[0, 1, 2, 4]


def draw_plan(
    rows: Rows = ROWS, body: Sequence[str] = BODY, *, size: float = 11, footer: str = "", tall: float | None = None
) -> bytes:
    """A plan with its appendix on landscape pages; `footer` stands on every page, `tall` is the appendix's height."""
    story: list[Flowable] = [*_letterhead(), Spacer(1, 6 * mm), _text("KẾ HOẠCH", 13, BOLD, TA_CENTER)]
    story += [_text("Chuyển đổi số báo chí tỉnh Hòa Bình năm 2026", 13, BOLD, TA_CENTER), Spacer(1, 4 * mm)]
    story += [_text(text, 13, REGULAR, TA_JUSTIFY, firstLineIndent=36, spaceBefore=6) for text in body]
    story += [Spacer(1, 8 * mm), _bare([list(map(_cell, SIGNATURE))], (85 * mm, 80 * mm))]
    story += [NextPageTemplate("wide"), PageBreak(), _text("PHỤ LỤC", 13, BOLD, TA_CENTER)]
    story += [_text("(Kèm theo Kế hoạch số 17/KH-UBND)", 12, REGULAR, TA_CENTER), Spacer(1, 4 * mm)]
    return _build([*story, _appendix(rows, size)], footer, tall)


def draw_table(rows: Rows = ROWS, *, size: float = 11, tall: float | None = None) -> bytes:
    """The appendix alone."""
    return _build([NextPageTemplate("wide"), PageBreak(), _appendix(rows, size)], "", tall)


def draw_pages(pages: Sequence[Rows], *, number_in_table: bool = False, ruled: bool = True) -> bytes:
    """One table a page, each row as tall as its text, as a word processor leaves a table that it cut at page breaks."""
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=landscape(A4), invariant=1)
    width, height = landscape(A4)
    for number, rows in enumerate(pages, start=1):
        table = Table([list(row) for row in rows], colWidths=[(width - 45 * mm) * share for share in SHARES])
        style: list[Any] = [("FONT", (0, 0), (-1, -1), REGULAR, 11), ("VALIGN", (0, 0), (-1, -1), "TOP")]
        if ruled:
            style.append(("GRID", (0, 0), (-1, -1), 0.5, black))
        if number_in_table:
            style.append(("TOPPADDING", (0, 0), (-1, 0), 15 * mm))
        table.setStyle(TableStyle(style))
        _, tall = table.wrapOn(canvas, width, height)
        top = height - (5 if number_in_table else 20) * mm
        table.drawOn(canvas, 30 * mm, top - tall)
        canvas.setFont(REGULAR, 13)
        canvas.drawCentredString(width / 2, height - 12 * mm, str(number))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned(pdf: bytes, *, angle: float = 0.7, noise: float = 6.0, blur: float = 0.7, dpi: int = 200) -> list[bytes]:
    """Each page as a scanner would see it: a grey JPEG, turned, blurred and noisy, the same on every run."""
    chance = np.random.default_rng(348)
    document = pypdfium2.PdfDocument(pdf)
    pictures: list[bytes] = []
    for number in range(len(document)):
        page: Image.Image = document[number].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
        turned = page.rotate(-angle if number % 2 else angle, resample=Image.Resampling.BICUBIC, fillcolor=255)
        grey = np.asarray(turned.filter(ImageFilter.GaussianBlur(blur)), dtype=np.float64)
        noisy = grey * 0.88 + 18 + chance.normal(0, noise, grey.shape)
        out = io.BytesIO()
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=80, dpi=(dpi, dpi))
        pictures.append(out.getvalue())
    document.close()
    return pictures


def pdf_of_pictures(pictures: Sequence[bytes]) -> bytes:
    """A PDF whose pages are these pictures and nothing else."""
    first, *others = (Image.open(io.BytesIO(picture)) for picture in pictures)
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others, resolution=first.info["dpi"][0], quality=80)
    return out.getvalue()


def _build(story: list[Flowable], footer: str, tall: float | None) -> bytes:
    def number(canvas: Canvas, paper: Any) -> None:
        width, height = paper.pageTemplate.pagesize
        canvas.setFont(REGULAR, 13)
        if canvas.getPageNumber() > 1:
            canvas.drawCentredString(width / 2, height - 14 * mm, str(canvas.getPageNumber()))
        canvas.setFont(REGULAR, 9)
        canvas.drawString(30 * mm, 10 * mm, footer.format(canvas.getPageNumber()))

    def page(name: str, size: tuple[float, float], height: float | None) -> PageTemplate:
        width, whole = size
        low = whole - 20 * mm - height if height else 20 * mm
        frame = Frame(30 * mm, low, width - 45 * mm, whole - 20 * mm - low, 0, 0, 0, 0)
        return PageTemplate(id=name, frames=[frame], onPage=number, pagesize=size)

    out = io.BytesIO()
    paper = BaseDocTemplate(out, pagesize=A4, initialFontName=REGULAR, invariant=1)
    paper.addPageTemplates([page("tall", A4, None), page("wide", landscape(A4), tall)])
    paper.build(story)
    return out.getvalue()


def _letterhead() -> list[Flowable]:
    return [_bare([list(map(_cell, row)) for row in LETTERHEAD], (70 * mm, 95 * mm))]


def _cell(text: str) -> list[Flowable]:
    align: _Align = TA_LEFT if text.startswith("Nơi nhận") else TA_CENTER
    return [_text(line, 12, REGULAR, align) if line else Spacer(1, 14) for line in text.split("\n")]


def _bare(rows: list[list[list[Flowable]]], widths: tuple[float, float]) -> Table:
    table = Table(rows, colWidths=widths)
    table.setStyle(TableStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def _appendix(rows: Rows, size: float) -> LongTable:
    width = landscape(A4)[0] - 45 * mm
    cells: list[list[Any]] = [[_text(title, size, BOLD, TA_CENTER) for title in HEADING]]
    spans: list[Any] = []
    for row in rows:
        if row[0] == GROUP:
            spans.append(("SPAN", (0, len(cells)), (-1, len(cells))))
            cells.append([_text(row[1], size, BOLD, TA_LEFT), *[""] * (len(HEADING) - 1)])
        else:
            cells.append([[_text(line, size, REGULAR, TA_LEFT) for line in text.split("\n")] for text in row])
    table = LongTable(cells, colWidths=[width * share for share in SHARES], repeatRows=1, splitByRow=1, splitInRow=1)
    font = ("FONTNAME", (0, 0), (-1, -1), REGULAR)
    grid = ("GRID", (0, 0), (-1, -1), 0.5, black)
    table.setStyle(TableStyle([font, grid, ("VALIGN", (0, 0), (-1, -1), "TOP"), *spans]))
    return table


def _text(text: str, size: float, font: str, align: _Align, **shape: Any) -> Paragraph:
    register_fonts()
    style = ParagraphStyle("text", fontName=font, fontSize=size, leading=size * 1.25, alignment=align, **shape)
    return Paragraph(text, style)
