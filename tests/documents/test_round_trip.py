"""A draft that is rendered as a plan and read again is the same draft; columns in any order give the same tasks."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.meaning.lexicon import DEPARTMENTS, TERMS
from documents.read_file import read_file
from documents.render_plan import render_plan
from domain.plan import (
    DocumentInfo,
    IndicatorDraft,
    LegalBasis,
    OwnerRef,
    PlanDraft,
    ReportingDraft,
    TaskDraft,
)
from domain.timing import parse_timing

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
EXAMPLES = 25

UNITS = (
    *(f"Sở {name}" for name in DEPARTMENTS), "Công an tỉnh", "Tỉnh đoàn", "Hội Nhà báo tỉnh", "Báo Bình Phước",
    "Văn phòng UBND tỉnh", "Ban Tuyên giáo Tỉnh ủy",
)  # fmt: skip
GROUPS = (
    "Các sở, ban, ngành", "UBND các xã, phường", "Các cơ quan báo chí", "các đơn vị có liên quan",
    "Cục Báo chí (Bộ Thông tin và Truyền thông)", "UBND các huyện, thị xã, thành phố",
)  # fmt: skip
TIMINGS = (
    "Thường xuyên", "Hằng năm", "Hàng năm", "2023-2025", "2027 - 2030", "Giai đoạn 2024-2030", "Trong năm 2026",
    "Quý II/2026", "Xong trong Quý II/2026", "Tháng 5/2026", "Trước ngày 01/01/2030", "Trước quý IV năm 2023",
    "Hằng quý", "Hằng tháng", "6 tháng", "Sau khi có hướng dẫn của Bộ Nội vụ", "Sau khi kế hoạch được ban hành",
    "Quý I/2026; Quý III/2026", "Hàng năm/ Năm 2025 báo cáo cả giai đoạn", "Năm 2027 (phấn đấu)", "Theo tiến độ", "",
)  # fmt: skip
SUBJECTS = (
    "cơ quan báo chí đưa nội dung lên các nền tảng số", "hồ sơ được giải quyết đúng hạn",
    "người làm báo đã học cách làm báo số", "thủ tục hành chính được cung cấp trực tuyến",
)  # fmt: skip
SIGNS = {"": ">=", "Phấn đấu ": ">=", "Tối thiểu ": ">=", "Trên ": ">", "Dưới ": "<", "Không quá ": "<="}
TERRITORIES = (
    ("tỉnh", "Bình Phước"), ("thành phố", "Cần Thơ"), ("tỉnh", "Bà Rịa - Vũng Tàu"), ("tỉnh", "Thừa Thiên Huế"),
    ("tỉnh", "Đắk Lắk"), ("thành phố", "Hải Phòng"),
)  # fmt: skip
SIGNERS = ("Nguyễn Thị Ánh Tuyết", "Lê Văn An", "Trần Đỗ Mỹ Uyên")
BASES = (
    LegalBasis("348/QĐ-TTg", date(2023, 4, 6)), LegalBasis("09/2019/NĐ-CP", date(2019, 1, 24)), LegalBasis("04-NQ/TU"),
)  # fmt: skip
RESULTS = ("Kế hoạch", "Báo cáo hằng năm", "Ít nhất 01 lớp mỗi năm", "Quyết định của UBND tỉnh")

HEADINGS = {
    "ordinal": ("TT", "Stt", "STT", "Số TT"),
    "title": ("Nhiệm vụ", "Nội dung công việc", "Nhiệm vụ, giải pháp", "Nội dung thực hiện", "Công việc"),
    "leads": ("Đơn vị chủ trì", "Cơ quan chủ trì", "Sở, ngành chủ trì", "Chủ trì", "Đơn vị thực hiện"),
    "coordinators": ("Đơn vị phối hợp", "Cơ quan phối hợp", "Phối hợp"),
    "result": ("Kết quả", "Sản phẩm", "Kết quả, sản phẩm", "Sản phẩm đầu ra", "Kết quả dự kiến"),
    "timing": ("Thời gian thực hiện", "Thời hạn", "Tiến độ", "Hạn hoàn thành", "Thời gian hoàn thành"),
    "notes": ("Ghi chú",),
}
"""What provinces call the columns."""


def comparable(draft: PlanDraft) -> dict[str, Any]:
    """All but findings, and where things stand."""
    found = draft.to_json()
    del found["findings"]
    for task in found["tasks"]:
        del task["where"]
    return found


def owners(*names: str) -> tuple[OwnerRef, ...]:
    return tuple(OwnerRef(name) for name in names)


# --- drafts ----------------------------------------------------------------------------------------------------------


@st.composite
def titles(draw: st.DrawFn) -> str:
    """A few terms of the field, with the punctuation that sentences have."""
    words = draw(st.lists(st.sampled_from(TERMS), min_size=2, max_size=5))
    text = draw(st.sampled_from((" ", ", ", "; "))).join(words) + draw(st.sampled_from(("", ".", " năm 2026")))
    return text[:1].upper() + text[1:]


@st.composite
def tasks(draw: st.DrawFn) -> tuple[TaskDraft, ...]:
    def task(ordinal: int) -> TaskDraft:
        leads = draw(st.lists(st.sampled_from((*UNITS, *GROUPS[:3])), min_size=1, max_size=3, unique=True))
        # Nobody coordinates with themselves.
        rest = [name for name in (*UNITS, *GROUPS) if name not in leads]
        others = draw(st.lists(st.sampled_from(rest), max_size=3, unique=True))
        return TaskDraft(
            ordinal, draw(titles()), "appendix", owners(*leads), owners(*others),
            draw(st.none() | st.sampled_from(RESULTS)), parse_timing(draw(st.sampled_from(TIMINGS))),
        )  # fmt: skip

    return tuple(task(ordinal) for ordinal in range(1, draw(st.integers(1, 12)) + 1))


@st.composite
def indicators(draw: st.DrawFn) -> tuple[IndicatorDraft, ...]:
    found = []
    for year in draw(st.lists(st.sampled_from((2025, 2027, 2030)), unique=True, max_size=2)):
        for subject in draw(st.lists(st.sampled_from(SUBJECTS), min_size=1, unique=True)):
            sign = draw(st.sampled_from(sorted(SIGNS)))
            value = draw(st.integers(1, 100).map(float) | st.sampled_from((0.5, 12.5, 99.9)))
            text = f"{sign}{value:g}% ".replace(".", ",") + subject
            found.append(IndicatorDraft(year, subject, SIGNS[sign], value, "%", text))  # type: ignore[arg-type]
        if draw(st.booleans()):
            count = draw(st.integers(1, 9))
            counted = f"mô hình mới được nhân rộng, do {count + 1} xã làm"
            found.append(
                IndicatorDraft(year, counted, ">=", float(count), "mô hình mới", f"Ít nhất 0{count} {counted}")
            )
    return tuple(found)


@st.composite
def reporting(draw: st.DrawFn, lead: str) -> tuple[ReportingDraft, ...]:
    """One or two cycles of the units, directly or through the lead, and perhaps the lead's own."""
    to, via = draw(st.sampled_from((((lead,), None), (("UBND tỉnh",), lead))))
    request = draw(st.booleans())
    cycles: list[tuple[Any, str | None]] = draw(
        st.sampled_from((
            [("yearly", "11-30")], [("yearly", "11-25")], [("half_yearly", "06-05"), ("yearly", "12-05")],
            [("quarterly", None)], [("monthly", None), ("yearly", "12-10")], [("weekly", None)],
            [("half_yearly", "06-15,12-15")], [("quarterly", "03-20,06-20,09-20,12-20"), ("yearly", "12-10")],
            [("monthly", "18")], [("weekly", "5T16:00")], [("monthly", "05"), ("yearly", "12-10T17:00")],
        ))
    )  # fmt: skip
    found = [ReportingDraft("units", to, via, every, before, request) for every, before in cycles]
    above = draw(st.none() | st.sampled_from((("Bộ Nội vụ",), ("Bộ Thông tin và Truyền thông", "UBND tỉnh"))))
    if above:
        found.append(ReportingDraft("lead", above, None, "yearly", draw(st.sampled_from((None, "12-15"))), False))
    return tuple(found)


