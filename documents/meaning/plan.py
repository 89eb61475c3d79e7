"""From the lines and tables of a plan, whatever their format, to a `PlanDraft` with its doubts as findings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from documents.letters.legacy import repair_source
from documents.meaning.document import is_garbled, read_document, read_recipients
from documents.meaning.flat import unflatten
from documents.meaning.indicators import read_indicators
from documents.meaning.joining import join_lines
from documents.meaning.layout import unlay
from documents.meaning.organisation import read_duties
from documents.meaning.regime import read_reporting
from documents.meaning.restoring import restore, restore_names
from documents.meaning.sections import sections
from documents.meaning.tasks import is_task_table, read_tasks
from documents.source import Source
from domain.plan import Finding, PlanDraft, Severity, TaskDraft, Where
from domain.regime_words import before_words
from domain.review import check

_HEADING_RE = re.compile(
    r"^([ILl1|H]{1,4})\s*[.,]?\s+(?=(?:MỤC|NHIỆM VỤ|TỔ CHỨC|KINH PHÍ|CHẾ ĐỘ|GIẢI PHÁP|QUAN ĐIỂM|YÊU CẦU|PHÂN CÔNG))"
)
"""Roman numbers before the headings of sections, as machines misread them: "L MỤC TIÊU", "H. NHIỆM VỤ"."""
_BRACKET_RE = re.compile(r"(?<=[^\W\d_])\](?!\w)")
_QUARTER_RE = re.compile(r"\b([Qq]uý )([1Il|]{2,3})(?=[\s/,-])")


def read_source(source: Source) -> PlanDraft:
    """The draft of a plan; never raises for content. Units are not resolved yet: see `domain.resolution.resolve`."""
    source = _without_tables(_mended(repair_source(source)))
    lines, laid = unlay(source.lines)
    lines, flattened = unflatten(lines)
    garbled = is_garbled(lines)
    if garbled:
        lines = restore(lines)
    if source.wrapped or flattened:
        lines = join_lines(lines)
    if garbled:
        lines = restore(lines)  # again: a phrase may have been broken over two lines
    document, findings = read_document(lines)
    tasks, unsure = read_tasks((*source.grids, *laid, *flattened))
    parts = sections(lines)
    tasks = tasks or read_duties(parts)
    reporting, lead_agency = read_reporting(lines)
    indicators, remarks = read_indicators(parts, document.title or "", source.grids)
    draft = PlanDraft(document, lead_agency, tasks, indicators, reporting, read_recipients(lines))
    findings += [*unsure, *remarks, *source.remarks, *_misplaced(source, draft)]
    if garbled:
        draft = replace(draft, document=replace(document, quality="poor"))
        findings += _doubts(draft)
    return check(replace(draft, findings=tuple(findings)))


def _misplaced(source: Source, draft: PlanDraft) -> list[Finding]:
    """Said first of a file that is likely not the one that was meant, before what it lacks as a plan."""
    if not any(any(c.isalpha() for c in text) for text in _texts(source)):
        message = "Không thấy chữ nào trong tệp. Hãy kiểm tra đã chọn đúng tệp; bản quét mờ thì quét lại cho rõ."
        return [Finding("text-missing", Severity.REVIEW, message)]
    document = draft.document
    if draft.tasks or draft.reporting or document.title or document.authority or not document.complete:
        return []
    message = "Nội dung không giống một kế hoạch của cơ quan nhà nước. Hãy kiểm tra đã chọn đúng tệp."
    return [Finding("plan-unlikely", Severity.REVIEW, message)]


def _texts(source: Source) -> Iterator[str]:
    yield from (line.text for line in source.lines)
    yield from (cell.text for grid in source.grids for row in grid.rows for cell in row)


def _without_tables(source: Source) -> Source:
    """The source without the lines of tables that only its repair showed to be of tasks."""
    keys = {cell.key for grid in source.grids if is_task_table(grid) for row in grid.rows for cell in row}
    return replace(source, lines=tuple(line for line in source.lines if line.cell is None or line.cell not in keys))


def _mended(source: Source) -> Source:
    """A scan with the names of bodies as they are spelt, and quarters that were read as figures ("Quý 11")."""
    if source.origin != "scan":
        return source
    lines = tuple(replace(line, text=_mend(line.text)) for line in source.lines)
    grids = tuple(
        replace(grid, rows=tuple(tuple(replace(cell, text=_mend(cell.text)) for cell in row) for row in grid.rows))
        for grid in source.grids
    )
    return replace(source, lines=lines, grids=grids)


def _mend(text: str) -> str:
    text = _HEADING_RE.sub(lambda m: f"{''.join('II' if c == 'H' else 'I' for c in m[1])}. ", text)
    text = _QUARTER_RE.sub(lambda m: f"{m[1]}{'I' * len(m[2])}", text)
    return restore_names(text if "[" in text else _BRACKET_RE.sub("ị", text))


def _doubts(draft: PlanDraft) -> list[Finding]:
    """What a person must confirm of a document that was read although its letters are lost."""
    message = "Chữ trong văn bản mất dấu, có thể do nhận dạng sai. Hãy đối chiếu từng mục với bản gốc."
    findings = [Finding("quality-poor", Severity.REVIEW, message)]
    named = [("Tên kế hoạch", draft.document.title), ("Cơ quan ban hành", draft.document.authority)]
    named += [("Cơ quan tổng hợp", draft.lead_agency)]
    named += [(f"Căn cứ {basis.number}", basis.number) for basis in draft.document.legal_bases]
    named += [("Hạn báo cáo", before_words(entry.every, entry.before)) for entry in draft.reporting if entry.before]
    named += [(f"Chỉ tiêu đến năm {found.horizon}", found.text) for found in draft.indicators]
    findings += [_doubt(name, words, None) for name, words in named if words]
    for task in draft.tasks:
        findings.append(_doubt(f"Nhiệm vụ {task.ordinal}", task.title, task))
        findings += [
            _doubt(f"Nhiệm vụ {task.ordinal}, đơn vị", o.text, task) for o in (*task.leads, *task.coordinators)
        ]
    return findings


def _doubt(name: str, words: str, task: TaskDraft | None) -> Finding:
    shown = words if len(words) <= 90 else f"{words[:90].rstrip()}…"
    message = f"{name} đọc từ chữ mất dấu: “{shown}”. Hãy đối chiếu với bản gốc và sửa nếu sai."
    return Finding("value-doubtful", Severity.REVIEW, message, task.where if task else Where())
