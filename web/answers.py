"""What the API answers facts with; what it reads out are the classes of `models.queries`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.amendment import FieldChange
from domain.plan import Finding
from models.queries.amendments import Consequence
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
    """A draft was stored; `blocking` says that some finding must be settled before it can be activated.

    Where the plan runs already it is its `amendment` of this number.
    """

    slug: str
    version: int
    amendment: int | None
    tasks: int
    blocking: bool
    findings: tuple[Finding, ...]


DRAFT_EXAMPLE: dict[str, Any] = {
    "document": {"number": "12/KH-UBND", "issued_on": "2024-01-05", "title": "Kế hoạch …"},
    "lead_agency": "Sở …",
    "tasks": [
        {
            "ordinal": 1,
            "title": "…",
            "leads": [{"text": "Sở …", "unit": "so-tai-chinh", "group": None}],
            "timing": {"text": "Hằng năm", "rules": [{"kind": "yearly"}]},
        }
    ],
    "reporting": [{"from": "units", "to": ["Sở …"], "every": "yearly", "before": "11-30"}],
    "findings": [],
}
DraftJson = Annotated[dict[str, Any], Field(description="Bản thảo; JSON Patch trỏ vào đây", examples=[DRAFT_EXAMPLE])]


@dataclass(frozen=True)
class DraftAnswer:
    """One version of a draft; `blocking` counts the findings that keep it from being put in force."""

    slug: str
    amendment: int | None
    version: int
    status: str
    source_name: str
    imported_at: datetime
    changed_at: datetime | None
    changed_by: str
    blocking: int
    draft: DraftJson
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class DraftSaved:
    """A changed draft was stored as this version; the findings are those that it has now."""

    slug: str
    amendment: int | None
    version: int
    blocking: int
    findings: tuple[Finding, ...]


TaskJson = Annotated[dict[str, Any] | None, Field(description="Nhiệm vụ như trong bản thảo; null nếu không có")]


@dataclass(frozen=True)
class TaskChangeAnswer:
    """One task of the running plan, of the amended document, or of both."""

    kind: Literal["added", "dropped", "changed", "same"]
    before: TaskJson
    after: TaskJson
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class AmendmentAnswer:
    """An amendment: its draft, what that changes in the running plan, and what approval does to what is under way."""

    draft: DraftAnswer
    plan: tuple[FieldChange, ...]
    tasks: tuple[TaskChangeAnswer, ...]
    consequences: tuple[Consequence, ...]


@dataclass(frozen=True)
class Discarded:
    """The draft or amendment was given up."""

    slug: str
    amendment: int | None
    status: str = "discarded"


@dataclass(frozen=True)
class Approved:
    """The running plan is now as the amendment says."""

    slug: str
    amendment: int
    status: str = "approved"


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
