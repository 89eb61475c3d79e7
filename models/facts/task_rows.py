"""The rows of a plan's tasks and of who owns them, as a draft asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from domain.contracts import Process
from domain.ids import task_id
from domain.plan import OwnerRef, TaskDraft
from domain.reporting import task_label
from domain.timing import Timing, TimingKind, TimingRule
from domain.workdays import local_date
from models.bells import want
from models.facts.frame import Ledger
from models.plans import TIMING_RULES

COMMON_TITLE = "Báo cáo chung kết quả thực hiện kế hoạch"
COORDINATING, LEAD = "coordinating", "lead"
_IN_FORCE = """(u.valid_from IS NULL OR u.valid_from <= CAST(:today AS date))
      AND (u.valid_to IS NULL OR u.valid_to >= CAST(:today AS date))"""


async def write_common_task(books: Ledger, plan: int, slug: str, group: int, now: datetime) -> None:
    """Write task 0, the plan's own report, which the units of the group owe that are in force."""
    common = TaskDraft(0, COMMON_TITLE, result="Báo cáo", timing=Timing("Hằng năm", (TimingRule(TimingKind.YEARLY),)))
    key = await _write_row(books, plan, slug, common, now)
    units = await books.rows(
        f"""SELECT u.id, u.name FROM group_member g JOIN unit u ON u.id = g.unit_id
            WHERE g.group_id = :group AND {_IN_FORCE} ORDER BY u.id""",
        group=group,
        today=local_date(now),
    )
    for unit in units:
        await write_owner(books, key, unit["id"], LEAD, unit["name"])


async def write_task(
    books: Ledger, plan: int, slug: str, task: TaskDraft, now: datetime, ordinal: int | None = None
) -> int:
    """Write a task with its owners and want its workflow; returns its key.

    `ordinal`, where given, is its own in the books: the document's number is then kept as the printed one.
    """
    key = await _write_row(books, plan, slug, task, now, ordinal)
    for role, owners in ((LEAD, task.leads), (COORDINATING, task.coordinators)):
        for unit, words in (await units_of(books, owners, local_date(now))).items():
            await write_owner(books, key, unit, role, words)
    return key


async def _write_row(
    books: Ledger, plan: int, slug: str, task: TaskDraft, now: datetime, ordinal: int | None = None
) -> int:
    own = task.ordinal if ordinal is None else ordinal
    row = await books.rows(
        """INSERT INTO task (plan_id, ordinal, printed, title, result, timing_text, timing, after_event)
           VALUES (:plan, :ordinal, :printed, :title, :result, :words, CAST(:rules AS jsonb), :event) RETURNING id""",
        plan=plan,
        ordinal=own,
        printed=None if own == task.ordinal else task.ordinal,
        title=task.title,
        result=task.result or "",
        **timing_columns(task.timing),
    )
    key = int(row[0]["id"])
    title = f"{task_label(own)} · {slug}"
    await want(books.connection, task_id(books.realm, slug, own), books.realm, Process.TASK, key, title, now)
    return key


def timing_columns(timing: Timing) -> dict[str, str]:
    """A task's timing as its columns hold it: the words, the rules, and the event it waits for, if any."""
    events = [rule.event for rule in timing.rules if rule.kind is TimingKind.AFTER_EVENT and rule.event]
    return {
        "words": timing.text,
        "rules": TIMING_RULES.dump_json(timing.rules).decode(),
        "event": events[0] if events else "",
    }


async def units_of(books: Ledger, owners: Iterable[OwnerRef], today: date) -> dict[int, str]:
    """The units that the owners' words stand for, with these words; none for vague ones.

    A group means its members of that day. A unit named twice is there once, with the words that named it first.
    """
    units: dict[int, str] = {}
    for owner in owners:
        found = await books.rows(
            f"""SELECT id FROM unit WHERE realm = :realm AND slug = :unit
                UNION SELECT u.id FROM unit_group g JOIN group_member m ON m.group_id = g.id
                JOIN unit u ON u.id = m.unit_id
                WHERE g.realm = :realm AND g.slug = :group AND {_IN_FORCE} ORDER BY id""",
            today=today,
            realm=books.realm,
            unit=owner.unit or "",
            group=owner.group or "",
        )
        for row in found:
            units.setdefault(int(row["id"]), owner.text)
    return units


async def write_owner(books: Ledger, task: int, unit: int, role: str, words: str) -> None:
    """Write a unit's part in a task; one that it had before and lost is its own again, to be acknowledged anew."""
    await books.run(
        """INSERT INTO task_owner (task_id, unit_id, role, text) VALUES (:task, :unit, :role, :words)
           ON CONFLICT (task_id, unit_id, role) DO UPDATE SET ended_at = NULL, text = EXCLUDED.text,
             acknowledged_at = CASE WHEN task_owner.ended_at IS NULL THEN task_owner.acknowledged_at END,
             acknowledged_by = CASE WHEN task_owner.ended_at IS NULL THEN task_owner.acknowledged_by END""",
        task=task,
        unit=unit,
        role=role,
        words=words,
    )
