"""A year of one task: "this inbox got exactly these, and no other"."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from stories import story
from temporalio.client import Client

OPENED, DUE = "MỞ KỲ BÁO CÁO", "HÔM NAY ĐẾN HẠN BÁO CÁO"
AGAIN, WEEKLY = "NHẮC TIẾP NHẬN NHIỆM VỤ ĐƯỢC GIAO", "BÁO CÁO VẪN QUÁ HẠN"
LETTER = "DỰ THẢO CÔNG VĂN ĐÔN ĐỐC CHỜ KÝ"
REF, COMMON = "ke-hoach/1/2024", "ke-hoach/0/2024"


def reminder(days: int) -> str:
    return f"NHẮC TRƯỚC HẠN {days} NGÀY LÀM VIỆC"


def overdue(days: int) -> str:
    return f"BÁO CÁO QUÁ HẠN {days} NGÀY LÀM VIỆC"


async def test_who_never_reports_is_reminded_then_marked_then_escalated(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-01-16 08:00")
        assert told.inbox("bao-can-bo") == [
            (date(2024, 1, 15), "GIAO NHIỆM VỤ CHỦ TRÌ", "ke-hoach/0"),
            (date(2024, 1, 15), "GIAO NHIỆM VỤ CHỦ TRÌ", "ke-hoach/1"),
        ]
        assert told.inbox("hoi-can-bo") == [(date(2024, 1, 15), "GIAO NHIỆM VỤ PHỐI HỢP", "ke-hoach/1")]
        await told.until("2024-01-31 08:00")
        asked = [(date(2024, 1, day), AGAIN, f"ke-hoach/{task}") for day in (18, 23) for task in (0, 1)]
        assert told.inbox("bao-can-bo") == asked
        assert told.inbox("bao-thu-truong") == asked[2:]
        told.read_everything()
        await told.until("2024-11-30 08:00")
        days = [(9, 27, OPENED), (10, 18, reminder(30)), (11, 20, reminder(7)), (11, 28, reminder(1)), (11, 29, DUE)]
        expected = [(date(2024, m, d), words, ref) for m, d, words in days for ref in (COMMON, REF)]
        assert told.inbox("tap-chi-can-bo") == expected
        assert told.inbox("bao-can-bo") == expected
        assert set(await told.unread()) == {"so-can-bo"}
        await told.until("2024-12-10 23:00")
        late = [(12, 2, overdue(1)), (12, 4, overdue(3)), (12, 10, overdue(7))]
        expected = [(date(2024, m, d), words, ref) for m, d, words in late for ref in (COMMON, REF)]
        assert told.inbox("bao-can-bo") == told.inbox("bao-thu-truong") == expected
        letters = [(date(2024, 12, 10), LETTER, f"ke-hoach/letter/{n}") for n in (1, 2, 3)]
        leader = told.inbox("chu-tich")
        assert leader[:5] == 2 * expected[4:5] + expected[4:5] + 2 * expected[5:6]
        assert sorted(leader[5:]) == letters, "which unit's is drafted first is the rounds' own affair"
        coordinator = told.inbox("so-tong-hop")
        assert [item[0] for item in coordinator] == 5 * [date(2024, 12, 4)] + 8 * [date(2024, 12, 10)]
        assert sorted(item for item in coordinator if item[1] == LETTER) == letters
        told.read_everything()
        await told.until("2025-01-06 07:00")
        weekly = [(day, WEEKLY, ref) for day in (date(2024, 12, 17), date(2024, 12, 24), date(2024, 12, 31))
                  for ref in (COMMON, REF)]  # fmt: skip
        assert told.inbox("bao-can-bo") == told.inbox("bao-thu-truong") == weekly
        coordinator = [item for item in told.inbox("so-tong-hop") if item[1] == WEEKLY]
        assert coordinator[:5] == [weekly[0]] * 3 + [weekly[1]] * 2
        assert [item for item in told.inbox("chu-tich") if item[1] == WEEKLY] == [], (
            "who has the letter is not told weekly"
        )


async def test_who_reports_is_left_in_peace_and_told_of_the_decision(client: Client, dsn: str, tmp_path: Path) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-10-21 09:00")
        told.read_everything()
        await told.report("bao-can-bo", "bao")
        await told.until("2024-10-22 09:00")
        assert told.inbox("so-tong-hop") == [(date(2024, 10, 21), "CÓ BÁO CÁO MỚI CẦN XEM XÉT", REF)]
        await told.decide("bao")
        await told.until("2024-12-11 07:00")
        assert told.inbox("hoi-can-bo") == [(date(2024, 10, 22), "KẾT QUẢ THỰC HIỆN NHIỆM VỤ PHỐI HỢP", REF)]
        first = told.inbox("bao-can-bo")
        assert first[0] == (date(2024, 10, 22), "BÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN", REF)
        assert {ref for _, _, ref in first[1:]} == {COMMON}


async def test_a_return_starts_the_ladder_anew_and_a_quick_correction_stays_in_time(
    client: Client, dsn: str, tmp_path: Path
) -> None:
    async with story(client, dsn, tmp_path) as told:
        await told.until("2024-11-28 15:00")
        await told.report("bao-can-bo", "bao")
        await told.until("2024-11-29 16:00")
        await told.decide("bao", accepted=False)
        await told.until("2024-11-29 17:00")
        told.read_everything()
        await told.until("2024-12-03 09:00")
        ours = [item for item in told.inbox("bao-can-bo") if item[2] == REF]
        assert ours == [(date(2024, 12, 2), overdue(1), REF)]
        await told.report("bao-can-bo", "bao")
        await told.until("2024-12-03 10:00")
        await told.decide("bao", revision=2)
        await told.until("2024-12-05 10:00")
        state = await told.world.value(
            "SELECT obligation_state(o, '2024-12-05 10:00+07') FROM obligation o WHERE id = :id",
            id=await told.world.obligation("bao"),
        )
        assert state == "done_on_time"
