"""Reads a document in a process of its own, with limits on time, memory and files: a bad one cannot hurt ours.

A reader that loops, swells or falls ends its own process and nothing else; whoever sent the document gets a sentence.
The process is given the bytes and an environment without a single secret. It needs neither an installed project nor a
working directory: it imports our code from where this module was imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from weakref import WeakKeyDictionary

import structlog

from documents.apart import OUT_OF_MEMORY, Allowance
from documents.limits import MAX_BYTES
from domain.errors import DondocError, Refusal, TooLarge, Unavailable
from domain.plan import PlanDraft

AT_ONCE = 2
"""How many documents one process reads at the same time."""
PATIENCE = 60.0
"""Seconds to wait for one's turn. Two scans may take ten minutes, and nobody waits for an answer so long."""
GRACE = 15
"""Seconds after which a process that should have ended itself is ended."""
LONGEST_COMPLAINT = 4000
_KINDS = {kind.__name__: kind for kind in (Refusal, TooLarge, Unavailable)}

# `-I` keeps the working directory and the environment from lending modules to the process; where we are not installed,
# that hides our own, so the process is told where they are.
START = "import sys; root = sys.argv[1]; sys.path.insert(0, root) if root not in sys.path else None\n"
PROGRAM = START + (
    "from documents.apart import serve; from documents.read_file import read_file; serve(sys.argv[2:], read_file)"
)
ROOT = Path(__file__).resolve().parent.parent

log = structlog.get_logger(__name__)
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, a signal's number below zero; what it answered and complained of."""

    code: int
    answer: bytes
    complaint: bytes


async def read_apart(data: bytes, name: str = "") -> PlanDraft:
    """The draft of the plan in a file, as `documents.read_file.read_file` reads it.

    Raises `TooLarge` before anything is read, the reader's own `Refusal`, `Refusal("document-unreadable")` where the
    document was too much for the reader, and `Unavailable` where others' documents are being read for long.
    """
    check_size(len(data))
    async with _turn():
        return await read_in_child(data, name, Allowance(), PROGRAM)


def read_apart_now(data: bytes, name: str = "") -> PlanDraft:
    """`read_apart` for callers without an event loop."""
    return asyncio.run(read_apart(data, name))


def check_size(size: int) -> None:
    """Raises `TooLarge` for more bytes than any reader takes."""
    if size > MAX_BYTES:
        words = (
            f"Tệp có {_megabytes(size)}, vượt quá {_megabytes(MAX_BYTES)}. "
            "Hãy giảm dung lượng ảnh, hoặc chỉ gửi phần văn bản và phụ lục nhiệm vụ."
        )
        raise TooLarge("document-too-large", words)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",").replace(",0 ", " ")


@contextlib.asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
    try:
        async with asyncio.timeout(PATIENCE):
            await turns.acquire()
    except TimeoutError:
        words = "Hệ thống đang đọc các văn bản khác. Hãy gửi lại văn bản này sau ít phút."
        raise Unavailable("reading-busy", words) from None
    try:
        yield
    finally:
        turns.release()


async def read_in_child(data: bytes, name: str, allowance: Allowance, program: str) -> PlanDraft:
    """Read with a program of one's own and another allowance; `read_apart` is this with the usual ones."""
    with tempfile.TemporaryDirectory(prefix="dondoc-") as folder:
        ended = await _run(data, [program, str(ROOT), allowance.words(name[:200])], folder, allowance)
    # An answer of several megabytes takes a while to check, in which others are to be served.
    return await asyncio.to_thread(_draft, ended, allowance)


async def _run(data: bytes, arguments: list[str], folder: str, allowance: Allowance) -> Ended:
    """Run the process to its end, or to ours: nothing that it started outlives this."""
    # Files, not pipes: the kernel bounds what is written to a file, and no one has to keep reading.
    with _file(folder, data) as given, _file(folder) as answer, _file(folder) as complaint:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", *arguments,
            stdin=given, stdout=answer, stderr=complaint, cwd=folder, env=_environment(folder), start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(allowance.scan_seconds + GRACE):
                await child.wait()
        except TimeoutError:
            _end(child.pid)
            await child.wait()
            return Ended(-signal.SIGALRM, b"", b"")
        finally:
            _end(child.pid)
            code = await child.wait()
        return Ended(code, _content(answer), _content(complaint)[-LONGEST_COMPLAINT:])


def _end(group: int) -> None:
    """Kill a process and all that it started; its number is not given to others while one of them is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _file(folder: str, content: bytes = b"") -> IO[bytes]:
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.seek(0)
    return file


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _environment(folder: str) -> dict[str, str]:
    """What the process needs to find its programs and a place to write; one thread, since memory is counted."""
    return {
        "PATH": os.pathsep.join(os.get_exec_path()),
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": folder,
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
    }


def _draft(ended: Ended, allowance: Allowance) -> PlanDraft:
    """What the process answered; raises what it refused, or `document-unreadable` with what is known of its end."""
    answer = _answer(ended.answer) if ended.code == 0 else None
    if isinstance(answer, PlanDraft):
        return answer
    if answer is not None:
        raise answer
    log.warning("document unreadable", code=ended.code, complaint=ended.complaint.decode(errors="replace"))
    raise Refusal("document-unreadable", _words(ended.code, allowance))


def _answer(written: bytes) -> PlanDraft | DondocError | None:
    """The draft or the refusal that was written; None for anything else."""
    try:
        answer = json.loads(written)
        if "draft" in answer:
            return PlanDraft.from_json(answer["draft"])
        refused = answer["refused"]
        return _KINDS[refused["kind"]](refused["code"], refused["message"])
    except (ValueError, KeyError, TypeError, RecursionError, Refusal):
        return None


def _words(code: int, allowance: Allowance) -> str:
    """The sentence for an end that was not in good order."""
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return (
            f"Đọc văn bản này quá lâu nên đã dừng lại (tối đa {allowance.wall_seconds} giây, "
            f"bản quét {allowance.scan_seconds} giây). Hãy tách văn bản thành các phần nhỏ hơn, "
            "hoặc gửi bản Word thay cho bản quét."
        )
    if code in (OUT_OF_MEMORY, -signal.SIGKILL):
        return (
            f"Đọc văn bản này cần quá nhiều bộ nhớ nên đã dừng lại (tối đa {_megabytes(allowance.memory)}). "
            "Hãy tách văn bản thành các phần nhỏ hơn, giảm độ phân giải ảnh, hoặc gửi bản Word."
        )
    return (
        "Văn bản này làm chương trình đọc dừng giữa chừng, có thể vì tệp bị hỏng. Hãy mở tệp, lưu lại thành .docx "
        "rồi gửi lại; nếu vẫn không được, hãy gửi tệp cho quản trị hệ thống."
    )
