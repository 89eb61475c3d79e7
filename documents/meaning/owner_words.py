"""The words by which the owners in a cell are told apart: how bodies begin, what stands for many, what departments are.

Patterns match words with and without their diacritics and with either place of the tone mark ("Ủy ban", "Uỷ ban",
"Uy ban"), because scans lose the first and keyboards differ in the second.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from documents.meaning.lexicon import DEPARTMENTS
from domain.names import fold, is_abbreviation

# One syllable may begin many words ("Ban", "ban hành"), so a name must follow: a capital or one of these.
_SHORT_HEADS = (
    "Sở", "Báo", "Đài", "Ban", "Hội", "Cục", "Bộ", "Đoàn", "Viện", "Trường", "Cổng", "Phòng", "Khối", "Quỹ", "Vụ",
    "Đội", "Tổ", "Nhà",
)  # fmt: skip
_AFTER_SHORT_HEADS = (
    "hội đồng", "ban quản lý", "ban chỉ đạo", "ban chấp hành", "ban thường trực", "ban tuyên giáo", "đài phát thanh",
    "đài truyền hình", "trường đại học", "trường cao đẳng", "trường chính trị", "hội nhà báo", "hội liên hiệp",
    "hội nông dân", "hội phụ nữ", "hội cựu chiến binh", "hội văn học", "đoàn thanh niên", "đoàn đại biểu",
    "viện kiểm sát", "bộ chỉ huy", "bộ đội biên phòng", "cổng thông tin", "nhà xuất bản", "tổ công nghệ",
    "báo và", "đài và", "sở thông tin", "sở tài chính", "sở nội vụ", "sở kế hoạch", "sở giáo dục", "sở khoa học",
    "sở văn hóa", "sở y tế", "sở tư pháp", "sở xây dựng", "sở công thương", "sở nông nghiệp", "sở tài nguyên",
    "sở lao động", "sở giao thông", "sở ngoại vụ", "sở du lịch",
)  # fmt: skip
_LONG_HEADS = (
    "Tạp chí", "Hiệp hội", "Câu lạc bộ", "Ủy ban", "Chi cục", "Tổng cục", "Công an", "Trung tâm", "Văn phòng",
    "Liên đoàn", "Liên hiệp",
    "Liên minh", "Tỉnh đoàn", "Thành đoàn", "Huyện đoàn", "Tỉnh ủy", "Thành ủy", "Huyện ủy", "Quận ủy", "Thị ủy",
    "Đảng ủy", "Mặt trận", "Công ty", "Tổng công ty", "Tập đoàn", "Bưu điện", "Bưu chính", "Bảo hiểm xã hội",
    "Ngân hàng", "Kho bạc", "Thanh tra", "Tòa án", "Hải quan", "Thống kê", "Cơ quan", "Thường trực", "Biên phòng",
    "Bệnh viện", "Học viện", "Thư viện", "Bảo tàng", "Tòa soạn", "Chi nhánh", "Doanh nghiệp", "Hợp tác xã",
    "Đại học", "Thủ tướng", "Chính phủ", "Quân khu", "Điện lực", "Thuế", "Truyền hình Thông tấn", "Thông tấn xã",
    "Viettel", "MobiFone", "VinaPhone", "Vietcombank", "Agribank",
)  # fmt: skip
HEADS = (*_SHORT_HEADS, *_LONG_HEADS, "UBND", "HĐND", "Uỷ ban")
"""Words with which names of bodies begin."""
# Abbreviations that are whole bodies, or their beginning, and not the second half of a department's name.
_SHORT_NAMES = (
    "UBND", "UBMTTQ", "UBMTTQVN", "UB", "HĐND", "MTTQ", "MTTQVN", "BHXH", "BCH", "BCĐ", "BQL", "BTG", "BTC", "VNPT",
    "VTV", "VOV", "TTXVN", "FPT", "NHNN", "NHCSXH", "KBNN", "CA", "CATP", "LĐLĐ", "TTTU", "TU", "TƯ", "VP", "VKS",
    "TAND", "LLVT", "BĐBP", "QK",
)  # fmt: skip
# What may stand in for several bodies; longer ones first, so that "thị xã" is one word.
_GENERIC = (
    "chính quyền địa phương", "cơ quan", "đơn vị", "địa phương", "tổ chức", "đoàn thể", "doanh nghiệp", "cá nhân",
    "hợp tác xã", "bệnh viện", "trường học", "cơ sở", "tạp chí", "công ty", "trung tâm", "thành viên", "lực lượng",
    "thành phố", "thị xã", "thị trấn", "đặc khu", "tỉnh", "cấp huyện", "cấp xã", "cấp tỉnh", "sở", "ban", "ngành",
    "hiệp hội", "hội", "quận", "huyện", "phường", "xã", "thị", "trường", "báo", "đài", "bộ", "cục", "phòng", "viện",
    "cấp", "chủ", "nhà",
)  # fmt: skip
# Of these, the ones that no name of a body goes on with after a comma or "và".
_PLAINLY_GENERIC = (
    "chính quyền địa phương", "cơ quan", "đơn vị", "địa phương", "tổ chức", "đoàn thể", "doanh nghiệp", "bệnh viện",
    "sở", "ngành",
)  # fmt: skip
_EXTRA_DEPARTMENTS = (
    "Văn hóa, Thông tin, Thể thao và Du lịch", "Văn hóa, Thể thao, Du lịch", "Lao động, Thương binh và Xã hội",
    "Nông nghiệp và PTNT", "NN và PTNT", "TT và TT", "KH và ĐT", "KH và CN", "GD và ĐT", "TN và MT", "NN và MT",
    "LĐ, TB và XH", "LĐ, TB&XH", "VH, TT và DL", "VH, TT&DL", "VHTT và DL", "Văn hóa và Thông tin", "Văn hóa",
    "Thể thao", "Thông tin", "Giao thông vận tải - Xây dựng", "An toàn thực phẩm", "Dân tộc", "Tôn giáo",
    "Khoa học", "Thương mại", "Nông nghiệp", "Công nghiệp", "Quốc phòng", "Ngoại giao", "Công Thương", "Thanh tra",
)  # fmt: skip
LEVELS = ("huyện", "thị xã", "thành phố", "quận", "xã", "phường", "thị trấn", "đặc khu")
"""The kinds of territory below a province."""

_MOVED = {"Ủy": "Uỷ", "ủy": "uỷ", "Tòa": "Toà", "tòa": "toà", "hóa": "hoá", "Hóa": "Hoá"}


def bare(text: str) -> str:
    """The text without diacritics, letter for letter."""
    return "".join(unicodedata.normalize("NFD", c)[0] for c in text.replace("đ", "d").replace("Đ", "D"))


def either(words: Iterable[str]) -> str:
    """A pattern for these words with or without diacritics and with either place of the tone, longest first."""
    spellings: set[str] = set()
    for word in words:
        moved = word
        for old, new in _MOVED.items():
            moved = moved.replace(old, new)
        spellings |= {word, moved, bare(word)}
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return "|".join(re.escape(spelling).replace(r"\ ", r"\s+") for spelling in longest_first)


_END = r"(?![^\W_])"
_SHORT_HEAD_RE = re.compile(rf"(?:{either(_SHORT_HEADS)})\s+(?P<next>\S)", re.IGNORECASE)
_AFTER_SHORT_HEAD_RE = re.compile(rf"(?:{either(_AFTER_SHORT_HEADS)}){_END}", re.IGNORECASE)
_LONG_HEAD_RE = re.compile(rf"(?:{either(_LONG_HEADS)}){_END}(?:\s+(?P<next>\S))?", re.IGNORECASE)
_LOWER_HEAD_RE = re.compile(rf"(?:công an|ủy ban|uỷ ban|bảo hiểm xã hội|tỉnh đoàn|bưu điện|kho bạc){_END}")
_MANY = r"(?:tất\s+cả\s+|toàn\s+thể\s+)?(?:các|cac|những|nhung|mọi|một\s+số|toàn\s+thể)\s+"
_COUNCIL = r"(?:UBND|HĐND|HDND|(?:ủy|uỷ|uy)\s+ban\s+(?:nhân\s+dân|nhan\s+dan)|công\s+an|chủ\s+tịch\s+UBND)\s+"
_COLLECTIVE_RE = re.compile(rf"(?:lãnh\s+đạo\s+|thủ\s+trưởng\s+)?{_MANY}(?:{either(_GENERIC)}){_END}", re.IGNORECASE)
_COUNCILS_RE = re.compile(
    rf"{_COUNCIL}(?:{_MANY})?(?:cấp\s+)?(?:{either((*LEVELS, 'địa phương', 'cấp', 'thị', 'đơn vị'))})$", re.IGNORECASE
)
_MANY_COUNCILS_RE = re.compile(rf"{_COUNCIL}{_MANY}", re.IGNORECASE)
_PURE_RE = re.compile(
    rf"(?:{_COUNCIL}(?={_MANY}))?(?:{_MANY})?(?:{either(_GENERIC)}){_END}"
    rf"(?:[\s-]+(?:{either(_GENERIC)}){_END})*(?:\s+(?:cấp\s+)?tỉnh)?$",
    re.IGNORECASE,
)
_GENERIC_HEAD_RE = re.compile(rf"(?:{either(_GENERIC)}){_END}", re.IGNORECASE)
_PLAIN_GENERIC_RE = re.compile(rf"(?:{either(_PLAINLY_GENERIC)}){_END}", re.IGNORECASE)
_LEVEL_RE = re.compile(rf"(?:cấp\s+)?(?:{either((*LEVELS, 'thị', 'tỉnh'))})$", re.IGNORECASE)
_CONCERNED_RE = re.compile(rf"(?:liên\s+quan|lien\s+quan|khác|khac){_END}", re.IGNORECASE)
_SHORT_NAME_RE = re.compile(rf"(?:{either(_SHORT_NAMES)}){_END}")
_TERRITORY_RE = re.compile(rf"(?P<level>{either(LEVELS)})\s+(?P<name>\S.*)$")
_TAIL_RE = re.compile(r"\s*(?:\([^()]*\)|\s(?:tỉnh|tinh|thành\s+phố|TP\.?)(?:\s.*)?)$")


def begins_body(text: str) -> bool:
    """Whether the text begins with the name of a body of its own: "Sở Tài chính", "VNPT", "Công an tỉnh"."""
    if _SHORT_NAME_RE.match(text) or _is_department_in_short(text):
        return True
    if _AFTER_SHORT_HEAD_RE.match(text) and (text[0].isupper() or text[0] in "sđ"):
        return True
    if match := _SHORT_HEAD_RE.match(text):
        return match["next"].isupper() and not _PURE_RE.match(text)
    if match := _LONG_HEAD_RE.match(text):
        if text[0].isupper():
            return not _is_one_word(text, match.end())
        return bool(match["next"] and match["next"].isupper()) or bool(_LOWER_HEAD_RE.match(text))
    return False


def _is_one_word(text: str, end: int) -> bool:
    """ "Doanh nghiệp" or "Cơ quan" and nothing more is no name, "Công an" is."""
    return bool(_PURE_RE.match(text)) and end >= len(text)


def _is_department_in_short(text: str) -> bool:
    """ "STTTT", "SKHĐT": the word "Sở" and the initials of a department."""
    word = text.split(" ", 1)[0]
    return word[:1] == "S" and word.isupper() and fold(word)[1:] in _DEPARTMENT_INITIALS


def is_collective(text: str) -> bool:
    """Whether the text begins like a name for many: "Các sở", "UBND các huyện", "UBND cấp xã"."""
    return bool(_COLLECTIVE_RE.match(text)) or is_councils(text)


def is_councils(text: str) -> bool:
    """Whether the text begins with the councils of many places: "UBND các huyện", "Công an các xã"."""
    return bool(_MANY_COUNCILS_RE.match(text) or _COUNCILS_RE.match(text))


def is_generic(text: str) -> bool:
    """Whether the text is nothing but words for many: "ban", "ban ngành", "thị xã", "Các sở", "UBND các huyện"."""
    return bool(_PURE_RE.match(text) or _COUNCILS_RE.match(text))


def is_level(text: str) -> bool:
    """Whether the text is only a kind of territory: "thị xã", "phường", "thị"."""
    return bool(_LEVEL_RE.match(text))


def is_plainly_generic(text: str) -> bool:
    """Whether the text begins with a word for many that never goes on a name: "địa phương", "ngành"."""
    return bool(_PLAIN_GENERIC_RE.match(text))


def is_concerned(text: str) -> bool:
    """Whether the text is of the sort "đơn vị có liên quan": words for many, and nobody in particular."""
    return bool(_GENERIC_HEAD_RE.match(text) and _CONCERNED_RE.search(text[:200]))


def territory(text: str) -> re.Match[str] | None:
    """The `level` and `name` of a text such as "huyện Lộc Ninh"."""
    match = _TERRITORY_RE.match(text)
    return match if match and match["name"][0].isupper() else None


def _pieces(name: str) -> tuple[str, ...]:
    return tuple(fold(piece) for piece in re.split(r"\s*,\s*|\s+và\s+", name))


_DEPARTMENTS = frozenset(map(_pieces, (*DEPARTMENTS, *_EXTRA_DEPARTMENTS)))
_DEPARTMENT_INITIALS = frozenset(
    "".join(fold(word)[:1] for word in name.split() if word not in ("và", "-"))
    for name in (*DEPARTMENTS, *_EXTRA_DEPARTMENTS)
)
_LONGEST_DEPARTMENT = max(map(len, _DEPARTMENTS))


def department_length(pieces: list[str], start: int, first: str) -> int:
    """How many pieces from `start` on are the name of one department, 0 if none; `first` stands for the first of them.

    A name may end in a territory or in parentheses: "Du lịch tỉnh".
    """
    for length in range(min(_LONGEST_DEPARTMENT, len(pieces) - start), 0, -1):
        named = [first, *pieces[start + 1 : start + length]]
        whole = tuple(map(fold, named))
        if whole in _DEPARTMENTS or (*whole[:-1], fold(_TAIL_RE.sub("", named[-1][:200]))) in _DEPARTMENTS:
            return length
    return 1 if is_abbreviation(first) and fold(first) in _DEPARTMENT_INITIALS and len(fold(first)) > 1 else 0
