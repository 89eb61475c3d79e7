"""What a "thời gian thực hiện" is once it is read: the words of the cell and the rules that they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class TimingKind(StrEnum):
    """What sort of promise one timing rule makes."""

    ONGOING = "ongoing"
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"
    WEEKLY = "weekly"
    RANGE = "range"
    BY = "by"
    WITHIN = "within"
    AFTER_EVENT = "after_event"
    UNSTATED = "unstated"


@dataclass(frozen=True)
class TimingRule:
    """One rule. `range` has `from_` and mostly `to`; `within` ends with the day `to` (`from_` unknown for "đến năm …").

    `by` is X of "trước ngày X" itself, not the day before: what "trước" means is policy. `event` is what is waited for,
    `label` the words beside the time ("báo cáo đánh giá cả giai đoạn"), `soft` a target one only strives for.
    """

    kind: TimingKind
    from_: date | None = None
    to: date | None = None
    by: date | None = None
    event: str | None = None
    label: str | None = None
    soft: bool = False


@dataclass(frozen=True)
class Timing:
    """The words of the cell, untouched, and at least one rule."""

    text: str = ""
    rules: tuple[TimingRule, ...] = (TimingRule(TimingKind.UNSTATED),)

    @property
    def understood(self) -> bool:
        """True when every part of the cell became a rule."""
        return all(rule.kind is not TimingKind.UNSTATED for rule in self.rules)
