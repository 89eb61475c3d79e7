"""Refuses a PDF that must not be read, before its content is: too large, locked, running scripts, inflating hugely.

What a page does when it is drawn or parsed is bounded in `documents.read_pdf`; here the file as a whole is judged.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.lzw import LZWDecoder
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import PDFStream
from pdfminer.psparser import PSLiteral

from documents.limits import MAX_BYTES, MAX_PAGES
from domain.errors import Refusal, TooLarge

# All streams that are parsed as text, fonts or structure, together; a dense plan of 500 pages takes about 30 MB.
MAX_INFLATED = 100 * 1024 * 1024
# All pictures together: one page in colour at 300 dpi takes 26 MB.
MAX_PICTURES = 600 * 1024 * 1024
_HEADER_WITHIN = 1024
_CHUNK = 64 * 1024
_FLATE = (b"FlateDecode", b"Fl")

_NOT_A_PDF = "Tệp không phải PDF hoặc đã hỏng. Hãy mở bản gốc, lưu lại thành PDF rồi gửi lại."
_LOCKED = "Tệp PDF đặt mật khẩu. Hãy bỏ mật khẩu rồi gửi lại."
_UNSAFE = "Tệp PDF có mã chạy, biểu mẫu XFA hoặc tệp đính kèm. Hãy in lại thành PDF mới rồi gửi lại."
_BOMB = "Nội dung tệp PDF khi giải nén quá lớn. Hãy in lại thành PDF mới rồi gửi lại."

_STREAM_RE = re.compile(rb"(?<!end)stream[^\r\n]{0,100}(?:\r\n|\n|\r)")
_FILTER_RE = re.compile(rb"/(?:Filter|F)\s*(\[[^\]]*\]|/\w+)")
_ESCAPE_RE = re.compile(rb"#([0-9A-Fa-f]{2})")
_SUSPECT_RE = re.compile(
    rb"/(?:JavaScript|JS|Launch|ImportData|SubmitForm|GoToE|EmbeddedFiles?|RichMedia\w*|XFA)(?![A-Za-z0-9])"
)
_ACTIONS = frozenset({"JavaScript", "Launch", "ImportData", "SubmitForm", "GoToE", "RichMediaExecute"})
_KEYS = frozenset({"JavaScript", "EmbeddedFiles", "XFA"})
_TYPES = frozenset({"EmbeddedFile", "RichMedia"})


def check_pdf(data: bytes) -> bytes:
    """The same document without encryption, once nothing speaks against reading it.

    Raises `Refusal` for `not-a-pdf`, `pdf-encrypted` and `pdf-unsafe`, `TooLarge` for `document-too-large`.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge("document-too-large", "Tệp lớn hơn 10 MB. Hãy giảm độ phân giải hình ảnh rồi gửi lại.")
    if b"%PDF-" not in data[:_HEADER_WITHIN]:
        raise not_a_pdf()
    try:
        parts = _check_size(data)
        plain = _opened(data)
        if plain is not data:
            parts = _check_size(plain)
        if any(_is_suspect(part) for part in (plain, *parts)) and _is_unsafe(plain):
            raise Refusal("pdf-unsafe", _UNSAFE)
    except Refusal:
        raise
    except Exception as error:  # pdfminer raises many kinds for a broken file
        raise not_a_pdf() from error
    return plain


def not_a_pdf() -> Refusal:
    """The refusal of whatever cannot be parsed as PDF."""
    return Refusal("not-a-pdf", _NOT_A_PDF)


