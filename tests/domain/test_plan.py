"""The draft's JSON form keeps everything, and owners are found by name on a day, never guessed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.errors import Refusal
from domain.plan import (
    DocumentInfo,
    Finding,
    IndicatorDraft,
    LegalBasis,
    OwnerRef,
    PlanDraft,
    Registry,
    RegistryAuthority,
    RegistryGroup,
    RegistryUnit,
    ReportingDraft,
    Severity,
    TaskDraft,
    Where,
)
from domain.resolution import Directory, resolve
from domain.timing import parse_timing

START, DAY = date(2024, 1, 1), date(2024, 6, 1)
REGISTRY = Registry(
    authority=RegistryAuthority("UBND tỉnh X", "ubnd", "X"),
    units=(
        RegistryUnit("so", "Sở Thông tin và Truyền thông", START, ("Sở TT&TT",), valid_to=date(2025, 2, 28)),
        RegistryUnit("dai", "Đài Phát thanh - Truyền hình và Báo X", START, ("Đài PT-TH&BX",)),
        RegistryUnit("bo", "Bộ Thông tin và Truyền thông", START, superior=True),
        RegistryUnit("cuc", "Cục Báo chí", START, superior=True),
    ),
    groups=(RegistryGroup("bao-chi", "Các cơ quan báo chí", members=("dai",)),),
    vague=("các đơn vị có liên quan",),
)


def owned(*leads: str) -> PlanDraft:
    task = TaskDraft(1, "Việc", leads=tuple(OwnerRef(lead) for lead in leads), where=Where(row=2))
    return PlanDraft(tasks=(task,))


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("Sở Thông tin và Truyền thông", "unit", ("so",)),
        ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "unit", ("so",)),
        ("so thong tin va  truyen thong", "unit", ("so",)),
        ("Sở TT & TT", "unit", ("so",)),
        ("đài pt-th&bx", "unit", ("dai",)),
        ("Cục Báo chí (Bộ Thông tin và Truyền thông)", "unit", ("cuc",)),
        ("Cục Báo chí (Bộ Lạ)", "unknown", ()),
        ("các cơ quan báo chí", "group", ("bao-chi",)),
        ("Các đơn vị có liên quan", "vague", ()),
        ("Sở Lạ", "unknown", ()),
        ("", "unknown", ()),
    ],
)
def test_names_are_found_in_any_spelling(text: str, kind: str, ids: tuple[str, ...]) -> None:
    match = Directory(REGISTRY, DAY).find(text)
    assert (match.kind, match.ids) == (kind, ids)


def test_a_joint_entry_is_split_only_where_each_side_is_known() -> None:
    directory = Directory(REGISTRY, DAY)
    both = "các cơ quan báo chí và các đơn vị có liên quan"
    assert directory.split(both) == ("các cơ quan báo chí", "các đơn vị có liên quan")
    assert directory.split("Đài Phát thanh - Truyền hình và Báo X") == ("Đài Phát thanh - Truyền hình và Báo X",)
    three = "Sở Thông tin và Truyền thông, Đài Phát thanh - Truyền hình và Báo X và Cục Báo chí"
    assert len(directory.split(three)) == 3
    assert directory.split("Sở Lạ và Cục Báo chí") == ("Sở Lạ và Cục Báo chí",)
    assert len(directory.split("A, " * 50_000)) == 1  # no time is spent on a cell that is no list of names


def test_resolution_names_what_it_could_not_find() -> None:
    draft = resolve(owned("Sở TT&TT", "Sở Lạ", "các đơn vị có liên quan"), REGISTRY, DAY)
    assert [(lead.unit, lead.group) for lead in draft.tasks[0].leads] == [("so", None), (None, None), (None, None)]
    assert [(f.code, f.severity, f.where.row) for f in draft.findings] == [
        ("unit-unknown", Severity.BLOCKING, 2),
        ("owner-vague", Severity.INFO, 2),
    ]
    assert "“Sở Lạ”" in draft.findings[0].message


def test_a_unit_is_found_only_while_it_exists() -> None:
    draft = resolve(owned("Sở TT&TT"), REGISTRY, date(2025, 3, 1))
    assert draft.tasks[0].leads == (OwnerRef("Sở TT&TT"),)
    assert [f.code for f in draft.findings] == ["unit-not-in-force"]


def test_two_units_of_one_name_are_left_to_a_person() -> None:
    twice = replace(REGISTRY, units=(*REGISTRY.units, RegistryUnit("cuc-2", "Cục báo chí", START)))
    assert [f.code for f in resolve(owned("Cục Báo chí"), twice, DAY).findings] == ["unit-ambiguous"]


def test_a_task_led_by_nobody_in_particular_blocks() -> None:
    codes = [f.code for f in resolve(owned("Các đơn vị có liên quan"), REGISTRY, DAY).findings]
    assert codes == ["owner-vague", "lead-vague"]


def test_resolving_again_replaces_the_findings() -> None:
    draft = replace(owned("Sở Lạ"), lead_agency="Sở Khác", findings=(Finding("date-blank", Severity.INFO, "…"),))
    once = resolve(draft, REGISTRY, DAY)
    assert [f.code for f in once.findings] == ["date-blank", "unit-unknown", "unit-unknown"]
    assert resolve(once, REGISTRY, DAY) == once


FULL = PlanDraft(
    document=DocumentInfo(
        "150/KH-UBND", date(2023, 11, 24), "Kế hoạch", "UBND tỉnh X", "X", "Y", "poor", False, (LegalBasis("1/QĐ"),)
    ),
    lead_agency="Sở TT&TT",
    tasks=(TaskDraft(1, "Việc", "organisation", (OwnerRef("A", "a"),), (OwnerRef("B", None, "b"),), "Kết quả",
                     parse_timing("Hàng năm/ Năm 2025 báo cáo"), Where(1, 2, 3)),),
    indicators=(IndicatorDraft(2025, "cơ quan", ">", 65.5, "%", "trên 65,5%"),),
    reporting=(ReportingDraft("units", ("Sở TT&TT",), None, "yearly", "11-30", True),),
    recipients=("Bộ TT&TT",),
    findings=(Finding("x", Severity.REVIEW, "Hãy xem.", Where(row=1)),),
)  # fmt: skip


def test_json_has_exactly_the_agreed_keys() -> None:
    data = FULL.to_json()
    assert list(data) == [
        "document", "lead_agency", "tasks", "indicators", "reporting", "recipients", "findings",
    ]  # fmt: skip
    assert data["document"] == {
        "number": "150/KH-UBND", "issued_on": "2023-11-24", "title": "Kế hoạch", "authority": "UBND tỉnh X",
        "province": "X", "signed_by": "Y", "quality": "poor", "complete": False,
        "legal_bases": [{"number": "1/QĐ", "issued_on": None}],
    }  # fmt: skip
    assert data["tasks"][0] == {
        "ordinal": 1, "title": "Việc", "source": "organisation", "result": "Kết quả",
        "leads": [{"text": "A", "unit": "a", "group": None}],
        "coordinators": [{"text": "B", "unit": None, "group": "b"}],
        "timing": {
            "text": "Hàng năm/ Năm 2025 báo cáo",
            "rules": [
                {"kind": "yearly", "from": None, "to": None, "by": None, "event": None, "label": None, "soft": False},
                {"kind": "within", "from": "2025-01-01", "to": "2025-12-31", "by": None, "event": None,
                 "label": "báo cáo", "soft": False},
            ],
        },
        "where": {"page": 1, "row": 2, "line": 3},
    }  # fmt: skip
    assert data["indicators"] == [
        {"horizon": 2025, "subject": "cơ quan", "comparator": ">", "value": 65.5, "unit": "%", "text": "trên 65,5%"}
    ]
    assert data["reporting"] == [
        {"from": "units", "to": ["Sở TT&TT"], "via": None, "every": "yearly", "before": "11-30", "on_request": True}
    ]
    where = {"page": None, "row": 1, "line": None}
    assert data["findings"] == [{"code": "x", "severity": "review", "message": "Hãy xem.", "where": where}]


def test_json_comes_back_as_the_same_draft() -> None:
    assert PlanDraft.from_json(FULL.to_json()) == FULL
    assert PlanDraft.from_json({}) == PlanDraft()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ([], "bản thảo"),
        ({"plan": 1}, "plan"),
        ({"tasks": {}}, "bản thảo.tasks"),
        ({"tasks": [{"ordinal": 1}]}, "bản thảo.tasks[0]"),
        ({"tasks": [{"ordinal": True, "title": "x"}]}, "bản thảo.tasks[0].ordinal"),
        ({"document": {"issued_on": "24/11/2023"}}, "bản thảo.document.issued_on"),
        ({"document": {"quality": "fair"}}, "bản thảo.document.quality"),
        ({"document": {"quality": []}}, "bản thảo.document.quality"),
    ],
)
def test_json_that_does_not_fit_is_refused_with_its_place(data: Any, place: str) -> None:
    with pytest.raises(Refusal) as refused:
        PlanDraft.from_json(data)
    assert refused.value.code == "draft-invalid"
    assert place in refused.value.message
