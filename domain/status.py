"""The four official states, computed from facts and instants and never stored. The same rule stands in SQL once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """The four states of QĐ 42/2014 and 23/2018; every obligation and every task is in exactly one."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_IN_TERM = "open_in_term"
    OPEN_OVERDUE = "open_overdue"


STATE_WORDS = {
    State.DONE_ON_TIME: "Hoàn thành đúng hạn",
    State.DONE_LATE: "Hoàn thành quá hạn",
    State.OPEN_IN_TERM: "Đang thực hiện trong hạn",
    State.OPEN_OVERDUE: "Đang thực hiện quá hạn",
}


@dataclass(frozen=True)
class Answer:
    """One submission as far as the state needs it.

    `effective` is when it counts as received: the first of its chain where a return was answered within the policy's
    days, else its own receipt. `decided` and `accepted` tell of the coordinator's decision, if any.
    """

    received: datetime
    effective: datetime
    decided: datetime | None = None
    accepted: bool = False


def status(late_at: datetime, answers: Iterable[Answer], at: datetime) -> State:
    """The state of an obligation at an instant.

    Done when a submission is accepted. A submission in time that waits for its reviewer is not overdue: the waiting is
    not the unit's.
    """
    known = [a for a in answers if a.received <= at]
    for answer in known:
        if answer.accepted and answer.decided is not None and answer.decided <= at:
            return State.DONE_ON_TIME if answer.effective < late_at else State.DONE_LATE
    waiting = any((a.decided is None or a.decided > at) and a.effective < late_at for a in known)
    return State.OPEN_IN_TERM if at < late_at or waiting else State.OPEN_OVERDUE


def combined(states: Iterable[State]) -> State:
    """The state of a task in a period from those of its leads' obligations; one open lead keeps it open."""
    found = set(states)
    for state in (State.OPEN_OVERDUE, State.OPEN_IN_TERM, State.DONE_LATE):
        if state in found:
            return state
    return State.DONE_ON_TIME
