"""Short words for amending the plan of a world: put a document in, approve it, look at what became of a task."""

from __future__ import annotations

from dataclasses import replace

from worlds import World

from domain.plan import OwnerRef, PlanDraft, TaskDraft
from domain.policy import Policy
from domain.timing import parse_timing
from models.facts.amendments import approve_amendment
from models.facts.plans import Imported, ImportedPlan, import_plan


def unit(*slugs: str) -> tuple[OwnerRef, ...]:
    """Owners that are single units."""
    return tuple(OwnerRef(slug, unit=slug) for slug in slugs)


def task(ordinal: int, title: str, *leads: str, coordinators: tuple[str, ...] = (), timing: str = "Hàng năm",
         result: str | None = None) -> TaskDraft:  # fmt: skip
    """A task of a draft."""
    owners = unit(*leads), unit(*coordinators)
    return TaskDraft(ordinal, title, "appendix", *owners, result=result, timing=parse_timing(timing))


def retimed(draft: PlanDraft, ordinal: int, timing: str) -> PlanDraft:
    """The draft with another timing of one task."""
    tasks = tuple(replace(t, timing=parse_timing(timing)) if t.ordinal == ordinal else t for t in draft.tasks)
    return replace(draft, tasks=tasks)


def led_by(draft: PlanDraft, ordinal: int, *leads: str) -> PlanDraft:
    """The draft with other leads of one task."""
    tasks = tuple(replace(t, leads=unit(*leads)) if t.ordinal == ordinal else t for t in draft.tasks)
    return replace(draft, tasks=tasks)


def without(draft: PlanDraft, ordinal: int) -> PlanDraft:
    """The draft without one task; those after it move up."""
    kept = [t for t in draft.tasks if t.ordinal != ordinal]
    return replace(draft, tasks=tuple(replace(t, ordinal=n) for n, t in enumerate(kept, 1)))


async def propose(world: World, draft: PlanDraft) -> Imported:
    """An amended document comes in."""
    document = ImportedPlan(world.plan, draft, b"amended", "sua-doi.docx", Policy())
    return await import_plan(world.engine, await world.actor("quan-tri"), document)


async def amended(world: World, draft: PlanDraft) -> list[str]:
    """An amended document comes in and is approved; returns whom to ring."""
    made = await propose(world, draft)
    assert made.amendment is not None
    return await approve_amendment(
        world.engine, await world.actor("quan-tri"), world.plan, made.amendment, made.version
    )
