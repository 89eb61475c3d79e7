"""The drafted công văn đôn đốc: its form after NĐ 30/2020/NĐ-CP, its words, and that no text breaks it."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.layout import REHEARSAL_MARK
from documents.render_letter import render_letter
from domain.letters import (
    BODY_ROWS,
    COLUMNS,
    LetterRow,
    UrgingLetter,
    appendix_note,
    copies,
    demands,
    letterhead,
    number_line,
    opening,
    place_date,
    row_cells,
    subject,
)
from domain.reporting import canonical_json
from domain.workdays import VIETNAM, end_of

LEAD = "Sở Thông tin và Truyền thông"
UNIT = "Tạp chí Văn nghệ Bình Phước"
ROW = LetterRow(
    reference="bp-2024/2/2024",
    task_label="Nhiệm vụ 02",
    task_title="Phát triển các sản phẩm báo chí số",
    period="năm 2024",
    due_text="trước ngày 30/11/2024",
    late_at=end_of(date(2024, 11, 29)),
    workdays_late=7,
)


def letter(rows: int = 1, **changes: Any) -> UrgingLetter:
    """A letter about so many late reports, all invented but the plan's own facts."""
    draft = UrgingLetter(
        authority="UBND tỉnh Bình Phước",
        place="Bình Phước",
        addressee=UNIT,
        plan_title="Kế hoạch Triển khai thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025",
        plan_number="15/KH-UBND",
        plan_issued_on=date(2024, 1, 5),
        lead_agency=LEAD,
        rows=tuple(replace(ROW, task_label=f"Nhiệm vụ {n:02d}") for n in range(1, rows + 1)),
        drafted_on=date(2024, 12, 10),
        answer_by=date(2024, 12, 17),
        recipients=("Chủ tịch UBND tỉnh", LEAD),
        filing_unit="KGVX",
    )
    return replace(draft, **changes)


def paper_of(draft: UrgingLetter) -> Any:
    return Document(io.BytesIO(render_letter(draft)))


def text_of(draft: UrgingLetter) -> str:
    body = paper_of(draft).element.body
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p")))


def ruled(paper: Any) -> Any:
    """The table of late reports: the only one that is ruled."""
    (table,) = (table for table in paper.tables if table.style.name == "Table Grid")
    return table


# --- the form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, BODY_ROWS + 1])
def test_every_page_is_as_decreed(rows: int) -> None:
    paper = paper_of(letter(rows))
    assert len(paper.sections) == (1 if rows <= BODY_ROWS else 2)
    for section in paper.sections:
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert 30 <= round(section.left_margin.mm) <= 35 and 15 <= round(section.right_margin.mm) <= 20
        assert 20 <= round(section.top_margin.mm) <= 25 and 20 <= round(section.bottom_margin.mm) <= 25
        assert section.different_first_page_header_footer and "PAGE" in section.header._element.xml
        assert "PAGE" not in section.first_page_header._element.xml
    assert paper.styles["Normal"].font.name == "Times New Roman"
    xml = paper.element.xml
    assert "w:shd" not in xml and "<w:color" not in xml
    sizes = {int(size.get(qn("w:val"))) / 2 for size in paper.element.body.iter(qn("w:sz"))}
    assert sizes <= {11, 12, 13, 14}


def _paragraph(paper: Any, words: str) -> Any:
    cells = [cell for table in paper.tables for row in table.rows for cell in row.cells]
    found = [*paper.paragraphs, *(p for cell in cells for p in cell.paragraphs)]
    return next(p for p in found if p.text.startswith(words))


@pytest.mark.parametrize(
    ("words", "size", "bold", "italic", "align"),
    [
        ("ỦY BAN NHÂN DÂN", 12, True, False, "CENTER"),
        ("TỈNH BÌNH PHƯỚC", 12, True, False, "CENTER"),
        ("CỘNG HÒA XÃ HỘI", 12, True, False, "CENTER"),
        ("Độc lập", 13, True, False, "CENTER"),
        ("Số:", 13, False, False, "CENTER"),
        ("V/v", 12, False, False, "CENTER"),
        ("Bình Phước, ngày", 13, False, True, "CENTER"),
        ("Kính gửi:", 14, False, False, "CENTER"),
        ("Thực hiện Kế hoạch", 14, False, False, "JUSTIFY"),
        ("Nơi nhận:", 12, True, True, "LEFT"),
        ("- Như trên;", 11, False, False, "LEFT"),
        ("CHỦ TỊCH", 14, True, False, "CENTER"),
    ],
)
def test_each_part_has_its_letters(words: str, size: int, bold: bool, italic: bool, align: str) -> None:
    paragraph = _paragraph(paper_of(letter()), words)
    run = next(run for run in paragraph.runs if run.text)
    assert (run.font.size.pt, run.bold, run.italic, paragraph.alignment.name) == (size, bold, italic, align)


