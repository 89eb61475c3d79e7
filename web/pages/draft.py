"""A draft in words: what was understood of a plan's document, for the person who is about to activate it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.plan import OwnerRef, Severity, TaskDraft
from domain.plan_words import UNCLEAR, reporting_words, rule_words
from models.queries.plans import DraftView


@dataclass(frozen=True)
class OwnerWords:
    """A body in the plan's words, and whom the registry knows by them; `unclear` where somebody has to choose."""

    text: str
    known: str
    unclear: bool = False


@dataclass(frozen=True)
class TaskWords:
    """One task that was read. `rules` is what its time was understood to mean, a phrase each."""

    ordinal: int
    title: str
    leads: tuple[OwnerWords, ...]
    coordinators: tuple[OwnerWords, ...]
    result: str
    timing: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class DraftWords:
    """The whole draft. `blocking` counts the findings that keep it from being activated."""

    source_name: str
    lead_agency: str
    deadlines: tuple[str, ...]
    recipients: tuple[str, ...]
    indicators: int
    tasks: tuple[TaskWords, ...]
    blocking: int


def draft_words(view: DraftView) -> DraftWords:
    """What the page of a draft shows."""
    draft = view.draft
    return DraftWords(
        view.source_name,
        draft.lead_agency or UNCLEAR,
        tuple(map(reporting_words, draft.reporting)),
        draft.recipients,
        len(draft.indicators),
        tuple(_task(view, task) for task in draft.tasks),
        sum(finding.severity is Severity.BLOCKING for finding in draft.findings),
    )


def _task(view: DraftView, task: TaskDraft) -> TaskWords:
    return TaskWords(
        task.ordinal,
        task.title,
        tuple(_owner(view, owner) for owner in task.leads),
        tuple(_owner(view, owner) for owner in task.coordinators),
        task.result or "",
        task.timing.text,
        tuple(map(rule_words, task.timing.rules)),
    )


def _owner(view: DraftView, owner: OwnerRef) -> OwnerWords:
    if owner.unit:
        return OwnerWords(owner.text, view.units.get(owner.unit, owner.unit))
    if owner.group:
        return OwnerWords(owner.text, f"nhóm {view.groups.get(owner.group, owner.group)}")
    return OwnerWords(owner.text, UNCLEAR, True)
