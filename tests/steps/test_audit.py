"""The daily audit: each defect, made by hand in the books, is found once, repaired, and then not there any more."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, World, at, make_world, small_plan, small_registry

from domain.contracts import StepRequest, StepResult
from domain.ids import audit_id, dispatch_id, plan_id, round_id, task_id
from domain.watching import DEFECTS, next_audit
from domain.workdays import VIETNAM
from models.facts.realms import create_realm
from models.facts.reports import submit_report
from models.queries.health import latest_audits
from models.steps.audit import step_audit
from models.steps.dispatch import step_dispatch
from models.steps.plans import step_plan
from models.steps.rollups import step_rollup
from models.steps.rounds import step_round
from models.steps.tasks import step_task

_numbers = itertools.count(1)
ROUND = round_id("thu", "ke-hoach", 1, "2024")
TASK = task_id("thu", "ke-hoach", 1)
DISPATCH = dispatch_id("thu")


async def audit(world: World, silent: tuple[str, ...] = ()) -> tuple[dict[str, Any], StepResult]:
    """Look over the realm; what was kept in the books, and the step's result."""
    request = StepRequest(audit_id(world.realm), "hand", next(_numbers), "look_over", world.realm, 0)
    result = await step_audit(world.engine, request, silent)
    async with world.engine.connect() as connection:
        (line,) = await latest_audits(connection, world.realm, 1)
    return line.repaired, result


async def settle(world: World) -> None:
    """Everything that is rung or due looks at the books, as its workflow would; but nothing is sent."""
    for _ in range(10):
        rung = await world.rows(
            """SELECT * FROM wake WHERE bell > 0 OR (closed_at IS NULL AND at <= business_now(realm))
               OR (started_at IS NULL AND process <> 'dispatch') ORDER BY workflow"""
        )
        if not rung:
            return
        for wake in rung:
            step = STEPS.get(wake["process"])
            if step is not None:
                name = wake["next_step"] or "look"
                await step(world.engine, world.request(wake["workflow"], wake["subject"], name))
        await world.run("UPDATE wake SET bell = 0, bell_at = NULL, at = NULL WHERE process = 'dispatch'")
    raise AssertionError(f"it does not settle: {[wake['workflow'] for wake in rung]}")


COMMON_DONE = """
WITH done AS (
  UPDATE obligation SET accepted_at = business_now('thu'), effective_at = business_now('thu')
  WHERE round_id = (SELECT r.id FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = 0))
UPDATE wake SET at = business_now('thu') WHERE workflow = 'thu/plan/ke-hoach/task/0/round/2024'
"""
STEPS: dict[str, Any] = {"round": step_round, "task": step_task, "plan": step_plan, "rollup": step_rollup}


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A year's round, open, a few rungs up its ladder, everything said so far sent; the common report is done."""
    made = await make_world(engine, draft=small_plan())
    for words in ("2024-01-15 08:00", "2024-01-18 08:00", "2024-01-25 08:00", "2024-09-27 08:00", "2024-12-02 09:00"):
        await made.clock(words)
        await settle(made)
        if words.startswith("2024-09"):
            await made.run(COMMON_DONE)
            await settle(made)
    await made.run("UPDATE notice SET state = 'sent'")
    await made.clock("2024-12-02 12:00")
    return made


async def test_a_sound_realm_gives_nothing_to_do(world: World) -> None:
    told = await world.told()
    assert ("overdue-1", "head", "bao") in told
    found, result = await audit(world)
    assert (found, result.did, result.rings) == ({}, (), ())
    checked = await world.value("SELECT checked FROM audit")
    assert checked > 4
    assert str(checked) in result.details


async def test_a_repetition_of_the_step_looks_once(world: World) -> None:
    request = StepRequest(audit_id("thu"), "run", 1, "look_over", "thu", 0)
    assert await step_audit(world.engine, request) == await step_audit(world.engine, request)
    assert await world.value("SELECT count(*) FROM audit") == 1


