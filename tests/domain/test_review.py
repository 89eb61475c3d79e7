"""What a draft lacks is found from the draft alone, comes and goes with it, and leaves the reader's findings."""

from dataclasses import replace
from datetime import date

import pytest
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


def regime(*days: tuple[str, str, str]) -> PlanDraft:
    """The whole draft with (sender, rhythm, day) in the place of its regime."""
    to = {"units": ("Sở Nội vụ",), "lead": ("Bộ Nội vụ",)}
    entries = (ReportingDraft(who, to[who], None, every, day) for who, every, day in days)  # type: ignore[arg-type]
    return replace(WHOLE, reporting=tuple(entries))


@pytest.mark.parametrize(
    ("entries", "found", "why"),
    [
        ((("units", "yearly", "11-30"), ("lead", "yearly", "12-15")), [], "two weeks between"),
        ((("units", "yearly", "12-20"), ("lead", "yearly", "01-10")), [], "in January after it"),
        ((("units", "monthly", "18"), ("lead", "yearly", "12-25")), [], "twelve reports in one"),
        ((("units", "weekly", "5T16:00"), ("lead", "weekly", "1T10:00")), [], "Friday afternoon, Monday morning"),
        ((("units", "half_yearly", "06-15"), ("units", "yearly", "12-15"), ("lead", "yearly", "12-22")), [],
         "the day of the half-year and that of the year are two reports of a year"),
        ((("units", "yearly", "11-30"), ("lead", "yearly", "12-02")), ["levels-too-close"],
         "30/11/2026 is a Monday, and before 02/12 there is Tuesday; in 2030 there is none"),
        ((("units", "yearly", "11-30"), ("lead", "yearly", "11-15")), ["levels-reversed"], "before the units"),
        ((("units", "quarterly", "20"), ("lead", "quarterly", "15")), ["levels-reversed"], "in each quarter"),
        ((("units", "quarterly", "03-20"), ("lead", "yearly", "12-15")), ["regime-unclear"], "three quarters lack"),
        ((("units", "half_yearly", "06-15"), ("lead", "yearly", "12-15")), ["regime-unclear"], "half a regime"),
        ((("units", "quarterly", "20"), ("units", "yearly", "11-30"), ("lead", "yearly", "12-31")), ["regime-several"],
         "the more frequent one is run"),
        ((("units", "quarterly", "03-20"), ("units", "yearly", "11-30"), ("lead", "yearly", "12-15")),
         ["regime-unclear"], "the whole one is run"),
    ],
)  # fmt: skip
def test_the_regimes_of_the_levels(entries: tuple[tuple[str, str, str], ...], found: list[str], why: str) -> None:
    assert codes(regime(*entries)) == found, why


def test_what_of_a_regime_blocks() -> None:
    blocking = Severity.BLOCKING
    assert codes(regime(("units", "yearly", "11-30"), ("lead", "yearly", "11-15")), blocking)
    assert codes(regime(("units", "quarterly", "03-20"), ("lead", "yearly", "12-15")), blocking)
    whole_too = (("units", "quarterly", "03-20"), ("units", "yearly", "11-30"), ("lead", "yearly", "12-15"))
    assert not codes(regime(*whole_too), blocking)
    assert not codes(regime(("units", "yearly", "11-30"), ("lead", "yearly", "12-02")), blocking)


@pytest.mark.parametrize("year", [1, 1899, 2026, 9999])
def test_a_plan_of_any_year_can_be_checked(year: int) -> None:
    issued = replace(WHOLE.document, issued_on=date(year, 12, 31))
    assert codes(replace(WHOLE, document=issued)) == []
