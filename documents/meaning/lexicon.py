"""Words of the genre, by which a text whose diacritics were destroyed is read: field terms, names of bodies, places.

Names are written as they are printed; other phrases in lower case. The more words a phrase has, the surer it is found.
"""

from __future__ import annotations


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


PROVINCES = _phrases(
    """
    An Giang; Bà Rịa - Vũng Tàu; Bạc Liêu; Bắc Giang; Bắc Kạn; Bắc Ninh; Bến Tre; Bình Dương; Bình Định; Bình
    Phước; Bình Thuận; Cà Mau; Cao Bằng; Cần Thơ; Đà Nẵng; Đắk Lắk; Đắk Nông; Điện Biên; Đồng Nai; Đồng Tháp;
    Gia Lai; Hà Giang; Hà Nam; Hà Nội; Hà Tĩnh; Hải Dương; Hải Phòng; Hậu Giang; Hòa Bình; Huế; Hưng Yên; Khánh
    Hòa; Kiên Giang; Kon Tum; Lai Châu; Lạng Sơn; Lào Cai; Lâm Đồng; Long An; Nam Định; Nghệ An; Ninh Bình; Ninh
    Thuận; Phú Thọ; Phú Yên; Quảng Bình; Quảng Nam; Quảng Ngãi; Quảng Ninh; Quảng Trị; Sóc Trăng; Sơn La; Tây
    Ninh; Thái Bình; Thái Nguyên; Thanh Hóa; Thừa Thiên Huế; Thành phố Hồ Chí Minh; Tiền Giang; Trà Vinh; Tuyên
    Quang; Vĩnh Long; Vĩnh Phúc; Yên Bái
    """
)
"""Provinces and cities under the central government, those of before and after 01/7/2025."""

DEPARTMENTS = _phrases(
    """
    Công Thương; Dân tộc và Tôn giáo; Du lịch; Giao thông vận tải; Giáo dục và Đào tạo; Kế hoạch và Đầu tư; Khoa
    học và Công nghệ; Lao động - Thương binh và Xã hội; Ngoại vụ; Nội vụ; Nông nghiệp và Môi trường; Nông nghiệp
    và Phát triển nông thôn; Quy hoạch - Kiến trúc; Tài chính; Tài nguyên và Môi trường; Thông tin và Truyền
    thông; Tư pháp; Văn hóa và Thể thao; Văn hóa, Thể thao và Du lịch; Xây dựng; Y tế
    """
)
"""What departments (sở) are called after the word "Sở", those of before and after 01/3/2025."""

BODIES = (
    *(f"Sở {name}" for name in DEPARTMENTS),
    *_phrases(
        """
    Các tổ chức đoàn thể, chính trị - xã hội; Cổng TTĐT tỉnh; Tỉnh ủy, HĐND tỉnh; Thường trực Tỉnh ủy;
    Thường trực HĐND tỉnh; Thường trực Thành ủy; Đài PT-TH tỉnh; các tổ chức chính trị - xã hội; Hội Văn học nghệ thuật;
    Bộ Thông tin và Truyền thông; Bộ Văn hóa, Thể thao và Du lịch; Bộ Khoa học và Công nghệ; Bộ Nội vụ; Bộ Tài
    chính; Bộ Tư pháp; Bộ Y tế; Bộ Giáo dục và Đào tạo; Bộ Công an; Ủy ban nhân dân tỉnh; Ủy ban nhân dân thành
    phố; Ủy ban nhân dân các huyện, thị xã, thành phố; Ủy ban nhân dân các xã, phường; UBND tỉnh; UBND thành
    phố; UBND các huyện, thị xã, thành phố; UBND các huyện, thị, thành phố; UBND các xã, phường; Hội đồng nhân
    dân tỉnh; HĐND tỉnh; Các sở, ban, ngành; Các sở, ban, ngành tỉnh; Các sở, ban ngành tỉnh; Các sở, ngành; Các
    cơ quan báo chí; Các cơ quan báo chí tỉnh; Các cơ quan báo chí của tỉnh; Ban Tuyên giáo Tỉnh ủy; Ban Tuyên
    giáo Thành ủy; Văn phòng Ủy ban nhân dân tỉnh; Văn phòng UBND tỉnh; Văn phòng Chính phủ; Thủ tướng Chính
    phủ; Chính phủ; Cục Báo chí; Hội Nhà báo tỉnh; Hội Nhà báo; Công an tỉnh; Bộ Chỉ huy Quân sự tỉnh; Tỉnh ủy;
    Thành ủy; Thanh tra tỉnh; Cổng Thông tin điện tử tỉnh; Đài Phát thanh và Truyền hình; Đài Phát thanh -
    Truyền hình; Tạp chí Văn nghệ; Tỉnh đoàn; Liên đoàn Lao động tỉnh; Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh;
    các cơ quan, đơn vị có liên quan; các đơn vị có liên quan; các đơn vị liên quan; các sở, ban ngành có liên
    quan; các cơ quan, đơn vị
        """
    ),
)