def _opened(data: bytes) -> bytes:
    """The bytes without encryption; counts the pages before any is parsed."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Refusal("pdf-encrypted", _LOCKED) from error
        raise
    try:
        if not len(document):
            raise not_a_pdf()
        if len(document) > MAX_PAGES:
            message = f"Tệp có {len(document)} trang, nhiều hơn {MAX_PAGES}. Hãy tách phần kế hoạch và phụ lục ra."
            raise TooLarge("document-too-large", message)
        if pdfium.FPDF_GetSecurityHandlerRevision(document) < 0:
            return data
        copy = io.BytesIO()
        document.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
        return copy.getvalue()
    finally:
        document.close()


def _check_size(data: bytes) -> list[bytes]:
    """Bounds what all streams inflate to; gives the object streams, in which parts of the structure may hide."""
    left, left_of_pictures = MAX_INFLATED, MAX_PICTURES
    hidden: list[bytes] = []
    view = memoryview(data)
    for match in _STREAM_RE.finditer(data):
        start = max(data.rfind(b"obj", max(0, match.start() - 4096), match.start()), 0)
        header = data[start : match.start()]
        is_picture = re.search(rb"/Subtype\s*/Image", header) is not None
        limit = left_of_pictures if is_picture else left
        keeps = b"ObjStm" in header
        size, content = _sized(data, view, match.end(), _filters(header), limit, is_picture, keeps)
        if size > limit:
            raise TooLarge("document-too-large", _BOMB)
        if is_picture:
            left_of_pictures -= size
        else:
            left -= size
        if keeps:
            hidden.append(content)
    return hidden


def _sized(
    data: bytes, view: memoryview, start: int, filters: list[bytes], limit: int, is_picture: bool, keeps: bool
) -> tuple[int, bytes]:
    if not filters or filters[0] in _FLATE:
        return _decoded(view[start:], filters, limit, keeps=keeps)
    # Nothing here unpacks a picture of such a kind.
    end = start if is_picture else data.find(b"endstream", start)
    try:
        return _decoded(view[start:end], filters, limit, keeps=keeps)
    except (ValueError, IndexError, KeyError):
        return 0, b""  # broken or encrypted: it will not unpack later either


def _filters(header: bytes) -> list[bytes]:
    """The names of the filters in their order; none where the header names them elsewhere."""
    match = _FILTER_RE.search(_ESCAPE_RE.sub(lambda found: bytes([int(found[1], 16)]), header))
    return re.findall(rb"/(\w+)", match[1]) if match else []


def _decoded(body: memoryview, filters: list[bytes], limit: int, *, keeps: bool) -> tuple[int, bytes]:
    """How many bytes the body becomes, at most a little over the limit, and the bytes where they are kept."""
    if not filters or filters[0] in _FLATE:
        is_last = len(filters) < 2
        size, content = _gathered(_inflate(body), limit, keeps=keeps or not is_last)
        if is_last or size > limit:
            return size, content
        return _decoded(memoryview(content), filters[1:], limit, keeps=keeps)
    raw = bytes(body)
    if filters[0] in (b"LZWDecode", b"LZW"):
        size, raw = _gathered(_unpack(raw), limit, keeps=True)
    elif filters[0] in (b"ASCII85Decode", b"A85"):
        raw = ascii85decode(raw)
    elif filters[0] in (b"ASCIIHexDecode", b"AHx"):
        raw = asciihexdecode(raw)
    elif filters[0] in (b"RunLengthDecode", b"RL"):
        return 64 * len(raw), b""  # the worst it can become
    else:
        return len(raw), b""  # pictures, which nothing here unpacks
    if len(raw) > limit or len(filters) == 1:
        return len(raw), raw
    return _decoded(memoryview(raw), filters[1:], limit, keeps=keeps)


def _gathered(pieces: Iterator[bytes], limit: int, *, keeps: bool) -> tuple[int, bytes]:
    size, kept = 0, bytearray()
    for piece in pieces:
        size += len(piece)
        if keeps:
            kept += piece
        if size > limit:
            break
    return size, bytes(kept)


def _inflate(body: memoryview) -> Iterator[bytes]:
    """The inflated bytes in pieces, as far as they are sound; nothing for what is no deflate stream."""
    if len(body) < 2 or body[0] & 0x0F != 8 or (body[0] * 256 + body[1]) % 31:
        return
    stream = zlib.decompressobj()
    try:
        for start in range(0, len(body), _CHUNK):
            piece: bytes | memoryview = body[start : start + _CHUNK]
            while piece and not stream.eof:
                yield stream.decompress(piece, 16 * _CHUNK)
                piece = stream.unconsumed_tail
            if stream.eof:
                return
    except zlib.error:
        return


def _unpack(raw: bytes) -> Iterator[bytes]:
    yield from LZWDecoder(io.BytesIO(raw)).run()


def _is_suspect(part: bytes) -> bool:
    return bool(_SUSPECT_RE.search(_ESCAPE_RE.sub(lambda found: bytes([int(found[1], 16)]), part)))


def _is_unsafe(data: bytes) -> bool:
    """Whether an object really runs, sends or carries something; the bytes of pictures show such names by chance."""
    document = PDFDocument(PDFParser(io.BytesIO(data)))
    for xref in document.xrefs:
        for number in xref.get_objids():
            try:
                found = document.getobj(number)
            except Exception:  # noqa: S112 - an object that cannot be read cannot be run either
                continue
            if _runs(found):
                return True
    return False


def _runs(found: Any) -> bool:
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, PDFStream):
            value = value.attrs
        if isinstance(value, dict):
            named = {key: item.name for key, item in value.items() if isinstance(item, PSLiteral)}
            types = {named.get("Type"), named.get("Subtype")}
            if named.get("S") in _ACTIONS or types & _TYPES or _KEYS & value.keys():
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False
