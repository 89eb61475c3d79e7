"""The rows that a change of the calendar moves: obligations, rounds, rollups; and the bells of whatever wakes by them.

Set-based: one statement moves all obligations, however many rounds they are in.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.calendar_changes import MovedDeadline, MovedRollup, Reach
from domain.ids import plan_id, rollup_id, round_id
from domain.reporting import task_label
from models.bells import ring_bells
from models.facts.frame import Actor, Ledger

_OBLIGATIONS = """
UPDATE obligation o SET due_strict = w.strict, due_literal = w.literal, due_lenient = w.lenient, late_at = w.late,
  due_text = w.due_text, due_rule = w.rule, calendar_version = :version,
  epoch = o.epoch + CASE WHEN w.anew THEN 1 ELSE 0 END, raised = CASE WHEN w.anew THEN -1 ELSE o.raised END
FROM (
  SELECT m.*, o.id, m.felt AND o.opened AND NOT EXISTS (
    SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL) AS anew
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS m (ids bigint[], rule text, strict timestamptz, literal timestamptz,
         lenient timestamptz, late timestamptz, due_text text, felt boolean)
  CROSS JOIN LATERAL unnest(m.ids) AS i (id) JOIN obligation o ON o.id = i.id) w
WHERE o.id = w.id
"""
"""Whoever waits for the decision on a report climbs no ladder and is not told."""
_ROUNDS = """
UPDATE round r SET cutoff = w.cutoff, due_text = w.due_text
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id bigint, cutoff date, due_text text) WHERE r.id = w.id
"""
_RENAMED = """
UPDATE round r SET stands_for = CASE r.label WHEN w.becomes THEN '' ELSE w.becomes END
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (task bigint, label text, becomes text)
WHERE r.task_id = w.task AND COALESCE(NULLIF(r.stands_for, ''), r.label) = w.label
"""
_ROLLUPS = """
UPDATE rollup x SET cutoff = w.cutoff, compile_at = w.compile_at, due_strict = w.strict, due_literal = w.literal,
  due_lenient = w.lenient, late_at = w.late
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id bigint, cutoff date, compile_at timestamptz, strict timestamptz,
       literal timestamptz, lenient timestamptz, late timestamptz)
WHERE x.id = w.id AND x.compiled_at IS NULL
"""
_FACTS = """
INSERT INTO fact (realm, workflow, kind, at, person_id, plan_id, task_id, occurrence, summary, taken_in_at)
SELECT :realm, workflow, kind, n.now, :person, plan, task, :occurrence, summary, CASE WHEN NOT rings THEN n.now END
FROM (SELECT CAST(:now AS timestamptz) AS now) n, jsonb_to_recordset(CAST(:rows AS jsonb))
  AS w (workflow text, kind text, plan bigint, task bigint, summary text, rings boolean)
"""
_WAITING = """
SELECT workflow FROM wake
WHERE realm = :realm AND (process = 'round' AND subject = ANY(:rounds) OR process = 'task' AND subject = ANY(:tasks)
  OR process = 'rollup' AND subject = ANY(:rollups))
ORDER BY array_position(ARRAY['round', 'task', 'rollup'], process), workflow FOR UPDATE
"""
_COUNTING = """
SELECT t.id AS task FROM task t JOIN plan p ON p.id = t.plan_id
WHERE p.realm = :realm AND p.status = 'active' AND t.closed_at IS NULL AND t.suspended_at IS NULL AND EXISTS (
  SELECT FROM task_owner o WHERE o.task_id = t.id AND o.ended_at IS NULL AND o.told_at IS NOT NULL
    AND o.acknowledged_at IS NULL)
