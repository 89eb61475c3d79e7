"""Rollups: what was compiled and frozen, signed and sent."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import Instant, binary, identity, instant


class Rollup(SQLModel, table=True):
    """The compilation of one period; supplement 0 is the main one, late reports make 1, 2, …"""

    __table_args__ = (UniqueConstraint("plan_id", "period", "supplement"),)
    id: int = identity()
    plan_id: int = Field(foreign_key="plan.id", sa_type=BigInteger)
    period: str
    supplement: int = 0
    period_from: date
    period_to: date
    cutoff: date
    compile_at: Instant = instant(nullable=False)
    due_strict: Instant = instant(nullable=False)
    due_literal: Instant = instant(nullable=False)
    due_lenient: Instant = instant(nullable=False)
    late_at: Instant = instant(nullable=False)
    due_text: str
    version: int = 0
    raised: int = 0
    compiled_at: Instant = instant()
    signed_at: Instant = instant()
    signed_by: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    signed_number: str | None = None
    rendered_at: Instant = instant()
    sent_at: Instant = instant()
    acknowledged_at: Instant = instant()
    acknowledged_note: str | None = None


class RollupVersion(SQLModel, table=True):
    """The frozen inputs of one compilation, canonical JSON, never changed. An unlock makes the next version."""

    __tablename__ = "rollup_version"
    rollup_id: int = Field(primary_key=True, foreign_key="rollup.id", sa_type=BigInteger)
    version: int = Field(primary_key=True)
    frozen: bytes = binary(nullable=False)
    sha256: str
    compiled_at: Instant = instant(nullable=False)
    last_submission_id: int = Field(default=0, sa_type=BigInteger)


class Artefact(SQLModel, table=True):
    """A rendered file of a signed version, stored with its hash and what it was made with."""

    rollup_id: int = Field(primary_key=True, foreign_key="rollup.id", sa_type=BigInteger)
    version: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    media_type: str
    content: bytes = binary(nullable=False)
    sha256: str
    made_with: str = ""
