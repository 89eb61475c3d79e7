"""Lives at random: people do whatever they may in any order, time passes, steps are taken, and it all ends."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import asyncpg
from amendments import amended, led_by, retimed, task, without
from standing import Checks
from worlds import LATE_REPORT, World, at, make_world, small_plan, small_registry

from domain.contracts import StepResult
from domain.due_rules import Lateness
from domain.errors import Refusal
from domain.plan import PlanDraft
from domain.policy import Policy
from domain.workdays import local_date
from embedded.postgres import EmbeddedPostgres
from models.facts.calendar import override_day
from models.facts.decisions import ask_extension, decide_extension, decide_report
from models.facts.letters import drop_letter, issue_letter
from models.facts.realms import move_clock
from models.facts.reports import acknowledge, submit_report
from models.facts.requested_rounds import RoundRequest, request_round
from models.facts.rollups import acknowledge_rollup, sign_rollup
from models.facts.suspensions import resume_task, suspend_task
from models.facts.transfers import decide_hand_back, hand_back, reassign
from models.session import make_engine
from models.steps.dispatch import step_dispatch
from models.steps.plans import step_plan
from models.steps.rollups import step_rollup
from models.steps.rounds import step_round
from models.steps.tasks import step_task

UNITS = ("bao", "tap-chi", "dai")
PLAN = replace(
    small_plan(),
    tasks=(
        task(1, "Rà soát hạ tầng", "bao", "tap-chi", coordinators=("hoi",)),
        task(2, "Tập huấn phóng viên", "dai", coordinators=("bao",), timing="Trước ngày 30/11/2024"),
    ),
)
TIMINGS = ("Hàng năm", "Trước ngày 30/11/2024", "Trước ngày 05/12/2024", "Hàng quý")
BEGIN = at("2024-10-14 09:00")
TAKE: dict[str, Callable[..., Awaitable[StepResult]]] = {
    "round": step_round, "task": step_task, "dispatch": step_dispatch, "rollup": step_rollup, "plan": step_plan,
}  # fmt: skip
_numbers = itertools.count(1)


@asynccontextmanager
async def fresh(
    postgres: EmbeddedPostgres, connections: int = 2, lateness: Lateness = Lateness.LITERAL
) -> AsyncIterator[World]:
    """A world in a database of its own: two tasks of the plan and its common report, opened on the first morning."""
    name = f"life_{os.getpid()}_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.dsn_of("postgres"))
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE books")
    engine = make_engine(postgres.dsn_of(name), connections)
    try:
        registry, policy = small_registry(UNITS), Policy(lateness, last_year=2024)
        yield await make_world(engine, f"{BEGIN:%Y-%m-%d %H:%M}", registry=registry, draft=PLAN, policy=policy)
    finally:
        await engine.dispose()
        await admin.execute(f"DROP DATABASE {name}")
        await admin.close()


# What is gathered must be true when it is gathered.
UNTRUE = """
SELECT n.id, n.kind, n.rung, n.obligation_id, n.epoch, o.epoch AS now_epoch, o.suspended_at, o.accepted_at,
       o.withdrawn_at
FROM notice n JOIN obligation o ON o.id = n.obligation_id
WHERE n.state = 'reserved' AND NOT n.id = ANY(:before)
  AND n.kind IN ('opened', 'reminder', 'due', 'overdue', 'overdue_weekly')
  AND (o.accepted_at IS NOT NULL OR o.suspended_at IS NOT NULL OR o.withdrawn_at IS NOT NULL OR o.epoch <> n.epoch
       OR EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL))
"""
SEND = """
WITH gone AS (UPDATE delivery SET state = 'sent' WHERE state = 'reserved' RETURNING id)
UPDATE notice SET state = 'sent' WHERE state = 'reserved' AND id IN (
  SELECT notice_id FROM delivery_notice JOIN gone ON gone.id = delivery_id)
