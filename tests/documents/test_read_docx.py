"""The sample plan is read field by field as a person would; what is unsafe is refused, the rest is a finding."""

import io
import runpy
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.read_docx import read_docx
from documents.read_file import read_file
from domain.errors import Refusal
from domain.plan import IndicatorDraft, LegalBasis, OwnerRef, PlanDraft, ReportingDraft, Severity
from domain.timing import TimingKind, TimingRule

SAMPLE = Path(__file__).parents[2] / "samples" / "binh-phuoc"
PLAN = (SAMPLE / "ke-hoach.docx").read_bytes()
PRESS, LEAD = "Các cơ quan báo chí", "Sở Thông tin và Truyền thông"
BUREAU = "Cục Báo chí (Bộ Thông tin và Truyền thông)"


@pytest.fixture(scope="module")
def plan() -> PlanDraft:
    return read_file(PLAN)


def package(**changed: bytes) -> bytes:
    """The sample package with parts replaced or added (`word/x.xml` is written `word__x_xml`)."""
    parts = {
        name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"): body for name, body in changed.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PLAN)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, parts.pop(info.filename, b"") or source.read(info))
        for name, body in parts.items():
            target.writestr(name, body)
    return out.getvalue()


def document(*tables: list[list[str]], lines: tuple[str, ...] = ()) -> Any:
    made = docx.Document()
    for line in lines:
        made.add_paragraph(line)
    for rows in tables:
        table = made.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
        made.add_paragraph()
    return made


def read(made: Any) -> PlanDraft:
    out = io.BytesIO()
    made.save(out)
    return read_file(out.getvalue())


def test_the_committed_plan_is_what_its_script_makes() -> None:
    build = runpy.run_path(str(SAMPLE / "build_plan.py"))["build"]
    made: bytes = build()
    assert made == build()
    with zipfile.ZipFile(io.BytesIO(made)) as fresh, zipfile.ZipFile(io.BytesIO(PLAN)) as committed:
        assert [(i.filename, i.date_time) for i in fresh.infolist()] == [
            (i.filename, i.date_time) for i in committed.infolist()
        ]
        for name in fresh.namelist():
            assert fresh.read(name) == committed.read(name), name


def test_the_document_itself(plan: PlanDraft) -> None:
    assert plan.document.number is None
    assert plan.document.issued_on is None
    assert plan.document.title == (
        "Triển khai thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025, định hướng đến năm 2030 "
        "trên địa bàn tỉnh Bình Phước"
    )
    assert plan.document.authority == "UBND tỉnh Bình Phước"
    assert plan.document.province == "Bình Phước"
    assert plan.document.signed_by == "Trần Tuyết Minh"
    assert plan.document.quality == "good"
    assert plan.document.complete
    assert plan.document.legal_bases == (
        LegalBasis("348/QĐ-TTg", date(2023, 4, 6)),
        LegalBasis("781/QĐ-BTTTT", date(2023, 5, 8)),
        LegalBasis("04-NQ/TU", date(2021, 5, 18)),
    )


def test_what_is_blank_is_only_noted(plan: PlanDraft) -> None:
    assert [(f.code, f.severity) for f in plan.findings] == [
        ("number-blank", Severity.INFO),
        ("date-blank", Severity.INFO),
    ]


def test_who_reports_to_whom_and_by_when(plan: PlanDraft) -> None:
    assert plan.lead_agency == LEAD
    assert plan.reporting == (
        ReportingDraft("units", (LEAD,), None, "yearly", "11-30", True),
        ReportingDraft("lead", ("Bộ Thông tin và Truyền thông", "UBND tỉnh"), None, "yearly", "12-15", False),
    )


def test_the_six_tasks(plan: PlanDraft) -> None:
    vague, press, related = "các đơn vị, địa phương có liên quan", "ác cơ quan báo chí", "các đơn vị có liên quan"
    rows = [
        (t.ordinal, [o.text for o in t.leads], [o.text for o in t.coordinators], t.timing.text, t.where.row)
        for t in plan.tasks
    ]
    assert rows == [
        (1, [PRESS], [LEAD], "Thường xuyên", 2),
        (2, [PRESS], [LEAD, vague], "Hàng năm", 3),
        (3, [PRESS], [BUREAU, LEAD], "Thường xuyên", 4),
        (4, [LEAD], [BUREAU, "c" + press, related], "Hàng năm", 5),
        (5, [LEAD], ["C" + press, related], "Thường xuyên", 6),
        (6, [LEAD], [PRESS], "Hàng năm/ Năm 2025 báo cáo đánh giá cả giai đoạn", 7),
    ]
    assert [task.title for task in plan.tasks][1:3] == [
        "Ra sản phẩm báo chí số mới.",
        "Đưa nền tảng số vào công việc của cơ quan báo chí.",
    ]
    assert [task.result for task in plan.tasks] == [
        "Nội dung trong các cuộc giao ban báo chí và họp nội bộ",
        "Kế hoạch từng năm",
        "Bảng kê nền tảng đang dùng",
        "Mỗi năm từ 01 hoạt động",
        "Báo cáo hoạt động hoặc kiểm tra",
        "Báo cáo riêng hoặc lồng ghép",
    ]
    assert {task.source for task in plan.tasks} == {"appendix"}
    assert plan.tasks[5].timing.rules == (
        TimingRule(TimingKind.YEARLY),
        TimingRule(TimingKind.WITHIN, date(2025, 1, 1), date(2025, 12, 31), label="báo cáo đánh giá cả giai đoạn"),
    )


def test_the_ten_indicators(plan: PlanDraft) -> None:
    figures = [(i.horizon, i.comparator, i.value, i.unit) for i in plan.indicators]
    assert figures == [
        (2025, ">=", 100, "%"), (2025, ">=", 50, "%"), (2025, ">=", 100, "%"), (2025, ">=", 100, "%"),
        (2025, ">=", 100, "%"), (2025, ">=", 1, "cơ quan báo chí"),
        (2030, ">=", 100, "%"), (2030, ">=", 100, "%"), (2030, ">=", 100, "%"), (2030, ">=", 50, "%"),
    ]  # fmt: skip
    assert plan.indicators[5] == IndicatorDraft(
        2025, "cơ quan báo chí tăng ít nhất 20% doanh thu", ">=", 1, "cơ quan báo chí",
        "Về nguồn thu, phấn đấu có 01 cơ quan báo chí tăng ít nhất 20% doanh thu",
    )  # fmt: skip
    assert plan.indicators[4].subject.endswith("ở cấp độ 3 hoặc cao hơn")


def test_the_recipients_without_the_archive(plan: PlanDraft) -> None:
    assert plan.recipients == (
        "Bộ TT&TT", "TTTU, TT. HĐND tỉnh", "CT, các PCT UBND tỉnh", "Ban Tuyên giáo Tỉnh ủy",
        "Các sở, ban, ngành, hội, đoàn thể tỉnh", "Đài PT-TH&BBP", "Tạp chí Văn nghệ Bình Phước",
        "Hội Nhà báo tỉnh", "UBND các huyện, thị xã, thành phố", "LĐVP, các Phòng",
    )  # fmt: skip


def test_the_json_form_carries_it_all(plan: PlanDraft) -> None:
    assert PlanDraft.from_json(plan.to_json()) == plan


DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
REFUSED = {
    "empty": (b"", "not-a-docx"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not-a-docx"),
    "pdf": (b"%PDF-1.7\n%%EOF", "not-a-docx"),
    "cut": (PLAN[: len(PLAN) // 2], "not-a-docx"),
    "broken xml": (package(word__document_xml=b"<w:document"), "not-a-docx"),
    "bad central directory": (PLAN.replace(b"word/document.xml", b"word/documenX.xml"), "not-a-docx"),
    "macro": (package(word__vbaProject_bin=b"x"), "docx-macro"),
    "doctype": (package(word__styles_xml=DOCTYPE), "docx-unsafe"),
    "doctype in utf-16": (package(word__document_xml=DOCTYPE.decode().encode("utf-16")), "docx-unsafe"),
    "too many bytes": (bytes(10 * 1024 * 1024 + 1), "document-too-large"),
    "ratio bomb": (package(word__media_bin=bytes(20_000_000)), "document-too-large"),
    "many small bombs": (package(**{f"word__{n}_bin": b"ab" * 2_000_000 for n in range(27)}), "document-too-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_safe_document_is_refused(name: str) -> None:
    data, code = REFUSED[name]
    with pytest.raises(Refusal) as refused:
        read_docx(data)
    assert refused.value.code == code
    assert "Hãy" in refused.value.message


def test_a_zip_that_is_another_office_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.writestr("[Content_Types].xml", "<Types/>")
        other.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Refusal, match="not-a-docx"):
        read_docx(out.getvalue())


HEAD = ["TT", "Nội dung", "Cơ quan chủ trì", "Phối hợp", "Sản phẩm", "Tiến độ"]


def test_columns_are_known_by_meaning_in_any_order() -> None:
    made = document(
        [
            [
                "Hạn hoàn thành",
                "Sản phẩm đầu ra",
                "Cơ quan phối hợp",
                "Ghi chú",
                "Chủ trì",
                "Nội dung công việc",
                "STT",
            ],
            ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
            ["Quý II/2026", "Báo cáo", "Sở B; Các sở, ban, ngành", "x", "Sở A", "Việc một", "1"],
        ]
    )
    task = read(made).tasks[0]
    assert (task.title, task.result, task.timing.text) == ("Việc một", "Báo cáo", "Quý II/2026")
    assert task.leads == (OwnerRef("Sở A"),)
    assert task.coordinators == (OwnerRef("Sở B"), OwnerRef("Các sở, ban, ngành"))


def test_groups_repeated_headings_and_a_table_cut_by_a_page() -> None:
    first = [
        HEAD,
        ["I", "NHÓM MỘT", "", "", "", ""],
        ["1", "Hoàn thành nội dung", "Sở chủ trì A", "Phối hợp B", "Kết quả C", "Hoàn thành 2025"],
        HEAD,
        ["2", "Việc hai", "Sở A", "", "", ""],
    ]
    draft = read(document(first, [["3", "Việc ba", "Sở C", "", "", "Hằng năm"]]))
    assert [(t.ordinal, t.title) for t in draft.tasks] == [(1, "Hoàn thành nội dung"), (2, "Việc hai"), (3, "Việc ba")]
    assert [(f.code, f.where.row) for f in draft.findings if f.where.row] == [("timing-missing", 5)]


def test_merged_cells_make_one_task_of_several_rows() -> None:
    made = document(
        [HEAD, ["1", "Việc", "Sở A", "", "Bước một", "Năm 2025"], ["", "", "Sở B", "", "Bước hai", "Năm 2026"]]
    )
    table = made.tables[0]
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 1).merge(table.cell(2, 1))
    (task,) = read(made).tasks
    assert [lead.text for lead in task.leads] == ["Sở A", "Sở B"]
    assert task.result == "Bước một; Bước hai"
    assert [rule.to for rule in task.timing.rules] == [date(2025, 12, 31), date(2026, 12, 31)]


def test_unsure_rows_are_findings_with_their_row() -> None:
    rows = [HEAD, ["1", "Không ai làm", "", "", "", "Hằng năm"], ["1", "Việc lặp số", "Sở A", "", "", "Khi thuận lợi"]]
    draft = read(document(rows))
    assert [t.ordinal for t in draft.tasks] == [1, 2]
    assert [(f.code, f.severity, f.where.row) for f in draft.findings if f.where.row] == [
        ("ordinal-renumbered", Severity.INFO, 3),
        ("lead-missing", Severity.BLOCKING, 2),
        ("timing-unclear", Severity.REVIEW, 3),
    ]


def test_numbers_made_by_word_itself_are_counted() -> None:
    rows = [HEAD, ["", "Việc một", "Sở A", "", "", "2025"], ["", "Việc hai", "Sở B", "", "", "2026"]]
    assert [(t.ordinal, t.title) for t in read(document(rows)).tasks] == [(1, "Việc một"), (2, "Việc hai")]


def test_no_table_of_tasks_blocks_but_is_complete() -> None:
    draft = read(document(lines=("KẾ HOẠCH", "Việc gì đó")))
    assert draft.document.complete
    assert ("no-tasks", Severity.BLOCKING) in [(f.code, f.severity) for f in draft.findings]


def test_a_cut_off_copy_is_incomplete() -> None:
    draft = read(document(lines=("KẾ HOẠCH", "Việc gì đó", "Nội dung [...]")))
    assert not draft.document.complete
    assert "incomplete" in [f.code for f in draft.findings]


def test_inserted_text_is_read_and_deleted_text_is_not() -> None:
    made = document([HEAD, ["1", "Việc", "Sở A", "", "", "2025"]])
    paragraph = made.tables[0].cell(1, 1).paragraphs[0]
    for tag, text in (("w:ins", " mới"), ("w:moveFrom", " cũ")):
        run = paragraph.add_run(text)._r
        change = OxmlElement(tag)
        paragraph._p.append(change)
        change.append(run)
    draft = read(made)
    assert draft.tasks[0].title == "Việc mới"
    assert "tracked-changes" in [f.code for f in draft.findings]


def test_number_and_date_are_read_where_they_stand() -> None:
    lines = (
        "ỦY BAN NHÂN DÂN",
        "TỈNH THÁI BÌNH",
        "Số: 150/KH-UBND",
        "Thái Bình, ngày 24 tháng 11 năm 2023",
        "KẾ HOẠCH",
        "X",
    )
    info = read(document(lines=lines)).document
    assert (info.number, info.issued_on, info.authority) == ("150/KH-UBND", date(2023, 11, 24), "UBND tỉnh Thái Bình")


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Hằng năm, các đơn vị báo cáo UBND tỉnh (qua Sở Thông tin và Truyền thông) trước ngày 25/11.",
            ReportingDraft("units", ("UBND tỉnh",), LEAD, "yearly", "11-25", False),
        ),
        (
            "Định kỳ báo cáo kết quả về Sở Thông tin và Truyền thông trước ngày 30 tháng 11 hàng năm để tổng hợp.",
            ReportingDraft("units", (LEAD,), None, "yearly", "11-30", False),
        ),
    ],
)
def test_other_ways_to_ask_for_reports(sentence: str, expected: ReportingDraft) -> None:
    draft = read(document(lines=("VI. CHẾ ĐỘ BÁO CÁO", sentence)))
    assert draft.reporting == (expected,)
    assert draft.lead_agency == LEAD


WORDS = st.sampled_from(
    [*HEAD, "1", "I", "(1)", "", "Sở A; Sở B", "Hằng năm/2025", "Số: /", "KẾ HOẠCH", "trước ngày 31/2", "\n", "%"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(WORDS, min_size=6, max_size=6), min_size=1, max_size=8), st.lists(WORDS, max_size=8))
def test_no_content_makes_it_raise(rows: list[list[str]], lines: list[str]) -> None:
    draft = read(document(rows, lines=tuple(lines)))
    assert PlanDraft.from_json(draft.to_json()) == draft
    ordinals = [task.ordinal for task in draft.tasks]
    assert ordinals == sorted(set(ordinals))
