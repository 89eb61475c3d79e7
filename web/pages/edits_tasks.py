"""What the forms of a draft's tasks ask for: words, owners, times, order; functions as in `edits`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from domain.errors import Conflict
from domain.names import fold
from domain.plan import Finding, OwnerRef, PlanDraft, TaskDraft
from domain.timing import parse_timing
from web.pages.edits import EDITS, Edit, Form, invalid, kept, line, number, rows, text
from web.patches import MAX_OWNERS, MAX_TASKS, ORDINALS

PLACES = range(MAX_TASKS)
Role = Literal["leads", "coordinators"]
SIMILAR = "unit-similar"
"""The finding that a body was found only by likeness; gone, a person has confirmed it."""


def edit_task(draft: PlanDraft, form: Form) -> Edit:
    """One task as its form shows it."""
    index, task = _task(draft, form)
    words = kept(text(form, "timing"), task.timing.text) or ""
    changed = replace(
        task,
        ordinal=number(form, "ordinal", "Số thứ tự", ORDINALS),
        title=kept(line(form, "title") or "", task.title) or "",
        result=kept(text(form, "result"), task.result),
        leads=_owners(task.leads, form, "leads"),
        coordinators=_owners(task.coordinators, form, "coordinators"),
        timing=task.timing if words == task.timing.text else parse_timing(words),
    )
    before = {owner.text: owner for owner in (*task.leads, *task.coordinators)}
    picked_anew = {
        owner.text for owner in (*changed.leads, *changed.coordinators) if before.get(owner.text, owner) != owner
    }
    confirmed = [f for f in draft.findings if f.where == task.where and f.code == SIMILAR and quoted(f) in picked_anew]
    edited = replace(draft, findings=tuple(f for f in draft.findings if f not in confirmed))
    return Edit(_with(edited, index, changed), f"Sửa nhiệm vụ {changed.ordinal}", f"task-{index}")


def add_task(draft: PlanDraft, form: Form) -> Edit:
    """An empty task after the last."""
    if len(draft.tasks) >= MAX_TASKS:
        raise invalid(f"Một kế hoạch có nhiều nhất {MAX_TASKS} nhiệm vụ.")
    source = draft.tasks[-1].source if draft.tasks else "appendix"
    task = TaskDraft(max((each.ordinal for each in draft.tasks), default=0) + 1, "", source)
    added = replace(draft, tasks=(*draft.tasks, task))
    return Edit(added, f"Thêm nhiệm vụ {task.ordinal}", f"task-{len(draft.tasks)}")


def remove_task(draft: PlanDraft, form: Form) -> Edit:
    """A row that is no task."""
    index, task = _task(draft, form)
    left = draft.tasks[:index] + draft.tasks[index + 1 :]
    return Edit(replace(draft, tasks=left), f"Bỏ nhiệm vụ {task.ordinal}: {task.title}", "tasks")


def move_task(draft: PlanDraft, form: Form) -> Edit:
    """One place up or down; the ordinals stay where they are."""
    index, task = _task(draft, form)
    other = index + (1 if form.get("to") == "down" else -1)
    if not 0 <= other < len(draft.tasks):
        raise invalid("Nhiệm vụ này đã ở đầu hoặc cuối danh sách.")
    tasks, neighbour = list(draft.tasks), draft.tasks[other]
    tasks[other], tasks[index] = replace(task, ordinal=neighbour.ordinal), replace(neighbour, ordinal=task.ordinal)
    return Edit(replace(draft, tasks=tuple(tasks)), f"Chuyển chỗ nhiệm vụ {task.ordinal}", f"task-{other}")


def renumber(draft: PlanDraft, form: Form) -> Edit:
    """Ordinals 1, 2, 3, … in the order of the list."""
    tasks = tuple(replace(task, ordinal=ordinal) for ordinal, task in enumerate(draft.tasks, 1))
    return Edit(replace(draft, tasks=tasks), "Đánh số lại các nhiệm vụ từ 1", "tasks")


def choose(draft: PlanDraft, form: Form) -> Edit:
    """Whom some words mean, wherever the draft has them as an owner."""
    words, chosen = form.get("words", ""), picked(form.get("pick", ""))
    if not words or chosen is None:
        raise invalid("Hãy chọn một đơn vị hoặc nhóm trong danh sách.")

    def of(owner: OwnerRef) -> OwnerRef:
        return replace(owner, unit=chosen[0], group=chosen[1]) if fold(owner.text) == fold(words) else owner

    tasks = tuple(
        replace(task, leads=tuple(map(of, task.leads)), coordinators=tuple(map(of, task.coordinators)))
        for task in draft.tasks
    )
    named = fold(draft.lead_agency or "") == fold(words)
    if not named and not any(fold(o.text) == fold(words) for t in tasks for o in (*t.leads, *t.coordinators)):
        raise Conflict("words-gone", f"Không còn chỗ nào ghi “{words[:200]}”; hãy xem lại bản thảo.")
    lead = form.get("name") if named and chosen[0] else draft.lead_agency
    open_ = tuple(f for f in draft.findings if f.code != SIMILAR or fold(quoted(f)) != fold(words))
    changed = replace(draft, tasks=tasks, lead_agency=lead, findings=open_)
    return Edit(changed, f"Chọn {form.get('name') or chosen[0] or chosen[1]} cho “{words[:200]}”", "names")


def quoted(finding: Finding) -> str:
    """The words that a finding of resolution is about: the first in quotation marks."""
    return finding.message.partition("“")[2].partition("”")[0]


def look_up_again(draft: PlanDraft, form: Form) -> Edit:
    """Nothing by itself: with every change the names are looked up and all is checked anew."""
    return Edit(draft, "Tra lại tên đơn vị theo danh bạ", "findings")


def picked(given: str) -> tuple[str | None, str | None] | None:
    """Unit and group of a choice such as `unit:so-tai-chinh`, one of them None; None where nothing was chosen."""
    kind, _, key = given.partition(":")
    if not key or kind not in ("unit", "group"):
        return None
    return (key, None) if kind == "unit" else (None, key)


def pick_of(owner: OwnerRef) -> str:
    """The choice that stands for whom an owner is."""
    return f"unit:{owner.unit}" if owner.unit else f"group:{owner.group}" if owner.group else ""


def _task(draft: PlanDraft, form: Form) -> tuple[int, TaskDraft]:
    index = number(form, "task", "Nhiệm vụ", PLACES)
    if index >= len(draft.tasks):
        raise Conflict("task-gone", "Nhiệm vụ này không còn trong bản thảo; hãy xem lại danh sách.")
    return index, draft.tasks[index]


def _with(draft: PlanDraft, index: int, task: TaskDraft) -> PlanDraft:
    return replace(draft, tasks=(*draft.tasks[:index], task, *draft.tasks[index + 1 :]))


def _owners(before: tuple[OwnerRef, ...], form: Form, role: Role) -> tuple[OwnerRef, ...]:
    """The owners of one role. Who is chosen without words is called by the registry's name; cleared words drop one."""
    found = []
    for index, row in rows(form, role, ("text", "pick")):
        stored = before[index] if index < len(before) else OwnerRef("")
        words = kept(" ".join(row["text"].split()), stored.text) or ""
        anew = row["pick"] != pick_of(stored)
        if not words and not anew:
            continue
        # Other words, and nobody chosen anew: they are looked up again.
        chosen = picked(row["pick"]) if anew or words == stored.text else None
        found.append(OwnerRef(words or form.get(f"{role}-{index}-name", ""), *(chosen or (None, None))))
    if len(found) > MAX_OWNERS:
        raise invalid(f"Một nhiệm vụ có nhiều nhất {MAX_OWNERS} đơn vị chủ trì hoặc phối hợp.")
    return tuple(owner for owner in found if owner.text)


TASK_EDITS: dict[str, Callable[[PlanDraft, Form], Edit]] = {
    **EDITS,
    "task": edit_task,
    "add": add_task,
    "remove": remove_task,
    "move": move_task,
    "renumber": renumber,
    "choose": choose,
    "look-up": look_up_again,
}
