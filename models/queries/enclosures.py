"""The files of a signed rollup and the letter they travel with."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cover import RollupFile, RollupMail
from domain.deadlines import period_words

_LETTER = """
SELECT p.slug, p.title, r.period, r.supplement, r.version, r.signed_at, r.signed_number, v.sha256, s.name AS signer,
       lead.name AS sender, m.kind AS realm_kind
FROM rollup r JOIN plan p ON p.id = r.plan_id JOIN unit lead ON lead.id = p.lead_unit_id
JOIN realm m ON m.id = p.realm JOIN rollup_version v ON v.rollup_id = r.id AND v.version = r.version
LEFT JOIN person s ON s.id = r.signed_by WHERE r.id = :rollup
"""
_FILES = """
SELECT a.name, a.media_type, a.content, a.sha256 FROM artefact a JOIN rollup r ON r.id = a.rollup_id
WHERE a.rollup_id = :rollup AND a.version = r.version ORDER BY a.name
"""


async def read_enclosures(
    connection: AsyncConnection, rollup: int, recipient: str
) -> tuple[RollupMail, list[tuple[str, str, bytes]]]:
    """The covering letter for one recipient, and (name, media type, bytes) of each file."""
    row = (await connection.execute(text(_LETTER), {"rollup": rollup})).mappings().one()
    files = list(await connection.execute(text(_FILES), {"rollup": rollup}))
    suffix = f"/{row['supplement']}" if row["supplement"] else ""
    letter = RollupMail(
        recipient_name=recipient,
        sender_name=row["sender"],
        plan_title=row["title"],
        period_label=period_words(row["period"]),
        number=row["signed_number"] or "",
        signed_by=row["signer"] or "",
        signed_at=row["signed_at"],
        inputs_sha256=row["sha256"],
        files=tuple(RollupFile(name, sha256) for name, _, _, sha256 in files),
        at=row["signed_at"],
        rehearsal=row["realm_kind"] == "rehearsal",
        supplement=row["supplement"],
        reference=f"{row['slug']}/rollup/{row['period']}{suffix}",
    )
    return letter, [(name, media, content) for name, media, content, _ in files]
