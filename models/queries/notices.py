"""The notices that concern a person, newest first, as their inbox shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.amendment import printed_title
from domain.notices import NoticeKind, Role, heading
from domain.plan_words import round_words
from domain.reporting import task_label


@dataclass(frozen=True)
class NoticeLine:
    """One notice: what it says, about what, and the page it is about."""

    at: datetime
    heading: str
    about: str
    link: str


_NOTICES = """
SELECT n.raised_at, n.kind, n.role, n.rung, n.obligation_id, n.subject, n.detail,
       COALESCE(ou.name, lu.name, '') AS about_unit, p.title AS plan_title, t.ordinal, t.printed, t.title, p.slug,
       r.label, r.title AS asked_for, ru.period, ru.supplement
FROM notice n JOIN plan p ON p.id = n.plan_id
LEFT JOIN task t ON t.id = n.task_id LEFT JOIN round r ON r.id = n.round_id
LEFT JOIN obligation o ON o.id = n.obligation_id LEFT JOIN unit ou ON ou.id = o.unit_id
LEFT JOIN letter l ON 'letter/' || l.id = n.subject LEFT JOIN unit lu ON lu.id = l.unit_id
LEFT JOIN rollup ru ON ru.id = n.rollup_id
WHERE n.realm = :realm AND n.unit_id = :unit AND n.role = ANY(:roles) AND n.state <> 'moot'
ORDER BY n.raised_at DESC, n.id DESC LIMIT :limit
"""


async def latest_notices(
    connection: AsyncConnection, realm: str, unit: int, roles: frozenset[str], limit: int = 20
) -> tuple[NoticeLine, ...]:
    """What the holders of these roles in a unit were told last."""
    values = {"realm": realm, "unit": unit, "roles": sorted(roles), "limit": limit}
    lines = []
    for row in (await connection.execute(text(_NOTICES), values)).mappings():
        if row["period"]:
            suffix = f"?supplement={row['supplement']}" if row["supplement"] else ""
            about, link = f"Kỳ {round_words(row['period'])}", f"/plans/{row['slug']}/rollups/{row['period']}{suffix}"
        elif row["ordinal"] is None:
            letter = row["subject"].startswith("letter/")
            about = row["detail"] if row["kind"] == NoticeKind.CONTACT_BOUNCED else row["plan_title"]
            link = f"/{row['subject'].replace('letter/', 'letters/')}" if letter else f"/plans/{row['slug']}"
        else:
            title = printed_title(row["title"], row["ordinal"], row["printed"])
            about = f"{task_label(row['ordinal'] or 0)} · {title}" + (
                f" · kỳ {round_words(row['label'], row['asked_for'])}" if row["label"] else ""
            )
            own = row["obligation_id"] and row["kind"] not in (NoticeKind.RESULT, NoticeKind.ROUND_WITHDRAWN)
            link = f"/obligations/{row['obligation_id']}" if own else f"/plans/{row['slug']}"
            if row["kind"] == NoticeKind.HAND_BACK_REQUESTED:
                link, about = f"{link}/tasks/{row['ordinal']}", row["detail"]
        if row["about_unit"] and row["role"] not in (Role.OFFICER, Role.HEAD):
            about = f"{row['about_unit']} · {about}"
        lines.append(NoticeLine(row["raised_at"], heading(NoticeKind(row["kind"]), row["rung"]), about, link))
    return tuple(lines)
