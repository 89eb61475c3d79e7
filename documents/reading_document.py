"""What every reader shares: from the lines of a plan, whatever their format, to the parts of a `PlanDraft`.

A reader brings lines and tables; the rules here know the layout of NĐ 30/2020/NĐ-CP. They collect findings and never
raise for content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from documents.source import Line, squeeze
from domain.plan import DocumentInfo, Finding, LegalBasis, Severity, Where

_NUMBER_RE = re.compile(r"(?<!\w)Số\s*:\s*(?P<number>[^\n]*)", re.IGNORECASE)
_PLACE_DATE_RE = re.compile(
    r"(?P<place>[^\W\d_][^,\n]{1,40}),\s*ngày\s*(?P<day>[0-9]*)\W*tháng\s*(?P<month>[0-9]*)\W*năm\s*(?P<year>[0-9]*)",
    re.IGNORECASE,
)
_CITATION_RE = re.compile(
    r"số\s+(?P<number>[0-9][^\s,;()]*)"
    r"(?:\s+ngày\s+(?P<day>[0-9]{1,2})(?:/|\s+tháng\s+)(?P<month>[0-9]{1,2})(?:/|\s+năm\s+)(?P<year>[0-9]{4}))?",
    re.IGNORECASE,
)
_PREAMBLE_RE = re.compile(
    r"^(Căn cứ|Thực hiện (?:Luật|Nghị|Quyết|Chỉ|Công|Kế|Thông)|Theo đề nghị|Xét đề nghị)", re.IGNORECASE
)
_AUTHORITY_RE = re.compile(
    r"^(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)\s+(?P<level>tỉnh|thành phố|tp\.?)\s+(?P<name>[^\W\d_].*)$",
    re.IGNORECASE,
)
_AUTHORITY_HEAD_RE = re.compile(r"^(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)$", re.IGNORECASE)
_ISSUING_RE = re.compile(
    r"^(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)\s+(?P<level>tỉnh|thành phố)\s+(?:ban hành|xây dựng|lập)\b",
    re.IGNORECASE,
)
_CAPITAL = "[A-ZĐÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ]"
_TERRITORY_RE = re.compile(rf"(?:tỉnh|thành phố)\s+(?P<name>{_CAPITAL}\w*(?:\s+(?:-\s+)?{_CAPITAL}\w*){{0,4}})")
_SECTION_RE = re.compile(r"^[IVX]{1,5}\s*\.\s*\S")
_POST_RE = re.compile(r"^(?:KT\.|TM\.|TL\.|TUQ\.|Q\.)?\s*(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ|CHÁNH VĂN PHÒNG)$")
_NAME_RE = re.compile(r"^(?:[^\W\d_][^\W\d_]*\s+){1,5}[^\W\d_]+$")
_CUT_OFF_RE = re.compile(r"\[\s*(?:\.\.\.|…)\s*\]")
_MARKED = re.compile(r"[^\x00-\x7f]")


def iso_date(year: str | int, month: str | int, day: str | int) -> date | None:
    """The date, or None when the figures are blank or no such day exists."""
    try:
        return date(int(year), int(month), int(day))
    except (TypeError, ValueError):
        return None


def read_document(lines: Sequence[Line]) -> tuple[DocumentInfo, list[Finding]]:
    """Number, date, title, authority, legal bases and signer; a blank number or date is left to the clerk."""
    findings: list[Finding] = []
    info = DocumentInfo(title=_title(lines), signed_by=_signer(lines), legal_bases=_legal_bases(lines))
    info = replace(info, number=_number(lines, findings), issued_on=_issued_on(lines, findings))
    info = _with_authority(info, lines)
    if not info.title:
        message = "Không thấy tên kế hoạch. Hãy nhập tên trước khi duyệt."
        findings.append(Finding("title-missing", Severity.REVIEW, message))
    if not info.authority:
        message = "Không thấy cơ quan ban hành. Hãy chọn cơ quan trước khi duyệt."
        findings.append(Finding("authority-missing", Severity.REVIEW, message))
    if not info.signed_by:
        findings.append(Finding("signer-missing", Severity.INFO, "Không thấy người ký. Hãy bổ sung nếu đã có bản ký."))
    return _with_state(info, lines, findings), findings


def _number(lines: Sequence[Line], findings: list[Finding]) -> str | None:
    for line in lines:
        match = _NUMBER_RE.search(line.text)
        if match and "/" in match["number"]:
            number = re.split(r"\s{2,}|\s+(?=[A-ZĐ]\w+.*,\s*ngày)", match["number"].strip())[0].replace(" ", "")
            if number[:1].isdigit():
                return number
            break
    message = "Văn bản chưa có số. Không sao: hãy bổ sung khi văn thư cấp số."
    findings.append(Finding("number-blank", Severity.INFO, message))
    return None


def _place_date(lines: Sequence[Line]) -> re.Match[str] | None:
    return next((match for line in lines if (match := _PLACE_DATE_RE.search(line.text))), None)


def _issued_on(lines: Sequence[Line], findings: list[Finding]) -> date | None:
    match = _place_date(lines)
    issued_on = iso_date(match["year"], match["month"], match["day"]) if match else None
    if issued_on is None:
        message = "Văn bản chưa có ngày ban hành. Không sao: hãy bổ sung khi văn bản được phát hành."
        findings.append(Finding("date-blank", Severity.INFO, message))
    return issued_on


def _title(lines: Sequence[Line]) -> str | None:
    start = next((i for i, line in enumerate(lines) if line.text.upper() == "KẾ HOẠCH"), None)
    if start is None:
        return None
    subject: list[str] = []
    for line in lines[start + 1 : start + 7]:
        # The first line is always the subject: "Thực hiện Quyết định …" is a common one.
        is_over = _PREAMBLE_RE.match(line.text) or _SECTION_RE.match(line.text) or not re.search(r"\w", line.text)
        if subject and is_over:
            break
        subject.append(line.text)
    words = squeeze(" ".join(subject))
    if words.isupper():
        return f"KẾ HOẠCH {words}"
    return f"Kế hoạch {words[0].lower()}{words[1:]}" if words else None


def _legal_bases(lines: Sequence[Line]) -> tuple[LegalBasis, ...]:
    bases: dict[str, LegalBasis] = {}
    for line in lines:
        if _SECTION_RE.match(line.text):
            break
        opening = _PREAMBLE_RE.match(line.text)
        # A proposal ("Theo đề nghị … tại Tờ trình") is cited beside the bases but is not one.
        if not opening or "đề nghị" in opening[1].lower():
            continue
        for match in _CITATION_RE.finditer(line.text):
            day = iso_date(match["year"], match["month"], match["day"]) if match["year"] else None
            bases.setdefault(match["number"], LegalBasis(match["number"].rstrip("."), day))
    return tuple(bases.values())


def _with_authority(info: DocumentInfo, lines: Sequence[Line]) -> DocumentInfo:
    for index, line in enumerate(lines[:40]):
        words = line.text
        if _AUTHORITY_HEAD_RE.match(words) and index + 1 < len(lines):
            words = f"{words} {lines[index + 1].text}"
        if match := _AUTHORITY_RE.match(words):
            level = "tỉnh" if match["level"].lower() == "tỉnh" else "thành phố"
            name = match["name"].title() if match["name"].isupper() else match["name"]
            if len(name.split()) <= 6:
                return replace(info, authority=f"UBND {level} {name}", province=name)
    place, territory = _place_date(lines), _TERRITORY_RE.search(info.title or "")
    province = territory["name"] if territory else squeeze(place["place"]) if place else None
    issuing = next((match for line in lines if (match := _ISSUING_RE.match(line.text))), None)
    authority = f"UBND {issuing['level'].lower()} {province}" if issuing and province else None
    return replace(info, authority=authority, province=province)


def _signer(lines: Sequence[Line]) -> str | None:
    for index, line in enumerate(lines):
        if not _POST_RE.match(line.text):
            continue
        for after in lines[index + 1 : index + 5]:
            if _POST_RE.match(after.text):
                break
            if _NAME_RE.match(after.text) and all(word[0].isupper() for word in after.text.split()):
                return after.text.title() if after.text.isupper() else after.text
    return None


def _with_state(info: DocumentInfo, lines: Sequence[Line], findings: list[Finding]) -> DocumentInfo:
    complete, quality = True, info.quality
    for number, line in enumerate(lines, start=1):
        if complete and _CUT_OFF_RE.search(line.text):
            complete = False
            message = "Văn bản bị cắt ở chỗ “[...]”. Hãy tìm bản đầy đủ rồi đọc lại."
            findings.append(Finding("incomplete", Severity.BLOCKING, message, Where(page=line.page, line=number)))
    if is_garbled(lines):
        quality = "poor"
        message = "Chữ trong văn bản mất dấu, có thể do nhận dạng sai. Hãy đối chiếu từng mục với bản gốc."
        findings.append(Finding("quality-poor", Severity.REVIEW, message))
    return replace(info, complete=complete, quality=quality)


def is_garbled(lines: Sequence[Line]) -> bool:
    """Vietnamese prose has marks on about a quarter of its letters; far fewer means the source lost them."""
    text = "".join(line.text for line in lines)
    letters = sum(1 for c in text if c.isalpha())
    return letters > 300 and len(_MARKED.findall(text)) < 0.08 * letters


def read_recipients(lines: Sequence[Line]) -> tuple[str, ...]:
    """The "Nơi nhận" list without its archive line ("Lưu: …"), which is no recipient."""
    start = next((i for i, line in enumerate(lines) if line.text.lower().startswith("nơi nhận")), None)
    if start is None:
        return ()
    recipients: list[str] = []
    for line in lines[start + 1 :]:
        dashed = line.text.startswith(("-", "–", "•"))
        if line.cell != lines[start].cell or (line.cell is None and not dashed):
            break
        words = line.text.lstrip("-–• ").rstrip(";.,/ ")
        if words and not words.lower().startswith("lưu"):
            recipients.append(words)
    return tuple(recipients)
