"""Pages that are pictures are recognised and read like drawn ones; without the program they are refused."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from pdf_plans import BODY, GROUP, HEADING, ROWS, draw_plan, pdf_of_pictures, scanned
from PIL import Image, ImageDraw
from programs import program
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from documents import read_scan
from documents.fonts import REGULAR, register_fonts
from documents.limits import MAX_BYTES, MAX_SCANNED_PAGES
from documents.meaning.plan import read_source
from documents.pdf.words import Page, Word
from documents.read_pdf import read_pdf
from documents.read_scan import read_image
from documents.scan import pages as scan_pages
from documents.scan.image import DPI, paper_of, rulings, straightened, wiped
from documents.scan.words import doubtful, read_tsv
from documents.source import Source, plain
from domain.errors import Refusal, TooLarge
from domain.plan import Severity


@lru_cache
def pictures() -> list[bytes]:
    return scanned(draw_plan())


@pytest.fixture
def tesseract() -> str:
    """The program, with Vietnamese; without it the test is skipped, or fails where none may be."""
    path = program("tesseract", package="tesseract-ocr tesseract-ocr-vie")
    if scan_pages.finder() is None:
        program("tesseract-with-vie", package="tesseract-ocr-vie")
    return path


def file_of(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def share_found(wanted: str, source: Source) -> float:
    seen = " ".join([*(line.text for line in source.lines), *(c.text for g in source.grids for r in g.rows for c in r)])
    known = set(plain(seen).split())
    words = plain(wanted).split()
    return sum(word in known for word in words) / len(words)


# --- with the program ------------------------------------------------------------------------------------------------


def test_a_scanned_plan_is_read_like_the_drawn_one(tesseract: str) -> None:
    source = read_pdf(pdf_of_pictures(pictures()))
    assert (source.origin, source.wrapped) == ("scan", True)
    (grid,) = source.grids
    expected = [list(HEADING), *([row[1]] * 6 if row[0] == GROUP else list(row) for row in ROWS)]
    assert (len(grid.rows), {len(row) for row in grid.rows}) == (len(expected), {6})
    assert [row[0].text for row in grid.rows if row[0].text.isdecimal()] == ["1", "2", "3"]
    assert [len({cell.key for cell in row}) for row in grid.rows] == [6, 1, 6, 6, 1, 6]
    assert share_found(" ".join(text for row in expected for text in row), source) > 0.95
    assert share_found(" ".join(BODY), source) > 0.95
    assert next(f.code for f in source.remarks) == "scan-recognised"
    assert {f.severity for f in source.remarks} == {Severity.REVIEW}

    draft = read_source(source)
    assert draft.document.number == "17/KH-UBND"
    assert draft.document.province == "Hòa Bình"
    assert [task.ordinal for task in draft.tasks] == [1, 2, 3]
    assert [[owner.text for owner in task.leads] for task in draft.tasks] == [
        ["Báo Hòa Bình"], ["Sở Thông tin và Truyền thông"], ["Sở Thông tin và Truyền thông"],
    ]  # fmt: skip


@pytest.mark.parametrize(("angle", "turned"), [(1.5, 0), (-1.5, 270), (0.4, 180)])
def test_a_slanted_or_turned_picture_is_read(tesseract: str, angle: float, turned: int) -> None:
    page = scanned(draw_plan(), angle=angle)[1]
    image = Image.open(io.BytesIO(page)).rotate(turned, expand=True)
    source = read_image(file_of(image, dpi=(200, 200)))
    assert [row[0].text for row in source.grids[0].rows if row[0].text.isdecimal()] == ["1", "2", "3"]
    assert {line.page for line in source.lines} == {1}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page reads "Trang" and its width in points."""

    def recognised(number: int, image: Image.Image, path: str) -> scan_pages.Scanned:
        assert image.mode == "L"
        width = round(image.width * 72 / DPI)
        words = (Word(90, 200, 120, 212, "Trang"), Word(124, 200, 150, 212, f"rộng {width}"))
        return scan_pages.Scanned(Page(number, width, 9, words))

    monkeypatch.setattr(read_scan, "finder", lambda: "tesseract")
    monkeypatch.setattr("documents.read_pdf.finder", lambda: "tesseract")
    monkeypatch.setattr(read_scan, "recognised", recognised)


def test_a_tiff_has_pages(stand_in: None) -> None:
    first, second = (Image.open(io.BytesIO(picture)) for picture in pictures())
    source = read_image(file_of(first, "TIFF", save_all=True, append_images=[second], compression="jpeg"))
    assert [(line.page, line.text) for line in source.lines] == [(1, "Trang rộng 595"), (2, "Trang rộng 842")]


