"""One PostgreSQL for the tests that only need some server, and a data folder that is gone afterwards."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from embedded.postgres import EmbeddedPostgres


@contextlib.contextmanager
def made_folder() -> Iterator[Path]:
    """A folder that other accounts may enter, unlike pytest's own, so that PostgreSQL can live in it for root, too."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="dondoc-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with made_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    """Shared: a test that stops it starts it again."""
    with made_folder() as folder:
        server = EmbeddedPostgres(folder / "pg", durable=False)
        await server.start()
        yield server
        await server.stop()
        server.delete_data()