def test_the_body_is_indented_and_spaced() -> None:
    for words in (*opening(letter()), *demands(letter())):
        shape = _paragraph(paper_of(letter()), words).paragraph_format
        assert 10 <= shape.first_line_indent.mm <= 12.7 and shape.space_before.pt >= 6


def test_it_reads_as_a_letter() -> None:
    text, at = text_of(letter(2)), 0
    for part in (
        "ỦY BAN NHÂN DÂN",
        "TỈNH BÌNH PHƯỚC",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số:",
        "V/v đôn đốc gửi báo cáo quá hạn thực hiện Kế hoạch số 15/KH-UBND",
        "tháng 12 năm 2024",
        f"Kính gửi: {UNIT}",
        "Thực hiện Kế hoạch số 15/KH-UBND ngày 05/01/2024 của UBND tỉnh Bình Phước triển khai thực hiện",
        f"Tính đến ngày 10/12/2024, {UNIT} còn 02 báo cáo chưa gửi, đều đã quá hạn 07 ngày làm việc, cụ thể như sau:",
        *COLUMNS,
        "Nhiệm vụ 01: Phát triển các sản phẩm báo chí số (mã bp-2024/2/2024)",
        "Năm 2024",
        "trước ngày 30/11/2024 (hết ngày 29/11/2024)",
        f"về {LEAD}, chậm nhất ngày 17/12/2024.",
        f"Giải trình bằng văn bản với UBND tỉnh Bình Phước, đồng gửi {LEAD}, về nguyên nhân",
        "./.",
        "- Như trên;",
        "- Chủ tịch UBND tỉnh;",
        "- Lưu: VT, KGVX.",
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
    ):
        at = text.find(part, at)
        assert at >= 0, part
    assert "Phụ lục" not in text


def test_many_reports_go_to_an_appendix_that_the_body_names() -> None:
    few, many = text_of(letter(BODY_ROWS)), text_of(letter(BODY_ROWS + 1))
    assert "Phụ lục" not in few and few.index("Nhiệm vụ 08") < few.index("Nơi nhận:")
    assert many.index("nêu tại Phụ lục kèm theo Công văn này.") < many.index("Nơi nhận:") < many.index("Nhiệm vụ 01")
    assert appendix_note(letter()) in many
    table = ruled(paper_of(letter(30)))
    assert len(table.rows) == 31 and len(table.columns) == len(COLUMNS) <= 5
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_the_signature_does_not_stand_alone_on_its_page() -> None:
    paper = paper_of(letter(3))
    assert _paragraph(paper, demands(letter())[-1]).paragraph_format.keep_with_next
    assert paper.tables[-1].rows[0]._tr.trPr.find(qn("w:cantSplit")) is not None


@pytest.mark.parametrize("rows", [1, BODY_ROWS + 1])
def test_a_rehearsal_says_so_on_every_page(rows: int) -> None:
    for section in paper_of(letter(rows, rehearsal=True)).sections:
        for part in (section.first_page_header, section.first_page_footer, section.footer):
            assert part.paragraphs[0].text == REHEARSAL_MARK
    with zipfile.ZipFile(io.BytesIO(render_letter(letter(rows)))) as archive:
        assert not any(REHEARSAL_MARK in archive.read(name).decode() for name in archive.namelist() if "xml" in name)


# --- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, r"Số:\s{8,}/UBND"),
        ({"notation": "UBND-KGVX"}, r"Số:\s{8,}/UBND-KGVX"),
        ({"authority": LEAD}, r"Số:\s{8,}/\s{8,}"),
        ({"number": "7", "notation": "UBND-KGVX"}, "Số: 07/UBND-KGVX"),
        ({"number": "0123"}, "Số: 123/UBND"),
        ({"number": "1" * 5000}, "Số: 1+/UBND"),
        ({"number": "45/UBND-TH", "notation": "UBND-KGVX"}, "Số: 45/UBND-TH"),
        ({"number": "12a", "notation": "UBND"}, "Số: 12a/UBND"),
    ],
)
def test_the_number_is_the_clerks(changes: dict[str, Any], line: str) -> None:
    assert re.fullmatch(line, number_line(letter(**changes)))


