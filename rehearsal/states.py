"""When an obligation counts as done and in time: the rule in the judge's own words, over facts read from the books.

In time is what is received before the end of the day before X, or of the last day granted; a corrected report stands
for the one that was returned if it comes within so many working days of the return (literal reading of "trước ngày X").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from rehearsal.books import ObligationRow, SubmissionRow
from rehearsal.days import local_day, midnight, working_days_between


def last_day(obligation: ObligationRow, units_before: date) -> date:
    """The last day on which a report is in time."""
    return obligation.granted_until or units_before - timedelta(days=1)


def due(obligation: ObligationRow, units_before: date) -> datetime:
    """24:00 of the last day."""
    return midnight(last_day(obligation, units_before) + timedelta(days=1))


def counted_as_received(submissions: Iterable[SubmissionRow], correction_days: int) -> datetime | None:
    """When the accepted report counts as received; None while none is accepted."""
    counted: datetime | None = None
    returned: datetime | None = None
    for submission in submissions:
        days: int | None = None
        if returned is not None:
            days = working_days_between(local_day(returned), local_day(submission.received_at))
        if counted is None or days is None or days > correction_days:
            counted = submission.received_at
        if submission.decision.startswith("accept"):
            return counted
        returned = submission.decided_at
    return None


def state(obligation: ObligationRow, units_before: date, correction_days: int, at: datetime) -> str:
    """One of the four official states at an instant."""
    end = due(obligation, units_before)
    received = counted_as_received(obligation.submissions, correction_days)
    if received is not None:
        return "done_on_time" if received < end else "done_late"
    return "open_in_term" if at < end else "open_overdue"


def late_by(obligation: ObligationRow, units_before: date, correction_days: int, at: datetime) -> int:
    """Working days of lateness until it was received, or until `at` while it is open."""
    received = counted_as_received(obligation.submissions, correction_days) or at
    return working_days_between(last_day(obligation, units_before), local_day(received))


def task_counts(states: dict[tuple[str, int], str]) -> Counter[str]:
    """The four counts of tasks: open while any unit's is (overdue if any of those is), else late if any was."""
    order = ("open_overdue", "open_in_term", "done_late", "done_on_time")
    worst: dict[int, str] = {}
    for (_, task), found in states.items():
        worst[task] = min(worst.get(task, found), found, key=order.index)
    return Counter(worst.values())
