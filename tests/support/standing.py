"""What holds of the books whenever everybody has done what there is to do."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from worlds import World

from domain.contracts import StepRequest
from domain.ids import audit_id
from models.queries.health import latest_audits
from models.queries.obligations import Wanted, list_obligations
from models.queries.plans import read_progress
from models.steps.audit import step_audit

_numbers = itertools.count(1)


@dataclass
class Checks:
    """The books of a world, to be looked over; `done` is said with whatever does not hold."""

    world: World
    done: list[str] = field(default_factory=list)

    @property
    def engine(self) -> Any:
        return self.world.engine

    async def now(self) -> datetime:
        return await self.world.value("SELECT now FROM realm")  # type: ignore[no-any-return]

    async def check(self) -> None:
        """What holds whenever everybody has done what is to be done now."""
        await self.check_counts()
        await self.check_owed()
        await self.check_wakes()
        await self.check_audit()

    async def check_counts(self) -> None:
        now = await self.now()
        async with self.engine.connect() as books:
            progress = await read_progress(books, self.world.realm, self.world.plan, now)
            listed = await list_obligations(books, Wanted(self.world.realm), now)
        alive = await self.world.value("SELECT count(*) FROM obligation WHERE withdrawn_at IS NULL")
        assert progress.obligation_counts == listed.counts
        assert listed.counts.total == len(listed.items) == alive, self.done
        units = await self.world.rows(
            """SELECT u.slug, count(*) AS n FROM obligation o JOIN unit u ON u.id = o.unit_id
               WHERE o.withdrawn_at IS NULL GROUP BY 1"""
        )
        for row in units:
            async with self.engine.connect() as books:
                own = await list_obligations(books, Wanted(self.world.realm, unit=row["slug"]), now)
            assert own.counts.total == row["n"], self.done

    async def check_digests(self, after: int) -> None:
        """What digests that were gathered just now, after the one of this number, count is what the books count."""
        now = await self.now()
        rows = await self.world.rows(
            """SELECT d.content, u.slug FROM delivery d JOIN person p ON p.id = d.person_id
               JOIN unit u ON u.id = p.unit_id
               WHERE d.state = 'reserved' AND d.id > :after AND d.content ->> 'counts' IS NOT NULL
               ORDER BY d.id LIMIT 4""",
            after=after,
        )
        for row in rows:
            own = row["content"]["recipient_role"] in ("officer", "head")
            async with self.engine.connect() as books:
                wanted = Wanted(self.world.realm, unit=row["slug"] if own else None)
                listed = await list_obligations(books, wanted, now)
            assert row["content"]["counts"] == asdict(listed.counts), (row["slug"], self.done)
            assert datetime.fromisoformat(row["content"]["at"]) == now

    async def check_owed(self) -> None:
        rows = await self.world.rows(
            """SELECT t.ordinal, r.label, u.slug FROM task t JOIN round r ON r.task_id = t.id
               JOIN task_owner w ON w.task_id = t.id AND w.role = 'lead' AND w.ended_at IS NULL
               JOIN unit u ON u.id = w.unit_id
               WHERE r.kind = 'periodic' AND r.closed_at IS NULL AND t.withdrawn_at IS NULL
                 AND EXISTS (SELECT FROM obligation o WHERE o.round_id = r.id AND o.withdrawn_at IS NULL
                             AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id))
                 AND NOT EXISTS (SELECT FROM obligation o WHERE o.round_id = r.id AND o.unit_id = w.unit_id
                                 AND o.withdrawn_at IS NULL)
                 AND NOT EXISTS (SELECT FROM obligation o JOIN task_owner f ON f.task_id = t.id AND f.role = 'lead'
                                   AND f.unit_id = o.unit_id AND f.ended_at IS NOT NULL
                                 WHERE o.round_id = r.id AND o.withdrawn_at IS NULL)"""
        )
        assert rows == [], (rows, self.done)
        strangers = await self.world.rows(
            """SELECT t.ordinal, r.label, o.unit_id FROM obligation o JOIN round r ON r.id = o.round_id
               JOIN task t ON t.id = r.task_id
               WHERE o.withdrawn_at IS NULL AND r.kind = 'periodic'
                 AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id)
                 AND (t.withdrawn_at IS NOT NULL OR NOT EXISTS (
                   SELECT FROM task_owner w WHERE w.task_id = t.id AND w.unit_id = o.unit_id AND w.role = 'lead'
                     AND w.ended_at IS NULL))"""
        )
        assert strangers == [], (strangers, self.done)
        asleep = await self.world.rows(
            """SELECT o.id, t.ordinal, r.label, o.suspended_at, t.suspended_at AS task_rests FROM obligation o
               JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
               WHERE o.accepted_at IS NULL AND o.withdrawn_at IS NULL AND r.closed_at IS NULL
                 AND t.withdrawn_at IS NULL AND (o.suspended_at IS NULL) <> (t.suspended_at IS NULL)"""
        )
        assert asleep == [], (asleep, self.done)

    async def check_wakes(self) -> None:
        now = await self.now()
        lost = await self.world.rows(
            """SELECT n.id, n.kind, n.send_at FROM notice n WHERE n.state = 'pending' AND NOT EXISTS (
                 SELECT FROM wake w WHERE w.process = 'dispatch' AND w.closed_at IS NULL AND w.at <= n.send_at)"""
        )
        assert lost == [], (lost, self.done)
        stuck = await self.world.rows(
            """SELECT w.workflow, w.next_step FROM wake w
               WHERE w.closed_at IS NULL AND w.bell = 0 AND w.at IS NULL AND w.process = 'round'
                 AND EXISTS (SELECT FROM obligation o WHERE o.round_id = w.subject AND o.accepted_at IS NULL
                   AND o.withdrawn_at IS NULL AND o.suspended_at IS NULL
                   AND NOT EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL))"""
        )
        assert stuck == [], (stuck, self.done)
        tasks = await self.world.rows(
            """SELECT w.workflow, w.next_step FROM wake w JOIN task t ON t.id = w.subject
               WHERE w.process = 'task' AND w.closed_at IS NULL AND w.bell = 0 AND w.at IS NULL
                 AND t.suspended_at IS NULL AND NOT EXISTS (
                   SELECT FROM round r WHERE r.task_id = t.id AND r.closed_at IS NULL)"""
        )
        assert tasks == [], (tasks, self.done)
        late = await self.world.rows(
            "SELECT workflow FROM wake WHERE closed_at IS NULL AND at <= :now AND process <> 'audit'", now=now
        )
        assert late == [], (late, self.done)
        unheard = await self.world.rows("SELECT workflow, kind FROM fact WHERE taken_in_at IS NULL")
        assert unheard == [], (unheard, self.done)

    async def check_audit(self) -> None:
        request = StepRequest(audit_id(self.world.realm), "hand", next(_numbers), "look_over", self.world.realm, 0)
        await step_audit(self.engine, request)
        async with self.engine.connect() as connection:
            (line,) = await latest_audits(connection, self.world.realm, 1)
        assert line.repaired == {}, (line.repaired, self.done)
