"""What every reader shares: from the lines of a plan, whatever their format, to the parts of a `PlanDraft`.

A reader brings lines and tables; the rules here know the layout of NĐ 30/2020/NĐ-CP. They collect findings and never
raise for content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from documents.meaning.labels import read_labels
from documents.meaning.lexicon import PROVINCES
from documents.meaning.restoring import is_poor
from documents.meaning.sections import item_of, section_title
from documents.source import Line, plain, squeeze
from domain.plan import DocumentInfo, Finding, LegalBasis, Severity, Where

_NUMBER_RE = re.compile(
    r"(?<!\w)(?:Số\s*:|Số hiệu(?: văn bản)?\s*:?|Số ký hiệu\s*:?)\s*(?P<number>[^\n]*)", re.IGNORECASE
)
_PLACE_DATE_RE = re.compile(
    r"(?P<place>[^\W\d_][^,\n]{1,40}),\s*ngày\s*(?P<day>[0-9]*)\W*tháng\s*(?P<month>[0-9]*)\W*năm\s*(?P<year>[0-9]*)",
    re.IGNORECASE,
)
_ENCLOSED_RE = re.compile(
    r"(?:kèm theo|^\(thực hiện) kế hoạch số\s*:?\s*(?P<number>[0-9]+\s*/\s*[\w-]+)"
    r"(?:\s+ngày\s+(?P<day>[0-9]{1,2})(?:\s*/\s*|\s+tháng\s+)(?P<month>[0-9]{1,2})(?:\s*/\s*|\s+năm\s+)(?P<year>20[0-9]{2}))?",
    re.IGNORECASE,
)
"""How an appendix names the plan it belongs to."""
_ISSUED_RE = re.compile(
    r"^Ngày (?:ban hành|ký)\s*:?\s*(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})", re.IGNORECASE
)
_SIGNED_RE = re.compile(r"^Người ký\s*:?\s*(?P<name>[^\W\d_][^\d,;:/]{3,40})$", re.IGNORECASE)
_CITATION_RE = re.compile(
    r"số\s+(?P<number>[0-9][^\s,;()/]*/[^\s,;()]+)"
    r"(?:\s+ngày\s+(?P<day>[0-9]{1,2})(?:[/.-]|\s+tháng\s+)(?P<month>[0-9]{1,2})(?:[/.-]|\s+năm\s+)(?P<year>[0-9]{4}))?",
    re.IGNORECASE,
)
_PREAMBLE_RE = re.compile(
    r"^(Căn cứ|Thực hiện (?:Luật|Nghị|Quyết|Chỉ|Công|Kế|Thông|Kết|các|Đề án|Chương trình số|văn bản)|Theo đề nghị"
    r"|Xét đề nghị|Trên cơ sở|Thi hành)",
    re.IGNORECASE,
)
_PROPOSAL_RE = re.compile(r"(?:theo|xét) đề nghị .*", re.IGNORECASE | re.DOTALL)
_AUTHORITY_RE = re.compile(
    r"^(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)\s+(?P<level>tỉnh|thành phố|tp\.?)\s+(?P<name>[^\W\d_].*)$",
    re.IGNORECASE,
)
_AUTHORITY_HEAD_RE = re.compile(r"^(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)$", re.IGNORECASE)
_ISSUING_RE = re.compile(
    r"(?:ủy ban nhân dân|uỷ ban nhân dân|ubnd)\s+(?P<level>tỉnh|thành phố)\s[^.;]{0,60}?(?:ban hành|xây dựng|lập)\b",
    re.IGNORECASE,
)
_CAPITAL = "[A-ZĐÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ]"
_TERRITORY_RE = re.compile(
    rf"(?:tỉnh|thành phố|TỈNH|THÀNH PHỐ)\s+(?P<name>{_CAPITAL}\w*(?:\s+(?:-\s+)?{_CAPITAL}\w*){{0,4}})"
)
_POST_RE = re.compile(
    r"^(?:KT\.|TM\.|TL\.|TUQ\.|Q\.)?\s*(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ|CHÁNH VĂN PHÒNG)"
    r"(?: THƯỜNG TRỰC| PHỤ TRÁCH)?$"
)
_NAME_RE = re.compile(r"^(?:[^\W\d_][^\W\d_]*\s+){1,5}[^\W\d_]+$")
_BESIDE_RE = re.compile(r"\s+(?:TM|KT|TL|TUQ)\.\s.*$|\s+(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ).*$")
_PLAN_RE = re.compile(r"^(?:bản\s+)?kế hoạch$", re.IGNORECASE)
_PLAN_CAPITALS_RE = re.compile(r"^KẾ HOẠCH\s+\S")
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
    labels = read_labels(lines)
    info = DocumentInfo(
        number=_number(lines) or labels.get("number"),
        issued_on=_issued_on(lines) or _day(labels.get("issued_on", "")),
        title=labels.get("title") or _title(lines),
        signed_by=_signer(lines) or labels.get("signed_by"),
        legal_bases=_legal_bases(lines),
    )
    return _with_state(_with_authority(info, lines), lines, findings), findings


def _day(text: str) -> date | None:
    match = re.match(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    return iso_date(match[3], match[2], match[1]) if match else None


def _number(lines: Sequence[Line]) -> str | None:
    for line in lines:
        match = _NUMBER_RE.search(line.text)
        if match and "/" in match["number"]:
            number = re.split(r"\s{2,}|\s+(?=[A-ZĐ]\w+.*,\s*ngày)", match["number"].strip())[0].replace(" ", "")
            return number.rstrip(".;,") if number[:1].isdigit() else None
    enclosed = _enclosed(lines)
    return enclosed["number"].replace(" ", "") if enclosed else None


def _enclosed(lines: Sequence[Line]) -> re.Match[str] | None:
    return next((match for line in lines if (match := _ENCLOSED_RE.search(line.text))), None)


def _place_date(lines: Sequence[Line]) -> re.Match[str] | None:
    return next((match for line in lines if (match := _PLACE_DATE_RE.search(line.text))), None)


def _issued_on(lines: Sequence[Line]) -> date | None:
    match = _place_date(lines) or next(
        (match for line in lines if (match := _ISSUED_RE.match(item_of(line).words))), None
    )
    issued = iso_date(match["year"], match["month"], match["day"]) if match else None
    if issued is None and (enclosed := _enclosed(lines)) and enclosed["year"]:
        return iso_date(enclosed["year"], enclosed["month"], enclosed["day"])
    return issued


def _title(lines: Sequence[Line]) -> str | None:
    in_capitals = any(line.text == "KẾ HOẠCH" for line in lines)
    for start, line in enumerate(lines):
        if _PLAN_RE.match(line.text) and (not in_capitals or line.text.isupper()):
            words = _subject(lines[start + 1 : start + 7])
            break
        if _PLAN_CAPITALS_RE.match(line.text) and line.text.isupper():
            words = squeeze(f"{line.text[8:]} {_subject(lines[start + 1 : start + 6], capitals=True)}")
            break
    else:
        # A copy without its letterhead begins with the subject.
        opening = lines[0].text if lines else ""
        is_subject = re.match(r"(?:triển khai|thực hiện|về việc|tổ chức) ", opening, re.IGNORECASE)
        words = opening if is_subject and re.search(r"địa bàn|tỉnh|thành phố|năm 20", opening) else ""
    return words or None


def _subject(lines: Sequence[Line], *, capitals: bool = False) -> str:
    """What the plan is about: the lines below "KẾ HOẠCH", to the preamble or the first section."""
    subject: list[str] = []
    for line in lines:
        # The first line is always the subject: "Thực hiện Quyết định …" is a common one.
        is_over = _PREAMBLE_RE.match(line.text) or section_title(line.text) or not re.search(r"\w", line.text)
        is_over = is_over or line.text.casefold().startswith("phụ lục")
        if (subject and is_over) or (capitals and not line.text.isupper()):
            break
        if not is_over or not subject:
            subject.append(line.text)
    return squeeze(" ".join(subject))


def _legal_bases(lines: Sequence[Line]) -> tuple[LegalBasis, ...]:
    bases: dict[str, LegalBasis] = {}
    for line in lines:
        if section_title(line.text):
            break
        if not _PREAMBLE_RE.match(line.text):
            continue
        # A proposal ("Theo đề nghị … tại Tờ trình") is cited beside the bases but is not one.
        for match in _CITATION_RE.finditer(_PROPOSAL_RE.sub("", line.text)):
            day = iso_date(match["year"], match["month"], match["day"]) if match["year"] else None
            number = re.sub(r"(?<=/Q)[DĐ]{1,2}(?=-)", "Đ", match["number"].rstrip("."))
            if day or number not in bases:
                bases[number] = LegalBasis(number, day)
    return tuple(bases.values())


def _with_authority(info: DocumentInfo, lines: Sequence[Line]) -> DocumentInfo:
    for index, line in enumerate(lines[:40]):
        words = line.text
        if _AUTHORITY_HEAD_RE.match(words):
            words = f"{words} {next((after.text for after in lines[index + 1 :] if after.cell == line.cell), '')}"
        if (match := _AUTHORITY_RE.match(words)) and len(match["name"].split()) <= 6:
            name = place_name(match["name"].split(" - CỘNG")[0])
            level = "tỉnh" if match["level"].lower() == "tỉnh" else "thành phố"
            return replace(info, authority=f"UBND {level} {name}", province=name)
    place, territory = _place_date(lines), _TERRITORY_RE.search(info.title or "")
    province = place_name(territory["name"] if territory else squeeze(place["place"]) if place else "") or None
    issuing = next((match for line in lines if (match := _ISSUING_RE.search(line.text))), None)
    authority = f"UBND {issuing['level'].lower()} {province}" if issuing and province else None
    return replace(info, authority=authority, province=province)


def place_name(words: str) -> str:
    """The province's name as it is usually written; what is no province stays, without shouting."""
    folded = re.sub(r"\W", "", plain(words))
    known = next((name for name in PROVINCES if re.sub(r"\W", "", plain(name)) == folded), None)
    return known or (words.title() if words.isupper() else words).strip(" .,-")


