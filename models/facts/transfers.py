"""A task that changes hands: handed back by a unit that says it is not its own, or given to another by the coordinator.

What the former lead has answered stays with it, to be decided; what it has not answered, the new lead owes from now on,
with at least the policy's working days for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from domain.deadlines import with_grace
from domain.due_rules import Due, DueRule
from domain.errors import Conflict, NotFound, Refusal
from domain.policy import Policy
from domain.reporting import task_label
from domain.workdays import last_day_of, local_date
from models.facts.frame import Actor, Door, Ledger, ledger
from models.facts.running_tasks import open_obligations, running_task, tell_rounds, tell_task, unit_that_can_lead
from models.facts.task_rows import COORDINATING
from models.realm_calendar import read_calendar

TRANSFERS = 10_000
"""Notices of transfers count their occurrences from here, those of amendments from 1, so that no key comes twice."""
_ASKED = """
SELECT h.*, t.ordinal, p.slug FROM hand_back h JOIN task t ON t.id = h.task_id JOIN plan p ON p.id = t.plan_id
WHERE h.id = :id AND p.realm = :realm
"""
_LEAD = """
SELECT o.id, o.unit_id, u.name FROM task_owner o JOIN unit u ON u.id = o.unit_id
WHERE o.task_id = :task AND o.unit_id = :unit AND o.role = 'lead' AND o.ended_at IS NULL
"""
_OWN = """
INSERT INTO task_owner (task_id, unit_id, role, text) VALUES (:task, :unit, 'lead', :words)
ON CONFLICT (task_id, unit_id, role) DO UPDATE SET ended_at = NULL, text = EXCLUDED.text, told_at = NULL, raised = 0,
  acknowledged_at = NULL, acknowledged_by = NULL
"""
_OWE = """
INSERT INTO obligation (round_id, unit_id, due_strict, due_literal, due_lenient, late_at, due_text, due_rule,
                        calendar_version, epoch, raised, opened, suspended_at)
VALUES (:round, :unit, :strict, :literal, :lenient, :late, :words, :rule, :version, 0, 0, false, :suspended)
ON CONFLICT (round_id, unit_id) DO UPDATE SET withdrawn_at = NULL, withdrawn_reason = '',
  due_strict = EXCLUDED.due_strict, due_literal = EXCLUDED.due_literal, due_lenient = EXCLUDED.due_lenient,
  late_at = EXCLUDED.late_at, due_text = EXCLUDED.due_text, due_rule = EXCLUDED.due_rule,
  calendar_version = EXCLUDED.calendar_version, epoch = obligation.epoch + 1, raised = 0, opened = false,
  suspended_at = EXCLUDED.suspended_at
WHERE obligation.withdrawn_at IS NOT NULL
"""
_SETTLE = """
UPDATE hand_back SET decision = :decision, decision_reason = :reason, decided_at = :now, decided_by = :person,
  given_to = :unit WHERE id = :id
