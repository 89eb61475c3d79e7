"""A draft as a plan in words, paragraph by paragraph: what `render_plan` draws, in sentences that the readers know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from documents.layout import NBSP, Appendix, Column
from documents.office.template_form import COMPARATOR_WORDS, EVERY_WORDS
from documents.report_body import Para
from domain.notices import clean, long_date
from domain.plan import DocumentInfo, IndicatorDraft, LegalBasis, OwnerRef, PlanDraft, ReportingDraft, TaskDraft
from domain.plan_words import before_phrase

_BLANK = NBSP * 6
_KINDS = {
    "QĐ": "Quyết định", "NQ": "Nghị quyết", "NĐ": "Nghị định", "CT": "Chỉ thị", "KH": "Kế hoạch", "TT": "Thông tư",
    "CV": "Công văn", "KL": "Kết luận", "QH": "Luật", "CTR": "Chương trình", "CTHĐ": "Chương trình",
}  # fmt: skip
"""What the letters of a document's number stand for (NĐ 30/2020/NĐ-CP, Phụ lục III)."""
_COLUMNS = (
    Column("TT", 4, True), Column("Nhiệm vụ", 32), Column("Đơn vị chủ trì", 16), Column("Đơn vị phối hợp", 18),
    Column("Kết quả", 16), Column("Thời gian thực hiện", 14),
)  # fmt: skip
_ROMAN = ("I", "II", "III", "IV")


def number_line(info: DocumentInfo) -> str:
    """The line of the number, with room for it where the clerk has still to give one."""
    return f"Số: {clean(info.number)}" if info.number else f"Số:{_BLANK}/KH-UBND"


def place_date(info: DocumentInfo) -> str:
    """Place and date, with room for what is not known."""
    day = long_date(info.issued_on) if info.issued_on else f"ngày{_BLANK}tháng{_BLANK}năm{_BLANK}"
    return f"{clean(info.province) if info.province else '………'}, {day}"


def authority_lines(info: DocumentInfo) -> tuple[str, ...]:
    """The issuing body as a letterhead has it: "ỦY BAN NHÂN DÂN" over "TỈNH …"."""
    name = clean(info.authority or "").upper()
    head, _, territory = name.partition(" ")
    return ("ỦY BAN NHÂN DÂN", territory) if head == "UBND" and territory else (name,)


def subject(info: DocumentInfo) -> str:
    """What the plan is about, as it stands below "KẾ HOẠCH"."""
    title = clean(info.title or "")
    words = title[len("kế hoạch ") :] if title.lower().startswith("kế hoạch ") else title
    return words[:1].upper() + words[1:]


def plan_body(draft: PlanDraft) -> list[Para]:
    """The text of the plan from the legal bases to the reports; what the draft does not have is left out."""
    info = draft.document
    body = [Para("text", f"Căn cứ {_basis(basis)};") for basis in info.legal_bases]
    if body and info.authority:
        body.append(Para("text", f"{clean(info.authority)} ban hành Kế hoạch với các nội dung sau:"))
    parts = {
        "MỤC TIÊU": [*_targets(draft.indicators)],
        "TỔ CHỨC THỰC HIỆN": [*_organisation(draft.tasks)],
        "CHẾ ĐỘ BÁO CÁO": [*_regime(draft)],
    }
    filled = [(title, paras) for title, paras in parts.items() if paras]
    for roman, (title, paras) in zip(_ROMAN, filled, strict=False):
        body += [Para("part", f"{roman}. {title}"), *paras]
    return body


def _basis(basis: LegalBasis) -> str:
    number = clean(basis.number)
    letters = {part for word in number.upper().split("/") for part in word.split("-")}
    kind = next((words for short, words in _KINDS.items() if short in letters), "Văn bản")
    day = f" ngày {basis.issued_on:%d/%m/%Y}" if basis.issued_on else ""
    return f"{kind} số {number}{day}"


