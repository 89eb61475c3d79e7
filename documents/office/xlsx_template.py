"""The sheets of the template become the lines that a document would have had, so that all plans are read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from documents.meaning.indicators import is_measure
from documents.office.template_form import (
    COMPARATOR_WORDS,
    ENTRIES,
    EVERY_WORDS,
    INDICATOR_COLUMNS,
    INDICATOR_SHEET,
    NO,
    PLAN_SHEET,
    UNKNOWN,
    same_title,
)
from documents.office.xlsx_book import Book, BookSheet
from documents.source import Line, plain, squeeze
from domain.errors import Refusal
from domain.plan_words import before_phrase
from domain.regime_words import read_before

# This many of the labels show that a sheet called "Kế hoạch" is the template's.
_FEWEST_LABELS = 5
_DATE_RE = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
_PLACE_RE = re.compile(r"(?:tỉnh|thành phố|tp\.?)\s+(?P<name>.+)$", re.IGNORECASE)
_MARK_RE = re.compile(r"^[-–•+]\s*")
_FIGURE_RE = re.compile(r"(?P<value>[0-9][0-9.,]*)\s*(?P<percent>%?)$")
_COMPARATORS = {
    ">=": ">=", "≥": ">=", "toi thieu": ">=", "it nhat": ">=", "tu": ">=", ">": ">", "tren": ">", "hon": ">",
    "<=": "<=", "≤": "<=", "khong qua": "<=", "toi da": "<=", "<": "<", "duoi": "<", "=": "=", "bang": "=", "dat": "=",
}  # fmt: skip

_Value = tuple[int, list[str]]
"""Number of the row, and the lines of the cell."""
_Said = tuple[int, str]
"""A line of the document and the number of the row it comes from, 0 where it stands in none."""


def template_sheets(book: Book) -> tuple[str, ...]:
    """The titles of the sheets that `template_lines` reads, () when the workbook is not the template."""
    plan = _sheet(book, PLAN_SHEET)
    if plan is None or _labels(plan) < _FEWEST_LABELS:
        return ()
    return PLAN_SHEET, INDICATOR_SHEET


def template_lines(book: Book) -> list[Line]:
    """The lines of the document that was entered in the template; `number` is the row they come from."""
    plan = _sheet(book, PLAN_SHEET)
    if plan is None:
        return []
    values, others = _values(plan)
    targets = _sheet(book, INDICATOR_SHEET)
    parts: list[tuple[BookSheet, Iterator[_Said]]] = [
        (plan, _letterhead(values)),
        (plan, iter([(0, "I. MỤC TIÊU")])),
        *([(targets, _targets(targets))] if targets else []),
        (plan, iter([(0, "II. CƠ QUAN ĐẦU MỐI"), *_lead(values)])),
        (plan, iter([(0, "III. CHẾ ĐỘ BÁO CÁO"), *_regime(values), *others, *_close(values)])),
    ]
    return [
        Line(words, None, sheet.number, row or None)
        for sheet, said in parts
        for row, text in said
        if (words := squeeze(text))
    ]


def _sheet(book: Book, title: str) -> BookSheet | None:
    return next((sheet for sheet in book.sheets if same_title(sheet.title, title)), None)


def _labels(sheet: BookSheet) -> int:
    labels = [texts[0] for texts in sheet.rows.values()]
    return sum(any(same_title(label, entry.label) for label in labels) for entry in ENTRIES)


def _values(sheet: BookSheet) -> tuple[dict[str, _Value], list[_Said]]:
    """The filled rows by what they are for, and what stands under labels of the user's own."""
    values: dict[str, _Value] = {}
    others: list[_Said] = []
    for number, texts in sheet.rows.items():
        lines = [words for words in map(squeeze, "\n".join(texts[1:2]).split("\n")) if words]
        entry = next((each for each in ENTRIES if same_title(texts[0], each.label)), None)
        if entry and lines:
            values.setdefault(entry.name, (number, lines))
        elif entry is None and lines and number > 1:
            others.append((number, f"{texts[0]}: {' '.join(lines)}"))
    return values, others


def _letterhead(values: dict[str, _Value]) -> Iterator[_Said]:
    row, authority = _text(values, "authority")
    if authority:
        yield row, authority
    row, number = _text(values, "number")
    if number:
        yield row, f"Số: {number}"
    row, day = _text(values, "issued_on")
    if day:
        place = _PLACE_RE.search(authority)
        date = _DATE_RE.search(day)
        written = f"ngày {date['day']} tháng {date['month']} năm {date['year']}" if date else day
        yield row, f"{place['name'] if place else 'Nơi ban hành'}, {written}"
    row, title = _text(values, "title")
    if title:
        yield row, "KẾ HOẠCH"
        words = re.sub(r"^kế hoạch\s+", "", title, flags=re.IGNORECASE)
        yield row, words[:1].upper() + words[1:]
    row, bases = values.get("legal_bases", (0, []))
    for basis in bases:
        words = re.sub(r"^căn cứ\s+", "", _MARK_RE.sub("", basis), flags=re.IGNORECASE)
        named = words if re.search(r"\bsố\s", words, re.IGNORECASE) else f"văn bản số {words}"
        yield row, f"Căn cứ {named.rstrip(';., ')};"


