"""Realms: one authority each, live or in rehearsal, with its clock and its days off."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from models.base import Instant, identity, instant


class Realm(SQLModel, table=True):
    """One authority's world. In a rehearsal `now` is the stepped clock, moved last at the real instant `moved_at`.

    `reporting_group` is the slug of the group whose units owe a plan's common report, empty where the registry named
    none.
    """

    id: str = Field(primary_key=True)
    kind: str
    authority: str
    province: str = ""
    reporting_group: str = Field(default="", sa_column_kwargs={"server_default": ""})
    now: Instant = instant()
    moved_at: Instant = instant()
    calendar_version: str = ""
    calendar_edits: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class DayOff(SQLModel, table=True):
    """A day off beyond weekends, or (`working`) a weekend day that was made a working day."""

    __tablename__ = "day_off"
    realm: str = Field(primary_key=True, foreign_key="realm.id")
    day: date = Field(primary_key=True)
    working: bool = False
    name: str = ""


class CalendarOverride(SQLModel, table=True):
    """A day that the authority itself made a working day or a day off, and how many running deadlines that moved."""

    __tablename__ = "calendar_override"
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    day: date
    working: bool
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    at: Instant = instant(nullable=False)
    person_id: int | None = Field(default=None, foreign_key="person.id", sa_type=BigInteger)
    moved: int = 0
