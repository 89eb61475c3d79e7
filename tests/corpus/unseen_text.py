"""Unseen plans that come as Markdown, HTML, text and a spreadsheet: what stands in them and what must be found."""
# ruff: noqa: E501
# A row of a table stays on one line, or it cannot be checked against its document.
# fmt: off

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font

from tests.corpus.drawing import Appendix, Plan, html_table, markdown_table, web_lines
from tests.corpus.expecting import (
    HALF,
    ONGOING,
    QUARTERLY,
    UNSTATED,
    YEARLY,
    Json,
    expected,
    indicator,
    report,
    rule,
    task,
    within,
    years,
)

BREAK = "  "
"""Two blanks at a line's end: a line break in Markdown."""


def lam_dong(path: Path) -> Json:
    """Population: Markdown from a legal site with its metadata and a pipe table; tags of emphasis, no result column."""
    title = "Thực hiện công tác dân số và phát triển tỉnh Lâm Đồng năm 2026"
    goals = ("Tỷ số giới tính khi sinh không quá 110 bé trai/100 bé gái.", "Trên 75% phụ nữ mang thai được tầm soát trước sinh.", "Tỷ lệ cặp vợ chồng được tư vấn trước hôn nhân đạt từ 60% trở lên.")
    s, t = "Sở Y tế", ("Khám sức khỏe trước hôn nhân lưu động tại các xã vùng đồng bào dân tộc thiểu số", "Cập nhật kho dữ liệu chuyên ngành dân số", "Truyền thông chuyên đề về mất cân bằng giới tính khi sinh", "Chăm sóc người cao tuổi tại cộng đồng", "Cấp phương tiện tránh thai miễn phí")
    rows = (
        ("TT", "Nội dung", "Chủ trì", "Phối hợp", "Thời gian"),
        ("1", t[0], s, "UBND các xã, phường; Hội Liên hiệp Phụ nữ tỉnh", "Quý II, III/2026"),
        ("2", t[1], "Chi cục Dân số (Sở Y tế)", "Thống kê tỉnh", "Hàng quý"),
        ("3", t[2], "Sở Văn hóa, Thể thao và Du lịch", "Sở Y tế; Báo và Phát thanh, Truyền hình Lâm Đồng", "Thường xuyên, hằng năm"),
        ("4", t[3], "UBND các xã, phường, đặc khu", "Hội Người cao tuổi tỉnh", "2026 và các năm tiếp theo"),
        ("5", t[4], s, "Các đơn vị liên quan", "Xong trước ngày 30 tháng 10 năm 2026"),
    )
    table = markdown_table(Appendix((), "", rows, ()))
    text = f"""# Kế hoạch 77/KH-UBND năm 2026 {title[0].lower()}{title[1:]}

| Thuộc tính | Giá trị |
|---|---|
| **Số hiệu** | 77/KH-UBND |
| **Ngày ban hành** | 10/02/2026 |
| **Loại văn bản** | Kế hoạch |
| **Nơi ban hành** | Tỉnh Lâm Đồng |
| **Người ký** | Cil Thảo Nguyên |

**ỦY BAN NHÂN DÂN{BREAK}
TỈNH LÂM ĐỒNG**

**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**{BREAK}
**Độc lập - Tự do - Hạnh phúc**

Số: 77/KH-UBND

*Lâm Đồng, ngày 10 tháng 02 năm 2026*

## KẾ HOẠCH

### {title.upper()}

*Căn cứ Nghị quyết số 21-NQ/TW ngày 25/10/2017 của Ban Chấp hành Trung ương về công tác dân số trong tình hình mới;*

*Căn cứ Quyết định số 1679/QĐ-TTg ngày 22/11/2019 của Thủ tướng Chính phủ phê duyệt Chiến lược Dân số Việt Nam đến năm 2030,*

Ủy ban nhân dân tỉnh Lâm Đồng ban hành Kế hoạch như sau:

**I. MỤC TIÊU ĐẾN NĂM 2026**

1. {goals[0]}

2. {goals[1]}

3. {goals[2]}

**II. NHIỆM VỤ**

Phân công tại bảng dưới đây:

{table}

**III. TỔ CHỨC THỰC HIỆN**

1. **Sở Y tế** hướng dẫn chuyên môn, kiểm tra và đôn đốc các địa phương.

2. Các đơn vị gửi báo cáo sáu tháng trước ngày 15/6, báo cáo năm trước ngày 15/12 về Sở Y tế. Sở Y tế tổng hợp, báo cáo UBND tỉnh và Cục Dân số (Bộ Y tế) trước ngày 22/12 hằng năm.

**Nơi nhận:**

- Bộ Y tế;
- TT. Tỉnh ủy;
- UBND các xã, phường, đặc khu;
- Lưu: VT, VXNV.

**KT. CHỦ TỊCH{BREAK}
PHÓ CHỦ TỊCH**

**Cil Thảo Nguyên**
"""
    path.write_text(text, encoding="utf-8")
    tasks = [
        task(t[0], s, "UBND các xã, phường|Hội Liên hiệp Phụ nữ tỉnh", [within("2026-04-01", "2026-06-30"), within("2026-07-01", "2026-09-30")]),
        task(t[1], "Chi cục Dân số (Sở Y tế)", "Thống kê tỉnh", QUARTERLY),
        task(t[2], "Sở Văn hóa, Thể thao và Du lịch", "Sở Y tế|Báo và Phát thanh, Truyền hình Lâm Đồng", [ONGOING, YEARLY]),
        task(t[3], "UBND các xã, phường, đặc khu", "Hội Người cao tuổi tỉnh", years(2026, None)),
        task(t[4], s, "Các đơn vị liên quan", rule("by", by="2026-10-30")),
    ]
    return expected(
        {"number": "77/KH-UBND", "issued_on": "2026-02-10", "title": title, "authority": "UBND tỉnh Lâm Đồng", "province": "Lâm Đồng", "signed_by": "Cil Thảo Nguyên", "legal_bases": [("21-NQ/TW", "2017-10-25"), ("1679/QĐ-TTg", "2019-11-22")]},
        s,
        tasks,
        indicators=[indicator(2026, 110, goals[0], "<=", None), indicator(2026, 75, goals[1], ">"), indicator(2026, 60, goals[2])],
        reporting=[report("units", s, "half_yearly", "06-15"), report("units", s, "yearly", "12-15"), report("lead", "UBND tỉnh|Cục Dân số (Bộ Y tế)", "yearly", "12-22")],
        recipients=["Bộ Y tế", "TT. Tỉnh ủy", "UBND các xã, phường, đặc khu"],
    )


