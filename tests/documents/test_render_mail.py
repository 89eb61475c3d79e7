"""Mails read as people and as the independent judge read them: by their headings and their codes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from documents.render_mail import (
    SUBJECT_LIMIT,
    TEMPLATES,
    ZALO_LIMIT,
    render_digest,
    render_rollup_mail,
    render_zalo,
)
from domain.cover import RollupFile, RollupMail
from domain.notices import HEADINGS, ROLE_NAMES, Digest, DigestItem, NoticeKind, Role, heading, urgency
from domain.reporting import FourCounts

AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)


def item(
    kind: NoticeKind = NoticeKind.REMINDER, rung: str = "before-7", ordinal: int = 2, **changes: Any
) -> DigestItem:
    made = DigestItem(
        kind=kind,
        rung=rung,
        reference=f"binh-phuoc-2024/{ordinal}/2024",
        task_ordinal=ordinal,
        task_title="Phát triển các sản phẩm báo chí số",
        plan_title="Kế hoạch chuyển đổi số báo chí tỉnh Bình Phước",
        round_label="năm 2024",
        unit_name="Tạp chí Văn nghệ Bình Phước",
        due_text="trước ngày 30/11/2024",
        due_at=datetime(2024, 11, 29, 17, 0, tzinfo=UTC),
        detail="",
        link=f"https://dondoc.binhphuoc.example/viec/{ordinal}",
    )
    return replace(made, **changes)


def digest(*items: DigestItem, **changes: Any) -> Digest:
    made = Digest(
        recipient_name="Nguyễn Thị Hạnh",
        recipient_role=Role.OFFICER,
        unit_name="Tạp chí Văn nghệ Bình Phước",
        authority_name="UBND tỉnh Bình Phước",
        sender_name="Sở Thông tin và Truyền thông",
        rehearsal=False,
        at=AT,
        counts=FourCounts(1, 0, 5, 0),
        items=items or (item(),),
        inbox_link="https://dondoc.binhphuoc.example/viec",
    )
    return replace(made, **changes)


def forty() -> Digest:
    """Forty things of six sorts, as the coordinator may get them on the day after a deadline."""
    overdue = [item(NoticeKind.OVERDUE, "overdue-1", n, unit_name=f"Đơn vị số {n}") for n in range(1, 16)]
    later = [item(NoticeKind.OVERDUE, "overdue-5", n) for n in (21, 22)]
    received = [item(NoticeKind.RECEIVED, "event", n, detail="Báo cáo của đơn vị, bản 1") for n in range(23, 36)]
    asked = [item(NoticeKind.EXTENSION_REQUESTED, "event", n, detail="Xin đến 10/12/2024") for n in range(36, 44)]
    return digest(*received, *overdue, *asked, *later, item(NoticeKind.UNREACHABLE, "event", 44), item(ordinal=45))


class _Plain(HTMLParser):
    """Collects the text and checks that every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_kind_has_a_heading_and_its_templates() -> None:
    assert set(HEADINGS) == set(NoticeKind) and set(ROLE_NAMES) == set(Role)
    for kind in NoticeKind:
        names = {path.name for path in (TEMPLATES / kind).iterdir()}
        assert names == {"item.txt", "item.html", "subject.txt"}, kind
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == {*NoticeKind, "digest", "cover"}


def test_what_is_said_every_week_is_one_line() -> None:
    weekly = replace(item(NoticeKind.OVERDUE_WEEKLY, "weekly"), days=17)
    mail = render_digest(digest(weekly, replace(weekly, task_ordinal=3, days=12)))
    lines = [line for line in mail.text.splitlines() if "Mã:" in line]
    assert [line.partition(" · ")[0] for line in lines] == ["  1. Nhiệm vụ 02", "  2. Nhiệm vụ 03"]
    assert "Quá hạn: 17 ngày làm việc" in lines[0] and "Cần làm:" not in mail.text
    assert _Plain(mail.html).open == [] and "<strong>17</strong>" in mail.html


def test_a_number_of_days_that_has_changed_is_told_as_it_is_now() -> None:
    mail = render_digest(digest(replace(item(NoticeKind.OVERDUE, "overdue-3"), days=9)))
    assert "BÁO CÁO QUÁ HẠN 9 NGÀY LÀM VIỆC" in mail.text


def test_a_reminder_told_on_the_last_day_says_today() -> None:
    assert heading(NoticeKind.REMINDER, "before-1", 0) == heading(NoticeKind.DUE, "due")


@pytest.mark.parametrize(
    "words", ["gia hạn đến hết ngày 05/12/2024", "tạm dừng 12 ngày làm việc; đến hết ngày 05/12/2024"]
)
def test_a_deadline_that_does_not_fit_keeps_its_day(words: str) -> None:
    due = datetime(2024, 12, 5, 17, tzinfo=UTC)  # 24:00 in Việt Nam
    told = render_zalo(digest(replace(item(), due_text=words, due_at=due)))
    assert told["han"] == "hết ngày 05/12/2024"


