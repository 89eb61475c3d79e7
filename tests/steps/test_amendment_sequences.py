"""Any sequence of amendments, reports, decisions and steps: the counts add up, and nothing reported is lost."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from amendments import amended, led_by, propose, retimed, task, without
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import LATE_REPORT, World, make_world, small_plan, small_registry

from domain.errors import Conflict
from domain.plan import PlanDraft
from embedded.postgres import EmbeddedPostgres
from models.facts.decisions import decide_report
from models.facts.realms import move_clock
from models.facts.reports import submit_report
from models.queries.amendments import read_amendment
from models.queries.compilation import compile_rollup
from models.queries.obligations import Wanted, list_obligations
from models.queries.plans import read_plan, read_progress
from models.session import make_engine
from models.steps.rounds import step_round
from models.steps.tasks import step_task

UNITS = ("bao", "tap-chi", "dai")
WORDS = ("tập huấn", "rà soát", "kiểm tra", "đào tạo", "khảo sát", "đầu tư", "xuất bản", "tuyên truyền")
TIMINGS = ("Hàng năm", "Trước ngày 30/11/2024", "Trước ngày 15/12/2024", "Năm 2025", "2024-2025")
PLAN = replace(
    small_plan(), tasks=(task(1, "Rà soát hạ tầng", "bao"), task(2, "Tập huấn phóng viên", "tap-chi", "dai"))
)
REGIMES = ("11-30", "12-05")
_numbers = itertools.count(1)

NUMBER = st.integers(0, 7)
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), NUMBER, st.sampled_from(TIMINGS)),
    st.tuples(st.just("drop"), NUMBER),
    st.tuples(st.just("lead"), NUMBER, st.lists(st.sampled_from(UNITS), min_size=1, max_size=2, unique=True)),
    st.tuples(st.just("time"), NUMBER, st.sampled_from(TIMINGS)),
    st.tuples(st.just("regime"), st.sampled_from(REGIMES)),
    st.tuples(st.just("number"), st.just(0)),
    st.tuples(st.just("report"), NUMBER),
    st.tuples(st.just("decide"), NUMBER, st.booleans()),
    st.tuples(st.just("step"), st.sampled_from([0, 1, 20])),
)


@asynccontextmanager
async def fresh(postgres: EmbeddedPostgres) -> AsyncIterator[World]:
    """A world in a database of its own, on the day its rounds are open."""
    name = f"sequence_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.dsn_of("postgres"))
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE books")
    engine = make_engine(postgres.dsn_of(name), 2)
    try:
        yield await make_world(engine, "2024-10-07 08:00", registry=small_registry(UNITS), draft=PLAN)
    finally:
        await engine.dispose()
        await admin.execute(f"DROP DATABASE {name}")
        await admin.close()


def edited(draft: PlanDraft, name: str, number: int | str, more: Any) -> PlanDraft:
    """The draft after one editing operation."""
    if name == "regime":
        return replace(draft, reporting=(replace(draft.reporting[0], before=str(number)), draft.reporting[1]))
    at = int(number) % len(draft.tasks) + 1
    if name == "add":
        words = f"{WORDS[int(number)].capitalize()} {WORDS[len(draft.tasks) % 8]} {next(_numbers)}"
        return replace(draft, tasks=(*draft.tasks, task(len(draft.tasks) + 1, words, UNITS[at % 3], timing=more)))
    if name == "drop":
        return without(draft, at) if len(draft.tasks) > 1 else draft
    if name == "number":
        return replace(draft, tasks=tuple(replace(t, ordinal=n) for n, t in enumerate(reversed(draft.tasks), 1)))
    return led_by(draft, at, *more) if name == "lead" else retimed(draft, at, more)


async def act(world: World, draft: PlanDraft, operation: Sequence[Any]) -> PlanDraft:
    """Do it; what the books refuse is refused."""
    name, number, more = operation[0], operation[1], operation[2] if len(operation) > 2 else None
    if name == "step":
        now: datetime = await world.value("SELECT now FROM realm")
        await move_clock(world.engine, world.realm, now + timedelta(days=number))
        await steps(world)
    elif name == "report":
        await report(world, number)
    elif name == "decide":
        await decide(world, number, bool(more))
    else:
        draft = edited(draft, name, number, more)
        await amended(world, draft)
    return draft


async def report(world: World, number: int) -> None:
    rows = await world.rows("SELECT o.id, u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id ORDER BY o.id")
    if rows:
        row = rows[number % len(rows)]
        try:
            await submit_report(world.engine, await world.actor(f"{row['slug']}-can-bo"), row["id"], LATE_REPORT)
        except Conflict as refused:
            assert refused.code in ("obligation-withdrawn", "already-submitted", "already-accepted")


async def decide(world: World, number: int, accepted: bool) -> None:
    rows = await world.rows("SELECT * FROM submission WHERE decision IS NULL ORDER BY id")
    if rows:
        row, coordinator = rows[number % len(rows)], await world.actor("so-tong-hop")
        await decide_report(world.engine, coordinator, row["obligation_id"], row["revision"], accepted, "thiếu")


async def steps(world: World) -> None:
    """Every task and round takes its step."""
    for row in await world.rows(
        "SELECT * FROM wake WHERE process IN ('task', 'round') ORDER BY process DESC, workflow"
    ):
        take = step_task if row["process"] == "task" else step_round
        took = await take(world.engine, world.request(row["workflow"], row["subject"], "take_in"))
        if took.next_step == "close_round":
            await step_round(world.engine, world.request(row["workflow"], row["subject"], "close_round"))


KEPT = "SELECT id, obligation_id, revision, person_id, result, explanation, received_at, effective_at FROM submission"


async def check(world: World, draft: PlanDraft, kept: list[Any]) -> list[Any]:
    """What must hold after whatever was done; returns all submissions."""
    submissions = await world.rows(f"{KEPT} ORDER BY id")
    assert submissions[: len(kept)] == kept
    assert await world.rows(
        """SELECT 1 FROM obligation o JOIN submission s ON s.obligation_id = o.id WHERE o.withdrawn_at IS NOT NULL"""
    ) == []  # fmt: skip
    assert await world.rows(
        """SELECT o.id FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
           WHERE o.withdrawn_at IS NULL AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id)
             AND (t.withdrawn_at IS NOT NULL OR r.closed_at IS NOT NULL OR NOT EXISTS (
               SELECT FROM task_owner w WHERE w.task_id = t.id AND w.unit_id = o.unit_id AND w.role = 'lead'
                 AND w.ended_at IS NULL))"""
    ) == []  # fmt: skip
    async with world.engine.connect() as books:
        now = await world.value("SELECT now FROM realm")
        progress = await read_progress(books, world.realm, world.plan, now)
        listed = await list_obligations(books, Wanted(world.realm), now)
        compiled = await compile_rollup(books, await world.value("SELECT id FROM rollup WHERE period = '2024'"), now)
        view = await read_plan(books, world.realm, world.plan)
    alive = await world.value("SELECT count(*) FROM obligation WHERE withdrawn_at IS NULL")
    assert progress.obligation_counts == listed.counts
    assert listed.counts.total == len(listed.items) == alive
    assert progress.task_counts.total == sum(line.state is not None for line in progress.tasks)
    reported = {row["obligation_id"] for row in submissions}
    assert reported <= {item.id for item in listed.items}
    assert compiled.document.obligation_counts.total == len(compiled.document.reporters)
    shown = {t.printed: t.title for t in view.tasks if t.withdrawn_at is None and t.ordinal}
    assert shown == {t.ordinal: t.title for t in draft.tasks}
    return submissions


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(operations=st.lists(OPERATIONS, min_size=4, max_size=12))
async def test_any_sequence_keeps_the_counts_and_all_that_was_reported(
    postgres: EmbeddedPostgres, operations: list[Sequence[Any]]
) -> None:
    async with fresh(postgres) as world:
        draft = PLAN
        kept: list[Any] = []
        await steps(world)
        for operation in operations:
            draft = await act(world, draft, operation)
            kept = await check(world, draft, kept)
        await steps(world)
        await check(world, draft, kept)
        await propose(world, draft)
        async with world.engine.connect() as books:
            assert (await read_amendment(books, world.realm, world.plan)).difference.empty
