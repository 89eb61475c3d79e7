"""A registry as a directory of names: what some words name on one day, exactly, in short, or by likeness.

A name is known in any spelling, without the province it is at home in, and in the short forms worked out from it. One
that is only very like a known name is `similar`, for a person to confirm; anything less is left open, with candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from domain.lookalikes import Lookalikes
from domain.names import LONGEST_NAME, Name, Place, fold, may_be_a_slip, plain, read_name
from domain.plan import OwnerRef, Registry

SURE, CLEARLY, WORTH_NAMING = 0.88, 0.05, 0.6
"""How alike a name must be to be taken for a known one, by how much it must lead the next, and to be a candidate."""

MAX_JOINTS = 60
_JOINT_RE = re.compile(r"\s*,\s*|\s+và\s+", re.IGNORECASE)
_WITHIN_RE = re.compile(r"^(?P<name>[^()]+?)\s*(?:\((?P<inside>[^()]+)\)|(?:[-–]\s|\bthuộc\s)\s*(?P<above>[^()]+))$")
_SUPERIOR_RE = re.compile(r"(?:bo|so|ubnd|uy ban|cuc|tong cuc|ban|hoi|tinh uy|thanh uy|chinh phu)\b")
_ANY = (
    r"(?:chinh quyen dia phuong|co quan|don vi|dia phuong|to chuc|doan the|doanh nghiep|ca nhan|hop tac xa|truong hoc"
    r"|co so|thanh pho|thi xa|thi tran|so|ban|nganh|hoi|quan|huyen|phuong|xa|tinh|truong|bao|dai|bo|cuc|phong|cap)\b"
)
# "các đơn vị, địa phương có liên quan": nobody in particular, whether the registry lists the words or not.
_GROUND = r"(?:\s+(?:cua |trong |tren dia ban |cap )?(?:tinh|thanh pho|huyen|xa)\b)?"
_VAGUE_RE = re.compile(
    rf"(?:tat ca |toan the )?(?:(?:ubnd|uy ban nhan dan) (?=cac ))?(?P<many>(?:cac|nhung|mot so) )?{_ANY}"
    rf"(?P<more>(?:[\s,;/-]+(?:va |cac )*{_ANY})*){_GROUND}\s+"
    rf"(?:(?P<other>khac)|(?:khac\s+)?(?:co\s+)?lien quan(?:\s+khac)?){_GROUND}$"
)
_MANY_RE = re.compile(r"(?:cac|nhung|tat ca|toan the)\b|(?:ubnd|uy ban nhan dan|cong an) (?:cac|cap)\b|so, ")


def is_vague(text: str) -> bool:
    """Whether the words name nobody in particular; "Sở khác" might be a name, "các sở khác" is none."""
    match = _VAGUE_RE.match(" ".join(plain(text[:LONGEST_NAME]).split()))
    return bool(match and (not match["other"] or match["many"] or match["more"]))


def is_many(text: str) -> bool:
    """Whether the words stand for several bodies, known or not: "Các sở, ban, ngành", "UBND các xã, phường"."""
    return bool(_MANY_RE.match(plain(text)))


@dataclass(frozen=True)
class Candidate:
    """A unit or group that some words may mean; `score` from 0 to 1, where 1 is a name in another spelling."""

    kind: Literal["unit", "group"]
    id: str
    name: str
    score: float = 1.0


@dataclass(frozen=True)
class Match:
    """What some words name on a day; `ids` are the registry ids behind it, `candidates` the names most like them."""

    kind: Literal["unit", "group", "vague", "expired", "ambiguous", "similar", "unknown"]
    ids: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


_UNKNOWN = Match("unknown")


class _Names:
    """Which units or groups have a name, by its spelling, its words and its first letters."""

    def __init__(self) -> None:
        self.spelt: dict[str, set[Candidate]] = {}
        self.words: dict[str, set[Candidate]] = {}
        self.initials: dict[str, set[tuple[Name, Candidate]]] = {}

    def add(self, name: str, meaning: Candidate, place: Place) -> None:
        self.spelt.setdefault(fold(name), set()).add(meaning)
        for form in place.at_home(read_name(name)):
            self.words.setdefault(form.key, set()).add(meaning)
            self.initials.setdefault(form.initials, set()).add((form, meaning))

    def in_short(self, name: Name) -> set[Candidate]:
        """Those whose names it abbreviates: "Sở TT&TT", "STTTT". Never the other way: "SNV" may be more than one."""
        if not any(name.short):
            return set()
        return {meaning for full, meaning in self.initials.get(name.initials, ()) if name.stands_for(full)}


class Directory:
    """A registry indexed by every spelling of every name, as it stands on one day."""

    def __init__(self, registry: Registry, on: date) -> None:
        self._on = on
        self._place = Place.of(registry.authority.name, registry.authority.province)
        self._units = {unit.id: unit for unit in registry.units}
        self._groups = {group.id: group for group in registry.groups}
        self._vague = {fold(words) for words in registry.vague}
        self._current, self._expired = _Names(), _Names()
        self._exact: dict[str, set[Candidate]] = {}
        self._known_already: dict[str, Match] = {}
        self._found: dict[str, Match] = {}
        self._split_already: dict[str, tuple[str, ...]] = {}
        self._alike: Lookalikes[Candidate] | None = None
        self._words_of: dict[tuple[str, str], list[tuple[str, ...]]] = {}
        for unit in registry.units:
            meaning = Candidate("unit", unit.id, unit.name)
            self._add(self._current if unit.in_force(on) else self._expired, meaning, (unit.name, *unit.aliases))
        for group in registry.groups:
            self._add(self._current, Candidate("group", group.id, group.name), (group.name, *group.aliases))

    def _add(self, names: _Names, meaning: Candidate, spellings: Iterable[str]) -> None:
        for spelling in spellings:
            names.add(spelling, meaning, self._place)
            self._exact.setdefault(" ".join(spelling.casefold().split()), set()).add(meaning)

    def find(self, text: str) -> Match:
        """What the words name. "Cục X (Bộ Y)" is Cục X when both are known; a very like name is `similar`."""
        if text not in self._found:
            match = self._known(text)
            self._found[text] = match if match.kind != "unknown" else self._similar(text)
        return self._found[text]

    def candidates(self, text: str, limit: int = 5) -> tuple[Candidate, ...]:
        """The units in force and groups that the words may mean, best first; those they name outright score 1."""
        named = [self._candidate(id_) for id_ in self._known(text).ids]
        found = {(each.kind, each.id): each for each in named if each}
        if self._alike is None:
            self._alike = Lookalikes(
                (tuple(key.split()), meaning) for key, meanings in self._current.words.items() for meaning in meanings
            )
            for key, meanings in self._current.words.items():
                for meaning in meanings:
                    self._words_of.setdefault((meaning.kind, meaning.id), []).append(tuple(key.split()))
        for form in dict.fromkeys(self._place.at_home(read_name(text))):
            for score, meaning in self._alike.best(form.words, limit):
                kept = found.setdefault((meaning.kind, meaning.id), replace(meaning, score=round(score, 4)))
                if score > kept.score:
                    found[meaning.kind, meaning.id] = replace(meaning, score=round(score, 4))
        return tuple(sorted(found.values(), key=lambda each: (-each.score, each.name, each.id))[:limit])

    def members(self, group: str, on: date | None = None) -> tuple[str, ...]:
        """The units of a group that are in force that day, by default the day of this directory."""
        day = on or self._on
        members = self._groups[group].members if group in self._groups else ()
        return tuple(id_ for id_ in members if id_ in self._units and self._units[id_].in_force(day))

    def chosen(self, owner: OwnerRef) -> bool:
        """Whether a unit in force or a group was already chosen for these words and they do not name another."""
        if owner.unit not in self._units and owner.group not in self._groups:
            return False
        if owner.unit and not self._units[owner.unit].in_force(self._on):
            return False
        match = self._known(owner.text)
        if match.kind == "group" and owner.unit:
            return owner.unit in self.members(match.ids[0])
        return match.kind not in ("unit", "group") or match.ids[0] == (owner.unit or owner.group)

    def split(self, text: str) -> tuple[str, ...]:
        """The owners in one entry: "A và B" is two when the whole is unknown and each side is known."""
        if text not in self._split_already:
            self._split_already[text] = self._split(" ".join(text.split()))
        return self._split_already[text]

    def _split(self, text: str) -> tuple[str, ...]:
        joints = list(_JOINT_RE.finditer(text))
        if not 0 < len(joints) <= MAX_JOINTS or self._known(text).kind != "unknown":
            return (text,)
        starts = [0, *(joint.end() for joint in joints)]
        ends = [*(joint.start() for joint in joints), len(text)]
        # From the right: the owners of each tail, or None where some part of it has no name we know.
        tails: list[tuple[str, ...] | None] = [None] * len(starts) + [()]
        for first in reversed(range(len(starts))):
            for last in range(first, len(starts)):
                tail, name = tails[last + 1], text[starts[first] : ends[last]]
                if tail is not None and self._known(name).kind != "unknown":
                    tails[first] = (name, *tail)
                    break
        return tails[0] or (text,)

    def _known(self, text: str) -> Match:
        """What the words name outright, in any spelling or short form."""
        if text not in self._known_already:
            match = self._named(text)
            if match.kind == "unknown" and (parts := _WITHIN_RE.match(" ".join(text[:LONGEST_NAME].split()))):
                match = self._within(parts)
            self._known_already[text] = match
        return self._known_already[text]

    def _within(self, parts: re.Match[str]) -> Match:
        """ "Cục X (Bộ Y)": a body named with the one above it, or with something else in parentheses."""
        inner, above = self._named(parts["name"]), parts["inside"] or parts["above"]
        if parts["above"] or _SUPERIOR_RE.match(plain(above)):
            return inner if inner.kind != "vague" and self._named(above).kind in ("unit", "expired") else _UNKNOWN
        return inner

    def _named(self, text: str) -> Match:
        key, folded = " ".join(text.casefold().split()), fold(text)
        if folded in self._vague:
            return Match("vague")
        if match := self._one_of(self._current.spelt.get(folded), self._expired.spelt.get(folded), key):
            return match
        if is_vague(text):
            return Match("vague")
        forms = list(dict.fromkeys(self._place.at_home(read_name(text)))) if len(text) <= LONGEST_NAME else []
        for form in forms:
            if match := self._one_of(self._current.words.get(form.key), self._expired.words.get(form.key), key):
                return match
        for form in forms:
            if match := self._one_of(self._current.in_short(form), self._expired.in_short(form), key):
                return match
        return _UNKNOWN

    def _one_of(self, current: set[Candidate] | None, expired: set[Candidate] | None, key: str) -> Match | None:
        if current and len(current) > 1:
            # Names that differ in their diacritics only: the one written exactly so, if there is just one.
            current = exact if len(exact := current & self._exact.get(key, set())) == 1 else current
        if current and len(current) == 1:
            return Match(next(iter(current)).kind, (next(iter(current)).id,))
        ids = tuple(sorted(each.id for each in current or expired or ()))
        return Match("ambiguous" if current else "expired", ids) if ids else None

    def _similar(self, text: str) -> Match:
        if not 2 < len(text) <= LONGEST_NAME:
            return _UNKNOWN
        best = [each for each in self.candidates(text) if each.score >= WORTH_NAMING]
        if is_many(text):
            best = [each for each in best if each.kind == "group"]
        meant = [each for each in best if self._may_be_a_slip(text, each)]
        lead = meant[0].score - (meant[1].score if len(meant) > 1 else 0.0) if meant else 0.0
        if meant and meant[0].score >= SURE and lead >= CLEARLY:
            return Match("similar", (meant[0].id,), (meant[0],))
        return Match("unknown", (), tuple(best[:3]))

    def _may_be_a_slip(self, text: str, candidate: Candidate) -> bool:
        written = read_name(text).words
        return any(may_be_a_slip(written, words) for words in self._words_of[candidate.kind, candidate.id])

    def _candidate(self, id_: str) -> Candidate | None:
        if (unit := self._units.get(id_)) and unit.in_force(self._on):
            return Candidate("unit", id_, unit.name)
        group = self._groups.get(id_)
        return Candidate("group", id_, group.name) if group else None
