"""A draft as its review page shows it: findings with the place where each is mended, tasks with what was understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from domain.plan import Finding, OwnerRef, PlanDraft, TaskDraft
from domain.plan_words import rule_words, where_words
from domain.resolution import RESOLUTION_CODES
from web.drafts import Sheet
from web.pages.draft import OwnerWords
from web.pages.edits import may_settle
from web.pages.names import Bodies

TASKS_A_PAGE = 100
NAMES = "#names"
COMMON = "theo kỳ báo cáo chung"
"""When a task without a time of its own is reported on."""
_TASK = re.compile(r"(?:Nhiệm vụ|Số thứ tự)\s+(?P<ordinal>[0-9]+)\b")
_SUBJECTS = {
    "Chỉ tiêu": "indicators", "Hạn báo cáo": "reporting", "Chế độ báo cáo": "reporting", "Nơi nhận": "recipients",
}  # fmt: skip
"""Where findings are mended, by how their sentences begin."""
_SECTIONS = {
    "reporting": "reporting", "regime": "reporting", "levels": "reporting", "recipients": "recipients",
    "indicator": "indicators", "ordinal": "tasks",
    "column": "tasks", "no-tasks": "tasks", "owner-columns": "tasks", "tracked": "tasks",
}  # fmt: skip
"""The same by how their codes begin; all others with the document's own data."""


@dataclass(frozen=True)
class FindingLine:
    """One finding; `link` is where it is mended, `index` its place in the draft if a person may settle it."""

    code: str
    severity: str
    message: str
    where: str
    link: str
    task: int | None
    index: int
    settle: bool

    @property
    def about_name(self) -> bool:
        """Whether it is about who some words mean, which is chosen for all of them at once."""
        return self.link == NAMES


@dataclass(frozen=True)
class TaskRow:
    """One task at its place, counted from 0. `rules` is what its time was understood to mean, a phrase each."""

    place: int
    ordinal: int
    title: str
    organisation: bool
    leads: tuple[OwnerWords, ...]
    coordinators: tuple[OwnerWords, ...]
    result: str
    timing: str
    rules: tuple[str, ...]
    where: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True)
class ReviewView:
    """What the page shows besides its forms: `tasks` from the place `first` on."""

    findings: Mapping[str, tuple[FindingLine, ...]]
    tasks: tuple[TaskRow, ...]
    first: int
    total: int
    firsts: tuple[int, ...] = field(default=())

    @property
    def last(self) -> int:
        """The place after the last task shown."""
        return self.first + len(self.tasks)


def review_view(sheet: Sheet, bodies: Bodies, first: int = 0) -> ReviewView:
    """The findings by severity, and one page of tasks."""
    draft = sheet.draft
    first = min(max(first, 0), max(len(draft.tasks) - 1, 0)) // TASKS_A_PAGE * TASKS_A_PAGE
    lines = tuple(_findings(sheet))
    by_severity = {
        severity: tuple(each for each in lines if each.severity == severity)
        for severity in ("blocking", "review", "info")
    }
    rows = tuple(
        task_row(task, place, bodies, tuple(each for each in lines if each.task == place))
        for place, task in enumerate(draft.tasks[first : first + TASKS_A_PAGE], first)
    )
    return ReviewView(by_severity, rows, first, len(draft.tasks), tuple(range(0, len(draft.tasks), TASKS_A_PAGE)))


def task_row(task: TaskDraft, place: int, bodies: Bodies, findings: tuple[FindingLine, ...] = ()) -> TaskRow:
    """One task in words."""
    return TaskRow(
        place,
        task.ordinal,
        task.title,
        task.source == "organisation",
        tuple(_owner(bodies, owner) for owner in task.leads),
        tuple(_owner(bodies, owner) for owner in task.coordinators),
        task.result or "",
        task.timing.text,
        tuple(map(rule_words, task.timing.rules)) if task.timing.text.strip() else (COMMON,),
        where_words(task.where),
        findings,
    )


def task_findings(sheet: Sheet, place: int) -> tuple[FindingLine, ...]:
    """The findings of one task."""
    return tuple(each for each in _findings(sheet) if each.task == place)


def _owner(bodies: Bodies, owner: OwnerRef) -> OwnerWords:
    known, unclear = bodies.known(owner)
    return OwnerWords(owner.text, known, unclear)


def _findings(sheet: Sheet) -> Iterator[FindingLine]:
    places: dict[int, list[int]] = {}
    for place, each in enumerate(sheet.draft.tasks):
        places.setdefault(each.ordinal, []).append(place)
    for index, finding in enumerate(sheet.draft.findings):
        task = _task_of(finding, sheet.draft, places)
        yield FindingLine(
            finding.code,
            finding.severity.value,
            finding.message,
            where_words(finding.where),
            _link(sheet, finding, task),
            task,
            index,
            may_settle(finding.code),
        )


def _task_of(finding: Finding, draft: PlanDraft, places: Mapping[int, list[int]]) -> int | None:
    """The place of the task that a finding speaks of, by its number and, of several with one number, by where it is."""
    named = _TASK.match(finding.message)
    if named is None:
        return None
    found = places.get(int(named["ordinal"]), [])
    here = [place for place in found if draft.tasks[place].where == finding.where]
    return next(iter(here[-1:] or found), None)


def _link(sheet: Sheet, finding: Finding, task: int | None) -> str:
    if finding.code in RESOLUTION_CODES and task is not None and sheet.may_change:
        return NAMES
    if task is not None:
        return f"{sheet.place.path}/tasks/{task}"
    by_words = (at for begins, at in _SUBJECTS.items() if finding.message.startswith(begins))
    by_code = (at for begins, at in _SECTIONS.items() if finding.code.startswith(begins))
    return "#" + next(chain(by_words, by_code), "document")
