"""Old encodings become Unicode by evidence; proper Vietnamese, foreign words and misread scans are left as they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.letters.legacy import repair, repair_source
from documents.source import Cell, Grid, Line, Source
from domain.plan import Severity

# Written out for this test, letter by letter, in the order of the alphabet with its tones ngang huyền sắc hỏi ngã nặng.
ALPHABET = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
ABC_CODES = (
    "a b5 b8 b6 b7 b9 a8 bb be bc bd c6 a9 c7 ca c8 c9 cb e cc d0 ce cf d1 aa d2 d5 d3 d4 d6 i d7 dd d8 dc de "
    "o df e3 e1 e2 e4 ab e5 e8 e6 e7 e9 ac ea ed eb ec ee u ef f3 f1 f2 f4 ad f5 f8 f6 f7 f9 y fa fd fb fc fe ae"
)
VNI_WORDS = (
    "a aø aù aû aõ aï aê aè aé aú aü aë aâ aà aá aå aã aä e eø eù eû eõ eï eâ eà eá eå eã eä i ì í æ ó ò "
    "o oø où oû oõ oï oâ oà oá oå oã oä ô ôø ôù ôû ôõ ôï u uø uù uû uõ uï ö öø öù öû öõ öï y yø yù yû yõ î ñ"
)
ABC = {c: code if len(code) == 1 else chr(int(code, 16)) for c, code in zip(ALPHABET, ABC_CODES.split(), strict=True)}
VNI = dict(zip(ALPHABET, VNI_WORDS.split(), strict=True))
VNI |= {letter.upper(): shown.upper() for letter, shown in VNI.items()}

PROSE = (
    "ủy ban nhân dân tỉnh giao các đơn vị báo cáo kết quả trước ngày 30/11 hằng năm",
    "sở thông tin và truyền thông chủ trì, phối hợp với các cơ quan báo chí",
    "nội dung: đẩy mạnh chuyển đổi số, bảo đảm an toàn; kinh phí do ngân sách cấp",
    "những nhiệm vụ đã nêu phải xong trong quý II, kể cả việc kỹ thuật và nghỉ lễ",
)
WORDS = sorted({word.strip(",;:") for line in PROSE for word in line.split() if word.strip(",;:").isalpha()})


def abc(text: str) -> str:
    return "".join(ABC.get(c, c) for c in text)


def vni(text: str) -> str:
    return "".join(VNI.get(c, c) for c in text)


def latin(text: str) -> str:
    """UTF-8 bytes shown as cp1252."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode())


def test_the_tables_hold_every_letter_once() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 73
    assert len(set(ABC.values())) == len(set(VNI_WORDS.split())) == 73


@pytest.mark.parametrize("encode", [abc, vni, latin])
@pytest.mark.parametrize("line", PROSE)
def test_prose_comes_back(line: str, encode: Callable[[str], str]) -> None:
    shown = encode(line)
    assert shown != line
    assert repair(shown) == (line, True)


@pytest.mark.parametrize("letter", [c for c in ALPHABET if not c.isascii()])
def test_every_letter_is_in_the_tables(letter: str) -> None:
    # A line that is certain carries a second one that holds the letter alone.
    for encode in (abc, vni):
        line = f"{PROSE[0]} {PROSE[1]} {letter}"
        assert repair(encode(line))[0] == line, encode.__name__


