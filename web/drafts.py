"""A draft on the desk of who reviews it: a plan's own, or an amendment of a running plan. Both are changed alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Conflict, Refusal
from domain.notices import instant_text
from domain.plan import Finding, OwnerRef, PlanDraft, Severity
from domain.review import review
from models.facts.amendments import approve_amendment, change_amendment, discard_amendment
from models.facts.frame import Actor
from models.facts.plans import activate_plan, change_draft, discard_draft
from models.queries.amendments import AmendmentView, read_amendment
from models.queries.plans import read_draft
from web.names import read_names
from web.patches import check_bounds
from web.refusals import Stale

CHANGED = "draft-changed"
Change = Callable[[PlanDraft], tuple[PlanDraft, str]]
"""From a draft to the changed one and what was done to it, in words."""


@dataclass(frozen=True)
class Place:
    """Which draft: of the plan with this slug, or of its amendment with this number."""

    slug: str
    number: int | None = None

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/plans/{self.slug}/draft" if self.number is None else f"/plans/{self.slug}/amendments/{self.number}"


@dataclass(frozen=True)
class Sheet:
    """One version of a draft. `status` is the plan's, or the amendment's: `proposed`, `approved`, `discarded`."""

    place: Place
    version: int
    status: str
    draft: PlanDraft
    source_name: str
    imported_at: datetime
    changed_at: datetime | None
    changed_by: str

    @property
    def may_change(self) -> bool:
        """Whether it still can be."""
        return self.status == ("draft" if self.place.number is None else "proposed")

    def of(self, severity: Literal["info", "review", "blocking"]) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(finding for finding in self.draft.findings if finding.severity == Severity(severity))

    @property
    def blocking(self) -> int:
        """How many findings keep it from being activated or approved."""
        return len(self.of("blocking"))


async def read_sheet(books: AsyncConnection, realm: str, place: Place) -> Sheet:
    """The draft as it is stored; raises `NotFound`."""
    if place.number is not None:
        return sheet_of(place, await read_amendment(books, realm, place.slug, place.number))
    view = await read_draft(books, realm, place.slug)
    same = ("version", "status", "draft", "source_name", "imported_at", "changed_at", "changed_by")
    return Sheet(place, **{name: getattr(view, name) for name in same})


def sheet_of(place: Place, view: AmendmentView) -> Sheet:
    """An amendment's draft."""
    same = ("version", "status", "source_name", "imported_at", "changed_at", "changed_by")
    return Sheet(place, draft=view.draft, **{name: getattr(view.line, name) for name in same})


async def reviewed(books: AsyncConnection, realm: str, draft: PlanDraft) -> PlanDraft:
    """The draft with its names resolved as of the business day and its checks made anew."""
    names = await read_names(books, realm)
    return await asyncio.to_thread(review, draft, names.registry, names.today)


async def change_sheet(books: AsyncConnection, actor: Actor, place: Place, seen: int, change: Change) -> Sheet:
    """Change the version that was seen; returns the new one.

    Raises `Stale` where it is no longer the stored one, `Refusal` for what no plan has or for a choice that cannot be,
    and what `change` raises.
    """
    sheet = await read_sheet(books, actor.realm, place)
    check_seen(sheet, seen)
    asked, summary = await asyncio.to_thread(change, sheet.draft)
    await asyncio.to_thread(check_bounds, asked)
    draft = await reviewed(books, actor.realm, asked)
    _check_choices(sheet.draft, asked, draft)
    async with _first(books, actor, place):
        if place.number is None:
            version = await change_draft(books, actor, place.slug, seen, draft, summary)
        else:
            version = await change_amendment(books, actor, place.slug, place.number, seen, draft, summary)
    return replace(sheet, version=version, draft=draft, changed_by=actor.name)


async def discard_sheet(books: AsyncConnection, actor: Actor, place: Place, seen: int) -> None:
    """Give up the version that was seen; raises `Stale`."""
    check_seen(await read_sheet(books, actor.realm, place), seen)
    async with _first(books, actor, place):
        if place.number is None:
            await discard_draft(books, actor, place.slug, seen)
        else:
            await discard_amendment(books, actor, place.slug, place.number, seen)


async def put_in_force(books: AsyncConnection, actor: Actor, place: Place, seen: int | None) -> list[str]:
    """Activate the plan, or approve its amendment; returns whom to ring. None: the version that is stored now.

    Raises `Stale` and what the books refuse.
    """
    sheet = await read_sheet(books, actor.realm, place)
    version = sheet.version if seen is None else seen
    check_seen(sheet, version)
    async with _first(books, actor, place):
        if place.number is None:
            return await activate_plan(books, actor, place.slug, version)
        return await approve_amendment(books, actor, place.slug, place.number, version)


@asynccontextmanager
async def _first(books: AsyncConnection, actor: Actor, place: Place) -> AsyncIterator[None]:
    """Whoever was first after we had looked is told of as `Stale`, too."""
    try:
        yield
    except Conflict as error:
        if error.code != CHANGED:
            raise
        raise Stale(error, (await read_sheet(books, actor.realm, place)).version) from error


def _check_choices(before: PlanDraft, asked: PlanDraft, found: PlanDraft) -> None:
    """Raises `Refusal` where somebody was chosen anew whom the registry does not let these words mean."""
    for owner in sorted(_owners(asked) - _owners(before) - _owners(found), key=lambda owner: owner.text):
        if chosen := owner.unit or owner.group:
            words = (
                f"Không chọn được {chosen} cho “{owner.text[:200]}”: danh bạ không có mã này còn hiệu lực, hoặc tên ấy "
                "là của đơn vị khác. Hãy chọn lại, hoặc sửa cả tên."
            )
            raise Refusal("choice-overruled", words)


def _owners(draft: PlanDraft) -> set[OwnerRef]:
    return {owner for task in draft.tasks for owner in (*task.leads, *task.coordinators)}


def check_seen(sheet: Sheet, seen: int) -> None:
    """Raises `Stale` for a version that is not the stored one, unless it cannot be changed any more anyway."""
    if sheet.version == seen or not sheet.may_change:
        return
    when = f" lúc {instant_text(sheet.changed_at)}" if sheet.changed_at else ""
    words = (
        f"{sheet.changed_by or 'Người khác'} đã sửa bản này{when}: nay là bản {sheet.version}, bạn gửi theo bản "
        f"{seen}. Chưa có gì bị ghi đè; hãy xem lại bản mới rồi sửa."
    )
    raise Stale(Conflict(CHANGED, words), sheet.version)
