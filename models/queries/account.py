"""`dondoc timeline`: the readable account of a plan, a task or a unit, as lines."""

from __future__ import annotations

import re

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound, Refusal
from domain.workdays import VIETNAM
from models.queries.timeline import TimelineEntry, timeline

_REALM_OF = {
    "plan": "SELECT realm FROM plan WHERE slug = :id",
    "unit": "SELECT realm FROM unit WHERE slug = :id",
}
_TASK = """
SELECT true FROM task t JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal
"""


async def account(engine: AsyncEngine, realm: str | None, what: str, subject: str) -> list[str]:
    """Lines of the account; `what` is "plan", "task" (`plan/ordinal`) or "unit".

    Raises `NotFound` for what the books do not have, `Refusal` where several realms have it and none was named.
    """
    plan, _, ordinal = subject.partition("/")
    if what == "task" and not re.fullmatch(r"[0-9]{1,6}", ordinal):
        raise Refusal("task-id-invalid", f"Mã nhiệm vụ {subject!r} phải có dạng mã-kế-hoạch/số, ví dụ ke-hoach/2.")
    async with engine.connect() as connection:
        sql = _REALM_OF["unit" if what == "unit" else "plan"]
        realms = [name for (name,) in await connection.execute(text(sql), {"id": subject if what == "unit" else plan})]
        if realm is not None:
            realms = [name for name in realms if name == realm]
        if not realms:
            raise NotFound(f"{what}-unknown", f"Không có {subject!r} trong sổ.")
        if len(realms) > 1:
            raise Refusal("realm-missing", f"{subject!r} có ở nhiều không gian ({', '.join(realms)}); thêm --realm.")
        if what == "task" and not await connection.scalar(
            text(_TASK), {"realm": realms[0], "plan": plan, "ordinal": int(ordinal)}
        ):
            raise NotFound("task-unknown", f"Kế hoạch {plan!r} không có nhiệm vụ {int(ordinal)}.")
        if what == "unit":
            entries = await timeline(connection, realms[0], unit=subject)
        else:
            entries = await timeline(connection, realms[0], plan=plan, task=int(ordinal) if what == "task" else None)
    return [_line(entry) for entry in entries]


def _line(entry: TimelineEntry) -> str:
    return f"{entry.at.astimezone(VIETNAM):%d/%m/%Y %H:%M}  {entry.who}: {entry.what}"
