"""The command's refusals: a sentence with a code and an exit code, and no stack trace, whatever was typed."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import make_world

import cli
from commands import realms
from commands.frame import instant
from domain.errors import NotFound, Refusal
from domain.workdays import VIETNAM
from models.facts.channels import authorise_zalo_once
from models.queries.account import account
from rehearsal.report import check_out, clear_out
from settings import read_settings

NOBODY = "postgresql://x@127.0.0.1:1/x"
REGISTRY = str(cli.SAMPLE / "registry.toml")


def said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str, **environment: str
) -> tuple[object, str]:
    """Exit code and what stands on standard error."""
    monkeypatch.setattr(sys, "argv", ["dondoc", *words])
    for name in [name for name in os.environ if name.startswith("DONDOC_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli, "configure_logs", lambda level: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "environment", "code", "exit_code"),
    [
        ("timeline plan p", {"DONDOC_DSN": NOBODY}, "books-unavailable", 3),
        ("migrate", {"DONDOC_DSN": NOBODY}, "books-unavailable", 3),
        ("timeline plan p", {"DONDOC_DSN": "nonsense"}, "settings-invalid", 2),
        ("migrate", {"DONDOC_DSN": "nonsense"}, "settings-invalid", 2),
        ("timeline plan p", {"DONDOC_DSN": "postgresql://u:secret@h:port/x"}, "settings-invalid", 2),
        ("timeline plan p", {"DONDOC_LOG_LEVEL": "xyz"}, "settings-invalid", 2),
        ("timeline plan p --data README.md", {}, "stack-not-running", 3),
        ("demo --out /proc/x", {}, "out-unwritable", 2),
        ("demo --out file", {}, "out-unwritable", 2),
        ("demo --data /proc/x", {}, "data-folder-unusable", 2),
        ("demo --data file", {}, "data-folder-unusable", 2),
        ("demo --expect missing", {}, "expected-invalid", 2),
        ("demo --expect broken", {}, "expected-invalid", 2),
        ("demo --data used", {}, "data-folder-not-empty", 2),
        ("up --data file", {}, "data-folder-unusable", 2),
        ("up --data /proc/x", {}, "data-folder-unusable", 2),
        (f"realm a {REGISTRY} --first-year 2040 --last-year 2030", {"DONDOC_DSN": NOBODY}, "years-invalid", 2),
        (f"realm a {REGISTRY} --first-year 1999", {"DONDOC_DSN": NOBODY}, "years-invalid", 2),
        (f"realm a {REGISTRY} --last-year 2101", {"DONDOC_DSN": NOBODY}, "years-invalid", 2),
        (f"realm A_b {REGISTRY}", {"DONDOC_DSN": NOBODY}, "realm-name-invalid", 2),
        (f"realm {'a' * 41} {REGISTRY}", {"DONDOC_DSN": NOBODY}, "realm-name-invalid", 2),
        ("token a b --days 0", {"DONDOC_DSN": NOBODY}, "days-invalid", 2),
        ("token a b --days -3", {"DONDOC_DSN": NOBODY}, "days-invalid", 2),
        ("token a b --days 3651", {"DONDOC_DSN": NOBODY}, "days-invalid", 2),
        ("rehearse a --until soon", {"DONDOC_DSN": NOBODY}, "date-invalid", 2),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: str,
    environment: dict[str, str],
    code: str,
    exit_code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("file", "README.md"):
        Path(name).write_text("something of mine")
    Path("broken").write_text("plan = ")
    (tmp_path / "used" / "postgres").mkdir(parents=True)
    left, error = said(capsys, monkeypatch, *words.split(), **environment)
    assert left == exit_code, error
    assert error.startswith("dondoc: ")
    assert error.endswith(f" [{code}]\n")
    assert len(error.splitlines()) == 1
    assert "secret" not in error
    assert Path("file").read_text() == "something of mine"


def test_a_fault_of_our_own_keeps_its_trace() -> None:
    assert cli._translated(KeyError("x")) is None


def test_instants_are_local_unless_they_say_otherwise() -> None:
    assert instant("2024-01-15T08:00") == datetime(2024, 1, 15, 8, tzinfo=VIETNAM)
    assert instant("2024-01-15T08:00+00:00") == datetime(2024, 1, 15, 8, tzinfo=UTC)
    assert instant("2024-01-15T08:00Z") == datetime(2024, 1, 15, 8, tzinfo=UTC)


def test_only_what_a_rehearsal_wrote_is_deleted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    check_out(out)
    clear_out(out)
    (out / "summary.json").write_text(json.dumps({"realm": "a", "notices": [], "rollups": []}))
    ours = ["mail/000001.eml", "mail/000001.json", "timeline.txt", "kills.json", "bao-cao-2024.docx", "summary.json"]
    theirs = ["mail/letter.eml", "notes.txt", "bao-cao-cua-toi.docx"]
    for name in [*ours[:-1], *theirs]:
        (out / name).write_text("x")
    check_out(out)
    assert all((out / name).exists() for name in ours)
    clear_out(out)
    assert sorted(str(f.relative_to(out)) for f in out.rglob("*") if f.is_file()) == sorted(theirs)


@pytest.mark.parametrize("name", ["notes.txt", "timeline.txt", "summary.json", "mail/letter.eml"])
def test_a_folder_of_somebody_else_is_refused_and_left_alone(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("{}")
    with pytest.raises(Refusal, match="out-not-ours"):
        check_out(tmp_path)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [file]


async def test_a_task_that_the_plan_does_not_have_is_not_an_empty_account(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    (ordinal,) = [row["ordinal"] for row in await world.rows("SELECT ordinal FROM task ORDER BY ordinal LIMIT 1")]
    assert await account(engine, None, "task", f"{world.plan}/{ordinal}") is not None
    with pytest.raises(NotFound, match="task-unknown"):
        await account(engine, None, "task", f"{world.plan}/99")
    for wrong in ("²", "99999999999", ""):
        with pytest.raises(Refusal, match="task-id-invalid"):
            await account(engine, None, "task", f"{world.plan}/{wrong}")


async def test_until_too_far_ahead_is_refused(dsn: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await make_world(engine)

    async def connect(address: str, namespace: str) -> None:
        """No server is asked before the refusal."""

    monkeypatch.setattr("workflows.client.connect", connect)
    given = cli.parser().parse_args(["rehearse", world.realm, "--until", "2042-01-15"])
    with pytest.raises(Refusal, match="until-too-far"):
        await given.run(given, read_settings({"DONDOC_DSN": dsn}))


async def test_a_demo_that_is_told_to_end_takes_its_temporary_folder_along(tmp_path: Path) -> None:
    code = "import sys, cli; sys.argv[1:] = ['demo', '--out', sys.argv[1]]; cli.main()"
    (tmp_path / "temporary").mkdir()
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, str(tmp_path / "out"), cwd=cli.SAMPLE.parent.parent,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    async with asyncio.timeout(60):
        while not list((tmp_path / "temporary").glob("*/postgres/postgres.log")):
            await asyncio.sleep(0.05)
        demo.send_signal(signal.SIGTERM)
        demo.send_signal(signal.SIGTERM)
        assert await demo.wait() == 130
    assert list((tmp_path / "temporary").iterdir()) == []


async def test_registry_channel_and_zalo(
    dsn: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an administrator mends from the command line."""
    world = await make_world(engine)
    settings = read_settings({"DONDOC_DSN": dsn, "DONDOC_ZALO_APP_ID": "app"})
    await realms.registry(argparse.Namespace(realm=world.realm, registry=Path(REGISTRY)), settings)
    assert await world.value("SELECT count(*) FROM unit WHERE slug = 'tcvn'") == 1
    await world.run("INSERT INTO channel_alarm VALUES ('thu', 'zalo', '-115', 'hết tiền', now())")
    lift = argparse.Namespace(realm=world.realm, channel="zalo")
    assert [await realms.channel(lift, settings), await realms.channel(lift, settings)] == [0, 0]
    assert "không bị dừng" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.StringIO("mã\n"))
    await realms.zalo(argparse.Namespace(), settings)
    assert await world.value("SELECT refresh FROM zalo_token WHERE app_id = 'app'") == "mã"
    await authorise_zalo_once(engine, "app", "khác")
    assert await world.value("SELECT refresh FROM zalo_token WHERE app_id = 'app'") == "mã"
    await authorise_zalo_once(engine, "app2", "đầu")
    assert await world.value("SELECT refresh FROM zalo_token WHERE app_id = 'app2'") == "đầu"
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(Refusal, match="zalo-token-missing"):
        await realms.zalo(argparse.Namespace(), settings)
