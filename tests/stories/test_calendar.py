"""A day of the calendar is changed while rounds run: "this inbox got exactly these, and no other"."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from stories import Story, story
from temporalio.client import Client

from domain.deadlines import Lateness
from domain.policy import Policy
from models.facts.calendar import override_day

MOVED, DUE = "HẠN BÁO CÁO THAY ĐỔI", "HÔM NAY ĐẾN HẠN BÁO CÁO"
FRIDAY = date(2024, 11, 29)


async def off(told: Story, day: date, move: bool | None) -> None:
    """The day is made a day off, now."""
    admin = await told.world.actor("quan-tri")
    made = await override_day(told.world.engine, admin, day, False, "QĐ 12/QĐ-UBND", move)
    await told.driver.ring(made.rings)


def about(items: list[tuple[date, str, str]], ordinal: int) -> list[tuple[int, int, str]]:
    """(month, day, heading) of what concerns a task."""
    return [(d.month, d.day, words) for d, words, ref in items if ref.split("/")[1] == str(ordinal)]


async def test_each_lead_is_told_of_the_new_day_once_and_reminded_by_it(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    policy = Policy(lateness=Lateness.STRICT)
    async with story(client, dsn, tmp_path, policy=policy) as told:
        await told.until("2024-11-11 09:00")
        await told.report("tap-chi-can-bo", "tap-chi")
        await told.until("2024-11-11 18:00")
        told.read_everything()
        await off(told, FRIDAY, move=True)
        await told.until("2024-11-12 18:00")
        everybody = {p: Counter(words for _, words, _ in items) for p, items in (await told.unread()).items()}
        # The lead agency and both units owe the common report; of task 1 only `bao` has still to report.
        assert everybody == {"bao-can-bo": {MOVED: 2}, "tap-chi-can-bo": {MOVED: 1}, "so-can-bo": {MOVED: 1}}
        await told.until("2024-12-02 09:00")
        assert about(told.inbox("bao-can-bo"), 1) == [
            (11, 19, "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC"), (11, 27, "NHẮC TRƯỚC HẠN 1 NGÀY LÀM VIỆC"), (11, 28, DUE),
            (12, 2, "BÁO CÁO QUÁ HẠN 1 NGÀY LÀM VIỆC"),
        ]  # fmt: skip
        assert about(told.inbox("tap-chi-can-bo"), 1) == []


async def test_deadlines_that_are_kept_are_told_to_nobody_and_the_next_round_follows(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-11-11 09:00")
        told.read_everything()
        await off(told, FRIDAY, move=False)
        await off(told, date(2025, 9, 26), move=None)
        await told.until("2024-11-12 18:00")
        assert await told.unread() == {}
        await told.until("2024-11-29 18:00")
        assert [words for _, _, words in about(told.inbox("bao-can-bo"), 1)].count(DUE) == 1
        told.read_everything()
        await told.until("2025-09-26 18:00")
        # Forty-five working days before 28/11/2025 was 26/9; with that day off it is the day before.
        assert (9, 25, "MỞ KỲ BÁO CÁO") in about(told.inbox("bao-can-bo"), 1)
