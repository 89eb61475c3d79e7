"""Any interleaving of downtime, retries and bells tells what no downtime tells, less what one later notice says."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from worlds import LATE_REPORT, World, at, make_world, small_registry

from domain.contracts import StepRequest, StepResult
from domain.errors import Conflict, Refusal
from domain.policy import Policy
from embedded.postgres import EmbeddedPostgres
from models.facts.decisions import ask_extension, decide_extension, decide_report
from models.facts.frame import Actor
from models.facts.realms import move_clock
from models.facts.reports import submit_report
from models.facts.suspensions import resume_task, suspend_task
from models.session import make_engine
from models.steps.dispatch import step_dispatch
from models.steps.rounds import step_round
from models.steps.tasks import step_task

UNITS = ("bao", "tap-chi", "dai")
BEGIN, AWAKE, END = at("2024-11-18 08:00"), at("2024-12-12 12:00"), at("2024-12-12 13:00")
EXTENDED = date(2024, 12, 6)
TAKE = {"round": step_round, "task": step_task, "dispatch": step_dispatch}
POLICY = Policy(acknowledge_ladder=(), last_year=2024)
_numbers = itertools.count(1)

# What a unit and its coordinator do, each at an instant of its own.
DOINGS = (
    (), ("report",), ("report", "return"), ("report", "return", "report"), ("report", "return", "report", "accept"),
    ("report", "accept"), ("extend",), ("extend", "report", "return"),
)  # fmt: skip
HOURS = (timedelta(), timedelta(minutes=5), timedelta(hours=6), timedelta(hours=12, minutes=30), timedelta(hours=15))
INSTANT = st.builds(lambda day, hour: BEGIN + timedelta(days=day) + hour, st.integers(1, 23), st.sampled_from(HOURS))
Doing = tuple[datetime, str, str]
Asleep = tuple[datetime, timedelta]


@st.composite
def doings(draw: st.DrawFn) -> list[Doing]:
    """(instant, what, unit), in order."""
    found: list[Doing] = []
    for unit in UNITS:
        what = draw(st.sampled_from(DOINGS))
        instants = sorted(draw(st.lists(INSTANT, min_size=len(what), max_size=len(what), unique=True)))
        found += [(instant, word, unit) for instant, word in zip(instants, what, strict=True)]
    if draw(st.booleans()):
        rest = sorted(draw(st.lists(INSTANT, min_size=2, max_size=2, unique=True)))
        found += [(rest[0], "suspend", ""), (rest[1], "resume", "")]
    return sorted(found)


@dataclass(frozen=True)
class Course:
    """How the workers fare: when they sleep, and what happens at each step they take, in turn."""

    asleep: tuple[Asleep, ...] = ()
    turns: tuple[tuple[int, str], ...] = ((0, "once"),)
    """Which of those that have something to do goes first, and whether its step is retried or rung for nothing."""

    def wakes(self, now: datetime) -> datetime | None:
        """When a worker that sleeps now wakes; None where it is awake."""
        ends = [min(begin + length, AWAKE) for begin, length in self.asleep if begin <= now < begin + length]
        return max(ends, default=None) if now < AWAKE else None


COURSES = st.builds(
    Course,
    st.lists(
        st.tuples(INSTANT, st.sampled_from([timedelta(hours=2), timedelta(days=1), timedelta(days=6)])), max_size=4
    ).map(tuple),
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["once", "retried", "rung"])), min_size=1, max_size=5).map(
        tuple
    ),
)


@dataclass
class Run:
    """One course of the same events, in books of its own."""

    world: World
    course: Course
    turns: int = 0
    standing: list[tuple[datetime, dict[int, int | None]]] = field(default_factory=list)
    """At each instant that the workers looked: obligation → the epoch whose ladder it is on, None for off it."""

    async def live(self, doings: Sequence[Doing]) -> None:
        """Everything up to the end, when all have been awake for a while."""
        left, now = list(doings), BEGIN
        while now < END:
            now = await self._next(now, left)
            await move_clock(self.world.engine, self.world.realm, now)
            while left and left[0][0] <= now:
                await self._do(*left.pop(0)[1:])
            if self.course.wakes(now) is None:
                await self._work(now)

    async def _next(self, now: datetime, left: list[Doing]) -> datetime:
        """The next instant at which anything happens."""
        asleep = self.course.wakes(now)
        due = asleep
        if asleep is None:
            due = await self.world.value("SELECT min(at) FROM wake WHERE closed_at IS NULL AND at > :now", now=now)
        coming = [begin for begin, _ in self.course.asleep if begin > now]
        found = [one for one in (due, left[0][0] if left else None, END, *coming) if one is not None]
        return max(min(found), now)

    async def _do(self, what: str, unit: str) -> None:
        """What cannot be done just now, because of what was done before, is refused, awake or asleep."""
        world, coordinator = self.world, await self.world.actor("so-tong-hop")
        try:
            if what == "suspend":
                await suspend_task(world.engine, coordinator, world.plan, 1, "chờ kinh phí")
            elif what == "resume":
                await resume_task(world.engine, coordinator, world.plan, 1)
            else:
                await self._do_one(what, await world.obligation(unit), await world.actor(f"{unit}-can-bo"), coordinator)
        except (Refusal, Conflict) as refused:
            assert refused.code in ("extension-too-late", "extension-not-later", "task-suspended"), refused.code

    async def _do_one(self, what: str, obligation: int, officer: Actor, coordinator: Actor) -> None:
        engine = self.world.engine
        if what == "report":
            await submit_report(engine, officer, obligation, LATE_REPORT)
        elif what == "extend":
            number, _ = await ask_extension(engine, officer, obligation, EXTENDED, "ốm")
            await decide_extension(engine, coordinator, number, True)
        else:
            revision = await self.world.value(
                "SELECT max(revision) FROM submission WHERE obligation_id = :id", id=obligation
            )
            await decide_report(engine, coordinator, obligation, revision, what == "accept", "thiếu")

    async def _work(self, now: datetime) -> None:
        """Until nobody has anything to do; whoever is first, and however often the same step is taken."""
        self.standing.append((now, await self._on_ladder()))
        while busy := await self.world.rows(
            """SELECT workflow, process, subject FROM wake WHERE (bell > 0 OR (closed_at IS NULL AND at <= :now))
               AND process IN ('round', 'task', 'dispatch') ORDER BY workflow""",
            now=now,
        ):
            first, how = self.course.turns[self.turns % len(self.course.turns)]
            self.turns += 1
            row = busy[first % len(busy)]
            took = await self._take(row, row["workflow"])
            if how == "rung":
                took = await self._take(row, row["workflow"])
            elif how == "retried":
                assert took == await self._take(row, row["workflow"], self.world._numbers), "a retry says the same"
            if row["process"] == "dispatch" and took.deliveries:
                await self._send()

    async def _take(self, row: Any, workflow: str, number: int | None = None) -> StepResult:
        request: StepRequest = self.world.request(workflow, row["subject"], "take_in", number=number)
        return await TAKE[row["process"]](self.world.engine, request)

    async def _send(self) -> None:
        """The servers take everything. Nobody who has left the ladder is told of it."""
        wrong = await self.world.rows(
            """SELECT n.rung, n.obligation_id FROM notice n JOIN obligation o ON o.id = n.obligation_id
               JOIN delivery_notice m ON m.notice_id = n.id JOIN delivery d ON d.id = m.delivery_id
               WHERE d.state = 'reserved' AND n.kind IN ('opened', 'reminder', 'due', 'overdue', 'overdue_weekly')
                 AND (o.accepted_at IS NOT NULL OR o.suspended_at IS NOT NULL OR o.epoch <> n.epoch OR EXISTS (
                   SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL))"""
        )
        assert wrong == []
        await self.world.run(
            """WITH gone AS (UPDATE delivery SET state = 'sent' WHERE state = 'reserved' RETURNING id)
               UPDATE notice SET state = 'sent' WHERE id IN (
                 SELECT notice_id FROM delivery_notice JOIN gone ON gone.id = delivery_id)"""
        )

    async def _on_ladder(self) -> dict[int, int | None]:
        rows = await self.world.rows(
            """SELECT o.id, o.epoch, o.accepted_at IS NULL AND o.suspended_at IS NULL AND NOT EXISTS (
                 SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL) AS climbs
               FROM obligation o"""
        )
        return {row["id"]: row["epoch"] if row["climbs"] else None for row in rows}

    async def told(self) -> dict[tuple[Any, ...], Any]:
        """Key → notice."""
        rows = await self.world.rows(
            """SELECT CASE WHEN l.id IS NULL THEN n.subject ELSE 'letter/of/' || l.unit_id END AS subject, n.epoch,
                 n.rung, n.occurrence, n.role, n.unit_id, n.kind, n.obligation_id AS obligation, n.raised_at, n.state
               FROM notice n LEFT JOIN letter l ON 'letter/' || l.id = n.subject ORDER BY n.id"""
        )
        return {tuple(row.values())[:6]: row for row in rows}

    async def check(self) -> None:
        """What holds of every course by itself."""
        assert await self.world.value("SELECT count(*) FROM notice WHERE state IN ('pending', 'reserved')") == 0
        twice = """SELECT m.notice_id, m.person_id FROM delivery_notice m JOIN delivery d ON d.id = m.delivery_id
                   WHERE d.state = 'sent' GROUP BY 1, 2 HAVING count(*) > 1"""
        assert await self.world.rows(twice) == []

    def climbed(self, obligation: int, epoch: int, since: datetime) -> bool:
        """Whether the obligation was still on that ladder when the workers first looked from an instant on."""
        seen = next((standing for instant, standing in self.standing if instant >= since), {})
        return seen.get(obligation) == epoch


LADDER = ("reminder", "due", "overdue", "overdue_weekly")


async def compare(smooth: Run, rough: Run) -> None:
    """Nothing new; what is missing was said by one later notice, or was no longer true when the workers looked."""
    whole, part = await smooth.told(), await rough.told()
    assert part.keys() <= whole.keys()
    for key in whole.keys() - part.keys():
        notice = whole[key]
        assert notice["kind"] in LADDER, key
        later = any(
            other["obligation"] == notice["obligation"] and other["epoch"] == notice["epoch"]
            and other["kind"] in LADDER and other["raised_at"] >= notice["raised_at"]
            for other in part.values()
        )  # fmt: skip
        assert later or not rough.climbed(notice["obligation"], notice["epoch"], notice["raised_at"]), key
    assert last_told(whole, smooth.standing[-1][1]) == last_told(part, rough.standing[-1][1])


def last_told(told: dict[tuple[Any, ...], Any], standing: dict[int, int | None]) -> dict[tuple[int, str], str]:
    """(obligation, role) → the rung last told to whom is still on the ladder at the end."""
    found: dict[tuple[int, str], Any] = {}
    for notice in told.values():
        on_it = notice["kind"] in LADDER and standing[notice["obligation"]] == notice["epoch"]
        if on_it and notice["state"] == "sent":
            key = notice["obligation"], notice["role"]
            if key not in found or found[key]["raised_at"] < notice["raised_at"]:
                found[key] = notice
    return {key: notice["rung"] for key, notice in found.items()}


@dataclass(frozen=True)
class Start:
    """The books on the first morning, to be copied for each run."""

    postgres: EmbeddedPostgres
    actors: dict[str, Actor]
    name: str = "ladder_start"

    @asynccontextmanager
    async def run(self, course: Course, doings: Sequence[Doing]) -> AsyncIterator[Run]:
        name = f"ladder_{next(_numbers)}"
        admin = await asyncpg.connect(self.postgres.dsn_of("postgres"))
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {self.name}")
        engine = make_engine(self.postgres.dsn_of(name), 2)
        try:
            made = Run(World(engine, _actors=dict(self.actors)), course)
            await made.live(doings)
            yield made
        finally:
            await engine.dispose()
            await admin.execute(f"DROP DATABASE {name}")
            await admin.close()


@pytest.fixture(scope="session")
async def start(postgres: EmbeddedPostgres) -> Start:
    """One task with three leads, told and opened."""
    admin = await asyncpg.connect(postgres.dsn_of("postgres"))
    await admin.execute("CREATE DATABASE ladder_start TEMPLATE books")
    await admin.close()
    engine = make_engine(postgres.dsn_of("ladder_start"), 2)
    world = await make_world(engine, f"{BEGIN:%Y-%m-%d %H:%M}", registry=small_registry(UNITS), policy=POLICY)
    await world.step_task()
    await world.step_round(name="open_round")
    await world.run(
        "UPDATE wake SET at = NULL WHERE process NOT IN ('round', 'task', 'dispatch') OR workflow LIKE '%/0'"
    )
    actors = {slug: await world.actor(slug) for slug in ("so-tong-hop", *(f"{unit}-can-bo" for unit in UNITS))}
    await engine.dispose()
    return Start(postgres, actors)


# Every run is some seconds of real steps: what fails is told as it was found, not made smaller for minutes.
@settings(max_examples=6, suppress_health_check=list(HealthCheck), phases=(Phase.reuse, Phase.generate))
@given(doings=doings(), courses=st.lists(COURSES, min_size=3, max_size=3))
async def test_any_interleaving_tells_what_no_downtime_tells(
    start: Start, doings: list[Doing], courses: list[Course]
) -> None:
    async with start.run(Course(), doings) as smooth:
        await smooth.check()
        for course in courses:
            async with start.run(course, doings) as rough:
                await rough.check()
                await compare(smooth, rough)


async def test_what_came_due_since_the_ladder_began_anew_is_not_slept_through(start: Start) -> None:
    """More time was granted while no worker ran, and is over too when they come back."""
    granted = (at("2024-11-28 14:00"), "extend", "bao")
    course = Course(((at("2024-11-28 12:00"), timedelta(days=14)),))
    async with start.run(Course(), [granted]) as smooth, start.run(course, [granted]) as rough:
        await compare(smooth, rough)
        told = await rough.world.rows(
            """SELECT n.rung, n.role FROM notice n JOIN obligation o ON o.id = n.obligation_id AND o.epoch = 1
               WHERE n.epoch = 1 AND n.kind = 'overdue' ORDER BY n.role"""
        )
        assert [tuple(row.values()) for row in told] == [
            ("overdue-3", "coordinator"), ("overdue-3", "head"), ("overdue-3", "officer")
        ]  # fmt: skip
