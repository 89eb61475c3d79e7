"""What a judge finds: sentences a person can act on, and how two lists of things told are held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date


@dataclass
class Verdict:
    """The findings. Messages that the mail server took twice under one Message-ID are counted and no fault.

    `expected` is how many notices were written down, `checked` how much was looked at, by name.
    """

    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    physical_duplicates: list[str] = field(default_factory=list)
    expected: int = 0
    checked: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether everything is as it was written down."""
        return not (self.missing or self.doubled or self.unexpected)

    def lines(self) -> list[str]:
        """The whole verdict, to be printed."""
        titles = ("missing", "doubled", "unexpected", "physical_duplicates")
        found = [f"{title.replace('_', ' ')}: {line}" for title in titles for line in getattr(self, title)]
        looked = ", ".join(f"{number} {name}" for name, number in self.checked.items())
        return [
            *found,
            f"{self.expected} notices expected; looked at {looked}",
            "as expected" if self.passed else "NOT as expected",
        ]


@dataclass(frozen=True)
class Item:
    """One thing told, as one of the records shows it: who was told what, on which day, quoted how, about which unit."""

    record: str
    who: str
    on: date
    what: str
    reference: str
    about: str = ""

    def __str__(self) -> str:
        about = f" about {self.about}" if self.about else ""
        return f"{self.record}: “{self.what}” for {self.who} on {self.on:%d/%m/%Y} ({self.reference}{about})"


def compare(verdict: Verdict, expected: Mapping[Item, Sequence[str]], seen: Mapping[Item, Sequence[str]]) -> None:
    """Hold what was seen against what was expected. Values are reasons and places, one for each time."""
    seen_days: dict[Item, list[str]] = {}
    for item in seen:
        if item not in expected:
            seen_days.setdefault(_without_day(item), []).append(f"{item.on:%d/%m/%Y}")
    for item, reasons in expected.items():
        places = seen.get(item, ())
        if len(places) < len(reasons):
            days = ", ".join(seen_days.get(_without_day(item), []))
            elsewhere = f"; one like it came on {days}" if days else ""
            verdict.missing.append(
                f"{item}, seen {len(places)} of {len(reasons)} times, because {reasons[0]}{elsewhere}"
            )
        elif len(places) > len(reasons):
            where = ", ".join(places)
            verdict.doubled.append(
                f"{item}, seen {len(places)} instead of {len(reasons)} times in {where}: {reasons[0]}"
            )
    for item, places in seen.items():
        if item not in expected:
            verdict.unexpected.append(f"{item}, in {', '.join(places)}: no rule asks for it")


def _without_day(item: Item) -> Item:
    return replace(item, on=date.min)
