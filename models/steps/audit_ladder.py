"""Whether everybody who is past a rung was told so. The ladder itself says which rung that is; SQL finds who lacks it.

Obligations of one plan mostly share their due instants, so the ladder is asked once for each distinct due and place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from sqlalchemy import RowMapping

from domain.deadlines import Due
from domain.policy import Ladder
from domain.suspension import workdays_rested
from models.steps.acknowledging import read_rests
from models.steps.looking import SLACK, Look

# Whom the ladder concerns: the same obligations as in the round's step. `w` is the wake of their round.
_OPEN = """
FROM obligation o JOIN round r ON r.id = o.round_id AND r.closed_at IS NULL
JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id AND p.realm = :realm
JOIN wake w ON w.process = 'round' AND w.subject = r.id
WHERE o.accepted_at IS NULL AND o.withdrawn_at IS NULL AND o.suspended_at IS NULL AND t.suspended_at IS NULL
"""
_UNANSWERED = "NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL)"
_PLACES = f"""
SELECT p.id AS plan, o.due_strict, o.due_literal, o.due_lenient, o.raised, count(*) AS n
{_OPEN} AND o.opened AND o.raised >= 0 AND {_UNANSWERED} GROUP BY 1, 2, 3, 4, 5
"""
_UNSEEN = f"""
SELECT w.workflow, o.id {_OPEN} AND w.bell = 0
  AND ((NOT o.opened AND r.opened_at < :before) OR (o.opened AND o.raised < 0 AND {_UNANSWERED})) ORDER BY 2
"""
_AT_PLACE = f"""
JOIN jsonb_to_recordset(CAST(:places AS jsonb)) AS g (
    plan bigint, due_strict timestamptz, due_literal timestamptz, due_lenient timestamptz, raised int, rung text,
    occurrence int, at timestamptz, roles jsonb)
  ON g.plan = p.id AND g.due_strict = o.due_strict AND g.due_literal = o.due_literal
  AND g.due_lenient = o.due_lenient AND g.raised = o.raised
WHERE o.opened AND {_UNANSWERED} AND
"""
_BEHIND = f"SELECT w.workflow, o.id {_OPEN.replace('WHERE', _AT_PLACE)} AND w.bell = 0 ORDER BY 2"
_UNSAID = f"""
SELECT w.workflow, o.id, o.raised, o.epoch, g.at, t.id AS task {_OPEN.replace("WHERE", _AT_PLACE)} AND EXISTS (
    SELECT FROM jsonb_array_elements_text(g.roles) AS asked (role) WHERE NOT EXISTS (
        SELECT FROM notice n WHERE n.subject = 'obligation/' || o.id AND n.epoch = o.epoch AND n.rung = g.rung
          AND n.occurrence = g.occurrence AND n.role = asked.role))
"""
# Rungs that had passed when a round opened, or when an instant was moved, are rightly silent: only one whose instant
# lies after everything that is known to have put the obligation anew on its ladder must have been said.
_PLACED = """
WITH found AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:found AS jsonb)) AS f (
        id bigint, workflow text, task bigint, raised int, epoch int, at timestamptz)),
rounds AS MATERIALIZED (
    SELECT workflow, (SELECT min(s.at) FROM step s WHERE s.workflow = f.workflow) AS begun
    FROM (SELECT DISTINCT workflow FROM found) AS f),
news AS MATERIALIZED (
    SELECT workflow, task_id, max(COALESCE(taken_in_at, 'infinity')) AS at FROM fact
    WHERE realm = :realm AND obligation_id IS NULL GROUP BY 1, 2)
SELECT f.id, f.workflow, f.raised, f.epoch FROM found f JOIN rounds USING (workflow)
WHERE f.at > GREATEST(
    rounds.begun,
    (SELECT max(n.at) FROM news n WHERE n.workflow = f.workflow OR n.task_id = f.task),
    (SELECT max(COALESCE(taken_in_at, 'infinity')) FROM fact WHERE obligation_id = f.id),
    (SELECT max(n.raised_at) FROM notice n WHERE n.subject = 'obligation/' || f.id AND n.rung = 'opened'),
    (SELECT max(resumed_at) FROM suspension WHERE task_id = f.task),
    (SELECT max(at) FROM calendar_override WHERE realm = :realm))
ORDER BY f.id
"""
_SET_BACK = """
UPDATE obligation o SET raised = o.raised - 1
FROM jsonb_to_recordset(CAST(:found AS jsonb)) AS f (id bigint, raised int, epoch int)
WHERE o.id = f.id AND o.raised = f.raised AND o.epoch = f.epoch
  AND o.id IN (SELECT id FROM obligation WHERE id = ANY(:ids) ORDER BY id FOR UPDATE SKIP LOCKED)
