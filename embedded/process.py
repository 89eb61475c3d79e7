"""One process of the stack: in a session of its own, ending when we do, its output in a log file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import embedded.child

LOG_LIMIT = 10_000_000
"""A log of more bytes is put aside at the next start, as `.1`."""


@dataclass(frozen=True)
class Account:
    """An unprivileged account of the system."""

    name: str
    uid: int
    gid: int


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for the sentence of an error."""
    if not log.exists():
        return "(no log)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8_000))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:]) or "(empty log)"


def open_log(log: Path) -> int:
    """Open `log` for appending, readable by us only; returns the descriptor, which the caller closes."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked after yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except ProcessLookupError:
        return False  # it ended between the opening of the file and its reading
    except FileNotFoundError:
        # Without /proc the signal has to do; with it, the process ended between the two questions.
        return not Path("/proc/self").exists()


def children_of(pid: int) -> list[int]:
    """The direct children of a process (Linux; elsewhere none are found)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found.append(int(folder.name))
    return found


def send(pid: int, number: int, *, group: bool = False) -> None:
    """Send a signal to a process or its group; that it has ended already is fine."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        return


async def kill_family(parent: int) -> None:
    """SIGKILL for a process and its children, which may be groups of their own, and wait until all are gone."""
    send(parent, signal.SIGSTOP)  # so that it has no further children while we count them
    family = [parent, *children_of(parent)]
    for pid in family:
        send(pid, signal.SIGKILL)
    while any(is_alive(pid) for pid in family):  # noqa: ASYNC110 - they are not children of ours to wait for
        await asyncio.sleep(0.01)


class Process:
    """A program, started again and again with the same arguments. Not restarted by itself: see `embedded.keeper`."""

    def __init__(
        self,
        argv: Sequence[str],
        log_file: Path,
        env: Mapping[str, str],
        *,
        account: Account | None = None,
        death_signal: int = signal.SIGKILL,
        cwd: Path | None = None,
    ) -> None:
        """`env` is the child's whole environment; `death_signal` reaches it when we die."""
        self._argv = list(argv)
        self._log_file = log_file
        self._env = dict(env)
        self._account = account
        self._death_signal = int(death_signal)
        self._cwd = cwd
        self._running: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id, which is its group's too; `None` while it is not running."""
        running = self._running
        return running.pid if running is not None and running.returncode is None else None

    async def start(self) -> None:
        """Start the program; it must not be running."""
        # By path and isolated (-I -S): neither the caller's folder nor its packages have a say, and it takes 20 ms.
        wrapper = [sys.executable, "-I", "-S", embedded.child.__file__, "--parent", str(os.getpid())]
        wrapper += ["--signal", str(self._death_signal)]
        if self._account is not None:
            wrapper += ["--account", f"{self._account.uid}:{self._account.gid}"]
        log = open_log(self._log_file)
        try:
            self._running = await asyncio.create_subprocess_exec(
                *wrapper, "--", *self._argv, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._env, cwd=self._cwd, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(log)

    async def wait(self) -> int:
        """Wait for the end of the program; returns its exit code, negative for a signal."""
        if self._running is None:
            raise RuntimeError("not started")
        return await self._running.wait()

    async def stop(self, number: int = signal.SIGTERM, grace: float = 10.0) -> None:
        """Ask the program to end, then, after `grace` seconds, end it and whatever it has started in its group."""
        if self._running is None:
            return
        if self.pid is not None:
            send(self._running.pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._running.wait(), grace)
        await self.kill()

    async def kill(self) -> None:
        """SIGKILL to the program's whole group, also to what is left of the group when the program has ended."""
        if self._running is None:
            return
        send(self._running.pid, signal.SIGKILL, group=True)
        await self._running.wait()
