"""Texts in every encoding and dress that legal sites and clipboards give them: the same lines and tables come out."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.meaning.plan import read_source
from documents.read_text import read_text, tidy
from documents.source import Grid, Source
from domain.errors import Refusal, TooLarge
from domain.plan import Severity

HEAD = ["Stt", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Kết quả", "Thời gian thực hiện"]
ROWS = [
    ["01", "Mở lớp tập huấn", "Sở A", "Sở B; Sở C", "Báo cáo", "Hằng năm"],
    ["02", "Lập kế hoạch", "Sở B", "Các đơn vị", "Kế hoạch", "Quý II/2026"],
    ["03", "Kiểm tra", "Sở C", "", "Biên bản", "Thường xuyên"],
]
PROSE = "Ủy ban nhân dân tỉnh yêu cầu các sở, ngành báo cáo kết quả trước ngày 30/11 hằng năm để tổng hợp."


def read(text: str) -> Source:
    return read_text(text.encode())


def texts(source: Source) -> list[str]:
    return [line.text for line in source.lines]


def cells(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def tabs(rows: list[list[str]]) -> str:
    return "\n".join("\t".join(row) for row in rows)


# --- encodings -------------------------------------------------------------------------------------------------------


def cp1258(text: str) -> bytes:
    """As Windows writes Vietnamese: a letter with its shape, then the tone as a character of its own."""
    out = bytearray()
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
        shape = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
        out += (shape + tones).encode("cp1258")
    return bytes(out)


ENCODED = {
    "utf-8": PROSE.encode(),
    "utf-8 with mark": PROSE.encode("utf-8-sig"),
    "decomposed": unicodedata.normalize("NFD", PROSE).encode(),
    "utf-16": PROSE.encode("utf-16"),
    "utf-16 little, no mark": PROSE.encode("utf-16-le"),
    "utf-16 big, no mark": PROSE.encode("utf-16-be"),
    "utf-32": PROSE.encode("utf-32"),
    "windows-1258": cp1258(PROSE),
    "utf-8 twice": PROSE.encode().decode("latin-1").encode(),
}


@pytest.mark.parametrize("name", ENCODED)
def test_every_encoding_gives_the_same_line(name: str) -> None:
    source = read_text(ENCODED[name])
    assert texts(source) == [PROSE]
    assert [f.code for f in source.remarks] == (["legacy-encoding"] if name == "utf-8 twice" else [])


def test_bytes_of_tcvn3_and_vni_are_read_and_told() -> None:
    abc = "Uû ban nh©n d©n tØnh giao c¸c ®¬n vÞ b¸o c¸o kÕt qu¶ tr­íc ngµy 30/11 h»ng n¨m".encode("cp1252")
    vni = "UÛy ban nhaân daân tænh giao caùc ñôn vò baùo caùo keát quaû tröôùc ngaøy 30/11 haèng naêm".encode("cp1252")
    meant = "ban nhân dân tỉnh giao các đơn vị báo cáo kết quả trước ngày 30/11 hằng năm"
    for data in (abc, vni):
        source = read_text(data)
        assert texts(source)[0].endswith(meant)
        assert [(f.code, f.severity) for f in source.remarks] == [("legacy-encoding", Severity.INFO)]


def test_a_few_broken_bytes_are_told_and_the_rest_is_read() -> None:
    source = read_text(PROSE.encode() + b"\n\xff\xc3\n" + PROSE.encode())
    assert texts(source)[0] == texts(source)[-1] == PROSE
    assert [(f.code, f.severity) for f in source.remarks] == [("text-damaged", Severity.REVIEW)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (random.Random(1).randbytes(4000), "not-a-text"),
        (bytes(range(256)) * 4, "not-a-text"),
        ("Où est l'été à Noël, garçon? Très fâché, même désolé".encode("cp1252"), "text-undecodable"),
        ("Министерство цифрового развития и связи".encode("cp1251"), "text-undecodable"),
        (b"x" * (10 * 1024 * 1024 + 1), "document-too-large"),
        (b"x\n" * 500_001, "document-too-large"),
    ],
)
def test_what_is_no_text_of_ours_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_text(data)
    assert refused.value.code == code
    assert "Hãy" in refused.value.message


# --- lines -----------------------------------------------------------------------------------------------------------


def test_comments_fall_away_and_lines_keep_their_number() -> None:
    source = read("một <!-- hai\nba --> bốn\nnăm <!-- sáu")
    assert [(line.text, line.number) for line in source.lines] == [("một", 1), ("bốn", 2), ("năm <!-- sáu", 3)]


def test_lines_keep_their_number_and_blank_ones_and_rules_fall_away() -> None:
    source = read("\n  KẾ  HOẠCH \r\n-------\n\n____\nCăn cứ\xa0Luật\u200b;\n***\n-\n")
    assert [(line.text, line.number, line.page) for line in source.lines] == [
        ("KẾ HOẠCH", 2, None),
        ("Căn cứ Luật;", 6, None),
    ]
    assert not source.wrapped
    assert source.origin == "text"


def test_form_feeds_are_pages() -> None:
    source = read("Một\n\fHai\nBa\f\nBốn")
    assert [(line.text, line.page, line.number) for line in source.lines] == [
        ("Một", 1, 1), ("Hai", 2, 2), ("Ba", 2, 3), ("Bốn", 3, 4),
    ]  # fmt: skip


def test_markdown_headings_have_a_level_and_no_marks() -> None:
    source = read("## **I. MỤC TIÊU**\n#### a) Đến năm 2025 ##\n#không phải\nthường")
    assert [(line.text, line.level) for line in source.lines] == [
        ("I. MỤC TIÊU", 2), ("a) Đến năm 2025", 4), ("#không phải", 0), ("thường", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("***Nơi nhận:***", "Nơi nhận:"),
        ("**KT. CHỦ TỊCH", "KT. CHỦ TỊCH"),
        ("nền tảng số (*trực tuyến*) và", "nền tảng số (trực tuyến) và"),
        ("**4. Các sở:** hỗ trợ", "4. Các sở: hỗ trợ"),
        ("báo cáo Ủy ban./. *AB*", "báo cáo Ủy ban./."),
        ("<b>Stt</b>", "Stt"),
        ('<span style="x">a</span>&nbsp;b &amp; c', "a\xa0b & c"),
        ("Bộ TT&TT; Đài PT-TH&BBP;", "Bộ TT&TT; Đài PT-TH&BBP;"),
        ("một<br/>hai", "một\nhai"),
        ("[Quyết định 348](http://x.vn/a)", "Quyết định 348"),
        ("còn nữa [...]", "còn nữa [...]"),
        ("1\\. Mục \\*", "1. Mục *"),
        ("Số: ____/KH-UBND, 2 * 3 < 7", "Số: ____/KH-UBND, 2 * 3 < 7"),
        ("_nghiêng_ và a_b_c", "nghiêng và a_b_c"),
        ("(*) Ghi chú 5*, (**) khác", "(*) Ghi chú 5*, (**) khác"),
    ],
)
def test_marks_are_taken_off(marked: str, plain: str) -> None:
    assert tidy(marked) == plain


def test_bullets_of_all_sorts_are_dashes() -> None:
    assert texts(read("* một\n• hai\n\uf0b7 ba\n- bốn\n+ năm")) == ["- một", "- hai", "- ba", "- bốn", "+ năm"]


LONG = "các cơ quan báo chí của tỉnh theo hướng chuyên nghiệp, hiện đại và làm tốt nhiệm vụ tuyên truyền"


def test_printed_lines_are_told_from_paragraphs() -> None:
    assert read("\n\n".join([LONG] * 12)).wrapped
    assert not read("\n".join([f"- {LONG}; đồng thời {LONG}." for _ in range(12)])).wrapped
    assert not read("\n".join([f"- {LONG}." for _ in range(12)])).wrapped
    assert not read("ngắn\nlà thế").wrapped


# --- tables ----------------------------------------------------------------------------------------------------------


def test_fields_with_tabs_are_a_grid_over_a_blank_line() -> None:
    source = read(f"PHỤ LỤC\n\n{tabs([HEAD, ROWS[0]])}\n\n{tabs(ROWS[1:])}\n\nNơi nhận:")
    (grid,) = source.grids
    assert cells(grid) == [HEAD, *ROWS]
    assert grid.after == 1
    assert texts(source) == ["PHỤ LỤC", "Nơi nhận:"]
    assert [task.ordinal for task in read_source(source).tasks] == [1, 2, 3]


def test_a_new_heading_begins_a_new_grid() -> None:
    source = read(f"{tabs([HEAD, *ROWS])}\n\n{tabs([HEAD[:3], ['1', 'Việc', 'Sở A']])}")
    assert [len(grid.rows) for grid in source.grids] == [4, 2]


def test_rows_broken_inside_a_field_and_group_titles() -> None:
    text = "\n".join(
        [
            "\t".join(HEAD),
            "I. NHÓM MỘT",
            "1\tMở lớp\tSở A",
            "Sở B\tSở C\tBáo cáo\tHằng năm",
            '2\t"Lập ""kế hoạch""\nnăm"\tSở B\t\tKế hoạch\t2026',
        ]
    )
    (grid,) = read(text).grids
    assert cells(grid)[1:] == [
        ["I. NHÓM MỘT"] * 6,
        ["1", "Mở lớp", "Sở A\nSở B", "Sở C", "Báo cáo", "Hằng năm"],
        ["2", 'Lập "kế hoạch"\nnăm', "Sở B", "", "Kế hoạch", "2026"],
    ]
    assert len({cell.key for cell in grid.rows[1]}) == 1


def test_a_letterhead_with_tabs_is_no_table() -> None:
    source = read(
        "UBND TỈNH A\t\t\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 1/KH-UBND\t\t\tA, ngày 01 tháng 02 năm 2026"
    )
    assert source.grids == ()
    assert texts(source)[0] == "UBND TỈNH A CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"


def pipes(rows: list[list[str]], rule: bool = True) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], *(["|:---|---|" + "---:|" * (len(rows[0]) - 2)] if rule else []), *lines[1:]])


@pytest.mark.parametrize("rule", [True, False])
def test_a_markdown_table_is_a_grid(rule: bool) -> None:
    source = read(f"trước\n{pipes([HEAD, *ROWS], rule)}\nsau")
    assert cells(source.grids[0]) == [HEAD, *ROWS]
    assert texts(source) == ["trước", "sau"]


def test_marks_inside_markdown_cells() -> None:
    source = read("|**Stt**|Nhiệm vụ|Chủ trì|\n|-|-|-|\n|1|một<br>hai \\| ba|*Sở A*|")
    assert cells(source.grids[0]) == [["Stt", "Nhiệm vụ", "Chủ trì"], ["1", "một\nhai | ba", "Sở A"]]


PAGE = """<!DOCTYPE html><html><head><title>Trang</title><style>p {}</style></head><body>
<script>alert("x")</script>
<table><tr><td>ỦY BAN NHÂN DÂN<br>TỈNH A</td><td>CỘNG HÒA</td></tr></table>
<h2>KẾ HOẠCH</h2><p>Triển khai
 việc &amp; khác</p><p style="display:none">ẩn</p>