async def once(world: World, name: str, found: int, repaired: int | None = None, silent: tuple[str, ...] = ()) -> Any:
    """The audit finds this and nothing else, repairs it; who was rung looks; the next audit finds nothing."""
    first, result = await audit(world, silent)
    assert {key: (value["found"], value["repaired"]) for key, value in first.items()} == {
        name: (found, found if repaired is None else repaired)
    }
    assert result.did[0].startswith(f"{found} {DEFECTS[name]}")
    await settle(world)
    second, _ = await audit(world)
    assert second == {}
    return result


async def test_a_round_that_slept_past_a_rung_is_rung(world: World) -> None:
    await world.clock("2024-12-04 08:30")
    result = await once(world, "rungs-behind", 2)
    assert result.rings == (ROUND,)
    assert ("overdue-3", "coordinator", "so") in await world.told()


async def test_a_rung_that_has_just_come_is_left_to_its_round(world: World) -> None:
    await world.clock("2024-12-04 08:05")
    assert (await audit(world))[0] == {}


async def test_a_rung_that_was_never_said_is_said(world: World) -> None:
    before = await world.told()
    await world.run("DELETE FROM notice WHERE rung = 'overdue-1' AND role = 'head'")
    await once(world, "rungs-unsaid", 2)
    assert await world.told() == before, "the officers are not told twice"


async def test_rungs_that_had_passed_when_the_round_opened_are_rightly_silent(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan())
    await world.clock("2024-11-25 09:00")
    await settle(world)
    await world.step_task()
    await settle(world)
    assert await world.value("SELECT min(raised) FROM obligation WHERE round_id IS NOT NULL") > 0
    await world.run("UPDATE notice SET state = 'sent'")
    await world.clock("2024-11-25 12:00")
    assert (await audit(world))[0] == {}


async def test_who_has_answered_is_past_no_rung(world: World) -> None:
    for unit in ("bao", "tap-chi"):
        await submit_report(
            world.engine, await world.actor(f"{unit}-can-bo"), await world.obligation(unit), LATE_REPORT
        )
    await settle(world)
    await world.run("UPDATE notice SET state = 'sent'")
    await world.clock("2025-03-03 12:00")
    found, _ = await audit(world)
    assert "rungs-behind" not in found


async def test_an_obligation_that_was_never_opened_is(world: World) -> None:
    await world.run("UPDATE obligation SET opened = false, raised = 0 WHERE id = :id", id=await world.obligation("bao"))
    await once(world, "rounds-unseen", 1)


async def test_a_lead_that_is_silent_about_its_task_is_asked_again(engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan())
    await settle(world)
    await world.run("UPDATE notice SET state = 'sent'")
    await world.clock("2024-01-18 12:00")
    first, _ = await audit(world)
    assert first["acknowledgements-behind"]["found"] >= 2
    await settle(world)
    await world.run("UPDATE notice SET state = 'sent'")
    assert (await audit(world))[0] == {}


async def test_a_rollup_that_was_not_compiled_is_rung(world: World) -> None:
    await world.run("UPDATE rollup SET compile_at = business_now('thu') - interval '1 hour' WHERE period = '2024'")
    found, result = await audit(world)
    assert found["rollups-behind"]["found"] == 1
    assert result.rings == ("thu/plan/ke-hoach/rollup/2024",)


async def test_a_notice_that_nobody_is_about_to_send(world: World) -> None:
    await world.run(
        """UPDATE notice SET state = 'pending', send_at = business_now('thu') - interval '1 hour'
           WHERE id = (SELECT min(id) FROM notice WHERE rung = 'overdue-1')"""
    )
    await world.run("UPDATE wake SET at = NULL, bell = 0 WHERE workflow = :w", w=DISPATCH)
    found, result = await audit(world)
    assert found["notices-waiting"]["found"] == 1
    assert DISPATCH in result.rings
    assert (await audit(world))[0] == {}, "the dispatch is rung"


async def test_a_notice_waits_although_the_dispatch_has_no_wake(world: World) -> None:
    await world.run("DELETE FROM wake WHERE workflow = :w", w=DISPATCH)
    await world.run(
        """UPDATE notice SET state = 'pending', send_at = business_now('thu') - interval '1 hour'
           WHERE id = (SELECT min(id) FROM notice WHERE rung = 'overdue-1')"""
    )
    assert (await audit(world))[0]["notices-waiting"]["found"] == 1
    assert await world.value("SELECT bell FROM wake WHERE workflow = :w", w=DISPATCH) == 1


