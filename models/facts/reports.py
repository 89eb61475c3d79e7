"""What units do: acknowledge, keep a draft, report."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from domain.errors import Conflict, NotFound, Refusal
from domain.ids import round_id, task_id
from domain.policy import Policy
from domain.reporting import task_label
from domain.suspension import workdays_rested
from domain.workdays import local_date
from models.facts.frame import Actor, Door, Ledger, ledger
from models.realm_calendar import read_calendar

PROGRESS = ("Vượt", "Đạt", "Chậm")


@dataclass(frozen=True)
class Report:
    """A unit's answer. Either `result` says what was done, or `nil` is true and `nil_reason` says why nothing was."""

    result: str = ""
    progress: str = ""
    percent: int | None = None
    difficulties: str = ""
    proposals: str = ""
    nil: bool = False
    nil_reason: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class Received:
    """The receipt of a report: its revision and legal time, and whom to ring."""

    submission: int
    revision: int
    received_at: datetime
    in_time: bool
    rings: list[str]


def check_report(report: Report) -> None:
    """Raises `Refusal` with what is missing."""
    if report.nil and not report.nil_reason.strip():
        raise Refusal("nil-reason-missing", "Báo cáo không phát sinh phải nêu lý do.")
    if not report.nil and not report.result.strip():
        raise Refusal("result-missing", "Hãy nêu kết quả thực hiện, hoặc chọn báo cáo không phát sinh và nêu lý do.")
    if report.nil and report.result.strip():
        raise Refusal("nil-with-result", "Báo cáo không phát sinh thì không có kết quả; hãy chọn một trong hai.")
    if report.percent is not None and not 0 <= report.percent <= 100:
        raise Refusal("percent-out-of-range", "Tỷ lệ hoàn thành phải từ 0 đến 100.")
    if report.progress and report.progress not in PROGRESS:
        raise Refusal("progress-unknown", f"Tiến độ phải là một trong: {', '.join(PROGRESS)}.")


OBLIGATION = """
SELECT o.*, r.label, r.task_id, t.ordinal, t.plan_id, p.slug, p.realm, p.policy, p.lead_unit_id, u.name AS unit_name
FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id
JOIN unit u ON u.id = o.unit_id
WHERE o.id = :id AND p.realm = :realm FOR UPDATE OF o
"""


_RESTS = "SELECT suspended_at, resumed_at FROM suspension WHERE task_id = :task AND resumed_at IS NOT NULL"


async def locked(books: Ledger, obligation: int) -> RowMapping:
    """The obligation under its lock; raises `NotFound`, and `Conflict` for one that an amendment withdrew."""
    row = await books.one(
        OBLIGATION,
        NotFound("obligation-unknown", f"Không có nghĩa vụ báo cáo số {obligation}."),
        id=obligation,
        realm=books.realm,
    )
    if row["withdrawn_at"] is not None:
        raise Conflict("obligation-withdrawn", f"Không còn phải báo cáo: {row['withdrawn_reason']}.")
    return row


def workflow_of(row: RowMapping) -> str:
    """The round's workflow."""
    return round_id(row["realm"], row["slug"], row["ordinal"], row["label"])


def about(row: RowMapping) -> str:
    """Nhiệm vụ 02 kỳ 2024, for summaries; never a word of what was reported."""
    return f"{task_label(row['ordinal'])} kỳ {row['label']}"


