"""The draft's JSON form keeps everything and refuses what does not fit, naming the place."""

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
    ReportingDraft,
    Severity,
    TaskDraft,
    Where,
)
from domain.timing import parse_timing

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
