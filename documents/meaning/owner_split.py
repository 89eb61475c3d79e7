"""The grammar that tells apart the bodies in one stretch of words: where "," and "và" separate and where they do not.

Pieces between separators are looked at from left to right; each begins an owner or goes on with the one before it.
A department's name ("Văn hóa, Thể thao và Du lịch") and words for many ("các sở, ban, ngành") stay whole, and a head
that several names share ("Các sở: Tài chính, Nội vụ") is given to each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from documents.meaning import owner_words as words
from documents.meaning.owner_words import either

_SEPARATOR_RE = re.compile(
    r"\s*,\s*(?:và\s+)?|\s+(?P<joint>và|cùng\s+với|cùng|hoặc)\s+|\s+(?P<amp>&)\s+|\s*(?P<slash>/)\s*", re.IGNORECASE
)
_NAMES_OF_MANY = {
    "sở": "Sở", "ban": "Ban", "bộ": "Bộ", "hội": "Hội", "báo": "Báo", "đài": "Đài", "cục": "Cục", "trường": "Trường",
}  # fmt: skip
_COLON_RE = re.compile(
    r"^(?P<council>(?:UBND|HĐND|(?:ủy|uỷ)\s+ban\s+nhân\s+dân|công\s+an)\s+)?(?:các\s+|những\s+)?"
    rf"(?P<first>{either((*_NAMES_OF_MANY, *words.LEVELS))})(?![^\W_])(?P<others>[^:()]{{0,60}}?)\s*"
    r"(?::|(?:bao\s+)?gồm:?|như:)\s*(?=\S)",
    re.IGNORECASE,
)
_SHARED_RE = re.compile(rf"^(?:các|những)\s+(?P<first>{either(_NAMES_OF_MANY)})\s+(?=\S)", re.IGNORECASE)
_COUNCILS_RE = re.compile(
    rf"^(?P<council>(?:UBND|HĐND|(?:ủy|uỷ)\s+ban\s+nhân\s+dân|công\s+an)\s+)các\s+(?P<level>{either(words.LEVELS)})\s+(?=\S)",
    re.IGNORECASE,
)
_COUNCIL_RE = re.compile(r"(?:UBND|HĐND|(?:ủy|uỷ)\s+ban\s+nhân\s+dân|công\s+an)(?![^\W_])", re.IGNORECASE)
_COMMUNES = ("xã", "phường", "thị trấn", "đặc khu")
_IN_COMMUNE_RE = re.compile(rf"\s(?<!thị )(?:{'|'.join(_COMMUNES)})\s+[^\W\d_]")
_OF_LEVEL_RE = re.compile(rf"^(?P<head>.{{2,60}}?)\s+(?:{either(words.LEVELS)})\s+(?=\S)")
# "Văn phòng Đoàn ĐBQH và HĐND tỉnh" serves both and is one office.
_OFFICE_RE = re.compile(
    r"^(?:Văn\s+phòng|VP)\s+(?:Đoàn\s+)?(?:ĐBQH|đại\s+biểu\s+Quốc\s+hội|HĐND|UBND|(?:Hội\s+đồng|[UỦ][yỷ]\s+ban)\s+nhân\s+dân)$",
    re.IGNORECASE,
)
# Newspaper and station merged into one body before 2025 in some provinces: a station that does not say of where, "và"
# and the newspaper of the province ("Đài Phát thanh - Truyền hình và Báo Bình Phước"); or the bare word "Báo" first.
_STATION = r"(?:Phát\s+thanh\s*(?:[-–,&]|và)\s*Truyền\s+hình|PT\s*(?:[-–&]|và)?\s*TH)"
_MERGED_RE = re.compile(rf"^(?:Đài\s+{_STATION}|ĐPTTH|Báo)$", re.IGNORECASE)
_MERGED_WITH_RE = re.compile(rf"^(?:Báo\s+\S|Đài\s+{_STATION}|{_STATION})", re.IGNORECASE)


@dataclass
class _Piece:
    text: str
    start: int
    end: int
    joint: str  # what stands before it: "", ",", "và" or "/"
    named: bool = False  # begins a name that only the pieces after it complete
    concerned: bool = False  # itself or the words for many that it opens end in "… liên quan"


@dataclass
class _Owner:
    start: int
    end: int
    prefix: str = ""
    many: bool = False  # words for many, so that further such words go on with it
    councils: bool = False  # of many places, so that only kinds of places go on with it
    last: str = ""


def split_owners(text: str) -> list[str]:
    """The owners in a stretch of words without ";" and line breaks; linear in its length."""
    shared, several = "", False
    if match := _COLON_RE.match(text):
        shared = _head_of(match["council"], match["first"], several := bool(match["others"].strip()))
        text = text[match.end() :]
    elif (match := _COUNCILS_RE.match(text)) and text[match.end()].isupper():
        shared, text = _head_of(match["council"], match["level"], False), text[match.end() :]
    pieces = _pieces(text)
    if not shared and (match := _SHARED_RE.match(text)):
        texts = [piece.text for piece in pieces[:8]]
        if words.department_length(texts, 0, texts[0][match.end() :]):
            shared, pieces[0].text = _NAMES_OF_MANY[_plain_first(match["first"])], texts[0][match.end() :]
            pieces[0].start += match.end()
    return [f"{owner.prefix} {text[owner.start : owner.end]}".strip() for owner in _owners(pieces, shared, several)]


def _plain_first(word: str) -> str:
    """The everyday spelling of a word that a pattern matched in any spelling."""
    wanted = words.bare(word.lower())
    return next((name for name in _NAMES_OF_MANY if words.bare(name) == wanted), "sở")


def _head_of(council: str | None, first: str, several: bool) -> str:
    if council:
        return council.strip() if several else f"{council.strip()} {first.lower()}"
    is_level = words.bare(first.lower()) in map(words.bare, words.LEVELS)
    return first.lower() if is_level else _NAMES_OF_MANY[_plain_first(first)]


def _pieces(text: str) -> list[_Piece]:
    """The pieces between separators outside parentheses."""
    found: list[_Piece] = []
    start, joint, depth, seen = 0, "", 0, 0
    for match in _SEPARATOR_RE.finditer(text):
        between = text[seen : match.start()]
        depth += between.count("(") - between.count(")")
        seen = match.end()
        if depth <= 0:
            found.append(_Piece(text[start : match.start()], start, match.start(), joint))
            start = match.end()
            joint = "và" if match["joint"] or match["amp"] else "/" if match["slash"] else ","
    found.append(_Piece(text[start:], start, len(text), joint))
    after = False
    for piece in reversed(found):
        if piece.text in ("Báo", "Đài"):  # "Báo và Phát thanh, Truyền hình tỉnh": the name follows the "và"
            piece.named = words.begins_body(text[piece.start : piece.start + len("Báo và …")])
        piece.concerned = after = words.is_concerned(piece.text) or (after and words.is_generic(piece.text))
    return found


def _owners(pieces: list[_Piece], shared: str, several: bool) -> list[_Owner]:
    texts = [piece.text for piece in pieces]
    owners: list[_Owner] = []
    sure = 0  # pieces up to here belong to the department named before them
    for index, piece in enumerate(pieces):
        if index < sure:
            owners[-1].end, owners[-1].last = piece.end, piece.text
            continue
        length = words.department_length(texts, index, _after_head(piece.text, shared))
        prefix = _prefix(owners[-1] if owners else None, piece, shared, several, bool(length))
        if prefix or not owners or _begins(owners[-1], piece, texts[index - 1]):
            many = not prefix and (words.is_collective(piece.text) or words.is_generic(piece.text))
            councils = many and words.is_councils(piece.text)
            owners.append(_Owner(piece.start, piece.end, prefix, many, councils, piece.text))
            sure = index + length
            if not shared and length and piece.text[:2] in ("Sở", "SỞ"):
                shared = "Sở"
        else:
            owners[-1].end, owners[-1].last = piece.end, piece.text
    return owners


def _after_head(text: str, shared: str) -> str:
    head = re.match(r"(?:Sở|Bộ|So|Ban)\s+", text, re.IGNORECASE)
    return text[head.end() :] if head else text if shared else ""


def _prefix(owner: _Owner | None, piece: _Piece, shared: str, several: bool, is_department: bool) -> str:
    """The head that a piece without one of its own shares with others: "Sở" for "Nội vụ", "UBND" for "huyện B"."""
    text = piece.text
    if not text or words.is_collective(text) or words.begins_body(text):
        return ""
    if place := words.territory(text):
        before = f"{owner.prefix} {owner.last}".strip() if owner and not owner.many else ""
        head = _OF_LEVEL_RE.match(f"{shared} {text}" if _COUNCIL_RE.match(shared) else before)
        # "UBND xã Tân Lập, huyện Đồng Phú" says where; a commune beside a commune is another owner.
        is_address = place["level"] not in _COMMUNES and bool(_IN_COMMUNE_RE.search(before))
        return head["head"] if head and not is_address else ""
    # A name that is no department's goes on only with others that were given the shared head.
    if not shared or not text[0].isupper() or (owner and not owner.prefix and not is_department):
        return ""
    if owner and not owner.prefix and piece.joint == "và" and shared == "Sở":
        return ""  # "Sở Nông nghiệp và Môi trường": of one department, as long as nobody said "các sở"
    return shared if is_department or not several else ""


def _begins(owner: _Owner, piece: _Piece, before: str) -> bool:
    """Whether a piece begins an owner of its own."""
    text = piece.text
    if not text:
        return False
    named = piece.named or words.begins_body(text)
    if piece.joint == "/":
        return named and words.begins_body(before)
    if piece.joint == "và" and _is_one_body(owner.last, text):
        return False
    if named and not (owner.many and words.is_generic(text)):
        return True
    if words.is_collective(text):
        return True
    if owner.councils and words.is_plainly_generic(text):
        return True
    if owner.many and words.is_generic(owner.last) and words.is_generic(text.split(" (")[0]):
        return False
    if piece.concerned:
        return not (owner.many and words.is_generic(owner.last))
    return words.is_plainly_generic(text) and not owner.many


def _is_one_body(before: str, text: str) -> bool:
    return bool(_OFFICE_RE.match(before) or (_MERGED_RE.match(before) and _MERGED_WITH_RE.match(text)))
