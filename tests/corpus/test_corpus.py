"""The corpus itself: expectations have the draft's shape, quote no stranger's sentence and belong to their document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.plan import DocumentInfo, IndicatorDraft, PlanDraft, ReportingDraft
from domain.timing import TimingRule
from tests.corpus import unseen_text, unseen_word
from tests.corpus.drawing import in_tcvn3, write_docx
from tests.corpus.expecting import write_expected

HERE = Path(__file__).resolve().parent
EXPECTATIONS = sorted(HERE.glob("*/*.expected.json"))
NAMES = [f"{path.parent.name}/{path.name}" for path in EXPECTATIONS]
KINDS = {"ongoing", "yearly", "half_yearly", "quarterly", "monthly", "weekly"} | {
    "range", "within", "by", "after_event", "unstated",
}  # fmt: skip
COMPARATORS = {">=", ">", "<=", "<", "="}
WORDS, BYTES = 8, 60_000
"""A term is no longer than this many words (names of bodies may be); a document in the tree no larger than this."""


def keys(kind: type) -> set[str]:
    return {name.rstrip("_") for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def days(rule: dict[str, Any]) -> list[date]:
    return [date.fromisoformat(rule[key]) for key in ("from", "to", "by") if rule.get(key)]


@pytest.mark.parametrize("path", EXPECTATIONS, ids=NAMES)
def test_an_expectation_has_the_drafts_shape(path: Path) -> None:
    plan = json.loads(path.read_text(encoding="utf-8"))
    assert set(plan) <= keys(PlanDraft) - {"findings"} | {"file", "finding_codes"}
    assert set(plan["document"]) <= keys(DocumentInfo)
    assert all(set(item) <= keys(IndicatorDraft) for item in plan["indicators"])
    assert all(set(item) == keys(ReportingDraft) for item in plan["reporting"])
    assert {item["comparator"] for item in plan["indicators"]} <= COMPARATORS
    for task in plan["tasks"]:
        assert task["leads"], "a task without an owner would teach nothing"
        for rule in task.get("timing", {"rules": []})["rules"]:
            assert set(rule) <= keys(TimingRule)
            assert rule["kind"] in KINDS
            assert days(rule) == sorted(days(rule))


@pytest.mark.parametrize("path", sorted(HERE.glob("press/*.json")), ids=lambda path: path.stem)
def test_sentences_of_real_plans_stand_as_hashes_only(path: Path) -> None:
    plan = json.loads(path.read_text(encoding="utf-8"))
    del plan["recipients"]
    for task in plan["tasks"]:
        del task["leads"], task["coordinators"]
    long = [text for text in strings(plan) if len(text.split()) > WORDS]
    assert [text for text in long if not text.startswith("sha256:")] == []


@pytest.mark.parametrize("path", sorted(HERE.glob("unseen/*.expected.json")), ids=lambda path: path.stem)
def test_every_expectation_has_its_small_document(path: Path) -> None:
    document = path.with_name(json.loads(path.read_text(encoding="utf-8"))["file"])
    assert document.stem == path.name.removesuffix(".expected.json")
    assert 0 < document.stat().st_size < BYTES


@pytest.mark.parametrize(
    ("name", "ending"), [("lam_dong", "md"), ("vinh_long", "html"), ("dak_lak", "txt"), ("son_la", "xlsx")]
)
def test_texts_are_built_again_as_they_are_kept(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name.replace('_', '-')}.{ending}"
    write_expected(path, getattr(unseen_text, name)(path))
    for made in tmp_path.iterdir():
        if made.suffix != ".xlsx":
            assert made.read_bytes() == (HERE / "unseen" / made.name).read_bytes()


@pytest.mark.parametrize("name", ["nghe_an", "ca_mau", "hai_phong"])
def test_word_files_are_built_again_as_they_are_kept(name: str, tmp_path: Path) -> None:
    plan, expectation = getattr(unseen_word, name)()
    path = tmp_path / f"{name.replace('_', '-')}.docx"
    write_docx(plan, path)
    write_expected(path, expectation)
    expected = path.with_name(f"{path.stem}.expected.json")
    assert expected.read_bytes() == (HERE / "unseen" / expected.name).read_bytes()
    again = tmp_path / "again.docx"
    write_docx(plan, again)
    assert again.read_bytes() == path.read_bytes()


def test_tcvn3_has_only_characters_of_one_byte() -> None:
    plan, _ = unseen_word.tuyen_quang()
    old = in_tcvn3(plan)
    text = "".join(
        [old.agency, old.title, *old.body, *old.recipients, *(cell for row in old.appendices[0].rows for cell in row)]
    )
    assert text.encode("latin-1")
    assert "tØnh" in text and "TØNH" in text
