"""What a person had filled in when somebody else was quicker: what differs from what is stored now, each by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from domain.plan import IndicatorDraft, OwnerRef, PlanDraft, ReportingDraft
from domain.plan_words import before_entry
from domain.regime import RHYTHM_WORDS
from web.pages.edits import COMPARATORS
from web.pages.edits_tasks import pick_of
from web.pages.names import Bodies

_FIELDS = {
    "title": "Tên kế hoạch", "number": "Số, ký hiệu", "issued_on": "Ngày ban hành", "authority": "Cơ quan ban hành",
    "province": "Tỉnh, thành phố", "signed_by": "Người ký", "lead_agency": "Cơ quan chủ trì tổng hợp, đôn đốc",
    "quality": "Chất lượng bản đọc", "complete": "Văn bản", "recipients": "Nơi nhận", "ordinal": "Số thứ tự",
    "result": "Kết quả, sản phẩm", "timing": "Thời gian thực hiện", "other": "Đơn vị, nhóm khác",
}  # fmt: skip
_ENTRIES = {
    "basis": "Căn cứ", "reporting": "Quy định", "indicator": "Chỉ tiêu", "leads": "Đơn vị chủ trì thứ",
    "coordinators": "Đơn vị phối hợp thứ",
}  # fmt: skip
_PARTS = {
    "number": "số, ký hiệu", "issued_on": "ngày", "from": "ai báo cáo", "to": "gửi ai", "via": "qua đâu",
    "every": "bao lâu một lần", "before": "trước ngày", "on_request": "khi có yêu cầu", "drop": "bỏ",
    "horizon": "đến năm", "subject": "về việc gì", "comparator": "so sánh", "value": "giá trị", "unit": "đơn vị tính",
    "text": "như trong văn bản", "pick": "là ai trong danh bạ",
}  # fmt: skip
_CHOICES = {
    "quality": {"good": "rõ", "poor": "kém, mất dấu hoặc nhòe"},
    "complete": {"true": "đầy đủ", "false": "bị cắt, thiếu phần sau"},
    "from": {"units": "các đơn vị", "lead": "cơ quan tổng hợp"},
    "every": {rhythm.value: words for rhythm, words in RHYTHM_WORDS.items()},
    "comparator": COMPARATORS,
    "on_request": {"true": "có"},
    "drop": {"true": "có"},
}  # fmt: skip
_ENTRY_RE = re.compile(r"(?P<list>[a-z]+)-(?P<index>[0-9]+)-(?P<part>[a-z_]+)")
_OURS = frozenset({"csrf", "once", "version", "task", "finding", "code", "words", "then"})
"""Fields that a form carries and nobody fills in."""


def typed_lines(form: Mapping[str, str], draft: PlanDraft, bodies: Bodies, task: int | None = None) -> list[str]:
    """`Người ký: Nguyễn Văn A`, for each field with something in it that is not what the draft says.

    `task` is the place of the task whose form it was.
    """
    stored = dict(_document(draft) if task is None else _task(draft, task))
    given = {name: value for name, value in form.items() if value and name not in _OURS}
    return [_line(name, value, bodies, task) for name, value in given.items() if value != stored.get(name, "")]


def _line(name: str, value: str, bodies: Bodies, task: int | None) -> str:
    entry = _ENTRY_RE.fullmatch(name)
    part = entry["part"] if entry else name
    label = "Nội dung nhiệm vụ" if name == "title" and task is not None else _FIELDS.get(name, name)
    if entry and entry["list"] in _ENTRIES:
        label = f"{_ENTRIES[entry['list']]} {int(entry['index']) + 1}, {_PARTS.get(part, part)}"
    if part == "pick" and value in bodies.by_pick:
        value = bodies.by_pick[value].name
    return f"{label}: {_CHOICES.get(part, {}).get(value, value)}"


def _document(draft: PlanDraft) -> Iterator[tuple[str, str]]:
    """What the forms of the page hold, by the names of their fields."""
    document = draft.document
    for name in ("title", "number", "authority", "province", "signed_by", "quality"):
        yield name, getattr(document, name) or ""
    yield "issued_on", document.issued_on.isoformat() if document.issued_on else ""
    yield "complete", "true" if document.complete else "false"
    yield "lead_agency", draft.lead_agency or ""
    yield "recipients", "\n".join(draft.recipients)
    for i, basis in enumerate(document.legal_bases):
        yield f"basis-{i}-number", basis.number
        yield f"basis-{i}-issued_on", basis.issued_on.isoformat() if basis.issued_on else ""
    for i in range(len(draft.reporting) + 1):
        yield from _reporting(f"reporting-{i}-", draft.reporting[i] if i < len(draft.reporting) else None)
    for i in range(len(draft.indicators) + 2):
        yield from _indicator(f"indicator-{i}-", draft.indicators[i] if i < len(draft.indicators) else None)


def _reporting(name: str, entry: ReportingDraft | None) -> Iterator[tuple[str, str]]:
    yield f"{name}from", entry.from_ if entry else "units"
    yield f"{name}to", "; ".join(entry.to) if entry else ""
    yield f"{name}via", (entry and entry.via) or ""
    yield f"{name}every", (entry and entry.every) or ""
    yield f"{name}before", before_entry(entry.every, entry.before) if entry and entry.before else ""
    yield f"{name}on_request", "true" if entry and entry.on_request else ""


def _indicator(name: str, entry: IndicatorDraft | None) -> Iterator[tuple[str, str]]:
    held = {each.name: getattr(entry, each.name) for each in fields(entry)} if entry else {"comparator": ">="}
    if entry:
        held["value"] = f"{entry.value:g}".replace(".", ",")
    yield from ((f"{name}{part}", "" if value is None else str(value)) for part, value in held.items())


def _task(draft: PlanDraft, index: int) -> Iterator[tuple[str, str]]:
    if index >= len(draft.tasks):
        return
    task = draft.tasks[index]
    yield from (("title", task.title), ("ordinal", str(task.ordinal)), ("result", task.result or ""))
    yield "timing", task.timing.text
    for role, owners in (("leads", task.leads), ("coordinators", task.coordinators)):
        yield from _owners(role, owners)


def _owners(role: str, owners: tuple[OwnerRef, ...]) -> Iterator[tuple[str, str]]:
    for i, owner in enumerate(owners):
        yield f"{role}-{i}-text", owner.text
        yield f"{role}-{i}-pick", pick_of(owner)
