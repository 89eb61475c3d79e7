"""What is taken as a change of a draft, what follows from it by itself, and what no plan has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import small_plan

from domain.errors import Refusal
from domain.plan import OwnerRef, PlanDraft, ReportingDraft
from domain.timing import TimingKind
from web.bodies import LONGEST
from web.patches import check_bounds, clean, may_hold, patched, read_draft_json, read_json, read_patch

PLAN = small_plan(("Hàng năm", "Quý II/2026"))
FIGURE = {"horizon": 2025, "subject": "x", "comparator": ">=", "value": 1, "unit": None, "text": ""}


def changed(*operations: dict[str, Any]) -> PlanDraft:
    draft = patched(PLAN, read_patch(json.dumps(operations).encode()))
    check_bounds(draft)
    return draft


def op(path: str, value: Any, kind: str = "replace") -> dict[str, Any]:
    return {"op": kind, "path": path, "value": value}


def test_new_words_of_a_timing_are_read_again() -> None:
    timing = changed(op("/tasks/0/timing/text", "Trước ngày 30/6/2026")).tasks[0].timing
    assert [(rule.kind, str(rule.by)) for rule in timing.rules] == [(TimingKind.BY, "2026-06-30")]
    own = {"kind": "quarterly"}
    for operations in (
        (op("/tasks/0/timing/text", "khi thuận tiện"), op("/tasks/0/timing/rules", [own])),
        (op("/tasks/0/timing/rules/0", own), op("/tasks/0/timing/text", "khi thuận tiện")),
        (op("/tasks/0/timing", {"text": "khi thuận tiện", "rules": [own]}),),
    ):
        timing = changed(*operations).tasks[0].timing
        assert (timing.text, [rule.kind for rule in timing.rules]) == ("khi thuận tiện", [TimingKind.QUARTERLY])


def test_a_timing_without_rules_gets_them() -> None:
    draft = changed(
        op("/tasks/0/timing", {"text": "Hằng tháng"}),
        op("/tasks/-", {"ordinal": 3, "title": "Việc 3", "timing": {"text": "2024-2026"}}, "add"),
    )
    assert draft.tasks[0].timing.rules[0].kind is TimingKind.MONTHLY
    assert draft.tasks[2].timing.rules[0].kind is TimingKind.RANGE


def test_new_words_of_a_body_are_looked_up_again() -> None:
    assert PLAN.tasks[0].leads == (OwnerRef("bao-chi", group="bao-chi"),)
    assert changed(op("/tasks/0/leads/0/text", "Sở khác")).tasks[0].leads == (OwnerRef("Sở khác"),)
    chosen = changed(op("/tasks/0/leads/0/text", "Sở khác"), op("/tasks/0/leads/0/unit", "so"))
    assert chosen.tasks[0].leads == (OwnerRef("Sở khác", "so", "bao-chi"),)


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (op("/tasks/0/ordinal", 100_000), "tasks[0].ordinal"),
        (op("/tasks/0/ordinal", "1"), "tasks[0].ordinal"),
        (op("/tasks/0/timing/rules", []), "tasks[0].timing.rules"),
        (op("/tasks/0/timing/rules/0/kind", "hourly"), "tasks[0].timing.rules[0].kind"),
        (op("/tasks/1/title", None), "tasks[1].title"),
        (op("/tasks/1/titel", "x", "add"), "titel"),
        (op("/tasks/1/leads", [{"unit": "so"}]), "tasks[1].leads[0]"),
        (op("/tasks/1/leads", [{"text": str(n)} for n in range(201)]), "tasks[1]"),
        (op("/tasks/1/title", "x" * (LONGEST + 1)), "tasks[1].title"),
        (op("/tasks", [{"ordinal": n, "title": "x"} for n in range(5_001)]), "5000"),
        (op("/document/issued_on", "2026-02-30"), "document.issued_on"),
        (op("/document/quality", "best"), "document.quality"),
        (op("/reporting/0/before", "02-30"), "reporting[0].before"),
        (op("/reporting/0/before", "18"), "reporting[0].before"),
        (op("/reporting/0/before", "by 11-30"), "reporting[0].before"),
        (op("/reporting/0/before", "13-01"), "reporting[0].before"),
        (op("/reporting/0/every", "daily"), "reporting[0].every"),
        (op("/indicators", [{**FIGURE, "horizon": 9999}]), "indicators[0]"),
        (op("/indicators", [{**FIGURE, "value": 10**400}]), "con số quá lớn"),
        (op("/findings", [{"code": "x", "severity": "fatal", "message": "x"}], "add"), "findings[0].severity"),
        (op("", []), "bản thảo"),
    ],
)  # fmt: skip
def test_what_no_plan_has_is_named(operation: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal) as refused:
        changed(operation)
    assert refused.value.code == "draft-invalid"
    assert words in refused.value.message


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"[NaN]", b"[1e", b"[" * 50_000, b"[" * 50 + b"]" * 50])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(Refusal, match="request-invalid"):
        read_json(body)


def test_texts_are_tidied_and_half_characters_replaced() -> None:
    given_ = json.loads('{"a ": ["x\\u0000y\\ud800 ", "So\\u031b\\u0309 "]}')
    assert clean(given_) == {"a": ["x y?", "Sở"]}
    title = changed(op("/tasks/0/title", " hai\r\nhàng\u2028 ")).tasks[0].title
    assert title == "hai\nhàng"
    with pytest.raises(Refusal, match="patch-invalid") as refused:
        read_patch(rb'[{"op": "add", "path": "x\ud800", "value": 1}]')
    refused.value.message.encode()


def test_what_was_read_out_can_be_sent_back() -> None:
    assert read_draft_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN
    assert changed() == PLAN


@pytest.mark.parametrize(
    ("every", "before"),
    [
        ("yearly", "11-30"), (None, "02-28"), ("half_yearly", "06-15,12-15"), ("half_yearly", "06-15"),
        ("quarterly", "03-20,06-20,09-20,12-20"), ("monthly", "18"), ("weekly", "5T16:00"), ("weekly", "05-30"),
    ],
)  # fmt: skip
def test_every_rhythm_has_its_days(every: str | None, before: str) -> None:
    """The last is what a reader may have found; the review says that it does not fit."""
    entry = changed(op("/reporting/0/every", every), op("/reporting/0/before", before)).reporting[0]
    assert (entry.every, entry.before) == (every, before)


@pytest.mark.parametrize("before", ["11-31", "00-10", "1-1", "", "30/11", "5T16:00", "06-15,12-15"])
def test_days_that_no_year_has(before: str) -> None:
    assert not may_hold(ReportingDraft("units", every="yearly", before=before))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_PATHS = st.sampled_from(
    ["", "/tasks", "/tasks/0", "/tasks/-", "/tasks/0/timing", "/tasks/0/timing/text", "/tasks/0/leads/0/text",
     "/tasks/0/leads/0", "/document", "/document/number", "/reporting/0/before", "/findings", "/indicators", "/x"]
)  # fmt: skip


_SENT = {"op": st.sampled_from(["add", "replace", "remove", "test"]), "path": _PATHS, "value": _JSON}


@given(st.lists(st.fixed_dictionaries(_SENT), max_size=4))
def test_anything_is_taken_or_refused_with_a_sentence(operations: list[dict[str, Any]]) -> None:
    try:
        draft = changed(*operations)
    except Refusal as refused:
        refused.message.encode()
    else:
        json.dumps(draft.to_json(), allow_nan=False).encode()
