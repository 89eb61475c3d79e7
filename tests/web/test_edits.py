"""What the forms of a review ask for, as functions: whatever is filled in, a draft comes out or a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from drafts import messy
from hypothesis import given
from hypothesis import strategies as st
from worlds import small_registry

from domain.errors import Conflict, Refusal
from domain.plan import Finding, OwnerRef, PlanDraft, Severity, Where
from domain.review import review
from web.drafts import Place, Sheet
from web.names import Names
from web.pages.edits import EDITS, edit_document, settle
from web.pages.edits_tasks import TASK_EDITS, choose, edit_task, pick_of, picked
from web.pages.names import Bodies, with_choices
from web.pages.review_view import TASKS_A_PAGE, review_view
from web.patches import check_bounds

ON = date(2024, 9, 27)
BODIES = Bodies(Names(small_registry(), ON))
DRAFT = review(messy(), small_registry(), ON)


def as_shown(draft: PlanDraft, place: int = 0) -> dict[str, str]:
    """The form of a task as a browser would send it when nothing was touched."""
    task = draft.tasks[place]
    rows = {
        f"{role}-{n}-{name}": value
        for role, owners in (("leads", task.leads), ("coordinators", task.coordinators))
        for n, owner in enumerate((*owners, OwnerRef("")))
        for name, value in (("text", owner.text), ("pick", pick_of(owner)))
    }
    words = {"title": task.title, "result": task.result or "", "timing": task.timing.text}
    shown = {name: " ".join(value.split()) for name, value in words.items()}
    return {"task": str(place), "ordinal": str(task.ordinal), **shown, **rows}


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    text = replace(DRAFT.tasks[0], title="hai\ndòng  lạ", result=" a\n\nb ", leads=(OwnerRef("Sở  A\nB"),))
    for draft in (DRAFT, replace(DRAFT, tasks=(text,))):
        assert edit_task(draft, as_shown(draft)).draft == draft


def test_rules_that_were_put_in_by_hand_stay_while_the_words_do() -> None:
    by_hand = replace(DRAFT.tasks[0].timing, rules=DRAFT.tasks[1].timing.rules)
    draft = replace(DRAFT, tasks=(replace(DRAFT.tasks[0], timing=by_hand),))
    assert edit_task(draft, as_shown(draft)).draft.tasks[0].timing == by_hand
    new = edit_task(draft, {**as_shown(draft), "timing": "Hằng quý"}).draft.tasks[0].timing
    assert [rule.kind.value for rule in new.rules] == ["quarterly"]


@pytest.mark.parametrize(
    ("values", "leads"),
    [
        ({"leads-0-pick": "unit:so"}, (OwnerRef("Cơ quan lạ", "so"), OwnerRef("Đơn vị bao", "bao"))),
        ({"leads-1-text": "Hội"}, (OwnerRef("Cơ quan lạ"), OwnerRef("Hội"))),
        ({"leads-1-text": "Hội", "leads-1-pick": "unit:hoi"}, (OwnerRef("Cơ quan lạ"), OwnerRef("Hội", "hoi"))),
        ({"leads-1-pick": ""}, (OwnerRef("Cơ quan lạ"), OwnerRef("Đơn vị bao"))),
        ({"leads-0-text": ""}, (OwnerRef("Đơn vị bao", "bao"),)),
        ({"leads-1-text": ""}, (OwnerRef("Cơ quan lạ"),)),
        ({"leads-0-text": "", "leads-0-pick": "unit:so"}, (OwnerRef("Sở TT", "so"), OwnerRef("Đơn vị bao", "bao"))),
        (
            {"leads-2-pick": "group:bao-chi"},
            (
                OwnerRef("Cơ quan lạ"), OwnerRef("Đơn vị bao", "bao"),
                OwnerRef("Các cơ quan báo chí", group="bao-chi"),
            ),
        ),
        ({"leads-0-drop": "true", "leads-1-drop": "true"}, ()),
    ],
)  # fmt: skip
def test_owners_are_changed_added_and_dropped(values: dict[str, str], leads: tuple[OwnerRef, ...]) -> None:
    form = with_choices({**as_shown(DRAFT), **values}, BODIES)
    assert edit_task(DRAFT, form).draft.tasks[0].leads == leads


def test_a_finding_is_settled_only_where_it_still_is() -> None:
    place = next(n for n, each in enumerate(DRAFT.findings) if each.code == "quality-poor")
    assert len(settle(DRAFT, {"finding": str(place), "code": "quality-poor"}).draft.findings) + 1 == len(DRAFT.findings)
    with pytest.raises(Conflict, match="finding-gone"):
        settle(DRAFT, {"finding": str(place + 1), "code": "quality-poor"})
    with pytest.raises(Conflict, match="finding-gone"):
        settle(DRAFT, {"finding": "999", "code": "quality-poor"})
    blocking = next(n for n, each in enumerate(DRAFT.findings) if each.code == "unit-unknown")
    with pytest.raises(Refusal, match="chỉ hết khi"):
        settle(DRAFT, {"finding": str(blocking), "code": "unit-unknown"})


def test_a_name_is_chosen_for_all_its_spellings() -> None:
    spelt = replace(DRAFT.tasks[1], leads=(OwnerRef("CƠ QUAN  LẠ"),))
    draft = replace(DRAFT, tasks=(DRAFT.tasks[0], spelt))
    chosen = choose(draft, with_choices({"words": "Cơ quan lạ", "other": "hội"}, BODIES))
    assert [task.leads[0].unit for task in chosen.draft.tasks] == ["hoi", "hoi"]
    assert chosen.summary == "Chọn Hội cho “Cơ quan lạ”"
    with pytest.raises(Conflict, match="words-gone"):
        choose(draft, {"words": "Không có", "pick": "unit:so"})
    assert picked("unit:") is picked("so") is picked("x:so") is None


def test_the_year_and_the_state_of_a_document() -> None:
    form = {"quality": "poor", "complete": "false", "issued_on": "2024-02-29", "lead_agency": " Sở  TT "}
    edited = edit_document(DRAFT, form).draft
    assert (edited.document.quality, edited.document.complete, edited.lead_agency) == ("poor", False, "Sở TT")
    assert edited.document.issued_on == date(2024, 2, 29)
    assert edited.document.title is None


def test_findings_lead_to_where_they_are_mended() -> None:
    twins = tuple(replace(DRAFT.tasks[0], where=Where(row=row)) for row in (3, 7))
    messages = {
        "Nhiệm vụ 1: chưa hiểu thời gian.": "/plans/x/draft/tasks/1",
        "Số thứ tự 1 đã dùng.": "/plans/x/draft/tasks/1",
        "Nhiệm vụ 44 không có.": "#document",
        "Chỉ tiêu đến năm 2025 đọc từ chữ mất dấu.": "#indicators",
        "Hạn báo cáo đọc từ chữ mất dấu.": "#reporting",
        "Điều gì đó khác.": "#document",
    }
    findings = tuple(Finding("x", Severity.REVIEW, words, Where(row=7)) for words in messages)
    regime = Finding("regime-unclear", Severity.INFO, "Báo cáo của các đơn vị: chưa đủ ngày.")
    assert review_view(_sheet(replace(DRAFT, findings=(regime,))), BODIES).findings["info"][0].link == "#reporting"
    sheet = _sheet(replace(DRAFT, tasks=twins, findings=findings))
    view = review_view(sheet, BODIES)
    assert {line.message: line.link for line in view.findings["review"]} == messages
    assert view.findings["review"][0].where == "hàng 7"
    assert [len(row.findings) for row in view.tasks] == [0, 2]


@given(st.integers(-10, 10**6), st.integers(0, 3 * TASKS_A_PAGE))
def test_every_page_of_tasks_is_one(first: int, count: int) -> None:
    view = review_view(_sheet(replace(DRAFT, tasks=DRAFT.tasks[:1] * count, findings=())), BODIES, first)
    assert view.first in (view.firsts or (0,))
    assert len(view.tasks) == min(TASKS_A_PAGE, count - view.first)


def _sheet(draft: PlanDraft) -> Sheet:
    return Sheet(Place("x"), 1, "draft", draft, "", datetime(2024, 1, 1, tzinfo=UTC), None, "")


_NAMES = st.sampled_from(
    sorted(
        {*as_shown(DRAFT), "number", "issued_on", "words", "pick", "other", "finding", "code", "to", "recipients"}
        | {f"{kind}-{n}-{name}" for kind in ("reporting", "indicator", "basis", "leads") for n in range(3)
           for name in ("to", "via", "every", "before", "from", "horizon", "subject", "value", "unit", "text", "drop",
                        "number", "issued_on", "comparator", "pick")}
    )
)  # fmt: skip
_VALUES = st.text(max_size=12) | st.sampled_from(
    ["0", "1", "-1", "99999", "100000", "2025", "30/11", "29/2", "2024-02-30", "unit:so", "group:bao-chi", "unit:x",
     "Cơ quan lạ", "Hội", "true", "lead", "yearly", "1e5", "٣", "2,5", "x" * 20_001, "a;b;;c"]
)  # fmt: skip


@given(st.sampled_from(sorted(TASK_EDITS)), st.dictionaries(_NAMES, _VALUES, max_size=8), st.booleans())
def test_any_form_gives_a_draft_or_a_sentence(what: str, form: dict[str, str], whole: bool) -> None:
    given_ = {**as_shown(DRAFT), **form} if whole else form
    try:
        edit = TASK_EDITS[what](DRAFT, with_choices(given_, BODIES))
        check_bounds(edit.draft)
    except Refusal as refused:
        assert refused.message
    else:
        assert PlanDraft.from_json(json.loads(json.dumps(edit.draft.to_json()))) == edit.draft
        assert edit.summary and edit.anchor
        review(edit.draft, small_registry(), ON)


def test_every_section_has_its_edit() -> None:
    assert set(EDITS) < set(TASK_EDITS)
