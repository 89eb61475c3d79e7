"""What an amended document changes: two drafts of one plan compared, task by task and beyond.

A task of the new document is the one of the old whose title is the same, else the one under the same number whose
title is alike, else the likeliest that is left; none is used twice. Documents number their rows anew, so a number
alone makes no task another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from heapq import nlargest
from typing import Literal, TypeVar

from domain.names import fold, plain
from domain.plan import IndicatorDraft, OwnerRef, PlanDraft, ReportingDraft, TaskDraft
from domain.plan_words import before_phrase
from domain.regime import RHYTHM_WORDS, Rhythm
from domain.regime_words import is_before
from domain.review import check

ALIKE_UNDER_ONE_NUMBER, ALIKE = 0.6, 0.8
"""How alike two folded titles are (0 to 1) that are taken for one task."""
COMPARED_LENGTH = 200
"""Titles are compared by so many folded characters: enough to tell tasks apart, and a bound on the work."""

MOST_PAIRS, MOST_COMPARED = 1_000_000, 4_000
"""Where more pairs than the first are left it is another document, and its tasks are new; of fewer, the second number
is compared letter by letter: those with most words in common."""


class Field(StrEnum):
    """What of a task can be another in the amended document."""

    TITLE = "title"
    ORDINAL = "ordinal"
    LEADS = "leads"
    COORDINATORS = "coordinators"
    RESULT = "result"
    TIMING = "timing"


class PlanField(StrEnum):
    """What of a plan as a whole can be another in the amended document."""

    NUMBER = "number"
    ISSUED_ON = "issued_on"
    TITLE = "title"
    AUTHORITY = "authority"
    SIGNED_BY = "signed_by"
    LEAD_AGENCY = "lead_agency"
    REPORTING = "reporting"
    INDICATORS = "indicators"
    RECIPIENTS = "recipients"


@dataclass(frozen=True)
class FieldChange:
    """One changed field, in words: what it was and what it is. For lists, what went and what came."""

    field: str
    before: str = ""
    after: str = ""
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskChange:
    """One task of the old document, of the new, or of both."""

    kind: Literal["added", "dropped", "changed", "same"]
    before: TaskDraft | None
    after: TaskDraft | None
    fields: tuple[FieldChange, ...] = ()

    def changes(self, *names: Field) -> bool:
        """Whether any of these fields is another."""
        return any(change.field in names for change in self.fields)


@dataclass(frozen=True)
class PlanDifference:
    """All that is another: the tasks in the order of the new document, dropped ones last; and the plan as a whole."""

    tasks: tuple[TaskChange, ...] = ()
    plan: tuple[FieldChange, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the two documents say the same."""
        return not self.plan and all(task.kind == "same" for task in self.tasks)

    def of_kind(self, kind: str) -> tuple[TaskChange, ...]:
        """The tasks that were added, dropped, changed or are the same."""
        return tuple(task for task in self.tasks if task.kind == kind)


def compare(before: PlanDraft, after: PlanDraft) -> PlanDifference:
    """What `after` changes in `before`."""
    pairs = _match(before.tasks, after.tasks)
    old_of = {new: old for old, new in pairs}
    kept = {old for old, _ in pairs}
    tasks = [
        _changed(before.tasks[old_of[n]], task) if n in old_of else TaskChange("added", None, task)
        for n, task in enumerate(after.tasks)
    ]
    tasks += [TaskChange("dropped", task, None) for n, task in enumerate(before.tasks) if n not in kept]
    return PlanDifference(tuple(tasks), tuple(_plan_changes(before, after)))


def printed_title(title: str, ordinal: int | None, printed: int | None) -> str:
    """A task's title, with the number that the amended document prints where that is not the task's own."""
    if printed is None or printed == ordinal:
        return title
    return f"{title} (số {printed} theo kế hoạch sửa đổi)"


def owner_key(owner: OwnerRef) -> str:
    """What makes two mentions one body: the unit or group they were resolved to, else their folded words."""
    if owner.unit:
        return f"unit:{owner.unit}"
    return f"group:{owner.group}" if owner.group else f"text:{fold(owner.text)}"