def _targets(sheet: BookSheet) -> Iterator[_Said]:
    """The targets, each under the year it is for."""
    columns: dict[str, int] = {}
    by_year: dict[str, list[_Said]] = {}
    for row, texts in sheet.rows.items():
        if not columns:
            found = {title: at for title, _ in INDICATOR_COLUMNS for at, t in enumerate(texts) if same_title(t, title)}
            columns = found if "Chỉ tiêu" in found and "Năm" in found else {}
            continue
        cells = {title: squeeze(texts[at]) if at < len(texts) else "" for title, at in columns.items()}
        year = re.search(r"20[0-9]{2}", cells["Năm"])
        if year and cells["Chỉ tiêu"]:
            by_year.setdefault(year[0], []).append((row, f"- {_target(cells)}"))
    for named, targets in sorted(by_year.items()):
        yield 0, f"Mục tiêu đến năm {named}:"
        yield from targets


def _target(cells: dict[str, str]) -> str:
    subject, unit = cells["Chỉ tiêu"].rstrip(" ."), cells.get("Đơn vị tính", "")
    sign = _COMPARATORS.get(plain(cells.get("So sánh", "")), ">=")
    figure = _FIGURE_RE.fullmatch(cells.get("Giá trị", ""))
    if not figure:
        return " ".join(filter(None, (subject, cells.get("Giá trị", ""), unit)))
    percent = "%" if unit in ("%", "phần trăm") or figure["percent"] else ""
    # "1 cơ quan báo chí tăng doanh thu" where the unit is "cơ quan báo chí" and the target begins with it.
    named = "" if percent or subject.casefold().startswith(unit.casefold()) else unit
    # "100% cơ quan báo chí …" means at least as it stands.
    word = "" if percent and sign == ">=" else COMPARATOR_WORDS[sign]
    if is_measure(named):
        return f"{subject} {word} {figure['value']} {named}"
    return " ".join(filter(None, (word, figure["value"] + percent, named, subject)))


def _lead(values: dict[str, _Value]) -> Iterator[_Said]:
    row, lead = _text(values, "lead_agency")
    if lead:
        yield row, f"1. {lead}"
        yield row, "Chủ trì, theo dõi, đôn đốc, tổng hợp việc thực hiện Kế hoạch."
        for period in _periods(values, "lead"):
            yield row, f"Tổng hợp, báo cáo {period}."


def _regime(values: dict[str, _Value]) -> Iterator[_Said]:
    row = values.get("units_to", values.get("units_via", (0, [])))[0]
    for period in _periods(values, "units"):
        yield row, f"Các đơn vị gửi báo cáo về {period}."


def _periods(values: dict[str, _Value], who: str) -> Iterator[str]:
    """To whom, via whom, how often and before when, in the words of a plan; a clause a period."""
    _, to = values.get(f"{who}_to", (0, []))
    _, via = _text(values, f"{who}_via")
    every = values.get(f"{who}_every", (0, []))[1]
    before = values.get(f"{who}_before", (0, []))[1]
    request = plain(_text(values, f"{who}_on_request")[1])
    names = ", ".join(name.rstrip(" ;,") for part in to for name in _MARK_RE.sub("", part).split(";") if name.strip())
    for index in range(max(len(every), len(before), 1 if names or via else 0)):
        clause = [names + (f" (qua {via})" if via else "")]
        rhythm = _every(every[index]) if index < len(every) and every[index] != UNKNOWN else ""
        if rhythm:
            clause.append(f"định kỳ {rhythm}")
        if index < len(before) and before[index] != UNKNOWN:
            clause.append(_before(rhythm, before[index]))
        if request and request != plain(NO):
            clause.append("hoặc đột xuất khi có yêu cầu")
        yield " ".join(clause)


def _every(words: str) -> str:
    known = {plain(text): text for text in EVERY_WORDS.values()}
    folded = plain(words)
    return known.get(folded) or next((text for word, text in known.items() if word.split()[-1] in folded), words)


def _before(rhythm: str, words: str) -> str:
    """The day or days as a plan says them; as they were typed where they do not fit the rhythm."""
    every = next((kind for kind, text in EVERY_WORDS.items() if text == rhythm), None)
    try:
        return before_phrase(every, read_before(every, words.rstrip(" .;")))
    except Refusal:
        return words


def _close(values: dict[str, _Value]) -> Iterator[_Said]:
    row, signer = _text(values, "signed_by")
    if signer:
        yield row, f"Người ký: {signer}"
    row, recipients = values.get("recipients", (0, []))
    if recipients:
        yield row, "Nơi nhận:"
        for words in recipients:
            yield from ((row, f"- {name.strip()};") for name in _MARK_RE.sub("", words).split(";") if name.strip())


def _text(values: dict[str, _Value], name: str) -> _Said:
    row, lines = values.get(name, (0, []))
    return row, " ".join(lines)
