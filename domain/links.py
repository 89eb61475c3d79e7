"""What a signed link says: for which one purpose it was made, for whom, about what, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

OPEN_FOR = timedelta(days=100)
"""Of a link that opens a page: longer than the 45 working days for which a yearly round is open."""
ACKNOWLEDGE_FOR = timedelta(days=30)
"""Of a link that acknowledges without sign-in: longer than the ladder that asks for it."""


class Purpose(StrEnum):
    """The one thing a link serves; the value is its mark in the link."""

    OPEN = "o"
    ACKNOWLEDGE = "a"
    CALENDAR = "c"


@dataclass(frozen=True)
class Link:
    """What was signed. `person` is the key of whoever it was made for, `expires` None where it is revoked instead.

    `target` is a path of ours (open), `plan/ordinal` (acknowledge), or the number of the person's feed (calendar).
    """

    purpose: Purpose
    realm: str
    person: int
    target: str
    expires: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether its time is over at a business instant of its realm."""
        return self.expires is not None and now >= self.expires


def is_local(path: str) -> bool:
    """Whether a path leads to a page of ours, never to another site: browsers read // and /\\ as one."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def task_target(plan: str, ordinal: int) -> str:
    """The target of a link that acknowledges a task."""
    return f"{plan}/{ordinal}"


def task_of(target: str) -> tuple[str, int]:
    """The plan's slug and the task's ordinal; ValueError for what `task_target` did not make."""
    plan, _, ordinal = target.rpartition("/")
    if not plan:
        raise ValueError(f"no task: {target!r}")
    return plan, int(ordinal)