TERMS = _phrases(
    """
    sơ kết; tổng kết năm; sơ kết 6 tháng; gửi; phối hợp, hỗ trợ; hằng tuần; hàng tuần; hàng tháng; hàng quý;
    mỗi năm; sau khi; trong tháng; trong quý;
    trong năm; xong trong quý;
    hoàn thành trước ngày; hoàn thành trong; chậm nhất; giờ; ngày thứ Hai; ngày thứ Sáu; vấn đề; vận động; tuyên truyền;
    thành lập; kiểm tra, giám sát; phê bình; cấp kinh phí; trang bị; lực lượng; tuyến dân cư; hộ gia đình; đề nghị;
    thường trực; ban hành kế hoạch như sau; trật tự; an toàn; an toàn giao thông; phòng cháy, chữa cháy; như sau;
    kế hoạch; mục đích, yêu cầu; mục đích; yêu cầu; mục tiêu; mục tiêu tổng quát; mục tiêu cụ thể; mục tiêu
    chung; mục tiêu đến năm; nhiệm vụ, giải pháp; kinh phí thực hiện; tổ chức thực hiện; chế độ báo cáo; nơi
    nhận; phụ lục; chủ tịch; phó chủ tịch; giám đốc; căn cứ; thực hiện; quyết định; quyết định số; nghị quyết
    số; kế hoạch số; công văn số; chỉ thị số; phê duyệt; về việc; ban hành; ban hành kế hoạch; triển khai; triển
    khai thực hiện; cụ thể như sau; chiến lược; chiến lược chuyển đổi số báo chí; chuyển đổi số báo chí; chuyển
    đổi số; đến năm; định hướng đến năm; tầm nhìn đến năm; trên địa bàn; trên địa bàn tỉnh; trên địa bàn thành
    phố; ngày; tháng; năm; hằng năm; hàng năm; định kỳ hằng năm; định kỳ hàng năm; hằng quý; hằng tháng; trước
    ngày; đột xuất; hoặc đột xuất; khi có yêu cầu; báo cáo; báo cáo kết quả; báo cáo kết quả triển khai thực
    hiện; về; qua; tổng hợp; để báo cáo; để tổng hợp; theo quy định; chủ trì; phối hợp; phối hợp với; chủ trì,
    phối hợp; chủ trì, theo dõi, đôn đốc; theo dõi; đôn đốc; kiểm tra; giám sát; đánh giá; rà soát; xây dựng kế
    hoạch; xây dựng; tham mưu; đề xuất; sửa đổi, bổ sung; bổ sung; hỗ trợ; tạo điều kiện; hỗ trợ và tạo điều
    kiện; bố trí kinh phí; kinh phí; ngân sách; ngân sách nhà nước; các văn bản pháp luật; pháp luật; theo chức
    năng, nhiệm vụ; thẩm quyền; cơ quan báo chí; cơ quan; đơn vị; có liên quan; liên quan; báo chí; tòa soạn hội
    tụ; hoạt động; vận hành; mô hình; nền tảng số; các nền tảng số; nền tảng; nội dung; đưa nội dung lên các nền
    tảng số; trong nước; ưu tiên; phấn đấu; tối thiểu; ít nhất; ít nhất một; trên; dưới; đạt; tăng doanh thu;
    nguồn thu; tối ưu hóa nguồn thu; tối ưu hóa; sản phẩm báo chí số; sản phẩm; sản xuất nội dung; xu hướng báo
    chí số; lãnh đạo; cán bộ; phóng viên; biên tập viên; được đào tạo, bồi dưỡng; đào tạo, bồi dưỡng; đào tạo;
    bồi dưỡng; tập huấn; kiến thức, kỹ năng; kiến thức; kỹ năng; giải pháp; an toàn, an ninh; đảm bảo an toàn,
    an ninh hệ thống thông tin; hệ thống thông tin; cấp độ; trở lên; nâng cao nhận thức; tăng cường tuyên
    truyền; nâng cao chất lượng nguồn nhân lực; nguồn nhân lực; nâng cao chất lượng; ứng dụng công nghệ thông
    tin; công nghệ thông tin; ứng dụng; công nghệ; phân tích, xử lý dữ liệu; phân tích; xử lý; của tỉnh; của
    thành phố; trí tuệ nhân tạo; ứng dụng trí tuệ nhân tạo; báo chí điện tử; nhiệm vụ; chỉ tiêu; kết quả; tỉnh;
    thành phố; thủ trưởng; các cơ quan, đơn vị; nghiêm túc; khó khăn, vướng mắc; cấp có thẩm quyền; quản lý;
    hướng dẫn; tổ chức; phân công; nhận thức; thường xuyên; người dân; doanh nghiệp; cải cách hành chính; dịch
    vụ công trực tuyến; thủ tục hành chính; quản lý nhà nước; thông tin; truyền thông; cân đối; phân cấp; dự
    toán; thanh toán, quyết toán; quý; giai đoạn; lưu; kính gửi; ngân sách tỉnh; nhân lực; chất lượng nhân lực;
    chương trình; quá trình; quá trình chuyển đổi số; tiến hành; tiến hành đánh giá; tiến trình; quán triệt;
    phục vụ; đội ngũ; chủ động; từng bước; tháo gỡ; tháo gỡ khó khăn, vướng mắc; kịp thời; được giao; được giao
    tại kế hoạch này; nhằm; thúc đẩy; nhằm thúc đẩy; tăng cường; đồng bộ; phù hợp; phù hợp với; trải nghiệm; độc
    giả; trải nghiệm của độc giả; hình thành; đáp ứng; đáp ứng yêu cầu; khoa học; khoa học, công nghệ; tiên
    tiến; trên thế giới; sử dụng; bao gồm; nghiệp vụ; quy trình; quy trình xuất bản; quản trị; nội bộ; tương
    tác; đo lường; mức độ trưởng thành; chỉ số đánh giá; bộ chỉ số; phát thanh số; truyền hình số; trực tuyến;
    tòa soạn điện tử; điều hành; tác nghiệp; đẩy mạnh; thu thập; dữ liệu; dự báo; công cụ; hiện đại; toàn bộ;
    môi trường số; tự động hóa; đổi mới; đổi mới hiệu quả; hiệu quả; thiết kế, sáng tạo; mạng; an ninh mạng; cần
    thiết; cơ bản; chia sẻ; lan tỏa, nhân rộng; tổ chức, cá nhân; thành tích; sáng kiến; tôn vinh; biểu dương;
    vai trò; quan trọng; cấp thiết; hoàn thiện; quy định; quy định pháp luật; khả năng; khả năng cân đối; chi
    thường xuyên; lồng ghép; đề án; huy động; các nguồn kinh phí hợp pháp khác; chặt chẽ; bám sát; vững chắc;
    tích cực; liên tục; toàn diện; lộ trình; tiêu chí; hoàn thành; đề ra; trách nhiệm; tiến độ; đồng thời; trong
    đó; chính trị - xã hội; đoàn thể; sự nghiệp; đất nước; vai trò dẫn dắt; định hướng dư luận xã hội; chủ quyền
    thông tin; không gian mạng; phát triển ngành công nghiệp nội dung số; này; tại kế hoạch này; của kế hoạch
    này; trình; phòng; chính; trị; thực; được; với; những; trong; theo; nhân dân; vấn đề; trên đây là kế hoạch;
    hợp tác; học tập kinh nghiệm; quy hoạch; phát triển; của; các; và; tại; cho
    """
)
