"""`dondoc read --score`: how well a folder of documents is read, against what people wrote down as expected."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from commands.frame import file_bytes
from commands.output import console, print_json, shown, table
from commands.reading import read_plan_file
from documents.read_apart import AT_ONCE
from documents.scoring.score import Miss, Scores, Tally, score, together
from domain.errors import DondocError, Refusal
from domain.plan import PlanDraft

ENDING = ".expected.json"
BELOW = 1
"""The exit code where a document was read less well than asked for."""


@dataclass(frozen=True)
class Trial:
    """A document and what is expected of it."""

    file: Path
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How one document was read; `refused` is the sentence with which it was not."""

    name: str
    scores: Scores
    refused: str | None = None


async def score_folder(a: argparse.Namespace) -> int:
    """Read every document that has an expectation and print its scores; 1 where one is below `--at-least`."""
    if a.at_least is not None and not 0 <= a.at_least <= 1:
        raise Refusal("at-least-invalid", f"--at-least {a.at_least}: phải là số từ 0 đến 1, ví dụ 0.97.")
    chosen = trials(a.score, a.expected or a.score)
    turns = asyncio.Semaphore(AT_ONCE)

    async def tried(trial: Trial) -> Outcome:
        async with turns:
            return await outcome(trial, a.score)

    outcomes = await asyncio.gather(*map(tried, chosen))
    whole = together(each.scores for each in outcomes)
    if a.json:
        print_json(_json(outcomes, whole))
    else:
        _print(console(), outcomes, whole)
    worst = min(each.scores.overall.accuracy for each in outcomes)
    return BELOW if a.at_least is not None and worst < a.at_least else 0


def trials(documents: Path, expectations: Path) -> list[Trial]:
    """Each expectation with the documents it speaks of: the one it names by `file`, or all that share its stem."""
    for folder in (documents, expectations):
        if not folder.is_dir():
            raise Refusal("folder-missing", f"Không có thư mục {folder}.")
    found = [
        Trial(file, expected)
        for path in sorted(expectations.glob(f"*{ENDING}"))
        for expected in [_expectation(path)]
        for file in _documents(documents, path, expected)
    ]
    if not found:
        words = f"Không có tệp *{ENDING} nào trong {expectations}; hãy đặt giá trị mong đợi cạnh văn bản."
        raise Refusal("expectations-missing", words)
    return found


def _expectation(path: Path) -> dict[str, Any]:
    try:
        expected = json.loads(file_bytes(path))
    except (ValueError, RecursionError) as error:
        raise Refusal("expectation-invalid", f"{path}: không phải JSON ({error}). Hãy sửa lại.") from error
    if not isinstance(expected, dict) or not isinstance(expected.get("file", ""), str):
        raise Refusal("expectation-invalid", f"{path}: phải là một đối tượng JSON, “file” là tên tệp. Hãy sửa lại.")
    return expected


def _documents(folder: Path, path: Path, expected: Mapping[str, Any]) -> list[Path]:
    stem = path.name.removesuffix(ENDING)
    if "file" in expected:
        found = [folder / Path(expected["file"]).name]
    else:
        found = sorted(each for each in folder.iterdir() if each.stem == stem and each.suffix != ".json")
    if not found or not all(each.is_file() for each in found):
        words = f"{path}: không thấy văn bản {expected.get('file', f'{stem}.*')} trong {folder}."
        raise Refusal("document-missing", words)
    return found


async def outcome(trial: Trial, folder: Path) -> Outcome:
    """Read and score one document; a refusal to read it counts as having found nothing at all."""
    refused = None
    try:
        draft = (await read_plan_file(trial.file)).to_json()
    except DondocError as error:
        refused = f"{error.message} [{error.code}]"
        nothing = PlanDraft().to_json()
        draft = {**nothing, "document": {**nothing["document"], "quality": None, "complete": None}}
    return Outcome(trial.file.name, await asyncio.to_thread(score, trial.expected, draft), refused)


def _json(outcomes: Iterable[Outcome], whole: Scores) -> dict[str, Any]:
    return {
        "documents": {
            each.name: {
                **_tally(each.scores.overall),
                "refused": each.refused,
                "fields": {name: _tally(tally) for name, tally in each.scores.fields.items()},
                "misses": [asdict(miss) for miss in each.scores.misses],
            }
            for each in outcomes
        },
        "fields": {name: _tally(tally) for name, tally in sorted(whole.fields.items())},
        "overall": _tally(whole.overall),
    }


def _tally(tally: Tally) -> dict[str, float]:
    shares = {"accuracy": tally.accuracy, "precision": tally.precision, "recall": tally.recall}
    return {**asdict(tally), **{name: round(share, 4) for name, share in shares.items()}}


def _print(out: Console, outcomes: list[Outcome], whole: Scores) -> None:
    for each in outcomes:
        if each.refused or each.scores.misses:
            out.print(f"\n{each.name}", style="bold")
        if each.refused:
            out.print(shown(f"  không đọc được: {each.refused}"))
        for miss in each.scores.misses:
            out.print(shown(f"  {_miss_words(miss)}"))
    fields = sorted(whole.fields.items())
    out.print()
    out.print(_tallies("Theo mục", "Mục", fields))
    documents = [(each.name, each.scores.overall) for each in outcomes]
    out.print(_tallies("Theo văn bản", "Văn bản", [*documents, ("Tất cả", whole.overall)]))


def _tallies(title: str, what: str, tallies: Iterable[tuple[str, Tally]]) -> Table:
    figures = ("Đúng", "Cần", "Đọc được", "Chính xác", "Đầy đủ", "F1")
    columns = ((what, 1), *((name, None) for name in figures))
    return table(title, *columns, rows=(_row(name, tally) for name, tally in tallies), ruled=False)


def _row(name: str, tally: Tally) -> tuple[str, ...]:
    shares = (f"{share:.3f}" for share in (tally.precision, tally.recall, tally.accuracy))
    return (name, str(tally.matched), str(tally.expected), str(tally.found), *shares)


def _miss_words(miss: Miss) -> str:
    place = f"{miss.field}, {miss.place}" if miss.place else miss.field
    expected, found = (
        "không có" if value is None else json.dumps(value, ensure_ascii=False) for value in (miss.expected, miss.found)
    )
    return f"{place}: cần {expected}; đọc được {found}"
