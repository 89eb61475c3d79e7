"""Loopback ports: free ones, wanted ones, and the ones a data folder had the last time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path

from domain.errors import Refusal

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on `port` now. A connection of the past that lingers does not count as taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on, outside the range from which outgoing connections are given theirs.

    A part that is down for a while must find its port free when it comes back; a port of the outgoing range may by then
    belong to somebody's connection. The kernel's choice is only used as the number to start looking from.
    """
    for _ in range(200):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((LOOPBACK, 0))
            port = 10_000 + int(probe.getsockname()[1]) % 20_000
        if is_free(port):
            return port
    raise Refusal(
        "no-free-port", "Không còn cổng nào trống từ 10000 đến 30000; hãy dừng các chương trình đang giữ rồi thử lại."
    )


def claim(port: int | None, name: str) -> int:
    """`port` itself if it is free, any free one for `None`; raises `Refusal` (`port-taken`) for one that is taken."""
    if port is None:
        return free_port()
    if not is_free(port):
        raise Refusal(
            "port-taken",
            f"Cổng {port} dành cho {name} đang bị chương trình khác giữ; hãy dừng chương trình đó hoặc chọn cổng khác.",
        )
    return port


class RememberedPorts:
    """The ports of one data folder, kept in `ports.json`, so that a restart is found where it was."""

    def __init__(self, file: Path, wanted: Mapping[str, int] | None = None) -> None:
        self._file = file
        self._wanted = dict(wanted or {})
        self._known: dict[str, int] = {}
        if file.exists():
            self._known = {str(name): int(port) for name, port in json.loads(file.read_text()).items()}

    async def claim(self, name: str, patience: float = 5.0) -> int:
        """The wanted port or a refusal; else that of last time, if free within `patience` seconds; else a new one."""
        port = claim(self._wanted[name], name) if name in self._wanted else await self._last_or_new(name, patience)
        self._known[name] = port
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(self._known, indent=1, sort_keys=True) + "\n")
        part.replace(self._file)
        return port

    async def _last_or_new(self, name: str, patience: float) -> int:
        last = self._known.get(name)
        # What was killed a moment ago may hold its port for a moment more.
        while last is not None and patience > 0:
            if is_free(last):
                return last
            await asyncio.sleep(0.1)
            patience -= 0.1
        while (port := free_port()) in self._known.values():
            continue
        return port
