"""Names of public bodies as words: what makes two spellings one name, abbreviations, and how alike two names are.

A name is compared as folded words: lower case, no diacritics, no punctuation, everyday abbreviations spelt out, and
words left out that only join others ("và", "các", "của"). Other abbreviations ("Sở TT&TT", "Đài PT-TH") are worked out
from the full name beside them, so no list of them is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

LONGEST_NAME = 200
"""Characters of a name that are compared; no public body has a longer one."""

_NON_WORDS_RE = re.compile(r"[\W_]+")
_WORDS_RE = re.compile(r"[^\W_]+")
_SYLLABLE_RE = re.compile(
    r"(?:ngh|ng|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[ckmnpt])?"
)
_SHORT_I_RE = re.compile(r"(?<=[hklmst])y$")
_SPELT_OUT = {
    "ubnd": "uy ban nhan dan",
    "hdnd": "hoi dong nhan dan",
    "mttq": "mat tran to quoc",
    "mttqvn": "mat tran to quoc viet nam",
    "ubmttq": "uy ban mat tran to quoc",
    "ubmttqvn": "uy ban mat tran to quoc viet nam",
    "bhxh": "bao hiem xa hoi",
    "dbqh": "dai bieu quoc hoi",
    "tp": "thanh pho",
    "tx": "thi xa",
}
_JOINING = frozenset({"va", "cac", "nhung", "cua", "thuoc", "co", "cap"})
_ON_THE_GROUND_RE = re.compile(r"\b(?:tren|thuoc|trong|o) (?:dia ban )?(?=(?:tinh|thanh pho)\b)")
# Where the level is all that tells one from another: "UBND tỉnh" is not "UBND".
_NEEDS_LEVEL = frozenset({"uy ban nhan dan", "hoi dong nhan dan"})
_LEVELS = frozenset({"tinh", "pho", "xa", "huyen", "quan", "phuong", "tran", "khu"})
_HEADS = frozenset(
    {"ban", "bao", "bo", "chi", "cong", "cuc", "dai", "doan", "hoi", "huyen", "kho", "lien", "mat", "ngan", "phong"}
    | {"so", "tap", "thanh", "tinh", "toa", "tong", "trung", "truong", "uy", "van", "vien", "vu"}
)
_LEAST_ALIKE = 0.5


def plain(text: str) -> str:
    """Lower case without diacritics; blanks and punctuation stay."""
    words = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in words if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Lower case without diacritics, blanks or punctuation: "Đài PT-TH&BBP" and "dai PTTH & BBP" are the same."""
    return _NON_WORDS_RE.sub("", plain(text))


def is_abbreviation(word: str) -> bool:
    """Whether a word looks like initials: two capitals or more, "&" and "-" between them allowed ("KH&ĐT")."""
    return word.isupper() and len(fold(word)) > 1 and not any(c.isspace() for c in word)


@dataclass(frozen=True)
class Name:
    """A name as folded words; `short` tells which of them are initials of several words of the full name."""

    words: tuple[str, ...]
    short: tuple[bool, ...]

    @property
    def key(self) -> str:
        """What all spellings of the name share when none of its words is short."""
        return " ".join(self.words)

    @property
    def initials(self) -> str:
        """The first letters; short words are letters already, so "Sở TT&TT" and its full name have the same."""
        return "".join(word if short else word[0] for word, short in zip(self.words, self.short, strict=True))

    def stands_for(self, full: Name) -> bool:
        """Whether each word is a word of the full name, in its order, or the initials of the next few, none left."""
        ends = {0}
        for word, short in zip(self.words, self.short, strict=True):
            ends = {
                end
                for start in ends
                for end in (start + 1, start + len(word))
                if (end == start + 1 and full.words[start:end] == (word,))
                or (short and "".join(each[0] for each in full.words[start:end]) == word)
            }
        return len(full.words) in ends


