"""Cần Thơ, 2023: no appendix; what each unit has to do stands under its name.

The facts are those of the real plan, the sentences are ours; the signer is invented.
"""

from __future__ import annotations

from samples.drawing import Plan

BODY = """
# I. MỤC TIÊU
## 1. Mục tiêu chung
Báo chí thành phố làm nghề bằng công cụ số, giữ được bạn đọc trên mạng và tự tạo thêm nguồn thu.
## 2. Mục tiêu cụ thể
## a) Mục tiêu đến năm 2025:
- 70% cơ quan báo chí của thành phố phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước;
- 70% cơ quan báo chí của thành phố dùng nền tảng dữ liệu tập trung và trí tuệ nhân tạo trong công việc;
- 70% cơ quan báo chí của thành phố làm việc theo mô hình tòa soạn hội tụ;
- Về nguồn thu, có 30% cơ quan báo chí của thành phố tăng ít nhất 20% doanh thu;
- 100% người làm báo của thành phố, từ lãnh đạo đến phóng viên, đã học cách làm báo số.
## b) Mục tiêu đến năm 2030:
- 100% cơ quan báo chí của thành phố phát hành nội dung trên các nền tảng số, trước hết là nền tảng trong nước;
- 100% cơ quan báo chí của thành phố dùng nền tảng dữ liệu tập trung và trí tuệ nhân tạo trong công việc;
- 100% cơ quan báo chí của thành phố làm việc theo mô hình tòa soạn hội tụ và những mô hình mới hơn;
- Về nguồn thu, có 100% cơ quan báo chí của thành phố tăng ít nhất 20% doanh thu.
# II. NHIỆM VỤ, GIẢI PHÁP
## 1. Nhận thức
a) Nói rõ với người làm báo vì sao phải đổi cách làm nghề;
b) Khen người làm tốt để nơi khác học theo.
## 2. Sản phẩm và nền tảng
a) Thử các dạng sản phẩm số theo nhóm bạn đọc;
b) Giúp mỗi tòa soạn có phần mềm quản lý bài vở.
## 3. Con người
Mở lớp về công nghệ thông tin, dữ liệu và an toàn mạng cho người làm báo.
# III. KINH PHÍ THỰC HIỆN
1. Ngân sách theo phân cấp, lồng ghép với các chương trình đã có.
2. Các nguồn hợp pháp khác.
# IV. TỔ CHỨC THỰC HIỆN
## 1. Sở Thông tin và Truyền thông
a) Làm đầu mối và đôn đốc; phối hợp với cơ quan liên quan soạn những quy định mà báo chí số của thành phố còn thiếu;
b) Kiểm tra và chấm kết quả của từng đơn vị; khi cần thì đề nghị Ủy ban nhân dân thành phố sửa Kế hoạch.
## 2. Sở Kế hoạch và Đầu tư
Chủ trì, phối hợp với Sở Tài chính và các đơn vị có liên quan thẩm định vốn của những dự án thuộc Kế hoạch, \
trình Ủy ban nhân dân thành phố và Hội đồng nhân dân thành phố theo Luật Đầu tư công.
## 3. Sở Tài chính
Xem sức của ngân sách rồi trình Ủy ban nhân dân thành phố phần kinh phí cho Kế hoạch.
## 4. Sở Khoa học và Công nghệ
Đưa công nghệ làm báo vào các chương trình khoa học của thành phố, từ nghiên cứu đến chuyển giao.
## 5. Báo Cần Thơ, Đài Phát thanh và Truyền hình thành phố, Tạp chí Văn nghệ Cần Thơ
a) Lập kế hoạch riêng và ban hành trước quý IV năm 2023, trong đó nêu rõ:
- Cuối năm 2025, Báo và Đài phát hành nội dung trên những nền tảng số nào;
- Ai học lớp làm báo số nào, tăng doanh thu ít nhất 20% bằng cách nào.
b) Làm theo kế hoạch riêng sau khi cơ quan chủ quản báo chí phê duyệt; nộp báo cáo về Sở Thông tin và Truyền thông \
trước ngày 30 tháng 11 hàng năm.
## 6. Đề nghị Ban Tuyên giáo Thành ủy
Định hướng thông tin để báo chí thành phố làm tốt Kế hoạch này.
Trên đây là Kế hoạch của thành phố; đơn vị nào gặp chỗ vướng thì nêu với Sở Thông tin và Truyền thông \
để trình Ủy ban nhân dân thành phố./.
"""

PLAN = Plan(
    authority=("ỦY BAN NHÂN DÂN", "THÀNH PHỐ CẦN THƠ"),
    number="Số:         /KH-UBND",
    place_date="Cần Thơ, ngày      tháng      năm 2023",
    title="Thực hiện Chiến lược chuyển đổi số báo chí đến năm 2025, "
    "định hướng đến năm 2030 trên địa bàn thành phố Cần Thơ",
    preamble=(
        "Căn cứ Quyết định số 362/QĐ-TTg ngày 03 tháng 4 năm 2019 của Thủ tướng Chính phủ về quy hoạch báo chí toàn "
        "quốc và Quyết định số 348/QĐ-TTg ngày 06 tháng 4 năm 2023 của Thủ tướng Chính phủ về Chiến lược chuyển đổi số "
        "báo chí,",
        "Ủy ban nhân dân thành phố lập Kế hoạch cho các cơ quan báo chí của thành phố như sau:",
    ),
    body=BODY,
    recipients=(
        "Cục Báo chí - Bộ TTTT", "TT TU, TT HĐND TPCT", "Chủ tịch, PCT UBND TP (1AD)", "BTG Thành ủy",
        "STTTT, STC, SKHĐT, SKHCN", "Báo Cần Thơ", "Đài PTTH TPCT", "Tạp chí Văn nghệ Cần Thơ", "Lưu: VT, LHH",
    ),
    post=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    signer="Phan Ngọc Bảo Trân",
)  # fmt: skip
