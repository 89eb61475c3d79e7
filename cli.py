"""The command `dondoc`: reads its arguments, composes, and translates refusals into a sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.errors import DondocError, Refusal, Unavailable
from domain.workdays import VIETNAM
from logs import configure_logs
from settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

REFUSED, DOWN, JUDGED = 2, 3, 1
YEARS = 2000, 2100
"""Between which a realm may have its working days."""
FARTHEST = timedelta(days=3653)
"""How far a rehearsal's clock goes at once: a slip of the pen in the year would play for hours."""
MOST_DAYS = 3650
SAMPLE = Path(__file__).resolve().parent / "samples" / "binh-phuoc"

Command = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]


async def demo(a: argparse.Namespace, settings: Settings) -> int:
    """Play a script and judge it; with --keep the stack stays up until Ctrl-C."""
    from rehearsal.demo import Options, run_demo

    with contextlib.ExitStack() as ends:
        data = a.data or Path(
            ends.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-", ignore_cleanup_errors=True))
        )
        if a.data is None:
            data.chmod(
                0o711
            )  # root runs PostgreSQL as another account, which has to pass; each part's folder is closed
        options = Options(a.script, a.expect, data, a.out, a.seed if a.kill else None, a.keep, throwaway=a.data is None)
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

    running = _running(a, settings)
    async with _books(running):  # reads the address
        await run_migrations(running.dsn)
    print(f"Cơ sở dữ liệu ở phiên bản {head()}.")
    return 0


async def timeline(a: argparse.Namespace, settings: Settings) -> int:
    """Print the readable account of a plan, task or unit."""
    from models.queries.account import account

    async with _books(_running(a, settings)) as engine:
        print("\n".join(await account(engine, a.realm, a.what, a.id)))
    return 0


async def rebuild(a: argparse.Namespace, settings: Settings) -> int:
    """Start every open process again from the books."""
    from workflows.client import Ringer, connect
    from workflows.rebuilding import rebuild as ring_all

    running = _running(a, settings)
    client = await connect(running.temporal_address, running.temporal_namespace)
    async with _books(running) as engine:
        count = await ring_all(engine, Ringer(client, engine))
    print(f"Đã gọi lại {count} quy trình từ sổ.")
    return 0


async def realm(a: argparse.Namespace, settings: Settings) -> int:
    """Make a realm from a registry file."""
    from documents.read_registry import read_registry
    from models.facts.realms import create_realm

    if not re.fullmatch(r"[a-z0-9-]{1,40}", a.realm):
        words = f"Tên không gian {a.realm!r} chỉ được gồm chữ thường không dấu, số và gạch nối, tối đa 40 ký tự."
        raise Refusal("realm-name-invalid", words)
    if not YEARS[0] <= a.first_year <= a.last_year <= YEARS[1]:
        words = (
            f"Các năm {a.first_year}–{a.last_year} không dùng được: năm đầu ≤ năm cuối, trong {YEARS[0]}–{YEARS[1]}."
        )
        raise Refusal("years-invalid", words)
    registry = read_registry(_read(a.registry))
    begins = _instant(a.rehearse_from) if a.rehearse_from else None
    async with _books(_running(a, settings)) as engine:
        await create_realm(engine, a.realm, registry, begins, a.first_year, a.last_year)
    print(f"Đã tạo không gian {a.realm}: {len(registry.units)} đơn vị, {len(registry.people)} người.")
    return 0


async def registry(a: argparse.Namespace, settings: Settings) -> int:
    """Take in a corrected registry file."""
    from documents.read_registry import read_registry
    from models.facts.realms import update_registry

    found = read_registry(_read(a.registry))
    async with _books(_running(a, settings)) as engine:
        await update_registry(engine, a.realm, found)
    print(f"Đã cập nhật danh mục {a.realm}: {len(found.units)} đơn vị, {len(found.people)} người.")
    return 0


async def channel(a: argparse.Namespace, settings: Settings) -> int:
    """Put a channel that was stopped, and has been mended, to work again."""
    from models.facts.channels import reopen_channel

    async with _books(_running(a, settings)) as engine:
        lifted = await reopen_channel(engine, a.realm, a.channel)
    print(f"Kênh {a.channel} hoạt động lại." if lifted else f"Kênh {a.channel} không bị dừng.")
    return 0


async def zalo(a: argparse.Namespace, settings: Settings) -> int:
    """Store the refresh token of the authorised app, read from standard input so that no list of processes shows it."""
    from models.facts.channels import authorise_zalo

    given = sys.stdin.readline().strip()
    if not given or not settings.zalo_app_id:
        words = "Đặt DONDOC_ZALO_APP_ID và đưa refresh token qua đầu vào chuẩn: dondoc zalo < tệp."
        raise Refusal("zalo-token-missing", words)
    async with _books(_running(a, settings)) as engine:
        await authorise_zalo(engine, settings.zalo_app_id, given)
    print(f"Đã lưu ủy quyền của ứng dụng Zalo {settings.zalo_app_id}.")
    return 0