RETURNING o.id
"""


async def check_rungs(look: Look) -> None:
    """Obligations past a rung: ring the round that has not climbed; one that says it has and said nothing goes back."""
    ladders = {
        plan: policy.climbing(policy.ladder, look.calendar, policy.weekly) for plan, policy in look.policies.items()
    }
    behind, said = [], []
    for place in await look.books.rows(_PLACES, realm=look.realm):
        look.checked += place["n"]
        ladder = ladders[place["plan"]]
        standing = ladder.standing(_due(place), place["raised"], look.books.now - SLACK)
        if standing.due_rung is not None:
            behind.append(_place(place))
        elif place["raised"]:
            said += _said(ladder, place, look.books.now - SLACK)
    unseen = await look.books.rows(_UNSEEN, realm=look.realm, before=look.books.now - SLACK)
    late = await look.books.rows(_BEHIND, realm=look.realm, places=json.dumps(behind)) if behind else []
    for name, rows in (("rounds-unseen", unseen), ("rungs-behind", late)):
        look.found(name, _examples(rows))
        look.ring(row["workflow"] for row in rows)
    await _check_said(look, said)


async def _check_said(look: Look, said: list[dict[str, Any]]) -> None:
    if not said:
        return
    rows = await look.books.rows(_UNSAID, realm=look.realm, places=json.dumps(said))
    found = [{**row, "at": row["at"].isoformat()} for row in rows]
    missing = await look.books.rows(_PLACED, realm=look.realm, found=json.dumps(found)) if found else []
    if not missing:
        return
    values = {"found": json.dumps([dict(row) for row in missing]), "ids": [row["id"] for row in missing]}
    mended = {row["id"] for row in await look.books.rows(_SET_BACK, **values)}
    look.found("rungs-unsaid", _examples(missing), len(mended))
    look.ring(row["workflow"] for row in missing if row["id"] in mended)


def _place(row: RowMapping, **more: Any) -> dict[str, Any]:
    dues = {name: row[name].isoformat() for name in ("due_strict", "due_literal", "due_lenient")}
    return {"plan": row["plan"], "raised": row["raised"], **dues, **more}


def _said(ladder: Ladder, row: RowMapping, by: datetime) -> list[dict[str, Any]]:
    """The rung that is the last behind these, as the notice that it must have made; none where its time is to come."""
    position = row["raised"] - 1
    at = ladder.instant(_due(row), position)
    rung = ladder.rungs[position] if position < len(ladder.rungs) else ladder.repeat
    if at is None or rung is None or at > by:
        return []
    occurrence = max(row["raised"] - len(ladder.rungs), 0)
    roles = [role.value for role in rung.roles]
    return [_place(row, rung=rung.name, occurrence=occurrence, at=at.isoformat(), roles=roles)]


def _due(row: RowMapping) -> Due:
    return Due(row["due_strict"], row["due_literal"], row["due_lenient"])


def _examples(rows: Iterable[RowMapping]) -> list[str]:
    return [f"{row['workflow']} · {row['id']}" for row in rows]


_OWNERS = """
SELECT o.id, o.told_at, o.raised, p.id AS plan, t.id AS task, w.workflow
FROM task_owner o JOIN task t ON t.id = o.task_id JOIN plan p ON p.id = t.plan_id AND p.realm = :realm
JOIN wake w ON w.process = 'task' AND w.subject = t.id AND w.bell = 0
WHERE o.role = 'lead' AND o.told_at IS NOT NULL AND o.acknowledged_at IS NULL AND o.ended_at IS NULL
  AND t.withdrawn_at IS NULL AND t.closed_at IS NULL AND t.suspended_at IS NULL
  AND NOT EXISTS (SELECT FROM hand_back h WHERE h.task_id = t.id AND h.unit_id = o.unit_id AND h.decision IS NULL)
  AND NOT EXISTS (
    SELECT FROM obligation b JOIN round r ON r.id = b.round_id JOIN submission s ON s.obligation_id = b.id
    WHERE r.task_id = t.id AND b.unit_id = o.unit_id)
ORDER BY o.id
"""


async def check_acknowledgements(look: Look) -> None:
    """Leads that were told of a task and did not say that they have it: ring the task that has not asked again."""
    late, owners = [], await look.books.rows(_OWNERS, realm=look.realm)
    rests = await read_rests(look.books, sorted({row["task"] for row in owners}))
    for row in owners:
        look.checked += 1
        policy = look.policies[row["plan"]]
        begins = time.fromisoformat(policy.work_begins)
        left = policy.acknowledge_ladder[max(row["raised"], 0) :]
        rested = workdays_rested(rests.get(row["task"], []), row["told_at"], look.calendar)
        if left and left[0].after(row["told_at"], look.calendar, begins, rested) <= look.books.now - SLACK:
            late.append(row)
    look.found("acknowledgements-behind", _examples(late))
    look.ring(row["workflow"] for row in late)


_ROLLUPS = """
SELECT r.id, r.plan_id AS plan, r.due_strict, r.due_literal, r.due_lenient, r.raised, r.compile_at, r.compiled_at,
       w.workflow
FROM rollup r JOIN plan p ON p.id = r.plan_id AND p.realm = :realm
JOIN wake w ON w.process = 'rollup' AND w.subject = r.id AND w.bell = 0
WHERE r.signed_at IS NULL AND p.status = 'active' ORDER BY r.id
"""


async def check_rollups(look: Look) -> None:
    """Rollups that should have been compiled, or whose signer should have been reminded: ring them."""
    by, late = look.books.now - SLACK, []
    for row in await look.books.rows(_ROLLUPS, realm=look.realm):
        look.checked += 1
        policy = look.policies[row["plan"]]
        ladder = policy.climbing(policy.rollup_ladder, look.calendar)
        if row["compiled_at"] is None:
            behind = row["compile_at"] <= by
        else:
            behind = ladder.standing(_due(row), max(row["raised"], 0), by).due_rung is not None
        if behind:
            late.append(row)
    look.found("rollups-behind", _examples(late))
    look.ring(row["workflow"] for row in late)