@pytest.mark.parametrize(("mode", "dpi"), [("1", 0), ("RGBA", 72), ("P", 150), ("L", 600), ("CMYK", 150)])
def test_pictures_of_any_kind_become_pages_of_their_size(stand_in: None, mode: str, dpi: int) -> None:
    image = Image.new("RGB", (1240, 1754), "white").convert(mode)
    data = file_of(image, "TIFF", dpi=(dpi, dpi)) if dpi else file_of(image, "TIFF")
    (line,) = read_image(data).lines
    assert line.text == "Trang rộng 595"


def test_a_picture_lies_as_the_camera_says(stand_in: None) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (line,) = read_image(file_of(Image.new("L", (1754, 1240), 255), "JPEG", exif=exif)).lines
    assert line.text == "Trang rộng 595"


def test_text_pages_with_one_scanned_page_stay_a_pdf(stand_in: None) -> None:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(draw_plan(body=BODY * 8)))
    writer.append(io.BytesIO(pdf_of_pictures(pictures()[:1])))
    out = io.BytesIO()
    writer.write(out)
    source = read_pdf(out.getvalue())
    last = max(line.page or 0 for line in source.lines)
    assert source.origin == "pdf"
    assert [line.text for line in source.lines if line.page == last] == ["Trang rộng 596"]
    assert "scan-recognised" in [finding.code for finding in source.remarks]


def searchable(picture: bytes) -> bytes:
    """A page that shows a picture and has letters over it that are not drawn."""
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.drawImage(ImageReader(io.BytesIO(picture)), 0, 0, *A4)
    text = canvas.beginText(80, 700)
    text.setFont(REGULAR, 12)
    text.setTextRenderMode(3)
    for _ in range(5):
        text.textLine("Uy ban nhan dan tinh")
    canvas.drawText(text)
    canvas.save()
    return out.getvalue()


def test_unseen_letters_over_a_picture_are_read_anew(stand_in: None) -> None:
    source = read_pdf(searchable(pictures()[0]))
    assert [line.text for line in source.lines] == ["Trang rộng 595"]
    assert source.origin == "scan"


def test_unseen_letters_are_better_than_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    source = read_pdf(searchable(pictures()[0]))
    assert [line.text for line in source.lines] == ["Uy ban nhan dan tinh"] * 5
    assert (source.origin, [f.code for f in source.remarks]) == ("scan", ["scan-recognised"])


# --- without it ------------------------------------------------------------------------------------------------------


def test_without_the_program_a_scan_is_refused_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    for read, data in ((read_pdf, pdf_of_pictures(pictures())), (read_image, pictures()[0])):
        with pytest.raises(Refusal, match="scan-needs-tesseract") as refused:
            read(data)
        assert "apt-get install tesseract-ocr tesseract-ocr-vie" in refused.value.message


def test_without_vietnamese_it_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only_english = tmp_path / "tesseract"
    only_english.write_text("#!/bin/sh\nprintf 'List of available languages (1):\\neng\\n'\n")
    only_english.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(only_english))
    assert scan_pages.finder() is None


def test_one_picture_among_text_pages_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdf

    monkeypatch.setattr("shutil.which", lambda name: None)
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(draw_plan()))
    writer.append(io.BytesIO(pdf_of_pictures(pictures()[:1])))
    out = io.BytesIO()
    writer.write(out)
    source = read_pdf(out.getvalue())
    assert [(f.code, "3" in f.message) for f in source.remarks] == [("page-unread", True)]
    assert len(source.grids) == 1


@pytest.mark.parametrize("script", ["exit 1", "sleep 60"])
def test_a_page_that_the_program_fails_on_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    broken = tmp_path / "tesseract"
    broken.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && echo vie && exit\n{script}\n')
    broken.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(broken))
    monkeypatch.setattr(scan_pages, "SECONDS", 1)
    source = read_image(file_of(Image.new("L", (400, 600), 255)))
    assert [(f.code, f.where.page) for f in source.remarks] == [("scan-recognised", None), ("page-unread", 1)]
    assert source.lines == ()


# --- pictures --------------------------------------------------------------------------------------------------------


def ruled(angle: float = 0.0) -> Image.Image:
    """An A4 page with a table of two rows and three columns and some bars of letters."""
    image = Image.new("L", (2480, 3508), 235)
    draw = ImageDraw.Draw(image)
    for y in (600, 900, 1300):
        draw.line((300, y, 2100, y), fill=40, width=3)
    for x in (300, 800, 1500, 2100):
        draw.line((x, 600, x, 1300), fill=40, width=3)
    for row in range(40):
        for column in range(30):
            draw.rectangle((350 + 55 * column, 1500 + 45 * row, 385 + 55 * column, 1522 + 45 * row), fill=50)
    return image.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=235)