"""
"""Tasks that may ask for an acknowledgement so many working days after they told of themselves."""
_UNSIGNED = """
SELECT x.id AS rollup FROM rollup x JOIN plan p ON p.id = x.plan_id
WHERE p.realm = :realm AND p.status = 'active' AND x.compiled_at IS NOT NULL AND x.signed_at IS NULL
"""


@dataclass(frozen=True)
class Moving:
    """A change of the calendar while it is being carried out; `why` ends the sentences that tell of it.

    `keeps`: running deadlines stay as they are. `occurrence` is the override's number.
    """

    books: Ledger
    actor: Actor
    now: datetime
    reach: Reach
    version: str
    occurrence: int
    why: str
    keeps: bool

    @property
    def deadlines(self) -> tuple[MovedDeadline, ...]:
        """The deadlines that are to move."""
        return () if self.keeps else self.reach.deadlines

    @property
    def rollups(self) -> tuple[MovedRollup, ...]:
        """The rollups that are to move: always those whose period is still to begin."""
        return tuple(each for each in self.reach.rollups if not (self.keeps and each.running))


async def move(moving: Moving, plan_words: str) -> None:
    """Move the rows, write the facts, ring whatever wakes at another instant; `plan_words` go into each timeline."""
    books = moving.books
    await _run(books, _OBLIGATIONS, _deadline_rows(moving.deadlines), version=moving.version)
    await _run(books, _ROUNDS, _round_rows(moving.deadlines))
    renamed = [{"task": task, "label": was, "becomes": becomes} for task, was, becomes in moving.reach.renamed]
    await _run(books, _RENAMED, renamed)
    await _run(books, _ROLLUPS, [_rollup_row(each) for each in moving.rollups])
    facts = [*_round_facts(moving), *_rollup_facts(moving), *await _plan_facts(moving, plan_words)]
    await _run(
        books, _FACTS, facts, realm=books.realm, now=moving.now, person=moving.actor.person,
        occurrence=moving.occurrence,
    )  # fmt: skip
    await _ring(moving)


async def _run(books: Ledger, sql: str, rows: Sequence[dict[str, Any]], **values: Any) -> None:
    if rows:
        await books.run(sql, rows=json.dumps(rows, default=str), **values)


def _deadline_rows(deadlines: Sequence[MovedDeadline]) -> list[dict[str, Any]]:
    return [
        {
            "ids": each.was.obligations,
            "rule": each.rule,
            "strict": each.due.strict,
            "literal": each.due.literal,
            "lenient": each.due.lenient,
            "late": each.late_at,
            "due_text": each.due_text,
            "felt": each.felt,
        }
        for each in deadlines
    ]


def _round_rows(deadlines: Sequence[MovedDeadline]) -> list[dict[str, Any]]:
    """The cut-off of each planned round that moves, and its day where that is another."""
    planned = {each.was.round: each for each in deadlines if each.felt and each.dates is not None}
    return [
        {"id": key, "cutoff": each.dates.cutoff, "due_text": each.dates.due_text}
        for key, each in planned.items()
        if each.dates is not None
    ]


def _rollup_row(each: MovedRollup) -> dict[str, Any]:
    dates = each.dates
    return {
        "id": each.was.id,
        "cutoff": dates.cutoff,
        "compile_at": dates.opens_at,
        "strict": dates.due.strict,
        "literal": dates.due.literal,
        "lenient": dates.due.lenient,
        "late": each.late_at,
    }


def _round_facts(moving: Moving) -> list[dict[str, Any]]:
    """One for each round with deadlines that move; its next step tells the units."""
    by_round: dict[int, list[MovedDeadline]] = defaultdict(list)
    for each in moving.deadlines:
        if each.felt:
            by_round[each.was.round].append(each)
    facts = []
    for moved in by_round.values():
        was = moved[0].was
        about = f"{task_label(was.ordinal)} kỳ {was.label}"
        words = "; ".join(dict.fromkeys(each.words() for each in moved))
        workflow = round_id(moving.books.realm, was.plan.slug, was.ordinal, was.label)
        facts.append(_fact(workflow, "calendar_moved", was.plan.id, f"{about}: {words} do {moving.why}", was.task))
    return facts


def _rollup_facts(moving: Moving) -> list[dict[str, Any]]:
    """One for each rollup that is due or compiled at another instant."""
    realm = moving.books.realm
    return [
        _fact(rollup_id(realm, was.plan.slug, was.period), "calendar_moved", was.plan.id,
              f"{each.words()} do {moving.why}")
        for each in moving.rollups
        if (was := each.was) and each.told
    ]  # fmt: skip


async def _plan_facts(moving: Moving, words: str) -> list[dict[str, Any]]:
    """The timeline of every running plan tells who changed the calendar; no workflow has to take that in."""
    realm = moving.books.realm
    plans = await moving.books.rows(
        "SELECT id, slug FROM plan WHERE realm = :realm AND status = 'active' ORDER BY id", realm=realm
    )
    return [_fact(plan_id(realm, p["slug"]), "calendar_changed", p["id"], words, rings=False) for p in plans]


def _fact(
    workflow: str, kind: str, plan: int, summary: str, task: int | None = None, rings: bool = True
) -> dict[str, Any]:
    return {"workflow": workflow, "kind": kind, "plan": plan, "task": task, "summary": summary, "rings": rings}


async def _ring(moving: Moving) -> None:
    """Ring from the rounds upwards; a round whose next step is as it was sleeps on."""
    books = moving.books
    tasks = {row["task"] for row in await books.rows(_COUNTING, realm=books.realm)} | moving.reach.ahead.keys()
    rollups = {row["rollup"] for row in await books.rows(_UNSIGNED, realm=books.realm)}
    waiting = await books.rows(
        _WAITING,
        realm=books.realm,
        rounds=sorted(moving.reach.rounds),
        tasks=sorted(tasks),
        rollups=sorted(rollups | {each.was.id for each in moving.rollups}),
    )
    books.rings += await ring_bells(books.connection, [row["workflow"] for row in waiting])
