"""Reading in a process of its own: the same draft as in ours, and every way in which a reader may go wrong."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from programs import program

from documents import read_apart as apart
from documents.apart import Allowance
from documents.limits import MAX_BYTES
from documents.read_apart import ROOT, START, check_size, read_apart, read_apart_now, read_in_child
from documents.read_file import read_file
from domain.errors import Refusal, TooLarge, Unavailable
from domain.plan import PlanDraft

SAMPLE = (ROOT / "samples/binh-phuoc/ke-hoach.docx").read_bytes()


def reading(body: str) -> str:
    """A program whose reader is the function `read(data, name)` that the body defines."""
    head = "import os, time, json, resource, signal, subprocess\nfrom documents.apart import serve\n"
    head += "from domain.errors import *\nfrom domain.plan import *\n"
    return START + head + textwrap.dedent(body) + "\nserve(sys.argv[2:], read)"


async def refusal(body: str, allowance: Allowance | None = None) -> Refusal:
    """What is said of a document that meets such a reader."""
    with pytest.raises(Refusal) as said:
        await read_in_child(b"x", "x.txt", allowance or Allowance(wall_seconds=20, memory=200_000_000), reading(body))
    return said.value


async def test_the_draft_is_that_of_a_reading_here() -> None:
    assert await read_apart(SAMPLE, "ke-hoach.docx") == read_file(SAMPLE, "ke-hoach.docx")


async def test_a_scan_is_read_within_the_limits() -> None:
    """The recogniser and what draws the pages are the hungriest of all."""
    program("tesseract", package="tesseract-ocr tesseract-ocr-vie")
    scan = (ROOT / "tests/corpus/unseen/tuyen-quang.scan.pdf").read_bytes()
    draft = await read_apart(scan, "scan.pdf")
    codes = {finding.code for finding in draft.findings}
    assert "scan-recognised" in codes
    assert "page-unread" not in codes
    assert draft.tasks


def test_it_can_be_asked_for_without_an_event_loop() -> None:
    assert len(read_apart_now(SAMPLE).tasks) == 6


async def test_what_the_reader_refuses_is_refused_here() -> None:
    with pytest.raises(Refusal) as here:
        read_file(b"\x00\x01nothing")
    with pytest.raises(Refusal) as there:
        await read_apart(b"\x00\x01nothing")
    assert (there.value.code, there.value.message) == (here.value.code, here.value.message)
    large = await refusal("def read(data, name): raise TooLarge('document-too-large', 'Quá dài.')")
    assert (type(large), large.code, large.message) == (TooLarge, "document-too-large", "Quá dài.")


async def test_too_many_bytes_are_refused_before_a_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere")
    with pytest.raises(TooLarge, match="document-too-large") as said:
        await read_apart(bytes(MAX_BYTES + 1))
    assert "10 MB" in said.value.message
    check_size(MAX_BYTES)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def read(data, name): return bytearray(10**12)", "bộ nhớ"),
        ("def read(data, name):\n kept = []\n while True: kept.append(bytearray(10**7))", "bộ nhớ"),
        ("def read(data, name): os.kill(os.getpid(), 9)", "bộ nhớ"),
        ("def read(data, name): os.kill(os.getpid(), 11)", "dừng giữa chừng"),
        ("def read(data, name): import ctypes; ctypes.string_at(0)", "dừng giữa chừng"),
        ("def read(data, name): raise KeyError('x')", "dừng giữa chừng"),
        ("def read(data, name): read(data, name)", "dừng giữa chừng"),
        ("def read(data, name): raise SystemExit(0)", "dừng giữa chừng"),
        ("def read(data, name): os._exit(0)", "dừng giữa chừng"),
        ("print('rubbish'); raise SystemExit", "dừng giữa chừng"),
        ("print('[]'); raise SystemExit", "dừng giữa chừng"),
        ("print(json.dumps({'draft': {'tasks': 1}})); raise SystemExit", "dừng giữa chừng"),
        ("print(json.dumps({'refused': {'kind': 'Exception'}})); raise SystemExit", "dừng giữa chừng"),
        ("print('[' * 10**6); raise SystemExit", "dừng giữa chừng"),
        ("def read(data, name): raise NotFound('x', 'y')", "dừng giữa chừng"),
    ],
)
async def test_a_reader_that_falls_is_a_refusal(body: str, words: str) -> None:
    said = await refusal(body)
    assert said.code == "document-unreadable"
    assert words in said.message


@pytest.mark.parametrize(
    ("endless", "allowance"),
    [("while True: pass", Allowance(processor_seconds=1)), ("time.sleep(60)", Allowance(wall_seconds=1))],
)
async def test_a_reader_that_goes_on_for_ever_is_stopped(endless: str, allowance: Allowance) -> None:
    began = asyncio.get_running_loop().time()
    said = await refusal(f"def read(data, name):\n {endless}", allowance)
    assert said.code == "document-unreadable"
    assert "quá lâu" in said.message
    assert f"{allowance.wall_seconds} giây" in said.message
    assert asyncio.get_running_loop().time() - began < 10


async def test_a_process_that_took_no_limits_is_stopped_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "GRACE", 0)
    said = await refusal("time.sleep(60)", Allowance(scan_seconds=1))
    assert "quá lâu" in said.message


async def test_an_answer_without_end_is_cut() -> None:
    flood = "def read(data, name): return PlanDraft(document=DocumentInfo(title='x' * 10**6))"
    said = await refusal(flood, Allowance(written=10**5))
    assert said.code == "document-unreadable"


async def test_what_a_library_prints_does_not_spoil_the_answer() -> None:
    body = """
        def read(data, name):
            print("a warning")
            os.write(1, b"another")
            return PlanDraft(document=DocumentInfo(title=f"{name} {len(data)} {sys.stdin.buffer.raw.read()}"))
    """
    draft = await read_in_child(b"abc", "Kế hoạch\0\ud800.txt", Allowance(), reading(body))
    assert draft.document.title == "Kế hoạch\0\ud800.txt 3 b''"


async def test_the_process_is_given_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_DSN", "postgresql://u:secret@h/x")
    monkeypatch.setenv("PYTHONPATH", "/secret")
    body = """
        def read(data, name):
            files, opened = os.listdir("."), os.listdir("/proc/self/fd")
            seen = {**os.environ, "path": sys.path, "files": files, "open": opened}
            return PlanDraft(document=DocumentInfo(title=json.dumps(seen)))
    """
    seen = json.loads((await read_in_child(b"", "", Allowance(), reading(body))).document.title or "")
    assert "secret" not in json.dumps(seen)
    assert seen["HOME"] == "/nonexistent"
    assert seen["files"] == []
    assert len(seen["open"]) <= 5  # the three, the answer, and the folder that is being listed


@pytest.mark.parametrize(
    "act",
    [
        "subprocess.run(['true'])",
        "subprocess.run('tesseract; true', shell=True)",
        "subprocess.run(['/usr/bin/env', 'A=1', 'true'])",
        "os.system('true')",
        "import socket; socket.create_connection(('127.0.0.1', 1))",
        "[open('/dev/null') for _ in range(100)]",
        "os.fork()",
    ],
)
async def test_neither_network_nor_other_programs_nor_many_files(act: str) -> None:
    body = f"""
        def read(data, name):
            try:
                {act}
            except OSError as error:
                return PlanDraft(document=DocumentInfo(title=str(error)))
    """
    draft = await read_in_child(b"", "", Allowance(), reading(body))
    assert draft.document.title


async def test_a_scan_may_take_longer_and_its_recogniser_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The recogniser here is a shell script of that name that never ends."""
    recogniser = tmp_path / "tesseract"
    recogniser.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    recogniser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    body = """
        def read(data, name):
            subprocess.Popen(["/usr/bin/env", "OMP_THREAD_LIMIT=1", "tesseract"])
            while not os.path.exists(name): time.sleep(0.01)
            left = [signal.alarm(0), *resource.getrlimit(resource.RLIMIT_CPU)]
            return PlanDraft(document=DocumentInfo(title=json.dumps(left)))
    """
    draft = await read_in_child(b"", str(tmp_path / "pid"), Allowance(20, 20, scan_seconds=50), reading(body))
    left, soft, hard = json.loads(draft.document.title or "")
    assert 20 < left <= 50
    assert soft == hard == 50
    await gone(int((tmp_path / "pid").read_text()))