def _match(old: Sequence[TaskDraft], new: Sequence[TaskDraft]) -> list[tuple[int, int]]:
    """Index pairs; the same pairs, swapped, when the sides are swapped."""
    left = {n: fold(task.title)[:COMPARED_LENGTH] for n, task in enumerate(old)}
    right = {n: fold(task.title)[:COMPARED_LENGTH] for n, task in enumerate(new)}
    pairs = _same_titles(old, new, left, right)
    numbers = {task.ordinal: n for n, task in reversed(list(enumerate(new))) if n in right}
    for n in list(left):
        other = numbers.pop(old[n].ordinal, None)
        if other is not None and _alike(left[n], right[other]) >= ALIKE_UNDER_ONE_NUMBER:
            pairs.append((n, other))
            del left[n], right[other]
    scored = [(-_alike(left[n], right[m], ALIKE), n, m) for n, m in _likely(old, new, left, right)]
    for score, n, m in sorted(scored, key=lambda s: (s[0], old[s[1]].ordinal + new[s[2]].ordinal, s[1] + s[2])):
        if -score >= ALIKE and n in left and m in right:
            pairs.append((n, m))
            del left[n], right[m]
    return pairs


def _likely(
    old: Sequence[TaskDraft], new: Sequence[TaskDraft], left: Iterable[int], right: Iterable[int]
) -> list[tuple[int, int]]:
    """The pairs that share most words, at least half of them; none where it would take too long to look at them all."""
    one, other = ({n: {*plain(tasks[n].title).split()} for n in ns} for tasks, ns in ((old, left), (new, right)))
    if len(one) * len(other) > MOST_PAIRS:
        return []
    shared = (
        (len(a & b) / (len(a | b) or 1), -old[n].ordinal - new[m].ordinal, n, m)
        for n, a in one.items()
        for m, b in other.items()
        if 2 * len(a & b) >= min(len(a), len(b))
    )
    return [(n, m) for *_, n, m in nlargest(MOST_COMPARED, shared)]


def _same_titles(
    old: Sequence[TaskDraft], new: Sequence[TaskDraft], left: dict[int, str], right: dict[int, str]
) -> list[tuple[int, int]]:
    """Pairs of equal titles, taken out of `left` and `right`; of several with one title, first those of one number."""
    pairs = []
    waiting: dict[str, list[int]] = {}
    for m, title in right.items():
        waiting.setdefault(title, []).append(m)
    for same_number in (True, False):
        for n, title in list(left.items()):
            found = [m for m in waiting.get(title, ()) if not same_number or new[m].ordinal == old[n].ordinal]
            if found:
                pairs.append((n, found[0]))
                waiting[title].remove(found[0])
                del left[n], right[found[0]]
    return pairs


def _alike(a: str, b: str, enough: float = 0.0) -> float:
    """0 to 1, the same whichever comes first; 0 at once where the lengths or letters cannot reach `enough`."""
    matcher: SequenceMatcher[str] = SequenceMatcher(None, min(a, b), max(a, b), autojunk=False)
    if matcher.real_quick_ratio() < enough or matcher.quick_ratio() < enough:
        return 0.0
    return matcher.ratio()


def _changed(old: TaskDraft, new: TaskDraft) -> TaskChange:
    fields = [
        *_words(Field.TITLE, old.title, new.title),
        *_words(Field.ORDINAL, str(old.ordinal), str(new.ordinal)),
        *_bodies(Field.LEADS, old.leads, new.leads),
        *_bodies(Field.COORDINATORS, old.coordinators, new.coordinators),
        *_words(Field.RESULT, old.result or "", new.result or ""),
    ]
    if old.timing.rules != new.timing.rules or fold(old.timing.text) != fold(new.timing.text):
        fields.append(FieldChange(Field.TIMING, old.timing.text, new.timing.text))
    return TaskChange("changed" if fields else "same", old, new, tuple(fields))


def _words(field: str, before: str, after: str) -> list[FieldChange]:
    same = " ".join(before.split()) == " ".join(after.split())
    return [] if same else [FieldChange(field, before, after)]


