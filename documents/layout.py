"""The report as a form: what stands where, in words, before any file format. DOCX and PDF draw the same composition.

The form follows NĐ 30/2020/NĐ-CP, Phụ lục I and III. Assessments are compiled from facts only: who reported, what is
late, what the units themselves wrote. Nothing is praised or blamed that no figure or unit says.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.notices import VIETNAM, clean, day_text, deadline_text, instant_text, long_date
from domain.reporting import (
    FourCounts,
    ReporterRow,
    RollupDocument,
    TaskProgress,
    UnitReport,
    joined_labels,
    labels_by_unit,
    task_label,
)
from domain.status import STATE_WORDS, State

NBSP = "\u00a0"  # blanks that word processors keep
REHEARSAL_MARK = "VĂN BẢN DIỄN TẬP, KHÔNG CÓ GIÁ TRỊ HÀNH CHÍNH"
# Up to this many tasks the body tells each one's results; beyond, it would repeat the appendix page by page.
NARRATED_TASKS = 12
# Longer lists in the body are counted and left to the appendices.
LISTED = 30
# A row with a longer cell may not fit one page; it is the only kind of row that may break across pages.
TALL_CELL = 700

ParaKind = Literal["part", "section", "text", "dash"]


@dataclass(frozen=True)
class Para:
    """One paragraph of the body: `part` is "I.", `section` "1.", `text` running text, `dash` an entry of a list."""

    kind: ParaKind
    text: str


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
        body=tuple(_body(doc)),
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


def _plan_words(doc: RollupDocument) -> str:
    """The plan's title as it goes on after the word "Kế hoạch"."""
    title = clean(doc.plan_title)
    if title.lower().startswith("kế hoạch "):
        title = title[len("kế hoạch ") :]
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _subject(doc: RollupDocument) -> str:
    more = f" (bổ sung lần {doc.supplement})" if doc.supplement else ""
    return f"Kết quả thực hiện Kế hoạch {_plan_words(doc)}, {clean(doc.period_label)}{more}"


def _body(doc: RollupDocument) -> Iterator[Para]:
    number = f" số {clean(doc.plan_number)}" if doc.plan_number else ""
    issued = f" ngày {day_text(doc.plan_issued_on)}" if doc.plan_issued_on else ""
    lead, period = clean(doc.lead_agency), clean(doc.period_label)
    yield Para(
        "text",
        f"Thực hiện Kế hoạch{number}{issued} của {clean(doc.authority)} {_plan_words(doc)}, "
        f"{lead} báo cáo kết quả thực hiện {period} như sau:",
    )
    yield Para("part", "I. CÔNG TÁC CHỈ ĐẠO")
    yield from _direction(doc)
    yield Para("part", "II. KẾT QUẢ THỰC HIỆN")
    yield from _figures(doc)
    yield from _results(doc)
    yield Para("part", "III. ĐÁNH GIÁ")
    yield from _assessment(doc)
    yield Para("part", "IV. PHƯƠNG HƯỚNG, KIẾN NGHỊ")
    yield from _outlook(doc)
    yield Para("text", f"Trên đây là kết quả thực hiện Kế hoạch {period}, {lead} trân trọng báo cáo./.")


def _direction(doc: RollupDocument) -> Iterator[Para]:
    tasks = sum(1 for task in doc.tasks if task.ordinal)
    units = len({row.unit_name for row in doc.reporters})
    cutoff = f", số liệu chốt đến hết ngày {day_text(doc.cutoff)}" if doc.cutoff else ""
    yield Para(
        "text",
        f"Kế hoạch giao {tasks} nhiệm vụ. Kỳ báo cáo từ ngày {day_text(doc.period_from)} "
        f"đến ngày {day_text(doc.period_to)}{cutoff}.",
    )
    yield Para(
        "text",
        f"Các đơn vị gửi báo cáo về {clean(doc.lead_agency)} {clean(doc.due_text)}; có {units} đơn vị phải báo cáo "
        f"với {len(doc.reporters)} nghĩa vụ báo cáo. Tình hình gửi báo cáo nêu tại Phụ lục II.",
    )


