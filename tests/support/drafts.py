"""Drafts as a province's documents leave them, and how they come into the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sites import Site
from worlds import small_plan, small_registry

from domain.plan import DocumentInfo, Finding, IndicatorDraft, OwnerRef, PlanDraft, Severity
from domain.policy import Policy
from domain.review import review
from models.facts.plans import ImportedPlan, import_plan


def messy() -> PlanDraft:
    """Two leads nobody knows, no deadline of the units, and a doubt of the reader."""
    plan = small_plan(("Hàng năm", "tùy tình hình"))
    first = replace(plan.tasks[0], leads=(OwnerRef("Cơ quan lạ"), OwnerRef("Đơn vị bao")), result="Lớp <b>tập huấn</b>")
    second = replace(plan.tasks[1], leads=(OwnerRef("Cơ quan lạ"),))
    return replace(
        plan,
        tasks=(first, second),
        reporting=plan.reporting[1:],
        recipients=("Như trên", "Lưu VT"),
        indicators=(IndicatorDraft(2025, "Số lớp", ">=", 3, "lớp", "ít nhất 03 lớp"),),
        findings=(Finding("quality-poor", Severity.REVIEW, "Bản quét mờ. Hãy đối chiếu với bản gốc."),),
    )


def amended() -> PlanDraft:
    """The running plan with its first task led by one unit only, its second dropped, and a new one."""
    plan = small_plan(("Hàng năm", "x", "Quý II/2025"))
    first = replace(plan.tasks[0], leads=(OwnerRef("Đơn vị bao"),))
    added = replace(plan.tasks[2], title="Xây dựng cổng dữ liệu mở về báo chí của tỉnh")
    return replace(plan, tasks=(first, added), document=DocumentInfo(title="Kế hoạch thử", number="15/KH-UBND"))


async def store(site: Site, draft: PlanDraft, slug: str = "nhap", source: bytes = b"van ban") -> None:
    """Import as an upload would: reviewed on the business day."""
    reviewed = review(draft, small_registry(), date(2024, 9, 27))
    plan = ImportedPlan(slug, reviewed, source, "bản 1.docx", Policy(opens_workdays=31))
    await import_plan(site.world.engine, await site.world.actor("quan-tri"), plan)
