"""Everybody at once, on connections of their own: nobody waits in a ring, nothing reported is lost or doubled."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from random import Random

import pytest
from lives import BEGIN, TAKE, Life, fresh
from worlds import World, at

from domain.contracts import StepRequest
from domain.errors import Refusal
from domain.ids import audit_id
from embedded.postgres import EmbeddedPostgres
from models.facts.realms import move_clock
from models.steps.audit import step_audit
from models.steps.sending import claim, mark_refused, mark_sent

FACTS = ("report", "report", "decide", "ask", "extend", "suspend", "resume", "reassign", "hand_back",
         "decide_hand_back", "request", "calendar", "acknowledge", "letter")  # fmt: skip


class Crowd(Life):
    """A life of many hands at once."""

    async def person(self, seed: int, acts: tuple[str, ...], times: int) -> list[str]:
        """Somebody who does things as fast as they can; returns what was done."""
        hand, done = Crowd(self.world, random=Random(seed), draft=self.draft), []
        for _ in range(times):
            name = hand.random.choice(acts)
            try:
                done.append(f"{name} {await getattr(hand, f'do_{name}')()}")
            except Refusal as refused:
                done.append(f"{name}: {refused.code}")
        return done

    async def worker(self, seed: int, times: int) -> None:
        """Somebody who takes steps of whatever is there, due or not."""
        random = Random(seed)
        for _ in range(times):
            row = random.choice(await self.world.rows("SELECT * FROM wake WHERE process <> 'audit' ORDER BY workflow"))
            request = self.world.request(row["workflow"], row["subject"], row["next_step"] or "look", run=f"run{seed}")
            await TAKE[row["process"]](self.engine, request)

    async def sender(self, times: int) -> None:
        """Servers that take one message and refuse the next for good."""
        for number in range(times):
            rows = await self.world.rows("SELECT id FROM delivery WHERE state = 'reserved' ORDER BY id LIMIT 3")
            for one in await claim(self.engine, [row["id"] for row in rows], f"owner{number}", 30):
                if one.id % 4:
                    await mark_sent(self.engine, one, "250")
                else:
                    await mark_refused(self.engine, one, "550", "no such user", True, False)

    async def auditor(self, times: int) -> None:
        for number in range(times):
            request = StepRequest(audit_id(self.world.realm), "crowd", number + 1, "look_over", self.world.realm, 0)
            await step_audit(self.engine, request)

    async def clock(self, instants: list[datetime]) -> None:
        for instant in instants:
            await asyncio.sleep(0.15)
            await move_clock(self.engine, self.world.realm, instant)


async def reports(world: World) -> int:
    return int(await world.value("SELECT count(*) FROM submission"))


@pytest.mark.parametrize("seed", range(3))
async def test_everybody_at_once(postgres: EmbeddedPostgres, seed: int) -> None:
    async with fresh(postgres, 12) as world:
        crowd = Crowd(world, random=Random(seed))
        await crowd.live(BEGIN)
        for begin in ("2024-11-20 07:59", "2024-12-02 07:59", "2024-12-10 07:59"):
            await crowd.live(at(begin))
            before = await reports(world)
            base = 1000 * seed + int(begin[8:10])
            done = await asyncio.gather(
                *(crowd.person(base + n, FACTS, 8) for n in range(4)),
                crowd.person(base + 9, ("amend",), 3),
                *(crowd.worker(base + n, 10) for n in range(3)),
                crowd.sender(8),
                crowd.auditor(3),
                crowd.clock([at(begin) + timedelta(minutes=n) for n in (1, 2, 90)]),
            )
            acts = [one for lines in done if isinstance(lines, list) for one in lines]
            sent = sum(one.startswith("report ") and not one.endswith("-") for one in acts)
            assert await reports(world) == before + sent, "no report is lost, none is doubled"
            assert await world.rows(CALLED_LATE) == []
            await crowd.live(await crowd.now() + timedelta(hours=2))
            await crowd.check_counts()
            await crowd.check_owed()
            await crowd.check_wakes()


# Somebody is told of a lateness at an instant at which their report had come already.
CALLED_LATE = """
SELECT n.rung, n.raised_at, s.received_at FROM notice n JOIN submission s ON s.obligation_id = n.obligation_id
WHERE n.kind IN ('overdue', 'overdue_weekly') AND s.received_at < n.raised_at
  AND (s.decided_at IS NULL OR s.decided_at >= n.raised_at)
"""