@pytest.mark.parametrize(
    ("shown", "meant"),
    [
        ("Uû ban nh©n d©n", "Uỷ ban nhân dân"),
        ("QuyÕt ®Þnh", "Quyết định"),
        ("KÕ HO¹CH", "KẾ HOẠCH"),
        ("UBND tØnh, Së Th«ng tin vµ TruyÒn th«ng", "UBND tỉnh, Sở Thông tin và Truyền thông"),
        ("UÛy ban nhaân daân", "Ủy ban nhân dân"),
        ("UÛY BAN NHAÂN DAÂN TÆNH", "ỦY BAN NHÂN DÂN TỈNH"),
        ("Keá hoaïch", "Kế hoạch"),
        ("Káº¿ hoáº¡ch", "Kế hoạch"),
        ("â€œKáº¿ hoáº¡châ€\x9d sá»‘ 12 â€“ Ä\x91á»£t 1", "“Kế hoạch” số 12 – đợt 1"),
    ],
)
def test_words_seen_in_real_documents(shown: str, meant: str) -> None:
    assert repair(shown) == (meant, True)


def test_blanks_that_took_a_byte_are_found_again() -> None:
    line = "toàn thể và từng đơn vị bàn kỹ; sở và ngành làm bài"
    shown = " ".join(latin(line).split())
    assert "\xa0" not in shown
    assert repair(shown) == (line, True)


def test_lines_that_read_either_way_follow_their_document() -> None:
    assert repair("Sè: 12/KH-UBND") == ("Sè: 12/KH-UBND", False)
    text = "\n".join(["Sè: 12/KH-UBND", *map(abc, PROSE)])
    assert repair(text)[0].split("\n")[0] == "Số: 12/KH-UBND"
    # In a document that is Unicode but for one pasted line, "Sè" stays.
    mixed = "\n".join(["Sè: 12", *PROSE, abc(PROSE[0])])
    assert repair(mixed)[0] == "\n".join(["Sè: 12", *PROSE, PROSE[0]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain ASCII, nothing else",
        "São Paulo, Malmö, Đà Nẵng",
        "Où est l'été à Noël, garçon?",
        "à, ô, é",
        "dinh hwéng dén nam 2030 trén dia ban tinh",
        "Xay dung cac co quan bao chi theo huéng chuyén nghiép, nhan van, hién",
        "§ 3 © ® ± 5 µm ¼ ½",
    ],
)
def test_what_is_no_old_encoding_stays(text: str) -> None:
    assert repair(text) == (text, False)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=6), st.data())
def test_proper_vietnamese_is_never_touched(lines: list[list[str]], data: st.DataObject) -> None:
    cased = [[data.draw(st.sampled_from([w, w.upper(), w.title()])) for w in line] for line in lines]
    text = "\n".join(" ".join(line) for line in cased)
    assert repair(text) == (text, False)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), st.sampled_from([abc, vni, latin]))
def test_any_words_come_back_in_a_document_that_is_sure(words: list[str], encode: Callable[[str], str]) -> None:
    text = "\n".join([*PROSE, " ".join(words)])
    assert repair(encode(text))[0] == text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    fixed, changed = repair(text)
    assert changed or fixed == text


def test_a_source_is_repaired_whole_and_says_so_once() -> None:
    lines = tuple(Line(abc(text), number=n) for n, text in enumerate(PROSE, 1))
    grid = Grid(((Cell(abc("chủ trì"), 1), Cell("ngo\u00adài\u200b trời", 2)),), page=3)
    fixed = repair_source(Source(lines, (grid,), origin="pdf"))
    assert [line.text for line in fixed.lines] == list(PROSE)
    assert [line.number for line in fixed.lines] == [1, 2, 3, 4]
    assert fixed.grids[0].page == 3
    assert [cell.text for cell in fixed.grids[0].rows[0]] == ["chủ trì", "ngoài trời"]
    assert [(f.code, f.severity) for f in fixed.remarks] == [("legacy-encoding", Severity.INFO)]
    assert repair_source(fixed) == fixed


def test_a_proper_source_gets_no_remark() -> None:
    source = Source(tuple(Line(unicodedata.normalize("NFC", text)) for text in PROSE))
    assert repair_source(source) == source


def test_long_runs_take_no_long_time() -> None:
    for run in ("Ã" * 200_000, "oâ" * 100_000, "\u00ad" * 200_000, "á»" * 100_000 + " "):
        repair(run)
