"""What the API answers facts with; what it reads out are the classes of `models.queries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.plan import Finding
from web.problems import Problem

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "Không làm được như yêu cầu; xem code và detail (problem+json)."},
    503: {"model": Problem, "description": "Một phần của hệ thống đang dừng; gửi lại sau Retry-After giây."},
}


@dataclass(frozen=True)
class Me:
    """Who is signed in."""

    person: str
    name: str
    realm: str
    unit: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Receipt:
    """The receipt of a report: `received_at` is its legal time."""

    submission: int
    revision: int
    received_at: datetime
    in_time: bool


@dataclass(frozen=True)
class Saved:
    """A draft was kept; nothing is reported yet."""

    saved_at: datetime


@dataclass(frozen=True)
class Decided:
    """A report was `accepted` or `returned`."""

    obligation: int
    revision: int
    decision: str


@dataclass(frozen=True)
class Asked:
    """The number of a request for more time."""

    extension: int


@dataclass(frozen=True)
class ExtensionDecided:
    """A request was `granted` or `refused`."""

    extension: int
    decision: str


@dataclass(frozen=True)
class Acknowledged:
    """The unit has said that it has the task."""

    plan: str
    task: int
    acknowledged: bool = True


@dataclass(frozen=True)
class GuidanceRecorded:
    """The document was recorded."""

    plan: str
    task: int
    number: str
    issued_on: date


@dataclass(frozen=True)
class Imported:
    """A draft was stored; `blocking` says that some finding must be settled before it can be activated."""

    slug: str
    tasks: int
    blocking: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Activated:
    """The plan runs."""

    slug: str
    status: str = "active"


@dataclass(frozen=True)
class Ready:
    """Whether reports can be taken; Temporal may be away, its bells are rung later."""

    database: str
    temporal: str
    schema_head: str
