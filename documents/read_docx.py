"""Lines and tables of a .docx: refuses what is no safe document, accepts everything else as it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from documents.office.boxes import MAX_COLUMNS, MAX_DEPTH, Box, Para, Sheet, Table
from documents.office.docx_numbering import Numbering
from documents.office.packages import check_package, described, not_a
from documents.source import Source
from domain.plan import Finding, Severity

_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DELETED = frozenset({qn("w:del"), qn("w:moveFrom"), _FALLBACK})
_TEXT_BOX = qn("w:txbxContent")
_TEXTS = frozenset({qn("w:t"), _MATH_TEXT})
_BLANKS = frozenset({qn("w:tab"), qn("w:ptab"), qn("w:sym")})
_BREAKS = frozenset({qn("w:br"), qn("w:cr")})
_CHANGES = (qn("w:ins"), qn("w:del"), qn("w:moveFrom"))
_WRAPPERS = frozenset({qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:moveTo"), qn("w:customXml")})
_OFF = ("0", "false", "off")


def read_docx(data: bytes) -> Source:
    """The lines and tables of a .docx, as they read once all changes are accepted, with the numbers Word draws.

    Raises `Refusal` for `not-a-docx`, `docx-macro`, `docx-unsafe`, `legacy-office`, `document-encrypted` and
    `document-too-large`; never for content.
    """
    check_package(data, "docx")
    try:
        document = docx.Document(io.BytesIO(data))
        body: Any = document.element.body
        numbering = Numbering(
            _part(document, RELATIONSHIP_TYPE.NUMBERING),
            _part(document, RELATIONSHIP_TYPE.STYLES),
        )
    except Exception as error:  # python-docx and lxml raise many kinds for a broken package
        raise not_a("docx", described(data)) from error
    reader = _Reader(numbering)
    for block in reader.blocks(body, 0):
        reader.sheet.add(block)
    remarks: tuple[Finding, ...] = ()
    if next(body.iter(*_CHANGES), None) is not None:
        message = "Văn bản còn vết sửa chưa chốt; đã đọc như khi chấp nhận hết. Hãy đối chiếu với bản phát hành."
        remarks = (Finding("tracked-changes", Severity.REVIEW, message),)
    return Source(tuple(reader.sheet.lines), tuple(reader.sheet.grids), origin="docx", remarks=remarks)


def _part(document: Any, kind: str) -> Any:
    """The root of a part of the document, or None: python-docx would make up one that is missing."""
    try:
        return getattr(document.part.part_related_by(kind), "element", None)
    except KeyError:
        return None


class _Reader:
    """Goes through the document once, in reading order: numbering counts on with every paragraph."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self.sheet = Sheet()

    def blocks(self, parent: Any, depth: int) -> Iterator[Para | Table]:
        """Paragraphs and tables, also those inside content controls and accepted insertions."""
        for child in parent.iterchildren():
            if child.tag == qn("w:p"):
                yield from self._paragraph(child, depth)
            elif child.tag == qn("w:tbl"):
                if depth < MAX_DEPTH:
                    yield self._table(child, depth + 1)
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child, depth)

    def _paragraph(self, paragraph: Any, depth: int) -> Iterator[Para | Table]:
        """The text boxes that hang on the paragraph, each as a box of its own, then its own text."""
        boxes: list[Any] = []
        text = _text(paragraph, boxes)
        for content in boxes:
            if depth < MAX_DEPTH:
                box = self.sheet.box()
                box.blocks = list(self.blocks(content, depth + 1))
                yield Table([[box]])
        if text.strip() or not _is_deleted(paragraph):
            label = self.numbering.label(paragraph)
            # An empty item shows its number, as in a column "Stt"; a bullet alone says nothing.
            if text.strip() or any(c.isalnum() for c in label):
                yield Para(label + text, self.numbering.outline(paragraph))

    def _table(self, element: Any, depth: int) -> Table:
        table = Table()
        for row in _inside(element, qn("w:tr")):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:del")) is not None:
                continue
            self.sheet.count_rows()
            boxes = [self.sheet.box()] * _count(properties, "w:gridBefore")
            for cell in _inside(row, qn("w:tc")):
                if len(boxes) < MAX_COLUMNS:
                    boxes += self._cell(cell, table.rows[-1][len(boxes) :] if table.rows else [], depth)
            boxes += [self.sheet.box()] * _count(properties, "w:gridAfter")
            table.rows.append(boxes[:MAX_COLUMNS])
        return table

    def _cell(self, cell: Any, above: list[Box], depth: int) -> list[Box]:
        """The box of a cell once for every column it spans; the box above where it is merged with that."""
        properties = cell.find(qn("w:tcPr"))
        merge = None if properties is None else properties.find(qn("w:vMerge"))
        if merge is not None and merge.get(qn("w:val"), "continue") == "continue" and above:
            box = above[0]
        else:
            box = self.sheet.box()
            box.blocks = list(self.blocks(cell, depth))
        return [box] * max(_count(properties, "w:gridSpan"), 1)


def _text(element: Any, boxes: list[Any]) -> str:
    """The text as it reads once all changes are accepted; text boxes on the way are put into `boxes`."""
    tag = element.tag
    if tag in _DELETED or (tag == qn("w:r") and _is_hidden(element)):
        return ""
    if tag in _TEXTS:
        return element.text or ""
    if tag in _BLANKS:
        return " "
    if tag in _BREAKS:
        return "\n"
    if tag == qn("w:noBreakHyphen"):
        return "-"
    if tag == qn("w:softHyphen"):
        return "\u00ad"  # "ư" in fonts of TCVN3
    if tag == _TEXT_BOX:
        boxes.append(element)
        return ""
    return "".join(_text(child, boxes) for child in element.iterchildren() if isinstance(child.tag, str))


def _is_hidden(run: Any) -> bool:
    properties = run.find(qn("w:rPr"))
    mark = None if properties is None else properties.find(qn("w:vanish"))
    return mark is not None and mark.get(qn("w:val")) not in _OFF


def _is_deleted(paragraph: Any) -> bool:
    mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}")
    return mark is not None


def _count(properties: Any, tag: str) -> int:
    found = None if properties is None else properties.find(qn(tag))
    value = "" if found is None else found.get(qn("w:val"), "")
    return min(int(value), MAX_COLUMNS) if value.isascii() and value.isdigit() and len(value) < 6 else 0


def _inside(parent: Any, tag: str) -> Iterator[Any]:
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)