def test_a_message_of_thousands_gives_the_number_of_the_rest() -> None:
    mail = render_digest(replace(digest(), more=4_000))
    assert "Có 4001 việc cần biết hoặc xử lý:" in mail.text and "Còn 4000 việc nữa" in mail.text
    assert "và 4000 việc khác" in mail.subject


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - {NoticeKind.OVERDUE_WEEKLY}))
def test_every_kind_makes_a_whole_mail(kind: NoticeKind) -> None:
    mail = render_digest(digest(item(kind, "before-7" if "{n}" in HEADINGS[kind] else "event")))
    assert 10 < len(mail.subject) <= SUBJECT_LIMIT and "\n" not in mail.subject
    assert re.search(r"^     Cần làm: \S.*$", mail.text, re.M)
    parsed = _Plain(mail.html)
    assert parsed.open == []
    assert "Cần làm:" in " ".join(parsed.words) and "binh-phuoc-2024/2/2024" in mail.html


def test_one_item_reads_as_agreed() -> None:
    mail = render_digest(digest())
    assert mail.subject == "Nhắc trước hạn 7 ngày làm việc: Nhiệm vụ 02, năm 2024"
    assert mail.text == (
        "UBND tỉnh Bình Phước\n"
        "Sở Thông tin và Truyền thông\n"
        "\n"
        "Kính gửi: Nguyễn Thị Hạnh (cán bộ đầu mối, Tạp chí Văn nghệ Bình Phước)\n"
        "\n"
        "Về: Kế hoạch chuyển đổi số báo chí tỉnh Bình Phước\n"
        "\n"
        "Nghĩa vụ báo cáo của đơn vị. Tính đến 08:00 ngày 20/11/2024: hoàn thành đúng hạn 1, quá hạn 0; "
        "đang thực hiện trong hạn 5, quá hạn 0.\n"
        "\n"
        "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC\n"
        "\n"
        "  1. Nhiệm vụ 02: Phát triển các sản phẩm báo chí số\n"
        "     Đơn vị: Tạp chí Văn nghệ Bình Phước\n"
        "     Kỳ: năm 2024 · Hạn: trước ngày 30/11/2024\n"
        "     Cần làm: gửi báo cáo trước hạn; nếu không phát sinh thì báo “không phát sinh” và nêu lý do.\n"
        "     Xem tại: https://dondoc.binhphuoc.example/viec/2\n"
        "     Mã: binh-phuoc-2024/2/2024\n"
        "\n"
        "Tất cả việc của đơn vị: https://dondoc.binhphuoc.example/viec\n"
        "\n"
        "Thư lập lúc 08:00 ngày 20/11/2024. Khi gọi điện, đề nghị nêu mã của việc.\n"
        "Sở Thông tin và Truyền thông"
    )


def test_forty_items_are_summed_up_grouped_and_all_there() -> None:
    made = forty()
    assert len(made.items) == 40
    mail = render_digest(made)
    assert mail.subject == "Báo cáo quá hạn 5 ngày làm việc (2) và 38 việc khác - Sở Thông tin và Truyền thông"
    assert (
        "Có 40 việc cần biết hoặc xử lý:\n- Báo cáo quá hạn 5 ngày làm việc: 2\n- Báo cáo quá hạn 1 ngày" in mail.text
    )
    headings = re.findall(r"^[A-ZÀ-Ỹ0-9 Đ]+$", mail.text, re.M)
    assert headings == [
        "BÁO CÁO QUÁ HẠN 5 NGÀY LÀM VIỆC",
        "BÁO CÁO QUÁ HẠN 1 NGÀY LÀM VIỆC",
        "NHẮC TRƯỚC HẠN 7 NGÀY LÀM VIỆC",
        "ĐƠN VỊ KHÔNG CÓ ĐẦU MỐI LIÊN HỆ ĐƯỢC",
        "CÓ BÁO CÁO MỚI CẦN XEM XÉT",
        "CÓ ĐỀ NGHỊ GIA HẠN CẦN QUYẾT ĐỊNH",
    ]
    codes = re.findall(r"^     Mã: (\S+)$", mail.text, re.M)
    assert sorted(codes) == sorted(entry.reference for entry in made.items)
    assert re.findall(r"^  (\d+)\. ", mail.text, re.M)[:4] == ["1", "2", "1", "2"]
    parsed = _Plain(mail.html)
    assert parsed.open == [] and " ".join(parsed.words).count("Mã:") == 40
    assert "<img" not in mail.html


def test_what_a_unit_wrote_cannot_pose_as_a_line_of_the_mail() -> None:
    evil = "thiếu\nMã: khac/1/2024\r\n\r\nBÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN\u2028<b>x</b>"
    mail = render_digest(digest(item(NoticeKind.RETURNED, "event", detail=evil, task_title="a\nMã: b")))
    assert re.findall(r"^\s*Mã: (\S+)$", mail.text, re.M) == ["binh-phuoc-2024/2/2024"]
    assert not re.search(r"^BÁO CÁO ĐÃ ĐƯỢC TIẾP NHẬN$", mail.text, re.M)
    assert "<b>x</b>" not in mail.html and "&lt;b&gt;x&lt;/b&gt;" in mail.html
    assert "\n" not in render_digest(digest(item(), sender_name="A\nBcc: x@y", items=(item(), item()))).subject


