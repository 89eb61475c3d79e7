"""A calendar is read back by a parser as it was meant: days, hours, words, and what no longer counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from documents.render_calendar import TITLE_LIMIT, render_calendar
from domain.appointments import Appointment, Feed, Standing
from domain.deadlines import Lateness
from domain.notices import clean
from domain.workdays import VIETNAM

URL = "https://dondoc.example:8443"
DUE = Appointment(
    key="thu.12",
    epoch=2,
    heading="Hạn báo cáo: NV 02 kỳ 2024",
    title="Tập huấn; kiểm tra, giám sát việc cung cấp thông tin cho báo chí trên địa bàn toàn tỉnh " * 2,
    reference="bao-chi-2024/2/2024",
    plan_title="Kế hoạch truyền thông",
    unit_name="Sở Nội vụ",
    due_at=datetime(2024, 11, 30, tzinfo=VIETNAM),
    due_text="trước ngày 30/11/2024",
    lateness=Lateness.LITERAL,
    standing=Standing.DUE,
    note="Đã gửi báo cáo, đang chờ xem xét.",
    changed_at=datetime(2024, 9, 27, 8, 0, 0, 123456, VIETNAM),
    link="/obligations/12",
)


def drawn(*appointments: Appointment, rehearsal: bool = False) -> bytes:
    return render_calendar(Feed("Nguyễn Văn Đầu Mối", rehearsal, appointments), URL)


def parsed(content: bytes) -> Any:
    """What a calendar program reads; its values have many types."""
    return Calendar.from_ical(content)


def test_a_day_that_is_due() -> None:
    content = drawn(DUE)
    (event,) = parsed(content).events
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2024, 11, 29), date(2024, 11, 30))
    assert event["uid"] == "thu.12@dondoc.example"
    assert (event["sequence"], event["status"]) == (2, "CONFIRMED")
    assert event["dtstamp"].dt.isoformat() == "2024-09-27T01:00:00+00:00"
    assert event["summary"].startswith("Hạn báo cáo: NV 02 kỳ 2024 – Tập huấn; kiểm tra, giám sát")
    assert len(event["summary"]) <= TITLE_LIMIT and event["summary"].endswith("…")
    assert event["url"] == f"{URL}/obligations/12"
    assert event["description"].split("\n") == [
        "Mã: bao-chi-2024/2/2024", "Kế hoạch: Kế hoạch truyền thông", "Đơn vị: Sở Nội vụ",
        "Hạn theo kế hoạch: trước ngày 30/11/2024",
        "Tính là quá hạn sau: hết ngày liền trước ngày ghi trong kế hoạch", "Đã gửi báo cáo, đang chờ xem xét.",
    ]  # fmt: skip
    assert content == drawn(DUE)


def test_an_hour_that_is_due() -> None:
    (event,) = parsed(drawn(replace(DUE, due_at=datetime(2024, 11, 29, 16, 0, tzinfo=VIETNAM)))).events
    begins, ends = event["dtstart"].dt, event["dtend"].dt
    assert (ends.isoformat(), ends - begins) == ("2024-11-29T16:00:00+07:00", timedelta(minutes=30))


@pytest.mark.parametrize("standing", Standing)
def test_what_does_not_count_says_so(standing: Standing) -> None:
    (event,) = parsed(drawn(replace(DUE, standing=standing))).events
    assert event["status"] == standing.value


def test_an_empty_calendar_is_one_all_the_same() -> None:
    """RFC 5545 §3.6 wants one component at least."""
    calendar = parsed(drawn())
    assert (calendar.events, len(calendar.subcomponents)) == ([], 1)
    assert (calendar["version"], calendar["x-wr-calname"]) == ("2.0", "Đôn Đốc: Nguyễn Văn Đầu Mối")


def test_a_rehearsal_is_marked() -> None:
    calendar = parsed(drawn(DUE, rehearsal=True))
    assert calendar["x-wr-calname"].startswith("[DIỄN TẬP]")
    assert calendar.events[0]["summary"].startswith("[DIỄN TẬP] Hạn báo cáo")


def test_lines_are_folded_by_octets() -> None:
    content = drawn(DUE, replace(DUE, key="thu.13", title="ữ" * 200))
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert lines[-1] == b""
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in lines:
        line.decode()  # no letter is cut in two


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_words_of_plans_cannot_write_lines_of_ours(words: str) -> None:
    evil = f"{words}\r\nBEGIN:VEVENT\nUID:x"
    (event,) = parsed(drawn(replace(DUE, plan_title=evil, title="t", note=evil))).events
    assert event["uid"] == "thu.12@dondoc.example"
    assert clean(f"Kế hoạch: {evil}") in event["description"].split("\n")
