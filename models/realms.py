"""Realms: one authority each, live or in rehearsal, with its clock and its days off."""

from __future__ import annotations

from datetime import date

from sqlmodel import Field, SQLModel

from models.base import Instant, instant


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


class DayOff(SQLModel, table=True):
    """A day off beyond weekends, or (`working`) a weekend day that was made a working day."""

    __tablename__ = "day_off"
    realm: str = Field(primary_key=True, foreign_key="realm.id")
    day: date = Field(primary_key=True)
    working: bool = False
    name: str = ""
