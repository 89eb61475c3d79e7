"""Rollups as they are read: where each stands, its frozen document, its files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import NotFound
from domain.reporting import RollupDocument, from_json


@dataclass(frozen=True)
class FileView:
    """A rendered file and its hash."""

    name: str
    sha256: str


@dataclass(frozen=True)
class RollupView:
    """Where a rollup stands. `sha256` is of the frozen inputs that are to be signed, null while nothing is compiled."""

    period: str
    supplement: int
    version: int
    sha256: str | None
    compiled_at: datetime | None
    signed_at: datetime | None
    signed_by: str | None
    number: str | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_note: str
    due_text: str
    late_at: datetime
    files: tuple[FileView, ...]


@dataclass(frozen=True)
class FileContent:
    """A file to be handed out."""

    name: str
    media_type: str
    sha256: str
    content: bytes


_ROLLUPS = """
SELECT r.*, v.sha256, v.frozen, s.name AS signer,
       ARRAY(SELECT a.name || chr(10) || a.sha256 FROM artefact a
             WHERE a.rollup_id = r.id AND a.version = r.version ORDER BY a.name) AS files
FROM rollup r JOIN plan p ON p.id = r.plan_id LEFT JOIN person s ON s.id = r.signed_by
LEFT JOIN rollup_version v ON v.rollup_id = r.id AND v.version = r.version AND r.compiled_at IS NOT NULL
WHERE p.realm = :realm AND p.slug = :plan AND (CAST(:period AS text) IS NULL OR r.period = :period)
  AND (CAST(:supplement AS int) IS NULL OR r.supplement = :supplement)
ORDER BY r.period, r.supplement
"""
_FILE = """
SELECT a.name, a.media_type, a.sha256, a.content FROM artefact a
JOIN rollup r ON r.id = a.rollup_id AND a.version = r.version JOIN plan p ON p.id = r.plan_id
WHERE p.realm = :realm AND p.slug = :plan AND r.period = :period AND r.supplement = :supplement AND a.name = :name
"""


async def list_rollups(connection: AsyncConnection, realm: str, plan: str) -> tuple[RollupView, ...]:
    """The rollups of a plan, by period; none for a plan that is not there."""
    return tuple(_view(row) for row in await _rows(connection, realm, plan))


async def read_rollup(connection: AsyncConnection, realm: str, plan: str, period: str, supplement: int) -> RollupView:
    """One rollup; raises `NotFound`."""
    return _view(await _one(connection, realm, plan, period, supplement))


async def read_frozen(
    connection: AsyncConnection, realm: str, plan: str, period: str, supplement: int
) -> RollupDocument | None:
    """What was compiled and frozen, None while nothing is; raises `NotFound`."""
    row = await _one(connection, realm, plan, period, supplement)
    return None if row["frozen"] is None else from_json(row["frozen"])


async def read_file(
    connection: AsyncConnection, realm: str, plan: str, period: str, supplement: int, name: str
) -> FileContent:
    """A rendered file of the current version; raises `NotFound`."""
    values = {"realm": realm, "plan": plan, "period": period, "supplement": supplement, "name": name}
    row = (await connection.execute(text(_FILE), values)).one_or_none()
    if row is None:
        raise NotFound("file-unknown", f"Báo cáo tổng hợp kỳ {period} không có tệp {name!r}.")
    return FileContent(*row)


async def _one(connection: AsyncConnection, realm: str, plan: str, period: str, supplement: int) -> RowMapping:
    found = await _rows(connection, realm, plan, period, supplement)
    if not found:
        raise NotFound("rollup-unknown", f"Không có báo cáo tổng hợp kỳ {period} của kế hoạch {plan}.")
    return found[0]


async def _rows(
    connection: AsyncConnection, realm: str, plan: str, period: str | None = None, supplement: int | None = None
) -> list[RowMapping]:
    values = {"realm": realm, "plan": plan, "period": period, "supplement": supplement}
    return list((await connection.execute(text(_ROLLUPS), values)).mappings())


def _view(row: RowMapping) -> RollupView:
    same = (
        "period", "supplement", "version", "sha256", "compiled_at", "signed_at", "sent_at", "acknowledged_at",
        "acknowledged_note", "due_text", "late_at",
    )  # fmt: skip
    files = tuple(FileView(*packed.split("\n", 1)) for packed in row["files"])
    return RollupView(
        **{name: row[name] for name in same}, signed_by=row["signer"], number=row["signed_number"], files=files
    )
