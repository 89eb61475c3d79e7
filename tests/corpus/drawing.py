"""Draws plans of provinces in the formats they come in, as real ones come.

A `Plan` is only text: paragraphs, tables, recipients. In a table `<` joins a cell to the one on its left and `^` to the
one above.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from PIL import Image

LEFT, ABOVE = "<", "^"
AUTO = "#"
"""A cell whose ordinal Word makes itself."""
FIXED = (2026, 1, 2, 3, 4, 6)


@dataclass(frozen=True)
class Appendix:
    """A named table: its first `header` rows are heads, `widths` are centimetres."""

    heading: tuple[str, ...]
    note: str
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    header: int = 1
    landscape: bool = False
    repeat: bool = True


@dataclass(frozen=True)
class Plan:
    """A plan as text; `superior` and `agency` stand top left, `sign` above the signer's name."""

    superior: str
    agency: str
    number: str
    place_date: str
    title: str
    body: tuple[str, ...]
    recipients: tuple[str, ...]
    sign: tuple[str, ...]
    signer: str
    appendices: tuple[Appendix, ...] = ()
    kind: str = "KẾ HOẠCH"
    numbered: frozenset[str] = field(default_factory=frozenset)
    """Paragraphs of the body that Word numbers by itself."""


# -- Word -----------------------------------------------------------------------------------------------------------


def _say(place: Any, text: str, bold: bool = False, centre: bool = False, italic: bool = False) -> Any:
    paragraph = place.add_paragraph()
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    paragraph.paragraph_format.space_after = Pt(3)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _page_number(section: Any) -> None:
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        mark = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark.text = text
        run._r.append(mark)


def _two_columns(document: Any, left: list[tuple[str, bool]], right: list[tuple[str, bool]]) -> None:
    table = document.add_table(rows=1, cols=2)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, lines in zip(table.rows[0].cells, (left, right), strict=True):
        for index, (text, bold) in enumerate(lines):
            paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
            paragraph.add_run(text).bold = bold


def _fill(cell: Any, text: str, bold: bool) -> None:
    for index, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        if line == AUTO:
            paragraph.style = "List Number"
            continue
        run = paragraph.add_run(line)
        run.bold = bold


def _origin(rows: tuple[tuple[str, ...], ...], row: int, column: int) -> tuple[int, int]:
    while rows[row][column] in (LEFT, ABOVE):
        row, column = (row, column - 1) if rows[row][column] == LEFT else (row - 1, column)
    return row, column


def _draw_table(document: Any, appendix: Appendix) -> None:
    rows = appendix.rows
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, appendix.widths, strict=True):
        column.width = Cm(width)
    areas: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(rows):
        for c in range(len(row)):
            areas[_origin(rows, r, c)] = (r, c)
            table.cell(r, c).width = Cm(appendix.widths[c])
    for start, end in areas.items():
        cell = table.cell(*start)
        if start != end:
            cell = cell.merge(table.cell(*end))
        _fill(cell, rows[start[0]][start[1]], bold=start[0] < appendix.header)
    for row in table.rows[: appendix.header if appendix.repeat else 0]:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _appendix(document: Any, appendix: Appendix) -> None:
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if appendix.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(29.7), Cm(21)) if appendix.landscape else (Cm(21), Cm(29.7))
    for line in appendix.heading:
        _say(document, line, bold=True, centre=True)
    _say(document, appendix.note, italic=True, centre=True)
    _draw_table(document, appendix)


def write_docx(plan: Plan, path: Path, font: str = "Times New Roman", size: int = 13) -> None:
    """The plan as a Word file, the same bytes each time."""
    document = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = font, Pt(size)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), font)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(3), Cm(2)
    _page_number(section)
    motto = [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True), ("Độc lập - Tự do - Hạnh phúc", True)]
    left = [(line, True) for line in (plan.superior, plan.agency) if line]
    _two_columns(document, [*left, (plan.number, False)], [*motto, (plan.place_date, False)])
    _say(document, plan.kind, bold=True, centre=True)
    _say(document, plan.title, bold=True, centre=True)
    for line in plan.body:
        if line in plan.numbered:
            _say(document, line, bold=True).style = "List Number"
        else:
            _say(document, line, bold=bool(re.match(r"[IVX]+\. |\d+\. ", line)) and not line.endswith("."))
    signature = [(line, True) for line in (*plan.sign, "", plan.signer)]
    _two_columns(document, [("Nơi nhận:", True), *((f"- {line}", False) for line in plan.recipients)], signature)
    for appendix in plan.appendices:
        _appendix(document, appendix)
    document.core_properties.created = document.core_properties.modified = datetime(*FIXED)  # noqa: DTZ001
    document.core_properties.author = ""
    document.save(str(path))
    _same_bytes(path)


