"""The workbook for entering a plan by hand: its sheets, labels and columns, shared by writing and reading it."""

from __future__ import annotations

from dataclasses import dataclass

from documents.source import plain

PLAN_SHEET, TASK_SHEET, INDICATOR_SHEET, GUIDE_SHEET = "Kế hoạch", "Nhiệm vụ", "Chỉ tiêu", "Hướng dẫn"
PLAN_COLUMNS = (("Mục", 40), ("Nội dung", 70), ("Cách ghi", 60))
TASK_COLUMNS = (
    ("TT", 6), ("Nhiệm vụ", 54), ("Đơn vị chủ trì", 30), ("Đơn vị phối hợp", 30), ("Kết quả", 30),
    ("Thời gian thực hiện", 24), ("Ghi chú", 24),
)  # fmt: skip
INDICATOR_COLUMNS = (("Năm", 10), ("Chỉ tiêu", 70), ("So sánh", 14), ("Giá trị", 12), ("Đơn vị tính", 24))


@dataclass(frozen=True)
class Entry:
    """One row of the first sheet: what it is for, its label, and how to fill it."""

    name: str
    label: str
    hint: str


_DAYS = "Như 30/11; 6 tháng: 15/6, 15/12; quý: 20/3, 20/6, 20/9, 20/12; tháng: 18; tuần: thứ Sáu 16:00."

ENTRIES = (
    Entry("number", "Số, ký hiệu", "Như 12/KH-UBND. Để trống khi văn thư chưa cấp số."),
    Entry("issued_on", "Ngày ban hành", "Như 05/01/2026. Để trống khi chưa ban hành."),
    Entry("authority", "Cơ quan ban hành", "Như UBND tỉnh Bình Phước."),
    Entry("title", "Tên kế hoạch", "Trọn tên, bắt đầu bằng chữ Kế hoạch."),
    Entry("signed_by", "Người ký", "Họ và tên."),
    Entry("lead_agency", "Cơ quan đầu mối tổng hợp", "Cơ quan nhận, tổng hợp báo cáo của các đơn vị và đôn đốc."),
    Entry("units_to", "Các đơn vị báo cáo về", "Cơ quan nhận; nhiều cơ quan thì mỗi dòng một tên (Alt+Enter)."),
    Entry("units_via", "Các đơn vị báo cáo qua", "Cơ quan trung gian, nếu có."),
    Entry("units_every", "Kỳ báo cáo của các đơn vị", "Hằng năm, 6 tháng, hằng quý, hằng tháng hoặc hằng tuần."),
    Entry("units_before", "Các đơn vị báo cáo trước ngày", _DAYS),
    Entry("units_on_request", "Các đơn vị báo cáo đột xuất", "Có khi phải báo cáo cả khi được yêu cầu."),
    Entry("lead_to", "Cơ quan đầu mối báo cáo về", "Như Bộ chủ quản, UBND tỉnh; mỗi dòng một tên."),
    Entry("lead_via", "Cơ quan đầu mối báo cáo qua", "Cơ quan trung gian, nếu có."),
    Entry("lead_every", "Kỳ báo cáo của cơ quan đầu mối", "Như trên."),
    Entry("lead_before", "Cơ quan đầu mối báo cáo trước ngày", "Như trên, sau hạn của các đơn vị."),
    Entry("lead_on_request", "Cơ quan đầu mối báo cáo đột xuất", "Có hoặc Không."),
    Entry("legal_bases", "Căn cứ pháp lý", "Mỗi dòng một văn bản, như Quyết định số 348/QĐ-TTg ngày 06/4/2023."),
    Entry("recipients", "Nơi nhận", "Mỗi dòng một nơi, không ghi dòng Lưu."),
)
"""In the order of the sheet. Several periods of one reporter stand line under line in the two cells for them."""

EVERY_WORDS = {
    "yearly": "hằng năm",
    "half_yearly": "6 tháng",
    "quarterly": "hằng quý",
    "monthly": "hằng tháng",
    "weekly": "hằng tuần",
}
COMPARATOR_WORDS = {">=": "tối thiểu", ">": "trên", "<=": "không quá", "<": "dưới", "=": "đạt"}
NO = "không"
# Keeps the line of a period that has no day, or of a day that has no period.
UNKNOWN = "–"


def same_title(left: str, right: str) -> bool:
    """Whether two titles or labels are the same but for case, marks and blanks."""
    return plain(left).rstrip(" :*") == plain(right).rstrip(" :*")
