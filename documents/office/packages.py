"""What must not be opened: Office packages are checked before any library reads them, .docx and .xlsx alike."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import Literal

from documents.limits import MAX_BYTES
from domain.errors import Refusal, TooLarge

PackageKind = Literal["docx", "xlsx"]

MAX_INFLATED = 100 * 1024 * 1024
# Real documents inflate 5 to 60 times; deflate's worst is 1032.
MAX_RATIO = 250
RATIO_FROM = 5 * 1024 * 1024
MAX_PARTS = 5_000

_TYPES = "[Content_Types].xml"
# What a package says it is, in order: the kind that can be read, or the words for what else it is.
_SAYS: tuple[tuple[bytes, PackageKind, str], ...] = (
    (b"wordprocessingml.document.main+xml", "docx", ""),
    (b"ms-word.document.macroenabled", "docx", ""),
    (b"spreadsheetml.sheet.main+xml", "xlsx", ""),
    (b"ms-excel.sheet.macroenabled", "xlsx", ""),
    (b"wordprocessingml.template", "docx", "tệp mẫu của Word (.dotx, .dotm)"),
    (b"spreadsheetml.template", "xlsx", "tệp mẫu của Excel (.xltx)"),
    (b"ms-excel.sheet.binary", "xlsx", "bảng tính Excel nhị phân (.xlsb)"),
    (b"presentationml", "docx", "bản trình chiếu PowerPoint"),
)
_ODF: tuple[tuple[bytes, PackageKind, str], ...] = (
    (b"opendocument.text", "docx", "văn bản OpenDocument (.odt)"),
    (b"opendocument.spreadsheet", "xlsx", "bảng tính OpenDocument (.ods)"),
)
_WORDS = {"docx": "văn bản Word .docx", "xlsx": "bảng tính Excel .xlsx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
# The forms that are told by their first bytes, with the words for a person.
_MAGIC = (
    (b"\x89PNG", "ảnh PNG"), (b"\xff\xd8\xff", "ảnh JPEG"), (b"GIF8", "ảnh GIF"), (b"BM", "ảnh BMP"),
    (b"II*\x00", "ảnh TIFF"), (b"MM\x00*", "ảnh TIFF"), (b"%PDF-", "tệp PDF"), (b"{\\rtf", "văn bản RTF (.rtf)"),
    (b"Rar!", "tệp nén RAR"), (b"7z\xbc\xaf", "tệp nén 7z"), (b"\x1f\x8b", "tệp nén gzip"),
)  # fmt: skip
_HTML_RE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|meta)\b", re.IGNORECASE)


def check_package(data: bytes, kind: PackageKind) -> None:
    """Refuses what is no safe package of that kind: `not-a-…`, `…-macro`, `…-unsafe`, too large, old or encrypted."""
    check_size(data)
    refuse_ole(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_parts(package, kind)
    except _BROKEN as error:
        raise not_a(kind, described(data)) from error


def check_size(data: bytes) -> None:
    """Refuses more bytes than any reader takes."""
    if len(data) > MAX_BYTES:
        raise TooLarge("document-too-large", "Tệp lớn hơn 10 MB. Hãy bỏ bớt hình ảnh rồi gửi lại.")


def refuse_ole(data: bytes) -> None:
    """Refuses Office files from before 2007 (`legacy-office`) and those with a password (`document-encrypted`)."""
    if not data.startswith(_OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in data:
        message = "Tệp được đặt mật khẩu. Hãy mở bằng Word hoặc Excel, bỏ mật khẩu, lưu lại rồi gửi lại."
        raise Refusal("document-encrypted", message)
    is_sheet = any(name.encode("utf-16-le") + b"\0\0" in data for name in ("Workbook", "Book"))
    old, new = (".xls", ".xlsx") if is_sheet else (".doc", ".docx")
    message = f"Tệp thuộc định dạng cũ {old}. Hãy mở tệp, chọn “Lưu thành” kiểu {new} rồi gửi lại."
    raise Refusal("legacy-office", message)


def not_a(kind: PackageKind, really: str = "") -> Refusal:
    """The refusal `not-a-docx` or `not-a-xlsx`, saying what the file really is where that is known."""
    known = f"; đây là {really}" if really else ""
    message = f"Tệp không phải {_WORDS[kind]}{known}. Hãy mở bản gốc, lưu thành .{kind} không đặt mật khẩu rồi gửi lại."
    return Refusal(f"not-a-{kind}", message)


def described(data: bytes) -> str:
    """What the bytes are, in words ("ảnh PNG"), or "" where that is not known."""
    for magic, words in _MAGIC:
        if data.startswith(magic):
            return words
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "ảnh WebP"
    if _HTML_RE.match(data[:500]):
        return "trang web HTML"
    return "" if data.strip() else "tệp trống"


def package_kind(package: zipfile.ZipFile) -> PackageKind:
    """What the archive is by its own table of contents; raises `not-a-…` for other kinds of documents."""
    kind, other = _what(package)
    if other:
        raise not_a(kind, other)
    return kind


def _what(package: zipfile.ZipFile) -> tuple[PackageKind, str]:
    """The kind a package is, or is nearest to, and the words for what it is instead of a readable one."""
    for part, table in ((_TYPES, _SAYS), ("mimetype", _ODF)):
        if part in package.namelist() and package.getinfo(part).file_size <= RATIO_FROM:
            says = package.read(part).lower()
            for mark, kind, other in table:
                if mark in says:
                    return kind, other
    return "docx", "tệp nén ZIP"


def _check_parts(package: zipfile.ZipFile, kind: PackageKind) -> None:
    parts = package.infolist()
    inflated = sum(part.file_size for part in parts)
    is_bomb = any(p.file_size > RATIO_FROM and p.file_size > MAX_RATIO * max(p.compress_size, 1) for p in parts)
    if len(parts) > MAX_PARTS or inflated > MAX_INFLATED or is_bomb:
        message = "Nội dung tệp khi giải nén quá lớn. Hãy lưu lại tệp bằng Word hoặc Excel rồi gửi lại."
        raise TooLarge("document-too-large", message)
    if any(part.flag_bits & 1 for part in parts):
        raise Refusal("document-encrypted", "Tệp được đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại rồi gửi lại.")
    found, other = _what(package)
    if other or found != kind:
        raise not_a(kind, other or _WORDS[found])
    has_macro = any("vbaproject" in part.filename.lower() for part in parts)
    if has_macro or b"macroenabled" in package.read(_TYPES).lower():
        message = f"Tệp có macro. Hãy lưu thành .{kind} (không phải .{kind[:-1]}m) rồi gửi lại."
        raise Refusal(f"{kind}-macro", message)
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            # Without the zero bytes, UTF-16 shows its markup too.
            markup = package.read(part).replace(b"\x00", b"")
            if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
                message = f"Tệp chứa khai báo XML không an toàn. Hãy mở tệp, lưu lại thành .{kind} rồi gửi lại."
                raise Refusal(f"{kind}-unsafe", message)
