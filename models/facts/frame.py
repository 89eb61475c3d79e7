"""The frame of every fact: one transaction that locks, stamps under the lock, writes, and sets the bell.

The caller commits by leaving the block and then rings `rings`; a ring that is lost is rung again by the relay.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.errors import NotFound
from models.bells import ring_bell
from models.session import business_now


@dataclass(frozen=True)
class Actor:
    """Who acts: a person of the registry with their unit and roles."""

    person: int
    slug: str
    name: str
    realm: str
    unit: int
    unit_slug: str
    roles: frozenset[str]

    @classmethod
    def of(cls, row: RowMapping) -> Actor:
        """The person of a row with `id`, `slug`, `name`, `realm`, `unit_id`, `unit_slug` and `roles`."""
        return cls(
            person=row["id"],
            slug=row["slug"],
            name=row["name"],
            realm=row["realm"],
            unit=row["unit_id"],
            unit_slug=row["unit_slug"],
            roles=frozenset(row["roles"]),
        )


@dataclass
class Ledger:
    """The books as one fact writes them."""

    connection: AsyncConnection
    realm: str
    rings: list[str] = field(default_factory=list)

    async def rows(self, sql: str, **values: Any) -> list[RowMapping]:
        """Run a query and return its rows."""
        return list((await self.connection.execute(text(sql), values)).mappings())

    async def one(self, sql: str, missing: NotFound, **values: Any) -> RowMapping:
        """The one row of a query, or the refusal that says what is missing."""
        found = await self.rows(sql, **values)
        if not found:
            raise missing
        return found[0]

    async def run(self, sql: str, **values: Any) -> None:
        """Run a statement."""
        await self.connection.execute(text(sql), values)

    async def now(self) -> datetime:
        """The business instant; read it after the locks are held."""
        return await business_now(self.connection, self.realm)

    async def fact(self, workflow: str, kind: str, at: datetime, summary: str, **about: Any) -> int:
        """Write that something was done and set the workflow's bell; `about` are further columns of `fact`."""
        written = await self._write(workflow, kind, at, summary, about)
        if await ring_bell(self.connection, workflow):
            self.rings.append(workflow)
        return written

    async def trace(self, workflow: str, kind: str, at: datetime, summary: str, **about: Any) -> int:
        """Write that something was done which no workflow has to take in; only the timeline tells of it."""
        return await self._write(workflow, kind, at, summary, {**about, "taken_in_at": at})

    async def _write(self, workflow: str, kind: str, at: datetime, summary: str, about: dict[str, Any]) -> int:
        values = {"realm": self.realm, "workflow": workflow, "kind": kind, "at": at, "summary": summary}
        values |= {"occurrence": 0, **about}
        row = await self.rows(
            f"INSERT INTO fact ({', '.join(values)}) VALUES ({', '.join(':' + c for c in values)}) RETURNING id",
            **values,
        )
        return int(row[0]["id"])


Door = AsyncEngine | AsyncConnection
"""Where a fact enters the books: by itself, or in a transaction that its caller holds and commits."""


@asynccontextmanager
async def ledger(door: Door, realm: str) -> AsyncIterator[Ledger]:
    """A transaction of the books; whatever is raised inside leaves them as they were.

    Given a connection, the fact is a part of the caller's transaction: what the caller adds to it, such as the reply
    that is given again to a repetition, stands or falls with the fact.
    """
    if isinstance(door, AsyncConnection):
        yield Ledger(door, realm)
        return
    async with door.begin() as connection:
        yield Ledger(connection, realm)