def _same_bytes(path: Path) -> None:
    """Writes the archive again with fixed times, so that building twice gives one file."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            info = zipfile.ZipInfo(name, FIXED)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


# -- PDF, its text, a scan ------------------------------------------------------------------------------------------


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is needed to draw this document")
    return found


def write_pdf(plan: Plan, path: Path) -> None:
    """The plan as LibreOffice prints it, in one font that has every Vietnamese letter."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{path.stem}.docx"
        write_docx(plan, source, "DejaVu Serif", 12)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [_program("soffice"), profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        shutil.copy(source.with_suffix(".pdf"), path)


def write_pdf_text(pdf: Path, path: Path, *options: str) -> None:
    """The text as `pdftotext` gives it: `-raw` in the order of drawing, `-layout` with columns held apart by blanks."""
    subprocess.run([_program("pdftotext"), *options, str(pdf), str(path)], check=True, timeout=60)


def write_scan(plan: Plan, path: Path, angle: float, grain: int, bitonal: bool) -> None:
    """The plan printed, laid crooked on the glass by `angle` degrees and scanned at 200 dpi with `grain` of dust."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "page.pdf"
        write_pdf(plan, pdf)
        command = [_program("pdftoppm"), "-r", "200", "-gray", str(pdf), str(Path(folder) / "page")]
        subprocess.run(command, check=True, timeout=60)
        pages = []
        for name in sorted(Path(folder).glob("page-*.pgm")):
            page = Image.open(name).rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
            noise = Image.effect_noise(page.size, grain)
            page = Image.blend(page, noise, 0.12) if grain else page
            pages.append(page.point(lambda grey: 255 * (grey > 150)).convert("1") if bitonal else page)
        if bitonal:
            pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200.0)
        else:
            pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200.0, quality=55)


def write_poor_text(plan: Plan, path: Path) -> None:
    """The plan read off paper by a program that was told it is English, so that the diacritics are destroyed."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "page.pdf"
        write_pdf(plan, pdf)
        subprocess.run([_program("pdftoppm"), "-r", "130", "-gray", str(pdf), str(pdf.with_suffix(""))], check=True)
        pages = sorted(Path(folder).glob("page-*.pgm"))
        command = [_program("tesseract"), "PAGE", "-", "-l", "eng", "--psm", "4"]
        texts = [
            subprocess.run([str(page) if word == "PAGE" else word for word in command], check=True, capture_output=True)
            for page in pages
        ]
        path.write_text("".join(text.stdout.decode().replace("\f", "\n") for text in texts), encoding="utf-8")


# -- text, Markdown, HTML -------------------------------------------------------------------------------------------


def web_lines(plan: Plan) -> list[str]:
    """Everything before the appendices as a legal site prints it, a line each."""
    head = [plan.superior, plan.agency, "-------", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    lines = [*head, "---------------", plan.number, plan.place_date, plan.kind, plan.title, *plan.body]
    return [
        line for line in [*lines, "Nơi nhận:", *(f"- {r}" for r in plan.recipients), *plan.sign, plan.signer] if line
    ]


LETTERS = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ"
TCVN3 = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ"
CAPITALS = dict(zip("ĂÂĐÊÔƠƯ", "¡¢§£¤¥¦", strict=True))


def tcvn3(text: str) -> str:
    """The text as it looks when old TCVN3 (ABC) bytes are taken for Latin-1; capitals with a tone become small ones.

    The code has only seven capitals; the rest were small letters in a font of capitals (TCVN 5712:1993, VN3).
    """
    small = dict(zip(LETTERS, TCVN3, strict=True))
    large = {letter.upper(): byte for letter, byte in small.items()}
    table: dict[str, str | int | None] = {**large, **small, **CAPITALS, "–": "-", "’": "'"}
    return text.translate(str.maketrans(table))


def in_tcvn3(plan: Plan) -> Plan:
    """The same plan in TCVN3, with every appendix."""

    def again(value: Any) -> Any:
        if isinstance(value, str):
            return tcvn3(value)
        if isinstance(value, tuple):
            return tuple(again(item) for item in value)
        if isinstance(value, Appendix):
            return replace(value, heading=again(value.heading), note=again(value.note), rows=again(value.rows))
        return value

    return Plan(*(again(getattr(plan, item.name)) for item in fields(plan)))


def html_table(appendix: Appendix) -> str:
    """The table with its joined cells as rowspan and colspan."""
    rows, spans = appendix.rows, {}
    for r, row in enumerate(rows):
        for c in range(len(row)):
            top, left = _origin(rows, r, c)
            spans[top, left] = (r - top + 1, c - left + 1)
    out = ['<table border="1" cellspacing="0" cellpadding="0">']
    for r, row in enumerate(rows):
        out.append("<tr>")
        for c, text in enumerate(row):
            if (r, c) in spans:
                high, wide = spans[r, c]
                span = (f' rowspan="{high}"' if high > 1 else "") + (f' colspan="{wide}"' if wide > 1 else "")
                out.append(f"<td{span}><p>{html.escape(text).replace(chr(10), '<br>')}</p></td>")
        out.append("</tr>")
    return "\n".join([*out, "</table>"])


def markdown_table(appendix: Appendix) -> str:
    """The table with pipes; joined cells are blank, as in most copies."""
    plain = [["" if cell in (LEFT, ABOVE) else cell.replace("\n", "<br>") for cell in row] for row in appendix.rows]
    lines = ["| " + " | ".join(row) + " |" for row in plain]
    return "\n".join([lines[0], "|" + "---|" * len(plain[0]), *lines[1:]])
