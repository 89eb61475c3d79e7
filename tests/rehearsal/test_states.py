"""The judge's own rule of "in time", on the days where it could go wrong."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from rehearsal.books import ObligationRow, SubmissionRow
from rehearsal.days import VIETNAM, is_working, shifted, working_days_between
from rehearsal.states import due, late_by, state, task_counts

BEFORE = date(2024, 11, 30)
END = datetime(2024, 12, 31, 17, tzinfo=VIETNAM)


def instant(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2024, month, day, hour, minute, tzinfo=VIETNAM)


def owed(*submissions: SubmissionRow, until: date | None = None) -> ObligationRow:
    return ObligationRow("u", 0, "2024", END, until, submissions)


def accepted(at: datetime) -> SubmissionRow:
    return SubmissionRow(at, "accepted", at + timedelta(days=1))


def returned(at: datetime, on: datetime) -> SubmissionRow:
    return SubmissionRow(at, "returned", on)


@pytest.mark.parametrize(
    ("obligation", "ends"),
    [
        (owed(accepted(instant(29, 23, 59))), "done_on_time"),
        (owed(accepted(instant(30, 0))), "done_late"),
        (owed(accepted(instant(6, 23, 59, 12)), until=date(2024, 12, 6)), "done_on_time"),
        (owed(accepted(instant(7, 0, 0, 12)), until=date(2024, 12, 6)), "done_late"),
        (owed(), "open_overdue"),
        (owed(SubmissionRow(instant(20, 9), "", None)), "open_overdue"),
        # Returned on Friday 29/11: Friday 6/12 is the fifth working day after it, Saturday 7/12 adds none.
        (owed(returned(instant(28, 9), instant(29, 9)), accepted(instant(6, 16, 0, 12))), "done_on_time"),
        (owed(returned(instant(28, 9), instant(29, 9)), accepted(instant(9, 8, 0, 12))), "done_late"),
        (owed(returned(instant(2, 9, 0, 12), instant(3, 9, 0, 12)), accepted(instant(4, 9, 0, 12))), "done_late"),
    ],
)
def test_in_time_or_not(obligation: ObligationRow, ends: str) -> None:
    assert state(obligation, BEFORE, 5, END) == ends


def test_open_in_term_until_the_last_instant() -> None:
    assert due(owed(), BEFORE) == instant(30, 0)
    assert state(owed(), BEFORE, 5, instant(29, 23, 59)) == "open_in_term"
    assert state(owed(), BEFORE, 5, instant(30, 0)) == "open_overdue"


def test_lateness_counts_working_days() -> None:
    assert late_by(owed(accepted(instant(5, 9, 30, 12))), BEFORE, 5, END) == 4
    assert late_by(owed(accepted(instant(30, 9))), BEFORE, 5, END) == 0
    assert late_by(owed(), BEFORE, 5, instant(10, 8, 0, 12)) == 7


def test_days_of_viet_nam() -> None:
    assert not is_working(date(2024, 2, 12)) and not is_working(date(2024, 9, 3)) and not is_working(date(2024, 4, 29))
    assert is_working(date(2024, 5, 4))  # the Saturday for which 29/4 was given
    assert shifted(date(2024, 11, 29), -45) == date(2024, 9, 27)
    assert working_days_between(date(2024, 11, 29), date(2024, 12, 10)) == 7
    assert working_days_between(date(2024, 12, 10), date(2024, 11, 29)) == 0


def test_a_task_is_as_its_worst_unit() -> None:
    states = {("a", 1): "done_on_time", ("b", 1): "done_late", ("a", 2): "open_in_term", ("b", 2): "open_overdue"}
    assert task_counts({**states, ("a", 3): "done_on_time"}) == {"done_late": 1, "open_overdue": 1, "done_on_time": 1}
