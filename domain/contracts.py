"""What travels: the payloads of workflows and activities. Frozen, every new field with a default, no tables.

Instants are aware; seconds are real seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Process(StrEnum):
    """The kinds of workflow, as the books name them."""

    PLAN = "plan"
    TASK = "task"
    ROUND = "round"
    ROLLUP = "rollup"
    DISPATCH = "dispatch"
    AUDIT = "audit"


class Channel(StrEnum):
    """A way to reach a person."""

    MAIL = "mail"
    ZALO = "zalo"


@dataclass(frozen=True)
class Start:
    """The input of every workflow; everything else it asks the books."""

    realm: str
    subject: int
    """Primary key of the plan, task, round or rollup; 0 for the dispatch of a realm."""
    title: str = ""
    """What the history shows: a code and words, never a person's data."""


@dataclass(frozen=True)
class StepRequest:
    """One step of one run of a workflow. `(workflow, run, number)` is its key in the books.

    `floor` is the instant whose timer fired: the step acts as if it were at least then, so that two clocks that differ
    by a moment cannot send it back to sleep.
    """

    workflow: str
    run: str
    number: int
    name: str
    realm: str
    subject: int
    floor: datetime | None = None


@dataclass(frozen=True)
class Wait:
    """Until when a workflow has nothing to do. `seconds` is None where only a bell can end the wait."""

    until: datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class StepResult:
    """What a step did, and what comes next. A retry of the step is given this same result from the books."""

    did: tuple[str, ...] = ()
    """Sentences in Vietnamese for the history and the timeline."""
    next_step: str = ""
    next_summary: str = ""
    """What the next step will be, in Vietnamese, shown in the history when it is scheduled."""
    wait: Wait = field(default_factory=Wait)
    closed: bool = False
    rings: tuple[str, ...] = ()
    """Workflows whose bell this step set; the activity rings them after the commit."""
    start: tuple[StartOrder, ...] = ()
    """Rounds that a task has opened and is to start."""
    deliveries: tuple[Batch, ...] = ()
    """Digests that a dispatch has reserved and is to send."""
    details: str = ""
    """One line for `set_current_details`."""
    state: str = ""
    due_at: datetime | None = None
    open_count: int = 0


@dataclass(frozen=True)
class StartOrder:
    """A workflow that should run and does not yet."""

    workflow: str
    process: Process
    start: Start


@dataclass(frozen=True)
class Batch:
    """Deliveries of one channel to be sent over one connection."""

    channel: Channel
    deliveries: tuple[int, ...]
    realm: str = ""


@dataclass(frozen=True)
class SendResult:
    """What became of a batch."""

    sent: int = 0
    refused: int = 0
    """Answered with an error that no retry mends; another channel took over where there is one."""
    waiting: int = 0
    """To be tried again later."""
