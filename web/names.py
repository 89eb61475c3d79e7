"""The bodies of the registry that can be owners, as they stand on a business day: all, or those like some words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.names import fold
from domain.plan import Registry
from domain.resolution import Directory
from domain.workdays import local_date
from models.queries.clock import read_now
from models.queries.registry import read_units


@dataclass(frozen=True)
class Names:
    """The registry of the realm and the business day."""

    registry: Registry
    today: date


@dataclass(frozen=True)
class NameLine:
    """A unit or group in force; `score` says how alike it is to what was asked for, 0 to 1."""

    kind: Literal["unit", "group"]
    id: str
    name: str
    score: float | None = None

    @property
    def pick(self) -> str:
        """The choice of it in a form."""
        return f"{self.kind}:{self.id}"


async def read_names(books: AsyncConnection, realm: str) -> Names:
    """The registry and the business day."""
    return Names(await read_units(books, realm), local_date(await read_now(books, realm)))


def in_force(names: Names) -> tuple[NameLine, ...]:
    """All of them, units before groups, by name."""
    units = (NameLine("unit", each.id, each.name) for each in names.registry.units if each.in_force(names.today))
    groups = (NameLine("group", each.id, each.name) for each in names.registry.groups)
    return (*sorted(units, key=_by_name), *sorted(groups, key=_by_name))


def likely(directory: Directory, words: str, limit: int) -> tuple[NameLine, ...]:
    """The likeliest for some words, best first."""
    found = directory.candidates(words, limit)
    return tuple(NameLine(each.kind, each.id, each.name, round(each.score, 2)) for each in found)


def _by_name(line: NameLine) -> str:
    return fold(line.name)
