"""Rounds of reporting, the obligations in them, and what the units answered."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Instant, identity, instant


class Round(SQLModel, table=True):
    """One reporting round of a task, made when it opens. Its label is its identity and stays.

    `stands_for` is the label of the date to which an amendment has moved it, where that is another. `kind` is
    `periodic`, `ad_hoc` or `thematic`; the latter two were asked for by a coordinator under a `title`.
    """

    __table_args__ = (UniqueConstraint("task_id", "label"),)
    id: int = identity()
    task_id: int = Field(foreign_key="task.id", sa_type=BigInteger)
    label: str
    stands_for: str = Field(default="", sa_column_kwargs={"server_default": ""})
    kind: str = "periodic"
    title: str = Field(default="", sa_column_kwargs={"server_default": ""})
    period_from: date
    period_to: date
    cutoff: date
    due_text: str
    opened_at: Instant = instant(nullable=False)
    closed_at: Instant = instant()


class Obligation(SQLModel, table=True):
    """One unit's duty in one round. An extension or an amendment moves its due instants and raises its epoch.

    `due_rule` is the day the instants were made from (`before:2024-11-30`), `calendar_version` by which calendar.
    `raised` counts the rungs behind it in this epoch. `suspended_at` while its task rests: time then stands still.
    `amendment` is the number of the plan's amendment that touched it last. One that was `withdrawn_at` is owed by
    nobody, in no state and in no count; it never had a submission.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "unit_id"),
        Index("ix_obligation_open", "round_id", postgresql_where=text("accepted_at IS NULL")),
    )
    id: int = identity()
    round_id: int = Field(foreign_key="round.id", sa_type=BigInteger)
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger, index=True)
    due_strict: Instant = instant(nullable=False)
    due_literal: Instant = instant(nullable=False)
    due_lenient: Instant = instant(nullable=False)
    late_at: Instant = instant(nullable=False)
    due_text: str = ""
    due_rule: str = Field(default="", sa_column_kwargs={"server_default": ""})
    calendar_version: str = ""
    epoch: int = 0
    raised: int = 0
    opened: bool = False
    accepted_at: Instant = instant()
    effective_at: Instant = instant()
    suspended_at: Instant = instant()
    withdrawn_at: Instant = instant()
    withdrawn_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    amendment: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class Submission(SQLModel, table=True):
    """A revision of a unit's answer. `effective_at` is when it counts as received."""

    __table_args__ = (UniqueConstraint("obligation_id", "revision"),)
    id: int = identity()
    obligation_id: int = Field(foreign_key="obligation.id", sa_type=BigInteger)
    revision: int
    person_id: int = Field(foreign_key="person.id", sa_type=BigInteger)
    result: str = ""
    progress: str = ""
    percent: int | None = None
    difficulties: str = ""
    proposals: str = ""
    nil: bool = False
    nil_reason: str = ""
    explanation: str = ""
    received_at: Instant = instant(nullable=False)
    effective_at: Instant = instant(nullable=False)
    decision: str | None = None
    decision_reason: str = ""
    decided_at: Instant = instant()
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)


class ReportDraft(SQLModel, table=True):
    """What an officer has written and not yet sent; not a fact."""

    __tablename__ = "report_draft"
    obligation_id: int = Field(primary_key=True, foreign_key="obligation.id", sa_type=BigInteger)
    body: str
    saved_at: Instant = instant(nullable=False)
    saved_by: int = Field(foreign_key="person.id", sa_type=BigInteger)


class Extension(SQLModel, table=True):
    """A request for more time and its decision."""

    id: int = identity()
    obligation_id: int = Field(foreign_key="obligation.id", sa_type=BigInteger, index=True)
    until: date
    reason: str
    asked_at: Instant = instant(nullable=False)
    asked_by: int = Field(foreign_key="person.id", sa_type=BigInteger)
    decision: str | None = None
    decision_reason: str = ""
    decided_at: Instant = instant()
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