@pytest.mark.parametrize("angle", [0.0, 0.8, -1.5])
def test_ruled_lines_are_found_in_a_picture(angle: float) -> None:
    image = straightened(ruled(angle))
    level, upright = rulings(image)
    scale = DPI / 72
    heights = sorted(round(ruling.at * scale / 10) for ruling in level if (ruling.end - ruling.start) * scale > 1500)
    sides = sorted({round(ruling.at * scale / 20) for ruling in upright if (ruling.end - ruling.start) * scale > 500})
    assert len(set(heights)) == 3
    assert len(sides) == 4
    if not angle:
        assert heights == [60, 90, 130]
        assert sides == [15, 40, 75, 105]
    # Bars of letters are no rulings.
    assert all(ruling.at * scale < 1400 for ruling in level)


def test_rulings_are_wiped_out_with_the_colour_of_the_paper() -> None:
    image = ruled()
    level, upright = rulings(image)
    clean = np.asarray(wiped(image, level, upright))
    assert paper_of(image) == 235
    assert clean[590:1310, 290:2110].min() > 200
    assert clean[1500:].min() < 60


def test_pictures_that_are_none_are_refused() -> None:
    for data in (b"", b"%PDF-1.7", b"GIF89a" + bytes(50), pictures()[0][:300], file_of(Image.new("L", (5, 5)))):
        with pytest.raises(Refusal) as refused:
            read_image(data)
        assert refused.value.code in {"not-an-image", "scan-needs-tesseract"}


def test_pictures_that_inflate_are_refused() -> None:
    bombs = [bytes(MAX_BYTES + 1), file_of(Image.new("1", (20_000, 20_000))), file_of(Image.new("1", (9_000, 9_000)))]
    for bomb in bombs:
        with pytest.raises(TooLarge, match="document-too-large"):
            read_image(bomb)


def test_more_pages_than_are_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_scan, "finder", lambda: "tesseract")
    monkeypatch.setattr(read_scan, "recognised", lambda number, image, path: scan_pages.Scanned(Page(number, 9, 9)))
    page = Image.new("1", (60, 90), 1)
    many = file_of(page, "TIFF", save_all=True, append_images=[page] * MAX_SCANNED_PAGES)
    with pytest.raises(TooLarge, match="document-too-large"):
        read_image(many)
    with pytest.raises(TooLarge, match="document-too-large"):
        read_scan.scanned_pages(b"", list(range(1, MAX_SCANNED_PAGES + 2)), "tesseract")


# --- words -----------------------------------------------------------------------------------------------------------


def table(*words: tuple[str, int, int, float]) -> str:
    rows = [f"5\t1\t1\t1\t1\t{n}\t{x}\t{y}\t40\t30\t{sure}\t{text}" for n, (text, x, y, sure) in enumerate(words)]
    return "level\tpage_num\n1\t1\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ([("cuỘc", 0, 0, 90.0)], ["cuộc"]),
        ([("SỞ", 0, 0, 90.0), ("chính", 50, 0, 90.0)], ["Sở", "chính"]),
        ([("SỞ", 0, 0, 90.0), ("NỘI", 50, 0, 90.0)], ["SỞ", "NỘI"]),
        ([("I.MỤC", 0, 0, 90.0)], ["I. MỤC"]),
        ([("học", 0, 0, 90.0), (".", 42, 0, 90.0)], ["học."]),
        ([("|", 0, 0, 95.0), ("a", 50, 0, 90.0), ("~", 99, 0, 12.0)], ["a"]),
        ([("-", 0, 0, 40.0), ("Bộ", 50, 0, 90.0)], ["-", "Bộ"]),
    ],
)
def test_known_faults_are_repaired(words: list[tuple[str, int, int, float]], read: list[str]) -> None:
    assert [word.text for word in read_tsv(table(*words), 1.0)] == read


def test_doubtful_words_are_quoted_five_at_most() -> None:
    words = tuple(Word(0, 0, 9, 9, f"chữ{n}", 59.0 if n < 7 else 61.0) for n in range(9))
    (finding,) = doubtful(Page(3, 99, 99, words))
    assert (finding.code, finding.severity, finding.where.page) == ("word-doubtful", Severity.REVIEW, 3)
    assert [f"chữ{n}" in finding.message for n in range(9)] == [True] * 5 + [False] * 4
    assert "7 chữ" in finding.message
    assert doubtful(Page(3, 99, 99, words[7:])) == ()
