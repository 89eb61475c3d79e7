"""A Temporal server for the stories of this session."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from embedded.temporal import EmbeddedTemporal
from workflows.client import connect


@pytest.fixture(scope="session")
async def temporal(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedTemporal]:
    """The real dev server, on a file of its own."""
    server = EmbeddedTemporal(tmp_path_factory.mktemp("temporal"))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(temporal: EmbeddedTemporal) -> Client:
    """A client with the product's data converter."""
    return await connect(temporal.address, "dondoc")
