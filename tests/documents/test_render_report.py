"""The report in its three file formats, opened again by other code than drew it."""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from PIL import Image, ImageOps
from programs import program
from pypdf import PdfReader

from documents.layout import REHEARSAL_MARK, compose
from documents.render_docx import render_docx
from documents.render_pdf import render_pdf
from documents.render_xlsx import render_xlsx
from documents.report_body import report_body
from domain.reporting import FourCounts, ReporterRow, RollupDocument, TaskProgress, UnitReport
from domain.status import STATE_WORDS, State

AT = datetime(2024, 12, 5, 1, 0, tzinfo=UTC)
DUE = datetime(2024, 11, 29, 17, 0, tzinfo=UTC)
STTTT = "Sở Thông tin và Truyền thông"
PRESS = ("Đài Phát thanh - Truyền hình và Báo Bình Phước", "Tạp chí Văn nghệ Bình Phước")
TITLES = (
    "Nâng cao nhận thức về chuyển đổi số cho người làm báo trong tỉnh",
    "Phát triển các sản phẩm báo chí số",
    "Ứng dụng nền tảng số cho các cơ quan báo chí",
    "Phát triển nguồn nhân lực báo chí tỉnh",
    "Nâng cao hiệu quả quản lý nhà nước đối với hoạt động báo chí",
    "Theo dõi, đánh giá việc thực hiện quy hoạch báo chí trên địa bàn tỉnh",
)


def _answers(ordinal: int) -> tuple[UnitReport, ...]:
    if ordinal > 3:
        done = "Đã tổ chức 02 lớp tập huấn cho 64 lượt phóng viên, biên tập viên; mở 01 chuyên mục hỏi đáp."
        return (UnitReport(STTTT, done, "Đạt", 100, received_at=DUE - timedelta(days=3), on_time=True),)
    first = UnitReport(
        PRESS[0],
        "Đưa 100% chương trình thời sự lên nền tảng số trong nước; thử nghiệm bản tin âm thanh tự động hằng ngày.",
        "Vượt" if ordinal == 2 else "Chậm",
        75,
        "Thiếu nhân lực kỹ thuật; thiết bị dựng phim đã hết khấu hao từ năm 2021.",
        "Bố trí kinh phí thay thiết bị trong dự toán năm 2025.",
        received_at=DUE + timedelta(hours=9),
        on_time=False,
    )
    if ordinal == 1:
        nil = UnitReport(PRESS[1], nil=True, nil_reason="chưa được giao kinh phí", received_at=DUE, on_time=True)
        return first, nil
    return first, UnitReport(PRESS[1])


def sample(tasks: int = 6, **changes: Any) -> RollupDocument:
    """A report on a year of the plan, all invented but the plan's own facts."""
    states = (State.DONE_LATE, State.OPEN_OVERDUE, State.OPEN_IN_TERM, State.DONE_ON_TIME, State.DONE_ON_TIME)
    rows = tuple(
        TaskProgress(
            number,
            TITLES[(number - 1) % len(TITLES)],
            (STTTT,) if number > 3 else PRESS,
            PRESS if number > 3 else (STTTT,),
            "Kế hoạch hằng năm",
            "Hằng năm",
            STATE_WORDS[states[number % len(states)]],
            _answers(number),
        )
        for number in range(1, tasks + 1)
    )
    reporters = tuple(
        ReporterRow(
            unit.unit_name,
            f"Nhiệm vụ {task.ordinal:02d}",
            DUE,
            unit.received_at,
            STATE_WORDS[
                State.OPEN_OVERDUE
                if unit.received_at is None
                else State.DONE_ON_TIME
                if unit.on_time
                else State.DONE_LATE
            ],
            "Đã báo thủ trưởng đơn vị ngày 04/12/2024" if unit.received_at is None else "",
        )
        for task in rows
        for unit in task.sources
    )
    doc = RollupDocument(
        plan_number="15/KH-UBND",
        plan_issued_on=date(2024, 1, 5),
        plan_title="Triển khai thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025, định hướng đến năm 2030 "
        "trên địa bàn tỉnh Bình Phước",
        authority="UBND tỉnh Bình Phước",
        province="Bình Phước",
        lead_agency=STTTT,
        superior="UBND TỈNH BÌNH PHƯỚC",
        place="Bình Phước",
        period_label="năm 2024",
        period_from=date(2023, 12, 15),
        period_to=date(2024, 12, 14),
        cutoff=date(2024, 11, 15),
        due_text="trước ngày 30/11/2024",
        compiled_at=AT,
        lateness_policy="hết ngày 29/11/2024 (đúng chữ “trước ngày 30/11”)",
        supplement=0,
        task_counts=FourCounts(2, 1, 1, 2),
        obligation_counts=FourCounts(4, 3, 0, 2),
        tasks=rows,
        reporters=reporters,
        recipients=("Bộ Thông tin và Truyền thông", "Ủy ban nhân dân tỉnh Bình Phước"),
        notation="BC-STTTT",
        number=None,
        signer_title="KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC",
        signer_name=None,
        signed_at=None,
        rehearsal=False,
        copies=("Giám đốc, các Phó Giám đốc Sở",),
        filing_unit="TTBCXB",
    )
    return replace(doc, **changes)


