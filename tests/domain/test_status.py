"""The four states: by table, by property, and the official figures that must add up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reporting import FourCounts
from domain.status import STATE_WORDS, Answer, State, combined, status
from domain.workdays import VIETNAM

LATE = datetime(2024, 11, 30, tzinfo=VIETNAM)
MOMENT = timedelta(microseconds=1)


def day(n: float) -> datetime:
    """So many days after the due instant."""
    return LATE + timedelta(days=n)


def waiting(received: float, effective: float | None = None) -> Answer:
    return Answer(day(received), day(received if effective is None else effective))


def decided(received: float, at: float, accepted: bool, effective: float | None = None) -> Answer:
    return Answer(day(received), day(received if effective is None else effective), day(at), accepted)


ON, LATE_DONE, TERM, OVER = State.DONE_ON_TIME, State.DONE_LATE, State.OPEN_IN_TERM, State.OPEN_OVERDUE


@pytest.mark.parametrize(
    ("answers", "at", "found", "why"),
    [
        ([], -1, TERM, "nothing yet, before the due instant"),
        ([], 0, OVER, "the due instant itself is too late"),
        ([waiting(-1)], -0.5, TERM, "in time and waiting"),
        ([waiting(-1)], 9, TERM, "in time and still waiting for its reviewer: not the unit's lateness"),
        ([waiting(1)], 2, OVER, "late and waiting"),
        ([waiting(0)], 2, OVER, "received at the due instant is late"),
        ([decided(-2, -1, True)], -1.5, TERM, "not accepted yet at that instant"),
        ([decided(-2, -1, True)], -1, ON, "accepted at that very instant"),
        ([decided(-1, 5, True)], 6, ON, "accepted after the due instant, received before it"),
        ([decided(-1, 5, True)], 4, TERM, "the acceptance is still to come"),
        ([decided(1, 2, True)], 3, LATE_DONE, "received late"),
        ([decided(0, 2, True)], 3, LATE_DONE, "received at the due instant"),
        ([decided(-3, -2, False)], -1, TERM, "returned, time is left"),
        ([decided(-3, -2, False)], 1, OVER, "returned and not corrected in time"),
        ([decided(-1, 1, False)], 0.5, TERM, "the return is still to come"),
        ([decided(-1, 1, False), waiting(2, -1)], 3, TERM, "corrected within the policy's days"),
        ([decided(-1, 1, False), waiting(2)], 3, OVER, "corrected after the policy's days"),
        ([decided(-1, 1, False), decided(2, 4, True, -1)], 5, ON, "the correction keeps the first receipt"),
        ([decided(-1, 1, False), decided(2, 4, True)], 5, LATE_DONE, "the correction counts by itself"),
        ([waiting(1)], -1, TERM, "what is still to come is not known"),
        ([decided(-1, 1, True)], -2, TERM, "neither is a report of tomorrow"),
    ],
)
def test_one_obligation(answers: list[Answer], at: float, found: State, why: str) -> None:
    assert status(LATE, answers, day(at)) is found, why


def test_the_last_moment_is_in_time() -> None:
    answer = Answer(LATE - MOMENT, LATE - MOMENT, LATE, True)
    assert status(LATE, [answer], LATE) is State.DONE_ON_TIME


@pytest.mark.parametrize(
    ("leads", "found"),
    [
        ([ON], ON),
        ([LATE_DONE], LATE_DONE),
        ([TERM], TERM),
        ([OVER], OVER),
        ([ON, ON], ON),
        ([ON, LATE_DONE], LATE_DONE),
        ([ON, TERM], TERM),
        ([ON, OVER], OVER),
        ([LATE_DONE, TERM], TERM),
        ([LATE_DONE, OVER], OVER),
        ([TERM, OVER], OVER),
        ([ON, LATE_DONE, TERM, OVER], OVER),
    ],
)
def test_a_task_in_a_period(leads: list[State], found: State) -> None:
    assert combined(leads) is found
    assert combined(reversed(leads)) is found


def test_every_state_has_its_words() -> None:
    assert set(STATE_WORDS) == set(State)


@pytest.mark.parametrize(
    ("counts", "total", "done", "open_"),
    [
        (FourCounts(14_068, 1_983, 5_640, 223), 21_914, 16_051, 5_863),  # the nation, 2017: 1270/BC-TCTTTg
        (FourCounts(81, 168, 177, 130), 556, 249, 307),  # Quảng Nam, 1/9 to 13/12/2017
    ],
)
def test_official_figures(counts: FourCounts, total: int, done: int, open_: int) -> None:
    assert (counts.total, counts.done, counts.open) == (total, done, open_)
    states = [state for state in State for _ in range(getattr(counts, state.value))]
    assert FourCounts.of(states) == counts


@st.composite
def histories(draw: st.DrawFn) -> list[Answer]:
    answers = []
    for _ in range(draw(st.integers(0, 3))):
        received = draw(st.integers(-10, 10))
        effective = draw(st.integers(-10, received))
        at = draw(st.none() | st.integers(received, 12))
        answers.append(
            Answer(
                day(received), day(effective), None if at is None else day(at), at is not None and draw(st.booleans())
            )
        )
    return answers


INSTANTS = st.integers(-12, 14).map(day)


@given(st.lists(histories(), max_size=30), INSTANTS)
def test_the_four_states_always_add_up(obligations: list[list[Answer]], at: datetime) -> None:
    counts = FourCounts.of(status(LATE, answers, at) for answers in obligations)
    assert counts.total == len(obligations) == counts.done + counts.open
    assert counts + FourCounts() == counts


@given(histories(), INSTANTS)
def test_nothing_is_overdue_before_the_due_instant_nor_in_term_without_a_report_after_it(
    answers: list[Answer], at: datetime
) -> None:
    found = status(LATE, answers, at)
    if at < LATE:
        assert found is not State.OPEN_OVERDUE
    elif not any(a.received <= at for a in answers):
        assert found is State.OPEN_OVERDUE


@given(histories(), INSTANTS, st.integers(1, 20))
def test_what_is_done_stays_done(answers: list[Answer], at: datetime, days: int) -> None:
    done = {State.DONE_ON_TIME, State.DONE_LATE}
    only_one_accepted = sum(a.accepted for a in answers) <= 1  # as the books enforce
    before, after = status(LATE, answers, at), status(LATE, answers, at + timedelta(days=days))
    if before in done and only_one_accepted:
        assert after is before


@given(st.lists(st.sampled_from(list(State)), min_size=1))
def test_one_open_lead_keeps_a_task_open(states: list[State]) -> None:
    open_states = {State.OPEN_IN_TERM, State.OPEN_OVERDUE}
    assert (combined(states) in open_states) == bool(open_states & set(states))
