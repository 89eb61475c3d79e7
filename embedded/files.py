"""Writing files so that they are whole or not there at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_whole(file: Path, content: bytes, *, durable: bool = True) -> None:
    """Write under another name, then rename; with `durable`, on the disk before this returns."""
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as out:
        out.write(content)
        if durable:
            out.flush()
            os.fsync(out.fileno())
    part.replace(file)
    if durable:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def kept_secret(file: Path) -> str:
    """The secret in `file`, which only we can read; made at the first asking."""
    # An empty file is what a full disk left of an earlier attempt.
    if not file.exists() or not file.stat().st_size:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(24))
    return file.read_text()
