"""The bodies of the registry as a person chooses among them, and the words of a draft that stand for nobody yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from domain.errors import Refusal
from domain.names import fold
from domain.plan import OwnerRef, PlanDraft, TaskDraft
from domain.plan_words import UNCLEAR
from domain.resolution import Directory
from web.names import NameLine, Names, in_force, likely
from web.pages.edits import Form
from web.pages.edits_tasks import SIMILAR, pick_of, quoted

SUGGESTED = 3
"""How many likely bodies are offered for words that nobody is known by."""


AT_ONCE = 60
"""How many names are offered to be chosen on one page; the others follow when these are done."""
LIKELY = 0.5
"""From how alike a body is to some words, of 1, it is offered for them."""


@dataclass(frozen=True)
class Unclear:
    """Words that stand for nobody yet: in which tasks (by place), whether they name the lead agency, who it may be."""

    words: str
    kind: str
    places: tuple[int, ...]
    lead_agency: bool
    options: tuple[NameLine, ...]


class Bodies:
    """The units and groups in force on the day."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._directory = Directory(names.registry, names.today)

    @cached_property
    def all(self) -> tuple[NameLine, ...]:
        """All of them, units before groups, by name."""
        return in_force(self._names)

    @cached_property
    def by_pick(self) -> dict[str, NameLine]:
        """The same by the words of a choice, such as `unit:so-tai-chinh`."""
        return {each.pick: each for each in self.all}

    def known(self, owner: OwnerRef) -> tuple[str, bool]:
        """Who an owner is, in words, and whether that is unclear."""
        pick = pick_of(owner)
        if pick:
            name = self.by_pick[pick].name if pick in self.by_pick else pick.partition(":")[2]
            return (f"nhóm {name}" if owner.group else name), False
        vague = self._directory.find(owner.text).kind == "vague"
        return ("nói chung, không nhắc ai" if vague else UNCLEAR), not vague

    def likely(self, words: str, limit: int = SUGGESTED) -> tuple[NameLine, ...]:
        """The bodies that some words may well mean, best first."""
        found = likely(self._directory, words, limit)
        return tuple(each for each in found if each.score is None or each.score >= LIKELY)

    def named(self, name: str) -> NameLine:
        """The body of that name; raises `Refusal` where there is none or more than one."""
        found = [each for each in self.all if fold(each.name) == fold(name)]
        if len(found) != 1:
            words = f"Danh bạ không có đúng một đơn vị hoặc nhóm tên “{name[:200]}”; hãy chọn trong danh sách gợi ý."
            raise Refusal("unit-unknown", words)
        return found[0]

    def unclear(self, draft: PlanDraft) -> tuple[Unclear, ...]:
        """The words for which nobody was found or somebody only by likeness, in the order of the tasks."""
        unconfirmed = {quoted(finding) for finding in draft.findings if finding.code == SIMILAR}
        found: dict[str, tuple[str, str, list[int]]] = {}
        for place, task in enumerate(draft.tasks):
            for owner in (*task.leads, *task.coordinators):
                if kind := self._doubt(owner, task, unconfirmed):
                    places = found.setdefault(fold(owner.text), (owner.text, kind, []))[2]
                    places += [] if place in places else [place]
        lead = draft.lead_agency or ""
        kind = self._directory.find(lead).kind if lead else "unit"
        if kind != "unit":
            found.setdefault(fold(lead), (lead, kind, []))
        return tuple(
            Unclear(words, kind, tuple(places), fold(words) == fold(lead), self.likely(words) if n < AT_ONCE else ())
            for n, (words, kind, places) in enumerate(found.values())
        )

    def _doubt(self, owner: OwnerRef, task: TaskDraft, unconfirmed: set[str]) -> str | None:
        """Why a person should look at an owner, None where all is clear or the plan itself stays vague."""
        if owner.unit or owner.group:
            return "similar" if owner.text in unconfirmed else None
        kind = self._directory.find(owner.text).kind
        if kind == "vague":
            alone = all(lead.unit is None and lead.group is None for lead in task.leads)
            return "vague" if owner in task.leads and alone else None
        return kind


def with_choices(form: Form, bodies: Bodies) -> dict[str, str]:
    """What was filled in, with a body that was typed instead of chosen, and the names of those that were chosen."""
    filled = dict(form)
    if form.get("other") and not form.get("pick"):
        filled["pick"] = bodies.named(form["other"]).pick
    for name, value in list(filled.items()):
        if name.endswith("pick") and value in bodies.by_pick:
            filled[f"{name.removesuffix('pick')}name"] = bodies.by_pick[value].name
    return filled
