"""Reads a text whose diacritics a scanner destroyed, by the words that such documents consist of.

"Uy ban nhan dan tinh" and "S¢& Thong tin va Truyén thong" become the names they must have been; what resembles no known
words stays as it is. Nothing read so is certain: every value of such a document is for a person to confirm.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from documents.letters.vietnamese import is_syllable, spelt_share
from documents.meaning.lexicon import BODIES, PROVINCES, TERMS
from documents.source import Line

POOR_SHARE = 0.85
"""Good Vietnamese prose has nearly all its words spelt as syllables; with the wrong language read, about 0.6."""
_JUDGED_AT_LEAST = 100
_SURE = {1: 100.0, 2: 84.0}
"""How alike a phrase of so many words must be, in %; longer ones need `_SURE_LONG`."""
_SURE_LONG, _SURE_WORD = 78.0, 45.0
"""`_SURE_WORD` is what each single word of a phrase must keep, beside its first letter: no phrase is found by the words
around a strange one. One of more than `_LONG` words may be strange, but not below `_LOST_WORD`.
"""
_LONG, _LOST_WORD = 3, 38.0
_TOKEN_RE = re.compile(r"[^\s,;:()/.\-–\"“”]+(?:/[0-9]+)*")
_CONFUSED = str.maketrans({"6": "o", "0": "o", "1": "l", "¢": "o", "€": "e", "¥": "y", "|": "l", "&": "o", "w": "u"})
_CODE_RE = re.compile(r"^[0-9]+(?:[/.][0-9]+)*%?$|^[0-9]+/|^[IVXl1]{1,4}$")
_BEFORE_RE = re.compile(r"\b([Tt])r\w{2,4}\s+ng\w{1,3}(?=\s+[0-9]{1,2}/[0-9]{1,2}\b)")
"""Two words that begin so right before a day can only be "trước ngày"."""
_BEFORE_HOUR_RE = re.compile(r"\b([Tt]r\w{2,4})(?=\s+[0-9]{1,2}\s)")
_TWIN_TERMS = {"chỉ tiêu", "quy định"}
"""Terms that other marks make other words: "chi tiêu" is spending."""
_NUMBER_RE = re.compile(r"^S[6o0óòó]\s*:")
_DECREE_RE = re.compile(r"(?<=[0-9]/)Q[DĐ](?=-)|(?<=[0-9]/)N[DĐ](?=-CP)")


@dataclass(frozen=True)
class _Phrase:
    text: str
    folded: str
    name: bool


def is_poor(text: str) -> bool:
    """Whether a text of some length has lost so many letters that it must be read with the lexicon."""
    share, words = spelt_share(text)
    return words >= _JUDGED_AT_LEAST and share < POOR_SHARE


def restore(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with every phrase of the lexicon that they resemble put in its place."""
    return tuple(replace(line, text=restore_text(line.text)) for line in lines)


def restore_text(text: str) -> str:
    """One line read with the lexicon; letters case, figures and punctuation stay."""
    text = _NUMBER_RE.sub("Số:", _BEFORE_RE.sub(r"\1rước ngày", text))
    text = _BEFORE_HOUR_RE.sub(lambda m: m[0] if is_syllable(m[1].lower()) else f"{m[1][0]}rước", text)
    tokens = [match for match in _TOKEN_RE.finditer(text) if not _CODE_RE.match(match[0])]
    out, end = "", 0
    for first, last, phrase in _cover(text, tokens):
        words = _cased(phrase, text[tokens[first].start() : tokens[last].end()])
        out += text[end : tokens[first].start()] + _between(words, text, tokens[first : last + 1])
        end = tokens[last].end()
    return _DECREE_RE.sub(lambda match: match[0].replace("D", "Đ"), out + text[end:])


def _between(words: str, text: str, tokens: Sequence[re.Match[str]]) -> str:
    """The words of a phrase with what stands between the tokens of the text: commas and dashes are seldom misread."""
    spelt = [match[0] for match in _TOKEN_RE.finditer(words)]
    if len(spelt) != len(tokens):
        return words
    gaps = [text[a.end() : b.start()] for a, b in pairwise(tokens)]
    return "".join(word + gap for word, gap in zip(spelt, [*gaps, ""], strict=True))


def restore_names(text: str) -> str:
    """A text that a machine recognised well, with names and terms as they are spelt: "Sớ Tài chính" is no body."""
    tokens = list(_TOKEN_RE.finditer(text))
    folded = [_fold(token[0]) for token in tokens]
    out, end, first = "", 0, 0
    while first < len(tokens):
        last = _named_until(tokens, folded, first) if tokens[first][0][0].isupper() else None
        if last is None:
            first += 1
            continue
        span = tokens[first : last + 1]
        found = text[span[0].start() : span[-1].end()]
        name = _names()[" ".join(folded[first : last + 1])]
        name = name.upper() if found.isupper() else f"{name[0].upper()}{name[1:]}"
        out += text[end : span[0].start()] + _between(name, text, span)
        end, first = span[-1].end(), last + 1
    return out + text[end:]


