"""Quảng Trị, 2023: eight rows of an appendix, three bodies in one cell, an event for a date, a row without a time.

The facts are those of the real plan, the sentences are ours; the signer is invented.
"""

from __future__ import annotations

from samples.drawing import Appendix, Plan

_PRESS = "Báo Quảng Trị, Đài PT-TH tỉnh, Tạp chí Cửa Việt"
_LEAD = "Sở Thông tin và Truyền thông"
_WITH_PRESS = "Các cơ quan báo chí; đơn vị liên quan"

BODY = """
# I. MỤC ĐÍCH, YÊU CẦU
## 1. Mục đích
Biến Chiến lược quốc gia thành việc làm cụ thể ở tỉnh, để báo chí tỉnh làm nghề bằng công cụ số và có thêm bạn đọc.
## 2. Yêu cầu
Chọn việc vừa sức, có người chủ trì; đơn vị nào cũng phải chủ động phối hợp.
# II. MỤC TIÊU
## 1. Mục tiêu đến năm 2025
- 75% cơ quan báo chí của tỉnh phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước.
- 50% cơ quan báo chí của tỉnh dùng nền tảng dữ liệu tập trung và trí tuệ nhân tạo trong công việc.
- 80% cơ quan báo chí của tỉnh làm việc theo mô hình tòa soạn hội tụ và ra sản phẩm đa phương tiện.
- 50% trang thông tin điện tử tổng hợp của báo chí tỉnh lên thành báo hoặc tạp chí điện tử.
- Về nguồn thu, có 50% cơ quan báo chí của tỉnh tăng ít nhất 20% doanh thu.
- 100% người làm báo của tỉnh, từ lãnh đạo đến phóng viên, đã học cách làm báo số.
- 100% cơ quan báo chí của tỉnh bảo vệ hệ thống thông tin ở cấp độ 3 hoặc cao hơn.
## 2. Mục tiêu đến năm 2030
- 100% cơ quan báo chí của tỉnh phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước.
- 100% cơ quan báo chí của tỉnh dùng nền tảng dữ liệu tập trung và trí tuệ nhân tạo trong công việc.
- 100% cơ quan báo chí của tỉnh làm việc theo mô hình tòa soạn hội tụ và những mô hình mới hơn.
- Về nguồn thu, có 100% cơ quan báo chí của tỉnh tăng ít nhất 20% doanh thu.
# III. NHIỆM VỤ, GIẢI PHÁP
## 1. Nhận thức và tuyên truyền
Người quản lý và người làm báo phải thấy việc chuyển đổi số là việc của chính mình.
## 2. Quy hoạch báo chí
Làm tiếp những việc của Kế hoạch số 2317/KH-UBND ngày 28/5/2020 của UBND tỉnh.
## 3. Sản phẩm, nền tảng và con người
Thử các dạng sản phẩm số, dùng chung nền tảng, mở lớp học cho người làm báo.
## 4. Đo mức độ trưởng thành chuyển đổi số báo chí
Dùng Bộ chỉ số của Bộ Thông tin và Truyền thông để biết mỗi tòa soạn đang ở đâu.
# IV. PHÂN CÔNG NHIỆM VỤ
Việc của từng đơn vị nằm ở Phụ lục kèm theo.
# V. KINH PHÍ THỰC HIỆN
Lấy từ ngân sách theo phân cấp, lồng ghép với các chương trình khác và các nguồn hợp pháp.
# VI. TỔ CHỨC THỰC HIỆN
## 1. Sở Thông tin và Truyền thông
Làm đầu mối: theo dõi, đôn đốc các đơn vị có tên trong Kế hoạch và đề xuất sửa quy định còn vướng.
## 2. Sở Tài chính
Phối hợp với Sở Thông tin và Truyền thông trình cấp có thẩm quyền phần kinh phí chi thường xuyên.
## 3. Sở Kế hoạch và Đầu tư
Phối hợp với Sở Thông tin và Truyền thông, Sở Tài chính cân đối vốn cho Kế hoạch.
## 4. Sở Khoa học và Công nghệ
Đưa công nghệ làm báo vào các chương trình khoa học của tỉnh.
## 5. Các cơ quan báo chí của tỉnh
Lập kế hoạch riêng, tự chấm điểm theo Bộ chỉ số và nêu chỗ vướng để cấp trên gỡ.
## 6. Đề nghị Ban Tuyên giáo Tỉnh ủy
Định hướng thông tin để báo chí tỉnh làm tốt Kế hoạch này.
# VII. CHẾ ĐỘ BÁO CÁO
Các cơ quan, đơn vị được giao nhiệm vụ nộp báo cáo cho UBND tỉnh (qua Sở Thông tin và Truyền thông) \
trước ngày 25/11 hằng năm để tổng hợp, báo cáo Bộ Thông tin và Truyền thông./.
"""

