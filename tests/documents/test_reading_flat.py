"""Tables that lost their cells are put together again: one line a piece of cell, or columns set by blanks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.meaning.flat import unflatten
from documents.meaning.layout import unlay
from documents.source import Grid, Line, squeeze

FLAT = """PHỤ LỤC
TT Nội dung công việc Cơ quan chủ trì Cơ quan phối
hợp
Thời gian thực
hiện
1 Lập danh mục kho tư
liệu ảnh của tỉnh
Báo Hậu Giang,
Tạp chí
Văn nghệ
Sở Thông tin
và Truyền
thông; các
đơn vị liên quan
2026-2027
2 Mở lớp tập huấn biên
tập video ngắn
Sở Thông tin
và Truyền thông
Các cơ quan báo chí
Sau khi có
hướng dẫn của
Bộ
9
3
Kiểm tra việc lưu chiểu
điện tử
Sở Y tế Công an tỉnh
Nơi nhận:
- Như trên."""


def lines(text: str) -> list[Line]:
    return [
        Line(squeeze(line), number=number, printed=line)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]


def texts(grid: Grid) -> list[list[str]]:
    return [[squeeze(cell.text) for cell in row] for row in grid.rows]


def test_lines_of_cells_become_a_table_again() -> None:
    rest, (grid,) = unflatten(lines(FLAT))
    assert [line.text for line in rest] == ["PHỤ LỤC", "Nơi nhận:", "- Như trên."]
    assert texts(grid) == [
        ["TT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian"],
        [
            "1", "Lập danh mục kho tư liệu ảnh của tỉnh", "Báo Hậu Giang, Tạp chí Văn nghệ",
            "Sở Thông tin và Truyền thông; các đơn vị liên quan", "2026-2027",
        ],
        [
            "2", "Mở lớp tập huấn biên tập video ngắn", "Sở Thông tin và Truyền thông", "Các cơ quan báo chí",
            "Sau khi có hướng dẫn của Bộ",
        ],
        ["3", "Kiểm tra việc lưu chiểu điện tử", "Sở Y tế", "Công an tỉnh", ""],
    ]  # fmt: skip


def test_what_is_no_table_of_tasks_stays_as_lines() -> None:
    text = "TT Họ và tên Chức vụ\n1 Người thứ nhất\n2 Người thứ hai"
    assert unflatten(lines(text)) == (tuple(lines(text)), ())


LAID = """   ỦY BAN NHÂN DÂN              CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
     TỈNH HẬU GIANG                  Độc lập - Tự do - Hạnh phúc
                     KẾ HOẠCH
Căn cứ Luật Báo chí;

TT   Nhiệm vụ               Thời gian     Đơn vị chủ    Đơn vị phối
                            thực hiện     trì           hợp
1    Lập danh mục kho     Quý III/2026    Sở Thông tin  Các sở, ban,
     tư liệu ảnh                          và Truyền     ngành
                                          thông
2    Mở lớp tập huấn biên Hằng năm        Báo Hậu Giang Sở Tài chính
     tập video cấp độ 3
                           4

TT   Nhiệm vụ               Thời gian     Đơn vị chủ    Đơn vị phối
                            thực hiện     trì           hợp
     trở lên
3    Kiểm tra lưu chiểu   2026            Sở Y tế       Công an tỉnh

Nơi nhận:                            TM. ỦY BAN NHÂN DÂN
- Như trên;                               CHỦ TỊCH
"""


def test_columns_set_by_blanks_become_cells() -> None:
    rest, (grid,) = unlay(lines(LAID))
    assert [row[1:] for row in texts(grid)[1:]] == [
        ["Lập danh mục kho tư liệu ảnh", "Quý III/2026", "Sở Thông tin và Truyền thông", "Các sở, ban, ngành"],
        ["Mở lớp tập huấn biên tập video cấp độ 3 trở lên", "Hằng năm", "Báo Hậu Giang", "Sở Tài chính"],
        ["Kiểm tra lưu chiểu", "2026", "Sở Y tế", "Công an tỉnh"],
    ]
    assert [(line.cell, line.text) for line in rest if line.cell is not None] == [
        (0, "ỦY BAN NHÂN DÂN"), (0, "TỈNH HẬU GIANG"),
        (1, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (1, "Độc lập - Tự do - Hạnh phúc"),
        (0, "Nơi nhận:"), (0, "- Như trên;"), (1, "TM. ỦY BAN NHÂN DÂN"), (1, "CHỦ TỊCH"),
    ]  # fmt: skip


WORDS = st.sampled_from(
    [
        "TT",
        "1",
        "2",
        "3",
        "Nhiệm vụ",
        "Đơn vị chủ trì",
        "Thời gian",
        "Sở Y tế",
        "Hằng năm",
        "  ",
        "việc",
        ";",
        "I.",
        "\n",
    ]
)


@given(st.lists(WORDS, max_size=60).map(" ".join))
@settings(max_examples=150)
def test_any_lines_are_kept_or_put_into_a_table(text: str) -> None:
    rest, grids = unflatten(lines(text))
    assert len(rest) <= len(lines(text))
    assert bool(grids) or len(rest) == len(lines(text))
    unlay(lines(text))
