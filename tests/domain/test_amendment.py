"""What an amended document changes, worked out by comparing two drafts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amendment import Field, PlanField, carried, compare, printed_title
from domain.names import fold
from domain.plan import DocumentInfo, IndicatorDraft, OwnerRef, PlanDraft, ReportingDraft, TaskDraft
from domain.timing import parse_timing

TITLES = (
    "Xây dựng quy chế phối hợp cung cấp thông tin cho báo chí",
    "Tổ chức tập huấn nghiệp vụ cho cán bộ làm công tác thông tin cơ sở",
    "Rà soát, sắp xếp hệ thống cơ quan báo chí trên địa bàn tỉnh",
    "Đầu tư hạ tầng số phục vụ chuyển đổi số của Đài Phát thanh và Truyền hình",
    "Kiểm tra việc chấp hành pháp luật trong hoạt động xuất bản",
    "Bồi dưỡng kỹ năng an toàn thông tin cho phóng viên, biên tập viên",
    "Việc",
    "Việc 1",
    "",
)


def task(ordinal: int, title: str, leads: tuple[str, ...] = ("so",), timing: str = "Hằng năm") -> TaskDraft:
    owners = tuple(OwnerRef(f"Đơn vị {slug}", unit=slug) for slug in leads)
    return TaskDraft(ordinal, title, leads=owners, timing=parse_timing(timing))


def plan(*tasks: TaskDraft) -> PlanDraft:
    return PlanDraft(tasks=tasks)


def kinds(before: PlanDraft, after: PlanDraft) -> list[tuple[str, int | None, int | None]]:
    return [
        (t.kind, t.before.ordinal if t.before else None, t.after.ordinal if t.after else None)
        for t in compare(before, after).tasks
    ]


BEFORE = plan(*(task(n, title) for n, title in enumerate(TITLES[:4], 1)))


def test_an_inserted_row_moves_the_numbers_of_the_others_and_nothing_else() -> None:
    new = task(2, TITLES[4])
    after = plan(BEFORE.tasks[0], new, *(replace(t, ordinal=t.ordinal + 1) for t in BEFORE.tasks[1:]))
    assert kinds(BEFORE, after) == [
        ("same", 1, 1), ("added", None, 2), ("changed", 2, 3), ("changed", 3, 4), ("changed", 4, 5),
    ]  # fmt: skip
    assert {f.field for t in compare(BEFORE, after).tasks for f in t.fields} == {Field.ORDINAL}


def test_a_dropped_row_comes_last() -> None:
    after = plan(BEFORE.tasks[0], *(replace(t, ordinal=t.ordinal - 1) for t in BEFORE.tasks[2:]))
    assert kinds(BEFORE, after)[-1] == ("dropped", 2, None)


def test_a_reworded_title_is_the_same_task_under_its_number_or_another() -> None:
    words = TITLES[2].replace("trên địa bàn tỉnh", "của tỉnh giai đoạn mới")
    assert kinds(BEFORE, plan(*BEFORE.tasks[:2], task(3, words), BEFORE.tasks[3]))[2] == ("changed", 3, 3)
    slightly = TITLES[2].replace("hệ thống ", "")
    assert ("changed", 3, 9) in kinds(BEFORE, plan(task(9, slightly), BEFORE.tasks[0]))


def test_another_title_under_the_same_number_is_another_task() -> None:
    after = plan(*BEFORE.tasks[:3], task(4, TITLES[5]))
    assert kinds(BEFORE, after)[3:] == [("added", None, 4), ("dropped", 4, None)]


def test_two_rows_of_one_title_keep_their_numbers() -> None:
    twins = plan(task(1, TITLES[0], ("a",)), task(2, TITLES[0], ("b",)))
    assert compare(twins, plan(*reversed(twins.tasks))).empty


def test_what_changed_in_a_task_is_said_in_words() -> None:
    old = replace(task(1, TITLES[0], ("bao", "dai")), result="Quy chế", coordinators=(OwnerRef("các đơn vị"),))
    new = replace(
        task(1, TITLES[0], ("dai", "so"), "Trước ngày 30/6/2026"),
        result="Quyết định",
        coordinators=(OwnerRef("Các  đơn vị"), OwnerRef("Các cơ quan báo chí", group="bao-chi")),
    )
    (change,) = compare(plan(old), plan(new)).tasks
    said = {f.field: f for f in change.fields}
    assert set(said) == {Field.LEADS, Field.COORDINATORS, Field.RESULT, Field.TIMING}
    assert (said[Field.LEADS].removed, said[Field.LEADS].added) == (("Đơn vị bao",), ("Đơn vị so",))
    assert (said[Field.COORDINATORS].removed, said[Field.COORDINATORS].added) == ((), ("Các cơ quan báo chí",))
    assert (said[Field.TIMING].before, said[Field.TIMING].after) == ("Hằng năm", "Trước ngày 30/6/2026")


@pytest.mark.parametrize(
    ("field", "change"),
    [
        (PlanField.NUMBER, {"document": DocumentInfo(number="15/KH-UBND")}),
        (PlanField.ISSUED_ON, {"document": DocumentInfo(issued_on=date(2026, 1, 5))}),
        (PlanField.LEAD_AGENCY, {"lead_agency": "Sở Nội vụ"}),
        (PlanField.RECIPIENTS, {"recipients": ("Bộ",)}),
        (PlanField.INDICATORS, {"indicators": (IndicatorDraft(2026, "cơ quan báo chí", ">=", 90, "%", "90%"),)}),
        (PlanField.REPORTING, {"reporting": (ReportingDraft("units", ("Sở",), every="yearly", before="11-25"),)}),
    ],
)
def test_what_changed_in_the_plan_as_a_whole(field: PlanField, change: dict[str, object]) -> None:
    difference = compare(BEFORE, replace(BEFORE, **change))  # type: ignore[arg-type]
    assert [f.field for f in difference.plan] == [field]
    assert not difference.empty


def test_the_regime_in_words() -> None:
    old = ReportingDraft("units", ("Sở TT",), every="yearly", before="11-30")
    (change,) = compare(
        replace(BEFORE, reporting=(old,)), replace(BEFORE, reporting=(replace(old, before="11-25"),))
    ).plan
    assert change.removed == ("các đơn vị báo cáo Sở TT, hằng năm, trước ngày 30/11",)
    assert change.added == ("các đơn vị báo cáo Sở TT, hằng năm, trước ngày 25/11",)


def test_a_printed_number_is_said_where_it_differs() -> None:
    assert printed_title("Việc", 4, 3) == "Việc (số 3 theo kế hoạch sửa đổi)"
    assert printed_title("Việc", 4, 4) == printed_title("Việc", 4, None) == "Việc"


SOME = [OwnerRef("A", unit="a"), OwnerRef("B", unit="b"), OwnerRef("c"), OwnerRef("G", group="g")]
OWNERS = st.lists(st.sampled_from(SOME), unique=True, max_size=3).map(tuple)
BODIES = st.builds(
    TaskDraft,
    ordinal=st.just(0),
    title=st.one_of(st.sampled_from(TITLES), st.text(max_size=20)),
    leads=OWNERS,
    coordinators=OWNERS,
    result=st.sampled_from([None, "Quy chế", "Báo cáo"]),
    timing=st.sampled_from(
        [parse_timing("Hằng năm"), parse_timing("Trước ngày 30/6/2026"), parse_timing("Quý II/2026")]
    ),
)


@st.composite
def plans(draw: st.DrawFn) -> PlanDraft:
    bodies = draw(st.lists(BODIES, max_size=7))
    numbers = draw(st.permutations(range(1, len(bodies) + 1)))
    return plan(*(replace(body, ordinal=n) for body, n in zip(bodies, numbers, strict=True)))


@given(plans())
def test_a_plan_is_the_same_as_itself(draft: PlanDraft) -> None:
    assert {t.kind for t in compare(draft, draft).tasks} <= {"same"}
    assert compare(draft, draft).empty


@given(plans(), plans())
def test_every_task_is_used_once_and_the_other_way_round_adds_what_was_dropped(a: PlanDraft, b: PlanDraft) -> None:
    there, back = compare(a, b), compare(b, a)
    assert sorted(t.before.ordinal for t in there.tasks if t.before) == sorted(t.ordinal for t in a.tasks)
    assert [t.after.ordinal for t in there.tasks if t.after] == [t.ordinal for t in b.tasks]
    pairs = {(t.before.ordinal, t.after.ordinal) for t in there.tasks if t.before and t.after}
    assert pairs == {(t.after.ordinal, t.before.ordinal) for t in back.tasks if t.before and t.after}
    assert {t.after for t in there.of_kind("added")} == {t.before for t in back.of_kind("dropped")}
    json.dumps(asdict(there), default=str)


@given(plans(), st.randoms(use_true_random=False))
def test_numbering_anew_changes_numbers_only(draft: PlanDraft, chance: object) -> None:
    titles = [t.title for t in draft.tasks]
    if len({fold(title) for title in titles}) < len(titles):
        return  # which of two rows with one title is which, only their numbers could say
    numbers = list(range(1, len(titles) + 1))
    chance.shuffle(numbers)  # type: ignore[attr-defined]
    anew = plan(*(replace(t, ordinal=n) for t, n in zip(draft.tasks, numbers, strict=True)))
    fields = {f.field for t in compare(draft, anew).tasks for f in t.fields}
    assert fields <= {Field.ORDINAL}
    assert {t.kind for t in compare(draft, anew).tasks} <= {"same", "changed"}


def test_two_long_plans_with_nothing_in_common_are_compared_soon() -> None:
    one = plan(*(task(n, f"{'khảo sát ' * 30}{n * 7919}") for n in range(1, 201)))
    other = plan(*(task(n, f"{'xuất bản ' * 30}{n * 104729}") for n in range(1, 201)))
    assert len(compare(one, other).of_kind("added")) == 200


def test_what_a_new_document_does_not_say_is_carried_over() -> None:
    signed = DocumentInfo(
        "5/KH-UBND", date(2024, 1, 5), "Lưu trữ số", "UBND tỉnh Hậu Giang", "Hậu Giang", "Người Ký Thử"
    )
    units = ReportingDraft("units", ("Sở Nội vụ",), None, "yearly", "11-30")
    running = PlanDraft(
        signed, "Sở Nội vụ", reporting=(units, ReportingDraft("lead", ("Bộ Nội vụ",), None, "yearly", "12-15"))
    )
    silent = PlanDraft(
        DocumentInfo(title="Lưu trữ số"), reporting=(units, ReportingDraft("lead", ("Bộ Nội vụ",), None, "yearly"))
    )
    kept = carried(running, silent)
    assert (kept.document, kept.lead_agency, kept.reporting) == (signed, "Sở Nội vụ", running.reporting)
    assert "reporting-lead-missing" not in {finding.code for finding in kept.findings}
    own = replace(silent, document=DocumentInfo("9/KH-UBND"), lead_agency="Sở Tài chính")
    told = carried(running, own)
    assert (told.document.number, told.document.issued_on, told.lead_agency) == ("9/KH-UBND", None, "Sở Tài chính")
