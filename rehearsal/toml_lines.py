"""Reads the rehearsal's TOML files. Their arrays hold one inline table a line, so a fault is named by its line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import Refusal


@dataclass(frozen=True)
class TomlFile:
    """A read file. `code` is that of the refusals about it."""

    path: Path
    code: str
    text: str
    values: dict[str, Any]

    def fault(self, array: str, index: int, problem: str) -> Refusal:
        """A refusal about the table number `index` (from 0) of an array; `problem` says what to do."""
        return Refusal(self.code, f"{self.path.name}, {self.place(array, index)}: {problem}.")

    def place(self, array: str, index: int) -> str:
        """`line 12`, or `entry 3 of act` where the file does not keep to one table a line."""
        lines = self._lines(array)
        if len(lines) == len(self.values.get(array, [])):
            return f"line {lines[index]}"
        return f"entry {index + 1} of {array}"

    def _lines(self, array: str) -> list[int]:
        found, inside = [], False
        for number, line in enumerate(self.text.splitlines(), start=1):
            if re.match(rf"{re.escape(array)}\s*=\s*\[", line):
                inside = True
            elif inside and line.startswith("]"):
                break
            elif inside and re.match(r"\s*\{", line):
                found.append(number)
        return found


def read_toml(path: Path, code: str) -> TomlFile:
    """The file; raises `Refusal(code)` naming the line if it is no TOML, or says that it is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refusal(code, f"{path} cannot be read ({error.strerror}); check the path.") from error
    try:
        return TomlFile(path, code, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Refusal(code, f"{path.name}: {error}; correct the TOML there.") from error
