"""Books of the release before go on after the upgrade: nothing is told twice, nothing old is asked all at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from alembic import command
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world, small_plan

from domain.contracts import StepResult
from domain.due_rules import DueRule
from domain.ids import dispatch_id, round_id, task_id
from domain.policy import Policy
from models.facts.decisions import ask_extension, decide_extension
from models.migrate import config, migrate
from models.realm_calendar import read_calendar
from models.steps.digests import DIGEST
from models.steps.dispatch import step_dispatch
from models.steps.rounds import step_round
from models.steps.tasks import step_task

ROUND = round_id("thu", "ke-hoach", 1, "2024")
TASK = task_id("thu", "ke-hoach", 1)
NEWER = ("opens", "transfer_workdays", "weekly", "acknowledge_ladder", "letter_rung")


def older_policy(**changes: Any) -> dict[str, Any]:
    """A plan's policy as the release before stored it."""
    stored = json.loads(json.dumps(asdict(Policy(last_year=2024))))
    return {name: value for name, value in stored.items() if name not in NEWER} | changes


async def back(world: World, dsn: str) -> None:
    """The books as the release before knew them."""
    await world.engine.dispose()
    await asyncio.to_thread(command.downgrade, config(dsn), "0003")


async def forth(world: World, dsn: str) -> None:
    await world.engine.dispose()
    await migrate(dsn)


async def old_books(engine: AsyncEngine, dsn: str, policy: dict[str, Any] | None = None) -> World:
    """A plan that ran under the release before: its round is open, one unit was given more time."""
    world = await make_world(engine, "2024-09-30 08:00", draft=small_plan(), policy=Policy(last_year=2024))
    await world.step_task()
    await world.step_round(name="open_round")
    number, _ = await ask_extension(
        engine, await world.actor("bao-can-bo"), await world.obligation("bao"), date(2024, 12, 5), "ốm"
    )
    await decide_extension(engine, await world.actor("so-tong-hop"), number, True)
    await world.step_round(name="take_in")
    await world.run("UPDATE notice SET state = 'sent'")
    await world.run("UPDATE wake SET at = NULL, bell = 0, bell_at = NULL WHERE process = 'dispatch'")
    await world.run("INSERT INTO contact_mark SELECT id, 'mail', '550', now() FROM person WHERE slug = 'hoi-can-bo'")
    await back(world, dsn)
    stored = json.dumps(policy or older_policy())
    await world.run("UPDATE plan SET policy = CAST(:policy AS jsonb)", policy=stored)
    return world


async def dispatch(world: World) -> StepResult:
    return await step_dispatch(world.engine, world.request(dispatch_id("thu"), 0, "gather"))


async def test_deadlines_keep_their_instants_and_get_the_rule_they_came_from(engine: AsyncEngine, dsn: str) -> None:
    world = await old_books(engine, dsn)
    sql = """SELECT id, due_strict, due_literal, due_lenient, late_at, due_text, epoch, raised FROM obligation
             ORDER BY id"""
    before = await world.rows(sql)
    await forth(world, dsn)
    assert await world.rows(sql) == before
    async with engine.connect() as connection:
        calendar = await read_calendar(connection, "thu")
    rules = await world.rows("SELECT due_rule, due_strict, due_literal, due_lenient FROM obligation ORDER BY id")
    assert {row["due_rule"] for row in rules} == {"before:2024-11-30", "by:2024-12-05"}
    for row in rules:
        found = DueRule.parse(row["due_rule"]).instants(calendar)
        assert (found.strict, found.literal, found.lenient) == tuple(row.values())[1:]


async def test_a_mark_is_of_the_address_that_it_was_made_for(engine: AsyncEngine, dsn: str) -> None:
    world = await old_books(engine, dsn)
    await forth(world, dsn)
    assert await world.value("SELECT address FROM contact_mark") == "hoi-can-bo@thu.example"


async def test_nobody_is_asked_to_acknowledge_what_was_given_long_ago(engine: AsyncEngine, dsn: str) -> None:
    world = await old_books(engine, dsn)
    await forth(world, dsn)
    for words in ("2024-10-01 09:00", "2024-10-14 09:00", "2024-11-04 09:00"):
        await world.clock(words)
        await step_task(engine, world.request(TASK, await key(world, "task"), "look"))
    assert await world.value("SELECT count(*) FROM notice WHERE kind = 'assigned_again'") == 0


