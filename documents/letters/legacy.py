"""Text of old font encodings (TCVN3, VNI) or of UTF-8 read as Latin becomes Unicode; proper Vietnamese is left alone.

Nothing is converted on suspicion: a line changes when converting makes Vietnamese words of what were none. Only lines
that read either way ("Sè" is a word, and "Số" in TCVN3) follow the document they stand in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from documents.letters.legacy_tables import TCVN3, VNI
from documents.letters.vietnamese import ONLY_UNICODE_RE, has_vowel, is_syllable
from documents.source import Cell, Source
from domain.plan import Finding, Severity

_LATIN_RE = re.compile("[\u0080-\u00ff]")
_TOKEN_RE = re.compile("[^\\s!-/:-@\\[-`{-~\u2010-\u2027\u2030-\u205e]+")
_WORD_RE = re.compile("[^\\W\\d_]+")
# Of the marked words of a converted line, this many must be Vietnamese; names and misprints are the rest.
_MOST = 0.75
# So many words of one line are no accident.
_SURE_WORDS = 5
# Longer ones are no lines of a document.
_LONGEST_LINE = 50_000
# Invisible characters that mean nothing once no old encoding needs them (the soft hyphen is "ư" in TCVN3).
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))

_TCVN3_TABLE = {ord(shown): letter for shown, letter in TCVN3.items()} | {0x3BC: TCVN3["\u00b5"]}
_VNI_RE = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))

_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)}
_TO_BYTE = {ord(shown): chr(byte) for byte, shown in _CP1252.items()}
_FROM_C1 = {byte: _CP1252[byte] for byte in range(0x80, 0xA0)}
# A no-break space is the last byte of "à", "Ơ", "Ạ" and "Ỡ"; where lines were squeezed it is a plain blank, or gone.
_UTF8_RE = re.compile(
    "[\xc2-\xc6\xcc][\x80-\xbf]|[\xe1\xe2][\x80-\xbf]{2}|(?:\xc3|\xc6|\xe1[\xba\xbb])(?: |$)|\xc2 ", re.MULTILINE
)
_BLANK = "\ue000"  # stands where a blank is, or was, such a byte


def repair(text: str) -> tuple[str, bool]:
    """The text in Unicode, and whether anything had to be converted; every line is weighed with all the others."""
    lines, changed = _repair_all(text.split("\n"))
    return "\n".join(lines), changed


def repair_source(source: Source) -> Source:
    """All lines and cells in Unicode, without invisible characters; a conversion is told once as `legacy-encoding`."""
    cells = [cell for grid in source.grids for row in grid.rows for cell in row]
    texts, changed = _repair_all([*(line.text for line in source.lines), *(cell.text for cell in cells)])
    texts = [text.translate(INVISIBLE) for text in texts]
    fresh = iter(texts)
    lines = tuple(replace(line, text=next(fresh)) for line in source.lines)
    grids = tuple(
        replace(grid, rows=tuple(tuple(Cell(next(fresh), cell.key) for cell in row) for row in grid.rows))
        for grid in source.grids
    )
    remarks = source.remarks
    if changed and not any(remark.code == LEGACY_ENCODING.code for remark in remarks):
        remarks = (*remarks, LEGACY_ENCODING)
    return replace(source, lines=lines, grids=grids, remarks=remarks)


LEGACY_ENCODING = Finding(
    "legacy-encoding",
    Severity.INFO,
    "Văn bản dùng mã chữ cũ (TCVN3, VNI) hoặc sai mã; đã chuyển sang Unicode. Hãy soát tên riêng và chữ hoa.",
)


def words_found(text: str) -> tuple[int, int]:
    """Of the words with marks (abbreviations apart): how many are Vietnamese, and how many there are."""
    valid = counted = 0
    for token in _TOKEN_RE.findall(text):
        if not token.isascii() and (has_vowel(token) or not token.isalpha()):
            counted += 1
            valid += is_syllable(token)
    return valid, counted


def _repair_all(texts: Sequence[str]) -> tuple[list[str], bool]:
    found: list[list[Callable[[str], str]]] = []
    for text in texts:
        found.append(_schemes_of(text, found[-1] if found else []))
    tally = Counter(schemes[0] for schemes in found if len(schemes) == 1) or Counter(s[0] for s in found if s)
    converted = sum(bool(schemes) for schemes in found)
    sure = sum(ONLY_UNICODE_RE.search(text) is not None for text in texts)
    strange = sum(not s and _is_strange(text) for s, text in zip(found, texts, strict=True))
    # Where most lines stay strange under every scheme, the letters are misread, not encoded otherwise.
    if not tally or strange > converted:
        return list(texts), False
    usual = tally.most_common(1)[0][0]
    # In a document that is otherwise Unicode, a line that reads either way stays as it is.
    follow = converted > 4 * sure
    fixed = []
    for text, schemes in zip(texts, found, strict=True):
        if usual in schemes or (not schemes and follow and _reads_either_way(text, usual)):
            fixed.append(usual(text))
        else:
            fixed.append(schemes[0](text) if schemes else text)
    return fixed, True


def _schemes_of(text: str, last: list[Callable[[str], str]]) -> list[Callable[[str], str]]:
    """The conversions that make most sense of a line; none where it makes sense already, or never does.

    `last` are those of the line before: one that makes sense of every word is taken without trying the others.
    """
    if len(text) > _LONGEST_LINE or not _LATIN_RE.search(text) or ONLY_UNICODE_RE.search(text):
        return []
    before, strange = words_found(text)
    # Most Vietnamese words carry marks: a few of them among many words are misread or foreign.
    if before > strange / 2 or 3 * strange < len(_WORD_RE.findall(text)):
        return []
    if len(last) == 1:
        valid, counted = words_found(last[0](text))
        if valid == counted > before and valid >= _SURE_WORDS:
            return last
    best, schemes = before, list[Callable[[str], str]]()
    for convert in (_from_tcvn3, _from_vni, _from_utf8):
        valid, counted = words_found(convert(text))
        if valid >= best and valid > before and valid >= _MOST * counted:
            best, schemes = valid, [*(schemes if valid == best else ()), convert]
    return schemes


def _is_strange(text: str) -> bool:
    valid, counted = words_found(text)
    return valid < counted / 2 and not ONLY_UNICODE_RE.search(text)


def _reads_either_way(text: str, convert: Callable[[str], str]) -> bool:
    if not _LATIN_RE.search(text) or ONLY_UNICODE_RE.search(text):
        return False
    valid, counted = words_found(convert(text))
    return valid >= words_found(text)[0] and valid == counted


def _from_tcvn3(text: str) -> str:
    """Capitals with a tone have no code of their own; words that are otherwise in capitals tell where they stood."""
    if _is_capital(text) and any(map(_is_capital, re.findall(r"\S*[\u0080-\u00ff]\S*", text))):
        return text.translate(_TCVN3_TABLE).upper()

    def convert(word: re.Match[str]) -> str:
        letters = word[0].translate(_TCVN3_TABLE)
        return letters.upper() if _is_capital(word[0]) else letters

    return re.sub(r"\S+", convert, text)


def _is_capital(text: str) -> bool:
    plain = [c for c in text if c.isascii() and c.isalpha()]
    return len(plain) > 1 and all(c.isupper() for c in plain)


def _from_vni(text: str) -> str:
    return _VNI_RE.sub(lambda shown: VNI[shown[0]], text)


def _from_utf8(text: str) -> str:
    letters = _UTF8_RE.sub(_decoded, text.translate(_TO_BYTE)).translate(_FROM_C1)
    return re.sub(f"([^\\W\\d_]{{0,8}}){_BLANK}(?=([^\\W\\d_]{{0,8}}))", _joined, letters)


def _decoded(found: re.Match[str]) -> str:
    code = found[0].removesuffix(" ")
    if code == "\xc2":
        return " "
    lost = code in ("\xc3", "\xc6", "\xe1\xba", "\xe1\xbb")
    letter = (code + "\xa0" if lost else code).encode("latin-1").decode("utf-8", "replace")
    return letter + _BLANK if found[0] != code else letter


def _joined(found: re.Match[str]) -> str:
    return found[1] + ("" if found[2] and is_syllable(found[1] + found[2]) else " ")
