"""Versions of drafts and amendments: who changes one must have seen its latest, and the timeline tells who did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from domain.errors import Conflict, NotFound
from domain.ids import plan_id
from domain.notices import instant_text
from models.facts.frame import Actor, Ledger


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


async def trace(
    books: Ledger, actor: Actor, plan: RowMapping, kind: str, now: datetime, words: str, occurrence: int
) -> None:
    """Tell the timeline what was done to a draft or an amendment; neither has a workflow that could take it in.

    `occurrence` is the version of the draft or the number of the amendment.
    """
    workflow = plan_id(books.realm, plan["slug"])
    await books.trace(workflow, kind, now, words, person_id=actor.person, plan_id=plan["id"], occurrence=occurrence)