def _named_until(tokens: Sequence[re.Match[str]], folded: Sequence[str], first: int) -> int | None:
    """The last word of the longest name or term that begins with that word."""
    for last in reversed(range(first + 1, min(first + _longest(), len(tokens)))):
        if " ".join(folded[first : last + 1]) in _names():
            return last
    return None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = (*(term for term in TERMS if " " in term and term not in _TWIN_TERMS), *BODIES)
    names = (*names, *(name for name in PROVINCES if " " in name))
    return {" ".join(_fold(match[0]) for match in _TOKEN_RE.finditer(name)): name for name in names}


def _cover(text: str, tokens: Sequence[re.Match[str]]) -> list[tuple[int, int, _Phrase]]:
    """Phrases beside each other that together cover the most letters the most surely: the best path from the right."""
    best: list[tuple[float, list[tuple[int, int, _Phrase]]]] = [(0.0, [])] * (len(tokens) + 1)
    folded = [_fold(token[0]) for token in tokens]
    for first in reversed(range(len(tokens))):
        best[first] = best[first + 1]
        for last in range(first, min(first + _longest(), len(tokens))):
            if last > first and not _joined(text[tokens[last - 1].end() : tokens[last].start()]):
                break
            if not folded[last]:
                break  # a sign that is no letter stands in no phrase
            words = " ".join(folded[first : last + 1])
            found = _find(words, last - first + 1)
            if found is None or not _capitals_fit(found[0], tokens[first : last + 1]):
                continue
            phrase, sure = found
            gain = sure * len(words) + 2.0 * (last - first)
            if gain + best[last + 1][0] > best[first][0]:
                best[first] = (gain + best[last + 1][0], [(first, last, phrase), *best[last + 1][1]])
    return best[0][1]


def _capitals_fit(phrase: _Phrase, tokens: Sequence[re.Match[str]]) -> bool:
    """A name is found only where capitals stand as in it; "Các sở" may begin small in the middle of a sentence."""
    pairs = zip(phrase.text.split(), tokens, strict=False)
    return not phrase.name or all(
        token[0][:1].isupper() or token[0][:1].isdigit()
        for place, (word, token) in enumerate(pairs)
        if word[0].isupper() and (place or word != "Các") and place < 2
    )


def _joined(between: str) -> bool:
    """Whether two words may belong to one phrase: blanks, a comma or a dash lie between them."""
    return len(between) <= 3 and not set(between) & set(";:()/.")


@lru_cache(maxsize=20_000)
def _find(words: str, length: int) -> tuple[_Phrase, float] | None:
    phrases, folded = _index().get(length, ((), ()))
    sure = _SURE.get(length, _SURE_LONG)
    for _, score, index in process.extract(words, folded, scorer=fuzz.ratio, score_cutoff=sure, limit=3):
        pairs = zip(words.split(), phrases[index].folded.split(), strict=True)
        likeness = [(a[0] == b[0], fuzz.ratio(a, b)) for a, b in pairs]
        strange = sum(not same or alike < _SURE_WORD for same, alike in likeness)
        lost = any(alike < _LOST_WORD for _, alike in likeness)
        if length == 1 or not strange or (strange == 1 and length > _LONG and not lost):
            return phrases[index], score / 100
    return None


@lru_cache(maxsize=1)
def _index() -> dict[int, tuple[tuple[_Phrase, ...], tuple[str, ...]]]:
    groups: dict[int, list[_Phrase]] = defaultdict(list)
    # A place alone is taken only where it is spelt out; after "tỉnh" fewer letters are enough.
    for text in (*BODIES, *(f"tỉnh {name}" for name in PROVINCES), *TERMS):
        words = [_fold(match[0]) for match in _TOKEN_RE.finditer(text)]
        groups[len(words)].append(_Phrase(text, " ".join(words), text in BODIES or text.startswith("tỉnh ")))
    return {length: (tuple(found), tuple(p.folded for p in found)) for length, found in groups.items()}


@lru_cache(maxsize=1)
def _longest() -> int:
    return max(_index())


def _fold(word: str) -> str:
    """Lower case without diacritics, letters that scanners take for each other made the same."""
    word = f"c{word[1:]}" if word.startswith("¢") else word  # at the beginning it is a "c", elsewhere an "ơ"
    bare = unicodedata.normalize("NFD", word.casefold().replace("đ", "d").translate(_CONFUSED))
    return "".join(c for c in bare if c.isalnum() or c == "%")


def _cased(phrase: _Phrase, found: str) -> str:
    letters = [c for c in found if c.isalpha()]
    if len(letters) > 3 and sum(c.isupper() for c in letters) > 0.6 * len(letters):
        return phrase.text.upper()
    if phrase.name and not phrase.text.startswith(("các", "tỉnh ")):
        return (
            phrase.text
            if found[:1].isupper() or not phrase.text.startswith("Các")
            else phrase.text.replace("C", "c", 1)
        )
    return phrase.text[0].upper() + phrase.text[1:] if letters[:1] and letters[0].isupper() else phrase.text