@st.composite
def drafts(draw: st.DrawFn) -> PlanDraft:
    level, name = draw(st.sampled_from(TERRITORIES))
    lead = draw(st.sampled_from(UNITS[: len(DEPARTMENTS)]))
    number = draw(st.none() | st.integers(1, 4000).map(lambda each: f"{each}/KH-UBND"))
    document = DocumentInfo(
        number=number,
        issued_on=draw(st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31))),
        title=f"Triển khai {draw(st.sampled_from(SUBJECTS))} trên địa bàn {level} {name}",
        authority=f"UBND {level} {name}",
        province=name,
        signed_by=draw(st.sampled_from(SIGNERS)),
        legal_bases=tuple(draw(st.lists(st.sampled_from(BASES), unique=True))),
    )
    recipients = draw(st.lists(st.sampled_from((*UNITS, *GROUPS[:3], "Như Điều 3", "CVP, các PVP")), unique=True))
    return PlanDraft(
        document, lead, draw(tasks()), draw(indicators()), draw(reporting(lead)), tuple(dict.fromkeys(recipients))
    )


@settings(max_examples=EXAMPLES)
@given(drafts())
def test_a_draft_comes_back_from_its_plan(draft: PlanDraft) -> None:
    assert comparable(read_file(render_plan(draft), "ke-hoach.docx")) == comparable(draft)