async def reserve(world: World) -> None:
    """What was raised last goes into digests."""
    await world.run("UPDATE notice SET state = 'pending' WHERE rung = 'overdue-1'")
    await step_dispatch(world.engine, world.request(DISPATCH, 0, "gather"))
    assert await world.value("SELECT count(*) FROM delivery WHERE state = 'reserved'") > 0


async def test_notices_adrift_go_back_or_are_settled(world: World) -> None:
    await reserve(world)
    people = await world.value("SELECT count(*) FROM delivery")
    await world.run("UPDATE delivery SET state = 'sent' WHERE address LIKE 'bao-thu%'")
    await world.run("UPDATE delivery SET state = 'refused' WHERE state = 'reserved'")
    found, _ = await audit(world)
    assert found["notices-adrift"]["found"] == await world.value("SELECT count(*) FROM notice WHERE rung = 'overdue-1'")
    states = await world.rows("SELECT state, count(*) AS n FROM notice WHERE rung = 'overdue-1' GROUP BY 1 ORDER BY 1")
    assert [(row["state"], row["n"]) for row in states] == [("pending", 3), ("sent", 1)]
    await world.clock("2024-12-02 14:00")
    await step_dispatch(world.engine, world.request(DISPATCH, 0, "gather"))
    assert await world.value("SELECT count(*) FROM delivery") == people + people - 1, "each in a digest again"
    assert (await audit(world))[0] == {}


async def test_what_failed_is_sent_when_an_address_was_mended(world: World) -> None:
    await world.run("UPDATE person SET email = '' WHERE slug LIKE 'bao-%'")
    await world.run(
        """UPDATE notice SET state = 'unroutable' WHERE rung = 'overdue-1'
           AND unit_id = (SELECT id FROM unit WHERE slug = 'bao')"""
    )
    assert (await audit(world))[0] == {}, "nobody can be reached"
    await world.run("UPDATE person SET email = slug || '@thu.example' WHERE slug LIKE 'bao-%'")
    found, _ = await audit(world)
    assert found["notices-reachable"]["found"] == 2
    assert await world.value("SELECT count(*) FROM notice WHERE state = 'pending'") == 2
    await step_dispatch(world.engine, world.request(DISPATCH, 0, "gather"))
    assert (await audit(world))[0] == {}


async def test_an_address_that_refused_is_not_asked_every_day(world: World) -> None:
    await reserve(world)
    await world.run("UPDATE delivery SET state = 'refused', error_code = '554'")
    await world.run("UPDATE notice SET state = 'failed' WHERE state = 'reserved'")
    assert (await audit(world))[0] == {}
    await world.run("UPDATE person SET email = 'khac@thu.example' WHERE slug = 'bao-thu-truong'")
    found, _ = await audit(world)
    assert found["notices-reachable"]["examples"] == [f"obligation/{await world.obligation('bao')} · overdue-1"]


async def test_what_is_no_longer_true_stays_as_it_is(world: World) -> None:
    await world.run("UPDATE notice SET state = 'unroutable' WHERE rung = 'overdue-1'")
    await world.run("UPDATE obligation SET epoch = epoch + 1, raised = 5, late_at = late_at + interval '1 year'")
    found, _ = await audit(world)
    assert "notices-reachable" not in found


async def test_the_quiet_hours_hold_for_repairs_too(world: World) -> None:
    await world.run("UPDATE notice SET state = 'unroutable' WHERE rung = 'overdue-1'")
    await world.clock("2024-12-03 06:00")
    await audit(world)
    assert await world.value("SELECT min(send_at) FROM notice WHERE state = 'pending'") == at("2024-12-03 07:00")
    assert await world.value("SELECT at FROM wake WHERE workflow = :w", w=DISPATCH) <= at("2024-12-03 07:00")


