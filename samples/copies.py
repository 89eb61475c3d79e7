"""The other formats in which a plan comes, each made from its Word file: printed, scanned, as a workbook, as text."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import docx
import pypdfium2  # type: ignore[import-untyped]
from docx.text.paragraph import Paragraph
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image, ImageFilter

DPI = 200
"""What offices scan with."""
_ANGLES = (0.4, -0.3, 0.6, -0.5)
"""How crooked the pages lie on the glass, one after the other, in degrees."""
_DUST, _BLUR, _RATE = 14, 0.6, 80
"""Shades of grey in the paper, the radius of the blur in dots, how many times smaller a picture gets (JPEG 2000)."""
_LAYOUT_COLUMNS = 2

Block = str | list[list[str]]
"""A paragraph, or a table as its rows of cells; several paragraphs of a cell have "\\n" between them."""


def blocks(data: bytes) -> list[Block]:
    """What stands in a Word file, in its order, without empty paragraphs."""
    found: list[Block] = []
    for part in docx.Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(part, Paragraph):
            found += [part.text] if part.text.strip() else []
        else:
            found.append([[cell.text for cell in row.cells] for row in part.rows])
    return found


def is_layout(table: Sequence[Sequence[str]]) -> bool:
    """Whether a table only sets two blocks side by side: the letterhead, the signature."""
    return len(table[0]) == _LAYOUT_COLUMNS


# --- text ------------------------------------------------------------------------------------------------------------


def as_text(data: bytes) -> bytes:
    """A copy from a legal site: a line and a blank one for each paragraph, tabs between the cells of the appendix."""
    lines: list[str] = []
    for block in blocks(data):
        if isinstance(block, str):
            lines += [block, ""]
        elif is_layout(block):
            # The site prints the letterhead line by line, the left block before the right one.
            for cell in block[0]:
                lines += [*(line for line in cell.split("\n") if line.strip()), "---------------"]
        else:
            lines += ["\t".join(cell.replace("\n", " ") for cell in row) for row in block]
    return ("\n".join(lines).strip() + "\n").encode()


# --- workbook --------------------------------------------------------------------------------------------------------


def as_workbook(data: bytes) -> bytes:
    """A clerk's workbook: the text on a sheet, a paragraph a row, and the table of the appendix on another."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Kế hoạch"
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 60
    for block in blocks(data):
        if isinstance(block, str):
            if block.startswith("PHỤ LỤC"):
                sheet = book.create_sheet("Phụ lục")
            _wide(sheet, block)
        elif is_layout(block):
            _side_by_side(sheet, block[0])
        else:
            _table(sheet, block)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _wide(sheet: Worksheet, text: str) -> None:
    row = sheet.max_row + 1
    sheet.cell(row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.cell(row, 1).data_type = "s"  # "- …" is no formula
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=6 if sheet.title == "Phụ lục" else 2)


def _side_by_side(sheet: Worksheet, cells: Sequence[str]) -> None:
    start = sheet.max_row + 1
    for column, cell in enumerate(cells, 1):
        for offset, line in enumerate(line for line in cell.split("\n") if line.strip()):
            sheet.cell(start + offset, column, line).data_type = "s"


def _table(sheet: Worksheet, rows: Sequence[Sequence[str]]) -> None:
    line = Side(style="thin")
    start = sheet.max_row + 1
    for number, texts in enumerate(rows, start):
        for column, text in enumerate(texts, 1):
            value: str | int | None = int(text) if text.isdigit() else text or None
            cell = sheet.cell(number, column, value)
            cell.border = Border(left=line, right=line, top=line, bottom=line)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == start)
    for letter, width in zip("ABCDEF", (6, 50, 30, 30, 30, 30), strict=True):
        sheet.column_dimensions[letter].width = width


# --- print and scan --------------------------------------------------------------------------------------------------


def as_print(data: bytes) -> bytes:
    """The PDF that LibreOffice prints of a Word file; only its date and identifier differ from run to run."""
    program = shutil.which("soffice")
    if program is None:
        raise SystemExit("LibreOffice (soffice) is needed to print the samples")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "ke-hoach.docx"
        source.write_bytes(data)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)  # noqa: S603
        return source.with_suffix(".pdf").read_bytes()


def as_scan(pdf: bytes) -> bytes:
    """The printed pages as grey pictures: crooked, dusty, a little blurred, strongly compressed as scanners do."""
    pages = [_scanned(page, number) for number, page in enumerate(_drawn(pdf))]
    out = io.BytesIO()
    pages[0].save(
        out, "PDF", save_all=True, append_images=pages[1:], resolution=float(DPI),
        quality_mode="rates", quality_layers=[_RATE], irreversible=True,
    )  # fmt: skip
    return out.getvalue()


def _drawn(pdf: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        yield page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L")
    document.close()


def _scanned(page: Image.Image, number: int) -> Image.Image:
    crooked = page.rotate(_ANGLES[number % len(_ANGLES)], Image.Resampling.BICUBIC, fillcolor=255)
    crooked = crooked.filter(ImageFilter.GaussianBlur(_BLUR))
    # Dust in coarse grains, the same in each run; the paper is not quite white.
    size = (crooked.width // 4, crooked.height // 4)
    grains = Image.frombytes("L", size, hashlib.shake_256(bytes([number])).digest(size[0] * size[1]))
    dust = grains.point(lambda grey: 255 - grey % _DUST).resize(crooked.size, Image.Resampling.BILINEAR)
    # With a second channel Pillow compresses as JPEG 2000, half as large as JPEG where letters stay as clear.
    return Image.blend(crooked, dust, 0.25).convert("LA")
