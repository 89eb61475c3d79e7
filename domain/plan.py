"""A plan as it was read (`PlanDraft`) and the register of the bodies it speaks of (`Registry`).

A draft is what a reader understood, with its doubts as findings; nothing in it is official before a person reviews it.
Its JSON form is the same for every reader, the API and the review page: ISO dates, `null` for unknown.
"""

from __future__ import annotations

import dataclasses
import types
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from domain.errors import Refusal
from domain.timing import Timing


class Severity(StrEnum):
    """`info` may be ignored, `review` wants a look, `blocking` must be settled before the plan is activated."""

    INFO = "info"
    REVIEW = "review"
    BLOCKING = "blocking"


@dataclass(frozen=True)
class Where:
    """Where in the source: page and line from 1 where the format has them, `row` counted from 1 inside its table."""

    page: int | None = None
    row: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Finding:
    """A doubt of the reader: a stable code and a sentence that says what to do."""

    code: str
    severity: Severity
    message: str
    where: Where = Where()


@dataclass(frozen=True)
class LegalBasis:
    """A document the plan rests on; `number` as printed, such as `348/QĐ-TTg`."""

    number: str
    issued_on: date | None = None


@dataclass(frozen=True)
class DocumentInfo:
    """The plan as a document. `complete` is false when the source is visibly cut off, `quality` poor when garbled."""

    number: str | None = None
    issued_on: date | None = None
    title: str | None = None
    authority: str | None = None
    province: str | None = None
    signed_by: str | None = None
    quality: Literal["good", "poor"] = "good"
    complete: bool = True
    legal_bases: tuple[LegalBasis, ...] = ()


@dataclass(frozen=True)
class OwnerRef:
    """A body as the plan names it. `unit` or `group` is its registry id once resolved; both null: nobody yet."""

    text: str
    unit: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class TaskDraft:
    """One row of the appendix, or one duty from the "tổ chức thực hiện" section."""

    ordinal: int
    title: str
    source: Literal["appendix", "organisation"] = "appendix"
    leads: tuple[OwnerRef, ...] = ()
    coordinators: tuple[OwnerRef, ...] = ()
    result: str | None = None
    timing: Timing = field(default_factory=Timing)
    where: Where = Where()


@dataclass(frozen=True)
class IndicatorDraft:
    """A target figure of the plan by the end of the year `horizon`; `unit` is `%` or what is counted."""

    horizon: int
    subject: str
    comparator: Literal[">=", ">", "<=", "<", "="]
    value: float
    unit: str | None
    text: str


@dataclass(frozen=True)
class ReportingDraft:
    """Who reports to whom, how often (`every`, null where no rhythm is told) and before which day or days (`before`).

    `before` fits its rhythm: "11-30" (yearly or null), "06-15,12-15" (half_yearly), "03-20,06-20,09-20,12-20"
    (quarterly), "18" (monthly), "5T16:00" (weekly, ISO weekday); an hour may end any of them. The days of half-years
    and quarters may also be told by an entry each. See `domain.regime`.
    """

    from_: Literal["units", "lead"]
    to: tuple[str, ...] = ()
    via: str | None = None
    every: Literal["yearly", "half_yearly", "quarterly", "monthly", "weekly"] | None = None
    before: str | None = None
    on_request: bool = False


@dataclass(frozen=True)
class PlanDraft:
    """Everything one reader understood of one plan."""

    document: DocumentInfo = DocumentInfo()
    lead_agency: str | None = None
    tasks: tuple[TaskDraft, ...] = ()
    indicators: tuple[IndicatorDraft, ...] = ()
    reporting: tuple[ReportingDraft, ...] = ()
    recipients: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The draft as plain dicts, lists, strings and numbers."""
        return cast(dict[str, Any], _encode(self))

    @classmethod
    def from_json(cls, data: object) -> PlanDraft:
        """The draft from its JSON form; raises `Refusal("draft-invalid")` naming the place that does not fit."""
        return cast(PlanDraft, _decode(cls, data, "bản thảo"))


ContactRole = Literal["officer", "head", "coordinator", "signer", "leader", "admin", "recipient"]
ContactChannel = Literal["mail", "zalo"]


@dataclass(frozen=True)
class RegistryUnit:
    """A body with its names; in force from `valid_from` to `valid_to`, both included. A `superior` owes no report."""

    id: str
    name: str
    valid_from: date
    aliases: tuple[str, ...] = ()
    valid_to: date | None = None
    superior: bool = False

    def in_force(self, on: date) -> bool:
        """Whether the unit exists on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True)
class RegistryGroup:
    """Words that stand for several units, such as "Các cơ quan báo chí"."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegistryPerson:
    """A contact, named by function. No channels: the person cannot be reached. Channels are tried in order."""

    id: str
    unit: str
    name: str
    roles: tuple[ContactRole, ...]
    email: str | None = None
    phone: str | None = None
    channels: tuple[ContactChannel, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class RegistryAuthority:
    """Whose plans these are: its name and unit, and the group that owes the common report of a plan."""

    name: str
    unit: str
    province: str
    reporting_group: str | None = None


@dataclass(frozen=True)
class Registry:
    """The units, groups and people of one authority. `vague` are words for owners that nobody can be held to."""

    authority: RegistryAuthority
    units: tuple[RegistryUnit, ...] = ()
    groups: tuple[RegistryGroup, ...] = ()
    people: tuple[RegistryPerson, ...] = ()
    vague: tuple[str, ...] = ()


def _encode(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name.rstrip("_"): _encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _decode(kind: Any, data: Any, path: str) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if data is None else _decode(next(a for a in args if a is not types.NoneType), data, path)
    if origin is tuple and isinstance(data, list):
        return tuple(_decode(args[0], item, f"{path}[{index}]") for index, item in enumerate(data))
    if dataclasses.is_dataclass(kind) and isinstance(data, dict):
        return _decode_fields(cast(type, kind), data, path)
    try:
        if isinstance(data, str) and isinstance(kind, type) and issubclass(kind, Enum):
            return kind(data)
        if isinstance(data, str) and kind is date:
            return date.fromisoformat(data)
    except ValueError:
        pass
    if kind is float and isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    if (origin is Literal and data in args) or (kind in (str, int, bool) and type(data) is kind):
        return data
    raise Refusal("draft-invalid", f"{path}: giá trị không đúng dạng. Hãy sửa chỗ này rồi gửi lại.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a class's fields, evaluated once: a draft of 5,000 tasks has 30,000 parts."""
    return get_type_hints(kind)


def _decode_fields(kind: type, data: dict[str, Any], path: str) -> Any:
    hints = _hints(kind)
    names = {name.rstrip("_"): name for name in hints}
    if unknown := sorted(str(key) for key in set(data) - set(names)):
        raise Refusal("draft-invalid", f"{path}: không có mục “{unknown[0]}”. Hãy bỏ mục này rồi gửi lại.")
    values = {names[key]: _decode(hints[names[key]], item, f"{path}.{key}") for key, item in data.items()}
    try:
        return kind(**values)
    except TypeError:
        missing = sorted(f.name for f in dataclasses.fields(kind) if f.name not in values)
        raise Refusal("draft-invalid", f"{path}: thiếu một trong các mục {', '.join(missing)}.") from None
