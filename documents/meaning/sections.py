"""The parts of a plan: its numbered sections, and the items within one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from documents.source import Line, plain

_SECTION_RE = re.compile(r"^(?P<number>(?=[IVX])[IVX1l]{1,5})\s*[.)]\s*(?P<title>\S.*)$")
_LETTER_RE = re.compile(r"^[A-HĐ]\s*[.)]\s*(?P<title>\S.{3,})$")
_ARTICLE_RE = re.compile(r"^(?:Phần|PHẦN|Mục|MỤC|Chương|CHƯƠNG)\s+(?:[IVX]{1,5}|thứ \w+)\b[\s.:-]*(?P<title>.*)$")
_NUMBERED_RE = re.compile(r"^(?P<mark>(?:[0-9]{1,2}\.)*[0-9]{1,2})\s*(?:[.)]|,(?=\s+[^\W\da-zđ]))\s*(?P<words>\S.*)$")
_LETTERED_RE = re.compile(r"^[-–]?\s*(?P<mark>[a-zđ])\s*[.)]\s*(?P<words>\S.*)$")
_DASHED_RE = re.compile(r"^(?P<mark>[-–—•+*▪●])\s*(?P<words>\S.*)$")
_END_RE = re.compile(
    r"^(?:nơi nhận|trên đây là|yêu cầu (?:các |thủ trưởng|giám đốc|sở|chủ tịch)|đề nghị các |giao các |trong quá trình"
    r"|ủy ban nhân dân [^.;]{0,60}(?:yêu cầu|đề nghị|giao)|uỷ ban nhân dân [^.;]{0,60}(?:yêu cầu|đề nghị|giao)"
    r"|ubnd [^.;]{0,60}(?:yêu cầu|đề nghị|giao) |căn cứ (?:nhiệm vụ được|kế hoạch này|nội dung kế hoạch)|phụ lục\b"
    r"|kế hoạch này |tm\. |kt\. )",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Section:
    """One section ("V. TỔ CHỨC THỰC HIỆN") with its title and the lines below it."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Item:
    """A line taken apart: its kind of mark (`numbered`, `lettered`, `dashed`, `plain`), the mark, and the words."""

    kind: str
    mark: str
    words: str
    line: Line


def section_title(text: str) -> str | None:
    """The title when the line is the heading of a section: a Roman number, a letter, or "Phần thứ hai"."""
    match = _LETTER_RE.match(text)
    if match and match["title"].isupper():
        return match["title"].strip(" .:")
    if match := _SECTION_RE.match(text) or _ARTICLE_RE.match(text):
        return match["title"].strip(" .:")
    return None


def sections(lines: Sequence[Line]) -> list[Section]:
    """The sections in order; what stands before the first has an empty title."""
    found: list[Section] = []
    title, body = "", list[Line]()
    for line in lines:
        heading = section_title(line.text)
        if heading is None:
            body.append(line)
            continue
        found.append(Section(title, tuple(body)))
        title, body = heading, []
    found.append(Section(title, tuple(body)))
    return found


def is_end(text: str) -> bool:
    """Whether a paragraph closes the plan or its section rather than being one of its items."""
    return bool(_END_RE.match(text))


def item_of(line: Line) -> Item:
    """The line with its mark taken off."""
    for kind, pattern in (("numbered", _NUMBERED_RE), ("lettered", _LETTERED_RE), ("dashed", _DASHED_RE)):
        if match := pattern.match(line.text):
            return Item(kind, match["mark"], match["words"].strip(), line)
    return Item("plain", "", line.text, line)


_VERB_RE = re.compile(
    r"\s+(?=(?:chủ trì|phối hợp|có trách nhiệm|chịu trách nhiệm|căn cứ|tham mưu|xây dựng|tổ chức|triển khai|hướng dẫn"
    r"|theo dõi|chỉ đạo|thực hiện|bố trí|hỗ trợ|tăng cường|đẩy mạnh|rà soát|tiếp tục|chủ động|là cơ quan|là đầu mối|đưa"
    r"|gửi|báo cáo|tổng hợp|đôn đốc|định kỳ|giúp|làm đầu mối)\b)"
)


_APPOSITION_RE = re.compile(r"\s*\([^()]*(?:thường trực|đầu mối|chủ trì)[^()]*\)")


def split_at_verb(words: str) -> tuple[str, str]:
    """The body that a sentence begins with and what it is told to do ("Sở Nội vụ | theo dõi, đôn đốc …")."""
    subject, *rest = _VERB_RE.split(_APPOSITION_RE.sub("", words), maxsplit=1)
    return subject, rest[0] if rest else ""


def subject_of(words: str) -> str:
    """Whom a numbered paragraph tells what to do: the words before the verb or the colon."""
    return re.sub(r"^(?:giao|đề nghị|yêu cầu)\s+", "", split_at_verb(words)[0], flags=re.I).split(":")[0].rstrip(" ,")


def is_organisation(title: str) -> bool:
    """Whether a section says who does what: "TỔ CHỨC THỰC HIỆN", "PHÂN CÔNG NHIỆM VỤ", "TRÁCH NHIỆM THỰC HIỆN"."""
    words = plain(title)
    return bool(re.match(r"(?:to chuc (?:trien khai )?thuc hien|phan cong|trach nhiem)", words))
