"""A draft in words: what was understood of a plan's document, for the person who is about to activate it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.notices import day_text
from domain.plan import OwnerRef, ReportingDraft, Severity, TaskDraft
from domain.timing import TimingKind, TimingRule
from models.queries.plans import DraftView

UNCLEAR = "chưa rõ"
_EVERY = {
    "yearly": "hằng năm",
    "half_yearly": "6 tháng một lần",
    "quarterly": "hằng quý",
    "monthly": "hằng tháng",
    "weekly": "hằng tuần",
}


@dataclass(frozen=True)
class OwnerWords:
    """A body in the plan's words, and whom the registry knows by them; "chưa rõ" where nobody."""

    text: str
    known: str

    @property
    def unclear(self) -> bool:
        """Whether nobody would be told."""
        return self.known == UNCLEAR


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
        tuple(map(deadline_words, draft.reporting)),
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
    return OwnerWords(owner.text, UNCLEAR)


def deadline_words(rule: ReportingDraft) -> str:
    """Các đơn vị báo cáo Sở TT: hằng năm, trước ngày 30/11."""
    who = "Các đơn vị" if rule.from_ == "units" else "Cơ quan chủ trì"
    to = f" báo cáo {', '.join(rule.to)}" if rule.to else " báo cáo"
    via = f" qua {rule.via}" if rule.via else ""
    month, _, day = (rule.before or "").partition("-")
    times = (
        _EVERY[rule.every] if rule.every else "",
        f"trước ngày {day}/{month}" if day else "",
        "khi có yêu cầu" if rule.on_request else "",
    )
    return f"{who}{to}{via}: {', '.join(filter(None, times)) or UNCLEAR}"


def rule_words(rule: TimingRule) -> str:
    """What one rule of a task's time means, as it was understood."""
    words = " ".join(filter(None, (_time_words(rule), f"({rule.label})" if rule.label else "")))
    return f"{words}, phấn đấu" if rule.soft else words


def _time_words(rule: TimingRule) -> str:
    recurring = _EVERY.get(rule.kind.value)
    if recurring:
        return recurring
    first, last = (day_text(day) if day else "" for day in (rule.from_, rule.to))
    if rule.kind is TimingKind.RANGE:
        return f"từ {first} đến {last}" if last else f"từ {first} trở đi"
    if rule.kind is TimingKind.WITHIN:
        return f"chậm nhất hết ngày {last}" if not first or first == last else f"trong khoảng {first} – {last}"
    if rule.kind is TimingKind.BY:
        return f"trước ngày {day_text(rule.by)}" if rule.by else UNCLEAR
    if rule.kind is TimingKind.AFTER_EVENT:
        return f"sau khi {rule.event}"
    return "thường xuyên" if rule.kind is TimingKind.ONGOING else f"{UNCLEAR}: chưa tính được hạn"
