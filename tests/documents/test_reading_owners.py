"""Each body in a cell is an owner of its own, however the cell is broken into lines; words for many stay one."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.meaning.owners import coordinators_in, lead_and_coordinators, owners


def names(text: str) -> list[str]:
    return [owner.text for owner in owners(text)]


ONE = [
    "Sở Thông tin và Truyền thông", "Sở Văn hóa, Thể thao và Du lịch", "Sở Giáo dục và Đào tạo", "Sở VH,TT&DL",
    "Sở VH, TT và DL", "Sở NN và PTNT", "Sở Nông nghiệp và Môi trường", "Sở Giao thông vận tải - Xây dựng",
    "Văn phòng Đoàn ĐBQH và HĐND tỉnh", "Văn phòng UBND tỉnh", "Ban Tuyên giáo và Dân vận Tỉnh ủy",
    "Báo và Phát thanh, Truyền hình tỉnh Quảng Trị", "Báo và Đài Phát thanh - Truyền hình tỉnh",
    "Đài Phát thanh và Truyền hình", "Đài Phát thanh - Truyền hình và Báo Bình Phước",
    "Ban Quản lý các khu công nghiệp", "Ban Quản lý Khu kinh tế và các khu công nghiệp tỉnh",
    "Hội Liên hiệp Phụ nữ tỉnh", "Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh", "Trung tâm Công nghệ và Truyền thông",
    "Các sở, ban, ngành", "Các sở, ban ngành, địa phương", "Các sở, ban, ngành, hội, đoàn thể tỉnh",
    "UBND các xã, phường", "UBND các huyện, thị xã, thành phố", "Ủy ban nhân dân các xã, phường và đặc khu",
    "các đơn vị, địa phương có liên quan", "Các cơ quan, đơn vị liên quan", "các cơ quan báo chí",
    "Các sở, ngành, địa phương, cơ quan, đơn vị", "Các doanh nghiệp bưu chính, viễn thông", "CÁC SỞ, BAN, NGÀNH",
    "các trường Đại học, Cao đẳng, THPT", "Cục Báo chí (Bộ Thông tin và Truyền thông)",
    "Sở Tài chính (phòng Ngân sách, phòng Đầu tư; Văn phòng)",
]  # fmt: skip


@pytest.mark.parametrize("text", ONE)
def test_one_body_stays_whole(text: str) -> None:
    assert names(text) == [text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sở Tài chính; các đơn vị liên quan", ["Sở Tài chính", "các đơn vị liên quan"]),
        ("Báo Quảng Trị, Đài PT-TH tỉnh, Tạp chí Cửa Việt", ["Báo Quảng Trị", "Đài PT-TH tỉnh", "Tạp chí Cửa Việt"]),
        ("Đài PT-TH tỉnh và Báo Quảng Trị", ["Đài PT-TH tỉnh", "Báo Quảng Trị"]),
        ("Các sở, ban, ngành và UBND các xã, phường", ["Các sở, ban, ngành", "UBND các xã, phường"]),
        ("Các cơ quan báo chí và các đơn vị có liên quan", ["Các cơ quan báo chí", "các đơn vị có liên quan"]),
        ("Các sở, ban, ngành, UBND các huyện", ["Các sở, ban, ngành", "UBND các huyện"]),
        ("UBND các huyện, thị xã và cơ quan liên quan", ["UBND các huyện, thị xã", "cơ quan liên quan"]),
        ("Sở Nội vụ, các sở, ngành liên quan", ["Sở Nội vụ", "các sở, ngành liên quan"]),
        ("Sở Nội vụ và địa phương liên quan", ["Sở Nội vụ", "địa phương liên quan"]),
        ("Văn phòng UBND tỉnh và Sở Nội vụ", ["Văn phòng UBND tỉnh", "Sở Nội vụ"]),
        ("Tỉnh đoàn, Hội Nông dân tỉnh và Công an tỉnh", ["Tỉnh đoàn", "Hội Nông dân tỉnh", "Công an tỉnh"]),
        ("STTTT, STC, SKHĐT", ["STTTT", "STC", "SKHĐT"]),
        ("sở Tài chính, công an tỉnh", ["sở Tài chính", "công an tỉnh"]),
        ("Sở Tài chính/Sở Nội vụ", ["Sở Tài chính", "Sở Nội vụ"]),
        ("Sở Tài chính, VNPT Quảng Trị, Viettel", ["Sở Tài chính", "VNPT Quảng Trị", "Viettel"]),
        ("Sở Tài chính; Sở, ban, ngành khác", ["Sở Tài chính", "Sở, ban, ngành khác"]),
        ("Sở Y tế, Báo và Phát thanh, Truyền hình Huế", ["Sở Y tế", "Báo và Phát thanh, Truyền hình Huế"]),
        ("Uy ban nhan dan tinh, So Tai chinh", ["Uy ban nhan dan tinh", "So Tai chinh"]),
        ("Sở Tài chính; Sở Tài chính,…", ["Sở Tài chính"]),
        ("Đơn vị phối hợp: Sở Tài chính.", ["Sở Tài chính"]),
        (" ; - , ", []),
    ],
)
def test_bodies_side_by_side_are_told_apart(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Các Sở: Tài chính, Nội vụ, Khoa học và Công nghệ", "Sở Tài chính|Sở Nội vụ|Sở Khoa học và Công nghệ"),
        ("Các sở Tài chính, Văn hóa, Thể thao và Du lịch và Nội vụ",
         "Sở Tài chính|Sở Văn hóa, Thể thao và Du lịch|Sở Nội vụ"),
        ("Các sở, ngành: Tài chính, Nội vụ, Công an tỉnh", "Sở Tài chính|Sở Nội vụ|Công an tỉnh"),
        ("Các Sở TT&TT, KH&ĐT", "Sở TT&TT|Sở KH&ĐT"),
        ("Sở Tài chính, Nội vụ", "Sở Tài chính|Sở Nội vụ"),
        ("UBND các huyện: Lộc Ninh, Bù Đốp", "UBND huyện Lộc Ninh|UBND huyện Bù Đốp"),
        ("UBND huyện Lộc Ninh, huyện Bù Đốp và thị xã Bình Long",
         "UBND huyện Lộc Ninh|UBND huyện Bù Đốp|UBND thị xã Bình Long"),
        ("UBND các huyện Lộc Ninh, Bù Đốp", "UBND huyện Lộc Ninh|UBND huyện Bù Đốp"),
        ("Ủy ban nhân dân các huyện: Lộc Ninh, Bù Đốp và thị xã Bình Long",
         "Ủy ban nhân dân huyện Lộc Ninh|Ủy ban nhân dân huyện Bù Đốp|Ủy ban nhân dân thị xã Bình Long"),
        ("UBND xã Tân Lập, xã Tân Tiến", "UBND xã Tân Lập|UBND xã Tân Tiến"),
        ("UBND xã Tân Lập, huyện Đồng Phú", "UBND xã Tân Lập, huyện Đồng Phú"),
        ("UBND thị xã Bình Long, huyện Lộc Ninh", "UBND thị xã Bình Long|UBND huyện Lộc Ninh"),
    ],
)  # fmt: skip
def test_a_shared_head_is_given_to_each(text: str, found: str) -> None:
    assert names(text) == found.split("|")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- Sở Tài chính\n- Sở Nội vụ\n- Các đơn vị liên quan", "Sở Tài chính|Sở Nội vụ|Các đơn vị liên quan"),
        ("1. Sở Tài chính\n2. Sở Nội vụ", "Sở Tài chính|Sở Nội vụ"),
        ("- Sở Tài chính - Sở Nội vụ", "Sở Tài chính|Sở Nội vụ"),
        ("• Sở Tài chính • Sở Nội vụ", "Sở Tài chính|Sở Nội vụ"),
        ("Sở Tài chính\nSở Nội vụ\nUBND các xã", "Sở Tài chính|Sở Nội vụ|UBND các xã"),
        ("Đài Phát thanh\n- Truyền hình tỉnh", "Đài Phát thanh - Truyền hình tỉnh"),
        ("Ban Tuyên giáo\nTỉnh ủy", "Ban Tuyên giáo Tỉnh ủy"),
        ("Các cơ quan báo chí\nđơn vị liên quan", "Các cơ quan báo chí|đơn vị liên quan"),
        ("Các cơ quan\nđơn vị liên quan", "Các cơ quan đơn vị liên quan"),
        ("Sở Tài nguyên và Môi trường\nBộ Chỉ huy Quân sự tỉnh", "Sở Tài nguyên và Môi trường|Bộ Chỉ huy Quân sự tỉnh"),
        ("Cục Báo chí (Bộ\nSở\nVăn phòng)", "Cục Báo chí (Bộ Sở Văn phòng)"),
    ],
)
def test_lines_separate_only_where_a_body_begins(text: str, found: str) -> None:
    assert names(text) == found.split("|")


MANY = [
    "Báo Quảng Trị", "Đài PT-TH tỉnh", "Sở Khoa học và Công nghệ", "Văn phòng Đoàn ĐBQH và HĐND tỉnh",
    "Các sở, ban, ngành tỉnh", "Ủy ban nhân dân các huyện, thị xã, thành phố", "các đơn vị, địa phương có liên quan",
]  # fmt: skip


@pytest.mark.parametrize("joint", ["; ", ", "])
@pytest.mark.parametrize("width", range(7, 40))
def test_a_cell_may_be_broken_anywhere(width: int, joint: str) -> None:
    cell = "\n".join(textwrap.wrap(joint.join(MANY), width, break_long_words=False, break_on_hyphens=False))
    assert names(cell) == MANY


@pytest.mark.parametrize(
    "text",
    [
        "Chủ trì: Sở Y tế. Phối hợp: Sở Nội vụ, Công an tỉnh",
        "- Chủ trì: Sở Y tế.\n- Phối hợp: Sở Nội vụ, Công an tỉnh",
        "Chủ trì: Sở Y tế; phối hợp với Sở Nội vụ, Công an tỉnh",
        "Chủ trì:\nSở Y\ntế\nPhối hợp:\nSở Nội\nvụ, Công an\ntỉnh",
        "Cơ quan chủ trì: Sở Y tế - Cơ quan phối hợp: Sở Nội vụ; Công an tỉnh",
        "Sở Y tế. Phối hợp: Sở Nội vụ, Công an tỉnh",
        "Sở Y tế chủ trì, phối hợp với Sở Nội vụ, Công an tỉnh",
        "Sở Y tế chủ trì; Sở Nội vụ, Công an tỉnh phối hợp",
        "Sở Y tế (chủ trì); Sở Nội vụ, Công an tỉnh (phối hợp)",
        "Sở Y tế (chủ trì), Sở Nội vụ, Công an tỉnh",
        "Sở Y tế phối hợp với Sở Nội vụ và Công an tỉnh",
        "Chủ trì Sở Y tế; phối hợp Sở Nội vụ, Công an tỉnh",
    ],
)
def test_both_roles_in_one_cell(text: str) -> None:
    both = lead_and_coordinators(text)
    assert both
    assert [[owner.text for owner in each] for each in both] == [["Sở Y tế"], ["Sở Nội vụ", "Công an tỉnh"]]


def test_a_cell_without_roles_has_none() -> None:
    assert lead_and_coordinators("Sở Y tế; Sở Nội vụ") is None
    assert lead_and_coordinators("Các đơn vị được giao chủ trì") is None
    assert lead_and_coordinators("") is None
    only = lead_and_coordinators("Chủ trì: Sở Y tế")
    assert only and [len(each) for each in only] == [1, 0]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Chủ trì, phối hợp với Sở Tài chính và các đơn vị có liên quan thẩm định dự án.",
         ["Sở Tài chính", "các đơn vị có liên quan"]),
        ("Chủ trì, phối hợp các đơn vị liên quan rà soát", ["các đơn vị liên quan"]),
        ("Theo dõi; phối hợp cơ quan liên quan tham mưu UBND tỉnh", ["cơ quan liên quan"]),
        ("Phối hợp tổ chức đào tạo, bồi dưỡng", []),
        ("phối hợp với các đơn vị tổ chức tập huấn", ["các đơn vị"]),
        ("phối hợp với các tổ chức chính trị - xã hội vận động người dân", ["các tổ chức chính trị - xã hội"]),
        ("Phối hợp với các cơ quan, tổ chức liên quan tuyên truyền", ["các cơ quan, tổ chức liên quan"]),
        ("phối hợp với Ban quản lý các khu công nghiệp kiểm tra", ["Ban quản lý các khu công nghiệp"]),
        ("phối hợp chặt chẽ với Sở Kế hoạch và Đầu tư trong việc bố trí vốn", ["Sở Kế hoạch và Đầu tư"]),
        ("Phối hợp với các cơ quan báo chí trên địa bàn tỉnh đăng tải", ["các cơ quan báo chí trên địa bàn tỉnh"]),
        ("phối hợp với Sở Giáo dục và đào tạo, Sở Nông nghiệp và phát triển nông thôn triển khai",
         ["Sở Giáo dục và đào tạo", "Sở Nông nghiệp và phát triển nông thôn"]),
        ("Phối hợp với Sở Y tế khảo sát; phối hợp với Công an tỉnh để xử lý", ["Sở Y tế", "Công an tỉnh"]),
        ("Báo cáo kết quả về Sở Y tế", []),
    ],
)  # fmt: skip
def test_a_duty_names_with_whom(sentence: str, found: list[str]) -> None:
    assert [owner.text for owner in coordinators_in(sentence)] == found


WORDS = [
    "Sở", "Tài chính", "Nội vụ", "và", ",", ";", "\n", "(", ")", "-", "các", "sở", "ban", "ngành", "UBND", "huyện",
    "Lộc Ninh", ":", "/", "Báo", "Đài Phát thanh", "Truyền hình", "Văn phòng", "HĐND", "liên quan", "đơn vị", "1.",
    "Các", "Chủ trì", "Phối hợp", "với", "&", "•", "Văn hóa", "Thể thao", "Du lịch", "STTTT", "KH&ĐT", "…", "tỉnh",
    "a)", ".", "+",
]  # fmt: skip
TEXTS = (
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=14).map("".join)
    | st.text(max_size=40)
)


@given(TEXTS)
def test_what_was_read_is_read_again_as_it_is(text: str) -> None:
    found = owners(text)
    assert owners("; ".join(owner.text for owner in found)) == found
    for owner in found:
        assert owners(owner.text) == (owner,)
        assert " ".join(owner.text.split()) == owner.text
    lead_and_coordinators(text)
    coordinators_in(text)


@pytest.mark.parametrize(
    "unit",
    ["A, ", "sở, ", "và ", "(", ")", "; ", "Đài \n", "- A\n", "1. ", "các sở, ban ", "UBND các huyện, ", "thị xã ", "a",
     "Chủ trì: A ", "phối hợp với các cơ quan ", "Các sở: ", "v.v ", "&", "Chủ trì Phối hợp ", "sở - ban ", " "],
)  # fmt: skip
def test_time_grows_with_the_length_only(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    start = time.perf_counter()
    owners(text)
    lead_and_coordinators(text)
    coordinators_in(text)
    assert time.perf_counter() - start < 6  # at most 0.3 s on a quiet machine; a square would take minutes
