"""`KILL=1`: kills the worker at chosen moments of the year and stops Temporal and PostgreSQL hard, once each.

Everything is done from outside: by the interceptor of `worker_under_fire`, by the mailbox right after its 250, and by
signals. Each is written down with what was under way.
"""

from __future__ import annotations

import asyncio
import json
import random  # noqa: TID251 seeded dice: the same seed, the same blows
import signal
from datetime import datetime
from email import message_from_bytes
from email.policy import default as default_policy
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from embedded.supervisor import Supervisor
from rehearsal.worker_under_fire import ORDER, RECORD

AFTER_COMMIT = (
    "assign", "remind_to_acknowledge", "open_round", "remind", "mark_overdue", "escalate", "take_in", "gather",
    "compile",
)  # fmt: skip
AFTER_250, PLAIN = 4, 3
LEAST_KILLS = 10
QUIET_JUMPS = 0.4
"""The share of jumps that are left in peace, so that recovered and unhurt moments take turns."""
DOWN_SECONDS = 2.0


class Blow(StrEnum):
    """One thing to be done."""

    AFTER_COMMIT = "after-commit"
    AFTER_250 = "after-250"
    PLAIN = "plain"
    TEMPORAL = "temporal"
    POSTGRES = "postgres"


def draw(seed: int) -> list[Blow]:
    """The year's blows in the order in which they are tried; the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311
    blows = [Blow.AFTER_COMMIT] * len(AFTER_COMMIT) + [Blow.AFTER_250] * AFTER_250 + [Blow.PLAIN] * PLAIN
    blows += [Blow.TEMPORAL, Blow.POSTGRES]
    dice.shuffle(blows)
    return blows


class Kills:
    """Deals the blows while the year is played. At most one blow at a jump, and none before the last was recovered."""

    def __init__(self, supervisor: Supervisor, engine: AsyncEngine, folder: Path, seed: int) -> None:
        self._supervisor = supervisor
        self._engine = engine
        self._folder = folder
        self._dice = random.Random(seed + 1)  # noqa: S311
        self._left = draw(seed)
        self._now: datetime | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._after_250 = False
        self._activities = list(AFTER_COMMIT)
        self.done: list[dict[str, Any]] = []
        folder.mkdir(parents=True, exist_ok=True)
        supervisor.mailbox.on_accepted = self._mail_accepted

    def on_jump(self, to: datetime) -> None:
        """The clock was moved; maybe deal the next blow at this instant."""
        self._now = to
        self._collect()
        if self._dice.random() < QUIET_JUMPS:
            return
        ready = [blow for blow in self._left if not self._waits(blow)]
        if ready:
            self._left.remove(ready[0])
            self._deal(ready[0])

    def _waits(self, blow: Blow) -> bool:
        """Whether the last order of this kind has not found its moment yet."""
        if blow is Blow.AFTER_COMMIT:
            return (self._folder / ORDER).exists()
        return blow is Blow.AFTER_250 and self._after_250

    def _deal(self, blow: Blow) -> None:
        if blow is Blow.AFTER_COMMIT:
            order = self._folder / f".{ORDER}"
            order.write_text(json.dumps({"activities": self._activities}))
            order.rename(self._folder / ORDER)
        elif blow is Blow.AFTER_250:
            self._after_250 = True
        else:
            work = self._plain() if blow is Blow.PLAIN else self._stop_and_start(blow.value)
            self._tasks.append(asyncio.get_running_loop().create_task(work))

    def _mail_accepted(self, file: Path) -> None:
        """Called by the mailbox when its 250 has left: the worker dies before it can write that down."""
        if not self._after_250 or self._supervisor.pid("worker") is None:
            return
        self._after_250 = False
        pid = self._supervisor.pid("worker")
        self._supervisor.kill_child("worker", signal.SIGKILL)
        identity = str(message_from_bytes(file.read_bytes(), policy=default_policy)["Message-ID"])
        record = {"how": "kill -9 of the worker after the mail server's 250", "message_id": identity, "pid": pid}
        self._tasks.append(asyncio.get_running_loop().create_task(self._prove_unmarked(record, identity)))

    async def _prove_unmarked(self, record: dict[str, Any], identity: str) -> None:
        """Ask the books whether the mark was really missing when the worker died."""
        delivery = int(identity.strip("<>").partition("@")[0].rpartition(".")[2])
        async with self._engine.connect() as connection:
            state = await connection.scalar(text("SELECT state FROM delivery WHERE id = :id"), {"id": delivery})
        record["under_way"] = f"delivery {delivery} was {state} in the books"
        record["step_under_way"] = state == "reserved"
        self._write(record)

    async def _plain(self) -> None:
        await asyncio.sleep(self._dice.uniform(0.0, 0.08))
        pid = self._supervisor.pid("worker")
        if pid is None:
            return
        self._supervisor.kill_child("worker", signal.SIGKILL)
        async with self._engine.connect() as connection:
            busy = await connection.execute(
                text(
                    """SELECT w.workflow FROM wake w JOIN realm r ON r.id = w.realm
                       WHERE w.bell > 0 OR (w.closed_at IS NULL AND w.at <= r.now) ORDER BY 1 LIMIT 20"""
                )
            )
            waiting = [name for (name,) in busy]
        self._write({"how": "kill -9 of the worker", "pid": pid, "under_way": waiting, "step_under_way": False})

    async def _stop_and_start(self, name: str) -> None:
        await asyncio.sleep(self._dice.uniform(0.0, 0.05))
        pid = self._supervisor.pid(name)
        await self._supervisor.stop_hard(name)
        await asyncio.sleep(DOWN_SECONDS)
        await self._supervisor.start_again(name)
        self._write({"how": f"{name} stopped hard for {DOWN_SECONDS:.0f} s", "pid": pid, "step_under_way": False})

    def _collect(self) -> None:
        """Take in what the interceptor has written before it died."""
        record = self._folder / RECORD
        if record.exists():
            told = json.loads(record.read_text())
            record.unlink()
            if told["activity"] in self._activities:
                self._activities.remove(told["activity"])
            self._write({"how": "kill -9 of the worker by the interceptor", "step_under_way": True, **told})

    def _write(self, record: dict[str, Any]) -> None:
        self.done.append({"number": len(self.done) + 1, "at": self._now and self._now.isoformat(), **record})

    def complaint(self) -> str | None:
        """What was promised of the kills and did not come about; a year that was hardly hurt proves nothing."""
        workers = [k for k in self.done if k["how"].startswith("kill -9")]
        under_way = sum(bool(k["step_under_way"]) for k in workers)
        stopped = {k["how"].split()[0] for k in self.done} & {"temporal", "postgres"}
        if len(workers) < LEAST_KILLS or 2 * under_way < len(workers) or len(stopped) < 2:
            return f"{len(workers)} kills, {under_way} in the middle of a step, stopped: {', '.join(sorted(stopped))}"
        return None

    async def finish(self, file: Path) -> None:
        """Wait for what is under way and write the list."""
        await asyncio.gather(*self._tasks)
        self._collect()
        file.write_text(json.dumps(self.done, ensure_ascii=False, indent=2) + "\n")
