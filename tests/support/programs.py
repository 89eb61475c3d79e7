"""Programs that make more tests possible; without one a test is skipped with a plain message, except in CI."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str, package: str) -> str:
    """The path of the first of these programs; skips the test where none is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    message = f"{names[0]} is not installed (on Debian and Ubuntu: apt-get install {package})"
    if os.environ.get("DONDOC_TESTS_NO_SKIP") == "1":
        pytest.fail(message)
    pytest.skip(message)