async def rehearse(a: argparse.Namespace, settings: Settings) -> int:
    """Step a rehearsal's clock to an instant, doing everything that is due on the way."""
    from models.session import business_now
    from rehearsal.driver import Driver
    from workflows.client import Ringer, connect

    running, until = _running(a, settings), _instant(a.until)
    client = await connect(running.temporal_address, running.temporal_namespace)
    async with _books(running) as engine:
        driver = Driver(engine, Ringer(client, engine), a.realm)
        await driver.check(until)
        async with engine.connect() as connection:
            now = await business_now(connection, a.realm)
        if until - now > FARTHEST:
            words = f"{a.until} xa hơn 10 năm so với đồng hồ diễn tập ({now.astimezone(VIETNAM):%d/%m/%Y %H:%M})."
            raise Refusal("until-too-far", words)
        await driver.live_until(until)
    print(f"Không gian {a.realm} đứng ở {a.until}.")
    return 0


async def token(a: argparse.Namespace, settings: Settings) -> int:
    """Make a sign-in token for a person; printed once."""
    from models.facts.tokens import issue_token

    if not 1 <= a.days <= MOST_DAYS:
        raise Refusal("days-invalid", f"--days {a.days}: hạn dùng phải từ 1 đến {MOST_DAYS} ngày.")
    async with _books(_running(a, settings)) as engine:
        print(await issue_token(engine, a.realm, a.person, a.days))
    return 0


def _running(a: argparse.Namespace, settings: Settings) -> Settings:
    """The settings given in the environment, else those of the stack that runs in the data folder."""
    if settings.dsn:
        return settings
    from embedded.commands import recalled

    return read_settings(recalled(a.data))


@contextlib.asynccontextmanager
async def _books(running: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine for the duration of a command; raises `Refusal` for an address that is none."""
    from sqlalchemy.exc import SQLAlchemyError

    from models.session import make_engine

    try:
        if not running.dsn.startswith("postgresql://"):
            raise ValueError("another scheme")
        engine = make_engine(running.dsn)
    except (SQLAlchemyError, ValueError):
        # The address itself is not shown: there may be a password in it.
        words = "DONDOC_DSN phải có dạng postgresql://người-dùng:mật-khẩu@máy:cổng/cơ-sở-dữ-liệu."
        raise Refusal("settings-invalid", words) from None
    try:
        yield engine
    finally:
        await engine.dispose()


def _instant(words: str) -> datetime:
    try:
        found = datetime.fromisoformat(words)
        return found if found.tzinfo else found.replace(tzinfo=VIETNAM)
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
    p = commands.add_parser("registry", help="cập nhật danh mục đơn vị và người của không gian")
    p.set_defaults(run=registry)
    p.add_argument("realm")
    p.add_argument("registry", type=Path)
    _data_option(p)
    p = commands.add_parser("channel", help="mở lại kênh đã bị dừng, sau khi sửa xong")
    p.set_defaults(run=channel)
    p.add_argument("realm")
    p.add_argument("channel", choices=["mail", "zalo"])
    _data_option(p)
    p = commands.add_parser("zalo", help="lưu ủy quyền Zalo; refresh token đọc từ đầu vào chuẩn")
    p.set_defaults(run=zalo)
    _data_option(p)
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
        if settings.log_level.upper() not in logging.getLevelNamesMapping():
            raise Refusal(
                "settings-invalid",
                f"DONDOC_LOG_LEVEL={settings.log_level!r}: hãy dùng DEBUG, INFO, WARNING hoặc ERROR.",
            )
        configure_logs("WARNING" if settings.log_level == "INFO" else settings.log_level)
        command: Command = a.run
        sys.exit(asyncio.run(command(a, settings)))
    except Unavailable as error:
        _complain(error, DOWN)
    except DondocError as error:
        _complain(error, REFUSED)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    except Exception as error:
        known = _translated(error)
        if known is None:
            raise
        _complain(known, DOWN if isinstance(known, Unavailable) else REFUSED)


def _translated(error: Exception) -> DondocError | None:
    """What the outside world did to us, as a sentence; None for a fault of our own, whose trace is wanted."""
    from sqlalchemy.exc import DBAPIError
    from temporalio.service import RPCError

    if isinstance(error, OSError) and error.filename is not None:
        return Refusal("file-unusable", f"Không dùng được {error.filename} ({error.strerror}).")
    if isinstance(error, DBAPIError | OSError):
        reason = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        words = f"Cơ sở dữ liệu không dùng được ({reason}); kiểm tra nó đang chạy, DONDOC_DSN, và chạy dondoc migrate."
        return Unavailable("books-unavailable", words)
    if isinstance(error, RPCError):
        return Unavailable("temporal-unavailable", f"Temporal không trả lời ({error.message}); kiểm tra nó đang chạy.")
    return None


def _complain(error: DondocError, code: int) -> None:
    print(f"dondoc: {error.message} [{error.code}]", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
