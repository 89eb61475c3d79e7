"""What may be sent to change a draft: a JSON Patch over its JSON form, or the whole of it; cleaned and bounded."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.errors import Refusal
from domain.plan import PlanDraft, ReportingDraft, TaskDraft
from domain.regime_words import is_before
from domain.timing import parse_timing
from web.bodies import LONGEST, tidy
from web.patching import MAX_DEPTH, Operation, apply_patch, measure, read_operations

MAX_TASKS = 5_000
MAX_OWNERS = 200
"""Of one task and role, and of every other list inside a list."""
MAX_ITEMS = 20_000
YEARS = range(1900, 2200)
ORDINALS = range(100_000)
_OWNERS = ("leads", "coordinators")
OWNER_DEPTH = len(("tasks", "0", "leads", "0"))
"""How deep the pointer to an owner is."""


def read_json(body: bytes) -> Any:
    """The JSON value in a body; raises `Refusal("request-invalid")`."""
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal("request-invalid", "Nội dung gửi lên không phải JSON hợp lệ.") from error
    if measure(value)[1] > MAX_DEPTH:
        raise Refusal("request-invalid", "Nội dung gửi lên lồng nhau quá sâu.")
    return value


def read_patch(body: bytes) -> tuple[Operation, ...]:
    """The operations in a body, those added that follow from them; raises `Refusal`."""
    given = read_json(body)
    return tuple(_completed(read_operations([*map(_operation, given)] if isinstance(given, list) else given)))


def patched(draft: PlanDraft, operations: Sequence[Operation]) -> PlanDraft:
    """The draft after the operations; raises `Refusal` naming the operation or the place that does not fit."""
    return read_draft_json(apply_patch(draft.to_json(), operations))


def read_draft_json(data: Any) -> PlanDraft:
    """A draft in its JSON form; timings without rules get theirs from their words. Raises `Refusal`."""
    for task in data.get("tasks", ()) if isinstance(data, dict) and isinstance(data.get("tasks"), list) else ():
        timing = task.get("timing") if isinstance(task, dict) else None
        if isinstance(timing, dict) and isinstance(timing.get("text"), str) and "rules" not in timing:
            timing["rules"] = rules_json(timing["text"])
    try:
        return PlanDraft.from_json(data)
    except OverflowError as error:
        raise Refusal("draft-invalid", "Bản thảo có một con số quá lớn; hãy sửa con số này.") from error


def rules_json(words: str) -> Any:
    """The rules that these words of a timing are understood as, in JSON form."""
    task = TaskDraft(1, "", timing=parse_timing(words))
    return PlanDraft(tasks=(task,)).to_json()["tasks"][0]["timing"]["rules"]


def clean(value: Any) -> Any:
    """The value with all its texts in NFC, without control characters and blanks around."""
    return _each_text(value, lambda text: tidy(_whole(text)))


def _operation(given: Any) -> Any:
    """An operation with what it brings cleaned; pointers and what is tested for are compared as they come."""
    if not isinstance(given, dict):
        return given
    brings = given.get("op") != "test"
    return {
        name: clean(item) if brings and name == "value" else _each_text(item, _whole) for name, item in given.items()
    }


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can say and nothing can store."""
    return text.encode("utf-8", "replace").decode()


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {change(name): _each_text(item, change) for name, item in value.items()}
    return value


def check_bounds(draft: PlanDraft) -> None:
    """Raises `Refusal("draft-invalid")` for what no plan has: numbers, days and lengths that the books cannot hold."""
    for words in _beyond(draft):
        raise Refusal("draft-invalid", words)


def _beyond(draft: PlanDraft) -> Iterator[str]:
    lists = (draft.tasks, draft.indicators, draft.reporting, draft.recipients, draft.findings)
    if len(draft.tasks) > MAX_TASKS:
        yield f"Bản thảo có hơn {MAX_TASKS} nhiệm vụ; hãy chia thành nhiều kế hoạch."
    if any(len(items) > MAX_ITEMS for items in (*lists, draft.document.legal_bases)):
        yield f"Bản thảo có một danh sách dài hơn {MAX_ITEMS} mục."
    for index, task in enumerate(draft.tasks):
        if task.ordinal not in ORDINALS:
            yield f"bản thảo.tasks[{index}].ordinal: số thứ tự phải từ 0 đến {ORDINALS[-1]}."
        if max(len(task.leads), len(task.coordinators), len(task.timing.rules)) > MAX_OWNERS:
            yield f"bản thảo.tasks[{index}]: nhiều hơn {MAX_OWNERS} đơn vị hoặc mốc thời gian."
        if not task.timing.rules:
            yield f"bản thảo.tasks[{index}].timing.rules: phải có ít nhất một mục."
    for index, indicator in enumerate(draft.indicators):
        if indicator.horizon not in YEARS or not math.isfinite(indicator.value):
            yield f"bản thảo.indicators[{index}]: năm hoặc giá trị không dùng được."
    for index, entry in enumerate(draft.reporting):
        if entry.before is not None and not may_hold(entry):
            yield (
                f"bản thảo.reporting[{index}].before: phải là ngày của chu kỳ (every), ví dụ 11-30 (yearly), "
                "06-15,12-15 (half_yearly), 03-20,06-20,09-20,12-20 (quarterly), 18 (monthly), 5T16:00 (weekly)."
            )
    if place := _too_long(draft.to_json(), "bản thảo"):
        yield f"{place}: dài hơn {LONGEST} ký tự hoặc không có chữ đọc được."


def may_hold(entry: ReportingDraft) -> bool:
    """Whether the entry's `before` is the days of its rhythm, or a day of the year.

    A reader may find a day of the year beside a rhythm that it does not fit; the review says so, and what else a person
    mends meanwhile must not be refused for it.
    """
    before = entry.before or ""
    return is_before(entry.every, before) or is_before(None, before)


def _too_long(value: Any, place: str) -> str | None:
    """The first text that is longer than the books are to hold."""
    if isinstance(value, str):
        return place if len(value) > LONGEST else None
    items: Iterator[tuple[Any, str]] = iter(())
    if isinstance(value, dict):
        items = ((item, f"{place}.{name}") for name, item in value.items())
    elif isinstance(value, list):
        items = ((item, f"{place}[{index}]") for index, item in enumerate(value))
    return next((found for item, at in items if (found := _too_long(item, at))), None)


def _completed(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations, and after each that changes words what those words mean, where the sender does not say so.

    New words of a timing are read again; a body with new words is looked up again.
    """
    changed = {each.path for each in operations if each.op not in ("test", "remove")}
    for operation in operations:
        yield operation
        if operation.op not in ("add", "replace") or operation.path[:1] != ("tasks",):
            continue
        above, name = operation.path[:-1], operation.path[-1]
        given_rules = any(path[: len(above) + 1] == (*above, "rules") for path in changed)
        if name == "text" and above[2:] == ("timing",) and isinstance(operation.value, str) and not given_rules:
            yield Operation(operation.number, "add", (*above, "rules"), value=rules_json(operation.value))
        is_owner = name == "text" and len(above) == OWNER_DEPTH and above[2] in _OWNERS
        if is_owner and not changed & {(*above, "unit"), (*above, "group")}:
            yield from (Operation(operation.number, "add", (*above, each)) for each in ("unit", "group"))


def _no_number(words: str) -> Any:
    raise ValueError(words)