def test_the_day_stays_blank_until_the_letter_is_issued() -> None:
    assert re.fullmatch(r"Bình Phước, ngày\s{8,}tháng 12 năm 2024", place_date(letter()))
    assert place_date(letter(drafted_on=date(2025, 2, 2))).endswith("tháng 02 năm 2025")
    assert place_date(letter(issued_on=date(2024, 12, 5))) == "Bình Phước, ngày 05 tháng 12 năm 2024"
    issued = letter(number="7", notation="UBND-KGVX", issued_on=date(2024, 12, 11))
    assert appendix_note(issued).startswith("(Kèm theo Công văn số 07/UBND-KGVX ngày 11 tháng 12 năm 2024 của UBND")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("UBND tỉnh Bình Phước", ("ỦY BAN NHÂN DÂN", "TỈNH BÌNH PHƯỚC")),
        ("Ủy ban nhân dân thành phố Cần Thơ", ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ CẦN THƠ")),
        ("Uỷ ban nhân dân xã A", ("ỦY BAN NHÂN DÂN", "XÃ A")),
        (LEAD, ("SỞ THÔNG TIN VÀ TRUYỀN THÔNG",)),
    ],
)
def test_a_letterhead_splits_a_committee_from_its_territory(name: str, lines: tuple[str, ...]) -> None:
    assert letterhead(name) == lines


def test_a_plan_without_number_and_date_is_called_by_its_title() -> None:
    bare = letter(plan_number=None, plan_issued_on=None)
    assert opening(bare)[0].startswith("Thực hiện Kế hoạch của UBND tỉnh Bình Phước triển khai thực hiện Chiến lược")
    assert subject(bare) == "V/v đôn đốc gửi báo cáo quá hạn", "a subject is short and whole"
    assert subject(letter()) == "V/v đôn đốc gửi báo cáo quá hạn thực hiện Kế hoạch số 15/KH-UBND"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "trước ngày 30/11/2024 (hết ngày 29/11/2024)"),
        ({"due_text": ""}, "hết ngày 29/11/2024"),
        (
            {"extension": "gia hạn đến hết ngày 03/12/2024", "late_at": end_of(date(2024, 12, 3))},
            "trước ngày 30/11/2024; gia hạn đến hết ngày 03/12/2024",
        ),
        ({"due_text": "trước 16 giờ 00 ngày thứ Sáu", "late_at": end_of(date(2024, 11, 28)).replace(hour=16)},
         "trước 16 giờ 00 ngày thứ Sáu (16:00 ngày 29/11/2024)"),
    ],
)  # fmt: skip
def test_the_deadline_tells_the_plans_words_and_what_was_too_late(changes: dict[str, Any], words: str) -> None:
    assert row_cells(1, replace(ROW, **changes))[3] == words


def test_a_row_says_what_it_has() -> None:
    common = replace(ROW, reference="", task_label="Báo cáo chung", task_title="", period="quý II/2024")
    assert row_cells(3, common)[:3] == ("3", "Báo cáo chung", "Quý II/2024")
    long = row_cells(1, replace(ROW, task_title="Triển khai " * 100))[1]
    assert len(long) < 350 and "… (mã bp-2024/2/2024)" in long


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((9,), "còn 01 báo cáo chưa gửi, đã quá hạn 09 ngày làm việc, cụ thể"),
        ((8, 8), "còn 02 báo cáo chưa gửi, đều đã quá hạn 08 ngày làm việc, cụ thể"),
        ((7, 12, 8), "còn 03 báo cáo chưa gửi, trong đó báo cáo chậm nhất đã quá hạn 12 ngày làm việc, cụ thể"),
    ],
)
def test_lateness_is_counted_from_the_rows(days: tuple[int, ...], words: str) -> None:
    rows = tuple(replace(ROW, workdays_late=each) for each in days)
    assert words in opening(replace(letter(), rows=rows))[1]


