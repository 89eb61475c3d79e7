"""The frame of every step: one transaction, one result under one key, the bell cleared before anything is read.

Order of locks, the same everywhere: the workflow's advisory lock; the rows it is about (obligations by id, the task,
the rollup); its own wake row; the wake rows above it (round, task or rollup, plan); the dispatch's wake row last.
Facts take the rows before the wake row too, so nobody waits for anybody in a ring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.contracts import StepRequest, StepResult, Wait
from domain.workdays import local_date
from models.bells import want_dispatch
from models.session import business_now

RESULT = TypeAdapter(StepResult)


@dataclass
class Books:
    """What a step works with. `begin` must be called after its locks are taken and before it reads."""

    connection: AsyncConnection
    request: StepRequest
    now: datetime = field(init=False)
    rings: list[str] = field(default_factory=list)
    send_at: datetime | None = None
    """When the earliest notice that this step raised is to leave; the dispatch is told at the step's end."""

    @property
    def today(self) -> date:
        """The business day in Việt Nam."""
        return local_date(self.now)

    async def rows(self, sql: str, **values: Any) -> list[RowMapping]:
        """Run a query and return its rows."""
        return list((await self.connection.execute(text(sql), values)).mappings())

    async def row(self, sql: str, **values: Any) -> RowMapping:
        """The one row of a query that has one."""
        return (await self.connection.execute(text(sql), values)).mappings().one()

    async def run(self, sql: str, values: dict[str, Any] | list[dict[str, Any]] | None = None) -> None:
        """Run a statement, once or for each set of values."""
        if values != []:
            await self.connection.execute(text(sql), values or {})

    async def begin(self) -> None:
        """Clear the bell, then read the clock: whatever is read from here on includes every fact that rang it."""
        await self.run(
            """UPDATE wake SET bell = 0, bell_at = NULL, rung_at = NULL,
                 started_at = COALESCE(started_at, clock_timestamp()) WHERE workflow = :workflow""",
            {"workflow": self.request.workflow},
        )
        self.now = await business_now(self.connection, self.request.realm, self.request.floor)

    async def facts(self) -> list[RowMapping]:
        """The facts that this workflow has not taken in yet, taken in now."""
        return await self.rows(
            """WITH taken AS (
                 UPDATE fact SET taken_in_at = :now WHERE workflow = :workflow AND taken_in_at IS NULL RETURNING *)
               SELECT * FROM taken ORDER BY id""",
            now=self.now,
            workflow=self.request.workflow,
        )


Body = Callable[[Books], Awaitable[StepResult]]


async def take(engine: AsyncEngine, request: StepRequest, body: Body) -> StepResult:
    """Take a step once. A repetition under the same key changes nothing and returns the stored result."""
    async with engine.begin() as connection:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:workflow, 0))"), {"workflow": request.workflow}
        )
        stored = await _stored(connection, request)
        if stored is not None:
            return stored
        books = Books(connection, request)
        result = await body(books)
        await _tell_dispatch(books)
        result = replace(result, wait=await _wait(books, result), rings=tuple(dict.fromkeys(books.rings)))
        await _store(books, result)
        return result


async def _tell_dispatch(books: Books) -> None:
    if books.send_at is not None:
        ring = await want_dispatch(books.connection, books.request.realm, books.send_at)
        if ring is not None:
            books.rings.append(ring)


async def _stored(connection: AsyncConnection, request: StepRequest) -> StepResult | None:
    found = await connection.scalar(
        text("SELECT result FROM step WHERE workflow = :workflow AND run = :run AND number = :number"),
        {"workflow": request.workflow, "run": request.run, "number": request.number},
    )
    return None if found is None else RESULT.validate_python(found)


async def _wait(books: Books, result: StepResult) -> Wait:
    """How long to sleep: real seconds in a live realm, none in a rehearsal, where the driver rings."""
    until = result.wait.until
    kind = (await books.row("SELECT kind FROM realm WHERE id = :realm", realm=books.request.realm))["kind"]
    if until is None:
        return Wait()
    if until <= books.now:
        return Wait(until, 0.0)
    return Wait(until, (until - books.now).total_seconds() if kind == "live" else None)


async def _store(books: Books, result: StepResult) -> None:
    request = books.request
    await books.run(
        """UPDATE wake SET at = :at, next_step = :next_step,
             closed_at = CASE WHEN :closed THEN CAST(:now AS timestamptz) END
           WHERE workflow = :workflow""",
        {
            "at": result.wait.until,
            "next_step": result.next_step,
            "closed": result.closed,
            "now": books.now,
            "workflow": request.workflow,
        },
    )
    await books.run(
        """INSERT INTO step (workflow, run, number, realm, name, at, result)
           VALUES (:workflow, :run, :number, :realm, :name, :at, CAST(:result AS jsonb))""",
        {
            "workflow": request.workflow,
            "run": request.run,
            "number": request.number,
            "realm": request.realm,
            "name": request.name,
            "at": books.now,
            "result": RESULT.dump_json(result).decode(),
        },
    )
