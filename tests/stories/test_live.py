"""Live realms, real timers: what is seconds away happens by itself, and not before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stories import Story, story
from temporalio.client import Client
from worlds import small_plan

from domain.deadlines import WORK_BEGINS
from domain.notices import NoticeKind, Role
from domain.plan import PlanDraft, ReportingDraft
from domain.policy import Anchor, Policy, Rung
from domain.workdays import VIETNAM

AHEAD = timedelta(seconds=6)


def now() -> datetime:
    return datetime.now(UTC).astimezone(VIETNAM)


async def a_while_before_midnight() -> datetime:
    """Now; later if the day is about to end, since these tests are about one day."""
    while now().date() != (now() + timedelta(minutes=1)).date():
        await asyncio.sleep(1)
    return now()


def at_once(begins: datetime, **changes: object) -> Policy:
    """Nothing waits for a sending hour; rungs are raised at `begins`."""
    rung = Rung("due", NoticeKind.DUE, 0, Anchor.STRICT, (Role.OFFICER,))
    year = (begins + timedelta(days=1)).year
    return Policy(
        coalesce_minutes=0, sending_from="00:00", sending_to="23:59:59", work_begins=begins.strftime("%H:%M:%S"),
        ladder=(rung,), first_year=year, last_year=year, **changes,  # type: ignore[arg-type]
    )  # fmt: skip


def due_today(begins: datetime) -> PlanDraft:
    """A plan whose units report "before tomorrow"."""
    tomorrow = begins.date() + timedelta(days=1)
    draft = small_plan(("Hàng năm",), leads="unit:bao")
    units = ReportingDraft("units", ("Sở TT",), every="yearly", before=tomorrow.strftime("%m-%d"))
    return PlanDraft(draft.document, draft.lead_agency, draft.tasks, reporting=(units, draft.reporting[1]))


async def until(story: Story, sql: str, seconds: float = 30) -> datetime:
    """Wait until a query finds an instant."""
    give_up = asyncio.get_running_loop().time() + seconds
    while (found := await story.world.value(sql)) is None:
        assert asyncio.get_running_loop().time() < give_up, f"not in time: {sql}"
        await asyncio.sleep(0.1)
    return datetime.fromisoformat(found.isoformat())


async def test_a_rung_seconds_away_is_raised_by_its_timer(client: Client, dsn: str, tmp_path: Path) -> None:
    begins = (await a_while_before_midnight() + AHEAD).replace(microsecond=0)
    async with story(
        client, dsn, tmp_path, relay=False, live=True, draft=due_today(begins), policy=at_once(begins),
        working_days=(begins.date(),),
    ) as told:  # fmt: skip
        await until(told, "SELECT min(raised_at) FROM notice WHERE rung = 'opened'")
        raised = await until(told, "SELECT min(raised_at) FROM notice WHERE rung = 'due'")
        assert timedelta(0) <= raised - begins < timedelta(seconds=20)
        await until(told, "SELECT min(sent_at) FROM delivery WHERE content::text LIKE '%\"due\"%'")
        assert "HÔM NAY ĐẾN HẠN BÁO CÁO" in {words for _, words, _ in told.inbox("bao-can-bo")}
        assert await told.world.value("SELECT count(*) FROM relay_count") == 0


async def test_a_rollup_is_compiled_when_its_instant_comes(client: Client, dsn: str, tmp_path: Path) -> None:
    begins = await a_while_before_midnight()
    async with story(
        client, dsn, tmp_path, relay=False, live=True, draft=due_today(begins), policy=at_once(begins),
        working_days=(begins.date(),), compile_in=AHEAD,
    ) as told:  # fmt: skip
        due = await until(told, "SELECT min(compile_at) FROM rollup")
        compiled = await until(told, "SELECT min(compiled_at) FROM rollup")
        assert timedelta(0) <= compiled - due < timedelta(seconds=20)


def test_rungs_are_raised_when_work_begins_unless_policy_says_otherwise() -> None:
    assert Policy().work_begins == WORK_BEGINS.isoformat("minutes") == "08:00"
