"""How much of real and of unseen plans is read right, each field compared with what a person wrote down as expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from programs import program

from documents.read_file import read_file
from documents.scoring.score import Scores, score, together

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
PRESS = sorted((CORPUS / "press").glob("*.expected.json"))
UNSEEN = sorted((CORPUS / "unseen").glob("*.expected.json"))

REAL_PLAN, UNSEEN_PLAN, RECOGNISED, OVERALL = 0.97, 0.95, 0.85, 0.97


@cache
def scores(path: Path, folder: Path) -> Scores:
    """The scores of the document that an expectation names."""
    expected: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    document = folder / expected["file"]
    return score(expected, read_file(document.read_bytes(), document.name).to_json())


def told(found: Scores) -> str:
    """The accuracy and every value that went wrong, a line each."""
    lines = [f"{found.overall.accuracy:.4f}: {found.overall.matched} of {found.overall.expected} expected values"]
    for miss in found.misses:
        lines.append(f"  {miss.field} {miss.place}: expected {_short(miss.expected)}, found {_short(miss.found)}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= 160 else f"{words[:160]}…"


def stems(paths: Iterable[Path]) -> list[str]:
    return [path.name.removesuffix(".expected.json") for path in paths]


def asked(path: Path) -> float:
    """The accuracy that a document of the corpus must reach."""
    if path.parent.name == "press":
        return REAL_PLAN
    # Destroyed diacritics, and tables whose cells were copied line by line, two cells on a line now and then.
    return RECOGNISED if path.name.endswith((".ocr.expected.json", ".raw.expected.json")) else UNSEEN_PLAN


def test_the_corpus_is_there() -> None:
    assert len(PRESS) == 5
    assert len(UNSEEN) >= 10


@pytest.mark.parametrize("path", PRESS, ids=stems(PRESS))
def test_a_real_plan_is_read(path: Path, plans_folder: Path) -> None:
    found = scores(path, plans_folder)
    assert found.overall.accuracy >= asked(path), told(found)


@pytest.mark.parametrize("path", UNSEEN, ids=stems(UNSEEN))
def test_an_unseen_plan_is_read(path: Path) -> None:
    if ".scan." in path.name:
        program("tesseract", package="tesseract-ocr tesseract-ocr-vie")
    found = scores(path, path.parent)
    assert found.overall.accuracy >= asked(path), told(found)


def test_all_together(plans_folder: Path) -> None:
    """Every value counts the same; the copies that a machine read off paper have thresholds of their own."""
    clean = [path for path in (*PRESS, *UNSEEN) if asked(path) >= UNSEEN_PLAN and ".scan." not in path.name]
    found = {path: scores(path, plans_folder if path in PRESS else path.parent) for path in clean}
    whole = together(found.values())
    weak = "\n".join(f"{path.stem}: {told(each)}" for path, each in found.items() if each.misses)
    assert whole.overall.accuracy >= OVERALL, f"{whole.overall.accuracy:.4f}\n{weak}"
