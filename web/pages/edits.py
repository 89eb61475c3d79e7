"""What the forms of a draft's review page ask for: each a function from a draft and what was filled in to a draft.

Rows of a list have numbered fields, such as `reporting-0-via`; a row that is empty, or marked to be dropped, is left
out. Nothing here reads the books.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast, get_args

from domain.errors import Conflict, Refusal
from domain.plan import DocumentInfo, IndicatorDraft, LegalBasis, PlanDraft, ReportingDraft, Severity
from domain.regime_words import read_before
from domain.resolution import RESOLUTION_CODES
from domain.review import CHECK_CODES
from web.bodies import LONGEST

Form = Mapping[str, str]
COMPARATORS = {">=": "ít nhất", ">": "hơn", "=": "bằng", "<=": "nhiều nhất", "<": "dưới"}
_FIGURE = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,6})?")
_ROWS = 500


@dataclass(frozen=True)
class Edit:
    """A changed draft and what was done to it, in words for its history; `anchor` is where on the page."""

    draft: PlanDraft
    summary: str
    anchor: str


def invalid(words: str) -> Refusal:
    """What was filled in cannot be used."""
    return Refusal("form-invalid", words)


def line(form: Form, name: str) -> str | None:
    """One line of text, None where it is empty."""
    return " ".join(text(form, name).split()) or None


def text(form: Form, name: str) -> str:
    """What was filled in; raises `Refusal` where it is too long."""
    given = form.get(name, "")
    if len(given) > LONGEST:
        raise invalid(f"Nội dung dài hơn {LONGEST} ký tự; hãy rút gọn.")
    return given


def kept(given: str, stored: str | None) -> str | None:
    """A text as it is stored where its form still says the same, else as it was filled in; None where it is empty.

    Browsers and tidying change line ends and blanks around a text.
    """
    return stored if given.split() == (stored or "").split() else given or None


def number(form: Form, name: str, words: str, allowed: range) -> int:
    """A whole number within bounds; raises `Refusal` calling it `words`."""
    given = form.get(name, "")
    if not re.fullmatch(r"[0-9]{1,6}", given) or int(given) not in allowed:
        raise invalid(f"{words} phải là số từ {allowed[0]} đến {allowed[-1]}.")
    return int(given)


def rows(form: Form, kind: str, names: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a list with their numbers, without those that are empty or dropped."""
    for index in range(_ROWS):
        row = {name: form.get(f"{kind}-{index}-{name}", "") for name in names}
        if f"{kind}-{index}-drop" not in form and any(row.values()):
            yield index, row


def edit_document(draft: PlanDraft, form: Form) -> Edit:
    """The document's own data and the lead agency."""
    document = replace(
        draft.document,
        number=line(form, "number"),
        issued_on=_date(form.get("issued_on", "")),
        title=line(form, "title"),
        authority=line(form, "authority"),
        province=line(form, "province"),
        signed_by=line(form, "signed_by"),
        quality="poor" if form.get("quality") == "poor" else "good",
        complete=form.get("complete") == "true",
    )
    changed = replace(draft, document=document, lead_agency=line(form, "lead_agency"))
    return Edit(changed, "Sửa thông tin văn bản", "document")


def edit_bases(draft: PlanDraft, form: Form) -> Edit:
    """The documents that the plan rests on."""
    bases = tuple(
        LegalBasis(" ".join(row["number"].split()) or _missing("số, ký hiệu của căn cứ"), _date(row["issued_on"]))
        for _, row in rows(form, "basis", ("number", "issued_on"))
    )
    return Edit(_with(draft, replace(draft.document, legal_bases=bases)), "Sửa căn cứ pháp lý", "document")


def edit_reporting(draft: PlanDraft, form: Form) -> Edit:
    """Who reports to whom, how often, before which day or days; raises `Refusal` saying what a rhythm needs."""
    entries = []
    for index, row in rows(form, "reporting", ("to", "via", "every", "before", "on_request")):
        every = _every(row["every"])
        entries.append(
            ReportingDraft(
                from_="lead" if form.get(f"reporting-{index}-from") == "lead" else "units",
                to=tuple(" ".join(body.split()) for body in row["to"].split(";") if body.strip()),
                via=" ".join(row["via"].split()) or None,
                every=every,
                before=_before(index, every, row["before"]),
                on_request=row["on_request"] == "true",
            )
        )
    return Edit(replace(draft, reporting=tuple(entries)), "Sửa chế độ báo cáo", "reporting")


