"""Writes `ke-hoach.docx`: a plan laid out as NĐ 30/2020/NĐ-CP asks, with the facts of a real one in our own words.

Run it from anywhere: `python samples/binh-phuoc/build_plan.py`. The same bytes come out each time.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

TITLE = (
    "Triển khai thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025, "
    "định hướng đến năm 2030 trên địa bàn tỉnh Bình Phước"
)

PREAMBLE = (
    "Căn cứ Quyết định số 348/QĐ-TTg ngày 06/4/2023 của Thủ tướng Chính phủ về Chiến lược chuyển đổi số báo chí; "
    "Quyết định số 781/QĐ-BTTTT ngày 08/5/2023 của Bộ Thông tin và Truyền thông về kế hoạch hành động của Chiến lược;",
    "Thực hiện Nghị quyết số 04-NQ/TU ngày 18/5/2021 của Tỉnh ủy về chuyển đổi số;",
    "Xét Tờ trình số 132/TTr-STTTT ngày 11/12/2023 của Sở Thông tin và Truyền thông,",
    "UBND tỉnh lập Kế hoạch chuyển đổi số báo chí của tỉnh với các nội dung sau:",
)

# A line with "# " is a section, "## " a heading inside it, "- " a point of a list.
BODY = """
# I. MỤC ĐÍCH, YÊU CẦU
## 1. Mục đích
- Giúp báo chí trong tỉnh làm nghề bằng công cụ số, gần bạn đọc hơn và có thêm nguồn thu.
- Chia Chiến lược quốc gia thành những việc mà từng đơn vị trong tỉnh làm được và kiểm đếm được.
## 2. Yêu cầu
- Việc nào cũng có người chủ trì, thời gian và kết quả.
- Mọi hệ thống mới phải tính đến an toàn thông tin từ khâu thiết kế.
# II. MỤC TIÊU
## 1. Mục tiêu tổng quát
- Có những cơ quan báo chí chuyên nghiệp, hoạt động tốt trên không gian mạng.
## 2. Mục tiêu cụ thể
## a) Mục tiêu đến năm 2025
- Phấn đấu 100% cơ quan báo chí phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước.
- 50% cơ quan báo chí dùng nền tảng phân tích dữ liệu tập trung và trí tuệ nhân tạo trong công việc.
- Phấn đấu 100% cơ quan báo chí làm việc theo mô hình tòa soạn hội tụ và ra sản phẩm theo xu hướng báo chí số.
- 100% người làm báo, từ lãnh đạo đến phóng viên, đã học cách làm báo số.
- 100% cơ quan báo chí điện tử bảo vệ hệ thống thông tin ở cấp độ 3 hoặc cao hơn.
- Về nguồn thu, phấn đấu có 01 cơ quan báo chí tăng ít nhất 20% doanh thu.
## b) Mục tiêu đến năm 2030
- 100% cơ quan báo chí phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước.
- 100% cơ quan báo chí dùng nền tảng phân tích dữ liệu tập trung và trí tuệ nhân tạo trong công việc.
- 100% cơ quan báo chí làm việc theo mô hình tòa soạn hội tụ và ra sản phẩm theo xu hướng báo chí số.
- Về nguồn thu, có 50% cơ quan báo chí tăng ít nhất 20% doanh thu.
# III. NHIỆM VỤ, GIẢI PHÁP
## 1. Nhận thức và tuyên truyền
- Người đứng đầu cơ quan báo chí đi trước trong thay đổi cách làm báo.
## 2. Quy hoạch báo chí
- Làm tiếp những việc của Kế hoạch số 109/KH-UBND ngày 22/4/2020 của UBND tỉnh.
## 3. Sản phẩm, nền tảng và con người
- Thử các dạng sản phẩm số, chọn nền tảng phù hợp, mở lớp học cho người làm báo.
Việc cụ thể của từng đơn vị nằm ở Phụ lục kèm theo.
# IV. KINH PHÍ THỰC HIỆN
- Lấy từ ngân sách theo phân cấp và các nguồn hợp pháp khác.
# V. TỔ CHỨC THỰC HIỆN
## 1. Sở Thông tin và Truyền thông
- Làm đầu mối: theo dõi, đôn đốc các đơn vị có tên trong Kế hoạch.
- Tổng hợp báo cáo của các đơn vị, gửi Bộ Thông tin và Truyền thông, UBND tỉnh trước ngày 15/12 hằng năm.
- Đề xuất sửa những quy định làm chậm việc chuyển đổi số.
## 2. Sở Tài chính
- Cân đối ngân sách và trình UBND tỉnh phần kinh phí cho Kế hoạch.
## 3. Đài Phát thanh - Truyền hình và Báo Bình Phước; Tạp chí Văn nghệ Bình Phước
- Lập kế hoạch riêng, nêu chỉ tiêu của mỗi năm, và hàng năm tự chấm kết quả.
- Gặp khó khăn thì đề xuất ngay với cấp trên.
## 4. Các sở, ban, ngành, hội, đoàn thể tỉnh; UBND các huyện, thị xã, thành phố
- Tạo thuận lợi để cơ quan báo chí trong tỉnh chuyển đổi số.
# VI. CHẾ ĐỘ BÁO CÁO
Các cơ quan, đơn vị được giao nhiệm vụ nộp báo cáo về Sở Thông tin và Truyền thông trước ngày 30/11 hằng năm; \
khi có việc đột xuất thì nộp theo yêu cầu.
Chỗ nào vướng, đơn vị nêu trong báo cáo để UBND tỉnh xem xét./.
"""

RECIPIENTS = (
    "Bộ TT&TT", "TTTU, TT. HĐND tỉnh", "CT, các PCT UBND tỉnh", "Ban Tuyên giáo Tỉnh ủy",
    "Các sở, ban, ngành, hội, đoàn thể tỉnh", "Đài PT-TH&BBP", "Tạp chí Văn nghệ Bình Phước", "Hội Nhà báo tỉnh",
    "UBND các huyện, thị xã, thành phố", "LĐVP, các Phòng",
)  # fmt: skip
ARCHIVE = "Lưu: VT, KGVX, TD2."

HEADINGS = ("Stt", "Nhiệm vụ, giải pháp", "Đơn vị chủ trì", "Đơn vị phối hợp", "Kết quả", "Thời gian thực hiện")
_PRESS, _LEAD = "Các cơ quan báo chí", "Sở Thông tin và Truyền thông"
_MINISTRY = "Cục Báo chí (Bộ Thông tin và Truyền thông)"
TASKS = (
    ("01", "Làm cho cán bộ quản lý, lãnh đạo, phóng viên, biên tập viên báo chí hiểu vì sao phải chuyển đổi số sớm.",
     _PRESS, _LEAD, "Nội dung trong các cuộc giao ban báo chí và họp nội bộ", "Thường xuyên"),
    ("02", "Ra sản phẩm báo chí số mới.",
     _PRESS, f"{_LEAD}; các đơn vị, địa phương có liên quan", "Kế hoạch từng năm", "Hàng năm"),
    ("03", "Đưa nền tảng số vào công việc của cơ quan báo chí.",
     _PRESS, f"{_MINISTRY}; {_LEAD}", "Bảng kê nền tảng đang dùng", "Thường xuyên"),
    ("04", "Bồi dưỡng người làm báo của tỉnh (mở lớp hoặc cùng mở lớp tập huấn, đào tạo).",
     _LEAD, f"{_MINISTRY}; các cơ quan báo chí và các đơn vị có liên quan", "Mỗi năm từ 01 hoạt động", "Hàng năm"),
    ("05", "Quản lý nhà nước về báo chí tốt hơn; giữ kỷ luật và xử lý sai phạm.",
     _LEAD, "Các cơ quan báo chí và các đơn vị có liên quan", "Báo cáo hoạt động hoặc kiểm tra", "Thường xuyên"),
    ("06", "Theo dõi việc thực hiện quy hoạch báo chí của tỉnh đến năm 2025 và đánh giá.",
     _LEAD, _PRESS, "Báo cáo riêng hoặc lồng ghép", "Hàng năm/ Năm 2025 báo cáo đánh giá cả giai đoạn"),
)  # fmt: skip


def build() -> bytes:
    """The whole document."""
    document = docx.Document()
    _set_page(document)
    _heading_block(document)
    _line(document.add_paragraph(), "KẾ HOẠCH", bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(document.add_paragraph(), TITLE, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    for text in (*PREAMBLE, *BODY.strip().split("\n")):
        _body_line(document, text)
    _closing_block(document)
    _appendix(document)
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.title = f"Kế hoạch {TITLE}"
    document.core_properties.created = document.core_properties.modified = datetime(2024, 1, 2)  # noqa: DTZ001
    buffer = io.BytesIO()
    document.save(buffer)
    return _timeless(buffer.getvalue())


def _set_page(document: Document) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Times New Roman")
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)


def _heading_block(document: Document) -> None:
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    center = WD_ALIGN_PARAGRAPH.CENTER
    body = [("ỦY BAN NHÂN DÂN", 13, True), ("TỈNH BÌNH PHƯỚC", 13, True), ("Số:         /KH-UBND", 13, False)]
    _cell(left, body, center)
    _cell(right, [("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, True), ("Độc lập - Tự do - Hạnh phúc", 13, True)], center)
    place = right.add_paragraph()
    _line(place, "Bình Phước, ngày      tháng      năm 2024", size=13, align=center)
    place.runs[0].italic = True


def _body_line(document: Document, text: str) -> None:
    paragraph = document.add_paragraph()
    level = len(text) - len(text.lstrip("#"))
    _line(paragraph, text.lstrip("# "), bold=level > 0, align=WD_ALIGN_PARAGRAPH.JUSTIFY)
    paragraph.paragraph_format.first_line_indent = Cm(1.27)


def _closing_block(document: Document) -> None:
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    names = [f"- {name};" for name in RECIPIENTS]
    _cell(left, [("Nơi nhận:", 12, True), *((name, 11, False) for name in [*names, f"- {ARCHIVE}"])])
    signature = [("KT. CHỦ TỊCH", 14, True), ("PHÓ CHỦ TỊCH", 14, True), ("", 14, False), ("Trần Tuyết Minh", 14, True)]
    _cell(right, signature, WD_ALIGN_PARAGRAPH.CENTER)


def _appendix(document: Document) -> None:
    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    center = WD_ALIGN_PARAGRAPH.CENTER
    _line(document.add_paragraph(), "PHỤ LỤC", bold=True, align=center)
    _line(document.add_paragraph(), "NHIỆM VỤ CHUYỂN ĐỔI SỐ BÁO CHÍ TỈNH BÌNH PHƯỚC", bold=True, align=center)
    _line(document.add_paragraph(), "(Kèm theo Kế hoạch số      /KH-UBND ngày   /   /2024 của UBND tỉnh)", align=center)
    table = document.add_table(rows=0, cols=len(HEADINGS), style="Table Grid")
    for index, texts in enumerate((HEADINGS, *TASKS)):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            _cell(cell, [(text, 12, index == 0)])


def _cell(cell: _Cell, lines: list[tuple[str, int, bool]], align: WD_ALIGN_PARAGRAPH | None = None) -> None:
    for index, (text, size, bold) in enumerate(lines):
        paragraph = cell.paragraphs[0] if index == 0 else cell.add_paragraph()
        _line(paragraph, text, size=size, bold=bold, align=align, after=0)


def _line(
    paragraph: Paragraph, text: str, *, size: int = 14, bold: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None, after: int = 6,
) -> None:  # fmt: skip
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(size), bold
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(after)


def _timeless(data: bytes) -> bytes:
    """The same package with one fixed time on every part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            fixed = zipfile.ZipInfo(part.filename, (1980, 1, 1, 0, 0, 0))
            target.writestr(fixed, source.read(part), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


if __name__ == "__main__":
    Path(__file__).with_name("ke-hoach.docx").write_bytes(build())
