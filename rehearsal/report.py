"""What stands at the end of a rehearsal: the files under `out/` and the account on the screen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from documents.render_letter import render_letter
from domain.errors import Refusal
from domain.reporting import FourCounts, task_label
from domain.status import STATE_WORDS, State, combined
from domain.workdays import VIETNAM
from embedded.supervisor import Addresses
from models.queries.clock import read_now
from models.queries.letters import list_letters, read_letter
from models.queries.timeline import timeline
from rehearsal.judge import Verdict

_FILES = """
SELECT a.name, a.content FROM artefact a JOIN rollup r ON r.id = a.rollup_id AND r.version = a.version
JOIN plan p ON p.id = r.plan_id WHERE p.realm = :realm
"""
_REPORTERS = """
SELECT u.name AS unit, t.ordinal, obligation_state(o, m.now) AS state, s.received_at, s.nil
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
JOIN realm m ON m.id = p.realm JOIN unit u ON u.id = o.unit_id
LEFT JOIN LATERAL (SELECT * FROM submission s WHERE s.obligation_id = o.id ORDER BY revision DESC LIMIT 1) s ON true
WHERE p.realm = :realm AND o.withdrawn_at IS NULL ORDER BY t.ordinal, s.received_at NULLS LAST, u.name
"""

_OUR_MAIL = re.compile(r"[0-9]{6,}\.(eml|json)")
_OUR_FILE = re.compile(
    r"timeline\.txt|kills\.json|bao-cao-[0-9]{4}[^/]*\.(docx|pdf|xlsx)|cong-van-don-doc-[0-9a-z-]+\.docx"
)
_SUMMARY = "summary.json"


def check_out(out: Path) -> None:
    """Make the folder if there is none; changes nothing in one that is there.

    Raises `Refusal`: `out-not-ours` for a folder with files of somebody else's only, `out-unwritable`.
    """
    with _refusing(out):
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()) and not (_summary_is_ours(out / _SUMMARY) or _mail_is_ours(out / "mail")):
            words = f"{out.absolute()} có tệp không phải của lần diễn tập trước; hãy chọn thư mục khác bằng --out."
            raise Refusal("out-not-ours", words)
        (out / "mail").mkdir(exist_ok=True)
        for folder in (out, out / "mail"):
            with tempfile.TemporaryFile(dir=folder):
                pass


def clear_out(out: Path) -> None:
    """Delete what an earlier rehearsal wrote into the folder, and nothing else."""
    with _refusing(out):
        ours = [file for file in (out / "mail").iterdir() if _OUR_MAIL.fullmatch(file.name)]
        ours += [file for file in out.iterdir() if _OUR_FILE.fullmatch(file.name)]
        if _summary_is_ours(out / _SUMMARY):
            ours.append(out / _SUMMARY)  # last of all, since it says that the folder is ours
        for file in ours:
            file.unlink()


@contextlib.contextmanager
def _refusing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"Không ghi được vào {out.absolute()} ({error.strerror}); hãy chọn thư mục khác bằng --out."
        raise Refusal("out-unwritable", words) from error


def _summary_is_ours(file: Path) -> bool:
    try:
        return {"realm", "notices", "rollups"} <= set(json.loads(file.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return False


def _mail_is_ours(folder: Path) -> bool:
    return folder.is_dir() and all(_OUR_MAIL.fullmatch(file.name) for file in folder.iterdir())


async def save_files(engine: AsyncEngine, realm: str, mailbox: Path, out: Path) -> None:
    """Copy the raw messages with their envelopes, the rollup's files, the letters and the plan's readable account."""
    await asyncio.to_thread(_copy_mails, mailbox, out / "mail")
    async with engine.connect() as connection:
        for name, content in await connection.execute(text(_FILES), {"realm": realm}):
            (out / name).write_bytes(content)
        await _save_letters(connection, realm, out)
        entries = await timeline(connection, realm)
    lines = [f"{e.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}  {e.who}: {e.what}" for e in entries]
    (out / "timeline.txt").write_text("\n".join(lines) + "\n")


async def _save_letters(connection: AsyncConnection, realm: str, out: Path) -> None:
    now = await read_now(connection, realm)
    for line in await list_letters(connection, realm):
        view = await read_letter(connection, realm, line.id, now)
        if view.content is not None:  # nothing is left to urge for where all has come meanwhile
            document = await asyncio.to_thread(render_letter, view.content)
            (out / f"cong-van-don-doc-{line.id}-{line.unit}.docx").write_bytes(document)


def _copy_mails(mailbox: Path, folder: Path) -> None:
    for file in mailbox.iterdir():
        if _OUR_MAIL.fullmatch(file.name):
            shutil.copyfile(file, folder / file.name)


async def print_report(
    engine: AsyncEngine, realm: str, out: Path, verdict: Verdict, addresses: Addresses, seconds: float, keep: bool
) -> None:
    """Who reported when, both four-state counts, the verdict, the files and the addresses."""
    console = Console()
    async with engine.connect() as connection:
        rows: list[Any] = list((await connection.execute(text(_REPORTERS), {"realm": realm})).mappings())
    console.print(_reporters(rows))
    console.print(_counts(rows))
    for title, found in (
        ("Thiếu", verdict.missing),
        ("Lặp", verdict.doubled),
        ("Ngoài dự kiến", verdict.unexpected),
    ):
        for words in found:
            console.print(f"[bold red]{title}[/]: ", end="")
            console.print(words, markup=False, highlight=False, soft_wrap=True)
    for words in verdict.physical_duplicates:
        console.print(f"Thư tới máy chủ hơn một lần, cùng Message-ID: {words}", markup=False, highlight=False)
    kills = out / "kills.json"
    if kills.exists():
        _print_kills(console, json.loads(kills.read_text()), kills)
    judged = "[bold green]đúng như dự kiến[/]" if verdict.passed else "[bold red]KHÁC dự kiến[/]"
    console.print(
        f"Đối chiếu thư, nhật ký Zalo và sổ với {verdict.expected} thông báo dự kiến: {judged}.", soft_wrap=True
    )
    names = ", ".join(sorted(f.name for f in out.iterdir() if f.is_file()))
    mails = len(list((out / "mail").glob("*.eml")))
    console.print(
        f"{out}/: {names}, mail/ ({mails} thư). Thời gian: {seconds:.0f} giây.", highlight=False, soft_wrap=True
    )
    if not keep:
        console.print("Bộ máy chủ dừng ở đây. Muốn giữ nó chạy để mở các trang sau: make demo KEEP=1.", highlight=False)
    console.print(
        f"Temporal: {addresses.temporal_ui}   API: {addresses.api}/docs   Hộp thư: {addresses.pages}",
        highlight=False,
        soft_wrap=True,
    )


def _reporters(rows: list[Any]) -> Table:
    table = Table(title="Ai báo cáo khi nào", title_justify="left")
    for column in ("Nhiệm vụ", "Đơn vị", "Nhận lúc", "Trạng thái"):
        table.add_column(column)
    for row in rows:
        received = f"{row['received_at'].astimezone(VIETNAM):%d/%m/%Y %H:%M}" if row["received_at"] else "—"
        nil = " (không phát sinh)" if row["nil"] else ""
        state = State(row["state"])
        style = "red" if state is State.OPEN_OVERDUE else "yellow" if state is State.DONE_LATE else ""
        table.add_row(task_label(row["ordinal"]), row["unit"], received + nil, STATE_WORDS[state], style=style)
    return table


def _counts(rows: list[Any]) -> Table:
    by_task: dict[int, list[State]] = {}
    for row in rows:
        by_task.setdefault(row["ordinal"], []).append(State(row["state"]))
    table = Table(title="Bốn trạng thái", title_justify="left")
    for column in ("", "Tổng", *STATE_WORDS.values()):
        table.add_column(column, justify="left" if not column else "right")
    for words, counts in (
        ("Nhiệm vụ", FourCounts.of(combined(states) for states in by_task.values())),
        ("Nghĩa vụ báo cáo", FourCounts.of(state for states in by_task.values() for state in states)),
    ):
        figures = (counts.total, counts.done_on_time, counts.done_late, counts.open_in_term, counts.open_overdue)
        table.add_row(words, *map(str, figures))
    return table


def _print_kills(console: Console, kills: list[dict[str, Any]], file: Path) -> None:
    workers = [k for k in kills if "kill -9" in k["how"]]
    under_way = sum(k["step_under_way"] for k in workers)
    console.print(
        f"Worker bị kill -9 {len(workers)} lần, {under_way} lần giữa một bước; "
        f"máy chủ bị dừng cứng {len(kills) - len(workers)} lần ({file}).",
        soft_wrap=True,
    )