def _signer(lines: Sequence[Line]) -> str | None:
    for index, line in enumerate(lines):
        if match := _SIGNED_RE.match(item_of(line).words):
            return match["name"].strip()
        if not _POST_RE.match(line.text):
            continue
        below = [after for after in lines[index + 1 :] if after.cell == line.cell]
        for after in below[:6]:
            if _POST_RE.match(after.text) or section_title(after.text) or after.text.lower().startswith("phụ lục"):
                break
            if _NAME_RE.match(after.text) and all(word[0].isupper() for word in after.text.split()):
                return after.text.title() if after.text.isupper() else after.text
    return None


def _with_state(info: DocumentInfo, lines: Sequence[Line], findings: list[Finding]) -> DocumentInfo:
    for line in lines:
        if _CUT_OFF_RE.search(line.text):
            info = replace(info, complete=False)
            message = "Văn bản bị cắt ở chỗ “[...]”. Hãy tìm bản đầy đủ rồi nhập lại."
            findings.append(Finding("incomplete", Severity.BLOCKING, message, Where(line.page, line=line.number)))
            break
    return info


def is_garbled(lines: Sequence[Line]) -> bool:
    """Whether a text lost its letters or marks: Vietnamese prose has marks on about a quarter of its letters."""
    text = " ".join(line.text for line in lines)
    letters = sum(1 for c in text if c.isalpha())
    return (letters > 300 and len(_MARKED.findall(text)) < 0.08 * letters) or is_poor(text)


def read_recipients(lines: Sequence[Line]) -> tuple[str, ...]:
    """The "Nơi nhận" list without its archive line ("Lưu: …"), which is no recipient."""
    start = next((i for i, line in enumerate(lines) if line.text.lower().startswith("nơi nhận")), None)
    if start is None:
        return ()
    recipients: list[str] = []
    is_whole = True
    for line in lines[start + 1 :]:
        if line.cell != lines[start].cell:
            continue
        if not line.text.startswith(("-", "–", "•", "+")):
            if recipients and line.cell is not None and (not is_whole or line.text[:1].islower()):
                recipients[-1] = f"{recipients[-1]} {line.text.rstrip('.,;/ ')}"
                is_whole = line.text.endswith((";", ".", "/"))
                continue
            break
        is_whole = line.text.endswith((";", ".", "/"))
        # What stands after the ";" of an item belongs to the signature beside it.
        words = _BESIDE_RE.sub("", line.text.lstrip("-–•+ ").split(";")[0]).rstrip(".,/ ")
        if words.lower().startswith("lưu"):
            break
        if words:
            recipients.append(words)
    return tuple(recipients)