"""


@dataclass(frozen=True)
class Transfer:
    """Who gives a task to whom, why, and when."""

    task: RowMapping
    old: RowMapping
    new: RowMapping
    reason: str
    now: datetime


async def hand_back(
    door: Door, actor: Actor, plan: str, ordinal: int, reason: str, suggested: str = ""
) -> tuple[int, list[str]]:
    """Say that a task is not one's own unit's; `suggested` is the slug of the unit whose it might be.

    Returns the request's number and whom to ring. Raises `Refusal` without a reason, for a unit that does not lead the
    task or has had a report on it accepted, `Conflict` while a request of the unit waits.
    """
    if not reason.strip():
        raise Refusal("reason-missing", "Trả lại nhiệm vụ phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        task = await running_task(books, plan, ordinal)
        unit = await _lead(books, task, actor.unit, "Đơn vị của bạn")
        await _check_unasked(books, task, actor.unit)
        now = await books.now()
        whose = await _new_lead(books, task, suggested, now) if suggested else None
        made = await books.rows(
            """INSERT INTO hand_back (task_id, unit_id, suggested_unit_id, reason, asked_at, asked_by)
               VALUES (:task, :unit, :suggested, :reason, :now, :person) RETURNING id""",
            task=task["id"],
            unit=actor.unit,
            suggested=whose["id"] if whose else None,
            reason=reason,
            now=now,
            person=actor.person,
        )
        number = int(made[0]["id"])
        words = f"{unit['name']} đề nghị trả lại {task_label(ordinal)}. Lý do: {reason}"
        words += f" Đề nghị giao cho {whose['name']}." if whose else ""
        await tell_task(books, actor, task, "hand_back_requested", now, words, number, actor.unit)
        return number, books.rings


async def _check_unasked(books: Ledger, task: RowMapping, unit: int) -> None:
    """Raises `Conflict` while a request of the unit waits, `Refusal` where its report on the task was accepted."""
    if await books.rows(
        "SELECT 1 FROM hand_back WHERE task_id = :task AND unit_id = :unit AND decision IS NULL",
        task=task["id"],
        unit=unit,
    ):
        raise Conflict("hand-back-waiting", "Đơn vị đã có đề nghị trả lại nhiệm vụ này đang chờ quyết định.")
    if await books.rows(
        """SELECT 1 FROM obligation o JOIN round r ON r.id = o.round_id
           WHERE r.task_id = :task AND o.unit_id = :unit AND o.accepted_at IS NOT NULL""",
        task=task["id"],
        unit=unit,
    ):
        words = "Đơn vị đã có báo cáo được tiếp nhận ở nhiệm vụ này nên không phải giao nhầm; hãy trao đổi với cơ"
        raise Refusal("already-reported", f"{words} quan chủ trì nếu cần chuyển nhiệm vụ.")


async def decide_hand_back(
    door: Door, actor: Actor, number: int, granted: bool, to: str = "", reason: str = ""
) -> list[str]:
    """Give a task that was handed back to the unit `to`, or refuse with a reason; returns whom to ring.

    Raises `Conflict` where it is decided already, `Refusal` for a unit that cannot lead the task and where the one that
    asked leads it no more.
    """
    if granted and not to:
        raise Refusal("unit-missing", "Nhận lại nhiệm vụ thì phải chọn đơn vị được giao thay.")
    if not granted and not reason.strip():
        raise Refusal("reason-missing", "Không nhận lại nhiệm vụ thì phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        unknown = NotFound("hand-back-unknown", f"Không có đề nghị trả lại nhiệm vụ số {number}.")
        asked = await books.one(_ASKED, unknown, id=number, realm=actor.realm)
        task = await running_task(books, asked["slug"], asked["ordinal"])
        asked = await books.one(_ASKED, unknown, id=number, realm=actor.realm)  # as it is under the task's lock
        if asked["decision"] is not None:
            raise Conflict("already-decided", "Đề nghị này đã được quyết định; tải lại trang để xem kết quả.")
        old = await _lead(books, task, asked["unit_id"], "Đơn vị đề nghị")
        now = await books.now()
        if granted:
            new = await _new_lead(books, task, to, now)
            await _transfer(books, actor, Transfer(task, old, new, reason.strip() or asked["reason"], now))
        else:
            await books.run(
                _SETTLE, decision="refused", reason=reason, now=now, person=actor.person, unit=None, id=number
            )
            words = f"Không nhận lại {task_label(task['ordinal'])} từ {old['name']}. Lý do: {reason}"
            await tell_task(books, actor, task, "hand_back_refused", now, words, number, old["unit_id"])
        return books.rings


async def reassign(
    door: Door, actor: Actor, plan: str, ordinal: int, from_unit: str, to_unit: str, reason: str
) -> list[str]:
    """Give a unit's lead of a task to another unit, unasked; returns whom to ring.

    A request of the former lead to hand it back is granted by that. Raises `NotFound`, and `Refusal` without a reason,
    for a unit that does not lead the task and for one that cannot, or does already.
    """
    if not reason.strip():
        raise Refusal("reason-missing", "Chuyển nhiệm vụ phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        task = await running_task(books, plan, ordinal)
        given = await books.one(
            "SELECT id, name FROM unit WHERE realm = :realm AND slug = :slug",
            NotFound("unit-unknown", f"Không có đơn vị mã {from_unit!r}."),
            realm=actor.realm,
            slug=from_unit,
        )
        old = await _lead(books, task, given["id"], given["name"])
        now = await books.now()
        new = await _new_lead(books, task, to_unit, now)
        await _transfer(books, actor, Transfer(task, old, new, reason, now))
        return books.rings


async def _lead(books: Ledger, task: RowMapping, unit: int, who: str) -> RowMapping:
    found = await books.rows(_LEAD, task=task["id"], unit=unit)
    if not found:
        raise Refusal("not-lead", f"{who} không chủ trì {task_label(task['ordinal'])}; hãy tải lại trang để xem.")
    return found[0]


async def _new_lead(books: Ledger, task: RowMapping, slug: str, now: datetime) -> RowMapping:
    unit = await unit_that_can_lead(books, slug, local_date(now))
    if await books.rows(_LEAD, task=task["id"], unit=unit["id"]):
        words = f"{unit['name']} đã chủ trì {task_label(task['ordinal'])}; hãy chọn đơn vị khác."
        raise Refusal("already-lead", words)
    return unit


async def _transfer(books: Ledger, actor: Actor, work: Transfer) -> None:
    """Everything a transfer changes: the owners, what is owed, a request that it grants; then the facts."""
    task, old, new, now = work.task, work.old, work.new, work.now
    owed = [o for o in await open_obligations(books, task) if o["unit_id"] == old["unit_id"] and not o["answered"]]
    await books.run(
        """UPDATE task_owner SET ended_at = :now WHERE id = :old
           OR (task_id = :task AND unit_id = :new AND role = :coordinating AND ended_at IS NULL)""",
        now=now,
        old=old["id"],
        task=task["id"],
        new=new["id"],
        coordinating=COORDINATING,
    )
    await books.run(_OWN, task=task["id"], unit=new["id"], words=new["name"])
    await _hand_over(books, work, owed)
    await _grant(books, actor, work)
    label = task_label(task["ordinal"])
    words = f"chuyển từ {old['name']} sang {new['name']}"
    await tell_rounds(books, actor, task, (o["label"] for o in owed), "round_amended", now, words)
    told = f"Chuyển chủ trì {label} từ {old['name']} sang {new['name']}. Lý do: {work.reason}"
    earlier = await books.rows("SELECT 1 FROM fact WHERE task_id = :id AND kind = 'lead_given'", id=task["id"])
    occurrence = TRANSFERS + len(earlier) + 1
    await tell_task(books, actor, task, "lead_taken", now, told, occurrence, old["unit_id"])
    await tell_task(books, actor, task, "lead_given", now, told, occurrence, new["id"])


async def _hand_over(books: Ledger, work: Transfer, owed: Sequence[RowMapping]) -> None:
    """What the old lead owes and has not answered is withdrawn from it, and owed by the new one."""
    task = work.task
    await books.run(
        """UPDATE obligation SET withdrawn_at = :now, withdrawn_reason = :words, suspended_at = NULL
           WHERE id = ANY(:ids)""",
        now=work.now,
        words=f"Đã chuyển {task_label(task['ordinal'])} cho {work.new['name']}",
        ids=[o["id"] for o in owed],
    )
    policy = Policy.from_json(task["policy"])
    calendar = await read_calendar(books.connection, books.realm)
    standing = task["suspended_at"] or work.now  # while a task rests no working day passes
    for o in owed:
        had = Due(o["due_strict"], o["due_literal"], o["due_lenient"])
        due = with_grace(had, standing, policy.transfer_workdays, calendar)
        moved = DueRule("by", last_day_of(due.strict)) if due != had else None
        await books.run(
            _OWE,
            round=o["round_id"],
            unit=work.new["id"],
            strict=due.strict,
            literal=due.literal,
            lenient=due.lenient,
            late=due.late(policy.lateness),
            words=moved.words() if moved else o["due_text"],
            rule=str(moved) if moved else o["due_rule"],
            version=calendar.version if moved else o["calendar_version"],
            suspended=task["suspended_at"],
        )


async def _grant(books: Ledger, actor: Actor, work: Transfer) -> None:
    waiting = await books.rows(
        "SELECT id FROM hand_back WHERE task_id = :task AND unit_id = :unit AND decision IS NULL",
        task=work.task["id"],
        unit=work.old["unit_id"],
    )
    for asked in waiting:
        await books.run(
            _SETTLE, decision="granted", reason=work.reason, now=work.now, person=actor.person, unit=work.new["id"],
            id=asked["id"],
        )  # fmt: skip
