"""A task that rests, is handed back, changes hands, is asked about: "this inbox got exactly these, and no other"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

from amendments import task
from stories import Story, story
from temporalio.client import Client
from worlds import small_plan, small_registry

from models.facts.requested_rounds import RoundRequest, request_round
from models.facts.suspensions import resume_task, suspend_task
from models.facts.transfers import decide_hand_back, hand_back, reassign

REF, LABEL = "ke-hoach/1", "DX-20241014-1"
ASSIGNED, REMINDED, OPENED = "GIAO NHIỆM VỤ CHỦ TRÌ", "NHẮC TRƯỚC HẠN {} NGÀY LÀM VIỆC", "MỞ KỲ BÁO CÁO"
RESTS, GOES_ON = "NHIỆM VỤ TẠM DỪNG", "NHIỆM VỤ ĐƯỢC TIẾP TỤC"
DUE, OVERDUE = "HÔM NAY ĐẾN HẠN BÁO CÁO", "BÁO CÁO QUÁ HẠN {} NGÀY LÀM VIỆC"
TO_DECIDE, NOT_TAKEN = "CÓ ĐỀ NGHỊ TRẢ LẠI NHIỆM VỤ CẦN QUYẾT ĐỊNH", "ĐỀ NGHỊ TRẢ LẠI NHIỆM VỤ KHÔNG ĐƯỢC CHẤP THUẬN"
MOVED = "THAY ĐỔI ĐƠN VỊ THỰC HIỆN NHIỆM VỤ"
PLAN = replace(
    small_plan(), tasks=(task(1, "Tập huấn nghiệp vụ cho phóng viên", "bao", "tap-chi", coordinators=("hoi",)),)
)
WORLD: dict[str, Any] = {"draft": PLAN, "registry": small_registry(("bao", "tap-chi", "dai"))}


def about(items: list[tuple[date, str, str]], ref: str = REF) -> list[tuple[int, int, str]]:
    """(month, day, heading) of what is about the task or one of its rounds."""
    return [(d.month, d.day, words) for d, words, r in items if r == ref or r.startswith(f"{ref}/")]


async def everything(told: Story) -> dict[str, list[tuple[int, int, str]]]:
    """What anybody was told of the task since it was last asked."""
    found = {person: about(items) for person, items in (await told.unread()).items()}
    return {person: items for person, items in found.items() if items}


async def acknowledged(told: Story) -> None:
    """All have said that they have the task, so that nobody is asked again."""
    await told.world.run("UPDATE task_owner SET acknowledged_at = now()")


async def test_while_a_task_rests_nobody_is_urged(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await acknowledged(told)
        await told.until("2024-11-18 10:00")
        told.read_everything()
        engine, coordinator = told.world.engine, await told.world.actor("so-tong-hop")
        _, rings = await suspend_task(engine, coordinator, "ke-hoach", 1, "Chờ bố trí kinh phí")
        await told.driver.ring(rings)
        await told.until("2024-12-16 07:00")
        owners = ("bao-can-bo", "hoi-can-bo", "tap-chi-can-bo")
        assert await everything(told) == {person: [(11, 18, RESTS)] for person in owners}
        await told.driver.ring(await resume_task(engine, coordinator, "ke-hoach", 1))
        await told.until("2024-12-16 12:00")
        assert await everything(told) == {person: [(12, 16, GOES_ON)] for person in owners}
        # Nine working days were left on 18/11; from Monday 16/12 they end on Friday 27/12.
        await told.report("tap-chi-can-bo", "tap-chi")
        await told.until("2024-12-17 12:00")
        told.read_everything()
        await told.until("2024-12-30 12:00")
        late = (12, 30, OVERDUE.format(1))
        assert await everything(told) == {
            "bao-can-bo": [(12, 18, REMINDED.format(7)), (12, 26, REMINDED.format(1)), (12, 27, DUE), late],
            "bao-thu-truong": [late],
        }


async def test_a_task_is_handed_back_twice(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await acknowledged(told)
        await told.until("2024-10-14 09:00")
        told.read_everything()
        engine, coordinator = told.world.engine, await told.world.actor("so-tong-hop")
        officer = await told.world.actor("bao-can-bo")
        first, rings = await hand_back(engine, officer, "ke-hoach", 1, "Không đúng chức năng")
        await told.driver.ring(rings)
        await told.until("2024-10-14 12:00")
        assert await everything(told) == {"so-tong-hop": [(10, 14, TO_DECIDE)]}
        await told.driver.ring(await decide_hand_back(engine, coordinator, first, False, reason="Đúng chức năng"))
        await told.until("2024-10-15 09:00")
        assert await everything(told) == {"bao-can-bo": [(10, 14, NOT_TAKEN)]}
        second, rings = await hand_back(engine, officer, "ke-hoach", 1, "Đã chuyển chức năng", "dai")
        await told.driver.ring(rings)
        await told.until("2024-10-15 12:00")
        assert await everything(told) == {"so-tong-hop": [(10, 15, TO_DECIDE)]}
        await told.driver.ring(await decide_hand_back(engine, coordinator, second, True, "dai"))
        await told.until("2024-10-16 09:00")
        assert await everything(told) == {
            "bao-can-bo": [(10, 15, MOVED)], "dai-can-bo": [(10, 15, OPENED), (10, 15, ASSIGNED)],
        }  # fmt: skip
        await acknowledged(told)
        await told.until("2024-11-29 12:00")
        found = await everything(told)
        assert set(found) == {"dai-can-bo", "tap-chi-can-bo"}
        assert found["dai-can-bo"] == found["tap-chi-can-bo"]
        assert found["dai-can-bo"][-1] == (11, 29, DUE)


async def test_an_overdue_task_is_given_to_another(client: Client, dsn: str, tmp_path: Path) -> None:
    """The ladder of the former lead ends at once; that of the new one begins, with five working days."""
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await acknowledged(told)
        await told.until("2024-10-01 09:00")
        await told.report("tap-chi-can-bo", "tap-chi")
        await told.until("2024-12-04 12:00")
        told.read_everything()
        engine, coordinator = told.world.engine, await told.world.actor("so-tong-hop")
        await told.driver.ring(await reassign(engine, coordinator, "ke-hoach", 1, "bao", "dai", "Sắp xếp lại"))
        await told.until("2024-12-05 07:30")
        assert await everything(told) == {
            "bao-can-bo": [(12, 4, MOVED)], "dai-can-bo": [(12, 4, OPENED), (12, 4, ASSIGNED)],
        }  # fmt: skip
        await acknowledged(told)
        await told.until("2024-12-13 12:00")
        late = (12, 12, OVERDUE.format(1))
        assert await everything(told) == {
            "dai-can-bo": [(12, 10, REMINDED.format(1)), (12, 11, DUE), late], "dai-thu-truong": [late],
        }  # fmt: skip


async def test_a_report_is_asked_for_at_short_notice(client: Client, dsn: str, tmp_path: Path) -> None:
    """On Monday, by Thursday 16:00: of the lead and the unit that helps; the other lead hears nothing of it."""
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-10-14 09:00")
        asked = RoundRequest("ad_hoc", "Số lớp đã mở", ("bao", "hoi"), date(2024, 10, 17), time(16))
        coordinator = await told.world.actor("so-tong-hop")
        made = await request_round(told.world.engine, coordinator, "ke-hoach", 1, asked)
        assert made.label == LABEL
        await told.driver.ring(made.rings)
        await told.until("2024-10-16 12:00")
        await told.report("hoi-can-bo", "hoi", label=LABEL)
        await told.until("2024-10-18 12:00")
        found = {person: about(items, f"{REF}/{LABEL}") for person, items in (await told.unread()).items()}
        opened, reminded, late = (10, 14, OPENED), (10, 16, REMINDED.format(1)), (10, 18, OVERDUE.format(1))
        assert {person: items for person, items in found.items() if items} == {
            "bao-can-bo": [opened, reminded, (10, 17, DUE), late],
            "bao-thu-truong": [late],
            "hoi-can-bo": [opened, reminded],
            "so-tong-hop": [(10, 16, "CÓ BÁO CÁO MỚI CẦN XEM XÉT")],
        }
        assert await told.world.value("SELECT label FROM round WHERE task_id = 2 AND kind = 'periodic'") == "2024"
