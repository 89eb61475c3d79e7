"""The report as a form: what stands where, in words, before any file format. DOCX and PDF draw the same composition.

The form follows NĐ 30/2020/NĐ-CP, Phụ lục I and III. Assessments are compiled from facts only: who reported, what is
late, what the units themselves wrote. Nothing is praised or blamed that no figure or unit says.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from documents.report_body import Para, plan_words, progress_text, report_body, result_text, with_round
from domain.notices import clean, deadline_text, instant_text, long_date
from domain.reporting import (
    RollupDocument,
    TaskProgress,
)
from domain.workdays import VIETNAM

NBSP = "\u00a0"  # blanks that word processors keep
REHEARSAL_MARK = "VĂN BẢN DIỄN TẬP, KHÔNG CÓ GIÁ TRỊ HÀNH CHÍNH"
# A row with a longer cell may not fit one page; it is the only kind of row that may break across pages.
TALL_CELL = 700


@dataclass(frozen=True)
class Column:
    """A column of an appendix table: heading, share of the width in per cent, whether its cells are centred."""

    title: str
    share: float
    centred: bool = False


@dataclass(frozen=True)
class Appendix:
    """One appendix: a landscape table under its own heading."""

    label: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Composition:
    """The whole report in reading order. Every text is clean: NFC and of one line."""

    superior: str
    issuer: str
    number_line: str
    place_date: str
    subject: str
    addressed: tuple[str, ...]
    body: tuple[Para, ...]
    copies: tuple[str, ...]
    signer_title: tuple[str, ...]
    signer_name: str
    appendices: tuple[Appendix, ...]
    rehearsal: bool
    compiled_at: datetime


def compose(doc: RollupDocument) -> Composition:
    """The report of a rollup, ready to be drawn."""
    number = _padded(doc.number) if doc.number else NBSP * 8
    date_text = long_date(doc.signed_at.astimezone(VIETNAM)) if doc.signed_at else _blank_date(doc.compiled_at)
    notation = clean(doc.notation)
    note = f"(Kèm theo Báo cáo số {number}/{notation} {date_text} của {clean(doc.lead_agency)})"
    return Composition(
        superior=clean(doc.superior).upper(),
        issuer=clean(doc.lead_agency).upper(),
        number_line=f"Số: {number}/{notation}",
        place_date=f"{clean(doc.place)}, {date_text}",
        subject=_subject(doc),
        addressed=tuple(clean(name) for name in doc.recipients),
        body=tuple(report_body(doc)),
        copies=("Như trên", *(clean(name) for name in doc.copies), _filing(doc)),
        signer_title=tuple(clean(line).upper() for line in doc.signer_title.splitlines()),
        signer_name=clean(doc.signer_name or ""),
        appendices=(_progress_appendix(doc, note), _reporters_appendix(doc, note)),
        rehearsal=doc.rehearsal,
        compiled_at=doc.compiled_at,
    )


def freeze_zip(data: bytes, at: datetime, rewrite: dict[str, bytes] | None = None) -> bytes:
    """The same archive, every member dated `at`, so that equal input gives equal bytes; `rewrite` replaces members."""
    local = at.astimezone(VIETNAM)
    stamp = (max(local.year, 1980), local.month, local.day, local.hour, local.minute, local.second)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, (rewrite or {}).get(name, source.read(name)))
    return out.getvalue()


def _padded(number: str) -> str:
    number = clean(number)
    return f"{int(number):02d}" if number.isascii() and number.isdigit() else number


def _blank_date(at: datetime) -> str:
    """Day and month are written by hand when the paper is signed."""
    blank = NBSP * 6
    return f"ngày{blank}tháng{blank}năm {at.astimezone(VIETNAM).year}"


def _filing(doc: RollupDocument) -> str:
    return f"Lưu: VT, {clean(doc.filing_unit)}" if doc.filing_unit else "Lưu: VT"


def _subject(doc: RollupDocument) -> str:
    more = f" (bổ sung lần {doc.supplement})" if doc.supplement else ""
    return f"Kết quả thực hiện Kế hoạch {plan_words(doc)}, {clean(doc.period_label)}{more}"


PROGRESS_COLUMNS = (
    Column("TT", 4, True),
    Column("Tên nhiệm vụ", 20),
    Column("Đơn vị, vai trò", 13),
    Column("Kết quả trong kỳ", 23),
    Column("Tiến độ", 10, True),
    Column("Khó khăn, vướng mắc", 15),
    Column("Đề xuất, kiến nghị", 15),
)
REPORTER_COLUMNS = (
    Column("TT", 5, True),
    Column("Đơn vị", 25),
    Column("Nhiệm vụ", 15),
    Column("Hạn gửi", 12, True),
    Column("Thời điểm nhận", 12, True),
    Column("Tình trạng", 14, True),
    Column("Ghi chú", 17),
)


def _progress_appendix(doc: RollupDocument, note: str) -> Appendix:
    rows = tuple(row for task in doc.tasks for row in _task_rows(task))
    return Appendix("Phụ lục I", "TIẾN ĐỘ THỰC HIỆN NHIỆM VỤ", note, PROGRESS_COLUMNS, rows)


def _task_rows(task: TaskProgress) -> Iterator[tuple[str, ...]]:
    """A row per reporting unit; number and state stand in each, so that a page never starts without them."""
    number, title = f"{task.ordinal:02d}" if task.ordinal else "", clean(task.title)
    if not task.sources:
        yield number, title, "; ".join(map(clean, task.lead_names)), "Chưa có báo cáo", clean(task.state), "", ""
    for index, unit in enumerate(task.sources):
        coordinating = unit.unit_name in task.coordinating_names and unit.unit_name not in task.lead_names
        role = with_round(f"{clean(unit.unit_name)} ({'phối hợp' if coordinating else 'chủ trì'})", unit)
        level, state = progress_text(unit), clean(unit.state or task.state)
        yield (
            number,
            title if index == 0 else "",
            role,
            result_text(unit),
            f"{state}; {level.lower()}" if level else state,
            clean(unit.difficulties),
            clean(unit.proposals),
        )


def _reporters_appendix(doc: RollupDocument, note: str) -> Appendix:
    rows = tuple(
        (
            str(index),
            clean(row.unit_name),
            with_round(row.task_label, row),
            deadline_text(row.due_at),
            instant_text(row.received_at) if row.received_at else "Chưa gửi",
            clean(row.state),
            clean(row.note),
        )
        for index, row in enumerate(doc.reporters, 1)
    )
    return Appendix("Phụ lục II", "TÌNH HÌNH GỬI BÁO CÁO", note, REPORTER_COLUMNS, rows)
