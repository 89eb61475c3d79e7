"""A cell of owners put together again from its lines, and parted at what always separates: items, ";", new names.

The lines of a cell in a PDF end anywhere ("Văn phòng" | "UBND tỉnh"), those of a Word table mostly after a name.
"""

from __future__ import annotations

import re
import unicodedata

from documents.meaning.owner_words import (
    begins_body,
    either,
    is_collective,
    is_concerned,
    is_generic,
    is_plainly_generic,
)

_BULLET_RE = re.compile(r"^[-–—+•*▪]+\s*|^(?:[0-9]{1,2}|[a-zđ])\s*[.)]\s+")
_INLINE_BULLET_RE = re.compile(r"\s+(?:[-–+]|[0-9]{1,2}[.)])\s+(?=(\S+(?:\s+\S+){0,2}))|\s*[•▪]\s*")
# What cannot be the end of a name: a connective, or a head that wants its name.
_OPEN_RE = re.compile(
    r"(?:^|[\s(])(?:(?i:và|của|thuộc|với|cùng|các|những|cho|trên|trong|cấp|liên|có)|"
    + either(
        (
            "Sở", "Báo", "Đài", "Ban", "Hội", "Cục", "Bộ", "Đoàn", "Viện", "Trường", "Cổng", "Tạp chí",
            "Ủy ban", "Chi cục", "Tổng cục", "Trung tâm", "Văn phòng", "Liên đoàn", "Liên hiệp", "Liên minh",
            "Đảng ủy", "Công ty", "Tập đoàn", "Ngân hàng", "Thanh tra", "Cơ quan", "UBND", "HĐND", "VP",
            "Thường trực", "Bộ Chỉ huy", "Ủy ban nhân dân", "Hội đồng nhân dân", "Ban Quản lý", "Ban Chỉ đạo", "BCH",
            "Kho bạc", "Mặt trận",
        )
    )
    + r")$|[-–,&/]$"
)  # fmt: skip
# Heads that are also the last words of a name: "Ban Tuyên giáo | Tỉnh ủy", "Văn phòng Đoàn | ĐBQH".
_TAILS = ("Tỉnh ủy", "Thành ủy", "Huyện ủy", "Chính phủ", "Thông tấn xã", "Biên phòng", "ĐBQH", "PTNT", "TNCS", "TU")
_TAIL_RE = re.compile(rf"(?:{either(_TAILS)})(?![^\W_])")


def stretches(text: str) -> list[str]:
    """The text without line breaks, parted where an item, a ";" or a line with a body of its own begins."""
    return [part for item in _items(text) for part in _at_semicolons(item)]


def _items(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines()]
    items: list[list[str]] = []
    depth, bulleted = 0, False
    for line in filter(None, lines):
        bullet = _BULLET_RE.match(line)
        words = line[bullet.end() :] if bullet else line
        if not items:
            bulleted = bool(bullet)
            items.append([words])
        elif depth <= 0 and (
            _begins_item(words, bulleted) if bullet else _begins_line(" ".join(items[-1][-3:]), words)
        ):
            items.append([words])
            depth = 0
        else:
            items[-1].append(line)
        depth += line.count("(") - line.count(")")
    return [part for item in items for part in _at_bullets(" ".join(item), bulleted)]


def _begins_item(words: str, bulleted: bool) -> bool:
    """A dash before a line marks an item, unless the items have no marks: "Đài Phát thanh" and "- Truyền hình"."""
    return bulleted or _begins(words)


def _begins(words: str) -> bool:
    return begins_body(words) or is_collective(words) or is_plainly_generic(words)


def _begins_line(before: str, line: str) -> bool:
    if _OPEN_RE.search(before[-40:]) or _TAIL_RE.match(line):
        return False
    if is_collective(line) or (
        is_plainly_generic(line) and is_concerned(line) and not is_generic(before.split(",")[-1].strip())
    ):
        return True
    return begins_body(line) and line[0].isupper() and not is_generic(line)


def _at_bullets(text: str, bulleted: bool) -> list[str]:
    """Items that were marked before their lines were joined: "- Sở A - Sở B"."""
    parts: list[str] = []
    start = 0
    for match in _INLINE_BULLET_RE.finditer(text):
        if match[1] is None or (bulleted and _begins(match[1])):
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _at_semicolons(text: str) -> list[str]:
    """The parts between ";" outside parentheses; a head before ":" is given to all of them."""
    parts: list[str] = []
    start, depth = 0, 0
    text = text if text.count("(") == text.count(")") else paired(text)
    for index, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == ";" and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def paired(name: str) -> str:
    """The words without parentheses that have no partner."""
    lonely: set[int] = set()
    opened: list[int] = []
    for index, char in enumerate(name):
        if char == "(":
            opened.append(index)
        elif char == ")" and opened:
            opened.pop()
        elif char == ")":
            lonely.add(index)
    lonely |= set(opened)
    return " ".join("".join(" " if index in lonely else char for index, char in enumerate(name)).split())
