"""Who is told what, and how: no contact, Zalo, more time, guidance, reports after the signature."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

from stories import Story, story
from temporalio.client import Client
from worlds import small_plan, small_registry

from models.facts.decisions import ask_extension, decide_extension, issue_guidance
from models.facts.rollups import acknowledge_rollup, sign_rollup

REF = "ke-hoach/1/2024"


async def test_a_unit_without_contact_is_the_coordinators_business_at_once(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    registry = small_registry()
    registry = replace(registry, people=tuple(p for p in registry.people if p.unit != "tap-chi"))
    async with story(client, dsn, tmp_path, registry=registry) as told:
        await told.until("2024-01-15 10:00")
        heading = "ĐƠN VỊ KHÔNG CÓ ĐẦU MỐI LIÊN HỆ ĐƯỢC"
        day = date(2024, 1, 15)
        assert told.inbox("so-tong-hop") == [(day, heading, "ke-hoach/0"), (day, heading, "ke-hoach/1")]
        states = await told.world.rows(
            "SELECT DISTINCT state FROM notice n JOIN unit u ON u.id = n.unit_id AND u.slug = 'tap-chi'"
        )
        assert [row["state"] for row in states] == ["unroutable"]


async def test_zalo_first_and_mail_when_zalo_refuses(client: Client, dsn: str, tmp_path: Path) -> None:
    (tmp_path / "zalo").mkdir()
    registry = small_registry(zalo=("bao", "tap-chi"))
    phone = next(p.phone for p in registry.people if p.id == "tap-chi-can-bo")
    (tmp_path / "zalo" / "refusals.json").write_text(f'{{"{phone}": -118}}')
    async with story(client, dsn, tmp_path, registry=registry) as told:
        await told.until("2024-01-16 08:00")
        assert told.inbox("bao-can-bo") == []
        assert len(told.inbox("tap-chi-can-bo")) == 2
        rows = await told.world.rows(
            """SELECT p.slug, d.channel, d.state FROM delivery d JOIN person p ON p.id = d.person_id
               WHERE p.slug IN ('bao-can-bo', 'tap-chi-can-bo') ORDER BY 1, d.id"""
        )
        assert [tuple(row.values()) for row in rows] == [
            ("bao-can-bo", "zalo", "sent"),
            ("tap-chi-can-bo", "zalo", "refused"),
            ("tap-chi-can-bo", "mail", "sent"),
        ]
        assert await told.world.value("SELECT access <> '' FROM zalo_token")


async def test_more_time_moves_the_ladder(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-11-25 09:00")
        world = told.world
        obligation = await world.obligation("bao")
        number, rings = await ask_extension(
            world.engine, await world.actor("bao-can-bo"), obligation, date(2024, 12, 6), "đổi người phụ trách"
        )
        await told.driver.ring(rings)
        await told.until("2024-11-26 09:00")
        coordinator = await world.actor("so-tong-hop")
        await told.driver.ring(await decide_extension(world.engine, coordinator, number, True))
        await told.until("2024-11-26 10:00")
        told.read_everything()
        await told.until("2024-12-09 09:00")
        ours = [(d.day, words) for d, words, ref in told.inbox("bao-can-bo") if ref == REF]
        # 6/12/2024 is a Friday; seven working days before it is 27/11.
        assert ours == [
            (27, "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC"),
            (5, "NHẮC TRƯỚC HẠN 1 NGÀY LÀM VIỆC"),
            (6, "HÔM NAY ĐẾN HẠN BÁO CÁO"),
            (9, "BÁO CÁO QUÁ HẠN 1 NGÀY LÀM VIỆC"),
        ]


async def test_a_task_timed_by_an_event_waits_for_its_guidance(client: Client, dsn: str, tmp_path: Path) -> None:
    draft = small_plan(("Sau khi có hướng dẫn của Bộ Thông tin và Truyền thông",))
    async with story(client, dsn, tmp_path, draft=draft) as told:
        await told.until("2024-12-31 08:00")
        assert await _rounds(told) == []
        coordinator = await told.world.actor("so-tong-hop")
        rings = await issue_guidance(told.world.engine, coordinator, "ke-hoach", 1, "12/HD-BTTTT", date(2024, 12, 30))
        await told.driver.ring(rings)
        await told.until("2024-12-31 09:00")
        assert (date(2024, 12, 31), "ĐÃ CÓ HƯỚNG DẪN", "ke-hoach/1") in told.inbox("bao-can-bo")
        await told.until("2025-10-01 08:00")
        assert await _rounds(told) == ["2025"]


async def _rounds(told: Story) -> list[str]:
    rows = await told.world.rows(
        "SELECT r.label FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = 1 ORDER BY 1"
    )
    return [row["label"] for row in rows]


async def test_a_report_after_the_signature_makes_a_supplement(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-11-28 09:00")
        await told.report("bao-can-bo", "bao")
        await told.until("2024-11-28 10:00")
        await told.decide("bao")
        await told.until("2024-12-12 09:00")
        await _sign(told, 0, "12")
        await told.until("2024-12-12 12:00")
        assert told.subjects("bo-van-thu") != []
        mail = told.mailbox.messages()[-2]
        assert mail.size > 50_000
        await told.report("tap-chi-can-bo", "tap-chi", late=True)
        await told.until("2024-12-13 08:00")
        await told.decide("tap-chi")
        told.read_everything()
        await told.until("2024-12-20 12:00")
        # Five working days after 13/12 is 20/12.
        assert (date(2024, 12, 20), "BÁO CÁO TỔNG HỢP CHỜ KÝ", "ke-hoach/rollup/2024/1") in told.inbox("so-giam-doc")
        await _sign(told, 1, "13")
        await told.until("2024-12-20 15:00")
        coordinator = await told.world.actor("so-tong-hop")
        for supplement in (0, 1):
            await told.driver.ring(
                await acknowledge_rollup(told.world.engine, coordinator, "ke-hoach", "2024", supplement, "Bộ đã nhận")
            )
        await told.until("2024-12-21 08:00")
        closed = await told.world.value("SELECT count(*) FROM wake WHERE process = 'rollup' AND closed_at IS NOT NULL")
        assert closed == 2
        await _archived(told, 2)


async def _archived(told: Story, count: int) -> None:
    """The relay moves the histories of closed runs into the books, which outlive Temporal's retention."""
    for _ in range(100):
        if await told.world.value("SELECT count(*) FROM history WHERE workflow LIKE '%rollup%'") == count:
            break
        await asyncio.sleep(0.1)
    events = await told.world.value("SELECT events FROM history WHERE workflow LIKE '%rollup%' LIMIT 1")
    assert b"compile" in gzip.decompress(events)


async def _sign(told: Story, supplement: int, number: str) -> None:
    sha256 = await told.world.value(
        """SELECT v.sha256 FROM rollup_version v JOIN rollup r ON r.id = v.rollup_id AND r.version = v.version
           WHERE r.supplement = :n AND r.period = '2024'""",
        n=supplement,
    )
    signer = await told.world.actor("so-giam-doc")
    await told.driver.ring(await sign_rollup(told.world.engine, signer, "ke-hoach", "2024", supplement, sha256, number))
