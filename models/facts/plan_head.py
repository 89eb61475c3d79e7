"""What a running plan takes from its draft as a whole: who leads, who is above, by when is reported, who receives."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from domain.directory import Directory
from domain.errors import NotFound, Refusal
from domain.plan import PlanDraft, Registry, Severity
from domain.regime import regime_of
from domain.reporting import task_label
from domain.workdays import local_date
from models.facts.frame import Ledger
from models.registry import read_registry

REPORTING_GROUP = "bao-cao-chung"
"""Who owes the common report where the registry names no group for it."""

_KNOWN = ("unit", "similar", "group")
"""Matches that name one body; whether a similar name was meant is asked in the review."""


@dataclass(frozen=True)
class Head:
    """The columns of `plan` that are set at activation and at each amendment; the names resolved on that day."""

    lead_unit_id: int
    authority_unit_id: int
    common_group_id: int
    units_before: str
    lead_before: str


def check_ready(draft: PlanDraft) -> None:
    """Raises `Refusal` while a finding blocks, naming each, and for tasks that are none or share a number."""
    blocking = [f.message for f in draft.findings if f.severity is Severity.BLOCKING]
    if blocking:
        raise Refusal("plan-not-ready", f"Còn {len(blocking)} điểm phải xử lý trước: " + " ".join(blocking))
    if not draft.tasks:
        raise Refusal("no-tasks", "Kế hoạch chưa có nhiệm vụ nào; hãy kiểm tra phụ lục.")
    ordinals = [task.ordinal for task in draft.tasks]
    if len(set(ordinals)) < len(ordinals) or min(ordinals) < 1:
        raise Refusal("ordinal-repeated", "Số thứ tự nhiệm vụ phải từ 1 và không trùng nhau; hãy đánh số lại.")


async def read_head(books: Ledger, draft: PlanDraft, now: datetime) -> Head:
    """Read it from a draft; raises `Refusal` or `NotFound` for what is missing."""
    registry = await read_registry(books.connection, books.realm)
    return Head(
        lead_unit_id=await _lead_unit(books, draft, registry, local_date(now)),
        authority_unit_id=await _authority_unit(books),
        common_group_id=await _common_group(books, registry),
        units_before=day_before(draft, "units"),
        lead_before=day_before(draft, "lead"),
    )


async def write_head(books: Ledger, plan: int, head: Head) -> None:
    """Put it into the plan's row."""
    await books.run(
        """UPDATE plan SET lead_unit_id = :lead_unit_id, authority_unit_id = :authority_unit_id,
             common_group_id = :common_group_id, units_before = :units_before, lead_before = :lead_before
           WHERE id = :plan""",
        plan=plan,
        **asdict(head),
    )


async def document_columns(books: Ledger, draft: PlanDraft, slug: str, now: datetime) -> dict[str, Any]:
    """The columns of `plan` that a draft's document fills, and its lead agency where it is known already."""
    document = draft.document
    realm = (await books.rows("SELECT authority FROM realm WHERE id = :id", id=books.realm))[0]
    registry = await read_registry(books.connection, books.realm)
    return {
        "title": document.title or slug,
        "number": document.number,
        "issued_on": document.issued_on,
        "authority": document.authority or realm["authority"],
        "lead": await _known_unit(books, draft.lead_agency or "", registry, local_date(now)),
    }


def day_before(draft: PlanDraft, who: str) -> str:
    """The regime (`domain.regime`) by which the `units` or the `lead` agency report, as text; of several the densest.

    Raises `Refusal` where none is known (`regime-missing`) or its days are not whole (`regime-invalid`).
    """
    regime = regime_of(draft.reporting, who)
    if regime is None:
        words = "các đơn vị" if who == "units" else "cơ quan chủ trì tổng hợp"
        raise Refusal("regime-missing", f"Không tìm thấy hạn báo cáo định kỳ của {words}; hãy bổ sung vào kế hoạch.")
    return str(regime)


