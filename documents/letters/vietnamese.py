"""Tells Vietnamese words from letters that only look like some: the evidence behind every decision on encodings.

A written syllable is an onset, a rime and at most one tone; the lists below are the whole of the standard spelling.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu "
    "o oc oi om on ong ooc oong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt "
    "oe oem oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt "
    "u ua uc ui um un ung up ut uôc uôi uôm uôn uông uôt uê uêch uênh uy uya uych uynh uyp uyt uyn uyu uyên uyêt "
    "uơ uân uâng uât uây ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu "
    "y yêm yên yêng yêt yêu ynh ych yt yn"
)
_SYLLABLE_RE = re.compile(
    rf"(?:{'|'.join(sorted(_ONSETS.split(), key=len, reverse=True))})?(?:{'|'.join(_RIMES.split())})"
)
_WORD_RE = re.compile(r"[^\W_]+")
_JUDGED = 20_000
"""So many words of a text are evidence enough."""
_VOWEL_RE = re.compile("[aăâeêioôơuưy]", re.IGNORECASE)
# Letters of Vietnamese that no eight-bit Latin set has: where one stands, the text is Unicode already.
ONLY_UNICODE_RE = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ]")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Whether the word, in any case and any form of Unicode, is spelled as a Vietnamese syllable can be."""
    if len(word) > 20:
        return False
    parts = unicodedata.normalize("NFD", word.lower())
    bare = unicodedata.normalize("NFC", "".join(c for c in parts if c not in _TONES))
    tones = [c for c in parts if c in _TONES]
    if len(tones) > 1 or not _SYLLABLE_RE.fullmatch(bare):
        return False
    # A syllable that ends in a stop bears the acute or the dot, never another tone.
    return not bare.endswith(("c", "ch", "p", "t")) or tones in (["\u0301"], ["\u0323"])


def has_vowel(word: str) -> bool:
    """False for abbreviations such as "QĐ", which say nothing for or against."""
    decomposed = unicodedata.normalize("NFD", word)
    return _VOWEL_RE.search(decomposed) is not None


def spelt_share(text: str) -> tuple[float, int]:
    """The share of lower-case words that are Vietnamese syllables, and how many words were judged."""
    words = [word for word in _WORD_RE.findall(unicodedata.normalize("NFC", text)) if word.islower() and len(word) > 1]
    judged = words[:_JUDGED]
    return (sum(map(is_syllable, judged)) / len(judged) if judged else 1.0), len(judged)
