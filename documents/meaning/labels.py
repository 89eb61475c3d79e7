"""The document's own data where it is given as labels with values: a legal site's block, a form, a sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from documents.source import Line, plain

_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("title", re.compile(r"ten (?:ke hoach|van ban)|trich yeu(?: noi dung)?|ve viec")),
    ("number", re.compile(r"so,? ?ky hieu|so hieu(?: van ban)?|so van ban|so ke hoach")),
    ("issued_on", re.compile(r"ngay (?:ban hanh|ky)")),
    ("authority", re.compile(r"(?:co quan|noi) ban hanh")),
    ("signed_by", re.compile(r"nguoi ky")),
    ("lead_agency", re.compile(r"co quan (?:dau moi|theo doi|tong hop|thuong truc|chu tri tong hop)(?:.{0,30})")),
)


def read_labels(lines: Sequence[Line]) -> Mapping[str, str]:
    """Value by what its label means, for labels that stand in a cell of their own; values are as written."""
    found: dict[str, str] = {}
    names = [_meaning(line.text) for line in lines]
    index = 0
    while index < len(lines):
        if names[index] is None:
            index += 1
            continue
        end = index
        while end < len(lines) and names[end] is not None:
            end += 1
        # One label and its value beside it, or a column of labels and then the column of values.
        for offset, line in enumerate(lines[end : end + (end - index)]):
            name = names[index + offset]
            if name and line.cell != lines[index].cell:
                found.setdefault(name, line.text)
        index = end
    return found


def _meaning(text: str) -> str | None:
    words = plain(text).rstrip(" :*")
    return next((name for name, pattern in _LABELS if pattern.fullmatch(words)), None)
