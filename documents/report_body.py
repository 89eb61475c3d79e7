"""The words of the report's body, compiled from facts only: who reported, what is late, what the units wrote.

Nothing is praised or blamed that no figure or unit says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from domain.notices import clean, day_text, instant_text
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

# Up to this many tasks the body tells each one's results; beyond, it would repeat the appendix page by page.
NARRATED_TASKS = 12
# The same of reports by rounds: a unit may report on one task every week of the year.
NARRATED_ROUNDS = 60
# Longer lists in the body are counted and left to the appendices.
LISTED = 30
# More rounds of one task and unit are counted; the appendices name them.
NAMED_ROUNDS = 4

ParaKind = Literal["part", "section", "text", "dash"]


@dataclass(frozen=True)
class Para:
    """One paragraph of the body: `part` is "I.", `section` "1.", `text` running text, `dash` an entry of a list."""

    kind: ParaKind
    text: str


def plan_words(doc: RollupDocument) -> str:
    """The plan's title as it goes on after the word "Kế hoạch"."""
    title = clean(doc.plan_title)
    if title.lower().startswith("kế hoạch "):
        title = title[len("kế hoạch ") :]
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def report_body(doc: RollupDocument) -> Iterator[Para]:
    """The paragraphs from the opening to the closing words."""
    number = f" số {clean(doc.plan_number)}" if doc.plan_number else ""
    issued = f" ngày {day_text(doc.plan_issued_on)}" if doc.plan_issued_on else ""
    lead, period = clean(doc.lead_agency), clean(doc.period_label)
    yield Para(
        "text",
        f"Thực hiện Kế hoạch{number}{issued} của {clean(doc.authority)} {plan_words(doc)}, "
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
    common = " (kể cả báo cáo chung)" if any(task.ordinal == 0 for task in doc.tasks) else ""
    yield Para("dash", f"Theo nhiệm vụ{common}: {_four(doc.task_counts, 'nhiệm vụ')}")
    yield Para("dash", f"Theo nghĩa vụ báo cáo: {_four(doc.obligation_counts, 'nghĩa vụ')}")


def _four(counts: FourCounts, noun: str) -> str:
    return (
        f"tổng số {counts.total} {noun}; hoàn thành {counts.done} (đúng hạn {counts.done_on_time}, quá hạn "
        f"{counts.done_late}); đang thực hiện {counts.open} (trong hạn {counts.open_in_term}, quá hạn "
        f"{counts.open_overdue})."
    )


def _results(doc: RollupDocument) -> Iterator[Para]:
    yield Para("section", "2. Kết quả theo nhiệm vụ")
    rounds = [unit for task in doc.tasks for unit in task.sources if unit.round_name]
    if len(doc.tasks) > NARRATED_TASKS or len(rounds) > NARRATED_ROUNDS:
        yield from _entries(_by_state(doc.tasks), "")
    else:
        for task in doc.tasks:
            state = clean(task.state).lower()
            yield Para("text", f"{task_label(task.ordinal)}: {_stop(task.title)} Tình trạng: {state}.")
            yield from (Para("dash", f"{with_round(unit.unit_name, unit)}: {_told(unit)}") for unit in task.sources)
    yield Para("text", "Kết quả cụ thể của từng đơn vị nêu tại Phụ lục I.")


def with_round(words: str, of: UnitReport | ReporterRow) -> str:
    """The words with the round they are about, where the period has several of the task."""
    return f"{clean(words)}, {clean(of.round_name)}" if of.round_name else clean(words)


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
    found = _named(
        (unit.unit_name, task_label(task.ordinal), unit.round_name)
        for task in doc.tasks
        for unit in task.sources
        if unit.progress == level
    )
    for name, labels in found.items():
        yield f"{name} tự đánh giá tiến độ {level.lower()}: {labels}."


def _said(doc: RollupDocument, field: Literal["difficulties", "proposals"]) -> Iterator[str]:
    """What the units wrote, once each: many write the same under every task."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for task in doc.tasks:
        for unit in task.sources:
            text = _stop(unit.difficulties if field == "difficulties" else unit.proposals)
            if text:
                found.setdefault(text, []).append((unit.unit_name, task_label(task.ordinal), unit.round_name))
    for text, sources in found.items():
        named = "; ".join(f"{name} ({labels})" for name, labels in _named(sources).items())
        yield f"{named}: {text}"


def _reporters_line(lead: str, rows: list[ReporterRow]) -> str:
    if not rows:
        return ""
    named = [
        f"{name} ({labels})"
        for name, labels in _named((row.unit_name, row.task_label, row.round_name) for row in rows).items()
    ]
    rest = f"; và {len(named) - LISTED} đơn vị khác nêu tại Phụ lục II" if len(named) > LISTED else ""
    return f"{lead} ({len(rows)} báo cáo): {'; '.join(named[:LISTED])}{rest}."


def _named(reports: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Each unit once, with its tasks and of each the rounds that are meant: "nhiệm vụ 01 (quý I năm 2024), 02"."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, label, round_name in reports:
        found.setdefault((clean(name), clean(label)), []).append(clean(round_name))
    return labels_by_unit((name, f"{label}{_rounds(rounds)}") for (name, label), rounds in found.items())


def _rounds(names: list[str]) -> str:
    told = [name for name in names if name]
    return f" ({', '.join(told) if len(told) <= NAMED_ROUNDS else f'{len(told)} kỳ'})" if told else ""


def _entries(lines: Iterable[str], otherwise: str) -> Iterator[Para]:
    found = list(lines)
    if len(found) > LISTED:
        yield Para("text", f"Có {len(found)} nội dung, nêu cụ thể tại Phụ lục I.")
    elif found:
        yield from (Para("dash", line) for line in found)
    else:
        yield Para("text", otherwise)


def result_text(unit: UnitReport) -> str:
    """The unit's result as a table cell; a nil report and a missing one are told apart in words."""
    if unit.nil:
        return "Không phát sinh" + (f": {clean(unit.nil_reason)}" if unit.nil_reason else "")
    return clean(unit.result) if unit.received_at else "Chưa có báo cáo"
