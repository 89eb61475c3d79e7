"""Numbers and bullets that Word draws itself come out in the text, as a reader of the page sees them."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from documents.meaning.plan import read_source
from documents.office.docx_numbering import number_text
from documents.read_docx import read_docx
from documents.source import Source


def level(depth: int, kind: str, text: str, start: int | None = 1, more: str = "") -> str:
    begin = "" if start is None else f'<w:start w:val="{start}"/>'
    return f'<w:lvl w:ilvl="{depth}">{begin}<w:numFmt w:val="{kind}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


OUTLINE = "".join(
    (level(0, "upperRoman", "%1."), level(1, "decimal", "%2."), level(2, "lowerLetter", "%3)"), level(3, "bullet", "-"))
)
LEGAL = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "decimal", "(%3)")


def made(abstracts: dict[int, str], nums: str = "") -> Any:
    """A document whose lists are exactly these: abstract definitions by number, each used by the list of its number."""
    document = docx.Document()
    part = document.part.numbering_part.element
    for child in list(part):
        part.remove(child)
    for number, levels in abstracts.items():
        part.append(parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{levels}</w:abstractNum>'))
    for number in abstracts:
        part.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))
    if nums:
        for num in parse_xml(f"<w:x {nsdecls('w')}>{nums}</w:x>"):
            part.append(num)
    return document


def num_pr(parent: Any, num_id: object, depth: object | None = 0) -> None:
    numbered = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", depth), ("w:numId", num_id)):
        if value is not None:
            child = OxmlElement(tag)
            child.set(qn("w:val"), str(value))
            numbered.append(child)
    parent.get_or_add_pPr().append(numbered)


def add(document: Any, text: str, num_id: object, depth: object | None = 0) -> None:
    num_pr(document.add_paragraph(text)._p, num_id, depth)


def read(document: Any) -> Source:
    out = io.BytesIO()
    document.save(out)
    return read_docx(out.getvalue())


def texts(document: Any) -> list[str]:
    return [line.text for line in read(document).lines]


def test_the_outline_of_a_plan() -> None:
    document = made({1: OUTLINE})
    for depth, text in enumerate(["MỤC ĐÍCH", "Mục đích", "Một là", "gạch"]):
        add(document, text, 1, depth)
    for depth, text in ((2, "Hai là"), (1, "Yêu cầu"), (2, "Lại từ a"), (0, "NHIỆM VỤ"), (1, "Lại từ một")):
        add(document, text, 1, depth)
    document.add_paragraph("Không đánh số")
    assert texts(document) == [
        "I. MỤC ĐÍCH", "1. Mục đích", "a) Một là", "- gạch", "b) Hai là", "2. Yêu cầu", "a) Lại từ a", "II. NHIỆM VỤ",
        "1. Lại từ một", "Không đánh số",
    ]  # fmt: skip


def test_levels_shown_together_and_starts() -> None:
    document = made({1: LEGAL, 2: level(0, "decimalZero", "Điều %1:", start=7)})
    for depth in (0, 1, 1, 2, 0, 1):
        add(document, "x", 1, depth)
    add(document, "y", 2)
    assert texts(document) == ["1. x", "1.1 x", "1.2 x", "(1) x", "2. x", "2.1 x", "Điều 07: y"]


def test_legal_numbering_shows_figures_for_all_levels() -> None:
    document = made({1: level(0, "upperRoman", "%1.") + level(1, "decimal", "%1.%2.", more="<w:isLgl/>")})
    add(document, "x", 1)
    add(document, "y", 1, 1)
    assert texts(document) == ["I. x", "1.1. y"]


def test_a_level_may_go_on_after_a_higher_one() -> None:
    document = made({1: level(0, "upperRoman", "%1.") + level(1, "decimal", "%2.", more='<w:lvlRestart w:val="0"/>')})
    for depth in (0, 1, 0, 1):
        add(document, "x", 1, depth)
    assert texts(document) == ["I. x", "1. x", "II. x", "2. x"]


def test_lists_of_one_definition_count_on_unless_restarted() -> None:
    restarted = '<w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num>'
    restarted += '<w:num w:numId="6"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
    restarted += '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    document = made({1: level(0, "decimal", "%1.")}, restarted)
    for num_id in (1, 1, 5, 6, 6):
        add(document, "x", num_id)
    assert texts(document) == ["1. x", "2. x", "3. x", "1. x", "2. x"]


def test_a_list_may_redefine_a_level() -> None:
    other = '<w:num w:numId="5"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">'
    document = made(
        {1: level(0, "decimal", "%1.")}, other + level(0, "lowerRoman", "(%1)") + "</w:lvlOverride></w:num>"
    )
    for num_id in (1, 5):
        add(document, "x", num_id)
    assert texts(document) == ["1. x", "(ii) x"]


def test_numbering_that_comes_with_a_style() -> None:
    document = made(
        {1: level(0, "upperRoman", "%1.") + level(1, "decimal", "%2.", more='<w:pStyle w:val="Heading2"/>')}
    )
    num_pr(document.styles["Heading 1"].element, 1, None)
    num_pr(document.styles["Heading 2"].element, 1, None)
    for depth, text in ((1, "MỤC ĐÍCH"), (2, "Mục đích"), (2, "Yêu cầu"), (1, "NHIỆM VỤ")):
        document.add_heading(text, depth)
    off = document.add_heading("Không số", 1)
    num_pr(off._p, 0)
    assert [(line.text, line.level) for line in read(document).lines] == [
        ("I. MỤC ĐÍCH", 1), ("1. Mục đích", 2), ("2. Yêu cầu", 2), ("II. NHIỆM VỤ", 1), ("Không số", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"), [("\uf0b7", "- x"), ("•", "- x"), ("-", "- x"), ("+", "+ x"), ("*", "* x"), ("o", "- x")]
)
def test_bullets_are_dashes(text: str, shown: str) -> None:
    document = made({1: level(0, "bullet", text)})
    add(document, "x", 1)
    add(document, "", 1)
    assert texts(document) == [shown]


def test_the_column_of_ordinals_may_be_a_list() -> None:
    document = made(
        {
            1: level(0, "decimal", "%1.", start=None, more='<w:suff w:val="nothing"/>').replace(
                "<w:lvlText", '<w:start w:val="1"/><w:lvlText'
            )
        }
    )
    rows = [["TT", "Nhiệm vụ", "Chủ trì", "Thời gian"], ["", "Một", "Sở A", "2025"], ["", "Hai", "Sở B", "2026"]]
    table = document.add_table(rows=0, cols=4)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for row in table.rows[1:]:
        num_pr(row.cells[0].paragraphs[0]._p, 1)
    source = read(document)
    assert [row[0].text for row in source.grids[0].rows] == ["TT", "1.", "2."]
    assert [task.ordinal for task in read_source(source).tasks] == [1, 2]


def test_deleted_paragraphs_are_not_counted() -> None:
    document = made({1: level(0, "decimal", "%1.")})
    add(document, "x", 1)
    add(document, "", 1)
    mark = OxmlElement("w:rPr")
    mark.append(OxmlElement("w:del"))
    document.paragraphs[1]._p.get_or_add_pPr().append(mark)
    add(document, "y", 1)
    assert texts(document) == ["1. x", "2. y"]


@pytest.mark.parametrize(("num_id", "depth"), [("x", 0), (99, 0), (1, 8), (1, "y"), (1, -1), ("", None)])
def test_lists_that_do_not_exist_are_no_lists(num_id: object, depth: object) -> None:
    document = made({1: level(0, "decimal", "%1.")})
    add(document, "x", num_id, depth)
    assert texts(document) in (["x"], ["1. x"])


def test_styles_that_turn_in_a_circle() -> None:
    document = made({1: level(0, "decimal", "%1.")})
    for name, base in (("Heading1", "Heading2"), ("Heading2", "Heading1")):
        style = next(s for s in document.styles.element if s.get(qn("w:styleId")) == name)
        style.find(qn("w:basedOn")).set(qn("w:val"), base)
    document.add_heading("x", 1)
    assert texts(document) == ["x"]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (1, "upperRoman", "I"), (4, "upperRoman", "IV"), (9, "lowerRoman", "ix"), (40, "upperRoman", "XL"),
        (1994, "upperRoman", "MCMXCIV"), (5000, "upperRoman", "5000"), (0, "upperRoman", "0"),
        (1, "lowerLetter", "a"), (26, "upperLetter", "Z"), (27, "lowerLetter", "aa"), (3, "decimalZero", "03"),
        (12, "decimal", "12"), (12, "hebrew1", "12"), (12, "none", ""),
    ],
)  # fmt: skip
def test_formats_of_numbers(value: int, kind: str, text: str) -> None:
    assert number_text(value, kind) == text