def _pages(data: bytes) -> list[str]:
    pages = [unicodedata.normalize("NFC", page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]
    return [" ".join(page.replace("\u00a0", " ").split()) for page in pages]


def _docx_text(data: bytes) -> str:
    body = Document(io.BytesIO(data)).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


@pytest.mark.parametrize("render", [render_docx, render_pdf, render_xlsx])
def test_equal_input_gives_equal_bytes(render: Any) -> None:
    assert render(sample()) == render(sample())
    assert render(sample()) != render(sample(period_label="năm 2025"))


def test_docx_has_the_decreed_page_and_font() -> None:
    paper = Document(io.BytesIO(render_docx(sample())))
    first: Any = paper.sections[0]
    assert (round(first.page_width.mm), round(first.page_height.mm)) == (210, 297)
    assert 30 <= round(first.left_margin.mm) <= 35 and 15 <= round(first.right_margin.mm) <= 20
    assert 20 <= round(first.top_margin.mm) <= 25 and 20 <= round(first.bottom_margin.mm) <= 25
    assert first.different_first_page_header_footer and "PAGE" in first.header._element.xml
    assert "PAGE" not in first.first_page_header._element.xml
    assert paper.styles["Normal"].font.name == "Times New Roman"
    wide: list[Any] = list(paper.sections)[1:]
    assert all(section.page_width > section.page_height for section in wide)
    assert "w:shd" not in paper.element.xml


def test_docx_reads_as_a_report() -> None:
    text = _docx_text(render_docx(sample()))
    order = [
        "UBND TỈNH BÌNH PHƯỚC",
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "BÁO CÁO",
        "Kính gửi:",
        "I. CÔNG TÁC CHỈ ĐẠO",
        "II. KẾT QUẢ THỰC HIỆN",
        "tổng số 6 nhiệm vụ; hoàn thành 3 (đúng hạn 2, quá hạn 1); đang thực hiện 3 (trong hạn 1, quá hạn 2)",
        "tổng số 9 nghĩa vụ; hoàn thành 7",
        "III. ĐÁNH GIÁ",
        "Chưa gửi báo cáo, đã quá hạn (2 báo cáo): Tạp chí Văn nghệ Bình Phước (nhiệm vụ 02, 03)",
        "IV. PHƯƠNG HƯỚNG, KIẾN NGHỊ",
        "trân trọng báo cáo./.",
        "Nơi nhận:",
        "- Như trên;",
        "- Lưu: VT, TTBCXB.",
        "KT. GIÁM ĐỐC",
        "TIẾN ĐỘ THỰC HIỆN NHIỆM VỤ",
        "Không phát sinh: chưa được giao kinh phí",
        "TÌNH HÌNH GỬI BÁO CÁO",
        "Chưa gửi",
    ]
    at = 0
    for part in order:
        at = text.find(part, at)
        assert at >= 0, part


def test_number_and_date_stay_blank_until_signed() -> None:
    blank = compose(sample())
    assert re.fullmatch(r"Số:\s{8,}/BC-STTTT", blank.number_line)
    assert re.fullmatch(r"Bình Phước, ngày\s+tháng\s+năm 2024", blank.place_date)
    signed = compose(sample(number="7", signed_at=datetime(2025, 1, 5, 2, 0, tzinfo=UTC), signer_name="Trần Thị Ánh"))
    assert signed.number_line == "Số: 07/BC-STTTT"
    assert signed.place_date == "Bình Phước, ngày 05 tháng 01 năm 2025"
    assert "số 07/BC-STTTT ngày 05 tháng 01 năm 2025" in signed.appendices[0].note


def test_docx_tables_repeat_their_header_and_keep_rows_whole() -> None:
    long = replace(sample().tasks[0], sources=(UnitReport("Sở A", "dài " * 800, received_at=DUE),))
    tables = Document(io.BytesIO(render_docx(sample(tasks=60)))).tables[-2:]
    table: Any
    for table in tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    broken = Document(io.BytesIO(render_docx(replace(sample(), tasks=(long,))))).tables[-2]
    assert broken.rows[1]._tr.find(qn("w:trPr")) is None


def test_pdf_embeds_its_fonts_and_its_text_is_vietnamese() -> None:
    data = render_pdf(sample())
    reader = PdfReader(io.BytesIO(data))
    page: Any
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object().get("/FontDescriptor")
            assert descriptor is not None, f"{font.get_object()['/BaseFont']} is not embedded"
            assert "/FontFile2" in descriptor.get_object() and "NotoSerif" in font.get_object()["/BaseFont"]
    text = " ".join(_pages(data))
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text and "Độc lập - Tự do - Hạnh phúc" in text
    assert "Thiếu nhân lực kỹ thuật; thiết bị dựng phim đã hết khấu hao" in text


def test_pdf_repeats_headers_and_numbers_pages_of_each_part() -> None:
    pages = _pages(render_pdf(sample(tasks=60)))
    starts = [i for i, page in enumerate(pages) if page.startswith("Phụ lục")]
    assert len(starts) == 2 and starts[1] - starts[0] >= 3
    assert all("Khó khăn, vướng mắc" in page for page in pages[starts[0] : starts[1]])
    assert all("Thời điểm nhận" in page for page in pages[starts[1] :])
    assert pages[starts[0] + 1].startswith("2 ") and pages[starts[1] + 1].startswith("2 ")
    assert pages[1].startswith("2 ") and not pages[0].startswith("1 ")


def test_a_cell_longer_than_a_page_is_drawn_to_its_end() -> None:
    long = UnitReport(PRESS[0], "rất dài " * 2500 + "hết", received_at=DUE, difficulties="W" * 5000)
    doc = sample()
    text = " ".join(_pages(render_pdf(replace(doc, tasks=(replace(doc.tasks[0], sources=(long,)),)))))
    assert text.count("dài") >= 5000  # once in the body, once in the appendix
    assert "hết" in text


def test_many_difficulties_are_counted_in_the_body_and_told_in_the_appendix() -> None:
    body = [para.text for para in compose(sample(tasks=60)).body]
    assert not any("thiết bị dựng phim" in text for text in body[:5])
    units = tuple(
        UnitReport(f"Đơn vị {i}", "xong", difficulties=f"thiếu {i} người", received_at=DUE) for i in range(50)
    )
    doc = sample()
    crowded = compose(replace(doc, tasks=(replace(doc.tasks[0], sources=units),)))
    assert "Có 50 nội dung, nêu cụ thể tại Phụ lục I." in [para.text for para in crowded.body]


def test_a_rehearsal_says_so_on_the_paper() -> None:
    assert all(REHEARSAL_MARK in page for page in _pages(render_pdf(sample(rehearsal=True))))
    with zipfile.ZipFile(io.BytesIO(render_docx(sample(rehearsal=True)))) as archive:
        footers = [archive.read(name).decode() for name in archive.namelist() if "footer" in name]
    assert footers and all(REHEARSAL_MARK in footer for footer in footers)
    assert REHEARSAL_MARK not in " ".join(_pages(render_pdf(sample())))


def test_empty_period_still_makes_a_whole_report() -> None:
    empty = sample(tasks=0, task_counts=FourCounts(), obligation_counts=FourCounts(), recipients=(), superior="")
    assert "Các đơn vị không nêu khó khăn, vướng mắc." in _docx_text(render_docx(empty))
    assert len(_pages(render_pdf(empty))) >= 3
    assert load_workbook(io.BytesIO(render_xlsx(empty))).sheetnames


QUARTERS = tuple(f"quý {each} năm 2024" for each in ("I", "II", "III", "IV"))


def by_quarters() -> RollupDocument:
    """The sample with a report of every quarter from each unit, as a yearly rollup over quarters has them."""
    doc = sample(3)
    tasks = tuple(
        replace(task, sources=tuple(replace(u, round_name=name) for u in task.sources for name in QUARTERS))
        for task in doc.tasks
    )
    rows = tuple(replace(row, round_name=name) for row in doc.reporters for name in QUARTERS)
    return replace(doc, tasks=tasks, reporters=rows)


def test_rounds_of_one_period_are_told_apart_in_every_format() -> None:
    doc = by_quarters()
    words = " ".join(para.text for para in report_body(doc))
    assert f"{PRESS[0]}, quý II năm 2024: " in words
    assert f"{PRESS[1]} (nhiệm vụ 02 ({', '.join(QUARTERS)}), 03 ({', '.join(QUARTERS)}))" in words
    progress, reporters = compose(doc).appendices
    assert [row[2] for row in progress.rows[:2]] == [f"{PRESS[0]} (chủ trì), {name}" for name in QUARTERS[:2]]
    assert reporters.rows[3][2] == "Nhiệm vụ 01, quý IV năm 2024"
    book = load_workbook(io.BytesIO(render_xlsx(doc)))
    for sheet, before in ((book.worksheets[1], "Đơn vị báo cáo"), (book.worksheets[2], "Nhiệm vụ")):
        heads = [cell.value for cell in sheet[1]]
        place = heads.index("Kỳ báo cáo")
        assert heads[place - 1] == before
        assert [row[place].value for row in sheet.iter_rows(min_row=2, max_row=5)] == list(QUARTERS)


def test_one_round_in_a_period_needs_no_name() -> None:
    plain = sample()
    assert "Kỳ báo cáo" not in [cell.value for cell in load_workbook(io.BytesIO(render_xlsx(plain))).worksheets[1][1]]
    assert [row[2] for row in compose(plain).appendices[1].rows[:2]] == ["Nhiệm vụ 01", "Nhiệm vụ 01"]


def test_many_rounds_are_counted_in_the_body() -> None:
    doc = by_quarters()
    weeks = tuple(replace(row, round_name=f"tuần {n} năm 2024") for row in doc.reporters[-1:] for n in range(1, 41))
    weekly = replace(
        doc.tasks[0], sources=tuple(replace(doc.tasks[0].sources[0], round_name=f"{n}") for n in range(61))
    )
    words = " ".join(para.text for para in report_body(replace(doc, reporters=weeks, tasks=(weekly,))))
    assert f"{PRESS[1]} (nhiệm vụ 03 (40 kỳ))" in words
    assert weekly.sources[0].result not in words, "the appendix tells each week's"


def test_xlsx_has_three_sheets_with_real_dates() -> None:
    book = load_workbook(io.BytesIO(render_xlsx(sample())))
    assert book.sheetnames == ["Tổng hợp", "Tiến độ nhiệm vụ", "Tình hình báo cáo"]
    assert all(sheet.freeze_panes == "A2" for sheet in book)
    reports = book["Tình hình báo cáo"]
    assert reports["D2"].value == datetime(2024, 11, 30)  # noqa: DTZ001 - sheets know no time zones
    assert book["Tổng hợp"]["A2"].value == "Tổng số"
    assert [cell.value for cell in book["Tổng hợp"]["B"][1:6]] == [6, 2, 1, 1, 2]
    assert "Chưa gửi" in [cell.value for cell in reports["E"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " ="])
def test_xlsx_never_takes_what_a_unit_typed_for_a_formula(start: str) -> None:
    evil = f'{start}HYPERLINK("http://x","y")'
    doc = sample()
    task = replace(doc.tasks[0], sources=(UnitReport(PRESS[0], evil, received_at=DUE, difficulties=evil),))
    sheet = load_workbook(io.BytesIO(render_xlsx(replace(doc, tasks=(task,)))))["Tiến độ nhiệm vụ"]
    found = [cell for cell in sheet[2] if cell.value == evil.strip()]
    assert len(found) == 2
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


def test_decomposed_letters_are_composed_and_control_characters_dropped() -> None:
    name = unicodedata.normalize("NFD", "Đài Truyền hình") + "\x0b\x00 tỉnh"
    doc = sample()
    task = replace(doc.tasks[0], sources=(UnitReport(name, "tốt", received_at=DUE),))
    odd = replace(doc, tasks=(task,))
    assert "Đài Truyền hình tỉnh" in _docx_text(render_docx(odd))
    assert "Đài Truyền hình tỉnh" in " ".join(_pages(render_pdf(odd)))
    assert "Đài Truyền hình tỉnh" in [c.value for c in load_workbook(io.BytesIO(render_xlsx(odd))).worksheets[1]["H"]]


def test_ink_stays_inside_the_margins(tmp_path: Path) -> None:
    """The PDF drawn to pictures: every page has ink, and none outside the margins of NĐ 30/2020."""
    pdftoppm = program("pdftoppm", package="poppler-utils")
    (tmp_path / "report.pdf").write_bytes(render_pdf(sample(60)))
    subprocess.run([pdftoppm, "-r", "50", "-gray", tmp_path / "report.pdf", tmp_path / "page"], check=True)
    pages = sorted(tmp_path.glob("page-*.pgm"))
    assert len(pages) > 5
    for page in pages:
        picture, dot = Image.open(page), 50 / 25.4
        box = ImageOps.invert(picture.convert("L")).point(lambda ink: 255 if ink > 159 else 0).getbbox()
        assert box is not None, f"{page.name} is empty"
        left, _, right, bottom = box
        assert left >= (29 if picture.height > picture.width else 19) * dot, page.name
        assert right <= picture.width - 14 * dot, page.name
        assert bottom <= picture.height - 5 * dot, page.name
