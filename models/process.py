"""The books' side of the workflows: what each waits for, the steps it took, the facts that ring it, its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from models.base import Instant, binary, identity, instant, json_column


class Wake(SQLModel, table=True):
    """What a workflow waits for: an instant, its bell, or both. One row a workflow, closed with it.

    `bell` counts facts it has not been told of; whoever moves it from 0 rings. A step clears it before it reads.
    """

    __table_args__ = (
        Index("ix_wake_open", "realm", "at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_wake_bell", "bell_at", postgresql_where=text("bell > 0")),
    )
    workflow: str = Field(primary_key=True)
    realm: str = Field(foreign_key="realm.id")
    process: str
    subject: int = Field(sa_type=BigInteger)
    title: str = ""
    at: Instant = instant()
    next_step: str = ""
    bell: int = 0
    bell_at: Instant = instant()
    rung_at: Instant = instant()
    started_at: Instant = instant()
    closed_at: Instant = instant()
    archived_at: Instant = instant()


class Step(SQLModel, table=True):
    """A step that was taken, under its key, with its result; a retry is given the result again."""

    workflow: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    realm: str = Field(foreign_key="realm.id")
    name: str
    at: Instant = instant(nullable=False)
    result: dict[str, Any] = json_column(dict)


class Fact(SQLModel, table=True):
    """Something that somebody did, in the order of the books; rings its workflow, which takes it in once."""

    __table_args__ = (Index("ix_fact_untaken", "workflow", postgresql_where=text("taken_in_at IS NULL")),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    workflow: str
    kind: str
    at: Instant = instant(nullable=False)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    plan_id: int | None = Field(default=None, foreign_key="plan.id", sa_type=BigInteger, index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id", sa_type=BigInteger)
    obligation_id: int | None = Field(default=None, foreign_key="obligation.id", sa_type=BigInteger, index=True)
    submission_id: int | None = Field(default=None, foreign_key="submission.id", sa_type=BigInteger)
    unit_id: int | None = Field(default=None, foreign_key="unit.id", sa_type=BigInteger)
    occurrence: int = 0
    summary: str = ""
    taken_in_at: Instant = instant()


class History(SQLModel, table=True):
    """The exported history of a closed run (gzipped JSON), which outlives Temporal's retention."""

    workflow: str = Field(primary_key=True)
    run: str = Field(primary_key=True)
    events: bytes = binary(nullable=False)


class IdempotentReply(SQLModel, table=True):
    """What a POST with an Idempotency-Key was answered, given again to its repetition."""

    __tablename__ = "idempotent_reply"
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=BigInteger)
    key: str = Field(primary_key=True)
    request_sha256: str
    status: int
    body: dict[str, Any] = json_column(dict)


class RelayCount(SQLModel, table=True):
    """How often the relay had to ring for somebody."""

    __tablename__ = "relay_count"
    reason: str = Field(primary_key=True)
    times: int = 0
