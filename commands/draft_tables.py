"""A draft as tables for a terminal: the document, its tasks, figures, regime and recipients, and what is doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table

from commands.output import shown, table
from domain.notices import day_text
from domain.plan import Finding, LegalBasis, OwnerRef, PlanDraft, Severity, TaskDraft
from domain.plan_words import UNCLEAR, figure_words, reporting_words, rule_words, where_words

HEADINGS = {
    Severity.BLOCKING: "Phải xử lý trước khi kích hoạt",
    Severity.REVIEW: "Cần xem lại",
    Severity.INFO: "Thông tin",
}
_TASK = (("TT", None), ("Nhiệm vụ", 5), ("Chủ trì", 4), ("Phối hợp", 4), ("Kết quả", 3), ("Thời gian", 4))
_INDICATOR = (("Năm", None), ("Chỉ tiêu", 3), ("Giá trị", 1))
"""Columns and their shares of the width."""


def print_draft(out: Console, draft: PlanDraft) -> None:
    """Everything that was read of a plan."""
    out.print(_document(draft))
    if draft.tasks:
        out.print(table(f"\nNhiệm vụ ({len(draft.tasks)})", *_TASK, rows=map(_task, draft.tasks)))
    if draft.indicators:
        rows = ((str(each.horizon), each.subject, figure_words(each)) for each in draft.indicators)
        out.print(table(f"\nChỉ tiêu ({len(draft.indicators)})", *_INDICATOR, rows=rows))
    _print_list(out, "Chế độ báo cáo", map(reporting_words, draft.reporting))
    _print_list(out, "Nơi nhận", draft.recipients)
    print_findings(out, draft.findings)
    out.print(summary(draft))


def print_findings(out: Console, findings: Iterable[Finding]) -> None:
    """The findings by severity, the gravest first, each with its place and code."""
    found = list(findings)
    for severity, heading in HEADINGS.items():
        lines = [finding_words(each) for each in found if each.severity is severity]
        _print_list(out, f"{heading} ({len(lines)})", lines)


def finding_words(finding: Finding) -> str:
    """`(trang 3, dòng 5) Nhiệm vụ 2: … [unit-unknown]`."""
    place = where_words(finding.where)
    return f"({place}) {finding.message} [{finding.code}]" if place else f"{finding.message} [{finding.code}]"


def summary(draft: PlanDraft) -> str:
    """One line of figures."""
    counts = [sum(each.severity is severity for each in draft.findings) for severity in HEADINGS]
    return (
        f"{len(draft.tasks)} nhiệm vụ, {len(draft.indicators)} chỉ tiêu; "
        f"{counts[0]} điểm phải xử lý, {counts[1]} cần xem lại, {counts[2]} thông tin."
    )


def _document(draft: PlanDraft) -> Table:
    document = draft.document
    block = Table.grid(padding=(0, 2))
    block.add_column(no_wrap=True)
    block.add_column(overflow="fold")
    for label, value in (
        ("Số", document.number or UNCLEAR),
        ("Ngày", day_text(document.issued_on) if document.issued_on else UNCLEAR),
        ("Tên", document.title or UNCLEAR),
        ("Cơ quan ban hành", document.authority or UNCLEAR),
        ("Tỉnh, thành phố", document.province or UNCLEAR),
        ("Người ký", document.signed_by or UNCLEAR),
        ("Căn cứ", "\n".join(map(_basis, document.legal_bases)) or UNCLEAR),
        ("Cơ quan tổng hợp", draft.lead_agency or UNCLEAR),
        ("Chất lượng chữ", "tốt" if document.quality == "good" else "kém, cần đối chiếu với bản gốc"),
        ("Trọn vẹn", "có" if document.complete else "không, văn bản bị cắt"),
    ):
        block.add_row(label, shown(value))
    return block


def _basis(basis: LegalBasis) -> str:
    return f"{basis.number} ngày {day_text(basis.issued_on)}" if basis.issued_on else basis.number


def _task(task: TaskDraft) -> Iterator[str]:
    place = where_words(task.where)
    yield str(task.ordinal)
    yield f"{task.title}\n({place})" if place else task.title
    yield ";\n".join(map(_owner, task.leads))
    yield ";\n".join(map(_owner, task.coordinators))
    yield task.result or ""
    written, understood = task.timing.text, [rule_words(rule) for rule in task.timing.rules]
    if [written.casefold().strip()] == understood:
        yield written
    else:
        yield "\n".join(filter(None, [written, *(f"→ {words}" for words in understood)]))


def _owner(owner: OwnerRef) -> str:
    if owner.unit:
        return f"{owner.text} [{owner.unit}]"
    return f"{owner.text} [nhóm {owner.group}]" if owner.group else owner.text


def _print_list(out: Console, heading: str, lines: Iterable[str]) -> None:
    found: list[RenderableType] = [shown(line) for line in lines]
    if found:
        out.print(f"\n{heading}", style="bold")
        block = Table.grid(padding=(0, 1))
        block.add_column()
        block.add_column(overflow="fold")
        for line in found:
            block.add_row("-", line)
        out.print(Padding(block, (0, 0, 0, 1)))
