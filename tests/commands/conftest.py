"""The command `dondoc` as a user meets it: words in, an exit code and what was printed out."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

import pytest

import cli


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: object
    out: str
    error: str


@dataclass(frozen=True)
class Dondoc:
    """The command, in an environment with the settings it is given and no others."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *words: object, **environment: str) -> Said:
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words])
        said = self.capsys.readouterr()
        return Said(ended.value.code, said.out, said.err)

    async def beside(self, *words: object, **environment: str) -> Said:
        """The command brings its own event loop; ours goes on."""
        return await asyncio.to_thread(self, *words, **environment)


@pytest.fixture
def dondoc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Dondoc:
    """Run `dondoc` in a terminal of 80 columns."""
    for name in [name for name in os.environ if name.startswith("DONDOC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(cli, "configure_logs", lambda level: None)
    return Dondoc(capsys, monkeypatch)
