"""The scorecard: what counts as right, what as missing, what as too much; and that each fault costs what it should."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.scoring.matching import in_order, same
from documents.scoring.score import Scores, Tally, score, together
from domain.errors import Refusal
from domain.plan import (
    DocumentInfo,
    Finding,
    IndicatorDraft,
    LegalBasis,
    OwnerRef,
    PlanDraft,
    ReportingDraft,
    Severity,
    TaskDraft,
)
from domain.timing import parse_timing


def task(ordinal: int, title: str, *leads: str, timing: str = "Hằng năm", result: str | None = None) -> TaskDraft:
    owners = tuple(OwnerRef(lead) for lead in leads)
    return TaskDraft(ordinal, title, leads=owners, result=result, timing=parse_timing(timing))


def draft(*tasks: TaskDraft, **parts: Any) -> dict[str, Any]:
    return PlanDraft(tasks=tasks, **parts).to_json()


def tally(scores: Scores, name: str) -> tuple[int, int, int]:
    each = scores.fields[name]
    return each.matched, each.expected, each.found


FULL = PlanDraft(
    document=DocumentInfo("1/KH-UBND", title="Về việc A", legal_bases=(LegalBasis("348/QĐ-TTg"),)),
    lead_agency="Sở A",
    tasks=(task(1, "Xây dựng đề án", "Sở A", "Sở B"), task(2, "Tập huấn", "Sở C", timing="Quý I/2026; quý II/2026")),
    indicators=(IndicatorDraft(2025, "cơ quan", ">=", 70, "%", "Đạt 70%"),),
    reporting=(ReportingDraft("units", ("Sở A",), None, "yearly", "11-30"), ReportingDraft("lead", ("UBND tỉnh",))),
    recipients=("Như trên", "Sở A"),
    findings=(Finding("quality-poor", Severity.REVIEW, "x"),),
).to_json()


def test_a_draft_is_all_that_is_expected_of_it() -> None:
    expected = {**{key: FULL[key] for key in FULL if key != "findings"}, "finding_codes": ["quality-poor"]}
    scores = score(expected, FULL)
    assert scores.misses == ()
    assert scores.overall.accuracy == scores.overall.precision == scores.overall.recall == 1
    assert all(each.matched == each.expected == each.found for each in scores.fields.values())
    assert tally(scores, "tasks.timing.rules") == (3, 3, 3)
    assert tally(scores, "tasks.leads") == (3, 3, 3)


def test_what_nobody_expects_is_not_scored() -> None:
    assert score({}, FULL).fields == {}
    assert score({}, FULL).overall.accuracy == 1
    scores = score({"document": {"number": "1/KH-UBND"}, "tasks": [{"title": "Tập huấn"}]}, FULL)
    assert set(scores.fields) == {"document.number", "tasks.title"}
    assert tally(scores, "tasks.title") == (1, 1, 2)


@pytest.mark.parametrize(
    ("expected", "found", "is_same"),
    [
        ("Sở A", "sở  a;", True),
        ("Uỷ ban", "Uỷ\nban.", True),
        ("Sở A", "Sở B", False),
        ("Sở A", None, False),
        (70, 70.0, True),
        (True, False, False),
        ("", "", True),
    ],
)
def test_texts_are_compared_without_what_does_not_matter(expected: Any, found: Any, is_same: bool) -> None:
    assert same(expected, found) is is_same


@pytest.mark.parametrize("read", ["Một câu dài.", "Một  câu\ndài", "một câu dài;", "Một câu dài"])
@pytest.mark.parametrize("written", ["Một câu dài.", "Một câu dài"])
def test_a_hash_stands_for_a_long_sentence(read: str, written: str) -> None:
    hashed = "sha256:" + hashlib.sha256(written.encode()).hexdigest()
    assert same(hashed, read)
    assert same(hashed.replace("sha256:", "sha256:").upper().replace("SHA256:", "sha256:"), read)
    assert not same(hashed, read + " x")


def test_unknown_values_and_wrong_ones_count_once_each() -> None:
    expected = {"document": {"number": None, "title": "Về việc A", "signed_by": "Trần A", "authority": None}}
    found = draft(document=DocumentInfo("9/KH", title="Về việc B"))
    scores = score(expected, found)
    assert tally(scores, "document.number") == (0, 0, 1)  # found where there is none
    assert tally(scores, "document.title") == (0, 1, 1)  # wrong
    assert tally(scores, "document.signed_by") == (0, 1, 0)  # not found
    assert tally(scores, "document.authority") == (0, 0, 0)
    assert [(miss.field, miss.expected, miss.found) for miss in scores.misses] == [
        ("document.number", None, "9/KH"),
        ("document.title", "Về việc A", "Về việc B"),
        ("document.signed_by", "Trần A", None),
    ]


def test_a_missing_task_costs_recall_in_each_field_and_shifts_nothing() -> None:
    tasks = [task(1, "Xây dựng đề án", "Sở A"), task(2, "Tập huấn", "Sở B"), task(3, "Kiểm tra", "Sở C")]
    expected = {"tasks": draft(*tasks)["tasks"]}
    renumbered = [task(1, "Tập huấn", "Sở B"), task(2, "Kiểm tra", "Sở C")]
    scores = score(expected, draft(*renumbered))
    for name in ("tasks.title", "tasks.leads", "tasks.timing.rules", "tasks.source"):
        assert tally(scores, name) == (2, 3, 2), name
    assert {miss.place for miss in scores.misses} == {"nhiệm vụ 1"}
    other = score({"tasks": draft(*renumbered)["tasks"]}, draft(*tasks))
    assert tally(other, "tasks.leads") == (2, 2, 3)


def test_a_misread_title_keeps_the_rest_of_its_task() -> None:
    hashed = "sha256:" + hashlib.sha256("Tập huấn".encode()).hexdigest()
    expected = {
        "tasks": [
            {"ordinal": 1, "title": "Xây dựng đề án"},
            {"ordinal": 2, "title": hashed, "leads": [{"text": "Sở B"}]},
        ]
    }
    scores = score(expected, draft(task(1, "Xây dung đe án", "Sở A"), task(2, "Tập huân", "Sở B")))
    assert tally(scores, "tasks.title") == (0, 2, 2)
    assert tally(scores, "tasks.leads") == (1, 1, 1)  # the first task's leads were not asked for


def test_owners_are_sets() -> None:
    expected = {"tasks": [{"title": "A", "leads": ["Sở B", {"text": "Sở A"}, "Sở C"], "coordinators": []}]}
    scores = score(expected, draft(task(1, "A", "Sở A", "Sở B", "Sở A", "Sở D")))
    assert tally(scores, "tasks.leads") == (2, 3, 3)
    assert tally(scores, "tasks.coordinators") == (0, 0, 0)
    assert [(miss.expected, miss.found) for miss in scores.misses] == [("Sở C", None), (None, "Sở D")]


def test_rules_are_judged_whole_and_labels_where_they_are_given() -> None:
    read = draft(task(1, "A", timing="Khảo sát: quý I/2026; hằng năm"))
    rule = {"kind": "within", "from": "2026-01-01", "to": "2026-03-31"}
    whole = {"kind": "yearly"}

    def found(*rules: Mapping[str, Any]) -> tuple[int, int, int]:
        return tally(score({"tasks": [{"title": "A", "timing": {"rules": list(rules)}}]}, read), "tasks.timing.rules")

    rules = read["tasks"][0]["timing"]["rules"]
    assert len(rules) == 2
    assert found(*rules) == (2, 2, 2)
    assert found(whole, {key: rules[0][key] for key in rules[0] if key != "label"}) == (2, 2, 2)
    assert found({**whole, "soft": True}) == (0, 1, 2)
    assert found({**whole, "label": "khác"}) == (0, 1, 2)
    assert found({**rule, "to": "2026-06-30"}) == (0, 1, 2)
    assert found() == (0, 0, 2)


def test_of_two_rules_that_agree_the_one_that_says_more_chooses_first() -> None:
    bases = (LegalBasis("348/QĐ-TTg"), LegalBasis("348/QĐ-TTg"))
    expected = {"document": {"legal_bases": [{"number": "348/QĐ-TTg"}, {"number": "348/QĐ-TTg", "issued_on": None}]}}
    assert tally(score(expected, draft(document=DocumentInfo(legal_bases=bases))), "document.legal_bases") == (2, 2, 2)


def test_indicators_and_reporting_are_put_side_by_side_in_any_order() -> None:
    read = [
        IndicatorDraft(2025, "cơ quan", ">=", 70, "%", ""),
        IndicatorDraft(2030, "cơ quan", ">=", 90, "%", ""),
        IndicatorDraft(2030, "người", ">", 5, "người", ""),
    ]
    expected = [{"horizon": 2030, "comparator": ">=", "value": 95}, {"horizon": 2025, "comparator": ">=", "value": 70}]
    scores = score({"indicators": expected}, draft(indicators=tuple(read)))
    assert tally(scores, "indicators.horizon") == (2, 2, 3)
    assert tally(scores, "indicators.value") == (1, 2, 3)
    assert "indicators.unit" not in scores.fields
    regime = (ReportingDraft("lead", ("Bộ",), every="yearly"), ReportingDraft("units", ("Sở",), "Sở B", None, "11-25"))
    wanted = [{"from": "units", "to": ["Sở", "Bộ"], "before": "11-30"}, {"from": "lead", "every": "yearly"}]
    scores = score({"reporting": wanted}, draft(reporting=regime))
    assert tally(scores, "reporting.from") == (2, 2, 2)
    assert tally(scores, "reporting.to") == (1, 2, 1)
    assert tally(scores, "reporting.before") == (0, 1, 1)
    assert tally(scores, "reporting.every") == (1, 1, 1)


def test_findings_are_asked_for_and_never_held_against_the_reader() -> None:
    scores = score({"finding_codes": ["incomplete", "quality-poor"]}, FULL)
    assert tally(scores, "finding_codes") == (1, 2, 1)
    assert score({"finding_codes": []}, FULL).fields == {}


@pytest.mark.parametrize(
    "expected",
    [
        {"task": []},
        {"document": {"nummer": "1"}},
        {"tasks": [1]},
        {"tasks": {"a": 1}},
        {"document": 7},
        {"tasks": [{"leads": [7]}]},
        {"recipients": 1},
        {"document": {"legal_bases": [{"nummer": "1"}]}},
        {"tasks": [{"titel": "A"}]},
        {"tasks": [{"timing": {"rules": [{"kind": "yearly", "form": "2024-01-01"}]}}]},
        {"indicators": [{"years": 2024}]},
    ],
)
def test_an_expectation_with_faults_is_refused(expected: Any) -> None:
    with pytest.raises(Refusal, match="expectation-invalid"):
        score(expected, draft(task(1, "A", "Sở A"), indicators=(IndicatorDraft(1, "", "=", 1, None, ""),)) | {
            "document": FULL["document"]
        })  # fmt: skip


def test_documents_are_added_up() -> None:
    good, bad = ({"document": {"number": number}} for number in ("1/KH-UBND", "2/KH-UBND"))
    both = together([score(good, FULL), score(bad, FULL), score({"lead_agency": "Sở A"}, FULL)])
    assert tally(both, "document.number") == (1, 2, 2)
    assert both.overall == Tally(2, 3, 3)
    assert both.overall.accuracy == pytest.approx(2 / 3)
    assert len(both.misses) == 1


TITLES = st.lists(st.sampled_from(["Xây dựng đề án", "Tập huấn", "Kiểm tra", "Báo cáo", "Sơ kết"]), max_size=6)


@given(TITLES, TITLES)
def test_counts_are_bounded_and_sides_may_swap(left: list[str], right: list[str]) -> None:
    one, other = (draft(*(task(n, title, "Sở A") for n, title in enumerate(each, 1))) for each in (left, right))
    there, back = score({"tasks": one["tasks"]}, other), score({"tasks": other["tasks"]}, one)
    for scores in (there, back):
        assert all(t.matched <= min(t.expected, t.found) for t in scores.fields.values())
        assert (not scores.misses) == (scores.overall.accuracy == 1) or not left or not right
    assert there.overall.expected == back.overall.found
    if left == right:
        assert there.misses == ()


@given(st.lists(st.integers(0, 5), max_size=7), st.lists(st.integers(0, 5), max_size=7))
def test_pairs_keep_the_order_and_lose_nobody(left: list[int], right: list[int]) -> None:
    pairs = in_order(left, right, lambda a, b: float(a == b))
    assert [a for a, _ in pairs if a is not None] == left
    assert [b for _, b in pairs if b is not None] == right
