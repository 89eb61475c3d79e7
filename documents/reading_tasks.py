"""From the tables of an appendix to tasks: columns are known by what their heading means, in any order.

The rows may hold headings again after a page break, numbering "(1) (2)", group titles and cells merged downwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from documents.source import Cell, Grid, plain, squeeze
from domain.plan import Finding, OwnerRef, Severity, TaskDraft, Where
from domain.timing import TimingKind, parse_timing

# In order: the first meaning whose words occur names the column.
_MEANINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ordinal", re.compile(r"^(?:s?tt|so tt|so thu tu)\W*$")),
    ("leads", re.compile(r"chu tri")),
    ("coordinators", re.compile(r"phoi hop")),
    ("timing", re.compile(r"thoi gian|thoi han|thoi diem|\bhan\b|tien do|hoan thanh")),
    ("result", re.compile(r"ket qua|san pham|dau ra")),
    ("leads", re.compile(r"(?:don vi|co quan) (?:thuc hien|phu trach)")),
    ("title", re.compile(r"nhiem vu|noi dung|cong viec|giai phap")),
)
_HEADING_LENGTH = 80
# Further down, "hoàn thành" and "kết quả" are words of tasks; a heading there must repeat the first word by word.
_HEADING_ROWS = 3
_NUMBERING_RE = re.compile(r"^\(?(?:[0-9]{1,2}|[A-Z])\)?$")
_SEMICOLON_RE = re.compile(r";(?![^()]*\))")


@dataclass
class _Row:
    """The raw texts of one task while its rows are gathered."""

    where: Where
    texts: dict[str, list[str]] = field(default_factory=dict)
    title_key: int | None = None

    def add(self, columns: dict[str, int], cells: Sequence[Cell]) -> None:
        for name, index in columns.items():
            text = cells[index].text.strip() if index < len(cells) else ""
            if text and text not in self.texts.setdefault(name, []):
                self.texts[name].append(text)

    def text(self, name: str, joint: str = " ") -> str:
        return joint.join(self.texts.get(name, ()))

    @property
    def is_owned(self) -> bool:
        return any(self.texts.get(name) for name in ("leads", "coordinators", "result", "timing"))


def columns_of(cells: Sequence[Cell]) -> dict[str, int] | None:
    """Column number by meaning when the row is a heading of a task table, else None."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if len(cell.text) > _HEADING_LENGTH or cell.text.strip(" .)").isdecimal():
            return None
        words = plain(cell.text)
        meaning = next((name for name, pattern in _MEANINGS if pattern.search(words)), None)
        if meaning:
            columns.setdefault(meaning, index)
    has_body = "title" in columns and ("leads" in columns or "timing" in columns)
    return columns if has_body and len(set(columns.values())) >= 3 else None


def read_tasks(grids: Sequence[Grid]) -> tuple[tuple[TaskDraft, ...], list[Finding]]:
    """The tasks of all task tables in order, numbered without gaps or repeats, and what was unsure."""
    findings: list[Finding] = []
    rows: list[_Row] = []
    columns: dict[str, int] | None = None
    width = 0
    for grid in grids:
        heads = is_task_table(grid)
        # A table without a heading goes on with the one before it when a page break cut it in two.
        if not heads and not (columns and grid.rows and len(grid.rows[0]) == width):
            continue
        columns, width, heading = (None if heads else columns), len(grid.rows[0]), ""
        for number, cells in enumerate(grid.rows, start=1):
            found = columns_of(cells) if heads and number <= _HEADING_ROWS else None
            if found:
                columns, heading = found, _row_text(cells)
                _check_columns(columns, cells, Where(grid.page, number), findings)
            elif columns and _row_text(cells) != heading:
                _take(rows, columns, cells, Where(grid.page, number))
    tasks: list[TaskDraft] = []
    for index, row in enumerate(rows):
        if row.is_owned or _is_lone_task(row, rows[index + 1 :]):
            tasks.append(_task(row, tasks[-1].ordinal if tasks else 0, findings))
    return tuple(tasks), findings


def is_task_table(grid: Grid) -> bool:
    """Whether the grid has a heading of its own that speaks of tasks."""
    return any(columns_of(cells) for cells in grid.rows[:_HEADING_ROWS])


