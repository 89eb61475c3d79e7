"""The authority's own working days: a day is made a working day or a day off, and what runs moves if it is confirmed.

Locks are taken in one order: the realm, its plans, tasks, obligations and rollups, by id; then the wake rows from the
rounds upwards. Whoever reports meanwhile waits or is waited for, so that no report is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar_changes import DayEdit, Reach, check_day, day_words
from domain.errors import Conflict, NotFound, Refusal
from domain.notices import day_text
from domain.workdays import local_date
from models.calendar_rows import calendar_horizon, reach_of
from models.facts.calendar_moves import Moving, move
from models.facts.frame import Actor, Door, Ledger, ledger
from models.realm_calendar import known_days, library_change, read_calendar, write_days

_LOCKS = (
    "SELECT id FROM plan WHERE realm = :realm AND status IN ('draft', 'active') ORDER BY id FOR NO KEY UPDATE",
    """SELECT t.id FROM task t JOIN plan p ON p.id = t.plan_id
       WHERE p.realm = :realm AND p.status = 'active' AND t.closed_at IS NULL ORDER BY t.id FOR NO KEY UPDATE OF t""",
    """SELECT o.id FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
       JOIN plan p ON p.id = t.plan_id WHERE p.realm = :realm AND p.status = 'active' AND o.accepted_at IS NULL
         AND o.withdrawn_at IS NULL ORDER BY o.id FOR NO KEY UPDATE OF o""",
    """SELECT x.id FROM rollup x JOIN plan p ON p.id = x.plan_id
       WHERE p.realm = :realm AND p.status = 'active' AND x.signed_at IS NULL ORDER BY x.id FOR NO KEY UPDATE OF x""",
)
"""A plan that is being activated, a round that is being opened: both have read one calendar or the other, wholly."""


@dataclass(frozen=True)
class Overridden:
    """A change of the calendar that was made: how many running deadlines moved with it, and whom to ring.

    `override` is its number, 0 where years were added only.
    """

    override: int
    moved: int
    version: str
    rings: list[str]


async def override_day(
    door: Door,
    actor: Actor,
    day: date,
    working: bool,
    reason: str,
    move_running: bool | None = None,
    expected: int | None = None,
) -> Overridden:
    """Make a day a working day or a day off. Running deadlines that this touches move, or stay (`move_running` False).

    Raises `Refusal` without a reason, for a day that is past, not in the calendar or so already, and
    (`calendar-moves-deadlines`) where deadlines would move and it was not said what to do with them; `Conflict` where
    another number of them would move than was `expected`.
    """
    if not reason.strip():
        raise Refusal("reason-missing", "Đổi lịch làm việc phải nêu lý do, ví dụ số và ngày của văn bản.")
    async with ledger(door, actor.realm) as books:
        now = await _lock(books)
        calendar = await read_calendar(books.connection, books.realm)
        known = await known_days(books.connection, books.realm)
        check_day(calendar, day, working, local_date(now), known.last_year)
        edits = (DayEdit(day, working, reason.strip()),)
        found = await reach_of(books.connection, books.realm, edits, now)
        _check_confirmed(found, move_running, expected)
        words = f"Lịch làm việc đổi: {day_text(day)} là {day_words(working)} ({reason.strip()})"
        change = _Change(edits, edits, words, f"điều chỉnh lịch làm việc ngày {day_text(day)}")
        return await _carry_out(books, actor, now, change, found, keeps=move_running is False)


async def refresh_calendar(
    door: Door, actor: Actor, move_running: bool | None = None, expected: int | None = None
) -> Overridden:
    """Add the years that plans need and what the library has otherwise by now; the authority's own days stay.

    Raises as `override_day` does, and `Refusal` (`calendar-current`) where there is nothing to add or change.
    """
    async with ledger(door, actor.realm) as books:
        now = await _lock(books)
        horizon = await calendar_horizon(books.connection, books.realm, now)
        change = await library_change(books.connection, books.realm, local_date(now), horizon)
        if not change.added and not change.changed and change.version == change.recorded:
            raise Refusal("calendar-current", f"Lịch đã đủ đến năm {change.last_year} theo {change.version}.")
        edits = (*change.changed, *change.added)
        found = await reach_of(books.connection, books.realm, edits, now)
        _check_confirmed(found, move_running, expected)
        counts = f"thêm {len(change.added)} ngày, sửa {len(change.changed)} ngày"
        words = f"Bổ sung lịch làm việc theo {change.version}: {counts}"
        made = _Change(edits, change.changed, words, f"cập nhật lịch làm việc theo {change.version}", refreshed=True)
        return await _carry_out(books, actor, now, made, found, keeps=move_running is False)


@dataclass(frozen=True)
class _Change:
    """Days to write; `counted` are those that count as overrides, by nobody where the library was `refreshed`."""

    edits: Sequence[DayEdit]
    counted: Sequence[DayEdit]
    words: str
    why: str
    refreshed: bool = False


async def _lock(books: Ledger) -> datetime:
    """Hold everything that hangs on the calendar; returns the instant, read after the locks. Raises `NotFound`."""
    missing = NotFound("realm-unknown", f"Không có không gian {books.realm!r}.")
    await books.one("SELECT id FROM realm WHERE id = :realm FOR NO KEY UPDATE", missing, realm=books.realm)
    for sql in _LOCKS:
        await books.rows(sql, realm=books.realm)
    return await books.now()


def _check_confirmed(found: Reach, move_running: bool | None, expected: int | None) -> None:
    if expected is not None and found.moves != expected:
        words = f"Từ lúc xem trước, số hạn phải dời đã khác ({found.moves}, không còn là {expected}); hãy xem lại."
        raise Conflict("calendar-reach-changed", words)
    if found.moves and move_running is None:
        words = (
            f"Thay đổi này dời {found.moves} hạn đang chạy ({found.obligations} nghĩa vụ báo cáo, "
            f"{len(found.running_rollups)} báo cáo tổng hợp). Hãy xem danh sách, rồi chọn dời hạn (running: move) hoặc "
            "giữ nguyên hạn đang chạy (running: keep)."
        )
        raise Refusal("calendar-moves-deadlines", words)


async def _carry_out(
    books: Ledger, actor: Actor, now: datetime, change: _Change, found: Reach, keeps: bool
) -> Overridden:
    moved = 0 if keeps else found.moves
    version = await write_days(books.connection, books.realm, change.edits, len(change.counted), change.refreshed)
    number = await _record(books, None if change.refreshed else actor.person, change.counted, now, moved)
    kept = f"; giữ nguyên {found.moves} hạn đang chạy" if keeps and found.moves else f"; {moved} hạn đổi theo"
    await move(Moving(books, actor, now, found, version, number, change.why, keeps), change.words + kept)
    return Overridden(number, moved, version, books.rings)


async def _record(books: Ledger, person: int | None, days: Sequence[DayEdit], now: datetime, moved: int) -> int:
    """A row for each day; returns the last one's number. All of one change have moved the same deadlines."""
    rows = await books.rows(
        """INSERT INTO calendar_override (realm, day, working, reason, at, person_id, moved)
           SELECT :realm, day, working, reason, :now, :person, :moved
           FROM unnest(CAST(:days AS date[]), CAST(:working AS boolean[]), CAST(:reasons AS text[]))
             AS d (day, working, reason) ORDER BY day RETURNING id""",
        realm=books.realm,
        now=now,
        person=person,
        moved=moved,
        days=[each.day for each in days],
        working=[each.works for each in days],
        reasons=[each.name for each in days],
    )
    return int(rows[-1]["id"]) if rows else 0