def read_name(text: str) -> Name:
    """The words of a name; those of a text all in capitals are initials only where they cannot be a syllable."""
    tokens = _WORDS_RE.findall(unicodedata.normalize("NFC", text[:LONGEST_NAME]))
    shouts = sum(token.isupper() for token in tokens) > max(1, len(tokens) // 2) and len(tokens) > 2
    words: list[str] = []
    short: list[bool] = []
    for token in tokens:
        folded = fold(token)
        if folded in _SPELT_OUT:
            spelt = _SPELT_OUT[folded].split()
            words += spelt
            short += [False] * len(spelt)
        elif folded:
            is_initials = len(folded) > 1 and folded.isalpha()
            is_short = is_initials and ((token.isupper() and not shouts) or not _SYLLABLE_RE.fullmatch(folded))
            words.append(folded if is_short else _SHORT_I_RE.sub("i", folded))
            short.append(is_short)
    return _joined(words, short)


def _joined(words: list[str], short: list[bool]) -> Name:
    """Without words that only join others, unless there are no others."""
    on_the_ground = _ON_THE_GROUND_RE.sub("", " ".join(words)).split() if "tren" in words or "trong" in words else words
    if len(on_the_ground) < len(words) and not any(short):
        words, short = on_the_ground, [False] * len(on_the_ground)
    kept = [index for index, word in enumerate(words) if word not in _JOINING]
    if not kept:
        return Name(tuple(words), tuple(short))
    return Name(tuple(words[index] for index in kept), tuple(short[index] for index in kept))


@dataclass(frozen=True)
class Place:
    """The province whose bodies are spoken of, as folded words: at home "Sở Y tế tỉnh X" is "Sở Y tế"."""

    level: tuple[str, ...]
    name: tuple[str, ...]

    @classmethod
    def of(cls, authority: str, province: str) -> Place:
        """The place of an authority such as "UBND tỉnh Bình Phước"; a city under the central government is one too."""
        is_city = plain(authority).startswith(("ubnd thanh pho", "uy ban nhan dan thanh pho", "ubnd tp"))
        words = read_name(province).words
        return cls(("thanh", "pho") if is_city else ("tinh",), words)

    def at_home(self, name: Name) -> Iterator[Name]:
        """The name and its shorter forms without the province and its level; never less than two words."""
        yield name
        name = self._without(name, self.name) or name
        yield name
        if " ".join(name.words[: -len(self.level)]) not in _NEEDS_LEVEL and (less := self._without(name, self.level)):
            yield less

    def _without(self, name: Name, tail: tuple[str, ...]) -> Name | None:
        rest = len(name.words) - len(tail)
        if not tail or rest < 2 or name.words[rest:] != tail:
            return None
        # "UBND thị xã Quảng Trị" is another body than "UBND tỉnh Quảng Trị".
        if (
            tail == self.name
            and name.words[:rest][-len(self.level) :] != self.level
            and name.words[rest - 1] in _LEVELS
        ):
            return None
        return Name(name.words[:rest], name.short[:rest])


@lru_cache(maxsize=50_000)
def _alike(one: str, other: str) -> float:
    ratio = 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()
    return ratio if ratio >= _LEAST_ALIKE else 0.0


def similarity(one: Sequence[str], other: Sequence[str], weight: Callable[[str], float]) -> float:
    """How alike two names are, 0 to 1: the words they share in order, almost-equal words in part, rare ones first.

    `weight` tells how much a word says: "huyện" stands in many names, so two names that share it are not alike yet.
    """
    start, end = 0, 0
    shorter = min(len(one), len(other))
    # What they begin and end with alike need not be laid against anything else.
    while start < shorter and one[start] == other[start]:
        start += 1
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    total = sum(map(weight, one)) + sum(map(weight, other))
    rest = one[start : len(one) - end], other[start : len(other) - end]
    apart = sum(map(weight, rest[0])) + sum(map(weight, rest[1]))
    return (total - apart + _shared(*rest, weight)) / total if total else 0.0


def _shared(one: Sequence[str], other: Sequence[str], weight: Callable[[str], float]) -> float:
    """The most weight that can be laid together, keeping the order of the words."""
    if not one or not other:
        return 0.0
    weights = [weight(word) for word in other]
    best = [0.0] * (len(other) + 1)
    for word in one:
        before, best, own = best, [0.0], weight(word)
        for column, facing in enumerate(other):
            shared = _alike(word, facing)
            both = before[column] + shared * (own + weights[column]) if shared else 0.0
            best.append(max(before[column + 1], best[column], both))
    return best[-1]


def may_be_a_slip(written: Sequence[str], name: Sequence[str]) -> bool:
    """Whether the written words are the name with a slip of the pen, and not another body with a name much like it.

    Heads, levels and figures agree: "Sở Y tế" is not "Bộ Y tế". A word that is a syllable of its own is another word
    rather than a slip: "xã Tân An" is not "xã Tân Ân", but "thôg" is "thông". One such word may differ in a long name.
    """
    if not written or (written[0] != name[0] and written[0] in _HEADS):
        return False
    telling = [{word for word in words if word in _LEVELS or word.isdecimal()} for words in (written, name)]
    if telling[0] != telling[1]:
        return False
    place = max((index for index, word in enumerate(name) if word in _LEVELS), default=len(name))
    equal, other = 0, 0
    for kind, start, end, first, last in SequenceMatcher(None, written, name, autojunk=False).get_opcodes():
        if kind == "equal":
            equal += end - start
        elif end - start != last - first:
            other += max(end - start, last - first)
        else:
            pairs = zip(written[start:end], name[first:last], strict=True)
            # In the name of a place all that tells it from its neighbours is a letter or two.
            weight, least = (2, 0.7) if last > place else (1, _LEAST_ALIKE)
            other += weight * sum(
                bool(_SYLLABLE_RE.fullmatch(word)) or _alike(word, facing) < least for word, facing in pairs
            )
    return other <= (1 if equal > 3 else 0)