def _take(rows: list[_Row], columns: dict[str, int], cells: Sequence[Cell], where: Where) -> None:
    texts = [cell.text.strip() for cell in cells]
    filled = [text for text in texts if text]
    if not filled or all(_NUMBERING_RE.match(text) for text in filled):
        return
    title = cells[columns["title"]] if columns["title"] < len(cells) else Cell("", -1)
    if len({cell.key for cell in cells}) == 1:
        return  # one cell across the whole row: the title of a group
    ordinal_index = columns.get("ordinal")
    ordinal = texts[ordinal_index] if ordinal_index is not None and ordinal_index < len(texts) else ""
    is_same = bool(rows) and (not ordinal or ordinal in rows[-1].texts.get("ordinal", ()))
    continues = is_same and (not title.text.strip() or title.key == rows[-1].title_key)
    if not continues:
        rows.append(_Row(where, title_key=title.key))
    rows[-1].add(columns, cells)


def _is_lone_task(row: _Row, following: Sequence[_Row]) -> bool:
    """A numbered row with a title alone is a task nobody owns, unless its next row shows it to be a group."""
    number = row.text("ordinal").rstrip(". ")
    if not number.isdecimal() or not row.text("title"):
        return False
    return not (following and following[0].text("ordinal").startswith((f"{number}.", "a)", "1.1")))


def _task(row: _Row, last: int, findings: list[Finding]) -> TaskDraft:
    printed = row.text("ordinal").strip(". ")
    ordinal = int(printed) if printed.isdecimal() and len(printed) <= 4 else 0
    if ordinal <= last:
        if printed:
            message = f"Nhiệm vụ ghi số “{printed}” được đánh số lại thành {last + 1}. Hãy đối chiếu với phụ lục."
            findings.append(Finding("ordinal-renumbered", Severity.INFO, message, row.where))
        ordinal = last + 1
    task = TaskDraft(
        ordinal=ordinal,
        title=squeeze(row.text("title")),
        leads=owners(row.text("leads", ";")),
        coordinators=owners(row.text("coordinators", ";")),
        result=squeeze(row.text("result", "; ")) or None,
        timing=parse_timing(row.text("timing", "; ")),
        where=row.where,
    )
    _check(task, findings)
    return task


def owners(text: str) -> tuple[OwnerRef, ...]:
    """The owners in a cell: a ";" or a line beginning with a dash separates, "Các sở, ban, ngành" stays one."""
    parts = _SEMICOLON_RE.split(re.sub(r"(?:^|\n)\s*[-–+•]\s+", ";", text))
    names = (squeeze(part).strip(" .,") for part in parts)
    return tuple(OwnerRef(name) for name in dict.fromkeys(names) if name)


def _check_columns(columns: dict[str, int], cells: Sequence[Cell], where: Where, findings: list[Finding]) -> None:
    if "leads" not in columns:
        message = "Bảng nhiệm vụ không có cột đơn vị chủ trì. Hãy chọn đơn vị cho từng nhiệm vụ."
        findings.append(Finding("column-missing", Severity.REVIEW, message, where))
    elif "phoi hop" in plain(cells[columns["leads"]].text):
        message = "Chủ trì và phối hợp chung một cột. Hãy tách hai vai trò cho từng nhiệm vụ."
        findings.append(Finding("owner-columns-merged", Severity.REVIEW, message, where))


def _check(task: TaskDraft, findings: list[Finding]) -> None:
    if not task.title:
        message = f"Nhiệm vụ {task.ordinal} không có nội dung. Hãy nhập nội dung hoặc bỏ dòng này."
        findings.append(Finding("title-missing", Severity.BLOCKING, message, task.where))
    if not task.leads:
        message = f"Nhiệm vụ {task.ordinal} không có đơn vị chủ trì. Hãy chọn đơn vị phải báo cáo."
        findings.append(Finding("lead-missing", Severity.BLOCKING, message, task.where))
    if not task.timing.text.strip():
        message = f"Nhiệm vụ {task.ordinal} không ghi thời gian. Hãy nhập thời gian thực hiện."
        findings.append(Finding("timing-missing", Severity.REVIEW, message, task.where))
    elif any(rule.kind is TimingKind.UNSTATED for rule in task.timing.rules):
        message = f"Nhiệm vụ {task.ordinal}: chưa hiểu thời gian “{squeeze(task.timing.text)}”. Hãy nhập lại cho rõ."
        findings.append(Finding("timing-unclear", Severity.REVIEW, message, task.where))


def _row_text(cells: Sequence[Cell]) -> str:
    return "|".join(squeeze(cell.text).casefold() for cell in cells)
