"""The template for entering a plan by hand: what is written into it, by us or in Excel, is what is read from it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from documents.meaning.plan import read_source
from documents.read_xlsx import read_xlsx
from documents.render_template import render_template
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

LEAD, PROVINCE, MINISTRY = "Sở Thông tin và Truyền thông", "UBND tỉnh Bình Phước", "Bộ Thông tin và Truyền thông"

EXAMPLE = PlanDraft(
    document=DocumentInfo(
        number="12/KH-UBND",
        issued_on=date(2026, 1, 5),
        title="Triển khai chuyển đổi số báo chí trên địa bàn tỉnh Bình Phước",
        authority=PROVINCE,
        province="Bình Phước",
        signed_by="Nguyễn Văn An",
        legal_bases=(LegalBasis("348/QĐ-TTg", date(2023, 4, 6)), LegalBasis("04-NQ/TU")),
    ),
    lead_agency=LEAD,
    tasks=(
        TaskDraft(
            1, "Mở lớp tập huấn", leads=(OwnerRef(LEAD),), coordinators=(OwnerRef("Các sở, ban, ngành"),),
            result="Báo cáo", timing=parse_timing("Hằng năm"),
        ),
        TaskDraft(2, "=Không phải công thức", leads=(OwnerRef("Sở Tài chính"), OwnerRef("Sở Nội vụ"))),
    ),
    indicators=(
        IndicatorDraft(2025, "cơ quan báo chí đưa nội dung lên nền tảng số", ">=", 80.0, "%", ""),
        IndicatorDraft(2030, "mô hình mới", ">=", 3.0, "mô hình mới", ""),
        IndicatorDraft(2030, "hộ dân chưa có mạng", "<", 2.5, "%", ""),
    ),
    reporting=(
        ReportingDraft("units", (LEAD,), None, "yearly", "11-30", True),
        ReportingDraft("lead", (MINISTRY, "UBND tỉnh"), None, "yearly", "12-15", False),
    ),
    recipients=("Bộ Thông tin và Truyền thông", "Như trên"),
)  # fmt: skip


def facts(draft: PlanDraft) -> dict[str, Any]:
    """What the template holds: all but findings, places and the sentence an indicator was read from."""
    return {
        "document": draft.document,
        "lead": draft.lead_agency,
        "tasks": [(t.ordinal, t.title, t.leads, t.coordinators, t.result, t.timing.text.strip()) for t in draft.tasks],
        "indicators": [(i.horizon, i.subject, i.comparator, i.value, i.unit) for i in draft.indicators],
        "reporting": draft.reporting,
        "recipients": draft.recipients,
    }


def test_a_draft_comes_back() -> None:
    assert facts(read_source(read_xlsx(render_template(EXAMPLE)))) == facts(EXAMPLE)


def test_the_places_name_sheet_and_row() -> None:
    source = read_xlsx(render_template(EXAMPLE))
    assert (source.grids[0].page, source.grids[0].first_row) == (2, 1)
    assert [line.page for line in source.lines if line.text.startswith("- 80%")] == [3]
    assert [line.number for line in source.lines if line.text == "Số: 12/KH-UBND"] == [2]


def test_the_empty_template_reads_as_an_empty_plan() -> None:
    draft = read_source(read_xlsx(render_template()))
    assert facts(draft) == facts(PlanDraft())
    assert "no-tasks" in [finding.code for finding in draft.findings]


def test_equal_drafts_give_equal_bytes() -> None:
    assert render_template(EXAMPLE) == render_template(EXAMPLE)
    assert render_template() == render_template(None) == render_template(PlanDraft())


def test_the_sheets_are_ready_to_fill() -> None:
    book = load_workbook(io.BytesIO(render_template(EXAMPLE)))
    assert book.sheetnames == ["Kế hoạch", "Nhiệm vụ", "Chỉ tiêu", "Hướng dẫn"]
    assert all(sheet.freeze_panes == "A2" for sheet in book.worksheets)
    assert [cell.value for cell in book["Nhiệm vụ"][1]] == [
        "TT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Kết quả", "Thời gian thực hiện", "Ghi chú",
    ]  # fmt: skip
    assert [cell.value for cell in book["Chỉ tiêu"][1]] == ["Năm", "Chỉ tiêu", "So sánh", "Giá trị", "Đơn vị tính"]
    assert {rule.type for sheet in book.worksheets for rule in sheet.data_validations.dataValidation} == {
        "list",
        "whole",
    }
    assert book["Nhiệm vụ"]["F10"].number_format == "@"


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@x", '=HYPERLINK("http://x")', "  =A1"])
def test_typed_text_never_becomes_a_formula(text: str) -> None:
    draft = PlanDraft(
        document=DocumentInfo(title=text, signed_by=text),
        tasks=(TaskDraft(1, text, leads=(OwnerRef(text),), result=text),),
        indicators=(IndicatorDraft(2025, text, ">=", 1.0, text, ""),),
        recipients=(text, text),
    )
    book = load_workbook(io.BytesIO(render_template(draft)))
    found = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value]
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]
    assert all(cell.quotePrefix for cell in found if str(cell.value).startswith(("=", "+", "-", "@")))


def edited(edit: Callable[[Any], None]) -> PlanDraft:
    """The plan read from the empty template after a person filled it in a spreadsheet program."""
    book = load_workbook(io.BytesIO(render_template()))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return read_source(read_xlsx(out.getvalue()))


def test_filled_in_by_a_person() -> None:
    def fill(book: Any) -> None:
        labels = {row[0].value: row[1] for row in book["Kế hoạch"].iter_rows(min_row=2)}
        labels["Số, ký hiệu"].value = "7/KH-UBND"
        labels["Ngày ban hành"].value = date(2026, 2, 14)
        labels["Ngày ban hành"].number_format = "dd/mm/yyyy"
        labels["Cơ quan ban hành"].value = PROVINCE
        labels["Tên kế hoạch"].value = "Kế hoạch phổ cập kỹ năng số"
        labels["Các đơn vị báo cáo về"].value = "UBND tỉnh"
        labels["Các đơn vị báo cáo qua"].value = LEAD
        labels["Kỳ báo cáo của các đơn vị"].value = "Hàng quý\nHằng năm"
        labels["Các đơn vị báo cáo trước ngày"].value = "–\n25/11"
        labels["Căn cứ pháp lý"].value = "- Căn cứ Quyết định số 348/QĐ-TTg ngày 06/4/2023 của Thủ tướng Chính phủ;"
        labels["Nơi nhận"].value = "- Sở Nội vụ;\n- Như trên;"
        book["Nhiệm vụ"].append([1, "Một", LEAD, "Sở Nội vụ", None, date(2026, 11, 1)])
        book["Nhiệm vụ"].cell(book["Nhiệm vụ"].max_row, 6).number_format = "mmm-yy"
        row = book["Chỉ tiêu"]
        row["A2"], row["B2"], row["C2"], row["D2"] = 2026, "người dân dùng dịch vụ công", ">=", 0.5
        row["D2"].number_format = "0%"

    draft = edited(fill)
    assert (draft.document.number, draft.document.issued_on) == ("7/KH-UBND", date(2026, 2, 14))
    assert (draft.document.authority, draft.lead_agency) == (PROVINCE, LEAD)
    assert draft.document.legal_bases == (LegalBasis("348/QĐ-TTg", date(2023, 4, 6)),)
    assert [(t.title, t.timing.text) for t in draft.tasks] == [("Một", "11/2026")]
    assert [(i.horizon, i.comparator, i.value, i.unit) for i in draft.indicators] == [(2026, ">=", 50.0, "%")]
    assert [(r.to, r.via, r.every, r.before) for r in draft.reporting if r.from_ == "units"][-1] == (
        ("UBND tỉnh",), LEAD, "yearly", "11-25",
    )  # fmt: skip
    assert draft.recipients == ("Sở Nội vụ", "Như trên")


def test_rows_of_ones_own_are_lines_and_columns_may_move() -> None:
    def move(book: Any) -> None:
        book["Kế hoạch"].append(["Ghi chú của văn thư", "Bản nhập tay"])
        tasks = book["Nhiệm vụ"]
        tasks["A2"], tasks["B2"], tasks["C2"], tasks["F2"] = 1, "Một", LEAD, "Năm 2026"
        tasks.delete_cols(7)
        tasks.insert_cols(1)

    draft = edited(move)
    assert [(t.title, [lead.text for lead in t.leads], t.timing.text) for t in draft.tasks] == [
        ("Một", [LEAD], "Năm 2026")
    ]


WORD = st.sampled_from(["chuyển", "đổi", "số", "tập", "huấn", "nền", "tảng", "phát", "triển", "báo", "viên", "mạng"])
PHRASE = st.lists(WORD, min_size=2, max_size=6).map(" ".join)
UNIT = st.sampled_from(
    [LEAD, "Sở Tài chính", "Sở Nội vụ", "Các cơ quan báo chí", "Báo Bình Phước", "Các sở, ban, ngành"]
)
UNITS = st.lists(UNIT, max_size=3, unique=True).map(lambda names: tuple(map(OwnerRef, names)))
DAY = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TIMING = st.sampled_from(["Thường xuyên", "Hằng năm", "2025-2026", "Quý II/2026", "Trước ngày 15/6/2026"])


BEFORES = (
    ("half_yearly", "06-15,12-15"), ("half_yearly", "07-10,01-10T16:00"), ("quarterly", "03-20,06-20,09-20,12-20"),
    ("monthly", "18"), ("monthly", "05T09:30"), ("weekly", "5T16:00"), ("weekly", "7"), ("yearly", "11-30T17:00"),
)  # fmt: skip
RHYTHMS = tuple(
    (
        ReportingDraft("units", (LEAD,), None, every, before, True),  # type: ignore[arg-type]
        ReportingDraft("lead", (MINISTRY,), None, every, before, False),  # type: ignore[arg-type]
    )
    for every, before in BEFORES
)
"""Units and lead with one and the same rhythm: the template does not judge."""


@pytest.mark.parametrize("reporting", RHYTHMS, ids=[" ".join(each) for each in BEFORES])
def test_every_rhythm_comes_back(reporting: tuple[ReportingDraft, ...]) -> None:
    draft = replace(EXAMPLE, reporting=reporting)
    assert facts(read_source(read_xlsx(render_template(draft)))) == facts(draft)


@pytest.mark.parametrize(
    ("every", "typed", "before"),
    [
        ("6 tháng", "15/6, 15/12", "06-15,12-15"), ("6 tháng\nHằng năm", "15/6\n15/12", "06-15"),
        ("Hằng quý", "20", "03-20,06-20,09-20,12-20"), ("Hằng quý", "20 tháng cuối quý", "03-20,06-20,09-20,12-20"),
        ("Hằng quý", "5/4, 5/7, 5/10, 5/1", "04-05,07-05,10-05,01-05"), ("Hằng tháng", 18, "18"),
        ("hàng tuần", "thứ 6, 16h", None), ("hàng tuần", "Thứ 6 16h", "5T16:00"), ("Hằng tuần", "thứ Hai", "1"),
        ("Hằng tháng", "trước ngày 18 hằng tháng.", "18"),
    ],
)  # fmt: skip
def test_any_rhythm_may_be_typed(every: str, typed: str | int, before: str | None) -> None:
    def fill(book: Any) -> None:
        labels = {row[0].value: row[1] for row in book["Kế hoạch"].iter_rows(min_row=2)}
        labels["Các đơn vị báo cáo về"].value = LEAD
        labels["Kỳ báo cáo của các đơn vị"].value = every
        labels["Các đơn vị báo cáo trước ngày"].value = typed

    assert edited(fill).reporting[0].before == before


@st.composite
def drafts(draw: st.DrawFn) -> PlanDraft:
    titles = draw(st.lists(PHRASE, min_size=1, max_size=4))
    tasks = tuple(
        TaskDraft(
            ordinal=number,
            title=title.capitalize(),
            leads=draw(UNITS.filter(bool)),
            coordinators=draw(UNITS),
            result=draw(st.none() | PHRASE.map(str.capitalize)),
            timing=parse_timing(draw(TIMING)),
        )
        for number, title in enumerate(titles, 1)
    )
    value = st.integers(1, 999).map(float) | st.sampled_from([0.5, 12.5, 99.9])
    made = st.builds(
        IndicatorDraft, st.sampled_from([2025, 2030]), PHRASE, st.sampled_from([">=", ">", "<=", "<"]), value,
        st.just("%"), st.just(""),
    )  # fmt: skip
    indicators = sorted(draw(st.lists(made, max_size=4)), key=lambda each: each.horizon)
    before = draw(DAY).strftime("%m-%d")
    return PlanDraft(
        document=DocumentInfo(
            number=draw(st.none() | st.integers(1, 999).map(lambda n: f"{n}/KH-UBND")),
            issued_on=draw(st.none() | DAY),
            title=draw(PHRASE).capitalize(),
            authority=PROVINCE,
            province="Bình Phước",
            signed_by=draw(st.none() | st.just("Nguyễn Văn An")),
            legal_bases=tuple(
                LegalBasis(f"{number}/QĐ-TTg", draw(st.none() | DAY))
                for number in draw(st.lists(st.integers(1, 999), max_size=3, unique=True))
            ),
        ),
        lead_agency=LEAD,
        tasks=tasks,
        indicators=tuple(indicators),
        reporting=draw(
            st.sampled_from(
                [
                    (ReportingDraft("units", (LEAD,), None, "yearly", before, True),),
                    (
                        ReportingDraft("units", ("UBND tỉnh",), LEAD, "yearly", before, False),
                        ReportingDraft("lead", (MINISTRY,), None, "half_yearly", "12-15", False),
                    ),
                    *RHYTHMS,
                ]
            )
        ),
        recipients=tuple(draw(st.lists(UNIT, max_size=3, unique=True))),
    )


@settings(max_examples=12, deadline=None)
@given(drafts())
def test_any_simple_draft_comes_back(draft: PlanDraft) -> None:
    assert facts(read_source(read_xlsx(render_template(draft)))) == facts(draft)


@settings(max_examples=10, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_in_a_draft_can_be_written_and_read(title: str, name: str) -> None:
    draft = PlanDraft(
        document=DocumentInfo(title=title or None, authority=name, signed_by=name),
        lead_agency=name,
        tasks=(TaskDraft(1, title, leads=(OwnerRef(name),)),),
        recipients=(name,),
        reporting=(ReportingDraft("units", (name,), title, "weekly", None),),
    )
    read_source(read_xlsx(render_template(draft)))