def _bodies(field: str, before: Iterable[OwnerRef], after: Iterable[OwnerRef]) -> list[FieldChange]:
    return _listed(field, before, after, owner_key, lambda owner: owner.text)


_Item = TypeVar("_Item")


def _listed(
    field: str,
    before: Iterable[_Item],
    after: Iterable[_Item],
    key: Callable[[_Item], Hashable],
    words: Callable[[_Item], str],
) -> list[FieldChange]:
    old, new = {key(each): words(each) for each in before}, {key(each): words(each) for each in after}
    removed = tuple(text for each, text in old.items() if each not in new)
    added = tuple(text for each, text in new.items() if each not in old)
    if not removed and not added:
        return []
    return [FieldChange(field, "; ".join(old.values()), "; ".join(new.values()), removed, added)]


def _plan_changes(before: PlanDraft, after: PlanDraft) -> list[FieldChange]:
    old, new = before.document, after.document
    return [
        *_words(PlanField.NUMBER, old.number or "", new.number or ""),
        *_words(
            PlanField.ISSUED_ON,
            old.issued_on.isoformat() if old.issued_on else "",
            new.issued_on.isoformat() if new.issued_on else "",
        ),
        *_words(PlanField.TITLE, old.title or "", new.title or ""),
        *_words(PlanField.AUTHORITY, old.authority or "", new.authority or ""),
        *_words(PlanField.SIGNED_BY, old.signed_by or "", new.signed_by or ""),
        *_words(PlanField.LEAD_AGENCY, before.lead_agency or "", after.lead_agency or ""),
        *_listed(PlanField.REPORTING, before.reporting, after.reporting, _reporting_words, _reporting_words),
        *_listed(PlanField.INDICATORS, before.indicators, after.indicators, _indicator_key, lambda each: each.text),
        *_listed(PlanField.RECIPIENTS, before.recipients, after.recipients, fold, str),
    ]


def carried(running: PlanDraft, amended: PlanDraft) -> PlanDraft:
    """The amended draft with what the running plan knows and the new document does not say.

    An amending document seldom repeats who signs, who gathers and by when the lead agency reports; what an admin once
    filled in there would otherwise be asked for again, or be proposed to be emptied.
    """
    known, new = running.document, amended.document
    document = replace(
        new,
        number=new.number or known.number,
        issued_on=new.issued_on or (None if new.number else known.issued_on),
        title=new.title or known.title,
        authority=new.authority or known.authority,
        province=new.province or known.province,
        signed_by=new.signed_by or known.signed_by,
    )
    reporting = tuple(_carried_entry(running, entry) for entry in amended.reporting)
    told = {entry.from_ for entry in reporting}
    reporting += tuple(entry for entry in running.reporting if entry.from_ not in told)
    lead = amended.lead_agency or running.lead_agency
    return check(replace(amended, document=document, lead_agency=lead, reporting=reporting))


def _carried_entry(running: PlanDraft, entry: ReportingDraft) -> ReportingDraft:
    """The entry with the day, cycle and addresses of the running plan's entry of that sender where it has none."""
    same = [
        each
        for each in running.reporting
        if each.from_ == entry.from_ and each.every in (entry.every, None)
        if not each.before or is_before(entry.every or each.every, each.before)
    ]
    if entry.before or not same:
        return entry
    known = same[0]
    to = entry.to or known.to
    return replace(entry, before=known.before, every=entry.every or known.every, to=to, via=entry.via or known.via)


_WHO = {"units": "các đơn vị", "lead": "cơ quan tổng hợp"}


def _reporting_words(entry: ReportingDraft) -> str:
    parts = (
        f"{_WHO[entry.from_]} báo cáo {', '.join(entry.to)}".rstrip(),
        f"qua {entry.via}" if entry.via else "",
        RHYTHM_WORDS[Rhythm(entry.every)] if entry.every else "",
        before_phrase(entry.every, entry.before) if entry.before else "",
        "khi có yêu cầu" if entry.on_request else "",
    )
    return ", ".join(filter(None, parts))


def _indicator_key(each: IndicatorDraft) -> Hashable:
    return each.horizon, fold(each.subject), each.comparator, each.value, fold(each.unit or "")