@pytest.mark.parametrize(
    "made",
    [
        "UPDATE delivery SET lease_until = clock_timestamp() - interval '2 hours', lease_owner = 'dead'",
        "UPDATE delivery SET lease_until = NULL",
        "UPDATE delivery SET state = 'waiting', retry_at = business_now(realm) - interval '2 hours'",
    ],
)
async def test_a_delivery_that_nobody_touches(world: World, made: str) -> None:
    await reserve(world)
    await world.run("UPDATE wake SET bell = 0 WHERE workflow = :w", w=DISPATCH)
    await world.clock("2024-12-02 15:00")
    await world.run(made)
    found, result = await audit(world)
    assert found["deliveries-stalled"]["found"] == await world.value("SELECT count(*) FROM delivery")
    assert result.rings == (DISPATCH,)
    assert (await audit(world))[0] == {}


async def test_a_fact_without_its_bell(world: World) -> None:
    await world.run(
        """INSERT INTO fact (realm, workflow, kind, at, occurrence, summary)
           VALUES ('thu', :w, 'note', business_now('thu') - interval '1 hour', 0, 'Ghi nhận')""",
        w=ROUND,
    )
    await once(world, "facts-unheard", 1)


async def test_a_fact_for_nobody_is_told_and_not_repaired(world: World) -> None:
    await world.run(
        """INSERT INTO fact (realm, workflow, kind, at, occurrence, summary)
           VALUES ('thu', 'thu/plan/khac', 'note', business_now('thu') - interval '1 hour', 0, 'Ghi nhận')"""
    )
    found, result = await audit(world)
    assert found["facts-orphaned"] == {"found": 1, "repaired": 0, "examples": ["thu/plan/khac"]}
    assert result.rings == ()


async def test_workflows_that_do_not_run_are_started(world: World) -> None:
    result = await once(world, "workflows-silent", 2, silent=(ROUND, TASK))
    assert result.rings == (TASK, ROUND)


@pytest.mark.parametrize("process", ["plan", "task", "round", "rollup"])
async def test_what_is_open_without_a_workflow_gets_one(world: World, process: str) -> None:
    what = "SELECT workflow, title, subject FROM wake WHERE process = :p AND closed_at IS NULL ORDER BY 1"
    kept = await world.rows(what, p=process)
    await world.run("DELETE FROM wake WHERE process = :p AND closed_at IS NULL", p=process)
    found, result = await audit(world)
    assert found["workflows-missing"]["found"] == len(kept)
    again = await world.rows(what, p=process)
    assert [dict(row) for row in again] == [dict(row) for row in kept], "under the same name as before"
    assert result.rings == tuple(row["workflow"] for row in kept)
    await settle(world)
    assert (await audit(world))[0] == {}


async def test_a_workflow_closed_over_something_open(world: World) -> None:
    await world.run("UPDATE wake SET closed_at = business_now('thu') WHERE workflow = :w", w=ROUND)
    await once(world, "workflows-closed", 1)


async def test_a_round_closed_over_an_open_obligation_is_opened_again(world: World) -> None:
    await world.run("UPDATE round SET closed_at = business_now('thu') WHERE closed_at IS NULL")
    await world.run("UPDATE wake SET closed_at = business_now('thu') WHERE workflow = :w", w=ROUND)
    found, result = await audit(world)
    assert found["rounds-closed-early"]["repaired"] == 1
    assert ROUND in result.rings
    assert await world.value("SELECT count(*) FROM round WHERE closed_at IS NULL") == 1
    await settle(world)
    assert (await audit(world))[0] == {}


async def test_a_task_or_plan_closed_early_is_for_people_to_decide(world: World) -> None:
    await world.run("UPDATE task SET closed_at = business_now('thu') WHERE ordinal = 1")
    found, _ = await audit(world)
    assert found == {"tasks-closed-early": {"found": 1, "repaired": 0, "examples": [TASK]}}
    await world.run("UPDATE task SET closed_at = NULL")
    await world.run("UPDATE plan SET status = 'closed'")
    found, _ = await audit(world)
    assert found["plans-closed-early"]["examples"] == [plan_id("thu", "ke-hoach")]


