"""The sample plans: whatever the format, the same draft, and the one that a person wrote down by hand.

A scan gives what letters on paper can: numbers, dates, times, counts and names of bodies exactly, sentences nearly.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from programs import program
from rapidfuzz.fuzz import ratio

from documents.read_file import read_file
from documents.read_registry import read_registry
from documents.render_template import render_template
from documents.scan.pages import finder
from domain.plan import PlanDraft, Severity
from domain.review import review
from samples import build
from samples.copies import as_text, blocks
from samples.drawing import draw

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FORMATS = ("ke-hoach.docx", "ke-hoach.pdf", "ke-hoach.xlsx", "ke-hoach.txt")
SCAN = "quet.pdf"
PLANS = ("binh-phuoc", "quang-tri", "can-tho")
WITH_REGISTRY = ("quang-tri", "can-tho")
BYTES = 400_000
"""A scan in the tree is no larger than this."""
NEARLY = 95.0
"""How much of a sentence the recogniser gets right, in per cent."""
TASK_NAMES, TARGET_FIGURES = ("leads", "coordinators"), ("horizon", "comparator", "value")

Json = dict[str, Any]


def comparable(draft: PlanDraft) -> Json:
    """The draft without what differs by format: where each thing stood, and what was doubted."""
    found = draft.to_json()
    del found["findings"]
    for task in found["tasks"]:
        del task["where"]
    return found


@cache
def read(plan: str, name: str) -> PlanDraft:
    return read_file((SAMPLES / plan / name).read_bytes(), name)


def expected(plan: str) -> Json:
    found: Json = json.loads((SAMPLES / plan / "expected.json").read_text(encoding="utf-8"))
    return found


def differences(wanted: Any, found: Any, place: str = "") -> list[str]:
    """Each value that is not the same, with its place."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = [*wanted, *(key for key in found if key not in wanted)]
        return [line for key in keys for line in differences(wanted.get(key), found.get(key), f"{place}.{key}")]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = enumerate(zip(wanted, found, strict=True))
        return [line for index, pair in pairs for line in differences(*pair, f"{place}[{index}]")]
    if isinstance(wanted, list) and isinstance(found, list):
        wanted, found = (
            [each for each in one if each not in other] for one, other in ((wanted, found), (found, wanted))
        )
        return [f"{place.lstrip('.')}: missing {wanted}, not expected {found}"]
    return [] if wanted == found else [f"{place.lstrip('.')}: expected {wanted!r}, found {found!r}"]


def assert_same(wanted: Json, found: Json) -> None:
    assert not (lines := differences(wanted, found)), "\n".join(lines)


def without_texts(draft: PlanDraft) -> Json:
    """The form has a target as year, subject, sign, figure and unit, not as the sentence it was."""
    found = comparable(draft)
    for indicator in found["indicators"]:
        del indicator["text"]
    return found


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("plan", PLANS)
def test_every_format_is_read_to_the_draft_that_was_written_by_hand(plan: str, name: str) -> None:
    assert_same(expected(plan), comparable(read(plan, name)))


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_that_was_entered_in_the_template_is_the_same_draft(plan: str) -> None:
    wanted = PlanDraft.from_json(expected(plan))
    # The template has a sheet for tasks: what each unit has to do is a row of it.
    tasks = tuple(replace(task, source="appendix") for task in wanted.tasks)
    wanted = replace(wanted, tasks=tasks)
    found = read_file(render_template(wanted), "ke-hoach.xlsx")
    assert_same(without_texts(wanted), without_texts(found))


@pytest.fixture
def recogniser() -> None:
    program("tesseract", package="tesseract-ocr tesseract-ocr-vie")
    if finder() is None:
        pytest.skip("tesseract knows no Vietnamese (on Debian and Ubuntu: apt-get install tesseract-ocr-vie)")


@pytest.mark.usefixtures("recogniser")
@pytest.mark.parametrize("plan", PLANS)
def test_a_scan_gives_the_figures_dates_and_names_of_the_plan(plan: str) -> None:
    wanted, found = expected(plan), comparable(read(plan, SCAN))
    assert_same(exact(wanted), exact(found))


@pytest.mark.usefixtures("recogniser")
@pytest.mark.parametrize("plan", PLANS)
def test_a_scan_gives_the_sentences_of_the_plan_nearly(plan: str) -> None:
    wanted, found = sentences(expected(plan)), sentences(comparable(read(plan, SCAN)))
    assert {name: len(texts) for name, texts in wanted.items()} == {name: len(texts) for name, texts in found.items()}
    pairs = [pair for name in wanted for pair in zip(wanted[name], found[name], strict=True)]
    assert [pair for pair in pairs if ratio(*pair) < NEARLY] == []


@pytest.mark.usefixtures("recogniser")
def test_a_scan_says_that_it_is_one() -> None:
    assert "scan-recognised" in {finding.code for finding in read("can-tho", SCAN).findings}


def exact(draft: Json) -> Json:
    """What of a scan must be right to the letter."""
    document = {key: value for key, value in draft["document"].items() if key != "title"}
    tasks = [
        {key: [owner["text"] for owner in task[key]] for key in TASK_NAMES}
        | {"ordinal": task["ordinal"], "source": task["source"], "rules": task["timing"]["rules"]}
        for task in draft["tasks"]
    ]
    targets = [{key: indicator[key] for key in (*TARGET_FIGURES, "unit")} for indicator in draft["indicators"]]
    return {
        "document": document,
        "lead_agency": draft["lead_agency"],
        "tasks": tasks,
        "indicators": targets,
        "reporting": draft["reporting"],
        "recipients": len(draft["recipients"]),
    }


def sentences(draft: Json) -> dict[str, list[str]]:
    """What of a scan may have a letter wrong here and there."""
    tasks = [text for task in draft["tasks"] for text in (task["title"], task["result"] or "", task["timing"]["text"])]
    targets = [text for indicator in draft["indicators"] for text in (indicator["subject"], indicator["text"])]
    return {
        "title": [draft["document"]["title"]],
        "tasks": tasks,
        "indicators": targets,
        "recipients": draft["recipients"],
    }


@pytest.mark.parametrize("plan", WITH_REGISTRY)
def test_only_the_lead_agencys_own_deadline_is_wanting(plan: str) -> None:
    registry = read_registry((SAMPLES / plan / "registry.toml").read_bytes())
    draft = review(read(plan, "ke-hoach.pdf"), registry, date(2024, 1, 15))
    blocking = [finding.code for finding in draft.findings if finding.severity is Severity.BLOCKING]
    assert blocking == ["reporting-lead-missing"]
    unresolved = [o.text for t in draft.tasks for o in t.leads if not o.unit and not o.group]
    assert unresolved == []


@pytest.mark.parametrize("plan", PLANS)
def test_the_contacts_of_a_registry_reach_nobody(plan: str) -> None:
    registry = read_registry((SAMPLES / plan / "registry.toml").read_bytes())
    assert registry.authority.reporting_group in {group.id for group in registry.groups}
    assert all(person.email is None or person.email.endswith(".example") for person in registry.people)
    assert all(person.phone is None or person.phone.startswith("8490000") for person in registry.people)


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_kept_is_what_the_builders_make(plan: str) -> None:
    folder = SAMPLES / plan
    data = (folder / "ke-hoach.docx").read_bytes()
    if plan in build.DRAWN:
        assert draw(build.DRAWN[plan]) == data
    assert as_text(data) == (folder / "ke-hoach.txt").read_bytes()
    assert (folder / SCAN).stat().st_size < BYTES
    assert {block for block in blocks(data) if isinstance(block, str)}, "a plan has text"
