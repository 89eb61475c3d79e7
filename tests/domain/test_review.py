"""What a draft lacks is found from the draft alone, comes and goes with it, and leaves the reader's findings."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.plan import (
    DocumentInfo,
    Finding,
    OwnerRef,
    PlanDraft,
    Registry,
    RegistryAuthority,
    RegistryUnit,
    ReportingDraft,
    Severity,
    TaskDraft,
)  # fmt: skip
from domain.review import CHECK_CODES, check, review
from domain.timing import parse_timing

ON = date(2026, 1, 5)
WHOLE = PlanDraft(
    DocumentInfo("5/KH-UBND", ON, "Kế hoạch lưu trữ số", "UBND tỉnh Hậu Giang", "Hậu Giang", "Người Ký Thử"),
    "Sở Nội vụ",
    (TaskDraft(1, "Lập danh mục", leads=(OwnerRef("Sở Nội vụ"),), timing=parse_timing("Hằng năm")),),
    reporting=(
        ReportingDraft("units", ("Sở Nội vụ",), None, "yearly", "11-30"),
        ReportingDraft("lead", ("Bộ Nội vụ",), None, "yearly", "12-15"),
    ),
)


def codes(draft: PlanDraft, severity: Severity | None = None) -> list[str]:
    return [f.code for f in check(draft).findings if severity in (None, f.severity)]


def test_a_whole_draft_has_no_findings() -> None:
    assert codes(WHOLE) == []


def test_each_thing_that_is_missing_is_said() -> None:
    task = WHOLE.tasks[0]
    assert codes(replace(WHOLE, tasks=())) == ["no-tasks"]
    assert codes(replace(WHOLE, lead_agency=None)) == ["lead-agency-missing"]
    assert codes(replace(WHOLE, reporting=WHOLE.reporting[:1])) == ["reporting-lead-missing"]
    assert codes(replace(WHOLE, reporting=WHOLE.reporting[1:])) == ["reporting-missing"]
    assert codes(replace(WHOLE, tasks=(replace(task, leads=()),))) == ["lead-missing"]
    assert codes(replace(WHOLE, tasks=(replace(task, title=""),))) == ["title-missing"]
    assert codes(replace(WHOLE, tasks=(task, task))) == ["ordinal-repeated"]
    assert codes(replace(WHOLE, tasks=(replace(task, timing=parse_timing("tùy tình hình")),))) == ["timing-unclear"]
    assert codes(replace(WHOLE, tasks=(replace(task, timing=parse_timing("")),))) == ["timing-missing"]
    assert codes(replace(WHOLE, document=DocumentInfo()), Severity.BLOCKING) == []
    vague = replace(WHOLE.reporting[0], every=None)
    assert codes(replace(WHOLE, reporting=(vague, WHOLE.reporting[1]))) == ["reporting-unclear"]


def test_a_document_that_is_cut_off_is_incomplete_and_nothing_else() -> None:
    cut = PlanDraft(replace(WHOLE.document, complete=False))
    assert codes(cut) == ["incomplete"]
    assert "no-tasks" in codes(replace(cut, document=WHOLE.document))


def test_findings_of_the_reader_stay_and_checks_are_made_anew() -> None:
    poor = Finding("quality-poor", Severity.REVIEW, "Chữ mất dấu.")
    old = Finding("no-tasks", Severity.BLOCKING, "Không thấy nhiệm vụ nào.")
    assert [f.code for f in check(replace(WHOLE, findings=(poor, old))).findings] == ["quality-poor"]


def test_a_review_resolves_names_too() -> None:
    units = (RegistryUnit("snv", "Sở Nội vụ", ON), RegistryUnit("bnv", "Bộ Nội vụ", ON, superior=True))
    registry = Registry(RegistryAuthority("UBND tỉnh Hậu Giang", "ubnd", "Hậu Giang"), units)
    reviewed = review(WHOLE, registry, ON)
    assert reviewed.tasks[0].leads[0].unit == "snv"
    assert not [f for f in reviewed.findings if f.severity is Severity.BLOCKING]


@given(st.sets(st.sampled_from(["tasks", "lead_agency", "reporting", "document"])))
def test_checking_twice_says_the_same(lost: set[str]) -> None:
    empty = PlanDraft()
    draft = replace(WHOLE, **{name: getattr(empty, name) for name in lost})
    once = check(draft)
    assert check(once) == once
    assert {finding.code for finding in once.findings} <= CHECK_CODES
