"""When a value that was read is the value that was expected, and which entries of two lists belong together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from rapidfuzz.fuzz import ratio

from documents.source import squeeze

HASHED = "sha256:"
_END = " .,;:"
# A little for any pair: of a gap that is equally long on both sides, the entries belong together in their order.
_ANY_PAIR = 0.01

E = TypeVar("E")
F = TypeVar("F")


def same(expected: object, found: object) -> bool:
    """Whether two values agree; of texts, letter case, blanks and the punctuation at the end do not count.

    An expected text may be `sha256:` and the hash of the squeezed NFC text as UTF-8, so that an expectation need not
    quote a long sentence. A hash cannot ignore what the plain comparison does, so the usual endings are tried.
    """
    if isinstance(expected, str) and isinstance(found, str):
        if expected.startswith(HASHED):
            return expected.removeprefix(HASHED).casefold() in _hashes(found)
        return comparable(expected) == comparable(found)
    return expected == found


def comparable(text: str) -> str:
    """What of a text is compared."""
    return squeeze(text).casefold().rstrip(_END)


def _hashes(text: str) -> set[str]:
    words = squeeze(text)
    bare = words.rstrip(_END)
    spellings = {words, bare, *(bare + end for end in (".", ";", ",", ":"))}
    spellings |= {change(each[:1]) + each[1:] for each in spellings for change in (str.upper, str.lower)}
    return {hashlib.sha256(each.encode(errors="surrogatepass")).hexdigest() for each in spellings}


def closeness(expected: object, found: object) -> float:
    """0 to 1: how likely two values are the same, one of them misread. A hash agrees or not."""
    if same(expected, found):
        return 1.0
    if isinstance(expected, str) and isinstance(found, str) and not expected.startswith(HASHED):
        return ratio(comparable(expected), comparable(found)) / 100
    return 0.0


def in_order(
    expected: Sequence[E], found: Sequence[F], gain: Callable[[E, F], float]
) -> list[tuple[E | None, F | None]]:
    """The pairs with the greatest sum of gains that keep the order of both; what has no partner stands alone."""
    rows, columns = len(expected), len(found)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    gains = [[gain(each, other) + _ANY_PAIR for other in found] for each in expected]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            best[i][j] = max(best[i + 1][j + 1] + gains[i][j], best[i + 1][j], best[i][j + 1])
    pairs: list[tuple[E | None, F | None]] = []
    i = j = 0
    while i < rows and j < columns:
        if best[i][j] == best[i + 1][j + 1] + gains[i][j]:
            pairs.append((expected[i], found[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((expected[i], None))
            i += 1
        else:
            pairs.append((None, found[j]))
            j += 1
    return [*pairs, *((each, None) for each in expected[i:]), *((None, other) for other in found[j:])]


def in_any_order(
    expected: Sequence[E], found: Sequence[F], gain: Callable[[E, F], float]
) -> list[tuple[E | None, F | None]]:
    """Pairs by falling gain, whatever the order of the lists; a gain of 0 pairs nothing."""
    gains = [(gain(e, f), i, j) for i, e in enumerate(expected) for j, f in enumerate(found)]
    pairs: list[tuple[E | None, F | None]] = []
    left, others = dict(enumerate(expected)), dict(enumerate(found))
    for value, i, j in sorted(gains, key=lambda each: -each[0]):
        if value > 0 and i in left and j in others:
            pairs.append((left.pop(i), others.pop(j)))
    return [*pairs, *((each, None) for each in left.values()), *((None, other) for other in others.values())]
