"""What an amended document changes, in words: task by task, the field as it is and as it would be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.amendment import FieldChange, TaskChange
from models.queries.amendments import AmendmentView

FIELDS = {
    "title": "Nội dung",
    "ordinal": "Số thứ tự",
    "leads": "Chủ trì",
    "coordinators": "Phối hợp",
    "result": "Kết quả",
    "timing": "Thời gian",
    "number": "Số, ký hiệu",
    "issued_on": "Ngày ban hành",
    "authority": "Cơ quan ban hành",
    "signed_by": "Người ký",
    "lead_agency": "Cơ quan chủ trì tổng hợp",
    "reporting": "Chế độ báo cáo",
    "indicators": "Chỉ tiêu",
    "recipients": "Nơi nhận",
}
"""The fields of a task and of a plan, as people call them."""

KINDS = ("changed", "renumbered", "added", "dropped", "same")
_NAMED_RE = re.compile(r"^Nhiệm vụ [0-9]+:? ")
"""How a consequence begins; the page says it under the task's own name, which may have another number by then."""


@dataclass(frozen=True)
class FieldLine:
    """One field before and after; of a list also what went and what came."""

    label: str
    before: str
    after: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True)
class TaskLine:
    """One task that changes, or does not. `place` is its place in the new document, None where it is dropped.

    `was` is its number in the running plan, None for a new one; one that only gets another number is `renumbered`.
    """

    kind: str
    ordinal: int
    was: int | None
    title: str
    leads: str
    timing: str
    place: int | None
    fields: tuple[FieldLine, ...]
    consequence: str = ""


@dataclass(frozen=True)
class DifferenceView:
    """All that is another, tasks by kind."""

    plan: tuple[FieldLine, ...]
    changed: tuple[TaskLine, ...]
    renumbered: tuple[TaskLine, ...]
    added: tuple[TaskLine, ...]
    dropped: tuple[TaskLine, ...]
    same: tuple[TaskLine, ...]

    @property
    def empty(self) -> bool:
        """Whether the two documents say the same."""
        return not (self.plan or self.changed or self.renumbered or self.added or self.dropped)


def field_line(change: FieldChange) -> FieldLine:
    """One field in words; the title of a plan is called as that of a task."""
    return FieldLine(FIELDS.get(change.field, change.field), change.before, change.after, change.removed, change.added)


def difference_view(view: AmendmentView) -> DifferenceView:
    """What the page of an amendment shows of it."""
    lines = tuple(_task_lines(view))
    kinds = {kind: tuple(each for each in lines if each.kind == kind) for kind in KINDS}
    return DifferenceView(tuple(map(field_line, view.difference.plan)), **kinds)


def _task_lines(view: AmendmentView) -> Iterator[TaskLine]:
    """The tasks in the order of the new document, the dropped ones last."""
    messages = {each.ordinal: each.message for each in view.consequences}
    place = 0
    for change in view.difference.tasks:
        task = change.after or change.before
        if task is None:
            continue
        here = place if change.after else None
        place += change.after is not None
        yield TaskLine(
            _kind(change),
            task.ordinal,
            change.before.ordinal if change.before else None,
            task.title,
            "; ".join(owner.text for owner in task.leads),
            task.timing.text,
            here,
            tuple(map(field_line, change.fields)),
            _unnamed(messages.get(change.before.ordinal, "")) if change.before else "",
        )


def _kind(change: TaskChange) -> str:
    only_number = change.fields and all(each.field == "ordinal" for each in change.fields)
    return "renumbered" if change.kind == "changed" and only_number else change.kind


def _unnamed(message: str) -> str:
    words = _NAMED_RE.sub("", message)
    return words[:1].upper() + words[1:]
