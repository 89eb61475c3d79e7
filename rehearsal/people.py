"""Who can be told what: units and people as the registry file names them, read without the product's own reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rehearsal.toml_lines import read_toml


@dataclass(frozen=True)
class Person:
    """Somebody of a unit. `channels` are only those on which there is an address, in the order of preference."""

    id: str
    unit: str
    roles: frozenset[str]
    email: str
    phone: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class People:
    """The registry: names of units by id, and everybody in it."""

    units: dict[str, str]
    people: tuple[Person, ...]

    def holding(self, role: str, unit: str) -> tuple[Person, ...]:
        """Whoever of a unit holds a role and can be reached."""
        return tuple(p for p in self.people if p.unit == unit and role in p.roles and p.channels)

    def addressed(self, role: str, unit: str) -> tuple[Person, ...]:
        """Whoever is told what a role of a unit must be told: where no officer can be reached the head stands in."""
        found = self.holding(role, unit)
        return self.holding("head", unit) if role == "officer" and not found else found

    def person(self, id: str) -> Person | None:
        """One person by id."""
        return next((person for person in self.people if person.id == id), None)


def read_people(path: Path) -> People:
    """The registry in a TOML file; raises `Refusal("registry-invalid")`."""
    values = read_toml(path, "registry-invalid").values
    units = {str(unit["id"]): str(unit["name"]) for unit in values.get("unit", [])}
    people = []
    for entry in values.get("person", []):
        email, phone = str(entry.get("email", "")), str(entry.get("phone", ""))
        wanted = entry.get("channels", ["mail"])
        there = tuple(c for c in wanted if (c == "mail" and email) or (c == "zalo" and phone))
        people.append(Person(entry["id"], entry["unit"], frozenset(entry["roles"]), email, phone, there))
    return People(units, tuple(people))
