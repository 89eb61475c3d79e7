"""Who holds a role of a unit today, and how they are reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import RowMapping

from domain.contracts import Channel
from domain.notices import Role
from domain.preferences import effective_channels, reachable_channels
from models.reachable import MARKED
from models.steps.digests import Addressee
from models.steps.frame import Books

_PEOPLE = f"""
SELECT p.id AS person, p.name, p.email, p.phone, p.channels, p.preferred, p.muted, p.unit_id, r.role,
       u.name AS unit_name,
       {MARKED} AS marked
FROM person p JOIN person_role r ON r.person_id = p.id JOIN unit u ON u.id = p.unit_id
WHERE p.realm = :realm AND (p.valid_from IS NULL OR p.valid_from <= CAST(:today AS date))
  AND (p.valid_to IS NULL OR p.valid_to >= CAST(:today AS date))
ORDER BY p.id
"""


class Addressees:
    """The people of a realm by unit and role, with the channel that reaches each now."""

    def __init__(self, found: dict[tuple[int, str], list[Addressee]]) -> None:
        self._found = found

    def of(self, unit: int, role: str) -> list[Addressee]:
        """Whom to tell; where no officer can be reached the head stands in, so that the unit hears of it."""
        found = self._found.get((unit, role), [])
        return self._found.get((unit, Role.HEAD), []) if not found and role == Role.OFFICER else found

    def person(self, person: int) -> Addressee | None:
        """One person, in the first of their roles."""
        return next((one for people in self._found.values() for one in people if one.id == person), None)


async def read_addressees(books: Books) -> Addressees:
    """Everybody who can be reached today."""
    realm = books.request.realm
    stopped = {r["channel"] for r in await books.rows("SELECT channel FROM channel_alarm WHERE realm = :r", r=realm)}
    found: dict[tuple[int, str], list[Addressee]] = defaultdict(list)
    for row in await books.rows(_PEOPLE, realm=realm, today=books.today):
        channel = usable_channel(row, stopped)
        if channel is not None:
            address = row["email"] if channel is Channel.MAIL else row["phone"]
            person = Addressee(
                row["person"], row["name"], row["unit_id"], row["unit_name"], row["role"], channel, address,
                frozenset(row["muted"]),
            )  # fmt: skip
            found[row["unit_id"], row["role"]].append(person)
    return Addressees(found)


def usable_channel(person: RowMapping, stopped: Iterable[str], after: str | None = None) -> Channel | None:
    """The first channel in a person's order that can be used, or the first after the one that just refused."""
    there = reachable_channels(person["channels"], person["email"], person["phone"])
    chosen = effective_channels(there, person["preferred"])
    channels = [*chosen, *(channel for channel in there if channel not in chosen)]  # better unwished than not at all
    if after in channels:
        channels = channels[channels.index(after) + 1 :]
    for channel in channels:
        if channel not in stopped and channel not in person["marked"]:
            return Channel(channel)
    return None
