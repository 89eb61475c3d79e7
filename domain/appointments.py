"""What stands in a person's calendar: the days by which something is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.deadlines import Lateness


class Standing(StrEnum):
    """Whether the day still counts; the value is the STATUS of RFC 5545."""

    DUE = "CONFIRMED"
    SUSPENDED = "TENTATIVE"
    WITHDRAWN = "CANCELLED"


@dataclass(frozen=True)
class Appointment:
    """One thing that is due. `key` is stable and unique in all realms; `epoch` counts how often its day was moved.

    `due_at` is the first instant that is too late under the strict reading: midnight ends a day, another instant is an
    hour. `changed_at` is when the books last changed it, `link` a path of ours, `note` what else is to be known.
    """

    key: str
    epoch: int
    heading: str
    title: str
    reference: str
    plan_title: str
    unit_name: str
    due_at: datetime
    due_text: str
    lateness: Lateness
    standing: Standing
    note: str
    changed_at: datetime
    link: str


@dataclass(frozen=True)
class Feed:
    """Everything in one person's calendar."""

    person_name: str
    rehearsal: bool
    appointments: tuple[Appointment, ...]
