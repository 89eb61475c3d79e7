"""Finds the unit or group behind the words of a plan on a given day. Never guesses: a name is known or it is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from domain.plan import Finding, OwnerRef, PlanDraft, Registry, Severity, TaskDraft, Where

RESOLUTION_CODES = frozenset({"owner-vague", "unit-unknown", "unit-not-in-force", "unit-ambiguous", "lead-vague"})
_PARENTHESIS_RE = re.compile(r"^(?P<name>[^()]+?)\s*\((?P<above>[^()]+)\)$")
_JOINT_RE = re.compile(r"\s*,\s*|\s+và\s+", re.IGNORECASE)
MAX_JOINTS = 60
_NON_WORDS_RE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Match:
    """What some words name on a day; `ids` are the registry ids behind `unit` or `group`."""

    kind: Literal["unit", "group", "vague", "expired", "ambiguous", "unknown"]
    ids: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Lower case without diacritics, blanks or punctuation: "Đài PT-TH&BBP" and "dai PTTH & BBP" are the same."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return _NON_WORDS_RE.sub("", "".join(c for c in plain if not unicodedata.combining(c)))


class Directory:
    """A registry indexed by every spelling of every name, as it stands on one day."""

    def __init__(self, registry: Registry, on: date) -> None:
        self._units: dict[str, set[str]] = {}
        self._expired: dict[str, set[str]] = {}
        self._groups: dict[str, set[str]] = {}
        self._vague = {fold(words) for words in registry.vague}
        for unit in registry.units:
            index = self._units if unit.in_force(on) else self._expired
            for name in (unit.name, *unit.aliases):
                index.setdefault(fold(name), set()).add(unit.id)
        for group in registry.groups:
            for name in (group.name, *group.aliases):
                self._groups.setdefault(fold(name), set()).add(group.id)

    def find(self, text: str) -> Match:
        """What the words name. "Cục X (Bộ Y)" is Cục X when both are known."""
        match = self._exact(text)
        if match.kind == "unknown" and (parts := _PARENTHESIS_RE.match(" ".join(text.split()))):
            return self._exact(parts["name"]) if self._exact(parts["above"]).kind == "unit" else match
        return match

    def split(self, text: str) -> tuple[str, ...]:
        """The owners in one entry: "A và B" is two when the whole is unknown and each side is known."""
        text = " ".join(text.split())
        joints = list(_JOINT_RE.finditer(text))
        if not 0 < len(joints) <= MAX_JOINTS or self.find(text).kind != "unknown":
            return (text,)
        starts = [0, *(joint.end() for joint in joints)]
        ends = [*(joint.start() for joint in joints), len(text)]
        # From the right: the owners of each tail, or None where some part of it has no name we know.
        tails: list[tuple[str, ...] | None] = [None] * len(starts) + [()]
        for first in reversed(range(len(starts))):
            for last in range(first, len(starts)):
                tail, name = tails[last + 1], text[starts[first] : ends[last]]
                if tail is not None and self.find(name).kind != "unknown":
                    tails[first] = (name, *tail)
                    break
        return tails[0] or (text,)

    def _exact(self, text: str) -> Match:
        key = fold(text)
        if key in self._vague:
            return Match("vague")
        units, groups = self._units.get(key, set()), self._groups.get(key, set())
        if len(units) + len(groups) > 1:
            return Match("ambiguous", tuple(sorted(units | groups)))
        if units or groups:
            return Match("unit" if units else "group", tuple(units | groups))
        if expired := self._expired.get(key):
            return Match("expired", tuple(sorted(expired)))
        return Match("unknown")


def resolve(draft: PlanDraft, registry: Registry, on: date) -> PlanDraft:
    """The draft with the unit or group of each owner as of that day; earlier findings of resolution are replaced."""
    directory = Directory(registry, on)
    findings = [finding for finding in draft.findings if finding.code not in RESOLUTION_CODES]
    tasks = tuple(_task(task, directory, findings) for task in draft.tasks)
    if draft.lead_agency:
        _owners((OwnerRef(draft.lead_agency),), directory, "Cơ quan tổng hợp", Where(), findings)
    return replace(draft, tasks=tasks, findings=tuple(findings))


def _task(task: TaskDraft, directory: Directory, findings: list[Finding]) -> TaskDraft:
    place = f"Nhiệm vụ {task.ordinal}"
    leads = _owners(task.leads, directory, place, task.where, findings)
    coordinators = _owners(task.coordinators, directory, place, task.where, findings)
    if leads and all(directory.find(lead.text).kind == "vague" for lead in leads):
        message = f"{place}: đơn vị chủ trì chỉ được nêu chung chung. Hãy chọn đơn vị cụ thể phải báo cáo."
        findings.append(Finding("lead-vague", Severity.BLOCKING, message, task.where))
    return replace(task, leads=leads, coordinators=coordinators)


def _owners(
    owners: Iterable[OwnerRef], directory: Directory, place: str, where: Where, findings: list[Finding]
) -> tuple[OwnerRef, ...]:
    resolved: list[OwnerRef] = []
    for owner in owners:
        for text in directory.split(owner.text):
            match = directory.find(text)
            unit = match.ids[0] if match.kind == "unit" else None
            group = match.ids[0] if match.kind == "group" else None
            resolved.append(OwnerRef(text, unit, group))
            if finding := _finding(match, text, place, where):
                findings.append(finding)
    return tuple(resolved)


def _finding(match: Match, text: str, place: str, where: Where) -> Finding | None:
    ids = ", ".join(match.ids)
    if match.kind == "vague":
        message = f"{place}: “{text}” là cách nói chung, sẽ không ai được nhắc. Hãy chọn đơn vị cụ thể nếu cần."
        return Finding("owner-vague", Severity.INFO, message, where)
    if match.kind == "expired":
        message = f"{place}: “{text}” ({ids}) không còn hoặc chưa có hiệu lực vào ngày này. Hãy chọn đơn vị kế thừa."
        return Finding("unit-not-in-force", Severity.BLOCKING, message, where)
    if match.kind == "ambiguous":
        message = f"{place}: “{text}” là tên chung của {ids}. Hãy chọn một."
        return Finding("unit-ambiguous", Severity.BLOCKING, message, where)
    if match.kind == "unknown":
        message = f"{place}: chưa có “{text}” trong danh bạ. Hãy thêm đơn vị hoặc tên gọi khác, hoặc chọn đơn vị khác."
        return Finding("unit-unknown", Severity.BLOCKING, message, where)
    return None
