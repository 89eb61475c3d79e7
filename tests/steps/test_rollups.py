"""The rollup: frozen when it is compiled, signed as it was seen, and counting what the screens count."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import LATE_REPORT, REPORT, World, at, make_world, small_registry

from domain.contracts import StepRequest, StepResult
from domain.errors import Conflict, Forbidden, Refusal
from domain.ids import rollup_id
from domain.reporting import FourCounts, canonical_json, from_json, sha256_hex
from domain.status import STATE_WORDS, State
from models.facts.decisions import decide_report
from models.facts.reports import submit_report
from models.facts.rollups import acknowledge_rollup, sign_rollup, unlock_rollup
from models.queries.compilation import compile_rollup
from models.queries.obligations import Wanted, list_obligations
from models.queries.plans import read_progress
from models.queries.rollups import read_frozen, read_rollup
from models.steps.rollups import current_version, step_rollup, store_artefacts
from models.steps.sending import Claimed, mark_sent

COMPILED = "2024-12-11 08:00"
# Task 1 is owed by bao and tap-chi, task 0 by these two and the lead agency itself.
COUNTS = FourCounts(done_on_time=1, done_late=1, open_in_term=1, open_overdue=2)


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A world at the hour of compiling, with an obligation in each of the four states."""
    registry = small_registry()
    both = [replace(p, roles=("officer", "coordinator")) if p.id == "so-can-bo" else p for p in registry.people]
    world = await make_world(engine, registry=replace(registry, people=tuple(both)))
    await world.clock("2024-09-27 08:00")
    for ordinal in (0, 1):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    await world.clock("2024-11-20 08:00")
    await report(world, "bao")
    await decide(world, "bao")
    await report(world, "bao", task=0)
    await world.clock("2024-12-03 08:00")
    await report(world, "tap-chi", late=True)
    await decide(world, "tap-chi")
    await world.clock(COMPILED)
    return world


async def report(world: World, unit: str, task: int = 1, late: bool = False) -> None:
    """A unit reports."""
    actor = await world.actor(f"{unit}-can-bo")
    await submit_report(world.engine, actor, await world.obligation(unit, task), LATE_REPORT if late else REPORT)


async def decide(world: World, unit: str, task: int = 1) -> None:
    """The coordinator accepts."""
    actor = await world.actor("so-tong-hop")
    await decide_report(world.engine, actor, await world.obligation(unit, task), 1, True)


async def request(world: World, name: str = "compile") -> StepRequest:
    """A step of the rollup of 2024."""
    key = int(await world.value("SELECT id FROM rollup WHERE period = '2024' AND supplement = 0"))
    return world.request(rollup_id(world.realm, world.plan, "2024"), key, name)


async def step(world: World, name: str = "compile") -> StepResult:
    """Take it."""
    return await step_rollup(world.engine, await request(world, name))


async def versions(world: World) -> list[tuple[int, str, bytes]]:
    """(version, hash, bytes) of all that was frozen."""
    rows = await world.rows("SELECT version, sha256, frozen FROM rollup_version ORDER BY version")
    return [(row["version"], row["sha256"], bytes(row["frozen"])) for row in rows]


async def sha256(world: World) -> str:
    """The hash that the signer is shown."""
    async with world.engine.connect() as connection:
        found = (await read_rollup(connection, world.realm, world.plan, "2024", 0)).sha256
    assert found is not None
    return found


async def sign(world: World, sha: str, person: str = "so-giam-doc") -> list[str]:
    return await sign_rollup(world.engine, await world.actor(person), world.plan, "2024", 0, sha, "15")


async def unlock(world: World, reason: str = "thiếu một đơn vị") -> list[str]:
    return await unlock_rollup(world.engine, await world.actor("so-giam-doc"), world.plan, "2024", 0, reason)


# Compiling


async def test_nothing_is_compiled_before_its_time(world: World) -> None:
    await world.run("UPDATE rollup SET compile_at = '2024-12-11 08:00:01+07' WHERE period = '2024'")
    took = await step(world, "wait")
    assert (took.next_step, took.wait.until) == ("compile", at("2024-12-11 08:00:01"))
    assert await versions(world) == []
    with pytest.raises(Conflict, match="rollup-not-compiled"):
        await sign(world, "0" * 64)
    with pytest.raises(Conflict, match="rollup-not-compiled"):
        await unlock(world)


