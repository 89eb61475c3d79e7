"""From the lines and tables of a plan, whatever their format, to a `PlanDraft` with its doubts as findings."""

from __future__ import annotations

from documents.reading_document import read_document, read_recipients
from documents.reading_regime import read_indicators, read_reporting
from documents.reading_tasks import read_tasks
from documents.source import Source
from domain.plan import Finding, PlanDraft, Severity


def read_source(source: Source) -> PlanDraft:
    """The draft of a plan; never raises for content. Units are not resolved yet: see `domain.resolution.resolve`."""
    document, findings = read_document(source.lines)
    tasks, unsure = read_tasks(source.grids)
    reporting, lead_agency, doubts = read_reporting(source.lines)
    indicators, remarks = read_indicators(source.lines)
    findings += [*unsure, *doubts, *remarks, *source.remarks]
    if not tasks:
        message = "Không thấy bảng nhiệm vụ. Hãy thêm phụ lục nhiệm vụ hoặc nhập nhiệm vụ bằng tay."
        findings.append(Finding("no-tasks", Severity.BLOCKING, message))
    recipients = read_recipients(source.lines)
    return PlanDraft(document, lead_agency, tasks, indicators, reporting, recipients, tuple(findings))
