"""The reporting regime, the lead agency and the indicators, read from the running text of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from documents.reading_document import iso_date
from documents.source import Line
from domain.plan import Finding, IndicatorDraft, ReportingDraft, Severity, Where

Frequency = Literal["yearly", "half_yearly", "quarterly", "monthly", "weekly"]
Comparator = Literal[">=", ">", "<=", "<", "="]

_BODY = r"(?:Bộ|Sở|UBND|Ủy ban nhân dân|Uỷ ban nhân dân|Ban|Văn phòng|Cục|Thủ tướng|Tỉnh ủy|Thành ủy|HĐND)"
_BODY_END = (
    rf"(?=\s+(?:để|theo|trước|hằng|hàng|định kỳ|tổng hợp|khi|nhằm|qua|tại|được|xem xét|chậm nhất|trong|và {_BODY})\b"
    r"|\s*[,.;:()]|$)"
)
_BODY_RE = re.compile(rf"\b{_BODY}\s[^,.;:()]{{1,120}}?{_BODY_END}")
_VIA_RE = re.compile(rf"qua\s+(?P<body>{_BODY}\s[^,.;:()]{{1,120}}?){_BODY_END}")
_BEFORE_RE = re.compile(
    r"trước\s+(?:ngày\s+)?(?P<day>[0-9]{1,2})(?:/|\s+tháng\s+)(?P<month>[0-9]{1,2})(?![/0-9]|\s+năm\s)",
    re.IGNORECASE,
)
_REPORT_RE = re.compile(r"báo cáo", re.IGNORECASE)
_TOWARDS_RE = re.compile(rf"\b(?:về|gửi|cho|đến|trình)\s+(?={_BODY}\s)|báo cáo\s+(?:\w+\s+){{0,4}}?(?={_BODY}\s)")
_ON_REQUEST_RE = re.compile(r"đột xuất|khi có yêu cầu|khi được yêu cầu", re.IGNORECASE)
_EVERY: tuple[tuple[Frequency, re.Pattern[str]], ...] = (
    ("half_yearly", re.compile(r"\b0?6 tháng\b", re.IGNORECASE)),
    ("quarterly", re.compile(r"\b(?:hằng|hàng|mỗi) quý\b", re.IGNORECASE)),
    ("monthly", re.compile(r"\b(?:hằng|hàng|mỗi) tháng\b", re.IGNORECASE)),
    ("weekly", re.compile(r"\b(?:hằng|hàng|mỗi) tuần\b", re.IGNORECASE)),
    ("yearly", re.compile(r"\b(?:hằng|hàng|mỗi) năm\b", re.IGNORECASE)),
)
_SECTION_RE = re.compile(r"^[IVX]{1,5}\s*\.\s*\S")
_HEADING_RE = re.compile(r"^(?:[0-9]{1,2}(?:\.[0-9]{1,2})*\s*[.)]|[a-zđ]\))\s*(?P<words>\S.*)$")
_HORIZON_RE = re.compile(
    r"^(?:[0-9.]+\s*[.)]?\s*|[a-zđ]\)\s*|[-*]\s*)?(?:mục tiêu(?:\s+cụ thể)?\s+)?"
    r"(?:đến|định hướng đến|tầm nhìn đến|giai đoạn .* đến)\s+(?:hết\s+)?năm\s+(?P<year>20[0-9]{2})\s*[:.]?$",
    re.IGNORECASE,
)
_FIGURE_RE = re.compile(
    r"(?P<word>tối thiểu|ít nhất|không dưới|trên|hơn|dưới|không quá|>=|≥|<=|≤|>|<|có|đạt|từ)?\s*"
    r"(?<![\w/,.])(?P<value>[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+(?:[.,][0-9]+)?)\s*(?P<percent>%)?(?![\w/])",
    re.IGNORECASE,
)
_YEAR_RE = re.compile(r"(?:19|20)[0-9]{2}")
_COUNTED_RE = re.compile(
    r"^(?P<unit>[^\d,.;:()]{1,80}?)(?=\s+(?:tăng|được|có|đạt|sử dụng|thực hiện|hoàn thành|giảm|là)\b|[,.;:]|$)"
)
_COMPARATORS: dict[str, Comparator] = {
    "trên": ">", "hơn": ">", ">": ">", "dưới": "<", "<": "<", "không quá": "<=", "<=": "<=", "≤": "<=",
}  # fmt: skip


def read_reporting(lines: Sequence[Line]) -> tuple[tuple[ReportingDraft, ...], str | None, list[Finding]]:
    """The periodic reports that the text asks for, and the lead agency: the body that the units' reports go to."""
    entries: dict[str, ReportingDraft] = {}
    findings: list[Finding] = []
    for number, heading, sentence in _sentences(lines):
        before = _BEFORE_RE.search(sentence)
        if not before or not _REPORT_RE.search(sentence):
            continue
        entry = _entry(sentence, heading, before)
        entries.setdefault(entry.from_, entry)
        if not (entry.every and entry.to and entry.before):
            message = f"Chưa rõ kỳ hoặc nơi nhận báo cáo trong câu có “{before[0]}”. Hãy bổ sung chế độ báo cáo."
            findings.append(Finding("reporting-unclear", Severity.REVIEW, message, Where(line=number)))
    if "units" not in entries:
        message = "Không thấy hạn báo cáo của các đơn vị. Hãy nhập chế độ báo cáo trước khi giao việc."
        findings.append(Finding("reporting-missing", Severity.REVIEW, message))
    lead = _lead_agency(entries, lines)
    if not lead:
        message = "Không thấy cơ quan tổng hợp, đôn đốc. Hãy chọn cơ quan đầu mối."
        findings.append(Finding("lead-agency-missing", Severity.REVIEW, message))
    order = ("units", "lead")
    return tuple(entries[key] for key in order if key in entries), lead, findings