def _targets(indicators: Iterable[IndicatorDraft]) -> Iterator[Para]:
    """The targets, each under the year it is for; one whose words are not kept is put into words."""
    # Years stay where they stand: sorting would move targets past each other.
    for index, (year, found) in enumerate(groupby(indicators, key=lambda each: each.horizon), 1):
        yield Para("section", f"{index}. Mục tiêu đến năm {year}")
        yield from (Para("dash", f"{clean(each.text) or _target(each)}.") for each in found)


def _target(each: IndicatorDraft) -> str:
    figure = f"{each.value:g}".replace(".", ",")
    unit = each.unit or ""
    counted = "" if unit == "%" or each.subject.casefold().startswith(unit.casefold()) else unit
    words = (COMPARATOR_WORDS[each.comparator], f"{figure}%" if unit == "%" else figure, counted, each.subject)
    return " ".join(filter(None, map(clean, words)))


def _organisation(tasks: Iterable[TaskDraft]) -> Iterator[Para]:
    """Each unit with its duties, and that the appendix holds the others."""
    tasks = list(tasks)
    duties = [task for task in tasks if task.source == "organisation"]
    for index, (leads, found) in enumerate(groupby(duties, key=lambda task: task.leads), 1):
        yield Para("section", f"{index}. {_names(leads, ', ')}")
        yield from (Para("dash", _ended(clean(task.title))) for task in found)
    if len(duties) < len(tasks):
        words = "Các cơ quan, đơn vị thực hiện nhiệm vụ được giao tại Phụ lục kèm theo Kế hoạch này."
        yield Para("text", words)


def _ended(words: str) -> str:
    return words if words.endswith((".", "!", "?", "…")) else f"{words};"


def _names(owners: Iterable[OwnerRef], joint: str = "; ") -> str:
    return joint.join(clean(owner.text) for owner in owners)


def _regime(draft: PlanDraft) -> Iterator[Para]:
    """Who watches the plan, and who reports to whom: a numbered sentence for each."""
    lead = clean(draft.lead_agency or "")
    sentences = [
        f"Các cơ quan, đơn vị gửi báo cáo về {_period(entry)}." for entry in draft.reporting if entry.from_ == "units"
    ]
    if lead:
        sentences.append(f"{lead} theo dõi, đôn đốc việc thực hiện Kế hoạch.")
    body = lead or "Cơ quan đầu mối"
    sentences += [f"{body} tổng hợp, báo cáo {_period(entry)}." for entry in draft.reporting if entry.from_ == "lead"]
    yield from (Para("text", f"{index}. {sentence}") for index, sentence in enumerate(sentences, 1))


def _period(entry: ReportingDraft) -> str:
    """To whom, through whom, how often, before when, and whether on request."""
    words = [", ".join(map(clean, entry.to))]
    words += [f"(qua {clean(entry.via)})"] if entry.via else []
    words += [f"định kỳ {EVERY_WORDS[entry.every]}"] if entry.every else []
    words += [before_phrase(entry.every, entry.before)] if entry.before else []
    words += ["hoặc đột xuất khi có yêu cầu"] if entry.on_request else []
    return " ".join(filter(None, words))


def plan_appendix(draft: PlanDraft) -> Appendix | None:
    """The table of tasks; None where each task is a unit's duty."""
    rows = tuple(
        (
            str(task.ordinal), clean(task.title), _names(task.leads), _names(task.coordinators),
            clean(task.result or ""), clean(task.timing.text),
        )
        for task in draft.tasks if task.source == "appendix"
    )  # fmt: skip
    info = draft.document
    number = clean(info.number) if info.number else f"{_BLANK}/KH-UBND"
    day = f"{info.issued_on:%d/%m/%Y}" if info.issued_on else f"{_BLANK}/{_BLANK}/{_BLANK}"
    of = f" của {clean(info.authority)}" if info.authority else ""
    note = f"(Kèm theo Kế hoạch số {number} ngày {day}{of})"
    return Appendix("PHỤ LỤC", "PHÂN CÔNG NHIỆM VỤ", note, _COLUMNS, rows) if rows else None
