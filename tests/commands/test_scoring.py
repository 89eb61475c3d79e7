"""`dondoc read --score`: a folder of documents against what is expected of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import cli
from documents.read_file import read_file

PLAN = cli.SAMPLE / "ke-hoach.docx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents, one of them with a fault in its expectation, and one that nobody expects anything of."""
    expected: dict[str, Any] = read_file(PLAN.read_bytes()).to_json()
    del expected["findings"]
    for name in ("tot.v2", "sai", "khong"):
        shutil.copy(PLAN, tmp_path / f"{name}.docx")
    write(tmp_path / "tot.v2.expected.json", expected)
    expected["tasks"][0]["title"] = "Việc khác"
    expected["document"]["signed_by"] = "Trần A"
    write(tmp_path / "sai.expected.json", {**expected, "note": "cố ý", "finding_codes": ["incomplete"]})
    return tmp_path


def write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")


def test_scores_as_tables(dondoc, folder: Path) -> None:
    said = dondoc("read", "--score", folder)
    assert (said.code, said.error) == (0, "")
    for part in ("Theo mục", "tasks.leads", "sai.docx", "tot.v2.docx", "Tất cả", "1.000", '"Trần A"', "finding_codes"):
        assert part in said.out, part
    assert "khong.docx" not in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_scores_as_json(dondoc, folder: Path) -> None:
    scores = json.loads(dondoc("read", "--score", folder, "--json").out)
    good, bad = scores["documents"]["tot.v2.docx"], scores["documents"]["sai.docx"]
    assert (good["accuracy"], good["misses"], good["refused"]) == (1, [], None)
    assert bad["accuracy"] < 1
    assert {miss["field"] for miss in bad["misses"]} == {"tasks.title", "document.signed_by", "finding_codes"}
    assert scores["fields"]["tasks.title"] | {"accuracy": 0, "precision": 0, "recall": 0} == {
        "matched": 11, "expected": 12, "found": 12, "accuracy": 0, "precision": 0, "recall": 0,
    }  # fmt: skip
    assert scores["overall"]["matched"] == good["matched"] + bad["matched"]


def test_a_threshold_holds_for_every_document(dondoc, folder: Path) -> None:
    assert dondoc("read", "--score", folder, "--at-least", "0.9").code == 0
    assert dondoc("read", "--score", folder, "--at-least", "0.999").code == 1
    (folder / "sai.expected.json").unlink()
    assert dondoc("read", "--score", folder, "--at-least", "0.999").code == 0


def test_expectations_elsewhere_name_their_file(dondoc, folder: Path) -> None:
    elsewhere = folder / "expected"
    elsewhere.mkdir()
    write(elsewhere / "mot.expected.json", {"file": "khong.docx", "document": {"province": "Bình Phước"}})
    scores = json.loads(dondoc("read", "--score", folder, "--expected", elsewhere, "--json").out)
    assert set(scores["documents"]) == {"khong.docx"}
    assert scores["overall"] == {
        "matched": 1, "expected": 1, "found": 1, "accuracy": 1, "precision": 1, "recall": 1,
    }  # fmt: skip


def test_one_expectation_holds_for_every_format_of_its_name(dondoc, folder: Path) -> None:
    shutil.copy(PLAN, folder / "sai.bak")
    scores = json.loads(dondoc("read", "--score", folder, "--json").out)
    assert set(scores["documents"]) == {"sai.bak", "sai.docx", "tot.v2.docx"}


def test_a_document_that_is_refused_counts_as_nothing_found(dondoc, folder: Path) -> None:
    (folder / "sai.docx").write_bytes(b"\x00\x01\x02")
    said = dondoc("read", "--score", folder, "--json")
    bad = json.loads(said.out)["documents"]["sai.docx"]
    assert (said.code, bad["matched"], bad["found"], bad["recall"]) == (0, 0, 0, 0)
    assert bad["refused"].endswith("]")
    assert "không đọc được" in dondoc("read", "--score", folder).out


def test_what_cannot_be_scored_is_refused(dondoc, folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    lost = tmp_path / "lost"
    lost.mkdir()
    write(lost / "a.expected.json", {"file": "nowhere.docx"})
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a.expected.json").write_text("{")
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    write(wrong / "sai.expected.json", {"task": []})
    for words, code in (
        (("--score", empty), "expectations-missing"),
        (("--score", folder / "missing"), "folder-missing"),
        (("--score", folder, "--expected", lost), "document-missing"),
        (("--score", folder, "--expected", broken), "expectation-invalid"),
        (("--score", folder, "--expected", wrong), "expectation-invalid"),
        (("--score", folder, "--at-least", "97"), "at-least-invalid"),
    ):
        said = dondoc("read", *words)
        assert (said.code, said.out) == (2, ""), said
        assert said.error.endswith(f"[{code}]\n"), said.error