def _figures(doc: RollupDocument) -> Iterator[Para]:
    yield Para("section", "1. Số liệu tổng hợp")
    yield Para("text", f"Tính đến {instant_text(doc.compiled_at)}; mốc xác định quá hạn: {clean(doc.lateness_policy)}:")
    yield Para("dash", f"Theo nhiệm vụ: {_four(doc.task_counts, 'nhiệm vụ')}")
    yield Para("dash", f"Theo nghĩa vụ báo cáo: {_four(doc.obligation_counts, 'nghĩa vụ')}")


def _four(counts: FourCounts, noun: str) -> str:
    return (
        f"tổng số {counts.total} {noun}; hoàn thành {counts.done} (đúng hạn {counts.done_on_time}, quá hạn "
        f"{counts.done_late}); đang thực hiện {counts.open} (trong hạn {counts.open_in_term}, quá hạn "
        f"{counts.open_overdue})."
    )


def _results(doc: RollupDocument) -> Iterator[Para]:
    yield Para("section", "2. Kết quả theo nhiệm vụ")
    if len(doc.tasks) > NARRATED_TASKS:
        yield from _entries(_by_state(doc.tasks), "")
    else:
        for task in doc.tasks:
            state = clean(task.state).lower()
            yield Para("text", f"{task_label(task.ordinal)}: {_stop(task.title)} Tình trạng: {state}.")
            yield from (Para("dash", f"{clean(unit.unit_name)}: {_told(unit)}") for unit in task.sources)
    yield Para("text", "Kết quả cụ thể của từng đơn vị nêu tại Phụ lục I.")


