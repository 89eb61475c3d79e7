"""The list of the year, which a person wrote, agrees with the registry, the calendar and the script."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.errors import Refusal
from rehearsal.days import VIETNAM, is_working, last_working_before, shifted, working_days_between
from rehearsal.expectations import Expectations, Told, read_expectations
from rehearsal.judge_messages import unaddressed
from rehearsal.people import read_people
from rehearsal.script import Act, Does, Script, read_script

SAMPLE = Path(__file__).parents[2] / "samples" / "binh-phuoc"
PEOPLE = read_people(SAMPLE / "registry.toml")


@pytest.fixture(scope="module")
def expected() -> Expectations:
    return read_expectations(SAMPLE / "expected-2024.toml")


@pytest.fixture(scope="module")
def script() -> Script:
    return read_script(SAMPLE / "year-2024.toml")


def of(expected: Expectations, kind: str) -> Counter[tuple[date, str, int | None]]:
    return Counter((told.on, told.about, told.task) for told in expected.told if told.kind == kind)


def acts(script: Script, does: Does) -> list[Act]:
    return [act for act in script.acts if act.does is does and not act.refused]


def test_everybody_in_it_is_in_the_registry(expected: Expectations) -> None:
    units = {unit for told in expected.told for unit in (told.to, told.about) if unit}
    assert units <= PEOPLE.units.keys()
    assert list(unaddressed(expected, PEOPLE)) == []


def test_rungs_fall_on_the_working_days_that_the_rules_count(expected: Expectations) -> None:
    end = last_working_before(expected.units_before)
    assert end == date(2024, 11, 29)
    granted = date(2024, 12, 6)
    for told in expected.told:
        if told.period or told.kind not in {"reminder", "due", "overdue"}:
            continue
        strict = granted if told.about == "bu-dang" and told.on > date(2024, 11, 26) else end
        assert is_working(told.on)
        assert told.on == shifted(strict, _rung(told)), told
    assert {told.on for told in expected.told if told.kind == "opened"} == {shifted(end, -45)}
    final = last_working_before(date(2024, 12, 15))
    days = {told.kind: told.on for told in expected.told if told.kind in {"rollup_compiled", "rollup_reminder"}}
    assert days == {"rollup_compiled": shifted(final, -2), "rollup_reminder": shifted(final, -1)}


def test_who_is_asked_again_has_not_acknowledged_by_then(expected: Expectations, script: Script) -> None:
    given = date(2024, 1, 15)
    led = {(told.about, told.task) for told in expected.told if told.kind == "assigned"}
    done = {(act.unit, act.task): act.at for act in acts(script, Does.ACKNOWLEDGE)}
    assert done.keys() <= led
    for rung, days, roles in (("acknowledge-3", 3, {"officer"}), ("acknowledge-6", 6, {"officer", "head"})):
        day = shifted(given, days)
        leaves = datetime.combine(day, time(8, 10), VIETNAM)  # raised at 08:00, and it travels after ten minutes
        silent = {key for key in led if key not in done or done[key] >= leaves}
        asked = [told for told in expected.told if told.rung == rung]
        assert {(told.about, told.task, told.role) for told in asked} == {
            (*key, role) for key in silent for role in roles
        }
        assert {told.on for told in asked} == {day}


def test_letters_and_weekly_lines_follow_the_last_rung(expected: Expectations, script: Script) -> None:
    last = [told for told in expected.told if told.rung == "overdue-7"]
    late = {told.about for told in last}
    for role in ("leader", "coordinator"):
        letters = [told for told in expected.told if told.kind == "letter_drafted" and told.role == role]
        assert Counter(told.about for told in letters) == Counter(late), "one a unit"
        assert {told.on for told in letters} == {told.on for told in last} and {told.task for told in letters} == {None}
    assert {letter.unit: letter.drafted_on for letter in expected.letters} == dict.fromkeys(late, last[0].on)
    issued = {letter.unit: (letter.number, letter.issued_on) for letter in expected.letters}
    assert issued == {act.unit: (act.number, act.at.date()) for act in acts(script, Does.ISSUE_LETTER)}
    end = last_working_before(expected.units_before)
    weekly = [told for told in expected.told if told.kind == "overdue_weekly"]
    days = [day for n in range(12, 100, 5) if (day := shifted(end, n)) <= date(2024, 12, 31)]
    assert Counter((told.on, told.about, told.role) for told in weekly) == Counter(
        (day, unit, role) for day in days for unit in late for role in ("officer", "head", "coordinator")
    )
    assert all(told.days == working_days_between(end, told.on) for told in weekly)


def _rung(told: Told) -> int:
    name, _, number = told.rung.rpartition("-")
    return 0 if told.rung == "due" else int(number) * (-1 if name == "before" else 1)


def test_every_act_has_its_notice_and_every_notice_of_an_act_its_act(expected: Expectations, script: Script) -> None:
    pairs = {
        Does.ACCEPT: "accepted",
        Does.RETURN: "returned",
        Does.ASK_EXTENSION: "extension_requested",
        Does.GRANT_EXTENSION: "extension_granted",
        Does.REFUSE_EXTENSION: "extension_refused",
    }
    for does, kind in pairs.items():
        done = Counter((act.at.date(), act.unit, act.task) for act in acts(script, does))
        assert of(expected, kind) == done, kind
    accepted = [(act.at, act.unit, act.task) for act in acts(script, Does.ACCEPT)]
    told = Counter(
        (act.at.date(), act.unit, act.task)
        for act in acts(script, Does.REPORT)
        if not any(
            (act.unit, act.task) == (unit, task) and timedelta() < at - act.at < timedelta(minutes=10)
            for at, unit, task in accepted
        )
    )
    assert of(expected, "received") == told
    assert len(acts(script, Does.REPORT)) == told.total() + 1  # one was accepted before the news of it left


def test_the_end_is_that_of_27_obligations_and_the_counts_add_up(expected: Expectations, script: Script) -> None:
    states = Counter(state for state, _ in expected.final.values())
    assert states.total() == 27
    assert {**dict.fromkeys(expected.obligation_counts, 0), **states} == expected.obligation_counts
    assert sum(expected.task_counts.values()) == 7
    done = {key for key, (state, _) in expected.final.items() if state.startswith("done")}
    assert done == {(act.unit, act.task) for act in acts(script, Does.ACCEPT)}
    assert {told.about for told in expected.told if told.kind == "opened"} == {unit for unit, _ in expected.final}


def test_the_script_refuses_what_the_list_expects_to_be_refused(expected: Expectations, script: Script) -> None:
    assert {phone: code for phone, (code, _) in expected.refused.items()} == script.zalo_refuse
    marked = Counter(person.unit for person in PEOPLE.people if person.phone in expected.refused)
    assert Counter(told.about for told in expected.told if told.kind == "contact_bounced") == marked
    assert expected.plan == script.plan
    (signed,) = acts(script, Does.SIGN)
    assert expected.rollup is not None
    assert (expected.rollup.number, expected.rollup.signed_by) == (signed.number, signed.who)
    assert expected.rollup.signed_on == signed.at.date()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{ on = 2024-01-15, kind = "due", role = "officer", units = ["a"], tasks = [0] }', "why is missing"),
        ('{ on = 2024-01-15, kind = "due", role = "officer", tasks = [0], why = "w" }', "either units"),
        ('{ on = 2024-01-15, kind = "due", role = "officer", units = ["a"], why = "w" }', "either tasks"),
        ('{ on = 2024-01-15, kind = "due", role = "o", units = ["a"], tasks = [0], who = 1, why = "w" }', "who means"),
        ('{ on = 2024-01-15, kind = "letter_drafted", role = "o", to = "a", why = "w" }', "a letter is about units"),
        ('{ on = 2024-01-15, kind = "due", role = "o", units = ["a"], tasks = [0], state = "x", why = "w" }', "muted"),
        ('{ on = 2024-01-15, kind = "due", role = "o", units = [], tasks = [0], why = "w" }', "names nobody"),
    ],
)
def test_a_faulty_line_is_refused(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "expected.toml"
    file.write_text(f'plan = "p"\nunits_before = 2024-11-30\nexpect = [\n    # one\n    {line},\n]\n')
    with pytest.raises(Refusal) as refused:
        read_expectations(file)
    assert "line 5:" in refused.value.message and said in refused.value.message


@pytest.mark.parametrize("rest", ["", ", drafted_on = 2024-12-10, number = '1'", ", drafted_on = 2024-12-10, x = 1"])
def test_a_faulty_letter_is_refused(tmp_path: Path, rest: str) -> None:
    file = tmp_path / "expected.toml"
    file.write_text(f'plan = "p"\nunits_before = 2024-11-30\nexpect = []\nletter = [\n    {{ unit = "a"{rest} }},\n]\n')
    with pytest.raises(Refusal, match="line 5: a letter has unit and drafted_on"):
        read_expectations(file)


def test_the_same_thing_expected_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "expected.toml"
    line = '{ on = 2024-01-15, kind = "due", role = "officer", units = ["a"], tasks = [0], why = "w" }'
    file.write_text(f'plan = "p"\nunits_before = 2024-11-30\nexpect = [\n    {line},\n    {line},\n]\n')
    with pytest.raises(Refusal, match="twice"):
        read_expectations(file)
