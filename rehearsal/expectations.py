"""What must be told in a rehearsal, read from the file in which a person wrote it down from the rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from domain.errors import Refusal
from rehearsal.toml_lines import TomlFile, read_toml

CODE = "expected-invalid"
STATES = ("done_on_time", "done_late", "open_in_term", "open_overdue")
_KEYS = frozenset(
    {"on", "leaves", "kind", "rung", "role", "units", "tasks", "round", "to", "about", "period", "days", "state", "why"}
)
_OF_A_UNIT = frozenset({"letter_drafted", "unreachable", "contact_bounced"})
"""Kinds that may be about a unit as such, without a task."""


@dataclass(frozen=True)
class Told:
    """One thing that `role` of unit `to` must be told. `about` is the unit concerned; `rung` may be empty.

    `on` is the day on which it became true, `leaves` when it goes out. `days` is the number of working days that is
    said with it, where it is not that of the rung. `state` is sent, or books only: unroutable, or muted by the reader.
    """

    on: date
    leaves: date
    kind: str
    rung: str
    role: str
    to: str
    about: str
    task: int | None
    round: str
    period: str
    days: int | None
    state: str
    why: str

    def reference(self, plan: str) -> str:
        """The code by which people quote it: plan/task, plan/task/round, plan/rollup/period, or the plan alone.

        A letter's stands here with its unit, plan/letter/unit: the number is given by the books.
        """
        if self.period:
            return f"{plan}/rollup/{self.period}"
        if self.kind == "letter_drafted":
            return f"{plan}/letter/{self.about}"
        return "/".join(str(part) for part in (plan, self.task, self.round) if part not in ("", None))


@dataclass(frozen=True)
class LetterExpected:
    """A letter to a unit; a day and a number where it was issued by the end."""

    unit: str
    drafted_on: date
    number: str | None = None
    issued_on: date | None = None


@dataclass(frozen=True)
class RollupExpected:
    """The rollup at the end; `attachments` are the endings of the files' names."""

    period: str
    compiled_on: date
    signed_on: date
    signed_by: str
    number: str
    sent_to: tuple[str, ...]
    attachments: tuple[str, ...]
    acknowledged_on: date | None
    supplements: int


@dataclass(frozen=True)
class Expectations:
    """The whole file. `refused` gives per phone the Zalo code and how often it is met; `final` is by unit and task."""

    plan: str
    units_before: date
    correction_days: int
    refused: dict[str, tuple[int, int]]
    told: tuple[Told, ...]
    final: dict[tuple[str, int], tuple[str, str]]
    obligation_counts: dict[str, int]
    task_counts: dict[str, int]
    rollup: RollupExpected | None
    letters: tuple[LetterExpected, ...] = ()

    def kinds_with_rung(self) -> frozenset[str]:
        """The kinds whose rung the rules name, so that it is compared."""
        return frozenset(told.kind for told in self.told if told.rung)


def read_expectations(path: Path) -> Expectations:
    """The expectations in a file; raises `Refusal("expected-invalid")` that names the line and what to do."""
    file = read_toml(path, CODE)
    values = file.values
    for name in ("plan", "units_before", "expect"):
        if name not in values:
            raise Refusal(CODE, f"{path.name}: {name} is missing; add it.")
    told = [one for index, entry in enumerate(values["expect"]) for one in _told(file, index, entry)]
    if twice := [one for one, times in Counter(told).items() if times > 1]:
        raise Refusal(CODE, f"{path.name}: {twice[0]} stands there twice; remove one.")
    refused = values.get("zalo", {}).get("refused", {})
    counts = values.get("counts", {})
    return Expectations(
        plan=values["plan"],
        units_before=values["units_before"],
        correction_days=int(values.get("correction_days", 0)),
        refused={phone: (int(of["code"]), int(of["times"])) for phone, of in refused.items()},
        told=tuple(told),
        final=_final(file),
        obligation_counts=dict(counts.get("obligations", {})),
        task_counts=dict(counts.get("tasks", {})),
        rollup=_rollup(values["rollup"]) if "rollup" in values else None,
        letters=tuple(_letter(file, index, entry) for index, entry in enumerate(values.get("letter", []))),
    )


def _told(file: TomlFile, index: int, entry: dict[str, Any]) -> list[Told]:
    if missing := sorted({"on", "kind", "role", "why"} - set(entry)):
        raise file.fault("expect", index, f"{', '.join(missing)} is missing; add it")
    if unknown := sorted(set(entry) - _KEYS):
        raise file.fault("expect", index, f"{', '.join(unknown)} means nothing here; remove it or correct its name")
    if ("units" in entry) == ("to" in entry):
        raise file.fault("expect", index, "say either units (told about themselves) or to (told about others)")
    named = ("tasks" in entry) + ("period" in entry)
    if named > 1 or (not named and entry["kind"] not in _OF_A_UNIT):
        raise file.fault("expect", index, "say either tasks or the period of a rollup")
    if entry["kind"] == "letter_drafted" and (named or not entry.get("about")):
        raise file.fault("expect", index, "a letter is about units; give about, without tasks or period")
    if entry.get("state", "sent") not in ("sent", "unroutable", "muted"):
        raise file.fault("expect", index, "state is sent, unroutable or muted; correct it")
    made = [
        Told(
            on=entry["on"], leaves=entry.get("leaves", entry["on"]), kind=entry["kind"], rung=entry.get("rung", ""),
            role=entry["role"], to=to, about=about, task=task, round=entry.get("round", ""),
            period=entry.get("period", ""), days=entry.get("days"), state=entry.get("state", "sent"), why=entry["why"],
        )
        for to, about in _addressed(entry)
        for task in entry.get("tasks", [None])
    ]  # fmt: skip
    if not made:
        raise file.fault("expect", index, "it names nobody or nothing; give units and tasks")
    return made


def _addressed(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Pairs of the unit that is told and the unit it is about."""
    if "units" in entry:
        return [(unit, unit) for unit in entry["units"]]
    told = [entry["to"]] if isinstance(entry["to"], str) else entry["to"]
    return list(product(told, entry.get("about", [""])))


def _final(file: TomlFile) -> dict[tuple[str, int], tuple[str, str]]:
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for index, entry in enumerate(file.values.get("final", [])):
        if entry.get("state") not in STATES:
            raise file.fault("final", index, f"state is one of {', '.join(STATES)}; correct it")
        for unit, task in product(entry.get("units", []), entry.get("tasks", [])):
            if (unit, task) in found:
                raise file.fault("final", index, f"{unit} on task {task} stands there twice; remove one")
            found[unit, task] = entry["state"], entry.get("why", "")
    return found


def _letter(file: TomlFile, index: int, entry: dict[str, Any]) -> LetterExpected:
    issued = {"number", "issued_on"}
    if set(entry) - issued != {"unit", "drafted_on"} or len(issued & set(entry)) == 1:
        words = "a letter has unit and drafted_on, and where it was issued number and issued_on; correct it"
        raise file.fault("letter", index, words)
    return LetterExpected(**entry)


def _rollup(entry: dict[str, Any]) -> RollupExpected:
    lists = {name: tuple(entry[name]) for name in ("sent_to", "attachments")}
    return RollupExpected(**{"acknowledged_on": None, "supplements": 0, **entry, **lists})
