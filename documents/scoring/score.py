"""How well a document was read: what was found against what a person expects, as precision and recall per field.

An expectation has the shape of a draft's JSON, each key optional: what is not there is not scored. Besides it may hold
`finding_codes`, the codes of findings that must be there, `file`, the name of the document, and `note`, for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from documents.scoring.matching import closeness, in_any_order, in_order, same
from domain.errors import Refusal
from domain.plan import DocumentInfo, IndicatorDraft, PlanDraft, ReportingDraft

Json = Mapping[str, Any]
Pair = tuple[Json | None, Json | None]


@dataclass(frozen=True)
class Tally:
    """How many values were expected, found, and both. With nothing to find and nothing found, all is well: 1."""

    matched: int = 0
    expected: int = 0
    found: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.matched + other.matched, self.expected + other.expected, self.found + other.found)

    @property
    def precision(self) -> float:
        """The share of what was found that was expected."""
        return self.matched / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of what was expected that was found."""
        return self.matched / self.expected if self.expected else 1.0

    @property
    def accuracy(self) -> float:
        """The harmonic mean of both (F1); where every value has its counterpart, simply the share that is right."""
        both = self.expected + self.found
        return 2 * self.matched / both if both else 1.0


@dataclass(frozen=True)
class Miss:
    """A value that was expected and not found, or found and not expected (`None`); `place` says of which entry."""

    field: str
    place: str
    expected: Any
    found: Any


@dataclass(frozen=True)
class Scores:
    """The tally of each field, such as `tasks.leads`, and every value that went wrong."""

    fields: Mapping[str, Tally]
    misses: tuple[Miss, ...] = ()

    @property
    def overall(self) -> Tally:
        """All values of all fields, each counting the same."""
        return sum(self.fields.values(), Tally())


def together(scores: Iterable[Scores]) -> Scores:
    """The tallies of several documents, added field by field."""
    found: defaultdict[str, Tally] = defaultdict(Tally)
    misses: list[Miss] = []
    for each in scores:
        misses += each.misses
        for name, tally in each.fields.items():
            found[name] += tally
    return Scores(dict(found), tuple(misses))


_SCALARS = tuple(f.name for f in fields(DocumentInfo) if f.name != "legal_bases")
_TASK = ("title", "leads", "coordinators", "result", "timing", "source")
_INDICATOR = tuple(f.name for f in fields(IndicatorDraft) if f.name != "text")
_REPORTING = tuple(f.name.rstrip("_") for f in fields(ReportingDraft))
_KNOWN = {f.name for f in fields(PlanDraft)} | {"finding_codes", "file", "note"}
_UNSCORED = {"ordinal", "where", "text"}
"""Keys that an entry may have and that only help to tell which one is meant, or people to read it."""
_DATES = ("from", "to", "by")


def score(expected: Json, draft: Json) -> Scores:
    """Compare the JSON of a draft with an expectation; raises `Refusal("expectation-invalid")` where it has faults."""
    if unknown := sorted(set(expected) - _KNOWN):
        raise _invalid(f"không có mục “{unknown[0]}”")
    try:
        return _Count(expected, draft).scores()
    except (AttributeError, TypeError, KeyError) as error:
        raise _invalid(f"có mục không đúng dạng ({error})") from error


def _invalid(what: str) -> Refusal:
    return Refusal("expectation-invalid", f"Tệp giá trị mong đợi {what}. Hãy sửa theo dạng JSON của bản thảo.")


