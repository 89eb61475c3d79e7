"""The names that are most like some words: for typing slips and for offering candidates, among thousands of names.

Letters three by three find the few names worth comparing; how alike those are is `domain.names.similarity`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from heapq import nlargest
from math import log
from typing import Generic, TypeVar

from domain.names import similarity

_COMPARED = 16
"""Names that are compared word by word with one query."""
_COMMON = 0.1
"""Three letters that stand in more than this share of the names tell nothing, unless there are no others."""

T = TypeVar("T", bound=Hashable)


class Lookalikes(Generic[T]):
    """Names, as folded words, and what each stands for."""

    def __init__(self, names: Iterable[tuple[tuple[str, ...], T]]) -> None:
        self._names = list(dict.fromkeys(names))
        self._holders: dict[str, list[int]] = {}
        held: Counter[str] = Counter()
        for number, (words, _) in enumerate(self._names):
            held.update(set(words))
            for letters in _threes(words):
                self._holders.setdefault(letters, []).append(number)
        self._weights = {word: log(2 + len(self._names) / count) for word, count in held.items()}
        self._most = log(2 + 2 * len(self._names))

    def best(self, words: Sequence[str], limit: int) -> list[tuple[float, T]]:
        """What the most similar names stand for, each once, with how alike it is (0 to 1), best first."""
        scores: dict[T, float] = {}
        for number in self._worth_comparing(words):
            name, meaning = self._names[number]
            scores[meaning] = max(scores.get(meaning, 0.0), similarity(words, name, self._weight))
        ranked = sorted(scores.items(), key=lambda item: -item[1])
        return [(score, meaning) for meaning, score in ranked[:limit] if score > 0]

    def _weight(self, word: str) -> float:
        """How much a word tells: the fewer names hold it the more, and most of all one that no name holds."""
        return self._weights.get(word, self._most)

    def _worth_comparing(self, words: Sequence[str]) -> list[int]:
        most = max(_COMPARED, int(len(self._names) * _COMMON))
        shared: defaultdict[int, float] = defaultdict(float)
        common: list[list[int]] = []
        for letters in _threes(words):
            holders = self._holders.get(letters, [])
            if len(holders) > most:
                common.append(holders)
                continue
            for number in holders:
                shared[number] += 1 / (3 + len(holders))
        if not shared:
            for number in (each for holders in common for each in holders):
                shared[number] += 1
        return nlargest(_COMPARED, shared, key=lambda number: (shared[number], -number))


def _threes(words: Sequence[str]) -> set[str]:
    """Three letters each; blanks count, so that the first letters of words weigh more."""
    text = f" {' '.join(words)} "
    return {text[start : start + 3] for start in range(len(text) - 2)}
