"""Whatever people do in whatever order: the books stay in order, nobody is told what is not so, and it all ends."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from lives import BEGIN, Life, fresh

from domain.due_rules import Lateness
from embedded.postgres import EmbeddedPostgres
from models.facts.realms import move_clock


@pytest.mark.parametrize("seed", range(6))
async def test_a_life_at_random(postgres: EmbeddedPostgres, seed: int) -> None:
    async with fresh(postgres, lateness=list(Lateness)[seed % 3]) as world:
        life = Life(world, random=Random(seed))
        await life.live(BEGIN)
        for _ in range(14):
            for _ in range(life.random.randint(1, 4)):
                await life.act()
                pause = life.random.choice([0, 0, 3, 300])
                await move_clock(world.engine, world.realm, await life.now() + timedelta(minutes=pause))
            if life.random.random() < 0.2:  # all workers sleep
                asleep = timedelta(days=life.random.randint(1, 9))
                await move_clock(world.engine, world.realm, await life.now() + asleep)
            await life.live(await life.now() + timedelta(hours=life.random.choice([1, 1, 24, 72, 168])))
            await life.check()
        await life.finish()
