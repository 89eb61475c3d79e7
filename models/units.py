"""The registry: units, their names, groups and people, each valid over time; and the tokens people sign in with."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from models.base import Instant, identity, instant, json_column


class Unit(SQLModel, table=True):
    """A body that can be responsible. `superior` ones coordinate and receive, and owe no report."""

    __table_args__ = (UniqueConstraint("realm", "slug"),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    slug: str
    name: str
    superior: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


class UnitAlias(SQLModel, table=True):
    """Another name under which documents mention a unit or a group."""

    __tablename__ = "unit_alias"
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", sa_type=BigInteger)
    alias: str = Field(primary_key=True)


class UnitGroup(SQLModel, table=True):
    """Words that stand for several units; `vague` ones name nobody in particular and are kept as words."""

    __tablename__ = "unit_group"
    __table_args__ = (UniqueConstraint("realm", "slug"),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    slug: str
    names: list[str] = json_column(list)
    vague: bool = False


class GroupMember(SQLModel, table=True):
    """A unit's membership of a group."""

    __tablename__ = "group_member"
    group_id: int = Field(primary_key=True, foreign_key="unit_group.id", sa_type=BigInteger)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", sa_type=BigInteger, index=True)


class Person(SQLModel, table=True):
    """Somebody who acts for a unit. `channels` is the registry's order in which to reach them, `preferred` their own.

    `muted` are the kinds of notice they read in their inbox only; `feed` counts the calendar links made for them.
    """

    __table_args__ = (UniqueConstraint("realm", "slug"),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    slug: str
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger, index=True)
    name: str
    email: str = ""
    phone: str = ""
    channels: list[Any] = json_column(list)
    preferred: list[Any] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
    muted: list[Any] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False, server_default="[]"))
    feed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    valid_from: date | None = None
    valid_to: date | None = None


class PersonRole(SQLModel, table=True):
    """What a person may do for their unit."""

    __tablename__ = "person_role"
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=BigInteger)
    role: str = Field(primary_key=True)


class AccessToken(SQLModel, table=True):
    """A sign-in token; only its SHA-256 is kept. Expiry is real time."""

    __tablename__ = "access_token"
    hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", sa_type=BigInteger, index=True)
    expires_at: Instant = instant(nullable=False)
    revoked_at: Instant = instant()
