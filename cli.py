"""The command `dondoc`: reads its arguments, composes, and translates refusals into a sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.errors import DondocError, Refusal, Unavailable
from domain.workdays import VIETNAM
from logs import configure_logs
from settings import Settings, read_settings

REFUSED, DOWN, JUDGED = 2, 3, 1
SAMPLE = Path(__file__).resolve().parent / "samples" / "binh-phuoc"

Command = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]


async def demo(a: argparse.Namespace, settings: Settings) -> int:
    """Play a script and judge it; with --keep the stack stays up until Ctrl-C."""
    from rehearsal.demo import Options, run_demo

    with contextlib.ExitStack() as ends:
        data = a.data or Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-")))
        options = Options(a.script, a.expect, data, a.out, a.seed if a.kill else None, a.keep)
        verdict = await run_demo(options)
    return 0 if verdict.passed else JUDGED


async def up(a: argparse.Namespace, settings: Settings) -> int:
    """Start the stack to work with; a restart goes on where it was."""
    from embedded.commands import run_up

    return await run_up(a.data, settings)


async def migrate(a: argparse.Namespace, settings: Settings) -> int:
    """Bring the books to the newest schema."""
    from models.migrate import head
    from models.migrate import migrate as run_migrations

    await run_migrations(_running(a, settings).dsn)
    print(f"Cơ sở dữ liệu ở phiên bản {head()}.")
    return 0


async def timeline(a: argparse.Namespace, settings: Settings) -> int:
    """Print the readable account of a plan, task or unit."""
    from models.queries.account import account
    from models.session import make_engine

    engine = make_engine(_running(a, settings).dsn)
    print("\n".join(await account(engine, a.realm, a.what, a.id)))
    await engine.dispose()
    return 0


async def rebuild(a: argparse.Namespace, settings: Settings) -> int:
    """Start every open process again from the books."""
    from models.session import make_engine
    from workflows.client import Ringer, connect
    from workflows.rebuilding import rebuild as ring_all

    running = _running(a, settings)
    engine = make_engine(running.dsn)
    client = await connect(running.temporal_address, running.temporal_namespace)
    count = await ring_all(engine, Ringer(client, engine))
    await engine.dispose()
    print(f"Đã gọi lại {count} quy trình từ sổ.")
    return 0


async def realm(a: argparse.Namespace, settings: Settings) -> int:
    """Make a realm from a registry file."""
    from documents.read_registry import read_registry
    from models.facts.realms import create_realm
    from models.session import make_engine

    engine = make_engine(_running(a, settings).dsn)
    registry = read_registry(_read(a.registry))
    begins = _instant(a.rehearse_from) if a.rehearse_from else None
    await create_realm(engine, a.realm, registry, begins, a.first_year, a.last_year)
    await engine.dispose()
    print(f"Đã tạo không gian {a.realm}: {len(registry.units)} đơn vị, {len(registry.people)} người.")
    return 0


async def rehearse(a: argparse.Namespace, settings: Settings) -> int:
    """Step a rehearsal's clock to an instant, doing everything that is due on the way."""
    from models.session import make_engine
    from rehearsal.driver import Driver
    from workflows.client import Ringer, connect

    running = _running(a, settings)
    engine = make_engine(running.dsn)
    client = await connect(running.temporal_address, running.temporal_namespace)
    driver, until = Driver(engine, Ringer(client, engine), a.realm), _instant(a.until)
    await driver.check(until)
    await driver.live_until(until)
    await engine.dispose()
    print(f"Không gian {a.realm} đứng ở {a.until}.")
    return 0


async def token(a: argparse.Namespace, settings: Settings) -> int:
    """Make a sign-in token for a person; printed once."""
    from models.facts.tokens import issue_token
    from models.session import make_engine

    engine = make_engine(_running(a, settings).dsn)
    print(await issue_token(engine, a.realm, a.person, a.days))
    await engine.dispose()
    return 0


def _running(a: argparse.Namespace, settings: Settings) -> Settings:
    """The settings given in the environment, else those of the stack that runs in the data folder."""
    if settings.dsn:
        return settings
    from embedded.commands import recalled

    return read_settings(recalled(a.data))


