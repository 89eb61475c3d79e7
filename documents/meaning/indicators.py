"""The target figures of a plan: under "Mục tiêu đến năm …" each item with a figure, and tables of targets by year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from documents.meaning.sections import Item, Section, item_of
from documents.meaning.tasks import is_task_table
from documents.source import Cell, Grid, plain, squeeze
from domain.plan import Finding, IndicatorDraft, Severity, Where

Comparator = Literal[">=", ">", "<=", "<", "="]

_HORIZON_RE = re.compile(
    r"^(?:(?:các\s+)?(?:mục tiêu|chỉ tiêu)(?:\s+(?:cụ thể|chủ yếu|chung))?\s*:?\s*)?"
    r"(?:(?:định hướng |tầm nhìn )?(?:đến|hết|trong|của)\s+)?(?:hết\s+|cuối\s+)?"
    r"(?:năm|giai đoạn\s+20[0-9]{2}\s*[-–]|giai đoạn đến năm)\s*(?P<year>20[0-9]{2})\s*(?P<rest>[:.;,]?.*)$",
    re.IGNORECASE,
)
_FIGURE_RE = re.compile(
    r"(?P<word>tối thiểu|ít nhất|không dưới|trên|hơn|dưới|không quá|tối đa|>=|≥|<=|≤|>|<|có|đạt|từ|phấn đấu|khoảng"
    r"|hằng năm)?\s*"
    r"(?<![\w/,.])(?P<value>[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+(?:[.,][0-9]+)?|(?<=nhất )(?:một|hai|ba|bốn|năm))\s*"
    r"(?P<percent>%)?(?![\w/])",
    re.IGNORECASE,
)
_WORDS = {"một": "1", "hai": "2", "ba": "3", "bốn": "4", "năm": "5"}
_YEAR_RE = re.compile(r"(?:19|20)[0-9]{2}")
_NO_COUNT_RE = re.compile(r"(?:năm|cấp độ|mức|khoản|điều|số|quý|tháng|ngày)\s*$", re.IGNORECASE)
_COUNTED_RE = re.compile(
    r"^(?P<unit>[^\d,.;:()]{1,80}?)(?=\s+(?:tăng|được|có|đạt|sử dụng|thực hiện|hoàn thành|giảm|là|của|trở lên|đưa"
    r"|hoạt động|vận hành|mỗi|trong|trên|đáp ứng)\b|[,.;:(/]|$)"
)
_COMPARATORS: dict[str, Comparator] = {
    "trên": ">", "hơn": ">", ">": ">", "dưới": "<", "<": "<", "không quá": "<=", "tối đa": "<=", "<=": "<=", "≤": "<=",
}  # fmt: skip
_MEASURE_RE = re.compile(
    r"(?:giây|phút|giờ|ngày(?: làm việc)?|tuần|tháng|lần|lượt|điểm|km"
    r"|(?:nghìn |triệu |tỷ )?đồng|(?:triệu |tỷ )?USD)(?:/\w+)?",
    re.IGNORECASE,
)
"""Units that measure what stands before the figure: "thời gian xử lý không quá 2 giờ"."""
_NAMED_YEAR_RE = re.compile(r"\bnăm\s+(20[0-9]{2})\b", re.IGNORECASE)
_GENERAL_RE = re.compile(r"\b(?:chung|tong quat|muc dich|yeu cau|quan diem)\b")
_LONGEST_HEADING, _HEADING_ROWS = 120, 3


def read_indicators(
    sections: Sequence[Section], title: str, grids: Sequence[Grid] = ()
) -> tuple[tuple[IndicatorDraft, ...], list[Finding]]:
    """The targets with a figure, of the sections on objectives and of tables; one without is named in a finding.

    The plan's `title` gives the year where it names just one and the section names none.
    """
    indicators: list[IndicatorDraft] = []
    findings: list[Finding] = []
    years = set(_NAMED_YEAR_RE.findall(title))
    only = int(years.pop()) if len(years) == 1 else None
    for section in sections:
        if not re.search(r"muc tieu|chi tieu", plain(section.title)):
            continue
        for year, text, item in _targets(section, only):
            if indicator := _indicator(year, text):
                indicators.append(indicator)
            elif len(text) > 20:
                message = f"Một mục tiêu đến năm {year} không có con số nên không theo dõi bằng chỉ tiêu được."
                where = Where(item.line.page, line=item.line.number)
                findings.append(Finding("indicator-without-figure", Severity.INFO, message, where))
    for grid in grids:
        if not is_task_table(grid):
            indicators += _of_table(grid)
    return tuple(indicators), findings


def _targets(section: Section, only: int | None) -> Iterator[tuple[int, str, Item]]:
    """Each target of a section with its year; general objectives ("mục tiêu chung") are none."""
    named = _NAMED_YEAR_RE.findall(section.title)
    default = int(named[-1]) if len(named) == 1 else only
    horizon, in_targets = default, True
    for item in map(item_of, section.lines):
        if match := _HORIZON_RE.match(item.words):
            rest = match["rest"].strip(" :.;,")
            in_targets = True
            if not _takes(rest) or match["rest"].startswith(":"):
                horizon = int(match["year"])
            for text in re.split(r";\s+", rest) if _takes(rest) else ():
                yield int(match["year"]), text, item
        elif item.kind in ("numbered", "lettered") and len(item.words) < _LONGEST_HEADING and not _takes(item.words):
            in_targets, horizon = not _GENERAL_RE.search(plain(item.words)), default
        elif in_targets:
            own = _NAMED_YEAR_RE.findall(item.words)
            year = horizon or (int(own[-1]) if len(set(own)) == 1 else None)
            if year:
                yield year, item.words, item


def _takes(text: str) -> bool:
    return _indicator(2000, text) is not None


def _indicator(horizon: int, text: str) -> IndicatorDraft | None:
    text = text.strip().rstrip(";. ")
    for match in _FIGURE_RE.finditer(text):
        word = (match["word"] or "").lower()
        found = _WORDS.get(match["value"].lower(), match["value"])
        # A bare number is a count only after words that announce one: "cấp độ 3" is not.
        before = text[: match.start("value")]
        if not match["percent"] and (not word or _YEAR_RE.fullmatch(found) or _NO_COUNT_RE.search(before)):
            continue
        after = text[match.end() :].strip(" .;,:")
        measured = text[: match.start()].strip(" .;,:")
        subject = measured if measured and is_measure(after) else after or measured
        counted = _COUNTED_RE.match(after)
        unit = "%" if match["percent"] else counted["unit"].strip() if counted else None
        return IndicatorDraft(horizon, subject, _COMPARATORS.get(word, ">="), _number(found), unit, text)
    return None


def is_measure(words: str) -> bool:
    """Whether these words are a unit of measure, and not a thing that is counted."""
    return _MEASURE_RE.fullmatch(words) is not None


def _number(text: str) -> float:
    return float(re.sub(r"\.(?=[0-9]{3}\b)", "", text).replace(",", "."))


def _of_table(grid: Grid) -> Iterator[IndicatorDraft]:
    """The targets of a table that has a column of them and a column for each year."""
    for number, cells in enumerate(grid.rows[:_HEADING_ROWS]):
        words = [plain(cell.text) for cell in cells]
        subject = next((i for i, w in enumerate(words) if re.search(r"chi tieu|muc tieu", w)), None)
        years = {i: int(m[0]) for i, w in enumerate(words) if i != subject and (m := re.search(r"\b20[0-9]{2}\b", w))}
        if subject is None or not years:
            continue
        unit = next((i for i, w in enumerate(words) if re.search(r"don vi(?: tinh)?|^dvt$", w) and i != subject), None)
        for row in grid.rows[number + 1 :]:
            yield from _of_row(row, subject, years, unit)
        return


def _of_row(row: Sequence[Cell], subject: int, years: dict[int, int], unit: int | None) -> Iterator[IndicatorDraft]:
    if len(row) <= max(subject, *years):
        return
    name = squeeze(row[subject].text)
    counted = squeeze(row[unit].text) if unit is not None and unit < len(row) else ""
    for column, year in sorted(years.items()):
        text = squeeze(row[column].text)
        match = re.fullmatch(
            r"(?P<word>\D*?)\s*(?P<value>[0-9]+(?:[.,][0-9]+)*)\s*(?P<percent>%)?\s*(?:trở lên)?", text
        )
        if name and match:
            word = match["word"].strip().lower()
            told = "%" if match["percent"] else counted or None
            yield IndicatorDraft(year, name, _COMPARATORS.get(word, ">="), _number(match["value"]), told, name)
