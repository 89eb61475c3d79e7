"""The registry: units, their names, groups and people, each valid over time; and the tokens people sign in with."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint
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
    """Somebody who acts for a unit. `channels` is the order in which to reach them."""

    __table_args__ = (UniqueConstraint("realm", "slug"),)
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    slug: str
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger, index=True)
    name: str
    email: str = ""
    phone: str = ""
    channels: list[Any] = json_column(list)
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
