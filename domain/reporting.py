"""What a rollup is made of, and the canonical bytes that are frozen and hashed when it is compiled.

The classes carry words as they will be printed, so that a document can be drawn again from its frozen bytes years
later, whatever has become of the books since.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from domain.status import State


@dataclass(frozen=True)
class FourCounts:
    """The four official counts (QĐ 42/2014/QĐ-TTg); they always add up to `total`."""

    done_on_time: int = 0
    done_late: int = 0
    open_in_term: int = 0
    open_overdue: int = 0

    @classmethod
    def of(cls, states: Iterable[State]) -> FourCounts:
        """Counts of any number of states."""
        found = list(states)
        return cls(**{state.value: found.count(state) for state in State})

    @property
    def done(self) -> int:
        """Done, in time or late."""
        return self.done_on_time + self.done_late

    @property
    def open(self) -> int:
        """Not done yet, in term or overdue."""
        return self.open_in_term + self.open_overdue

    @property
    def total(self) -> int:
        """All four."""
        return self.done + self.open

    def __add__(self, other: FourCounts) -> FourCounts:
        return FourCounts(
            self.done_on_time + other.done_on_time,
            self.done_late + other.done_late,
            self.open_in_term + other.open_in_term,
            self.open_overdue + other.open_overdue,
        )


@dataclass(frozen=True)
class UnitReport:
    """What one unit reported on one task in the period, in its own words.

    `received_at` is None when nothing came; `on_time` is None when that cannot be said (nothing came, none was due).
    `progress` is the unit's own judgement: "Vượt", "Đạt", "Chậm" or ""; `state` that of its obligation, in words.
    `round_name` tells the rounds of one task in the period apart ("quý I năm 2024"), "" where there is only one.
    """

    unit_name: str
    result: str = ""
    progress: str = ""
    percent: int | None = None
    difficulties: str = ""
    proposals: str = ""
    nil: bool = False
    nil_reason: str = ""
    received_at: datetime | None = None
    on_time: bool | None = None
    state: str = ""
    round_name: str = ""


@dataclass(frozen=True)
class TaskProgress:
    """One appendix row in the period. `ordinal` 0 is the plan's common report (*báo cáo chung*)."""

    ordinal: int
    title: str
    lead_names: tuple[str, ...]
    coordinating_names: tuple[str, ...]
    expected_result: str
    timing_text: str
    state: str
    sources: tuple[UnitReport, ...]


@dataclass(frozen=True)
class ReporterRow:
    """One line of "who reported when": one unit's obligation, missing ones included; `round_name` as there."""

    unit_name: str
    task_label: str
    due_at: datetime
    received_at: datetime | None
    state: str
    note: str = ""
    round_name: str = ""


@dataclass(frozen=True)
class RollupDocument:
    """Everything the lead agency's report of one period says. `supplement` 0 is the main report, 1 the first after.

    `superior` is the body above the issuing one, in capitals as printed; `due_text` the plan's own words for the units'
    deadline; `lateness_policy` a phrase saying which instant makes a report late; `signer_title` may have more lines.
    `copies` are further recipients and `filing_unit` the drafting unit under "Nơi nhận".
    """

    plan_number: str
    plan_issued_on: date | None
    plan_title: str
    authority: str
    province: str
    lead_agency: str
    superior: str
    place: str
    period_label: str
    period_from: date
    period_to: date
    cutoff: date | None
    due_text: str
    compiled_at: datetime
    lateness_policy: str
    supplement: int
    task_counts: FourCounts
    obligation_counts: FourCounts
    tasks: tuple[TaskProgress, ...]
    reporters: tuple[ReporterRow, ...]
    recipients: tuple[str, ...]
    notation: str
    number: str | None
    signer_title: str
    signer_name: str | None
    signed_at: datetime | None
    rehearsal: bool
    copies: tuple[str, ...] = ()
    filing_unit: str = ""


def task_label(ordinal: int) -> str:
    """Nhiệm vụ 02, or Báo cáo chung for the plan's own report."""
    return f"Nhiệm vụ {ordinal:02d}" if ordinal else "Báo cáo chung"


def labels_by_unit(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each unit once, with its tasks: "nhiệm vụ 01, 02"."""
    found: dict[str, list[str]] = {}
    for name, label in pairs:
        found.setdefault(name, []).append(label[:1].lower() + label[1:])
    return {name: joined_labels(labels) for name, labels in found.items()}


def joined_labels(labels: list[str]) -> str:
    """Tasks in a row share the word: "nhiệm vụ 01, 02"."""
    word = "nhiệm vụ "
    plain = [label for label in labels if not label.startswith(word)]
    numbers = [label.removeprefix(word) for label in labels if label.startswith(word)]
    return ", ".join(plain + ([word + ", ".join(numbers)] if numbers else []))


def canonical_json(obj: Any) -> bytes:
    """One sequence of UTF-8 bytes per value: keys sorted, no blanks, dates in ISO 8601, instants in UTC.

    Raises TypeError for what has no single spelling: floats, sets, naive instants, classes other than dataclasses.
    """
    return json.dumps(_plain(obj), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def from_json(data: bytes) -> RollupDocument:
    """The rollup whose `canonical_json` these bytes are. ValueError for unknown or missing fields and wrong types."""
    built = _build(RollupDocument, json.loads(data))
    assert isinstance(built, RollupDocument)
    return built


def _plain(obj: Any) -> Any:
    if obj is None or isinstance(obj, bool | int):
        return obj
    if isinstance(obj, str):
        return str(obj)
    if isinstance(obj, datetime):
        if obj.tzinfo is None:
            raise TypeError("an instant without a time zone has no canonical form")
        return obj.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(obj, date):
        return obj.isoformat()
    if is_dataclass(obj) and not isinstance(obj, type):
        return {field.name: _plain(getattr(obj, field.name)) for field in fields(obj)}
    if isinstance(obj, list | tuple):
        return [_plain(item) for item in obj]
    if isinstance(obj, Mapping):
        return {_key(key): _plain(value) for key, value in obj.items()}
    raise TypeError(f"{type(obj).__name__} has no canonical form")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError("keys are texts")
    return str(key)


def _build(kind: Any, value: Any) -> Any:
    if is_dataclass(kind):
        return _build_record(kind, value)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = next(arg for arg in get_args(kind) if arg is not type(None))
        return None if value is None else _build(inner, value)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(get_args(kind)[0], item) for item in value)
    if kind in (date, datetime) and isinstance(value, str):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"{value!r} is not {kind}")


def _build_record(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    hints = get_type_hints(kind)
    missing = {f.name for f in fields(kind) if f.default is MISSING and f.name not in value}
    wrong = missing | (value.keys() - hints.keys())
    if wrong:
        raise ValueError(f"{kind.__name__}: missing or unknown fields {sorted(wrong)}")
    return kind(**{name: _build(hints[name], item) for name, item in value.items()})
