"""The whole stack on one machine: the servers, a worker and the API, each a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from embedded.children import Child, at_once, http_ok
from embedded.supervisor import Supervisor
from embedded.zalo import SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN, SANDBOX_SECRET_KEY
from models.facts.channels import authorise_zalo_once
from models.migrate import migrate
from models.session import make_engine
from settings import Settings

EMBEDDED_STICKY_SECONDS = 5.0
"""One worker that may be killed at any moment: a workflow task must not wait long for the cache that died with it."""


def make_stack(
    data: Path,
    settings: Settings | None = None,
    *,
    worker_module: str = "worker",
    worker_environment: Mapping[str, str] | None = None,
    wanted_ports: Mapping[str, int] | None = None,
    durable: bool = True,
) -> Supervisor:
    """A supervisor of everything under one data folder; `worker_module` lets a rehearsal run its own entry."""
    base = replace(
        settings or Settings(),
        delivery="sandbox",
        zalo_app_id=SANDBOX_APP_ID,
        zalo_secret_key=SANDBOX_SECRET_KEY,
        sticky_seconds=EMBEDDED_STICKY_SECONDS,
    )
    data = data.absolute()
    logs = data / "logs"

    def worker(composed: Settings) -> Child:
        environment = composed.environment() | dict(worker_environment or {})
        return Child("worker", [sys.executable, "-m", worker_module], environment, logs / "worker.log", at_once)

    def api(composed: Settings) -> Child:
        ready = http_ok(f"http://{composed.api_host}:{composed.api_port}/api/v1/health")
        return Child("api", [sys.executable, "-m", "api"], composed.environment(), logs / "api.log", ready)

    async def run_migrations(composed: Settings) -> None:
        await migrate(composed.dsn)
        engine = make_engine(composed.dsn)
        await authorise_zalo_once(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
        await engine.dispose()

    return Supervisor(
        data, base, children=[worker, api], migrate=run_migrations, wanted_ports=wanted_ports, durable=durable
    )
