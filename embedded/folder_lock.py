"""One supervisor per data folder: a lock that the kernel drops when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from domain.errors import Refusal


class FolderLock:
    """The lock of a data folder, held from `take` to `drop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: int | None = None

    def take(self) -> None:
        """Take the lock; raises `Refusal` (`data-folder-in-use`) if another process, or we, have it."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode().strip() or "?"
            os.close(descriptor)
            raise Refusal(
                "data-folder-in-use",
                f"{self._folder} đang có bộ máy chủ dùng (tiến trình {holder}); hãy dừng nó hoặc chọn thư mục khác.",
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._held = descriptor

    def drop(self) -> None:
        """Give the lock back."""
        if self._held is not None:
            os.close(self._held)
            self._held = None
