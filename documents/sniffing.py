"""Which reader a file is for, told by its bytes; what no reader takes is refused with what it is and what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePath
from typing import Literal

from documents.letters.decoding import is_binary
from documents.office.packages import PackageKind, check_size, described, not_a, package_kind, refuse_ole
from domain.errors import Refusal

FileKind = Literal["docx", "xlsx", "pdf", "image", "text"]

_IMAGES = frozenset({"ảnh PNG", "ảnh JPEG", "ảnh TIFF", "ảnh GIF", "ảnh BMP", "ảnh WebP"})
# Names under which only one format may come: another one in it is a renamed file, and a person should know.
_PROMISED: dict[str, tuple[FileKind, PackageKind]] = {
    ".docx": ("docx", "docx"),
    ".docm": ("docx", "docx"),
    ".xlsx": ("xlsx", "xlsx"),
    ".xlsm": ("xlsx", "xlsx"),
}
_KIND_WORDS: dict[FileKind, str] = {
    "docx": "văn bản Word .docx",
    "xlsx": "bảng tính Excel .xlsx",
    "pdf": "tệp PDF",
    "image": "tệp ảnh",
    "text": "tệp chữ thuần",
}


def sniff(data: bytes, name: str = "") -> FileKind:
    """The kind of document in `data`; `name` only has to agree where it promises Word or Excel.

    Raises `Refusal`: `file-empty`, `document-too-large`, `legacy-office`, `document-encrypted`, `not-a-docx`,
    `not-a-xlsx`, `not-a-text`. Packages are only recognised here; their readers check what is in them.
    """
    check_size(data)
    if not data.strip(b"\0\t\r\n "):
        raise Refusal("file-empty", "Tệp trống. Hãy chọn lại đúng tệp rồi gửi lại.")
    promised = _PROMISED.get(PurePath(name).suffix.lower())
    try:
        kind = _kind(data)
    except Refusal as refusal:
        if promised and refusal.code == "not-a-text":
            raise not_a(promised[1], described(data)) from refusal
        raise
    if promised and promised[0] != kind:
        raise not_a(promised[1], described(data) or _KIND_WORDS[kind])
    return kind


def _kind(data: bytes) -> FileKind:
    refuse_ole(data)
    if data.startswith(b"PK"):
        return _zip_kind(data)
    # Some programs write a few bytes before the header, and every reader of PDF accepts it.
    if b"%PDF-" in data[:1024]:
        return "pdf"
    really = described(data)
    if really in _IMAGES:
        return "image"
    if really.startswith("văn bản RTF"):
        raise not_a("docx", really)
    if is_binary(data):
        known = f" mà là {really}" if really else ""
        message = f"Tệp không phải văn bản đọc được{known}. Hãy gửi bản Word .docx, PDF, Excel .xlsx hoặc tệp chữ."
        raise Refusal("not-a-text", message)
    return "text"


def _zip_kind(data: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return package_kind(package)
    except Exception as error:  # zipfile raises many kinds for a broken archive
        if isinstance(error, Refusal):
            raise
        raise not_a("docx", "tệp nén bị hỏng hoặc tải về chưa hết") from error