async def submit_report(door: Door, actor: Actor, obligation: int, report: Report) -> Received:
    """Receive a report; the time of receipt is read under the obligation's lock.

    Raises `Conflict` while an earlier revision waits for its review or is accepted, `Refusal` for what is missing.
    """
    check_report(report)
    async with ledger(door, actor.realm) as books:
        row = await locked(books, obligation)
        earlier = await books.rows(
            "SELECT * FROM submission WHERE obligation_id = :id ORDER BY revision DESC LIMIT 1", id=obligation
        )
        last = earlier[0] if earlier else None
        if row["accepted_at"] is not None:
            raise Conflict("already-accepted", "Báo cáo của nghĩa vụ này đã được tiếp nhận; không gửi thêm.")
        if last is not None and last["decision"] is None:
            raise Conflict("already-submitted", "Đã có báo cáo đang chờ xem xét; chờ kết quả hoặc yêu cầu trả lại.")
        now = await books.now()
        effective = await _effective(books, row, last, now)
        if effective >= row["late_at"] and not report.explanation.strip():
            raise Refusal("explanation-missing", "Báo cáo đã quá hạn; hãy ghi giải trình lý do chậm.")
        revision = last["revision"] + 1 if last else 1
        made = await books.rows(
            """INSERT INTO submission (obligation_id, revision, person_id, result, progress, percent, difficulties,
                 proposals, nil, nil_reason, explanation, received_at, effective_at, decision_reason)
               VALUES (:id, :revision, :person, :result, :progress, :percent, :difficulties, :proposals, :nil,
                 :nil_reason, :explanation, :now, :effective, '') RETURNING id""",
            id=obligation,
            revision=revision,
            person=actor.person,
            now=now,
            effective=effective,
            **asdict(report),
        )
        await books.run("DELETE FROM report_draft WHERE obligation_id = :id", id=obligation)
        words = "báo cáo không phát sinh" if report.nil else "gửi báo cáo"
        await books.fact(
            workflow_of(row), "submitted", now, f"{row['unit_name']} {words} {about(row)} (lần {revision})",
            person_id=actor.person, plan_id=row["plan_id"], task_id=row["task_id"], obligation_id=obligation,
            submission_id=made[0]["id"], unit_id=row["unit_id"], occurrence=revision,
        )  # fmt: skip
        return Received(made[0]["id"], revision, now, effective < row["late_at"], books.rings)


async def _effective(books: Ledger, row: RowMapping, last: RowMapping | None, now: datetime) -> datetime:
    """When it counts as received: a return answered within the policy's days keeps the first receipt.

    While the task is suspended time stands still: a report counts as received when the rest began, and the days in
    which it rested are none of those days.
    """
    if row["suspended_at"] is not None:
        now = min(now, row["suspended_at"])
    if last is None or last["decision"] != "returned":
        return now
    policy = Policy.from_json(row["policy"])
    calendar = await read_calendar(books.connection, books.realm)
    rests = [(r["suspended_at"], r["resumed_at"]) for r in await books.rows(_RESTS, task=row["task_id"])]
    rested = workdays_rested(rests, last["decided_at"], calendar)
    answer_by = calendar.shift(local_date(last["decided_at"]), policy.return_workdays + rested)
    found: datetime = last["effective_at"] if local_date(now) <= answer_by else now
    return found


async def save_draft(door: Door, actor: Actor, obligation: int, report: Report) -> datetime:
    """Keep what was written so far; replaces the earlier draft. Returns when."""
    async with ledger(door, actor.realm) as books:
        await locked(books, obligation)
        now = await books.now()
        await books.run(
            """INSERT INTO report_draft (obligation_id, body, saved_at, saved_by) VALUES (:id, :body, :now, :person)
               ON CONFLICT (obligation_id) DO UPDATE SET body = EXCLUDED.body, saved_at = EXCLUDED.saved_at,
                 saved_by = EXCLUDED.saved_by""",
            id=obligation,
            body=json.dumps(asdict(report), ensure_ascii=False),
            now=now,
            person=actor.person,
        )
        return now


async def acknowledge(door: Door, actor: Actor, plan: str, ordinal: int) -> list[str]:
    """The unit says that it has received the task; a repetition changes nothing. Returns whom to ring."""
    async with ledger(door, actor.realm) as books:
        owners = await books.rows(
            """SELECT o.*, u.name AS unit_name, t.plan_id FROM task_owner o JOIN task t ON t.id = o.task_id
               JOIN plan p ON p.id = t.plan_id JOIN unit u ON u.id = o.unit_id
               WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal AND o.unit_id = :unit
                 AND o.ended_at IS NULL AND t.withdrawn_at IS NULL
               ORDER BY o.id FOR UPDATE OF o""",
            realm=actor.realm,
            plan=plan,
            ordinal=ordinal,
            unit=actor.unit,
        )
        if not owners:
            raise NotFound("task-not-yours", f"Đơn vị không có phần việc ở nhiệm vụ {ordinal} của kế hoạch {plan}.")
        if all(o["acknowledged_at"] for o in owners):
            return []
        now = await books.now()
        await books.run(
            """UPDATE task_owner SET acknowledged_at = :now, acknowledged_by = :person
               WHERE id = ANY(:ids) AND acknowledged_at IS NULL""",
            now=now,
            person=actor.person,
            ids=[o["id"] for o in owners],
        )
        await books.fact(
            task_id(actor.realm, plan, ordinal), "acknowledged", now,
            f"{owners[0]['unit_name']} tiếp nhận {task_label(ordinal)}", person_id=actor.person,
            plan_id=owners[0]["plan_id"], task_id=owners[0]["task_id"], unit_id=actor.unit,
        )  # fmt: skip
        return books.rings