def bodies(text: str) -> tuple[str, ...]:
    """The names of public bodies in a clause, in their order."""
    return tuple(dict.fromkeys(match[0].strip() for match in _BODY_RE.finditer(text)))


def _sentences(lines: Sequence[Line]) -> Iterator[tuple[int, str, str]]:
    """Line number, the unit whose duties are being told, and each sentence."""
    heading = ""
    for number, line in enumerate(lines, start=1):
        if _SECTION_RE.match(line.text):
            heading = ""
        elif match := _HEADING_RE.match(line.text):
            heading = match["words"]
        for sentence in re.split(r"(?<=[.!?])\s+(?=[^\W\d_])|\s*\./\.", line.text):
            yield number, heading, sentence


def _entry(sentence: str, heading: str, before: re.Match[str]) -> ReportingDraft:
    via = _VIA_RE.search(sentence)
    towards = _TOWARDS_RE.search(sentence)
    clause = sentence[towards.start() :] if towards else ""
    # "về Sở X để tổng hợp, báo cáo Bộ Y": what follows "để" is the next level's duty, not this report's address.
    to = tuple(body for body in bodies(re.split(r"\bđể\b", clause)[0]) if not via or body != via["body"].strip())
    is_upward = any(body.startswith(("Bộ", "UBND", "Ủy ban", "Uỷ ban", "Thủ tướng")) for body in to)
    told_to_one_body = bool(re.match(_BODY, heading)) and ";" not in heading
    from_: Literal["units", "lead"] = "lead" if is_upward and told_to_one_body and not via else "units"
    month, day = int(before["month"]), int(before["day"])
    return ReportingDraft(
        from_=from_,
        to=to,
        via=via["body"].strip() if via else None,
        every=next((kind for kind, pattern in _EVERY if pattern.search(sentence)), None),
        before=f"{month:02d}-{day:02d}" if iso_date(2000, month, day) else None,
        on_request=bool(_ON_REQUEST_RE.search(sentence)),
    )


def _lead_agency(entries: dict[str, ReportingDraft], lines: Sequence[Line]) -> str | None:
    if units := entries.get("units"):
        if units.via:
            return units.via
        if units.to:
            return units.to[0]
    # Otherwise the one body that is told to urge the others on; with two of them a person must choose.
    told = {
        body
        for _, heading, sentence in _sentences(lines)
        if re.search(r"đôn đốc|tổng hợp", sentence, re.IGNORECASE) and re.match(_BODY, heading)
        for body in bodies(heading)[:1]
    }
    return told.pop() if len(told) == 1 else None


def read_indicators(lines: Sequence[Line]) -> tuple[tuple[IndicatorDraft, ...], list[Finding]]:
    """The targets with a figure under "Mục tiêu đến năm …"; a target without one is named in a finding."""
    indicators: list[IndicatorDraft] = []
    findings: list[Finding] = []
    horizon: int | None = None
    for number, line in enumerate(lines, start=1):
        if match := _HORIZON_RE.match(line.text):
            horizon = int(match["year"])
        elif _SECTION_RE.match(line.text) or _HEADING_RE.match(line.text):
            horizon = None
        elif horizon is not None:
            if indicator := _indicator(horizon, line.text.lstrip("-–•+* ").strip()):
                indicators.append(indicator)
            else:
                message = f"Một mục tiêu đến năm {horizon} không có con số nên không theo dõi bằng chỉ tiêu được."
                findings.append(Finding("indicator-without-figure", Severity.INFO, message, Where(line=number)))
    return tuple(indicators), findings


def _indicator(horizon: int, text: str) -> IndicatorDraft | None:
    for match in _FIGURE_RE.finditer(text):
        word = (match["word"] or "").lower()
        # A bare number is a count only after words that announce one: "cấp độ 3" is not.
        if not match["percent"] and (not word or _YEAR_RE.fullmatch(match["value"])):
            continue
        after = text[match.end() :].strip(" .;,:")
        subject = after or text[: match.start()].strip(" .;,:")
        counted = _COUNTED_RE.match(after)
        unit = "%" if match["percent"] else counted["unit"].strip() if counted else None
        value = float(re.sub(r"\.(?=[0-9]{3}\b)", "", match["value"]).replace(",", "."))
        return IndicatorDraft(horizon, subject, _COMPARATORS.get(word, ">="), value, unit, text)
    return None
