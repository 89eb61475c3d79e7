"""Optimistic locking of drafts and amendments: who changes one must have seen its latest version."""

from __future__ import annotations

from sqlalchemy import RowMapping

from domain.errors import Conflict, NotFound
from domain.notices import instant_text
from models.facts.frame import Ledger


async def locked_plan(books: Ledger, slug: str) -> RowMapping:
    """The plan under its lock; raises `NotFound`.

    The lock lets rows be written that only refer to the plan, as the steps of a running one do.
    """
    return await books.one(
        "SELECT * FROM plan WHERE realm = :realm AND slug = :slug FOR NO KEY UPDATE",
        NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}."),
        realm=books.realm,
        slug=slug,
    )


async def check_version(books: Ledger, row: RowMapping, seen: int) -> None:
    """Raises `Conflict` for a version that is not the stored one, and says who changed it when."""
    if row["version"] == seen:
        return
    found = await books.rows("SELECT name FROM person WHERE id = :id", id=row["changed_by"])
    who = found[0]["name"] if found else "người khác"
    when = f" lúc {instant_text(row['changed_at'])}" if row["changed_at"] else ""
    words = f"{who} đã sửa bản này{when} (nay là bản {row['version']}, bạn đang xem bản {seen}); hãy tải lại rồi sửa."
    raise Conflict("draft-changed", words)
