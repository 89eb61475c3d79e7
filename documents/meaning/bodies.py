"""Whether words begin a body in running lines, and whether they break off in the middle of a name."""

from __future__ import annotations

import re

from documents.meaning.owner_words import HEADS, either, is_collective, is_concerned
from documents.meaning.owner_words import begins_body as begins_one

_WHOLE = {"Tỉnh đoàn", "Thành đoàn", "Huyện đoàn", "Tỉnh ủy", "Thành ủy", "Huyện ủy", "Chính phủ", "Biên phòng"}
"""Heads that are names by themselves."""
_OPEN_RE = re.compile(
    r"(?:^|[\s(])(?:và|của|thuộc|với|cho|do|về|từ|tại|các|những|trên|trong|theo|để"
    rf"|{either(head for head in HEADS if head not in _WHOLE)})$"
    r"|[,(&/–-]$"
)


def begins_body(text: str) -> bool:
    """Whether a text begins like the name of one public body or of many ("Sở …", "Các cơ quan …", "STTTT")."""
    words = text.lstrip("-–+•* ")
    return begins_one(words) or is_collective(words) or is_concerned(words)


def is_open(text: str) -> bool:
    """Whether a text ends in the middle: after a comma, a connective, or a word that wants a name ("Tạp chí")."""
    return bool(_OPEN_RE.search(text.rstrip()))
