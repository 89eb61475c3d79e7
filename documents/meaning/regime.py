"""The reporting regime and the lead agency, read from the running text: who reports to whom, when, via whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from documents.meaning.bodies import begins_body
from documents.meaning.labels import read_labels
from documents.meaning.lexicon import DEPARTMENTS
from documents.meaning.regime_days import BEFORE_RE, ONCE_RE, Day, Frequency, days_of, frequencies, month_day, paired
from documents.meaning.sections import item_of, section_title, subject_of
from documents.source import Line
from domain.plan import ReportingDraft

_BODY = (
    r"(?:Bộ|Sở|UBND|(?:Phó )?Chủ tịch|[Ủủ]y ban nhân dân|[Uu]ỷ ban nhân dân|Ban|Văn phòng|Cục|Thủ tướng|Tỉnh ủy"
    r"|Thành ủy|HĐND|Công an|Chính phủ|Chi cục|Tổng cục|Liên minh|Liên đoàn|Liên hiệp|Hội đồng|Thường trực"
    r"|Thanh tra|Trung tâm|Hội|Đài|Báo)"
)
_BODY_END = (
    rf"(?=\s+(?:để|theo|trước|hằng|hàng|định kỳ|tổng hợp|khi|nhằm|qua|tại|được|xem xét|chậm nhất|trong|kết quả"
    rf"|và {_BODY}|đồng thời|trên|muộn nhất|tham mưu|về kết quả|bằng|gồm|vào|từ|{_BODY}\s)|\s*[,.;:()]|\s*$)"
)
_ABOVE = r"(?:\s\((?:Bộ|Sở|UBND)\s[^()]{2,60}\))?"
_BODY_RE = re.compile(rf"\b{_BODY}(?:\s[^,.;:()]{{1,120}}?)?(?:{_BODY_END})(?P<above>{_ABOVE})")
_VIA_RE = re.compile(rf"(?:thông qua|qua)\s+(?P<body>{_BODY}\s[^,.;:()]{{1,120}}?){_BODY_END}", re.IGNORECASE)
_COMMA_NAMES = {
    spelt: spelt.replace(",", "\x00")
    for name in DEPARTMENTS
    if "," in name
    for spelt in (name, name.replace("hóa", "hoá"))
}
"""Names with a comma inside, for the time in which a comma ends a name."""
_REPORT_RE = re.compile(r"báo cáo|sơ kết|tổng kết|gửi\s+(?:số liệu|kết quả|về)", re.IGNORECASE)
_TOWARDS_RE = re.compile(
    rf"\b(?:về|gửi(?:\s+về)?|cho|đến|trình|với)\s+(?={_BODY}[\s,.;)])|báo cáo\s+(?:\w+\s+){{0,4}}?(?={_BODY}[\s,.;)])"
)
_ON_REQUEST_RE = re.compile(r"đột xuất|khi có yêu cầu|khi được yêu cầu|theo yêu cầu", re.IGNORECASE)
_UPWARD = ("bộ", "chủ tịch", "phó chủ tịch", "ubnd", "ủy ban", "uỷ ban", "thủ tướng", "chính phủ")
_IN_CHARGE_RE = re.compile(
    rf"(?P<body>{_BODY}\s[^,.;:()]{{2,120}}?)(?:\s\([^()]*\))?\s+(?:là|làm)\s+(?:cơ quan\s+)?(?:đầu mối|thường trực)"
)
_PURPOSE_RE = re.compile(r"\b(?:để|nhằm)\s+(?=.*?(?:tổng hợp|báo cáo|trình))", re.IGNORECASE)
_CLAUSE_RE = re.compile(r";\s+|(?<=[.!?])\s+(?=[^\W\d_])|\s*\./\.")
_PERIODIC_RE = re.compile(r"định kỳ|hằng|hàng|mỗi|chế độ|báo cáo\s+(?:tuần|tháng|quý|năm|0?6 tháng)", re.IGNORECASE)


@dataclass(frozen=True)
class _Clause:
    """One clause about reporting: whose duties are being told, whether that is one body, and the frequencies before."""

    text: str
    heading: str
    every: tuple[Frequency, ...]
    on_request: bool
    sentence: int


def read_reporting(lines: Sequence[Line]) -> tuple[tuple[ReportingDraft, ...], str | None]:
    """The periodic reports that the text asks for, and the lead agency: the body that the units' reports go to."""
    found: list[ReportingDraft] = []
    addressed: dict[int, ReportingDraft] = {}
    for clause in _clauses(lines):
        for entry in _entries(clause):
            # "… báo cáo quý về Sở X; báo cáo năm gửi trước ngày …": the address is said once in a sentence.
            before = addressed.get(clause.sentence)
            if before and entry.from_ == before.from_ and not (entry.to or entry.via):
                entry = replace(entry, to=before.to, via=before.via)
            addressed[clause.sentence] = entry
            found.append(entry)
    entries = _merged(found)
    return entries, read_labels(lines).get("lead_agency") or _lead_agency(entries, lines)


def bodies(text: str) -> tuple[str, ...]:
    """The names of public bodies in a clause, in their order."""
    return tuple(dict.fromkeys(_shown(match[0]) for match in _BODY_RE.finditer(_hidden(text))))


def _hidden(text: str) -> str:
    for name, hidden in _COMMA_NAMES.items():
        text = text.replace(name, hidden)
    return text


def _shown(name: str) -> str:
    return name.replace("\x00", ",").strip()