def vinh_long(path: Path) -> Json:
    """Traffic safety as HTML: one column holds who leads and who helps, joined cells, lines broken inside cells."""
    title = "Bảo đảm trật tự, an toàn giao thông đường thủy nội địa tỉnh Vĩnh Long giai đoạn 2026 - 2028"
    t = ("Lắp phao tiêu tại các bến khách ngang sông", "Tập huấn người lái phương tiện thủy thô sơ", "Kiểm tra áo phao trên đò ngang", "Xóa bến đò không phép", "Khảo sát luồng sông Cổ Chiên", "Diễn tập cứu nạn trên sông")
    rows = (
        ("Stt", "Nhiệm vụ, giải pháp", "Cơ quan thực hiện", "Kết quả", "Hạn hoàn thành"),
        ("A. HẠ TẦNG", "<", "<", "<", "<"),
        ("1", t[0], "Chủ trì: Sở Xây dựng.\nPhối hợp: Sở Tài chính, UBND các xã, phường ven sông.", "100% bến có phao tiêu", "Chậm nhất ngày 30/6/2027"),
        ("2", t[4], "Chủ trì: Sở Xây dựng. Phối hợp: Cảng vụ đường thủy nội địa Khu vực III", "Hồ sơ luồng", "Từ năm 2026"),
        ("B. CON NGƯỜI", "<", "<", "<", "<"),
        ("3", t[1], "- Chủ trì: Công an tỉnh\n- Phối hợp: Hội Nông dân tỉnh; Tỉnh đoàn", "Ít nhất 10 lớp", "Định kỳ 6 tháng"),
        ("4", t[2], "Chủ trì: Công an tỉnh", "^", "Thường xuyên"),
        ("5", t[3], "Chủ trì: UBND các xã, phường\nPhối hợp: Công an tỉnh, Sở Xây dựng", "Không còn bến đò không phép", "- Quý I/2026: lập danh sách\n- Quý IV/2026: hoàn thành"),
        ("6", t[5], "Chủ trì: Bộ Chỉ huy Quân sự tỉnh\nPhối hợp: Các cơ quan, đơn vị có liên quan", "", "Theo kế hoạch riêng"),
    )
    body = (
        "Căn cứ Quyết định số 2060/QĐ-TTg ngày 12/12/2020 của Thủ tướng Chính phủ phê duyệt Chiến lược quốc gia bảo đảm trật tự, an toàn giao thông đường bộ giai đoạn 2021 - 2030;",
        "Căn cứ Nghị quyết số 149/NQ-CP ngày 16/10/2024 của Chính phủ;",
        "UBND tỉnh ban hành Kế hoạch với nội dung sau:",
        "I. MỤC TIÊU",
        "- Đến năm 2028, giảm ít nhất 30% số vụ tai nạn đường thủy so với năm 2025.",
        "- Đến năm 2028, 100% bến khách ngang sông có giấy phép.",
        "II. PHÂN CÔNG NHIỆM VỤ",
        "Xem Phụ lục.",
        "III. CHẾ ĐỘ THÔNG TIN, BÁO CÁO",
        "Trước ngày 14 của tháng cuối quý, các đơn vị gửi báo cáo quý về Ban An toàn giao thông tỉnh; báo cáo năm gửi trước ngày 18/12 hằng năm.",
        "Ban An toàn giao thông tỉnh là cơ quan thường trực, giúp UBND tỉnh theo dõi, đôn đốc việc thực hiện Kế hoạch này./.",
    )
    plan = Plan("ỦY BAN NHÂN DÂN", "TỈNH VĨNH LONG", "Số: 39/KH-UBND", "Vĩnh Long, ngày 05 tháng 3 năm 2026", title, body, ("Ủy ban ATGT Quốc gia", "TT TU, TT HĐND tỉnh", "Các sở, ban, ngành tỉnh", "Lưu: VT, 4.02.05"), ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "Thạch Kiên Trung")
    lines = "\n".join(f"<p>{'<b>' + line + '</b>' if line.isupper() else line}</p>" for line in web_lines(plan))
    table = html_table(Appendix((), "", rows, ()))
    path.write_text(
        f'<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8"><title>Kế hoạch 39/KH-UBND</title><style>td {{ padding: 2px; }}</style></head>\n<body>\n{lines}\n'
        f"<p><b>PHỤ LỤC</b></p><p><b>PHÂN CÔNG NHIỆM VỤ</b></p><p><i>(Kèm theo Kế hoạch số 39/KH-UBND ngày 05/3/2026 của UBND tỉnh)</i></p>\n{table}\n</body></html>\n",
        encoding="utf-8",
    )
    sxd, ca = "Sở Xây dựng", "Công an tỉnh"
    tasks = [
        task(t[0], sxd, "Sở Tài chính|UBND các xã, phường ven sông", within(None, "2027-06-30"), "100% bến có phao tiêu"),
        task(t[4], sxd, "Cảng vụ đường thủy nội địa Khu vực III", years(2026, None), "Hồ sơ luồng"),
        task(t[1], ca, "Hội Nông dân tỉnh|Tỉnh đoàn", HALF, "Ít nhất 10 lớp"),
        task(t[2], ca, "", ONGOING, "Ít nhất 10 lớp"),
        task(t[3], "UBND các xã, phường", "Công an tỉnh|Sở Xây dựng", [within("2026-01-01", "2026-03-31", label="lập danh sách"), within("2026-10-01", "2026-12-31", label="hoàn thành")], "Không còn bến đò không phép"),
        task(t[5], "Bộ Chỉ huy Quân sự tỉnh", "Các cơ quan, đơn vị có liên quan", UNSTATED),
    ]
    return expected(
        {"number": "39/KH-UBND", "issued_on": "2026-03-05", "title": title, "authority": "UBND tỉnh Vĩnh Long", "province": "Vĩnh Long", "signed_by": "Thạch Kiên Trung", "legal_bases": [("2060/QĐ-TTg", "2020-12-12"), ("149/NQ-CP", "2024-10-16")]},
        "Ban An toàn giao thông tỉnh",
        tasks,
        indicators=[indicator(2028, 30, body[4].removeprefix("- ")), indicator(2028, 100, body[5].removeprefix("- "))],
        reporting=[report("units", "Ban An toàn giao thông tỉnh", "quarterly", "03-14,06-14,09-14,12-14"), report("units", "Ban An toàn giao thông tỉnh", "yearly", "12-18")],
        recipients=["Ủy ban ATGT Quốc gia", "TT TU, TT HĐND tỉnh", "Các sở, ban, ngành tỉnh"],
    )


