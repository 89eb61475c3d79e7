"""Rounds that open late, units that only seem to have a contact, and how far more time may be asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import make_world, small_registry

from domain.errors import Refusal
from domain.plan import RegistryPerson
from models.facts.decisions import ask_extension
from web.policies import read_policy


async def test_a_round_that_opens_after_everything_was_down_past_its_deadline_is_escalated(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.step_task()
    await world.clock("2024-12-20 09:00")
    await world.step_task(name="open_next_round")
    await world.step_round(name="open_round")
    told = await world.told()
    assert ("opened", "officer", "bao") in told
    assert ("overdue-7", "head", "bao") in told
    assert ("overdue-7", "leader", "ubnd") in told
    assert not {rung for rung, _, _ in told} & {"before-30", "due", "overdue-1", "overdue-3"}
    again = await world.step_round()
    assert again.did == ()


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": date(2025, 1, 1)},
        {"email": None},
        {"channels": ("zalo",)},
        {"valid_to": date(2024, 1, 1)},
    ],
)
async def test_who_cannot_be_told_is_no_contact(engine: AsyncEngine, change: dict[str, object]) -> None:
    def changed(person: RegistryPerson) -> RegistryPerson:
        return replace(person, **change) if person.unit == "tap-chi" else person  # type: ignore[arg-type]

    registry = small_registry()
    world = await make_world(engine, registry=replace(registry, people=tuple(map(changed, registry.people))))
    await world.step_task()
    assert await world.value("SELECT count(*) FROM notice WHERE kind = 'unreachable'") == 1


async def test_a_contact_whose_every_channel_has_refused_is_none_any_more(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    await world.run(
        """INSERT INTO contact_mark (person_id, channel, code, address, since)
           SELECT p.id, 'mail', '550', p.email, now() FROM person p JOIN unit u ON u.id = p.unit_id
           WHERE u.slug = 'bao'"""
    )
    await world.step_task()
    assert await world.value("SELECT count(*) FROM notice WHERE kind = 'unreachable'") == 1


async def test_one_day_more_is_more_time(engine: AsyncEngine) -> None:
    """ "Trước ngày 30/11", read literally, ends with the 29th: the 30th is a later day, the 29th is not."""
    world = await make_world(engine)
    await world.clock("2024-09-27 08:00")
    await world.step_task()
    obligation, officer = await world.obligation("bao"), await world.actor("bao-can-bo")
    with pytest.raises(Refusal, match="extension-not-later"):
        await ask_extension(engine, officer, obligation, date(2024, 11, 29), "đổi người phụ trách")
    number, _ = await ask_extension(engine, officer, obligation, date(2024, 11, 30), "đổi người phụ trách")
    assert number


@pytest.mark.parametrize(
    "words",
    [
        '{"sending_from": "7h"}',
        '{"sending_from": "20:00", "sending_to": "07:00"}',
        '{"coalesce_minutes": "10"}',
        '{"coalesce_minutes": -5}',
        '{"opens_workdays": 1000000000}',
        '{"first_year": 2030, "last_year": 2024}',
        '{"first_year": 1, "last_year": 9999}',
        '{"work_begins": "24:30"}',
    ],
)
def test_a_policy_that_no_step_could_work_with_is_refused_when_it_comes(words: str) -> None:
    with pytest.raises(Refusal, match="policy-invalid"):
        read_policy(words)


async def test_a_group_means_its_members_of_the_day_of_activation(engine: AsyncEngine) -> None:
    """A unit that was abolished is named in person by mistake, which blocks; in a group it is just not there."""
    registry = small_registry(("bao", "tap-chi", "dai"))
    units = tuple(replace(u, valid_to=date(2023, 12, 31)) if u.id == "dai" else u for u in registry.units)
    world = await make_world(engine, registry=replace(registry, units=units))
    owners = await world.rows(
        """SELECT t.ordinal, u.slug FROM task_owner o JOIN task t ON t.id = o.task_id JOIN unit u ON u.id = o.unit_id
           WHERE o.role = 'lead' ORDER BY 1, 2"""
    )
    assert [tuple(o.values()) for o in owners] == [(0, "bao"), (0, "so"), (0, "tap-chi"), (1, "bao"), (1, "tap-chi")]