async def _lead_unit(books: Ledger, draft: PlanDraft, registry: Registry, today: date) -> int:
    name = draft.lead_agency
    if not name:
        raise Refusal("lead-agency-missing", "Không tìm thấy cơ quan chủ trì tổng hợp trong kế hoạch; hãy bổ sung.")
    found = await _known_unit(books, name, registry, today)
    if found is None:
        words = f"Cơ quan chủ trì {name!r} chưa rõ là đơn vị nào trong danh mục; hãy bổ sung danh mục hoặc sửa tên."
        raise NotFound("unit-unknown", words)
    return found


async def _known_unit(books: Ledger, name: str, registry: Registry, today: date) -> int | None:
    """The one unit in force that a name stands for, or None."""
    match = Directory(registry, today).find(name) if name.strip() else None
    if match is None or match.kind not in _KNOWN or match.kind == "group":
        return None
    found = await books.rows("SELECT id FROM unit WHERE realm = :r AND slug = :s", r=books.realm, s=match.ids[0])
    return int(found[0]["id"]) if found else None


async def _authority_unit(books: Ledger) -> int:
    found = await books.one(
        """SELECT p.unit_id AS id FROM person p JOIN person_role r ON r.person_id = p.id
           WHERE p.realm = :realm AND r.role = 'leader' ORDER BY p.id LIMIT 1""",
        NotFound("leader-missing", "Danh mục chưa có người vai trò leader (lãnh đạo cơ quan ban hành)."),
        realm=books.realm,
    )
    return int(found["id"])


async def _common_group(books: Ledger, registry: Registry) -> int:
    slug = registry.authority.reporting_group or REPORTING_GROUP
    found = await books.one(
        "SELECT id FROM unit_group WHERE realm = :realm AND slug = :slug",
        NotFound("group-missing", f"Danh mục chưa có nhóm {slug} (các đơn vị có nghĩa vụ báo cáo chung)."),
        realm=books.realm,
        slug=slug,
    )
    return int(found["id"])


async def write_recipients(books: Ledger, plan: int, draft: PlanDraft, now: datetime) -> None:
    """Put in the units that the draft's lead agency reports to, in the place of those there were."""
    registry = await read_registry(books.connection, books.realm)
    directory = Directory(registry, local_date(now))
    members = {group.id: group.members for group in registry.groups}
    wanted: set[str] = set()
    for name in (name for rule in draft.reporting if rule.from_ == "lead" for name in rule.to):
        match = directory.find(name)
        if match.kind in _KNOWN:
            wanted.update(members.get(match.ids[0], match.ids))
    await books.run("DELETE FROM plan_recipient WHERE plan_id = :plan", plan=plan)
    await books.run(
        """INSERT INTO plan_recipient (plan_id, unit_id)
           SELECT :plan, id FROM unit WHERE realm = :realm AND slug = ANY(:slugs) ORDER BY id""",
        plan=plan,
        realm=books.realm,
        slugs=sorted(wanted),
    )


async def check_people(books: Ledger, plan: int) -> None:
    """Raises `Refusal` for a task that nobody leads, or a rollup that nobody receives: each would wait for nobody."""
    idle = await books.rows(
        """SELECT ordinal FROM task t WHERE plan_id = :plan AND withdrawn_at IS NULL AND NOT EXISTS (
             SELECT FROM task_owner o WHERE o.task_id = t.id AND o.role = 'lead' AND o.ended_at IS NULL)
           ORDER BY ordinal""",
        plan=plan,
    )
    if idle:
        which = ", ".join(task_label(row["ordinal"]) for row in idle)
        raise Refusal("lead-missing", f"{which} chưa có đơn vị chủ trì còn hiệu lực; hãy sửa kế hoạch hoặc danh mục.")
    if not await books.rows("SELECT unit_id FROM plan_recipient WHERE plan_id = :plan", plan=plan):
        raise Refusal("recipient-missing", "Chưa rõ nơi nhận báo cáo tổng hợp; hãy sửa kế hoạch hoặc danh mục.")
