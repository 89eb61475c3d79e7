"""What a draft still lacks: findings that follow from the draft itself, made anew after each change to it.

A reader's own findings ("the scan is poor") stay until a person takes them away; these here come and go by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from domain.plan import Finding, PlanDraft, Registry, ReportingDraft, Severity, TaskDraft, Where
from domain.resolution import resolve

CHECK_CODES = frozenset(
    {
        "authority-missing", "date-blank", "incomplete", "lead-agency-missing", "lead-missing", "no-tasks",
        "number-blank", "ordinal-repeated", "reporting-lead-missing", "reporting-missing", "reporting-unclear",
        "signer-missing", "timing-missing", "timing-unclear", "title-missing",
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
            message = f"Chưa rõ kỳ hoặc nơi nhận của báo cáo có hạn trước {entry.before[3:]}/{entry.before[:2]}."
            yield Finding("reporting-unclear", Severity.REVIEW, f"{message} Hãy bổ sung chế độ báo cáo.")


def _is_clear(entry: ReportingDraft) -> bool:
    return bool(entry.every and (entry.to or entry.via))
