"""How commands print: readable in a terminal of 80 columns and in a pipe, whatever a document has in its texts."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable
from typing import IO, Any, TextIO, cast

from rich.box import HORIZONTALS
from rich.console import Console
from rich.table import Table
from rich.text import Text

_BLANKS_RE = re.compile(r"[ ]+(?=\n)")


def console() -> Console:
    """Standard output. Nothing in a text is markup, an emoji or a reason for colour; no line ends in blanks."""
    return Console(file=cast(IO[str], _Trimmed(sys.stdout)), markup=False, emoji=False, highlight=False)


class _Trimmed(io.TextIOBase):
    """A stream without the blanks with which tables fill their lines: they spoil what is piped or copied."""

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._inner.encoding

    def isatty(self) -> bool:
        return self._inner.isatty()

    def fileno(self) -> int:
        return self._inner.fileno()

    def flush(self) -> None:
        self._inner.flush()

    def write(self, words: str) -> int:
        self._inner.write(_BLANKS_RE.sub("", words))
        return len(words)


def shown(text: str) -> Text:
    """A text of a document, without what would steer a terminal: it may hold anything."""
    lines = text.splitlines()
    return Text("\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines))


def table(title: str, *columns: tuple[str, int | None], rows: Iterable[Iterable[str]], ruled: bool = True) -> Table:
    """A table; a column without a share of the width holds figures and is as wide as they are. No text is cut."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=HORIZONTALS, show_lines=ruled, expand=True,
        pad_edge=False,
    )  # fmt: skip
    for name, share in columns:
        made.add_column(name, overflow="fold", ratio=share, justify="right" if share is None else "left")
    for row in rows:
        made.add_row(*map(shown, row))
    return made


def print_json(value: Any) -> None:
    """Print JSON and nothing else; half a character, which no encoding can carry, stays a JSON escape."""
    words = json.dumps(value, ensure_ascii=False, indent=2)
    print(words.encode(errors="backslashreplace").decode())