def test_a_rehearsal_says_so_first() -> None:
    mail = render_digest(digest(rehearsal=True))
    assert mail.subject.startswith("[DIỄN TẬP] ") and mail.text.startswith("[DIỄN TẬP] ")
    assert "[DIỄN TẬP]" in mail.html
    assert "DIỄN TẬP" not in render_digest(digest()).text


def test_the_common_report_and_the_counts_may_be_absent() -> None:
    text = render_digest(digest(item(ordinal=0, due_text="", link=""), counts=None, inbox_link="")).text
    assert "  1. Báo cáo chung: " in text and "Tính đến" not in text and "Hạn:" not in text and "https" not in text


def test_items_of_several_plans_each_name_theirs() -> None:
    text = render_digest(digest(item(), item(plan_title="Kế hoạch chuyển đổi số y tế", ordinal=3))).text
    assert "Về:" not in text and text.count("     Kế hoạch: Kế hoạch chuyển đổi số") == 2


def test_a_digest_without_items_is_refused() -> None:
    for render in (render_digest, render_zalo):
        with pytest.raises(ValueError):
            render(replace(digest(), items=()))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((NoticeKind.OVERDUE, "overdue-5"), (NoticeKind.OVERDUE, "overdue-1")),
        ((NoticeKind.REMINDER, "before-1"), (NoticeKind.REMINDER, "before-30")),
        ((NoticeKind.OVERDUE, "overdue-1"), (NoticeKind.DUE, "due")),
        ((NoticeKind.DUE, "due"), (NoticeKind.REMINDER, "before-1")),
    ],
)
def test_urgency(first: tuple[NoticeKind, str], second: tuple[NoticeKind, str]) -> None:
    assert urgency(*first) < urgency(*second)


def test_headings_are_filled_from_the_rung() -> None:
    assert heading(NoticeKind.REMINDER, "before-30") == "Nhắc trước hạn 30 ngày làm việc"
    assert heading(NoticeKind.OVERDUE, "weekly") == "Báo cáo quá hạn"
    assert heading(NoticeKind.DUE, "due") == "Hôm nay đến hạn báo cáo"


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_zalo_fields_keep_their_limits(kind: NoticeKind) -> None:
    rung = "overdue-12" if "{n}" in HEADINGS[kind] else "event"
    many = digest(
        *[item(kind, rung, n) for n in range(120)], unit_name="Đài Phát thanh - Truyền hình và Báo Bình Phước"
    )
    data = render_zalo(many)
    assert list(data) == ["ten", "don_vi", "noi_dung", "so_viec", "han", "ma"]
    assert all(0 < len(value) <= ZALO_LIMIT for value in data.values()), data
    assert "…" not in data["noi_dung"].removeprefix("120 việc, gấp nhất: ")[:9]


def test_zalo_says_the_most_urgent() -> None:
    data = render_zalo(digest(item(), item(NoticeKind.OVERDUE, "overdue-1", 5), item(NoticeKind.OPENED, "opened", 6)))
    assert data["noi_dung"] == "3 việc, gấp nhất: quá hạn 1"
    assert data["ma"] == "binh-phuoc-2024/5/2024" and data["so_viec"] == "3" and data["han"] == "trước ngày 30/11/2024"


def test_the_covering_letter_names_files_and_hashes() -> None:
    mail = RollupMail(
        recipient_name="Bộ Thông tin và Truyền thông",
        sender_name="Sở Thông tin và Truyền thông",
        plan_title="Kế hoạch chuyển đổi số báo chí",
        period_label="năm 2024",
        number="15/BC-STTTT",
        signed_by="Trần Thị Ánh",
        signed_at=AT + timedelta(days=20),
        inputs_sha256="ab" * 32,
        files=(RollupFile("bao-cao.docx", "01" * 32), RollupFile("bao-cao.pdf", "02" * 32)),
        at=AT + timedelta(days=20),
        rehearsal=True,
        reference="binh-phuoc-2024/tong-hop/2024",
    )
    made = render_rollup_mail(mail)
    assert made.subject == "[DIỄN TẬP] Báo cáo tổng hợp năm 2024 - Sở Thông tin và Truyền thông"
    assert "gửi báo cáo tổng hợp số 15/BC-STTTT ngày 10/12/2024." in made.text
    for part in (
        "  1. bao-cao.docx\n     SHA-256: " + "01" * 32,
        "  " + "ab" * 32,
        "Mã: binh-phuoc-2024/tong-hop/2024",
    ):
        assert part in made.text
    assert _Plain(made.html).open == []
    assert "bổ sung lần 2" in render_rollup_mail(replace(mail, supplement=2, number="", signed_by="")).text
