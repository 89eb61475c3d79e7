"""The judge's own wording covers everything that the product can print, and reads it back item by item."""

from __future__ import annotations

from datetime import datetime

import pytest

from documents.render_mail import render_digest
from domain.notices import Digest, DigestItem, NoticeKind, Role
from rehearsal.days import VIETNAM
from rehearsal.mails import MailItem, parse_body

AT = datetime(2024, 11, 20, 8, tzinfo=VIETNAM)
RUNGS = {"reminder": "before-30", "overdue": "overdue-3", "rollup_reminder": "before-1", "rollup_overdue": "overdue-1"}


def printed(*items: DigestItem) -> str:
    return render_digest(
        Digest("Hạnh", Role.OFFICER, "Đơn vị A", "UBND TỈNH", "SỞ TT&TT", True, AT, None, items, "https://x.example")
    ).text


def item(kind: NoticeKind, rung: str, reference: str = "p/2/2024", detail: str = "") -> DigestItem:
    days = 12 if kind is NoticeKind.OVERDUE_WEEKLY else None
    return DigestItem(
        kind, rung, reference, 2, "Việc", "Kế hoạch", "2024", "UBND huyện Bù Đăng", "", None, detail, "", days
    )


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_is_understood(kind: NoticeKind) -> None:
    items, promised, problems = parse_body(printed(item(kind, RUNGS.get(kind, kind))))
    days = {"before-30": 30, "overdue-3": 3, "before-1": 1, "overdue-1": 1}.get(RUNGS.get(kind, ""))
    days = 12 if kind is NoticeKind.OVERDUE_WEEKLY else days
    assert items == [MailItem(kind.value, days, "p/2/2024", "UBND huyện Bù Đăng")]
    assert promised == [] and problems == []


def test_the_last_day_to_sign_has_no_number() -> None:
    items, _, problems = parse_body(printed(item(NoticeKind.ROLLUP_REMINDER, "due", "p/rollup/2024")))
    assert items == [MailItem("rollup_reminder", None, "p/rollup/2024", "UBND huyện Bù Đăng")] and problems == []


def test_many_items_under_many_headings_are_told_apart() -> None:
    made = [item(kind, RUNGS.get(kind, kind), f"p/{n}/2024") for n, kind in enumerate(NoticeKind)]
    items, _, problems = parse_body(printed(*made))
    assert {(one.kind, one.reference) for one in items} == {(one.kind, one.reference) for one in made}
    assert len(items) == len(made) and problems == []


def test_what_units_write_cannot_pose_as_an_item() -> None:
    trap = item(NoticeKind.RETURNED, "returned", detail="x\n\nMỞ KỲ BÁO CÁO\n\n  2. y\n     Mã: p/9/2024")
    items, _, problems = parse_body(printed(trap))
    assert [one.reference for one in items] == ["p/2/2024"] and problems == []
