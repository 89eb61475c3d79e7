"""The công văn đôn đốc: a letter urging a unit whose reports are long overdue, and its words.

The words are ours. They cite nothing but the plan itself, and say no more of the unit than the rows do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.notices import clean, clip, day_text, deadline_text, long_date

BODY_ROWS = 8
"""More late reports than this stand in an appendix."""
COLUMNS = ("TT", "Nhiệm vụ", "Kỳ báo cáo", "Hạn", "Quá hạn (ngày làm việc)")
"""The headings of the table of late reports; `row_cells` fills it."""
APPENDIX_TITLE = "DANH MỤC BÁO CÁO QUÁ HẠN"

# What is written by hand when the paper is signed; word processors keep these blanks.
_BLANK = "\u00a0" * 8
_LONGEST_TITLE = 300
_COMMITTEE = "ỦY BAN NHÂN DÂN"


@dataclass(frozen=True)
class LetterRow:
    """One report that is late and has not come.

    `reference` is what is quoted on the telephone (plan / ordinal / round), `task_label` "Nhiệm vụ 02" or "Báo cáo
    chung", `period` the round in words ("năm 2024"), `due_text` the plan's own words for the deadline, `late_at` the
    first instant (aware) that was too late, `workdays_late` counted on the day of the draft, `extension` what was
    granted, in words, or empty.
    """

    reference: str
    task_label: str
    task_title: str
    period: str
    due_text: str
    late_at: datetime
    workdays_late: int
    extension: str = ""


@dataclass(frozen=True)
class UrgingLetter:
    """Everything one letter says; rows keep the order in which they come. ValueError for a letter without rows.

    `authority` issues it ("UBND tỉnh Bình Phước"), `superior` is the body above, where the letterhead names one;
    `notation` stands after the number ("UBND-KGVX") and `number` is the clerk's; `drafted_on` is the day of the count,
    `issued_on` that of the signature; `answer_by` is the last day, a working day, to report and explain.
    `plan_authority` issued the plan where that was another body; `lead_agency` compiles the reports. `signer_title` is
    one entry a line. `recipients` are further ones under "Nơi nhận", before the archive with its `filing_unit`.
    """

    authority: str
    place: str
    addressee: str
    plan_title: str
    plan_number: str | None
    plan_issued_on: date | None
    lead_agency: str
    rows: tuple[LetterRow, ...]
    drafted_on: date
    answer_by: date
    superior: str = ""
    notation: str = ""
    number: str | None = None
    issued_on: date | None = None
    plan_authority: str = ""
    signer_title: tuple[str, ...] = ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    signer_name: str = ""
    recipients: tuple[str, ...] = ()
    filing_unit: str = ""
    rehearsal: bool = False

    def __post_init__(self) -> None:
        if not self.rows:
            raise ValueError("a letter urges for one late report at least")

    @property
    def in_appendix(self) -> bool:
        """Whether the late reports stand in an appendix instead of the body."""
        return len(self.rows) > BODY_ROWS


def letterhead(name: str) -> tuple[str, ...]:
    """A body as a letterhead has it, in capitals: a people's committee over its territory, others on one line."""
    capitals = clean(name.upper())
    for prefix in ("UBND ", "UỶ BAN NHÂN DÂN ", _COMMITTEE + " "):
        if capitals.startswith(prefix):
            return _COMMITTEE, capitals.removeprefix(prefix)
    return (capitals,)


def number_line(letter: UrgingLetter) -> str:
    """Số: 07/UBND-KGVX, with room for what the clerk has still to give."""
    return f"Số: {_number(letter)}"


def place_date(letter: UrgingLetter) -> str:
    """Bình Phước, ngày 05 tháng 12 năm 2024; the day stays blank until the letter is issued."""
    return f"{clean(letter.place)}, {_date(letter)}"


def subject(letter: UrgingLetter) -> str:
    """The "V/v" line, short and whole: it names the plan by its number only, the body by its title."""
    number = _plan_number(letter)
    return "V/v đôn đốc gửi báo cáo quá hạn" + (f" thực hiện Kế hoạch {number}" if number else "")


def opening(letter: UrgingLetter) -> tuple[str, ...]:
    """The paragraphs before the late reports, or before the word that they stand in the appendix."""
    plan = [
        _named_plan(letter),
        "của",
        clean(letter.plan_authority or letter.authority),
        _plan_phrase(letter.plan_title),
    ]
    where = "nêu tại Phụ lục kèm theo Công văn này." if letter.in_appendix else "cụ thể như sau:"
    return (
        f"Thực hiện {' '.join(filter(None, plan))}, các cơ quan, đơn vị được giao nhiệm vụ gửi báo cáo "
        f"về {clean(letter.lead_agency)} để tổng hợp.",
        f"Tính đến ngày {day_text(letter.drafted_on)}, {clean(letter.addressee)} còn {len(letter.rows):02d} báo cáo "
        f"chưa gửi, {_lateness(letter.rows)}, {where}",
    )