def _instant(words: str) -> datetime:
    try:
        return datetime.fromisoformat(words).replace(tzinfo=VIETNAM)
    except ValueError:
        raise Refusal("date-invalid", f"{words!r} không phải ngày giờ; ví dụ 2024-01-15T08:00.") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal("file-unreadable", f"Không đọc được {file}: {error.strerror}.") from error


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="dondoc", description="Đôn Đốc: giao việc, nhắc, đôn đốc và tổng hợp báo cáo.")
    commands = top.add_subparsers(dest="command", required=True)
    p = commands.add_parser("demo", help="diễn tập một năm trên bộ máy chủ thật, rồi đối chiếu")
    p.set_defaults(run=demo)
    p.add_argument("--script", type=Path, default=SAMPLE / "year-2024.toml")
    p.add_argument("--expect", type=Path, default=SAMPLE / "expected-2024.toml")
    p.add_argument("--data", type=Path, help="thư mục dữ liệu (mặc định: thư mục tạm, xóa khi xong)")
    p.add_argument("--out", type=Path, default=Path("out"))
    p.add_argument("--kill", action="store_true", help="giết worker và dừng máy chủ giữa chừng")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep", action="store_true", help="giữ máy chủ chạy đến khi nhấn Ctrl-C")
    p = commands.add_parser("up", help="chạy bộ máy chủ để làm việc")
    p.set_defaults(run=up)
    p.add_argument("--data", type=Path, default=Path("data"))
    for name, run, words in (
        ("migrate", migrate, "nâng cấp cơ sở dữ liệu"),
        ("rebuild", rebuild, "dựng lại mọi quy trình từ sổ"),
    ):
        p = commands.add_parser(name, help=words)
        p.set_defaults(run=run)
        _data_option(p)
    p = commands.add_parser("timeline", help="diễn biến của kế hoạch, nhiệm vụ hay đơn vị")
    p.set_defaults(run=timeline)
    p.add_argument("what", choices=["plan", "task", "unit"])
    p.add_argument("id", help="mã kế hoạch; mã kế hoạch/số nhiệm vụ; mã đơn vị")
    p.add_argument("--realm")
    _data_option(p)
    _registry_commands(commands)
    return top


def _registry_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    p = commands.add_parser("realm", help="tạo không gian từ danh mục đơn vị")
    p.set_defaults(run=realm)
    p.add_argument("realm")
    p.add_argument("registry", type=Path)
    p.add_argument("--rehearse-from", help="ngày giờ bắt đầu diễn tập, ví dụ 2024-01-15T08:00")
    _data_option(p)
    p.add_argument("--first-year", type=int, default=2024)
    p.add_argument("--last-year", type=int, default=2030)
    p = commands.add_parser("rehearse", help="cho đồng hồ diễn tập chạy tới một thời điểm")
    p.set_defaults(run=rehearse)
    p.add_argument("realm")
    p.add_argument("--until", required=True, help="ví dụ 2024-11-29T17:00")
    _data_option(p)
    p = commands.add_parser("token", help="cấp mã đăng nhập cho một người")
    p.set_defaults(run=token)
    p.add_argument("realm")
    p.add_argument("person")
    p.add_argument("--days", type=int, default=30)
    _data_option(p)


def _data_option(p: argparse.ArgumentParser) -> None:
    p.add_argument("--data", type=Path, default=Path("data"), help="thư mục dữ liệu của `dondoc up`")


def main() -> None:
    """Exit codes: 0 done, 1 judged and found wanting, 2 refused, 3 a part is down."""
    a = parser().parse_args()
    try:
        settings = read_settings(os.environ)
        configure_logs("WARNING" if settings.log_level == "INFO" else settings.log_level)
        command: Command = a.run
        sys.exit(asyncio.run(command(a, settings)))
    except Unavailable as error:
        _complain(error, DOWN)
    except DondocError as error:
        _complain(error, REFUSED)
    except KeyboardInterrupt:
        sys.exit(130)


def _complain(error: DondocError, code: int) -> None:
    print(f"dondoc: {error.message} [{error.code}]", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
