"""How each person is reached: channels refused, chosen, muted; nobody there, and somebody there again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from stories import Story, story
from temporalio.client import Client
from worlds import small_registry

from domain.errors import Refusal
from domain.notices import NoticeKind
from domain.plan import Registry, RegistryPerson
from domain.policy import Policy
from models.facts.preferences import set_preferences
from models.facts.realms import update_registry

UNASKED = Policy(acknowledge_ladder=())
LEADS = ("bao", "tap-chi", "dai")
ASSIGNED, OPENED, DUE = "GIAO NHIỆM VỤ CHỦ TRÌ", "MỞ KỲ BÁO CÁO", "HÔM NAY ĐẾN HẠN BÁO CÁO"
REMINDED, LATE = "NHẮC TRƯỚC HẠN {} NGÀY LÀM VIỆC", "BÁO CÁO QUÁ HẠN {} NGÀY LÀM VIỆC"
NOBODY = "ĐƠN VỊ KHÔNG CÓ ĐẦU MỐI LIÊN HỆ ĐƯỢC"
OPTED_OUT = -139


async def mailed(told: Story) -> dict[str, list[tuple[int, int, str]]]:
    """Person → (month, day, heading) of all they were mailed of the first task since this was last asked."""
    found = {
        person: [(day.month, day.day, words) for day, words, ref in items if ref.startswith("ke-hoach/1")]
        for person, items in (await told.unread()).items()
    }
    return {person: items for person, items in found.items() if items}


def texted(told: Story, registry: Registry, person: str) -> list[int]:
    """The answer to each message that went to a person's telephone."""
    phone = next(p.phone for p in registry.people if p.id == person)
    return [r["answer"]["error"] for r in told.zalo.requests() if r["body"].get("phone") == phone]


def changed(registry: Registry, person: str, **fields: Any) -> Registry:
    """The registry with another entry for one person."""
    return with_people(registry, (replace(p, **fields) if p.id == person else p for p in registry.people))


def with_people(registry: Registry, people: Iterable[RegistryPerson]) -> Registry:
    return replace(registry, people=tuple(people))


async def test_who_opted_out_is_mailed_from_then_on_and_who_prefers_mail_too(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    registry = small_registry(LEADS, zalo=LEADS)
    phone = next(p.phone for p in registry.people if p.id == "bao-can-bo")
    (tmp_path / "zalo").mkdir()
    (tmp_path / "zalo" / "refusals.json").write_text(json.dumps({phone: OPTED_OUT}))
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", registry=registry, policy=UNASKED) as told:
        world = told.world
        await set_preferences(world.engine, await world.actor("tap-chi-can-bo"), ["mail", "zalo"], [])
        await told.until("2024-11-27 08:00")
        given = [(11, 26, OPENED), (11, 26, ASSIGNED)]
        assert (await mailed(told)).items() >= {"bao-can-bo": given, "tap-chi-can-bo": given}.items()
        await told.until("2024-11-29 12:00")
        urged = [(11, 28, REMINDED.format(1)), (11, 29, DUE)]
        assert await mailed(told) == {"bao-can-bo": urged, "tap-chi-can-bo": urged}
        assert [texted(told, registry, f"{unit}-can-bo") for unit in LEADS] == [[OPTED_OUT], [], [0, 0, 0]]


async def test_what_a_person_mutes_stays_in_the_inbox_and_a_duty_cannot_be_muted(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", policy=UNASKED) as told:
        world, officer = told.world, await told.world.actor("bao-can-bo")
        with pytest.raises(Refusal) as refused:
            await set_preferences(world.engine, officer, ["mail"], [NoticeKind.REMINDER, NoticeKind.OVERDUE])
        assert refused.value.code == "kind-required"
        await set_preferences(world.engine, officer, ["mail"], [NoticeKind.REMINDER, NoticeKind.OVERDUE_WEEKLY])
        await told.until("2024-11-27 08:00")
        told.read_everything()
        await told.until("2024-12-02 12:00")
        late = (12, 2, LATE.format(1))
        assert await mailed(told) == {
            "bao-can-bo": [(11, 29, DUE), late],
            "bao-thu-truong": [late],
            "tap-chi-can-bo": [(11, 28, REMINDED.format(1)), (11, 29, DUE), late],
            "tap-chi-thu-truong": [late],
        }
        states = await world.rows(
            """SELECT u.slug, n.state FROM notice n JOIN unit u ON u.id = n.unit_id
               WHERE n.rung = 'before-1' AND n.kind = 'reminder' AND n.task_id = 2 ORDER BY 1"""
        )
        assert [tuple(row.values()) for row in states] == [("bao", "muted"), ("tap-chi", "sent")]


async def test_the_head_stands_in_for_an_officer_without_address(client: Client, dsn: str, tmp_path: Path) -> None:
    registry = changed(small_registry(), "bao-can-bo", email=None)
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", registry=registry, policy=UNASKED) as told:
        await told.until("2024-12-02 12:00")
        urged = [(11, 26, OPENED), (11, 26, ASSIGNED), (11, 28, REMINDED.format(1)), (11, 29, DUE)]
        late = (12, 2, LATE.format(1))
        found = await mailed(told)
        assert found["bao-thu-truong"] == [*urged, late], "once, though they are told in both roles"
        assert found["tap-chi-thu-truong"] == [late]
        assert set(found) == {"bao-thu-truong", "tap-chi-can-bo", "tap-chi-thu-truong", "hoi-can-bo"}


async def test_a_unit_that_nobody_can_tell_and_what_reaches_it_once_somebody_can(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    whole = small_registry()
    empty = with_people(whole, (p for p in whole.people if p.unit != "tap-chi"))
    async with story(client, dsn, tmp_path, begins="2024-11-26 08:00", registry=empty, policy=UNASKED) as told:
        world = told.world
        await told.until("2024-11-26 12:00")
        about = [f"ke-hoach/{task}{kind}" for task in (0, 1) for kind in ("", "/2024")]
        assert sorted(told.inbox("so-tong-hop")) == [(date(2024, 11, 26), NOBODY, ref) for ref in about]
        assert sum("so-tong-hop@thu.example" in m.rcpt_tos for m in told.mailbox.messages()) == 1
        told.read_everything()
        await told.until("2024-12-02 12:00")
        late = (12, 2, LATE.format(1))
        assert await mailed(told) == {
            "bao-can-bo": [(11, 28, REMINDED.format(1)), (11, 29, DUE), late], "bao-thu-truong": [late]
        }, "the coordinator has heard of it"  # fmt: skip
        assert await world.value("SELECT count(DISTINCT state) FROM notice WHERE state IN ('pending', 'failed')") == 0

        await told.driver.ring(await update_registry(world.engine, world.realm, whole))
        await told.until("2024-12-03 12:00")
        assert await mailed(told) == {
            "tap-chi-can-bo": [late, (12, 2, ASSIGNED)], "tap-chi-thu-truong": [late],
        }, "what is still true, and of the ladder the highest rung"  # fmt: skip
