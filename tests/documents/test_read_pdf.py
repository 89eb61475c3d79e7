"""PDFs drawn here are read as they look; what is no safe document is refused; nothing that is drawn raises."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import pairwise

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf_plans import BODY, GROUP, HEADING, ROWS, draw_pages, draw_plan, draw_table
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from documents.fonts import REGULAR, register_fonts
from documents.limits import MAX_BYTES, MAX_PAGES
from documents.meaning.plan import read_source
from documents.pdf.glyphs import Glyph, words_of
from documents.pdf.tables import find_tables
from documents.pdf.words import Page, Ruling, Word, clean, text_of
from documents.read_pdf import read_pdf
from documents.source import Grid, Source
from domain.errors import Refusal, TooLarge


@lru_cache
def plan_bytes() -> bytes:
    return draw_plan(footer="Bản in {}")


@pytest.fixture(scope="module")
def plan() -> Source:
    return read_pdf(plan_bytes())


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def of_cell(source: Source, start: str) -> list[str]:
    """The lines of the block that has a line beginning so."""
    cell = next(line.cell for line in source.lines if line.text.startswith(start))
    return [line.text for line in source.lines if line.cell == cell and cell is not None]


# --- lines -----------------------------------------------------------------------------------------------------------


def test_the_two_sides_of_the_letterhead_are_apart(plan: Source) -> None:
    assert of_cell(plan, "ỦY BAN") == ["ỦY BAN NHÂN DÂN", "TỈNH HÒA BÌNH", "Số: 17/KH-UBND"]
    assert of_cell(plan, "CỘNG HÒA") == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hòa Bình, ngày 05 tháng 02 năm 2026",
    ]


def test_recipients_and_signer_are_apart(plan: Source) -> None:
    assert of_cell(plan, "Nơi nhận") == [
        "Nơi nhận:", "- Bộ Thông tin và Truyền thông;", "- Thường trực Tỉnh ủy;", "- Lưu: VT, KGVX.",
    ]  # fmt: skip
    assert of_cell(plan, "TM.") == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nguyễn Văn An"]


def test_running_text_keeps_its_printed_lines(plan: Source) -> None:
    assert plan.wrapped
    assert plan.origin == "pdf"
    running = [line.text for line in plan.lines if line.cell is None and line.page == 1]
    assert " ".join(running[2:-1]) == " ".join(BODY)
    assert len(running) > len(BODY) + 3
    assert [line.number for line in plan.lines] == list(range(1, len(plan.lines) + 1))


def test_page_numbers_are_no_text(plan: Source) -> None:
    assert "2" not in [line.text for line in plan.lines]
    assert [line.text for line in plan.lines if line.page == 2 and line.text.startswith("PHỤ")] == ["PHỤ LỤC"]


def test_what_stands_on_every_page_is_dropped() -> None:
    many = draw_plan(body=BODY * 12, footer="Bản in thử, trang {}")
    source = read_pdf(many)
    assert max(line.page or 0 for line in source.lines) > 3
    assert not [line.text for line in source.lines if line.text.startswith("Bản in")]
    # On two pages it may be content.
    assert [line.text for line in read_pdf(plan_bytes()).lines if line.text.startswith("Bản in")]


def test_the_whole_way_to_a_draft(plan: Source) -> None:
    draft = read_source(plan)
    assert (draft.document.number, draft.document.issued_on) == ("17/KH-UBND", date(2026, 2, 5))
    assert (draft.document.authority, draft.document.signed_by) == ("UBND tỉnh Hòa Bình", "Nguyễn Văn An")
    assert [(t.ordinal, [o.text for o in t.leads], t.where.page) for t in draft.tasks] == [
        (1, ["Báo Hòa Bình"], 2), (2, ["Sở Thông tin và Truyền thông"], 2), (3, ["Sở Thông tin và Truyền thông"], 2),
    ]  # fmt: skip
    assert draft.recipients == ("Bộ Thông tin và Truyền thông", "Thường trực Tỉnh ủy")


# --- tables ----------------------------------------------------------------------------------------------------------


def expected(rows: object = ROWS) -> list[list[str]]:
    return [list(HEADING), *([row[1]] * 6 if row[0] == GROUP else list(row) for row in ROWS)]


def test_the_ruled_table_is_a_grid(plan: Source) -> None:
    (grid,) = plan.grids
    assert texts(grid) == expected()
    assert (grid.page, grid.first_row) == (2, 1)
    assert [line.text for line in plan.lines[: grid.after]][-1] == "(Kèm theo Kế hoạch số 17/KH-UBND)"
    words = {line.text for line in plan.lines}
    assert not words & {text for row in texts(grid) for text in row}


def test_a_group_row_is_one_cell_with_one_key(plan: Source) -> None:
    keys = [len({cell.key for cell in row}) for row in plan.grids[0].rows]
    assert keys == [6, 1, 6, 6, 1, 6]
    cells = {line.cell for line in plan.lines}
    assert not cells & {cell.key for row in plan.grids[0].rows for cell in row}


def test_lines_of_a_cell_are_joined_and_items_are_not() -> None:
    (grid,) = read_pdf(draw_table(size=13)).grids
    assert texts(grid) == expected()


def test_a_table_over_pages_repeats_its_heading_once_and_counts_its_rows() -> None:
    rows = [(str(n), f"Việc thứ {n}", "Sở Nội vụ", "", "Báo cáo", "Hằng năm") for n in range(1, 61)]
    grids = read_pdf(draw_table(rows)).grids
    assert [grid.page for grid in grids] == [2, 3, 4]
    assert [row[0] for grid in grids for row in texts(grid)] == ["TT", *(str(n) for n in range(1, 61))]
    for above, grid in pairwise(grids):
        assert grid.first_row == above.first_row + len(above.rows)
    tasks = read_source(read_pdf(draw_table(rows))).tasks
    assert [task.ordinal for task in tasks] == list(range(1, 61))
    assert {(task.where.page, task.where.row) for task in tasks} >= {(2, 2), (4, 61)}


HEAD = tuple(HEADING)
CUT = "Rà soát các quy định của tỉnh về báo chí và"


def test_a_row_cut_by_a_page_is_put_together() -> None:
    first = [HEAD, ("1", "Việc một", "Sở Tài chính", "", "Báo cáo", "Năm 2026"),
             ("2", CUT, "Sở Thông tin và", "", "Văn bản", "Hằng năm")]  # fmt: skip
    second = [HEAD, ("", "xuất bản.", "Truyền thông", "", "", ""),
              ("3", "Việc ba", "Sở Nội vụ", "", "Báo cáo", "Năm 2027")]  # fmt: skip
    one, two = read_pdf(draw_pages([first, second])).grids
    assert texts(one)[2] == ["2", f"{CUT} xuất bản.", "Sở Thông tin và Truyền thông", "", "Văn bản", "Hằng năm"]
    assert texts(two) == [["3", "Việc ba", "Sở Nội vụ", "", "Báo cáo", "Năm 2027"]]
    assert (two.page, two.first_row) == (2, 4)


def test_a_row_of_its_own_below_a_page_break_is_left() -> None:
    first = [HEAD, ("1", "Việc một", "Sở Tài chính", "", "Báo cáo", "Năm 2026")]
    second = [("2", "việc hai", "Sở Nội vụ", "", "Báo cáo", "Năm 2027")]
    one, two = read_pdf(draw_pages([first, second])).grids
    assert (len(one.rows), texts(two)[0][1]) == (2, "việc hai")


def test_a_page_number_inside_the_table_is_dropped() -> None:
    first = [HEAD, ("1", "Việc một", "Sở Tài chính", "", "Báo cáo", "Năm 2026")]
    second = [("2", "Việc hai", "Sở Nội vụ", "", "Báo cáo", "Năm 2027")]
    grids = read_pdf(draw_pages([first, second], number_in_table=True)).grids
    assert texts(grids[1]) == [list(second[0])]


def test_an_open_table_without_outer_borders() -> None:
    level = tuple(Ruling(y, 50, 350) for y in (120, 140))
    upright = tuple(Ruling(x, 100, 160) for x in (150, 250))
    words = [Word(x, y, x + 10, y + 10, f"{x}-{y}") for x in (60, 160, 260) for y in (105, 125, 145)]
    (table,), outside = find_tables(Page(1, 400, 400, tuple(words), level, upright))
    assert (len(table.groups), len(table.groups[0])) == (3, 3)
    assert not table.closed
    assert not outside
    assert sorted(table.texts.values()) == sorted(word.text for word in words)


def test_rules_below_a_letterhead_and_frames_are_no_tables() -> None:
    frame = Page(
        1, 400, 400, (), (Ruling(50, 50, 350), Ruling(300, 50, 350)), (Ruling(50, 50, 300), Ruling(350, 50, 300))
    )
    rules = Page(1, 400, 400, (), (Ruling(70, 80, 130), Ruling(70, 220, 330)), ())
    assert find_tables(frame) == find_tables(rules) == ([], [])


def test_a_table_without_rules_is_given_cell_by_cell() -> None:
    rows = [HEAD, ("1", "Việc một\nrất dài", "Sở Tài chính", "Sở Nội vụ", "Báo cáo", "Năm 2026"),
            ("2", "Việc hai", "Sở Thông tin\nvà Truyền thông", "Các sở", "Văn bản", "Hằng năm")]  # fmt: skip
    source = read_pdf(draw_pages([rows], ruled=False))
    assert source.grids == ()
    assert [line.text for line in source.lines] == [line for row in rows for text in row for line in text.split("\n")]
    assert [task.ordinal for task in read_source(source).tasks] == [1, 2]


# --- letters ---------------------------------------------------------------------------------------------------------


def glyphs(text: str, x: float = 50, base: float = 100, size: float = 12, step: float = 6) -> list[Glyph]:
    return [Glyph(letter, x + step * i, x + step * (i + 1), base, size) for i, letter in enumerate(text)]


def test_letters_drawn_late_or_twice_or_apart() -> None:
    word = glyphs("phủ")
    late = [word[0], word[1], *glyphs("sau", x=80), word[2]]
    assert [w.text for w in words_of(late)] == ["phủ", "sau"]
    twice = [*glyphs("Sở"), *(Glyph(g.text, g.x0 + 0.3, g.x1 + 0.3, g.base, g.size) for g in glyphs("Sở"))]
    assert [w.text for w in words_of(twice)] == ["Sở"]
    mark = [Glyph("ơ", 50, 56, 100, 12), Glyph("\u0309", 49, 56, 100, 12), Glyph("i", 56, 60, 100, 12)]
    assert [w.text for w in words_of(mark)] == ["ởi"]


def test_invisible_letters_ligatures_and_signs_of_symbol_fonts() -> None:
    assert clean("ofﬁ\u00adce\u200b\x03") == "office"
    assert text_of([Word(0, 0, 5, 10, "\uf0b7"), Word(9, 0, 20, 10, "Bộ")]) == "- Bộ"
    assert text_of([Word(0, 0, 5, 10, "a"), Word(9, 0, 20, 10, "b\uf02a")]) == "a b"


def test_a_page_drawn_on_its_side_is_turned() -> None:
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.rotate(90)
    canvas.setFont(REGULAR, 12)
    for row in range(8):
        canvas.drawString(100, -100 - 20 * row, f"Dòng thứ {row} của trang nằm ngang")
    canvas.save()
    assert [line.text for line in read_pdf(out.getvalue()).lines] == [
        f"Dòng thứ {row} của trang nằm ngang" for row in range(8)
    ]


# --- refusals --------------------------------------------------------------------------------------------------------


def made(*objects: str | bytes, trailer: str = "") -> bytes:
    """A PDF of one page with further objects, numbered from 4."""
    first = (
        f"<< /Type /Catalog /Pages 2 0 R {trailer} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
    )
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate((*first, *objects), start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (body.encode() if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, start)


def stream(data: bytes, entries: str = "") -> bytes:
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def with_object_stream(hidden: str) -> bytes:
    """A PDF of one page whose object 6 stands in a compressed object stream, known to a compressed table only."""
    first = [
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
        EMPTY,
        stream(zlib.compress(f"6 0 {hidden}".encode()), f"/Type /ObjStm /N 1 /First 4 {FLATE}"),
    ]
    out, entries = bytearray(b"%PDF-1.7\n"), [b"\0\0\0\0"]
    for number, body in enumerate(first, start=1):
        entries.append(b"\1" + len(out).to_bytes(2) + b"\0")
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    entries += [b"\2" + (5).to_bytes(2) + b"\0", b"\1" + len(out).to_bytes(2) + b"\0"]
    start, names = len(out), f"/Type /XRef /Size 8 /W [1 2 1] /Root 1 0 R {FLATE}"
    out += b"7 0 obj\n" + stream(zlib.compress(b"".join(entries)), names) + b"\nendobj\n"
    return bytes(out) + b"startxref\n%d\n%%%%EOF" % start


def locked(owner: str, user: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(plan_bytes()))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_pages(count: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@lru_cache
def zeros(count: int) -> bytes:
    return zlib.compress(bytes(count), 9)


EMPTY = stream(b" ")
FLATE = "/Filter /FlateDecode"
SCRIPT = "/S /JavaScript /JS (app.alert\\(1\\))"
XREF_LATER = "%PDF-1.7\n1 0 obj\n" + "[" * 100_000

REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not-a-pdf"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "not-a-pdf"),
    "only a header": (lambda: b"%PDF-1.7\n%%EOF", "not-a-pdf"),
    "cut": (lambda: plan_bytes()[:2000], "not-a-pdf"),
    "nested without end": (lambda: XREF_LATER.encode(), "not-a-pdf"),
    "too many bytes": (lambda: b"%PDF-1.7" + bytes(MAX_BYTES), "document-too-large"),
    "too many pages": (lambda: with_pages(MAX_PAGES + 1), "document-too-large"),
    "a password": (lambda: locked("a", "b"), "pdf-encrypted"),
    "a script": (lambda: made(EMPTY, f"<< {SCRIPT} >>", trailer="/OpenAction 5 0 R"), "pdf-unsafe"),
    "a script with its name masked": (
        lambda: made(EMPTY, f"<< {SCRIPT} >>".replace("/JavaScript", "/J#61vaScript").replace("/JS", "/J#53")),
        "pdf-unsafe",
    ),
    "a script in an object stream": (lambda: with_object_stream(f"<< {SCRIPT} >>"), "pdf-unsafe"),
    "a program": (lambda: made(EMPTY, "<< /S /Launch /F (a.exe) >>"), "pdf-unsafe"),
    "a file inside": (lambda: made(EMPTY, stream(b"MZ", "/Type /EmbeddedFile")), "pdf-unsafe"),
    "a form of XFA": (lambda: made(EMPTY, "<< /XFA [] >>", trailer="/AcroForm 5 0 R"), "pdf-unsafe"),
    "a bomb": (lambda: made(stream(zeros(101 * 2**20), FLATE)), "document-too-large"),
    "a bomb in a bomb": (
        lambda: made(stream(zlib.compress(zeros(101 * 2**20), 9), "/Filter [/FlateDecode /FlateDecode]")),
        "document-too-large",
    ),
    "many small bombs": (lambda: made(*[stream(zeros(21 * 2**20), FLATE)] * 5), "document-too-large"),
    "a bomb of another kind": (
        lambda: made(stream(b"\x81a" * 2**20, "/Filter /RunLengthDecode")), "document-too-large",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_safe_document_is_refused(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(Refusal) as refused:
        read_pdf(make())
    assert refused.value.code == code
    assert "Hãy" in refused.value.message
    assert (code == "document-too-large") == isinstance(refused.value, TooLarge)


def test_forms_that_draw_forms_that_draw_forms() -> None:
    forms = [
        stream(b" ".join([b"/F Do"] * 10), f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources {names}")
        for names in (f"<< /XObject << /F {number} 0 R >> >>" for number in range(6, 14))
    ]
    page = stream(b"/F Do")
    data = made(page, *forms, stream(b" ", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"))
    data = data.replace(b"/Contents 4 0 R", b"/Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >>")
    with pytest.raises(TooLarge):
        read_pdf(data)


def test_a_file_locked_against_changes_only_is_read(plan: Source) -> None:
    assert read_pdf(locked("owner", "")) == plan


def test_object_streams_without_scripts_are_read() -> None:
    assert read_pdf(with_object_stream("<< /Title (x) >>")).lines == ()


def test_names_of_scripts_in_the_bytes_of_a_picture_are_no_scripts() -> None:
    picture = stream(b"/JS /JavaScript /Launch", "/Type /XObject /Subtype /Image /Width 1 /Height 1")
    assert read_pdf(made(EMPTY, picture)).lines == ()


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 40), st.sampled_from(["flip", "cut", "double", "zero"]))
def test_broken_files_are_read_or_refused(seed: int, count: int, how: str) -> None:
    data = bytearray(plan_bytes())
    for index in range(count):
        place = (seed * (2 * index + 1) + index * 7919) % len(data)
        if how == "flip":
            data[place] ^= 1 << (seed + index) % 8
        elif how == "zero":
            data[place : place + 3] = b"\0\0\0"
        elif how == "double":
            data[place:place] = data[place : place + 50]
        else:
            del data[place : place + 20]
    try:
        source = read_pdf(bytes(data))
    except Refusal as refusal:
        assert refusal.code in {
            "not-a-pdf",
            "pdf-encrypted",
            "pdf-unsafe",
            "document-too-large",
            "scan-needs-tesseract",
        }
    else:
        assert all(len({len(row) for row in grid.rows}) <= 1 for grid in source.grids)


LENGTHS = st.floats(0, 600, allow_nan=False)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(LENGTHS, LENGTHS, st.sampled_from(["1", "Sở", "-", "7", "\uf0b7", "x."])), max_size=25),
    st.lists(st.tuples(LENGTHS, LENGTHS, LENGTHS, st.booleans()), max_size=25),
)
def test_no_drawing_makes_it_raise(
    words: list[tuple[float, float, str]], lines: list[tuple[float, float, float, bool]]
) -> None:
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont(REGULAR, 11)
    for x, y, text in words:
        canvas.drawString(x, y, text)
    for at, start, end, is_level in lines:
        canvas.line(*((start, at, end, at) if is_level else (at, start, at, end)))
    canvas.showPage()
    canvas.save()
    source = read_pdf(out.getvalue())
    assert all(len({len(row) for row in grid.rows}) <= 1 for grid in source.grids)
    seen = " ".join(
        [*(line.text for line in source.lines), *(cell.text for g in source.grids for r in g.rows for cell in r)]
    )
    assert len(seen.split()) <= 40 * max(1, len(words))
