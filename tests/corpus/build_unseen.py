"""Draws the unseen documents and their expectations again: `python -m tests.corpus.build_unseen` from the root.

Word, Markdown, HTML and text come out byte for byte alike; PDF and scan need LibreOffice and poppler and differ in
their creation dates, the spreadsheet in its time stamp, so all of them are kept beside this script.
"""

from __future__ import annotations

from pathlib import Path

from tests.corpus import unseen_text, unseen_word
from tests.corpus.drawing import in_tcvn3, write_docx, write_pdf, write_pdf_text, write_poor_text, write_scan
from tests.corpus.expecting import poorly, write_expected

FOLDER = Path(__file__).resolve().parent / "unseen"


def build(folder: Path = FOLDER) -> None:
    """Writes every document and its expectation into the folder."""
    folder.mkdir(exist_ok=True)
    for name in ("nghe_an", "ca_mau", "hai_phong"):
        plan, expectation = getattr(unseen_word, name)()
        path = folder / f"{name.replace('_', '-')}.docx"
        write_docx(plan, path)
        write_expected(path, expectation)
    plan, expectation = unseen_word.thanh_hoa()
    pdf = folder / "thanh-hoa.pdf"
    write_pdf(plan, pdf)
    write_expected(pdf, expectation)
    for option in ("raw", "layout"):
        copy = folder / f"thanh-hoa.{option}.txt"
        write_pdf_text(pdf, copy, f"-{option}")
        write_expected(copy, expectation)
    plan, expectation = unseen_word.ca_mau()
    poor = folder / "ca-mau.ocr.txt"
    # LibreOffice draws the ordinals that Word makes; the reader of paper sees them as text.
    write_poor_text(plan, poor)
    write_expected(poor, poorly(expectation))
    plan, expectation = unseen_word.tuyen_quang()
    scan = folder / "tuyen-quang.scan.pdf"
    write_scan(plan, scan, angle=0.4, grain=40, bitonal=True)
    write_expected(scan, expectation)
    old = folder / "tuyen-quang.tcvn3.docx"
    write_docx(in_tcvn3(plan), old, ".VnTime")
    write_expected(old, expectation)
    for name, ending in (("lam_dong", "md"), ("vinh_long", "html"), ("dak_lak", "txt"), ("son_la", "xlsx")):
        path = folder / f"{name.replace('_', '-')}.{ending}"
        write_expected(path, getattr(unseen_text, name)(path))


if __name__ == "__main__":
    build()
