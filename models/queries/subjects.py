"""Whose a thing is: the units by which the edge decides who may see and do what."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound

_OBLIGATION = """
SELECT o.unit_id, p.lead_unit_id, p.slug FROM obligation o JOIN round r ON r.id = o.round_id
JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id WHERE o.id = :id AND p.realm = :realm
"""
_EXTENSION = """
SELECT o.unit_id, p.lead_unit_id, p.slug FROM extension e JOIN obligation o ON o.id = e.obligation_id
JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
WHERE e.id = :id AND p.realm = :realm
"""
_LETTER = """
SELECT NULL AS unit_id, p.lead_unit_id, p.slug FROM letter l JOIN plan p ON p.id = l.plan_id
WHERE l.id = :id AND p.realm = :realm
"""
_PLAN = "SELECT NULL AS unit_id, lead_unit_id, slug FROM plan WHERE slug = :slug AND realm = :realm"
_UNIT = "SELECT id AS unit_id, NULL AS lead_unit_id, '' AS slug FROM unit WHERE slug = :slug AND realm = :realm"


@dataclass(frozen=True)
class Subject:
    """What an action is about: the unit whose it is, and the lead agency of its plan, by key; the plan by slug."""

    unit: int | None = None
    lead: int | None = None
    plan: str = ""


async def obligation_subject(connection: AsyncConnection, realm: str, obligation: int) -> Subject:
    """Raises `NotFound`."""
    missing = NotFound("obligation-unknown", f"Không có nghĩa vụ báo cáo số {obligation}.")
    return await _subject(connection, _OBLIGATION, missing, realm=realm, id=obligation)


async def extension_subject(connection: AsyncConnection, realm: str, extension: int) -> Subject:
    """Raises `NotFound`."""
    missing = NotFound("extension-unknown", f"Không có đề nghị gia hạn số {extension}.")
    return await _subject(connection, _EXTENSION, missing, realm=realm, id=extension)


async def letter_subject(connection: AsyncConnection, realm: str, letter: int) -> Subject:
    """The plan of a letter, not the unit that it urges: that one gets it once it is signed. Raises `NotFound`."""
    missing = NotFound("letter-unknown", f"Không có công văn đôn đốc số {letter} trong sổ.")
    return await _subject(connection, _LETTER, missing, realm=realm, id=letter)


async def plan_subject(connection: AsyncConnection, realm: str, slug: str) -> Subject:
    """Raises `NotFound`."""
    missing = NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}.")
    return await _subject(connection, _PLAN, missing, realm=realm, slug=slug)


async def unit_subject(connection: AsyncConnection, realm: str, slug: str) -> Subject:
    """Raises `NotFound`."""
    missing = NotFound("unit-unknown", f"Không có đơn vị mã {slug!r}.")
    return await _subject(connection, _UNIT, missing, realm=realm, slug=slug)


async def _subject(connection: AsyncConnection, sql: str, missing: NotFound, **values: object) -> Subject:
    row = (await connection.execute(text(sql), values)).one_or_none()
    if row is None:
        raise missing
    return Subject(*row)
