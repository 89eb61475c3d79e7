"""Each rung, and whoever leaves the ladder: "this inbox got exactly these, and no other"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from stories import Story, story
from temporalio.client import Client
from worlds import small_plan, small_registry

from domain.policy import Policy
from models.facts.decisions import ask_extension, decide_extension
from models.facts.letters import issue_letter
from models.facts.reports import acknowledge
from models.facts.suspensions import suspend_task

ASSIGNED, HELPING, AGAIN = "GIAO NHIỆM VỤ CHỦ TRÌ", "GIAO NHIỆM VỤ PHỐI HỢP", "NHẮC TIẾP NHẬN NHIỆM VỤ ĐƯỢC GIAO"
OPENED, DUE = "MỞ KỲ BÁO CÁO", "HÔM NAY ĐẾN HẠN BÁO CÁO"
REMINDED, LATE = "NHẮC TRƯỚC HẠN {} NGÀY LÀM VIỆC", "BÁO CÁO QUÁ HẠN {} NGÀY LÀM VIỆC"
LETTER, WEEKLY = "DỰ THẢO CÔNG VĂN ĐÔN ĐỐC CHỜ KÝ", "BÁO CÁO VẪN QUÁ HẠN"
RECEIVED, ACCEPTED = "CÓ BÁO CÁO MỚI CẦN XEM XÉT", "BÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN"
RETURNED, GRANTED = "BÁO CÁO BỊ TRẢ LẠI ĐỂ BỔ SUNG", "ĐỀ NGHỊ GIA HẠN ĐƯỢC CHẤP THUẬN"
RESULT, RESTS = "KẾT QUẢ THỰC HIỆN NHIỆM VỤ PHỐI HỢP", "NHIỆM VỤ TẠM DỪNG"
UNASKED = Policy(acknowledge_ladder=())
"""Nobody is asked whether they have their task."""
ASIDE = ("ke-hoach/0", "ke-hoach/rollup")
"""The plan's common report and what is compiled of it are other stories."""


async def everything(told: Story) -> dict[str, list[tuple[int, int, str]]]:
    """Person → (month, day, heading) of all they were told since this was last asked, but for what is `ASIDE`."""
    found = {
        person: [(day.month, day.day, words) for day, words, ref in items if not ref.startswith(ASIDE)]
        for person, items in (await told.unread()).items()
    }
    return {person: items for person, items in found.items() if items}


async def common_reports(told: Story, *units: str) -> None:
    """These units have sent the plan's common report, so that nobody is urged for it."""
    for unit in units:
        await told.report(f"{unit}-can-bo", unit, task=0)


