"""The rehearsal's script: who does what and when, read from TOML into types, refused with its line if it cannot be.

A line is one act, or the same act of several people or on several tasks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

from domain.errors import Refusal
from rehearsal.days import VIETNAM
from rehearsal.people import People, read_people
from rehearsal.toml_lines import TomlFile, read_toml

CODE = "script-invalid"


class Does(StrEnum):
    """What a person of the script can do; each is one request to the API."""

    IMPORT = "import"
    ACTIVATE = "activate"
    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    ACCEPT = "accept"
    RETURN = "return"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ISSUE_LETTER = "issue_letter"
    SIGN = "sign"
    UNLOCK = "unlock"
    ACKNOWLEDGE_ROLLUP = "acknowledge_rollup"


@dataclass(frozen=True)
class Report:
    """What a unit writes. A nil report has only its reason."""

    result: str = ""
    progress: str = ""
    percent: int | None = None
    difficulties: str = ""
    proposals: str = ""
    nil: bool = False
    nil_reason: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class Act:
    """One thing that `who` does at an instant (aware, +07); `unit` and `round` are filled in where left out.

    `refused` is the problem code with which the API must refuse it, or empty. `place` is where it stands in the file.
    """

    at: datetime
    who: str
    does: Does
    unit: str
    round: str
    task: int | None = None
    until: date | None = None
    reason: str = ""
    number: str = ""
    note: str = ""
    report: Report | None = None
    refused: str = ""
    place: str = ""


@dataclass(frozen=True)
class Script:
    """A rehearsal: its realm and time, its files (paths), what the Zalo sandbox refuses, and the acts in order."""

    realm: str
    begins: datetime
    ends: datetime
    plan: str
    round: str
    document: Path
    registry: Path
    zalo_refuse: dict[str, int]
    acts: tuple[Act, ...]


_REPORT = frozenset(Report.__dataclass_fields__)
_COMMON = frozenset({"at", "who", "does", "refused"})
_ABOUT = frozenset({"unit", "task", "round"})
# What each act must have, and what it may have besides the common keys.
_KEYS: dict[Does, tuple[frozenset[str], frozenset[str]]] = {
    Does.IMPORT: (frozenset(), frozenset()),
    Does.ACTIVATE: (frozenset(), frozenset()),
    Does.ACKNOWLEDGE: (frozenset({"task"}), frozenset({"unit"})),
    Does.REPORT: (frozenset({"task"}), _ABOUT | _REPORT),
    Does.ACCEPT: (frozenset({"unit", "task"}), _ABOUT),
    Does.RETURN: (frozenset({"unit", "task", "reason"}), _ABOUT),
    Does.ASK_EXTENSION: (frozenset({"task", "until", "reason"}), _ABOUT),
    Does.GRANT_EXTENSION: (frozenset({"unit", "task"}), _ABOUT),
    Does.REFUSE_EXTENSION: (frozenset({"unit", "task", "reason"}), _ABOUT),
    Does.ISSUE_LETTER: (frozenset({"unit", "number"}), frozenset()),
    Does.SIGN: (frozenset({"number"}), frozenset()),
    Does.UNLOCK: (frozenset({"reason"}), frozenset()),
    Does.ACKNOWLEDGE_ROLLUP: (frozenset({"note"}), frozenset()),
}
_SEVERAL_TASKS = frozenset({Does.ACKNOWLEDGE, Does.ACCEPT})
"""What one line may say of several tasks, as `tasks = [0, 2]`; anything else has words of its own for each."""
_SEVERAL_PEOPLE = frozenset({Does.ACKNOWLEDGE})
"""What one line may say of several people, as `who = ["a", "b"]`, each for their own unit."""
_TYPES: dict[str, type] = {"task": int, "percent": int, "until": date, "at": datetime, "nil": bool}


def read_script(path: Path) -> Script:
    """The script in a file; raises `Refusal("script-invalid")` that names the line and says what to do there."""
    file = read_toml(path, CODE)
    if unknown := sorted(set(file.values) - {"rehearsal", "zalo", "act"}):
        raise Refusal(CODE, f"{path.name}: “{unknown[0]}” means nothing here; remove it or correct its name.")
    head = _head(file)
    registry = path.parent / head["registry"]
    people = read_people(registry)
    begins, ends = _local(head["begins"]), _local(head["ends"])
    entries = file.values.get("act", [])
    acts = tuple(
        _act(file, index, single, people, head["round"])
        for index, entry in enumerate(entries)
        for single in _singles(file, index, entry)
    )
    _check_order(file, acts, begins, ends)
    refuse = {str(phone): int(code) for phone, code in file.values.get("zalo", {}).get("refuse", {}).items()}
    return Script(
        head["realm"], begins, ends, head["plan"], head["round"], path.parent / head["document"], registry, refuse, acts
    )  # fmt: skip


def _head(file: TomlFile) -> dict[str, Any]:
    head = file.values.get("rehearsal", {})
    kinds = {"begins": datetime, "ends": datetime}
    for name in ("realm", "begins", "ends", "plan", "round", "document", "registry"):
        if not isinstance(head.get(name), kinds.get(name, str)):
            raise Refusal(CODE, f"{file.path.name}: rehearsal.{name} is missing or of the wrong kind; give it.")
    return dict(head)


def _singles(file: TomlFile, index: int, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """A line that names several people or tasks, as one entry for each of them with each, in its order."""
    does, lists = _does(file, index, entry), {}
    if "task" in entry and "tasks" in entry:
        raise file.fault("act", index, "it names both task and tasks; keep one")
    for name, key, kind, takers in (("who", "who", str, _SEVERAL_PEOPLE), ("tasks", "task", int, _SEVERAL_TASKS)):
        value = entry.get(name)
        if value is None or (name == "who" and not isinstance(value, list)):
            continue
        if does not in takers:
            raise file.fault("act", index, f"“{does}” does not take several in {name}; write a line for each")
        if not isinstance(value, list) or not value or not all(type(each) is kind for each in value):
            raise file.fault("act", index, f"{name} = {value!r} must be a list of {kind.__name__}; correct it")
        if len(set(value)) < len(value):
            raise file.fault("act", index, f"{name} = {value!r} names one twice; remove it")
        lists[key] = value
    if "unit" in entry and "who" in lists:
        raise file.fault("act", index, "several people act each for their own unit; remove unit")
    plain = {key: value for key, value in entry.items() if key != "tasks"}
    return [plain | dict(zip(lists, chosen, strict=True)) for chosen in product(*lists.values())]


def _does(file: TomlFile, index: int, entry: dict[str, Any]) -> Does:
    try:
        return Does(entry.get("does", ""))
    except ValueError:
        known = ", ".join(Does)
        raise file.fault("act", index, f"nobody can “{entry.get('does')}”; write one of {known}") from None


def _act(file: TomlFile, index: int, entry: dict[str, Any], people: People, round_label: str) -> Act:
    does = _does(file, index, entry)
    _check_keys(file, index, entry, does)
    person = people.person(entry["who"])
    if person is None:
        raise file.fault("act", index, f"“{entry['who']}” is nobody in the registry; write a person's id")
    unit = entry.get("unit", person.unit)
    if unit not in people.units:
        raise file.fault("act", index, f"“{unit}” is no unit of the registry; write a unit's id")
    plain = {key: entry[key] for key in ("task", "until", "reason", "number", "note", "refused") if key in entry}
    report = Report(**{k: v for k, v in entry.items() if k in _REPORT}) if does is Does.REPORT else None
    if report is not None and not (report.nil_reason if report.nil else report.result):
        raise file.fault("act", index, "a report says nothing; give its result, or nil = true with nil_reason")
    return Act(
        _local(entry["at"]), person.id, does, unit, entry.get("round", round_label), report=report,
        place=file.place("act", index), **plain,
    )  # fmt: skip


def _check_keys(file: TomlFile, index: int, entry: dict[str, Any], does: Does) -> None:
    needed, allowed = _KEYS[does]
    if missing := sorted(({"at", "who"} | needed) - set(entry)):
        raise file.fault("act", index, f"“{does}” lacks {', '.join(missing)}; add it")
    if unknown := sorted(set(entry) - _COMMON - needed - allowed):
        raise file.fault("act", index, f"“{does}” does not take {', '.join(unknown)}; remove it or correct its name")
    for key, value in entry.items():
        wanted = _TYPES.get(key, str)
        if type(value) is not wanted or (isinstance(value, datetime) and value.tzinfo is not None):
            raise file.fault(
                "act", index, f"{key} = {value!r} must be a {wanted.__name__}, times being local; correct it"
            )


def _check_order(file: TomlFile, acts: tuple[Act, ...], begins: datetime, ends: datetime) -> None:
    before = begins
    for act in acts:
        words = f"{file.path.name}, {act.place}: {act.at:%Y-%m-%d %H:%M}"
        if act.at < before:
            raise Refusal(CODE, f"{words} is earlier than what stands before it; move it.")
        if act.at > ends:
            raise Refusal(CODE, f"{words} is after the end of the rehearsal; move the end.")
        before = act.at


def _local(value: datetime) -> datetime:
    return value.replace(tzinfo=VIETNAM) if value.tzinfo is None else value.astimezone(VIETNAM)