"""
DUES = """
SELECT o.id, o.round_id, o.unit_id, o.due_strict, o.due_literal, o.due_lenient, o.late_at, o.withdrawn_at
FROM obligation o
"""
BUSY = """
SELECT workflow, process, subject, next_step FROM wake
WHERE (bell > 0 OR (closed_at IS NULL AND at <= :now)) AND process <> 'audit'
ORDER BY CASE WHEN process = 'dispatch' THEN 1 ELSE 0 END, workflow
"""


@dataclass
class Life(Checks):
    """One realm, lived at random."""

    random: Random = field(default_factory=Random)
    draft: PlanDraft = PLAN

    async def some(self, sql: str, **values: Any) -> Any:
        rows = await self.world.rows(sql, **values)
        return self.random.choice(rows) if rows else None

    # --- what people do -------------------------------------------------------------------------------------------

    async def act(self) -> None:
        """Something at random; what the books refuse is refused."""
        name = self.random.choice(ACTS)
        before = {row["id"]: row for row in await self.world.rows(DUES)}
        try:
            said = await getattr(self, f"do_{name}")()
        except Refusal as refused:
            self.done.append(f"{name}: {refused.code}")
            return
        self.done.append(f"{await self.now():%m-%d %H:%M} {name} {said}")
        if name in NEVER_EARLIER:
            await self.check_later(before, name)

    async def check_later(self, before: dict[int, Any], name: str) -> None:
        had = {(row["round_id"], row["unit_id"]): row for row in before.values()}
        for row in await self.world.rows(DUES):
            was = before.get(row["id"])
            if was is None or (was["withdrawn_at"] is not None and row["withdrawn_at"] is None):
                olds = [r for (round_id, _), r in had.items() if round_id == row["round_id"]]
                was = min(olds, key=lambda r: r["late_at"]) if olds else row
            for key in ("due_strict", "due_literal", "due_lenient", "late_at"):
                assert row[key] >= was[key], (name, key, dict(was), dict(row), self.done)

    async def officer(self, unit: str) -> Any:
        return await self.world.actor(f"{unit}-can-bo")

    async def coordinator(self) -> Any:
        return await self.world.actor("so-tong-hop")

    async def do_report(self) -> str:
        row = await self.some(
            """SELECT o.id, u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id WHERE o.accepted_at IS NULL
               ORDER BY o.id"""
        )
        if row is None:
            return "-"
        await submit_report(self.engine, await self.officer(row["slug"]), row["id"], LATE_REPORT)
        return f"{row['id']} by {row['slug']}"

    async def do_decide(self, accepted: bool | None = None) -> str:
        row = await self.some("SELECT * FROM submission WHERE decision IS NULL ORDER BY id")
        if row is None:
            return "-"
        accepted = self.random.random() < 0.5 if accepted is None else accepted
        await decide_report(
            self.engine, await self.coordinator(), row["obligation_id"], row["revision"], accepted, "thiếu"
        )
        return f"{row['obligation_id']} {accepted}"

    async def do_ask(self) -> str:
        row = await self.some(
            "SELECT o.id, o.late_at, u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id ORDER BY o.id"
        )
        if row is None:
            return "-"
        until = local_date(row["late_at"]) + timedelta(days=self.random.randint(1, 9))
        number, _ = await ask_extension(self.engine, await self.officer(row["slug"]), row["id"], until, "ốm")
        return f"{row['id']} until {until} = {number}"

    async def do_extend(self) -> str:
        row = await self.some("SELECT id FROM extension WHERE decision IS NULL ORDER BY id")
        if row is None:
            return "-"
        granted = self.random.random() < 0.7
        await decide_extension(self.engine, await self.coordinator(), row["id"], granted, "không")
        return f"{row['id']} {granted}"

    def ordinal(self) -> int:
        return self.random.randint(0, 2)

    async def do_suspend(self) -> str:
        ordinal = self.ordinal()
        await suspend_task(self.engine, await self.coordinator(), self.world.plan, ordinal, "chờ kinh phí")
        return str(ordinal)

    async def do_resume(self) -> str:
        row = await self.some("SELECT ordinal FROM task WHERE suspended_at IS NOT NULL ORDER BY ordinal")
        if row is None:
            return "-"
        await resume_task(self.engine, await self.coordinator(), self.world.plan, row["ordinal"])
        return str(row["ordinal"])

    def unit(self) -> str:
        return self.random.choice((*UNITS, "hoi"))

    async def do_reassign(self) -> str:
        ordinal = self.ordinal()
        row = await self.some(
            """SELECT u.slug FROM task_owner o JOIN task t ON t.id = o.task_id JOIN unit u ON u.id = o.unit_id
               WHERE t.ordinal = :n AND o.role = 'lead' AND o.ended_at IS NULL ORDER BY 1""", n=ordinal)  # fmt: skip
        if row is None:
            return "-"
        to = self.unit()
        coordinator = await self.coordinator()
        await reassign(self.engine, coordinator, self.world.plan, ordinal, row["slug"], to, "đúng chức năng")
        return f"{ordinal}: {row['slug']} -> {to}"

    async def do_hand_back(self) -> str:
        ordinal, unit = self.ordinal(), self.random.choice(UNITS)
        await hand_back(self.engine, await self.officer(unit), self.world.plan, ordinal, "không thuộc", "")
        return f"{ordinal} by {unit}"

    async def do_decide_hand_back(self) -> str:
        row = await self.some("SELECT id FROM hand_back WHERE decision IS NULL ORDER BY id")
        if row is None:
            return "-"
        granted, to = self.random.random() < 0.6, self.unit()
        await decide_hand_back(self.engine, await self.coordinator(), row["id"], granted, to, "xem lại")
        return f"{row['id']} {granted} {to}"

    async def do_request(self) -> str:
        now = await self.now()
        units = tuple(self.random.sample((*UNITS, "hoi"), self.random.randint(1, 2)))
        due = local_date(now) + timedelta(days=self.random.randint(0, 8))
        hour = self.random.choice([None, None, time(10), time(16)])
        asked = RoundRequest(self.random.choice(["ad_hoc", "thematic"]), "Tình hình", units, due, hour)
        made = await request_round(self.engine, await self.coordinator(), self.world.plan, self.ordinal(), asked)
        return f"{made.label} {units} {due} {hour}"

    async def do_calendar(self) -> str:
        day = local_date(await self.now()) + timedelta(days=self.random.randint(1, 25))
        working = not await self.working(day)
        admin = await self.world.actor("quan-tri")
        moves = self.random.random() < 0.7
        await override_day(self.engine, admin, day, working, "thử", moves)
        return f"{day} {working} move={moves}"

    async def working(self, day: date) -> bool:
        row = await self.world.rows("SELECT working FROM day_off WHERE day = :day", day=day)
        return bool(row[0]["working"]) if row else day.weekday() < 5

    async def do_amend(self) -> str:
        draft, at_task = self.draft, self.random.randint(1, len(self.draft.tasks))
        what = self.random.choice(["lead", "lead", "time", "drop", "add", "regime", "nothing"])
        if what == "lead":
            draft = led_by(draft, at_task, *self.random.sample(UNITS, self.random.randint(1, 2)))
        elif what == "time":
            draft = retimed(draft, at_task, self.random.choice(TIMINGS))
        elif what == "drop" and len(draft.tasks) > 1:
            draft = without(draft, at_task)
        elif what == "add" and len(draft.tasks) < 4:
            words = f"{self.random.choice(['Khảo sát', 'Xuất bản', 'Đầu tư'])} đợt {next(_numbers)}"
            new = task(len(draft.tasks) + 1, words, self.random.choice(UNITS), timing=self.random.choice(TIMINGS))
            draft = replace(draft, tasks=(*draft.tasks, new))
        elif what == "regime":
            day = self.random.choice(["11-30", "12-05", "11-25"])
            draft = replace(draft, reporting=(replace(draft.reporting[0], before=day), draft.reporting[1]))
        await amended(self.world, draft)
        self.draft = draft
        return f"{what} {at_task}"

    async def do_acknowledge(self) -> str:
        unit, ordinal = self.random.choice(UNITS), self.ordinal()
        await acknowledge(self.engine, await self.officer(unit), self.world.plan, ordinal)
        return f"{unit} {ordinal}"

    async def do_letter(self) -> str:
        row = await self.some("SELECT id FROM letter WHERE settled_at IS NULL ORDER BY id")
        if row is None:
            return "-"
        coordinator = await self.coordinator()
        if self.random.random() < 0.5:
            await issue_letter(self.engine, coordinator, row["id"], "12/UBND", local_date(await self.now()))
        else:
            await drop_letter(self.engine, coordinator, row["id"], "đã báo cáo")
        return str(row["id"])

    # --- time and steps -------------------------------------------------------------------------------------------

    async def live(self, until: datetime) -> None:
        """Let time pass, everything that is due on the way being done."""
        while True:
            await self.work()
            now = await self.now()
            upcoming = await self.world.value(
                "SELECT min(at) FROM wake WHERE closed_at IS NULL AND at > :now AND process <> 'audit'", now=now
            )
            if now >= until:
                return
            await move_clock(self.engine, self.world.realm, min(upcoming or until, until))

    async def work(self) -> None:
        """Until nobody has anything to do."""
        for _ in range(60):
            busy = await self.world.rows(BUSY, now=await self.now())
            unstarted = await self.world.rows(
                "SELECT * FROM wake WHERE started_at IS NULL AND closed_at IS NULL AND process IN ('task', 'round')"
            )
            if not busy and not unstarted:
                return
            row = (busy or unstarted)[0]
            await self.take(row)
        raise AssertionError(f"it does not settle: {[dict(r) for r in busy]} {self.done}")

    async def take(self, row: Any) -> None:
        process = row["process"]
        request = self.world.request(row["workflow"], row["subject"], row["next_step"] or "look")
        before = [row["id"] for row in await self.world.rows("SELECT id FROM notice WHERE state = 'reserved'")]
        last = await self.world.value("SELECT COALESCE(max(id), 0) FROM delivery")
        took = await TAKE[process](self.engine, request)
        if process == "rollup" and took.state == "signed":
            await self.world.run("UPDATE rollup SET rendered_at = now() WHERE id = :id", id=row["subject"])
        if process == "dispatch":
            assert await self.world.rows(UNTRUE, before=before) == [], self.done
            await self.check_digests(last)
            if took.deliveries:
                await self.world.run(SEND)

    # --- the end --------------------------------------------------------------------------------------------------

    async def finish(self) -> None:
        """Everything goes on, is reported, accepted, signed and acknowledged."""
        coordinator, signer = await self.coordinator(), await self.world.actor("so-giam-doc")
        await self.live(at("2025-02-03 09:00"))
        for _ in range(12):
            for row in await self.world.rows("SELECT ordinal FROM task WHERE suspended_at IS NOT NULL"):
                await resume_task(self.engine, coordinator, self.world.plan, row["ordinal"])
            await self.live(await self.now() + timedelta(hours=1))
            for row in await self.world.rows(
                """SELECT o.id, u.slug FROM obligation o JOIN unit u ON u.id = o.unit_id WHERE o.accepted_at IS NULL
                   AND o.withdrawn_at IS NULL AND NOT EXISTS (
                     SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL)"""
            ):
                await submit_report(self.engine, await self.officer(row["slug"]), row["id"], LATE_REPORT)
            for row in await self.world.rows("SELECT * FROM submission WHERE decision IS NULL"):
                await decide_report(self.engine, coordinator, row["obligation_id"], row["revision"], True)
            await self.live(await self.now() + timedelta(days=12))
            for row in await self.world.rows(
                """SELECT r.*, v.sha256 FROM rollup r JOIN rollup_version v ON v.rollup_id = r.id
                   AND v.version = r.version WHERE r.signed_at IS NULL AND r.compiled_at IS NOT NULL"""
            ):
                await sign_rollup(
                    self.engine, signer, self.world.plan, row["period"], row["supplement"], row["sha256"], None
                )
            await self.live(await self.now() + timedelta(days=1))
            for row in await self.world.rows(
                "SELECT * FROM rollup WHERE sent_at IS NOT NULL AND acknowledged_at IS NULL"
            ):
                await acknowledge_rollup(self.engine, signer, self.world.plan, row["period"], row["supplement"], "")
            await self.live(await self.now() + timedelta(days=1))
            if await self.world.value("SELECT status FROM plan") == "closed":
                break
        left = await self.world.rows(
            "SELECT workflow, at, next_step FROM wake WHERE closed_at IS NULL AND process NOT IN ('dispatch', 'audit')"
        )
        assert left == [], (left, self.done)
        assert await self.world.value("SELECT status FROM plan") == "closed"
        owed = "SELECT count(*) FROM obligation WHERE withdrawn_at IS NULL AND accepted_at IS NULL"
        assert await self.world.value(owed) == 0
        await self.check_audit()


ACTS = (
    "report", "report", "report", "decide", "decide", "ask", "extend", "suspend", "resume", "resume", "reassign",
    "hand_back", "decide_hand_back", "request", "calendar", "amend", "acknowledge", "letter",
)  # fmt: skip
NEVER_EARLIER = ("extend", "resume", "reassign", "decide_hand_back", "suspend", "report", "decide", "request", "ask")