def _by_state(tasks: Iterable[TaskProgress]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for task in tasks:
        found.setdefault(clean(task.state), []).append(f"{task.ordinal:02d}" if task.ordinal else "báo cáo chung")
    for state, ordinals in found.items():
        yield f"{state} ({len(ordinals)} nhiệm vụ): {', '.join(ordinals)}."


def _told(unit: UnitReport) -> str:
    if unit.nil:
        return _stop("không phát sinh" + (f"; lý do: {clean(unit.nil_reason)}" if unit.nil_reason else ""))
    if unit.received_at is None:
        return "chưa có báo cáo."
    level = progress_text(unit)
    return " ".join((_stop(unit.result), *([f"Tiến độ: {level}."] if level else [])))


def progress_text(unit: UnitReport) -> str:
    """ "Đạt (80%)", "80%" or ""."""
    percent = "" if unit.percent is None else f"{unit.percent}%"
    progress = clean(unit.progress)
    return f"{progress} ({percent})" if progress and percent else progress or percent


def _stop(text: str) -> str:
    text = clean(text)
    return text if text.endswith((".", "!", "?", "…")) or not text else text.rstrip(" ;,:") + "."


def _assessment(doc: RollupDocument) -> Iterator[Para]:
    late = [row for row in doc.reporters if row.received_at and _is_late(row.state)]
    missing = [row for row in doc.reporters if row.received_at is None]
    overdue, pending = [r for r in missing if _is_late(r.state)], [r for r in missing if not _is_late(r.state)]
    in_time = len(doc.reporters) - len(late) - len(missing)
    yield Para("section", "1. Ưu điểm")
    good = [f"{in_time}/{len(doc.reporters)} nghĩa vụ báo cáo được thực hiện đúng hạn."] if in_time else []
    if doc.task_counts.done_on_time:
        good.append(f"{doc.task_counts.done_on_time}/{doc.task_counts.total} nhiệm vụ hoàn thành đúng hạn.")
    good.extend(_self_assessed(doc, "Vượt"))
    yield from _entries(good, "Số liệu trong kỳ chưa ghi nhận nội dung hoàn thành đúng hạn.")
    yield Para("section", "2. Tồn tại, hạn chế")
    weak = [_reporters_line("Chưa gửi báo cáo, đã quá hạn", overdue), _reporters_line("Gửi báo cáo quá hạn", late)]
    weak.append(_reporters_line("Chưa gửi báo cáo, còn trong hạn", pending))
    behind = [task for task in doc.tasks if task.state == STATE_WORDS[State.OPEN_OVERDUE]]
    if behind:
        weak.append(f"Nhiệm vụ đang thực hiện quá hạn: {_labels(behind)}.")
    weak.extend(_self_assessed(doc, "Chậm"))
    yield from _entries(filter(None, weak), "Số liệu trong kỳ chưa ghi nhận báo cáo hoặc nhiệm vụ quá hạn.")
    yield Para("section", "3. Khó khăn, vướng mắc và nguyên nhân do các đơn vị nêu")
    yield from _entries(_said(doc, "difficulties"), "Các đơn vị không nêu khó khăn, vướng mắc.")


def _outlook(doc: RollupDocument) -> Iterator[Para]:
    unfinished = (STATE_WORDS[State.OPEN_IN_TERM], STATE_WORDS[State.OPEN_OVERDUE])
    still = [task for task in doc.tasks if task.state in unfinished]
    missing = {row.unit_name for row in doc.reporters if row.received_at is None}
    ahead = [f"Tiếp tục thực hiện các nhiệm vụ chưa hoàn thành: {_labels(still)}."] if still else []
    if missing:
        ahead.append(f"Đôn đốc {len(missing)} đơn vị chưa gửi báo cáo; kết quả được tổng hợp trong báo cáo bổ sung.")
    yield Para("section", "1. Phương hướng")
    yield from _entries(ahead, "Các nhiệm vụ và nghĩa vụ báo cáo trong kỳ đã hoàn thành.")
    yield Para("section", "2. Đề xuất, kiến nghị của các đơn vị")
    yield from _entries(_said(doc, "proposals"), "Các đơn vị không có đề xuất, kiến nghị.")


def _is_late(state: str) -> bool:
    return "quá hạn" in state.lower()


def _labels(tasks: Iterable[TaskProgress]) -> str:
    return joined_labels([task_label(task.ordinal).lower() for task in tasks])


def _self_assessed(doc: RollupDocument, level: str) -> Iterator[str]:
    found = labels_by_unit(
        (clean(unit.unit_name), task_label(task.ordinal))
        for task in doc.tasks
        for unit in task.sources
        if unit.progress == level
    )
    for name, labels in found.items():
        yield f"{name} tự đánh giá tiến độ {level.lower()}: {labels}."


def _said(doc: RollupDocument, field: Literal["difficulties", "proposals"]) -> Iterator[str]:
    """What the units wrote, once each: many write the same under every task."""
    found: dict[str, list[tuple[str, str]]] = {}
    for task in doc.tasks:
        for unit in task.sources:
            text = _stop(unit.difficulties if field == "difficulties" else unit.proposals)
            if text:
                found.setdefault(text, []).append((clean(unit.unit_name), task_label(task.ordinal)))
    for text, sources in found.items():
        named = "; ".join(f"{name} ({labels})" for name, labels in labels_by_unit(sources).items())
        yield f"{named}: {text}"


def _reporters_line(lead: str, rows: list[ReporterRow]) -> str:
    if not rows:
        return ""
    named = [
        f"{name} ({labels})"
        for name, labels in labels_by_unit((clean(row.unit_name), clean(row.task_label)) for row in rows).items()
    ]
    rest = f"; và {len(named) - LISTED} đơn vị khác nêu tại Phụ lục II" if len(named) > LISTED else ""
    return f"{lead} ({len(rows)} báo cáo): {'; '.join(named[:LISTED])}{rest}."


def _entries(lines: Iterable[str], otherwise: str) -> Iterator[Para]:
    found = list(lines)
    if len(found) > LISTED:
        yield Para("text", f"Có {len(found)} nội dung, nêu cụ thể tại Phụ lục I.")
    elif found:
        yield from (Para("dash", line) for line in found)
    else:
        yield Para("text", otherwise)


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
        role = f"{clean(unit.unit_name)} ({'phối hợp' if coordinating else 'chủ trì'})"
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


def result_text(unit: UnitReport) -> str:
    """The unit's result as a table cell; a nil report and a missing one are told apart in words."""
    if unit.nil:
        return "Không phát sinh" + (f": {clean(unit.nil_reason)}" if unit.nil_reason else "")
    return clean(unit.result) if unit.received_at else "Chưa có báo cáo"


def _reporters_appendix(doc: RollupDocument, note: str) -> Appendix:
    rows = tuple(
        (
            str(index),
            clean(row.unit_name),
            clean(row.task_label),
            deadline_text(row.due_at),
            instant_text(row.received_at) if row.received_at else "Chưa gửi",
            clean(row.state),
            clean(row.note),
        )
        for index, row in enumerate(doc.reporters, 1)
    )
    return Appendix("Phụ lục II", "TÌNH HÌNH GỬI BÁO CÁO", note, REPORTER_COLUMNS, rows)