async def test_a_live_realm_wants_its_audit_and_a_rehearsal_none(engine: AsyncEngine) -> None:
    world = await make_world(engine, live=True)
    await create_realm(engine, "dien-tap", small_registry(), at("2024-01-15 08:00"), 2024, 2025)
    rows = await world.rows("SELECT * FROM wake WHERE process = 'audit'")
    assert [(row["workflow"], row["closed_at"]) for row in rows] == [("thu/audit", None)]
    first = rows[0]["at"].astimezone(VIETNAM)
    assert (first.hour, first.minute) == (6, 0)
    assert timedelta(0) < first - datetime.now(UTC) <= timedelta(days=1)
    found, result = await audit(world)
    assert found == {} or set(found) <= set(DEFECTS)
    assert result.wait.seconds is not None
    assert await world.value("SELECT at FROM wake WHERE process = 'audit'") == result.wait.until


MANY = """
WITH t AS (
  INSERT INTO task (plan_id, ordinal, title, result, timing_text, timing, after_event, assigned_at)
  SELECT plan_id, 100 + n, title, result, timing_text, timing, after_event, assigned_at
  FROM task, generate_series(1, 5000) n WHERE ordinal = 1 RETURNING id, ordinal),
r AS (
  INSERT INTO round (task_id, label, kind, period_from, period_to, cutoff, due_text, opened_at)
  SELECT t.id, r.label, r.kind, r.period_from, r.period_to, r.cutoff, r.due_text, r.opened_at
  FROM t, round r WHERE r.task_id = (SELECT id FROM task WHERE ordinal = 1) RETURNING id, task_id),
w AS (
  INSERT INTO wake (workflow, realm, process, subject, title, at, next_step, bell, started_at)
  SELECT 'thu/plan/ke-hoach/task/' || ordinal, 'thu', 'task', id, '', NULL::timestamptz, '', 0, clock_timestamp() FROM t
  UNION ALL
  SELECT 'thu/plan/ke-hoach/task/' || ordinal || '/round/2024', 'thu', 'round', r.id, '', NULL, '', 0, clock_timestamp()
  FROM r JOIN t ON t.id = r.task_id RETURNING 1),
o AS (
  INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text, due_rule,
                          calendar_version, epoch, raised, opened)
  SELECT r.id, unit_id, due_strict, due_literal, due_lenient, late_at, o.due_text, due_rule, calendar_version, epoch,
         raised, opened
  FROM r, obligation o WHERE o.round_id = (SELECT max(id) FROM round) RETURNING id, round_id, unit_id)
INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, obligation_id, detail,
                    raised_at, send_at, state)
SELECT n.realm, 'obligation/' || o.id, n.epoch, n.rung, n.occurrence, n.role, o.unit_id, n.kind, n.plan_id, o.id, '',
       n.raised_at, n.send_at, 'sent'
FROM o JOIN obligation was ON was.unit_id = o.unit_id AND was.round_id = (SELECT max(id) FROM round)
JOIN notice n ON n.obligation_id = was.id
"""


async def test_ten_thousand_obligations_are_looked_over_in_seconds(world: World) -> None:
    await world.run(MANY)
    await world.run("ANALYZE")
    assert await world.value("SELECT count(*) FROM obligation WHERE accepted_at IS NULL") == 10_002
    began = monotonic()
    found, _ = await audit(world)
    took = monotonic() - began
    assert found == {}
    assert await world.value("SELECT checked FROM audit") > 20_000
    await world.clock("2024-12-04 08:30")
    began = monotonic()
    found, result = await audit(world)
    late = monotonic() - began
    assert (found["rungs-behind"]["found"], len(result.rings)) == (10_002, 5_001)
    assert len(found["rungs-behind"]["examples"]) == 20
    print(f"10,000 obligations: {took:.2f} s where all is well, {late:.2f} s where all are late")
    assert max(took, late) < 20, "seconds, also on a busy machine"


def test_the_next_audit_is_tomorrow_at_six_once_it_is_six() -> None:
    assert next_audit(at("2024-12-02 05:59")) == at("2024-12-02 06:00")
    assert next_audit(at("2024-12-02 06:00")) == at("2024-12-03 06:00")
