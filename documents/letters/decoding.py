"""From the bytes of a text file to its letters: the encoding is the one that makes Vietnamese words, never a guess."""

from __future__ import annotations

import unicodedata

from documents.letters.legacy import INVISIBLE, LEGACY_ENCODING, repair, words_found
from domain.errors import Refusal
from domain.plan import Finding, Severity

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Control characters that texts do hold: tab, line ends, vertical tab, form feed, the old end of file.
_TEXTUAL = frozenset(b"\t\n\v\f\r\x1a")
_SAMPLE = 200_000
_FEW_LOST = 20
_LINE_ENDS = {
    "\r\n": "\n",
    "\r": "\n",
    "\v": "\n",
    "\u2028": "\n",
    "\u2029": "\n\n",
    "\x85": "\n",
    "\x00": "",
    "\x1a": "",
}


def decode(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """The text in NFC with "\\n" between its lines, and what had to be done for it.

    Raises `Refusal`: `not-a-text` for binary data, `text-undecodable` where no encoding gives Vietnamese.
    """
    if is_binary(data):
        raise Refusal("not-a-text", "Tệp không phải văn bản chữ. Hãy gửi bản Word .docx, PDF hoặc tệp chữ UTF-8.")
    text = _decode(data)
    for end, plain in _LINE_ENDS.items():
        text = text.replace(end, plain)
    text, changed = repair(unicodedata.normalize("NFC", text))
    remarks = [LEGACY_ENCODING] if changed else []
    if lost := text.count("\ufffd"):
        message = f"Có {lost} chữ trong tệp bị hỏng mã. Hãy đối chiếu với bản gốc."
        remarks.append(Finding("text-damaged", Severity.REVIEW, message))
    return text.translate(INVISIBLE), tuple(remarks)


def is_binary(data: bytes) -> bool:
    """Whether the bytes cannot be text in any encoding that is read here."""
    sample = data[:_SAMPLE]
    if _marked(data) or _unmarked_utf16(sample):
        return False
    odd = sum(sample.count(code) for code in range(32) if code not in _TEXTUAL)
    return odd * 100 > len(sample)


def _marked(data: bytes) -> tuple[bytes, str] | None:
    return next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), None)


def _unmarked_utf16(sample: bytes) -> str | None:
    """Half the bytes of UTF-16 are high ones, and most of those are zero in Vietnamese too."""
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    most, few = len(sample) * 0.15, len(sample) * 0.02
    if high > most and low <= few:
        return "utf-16-le"
    return "utf-16-be" if low > most and high <= few else None


def _decode(data: bytes) -> str:
    marked = _marked(data)
    if marked:
        return data[len(marked[0]) :].decode(marked[1], "replace")
    if wide := _unmarked_utf16(data[:_SAMPLE]):
        return data.decode(wide, "replace")
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    # Letters of other encodings hardly ever look like UTF-8: a few broken bytes among many whole letters are damage.
    if not lost or sum(text.count(c) for c in set(text) if c > "\x7f") > _FEW_LOST * lost:
        return text
    return _eight_bit(data)


def _eight_bit(data: bytes) -> str:
    """UTF-8 with broken bytes, Windows-1258, or Latin codes that are TCVN3 or VNI: whichever reads as Vietnamese."""
    best, share, most = "", 0.0, -1
    for name in ("utf-8", "cp1258", "cp1252"):
        sample = unicodedata.normalize("NFC", data[:_SAMPLE].decode(name, "replace"))
        valid, counted = words_found(repair(sample)[0])
        if counted == 0:  # nothing but dashes and quotation marks of Windows
            return data.decode("cp1252", "replace")
        if valid > most:
            best, share, most = name, valid / counted, valid
    if share < 0.5:
        message = "Không nhận ra bảng mã chữ của tệp. Hãy mở tệp, lưu lại với mã UTF-8 rồi gửi lại."
        raise Refusal("text-undecodable", message)
    return data.decode(best, "replace")