TASKS = (
    ("1", "Ra sản phẩm báo chí số mới; làm thông tin, tuyên truyền hay hơn",
     _PRESS, f"{_LEAD}; các đơn vị liên quan", "2023-2025"),
    ("2", "Bồi dưỡng người làm báo của tỉnh bằng các lớp tập huấn",
     _LEAD, _WITH_PRESS, "2023-2025"),
    ("3", "Chỉ dẫn cơ quan báo chí dùng chung nền tảng, chia sẻ chi phí công nghệ; "
     "chỉ dẫn khai thác công nghệ số trong nghề báo",
     _LEAD, "Các cơ quan, đơn vị liên quan", "Sau khi có hướng dẫn từ Bộ Thông tin và Truyền thông"),
    ("4", "Đưa nền tảng số vào công việc của cơ quan báo chí",
     _LEAD, _WITH_PRESS, "2024-2025"),
    ("5", "Theo dõi việc thực hiện quy hoạch báo chí của tỉnh và đánh giá",
     _LEAD, _WITH_PRESS, "2023-2025"),
    ("6", "Làm theo quy hoạch báo chí; xem lại giấy phép hoạt động, chuyên trang và ấn phẩm cho đúng quy định",
     _PRESS, f"{_LEAD}; các đơn vị liên quan", "2023-2025"),
    ("7", "Quản lý nhà nước về báo chí tốt hơn; phát hiện và chấn chỉnh sai phạm",
     _LEAD, "Các sở, ban ngành, địa phương", "2023-2025"),
    ("8", "Áp dụng Bộ chỉ số đo mức độ trưởng thành chuyển đổi số báo chí",
     _PRESS, _LEAD, ""),
)  # fmt: skip

PLAN = Plan(
    authority=("ỦY BAN NHÂN DÂN", "TỈNH QUẢNG TRỊ"),
    number="Số:         /KH-UBND",
    place_date="Quảng Trị, ngày      tháng      năm 2023",
    title="Triển khai thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025, "
    "định hướng đến năm 2030 trên địa bàn tỉnh Quảng Trị",
    preamble=(
        "Căn cứ Quyết định số 348/QĐ-TTg ngày 06/4/2023 của Thủ tướng Chính phủ về Chiến lược chuyển đổi số báo chí;",
        "Thực hiện các Quyết định của Bộ Thông tin và Truyền thông: số 781/QĐ-BTTTT ngày 08/5/2023 về kế hoạch hành "
        "động của Chiến lược; số 951/QĐ-BTTTT ngày 02/6/2023 về Bộ chỉ số đo mức độ trưởng thành,",
        "UBND tỉnh lập Kế hoạch chuyển đổi số báo chí của tỉnh với các nội dung sau:",
    ),
    body=BODY,
    recipients=(
        "Bộ Thông tin và Truyền thông (b/c)", "Thường trực Tỉnh ủy (b/c)", "Thường trực HĐND tỉnh (b/c)",
        "CT, các PCT UBND tỉnh", "Ban Tuyên giáo Tỉnh ủy", "Các sở, ban, ngành cấp tỉnh",
        "UBND các huyện, thị xã, thành phố", "Hội Nhà báo tỉnh", "Hội VHNT tỉnh",
        "Báo Quảng Trị, Đài PT-TH tỉnh, Tạp chí Cửa Việt", "CVP, các PVP", "Lưu: VT, KGVXD",
    ),
    post=("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    signer="Lê Thị Hiền Lương",
    appendix=Appendix(
        heading=("PHỤ LỤC", "PHÂN CÔNG NHIỆM VỤ CHUYỂN ĐỔI SỐ BÁO CHÍ TỈNH QUẢNG TRỊ"),
        note="(Kèm theo Kế hoạch số      /KH-UBND ngày   /   /2023 của UBND tỉnh)",
        rows=(
            ("TT", "Nội dung thực hiện", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện"),
            *TASKS,
        ),
        widths=(12, 90, 50, 55, 40),
    ),
)  # fmt: skip
