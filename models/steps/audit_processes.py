"""Whether every fact is heard and every process that should run runs: the books against their own wakes and bells."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping

from domain.contracts import Process
from domain.ids import plan_id, rollup_id, round_id, task_id
from domain.reporting import task_label
from models.bells import want
from models.steps.looking import SLACK, Look

_UNHEARD = """
SELECT f.workflow, count(*) AS n, (SELECT w.bell FROM wake w WHERE w.workflow = f.workflow) AS bell
FROM fact f WHERE f.realm = :realm AND f.taken_in_at IS NULL AND f.at < :before GROUP BY 1 ORDER BY 1
"""


async def check_facts(look: Look) -> None:
    """Facts that nobody has taken in: ring their workflow, unless it is rung and only has not answered yet."""
    rows = await look.books.rows(_UNHEARD, realm=look.realm, before=look.books.now - SLACK)
    look.checked += sum(row["n"] for row in rows)
    silent = [row["workflow"] for row in rows if row["bell"] == 0]
    look.found("facts-unheard", silent)
    look.found("facts-orphaned", [row["workflow"] for row in rows if row["bell"] is None], 0)
    look.ring(silent)


def check_silent(look: Look, silent: Sequence[str]) -> None:
    """Open workflows that their server does not run: signal-with-start begins them anew from the books."""
    look.found("workflows-silent", silent)
    look.ring(silent)


# Everything that has a workflow of its own as long as it is open, and whether it is. `subject` is its key.
_ALIVE = """
SELECT 'plan' AS process, p.id AS subject, p.slug, NULL::int AS ordinal, '' AS label, 0 AS supplement
FROM plan p WHERE p.realm = :realm AND p.status = 'active'
UNION ALL
SELECT 'task', t.id, p.slug, t.ordinal, '', 0 FROM task t JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND p.status = 'active' AND t.closed_at IS NULL
UNION ALL
SELECT 'round', r.id, p.slug, t.ordinal, r.label, 0
FROM round r JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND r.closed_at IS NULL
UNION ALL
SELECT 'rollup', r.id, p.slug, NULL, r.period, r.supplement FROM rollup r JOIN plan p ON p.id = r.plan_id
WHERE p.realm = :realm AND p.status = 'active' AND r.acknowledged_at IS NULL
"""
_WITHOUT = f"""
SELECT a.*, w.workflow, w.closed_at
FROM ({_ALIVE}) a LEFT JOIN wake w ON w.process = a.process AND w.subject = a.subject
WHERE w.workflow IS NULL OR w.closed_at IS NOT NULL ORDER BY 1, 2
"""


async def check_missing(look: Look) -> None:
    """What is open in the books and has no workflow, or a closed one: it is wanted anew, and takes a step."""
    look.checked += (await look.books.row(f"SELECT count(*) AS n FROM ({_ALIVE}) a", realm=look.realm))["n"]
    rows = await look.books.rows(_WITHOUT, realm=look.realm)
    closed = [row["workflow"] for row in rows if row["workflow"]]
    missing = [_named(look.realm, row) for row in rows if not row["workflow"]]
    for workflow, title, row in missing:
        process = Process(row["process"])
        await want(look.books.connection, workflow, look.realm, process, row["subject"], title, look.books.now)
    names = [workflow for workflow, _, _ in missing]
    look.found("workflows-missing", names)
    look.found("workflows-closed", closed)
    look.ring([*names, *closed])


def _named(realm: str, row: RowMapping) -> tuple[str, str, RowMapping]:
    """The id and title that the workflow was to have, as those who make it do."""
    slug, ordinal, label = row["slug"], row["ordinal"], row["label"]
    if row["process"] == Process.PLAN:
        return plan_id(realm, slug), f"Kế hoạch {slug}", row
    if row["process"] == Process.TASK:
        return task_id(realm, slug, ordinal), f"{task_label(ordinal)} · {slug}", row
    if row["process"] == Process.ROUND:
        return round_id(realm, slug, ordinal, label), f"Nhiệm vụ {ordinal:02} · kỳ {label}", row
    return rollup_id(realm, slug, label, row["supplement"]), f"Báo cáo tổng hợp {label} · {slug}", row


_ROUNDS = """
SELECT DISTINCT r.id, w.workflow FROM round r JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
JOIN obligation o ON o.round_id = r.id AND o.accepted_at IS NULL AND o.withdrawn_at IS NULL
JOIN wake w ON w.process = 'round' AND w.subject = r.id
WHERE p.realm = :realm AND r.closed_at IS NOT NULL ORDER BY 1
"""
_REOPENED = """
UPDATE round SET closed_at = NULL WHERE id IN (
    SELECT id FROM round WHERE id = ANY(:ids) ORDER BY id FOR UPDATE SKIP LOCKED) RETURNING id
"""
_TASKS = """
SELECT DISTINCT w.workflow FROM task t JOIN plan p ON p.id = t.plan_id
JOIN round r ON r.task_id = t.id AND r.closed_at IS NULL JOIN wake w ON w.process = 'task' AND w.subject = t.id
WHERE p.realm = :realm AND t.closed_at IS NOT NULL ORDER BY 1
"""
_PLANS = """
SELECT DISTINCT w.workflow FROM plan p JOIN task t ON t.plan_id = p.id AND t.closed_at IS NULL
JOIN wake w ON w.process = 'plan' AND w.subject = p.id
WHERE p.realm = :realm AND p.status = 'closed' ORDER BY 1
"""


async def check_closed(look: Look) -> None:
    """What was closed over something open: a round is opened again, the rest is told for people to decide."""
    rounds = await look.books.rows(_ROUNDS, realm=look.realm)
    opened = {row["id"] for row in await look.books.rows(_REOPENED, ids=[row["id"] for row in rounds])}
    look.found("rounds-closed-early", [row["workflow"] for row in rounds], len(opened))
    look.ring(row["workflow"] for row in rounds if row["id"] in opened)
    for name, query in (("tasks-closed-early", _TASKS), ("plans-closed-early", _PLANS)):
        found = await look.books.rows(query, realm=look.realm)
        look.found(name, [row["workflow"] for row in found], 0)
