"""What the commands share: where the books are, and how words on the command line become values."""

from __future__ import annotations

import argparse
import contextlib
import errno
import sys
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import Refusal
from domain.workdays import VIETNAM
from settings import Settings, read_settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

STDIN = "-"
"""The file name that stands for standard input."""
_REASONS = {
    errno.ENOENT: "không có tệp hay thư mục này",
    errno.EISDIR: "đây là thư mục, không phải tệp",
    errno.ENOTDIR: "đường dẫn đi qua một tệp, không phải thư mục",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EROFS: "ổ đĩa chỉ đọc",
    errno.ENOSPC: "ổ đĩa đầy",
    errno.ENAMETOOLONG: "tên quá dài",
}


def running(a: argparse.Namespace, settings: Settings) -> Settings:
    """The settings given in the environment, else those of the stack that runs in the data folder."""
    if settings.dsn:
        return settings
    from embedded.commands import recalled

    return read_settings(recalled(a.data))


@contextlib.asynccontextmanager
async def books(running: Settings) -> AsyncIterator[AsyncEngine]:
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


def instant(words: str) -> datetime:
    """An instant, in Việt Nam unless it says otherwise; raises `Refusal("date-invalid")`."""
    try:
        found = datetime.fromisoformat(words)
        return found if found.tzinfo else found.replace(tzinfo=VIETNAM)
    except ValueError:
        raise Refusal("date-invalid", f"{words!r} không phải ngày giờ; ví dụ 2024-01-15T08:00.") from None


def day(words: str) -> date:
    """A day; raises `Refusal("date-invalid")`."""
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise Refusal("date-invalid", f"{words!r} không phải ngày; ví dụ 2024-01-15.") from None


def because(error: OSError) -> str:
    """Why a file could not be used, in words; what is rare is left as the system says it."""
    return _REASONS.get(error.errno or 0, error.strerror or "lỗi không rõ")


def file_bytes(file: Path, limit: int | None = None) -> bytes:
    """A file's content, or that of standard input for `-`; at most `limit` bytes and one, which shows there is more."""
    most = -1 if limit is None else limit + 1
    try:
        if str(file) == STDIN:
            return sys.stdin.buffer.read(most)
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise Refusal("file-unreadable", f"Không đọc được {file}: {because(error)}.") from error