async def key(world: World, table: str) -> int:
    rows = {"task": "SELECT id FROM task WHERE ordinal = 1", "round": "SELECT id FROM round ORDER BY id LIMIT 1"}
    return int(await world.value(rows[table]))


async def test_what_is_long_overdue_is_said_once_and_then_weekly(engine: AsyncEngine, dsn: str) -> None:
    world = await old_books(engine, dsn)
    await world.run("UPDATE obligation SET raised = 7, epoch = 0")
    await forth(world, dsn)
    before = await world.value("SELECT max(id) FROM notice")
    await world.clock("2025-02-10 09:00")
    for name in ("look", "look", "look"):
        await step_round(engine, world.request(ROUND, await key(world, "round"), name))
    told = await world.rows(
        "SELECT unit_id, kind, role, count(*) AS n FROM notice WHERE id > :id GROUP BY 1, 2, 3", id=before
    )
    assert {row["kind"] for row in told} == {"overdue_weekly", "letter_drafted"}
    lines = await world.rows(
        """SELECT obligation_id, role, count(*) AS n FROM notice WHERE id > :id AND kind = 'overdue_weekly'
           GROUP BY 1, 2""",
        id=before,
    )
    assert {row["n"] for row in lines} == {1}
    assert len(lines) == 2 * 3
    assert await world.value("SELECT count(*) FROM letter") == 2, "one a unit"


LADDER = [
    {"name": "early", "kind": "reminder", "workdays": -10, "anchor": "strict", "roles": ["officer"]},
    {"name": "due", "kind": "due", "workdays": 0, "anchor": "strict", "roles": ["officer"]},
    {"name": "overdue-2", "kind": "overdue", "workdays": 2, "anchor": "late", "roles": ["officer", "head"]},
]
WEEKLY = {"name": "weekly", "kind": "overdue", "workdays": 7, "anchor": "late", "roles": ["head"]}


@pytest.mark.parametrize("ladder", [LADDER, [*LADDER, WEEKLY], []], ids=["own", "own-weekly", "none"])
async def test_a_stored_ladder_of_ones_own_goes_on(engine: AsyncEngine, dsn: str, ladder: list[dict[str, Any]]) -> None:
    world = await old_books(engine, dsn, older_policy(ladder=ladder))
    await world.run("UPDATE obligation SET raised = 0")
    await forth(world, dsn)
    for words in ("2024-11-15 09:00", "2024-11-29 09:00", "2024-12-04 09:00", "2024-12-12 09:00", "2025-01-06 09:00"):
        await world.clock(words)
        await step_round(engine, world.request(ROUND, await key(world, "round"), "look"))
    told = {(row["rung"]) for row in await world.rows("SELECT rung FROM notice WHERE kind IN ('due', 'overdue')")}
    assert told == {rung["name"] for rung in ladder if rung["kind"] in ("due", "overdue")}


async def test_a_digest_that_was_reserved_before_is_sent(engine: AsyncEngine, dsn: str) -> None:
    world = await old_books(engine, dsn)
    await world.run(
        """UPDATE notice SET state = 'pending', send_at = business_now('thu')
           WHERE id IN (SELECT min(id) FROM notice GROUP BY unit_id)"""
    )
    await forth(world, dsn)
    await world.clock("2024-09-30 09:00")
    took = await dispatch(world)
    assert took.deliveries
    await world.run(
        """UPDATE delivery SET content = content - 'more' || jsonb_build_object('items', (
             SELECT jsonb_agg(i - 'days' - 'acknowledge_link') FROM jsonb_array_elements(content -> 'items') i))"""
    )
    await back(world, dsn)
    await forth(world, dsn)
    for row in await world.rows("SELECT content FROM delivery"):
        content = {name: value for name, value in row["content"].items() if name not in ("realm", "person")}
        assert DIGEST.validate_python(content).items


async def test_there_and_back_and_there_again_asks_nobody_anew(engine: AsyncEngine, dsn: str) -> None:
    world = await make_world(engine, "2024-09-30 08:00", draft=small_plan(), policy=Policy(last_year=2024))
    await world.step_task()
    await world.clock("2024-10-08 09:00")
    await world.step_task()
    assert await world.value("SELECT count(*) FROM notice WHERE kind = 'assigned_again'")
    told = await world.told()
    await back(world, dsn)
    await forth(world, dsn)
    kept = [line for line in told if not line[0].startswith("acknowledge-")]
    assert await world.told() == kept, "what the release before could not read is gone"
    await world.clock("2024-11-08 09:00")
    await world.step_task()
    assert await world.told() == kept
