"""The reporting regime on the review page: every rhythm can be entered, and is shown as it is understood."""

from __future__ import annotations

from html import unescape

from browsing import signed_in
from drafts import messy, store
from sites import Site

from domain.plan import PlanDraft, ReportingDraft

BASE = "/plans/nhap/draft"
RHYTHMS = {
    "yearly": ("30/11", "11-30", "trước ngày 30/11 hằng năm"),
    "half_yearly": ("15/6, 15/12", "06-15,12-15", "trước ngày 15/6 và 15/12 hằng năm"),
    "quarterly": ("20", "03-20,06-20,09-20,12-20", "trước ngày 20 của tháng cuối mỗi quý"),
    "monthly": ("18", "18", "trước ngày 18 hằng tháng"),
    "weekly": ("thứ Sáu 16:00", "5T16:00", "trước 16 giờ 00 ngày thứ Sáu hằng tuần"),
}


async def first(site: Site) -> ReportingDraft:
    """The first entry of the regime as it is stored."""
    return PlanDraft.from_json(await site.world.value("SELECT draft FROM plan WHERE slug = 'nhap'")).reporting[0]


async def test_every_rhythm_can_be_entered_and_is_shown_as_it_is_understood(site: Site) -> None:
    await store(site, messy())
    admin = await signed_in(site, "quan-tri")
    await admin.open(BASE)
    for every, (typed, before, words) in RHYTHMS.items():
        page = unescape(
            await admin.fill(f"{BASE}/edit/reporting", **{"reporting-0-every": every, "reporting-0-before": typed})
        )
        entry = await first(site)
        assert (entry.every, entry.before) == (every, before)
        assert f"→ {words}" in page
        await admin.fill(f"{BASE}/edit/reporting")
        assert await first(site) == entry, "what the form shows says the same"