async def test_compiling_freezes_and_tells_the_signer(world: World) -> None:
    took = await step(world)
    assert took.did[0] == "Tổng hợp lần 1 · 2/5 nghĩa vụ đã hoàn thành"
    assert took.next_step == "wait_for_signature"
    ((version, sha, frozen),) = await versions(world)
    assert version == 1
    assert sha == sha256_hex(frozen) == await sha256(world)
    assert canonical_json(from_json(frozen)) == frozen, "the document can be drawn again from its bytes"
    assert ("compiled", "signer", "so") in await world.told()


async def test_compiled_only_after_its_own_deadline_it_is_overdue_at_once(world: World) -> None:
    await world.clock("2024-12-18 09:00")
    took = await step(world)
    told = {(rung, role) for rung, role, _ in await world.told() if rung in ("compiled", "due", "overdue-1")}
    assert told == {
        ("compiled", "signer"), ("overdue-1", "signer"), ("overdue-1", "coordinator"), ("overdue-1", "leader"),
    }  # fmt: skip
    assert took.wait.until is None
    await step(world, "wait_for_signature")
    assert len([1 for rung, _, _ in await world.told() if rung == "overdue-1"]) == 3


async def test_what_happens_after_leaves_the_frozen_as_it_is(world: World) -> None:
    await step(world)
    before = await versions(world)
    await world.clock("2024-12-11 10:00")
    await report(world, "tap-chi", task=0, late=True)
    await decide(world, "tap-chi", task=0)
    await world.run("UPDATE unit SET name = 'Tên mới' WHERE slug = 'bao'")
    await world.run("UPDATE plan SET title = 'Kế hoạch khác'")
    await step(world, "wait_for_signature")
    assert await versions(world) == before
    async with world.engine.connect() as connection:
        document = await read_frozen(connection, world.realm, world.plan, "2024", 0)
    assert document is not None
    assert document.plan_title == "Kế hoạch thử"
    assert "Tên mới" not in {row.unit_name for row in document.reporters}


async def test_the_same_books_at_the_same_instant_make_the_same_bytes(world: World) -> None:
    await step(world)
    ((_, sha, frozen),) = await versions(world)
    key = await world.value("SELECT id FROM rollup WHERE period = '2024'")
    await world.clock("2025-01-15 08:00")
    async with world.engine.connect() as connection:
        again = canonical_json((await compile_rollup(connection, key, at(COMPILED))).document)
        later = canonical_json((await compile_rollup(connection, key, at("2025-01-15 08:00"))).document)
    assert again == frozen
    assert sha256_hex(again) == sha
    assert later != frozen, "it says its instant"


async def test_a_repeated_step_compiles_once(world: World) -> None:
    asked = await request(world)
    first = await step_rollup(world.engine, asked)
    assert await step_rollup(world.engine, asked) == first
    await step(world)
    assert [version for version, _, _ in await versions(world)] == [1]


async def test_it_knows_the_last_submission_it_saw(world: World) -> None:
    await step(world)
    last = await world.value("SELECT max(id) FROM submission")
    assert await world.value("SELECT last_submission_id FROM rollup_version") == last


# One set of counts


async def test_document_screen_and_sql_count_the_same(world: World) -> None:
    await step(world)
    async with world.engine.connect() as connection:
        document = await read_frozen(connection, world.realm, world.plan, "2024", 0)
        instant = at(COMPILED)
        listed = await list_obligations(connection, Wanted(world.realm, plan=world.plan, round="2024"), instant)
        progress = await read_progress(connection, world.realm, world.plan, instant, "2024")
    assert document is not None
    rows = await world.rows(
        "SELECT obligation_state(o, :at) AS state, count(*) AS n FROM obligation o GROUP BY 1", at=instant
    )
    in_sql = FourCounts(**{row["state"]: row["n"] for row in rows})
    assert document.obligation_counts == listed.counts == progress.obligation_counts == in_sql == COUNTS
    assert COUNTS.total == 5
    assert document.task_counts == progress.task_counts == FourCounts(done_late=1, open_overdue=1)
    words = [row.state for row in document.reporters]
    by_words = {state.value: words.count(STATE_WORDS[state]) for state in State}
    assert FourCounts(**by_words) == COUNTS, "the table at the end says what the head says"
    sources = [source.state for task in document.tasks for source in task.sources]
    assert sorted(sources) == sorted(words)


