"""The command `dondoc`: reads its arguments, and translates refusals into a sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import auditing, calendar, doctor, planning, reading, realms, stack
from commands.frame import because
from domain.errors import DondocError, Refusal, Unavailable
from domain.workdays import VIETNAM
from logs import configure_logs
from settings import Settings, read_settings

REFUSED, DOWN = 2, 3
SAMPLE = Path(__file__).resolve().parent / "samples" / "binh-phuoc"

Command = Callable[[argparse.Namespace, Settings], Coroutine[Any, Any, int]]
Subparsers = Any  # argparse gives the type no public name


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="dondoc", description="Đôn Đốc: giao việc, nhắc, đôn đốc và tổng hợp báo cáo.")
    commands = top.add_subparsers(dest="command", required=True, metavar="LỆNH")
    _stack_commands(commands)
    _watch_commands(commands)
    _reading_commands(commands)
    _plan_commands(commands)
    _realm_commands(commands)
    _calendar_commands(commands)
    return top


def _command(commands: Subparsers, name: str, run: Command, words: str, data: bool = True) -> argparse.ArgumentParser:
    p: argparse.ArgumentParser = commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    p.set_defaults(run=run)
    if data:
        p.add_argument("--data", type=Path, default=Path("data"), help="thư mục dữ liệu của `dondoc up`")
    return p


def _stack_commands(commands: Subparsers) -> None:
    p = _command(commands, "demo", stack.demo, "diễn tập một năm trên bộ máy chủ thật, rồi đối chiếu", data=False)
    p.add_argument("--script", type=Path, default=SAMPLE / "year-2024.toml")
    p.add_argument("--expect", type=Path, default=SAMPLE / "expected-2024.toml")
    p.add_argument("--data", type=Path, help="thư mục dữ liệu (mặc định: thư mục tạm, xóa khi xong)")
    p.add_argument("--out", type=Path, default=Path("out"))
    p.add_argument("--kill", action="store_true", help="giết worker và dừng máy chủ giữa chừng")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--keep", action="store_true", help="giữ máy chủ chạy đến khi nhấn Ctrl-C")
    p = _command(commands, "up", stack.up, "chạy bộ máy chủ để làm việc", data=False)
    p.add_argument("--data", type=Path, default=Path("data"))
    _command(commands, "migrate", stack.migrate, "nâng cấp cơ sở dữ liệu")
    _command(commands, "rebuild", stack.rebuild, "dựng lại mọi quy trình từ sổ")
    p = _command(commands, "timeline", stack.timeline, "diễn biến của kế hoạch, nhiệm vụ hay đơn vị")
    p.add_argument("what", choices=["plan", "task", "unit"])
    p.add_argument("id", help="mã kế hoạch; mã kế hoạch/số nhiệm vụ; mã đơn vị")
    p.add_argument("--realm")
    p = _command(commands, "rehearse", stack.rehearse, "cho đồng hồ diễn tập chạy tới một thời điểm")
    p.add_argument("realm")
    p.add_argument("--until", required=True, help="ví dụ 2024-11-29T17:00")


def _watch_commands(commands: Subparsers) -> None:
    p = _command(commands, "doctor", doctor.doctor, "xem mọi phần có chạy tốt không; mã 0 tốt, 1 cần xem, 2 hỏng")
    p.add_argument("--json", action="store_true", help="chỉ in JSON, cho hệ thống giám sát")
    p.set_defaults(clock=lambda: datetime.now(UTC))
    p = _command(commands, "audit", auditing.audit, "tự kiểm tra một không gian ngay bây giờ và sửa những gì sửa được")
    p.add_argument("realm")
    p.add_argument("--json", action="store_true", help="chỉ in JSON")


def _reading_commands(commands: Subparsers) -> None:
    p = _command(commands, "read", reading.read, "đọc một văn bản kế hoạch và in những gì hiểu được", data=False)
    p.add_argument("file", type=Path, nargs="?", metavar="TỆP", help="văn bản cần đọc; - là đầu vào chuẩn")
    p.add_argument("--json", action="store_true", help="chỉ in JSON của bản thảo")
    p.add_argument("--registry", type=Path, metavar="TỆP.toml", help="danh mục đơn vị, để nhận ra tên các cơ quan")
    p.add_argument(
        "--on",
        default=f"{datetime.now(VIETNAM):%Y-%m-%d}",
        metavar="NGÀY",
        help="ngày mà danh mục có hiệu lực, ví dụ 2024-01-15 (mặc định: hôm nay)",
    )
    p.add_argument(
        "--score", type=Path, metavar="THƯ-MỤC", help="đọc mọi văn bản có tệp TÊN.expected.json và chấm điểm"
    )
    p.add_argument("--expected", type=Path, metavar="THƯ-MỤC", help="nơi có các tệp .expected.json, nếu không ở cạnh")
    p.add_argument("--at-least", type=float, metavar="0..1", help="kết thúc với mã 1 khi có văn bản đạt F1 thấp hơn")


def _plan_commands(commands: Subparsers) -> None:
    top = commands.add_parser("plan", help="nhập, duyệt kế hoạch; tạo tệp mẫu", description="Nhập và duyệt kế hoạch.")
    plans = top.add_subparsers(dest="plan_command", required=True, metavar="LỆNH")
    p = _command(plans, "import", planning.import_document, "đọc văn bản và lưu thành bản thảo")
    p.add_argument("file", type=Path, metavar="TỆP", help="văn bản cần nhập; - là đầu vào chuẩn")
    p.add_argument("--realm", required=True, help="không gian")
    p.add_argument("--slug", required=True, help="mã đặt cho kế hoạch, ví dụ bao-chi-2024")
    p.add_argument("--policy", default="", metavar="JSON", help="chính sách của kế hoạch (mặc định: như thường lệ)")
    p.add_argument("--person", metavar="MÃ", help="người quản trị đứng tên (mặc định: người đầu tiên trong danh mục)")
    p = _command(plans, "review", planning.review_plan, "liệt kê những gì chặn và cần xem; mã 1 khi còn bị chặn")
    p.add_argument("slug", metavar="MÃ", help="mã kế hoạch")
    p.add_argument("--realm", required=True, help="không gian")
    p = _command(plans, "template", planning.write_template, "ghi tệp Excel mẫu để điền kế hoạch", data=False)
    p.add_argument("file", type=Path, nargs="?", metavar="TỆP", default=Path("mau-ke-hoach.xlsx"))


def _realm_commands(commands: Subparsers) -> None:
    p = _command(commands, "realm", realms.realm, "tạo không gian từ danh mục đơn vị")
    p.add_argument("realm")
    p.add_argument("registry", type=Path)
    p.add_argument("--rehearse-from", help="ngày giờ bắt đầu diễn tập, ví dụ 2024-01-15T08:00")
    p.add_argument("--first-year", type=int, default=2024)
    p.add_argument("--last-year", type=int, default=2030)
    p = _command(commands, "registry", realms.registry, "cập nhật danh mục đơn vị và người của không gian")
    p.add_argument("realm")
    p.add_argument("registry", type=Path)
    p = _command(commands, "channel", realms.channel, "mở lại kênh đã bị dừng, sau khi sửa xong")
    p.add_argument("realm")
    p.add_argument("channel", choices=["mail", "zalo"])
    _command(commands, "zalo", realms.zalo, "lưu ủy quyền Zalo; refresh token đọc từ đầu vào chuẩn")
    p = _command(commands, "token", realms.token, "cấp mã đăng nhập cho một người")
    p.add_argument("realm")
    p.add_argument("person")
    p.add_argument("--days", type=int, default=30)


def _calendar_commands(commands: Subparsers) -> None:
    top = _command(commands, "calendar", calendar.list_days, "xem, đổi và bổ sung lịch làm việc của không gian")
    top.add_argument("realm", help="không gian")
    top.add_argument("--year", type=int, metavar="NĂM", help="năm cần xem (mặc định: năm nay)")
    changes = top.add_subparsers(dest="calendar_command", metavar="LỆNH")
    p = _command(changes, "set", calendar.set_day, "đặt một ngày thành ngày nghỉ hoặc ngày làm việc", data=False)
    p.add_argument("day", metavar="NGÀY", help="ví dụ 2026-08-22")
    p.add_argument("state", choices=["working", "off"], help="working: ngày làm việc; off: ngày nghỉ")
    p.add_argument("--reason", required=True, metavar="LÝ-DO", help="ví dụ số và ngày của văn bản")
    words = "bổ sung năm còn thiếu và ngày thư viện đã sửa"
    for each in (p, _command(changes, "refresh", calendar.refresh, words, data=False)):
        each.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="thư mục dữ liệu của `dondoc up`")
        each.add_argument("--yes", action="store_true", help="áp dụng, không hỏi lại")
        each.add_argument("--keep-running", action="store_true", help="giữ nguyên hạn đang chạy")
        each.add_argument("--person", metavar="MÃ", help="người quản trị đứng tên (mặc định: người đầu tiên)")


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command. Exit codes: 0 done, 1 judged and found wanting, 2 refused, 3 a part is down."""
    a = parser().parse_args(argv)
    try:
        settings = read_settings(os.environ)
        if settings.log_level.upper() not in logging.getLevelNamesMapping():
            raise Refusal(
                "settings-invalid",
                f"DONDOC_LOG_LEVEL={settings.log_level!r}: hãy dùng DEBUG, INFO, WARNING hoặc ERROR.",
            )
        configure_logs("WARNING" if settings.log_level == "INFO" else settings.log_level)
        command: Command = a.run
        code = asyncio.run(command(a, settings))
        sys.stdout.flush()
        sys.exit(code)
    except BrokenPipeError:
        # Whoever was reading what we print has read enough, such as `head`; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + 13)
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
        return Refusal("file-unusable", f"Không dùng được {error.filename} ({because(error)}).")
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
