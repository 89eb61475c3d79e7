"""The duties of each unit under "TỔ CHỨC THỰC HIỆN": the tasks of a plan that has no appendix.

A heading names one unit or several; below it, each lettered or dashed duty is a task of theirs, or each paragraph where
the duties have no marks. Dashes below a lettered duty belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents.meaning.bodies import begins_body
from documents.meaning.owners import coordinators_in, owners
from documents.meaning.sections import Item, Section, is_end, is_organisation, item_of, split_at_verb
from domain.plan import OwnerRef, TaskDraft, Where
from domain.timing import Timing, parse_timing

_ASKED_RE = re.compile(r"^(?:đề nghị|giao|yêu cầu)\s+", re.IGNORECASE)
_INLINE_RE = re.compile(r"^(?P<units>[^:]{3,250}?)\s*:\s*(?P<duty>\S.*)$")
_NO_DUTY_RE = re.compile(r"^\[\s*(?:\.\.\.|…)\s*\]|^đăng nhập\b", re.IGNORECASE)
"""What a legal site prints in the place of the rest."""
_LONGEST_HEADING = 250
_TIME = (
    r"(?:hoàn thành\s+|xong\s+|ban hành\s+)?(?:trước|chậm nhất|trong|đến hết)\s+(?:là\s+)?(?:trong\s+)?"
    r"(?:ngày\s+|tháng\s+|quý\s+|năm\s+)?(?:[0-9]{1,2}\s*[/.-]\s*[0-9]{1,2}\s*[/.-]\s*20[0-9]{2}|[0-9]{1,2}\s*/\s*20[0-9]{2}"
    r"|[0-9]{1,2}\s+tháng\s+[0-9]{1,2}\s+năm\s+20[0-9]{2}|[0-9]{1,2}\s+năm\s+20[0-9]{2}"
    r"|(?:IV|I{1,3}|[1-4])\s*(?:/|\s+năm\s+)\s*20[0-9]{2}|20[0-9]{2})"
)
_TIME_RE = re.compile(
    rf"(?P<dated>{_TIME})|(?P<event>sau khi [^,;.]{{5,120}})"
    r"|(?P<each>^thường xuyên|(?:hằng|hàng|mỗi)\s+(?:năm|quý|tháng|tuần))",
    re.IGNORECASE,
)
_REPORT_RE = re.compile(r"báo cáo|số liệu", re.IGNORECASE)


@dataclass
class _Duty:
    units: tuple[OwnerRef, ...]
    item: Item
    words: list[str] = field(default_factory=list)


def read_duties(sections: Sequence[Section]) -> tuple[TaskDraft, ...]:
    """Each unit's duties as tasks with `source` "organisation", numbered in their order."""
    duties = [duty for section in sections if is_organisation(section.title) for duty in _duties(section)]
    return tuple(_task(number, duty) for number, duty in enumerate(duties, start=1))


def _duties(section: Section) -> Iterator[_Duty]:
    units: tuple[OwnerRef, ...] = ()
    current: _Duty | None = None
    marks: set[str] = set()
    top: str | None = None  # the kind of mark that unit headings bear here
    for item in map(item_of, (line for line in section.lines if not _NO_DUTY_RE.match(line.text))):
        heading, inline = _heading(item, top)
        if heading:
            if current:
                yield current
            units, current, marks, top = heading, None, set(), top or item.kind
            if inline:
                current = _Duty(units, item, [inline])
        elif item.kind == "plain" and is_end(item.words):
            break
        elif units:
            if current and _belongs(current, item, marks):
                current.words.append(item.line.text if item.kind != "plain" else item.words)
            elif item.kind != "plain" or not marks:
                if current:
                    yield current
                current = _Duty(units, item, [item.words])
                marks.add(item.kind)
        if item.line.text.rstrip(" *_").endswith("./."):
            break
    if current:
        yield current


def _belongs(current: _Duty, item: Item, marks: set[str]) -> bool:
    """Whether a line goes on with the duty above: a dash below a letter, or words that a colon announced."""
    if current.item.kind in ("lettered", "numbered") and item.kind == "dashed":
        return True
    if item.kind == "dashed" and item.mark == "+" and current.item.mark != "+":
        return True
    return item.kind == "plain" and "plain" not in marks and current.words[-1].rstrip().endswith((",", ":"))


def _heading(item: Item, top: str | None) -> tuple[tuple[OwnerRef, ...], str]:
    """The units when a line tells whose duties follow, and the duty that stands on the same line, if any."""
    if (
        item.kind == "plain"
        or (top and item.kind != top)
        or (not top and item.kind == "dashed" and ":" not in item.words)
    ):
        return (), ""
    words = _ASKED_RE.sub("", item.words)
    if not begins_body(words):
        return (), ""
    if (match := _INLINE_RE.match(words)) and not split_at_verb(match["units"])[1]:
        return owners(match["units"]), match["duty"].strip()
    units, told = split_at_verb(words)
    if told and len(told) > 14:
        return owners(units.rstrip(" :,")), told[:1].upper() + told[1:]
    if len(words) > _LONGEST_HEADING or (words.rstrip().endswith((".", ";")) and len(words) > 120):
        return (), ""
    return owners(words.rstrip(" :.")), ""


def _task(number: int, duty: _Duty) -> TaskDraft:
    text = " ".join(duty.words)
    return TaskDraft(
        ordinal=number,
        title=text.rstrip(" ;,:").removesuffix("./."),
        source="organisation",
        leads=duty.units,
        coordinators=coordinators_in(text),
        timing=_timing(duty.words[0]),
        where=Where(page=duty.item.line.page, line=duty.item.line.number),
    )


def _timing(text: str) -> Timing:
    """The time a duty states; the day before which it is reported on belongs to the plan's reporting."""
    for clause in re.split(r"[;.]\s", text):
        if match := _TIME_RE.search(clause):
            if not match["event"] and _REPORT_RE.search(clause):
                continue
            timing = parse_timing(match[0])
            if timing.understood:
                return timing
    return Timing()
