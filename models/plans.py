"""Plans, their tasks and who owns them."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from domain.timing import TimingRule
from models.base import Instant, binary, identity, instant, json_column

TIMING_RULES: TypeAdapter[tuple[TimingRule, ...]] = TypeAdapter(tuple[TimingRule, ...])
"""How a task's timing rules are kept in their JSONB column."""


class Plan(SQLModel, table=True):
    """An issued plan, from its draft to its close; the source document is kept as it came.

    `status` is `draft`, `discarded`, `active` or `closed`. `version` counts the changes of its draft. Who leads, who
    is above, who owes the common report and by when are set at activation, from the draft as it is then.
    """

    __table_args__ = (UniqueConstraint("realm", "slug"),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    slug: str
    status: str = "draft"
    title: str
    number: str | None = None
    issued_on: date | None = None
    authority: str
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    lead_unit_id: int | None = Field(default=None, foreign_key="unit.id", sa_type=BigInteger)
    authority_unit_id: int | None = Field(default=None, foreign_key="unit.id", sa_type=BigInteger)
    common_group_id: int | None = Field(default=None, foreign_key="unit_group.id", sa_type=BigInteger)
    units_before: str | None = Field(default=None, description="regime of the units, as domain.regime writes it")
    lead_before: str | None = Field(default=None, description="the lead agency's, e.g. 12-15, monthly 18")
    source: bytes = binary(nullable=False)
    source_name: str = ""
    source_sha256: str = ""
    draft: dict[str, Any] = json_column(dict)
    policy: dict[str, Any] = json_column(dict)
    imported_at: Instant = instant(nullable=False)
    changed_at: Instant = instant()
    changed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    activated_at: Instant = instant()
    amended_at: Instant = instant()


class Amendment(SQLModel, table=True):
    """An amended document of a running plan: proposed, then approved or discarded; at most one is proposed at a time.

    `base` is the plan's version when it was proposed. `draft` keeps what was approved, beside the source it came from;
    `replaced` is the plan's draft as it was until this was decided, so that what changed can be told ever after.
    """

    __table_args__ = (
        UniqueConstraint("plan_id", "number"),
        Index("ix_amendment_proposed", "plan_id", unique=True, postgresql_where=text("status = 'proposed'")),
    )
    id: int = identity()
    plan_id: int = Field(foreign_key="plan.id", sa_type=BigInteger)
    number: int
    status: str = "proposed"
    version: int = 1
    base: int
    draft: dict[str, Any] = json_column(dict)
    replaced: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    source: bytes = binary(nullable=False)
    source_name: str = ""
    source_sha256: str = ""
    imported_at: Instant = instant(nullable=False)
    imported_by: int = Field(foreign_key="person.id", sa_type=BigInteger)
    changed_at: Instant = instant()
    changed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    decided_at: Instant = instant()
    decided_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)


class PlanRecipient(SQLModel, table=True):
    """A unit to which the plan's rollup is sent."""

    __tablename__ = "plan_recipient"
    plan_id: int = Field(primary_key=True, foreign_key="plan.id", sa_type=BigInteger)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", sa_type=BigInteger)


class Task(SQLModel, table=True):
    """One appendix row; ordinal 0 is the plan's common report.

    The ordinal is its identity and stays; `printed` is the number that an amended document prints, where it is another.
    Rounds due by `counts_from` are not owed: nobody could have kept them before an amendment asked for them.
    """

    __table_args__ = (UniqueConstraint("plan_id", "ordinal"),)
    id: int = identity()
    plan_id: int = Field(foreign_key="plan.id", sa_type=BigInteger)
    ordinal: int
    printed: int | None = None
    title: str
    result: str = ""
    timing_text: str = ""
    timing: list[Any] = json_column(list)
    after_event: str = ""
    assigned_at: Instant = instant()
    withdrawn_at: Instant = instant()
    counts_from: Instant = instant()
    suspended_at: Instant = instant()
    suspended_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    closed_at: Instant = instant()


class TaskOwner(SQLModel, table=True):
    """A unit's part in a task, with the words the plan used for it; `ended_at` since it is no longer its part.

    It was `told_at`; `raised` counts the rungs behind it of the ladder that asks for an acknowledgement.
    """

    __tablename__ = "task_owner"
    __table_args__ = (UniqueConstraint("task_id", "unit_id", "role"),)
    id: int = identity()
    task_id: int = Field(foreign_key="task.id", sa_type=BigInteger)
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger, index=True)
    role: str
    text: str = ""
    ended_at: Instant = instant()
    told_at: Instant = instant()
    raised: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    acknowledged_at: Instant = instant()
    acknowledged_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)


class Guidance(SQLModel, table=True):
    """The guidance for which an event-timed task waits: number and date of the document."""

    id: int = identity()
    task_id: int = Field(foreign_key="task.id", sa_type=BigInteger, unique=True)
    number: str
    issued_on: date
    recorded_at: Instant = instant(nullable=False)
    recorded_by: int = Field(foreign_key="person.id", sa_type=BigInteger)
