"""The process in which one document is read: it takes its own limits, reads, and answers with one JSON.

Standard output carries `{"draft": …}`, or `{"refused": {"kind", "code", "message"}}`, and nothing else: what a library
prints goes to standard error. Whatever else happens here is an end of the process, which `documents.read_apart`, the
other side, puts into words. Nothing is imported that only that side needs, since every document pays for it.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from domain.errors import DondocError
from domain.plan import PlanDraft

OUT_OF_MEMORY = 71
"""The exit code of a reading that was refused memory."""
RECOGNISER = "tesseract"
"""The one program that reading may start; a document that needs it is a scan and may take longer."""

Reader = Callable[[bytes, str], PlanDraft]


@dataclass(frozen=True)
class Allowance:
    """What one document may take: seconds of the processor and on the wall, bytes of address space and of a file.

    500 pages full of tables take some 45 seconds of the processor, and a busy machine gives a third of one. A scan has
    `scan_seconds` of both. `written` bounds each file: the answer, and what is handed to the recogniser.
    """

    processor_seconds: int = 120
    wall_seconds: int = 240
    scan_seconds: int = 600
    memory: int = 1536 * 1024 * 1024
    written: int = 64 * 1024 * 1024
    files: int = 64

    def words(self, name: str) -> str:
        """This allowance and the file's name as one argument of a command."""
        return json.dumps({**asdict(self), "name": name})


def serve(arguments: Sequence[str], reader: Reader) -> None:
    """Read the document on standard input within the `Allowance` that the one argument holds, and answer."""
    given = json.loads(arguments[0])
    name = given.pop("name")
    allowance = Allowance(**given)
    with _answers() as answers:
        _limit(allowance)
        data = _all_of_stdin()
        try:
            # Limits are set before anything heavy is imported: the reader imports what it needs when it is called.
            answer = {"draft": reader(data, name).to_json()}
        except DondocError as error:
            answer = {"refused": {"kind": type(error).__name__, "code": error.code, "message": error.message}}
        except MemoryError:
            os._exit(OUT_OF_MEMORY)  # at once: ending in good order may need memory too
        answers.write(json.dumps(answer).encode())


def _answers() -> IO[bytes]:
    """Standard output as it was given; from now on what is printed goes to standard error."""
    kept = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(kept, "wb")


def _all_of_stdin() -> bytes:
    """What was sent. Programs that are started find their standard input empty."""
    data = sys.stdin.buffer.read()
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, sys.stdin.fileno())
    os.close(empty)
    return data


def _limit(allowance: Allowance) -> None:
    """Take the limits. They hold for programs started from here too, the processor's time for each by itself."""
    if sys.platform == "linux":  # elsewhere the kernel knows no such limit, or not a useful one
        _lower(resource.RLIMIT_AS, allowance.memory)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, allowance.written)
    _lower(resource.RLIMIT_NOFILE, allowance.files)
    _lower(resource.RLIMIT_CPU, allowance.processor_seconds, allowance.scan_seconds)
    # The default action of SIGALRM ends the process even when it never comes back from a library written in C, and
    # when the process that waits for it has died. Reading is over long before, or it will never be.
    signal.alarm(allowance.wall_seconds)
    sys.addaudithook(lambda event, args: _guard(event, args, allowance))


def _lower(what: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the one that this process was given."""
    given = resource.getrlimit(what)[1]
    ceiling = soft if hard is None else hard
    ceiling = ceiling if given == resource.RLIM_INFINITY else min(ceiling, given)
    resource.setrlimit(what, (min(soft, ceiling), ceiling))


def _guard(event: str, args: tuple[Any, ...], allowance: Allowance) -> None:
    """Called by the interpreter before it does what `event` says; a document is a reason for neither network nor shell.

    Against faults of the readers, not against an attacker who already runs code of his own here.
    """
    if event == "subprocess.Popen":
        if _program(args[1]) != RECOGNISER:
            raise PermissionError(f"reading a document starts no {_program(args[1])}")
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if soft != hard:  # the first page of a scan; the others do not begin the time anew
            resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
            signal.alarm(allowance.scan_seconds)
    elif event in {"os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"} or event.startswith("socket."):
        raise PermissionError(f"reading a document needs no {event}")


def _program(command: Any) -> str:
    """The name of the program that a command starts, seen through `env`, which only sets variables for it."""
    words = [os.fsdecode(word) for word in ([command] if isinstance(command, str | bytes | Path) else command)]
    names = (Path(word).name for word in words if "=" not in word)
    return next((name for name in names if name != "env"), "")
