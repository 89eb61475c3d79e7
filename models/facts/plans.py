"""A plan's draft: imported, changed, discarded; and its activation: tasks, owners and rollups appear and it runs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from domain.contracts import Process
from domain.errors import Conflict, NotFound
from domain.ids import plan_id
from domain.plan import PlanDraft
from domain.policy import Policy
from models.bells import want
from models.facts.amendments import Document, propose
from models.facts.frame import Actor, Door, Ledger, ledger
from models.facts.plan_head import check_people, check_ready, document_columns, read_head, write_head, write_recipients
from models.facts.rollup_rows import write_rollups
from models.facts.task_rows import write_common_task, write_task
from models.facts.versions import check_version, locked_plan, trace


@dataclass(frozen=True)
class ImportedPlan:
    """A plan document as it was read, with what the registry made of its names."""

    slug: str
    draft: PlanDraft
    source: bytes
    source_name: str
    policy: Policy


@dataclass(frozen=True)
class Imported:
    """What became of an imported document: the plan's key and the version of its draft.

    Where the plan runs already, the document waits as its `amendment` of this number, and `version` is of that.
    """

    key: int
    version: int
    amendment: int | None = None


async def import_plan(door: Door, actor: Actor, plan: ImportedPlan) -> Imported:
    """Store a draft, complete or not, in the place of an earlier one of that slug; an amendment where it runs already.

    Raises `Conflict` for the slug of a plan that has ended.
    """
    async with ledger(door, actor.realm) as books:
        row = await _made_or_locked(books, plan)
        now = await books.now()
        if row["status"] == "closed":
            raise Conflict("plan-closed", f"Kế hoạch mã {plan.slug!r} đã kết thúc; hãy chọn mã khác.")
        if row["status"] == "active":
            document = Document(plan.draft, plan.source, plan.source_name)
            number, version = await propose(books, actor, row, document, now)
            return Imported(row["id"], version, number)
        version = row["version"] + 1
        await books.run(
            """UPDATE plan SET status = 'draft', source = :source, source_name = :name, source_sha256 = :sha,
                 policy = CAST(:policy AS jsonb), imported_at = :now WHERE id = :id""",
            source=plan.source,
            name=plan.source_name,
            sha=hashlib.sha256(plan.source).hexdigest(),
            policy=json.dumps(plan.policy.to_json()),
            now=now,
            id=row["id"],
        )
        await _write_draft(books, actor, row, plan.draft, version, now)
        words = f"Nhập văn bản {plan.source_name} thành bản thảo {version} của kế hoạch {plan.slug}"
        await trace(books, actor, row, "draft_imported", now, words, version)
        return Imported(row["id"], version)


async def _made_or_locked(books: Ledger, plan: ImportedPlan) -> RowMapping:
    """The plan's row under its lock; one that was not there begins empty, at version 0."""
    await books.run(
        """INSERT INTO plan (realm, slug, status, version, title, authority, source, source_name, source_sha256, draft,
             policy, imported_at)
           VALUES (:realm, :slug, 'draft', 0, :slug, '', '', '', '', '{}', '{}', business_now(:realm))
           ON CONFLICT (realm, slug) DO NOTHING""",
        realm=books.realm,
        slug=plan.slug,
    )
    return await locked_plan(books, plan.slug)


async def _write_draft(
    books: Ledger, actor: Actor, row: RowMapping, draft: PlanDraft, version: int, now: datetime
) -> None:
    await books.run(
        """UPDATE plan SET title = :title, number = :number, issued_on = :issued_on, authority = :authority,
             lead_unit_id = :lead, draft = CAST(:draft AS jsonb), version = :version, changed_at = :now,
             changed_by = :person WHERE id = :id""",
        **await document_columns(books, draft, row["slug"], now),
        draft=json.dumps(draft.to_json()),
        version=version,
        now=now,
        person=actor.person,
        id=row["id"],
    )


async def change_draft(door: Door, actor: Actor, slug: str, version: int, draft: PlanDraft, summary: str) -> int:
    """Store a changed draft in the place of that version; returns the new one. `summary` says what was changed.

    Raises `NotFound`, `Conflict` where somebody else was first (`draft-changed`) or the plan runs.
    """
    async with ledger(door, actor.realm) as books:
        row = await _locked_draft(books, slug, version)
        now = await books.now()
        await _write_draft(books, actor, row, draft, version + 1, now)
        await trace(books, actor, row, "draft_changed", now, f"Sửa bản thảo kế hoạch {slug}: {summary}", version + 1)
        return version + 1


async def discard_draft(door: Door, actor: Actor, slug: str, version: int) -> None:
    """Give up a draft; its slug is free again. Raises as `change_draft` does."""
    async with ledger(door, actor.realm) as books:
        row = await _locked_draft(books, slug, version)
        now = await books.now()
        await books.run(
            """UPDATE plan SET status = 'discarded', version = :version, changed_at = :now, changed_by = :person
               WHERE id = :id""",
            version=version + 1,
            now=now,
            person=actor.person,
            id=row["id"],
        )
        await trace(books, actor, row, "draft_discarded", now, f"Bỏ bản thảo kế hoạch {slug}", version + 1)


async def _locked_draft(books: Ledger, slug: str, version: int | None) -> RowMapping:
    row = await locked_plan(books, slug)
    if row["status"] == "discarded":
        raise NotFound("plan-unknown", f"Không có kế hoạch mã {slug!r}.")
    if row["status"] != "draft":
        raise Conflict("plan-already-active", f"Kế hoạch {slug} đã được kích hoạt; hãy nhập văn bản sửa đổi.")
    if version is not None:
        await check_version(books, row, version)
    return row


async def activate_plan(door: Door, actor: Actor, slug: str, version: int | None = None) -> list[str]:
    """Make a draft run, the given version of it if any; returns the workflows to ring.

    Raises `NotFound`, `Conflict` for a second activation or another version, `Refusal` while a finding blocks or what
    no plan can run without is missing.
    """
    async with ledger(door, actor.realm) as books:
        row = await _locked_draft(books, slug, version)
        draft = PlanDraft.from_json(row["draft"])
        check_ready(draft)
        now = await books.now()
        head = await read_head(books, draft, now)
        await write_head(books, row["id"], head)
        await books.run("UPDATE plan SET status = 'active', activated_at = :now WHERE id = :id", now=now, id=row["id"])
        workflow = plan_id(actor.realm, slug)
        await want(books.connection, workflow, actor.realm, Process.PLAN, row["id"], f"Kế hoạch {slug}", now)
        await write_common_task(books, row["id"], slug, head.common_group_id, now)
        for task in draft.tasks:
            await write_task(books, row["id"], slug, task, now)
        await write_recipients(books, row["id"], draft, now)
        await check_people(books, row["id"])
        await write_rollups(books, row["id"], slug, head, Policy.from_json(row["policy"]), now)
        await books.fact(workflow, "plan_activated", now, f"Kích hoạt kế hoạch {slug}", person_id=actor.person,
                         plan_id=row["id"])  # fmt: skip
        return books.rings
