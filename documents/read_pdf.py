"""Lines and tables of a PDF: the text layer and the ruled tables; pages that are pictures are read as a scan.

Reading a scanned page needs the program `tesseract`, see `documents.read_scan`. A page is read with it, too, where its
letters are an unseen layer over a picture: what made that layer mostly knew no Vietnamese and no tables.
"""

from __future__ import annotations

from documents.limits import MAX_SCANNED_PAGES
from documents.pdf.layer import PageRead, hidden_text, read_pages
from documents.pdf.pages import assemble
from documents.pdf.safety import check_pdf, not_a_pdf
from documents.pdf.words import Page
from documents.read_scan import needs_tesseract, scan_recognised, scanned_pages
from documents.scan.pages import finder
from documents.source import Source
from domain.errors import Refusal
from domain.plan import Finding, Severity


def read_pdf(data: bytes) -> Source:
    """The lines and tables of a PDF.

    Raises `Refusal` for `not-a-pdf`, `pdf-encrypted`, `pdf-unsafe`, `scan-needs-tesseract` and `document-too-large`;
    never for content.
    """
    plain = check_pdf(data)
    try:
        return _read(plain)
    except Refusal:
        raise
    except Exception as error:  # pdfminer and pdfium raise many kinds for a broken file
        raise not_a_pdf() from error


def _read(data: bytes) -> Source:
    read = list(read_pages(data))
    if not read:
        raise not_a_pdf()
    pictures = [each.page.number for each in read if each.kind == "picture"]
    covered = [each.page.number for each in read if each.kind == "covered"]
    hidden = hidden_text(data, covered) if covered else []
    is_scan = 2 * (len(pictures) + len(hidden)) >= len(read)
    tesseract = finder() if pictures or hidden else None
    if tesseract is None:
        return _without_recognition(read, pictures, bool(hidden), is_scan)
    asked = sorted(pictures + hidden)
    # Pages that have letters of their own can do without.
    pages, findings = _with_recognition(data, read, pictures if len(asked) > MAX_SCANNED_PAGES else asked, tesseract)
    return assemble(pages, "scan" if is_scan else "pdf", [scan_recognised(), *findings])


def _with_recognition(
    data: bytes, read: list[PageRead], numbers: list[int], tesseract: str
) -> tuple[list[Page], list[Finding]]:
    recognised = {each.page.number: each for each in scanned_pages(data, numbers, tesseract)}
    pages = [recognised[each.page.number].page if each.page.number in recognised else each.page for each in read]
    return pages, [finding for each in recognised.values() for finding in each.findings]


def _without_recognition(read: list[PageRead], pictures: list[int], has_hidden: bool, is_scan: bool) -> Source:
    """What the letters alone say; refused where most pages have none."""
    if 2 * len(pictures) >= len(read):
        raise needs_tesseract()
    findings = [scan_recognised()] if has_hidden else []
    if pictures:
        numbers = ", ".join(map(str, pictures))
        message = f"Trang {numbers} là ảnh, máy chưa đọc được. Hãy cài tesseract rồi đọc lại, hoặc đối chiếu bản gốc."
        findings.append(Finding("page-unread", Severity.REVIEW, message))
    return assemble([each.page for each in read], "scan" if has_hidden and is_scan else "pdf", findings)
