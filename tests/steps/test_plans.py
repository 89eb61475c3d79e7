"""Drafts can be corrected until they run; a registry can be corrected at any time; nobody waits for nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, at, make_world, small_plan, small_registry

from domain.errors import NotFound, Refusal
from domain.plan import OwnerRef, PlanDraft
from domain.policy import Policy
from models.facts.plans import ImportedPlan, activate_plan, import_plan
from models.facts.realms import create_realm, update_registry


async def draft_world(engine: AsyncEngine, draft: PlanDraft) -> World:
    """A realm with a draft that nobody has activated."""
    world = World(engine)
    await create_realm(engine, world.realm, small_registry(), at("2024-01-15 08:00"), 2024, 2030)
    await put(world, draft)
    return world


async def put(world: World, draft: PlanDraft) -> None:
    plan = ImportedPlan(world.plan, draft, b"source", "ke-hoach.docx", Policy())
    await import_plan(world.engine, await world.actor("quan-tri"), plan)


async def test_a_draft_is_replaced_and_a_running_plan_is_not(engine: AsyncEngine) -> None:
    world = await draft_world(engine, small_plan())
    await put(world, small_plan(("Hàng năm", "Thường xuyên")))
    assert await world.value("SELECT jsonb_array_length(draft -> 'tasks') FROM plan") == 2
    await activate_plan(engine, await world.actor("quan-tri"), world.plan)
    await put(world, small_plan())
    assert await world.value("SELECT jsonb_array_length(draft -> 'tasks') FROM plan") == 2
    assert await world.value("SELECT status FROM amendment") == "proposed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tasks": tuple(replace(t, leads=(OwnerRef("ai"),)) for t in small_plan().tasks)}, "lead-missing"),
        (
            {"reporting": (small_plan().reporting[0], replace(small_plan().reporting[1], to=("Ai",)))},
            "recipient-missing",
        ),
    ],
)
async def test_a_plan_in_which_nobody_acts_or_receives_is_not_activated(
    engine: AsyncEngine, change: dict[str, object], code: str
) -> None:
    world = await draft_world(engine, replace(small_plan(), **change))  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=code):
        await activate_plan(engine, await world.actor("quan-tri"), world.plan)
    assert await world.value("SELECT status FROM plan") == "draft"
    assert await world.value("SELECT count(*) FROM task") == 0


async def test_a_corrected_registry_is_taken_in(engine: AsyncEngine) -> None:
    world = await make_world(engine)
    registry = small_registry(("bao", "tap-chi", "dai"))
    people = tuple(replace(p, email="moi@thu.example") if p.id == "bao-can-bo" else p for p in registry.people)
    await update_registry(engine, world.realm, replace(registry, people=people))
    assert await world.value("SELECT email FROM person WHERE slug = 'bao-can-bo'") == "moi@thu.example"
    assert await world.value("SELECT count(*) FROM unit WHERE slug = 'dai'") == 1
    assert await world.value("SELECT count(*) FROM person WHERE slug = 'bao-can-bo'") == 1
    with pytest.raises(NotFound, match="realm-unknown"):
        await update_registry(engine, "khong-co", registry)