@pytest.mark.parametrize("plan", ["binh-phuoc", "quang-tri", "can-tho"])
def test_a_sample_comes_back_from_its_plan(plan: str) -> None:
    draft = PlanDraft.from_json(json.loads((SAMPLES / plan / "expected.json").read_text(encoding="utf-8")))
    assert comparable(read_file(render_plan(draft), "ke-hoach.docx")) == comparable(draft)


def test_a_plan_that_nobody_has_signed_has_no_signer() -> None:
    info = DocumentInfo(title="Chuyển đổi số báo chí", authority="UBND tỉnh Bình Phước", legal_bases=BASES)
    draft = PlanDraft(info, tasks=(TaskDraft(1, "Mở lớp", leads=owners("Sở Nội vụ")),))
    assert read_file(render_plan(draft)).document.signed_by is None


def test_tasks_that_speak_of_targets_are_no_table_of_targets() -> None:
    rows = tuple(
        TaskDraft(ordinal, title, leads=owners("Sở Nội vụ"), timing=parse_timing("Trong năm 2026"), result="Năm 2026")
        for ordinal, title in enumerate(("Rà soát các chỉ tiêu", "Đánh giá mục tiêu", "Tổng kết"), 1)
    )
    read = read_file(render_plan(PlanDraft(tasks=rows)))
    assert [task.title for task in read.tasks] == [task.title for task in rows]
    assert read.indicators == ()


def test_equal_drafts_give_equal_bytes() -> None:
    draft = PlanDraft(document=DocumentInfo(title="Kế hoạch thử"), recipients=("Sở Nội vụ",))
    assert render_plan(draft) == render_plan(replace(draft))


def test_a_target_without_words_is_put_into_words() -> None:
    targets = (
        IndicatorDraft(2025, "hồ sơ trễ hạn", "<", 2.5, "%", ""),
        IndicatorDraft(2025, "mô hình mới", ">=", 3.0, "mô hình mới", ""),
        IndicatorDraft(2030, "được nhân rộng", ">=", 4.0, "mô hình", ""),
    )
    read = read_file(render_plan(PlanDraft(indicators=targets))).indicators
    assert [each.text for each in read] == [
        "dưới 2,5% hồ sơ trễ hạn", "tối thiểu 3 mô hình mới", "tối thiểu 4 mô hình được nhân rộng",
    ]  # fmt: skip
    assert [(each.comparator, each.value, each.unit) for each in read] == [
        (each.comparator, each.value, each.unit) for each in targets
    ]


# --- columns ---------------------------------------------------------------------------------------------------------


def cells(task: TaskDraft) -> dict[str, str]:
    return {
        "ordinal": str(task.ordinal),
        "title": task.title,
        "leads": "; ".join(owner.text for owner in task.leads),
        "coordinators": "; ".join(owner.text for owner in task.coordinators),
        "result": task.result or "",
        "timing": task.timing.text,
        "notes": "Lãnh đạo UBND tỉnh chỉ đạo",
    }


def table_of(columns: list[tuple[str, str]], rows: tuple[TaskDraft, ...]) -> bytes:
    """A Word file with nothing but the table; `columns` are meanings and headings."""
    paper = docx.Document()
    table = paper.add_table(0, len(columns), style="Table Grid")
    for texts in ([heading for _, heading in columns], *([cells(task)[name] for name, _ in columns] for task in rows)):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = text
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def rows_of(draft: PlanDraft) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = comparable(draft)["tasks"]
    return found


@st.composite
def headings(draw: st.DrawFn) -> list[tuple[str, str]]:
    """The columns in any order, each in one of its wordings, the notes sometimes missing."""
    names = [name for name in HEADINGS if name != "notes" or draw(st.booleans())]
    return [(name, draw(st.sampled_from(HEADINGS[name]))) for name in draw(st.permutations(names))]


@settings(max_examples=EXAMPLES)
@given(headings(), tasks())
def test_columns_in_any_order_and_wording_give_the_same_tasks(
    columns: list[tuple[str, str]], rows: tuple[TaskDraft, ...]
) -> None:
    assert rows_of(read_file(table_of(columns, rows))) == rows_of(PlanDraft(tasks=rows))


@settings(max_examples=EXAMPLES)
@given(tasks())
def test_both_roles_in_one_cell_give_the_same_tasks(rows: tuple[TaskDraft, ...]) -> None:
    paper = docx.Document()
    table = paper.add_table(0, 4, style="Table Grid")
    texts = [("TT", "Nhiệm vụ", "Chủ trì, phối hợp", "Thời gian")]
    for task in rows:
        given = cells(task)
        roles = f"Chủ trì: {given['leads']}." + (f"\nPhối hợp: {given['coordinators']}." if task.coordinators else "")
        texts.append((given["ordinal"], given["title"], roles, given["timing"]))
    for row in texts:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    out = io.BytesIO()
    paper.save(out)
    wanted = tuple(replace(task, result=None) for task in rows)
    assert rows_of(read_file(out.getvalue())) == rows_of(PlanDraft(tasks=wanted))
