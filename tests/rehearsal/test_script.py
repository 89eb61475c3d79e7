"""The script of the year reads into types; what cannot be is refused with its line and what to do there."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from domain.errors import Refusal
from rehearsal.days import VIETNAM
from rehearsal.script import Does, read_script

SAMPLE = Path(__file__).parents[2] / "samples" / "binh-phuoc"
HEAD = f"""
rehearsal.realm = "r"
rehearsal.begins = 2024-01-15T08:00:00
rehearsal.ends = 2024-12-31T17:00:00
rehearsal.plan = "p"
rehearsal.round = "2024"
rehearsal.document = "plan.docx"
rehearsal.registry = "{(SAMPLE / "registry.toml").as_posix()}"
act = [
"""
FIRST = HEAD.count("\n") + 1
ACKNOWLEDGES = '{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "acknowledge", '


def written(folder: Path, *acts: str, head: str = HEAD) -> Path:
    file = folder / "script.toml"
    file.write_text(head + "".join(f"    {act},\n" for act in acts) + "]\n")
    return file


def test_the_sample_year_reads() -> None:
    script = read_script(SAMPLE / "year-2024.toml")
    assert (script.realm, script.plan, script.round) == ("binh-phuoc", "binh-phuoc-2024", "2024")
    assert script.begins == datetime(2024, 1, 15, 8, tzinfo=VIETNAM)
    assert script.document.exists() and script.registry.exists()
    assert script.zalo_refuse == {"84900000099": -118}
    done = Counter(act.does for act in script.acts if not act.refused)
    # 27 obligations less two that nobody reports, and two reports that are corrected.
    assert done[Does.REPORT] == 27 and done[Does.ACCEPT] == 25 and done[Does.RETURN] == 2
    assert Counter(act.refused for act in script.acts if act.refused) == {
        "not-permitted": 4, "plan-already-active": 1, "explanation-missing": 1,
    }  # fmt: skip
    # Everybody acknowledges what they lead, but Bù Gia Mập and Phú Riềng: 16 common reports, 6 + 3 tasks of their own.
    assert done[Does.ACKNOWLEDGE] == 25
    assert len({act.place for act in script.acts}) <= 90


def test_what_is_left_out_is_filled_in(tmp_path: Path) -> None:
    asks = '{ at = 2024-11-21T16:00:00, who = "tcvn-officer", does = "ask_extension", task = 2, '
    (act,) = read_script(written(tmp_path, asks + 'until = 2024-12-10, reason = "r" }')).acts
    assert (act.unit, act.round, act.task, act.until) == ("tcvn", "2024", 2, date(2024, 12, 10))
    assert act.at == datetime(2024, 11, 21, 16, tzinfo=VIETNAM) and act.place == f"line {FIRST}"


def test_one_line_may_name_several_people_and_tasks(tmp_path: Path) -> None:
    line = '{ at = 2024-01-16T08:00:00, who = ["tcvn-officer", "stc-officer"], does = "acknowledge", tasks = [0, 2] }'
    accept = '{ at = 2024-01-17T08:00:00, who = "stttt-coordinator", does = "accept", unit = "stc", tasks = [0, 1] }'
    found = read_script(written(tmp_path, line, accept)).acts
    assert [(act.who, act.unit, act.task, act.place) for act in found] == [
        ("tcvn-officer", "tcvn", 0, f"line {FIRST}"),
        ("tcvn-officer", "tcvn", 2, f"line {FIRST}"),
        ("stc-officer", "stc", 0, f"line {FIRST}"),
        ("stc-officer", "stc", 2, f"line {FIRST}"),
        ("stttt-coordinator", "stc", 0, f"line {FIRST + 1}"),
        ("stttt-coordinator", "stc", 1, f"line {FIRST + 1}"),
    ]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ('{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "sing" }', "write one of import, activate"),
        ('{ at = 2024-02-01T08:00:00, who = "nobody", does = "activate" }', "nobody in the registry"),
        ('{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "acknowledge" }', "lacks task; add it"),
        (
            '{ at = 2024-02-01T08:00:00, who = "stttt-admin", does = "activate", task = 1 }',
            "does not take task; remove",
        ),
        ('{ at = 2024-02-01, who = "stttt-admin", does = "activate" }', "must be a datetime"),
        ('{ at = 2024-02-01T08:00:00Z, who = "stttt-admin", does = "activate" }', "times being local"),
        ('{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "report", task = "1" }', "must be a int"),
        ('{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "report", task = 1 }', "a report says nothing"),
        ('{ at = 2024-02-01T08:00:00, who = "tcvn-officer", does = "report", task = 1, nil = true }', "nil_reason"),
        ('{ at = 2024-02-01T08:00:00, who = "stttt-coordinator", does = "accept", unit = "x", task = 1 }', "no unit"),
        (ACKNOWLEDGES + "task = 1, tasks = [2] }", "both task and tasks; keep one"),
        (ACKNOWLEDGES + "tasks = [] }", "tasks = [] must be a list of int"),
        (ACKNOWLEDGES + "tasks = 2 }", "tasks = 2 must be a list of int"),
        (ACKNOWLEDGES + "tasks = [true] }", "must be a list of int"),
        (ACKNOWLEDGES + "tasks = [2, 1, 2] }", "names one twice"),
        (ACKNOWLEDGES.replace('"tcvn-officer"', '["tcvn-officer"]') + 'unit = "stc", task = 1 }', "remove unit"),
        (ACKNOWLEDGES.replace('"tcvn-officer"', '["nobody"]') + "task = 1 }", "nobody in the registry"),
        (
            ACKNOWLEDGES.replace("acknowledge", "report") + 'tasks = [1, 2], result = "r" }',
            "several in tasks; write a line",
        ),
        (ACKNOWLEDGES.replace("acknowledge", "sing") + "tasks = [1, 2] }", "write one of import, activate"),
        ('{ at = 2024-02-01T08:00:00, who = ["stttt-admin"], does = "activate" }', "several in who; write a line"),
        ('{ at = 2024-01-15T07:00:00, who = "stttt-admin", does = "activate" }', "earlier than what stands before"),
        ('{ at = 2025-01-15T07:00:00, who = "stttt-admin", does = "activate" }', "after the end"),
    ],
)
def test_a_faulty_act_is_refused_with_its_line(tmp_path: Path, act: str, said: str) -> None:
    good = '{ at = 2024-01-15T08:30:00, who = "stttt-admin", does = "activate" }'
    with pytest.raises(Refusal) as refused:
        read_script(written(tmp_path, good, act))
    assert refused.value.code == "script-invalid"
    assert f"line {FIRST + 1}:" in refused.value.message and said in refused.value.message


def test_a_file_that_is_no_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="check the path"):
        read_script(tmp_path / "none.toml")
    with pytest.raises(Refusal, match=f"at line {FIRST}"):
        read_script(written(tmp_path, "{ at = }"))
    with pytest.raises(Refusal, match=r"rehearsal\.round is missing"):
        read_script(written(tmp_path, head=HEAD.replace('rehearsal.round = "2024"', "")))
    with pytest.raises(Refusal, match="“more” means nothing"):
        read_script(written(tmp_path, head="more = 1\n" + HEAD))
