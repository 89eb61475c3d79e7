"""A file is told by its bytes; what no reader takes is refused with what it really is, and unsafe packages with why."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook

from documents.read_docx import read_docx
from documents.read_xlsx import read_xlsx
from documents.sniffing import sniff
from domain.errors import Refusal

DOCX = (Path(__file__).parents[2] / "samples" / "binh-phuoc" / "ke-hoach.docx").read_bytes()
PNG, JPEG = b"\x89PNG\r\n\x1a\n" + bytes(range(200)), b"\xff\xd8\xff\xe0" + bytes(range(200))
PDF, RTF = b"%PDF-1.7\n%\xe2\xe3\n%%EOF", b"{\\rtf1\\ansi K\\u7871? ho\\u7841?ch}"
HTML = b"<!DOCTYPE html><html><body><p>x</p></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
OLD_DOC = OLE + "WordDocument".encode("utf-16-le") + bytes(60)
OLD_XLS = OLE + "Workbook".encode("utf-16-le") + bytes(60)
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(60)


def workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active["A1"] = "KẾ HOẠCH"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


XLSX = workbook()


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            target.writestr("[Content_Types].xml" if name == "types" else name.replace("__", "/"), body)
    return out.getvalue()


def changed(data: bytes, types: tuple[bytes, bytes] | None = None, **added: bytes) -> bytes:
    """The package with parts added (`xl__vbaProject.bin`) and its table of contents edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            body = added.pop(info.filename, None) or source.read(info)
            if types and info.filename == "[Content_Types].xml":
                body = body.replace(*types)
            target.writestr(info.filename, body)
        for name, body in added.items():
            target.writestr(name.replace("__", "/"), body)
    return out.getvalue()


def locked_entry(data: bytes) -> bytes:
    """The flag "encrypted" on every entry, as a password-protected zip has it."""
    out = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            out[at + offset] |= 1
            at = out.find(mark, at + 4)
    return bytes(out)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (DOCX, "", "docx"),
        (DOCX, "ke-hoach.DOCX", "docx"),
        (DOCX, "ke-hoach.txt", "docx"),
        (XLSX, "a.xlsx", "xlsx"),
        (PDF, "a.pdf", "pdf"),
        (b"\r\n" + PDF, "", "pdf"),
        (PNG, "trang 1.png", "image"),
        (JPEG, "", "image"),
        (b"II*\x00" + bytes(50), "quet.tif", "image"),
        ("KẾ HOẠCH\n".encode(), "a.txt", "text"),
        ("KẾ HOẠCH\n".encode("utf-16"), "a.md", "text"),
        (HTML, "a.html", "text"),
        (HTML, "tai-ve.doc", "text"),
        (changed(DOCX, word__vbaProject_bin=b"x"), "", "docx"),
    ],
)
def test_the_kind_is_told_by_the_bytes(data: bytes, name: str, kind: str) -> None:
    assert sniff(data, name) == kind


REFUSED = {
    "empty": (b"", "", "file-empty", "trống"),
    "blank": (b" \r\n\0\0", "", "file-empty", "trống"),
    "too large": (b"x" * (10 * 1024 * 1024 + 1), "", "document-too-large", "10 MB"),
    "old word": (OLD_DOC, "a.doc", "legacy-office", ".docx"),
    "old excel": (OLD_XLS, "a.xls", "legacy-office", ".xlsx"),
    "password": (LOCKED, "a.docx", "document-encrypted", "mật khẩu"),
    "rtf": (RTF, "a.rtf", "not-a-docx", "RTF"),
    "odt": (archive(mimetype=b"application/vnd.oasis.opendocument.text"), "a.odt", "not-a-docx", ".odt"),
    "ods": (archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "", "not-a-xlsx", ".ods"),
    "zip": (archive(a=b"x"), "a.zip", "not-a-docx", "ZIP"),
    "slides": (archive(types=b"presentationml.presentation.main+xml"), "", "not-a-docx", "PowerPoint"),
    "binary sheet": (archive(types=b"vnd.ms-excel.sheet.binary.macroEnabled.main"), "", "not-a-xlsx", ".xlsb"),
    "word template": (archive(types=b"wordprocessingml.template.main+xml"), "", "not-a-docx", ".dotx"),
    "cut zip": (DOCX[: len(DOCX) // 2], "a.docx", "not-a-docx", "hỏng"),
    "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(range(200)), "a.rar", "not-a-text", "RAR"),
    "noise": (bytes(range(256)), "", "not-a-text", "Hãy gửi"),
    "png as docx": (PNG, "a.docx", "not-a-docx", "ảnh PNG"),
    "pdf as docx": (PDF, "a.docx", "not-a-docx", "PDF"),
    "html as docx": (HTML, "a.docx", "not-a-docx", "HTML"),
    "text as xlsx": (b"TT,a,b", "a.xlsx", "not-a-xlsx", "chữ thuần"),
    "sheet as docx": (XLSX, "a.docx", "not-a-docx", "Excel"),
    "noise as docx": (bytes(range(256)), "a.docx", "not-a-docx", ".docx"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_by_name(case: str) -> None:
    data, name, code, words = REFUSED[case]
    with pytest.raises(Refusal) as refused:
        sniff(data, name)
    assert refused.value.code == code
    assert words in refused.value.message
    assert "Hãy" in refused.value.message


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
READ: dict[str, tuple[Callable[[bytes], object], bytes, str]] = {
    "docx": (read_docx, DOCX, "word"),
    "xlsx": (read_xlsx, XLSX, "xl"),
}


@pytest.mark.parametrize("kind", READ)
def test_unsafe_packages_are_refused_alike(kind: str) -> None:
    read, data, folder = READ[kind]
    main = (b"document.main+xml", b"broken") if kind == "docx" else (b"sheet.main+xml", b"broken")
    cases = {
        f"{kind}-macro": changed(data, None, **{f"{folder}__vbaProject.bin": b"x"}),
        f"{kind}-unsafe": changed(data, None, **{f"{folder}__customXml.xml": DOCTYPE}),
        f"not-a-{kind}": changed(data, main),
        "legacy-office": OLD_DOC,
        "document-encrypted": locked_entry(data),
        "document-too-large": changed(data, None, **{f"{folder}__media.bin": bytes(20_000_000)}),
    }
    for code, bad in cases.items():
        with pytest.raises(Refusal) as refused:
            read(bad)
        assert refused.value.code == code
        assert "Hãy" in refused.value.message
    for other in (b"", PNG, PDF, HTML, data[: len(data) // 2], archive(a=b"x")):
        with pytest.raises(Refusal, match=f"not-a-{kind}"):
            read(other)
    read(data)


def test_a_macro_sheet_is_told_by_its_type_alone() -> None:
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = changed(XLSX, (plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"))
    assert sniff(macro) == "xlsx"
    with pytest.raises(Refusal, match="xlsx-macro"):
        read_xlsx(macro)