def test_nobody_is_asked_to_report_to_itself() -> None:
    to_lead = "\n".join(demands(letter(addressee=LEAD)))
    assert f"về {LEAD}" not in to_lead and "đồng gửi" not in to_lead and "Giao" not in to_lead
    assert f"- {LEAD};" not in text_of(letter(addressee=LEAD))
    by_lead = "\n".join(demands(letter(authority=LEAD, plan_authority="UBND tỉnh Bình Phước")))
    assert f"gửi báo cáo nêu trên về {LEAD}" in by_lead and "đồng gửi" not in by_lead and "Giao" not in by_lead
    assert f"Giao {LEAD} theo dõi" in "\n".join(demands(letter()))
    assert "của UBND tỉnh Bình Phước" in opening(letter(authority=LEAD, plan_authority="UBND tỉnh Bình Phước"))[0]


def test_a_department_writes_under_its_superior() -> None:
    text = text_of(
        letter(
            authority=LEAD,
            superior="UBND tỉnh Bình Phước",
            notation="STTTT-BCXB",
            signer_title=("KT. GIÁM ĐỐC", "phó giám đốc"),
            signer_name="Trần Thị Ánh",
            filing_unit="",
        )
    )
    assert text.index("UBND TỈNH BÌNH PHƯỚC") < text.index(LEAD.upper()) < text.index("/STTTT-BCXB")
    assert text.index("KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC") < text.index("Trần Thị Ánh")
    assert copies(letter(filing_unit=""))[-1] == "Lưu: VT"


def test_a_letter_without_late_reports_is_refused() -> None:
    with pytest.raises(ValueError, match="one late report"):
        letter(0)


def test_a_letter_has_one_canonical_form() -> None:
    assert canonical_json(letter(2)) == canonical_json(letter(2)) != canonical_json(letter(3))


# --- whatever is typed -----------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=60) | st.sampled_from(
    ["", "ΐ", "W" * 400, "rất dài " * 200, "<w:p/>&amp;", "\x00\x0b\u2028\uffff"]
)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(VIETNAM))  # noqa: DTZ001
ROWS = st.builds(
    LetterRow, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, late_at=INSTANTS, workdays_late=st.integers(0, 999), extension=TEXTS
)
LETTERS = st.builds(
    UrgingLetter,
    authority=TEXTS,
    place=TEXTS,
    addressee=TEXTS,
    plan_title=TEXTS,
    plan_number=st.none() | TEXTS,
    plan_issued_on=st.none() | DAYS,
    lead_agency=TEXTS,
    rows=st.lists(ROWS, min_size=1, max_size=BODY_ROWS + 2).map(tuple),
    drafted_on=DAYS,
    answer_by=DAYS,
    superior=TEXTS,
    notation=TEXTS,
    number=st.none() | TEXTS,
    issued_on=st.none() | DAYS,
    plan_authority=TEXTS,
    signer_title=st.lists(TEXTS, max_size=3).map(tuple),
    signer_name=TEXTS,
    recipients=st.lists(TEXTS, max_size=3).map(tuple),
    filing_unit=TEXTS,
    rehearsal=st.booleans(),
)


@settings(max_examples=25, deadline=None)
@given(LETTERS)
def test_no_text_breaks_a_letter(draft: UrgingLetter) -> None:
    data = render_letter(draft)
    assert data == render_letter(draft)
    paper: Any = Document(io.BytesIO(data))
    assert [[cell.text for cell in row.cells] for row in ruled(paper).rows] == [
        list(COLUMNS),
        *(list(row_cells(index, row)) for index, row in enumerate(draft.rows, 1)),
    ]
    body = [paragraph.text for paragraph in paper.paragraphs]
    assert all(words in body for words in (*opening(draft), *demands(draft)))


@settings(deadline=None)
@given(LETTERS)
def test_every_line_is_one_clean_line(draft: UrgingLetter) -> None:
    lines = [subject(draft), place_date(draft), number_line(draft), appendix_note(draft), *letterhead(draft.authority)]
    lines += [*opening(draft), *demands(draft), *copies(draft), *row_cells(1, draft.rows[0])]
    for line in lines:
        assert unicodedata.is_normalized("NFC", line)
        assert not any(unicodedata.category(letter) == "Cc" for letter in line)
    assert f"còn {len(draft.rows):02d} báo cáo" in opening(draft)[1]
    assert demands(draft)[-1].endswith("./.")


@settings(max_examples=10, deadline=None)
@given(LETTERS)
def test_another_letter_is_another_file(draft: UrgingLetter) -> None:
    assert render_letter(draft) != render_letter(replace(draft, answer_by=date(2091, 1, 1)))