def edit_indicators(draft: PlanDraft, form: Form) -> Edit:
    """The target figures."""
    found = []
    for index, row in rows(form, "indicator", ("horizon", "subject", "value", "unit", "text")):
        if not _FIGURE.fullmatch(row["value"]):
            raise invalid(f"Chỉ tiêu thứ {index + 1}: giá trị phải là một con số, ví dụ 95 hoặc 2,5.")
        found.append(
            IndicatorDraft(
                horizon=number(form, f"indicator-{index}-horizon", f"Chỉ tiêu thứ {index + 1}: năm", range(1900, 2200)),
                subject=" ".join(row["subject"].split()) or _missing(f"nội dung của chỉ tiêu thứ {index + 1}"),
                comparator=_comparator(form.get(f"indicator-{index}-comparator", "")),
                value=float(row["value"].replace(",", ".")),
                unit=" ".join(row["unit"].split()) or None,
                text=row["text"],
            )
        )
    return Edit(replace(draft, indicators=tuple(found)), "Sửa chỉ tiêu", "indicators")


def edit_recipients(draft: PlanDraft, form: Form) -> Edit:
    """Where the plan was sent, one a line."""
    lines = (" ".join(each.split()) for each in text(form, "recipients").splitlines())
    return Edit(replace(draft, recipients=tuple(filter(None, lines))), "Sửa nơi nhận", "recipients")


def settle(draft: PlanDraft, form: Form) -> Edit:
    """Take away a doubt of the reader that a person has looked into."""
    place = number(form, "finding", "Cảnh báo", range(100_000))
    finding = draft.findings[place] if place < len(draft.findings) else None
    if finding is None or finding.code != form.get("code"):
        raise Conflict("finding-gone", "Cảnh báo này không còn; hãy xem lại danh sách.")
    if not may_settle(finding.code):
        raise invalid("Cảnh báo này chỉ hết khi nội dung được sửa.")
    kept = draft.findings[:place] + draft.findings[place + 1 :]
    return Edit(replace(draft, findings=kept), f"Đã kiểm tra, bỏ cảnh báo: {finding.message}", "findings")


def settle_all(draft: PlanDraft, form: Form) -> Edit:
    """Take away all doubts that a person may settle; nothing that blocks."""
    kept = tuple(f for f in draft.findings if f.severity is not Severity.REVIEW or not may_settle(f.code))
    gone = len(draft.findings) - len(kept)
    return Edit(replace(draft, findings=kept), f"Đã kiểm tra, bỏ {gone} cảnh báo", "findings")


def may_settle(code: str) -> bool:
    """Whether a finding is the reader's: those that follow from the draft come again until it is mended."""
    return code not in CHECK_CODES | (RESOLUTION_CODES - {"unit-similar"})


def _with(draft: PlanDraft, document: DocumentInfo) -> PlanDraft:
    return replace(draft, document=document)


def _missing(what: str) -> str:
    raise invalid(f"Hãy nhập {what}, hoặc đánh dấu bỏ dòng này.")


def _date(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise invalid(f"Ngày “{given[:40]}” không có; hãy nhập dạng NNNN-TT-NN.") from None


def _before(index: int, every: Every | None, given: str) -> str | None:
    """30/11 as "11-30"."""
    try:
        return read_before(every, given) if given else None
    except Refusal as refusal:
        raise Refusal(refusal.code, f"Quy định {index + 1}: {refusal.message}") from None


Every = Literal["yearly", "half_yearly", "quarterly", "monthly", "weekly"]
Comparator = Literal[">=", ">", "<=", "<", "="]


def _every(given: str) -> Every | None:
    return cast(Every, given) if given in get_args(Every) else None


def _comparator(given: str) -> Comparator:
    return cast(Comparator, given) if given in get_args(Comparator) else ">="


EDITS: dict[str, Callable[[PlanDraft, Form], Edit]] = {
    "document": edit_document,
    "bases": edit_bases,
    "reporting": edit_reporting,
    "indicators": edit_indicators,
    "recipients": edit_recipients,
    "settle": settle,
    "settle-all": settle_all,
}
