"""`dondoc audit`: look over a realm at once, as its daily audit does, and print what was found and repaired."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from commands.frame import books, running
from domain.contracts import StepRequest
from domain.errors import NotFound, Unavailable
from domain.ids import audit_id
from domain.watching import DEFECTS
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from models.queries.health import AuditLine

SECONDS = 10.0
"""Temporal has so long to answer."""
SHOWN = 5
"""Examples printed for each defect; `--json` has all that were kept."""
BY_HAND = "by-hand"
"""The run under which audits asked for by people are kept."""
_REALM = "SELECT true FROM realm WHERE id = :realm"
_NUMBER = "SELECT COALESCE(max(number), 0) + 1 FROM step WHERE workflow = :workflow AND run = :run"


async def audit(a: argparse.Namespace, settings: Settings) -> int:
    """Look over the realm. 0: nothing is left to do; 1: something was found that people must decide."""
    from models.queries.health import latest_audits
    from models.steps.audit import step_audit

    given = running(a, settings)
    async with books(given) as engine:
        request = await _request(engine, a.realm)
        client = await _reached(given)
        silent = await _silent(client, engine, request)
        result = await step_audit(engine, request, silent or ())
        heard = await _ring(client, engine, result.rings)
        async with engine.connect() as connection:
            (line,) = await latest_audits(connection, a.realm, 1)
    _print(a, line, silent is not None, heard)
    return 1 if any(each["repaired"] < each["found"] for each in line.repaired.values()) else 0


async def _request(engine: AsyncEngine, realm: str) -> StepRequest:
    from sqlalchemy import text

    async with engine.connect() as connection:
        if not await connection.scalar(text(_REALM), {"realm": realm}):
            raise NotFound("realm-unknown", f"Không có không gian {realm!r}.")
        values = {"workflow": audit_id(realm), "run": BY_HAND}
        number = int(await connection.scalar(text(_NUMBER), values) or 1)
    return StepRequest(audit_id(realm), BY_HAND, number, "look_over", realm, 0)


async def _reached(settings: Settings) -> Client | None:
    """Temporal, or None where it does not answer: the books are looked over all the same."""
    from workflows.client import connect

    try:
        async with asyncio.timeout(SECONDS):
            return await connect(settings.temporal_address, settings.temporal_namespace)
    except (Unavailable, TimeoutError):
        return None


async def _silent(client: Client | None, engine: AsyncEngine, request: StepRequest) -> list[str] | None:
    from temporalio.service import RPCError

    from activities.audits import silent_workflows

    if client is None:
        return None
    try:
        async with asyncio.timeout(SECONDS * 6):
            return await silent_workflows(client, engine, request)
    except (RPCError, TimeoutError):
        return None


async def _ring(client: Client | None, engine: AsyncEngine, rings: Sequence[str]) -> bool:
    """Ring who has something to do; what is not heard now the relay of a worker rings again."""
    from temporalio.service import RPCError

    from workflows.client import Ringer

    if client is None:
        return not rings
    try:
        await Ringer(client, engine).ring(rings)
    except RPCError:
        return False
    return True


def _print(a: argparse.Namespace, line: AuditLine, asked: bool, heard: bool) -> None:
    if a.json:
        from commands.output import print_json

        print_json(
            {"realm": line.realm, "at": line.at.isoformat(), "checked": line.checked, "found": line.repaired,
             "temporal_asked": asked, "bells_heard": heard}
        )  # fmt: skip
        return
    from commands.output import console, table

    out = console()
    if line.repaired:
        rows = [
            (DEFECTS[name], str(each["found"]), str(each["repaired"]), "\n".join(each["examples"][:SHOWN]))
            for name, each in line.repaired.items()
        ]
        columns: tuple[tuple[str, int | None], ...] = (("Chỗ sai", 5), ("Thấy", None), ("Sửa", None), ("Ví dụ", 5))
        out.print(table(f"Tự kiểm tra {line.realm}", *columns, rows=rows))
    seen, mended = (sum(each[part] for each in line.repaired.values()) for part in ("found", "repaired"))
    words = f"thấy {seen} chỗ sai, đã xử lý {mended}." if seen else "không thấy gì sai."
    out.print(f"Đã kiểm tra {line.checked} mục của {line.realm}: {words}")
    if not asked:
        out.print("Temporal không trả lời, nên chưa kiểm tra được quy trình nào không chạy; hãy chạy lại sau.")
    if not heard:
        out.print("Chưa gọi được các quy trình; worker sẽ gọi lại khi Temporal chạy.")