async def test_the_document_says_who_reported_when_and_who_has_not(world: World) -> None:
    await step(world)
    async with world.engine.connect() as connection:
        document = await read_frozen(connection, world.realm, world.plan, "2024", 0)
    assert document is not None
    found = {(row.task_label, row.unit_name): row for row in document.reporters}
    assert len(found) == 5
    assert found["Nhiệm vụ 01", "Đơn vị bao"].received_at == at("2024-11-20 08:00")
    assert found["Nhiệm vụ 01", "Đơn vị tap-chi"].note == "Giải trình: Thiếu người"
    assert found["Báo cáo chung", "Đơn vị bao"].note == "Chờ xem xét"
    assert found["Báo cáo chung", "Đơn vị tap-chi"].note == "Chưa báo cáo"
    assert found["Báo cáo chung", "Sở TT"].received_at is None
    assert document.compiled_at == at(COMPILED)
    assert document.cutoff == at("2024-11-28").date()
    assert document.due_text == "trước ngày 30/11/2024"
    assert document.rehearsal
    assert set(document.recipients) == {"Bộ", "UBND tỉnh"}


# Signing and unlocking


async def test_signing_what_was_seen(world: World) -> None:
    await step(world)
    await sign(world, await sha256(world))
    row = (await world.rows("SELECT signed_at, signed_number FROM rollup WHERE period = '2024'"))[0]
    assert tuple(row.values()) == (at(COMPILED), "15")
    took = await step(world, "wait_for_signature")
    assert took.next_step == "render"
    with pytest.raises(Conflict, match="rollup-signed"):
        await sign(world, await sha256(world))


async def test_an_unlock_makes_a_second_version_and_keeps_the_first(world: World) -> None:
    await step(world)
    first, seen = (await versions(world))[0], await sha256(world)
    await world.clock("2024-12-11 10:00")
    await report(world, "tap-chi", task=0, late=True)
    await decide(world, "tap-chi", task=0)
    await unlock(world)
    await step(world)
    found = await versions(world)
    assert found[0] == first
    assert [version for version, _, _ in found] == [1, 2]
    assert from_json(found[1][2]).obligation_counts == FourCounts(1, 2, 1, 1)
    with pytest.raises(Conflict, match="rollup-changed"):
        await sign(world, seen)
    assert await world.value("SELECT signed_at FROM rollup WHERE period = '2024'") is None
    await sign(world, found[1][1])
    told = [row["epoch"] for row in await world.rows("SELECT epoch FROM notice WHERE rung = 'compiled' ORDER BY epoch")]
    assert told == [1, 2], "the signer is told of each"


async def test_a_signature_is_undone_by_an_unlock(world: World) -> None:
    await step(world)
    await sign(world, await sha256(world))
    await unlock(world)
    row = (await world.rows("SELECT signed_at, signed_by, signed_number FROM rollup WHERE period = '2024'"))[0]
    assert tuple(row.values()) == (None, None, None)
    await step(world)
    assert [version for version, _, _ in await versions(world)] == [1, 2]


async def test_an_unlock_needs_a_reason(world: World) -> None:
    await step(world)
    with pytest.raises(Refusal, match="reason-missing"):
        await unlock(world, "  ")


async def test_what_was_rendered_is_not_unlocked(world: World) -> None:
    await step(world)
    await sign(world, await sha256(world))
    files = [("bao-cao.pdf", "application/pdf", b"%PDF")]
    await store_artefacts(world.engine, await request(world, "render"), 1, files, "test")
    stored = (await world.rows("SELECT version, name, content, sha256 FROM artefact"))[0]
    assert tuple(stored.values()) == (1, "bao-cao.pdf", b"%PDF", sha256_hex(b"%PDF"))
    with pytest.raises(Conflict, match="rollup-sent"):
        await unlock(world)


