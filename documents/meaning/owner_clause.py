"""Where the bodies named in a running sentence end: before the verb of what they are to do, or before "để", "theo" …"""

from __future__ import annotations

import re

_VERBS = (
    "thẩm định", "tham mưu", "rà soát", "tổ chức", "triển khai", "xây dựng", "hướng dẫn", "kiểm tra", "thanh tra",
    "giám sát", "theo dõi", "đôn đốc", "tổng hợp", "báo cáo", "trình", "đề xuất", "thực hiện", "đánh giá",
    "tuyên truyền", "phổ biến", "cung cấp", "bố trí", "cân đối", "lồng ghép", "hỗ trợ", "tạo điều kiện", "đẩy mạnh",
    "tăng cường", "nâng cao", "hoàn thiện", "sửa đổi", "bổ sung", "ban hành", "lựa chọn", "khảo sát", "nghiên cứu",
    "ứng dụng", "phát triển", "duy trì", "vận hành", "quản lý", "xử lý", "giải quyết", "tháo gỡ", "chỉ đạo",
    "định hướng", "quán triệt", "vận động", "huy động", "lập", "phân bổ", "cập nhật", "điều tra", "tiếp nhận",
    "công bố", "công khai", "đăng tải", "kết nối", "chia sẻ", "tích hợp", "bồi dưỡng", "tập huấn", "mở", "biên soạn",
    "xác định", "thúc đẩy", "khuyến khích", "đảm bảo", "bảo đảm", "bảo vệ", "chuẩn bị", "tiến hành", "chủ động",
    "kịp thời", "thường xuyên", "hoàn thành", "thẩm tra", "phê duyệt", "quyết định", "đưa", "phân công", "ngăn chặn",
    "phòng ngừa", "phòng, chống", "đấu tranh", "phát hiện", "xem xét", "góp ý", "lấy ý kiến", "quyết toán",
    "thanh toán", "nhân rộng", "khen thưởng", "phát động", "giới thiệu", "quảng bá", "đầu tư xây dựng", "hình thành",
    "chuyển đổi", "số hóa", "thiết lập", "thu thập", "thống kê", "thí điểm", "lắp đặt", "nâng cấp", "cải tạo",
    "khắc phục", "tham gia", "thu hút", "mời", "tiếp tục", "phân tích", "ký kết", "phối hợp", "chịu trách nhiệm",
    "có trách nhiệm", "có kế hoạch", "làm", "đề nghị", "yêu cầu", "tìm kiếm", "truy vết", "sản xuất", "xuất bản",
    "phát sóng", "mở rộng", "phát huy", "sắp xếp", "giao",
)  # fmt: skip
_CONNECTIVES = (
    "để", "nhằm", "theo", "căn cứ", "khi", "trước", "sau", "từ", "đến", "về", "tại", "thông qua", "qua", "bằng",
    "hằng", "hàng", "định kỳ", "nếu", "phục vụ", "đối với", "dưới", "cho", "do", "vào", "là", "việc", "công tác",
    "trong", "trên",
)  # fmt: skip
_STOP_RE = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(sorted((*_VERBS, *_CONNECTIVES), key=len, reverse=True))})(?![^\W_])|[.;:\n]"
)
# Words that make the verb after them part of a name: "Ban quản lý", "Trung tâm hỗ trợ", "Viện nghiên cứu".
_NAMED_RE = re.compile(
    r"(?:Ban|Viện|[Tt]rung tâm|[UỦ][yỷ] ban|Quỹ|cơ sở|Sở|sở|Phòng|Cục|cục|Hội|Đội|Tổ|lực lượng|cơ quan quản|ban)\s$"
)
_MANAGING_RE = re.compile(r"(?:cơ quan|đơn vị|doanh nghiệp)\s$")
_ORGANISATIONS_RE = re.compile(
    r"\s*(?:[,/)]|$|(?:có\s+)?liên quan|chính trị|đoàn|hội|xã hội|tôn giáo|cá nhân|quốc tế|và\b|khác|kinh tế|tín dụng)"
)
_CONCERNED_RE = re.compile(r"liên quan(?=\s+(?!(?:và|khác|thuộc|của|cấp|ở)(?![^\W_]))[^\W\dA-ZĐ])")
"""Words for nobody in particular ("các đơn vị có liên quan") end there, whatever verb comes next."""
_LOCAL_RE = re.compile(r"\s+(?:địa bàn|và ngoài|tỉnh|thành phố)")


def until_verb(text: str) -> str:
    """The beginning of the clause, up to the first word that no longer names a body."""
    for match in _STOP_RE.finditer(text):
        if not _is_part_of_a_name(match[0], text[max(0, match.start() - 20) : match.start()], text[match.end() :]):
            text = text[: match.start()]
            break
    concerned = _CONCERNED_RE.search(text)
    return text[: concerned.end()] if concerned else text


def _is_part_of_a_name(word: str, before: str, after: str) -> bool:
    if word in ("trong", "trên"):
        return bool(_LOCAL_RE.match(after))
    if word == "tổ chức":
        return before.endswith(("các ", "những ")) or (bool(before.strip()) and bool(_ORGANISATIONS_RE.match(after)))
    if word in ("quản lý", "thanh tra", "kiểm tra") and _MANAGING_RE.search(before):
        return True
    if word == "phát triển" and re.match(r"\s+nông thôn", after):
        return True
    return bool(_NAMED_RE.search(before))
