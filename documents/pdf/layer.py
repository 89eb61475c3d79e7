"""The pages of a PDF as pdfplumber finds them: words, rulings, and whether a page is text or a picture of text."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pdfplumber
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pdfminer.layout import LTPage
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pdfplumber.page import Page as PlumberPage
from pdfplumber.page import PDFPageAggregatorWithMarkedContent
from pdfplumber.pdf import PDF

from documents.limits import MAX_PAGES
from documents.pdf.glyphs import glyphs_of, rulings_of, words_of
from documents.pdf.words import Page
from domain.errors import TooLarge

# What one page may draw: a dense one has some 8,000 letters, a map ten times as many strokes.
_MOST_DRAWN, _MOST_FORMS = 200_000, 3_000
_TOO_MUCH = "Một trang của tệp PDF vẽ quá nhiều hình. Hãy in lại thành PDF mới rồi gửi lại."
# A page with fewer letters is a picture when pictures cover this share of it, or when it draws so many curves.
_FEW_LETTERS, _COVERED, _MANY_CURVES = 40, 0.5, 300
# Where a picture covers so much, the letters may be what an earlier machine recognised in it.
_BEHIND = 0.8
# With more letters than this share that no table of the font explains, the text layer says nothing.
_UNKNOWN = 0.25
# The most dots one picture may have: A3 at 600 dpi has 70 millions.
_MOST_DOTS = 150_000_000
_LOOKED_AT = 60


@dataclass(frozen=True)
class PageRead:
    """A page and what it is: `text`, a `picture` of text, or text that stands before a picture (`covered`)."""

    page: Page
    kind: Literal["text", "picture", "covered"]


class _BoundedDevice(PDFPageAggregatorWithMarkedContent):
    """Stops where a page draws without end, such as forms that draw forms that draw forms."""

    drawn = forms = 0

    def tag_cur_item(self) -> None:
        """Counts each letter and path."""
        self.drawn += 1
        self._check()
        super().tag_cur_item()

    def begin_figure(self, name: str, bbox: Any, matrix: Any) -> None:
        """Counts each form, even an empty one."""
        self.forms += 1
        self._check()
        super().begin_figure(name, bbox, matrix)

    def _check(self) -> None:
        if self.drawn > _MOST_DRAWN or self.forms > _MOST_FORMS:
            raise TooLarge("document-too-large", _TOO_MUCH)


class _BoundedPage(PlumberPage):
    """A page that draws on a bounded device."""

    @property
    def layout(self) -> LTPage:
        """What the page draws; drawn once."""
        if not hasattr(self, "_drawn"):
            device = _BoundedDevice(self.pdf.rsrcmgr, pageno=self.page_number, laparams=None)
            PDFPageInterpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._drawn: LTPage = device.get_result()
        return self._drawn


def read_pages(data: bytes) -> Iterator[PageRead]:
    """The pages in their order; raises whatever pdfminer raises for a broken file, and `TooLarge`."""
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        for number, page_obj in enumerate(PDFPage.create_pages(pdf.doc), start=1):
            if number > MAX_PAGES:
                raise TooLarge("document-too-large", f"Tệp có hơn {MAX_PAGES} trang. Hãy tách kế hoạch ra.")
            page = _upright(pdf, page_obj, number)
            width, height = float(page.width), float(page.height)
            words = words_of(glyphs_of(page.chars, width, height))
            read = Page(number, width, height, words, *rulings_of(page.objects))
            yield PageRead(read, _kind(page, read))
            page.close()


def hidden_text(data: bytes, numbers: list[int]) -> list[int]:
    """Those of the pages whose letters are not drawn: what a machine recognised in the picture they lie over."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [number for number in numbers if _is_hidden(document[number - 1])]
    finally:
        document.close()


def _is_hidden(page: Any) -> bool:
    modes: Counter[int] = Counter()
    for each in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=3):
        modes[pdfium.FPDFTextObj_GetTextRenderMode(each.raw)] += 1
        if modes.total() >= _LOOKED_AT:
            break
    page.close()
    return bool(modes) and modes.most_common(1)[0][0] == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE


def _upright(pdf: PDF, page_obj: PDFPage, number: int) -> PlumberPage:
    """The page, turned when most of its letters lie on their side: a wide table drawn on a narrow page."""
    page = _BoundedPage(pdf, page_obj, number)
    turns = Counter(_turn(char["matrix"]) for char in page.chars)
    turn = turns.most_common(1)[0][0] if turns else 0
    if not turn:
        return page
    page_obj.rotate = (page_obj.rotate + turn) % 360
    page_obj.attrs["Rotate"] = page_obj.rotate
    return _BoundedPage(pdf, page_obj, number)


def _turn(matrix: tuple[float, ...]) -> int:
    """By how many degrees clockwise the page must be turned for this letter to stand upright."""
    a, b = matrix[0], matrix[1]
    if abs(b) > 20 * abs(a):
        return 90 if b > 0 else 270
    return 180 if a < 0 and abs(a) > 20 * abs(b) else 0


def _kind(page: PlumberPage, read: Page) -> Literal["text", "picture", "covered"]:
    covered = _covered(page, read) / max(read.width * read.height, 1.0)
    letters = sum(char.isalpha() for word in read.words for char in word.text)
    unknown = sum(str(char["text"]).startswith("(cid:") for char in page.chars)
    if unknown > _UNKNOWN * len(page.chars):
        return "picture"
    if letters < _FEW_LETTERS:
        return "picture" if covered >= _COVERED or len(page.curves) > _MANY_CURVES else "text"
    return "covered" if covered >= _BEHIND else "text"


def _covered(page: PlumberPage, read: Page) -> float:
    """How much of the page pictures cover, in square points."""
    covered = 0.0
    for image in page.images:
        columns, rows = (int(size or 0) for size in image.get("srcsize", (0, 0)))
        if columns * rows > _MOST_DOTS:
            raise TooLarge("document-too-large", "Ảnh trong tệp PDF quá lớn. Hãy quét lại ở 300 dpi rồi gửi lại.")
        width = min(float(image["x1"]), read.width) - max(float(image["x0"]), 0.0)
        height = min(float(image["bottom"]), read.height) - max(float(image["top"]), 0.0)
        covered += max(width, 0.0) * max(height, 0.0)
    return covered