def _paragraphs(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Each paragraph with the unit whose duties are being told there, "" where none is."""
    heading = ""
    for line in lines:
        item = item_of(line)
        if section_title(line.text) is not None:
            heading = ""
        elif item.kind == "numbered":
            heading = subject_of(item.words)
        yield heading, line.text


def _clauses(lines: Sequence[Line]) -> Iterator[_Clause]:
    number = 0
    for heading, paragraph in _paragraphs(lines):
        if not _REPORT_RE.search(paragraph):
            continue
        for sentence in re.split(r"(?<=[.!?])\s+(?=[^\W\d_])|\s*\./\.", paragraph):
            sentence, number = _hidden(sentence), number + 1
            every = frequencies(sentence)
            on_request = bool(_ON_REQUEST_RE.search(sentence))
            for clause in _CLAUSE_RE.split(sentence):
                if _REPORT_RE.search(clause) or BEFORE_RE.search(clause):
                    yield _Clause(clause, heading, every, on_request, number)


def _entries(clause: _Clause) -> Iterator[ReportingDraft]:
    purpose = _PURPOSE_RE.search(clause.text)
    head, tail = (clause.text, "") if not purpose else (clause.text[: purpose.start()], clause.text[purpose.end() :])
    here = frequencies(clause.text) or clause.every
    days = days_of(clause.text, here)
    once = ONCE_RE.search(clause.text)
    if once and not days:
        yield from _once(clause, head, month_day(once))
        return
    if not days and not (clause.every and _PERIODIC_RE.search(clause.text) and _TOWARDS_RE.search(head)):
        return
    via = _VIA_RE.search(head)
    to = tuple(body for body in _addressed(head) if not via or body != _shown(via["body"]))
    sender = _sender(clause, head, to, via is not None)
    # "… để tổng hợp, báo cáo Bộ Y trước ngày 15/12": a day after the purpose is the next level's.
    own = [day for day in days if not (purpose and day.place > purpose.end() and _addressed(tail))]
    for before, every in paired(clause.text, own, here) if own or not days else ():
        entry = ReportingDraft(
            from_=sender,
            to=to,
            via=_shown(via["body"]) if via else None,
            every=every,
            before=before,
            on_request=clause.on_request,
        )
        yield entry
    if sender == "units" and tail and (above := _addressed(tail)):
        later = [day for day in days if purpose and day.place > purpose.end()]
        kinds = frequencies(tail) or here
        for index, day in enumerate(later or [Day(0, None)]):
            kind = day.every or (kinds[min(index, len(kinds) - 1)] if kinds else None)
            yield ReportingDraft("lead", above, None, kind, day.before)


def _once(clause: _Clause, head: str, before: str | None) -> Iterator[ReportingDraft]:
    """The one report of a plan that ends: the units' ("gửi báo cáo về …"), or the lead agency's closing one."""
    via = _VIA_RE.search(head)
    to = tuple(body for body in _addressed(head) if not via or body != _shown(via["body"]))
    sender = _sender(clause, head, to, via is not None)
    if sender == "lead" and (clause.every or re.search(r"tổng hợp", clause.text, re.IGNORECASE)):
        yield ReportingDraft("lead", to, None, None, before)
    elif sender == "units" and re.search(r"\bgửi\b.{0,20}báo cáo", clause.text, re.IGNORECASE):
        yield ReportingDraft("units", to, _shown(via["body"]) if via else None, None, before, clause.on_request)


def _addressed(text: str) -> tuple[str, ...]:
    towards = _TOWARDS_RE.search(text)
    return bodies(text[towards.start() :]) if towards else ()


def _sender(clause: _Clause, head: str, to: tuple[str, ...], has_via: bool) -> Literal["units", "lead"]:
    """The lead agency where one named body reports upwards; all others are the units."""
    upward = any(body.casefold().startswith(_UPWARD) for body in to)
    if not upward or has_via:
        return "units"
    report = _REPORT_RE.search(head)
    subject = re.sub(
        r"^\W*(?:giao|đề nghị|định kỳ|hằng năm|hàng năm|[-–])\s*",
        "",
        head[: report.start()] if report else "",
        flags=re.IGNORECASE,
    )
    if begins_body(subject) and not re.match(r"(?:các|những|mỗi)\b", subject, re.IGNORECASE) and ";" not in subject:
        return "lead"
    told_to_one = begins_body(clause.heading) and not re.search(r"[;,]|^các\b", _hidden(clause.heading), re.IGNORECASE)
    return "lead" if told_to_one and re.match(_BODY, clause.heading) else "units"


def _merged(found: Sequence[ReportingDraft]) -> tuple[ReportingDraft, ...]:
    """Each entry once, the units' first; one that names no day falls away beside one that does."""
    entries: dict[tuple[str, str | None, str | None], ReportingDraft] = {}
    for entry in found:
        key = (entry.from_, entry.every, entry.before)
        known = entries.get(key)
        if known is None or (not known.to and entry.to):
            entries[key] = entry
    dated = {(e.from_, e.every) for e in entries.values() if e.before}
    told = {e.from_ for e in entries.values() if e.before}
    kept = [
        e for e in entries.values()
        if e.before or ((e.from_, e.every) not in dated and (e.from_ == "units" or e.from_ not in told))
    ]  # fmt: skip
    return tuple(sorted(kept, key=lambda entry: entry.from_ == "lead"))


def _lead_agency(entries: Sequence[ReportingDraft], lines: Sequence[Line]) -> str | None:
    for line in lines:
        if match := _IN_CHARGE_RE.search(_hidden(line.text)):
            return _shown(match["body"])
    for entry in entries:
        if entry.from_ == "units" and (entry.via or entry.to):
            return entry.via or entry.to[0]
    # Otherwise the one body that is told to urge the others on; with two of them a person must choose.
    told = {
        body
        for heading, paragraph in _paragraphs(lines)
        if re.search(r"đôn đốc|tổng hợp", paragraph, re.IGNORECASE) and re.match(_BODY, heading)
        for body in bodies(heading)[:1]
    }
    return told.pop() if len(told) == 1 else None
