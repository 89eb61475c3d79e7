"""`dondoc up`: the stack to work with, and how the other commands find it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from domain.errors import Unavailable
from embedded.stack import make_stack
from embedded.supervisor import Addresses, Supervisor
from settings import Settings

ENVIRONMENT_FILE = "environment.json"
"""The settings of the running stack, for commands in another terminal; readable by its owner only."""


async def run_up(data: Path, settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM; a restart goes on where it was."""
    supervisor = make_stack(data, settings)

    def ready(addresses: Addresses) -> None:
        ends.enter_context(remembered(supervisor))
        Console().print(
            f"Đôn Đốc đang chạy; dữ liệu trong {supervisor.data}. Nhấn Ctrl-C để dừng.\n"
            f"  Trang làm việc   {addresses.api}/\n"
            f"  Tài liệu API     {addresses.api}/docs\n"
            f"  Temporal         {addresses.temporal_ui}\n"
            f"  Hộp thư          {addresses.pages}\n"
            "Ở cửa sổ khác: dondoc realm, dondoc token, dondoc timeline (xem dondoc --help).",
            highlight=False,
            soft_wrap=True,
        )

    with contextlib.ExitStack() as ends:
        await supervisor.run(ready)
    return 0


@contextlib.contextmanager
def remembered(supervisor: Supervisor) -> Iterator[None]:
    """Keep the composed settings beside the data while this stack, and no other on that folder, runs."""
    file = supervisor.data / ENVIRONMENT_FILE
    file.touch(mode=0o600)
    file.write_text(json.dumps(supervisor.settings.environment()))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def recalled(data: Path) -> dict[str, str]:
    """The settings of the stack that runs in this folder; raises `Unavailable` where none does."""
    try:
        found: dict[str, str] = json.loads((data / ENVIRONMENT_FILE).read_text())
    except (FileNotFoundError, NotADirectoryError):
        raise Unavailable(
            "stack-not-running",
            f"Không có bộ máy chủ nào đang chạy trong {data}; chạy `make up`, hoặc đặt DONDOC_DSN của máy chủ khác.",
        ) from None
    return found