<ol type="I" start="2"><li>Hai</li><li>Ba</li></ol><ul><li>gạch</li><li>- sẵn</li></ul>
<table border=1><thead><tr><th rowspan=2>TT</th><th rowspan=2>Nhiệm vụ</th><th colspan=2>Phân công</th></tr>
<tr><th>Chủ trì</th><th>Thời gian</th></tr></thead>
<tr><td>1</td><td><p>Một</p><p>hai</p></td><td rowspan=2>Sở A</td><td>2025</td></tr>
<tr><td>2</td><td>Ba<td>2026</tr></table>Nơi nhận:</body></html>"""


def test_a_web_page() -> None:
    source = read(PAGE)
    assert [(line.text, line.level) for line in source.lines] == [
        ("ỦY BAN NHÂN DÂN", 0), ("TỈNH A", 0), ("CỘNG HÒA", 0), ("KẾ HOẠCH", 2), ("Triển khai việc & khác", 0),
        ("II. Hai", 0), ("III. Ba", 0), ("- gạch", 0), ("- sẵn", 0), ("Nơi nhận:", 0),
    ]  # fmt: skip
    assert [line.number for line in source.lines][:5] == [3, 3, 3, 4, 4]
    assert source.lines[0].cell == source.lines[1].cell != source.lines[2].cell
    grid = source.grids[-1]
    assert cells(grid) == [
        ["TT", "Nhiệm vụ", "Phân công", "Phân công"],
        ["TT", "Nhiệm vụ", "Chủ trì", "Thời gian"],
        ["1", "Một\nhai", "Sở A", "2025"],
        ["2", "Ba", "Sở A", "2026"],
    ]
    assert grid.rows[2][2].key == grid.rows[3][2].key


def test_a_table_of_tasks_inside_a_frame_stands_on_its_own() -> None:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [HEAD, *ROWS])
    page = f"<html><body><table><tr><td><p>KẾ HOẠCH</p><table>{rows}</table><p>Hết</p></td></tr></table></body></html>"
    source = read(page)
    assert [cells(grid) for grid in source.grids] == [[HEAD, *ROWS]]
    assert texts(source) == ["KẾ HOẠCH", "Hết"]


def test_html_tables_inside_markdown() -> None:
    rows = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [HEAD, *ROWS])
    source = read(f"## KẾ HOẠCH\n\nmột\nhai\n<table>\n{rows}\n</table>\n\n**Nơi nhận:**")
    assert texts(source) == ["KẾ HOẠCH", "một", "hai", "Nơi nhận:"]
    assert [line.number for line in source.lines] == [1, 3, 4, 12]
    assert cells(source.grids[0]) == [HEAD, *ROWS]


def test_entities_and_nesting_stay_bounded() -> None:
    deep = "<html>" + "<table><tr><td>" * 400 + "đáy"
    assert isinstance(read(deep), Source)
    wide = "<html><table><tr><td rowspan=65000 colspan=65000>x</td></tr><tr></tr></table>"
    assert max(len(row) for row in read(wide).grids[0].rows) == 100
    bomb = '<!DOCTYPE html [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><html><p>&c;</p></html>'
    assert len(read(bomb).lines) <= 2


def test_more_rows_than_the_limit_are_refused() -> None:
    with pytest.raises(TooLarge):
        read(tabs([HEAD, *[[str(n), *ROWS[0][1:]] for n in range(5_001)]]))


PIECES = st.sampled_from((
    "# ", "**", "*", "|", "\t", "\n", "\n\n", "<table>", "<tr>", "<td colspan=3>", "</table>", "<br>", "&nbsp;", "---",
    "\f", "\\", "![](", "](x)", '"', *HEAD, "1", "I.", "Sở A", "[...]", "\u00ad", "\x00", "Ã ", "<!--", "-->", "<html>",
))  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=60))
def test_no_mixture_of_marks_makes_it_raise(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    try:
        source = read_text(data)
    except Refusal as refusal:
        assert refusal.code in ("not-a-text", "text-undecodable")
        return
    assert all(line.text and line.text == " ".join(line.text.split()) for line in source.lines)
    assert all(0 <= grid.after <= len(source.lines) for grid in source.grids)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise_anything_but_a_refusal(data: bytes) -> None:
    try:
        read_text(data)
    except Refusal as refusal:
        assert refusal.code in ("not-a-text", "text-undecodable")
