"""Amendments of a running plan: an amended document is proposed, changed in review, discarded or approved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from domain.amendment import carried
from domain.errors import Conflict, NotFound
from domain.plan import PlanDraft
from models.facts.amending import amend
from models.facts.frame import Actor, Door, Ledger, ledger
from models.facts.plan_head import check_ready
from models.facts.versions import check_version, locked_plan, trace


@dataclass(frozen=True)
class Document:
    """An amended document as it was read."""

    draft: PlanDraft
    source: bytes
    source_name: str


async def propose(books: Ledger, actor: Actor, plan: RowMapping, document: Document, now: datetime) -> tuple[int, int]:
    """Store a document as the amendment that waits for approval; returns its number and version.

    One waits at a time: a document that comes while another waits takes its place, and its version goes on. `plan` is
    the plan's row under its lock.
    """
    made = await books.rows(
        """INSERT INTO amendment (plan_id, number, status, version, base, draft, source, source_name, source_sha256,
             imported_at, imported_by, changed_at, changed_by)
           VALUES (:plan, (SELECT COALESCE(max(number), 0) + 1 FROM amendment WHERE plan_id = :plan), 'proposed', 1,
             :base, CAST(:draft AS jsonb), :source, :name, :sha, :now, :person, :now, :person)
           ON CONFLICT (plan_id) WHERE status = 'proposed' DO UPDATE SET version = amendment.version + 1,
             base = EXCLUDED.base, draft = EXCLUDED.draft, source = EXCLUDED.source,
             source_name = EXCLUDED.source_name, source_sha256 = EXCLUDED.source_sha256,
             imported_at = EXCLUDED.imported_at, imported_by = EXCLUDED.imported_by,
             changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by
           RETURNING number, version""",
        plan=plan["id"],
        base=plan["version"],
        draft=json.dumps(carried(PlanDraft.from_json(plan["draft"]), document.draft).to_json()),
        source=document.source,
        name=document.source_name,
        sha=hashlib.sha256(document.source).hexdigest(),
        now=now,
        person=actor.person,
    )
    number, version = int(made[0]["number"]), int(made[0]["version"])
    words = f"Nhập văn bản {document.source_name} thành bản sửa đổi {number} của kế hoạch {plan['slug']}"
    await trace(books, actor, plan, "amendment_proposed", now, words, number)
    return number, version


async def change_amendment(
    door: Door, actor: Actor, slug: str, number: int, version: int, draft: PlanDraft, summary: str
) -> int:
    """Store a changed draft of an amendment that waits; returns its new version. `summary` says what was changed.

    Raises `NotFound`, `Conflict` where somebody else was first (`draft-changed`) or it was decided.
    """
    async with ledger(door, actor.realm) as books:
        plan, row = await _locked(books, slug, number, version)
        now = await books.now()
        await books.run(
            """UPDATE amendment SET draft = CAST(:draft AS jsonb), version = version + 1, changed_at = :now,
                 changed_by = :person WHERE id = :id""",
            draft=json.dumps(draft.to_json()),
            now=now,
            person=actor.person,
            id=row["id"],
        )
        words = f"Sửa bản sửa đổi {number} của kế hoạch {slug}: {summary}"
        await trace(books, actor, plan, "amendment_changed", now, words, number)
        return version + 1


async def discard_amendment(door: Door, actor: Actor, slug: str, number: int, version: int) -> None:
    """Give up an amendment that waits; the plan runs on as it is. Raises as `change_amendment` does."""
    async with ledger(door, actor.realm) as books:
        plan, row = await _locked(books, slug, number, version)
        now = await books.now()
        await _decide(books, actor, plan, row, "discarded", now)
        words = f"Không áp dụng bản sửa đổi {number} của kế hoạch {slug}"
        await trace(books, actor, plan, "amendment_discarded", now, words, number)


async def approve_amendment(door: Door, actor: Actor, slug: str, number: int, version: int) -> list[str]:
    """Change the running plan as the amendment says; returns whom to ring.

    Raises what `change_amendment` does, `Conflict` where the plan was changed since the amendment was proposed
    (`plan-changed`), and `Refusal` while a finding blocks or nobody would lead a task.
    """
    async with ledger(door, actor.realm) as books:
        plan, row = await _locked(books, slug, number, version)
        if plan["version"] != row["base"]:
            words = "Kế hoạch đã thay đổi sau khi nhập bản sửa đổi này; hãy nhập lại văn bản để so với bản hiện hành."
            raise Conflict("plan-changed", words)
        draft = PlanDraft.from_json(row["draft"])
        check_ready(draft)
        now = await amend(books, actor, plan, number, draft)
        await _decide(books, actor, plan, row, "approved", now)
        return books.rings


async def _locked(books: Ledger, slug: str, number: int, version: int) -> tuple[RowMapping, RowMapping]:
    """The plan and its amendment under their locks."""
    plan = await locked_plan(books, slug)
    row = await books.one(
        "SELECT * FROM amendment WHERE plan_id = :plan AND number = :number FOR NO KEY UPDATE",
        NotFound("amendment-unknown", f"Kế hoạch {slug} không có bản sửa đổi số {number}."),
        plan=plan["id"],
        number=number,
    )
    if row["status"] != "proposed":
        words = "được áp dụng" if row["status"] == "approved" else "bị bỏ"
        raise Conflict("amendment-decided", f"Bản sửa đổi số {number} đã {words}; hãy tải lại trang.")
    await check_version(books, row, version)
    if plan["status"] != "active":
        raise Conflict("plan-closed", f"Kế hoạch {slug} đã kết thúc; không sửa đổi được nữa.")
    return plan, row


async def _decide(books: Ledger, actor: Actor, plan: RowMapping, row: RowMapping, status: str, now: datetime) -> None:
    await books.run(
        """UPDATE amendment SET status = :status, replaced = CAST(:replaced AS jsonb), decided_at = :now,
             decided_by = :person WHERE id = :id""",
        replaced=json.dumps(plan["draft"]),
        status=status,
        now=now,
        person=actor.person,
        id=row["id"],
    )
