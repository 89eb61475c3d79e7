"""The two font encodings of Vietnamese before Unicode, as their codes show when read as Latin letters (cp1252).

TCVN3: TCVN 5712:1993, third set ("ABC", fonts .VnTime …); one code a letter, capitals with a tone only in fonts of
their own. VNI-Windows (fonts VNI-Times …): a vowel and a code for its marks.
"""

from __future__ import annotations

import unicodedata

GRAVE, HOOK, TILDE, ACUTE, DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"

# Codes of the five tones grave, hook, tilde, acute, dot on each vowel, as the standard lists them.
_TCVN3_TONED = {
    "a": "B5 B6 B7 B8 B9", "ă": "BB BC BD BE C6", "â": "C7 C8 C9 CA CB", "e": "CC CE CF D0 D1", "ê": "D2 D3 D4 D5 D6",
    "i": "D7 D8 DC DD DE", "o": "DF E1 E2 E3 E4", "ô": "E5 E6 E7 E8 E9", "ơ": "EA EB EC ED EE", "u": "EF F1 F2 F3 F4",
    "ư": "F5 F6 F7 F8 F9", "y": "FA FB FC FD FE",
}  # fmt: skip
_TCVN3_PLAIN = dict(zip(range(0xA1, 0xAF), "ĂÂÊÔƠƯĐăâêôơưđ", strict=True))

# The code after a vowel by what it adds; upper-case vowels take the upper-case code (32 less).
_VNI_TONES = {GRAVE: 0xF8, HOOK: 0xFB, TILDE: 0xF5, ACUTE: 0xF9, DOT: 0xEF, "": 0}
_VNI_CIRCUMFLEX = {GRAVE: 0xE0, HOOK: 0xE5, TILDE: 0xE3, ACUTE: 0xE1, DOT: 0xE4, "": 0xE2}
_VNI_BREVE = {GRAVE: 0xE8, HOOK: 0xFA, TILDE: 0xFC, ACUTE: 0xE9, DOT: 0xEB, "": 0xEA}
_VNI_ALONE = {
    "ì": 0xEC, "ỉ": 0xE6, "ĩ": 0xF3, "í": 0xED, "ị": 0xF2, "ỵ": 0xEE, "ơ": 0xF4, "ư": 0xF6, "đ": 0xF1,
}  # fmt: skip


def _compose(letter: str, tone: str) -> str:
    return unicodedata.normalize("NFC", letter + tone)


def _tcvn3() -> dict[str, str]:
    table = {chr(code): letter for code, letter in _TCVN3_PLAIN.items()}
    for vowel, codes in _TCVN3_TONED.items():
        for tone, code in zip((GRAVE, HOOK, TILDE, ACUTE, DOT), codes.split(), strict=True):
            table[chr(int(code, 16))] = _compose(vowel, tone)
    return table


def _vni() -> dict[str, str]:
    lower = {chr(code): letter for letter, code in _VNI_ALONE.items()}
    for tone, code in _VNI_TONES.items():
        if code:
            lower |= {vowel + chr(code): _compose(vowel, tone) for vowel in "aeouy"}
            lower |= {chr(_VNI_ALONE[vowel]) + chr(code): _compose(vowel, tone) for vowel in "ơư"}
    lower |= {v + chr(code): _compose(v, "\u0302" + tone) for tone, code in _VNI_CIRCUMFLEX.items() for v in "aeo"}
    lower |= {"a" + chr(code): _compose("a", "\u0306" + tone) for tone, code in _VNI_BREVE.items()}
    # Typists mix the cases of vowel and code; the vowel decides.
    table = dict(lower)
    for code_text, letter in lower.items():
        for shown in (code_text.upper(), code_text[0].upper() + code_text[1:]):
            table.setdefault(shown, letter.upper())
        table.setdefault(code_text[0] + code_text[1:].upper(), letter)
    return table


TCVN3 = _tcvn3()
"""A character as shown → the letter meant."""
VNI = _vni()
"""One or two characters as shown → the letter meant; longer keys first when replacing."""
