"""Records histories at a release: `PYTHONPATH=.:tests/support python tests/replay/record.py VERSION`.

What is recorded stays as it is for ever; a later release adds a folder of its own. A year of a small plan is played,
one closed or waiting run of each way that a workflow can go is kept. Names of machines are left out.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from stories import Story, story
from worlds import small_plan

from domain.contracts import Process
from domain.ids import audit_id
from embedded.postgres import EmbeddedPostgres
from embedded.temporal import EmbeddedTemporal
from models.bells import want
from models.facts.rollups import acknowledge_rollup, sign_rollup
from models.migrate import migrate
from models.session import business_now
from workflows.client import connect

HERE = Path(__file__).resolve().parent / "histories"
KEPT = {
    "plan": "thu/plan/ke-hoach",
    "task": "thu/plan/ke-hoach/task/1",
    "round-escalated": "thu/plan/ke-hoach/task/0/round/2024",
    "round-closed": "thu/plan/ke-hoach/task/1/round/2024",
    "rollup-acknowledged": "thu/plan/ke-hoach/rollup/2024",
    "rollup-waiting": "thu/plan/ke-hoach/rollup/2025",
    "dispatch": "thu/dispatch",
    "audit": "thu/audit",
}


async def play(told: Story) -> None:
    """Reports, a return, an escalation, a signature, an acknowledgement."""
    await told.until("2024-10-21 09:00")
    for person, unit in (("bao-can-bo", "bao"), ("tap-chi-can-bo", "tap-chi")):
        await told.report(person, unit)
    await told.until("2024-10-22 09:00")
    await told.decide("bao")
    await told.decide("tap-chi", accepted=False)
    await told.until("2024-12-05 09:00")
    await told.report("tap-chi-can-bo", "tap-chi", late=True)
    await told.until("2024-12-06 09:00")
    await told.decide("tap-chi", revision=2)
    await told.until("2024-12-12 09:00")
    world = told.world
    sha256 = await world.value("SELECT sha256 FROM rollup_version")
    signer, coordinator = await world.actor("so-giam-doc"), await world.actor("so-tong-hop")
    await told.driver.ring(await sign_rollup(world.engine, signer, "ke-hoach", "2024", 0, sha256, "1"))
    await told.until("2024-12-13 09:00")
    await told.driver.ring(await acknowledge_rollup(world.engine, coordinator, "ke-hoach", "2024", 0, "đã nhận"))
    await look_over(told)
    await told.until("2024-12-16 09:00")


async def look_over(told: Story) -> None:
    """A live realm is audited every day; this one only at the end of its year."""
    async with told.world.engine.begin() as books:
        now = await business_now(books, told.world.realm)
        workflow = audit_id(told.world.realm)
        await want(books, workflow, told.world.realm, Process.AUDIT, 0, "Tự kiểm tra hằng ngày", now)
    await told.driver.ring([workflow])


def without_machines(value: Any) -> Any:
    """The history without the names of who ran it."""
    if isinstance(value, dict):
        return {k: "recorded" if k == "identity" else without_machines(v) for k, v in value.items()}
    return [without_machines(v) for v in value] if isinstance(value, list) else value


async def record(version: str) -> None:
    """Play and keep."""
    folder = HERE / version
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="dondoc-") as made:
        postgres = EmbeddedPostgres(Path(made) / "postgres", durable=False)
        temporal = EmbeddedTemporal(Path(made) / "temporal")
        await postgres.start()
        await temporal.start()
        dsn = await postgres.create_database("books")
        await migrate(dsn)
        client = await connect(temporal.address, "dondoc")
        async with story(client, dsn, Path(made) / "story", draft=small_plan(("Hàng năm",))) as told:
            await play(told)
            for name, workflow in KEPT.items():
                history = await client.get_workflow_handle(workflow).fetch_history()
                words = without_machines(json.loads(history.to_json()))
                text = json.dumps({"id": workflow, **words}, ensure_ascii=False, indent=1)
                (folder / f"{name}.json").write_text(text.replace(socket.gethostname(), "machine") + "\n")
        await temporal.stop()
        await postgres.stop()
        postgres.delete_data()


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1]))
