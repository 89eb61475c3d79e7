"""What a draft still lacks: findings that follow from the draft itself, made anew after each change to it.

A reader's own findings ("the scan is poor") stay until a person takes them away; these here come and go by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from domain.deadlines import period_words
from domain.levels import levels_of
from domain.plan import Finding, PlanDraft, Registry, ReportingDraft, Severity, TaskDraft, Where
from domain.policy import Policy
from domain.regime import regimes_of
from domain.regime_words import before_words
from domain.resolution import resolve
from domain.workdays import WorkCalendar

_WEEKENDS = WorkCalendar(frozenset(), frozenset(), "weekends")
_YEARS = range(1900, 2200)
_YEARS_AHEAD = 6
"""In seven years the days of a regime fall on every weekday."""

CHECK_CODES = frozenset(
    {
        "authority-missing", "date-blank", "incomplete", "lead-agency-missing", "lead-missing", "levels-reversed",
        "levels-too-close", "no-tasks", "number-blank", "ordinal-repeated", "regime-several", "regime-unclear",
        "reporting-lead-missing", "reporting-missing", "reporting-unclear", "signer-missing", "timing-missing",
        "timing-unclear", "title-missing",
    }
)  # fmt: skip
"""The codes of the findings that `check` makes."""


def review(draft: PlanDraft, registry: Registry, on: date) -> PlanDraft:
    """The draft with its owners resolved as of that day and all findings that follow from it made anew."""
    return check(resolve(draft, registry, on))


def check(draft: PlanDraft) -> PlanDraft:
    """The draft with these findings in the place of earlier ones of their codes."""
    kept = [finding for finding in draft.findings if finding.code not in CHECK_CODES]
    found = [*_document(draft), *(f for task in draft.tasks for f in _task(task)), *_ordinals(draft), *_untimed(draft)]
    # What a cut-off document lacks may stand in the part that is lost.
    found += [] if not draft.document.complete else [*_tasks(draft), *_reporting(draft)]
    return replace(draft, findings=(*kept, *found))


def _document(draft: PlanDraft) -> Iterator[Finding]:
    document = draft.document
    if not document.complete:
        before = next((f.where for f in draft.findings if f.code == "incomplete"), Where())
        message = "Văn bản bị cắt, phần sau không có. Hãy tìm bản đầy đủ rồi nhập lại."
        yield Finding("incomplete", Severity.BLOCKING, message, before)
    if not document.number:
        message = "Văn bản chưa có số. Không sao: hãy bổ sung khi văn thư cấp số."
        yield Finding("number-blank", Severity.INFO, message)
    if not document.issued_on:
        message = "Văn bản chưa có ngày ban hành. Không sao: hãy bổ sung khi văn bản được phát hành."
        yield Finding("date-blank", Severity.INFO, message)
    if not document.title:
        message = "Không thấy tên kế hoạch. Hãy nhập tên trước khi duyệt."
        yield Finding("title-missing", Severity.REVIEW, message)
    if not document.authority:
        message = "Không thấy cơ quan ban hành. Hãy nhập cơ quan trước khi duyệt."
        yield Finding("authority-missing", Severity.REVIEW, message)
    if not document.signed_by:
        yield Finding("signer-missing", Severity.INFO, "Không thấy người ký. Hãy bổ sung nếu đã có bản ký.")


def _task(task: TaskDraft) -> Iterator[Finding]:
    place = f"Nhiệm vụ {task.ordinal}"
    if not task.title:
        message = f"{place} không có nội dung. Hãy nhập nội dung hoặc bỏ dòng này."
        yield Finding("title-missing", Severity.BLOCKING, message, task.where)
    if not task.leads:
        message = f"{place} không có đơn vị chủ trì. Hãy chọn đơn vị phải báo cáo."
        yield Finding("lead-missing", Severity.BLOCKING, message, task.where)
    if task.timing.text.strip() and not task.timing.understood:
        words = " ".join(task.timing.text.split())
        message = f"{place}: chưa hiểu thời gian “{words}”. Hãy nhập lại cho rõ."
        yield Finding("timing-unclear", Severity.REVIEW, message, task.where)
    elif task.source == "appendix" and not task.timing.understood:
        message = f"{place} không ghi thời gian, sẽ báo cáo theo kỳ chung của kế hoạch. Hãy nhập thời gian nếu có."
        yield Finding("timing-missing", Severity.REVIEW, message, task.where)


def _ordinals(draft: PlanDraft) -> Iterator[Finding]:
    seen: set[int] = set()
    for task in draft.tasks:
        if task.ordinal < 1 or task.ordinal in seen:
            message = f"Số thứ tự {task.ordinal} đã dùng hoặc không hợp lệ. Hãy đánh số lại nhiệm vụ này."
            yield Finding("ordinal-repeated", Severity.BLOCKING, message, task.where)
        seen.add(task.ordinal)


def _untimed(draft: PlanDraft) -> Iterator[Finding]:
    """A duty of a unit seldom has a time of its own: said once, where a row of an appendix has an empty cell."""
    untimed = [t for t in draft.tasks if t.source == "organisation" and not t.timing.text.strip()]
    if untimed:
        which = ", ".join(str(task.ordinal) for task in untimed)
        message = f"Không ghi thời gian: nhiệm vụ {which}; sẽ báo cáo theo kỳ chung của kế hoạch. Hãy nhập nếu có."
        yield Finding("timing-missing", Severity.INFO, message)


def _tasks(draft: PlanDraft) -> Iterator[Finding]:
    if not draft.tasks:
        message = "Không thấy nhiệm vụ nào. Hãy nhập văn bản có phụ lục nhiệm vụ hoặc thêm nhiệm vụ bằng tay."
        yield Finding("no-tasks", Severity.BLOCKING, message)


def _reporting(draft: PlanDraft) -> Iterator[Finding]:
    if not draft.lead_agency:
        message = "Không thấy cơ quan tổng hợp, đôn đốc. Hãy chọn cơ quan đầu mối."
        yield Finding("lead-agency-missing", Severity.BLOCKING, message)
    units = [entry for entry in draft.reporting if entry.from_ == "units"]
    lead = [entry for entry in draft.reporting if entry.from_ == "lead"]
    if not any(entry.before for entry in units):
        message = "Chưa có hạn báo cáo của các đơn vị. Hãy nhập chế độ báo cáo."
        yield Finding("reporting-missing", Severity.BLOCKING, message)
    if not any(entry.before and entry.to for entry in lead):
        what = (
            "hạn"
            if any(entry.to for entry in lead)
            else "nơi nhận"
            if any(e.before for e in lead)
            else "nơi nhận và hạn"
        )
        message = f"Chưa có {what} báo cáo của cơ quan tổng hợp lên cấp trên. Hãy nhập."
        yield Finding("reporting-lead-missing", Severity.BLOCKING, message)
    for entry in units:
        if entry.before and not _is_clear(entry):
            message = f"Chưa rõ kỳ hoặc nơi nhận của báo cáo có hạn trước {before_words(entry.every, entry.before)}."
            yield Finding("reporting-unclear", Severity.REVIEW, f"{message} Hãy bổ sung chế độ báo cáo.")
    yield from _regimes(draft)


def _is_clear(entry: ReportingDraft) -> bool:
    return bool(entry.every and (entry.to or entry.via))


def _regimes(draft: PlanDraft) -> Iterator[Finding]:
    """Whether the days make a regime for each level, and whether the levels follow each other."""
    for who, words in (("units", "các đơn vị"), ("lead", "cơ quan tổng hợp")):
        found, wrong = regimes_of(draft.reporting, who)
        for refusal in wrong:
            severity = Severity.REVIEW if found else Severity.BLOCKING
            yield Finding("regime-unclear", severity, f"Báo cáo của {words}: {refusal.message}")
        if len(found) > 1:
            others = ", ".join(regime.words() for regime in found[1:])
            message = f"Báo cáo của {words} được theo dõi {found[0].words()}; gộp vào đó: {others}."
            yield Finding("regime-several", Severity.INFO, message)
        if not found:
            return
    yield from _levels(draft)


def _levels(draft: PlanDraft) -> Iterator[Finding]:
    """NĐ 09/2019 Đ8.5, over the weekends of the years that follow the plan's; days off come when it runs."""
    units, lead = (regimes_of(draft.reporting, who)[0][0] for who in ("units", "lead"))
    issued = draft.document.issued_on
    first = issued.year if issued and issued.year in _YEARS else Policy().first_year
    years = replace(Policy(), first_year=first, last_year=first + _YEARS_AHEAD)
    levels = list(levels_of(str(units), str(lead), years, _WEEKENDS))
    if any(level.is_reversed() for level in levels):
        message = f"Cơ quan tổng hợp báo cáo {lead.words()}, không sau hạn của các đơn vị ({units.words()})."
        yield Finding("levels-reversed", Severity.BLOCKING, f"{message} Hãy sửa chế độ báo cáo.")
    elif close := next((level for level in levels if level.is_close(_WEEKENDS)), None):
        message = (
            f"Giữa hạn của các đơn vị ({units.words()}) và hạn của cơ quan tổng hợp ({lead.words()}) phải có ít nhất "
            f"một ngày làm việc; báo cáo {period_words(close.rollup.label)} không có. Hãy xem lại chế độ báo cáo."
        )
        yield Finding("levels-too-close", Severity.REVIEW, message)
