"""`dondoc plan`: a document into the books as a draft, what still blocks it, and the workbook to fill in."""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

from commands.frame import STDIN, books, running
from commands.reading import plan_bytes, read_plan_bytes
from domain.errors import Refusal
from domain.plan import PlanDraft, Severity
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BLOCKED = 1
"""The exit code of a review while something blocks."""
_SLUG_RE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 60


async def import_document(a: argparse.Namespace, settings: Settings) -> int:
    """Read a document and store it as a draft; as an amendment where the plan of that slug runs already."""
    from commands.acting import acting_admin
    from commands.draft_tables import print_findings, summary
    from commands.output import console
    from models.facts.plans import ImportedPlan, import_plan
    from web.policies import read_policy

    if not _SLUG_RE.fullmatch(a.slug) or len(a.slug) > _LONGEST_SLUG:
        words = f"Mã {a.slug!r} chỉ được gồm chữ thường không dấu, số và gạch nối, tối đa {_LONGEST_SLUG} ký tự."
        raise Refusal("slug-invalid", words)
    policy = read_policy(a.policy)
    data = plan_bytes(a.file)
    name = "ke-hoach" if str(a.file) == STDIN else a.file.name
    async with books(running(a, settings)) as engine:
        actor = await acting_admin(engine, a.realm, a.person)  # before reading, which takes longer
        draft = await _reviewed(engine, a.realm, await read_plan_bytes(data, a.file))
        stored = await import_plan(engine, actor, ImportedPlan(a.slug, draft, data, name, policy))
    out = console()
    print_findings(out, [each for each in draft.findings if each.severity is not Severity.INFO])
    out.print(summary(draft))
    what = f"bản sửa đổi số {stored.amendment}" if stored.amendment else "bản thảo"
    out.print(f"Đã lưu {what} (phiên bản {stored.version}) của kế hoạch {a.slug} trong không gian {a.realm}.")
    out.print(f"Xem lại: dondoc plan review {a.slug} --realm {a.realm}; sửa và kích hoạt trên trang Kế hoạch.")
    return 0


async def review_plan(a: argparse.Namespace, settings: Settings) -> int:
    """List what blocks a draft and what to look at; 1 while something blocks."""
    from commands.draft_tables import HEADINGS, print_findings, summary
    from commands.output import console

    async with books(running(a, settings)) as engine:
        found = await _awaiting(engine, a.realm, a.slug)
        draft = await _reviewed(engine, a.realm, found[1]) if found else None
    out = console()
    if found is None or draft is None:
        out.print(f"Kế hoạch {a.slug} không có bản nào chờ duyệt.")
        return 0
    out.print(f"{found[0]} của kế hoạch {a.slug}: {draft.document.title or 'chưa rõ tên'}", style="bold")
    print_findings(out, draft.findings)
    out.print(summary(draft))
    if any(each.severity is Severity.BLOCKING for each in draft.findings):
        out.print(f"Chưa kích hoạt được: còn mục “{HEADINGS[Severity.BLOCKING]}”.")
        return BLOCKED
    out.print("Không còn gì chặn.")
    return 0


async def write_template(a: argparse.Namespace, settings: Settings) -> int:
    """Write the workbook in which a plan is filled in; a file that is there is left alone."""
    from documents.render_template import render_template

    if a.file.suffix.lower() != ".xlsx":
        raise Refusal("file-name-invalid", f"Mẫu là tệp Excel; hãy cho tên kết thúc bằng .xlsx, không phải {a.file}.")
    _write_new(a.file, render_template())
    print(f"Đã ghi {a.file}. Điền xong, xem thử bằng: dondoc read {a.file}")
    return 0


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as opened:
            opened.write(content)
    except FileExistsError:
        raise Refusal("file-exists", f"{file} đã có, không ghi đè; hãy cho tên khác.") from None


async def _reviewed(engine: AsyncEngine, realm: str, draft: PlanDraft) -> PlanDraft:
    """The draft with its names resolved as of the business day and its checks made anew."""
    from domain.review import review
    from domain.workdays import local_date
    from models.queries.clock import read_now
    from models.queries.registry import read_units

    async with engine.connect() as connection:
        registry = await read_units(connection, realm)
        today = local_date(await read_now(connection, realm))
    return await asyncio.to_thread(review, draft, registry, today)


async def _awaiting(engine: AsyncEngine, realm: str, slug: str) -> tuple[str, PlanDraft] | None:
    """What of a plan waits for a person, with its name: its draft, or the amendment of a plan that runs."""
    from models.queries.amendments import list_amendments, read_amendment
    from models.queries.plans import read_draft

    async with engine.connect() as connection:
        plan = await read_draft(connection, realm, slug)
        if plan.status == "draft":
            return f"Bản thảo {plan.version}", plan.draft
        lines = await list_amendments(connection, realm, slug)
        proposed = next((line for line in lines if line.status == "proposed"), None)
        if proposed is None:
            return None
        view = await read_amendment(connection, realm, slug, proposed.number)
        return f"Bản sửa đổi số {proposed.number}", view.draft
