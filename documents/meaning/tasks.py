"""From the tables of an appendix to tasks: columns are known by what their heading means, in any order.

The rows may hold headings again after a page break, numbering "(1) (2)", group titles and cells merged downwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from documents.meaning.columns import columns_of
from documents.meaning.owners import lead_and_coordinators, owners
from documents.source import Cell, Grid, plain, squeeze
from domain.plan import Finding, OwnerRef, Severity, TaskDraft, Where
from domain.timing import Timing, TimingKind, parse_timing

# Further down, "hoàn thành" and "kết quả" are words of tasks; a heading there must repeat the first word by word.
_HEADING_ROWS, _TOP_ROWS = 3, 60
_NUMBERING_RE = re.compile(r"^\(?(?:[0-9]{1,2}|[A-Z])\)?$")
_GROUP_RE = re.compile(r"^(?:[IVX]{1,5}|[A-Z])$")
_HYPHEN_RE = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_])")
"""A name broken at its hyphen: "Đài PT-" and "TH tỉnh"."""
_OWNED = ("leads", "owners", "coordinators", "result", "timing")


@dataclass
class _Row:
    """The raw texts of one task while its rows are gathered."""

    where: Where
    texts: dict[str, list[str]] = field(default_factory=dict)
    title_key: int | None = None

    def add(self, columns: dict[str, int], cells: Sequence[Cell]) -> None:
        for name, index in columns.items():
            text = _HYPHEN_RE.sub("-", cells[index].text.strip()) if index < len(cells) else ""
            if text and text not in self.texts.setdefault(name, []):
                self.texts[name].append(text)

    def text(self, name: str, joint: str = " ") -> str:
        return joint.join(self.texts.get(name, ()))

    @property
    def is_owned(self) -> bool:
        return any(self.texts.get(name) for name in _OWNED)


def is_task_table(grid: Grid) -> bool:
    """Whether the grid has a heading of its own that speaks of tasks."""
    return next(_headings(grid), None) is not None


def read_tasks(grids: Sequence[Grid]) -> tuple[tuple[TaskDraft, ...], list[Finding]]:
    """The tasks of all task tables in order, numbered without gaps or repeats, and what was unsure."""
    findings: list[Finding] = []
    rows: list[_Row] = []
    columns: dict[str, int] | None = None
    width = 0
    for grid in grids:
        found = {number: (heads, texts) for number, heads, texts in _headings(grid)}
        # A table without a heading goes on with the one before it when a page break cut it in two.
        if not found and not (columns and grid.rows and len(grid.rows[0]) == width):
            continue
        goes_on = not found and bool(rows)
        columns, width = (None if found else columns), len(grid.rows[0])
        headings: set[str] = set()
        for number, cells in enumerate(grid.rows):
            line = grid.numbers[number] if number < len(grid.numbers) else None
            where = Where(grid.page, number + grid.first_row, line)
            if number in found:
                columns, texts = found[number]
                headings |= texts
                _check_columns(columns, cells, where, findings)
            elif columns and _row_text(cells) not in headings:
                _take(rows, columns, cells, where, goes_on and number == 0)
    tasks: list[TaskDraft] = []
    for index, row in enumerate(rows):
        if row.is_owned or _is_lone_task(row, rows[index + 1 :]):
            tasks.append(_task(row, tasks[-1].ordinal if tasks else 0, findings))
    return tuple(tasks), findings


def _headings(grid: Grid) -> Iterator[tuple[int, dict[str, int], set[str]]]:
    """Each heading at the top of the grid: the number of its last row, its columns, and its rows as text.

    A heading may take two rows: "Phân công" over "Chủ trì" and "Phối hợp".
    """
    top, last = _first_heading(grid), -1
    for number, cells in enumerate(grid.rows[top : top + _HEADING_ROWS], start=top):
        if number <= last:
            continue
        alone = columns_of(cells)
        both = columns_of(_over(cells, grid.rows[number + 1])) if number + 1 < len(grid.rows) else None
        texts = {_row_text(cells)}
        if both and len(both) > len(alone or ()):
            last = number + 1
            yield last, both, texts | {_row_text(grid.rows[last])}
        elif alone:
            last = number
            yield last, alone, texts


def _first_heading(grid: Grid) -> int:
    """The row of the first heading: a spreadsheet may have title lines above it."""
    for number, cells in enumerate(grid.rows[:_TOP_ROWS]):
        if columns_of(cells):
            return number
    return 0


def _over(upper: Sequence[Cell], lower: Sequence[Cell]) -> tuple[Cell, ...]:
    """One heading row from two: what stands below names the column where something stands there."""
    if any(cell.text.strip(" .)").isdecimal() for cell in lower) or len(upper) != len(lower):
        return ()
    return tuple(below if below.text.strip() else above for above, below in zip(upper, lower, strict=True))


def _take(rows: list[_Row], columns: dict[str, int], cells: Sequence[Cell], where: Where, cut: bool) -> None:
    """Add a grid row to the rows gathered; `cut` says that it is the first after a break inside the table."""
    texts = [cell.text.strip() for cell in cells]
    filled = [text for text in texts if text]
    if not filled or all(_NUMBERING_RE.match(text) for text in filled):
        return
    if len({cell.key for place, cell in enumerate(cells) if place != columns.get("ordinal")}) == 1:
        return  # one cell across the whole row, perhaps beside its number: the title of a group
    title = cells[columns["title"]] if columns["title"] < len(cells) else Cell("", -1)
    ordinal_index = columns.get("ordinal")
    ordinal = texts[ordinal_index] if ordinal_index is not None and ordinal_index < len(texts) else ""
    is_same = bool(rows) and (not ordinal or ordinal in rows[-1].texts.get("ordinal", ()))
    continues = is_same and (not title.text.strip() or title.key == rows[-1].title_key)
    if not continues and is_same and not ordinal and ordinal_index is not None:
        continues = _is_rest(rows[-1], columns, texts, cut)
    if not continues:
        rows.append(_Row(where, title_key=title.key))
    rows[-1].add(columns, cells)


def _is_rest(row: _Row, columns: dict[str, int], texts: Sequence[str], cut: bool) -> bool:
    """Whether a row without a number is the rest of the numbered one above, which a page break cut off."""
    if cut:
        return True
    names = [name for name, index in columns.items() if name in _OWNED and index < len(texts) and texts[index]]
    return not names and bool(row.texts.get("ordinal")) and row.is_owned


def _is_lone_task(row: _Row, following: Sequence[_Row]) -> bool:
    """A numbered row with a title alone is a task nobody owns, unless its next row shows it to be a group."""
    number = row.text("ordinal").rstrip(". ")
    if not number.isdecimal() or not row.text("title"):
        return False
    first = following[0].text("ordinal") if following else ""
    restarts = first.rstrip(". ") == "1" and number != "1"
    return not (first.startswith((f"{number}.", "a)", "1.1")) or first == "a" or restarts)


def _task(row: _Row, last: int, findings: list[Finding]) -> TaskDraft:
    printed = row.text("ordinal").strip(". ")
    # A narrow column breaks a long number: "10" above "0" is 100 where 100 is next.
    if (whole := re.sub(r"(?<=[0-9])\s+(?=[0-9])", "", printed)) == str(last + 1):
        printed = whole
    ordinal = int(printed) if printed.isdecimal() and len(printed) <= 4 else 0
    if ordinal <= last:
        if printed:
            message = f"Nhiệm vụ ghi số “{printed}” được đánh số lại thành {last + 1}. Hãy đối chiếu với phụ lục."
            findings.append(Finding("ordinal-renumbered", Severity.INFO, message, row.where))
        ordinal = last + 1
    leads, coordinators = _owners(row)
    return TaskDraft(
        ordinal=ordinal,
        title=squeeze(row.text("title")),
        leads=leads,
        coordinators=coordinators,
        result=squeeze(row.text("result", "; ")) or None,
        timing=_timing(row),
        where=row.where,
    )


def _timing(row: _Row) -> Timing:
    """The time as written; a single day under "Hạn hoàn thành" is the last one, not the only one."""
    timing = parse_timing(row.text("timing", "; "))
    if not row.texts.get("deadline"):
        return timing
    rules = (
        replace(rule, from_=None) if rule.kind is TimingKind.WITHIN and rule.from_ == rule.to else rule
        for rule in timing.rules
    )
    return replace(timing, rules=tuple(rules))


def _owners(row: _Row) -> tuple[tuple[OwnerRef, ...], tuple[OwnerRef, ...]]:
    """Leads and coordinators; both may stand in one cell ("Chủ trì: … Phối hợp: …")."""
    leads, coordinators = row.text("leads", "\n"), row.text("coordinators", "\n")
    together = row.text("owners", "\n")
    for text in (together, leads, coordinators):
        # "Cơ quan chủ trì soạn thảo" in a column of leads is a name; roles are told with a colon, brackets, or both.
        both = lead_and_coordinators(text) if text else None
        if both and (all(both) or text is together or re.search(r"[:(]", text)):
            rest = owners(coordinators) if text is leads else owners(leads) if text is coordinators else ()
            return (both[0] or (rest if text is coordinators else ())), (both[1] or (rest if text is leads else ()))
    return owners(leads or together), owners(coordinators)


def _check_columns(columns: dict[str, int], cells: Sequence[Cell], where: Where, findings: list[Finding]) -> None:
    if not {"leads", "owners"} & set(columns):
        message = "Bảng nhiệm vụ không có cột đơn vị chủ trì. Hãy chọn đơn vị cho từng nhiệm vụ."
        findings.append(Finding("column-missing", Severity.REVIEW, message, where))


def _row_text(cells: Sequence[Cell]) -> str:
    return "|".join(plain(cell.text) for cell in cells)
