"""Small worlds for tests: a realm with a few units, a plan built from data, and short words for what people do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import StepRequest, StepResult
from domain.ids import round_id, task_id
from domain.plan import (
    DocumentInfo,
    OwnerRef,
    PlanDraft,
    Registry,
    RegistryAuthority,
    RegistryGroup,
    RegistryPerson,
    RegistryUnit,
    ReportingDraft,
    TaskDraft,
)
from domain.policy import Policy
from domain.timing import parse_timing
from domain.workdays import VIETNAM
from models.facts.frame import Actor
from models.facts.plans import ImportedPlan, activate_plan, import_plan
from models.facts.realms import create_realm, move_clock
from models.facts.reports import Report
from models.facts.tokens import actor_of, issue_token
from models.steps.rounds import step_round
from models.steps.tasks import step_task

SINCE = date(2020, 1, 1)


def at(words: str) -> datetime:
    """An instant in Việt Nam from "2024-11-29 23:59"."""
    return datetime.fromisoformat(words).replace(tzinfo=VIETNAM)


def small_registry(leads: tuple[str, ...] = ("bao", "tap-chi"), zalo: tuple[str, ...] = ()) -> Registry:
    """A lead agency `so`, the named lead units, a coordinating unit `hoi`, the authority and the ministry."""
    units = [("so", "Sở TT"), *((lead, f"Đơn vị {lead}") for lead in leads), ("hoi", "Hội"), ("ubnd", "UBND tỉnh")]
    people = [
        _person("so-can-bo", "so", "officer"),
        _person("so-giam-doc", "so", "head", "signer"),
        _person("so-tong-hop", "so", "coordinator"),
        _person("hoi-can-bo", "hoi", "officer"),
        _person("chu-tich", "ubnd", "leader", "recipient"),
        _person("bo-van-thu", "bo", "recipient"),
        _person("quan-tri", "so", "admin"),
    ]
    for lead in leads:
        people.append(_person(f"{lead}-can-bo", lead, "officer", zalo=lead in zalo))
        people.append(_person(f"{lead}-thu-truong", lead, "head"))
    return Registry(
        authority=RegistryAuthority("UBND tỉnh Thử", "ubnd", "Thử", "bao-cao-chung"),
        units=(
            *(RegistryUnit(slug, name, SINCE) for slug, name in units),
            RegistryUnit("bo", "Bộ", SINCE, superior=True),
        ),
        groups=(
            RegistryGroup("bao-cao-chung", "các đơn vị", (), (*leads, "so")),
            RegistryGroup("bao-chi", "Các cơ quan báo chí", (), leads),
        ),
        people=tuple(people),
    )


def _person(slug: str, unit: str, *roles: str, zalo: bool = False) -> RegistryPerson:
    number = 84900000000 + sum(map(ord, slug))
    return RegistryPerson(
        id=slug,
        unit=unit,
        name=f"Người {slug}",
        roles=roles,  # type: ignore[arg-type]
        email=f"{slug}@thu.example",
        phone=str(number) if zalo else None,
        channels=("zalo", "mail") if zalo else ("mail",),
    )


def small_plan(timings: tuple[str, ...] = ("Hàng năm",), leads: str = "group:bao-chi") -> PlanDraft:
    """A plan with one task a timing, led by the group, coordinated by `hoi`; reports before 30/11 and 15/12."""
    kind, _, name = leads.partition(":")
    lead = OwnerRef(name, group=name) if kind == "group" else OwnerRef(name, unit=name)
    return PlanDraft(
        document=DocumentInfo(title="Kế hoạch thử", authority="UBND tỉnh Thử"),
        lead_agency="Sở TT",
        tasks=tuple(
            TaskDraft(
                i, f"Việc {i}", leads=(lead,), coordinators=(OwnerRef("hoi", unit="hoi"),), timing=parse_timing(words)
            )
            for i, words in enumerate(timings, 1)
        ),
        reporting=(
            ReportingDraft("units", ("Sở TT",), every="yearly", before="11-30"),
            ReportingDraft("lead", ("Bộ", "UBND tỉnh"), every="yearly", before="12-15"),
        ),
    )


@dataclass
class World:
    """A realm with an active plan. Steps are taken by hand here; stories let the workflows take them."""

    engine: AsyncEngine
    realm: str = "thu"
    plan: str = "ke-hoach"
    _actors: dict[str, Actor] = field(default_factory=dict)
    _numbers: int = 0

    async def actor(self, slug: str) -> Actor:
        """A person as the API would know them."""
        if slug not in self._actors:
            self._actors[slug] = await actor_of(self.engine, await issue_token(self.engine, self.realm, slug, 1))
        return self._actors[slug]

    async def clock(self, words: str) -> None:
        """Move the clock."""
        await move_clock(self.engine, self.realm, at(words))

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """Ask the books."""
        async with self.engine.connect() as connection:
            return list((await connection.execute(text(sql), values)).mappings())

    async def value(self, sql: str, **values: Any) -> Any:
        """Ask the books for one value."""
        async with self.engine.connect() as connection:
            return await connection.scalar(text(sql), values)

    async def run(self, sql: str, **values: Any) -> None:
        """Change the books behind everybody's back."""
        async with self.engine.begin() as connection:
            await connection.execute(text(sql), values)

    async def obligation(self, unit: str, task: int = 1, label: str = "2024") -> int:
        """The key of an obligation."""
        return int(
            await self.value(
                """SELECT o.id FROM obligation o JOIN unit u ON u.id = o.unit_id JOIN round r ON r.id = o.round_id
                   JOIN task t ON t.id = r.task_id WHERE u.slug = :unit AND t.ordinal = :task AND r.label = :label""",
                unit=unit,
                task=task,
                label=label,
            )
        )

    def request(
        self, workflow: str, subject: int, name: str, run: str = "run", number: int | None = None
    ) -> StepRequest:
        """A step request with the next number, or the given one."""
        self._numbers += 1
        return StepRequest(workflow, run, number or self._numbers, name, self.realm, subject)

    async def step_task(self, ordinal: int = 1, name: str = "assign") -> StepResult:
        """Take a step of a task."""
        key = int(await self.value("SELECT id FROM task WHERE ordinal = :n", n=ordinal))
        return await step_task(self.engine, self.request(task_id(self.realm, self.plan, ordinal), key, name))

    async def round_request(
        self, ordinal: int = 1, label: str = "2024", name: str = "remind", number: int | None = None
    ) -> StepRequest:
        """The request of a round's step."""
        key = int(
            await self.value(
                "SELECT r.id FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = :n AND label = :label",
                n=ordinal,
                label=label,
            )
        )
        workflow = round_id(self.realm, self.plan, ordinal, label)
        return self.request(workflow, key, name, number=number)

    async def step_round(self, ordinal: int = 1, label: str = "2024", name: str = "remind") -> StepResult:
        """Take a step of a round."""
        return await step_round(self.engine, await self.round_request(ordinal, label, name))

    async def told(self) -> list[tuple[str, str, str]]:
        """All notices as (rung, role, unit), sorted."""
        rows = await self.rows(
            "SELECT n.rung, n.role, u.slug FROM notice n JOIN unit u ON u.id = n.unit_id ORDER BY 1, 2, 3"
        )
        return [(r["rung"], r["role"], r["slug"]) for r in rows]