async def test_who_stops_waiting_leaves_nothing_behind(tmp_path: Path) -> None:
    body = """
        def read(data, name):
            with open(name + ".new", "w") as file: file.write(str(os.getpid()))
            os.rename(name + ".new", name)
            time.sleep(60)
    """
    file = tmp_path / "pid"
    waiting = asyncio.create_task(read_in_child(b"", str(file), Allowance(), reading(body)))
    async with asyncio.timeout(20):
        while not file.exists():
            await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await gone(int(file.read_text()))


async def gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}/status").exists() and "zombie" not in Path(f"/proc/{pid}/status").read_text():
            await asyncio.sleep(0.01)


async def test_two_are_read_at_once_and_the_third_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    reading: list[str] = []
    go_on = asyncio.Event()

    async def slowly(data: bytes, name: str, allowance: Allowance, program: str) -> PlanDraft:
        reading.append(name)
        await go_on.wait()
        return PlanDraft()

    monkeypatch.setattr(apart, "read_in_child", slowly)
    monkeypatch.setattr(apart, "PATIENCE", 0.05)
    first, second = (asyncio.create_task(read_apart(b"", name)) for name in ("1", "2"))
    while len(reading) < 2:
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="reading-busy"):
        await read_apart(b"", "3")
    assert reading == ["1", "2"]
    go_on.set()
    assert list(await asyncio.gather(first, second, read_apart(b"", "4"))) == [PlanDraft(), PlanDraft(), PlanDraft()]


def test_it_works_from_any_folder_and_where_nothing_is_installed(tmp_path: Path) -> None:
    """A copy of the two packages elsewhere reads with its own code, not with that of an installed project."""
    for package in ("documents", "domain"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "templates"))
    reader = tmp_path / "documents/read_file.py"
    reader.write_text(
        "from domain.plan import *\ndef read_file(data, name):\n"
        "    return PlanDraft(document=DocumentInfo(title=__file__))\n"
    )
    code = "from documents.read_apart import read_apart_now; print(read_apart_now(b'').document.title)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd="/", env={"PYTHONPATH": str(tmp_path)}, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == str(reader)