async def test_who_does_not_say_that_they_have_their_task_is_asked_then_their_head(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    registry = small_registry(("bao", "tap-chi", "dai", "tu"))
    async with story(client, dsn, tmp_path, registry=registry, draft=small_plan(("Trước ngày 29/02/2024",))) as told:
        await told.until("2024-01-16 09:00")
        engine = told.world.engine
        await told.driver.ring(await acknowledge(engine, await told.world.actor("bao-can-bo"), "ke-hoach", 1))
        await told.report("tap-chi-can-bo", "tap-chi", label="2024-02-29")
        await told.until("2024-01-19 09:00")
        await told.driver.ring(await acknowledge(engine, await told.world.actor("dai-can-bo"), "ke-hoach", 1))
        await told.until("2024-02-02 09:00")
        given = [(1, 15, OPENED), (1, 15, ASSIGNED)]
        assert await everything(told) == {
            "bao-can-bo": given,
            "tap-chi-can-bo": given,
            "dai-can-bo": [*given, (1, 18, AGAIN)],
            "tu-can-bo": [*given, (1, 18, AGAIN), (1, 23, AGAIN)],
            "tu-thu-truong": [(1, 23, AGAIN)],
            "hoi-can-bo": [(1, 15, HELPING)],
            "so-tong-hop": [(1, 16, RECEIVED)],
        }


async def test_after_seven_days_a_letter_then_one_line_a_week(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, begins="2024-11-25 08:00", policy=UNASKED) as told:
        await told.until("2024-11-26 09:00")
        await common_reports(told, "bao", "tap-chi", "so")
        await told.report("tap-chi-can-bo", "tap-chi")
        await told.until("2024-11-27 09:00")
        told.read_everything()
        await told.until("2024-12-11 09:00")
        late = [(12, 2, LATE.format(1)), (12, 4, LATE.format(3)), (12, 10, LATE.format(7))]
        letter = (12, 10, LETTER)
        assert await everything(told) == {
            "bao-can-bo": [(11, 28, REMINDED.format(1)), (11, 29, DUE), *late],
            "bao-thu-truong": late,
            "so-tong-hop": [*late[1:], letter],
            "chu-tich": [late[2], letter],
        }
        drafted = await told.world.rows("SELECT l.id, u.slug FROM letter l JOIN unit u ON u.id = l.unit_id")
        assert [row["slug"] for row in drafted] == ["bao"]
        leader = await told.world.actor("chu-tich")
        await issue_letter(told.world.engine, leader, drafted[0]["id"], "125/UBND-KGVX", date(2024, 12, 11))
        await told.until("2024-12-25 09:00")
        weekly = [(12, 17, WEEKLY), (12, 24, WEEKLY)]
        assert await everything(told) == dict.fromkeys(("bao-can-bo", "bao-thu-truong", "so-tong-hop"), weekly), (
            "the letter went, and no second is drafted"
        )
        assert await told.world.value("SELECT count(*) FROM letter") == 1


async def test_no_rung_falls_on_a_day_off_around_tet(client: Client, dsn: str, tmp_path: Path) -> None:
    """Nobody works from 25/01 to 02/02/2025. One deadline lies within, the other two working days after."""
    draft = small_plan(("Trước ngày 01/02/2025", "Trước ngày 05/02/2025"), leads="unit:bao")
    async with story(client, dsn, tmp_path, begins="2025-01-13 08:00", draft=draft, policy=UNASKED) as told:
        await told.until("2025-01-14 08:00")
        told.read_everything()
        await told.until("2025-02-08 08:00")
        found = [(d.month, d.day, words, ref) for d, words, ref in told.inbox("bao-can-bo") if "/2025-" in ref]
        first, second = "ke-hoach/1/2025-02-01", "ke-hoach/2/2025-02-05"
        assert found == [
            (1, 15, REMINDED.format(7), first),
            (1, 17, REMINDED.format(7), second),
            (1, 23, REMINDED.format(1), first),
            (1, 24, DUE, first),
            (2, 3, LATE.format(1), first),
            (2, 3, REMINDED.format(1), second),
            (2, 4, DUE, second),
            (2, 5, LATE.format(3), first),
            (2, 5, LATE.format(1), second),
            (2, 7, LATE.format(3), second),
        ]
        away = [d for items in (await told.unread()).values() for d, _, _ in items]
        assert [day for day in away if date(2025, 1, 25) <= day <= date(2025, 2, 2)] == []


async def test_what_becomes_untrue_before_the_sending_hour_is_never_sent(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    """Rungs are raised at 20:30 here and leave at 07:00; between the two each unit leaves the ladder in its own way."""
    registry = small_registry(("bao", "tap-chi", "dai", "tu", "mo"))
    policy = Policy(acknowledge_ladder=(), work_begins="20:30")
    draft = small_plan(("Hàng năm", "Hàng năm"))
    async with story(
        client, dsn, tmp_path, begins="2024-11-18 08:00", registry=registry, draft=draft, policy=policy
    ) as told:
        await told.until("2024-11-19 09:00")
        await common_reports(told, "bao", "tap-chi", "dai", "tu", "mo", "so")
        await told.report("tap-chi-can-bo", "tap-chi")
        for unit in ("bao", "tap-chi", "dai", "tu"):
            await told.report(f"{unit}-can-bo", unit, task=2)
        await told.until("2024-11-20 20:30")
        told.read_everything()
        world, coordinator = told.world, await told.world.actor("so-tong-hop")
        waiting = await world.rows("SELECT rung, count(*) AS n FROM notice WHERE state = 'pending' GROUP BY 1")
        assert [tuple(row.values()) for row in waiting] == [("before-7", 5)]

        await told.report("bao-can-bo", "bao")
        await told.decide("tap-chi", accepted=False)
        asked = await ask_extension(
            world.engine, await world.actor("dai-can-bo"), await world.obligation("dai"), date(2024, 12, 13), "ốm"
        )
        await told.driver.ring(asked[1])
        await told.driver.ring(await decide_extension(world.engine, coordinator, asked[0], True))
        await told.report("tu-can-bo", "tu")
        await told.decide("tu")
        _, rings = await suspend_task(world.engine, coordinator, "ke-hoach", 2, "chờ kinh phí")
        await told.driver.ring(rings)

        await told.until("2024-11-21 12:00")
        rests = (11, 21, RESTS)
        assert await everything(told) == {
            "bao-can-bo": [rests],
            "tap-chi-can-bo": [(11, 21, RETURNED), rests],
            "dai-can-bo": [(11, 21, GRANTED), rests],
            "tu-can-bo": [(11, 21, ACCEPTED), rests][::-1],
            "mo-can-bo": [(11, 21, REMINDED.format(6)), rests],
            "hoi-can-bo": [rests, (11, 21, RESULT)],
            "so-tong-hop": [(11, 21, RECEIVED)],
        }
        assert await world.value("SELECT count(*) FROM notice WHERE rung = 'before-7' AND state = 'moot'") == 4


async def test_one_message_a_person_and_morning(client: Client, dsn: str, tmp_path: Path) -> None:
    """On 29/11 one task is due and another has seven working days left; one person is officer and head."""
    registry = small_registry(("bao", "tap-chi"))
    people = tuple(
        replace(p, roles=("officer", "head")) if p.id == "bao-can-bo" else p
        for p in registry.people
        if p.id != "bao-thu-truong"
    )
    draft = small_plan(("Hàng năm", "Trước ngày 11/12/2024"))
    async with story(
        client, dsn, tmp_path, begins="2024-11-26 08:00", draft=draft, policy=UNASKED,
        registry=replace(registry, people=people),
    ) as told:  # fmt: skip
        await told.until("2024-11-27 09:00")
        await common_reports(told, "bao", "tap-chi", "so")
        await told.report("tap-chi-can-bo", "tap-chi")
        await told.until("2024-11-28 12:00")
        told.read_everything()
        await told.until("2024-11-29 20:00")
        assert told.subjects("bao-can-bo") == ["[DIỄN TẬP] Hôm nay đến hạn báo cáo (1) và 1 việc khác - Sở TT"]
        assert await everything(told) == {"tap-chi-can-bo": [(11, 29, REMINDED.format(7))]}, "not due for who reported"
        await told.until("2024-12-02 20:00")
        assert told.subjects("bao-can-bo") == ["[DIỄN TẬP] Báo cáo quá hạn 1 ngày làm việc: Nhiệm vụ 01, năm 2024"]
        assert await everything(told) == {}