def dak_lak(path: Path) -> Json:
    """Press: a text copy with metadata, a tab-separated appendix placed before the end and cut off after three rows."""
    title = "Truyền thông chính sách trên báo chí địa bàn tỉnh Đắk Lắk đến năm 2028"
    t = ("Lập nhóm phóng viên chuyên trách truyền thông chính sách", "Họp báo định kỳ về kinh tế - xã hội", "Dịch bản tin sang tiếng Ê Đê, tiếng Chăm H’roi")
    s, b = "Sở Văn hóa, Thể thao và Du lịch", "Báo và Phát thanh, Truyền hình Đắk Lắk"
    lines = (
        f"Kế hoạch 0141/KH-UBND {title}", "",
        "Số hiệu\t0141/KH-UBND", "Ngày ban hành\t19/05/2026", "Loại văn bản\tKế hoạch", "Cơ quan ban hành\tTỉnh Đắk Lắk", "Người ký\tH’Yim Bảo Trâm", "",
        "ỦY BAN NHÂN DÂN\nTỈNH ĐẮK LẮK\n-------", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n---------------", "Số: 0141/KH-UBND", "Đắk Lắk, ngày 19 tháng 5 năm 2026", "",
        "KẾ HOẠCH", title.upper(), "",
        "Căn cứ Chỉ thị số 07/CT-TTg ngày 21/3/2023 của Thủ tướng Chính phủ về tăng cường công tác truyền thông chính sách;", "",
        "Ủy ban nhân dân tỉnh ban hành Kế hoạch như sau:", "",
        "I. MỤC TIÊU ĐẾN NĂM 2028", "",
        "- 90% sở, ngành có kế hoạch truyền thông chính sách hằng năm.", "",
        "II. PHÂN CÔNG NHIỆM VỤ", "",
        "TT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tSản phẩm\tThời gian hoàn thành",
        f"1\t{t[0]}\t{b}\t{s}\tQuyết định thành lập\tTháng 7/2026",
        f"2\t{t[1]}\tVăn phòng UBND tỉnh\t{s}; các sở, ban, ngành\tHọp báo\tHằng quý",
        f"3\t{t[2]}\t{b}\tSở Dân tộc và Tôn giáo\tBản tin\t2026-2028",
        "", "[...]",
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tasks = [
        task(t[0], b, s, within("2026-07-01", "2026-07-31"), "Quyết định thành lập"),
        task(t[1], "Văn phòng UBND tỉnh", f"{s}|các sở, ban, ngành", QUARTERLY, "Họp báo"),
        task(t[2], b, "Sở Dân tộc và Tôn giáo", years(2026, 2028), "Bản tin"),
    ]
    return expected(
        {"number": "0141/KH-UBND", "issued_on": "2026-05-19", "title": title, "authority": "UBND tỉnh Đắk Lắk", "province": "Đắk Lắk", "signed_by": "H’Yim Bảo Trâm", "complete": False, "legal_bases": [("07/CT-TTg", "2023-03-21")]},
        None,
        tasks,
        indicators=[indicator(2028, 90, "90% sở, ngành có kế hoạch truyền thông chính sách hằng năm.")],
        finding_codes=["incomplete"],
    )


def son_la(path: Path) -> Json:
    """A tracking sheet: title rows above the heads, owner before task, joined cells, real dates, a leader's column."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Theo dõi"
    t = ("Trồng rừng thay thế diện tích chuyển mục đích", "Công bố bản đồ nguy cơ sạt lở các bản", "Di dời hộ dân ra khỏi vùng lũ quét", "Lắp trạm đo mưa tự động", "Rà soát quỹ đất tái định cư", "Tập huấn đội xung kích phòng, chống thiên tai")
    snn, xa = "Sở Nông nghiệp và Môi trường", "UBND các xã, phường"
    table = (
        ("UBND TỈNH SƠN LA",),
        ("BẢNG THEO DÕI NHIỆM VỤ PHÒNG, CHỐNG THIÊN TAI NĂM 2026",),
        ("(Kèm theo Kế hoạch số 45/KH-UBND ngày 20/01/2026 của UBND tỉnh Sơn La)",),
        (),
        ("Số TT", "Đơn vị chủ trì", "Nội dung nhiệm vụ", "Đơn vị phối hợp", "Sản phẩm đầu ra", "Hạn hoàn thành", "Lãnh đạo UBND tỉnh phụ trách", "Ghi chú"),
        ("I", "Phòng ngừa", None, None, None, None, None, None),
        (1, snn, t[0], "Sở Tài chính", "Biên bản nghiệm thu", date(2026, 9, 30), "PCT 1", None),
        (2, None, t[1], f"Trường Đại học Tây Bắc; {xa}", "Bản đồ số", "Trước ngày 15/4/2026", "PCT 1", "Mời chuyên gia"),
        (3, None, t[3], "Đài Khí tượng Thủy văn tỉnh", "12 trạm", "Quý II - III/2026", "PCT 1", None),
        ("II", "Ứng phó", None, None, None, None, None, None),
        (4, xa, t[2], "Bộ Chỉ huy Quân sự tỉnh, Công an tỉnh", "Danh sách hộ đã di dời", "Trước mùa mưa", "PCT 2", "Ưu tiên hộ nghèo"),
        (5, None, t[5], "Hội Chữ thập đỏ tỉnh", None, "Hằng năm", "PCT 2", None),
        (6, "Sở Xây dựng", t[4], f"{snn}, {xa}", "Báo cáo", date(2026, 6, 15), "PCT 2", None),
        (),
        ("Ghi chú: Các đơn vị báo cáo tiến độ về Sở Nông nghiệp và Môi trường trước ngày 25 hằng tháng.",),
    )
    for row in table:
        sheet.append(row)
    for area in ("A1:H1", "A2:H2", "A3:H3", "B6:H6", "B7:B9", "B10:H10", "B11:B12", "A15:H15"):
        sheet.merge_cells(area)
    for row_of_cells in sheet.iter_rows(min_row=5, max_row=13):
        for cell in row_of_cells:
            cell.alignment, cell.font = Alignment(wrap_text=True, vertical="top"), Font(name="Times New Roman", bold=cell.row == 5)
            if isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy"
    for letter, width in zip("ABCDEFGH", (6, 22, 40, 28, 20, 16, 14, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    book.save(path)
    tasks = [
        task(t[0], snn, "Sở Tài chính", within(None, "2026-09-30"), "Biên bản nghiệm thu"),
        task(t[1], snn, f"Trường Đại học Tây Bắc|{xa}", rule("by", by="2026-04-15"), "Bản đồ số"),
        task(t[3], snn, "Đài Khí tượng Thủy văn tỉnh", rule("range", "2026-04-01", "2026-09-30"), "12 trạm"),
        task(t[2], xa, "Bộ Chỉ huy Quân sự tỉnh|Công an tỉnh", UNSTATED, "Danh sách hộ đã di dời"),
        task(t[5], xa, "Hội Chữ thập đỏ tỉnh", YEARLY),
        task(t[4], "Sở Xây dựng", f"{snn}|{xa}", within(None, "2026-06-15"), "Báo cáo"),
    ]
    return expected(
        {"number": "45/KH-UBND", "issued_on": "2026-01-20", "authority": "UBND tỉnh Sơn La", "province": "Sơn La"},
        snn,
        tasks,
        reporting=[report("units", snn, "monthly", "25")],
    )
