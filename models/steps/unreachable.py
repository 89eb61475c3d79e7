"""A unit that nothing reaches any more: the coordinator hears of it at once, and once until it is reached again."""

from __future__ import annotations

from domain.notices import NoticeKind, Role
from domain.policy import Policy
from models.reachable import REACHABLE
from models.steps.frame import Books
from models.steps.raising import Wanted, raise_notices

_UNHEARD = f"""
SELECT DISTINCT ON (n.plan_id, n.unit_id) n.plan_id, n.unit_id, p.lead_unit_id, p.policy
FROM notice n JOIN plan p ON p.id = n.plan_id
WHERE n.realm = :realm AND n.state IN ('failed', 'unroutable') AND n.role IN ('officer', 'head')
  AND p.status = 'active' AND NOT {REACHABLE.format(unit="n.unit_id")}
  AND NOT EXISTS (
    SELECT FROM notice told LEFT JOIN obligation o ON o.id = told.obligation_id
    WHERE told.kind = 'unreachable' AND told.plan_id = n.plan_id
      AND (told.detail = 'unit:' || n.unit_id OR o.unit_id = n.unit_id)
      AND told.raised_at > COALESCE((
        SELECT max(d.at) FROM delivery d JOIN person q ON q.id = d.person_id
        WHERE q.unit_id = n.unit_id AND d.state = 'sent'), '-infinity'))
ORDER BY n.plan_id, n.unit_id
"""


async def tell_of_unreachable(books: Books) -> None:
    """Raise one notice a plan and unit for what could not be told to anybody of the unit."""
    for row in await books.rows(_UNHEARD, realm=books.request.realm, today=books.today):
        wanted = Wanted(
            f"plan/{row['plan_id']}/unit/{row['unit_id']}", 0, "unreachable", books.today.toordinal(),
            Role.COORDINATOR, row["lead_unit_id"], NoticeKind.UNREACHABLE, row["plan_id"],
            detail=f"unit:{row['unit_id']}",
        )  # fmt: skip
        await raise_notices(books, [wanted], Policy.from_json(row["policy"]))