@dataclass
class _Count:
    """The counting of one document."""

    expected: Json
    draft: Json
    tallies: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    misses: list[Miss] = field(default_factory=list)

    def scores(self) -> Scores:
        self._document()
        if "lead_agency" in self.expected:
            self._one("lead_agency", "", self.expected["lead_agency"], self.draft["lead_agency"])
        if "tasks" in self.expected:
            pairs = in_order(self.expected["tasks"], self.draft["tasks"], _task_gain)
            self._entries("tasks", "nhiệm vụ", pairs, _TASK)
        for name, words, keys in (("indicators", "chỉ tiêu", _INDICATOR), ("reporting", "báo cáo", _REPORTING)):
            if name in self.expected:
                gain = _common(keys)
                self._entries(name, words, in_any_order(self.expected[name], self.draft[name], gain), keys)
        if "recipients" in self.expected:
            self._many("recipients", "", self.expected["recipients"], self.draft["recipients"], same)
        # What else the reader doubted is neither right nor wrong: only what is missing counts.
        codes = {finding["code"] for finding in self.draft["findings"]}
        for code in self.expected.get("finding_codes", ()):
            self._one("finding_codes", "", code, code if code in codes else None)
        return Scores(dict(self.tallies), tuple(self.misses))

    def _document(self) -> None:
        expected, found = self.expected.get("document", {}), self.draft["document"]
        if unknown := sorted(set(expected) - {*_SCALARS, "legal_bases"}):
            raise _invalid(f"không có mục “document.{unknown[0]}”")
        for name in _SCALARS:
            if name in expected:
                self._one(f"document.{name}", "", expected[name], found[name])
        if "legal_bases" in expected:
            self._many("document.legal_bases", "", expected["legal_bases"], found["legal_bases"], _same_keys)

    def _entries(self, name: str, words: str, pairs: list[Pair], keys: Sequence[str]) -> None:
        """Entries side by side. One without counterpart counts in each field that the expectation knows of."""
        given = [each for each, _ in pairs if each is not None]
        asked = set(keys) if not given else {key for each in given for key in each}
        if given and (unknown := sorted(asked - {*keys, *_UNSCORED})):
            raise _invalid(f"không có mục “{name}.{unknown[0]}”")
        for expected, found in pairs:
            known = expected or found or {}
            place = f"{words} {known['ordinal']}" if "ordinal" in known else words
            for key in keys:
                if key in (asked if expected is None else expected):
                    self._field(f"{name}.{key}", place, _value(expected, key), _value(found, key))

    def _field(self, name: str, place: str, expected: Any, found: Any) -> None:
        if name == "tasks.timing":
            rules = (_value(expected, "rules") or [], _value(found, "rules") or [])
            if expected is None or "rules" in expected:
                self._many("tasks.timing.rules", place, *rules, _same_rule)
        elif name in ("tasks.leads", "tasks.coordinators", "reporting.to"):
            self._many(name, place, _texts(expected), _texts(found), same)
        else:
            self._one(name, place, expected, found)

    def _one(self, name: str, place: str, expected: Any, found: Any) -> None:
        """A single value, `None` where there is none; two `None` are nothing to count."""
        right = expected is not None and same(expected, found)
        self.tallies[name] += Tally(int(right), int(expected is not None), int(found is not None))
        if not right and (expected is not None or found is not None):
            self.misses.append(Miss(name, place, expected, found))

    def _many(
        self, name: str, place: str, expected: Sequence[Any], found: Sequence[Any], agree: Callable[[Any, Any], bool]
    ) -> None:
        """Values without order; of several that could agree, the one that says most chooses first."""
        rest = list(found)
        for each in sorted(expected, key=lambda value: -len(value)):
            match = next((other for other in rest if agree(each, other)), None)
            if match is None:
                self.misses.append(Miss(name, place, each, None))
            else:
                rest.remove(match)
        self.misses += [Miss(name, place, None, other) for other in rest]
        self.tallies[name] += Tally(len(found) - len(rest), len(expected), len(found))


def _value(entry: Json | None, key: str) -> Any:
    return None if entry is None else entry.get(key)


def _texts(owners: Sequence[Any] | None) -> list[str]:
    """Bodies as words, each once, whether given as owners or as words."""
    words = [owner if isinstance(owner, str) else owner["text"] for owner in owners or ()]
    return list(dict.fromkeys(words))


def _same_keys(expected: Json, found: Json) -> bool:
    """Whether all that is expected of an entry is so."""
    return all(same(value, found[key]) for key, value in expected.items())


def _same_rule(expected: Json, found: Json) -> bool:
    """A rule is judged as a whole: a date not given is none; its label and event are compared where they are given."""
    wanted = {**dict.fromkeys(_DATES), "soft": False, **expected}
    return _same_keys(wanted, found)


def _task_gain(expected: Json, found: Json) -> float:
    """How much speaks for two tasks being the same: the title most, then the number, the leads, the time."""
    gain = 3 * closeness(expected["title"], found["title"]) if "title" in expected else 0.0
    gain = gain if gain >= 1.5 else 0.0  # any two titles have letters in common
    gain += float(expected.get("ordinal") == found["ordinal"])
    leads, others = _texts(expected.get("leads")), _texts(found["leads"])
    if leads:
        gain += sum(any(same(lead, other) for other in others) for lead in leads) / max(len(leads), len(others))
    rules, read = expected.get("timing", {}).get("rules", ()), found["timing"]["rules"]
    if len(rules) == len(read) and all(_same_rule(*pair) for pair in zip(rules, read, strict=True)):
        gain += 0.5
    return gain


def _common(keys: Sequence[str]) -> Callable[[Json, Json], float]:
    """How much speaks for two entries being the same: how many keys agree, or nearly; the first says most."""

    def gain(expected: Json, found: Json) -> float:
        given = [key for key in keys if key in expected]
        return sum((2 if key == keys[0] else 1) * _near(expected[key], found[key]) for key in given)

    return gain


def _near(expected: Any, found: Any) -> float:
    if isinstance(expected, list):
        return float(sorted(map(str, expected)) == sorted(map(str, found)))
    return 0.5 * same(expected, found) + 0.5 * closeness(expected, found)
