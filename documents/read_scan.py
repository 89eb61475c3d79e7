"""Pages that are pictures, recognised by the program `tesseract` with Vietnamese.

Reading bytes needs a process outside here, alone in `documents`: one `tesseract` for each page, two at a time, each
with a time-out. It gets the picture on its standard input and writes no file.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from documents.limits import MAX_BYTES, MAX_SCANNED_PAGES
from documents.pdf.pages import assemble
from documents.scan.image import DPI
from documents.scan.pages import Scanned, finder, recognised
from documents.source import Source
from domain.errors import Refusal, TooLarge
from domain.plan import Finding, Severity

_PROCESSES = 2
# The most dots of one page: A3 at 600 dots an inch has 70 millions.
_MOST_DOTS = 80_000_000
# What a page is drawn with at most: A3 at 300 dots an inch has 17 millions.
_MOST_DRAWN = 36_000_000
_LONG_SIDE_OF_A4 = 11.69
_FORMATS = ("PNG", "JPEG", "TIFF")

_INSTALL = (
    "Văn bản là bản quét, không có lớp chữ. Hãy cài chương trình nhận dạng bằng lệnh "
    "“apt-get install tesseract-ocr tesseract-ocr-vie” rồi đọc lại."
)
_RECOGNISED = "Văn bản là bản quét, chữ do máy nhận dạng. Hãy đối chiếu từng mục với bản gốc."
_TOO_MANY = f"Bản quét có hơn {MAX_SCANNED_PAGES} trang. Hãy chỉ quét phần kế hoạch và phụ lục nhiệm vụ."
_TOO_LARGE = "Ảnh quá lớn. Hãy quét lại ở 300 dpi rồi gửi lại."
_NOT_AN_IMAGE = "Tệp không phải ảnh PNG, JPEG, TIFF hoặc đã hỏng. Hãy quét lại bản gốc rồi gửi lại."


def read_image(data: bytes) -> Source:
    """The lines and tables of a scan that is a picture; a TIFF may have several pages.

    Raises `Refusal` for `not-an-image`, `scan-needs-tesseract` and `document-too-large`; never for content.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("document-too-large", "Tệp lớn hơn 10 MB. Hãy quét lại ở độ phân giải thấp hơn rồi gửi lại.")
    tesseract = finder()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of odd but harmless marks in pictures
            with _opened(data) as image:
                if tesseract is None:
                    raise needs_tesseract()
                read = list(_recognised(_frames(image), tesseract))
    except Refusal:
        raise
    except Image.DecompressionBombError as error:
        raise TooLarge("document-too-large", _TOO_LARGE) from error
    except Exception as error:  # Pillow raises many kinds for a broken picture
        raise Refusal("not-an-image", _NOT_AN_IMAGE) from error
    findings = [finding for each in read for finding in each.findings]
    return assemble([each.page for each in read], "scan", [scan_recognised(), *findings])


def scanned_pages(data: bytes, numbers: Sequence[int], tesseract: str) -> list[Scanned]:
    """The pages of a PDF with these numbers, recognised; `tesseract` is the path that `finder` gave."""
    if len(numbers) > MAX_SCANNED_PAGES:
        raise TooLarge("document-too-large", _TOO_MANY)
    document = pypdfium2.PdfDocument(data)
    try:
        return list(_recognised(_drawn(document, numbers), tesseract))
    finally:
        document.close()


def needs_tesseract() -> Refusal:
    """The refusal of a scan where nothing can recognise it."""
    return Refusal("scan-needs-tesseract", _INSTALL)


def scan_recognised() -> Finding:
    """The doubt about everything in a scan."""
    return Finding("scan-recognised", Severity.REVIEW, _RECOGNISED)


def _opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=_FORMATS)
    if image.width * image.height > _MOST_DOTS:
        raise TooLarge("document-too-large", _TOO_LARGE)
    return image


def _frames(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Each page in grey at 300 dots an inch, taken for A4 where the picture does not say how large it is."""
    for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
        if number > MAX_SCANNED_PAGES:
            raise TooLarge("document-too-large", _TOO_MANY)
        if frame.width * frame.height > _MOST_DOTS:
            raise TooLarge("document-too-large", _TOO_LARGE)
        if min(frame.size) < 50:
            raise UnidentifiedImageError
        grey = ImageOps.exif_transpose(frame).convert("L")
        given = float(frame.info.get("dpi", (0, 0))[0] or 0)
        long_side = max(grey.size) / given if given > 50 else 0.0
        # Cameras and screens write 72 or 96 whatever they took.
        inches = long_side if 5 < long_side < 20 else _LONG_SIDE_OF_A4
        scale = min(DPI * inches / max(grey.size), (_MOST_DRAWN / (grey.width * grey.height)) ** 0.5)
        if abs(scale - 1) > 0.02:
            size = (round(grey.width * scale), round(grey.height * scale))
            grey = grey.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.LANCZOS)
        yield number, grey


def _drawn(document: pypdfium2.PdfDocument, numbers: Sequence[int]) -> Iterator[tuple[int, Image.Image]]:
    for number in numbers:
        page = document[number - 1]
        width, height = page.get_size()
        scale = min(DPI / 72, (_MOST_DRAWN / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        yield number, bitmap.to_pil().convert("L")
        bitmap.close()
        page.close()


def _recognised(pages: Iterator[tuple[int, Image.Image]], tesseract: str) -> Iterator[Scanned]:
    """The pages in their order; no more pictures are held than are being worked on."""
    waiting: list[Future[Scanned]] = []
    with ThreadPoolExecutor(_PROCESSES) as workers:
        for number, image in pages:
            waiting.append(workers.submit(recognised, number, image, tesseract))
            if len(waiting) > _PROCESSES:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()
