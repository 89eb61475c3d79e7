"""Web pages and tables written as HTML: block elements are lines, tables are tables, and nothing is fetched or run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from documents.limits import MAX_ROWS
from documents.office.boxes import MAX_COLUMNS, MAX_DEPTH, Box, Para, Sheet, Table
from documents.office.docx_numbering import number_text

_START_RE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body|meta|title|div|p|h[1-6]|span|section|article|font)\b",
    re.IGNORECASE,
)
_WHOLE_RE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
_HIDDEN_RE = re.compile(r"(?:display\s*:\s*none|mso-hide\s*:\s*all)", re.IGNORECASE)
_SKIPPED = frozenset(
    ("script", "style", "head", "title", "noscript", "template", "svg", "select", "button", "textarea", "iframe")
)
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "ul",
))  # fmt: skip
_LIST_KINDS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
BULLET_RE = re.compile("^\\s*[·•▪◦●○■□\uf000-\uf0ff]\\s*")


def is_html(text: str) -> bool:
    """Whether the text is a web page as a whole, not only a text with some tags in it."""
    return bool(_START_RE.match(text) or _WHOLE_RE.search(text[:5000]))


def add_html(text: str, sheet: Sheet, first_line: int = 1) -> None:
    """Lay out a page or a piece of one; `first_line` is the number of its first line in the file."""
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return  # nothing in it but comments and blanks
    for block in _Reader(sheet, first_line - 1).read(root):
        sheet.add(block)


class _Reader:
    """Gathers running text until a block ends; a table is read by a reader of its own for every cell."""

    def __init__(self, sheet: Sheet, offset: int, depth: int = 0) -> None:
        self.sheet = sheet
        self.offset = offset
        self.depth = depth
        self.done: list[Para | Table] = []
        self.words: list[str] = []
        self.number: int | None = None
        self.level = 0
        self.mark = ""
        self.items: dict[Any, int] = {}

    def read(self, element: Any) -> list[Para | Table]:
        """What stands in the element, as paragraphs and tables."""
        if element is not None:
            self._inside(element)
            self._end()
        return self.done

    def _inside(self, element: Any) -> None:
        self._say(element.text, element)
        for child in element.iterchildren():
            if isinstance(child.tag, str):
                self._element(child)
            self._say(child.tail, child)

    def _element(self, element: Any) -> None:
        tag = element.tag
        if tag in _SKIPPED or _HIDDEN_RE.search(element.get("style", "")):
            return
        if tag == "br":
            self.words.append("\n")
        elif tag == "table" and self.depth < MAX_DEPTH:
            self._end()
            self.done.append(self._table(element))
        elif tag in _BLOCKS:
            self._end()
            self.level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else 0
            self.mark = self._list_mark(element) if tag == "li" else self.mark
            self._inside(element)
            self._end()
            self.level = 0
        else:
            self._inside(element)

    def _list_mark(self, item: Any) -> str:
        """What a browser draws before a list item."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return "- "
        given = item.get("value") or ("" if parent in self.items else parent.get("start") or "1")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else self.items.get(parent, 0) + 1
        self.items[parent] = number
        return f"{number_text(number, _LIST_KINDS.get(parent.get('type', ''), 'decimal'))}. "

    def _say(self, text: str | None, element: Any) -> None:
        if text and text.strip() and self.number is None:
            self.number = element.sourceline
        if text:
            self.words.append(re.sub(r"[ \t\n\f]+", " ", text))

    def _end(self) -> None:
        text = BULLET_RE.sub("- ", "".join(self.words).strip())
        if text:
            mark = "" if text.startswith(("-", "–", "+")) and self.mark == "- " else self.mark
            number = None if self.number is None else self.number + self.offset
            self.done.append(Para(mark + text, self.level, number))
            self.mark = ""
        self.words, self.number = [], None

    def _table(self, element: Any) -> Table:
        table = Table()
        # Column → the box that reaches down into it, and for how many more rows.
        hanging: dict[int, tuple[Box, int]] = {}
        for row in _rows(element):
            self.sheet.count_rows()
            boxes: list[Box] = []
            for cell in row.iterchildren("td", "th"):
                _hang(boxes, hanging)
                if len(boxes) >= MAX_COLUMNS:
                    break
                box = self.sheet.box()
                box.blocks = _Reader(self.sheet, self.offset, self.depth + 1).read(cell)
                down = _span(cell, "rowspan", MAX_ROWS)
                for _ in range(min(_span(cell, "colspan", MAX_COLUMNS) or 1, MAX_COLUMNS - len(boxes))):
                    if down != 1:
                        hanging[len(boxes)] = (box, (down or MAX_ROWS) - 1)
                    boxes.append(box)
            _hang(boxes, hanging)
            while any(column >= len(boxes) for column in hanging):
                boxes.append(self.sheet.box())
                _hang(boxes, hanging)
            table.rows.append(boxes)
        table.rows = [row for row in table.rows if row]
        width = max(map(len, table.rows), default=0)
        for boxes in table.rows:
            boxes += [self.sheet.box() for _ in range(width - len(boxes))]
        return table


def _hang(boxes: list[Box], hanging: dict[int, tuple[Box, int]]) -> None:
    """Put the boxes from the rows above that reach into the next columns."""
    while len(boxes) in hanging:
        column = len(boxes)
        box, rest = hanging.pop(column)
        boxes.append(box)
        if rest > 1:
            hanging[column] = (box, rest - 1)


def _rows(table: Any) -> Iterator[Any]:
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _span(cell: Any, name: str, most: int) -> int:
    text = (cell.get(name) or "1").strip()
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 6 else 1
