"""What becomes of a drafted letter: the clerk's number once it is issued, or the reason why it is not."""

from __future__ import annotations

from datetime import date

from sqlalchemy import RowMapping

from domain.errors import Conflict, NotFound, Refusal
from domain.ids import plan_id
from domain.workdays import local_date
from models.facts.frame import Actor, Door, Ledger, ledger

_LOCKED = """
SELECT l.*, p.slug, u.name AS unit_name FROM letter l JOIN plan p ON p.id = l.plan_id JOIN unit u ON u.id = l.unit_id
WHERE l.id = :id AND p.realm = :realm FOR UPDATE OF l
"""


async def issue_letter(door: Door, actor: Actor, letter: int, number: str, issued_on: date) -> list[str]:
    """Record that the letter was signed and sent under this number; returns whom to ring.

    Raises `NotFound`, `Conflict` where it is settled, `Refusal` without a number or for a day to come.
    """
    if not number.strip():
        raise Refusal("number-missing", "Hãy nhập số công văn do văn thư cấp.")
    async with ledger(door, actor.realm) as books:
        row = await _locked(books, letter)
        now = await books.now()
        if issued_on > local_date(now):
            raise Refusal("date-in-future", "Ngày ban hành công văn chưa đến.")
        if issued_on < local_date(row["drafted_at"]):
            raise Refusal("date-before-draft", "Ngày ban hành không thể trước ngày lập dự thảo; hãy kiểm tra lại ngày.")
        await books.run(
            """UPDATE letter SET number = :number, issued_on = :on, settled_at = :now, settled_by = :person
               WHERE id = :id""",
            number=number.strip(),
            on=issued_on,
            now=now,
            person=actor.person,
            id=letter,
        )
        words = f"Ban hành công văn đôn đốc số {number.strip()} gửi {row['unit_name']}"
        await books.trace(plan_id(actor.realm, row["slug"]), "letter_issued", now, words, person_id=actor.person,
                          plan_id=row["plan_id"], unit_id=row["unit_id"])  # fmt: skip
        return books.rings


async def drop_letter(door: Door, actor: Actor, letter: int, reason: str) -> list[str]:
    """Record that the letter is not sent, and why; it is not drafted again for the same lateness."""
    if not reason.strip():
        raise Refusal("reason-missing", "Bỏ dự thảo công văn phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        row = await _locked(books, letter)
        now = await books.now()
        await books.run(
            "UPDATE letter SET dropped_reason = :reason, settled_at = :now, settled_by = :person WHERE id = :id",
            reason=reason,
            now=now,
            person=actor.person,
            id=letter,
        )
        words = f"Bỏ dự thảo công văn đôn đốc gửi {row['unit_name']}"
        await books.trace(plan_id(actor.realm, row["slug"]), "letter_dropped", now, words, person_id=actor.person,
                          plan_id=row["plan_id"], unit_id=row["unit_id"])  # fmt: skip
        return books.rings


async def _locked(books: Ledger, letter: int) -> RowMapping:
    missing = NotFound("letter-unknown", f"Không có công văn đôn đốc số {letter} trong sổ.")
    row = await books.one(_LOCKED, missing, id=letter, realm=books.realm)
    if row["settled_at"] is not None:
        raise Conflict("already-decided", "Công văn này đã được ban hành hoặc đã bỏ; tải lại trang để xem.")
    return row
