"""What all tables share: the naming convention of constraints and the column types used throughout."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
METADATA = SQLModel.metadata


def identity() -> Any:
    """A primary key counted by the database."""
    return Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))


def instant(nullable: bool = True) -> Any:
    """An aware instant."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


def json_column(default: type[list[Any]] | type[dict[str, Any]]) -> Any:
    """A JSONB column that is never null."""
    return Field(default_factory=default, sa_column=Column(JSONB, nullable=False))


def binary(nullable: bool = True) -> Any:
    """Bytes kept in the books."""
    return Field(default=None, sa_column=Column(LargeBinary, nullable=nullable))


Instant = datetime | None
