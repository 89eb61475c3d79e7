"""A frozen rollup comes back from its bytes as it was, and one value has one sequence of bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reporting import FourCounts, RollupDocument, UnitReport, canonical_json, from_json, sha256_hex
from domain.status import State

INSTANTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
st.register_type_strategy(datetime, INSTANTS)
DOCUMENTS = st.from_type(RollupDocument)


@settings(max_examples=40)
@given(DOCUMENTS)
def test_round_trip(doc: RollupDocument) -> None:
    frozen = canonical_json(doc)
    assert from_json(frozen) == doc
    assert canonical_json(from_json(frozen)) == frozen
    assert len(sha256_hex(frozen)) == 64


def test_one_instant_has_one_spelling() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert canonical_json(datetime(2024, 11, 30, tzinfo=hanoi)) == canonical_json(
        datetime(2024, 11, 29, 17, tzinfo=UTC)
    )
    assert canonical_json({"b": 1, "a": ("ế",)}) == '{"a":["ế"],"b":1}'.encode()


@pytest.mark.parametrize("value", [1.0, {1, 2}, datetime(2024, 1, 1), {1: 2}, FourCounts, object()])  # noqa: DTZ001
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@settings(max_examples=40)
@given(DOCUMENTS)
def test_foreign_missing_and_wrong_fields_are_refused(doc: RollupDocument) -> None:
    facts = json.loads(canonical_json(doc))
    for broken in (
        {**facts, "more": 1},
        {k: v for k, v in facts.items() if k != "tasks"},
        {**facts, "supplement": "0"},
    ):
        with pytest.raises(ValueError):
            from_json(json.dumps(broken).encode())


def test_a_field_that_came_later_takes_its_default() -> None:
    assert UnitReport("x") == UnitReport("x", received_at=None)


@settings(max_examples=20)
@given(DOCUMENTS)
def test_what_was_frozen_before_rounds_had_names_still_loads(doc: RollupDocument) -> None:
    facts = json.loads(canonical_json(doc))
    for row in (*facts["reporters"], *(source for task in facts["tasks"] for source in task["sources"])):
        del row["round_name"]
    old = from_json(json.dumps(facts).encode())
    assert {row.round_name for row in old.reporters} <= {""}
    assert len(old.tasks) == len(doc.tasks) and old.plan_title == doc.plan_title


@given(st.lists(st.sampled_from(State)), st.lists(st.sampled_from(State)))
def test_counts_add_up(first: list[State], second: list[State]) -> None:
    total = FourCounts.of(first) + FourCounts.of(second)
    assert total == FourCounts.of(first + second)
    assert total.total == len(first) + len(second) == total.done + total.open
