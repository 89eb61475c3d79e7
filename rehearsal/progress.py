"""What one sees while a year is played: the business date, what just happened, and the open and late counts."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.reporting import FourCounts
from domain.workdays import VIETNAM

REFRESH_SECONDS = 0.4
LINES = 10

_LOOK = """
SELECT r.now, (SELECT count(*) FROM delivery d WHERE d.realm = r.id AND d.state = 'sent') AS sent
FROM realm r WHERE r.id = :realm
"""
_COUNTS = """
SELECT obligation_state(o, :now), count(*) FROM obligation o JOIN round r ON r.id = o.round_id
JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id WHERE p.realm = :realm AND o.withdrawn_at IS NULL
GROUP BY 1
"""
_STEPS = """
SELECT at, d FROM step, jsonb_array_elements_text(result -> 'did') d
WHERE realm = :realm AND at > :since AND workflow NOT LIKE '%/dispatch' ORDER BY at, workflow, number LIMIT 200
"""


class Progress:
    """A live display on a terminal; elsewhere one line for each act, with the open and late counts."""

    def __init__(self, engine: AsyncEngine, realm: str, begins: datetime, ends: datetime) -> None:
        self._engine = engine
        self._realm = realm
        self._begins = begins
        self._ends = ends
        self._console = Console()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._live: Live | None = None
        self._task: asyncio.Task[None] | None = None
        self._since = begins
        self._head = ""

    def __enter__(self) -> Progress:
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
            self._task = asyncio.get_running_loop().create_task(self._run())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._live is not None:
            self._live.stop()

    async def show(self, at: datetime, words: str) -> None:
        """Something that somebody in the script does now."""
        line = f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}  {words}"
        if self._live is None:
            self._console.print(line + await self._figures(), highlight=False, markup=False, soft_wrap=True)
        else:
            self._lines.append(line)

    async def _figures(self) -> str:
        try:
            async with self._engine.connect() as connection:
                now, _ = (await connection.execute(text(_LOOK), {"realm": self._realm})).one()
                counts = await self._counts(connection, now)
        except (DBAPIError, OSError):
            return ""  # PostgreSQL is down for a moment; the next line has them again
        return f"  [mở {counts.open}, quá hạn {counts.open_overdue}, xong {counts.done}, chậm {counts.done_late}]"

    async def _counts(self, connection: AsyncConnection, now: datetime) -> FourCounts:
        rows = await connection.execute(text(_COUNTS), {"realm": self._realm, "now": now})
        return FourCounts(**dict(rows.all()))

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except (DBAPIError, OSError):
                self._head = "PostgreSQL đang dừng; đồng hồ diễn tập đứng lại"
            await asyncio.sleep(REFRESH_SECONDS)

    async def _look(self) -> None:
        async with self._engine.connect() as connection:
            now, sent = (await connection.execute(text(_LOOK), {"realm": self._realm})).one()
            counts = await self._counts(connection, now)
            steps = list(await connection.execute(text(_STEPS), {"realm": self._realm, "since": self._since}))
        for at, did in steps:
            self._since = max(self._since, at)
            self._lines.append(f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M}  · {did}")
        if self._live is not None:
            self._live.update(self._panel(now, counts, sent))

    def _panel(self, now: datetime, counts: FourCounts, sent: int) -> Panel:
        figures = Table.grid(padding=(0, 3))
        figures.add_row(
            f"[bold]{now.astimezone(VIETNAM):%d/%m/%Y %H:%M}[/]",
            f"đang mở [bold]{counts.open}[/] (quá hạn [bold red]{counts.open_overdue}[/])",
            f"hoàn thành [bold green]{counts.done}[/] (chậm {counts.done_late})",
            f"bản tin đã gửi {sent}",
        )
        whole = (self._ends - self._begins).total_seconds()
        bar = Table.grid()
        bar.add_row(ProgressBar(total=whole, completed=(now - self._begins).total_seconds(), width=60))
        body = Group(figures, bar, Text("\n".join(self._lines), overflow="ellipsis", no_wrap=True))
        return Panel(body, title="Đôn Đốc · diễn tập", subtitle=self._head or None)
