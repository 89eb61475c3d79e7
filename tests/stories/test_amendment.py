"""A running plan is amended: "this inbox got exactly these, and no other", and what was reported stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from amendments import amended, led_by, propose, retimed, task, without
from stories import Story, story
from temporalio.client import Client
from worlds import at, small_plan, small_registry

from domain.errors import Conflict
from models.facts.amendments import approve_amendment
from models.facts.decisions import ask_extension, decide_extension
from models.queries.account import account

ASSIGNED, COORDINATES, OPENED = "GIAO NHIỆM VỤ CHỦ TRÌ", "GIAO NHIỆM VỤ PHỐI HỢP", "MỞ KỲ BÁO CÁO"
DROPPED, RELEASED = "NHIỆM VỤ ĐƯỢC RÚT KHỎI KẾ HOẠCH", "THAY ĐỔI ĐƠN VỊ THỰC HIỆN NHIỆM VỤ"
MOVED, ENDED = "HẠN BÁO CÁO THAY ĐỔI", "KỲ BÁO CÁO KHÔNG CÒN TRONG KẾ HOẠCH"
PLAN = replace(
    small_plan(),
    tasks=(
        task(1, "Tập huấn nghiệp vụ cho phóng viên", "bao", "tap-chi", coordinators=("hoi",)),
        task(2, "Rà soát hệ thống loa truyền thanh cơ sở", "tap-chi"),
        task(3, "Xây dựng cổng thông tin đối ngoại", "bao", timing="Trước ngày 30/11/2024"),
    ),
)
WORLD: dict[str, Any] = {"draft": PLAN, "registry": small_registry(("bao", "tap-chi", "dai"))}


def overdue(days: int) -> str:
    return f"BÁO CÁO QUÁ HẠN {days} NGÀY LÀM VIỆC"


async def amend(told: Story, draft: object) -> None:
    """The document comes in and is approved, now."""
    await told.driver.ring(await amended(told.world, draft))  # type: ignore[arg-type]


def about(items: list[tuple[date, str, str]], ordinal: int) -> list[tuple[int, int, str]]:
    """(month, day, heading) of what concerns a task."""
    return [(d.month, d.day, words) for d, words, ref in items if ref.split("/")[1] == str(ordinal)]


async def test_a_dropped_task_ends_with_one_notice_each_and_a_late_report_is_still_decided(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-12-02 09:00")
        await told.report("bao-can-bo", "bao", late=True)
        await told.until("2024-12-02 10:00")
        told.read_everything()
        await amend(told, without(PLAN, 1))
        await told.until("2024-12-12 09:00")
        people = await told.unread()
        assert {p: about(items, 1) for p, items in people.items() if about(items, 1)} == {
            person: [(12, 2, DROPPED)] for person in ("bao-can-bo", "tap-chi-can-bo", "hoi-can-bo")
        }
        await told.decide("bao")
        await told.until("2024-12-13 09:00")
        assert about(told.inbox("bao-can-bo"), 1) == [(12, 12, "BÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN")]
        state = "SELECT obligation_state(o, '2024-12-13 00:00+07') FROM obligation o WHERE id = :id"
        assert await told.world.value(state, id=await told.world.obligation("bao")) == "done_late"
        await told.until("2025-10-20 09:00")
        assert not [1 for items in (await told.unread()).values() if about(items, 1)]
        closed = "SELECT count(*) FROM wake WHERE workflow LIKE '%/task/1%' AND closed_at IS NOT NULL"
        assert await told.world.value(closed) == 2
        assert not any("2025" in row["label"] for row in await _rounds(told, 1))


async def _rounds(told: Story, ordinal: int) -> list[dict[str, str]]:
    rows = await told.world.rows(
        "SELECT r.label FROM round r JOIN task t ON t.id = r.task_id WHERE t.ordinal = :n ORDER BY 1", n=ordinal
    )
    return [dict(row) for row in rows]


async def test_a_new_task_starts_and_its_units_are_told_and_nobody_else(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-09-30 09:00")
        told.read_everything()
        new = task(2, "Đào tạo kỹ năng số cho biên tập viên", "dai", coordinators=("hoi",))
        rows = (PLAN.tasks[0], new, *(replace(t, ordinal=t.ordinal + 1) for t in PLAN.tasks[1:]))
        await amend(told, replace(PLAN, tasks=rows))
        await told.until("2024-10-01 09:00")
        assert await told.unread() == {
            "dai-can-bo": [(date(2024, 9, 30), OPENED, "ke-hoach/4/2024"), (date(2024, 9, 30), ASSIGNED, "ke-hoach/4")],
            "hoi-can-bo": [(date(2024, 9, 30), COORDINATES, "ke-hoach/4")],
        }
        lines = await account(told.world.engine, told.world.realm, "plan", "ke-hoach")
        assert "Người quan-tri: Áp dụng bản sửa đổi 1 của kế hoạch ke-hoach: thêm 1, rút 0, sửa 2 nhiệm vụ" in (
            "\n".join(lines)
        )
        await told.until("2025-10-01 09:00")
        assert [row["label"] for row in await _rounds(told, 4)] == ["2024", "2025"]


async def test_a_lead_is_replaced_in_the_middle_of_a_round(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-11-04 09:00")
        told.read_everything()
        await amend(told, led_by(PLAN, 2, "dai"))
        await told.until("2024-11-05 09:00")
        assert await told.unread() == {
            "dai-can-bo": [(date(2024, 11, 4), OPENED, "ke-hoach/2/2024"), (date(2024, 11, 4), ASSIGNED, "ke-hoach/2")],
            "tap-chi-can-bo": [(date(2024, 11, 4), RELEASED, "ke-hoach/2")],
        }
        await told.until("2024-12-02 16:00")
        again = "NHẮC TIẾP NHẬN NHIỆM VỤ ĐƯỢC GIAO"
        days = [(11, 7, again), (11, 12, again),
                (11, 20, "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC"), (11, 28, "NHẮC TRƯỚC HẠN 1 NGÀY LÀM VIỆC"),
                (11, 29, "HÔM NAY ĐẾN HẠN BÁO CÁO"), (12, 2, overdue(1))]  # fmt: skip
        assert about(told.inbox("dai-can-bo"), 2) == days
        assert about(told.inbox("tap-chi-can-bo"), 2) == []
        await amend(told, PLAN)
        await told.until("2024-12-02 18:00")
        assert about(told.inbox("dai-can-bo"), 2) == [(12, 2, RELEASED)]
        # What was overdue when it came back is not so for who has had no time for it.
        assert sorted(about(told.inbox("tap-chi-can-bo"), 2)) == sorted([(12, 2, OPENED), (12, 2, ASSIGNED)])
        await told.until("2024-12-09 18:00")
        assert (12, 9, "HÔM NAY ĐẾN HẠN BÁO CÁO") in about(told.inbox("tap-chi-can-bo"), 2)


async def test_a_deadline_moves_in_an_open_round(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        world = told.world
        await told.until("2024-11-25 09:00")
        asked, rings = await ask_extension(
            world.engine,
            await world.actor("tap-chi-can-bo"),
            await world.obligation("tap-chi"),
            date(2024, 12, 20),
            "x",
        )
        await told.driver.ring(rings)
        await told.driver.ring(await decide_extension(world.engine, await world.actor("so-tong-hop"), asked, True))
        await told.until("2024-11-26 09:00")
        told.read_everything()
        await amend(told, retimed(PLAN, 3, "Trước ngày 07/12/2024"))
        await told.until("2024-12-10 09:00")
        mine = told.inbox("bao-can-bo")
        # 6/12/2024 is the last day in time; seven working days before it is 27/11.
        assert about(mine, 3) == [
            (11, 26, MOVED), (11, 27, "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC"), (12, 5, "NHẮC TRƯỚC HẠN 1 NGÀY LÀM VIỆC"),
            (12, 6, "HÔM NAY ĐẾN HẠN BÁO CÁO"), (12, 9, overdue(1)),
        ]  # fmt: skip
        assert (12, 2, overdue(1)) in about(mine, 1)
        told.read_everything()
        regime = (replace(PLAN.reporting[0], before="12-15"), PLAN.reporting[1])
        await amend(told, replace(retimed(PLAN, 3, "Trước ngày 07/12/2024"), reporting=regime))
        await told.until("2024-12-10 20:00")
        everybody = {p: Counter(words for _, words, _ in items) for p, items in (await told.unread()).items()}
        # The one that was granted more time until 20/12 is not told of a day before that.
        assert everybody["tap-chi-can-bo"] == {MOVED: 2} and everybody["bao-can-bo"] == {MOVED: 2}
        late = "SELECT late_at FROM obligation WHERE id = :id"
        assert await world.value(late, id=await world.obligation("tap-chi")) == at("2024-12-21 00:00")
        assert await world.value(late, id=await world.obligation("bao")) == at("2024-12-15 00:00")


async def test_a_plan_is_amended_twice_while_the_workers_are_down_and_catches_up(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-10-21 09:00")
        told.read_everything()
        await told.end()
        world, admin = told.world, await told.world.actor("quan-tri")
        first = replace(without(PLAN, 2), tasks=(*without(PLAN, 2).tasks, task(3, "Việc mới của đài", "dai")))
        await amended(world, first)
        second = led_by(first, 1, "bao", "dai")
        made = await propose(world, second)
        assert made.amendment == 2
        await approve_amendment(world.engine, admin, world.plan, 2, made.version)
        with pytest.raises(Conflict, match="amendment-decided"):
            await approve_amendment(world.engine, admin, world.plan, 2, made.version)
        await told.restart(client)
        await told.until("2024-10-21 18:00")
        day = date(2024, 10, 21)
        found = {person: sorted(items) for person, items in (await told.unread()).items()}
        assert found == {
            "tap-chi-can-bo": [(day, DROPPED, "ke-hoach/2"), (day, RELEASED, "ke-hoach/1")],
            "dai-can-bo": sorted([
                (day, ASSIGNED, "ke-hoach/1"), (day, OPENED, "ke-hoach/1/2024"), (day, ASSIGNED, "ke-hoach/4"),
                (day, OPENED, "ke-hoach/4/2024"),
            ]),
        }  # fmt: skip
        await told.until("2024-12-03 09:00")
        told.read_everything()
        await told.until("2024-12-04 18:00")
        late = {ref for _, words, ref in told.inbox("chu-tich") + told.inbox("so-tong-hop") if words == overdue(3)}
        assert late == {f"ke-hoach/{n}/2024" for n in (0, 1, 4)} | {"ke-hoach/3/2024-11-30"}


async def test_a_rounds_end_is_told_to_those_who_had_been_asked(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path, **WORLD) as told:
        await told.until("2024-10-21 09:00")
        told.read_everything()
        await amend(told, retimed(PLAN, 2, "Năm 2025"))
        await told.until("2024-12-20 09:00")
        assert about(told.inbox("tap-chi-can-bo"), 2) == [(10, 21, ENDED)]
        await told.until("2025-10-01 09:00")
        assert about(told.inbox("tap-chi-can-bo"), 2) == [(9, 26, OPENED)]
