"""A draft has versions: who changes it must have seen the last one, and who activates it gets what they saw."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, at, make_world, small_plan, small_registry

from domain.errors import Conflict, NotFound, Refusal
from domain.plan import DocumentInfo, Finding, PlanDraft, RegistryAuthority, RegistryGroup, ReportingDraft, Severity
from domain.policy import Policy
from models.facts.plans import Imported, ImportedPlan, activate_plan, change_draft, discard_draft, import_plan
from models.facts.realms import create_realm, update_registry
from models.queries.plans import list_plans, read_draft, read_plan, read_source
from models.queries.timeline import timeline

EMPTY = PlanDraft(document=DocumentInfo(complete=False))


@pytest.fixture
async def world(engine: AsyncEngine) -> World:
    """A realm without a plan."""
    world = World(engine)
    await create_realm(engine, world.realm, small_registry(), at("2024-01-15 08:00"), 2024, 2030)
    return world


async def put(world: World, draft: PlanDraft, source: bytes = b"source") -> Imported:
    plan = ImportedPlan(world.plan, draft, source, "ke-hoach.docx", Policy())
    return await import_plan(world.engine, await world.actor("quan-tri"), plan)


async def change(world: World, version: int, draft: PlanDraft, person: str = "quan-tri") -> int:
    actor = await world.actor(person)
    return await change_draft(world.engine, actor, world.plan, version, draft, "sửa đơn vị chủ trì nhiệm vụ 1")


async def test_any_draft_is_stored_and_an_incomplete_one_is_not_activated(world: World) -> None:
    assert (await put(world, EMPTY)).version == 1
    admin = await world.actor("quan-tri")
    for draft, code in (
        (EMPTY, "no-tasks"),
        (replace(small_plan(), reporting=()), "regime-missing"),
        (replace(small_plan(), lead_agency=None), "lead-agency-missing"),
        (replace(small_plan(), lead_agency="Sở Không Có"), "unit-unknown"),
        (replace(small_plan(), tasks=2 * small_plan().tasks), "ordinal-repeated"),
    ):
        await put(world, draft)
        with pytest.raises(Refusal, match=code):
            await activate_plan(world.engine, admin, world.plan)
    assert await world.value("SELECT status FROM plan") == "draft"
    assert await world.value("SELECT count(*) FROM task") == 0


async def test_activation_is_refused_while_findings_block_and_names_each(world: World) -> None:
    found = [Finding(f"c{n}", Severity.BLOCKING, f"Điểm thứ {n} phải sửa.") for n in (1, 2)]
    await put(world, replace(small_plan(), findings=(*found, Finding("i", Severity.REVIEW, "Nên xem."))))
    with pytest.raises(Refusal, match=r"plan-not-ready: Còn 2 .*Điểm thứ 1 phải sửa\. Điểm thứ 2 phải sửa\.$"):
        await activate_plan(world.engine, await world.actor("quan-tri"), world.plan)


async def test_whoever_saw_an_older_version_is_told_who_changed_it_when(world: World) -> None:
    version = (await put(world, small_plan())).version
    await world.clock("2024-01-16 09:30")
    assert await change(world, version, small_plan(("Hàng năm",) * 2), "so-tong-hop") == version + 1
    with pytest.raises(Conflict, match=r"draft-changed: Người so-tong-hop .*09:30 ngày 16/01/2024.*tải lại"):
        await change(world, version, EMPTY)
    with pytest.raises(Conflict, match="draft-changed"):
        await activate_plan(world.engine, await world.actor("quan-tri"), world.plan, version)
    with pytest.raises(Conflict, match="draft-changed"):
        await discard_draft(world.engine, await world.actor("quan-tri"), world.plan, version)
    async with world.engine.connect() as books:
        view = await read_draft(books, world.realm, world.plan)
    assert (view.version, view.status, view.changed_by, len(view.draft.tasks)) == (2, "draft", "Người so-tong-hop", 2)
    assert (await put(world, small_plan())).version == version + 2


async def test_what_is_activated_is_the_draft_as_it_is_then(world: World) -> None:
    await put(world, replace(EMPTY, tasks=small_plan().tasks))
    assert await change(world, 1, small_plan(("Hàng năm",) * 3)) == 2
    await activate_plan(world.engine, await world.actor("quan-tri"), world.plan, 2)
    assert await world.value("SELECT count(*) FROM task") == 4
    assert await world.value("SELECT title FROM plan") == "Kế hoạch thử"
    with pytest.raises(Conflict, match="plan-already-active"):
        await change(world, 2, EMPTY)


async def test_a_discarded_draft_is_gone_and_its_slug_free(world: World) -> None:
    await put(world, small_plan())
    await discard_draft(world.engine, await world.actor("quan-tri"), world.plan, 1)
    async with world.engine.connect() as books:
        assert await list_plans(books, world.realm) == ()
        for read in (read_plan, read_draft, read_source):
            with pytest.raises(NotFound, match="plan-unknown"):
                await read(books, world.realm, world.plan)
    with pytest.raises(NotFound, match="plan-unknown"):
        await change(world, 2, EMPTY)
    assert await put(world, small_plan(), b"another") == Imported(await world.value("SELECT id FROM plan"), 3)
    async with world.engine.connect() as books:
        assert (await read_source(books, world.realm, world.plan)).content == b"another"


async def test_the_timeline_tells_who_changed_what_in_a_draft(world: World) -> None:
    await put(world, small_plan())
    await change(world, 1, small_plan())
    await activate_plan(world.engine, await world.actor("quan-tri"), world.plan)
    async with world.engine.connect() as books:
        told = [(e.who, e.what) for e in await timeline(books, world.realm, plan=world.plan)]
    assert told == [
        ("Người quan-tri", "Nhập văn bản ke-hoach.docx thành bản thảo 1 của kế hoạch ke-hoach"),
        ("Người quan-tri", "Sửa bản thảo kế hoạch ke-hoach: sửa đơn vị chủ trì nhiệm vụ 1"),
        ("Người quan-tri", "Kích hoạt kế hoạch ke-hoach"),
    ]
    assert await world.value("SELECT count(*) FROM fact WHERE taken_in_at IS NULL") == 1


async def test_the_yearly_entry_of_the_regime_is_the_one_that_runs(world: World) -> None:
    quarterly = ReportingDraft("units", ("Sở TT",), every="quarterly", before="03-15")
    await put(world, replace(small_plan(), reporting=(quarterly, *small_plan().reporting)))
    await activate_plan(world.engine, await world.actor("quan-tri"), world.plan)
    assert await world.value("SELECT units_before FROM plan") == "11-30"


async def test_the_registry_says_who_owes_the_common_report(engine: AsyncEngine) -> None:
    registry = small_registry()
    authority = RegistryAuthority("UBND tỉnh Thử", "ubnd", "Thử", "rieng")
    group = RegistryGroup("rieng", "đơn vị riêng", (), ("hoi",))
    world = await make_world(engine, registry=replace(registry, authority=authority, groups=(*registry.groups, group)))
    owners = "SELECT u.slug FROM task_owner o JOIN task t ON t.id = o.task_id JOIN unit u ON u.id = o.unit_id"
    assert [r["slug"] for r in await world.rows(f"{owners} WHERE t.ordinal = 0")] == ["hoi"]
    await update_registry(engine, world.realm, registry)
    assert await world.value("SELECT reporting_group FROM realm") == "bao-cao-chung"
