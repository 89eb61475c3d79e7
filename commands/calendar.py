"""`dondoc calendar`: the days off of a realm, changing one, and filling the calendar anew from the library."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from commands.frame import books, day, running
from domain.calendar_changes import day_words
from domain.errors import Refusal
from domain.notices import day_text, deadline_text, instant_text
from domain.regime import WEEKDAYS
from domain.reporting import task_label
from settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from models.facts.calendar import Overridden
    from models.queries.calendar import CalendarChange

YES = frozenset({"c", "có", "co", "y", "yes"})
LISTED = 20
"""Lines of what moves that are printed; the page lists all."""


async def list_days(a: argparse.Namespace, settings: Settings) -> int:
    """Print the days off and swapped days of a year; a star marks what the authority set itself."""
    from commands.output import console, table
    from models.queries.calendar import read_year

    async with books(running(a, settings)) as engine, engine.connect() as connection:
        found = await read_year(connection, a.realm, a.year)
    rows = [
        (
            f"{day_text(each.day)}{' *' if each.own else ''}",
            WEEKDAYS[each.day.weekday()],
            day_words(each.working),
            each.name + (f" ({each.by}, {instant_text(each.at)})" if each.at else ""),
        )
        for each in found.days
    ]
    title = f"Lịch làm việc của {a.realm}, năm {found.year} ({found.version})"
    console().print(table(title, ("Ngày", 3), ("Thứ", 2), ("Là", 3), ("Vì", 9), rows=rows, ruled=False))
    print("Thứ Bảy, Chủ nhật khác là ngày nghỉ. Dấu * là ngày cơ quan tự đặt.")
    return 0


async def set_day(a: argparse.Namespace, settings: Settings) -> int:
    """Show what changing a day would move; change it once that is confirmed."""
    from commands.acting import acting_admin
    from models.facts.calendar import override_day
    from models.queries.calendar import preview_override

    which, working = day(a.day), a.state == "working"
    async with books(running(a, settings)) as engine:
        actor = await acting_admin(engine, a.realm, a.person)
        async with engine.connect() as connection:
            change = await preview_override(connection, a.realm, which, working)
        _print(change)
        return await _confirmed(
            a,
            change,
            lambda move: override_day(engine, actor, which, working, a.reason, move, change.moves),
        )


async def refresh(a: argparse.Namespace, settings: Settings) -> int:
    """Show what the library has otherwise by now and which years are wanting; take it in once that is confirmed."""
    from commands.acting import acting_admin
    from commands.output import shown
    from models.facts.calendar import refresh_calendar
    from models.queries.calendar import preview_refresh

    async with books(running(a, settings)) as engine:
        actor = await acting_admin(engine, a.realm, a.person)
        async with engine.connect() as connection:
            found = await preview_refresh(connection, a.realm)
        if not found.added and not found.change.days and found.version == found.recorded:
            print(f"Lịch đã đủ đến năm {found.last_year} theo {found.version}; không có gì để bổ sung.")
            return 0
        print(f"Từ {found.recorded} sang {found.version}, đến hết năm {found.last_year}: thêm {found.added} ngày.")
        for each in found.change.days:
            print(f"  {day_text(each.day)} là {day_words(each.working)} {shown(each.name).plain}".rstrip())
        _print(found.change)
        return await _confirmed(a, found.change, lambda move: refresh_calendar(engine, actor, move, found.change.moves))


def _print(change: CalendarChange) -> None:
    """What moves, in a few lines."""
    from commands.output import console

    out = console()
    print(f"{change.moves} hạn đang chạy sẽ dời ({change.obligations} nghĩa vụ báo cáo).")
    _print_deadlines(out, change)
    for line in [each for each in change.rollups if each.running]:
        print(f"  {line.plan}: báo cáo tổng hợp kỳ {line.period}, {_moved(line.old_strict, line.new_strict, ' → ')}")
    print(f"{change.rungs} lần nhắc đổi ngày mà hạn giữ nguyên.")
    print(f"{change.rounds_ahead} kỳ chưa mở tự tính theo lịch mới.")


def _print_deadlines(out: Console, change: CalendarChange) -> None:
    from commands.output import table

    rows = [
        (
            f"{line.plan}: {task_label(line.task)} kỳ {line.round}",
            str(len(line.units)),
            _moved(line.old_strict, line.new_strict),
            _moved(line.old_late, line.new_late),
        )
        for line in change.deadlines[:LISTED]
    ]
    if rows:
        columns = ("Nhiệm vụ", 4), ("Đơn vị", None), ("Ngày làm việc cuối để gửi", 4), ("Trễ nhất", 4)
        out.print(table("", *columns, rows=rows, ruled=False))
    if len(change.deadlines) > LISTED:
        print(f"… và {len(change.deadlines) - LISTED} dòng nữa; trang Lịch làm việc liệt kê đủ.")


def _moved(was: datetime, becomes: datetime, between: str = "\n→ ") -> str:
    """What stays once, what moves on two lines of its cell."""
    return deadline_text(was) if was == becomes else f"{deadline_text(was)}{between}{deadline_text(becomes)}"


async def _confirmed(
    a: argparse.Namespace, change: CalendarChange, make: Callable[[bool], Awaitable[Overridden]]
) -> int:
    """Ask, unless `--yes` says so already; raises `Refusal` where nobody can be asked."""
    if not a.yes:
        if not sys.stdin.isatty():
            words = "Chưa thay đổi gì: không hỏi được ở đây. Xem danh sách trên, rồi chạy lại với --yes để áp dụng."
            raise Refusal("confirmation-missing", words)
        what = "giữ nguyên hạn đang chạy" if a.keep_running else f"dời {change.moves} hạn"
        print(f"Đổi lịch và {what}? [c/K] ", end="", flush=True)
        if sys.stdin.readline().strip().casefold() not in YES:
            raise Refusal("confirmation-refused", "Không đổi gì.")
    made = await make(not a.keep_running)
    print(f"Đã đổi lịch ({made.version}); {made.moved} hạn đã dời.")
    return 0
