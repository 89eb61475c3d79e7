"""The parts of a plan's running text: paragraphs, duties of units, reporting, indicators, the document's own data."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.meaning.document import read_document, read_recipients
from documents.meaning.indicators import read_indicators
from documents.meaning.joining import join_lines
from documents.meaning.organisation import read_duties
from documents.meaning.plan import read_source
from documents.meaning.regime import read_reporting
from documents.meaning.sections import sections
from documents.read_text import read_text
from documents.source import Line, Source
from domain.plan import LegalBasis, PlanDraft, ReportingDraft
from domain.timing import TimingKind


def lines(text: str) -> tuple[Line, ...]:
    return tuple(Line(line.strip(), number=n) for n, line in enumerate(text.strip().split("\n"), 1) if line.strip())


# --- paragraphs --------------------------------------------------------------------------------------------------


def test_printed_lines_become_paragraphs() -> None:
    text = """
        KẾ HOẠCH
        Thực hiện Đề án lưu trữ số trên địa bàn tỉnh Hậu Giang giai đoạn từ năm
        2026 đến năm 2030
        Căn cứ Quyết định số 458/QĐ-
        TTg ngày 03/4/2020 của Thủ tướng Chính phủ phê duyệt Đề án lưu trữ tài liệu
        điện tử của các cơ quan nhà nước;
        I. MỤC TIÊU
        1. Mục tiêu chung
        Tài liệu điện tử của các sở, ngành được thu thập và bảo quản đúng quy định của
        pháp luật.
        - Tài liệu giấy được số hóa theo lộ trình của từng cơ quan, bắt đầu với những hồ
        sơ người dân hỏi nhiều nhất.
        """
    assert [line.text[:40] for line in join_lines(lines(text))] == [
        "KẾ HOẠCH",
        "Thực hiện Đề án lưu trữ số trên địa bàn ",
        "Căn cứ Quyết định số 458/QĐ-TTg ngày 03/",
        "I. MỤC TIÊU",
        "1. Mục tiêu chung",
        "Tài liệu điện tử của các sở, ngành được ",
        "- Tài liệu giấy được số hóa theo lộ trìn",
    ]


# --- duties of units -----------------------------------------------------------------------------------------------

DUTIES = """
    V. TỔ CHỨC THỰC HIỆN
    1. Sở Nội vụ
    a) Chủ trì, phối hợp với Sở Tài chính và các đơn vị liên quan thẩm định danh mục tài liệu;
    b) Xây dựng kho lưu trữ số, hoàn thành trước ngày 30/6/2027, gồm:
    - Phần mềm;
    - Thiết bị.
    2. Sở Tài chính
    Bố trí kinh phí hằng năm trong dự toán của tỉnh.
    3. Báo Hậu Giang; Đài Phát thanh và Truyền hình tỉnh: Tuyên truyền về Luật Lưu trữ.
    4. Đề nghị Ban Tuyên giáo Tỉnh ủy
    Định hướng nội dung tuyên truyền.
    5. UBND các xã, phường chủ động thu thập tài liệu sau khi có hướng dẫn của Sở Nội vụ.
    Trên đây là Kế hoạch lưu trữ số của tỉnh./.
    """


def test_each_duty_of_each_unit_is_a_task() -> None:
    tasks = read_duties(sections(lines(DUTIES)))
    assert [(task.ordinal, [lead.text for lead in task.leads]) for task in tasks] == [
        (1, ["Sở Nội vụ"]),
        (2, ["Sở Nội vụ"]),
        (3, ["Sở Tài chính"]),
        (4, ["Báo Hậu Giang", "Đài Phát thanh và Truyền hình tỉnh"]),
        (5, ["Ban Tuyên giáo Tỉnh ủy"]),
        (6, ["UBND các xã, phường"]),
    ]
    assert {task.source for task in tasks} == {"organisation"}
    assert [owner.text for owner in tasks[0].coordinators] == ["Sở Tài chính", "các đơn vị liên quan"]
    assert tasks[1].title.endswith("gồm: - Phần mềm; - Thiết bị.")
    assert [task.timing.rules[0].kind for task in tasks] == [
        TimingKind.UNSTATED, TimingKind.BY, TimingKind.YEARLY, TimingKind.UNSTATED, TimingKind.UNSTATED,
        TimingKind.AFTER_EVENT,
    ]  # fmt: skip
    assert tasks[1].timing.rules[0].by == date(2027, 6, 30)
    assert tasks[0].where.line == 3


def test_sections_that_assign_nothing_give_no_tasks() -> None:
    assert read_duties(sections(lines("I. MỤC TIÊU\n1. Sở Nội vụ\nLàm việc gì đó."))) == ()


# --- reporting -----------------------------------------------------------------------------------------------------

HOME, ABOVE = "Sở Nội vụ", "Bộ Nội vụ"


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (
            "Định kỳ hằng năm, trước ngày 30/11 hoặc đột xuất, các đơn vị báo cáo về Sở Nội vụ để tổng hợp.",
            [ReportingDraft("units", (HOME,), None, "yearly", "11-30", True)],
        ),
        (
            "Các sở gửi báo cáo UBND tỉnh (qua Sở Nội vụ) chậm nhất ngày 25 tháng 11 hàng năm để báo cáo Bộ Nội vụ.",
            [
                ReportingDraft("units", ("UBND tỉnh",), HOME, "yearly", "11-25"),
                ReportingDraft("lead", (ABOVE,), None, "yearly", None),
            ],
        ),
        (
            "Các đơn vị báo cáo 6 tháng trước ngày 10/6 và báo cáo năm trước ngày 10/12 về Sở Nội vụ.",
            [
                ReportingDraft("units", (HOME,), None, "half_yearly", "06-10"),
                ReportingDraft("units", (HOME,), None, "yearly", "12-10"),
            ],
        ),
        (
            "Hằng quý, các đơn vị gửi báo cáo về Sở Nội vụ để theo dõi.",
            [ReportingDraft("units", (HOME,), None, "quarterly", None)],
        ),
        (
            "Các đơn vị báo cáo về Sở Nội vụ trước ngày 20/11; Sở Nội vụ báo cáo Bộ Nội vụ trước ngày 10/12 hằng năm.",
            [
                ReportingDraft("units", (HOME,), None, "yearly", "11-20"),
                ReportingDraft("lead", (ABOVE,), None, "yearly", "12-10"),
            ],
        ),
        (
            "Trước ngày 18 hằng tháng, các đơn vị gửi báo cáo về Sở Nội vụ. Sở Nội vụ báo cáo Bộ Nội vụ hằng quý, "
            "trước ngày 25 của tháng cuối quý.",
            [
                ReportingDraft("units", (HOME,), None, "monthly", "18"),
                ReportingDraft("lead", (ABOVE,), None, "quarterly", "03-25,06-25,09-25,12-25"),
            ],
        ),
        (
            "Các đơn vị báo cáo hằng quý trước ngày 20 tháng cuối quý, báo cáo năm trước ngày 01/12 về Sở Nội vụ.",
            [
                ReportingDraft("units", (HOME,), None, "quarterly", "03-20,06-20,09-20,12-20"),
                ReportingDraft("units", (HOME,), None, "yearly", "12-01"),
            ],
        ),
        (
            "Các đơn vị gửi báo cáo tháng (trước ngày 25 của tháng) và báo cáo năm (trước 17h00 ngày 15/12) về Sở Nội "
            "vụ.",
            [
                ReportingDraft("units", (HOME,), None, "monthly", "25"),
                ReportingDraft("units", (HOME,), None, "yearly", "12-15T17:00"),
            ],
        ),
        (
            "Các đơn vị báo cáo hằng tuần về Sở Nội vụ trước 16 giờ 30 phút, thứ Sáu.",
            [ReportingDraft("units", (HOME,), None, "weekly", "5T16:30")],
        ),
        (
            "Định kỳ hằng quý, các đơn vị gửi báo cáo về Sở Nội vụ trước ngày 05/01, 05/4, 05/7 và 05/10.",
            [ReportingDraft("units", (HOME,), None, "quarterly", "04-05,07-05,10-05,01-05")],
        ),
        (
            "Định kỳ 6 tháng, các đơn vị gửi báo cáo về Sở Nội vụ trước 16 giờ 00 ngày 15/6 và 15/12.",
            [ReportingDraft("units", (HOME,), None, "half_yearly", "06-15,12-15T16:00")],
        ),
        ("Sở Nội vụ báo cáo UBND tỉnh kết quả thí điểm trước ngày 30/6/2026.", []),
        ("Nếu có vướng mắc, các đơn vị gửi báo cáo về Sở Nội vụ để được hướng dẫn.", []),
    ],
)
def test_who_reports_to_whom_and_when(text: str, entries: list[ReportingDraft]) -> None:
    assert list(read_reporting(lines(text))[0]) == entries


@pytest.mark.parametrize(
    "when",
    [
        "hằng tháng trước ngày 05 của tháng sau", "hằng tháng trước ngày 15 và 30", "hằng tháng chậm nhất ngày 18",
        "hằng tháng trước 15 ngày", "hằng tháng trước 16 giờ ngày làm việc cuối cùng", "hằng tháng trước ngày 40",
        "hằng quý trước ngày 20", "hằng tuần trước ngày 20", "hằng tháng trước ngày 20 của tháng cuối năm",
    ],
)  # fmt: skip
def test_no_day_is_guessed_from_words_that_tell_none(when: str) -> None:
    entries, _ = read_reporting(lines(f"Định kỳ, các đơn vị gửi báo cáo {when} về Sở Nội vụ."))
    assert entries and not any(entry.before for entry in entries)


def test_the_heading_tells_whose_report_it_is() -> None:
    text = "1. Sở Nội vụ\n- Tổng hợp, báo cáo UBND tỉnh, Bộ Nội vụ trước ngày 15/12 hằng năm."
    (entry,), lead = read_reporting(lines(text))
    assert (entry.from_, entry.to, entry.before, lead) == ("lead", ("UBND tỉnh", ABOVE), "12-15", HOME)


# --- indicators ----------------------------------------------------------------------------------------------------


def test_targets_with_their_year_comparator_and_unit() -> None:
    text = """
        II. MỤC TIÊU
        1. Mục tiêu chung
        Nâng 10% chất lượng.
        2. Mục tiêu cụ thể
        a) Đến năm 2027:
        - Trên 65% cơ quan có kho lưu trữ số;
        - Ít nhất 02 kho dùng chung được vận hành.
        - Hệ thống đạt an toàn cấp độ 3.
        b) Đến năm 2030: 100% tài liệu được số hóa; không quá 1,5% hồ sơ thất lạc.
        III. NHIỆM VỤ
        - 90% việc khác.
        """
    found, findings = read_indicators(sections(lines(text)), "")
    assert [(i.horizon, i.comparator, i.value, i.unit) for i in found] == [
        (2027, ">", 65, "%"),
        (2027, ">=", 2, "kho dùng chung"),
        (2030, ">=", 100, "%"),
        (2030, "<=", 1.5, "%"),
    ]
    assert [finding.code for finding in findings] == ["indicator-without-figure"]


def test_the_title_names_the_year_where_the_section_does_not() -> None:
    text = "I. MỤC TIÊU\n2. Mục tiêu cụ thể\n- 95% hồ sơ được giải quyết đúng hạn."
    (found,), _ = read_indicators(sections(lines(text)), "Kế hoạch cải cách hành chính năm 2026")
    assert (found.horizon, found.value) == (2026, 95)


# --- the document --------------------------------------------------------------------------------------------------


def test_the_block_of_a_legal_site_tells_the_document() -> None:
    text = """
        Số hiệu: 77/KH-UBND
        Ngày ban hành: 05/02/2026
        Người ký: Người Ký Thử
        ỦY BAN NHÂN DÂN
        TỈNH HẬU GIANG
        KẾ HOẠCH LƯU TRỮ SỐ
        NĂM 2026
        Căn cứ Luật Lưu trữ; Quyết định số 458/QĐ-TTg ngày 03 tháng 4 năm 2020;
        Theo đề nghị của Sở Nội vụ tại Tờ trình số 5/TTr-SNV ngày 01/02/2026,
        I. MỤC TIÊU
        """
    info, _ = read_document(lines(text))
    assert (info.number, info.issued_on, info.signed_by) == ("77/KH-UBND", date(2026, 2, 5), "Người Ký Thử")
    assert (info.title, info.authority) == ("LƯU TRỮ SỐ NĂM 2026", "UBND tỉnh Hậu Giang")
    assert info.legal_bases == (LegalBasis("458/QĐ-TTg", date(2020, 4, 3)),)


def test_recipients_end_before_the_archive_line_and_the_signature_beside_them() -> None:
    found = read_recipients(lines("Nơi nhận:\n- Bộ Nội vụ; CHỦ TỊCH\n- Các sở, ban, ngành;\n- Lưu: VT, NC.\n- Sau lưu"))
    assert found == ("Bộ Nội vụ", "Các sở, ban, ngành")


@given(st.text(alphabet="KẾ HOẠCH12.-;:/()ăâáà\n Sở Nội vụ báo cáo trước ngày hằng năm%", max_size=400))
@settings(max_examples=200)
def test_any_text_becomes_a_draft(text: str) -> None:
    found = tuple(Line(part, number=n) for n, part in enumerate(text.split("\n"), 1) if part.strip())
    draft = read_source(Source(found, wrapped=len(found) % 2 == 0))
    assert PlanDraft.from_json(draft.to_json()) == draft


# --- files that are something else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "text-missing"), ("12 / 34\n* * *", "text-missing"), ("Danh sách đi chợ: rau, cá, thịt.", "plan-unlikely")],
)
def test_a_file_that_is_no_plan_is_said_to_be_likely_the_wrong_one(text: str, code: str) -> None:
    codes = [finding.code for finding in read_source(Source(lines(text))).findings]
    assert codes[0] == code and "no-tasks" in codes


def test_a_plan_without_tasks_is_still_a_plan() -> None:
    found = read_source(Source(lines("KẾ HOẠCH\nMở lớp tập huấn cho cán bộ xã năm 2026"))).findings
    assert not {"text-missing", "plan-unlikely"} & {finding.code for finding in found}


def test_what_is_measured_stands_before_the_figure() -> None:
    text = "I. MỤC TIÊU ĐẾN NĂM 2030\n- Thời gian xử lý một hồ sơ không quá 2,5 giờ.\n- Xây dựng ít nhất 3 mô hình mới."
    found, _ = read_indicators(sections(lines(text)), "")
    assert [(each.subject, each.comparator, each.value, each.unit) for each in found] == [
        ("Thời gian xử lý một hồ sơ", "<=", 2.5, "giờ"),
        ("mô hình mới", ">=", 3, "mô hình mới"),
    ]


def test_the_subject_ends_where_an_appendix_begins() -> None:
    document, _ = read_document(lines("KẾ HOẠCH\nPhát triển kho tư liệu năm 2026\nPHỤ LỤC\nDANH MỤC NHIỆM VỤ"))
    assert document.title == "Phát triển kho tư liệu năm 2026"


def test_a_number_broken_in_a_narrow_column_is_whole() -> None:
    heading = ("TT", "Nhiệm vụ", "Đơn vị chủ trì", "Thời gian")
    printed = [heading, *((str(n), f"Việc {n}", "Sở A", "Hằng năm") for n in range(1, 10))]
    printed += [("1 0", "Việc 10", "Sở A", "Hằng năm"), ("1 2", "Việc 11", "Sở A", "Hằng năm")]
    text = "\n".join("\t".join(row) for row in printed)
    draft = read_source(read_text(text.encode()))
    assert [task.ordinal for task in draft.tasks] == list(range(1, 12))
    assert [f.message for f in draft.findings if f.code == "ordinal-renumbered"] == [
        "Nhiệm vụ ghi số “1 2” được đánh số lại thành 11. Hãy đối chiếu với phụ lục."
    ]