async def test_files_of_a_version_unlocked_meanwhile_are_kept_and_not_sent(world: World) -> None:
    await step(world)
    await sign(world, await sha256(world))
    await world.clock("2024-12-11 10:00")
    await unlock(world)
    await step(world)
    await sign(world, await sha256(world))
    files = [("bao-cao.pdf", "application/pdf", b"%PDF of version 1")]
    await store_artefacts(world.engine, await request(world, "render"), 1, files, "test")
    assert await world.value("SELECT version FROM artefact") == 1
    assert await world.value("SELECT rendered_at FROM rollup WHERE period = '2024'") is None
    assert (await step(world, "send")).next_step == "render", "version 2 was signed, and its files are still to come"


async def test_what_there_is_to_render(world: World) -> None:
    key = await world.value("SELECT id FROM rollup WHERE period = '2024'")
    async with world.engine.connect() as connection:
        assert await current_version(connection, key) is None
    await step(world)
    await sign(world, await sha256(world))
    async with world.engine.connect() as connection:
        found = await current_version(connection, key)
    assert found is not None
    assert (found.version, found.signer_name, found.number) == (1, "Người so-giam-doc", "15")
    assert found.frozen == (await versions(world))[0][2]


async def test_nothing_is_acknowledged_before_it_was_sent(world: World) -> None:
    await step(world)
    await sign(world, await sha256(world))
    with pytest.raises(Conflict, match="rollup-not-sent"):
        await acknowledge_rollup(world.engine, await world.actor("so-tong-hop"), world.plan, "2024", 0, "đã nhận")


async def test_nobody_accepts_their_own_report(world: World) -> None:
    """The lead agency reports too; so-can-bo may review, but not this one."""
    await report(world, "so", task=0, late=True)
    reporter, obligation = await world.actor("so-can-bo"), await world.obligation("so", 0)
    for accepted in (True, False):
        with pytest.raises(Forbidden, match="own-report"):
            await decide_report(world.engine, reporter, obligation, 1, accepted, "lý do")
    assert await world.value("SELECT decision FROM submission WHERE obligation_id = :id", id=obligation) is None
    await decide_report(world.engine, await world.actor("so-tong-hop"), obligation, 1, True)


async def test_the_mark_of_a_delivery_waits_for_the_rollups_step_before_it_takes_a_notice(world: World) -> None:
    """Both need the rollup's wake row and its notices: in one order, or they would wait for each other in a ring."""
    await step(world)
    await sign(world, await sha256(world))
    await world.run("UPDATE rollup SET rendered_at = signed_at WHERE signed_at IS NOT NULL")
    await step(world, "send_rollup")
    person = await world.value("SELECT id FROM person WHERE slug = 'bo-van-thu'")
    rollup, now = (await request(world)).subject, await world.value("SELECT now FROM realm")
    await world.run(
        """WITH made AS (
             INSERT INTO delivery (realm, person_id, channel, address, rollup_id, content, at, state, attempts,
                                   lease_owner, provider_id, error_code, error)
             VALUES ('thu', :person, 'mail', 'x@thu.example', :rollup, '{}', :now, 'reserved', 1, 'me', '', '', '')
             RETURNING id)
           INSERT INTO delivery_notice (notice_id, person_id, channel, delivery_id)
           SELECT n.id, :person, 'mail', made.id FROM notice n, made WHERE n.rung = 'rollup'""",
        person=person,
        rollup=rollup,
        now=now,
    )
    await world.run("UPDATE notice SET state = 'reserved' WHERE rung = 'rollup'")
    delivery = await world.value("SELECT id FROM delivery")
    claimed = Claimed(delivery, "thu", person, "mail", "x@thu.example", rollup, {}, now, 1, owner="me")
    async with world.engine.begin() as as_a_step:
        workflow = {"w": (await request(world)).workflow}
        await as_a_step.execute(text("SELECT 1 FROM wake WHERE workflow = :w FOR UPDATE"), workflow)
        mark = asyncio.create_task(mark_sent(world.engine, claimed, "250"))
        await asyncio.sleep(0.3)
        assert not mark.done()
        await as_a_step.execute(text("SELECT 1 FROM notice WHERE rung = 'rollup' FOR UPDATE NOWAIT"))
    await mark
    assert await world.value("SELECT DISTINCT state FROM notice WHERE rung = 'rollup'") == "sent"