async def make_world(
    engine: AsyncEngine,
    begins: str = "2024-01-15 08:00",
    draft: PlanDraft | None = None,
    registry: Registry | None = None,
    policy: Policy | None = None,
    live: bool = False,
    working_days: tuple[date, ...] = (),
    compile_in: timedelta | None = None,
) -> World:
    """A realm whose plan was imported and activated; nothing has been told yet.

    `working_days` are worked on whatever the calendar says; `compile_in` moves the rollups to so long from now.
    """
    world = World(engine)
    policy = policy or Policy()
    await create_realm(
        engine,
        world.realm,
        registry or small_registry(),
        None if live else at(begins),
        policy.first_year,
        policy.last_year,
    )
    for day in working_days:
        await world.run(
            """INSERT INTO day_off (realm, day, working, name) VALUES (:realm, :day, true, 'thử')
               ON CONFLICT (realm, day) DO UPDATE SET working = true""",
            realm=world.realm,
            day=day,
        )
    admin = await world.actor("quan-tri")
    imported = ImportedPlan(world.plan, draft or small_plan(), b"source", "ke-hoach.docx", policy)
    await import_plan(engine, admin, imported)
    await activate_plan(engine, admin, world.plan)
    if compile_in is not None:
        await world.run("UPDATE rollup SET compile_at = clock_timestamp() + :wait", wait=compile_in)
    return world


REPORT = Report(result="Đã làm", progress="Đạt", percent=100)
LATE_REPORT = Report(result="Đã làm", progress="Chậm", percent=100, explanation="Thiếu người")
