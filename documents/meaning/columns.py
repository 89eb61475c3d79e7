"""What the heading of a task table calls its columns: known by meaning, in any order and wording."""

from __future__ import annotations

import re
from collections.abc import Sequence

from documents.source import Cell, plain

MEANINGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ordinal", re.compile(r"^(?:s ?t ?t|tt|so tt|so thu tu|#)\W*$")),
    ("owners", re.compile(r"chu tri\W+(?:\w+\W+){0,3}phoi hop|phoi hop\W+(?:\w+\W+){0,3}chu tri")),
    ("leads", re.compile(r"chu tri")),
    ("coordinators", re.compile(r"phoi hop")),
    (
        "notes",
        re.compile(r"ghi chu|lanh dao (?:phu trach|chi dao)|can cu|kinh phi|du toan|nguon von|nguoi (?:theo|phu)"),
    ),
    (
        "timing",
        re.compile(
            r"thoi gian|thoi han|thoi diem|\bhan\b|tien do|chu ky|dinh ky|lo trinh|(?:ngay|thang|nam) hoan thanh"
        ),
    ),
    ("result", re.compile(r"ket qua|san pham|dau ra")),
    ("leads", re.compile(r"(?:don vi|co quan|so, nganh|bo phan) (?:thuc hien|phu trach|dau moi|duoc giao)")),
    ("title", re.compile(r"nhiem vu|noi dung|cong viec|giai phap|hoat dong|ten viec")),
    ("timing", re.compile(r"hoan thanh")),
    ("leads", re.compile(r"^(?:don vi|co quan)$")),
)
"""In order: the first meaning whose words occur names the column. `owners` is one column for both roles."""
HEADING_LENGTH = 80
_DEADLINE_RE = re.compile(r"\bhan\b|hoan thanh|tien do")
"""A heading of times under which a single day is the last one: "Hạn hoàn thành 30/6/2026"."""
_ROLES = {"leads", "coordinators"}
_BODY = {"leads", "owners", "timing"}


def meaning_of(text: str) -> str | None:
    """What a heading cell says its column holds, or None."""
    words = plain(text)
    return next((name for name, pattern in MEANINGS if pattern.search(words)), None)


def columns_of(cells: Sequence[Cell]) -> dict[str, int] | None:
    """Column number by meaning when the row is a heading of a task table, else None; `deadline` is `timing` again."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(cells):
        if len(cell.text) > HEADING_LENGTH or cell.text.strip(" .)").isdecimal():
            return None
        if meaning := meaning_of(cell.text):
            columns.setdefault(meaning, index)
            if meaning == "timing" and _DEADLINE_RE.search(plain(cell.text)):
                columns.setdefault("deadline", index)
    if "title" not in columns and "ordinal" in columns and _BODY & set(columns):
        _name_the_unnamed(columns, cells)
    is_heading = "title" in columns and _BODY & set(columns) and len(set(columns.values())) >= 3
    return columns if is_heading else None


def _name_the_unnamed(columns: dict[str, int], cells: Sequence[Cell]) -> None:
    """The column after the ordinals holds the task where its heading has words of its own, such as "Mục"."""
    after = columns["ordinal"] + 1
    if after < len(cells) and after not in columns.values() and cells[after].text.strip():
        columns["title"] = after


def flat_columns(text: str) -> tuple[str, ...]:
    """The meanings in a heading whose cells run on in one text, in their order; empty where it is no such heading."""
    words = plain(text)
    if not re.match(r"^(?:s?tt|so tt|so thu tu)\b", words):
        return ()
    found = [(match.start(), name) for name, pattern in _FLAT for match in pattern.finditer(words)]
    # "Phân công thực hiện" stands over the columns of both roles, whose names follow at the end.
    assigned = re.search(r"phan cong", words)
    if assigned:
        found = [
            (assigned.start() + order if name in _ROLES else place, name)
            for order, (place, name) in enumerate(sorted(found))
        ]
    names = list(dict.fromkeys(name for _, name in sorted(found)))
    return ("ordinal", *names) if "title" in names and _BODY & set(names) and len(names) >= 2 else ()


_UNIT = r"(?:(?:don vi|co quan|so, ?(?:ban, ?)?nganh|cap|to chuc)(?:, ?(?:don vi|co quan))? )?"
_FLAT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("title", re.compile(r"(?:noi dung|nhiem vu|ten nhiem vu|cong viec|giai phap)")),
    ("leads", re.compile(rf"{_UNIT}chu tri|(?:don vi|co quan) (?:thuc hien|phu trach)")),
    ("coordinators", re.compile(rf"{_UNIT}phoi hop")),
    ("result", re.compile(r"ket qua|san pham")),
    ("timing", re.compile(r"thoi (?:gian|han|diem)|tien do|han hoan thanh|lo trinh")),
    ("notes", re.compile(r"ghi chu")),
)
