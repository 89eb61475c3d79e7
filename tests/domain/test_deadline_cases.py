"""Deadlines as a person works them out with a calendar in hand: `deadline_cases.toml`, each case with its reason."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.deadlines import DueRule, Lateness
from domain.due_rules import term_rule
from domain.levels import levels_of
from domain.policy import DEFAULT_LADDER, WEEKLY, Policy
from domain.rounds import rounds_of
from domain.timing import parse_timing
from domain.workdays import VIETNAM, WorkCalendar

CASES = tomllib.loads((Path(__file__).parent / "deadline_cases.toml").read_text(encoding="utf-8"))
CALENDAR = WorkCalendar(frozenset(CASES["off"]), frozenset(CASES["working"]), "by hand")


def at(words: str) -> datetime:
    """An instant from "2024-11-29 24:00"."""
    day, _, hour = words.partition(" ")
    begin = datetime.fromisoformat(f"{day} {'00:00' if hour == '24:00' else hour}").replace(tzinfo=VIETNAM)
    return begin + timedelta(days=hour == "24:00")


def cases(kind: str) -> pytest.MarkDecorator:
    """The cases of one kind, each under its reason."""
    return pytest.mark.parametrize("case", CASES[kind], ids=lambda case: case["why"][:60])


def test_there_are_enough_of_them() -> None:
    assert sum(len(CASES[kind]) for kind in ("due", "term", "round", "ladder", "level")) >= 60


@cases("due")
def test_the_three_readings(case: dict[str, Any]) -> None:
    due = DueRule.parse(case["rule"]).instants(CALENDAR)
    assert [due.strict, due.literal, due.lenient] == [at(case[each]) for each in Lateness], case["why"]
    for lateness in Lateness:
        assert due.late(lateness) == at(case[lateness])


@cases("term")
def test_a_counted_term(case: dict[str, Any]) -> None:
    found = term_rule(case["words"], case["begin"], CALENDAR)
    assert found == DueRule("by", case["last"]), case["why"]


@cases("round")
def test_a_round(case: dict[str, Any]) -> None:
    since = at(case.get("since", "2023-12-01 08:00"))
    rules = parse_timing(case["words"]).rules
    found = rounds_of(rules, case["regime"], Policy(), CALENDAR, since, case.get("guidance"))
    dates = {each.label: each for each in found}[case["label"]]
    assert [dates.period_from, dates.period_to] == case["period"], case["why"]
    assert dates.cutoff == case["cutoff"], case["why"]
    assert dates.opens_at == at(case["opens"]), case["why"]
    assert dates.due.strict == at(case["strict"]), case["why"]
    assert dates.due_text == case["text"], case["why"]
    assert dates.rule.instants(CALENDAR) == dates.due


@cases("ladder")
def test_a_ladder(case: dict[str, Any]) -> None:
    ladder = Policy(lateness=Lateness(case["lateness"])).climbing(DEFAULT_LADDER, CALENDAR, WEEKLY)
    due = DueRule.parse(case["rule"]).instants(CALENDAR)
    for place, rung in enumerate(DEFAULT_LADDER):
        if rung.name in case:
            assert ladder.instant(due, place) == at(case[rung.name]), f"{rung.name}: {case['why']}"
    for place, words in enumerate(case.get("weekly", ()), len(DEFAULT_LADDER)):
        assert ladder.instant(due, place) == at(words), case["why"]


@cases("level")
def test_the_lead_agency(case: dict[str, Any]) -> None:
    levels = {level.rollup.label: level for level in levels_of(case["units"], case["lead"], Policy(), CALENDAR)}
    level = levels[case["label"]]
    told = "reversed" if level.is_reversed() else "close" if level.is_close(CALENDAR) else ""
    assert told == case.get("finding", ""), case["why"]
    if not told:
        assert level.rollup.opens_at == at(case["compile"]), case["why"]
        assert level.rollup.cutoff == case["cutoff"], case["why"]
        assert level.rollup.due.strict == at(case["strict"]), case["why"]
