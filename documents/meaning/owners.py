"""The owners that a cell or a sentence names, each by its own words; which bodies they are is for `domain.resolution`.

A cell may hold several bodies, broken into lines anywhere: "Sở Thông tin | và Truyền thông; các đơn | vị liên quan" is
two. Words for many ("Các sở, ban, ngành") stay one owner.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from documents.meaning.owner_clause import until_verb
from documents.meaning.owner_lines import paired, stretches
from documents.meaning.owner_split import split_owners
from documents.meaning.owner_words import begins_body, is_collective, is_concerned, is_plainly_generic
from domain.plan import OwnerRef

_EDGES = " \t;,.:-–—…"
_LABEL = (
    r"(?:(?:đơn\s+vị|cơ\s+quan|sở,\s+ngành)\s+)?(?:chủ\s+trì|phối\s+hợp|thực\s+hiện)(?:\s+thực\s+hiện)?\s*"
    r"(?:[:：]|với\b|cùng\b)"
)
_LEADING_RE = re.compile(
    rf"^(?:[{re.escape(_EDGES)}+*/&•▪]|(?:[0-9]{{1,2}}|[a-zđ])\s*[.)]\s|(?:và|cùng|với|hoặc)(?=\s|$)|{_LABEL})+",
    re.IGNORECASE,
)
_LOOSE_ENDS = frozenset({"và", "cùng", "với", "hoặc", "&", "/", "v.v", "vv"})
_ROLE_RE = re.compile(
    r"(?P<open>\(\s*)?(?<![^\W_])(?:(?:đơn\s+vị|cơ\s+quan|sở,?\s+ngành)\s+)?(?:chủ\s+trì|phối\s+hợp)(?![^\W_])"
    r"(?:\s+thực\s+hiện(?![^\W_]))?(?:\s*\))?\s*(?:(?P<colon>[:：])|(?P<with>(?:cùng\s+)?với(?![^\W_])|cùng(?![^\W_])))?",
    re.IGNORECASE,
)
_COORDINATES_RE = re.compile(r"phối\s+hợp", re.IGNORECASE)
_AFTER_ROLE_RE = re.compile(r"\s*(?:[;,.)\n]|$|phối\s+hợp)", re.IGNORECASE)
_BEFORE_ROLE_RE = re.compile(r"(?:^|[;.\n(,])\s*[-–+•*]*\s*$")
_GIVEN_RE = re.compile(r"(?:được|giao|nhận|do)\s*$", re.IGNORECASE)
_COORDINATE_RE = re.compile(
    r"phối\s+hợp(?:\s+chặt\s+chẽ|\s*,\s*hỗ\s+trợ|\s+và\s+hỗ\s+trợ)?\s+(?P<with>(?:cùng\s+với|cùng|với)\s+)?(?=\S)",
    re.IGNORECASE,
)
_LONGEST_CLAUSE = 600
_MAX_ROUNDS = 4
_ROLES = ("leads", "coordinators")


def owners(text: str) -> tuple[OwnerRef, ...]:
    """Each body in the words of a cell, as printed, once; empty for a cell without words. Never raises, linear time."""
    found = _read(text)
    # What one separator hid another may show; a second reading of the names must find the same names.
    for _ in range(_MAX_ROUNDS):
        again = _unique(name for each in found for name in _read(each))
        if again == found:
            break
        found = again
    return tuple(OwnerRef(name) for name in found)


def _read(text: str) -> list[str]:
    return _unique(_clean(name) for part in stretches(text) for name in split_owners(_clean(part)))


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if re.search(r"[^\W_]", name)))


def _clean(name: str) -> str:
    """A name without the marks around it and without parentheses that have no partner."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if name.count("(") != name.count(")") or name.find(")") < name.find("("):
        name = paired(name)
    name = _LEADING_RE.sub("", name)
    while True:
        name = name.rstrip(_EDGES)
        before, _, last = name.rpartition(" ")
        if last.lower() not in _LOOSE_ENDS:
            return name
        name = before


def lead_and_coordinators(text: str) -> tuple[tuple[OwnerRef, ...], tuple[OwnerRef, ...]] | None:
    """Who leads and who coordinates where one cell says both; None where it speaks of no roles.

    "Chủ trì: A. Phối hợp: B, C" · "A chủ trì, phối hợp với B" · "A (chủ trì); B, C (phối hợp)" · "A phối hợp với B".
    """
    text = unicodedata.normalize("NFC", text)
    marks = [mark for mark in _ROLE_RE.finditer(text) if _is_role(text, mark)]
    if not marks:
        return None
    found = _labelled(text, marks) if any(mark["colon"] for mark in marks) else _told(text, marks)
    leads, coordinators = (owners(";\n".join(words for role, words in found if role == each)) for each in _ROLES)
    named = {lead.text for lead in leads}
    return leads, tuple(each for each in coordinators if each.text not in named)


def _is_role(text: str, mark: re.Match[str]) -> bool:
    """Not "đơn vị được giao chủ trì" nor "chủ trì họp": a role stands at an end of words, or has a mark or "với"."""
    before = text[max(0, mark.start() - 20) : mark.start()]
    if _GIVEN_RE.search(before):
        return False
    stands_out = mark["colon"] or mark["with"] or mark["open"] or _BEFORE_ROLE_RE.search(before)
    return bool(stands_out or _AFTER_ROLE_RE.match(text, mark.end()))


def _role_of(mark: re.Match[str]) -> str:
    return _ROLES[bool(_COORDINATES_RE.search(mark[0]))]


def _labelled(text: str, marks: list[re.Match[str]]) -> list[tuple[str, str]]:
    """ "Chủ trì: A. Phối hợp: B": what follows a label; what stands before the first has the other role."""
    labels = [mark for mark in marks if mark["colon"] or mark["with"]]
    found = [(_ROLES[_role_of(labels[0]) == _ROLES[0]], text[: labels[0].start()])]
    ends = [*(label.start() for label in labels[1:]), len(text)]
    return found + [(_role_of(label), text[label.end() : end]) for label, end in zip(labels, ends, strict=True)]


def _told(text: str, marks: list[re.Match[str]]) -> list[tuple[str, str]]:
    """ "A chủ trì, phối hợp với B", "A (chủ trì); B, C (phối hợp)", "Chủ trì A, phối hợp B": names before or after."""
    found: list[tuple[str, str]] = []
    start, pending = 0, ""
    for mark in marks:
        names = text[start : mark.start()].strip(_EDGES + "\n+•*")
        if names:
            # "A phối hợp với B": A leads though nobody says so.
            found.append((pending or (_ROLES[0] if mark["with"] else _role_of(mark)), names))
        pending = _role_of(mark) if pending or mark["with"] or not names else ""
        start = mark.end()
    rest = text[start:].strip(_EDGES + "\n+•*")
    if pending or _names_somebody(rest):
        found.append((pending or _ROLES[1], rest))
    return found


def _names_somebody(text: str) -> bool:
    return begins_body(text) or is_collective(text) or is_plainly_generic(text) or is_concerned(text)


def coordinators_in(sentence: str) -> tuple[OwnerRef, ...]:
    """The bodies that a duty names to coordinate with, as far as the verb of what is to be done with them.

    "Chủ trì, phối hợp với Sở Tài chính và các đơn vị có liên quan thẩm định …" is two; "Phối hợp tổ chức …" is none.
    """
    found: list[OwnerRef] = []
    sentence = unicodedata.normalize("NFC", sentence)
    matches = list(_COORDINATE_RE.finditer(sentence))
    for index, match in enumerate(matches):
        end = matches[index + 1].start() if index + 1 < len(matches) else len(sentence)
        clause = until_verb(sentence[match.end() : min(end, match.end() + _LONGEST_CLAUSE)])
        found += [owner for owner in owners(clause) if _names_somebody(owner.text)]
    return tuple(dict.fromkeys(found))
