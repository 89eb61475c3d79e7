"""`dondoc read` as a user meets it: tables for people, JSON for programs, sentences for what cannot be read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

import cli
from commands.draft_tables import print_draft
from documents.limits import MAX_BYTES
from documents.read_file import read_file
from domain.plan import (
    DocumentInfo,
    Finding,
    IndicatorDraft,
    OwnerRef,
    PlanDraft,
    ReportingDraft,
    Severity,
    TaskDraft,
    Where,
)
from domain.timing import parse_timing

PLAN = cli.SAMPLE / "ke-hoach.docx"
REGISTRY = cli.SAMPLE / "registry.toml"


def test_tables_for_people(dondoc) -> None:
    said = dondoc("read", PLAN)
    assert (said.code, said.error) == (0, "")
    assert "UBND tỉnh Bình Phước" in said.out
    assert "Nhiệm vụ (6)" in said.out
    assert "trước ngày 30/11" in said.out
    assert "[number-blank]" in said.out
    assert "6 nhiệm vụ, 10 chỉ tiêu; 0 điểm phải xử lý" in said.out
    assert "\x1b" not in said.out
    assert "…" not in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_json_is_the_draft_and_nothing_else(dondoc) -> None:
    said = dondoc("read", PLAN, "--json")
    assert said.code == 0
    draft = read_file(PLAN.read_bytes(), PLAN.name)
    assert said.out == json.dumps(draft.to_json(), ensure_ascii=False, indent=2) + "\n"


def test_names_are_resolved_on_a_day(dondoc, tmp_path: Path) -> None:
    leads = {
        lead["group"] or lead["unit"]
        for task in json.loads(dondoc("read", PLAN, "--json", "--registry", REGISTRY).out)["tasks"]
        for lead in task["leads"]
    }
    assert leads == {"bao-chi", "stttt"}
    earlier = json.loads(dondoc("read", PLAN, "--json", "--registry", REGISTRY, "--on", "1990-01-01").out)
    assert "unit-not-in-force" in {finding["code"] for finding in earlier["findings"]}
    shown = dondoc("read", PLAN, "--registry", REGISTRY, "--on", "2024-01-15").out
    assert "[stttt]" in shown


def test_standard_input(dondoc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PLAN.read_bytes())))
    assert len(json.loads(dondoc("read", "-", "--json").out)["tasks"]) == 6


def test_what_cannot_be_read_is_said_in_one_line(dondoc, tmp_path: Path) -> None:
    (tmp_path / "rubbish.docx").write_bytes(b"\x00\x01\x02")
    with (tmp_path / "large.pdf").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    (tmp_path / "broken.toml").write_text("unit = ")
    for words, code in (
        (("read", tmp_path / "rubbish.docx"), None),
        (("read", tmp_path / "large.pdf"), "document-too-large"),
        (("read", "/dev/zero"), "document-too-large"),
        (("read", tmp_path / "missing.docx"), "file-unreadable"),
        (("read", tmp_path), "file-unreadable"),
        (("read",), "file-missing"),
        (("read", PLAN, "--registry", tmp_path / "broken.toml"), "registry-invalid"),
        (("read", PLAN, "--registry", REGISTRY, "--on", "hôm nay"), "date-invalid"),
    ):
        said = dondoc(*words)
        assert (said.code, said.out) == (2, ""), said
        assert said.error.startswith("dondoc: ")
        assert "directory" not in said.error
        assert len(said.error.splitlines()) == 1
        assert code is None or said.error.endswith(f"[{code}]\n"), said.error


def test_as_a_program_in_a_pipe_from_another_folder(tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "dondoc"
    command = [program] if program.exists() else [sys.executable, cli.__file__]
    done = subprocess.run([*command, "read", PLAN], capture_output=True, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Nhiệm vụ (6)" in done.stdout.decode()
    assert b"\x1b" not in done.stdout
    # Who has read enough closes the pipe; that is no error to tell of.
    with subprocess.Popen(
        [*command, "read", PLAN, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    ) as cut:
        assert cut.stdout and cut.stderr
        cut.stdout.close()
        assert cut.stderr.read() == b""
        assert cut.wait(60) in (0, 141)


def printed(draft: PlanDraft, width: int = 80) -> str:
    file = io.StringIO()
    print_draft(Console(file=file, width=width, markup=False, emoji=False, highlight=False), draft)
    return file.getvalue()


LONG = "Xây dựng cơ sở dữ liệu " * 30


def test_nothing_of_a_draft_is_left_out_or_cut() -> None:
    task = TaskDraft(
        7, LONG, leads=(OwnerRef("Sở A", unit="so-a"), OwnerRef("Báo B", group="bao")), result="Đề án",
        coordinators=(OwnerRef("các đơn vị có liên quan"),), timing=parse_timing("Quý II/2026"), where=Where(3, 4, 5),
    )  # fmt: skip
    draft = PlanDraft(
        document=DocumentInfo("1/KH", date(2026, 2, 1), "Tên", quality="poor", complete=False),
        tasks=(task, TaskDraft(8, "Hai")),
        indicators=(IndicatorDraft(2025, LONG, ">", 1.5, "triệu lượt", ""),),
        reporting=(ReportingDraft("lead", ("Bộ",), every="quarterly"),),
        recipients=("Như trên",),
        findings=(
            Finding("unit-unknown", Severity.BLOCKING, "Chặn.", Where(3, None, 5)),
            Finding("x", Severity.REVIEW, "Xem."),
            Finding("y", Severity.INFO, "Biết."),
        ),
    )
    parts = (
        "01/02/2026", "kém,", "bị cắt", "[so-a]", "[nhóm bao]", "(trang 3, hàng 4, dòng 5)", "> 1,5 triệu lượt",
        "hằng quý", "Chặn. [unit-unknown]", "2 nhiệm vụ, 1 chỉ tiêu; 1 điểm phải xử lý, 1 cần xem lại, 1 thông tin.",
    )  # fmt: skip
    for width in (80, 250):
        out = printed(draft, width)
        words = out.replace(";", " ").split()
        for part in parts:
            assert set(part.replace(";", " ").split()) <= set(words), part
        assert words.count("Xây") == words.count("liệu") == 60
        assert out.index("Phải xử lý trước khi kích hoạt (1)") < out.index("Cần xem lại (1)") < out.index("Thông tin")
    assert all(part in printed(draft, 250) for part in parts)


def test_a_document_cannot_steer_the_terminal_or_break_the_output() -> None:
    title = "a\x1b[31mđỏ\x07 [bold]b[/bold] :smile: \ud800 \u202etrái"
    out = printed(PlanDraft(document=DocumentInfo(title=title), recipients=(title,)), 200)
    assert not set("\x1b\x07\ud800\u202e") & set(out)
    assert "[bold]b[/bold] :smile:" in out


def test_half_a_character_stays_an_escape_in_the_json(dondoc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(data: bytes, name: str) -> PlanDraft:
        return PlanDraft(document=DocumentInfo(title="a\ud800b"))

    monkeypatch.setattr("documents.read_apart.read_apart", read)
    said = dondoc("read", PLAN, "--json")
    assert json.loads(said.out)["document"]["title"] == "a\ud800b"
