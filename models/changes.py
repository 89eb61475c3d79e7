"""What is decided about a running task besides its reports: suspensions, tasks handed back, letters that urge."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from models.base import Instant, identity, instant


class Suspension(SQLModel, table=True):
    """A time in which a task rests; at most one runs. What is due then is due later by as many working days."""

    __table_args__ = (
        Index("ix_suspension_running", "task_id", unique=True, postgresql_where=text("resumed_at IS NULL")),
    )
    id: int = identity()
    task_id: int = Field(foreign_key="task.id", sa_type=BigInteger)
    suspended_at: Instant = instant(nullable=False)
    suspended_by: int = Field(foreign_key="person.id", sa_type=BigInteger)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    resumed_at: Instant = instant()
    resumed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    resume_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})


class HandBack(SQLModel, table=True):
    """A lead unit says that a task is not its own; the coordinator gives it to another (`given_to`) or refuses."""

    __tablename__ = "hand_back"
    __table_args__ = (
        Index("ix_hand_back_waiting", "task_id", "unit_id", unique=True, postgresql_where=text("decision IS NULL")),
    )
    id: int = identity()
    task_id: int = Field(foreign_key="task.id", sa_type=BigInteger)
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger)
    suggested_unit_id: int | None = Field(default=None, foreign_key="unit.id", sa_type=BigInteger)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    asked_at: Instant = instant(nullable=False)
    asked_by: int = Field(foreign_key="person.id", sa_type=BigInteger)
    decision: str | None = None
    decision_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    decided_at: Instant = instant()
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    given_to: int | None = Field(default=None, foreign_key="unit.id", sa_type=BigInteger)


class Letter(SQLModel, table=True):
    """A drafted công văn đôn đốc to one unit about one plan; at most one waits. Settled with its number, or dropped."""

    __table_args__ = (
        Index("ix_letter_drafted", "plan_id", "unit_id", unique=True, postgresql_where=text("settled_at IS NULL")),
    )
    id: int = identity()
    plan_id: int = Field(foreign_key="plan.id", sa_type=BigInteger)
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger)
    drafted_at: Instant = instant(nullable=False)
    answer_by: date
    number: str | None = None
    issued_on: date | None = None
    settled_at: Instant = instant()
    settled_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    dropped_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})


class LetterObligation(SQLModel, table=True):
    """What a letter urges for, under the epoch in which it was late."""

    __tablename__ = "letter_obligation"
    letter_id: int = Field(primary_key=True, foreign_key="letter.id", sa_type=BigInteger)
    obligation_id: int = Field(primary_key=True, foreign_key="obligation.id", sa_type=BigInteger)
    epoch: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