def demands(letter: UrgingLetter) -> tuple[str, ...]:
    """The paragraphs after the late reports: what is asked, by when, and of whom, to the closing "./."."""
    authority, lead, unit = map(clean, (letter.authority, letter.lead_agency, letter.addressee))
    reports = "báo cáo" if len(letter.rows) == 1 else "các báo cáo"
    to_lead = "" if _same(lead, unit) else f" về {lead}"
    copied = "" if _same(lead, unit) or _same(lead, authority) else f", đồng gửi {lead},"
    asked = [
        f"Để bảo đảm tiến độ tổng hợp, {authority} đề nghị {unit}:",
        f"1. Khẩn trương hoàn thành và gửi {reports} nêu trên{to_lead}, chậm nhất ngày {day_text(letter.answer_by)}. "
        "Nội dung không phát sinh thì vẫn gửi báo cáo không phát sinh và nêu rõ lý do.",
        f"2. Giải trình bằng văn bản với {authority}{copied} về nguyên nhân chậm gửi {reports} và biện pháp khắc phục, "
        "trong cùng thời hạn nêu trên.",
        "3. Nêu rõ khó khăn, vướng mắc (nếu có) và đề xuất hướng giải quyết trong văn bản giải trình.",
    ]
    if copied:
        asked.append(f"Giao {lead} theo dõi, đôn đốc và báo cáo {authority} kết quả thực hiện Công văn này.")
    return (*asked, f"Đề nghị {unit} nghiêm túc thực hiện./.")


def row_cells(index: int, row: LetterRow) -> tuple[str, ...]:
    """The cells of one late report, as many as `COLUMNS`; `index` counts from 1."""
    named = ": ".join(filter(None, (clean(row.task_label), _shortened(row.task_title, _LONGEST_TITLE))))
    reference, period = clean(row.reference), clean(row.period)
    return (
        str(index),
        f"{named} (mã {reference})" if reference else named,
        clean(period[:1].upper() + period[1:]),
        _deadline(row),
        str(row.workdays_late),
    )


def appendix_note(letter: UrgingLetter) -> str:
    """The line below the appendix's title that ties it to its letter."""
    return f"(Kèm theo Công văn số {_number(letter)} {_date(letter)} của {clean(letter.authority)})"


def copies(letter: UrgingLetter) -> tuple[str, ...]:
    """The lines under "Nơi nhận", without their dashes and ends; "Như trên" is the addressee."""
    unit = clean(letter.filing_unit)
    others = (name for name in map(clean, letter.recipients) if name and not _same(name, clean(letter.addressee)))
    return ("Như trên", *others, f"Lưu: VT, {unit}" if unit else "Lưu: VT")


def _number(letter: UrgingLetter) -> str:
    number = clean(letter.number or "")
    if "/" in number:  # the clerk gave it with its notation
        return number
    padded = number.lstrip("0").zfill(2) if number.isascii() and number.isdigit() else number
    committee = letterhead(letter.authority)[0] == _COMMITTEE
    return f"{padded or _BLANK}/{clean(letter.notation) or ('UBND' if committee else _BLANK)}"


def _date(letter: UrgingLetter) -> str:
    """Day, month and year; without the day in a draft (NĐ 30/2020/NĐ-CP, Phụ lục I, for its zeros)."""
    if letter.issued_on:
        return long_date(letter.issued_on)
    return long_date(letter.drafted_on).replace(f"ngày {letter.drafted_on.day:02d} ", f"ngày{_BLANK}", 1)


def _plan_phrase(title: str) -> str:
    """The plan's title as it goes on after the word "Kế hoạch"."""
    words = clean(title)
    if words.lower().startswith("kế hoạch "):
        words = words[len("kế hoạch ") :]
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _named_plan(letter: UrgingLetter) -> str:
    issued = f"ngày {day_text(letter.plan_issued_on)}" if letter.plan_issued_on else ""
    return " ".join(filter(None, ("Kế hoạch", _plan_number(letter), issued)))


def _plan_number(letter: UrgingLetter) -> str:
    number = clean(letter.plan_number or "")
    return f"số {number}" if number else ""


def _lateness(rows: tuple[LetterRow, ...]) -> str:
    days = {row.workdays_late for row in rows}
    most = f"{max(days):02d} ngày làm việc"
    if len(rows) == 1:
        return f"đã quá hạn {most}"
    return f"đều đã quá hạn {most}" if len(days) == 1 else f"trong đó báo cáo chậm nhất đã quá hạn {most}"


def _deadline(row: LetterRow) -> str:
    """The plan's words, what was granted, and the last moment in time, which decides what is late."""
    words = "; ".join(filter(None, (clean(row.due_text), clean(row.extension))))
    last = deadline_text(row.late_at)
    if last in words:
        return words
    return f"{words} ({last})" if words else last


def _shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between two words where there are two."""
    whole, clipped = clean(text), clip(text, limit)
    space = clipped.rfind(" ")
    return clipped if clipped == whole or space < limit // 2 else clipped[:space].rstrip(" ,;:/-") + "…"


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
