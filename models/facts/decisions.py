"""What the coordinator decides: accept or return a report, grant or refuse more time; and guidance that was issued."""

from __future__ import annotations

from datetime import date

from domain.deadlines import due_by
from domain.errors import Conflict, Forbidden, NotFound, Refusal
from domain.ids import task_id
from domain.notices import day_text
from domain.policy import Policy
from domain.reporting import task_label
from domain.workdays import local_date
from models.facts.frame import Actor, Door, ledger
from models.facts.reports import about, locked, workflow_of
from models.realm_calendar import read_calendar


async def decide_report(
    door: Door, actor: Actor, obligation: int, revision: int, accepted: bool, reason: str = ""
) -> list[str]:
    """Accept or return the revision that waits; returns whom to ring.

    Raises `Conflict` where it is decided already or is not the latest, `Forbidden` for one's own report, `Refusal` for
    a return without a reason.
    """
    if not accepted and not reason.strip():
        raise Refusal("reason-missing", "Trả lại báo cáo phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        row = await locked(books, obligation)
        submission = await books.one(
            "SELECT * FROM submission WHERE obligation_id = :id AND revision = :revision",
            NotFound("submission-unknown", f"Không có báo cáo lần {revision} của nghĩa vụ {obligation}."),
            id=obligation,
            revision=revision,
        )
        if submission["decision"] is not None:
            raise Conflict("already-decided", "Báo cáo này đã được quyết định; tải lại trang để xem kết quả.")
        if submission["person_id"] == actor.person:
            raise Forbidden("own-report", "Người gửi báo cáo không tự tiếp nhận hay trả lại báo cáo của mình.")
        now = await books.now()
        decision = "accepted" if accepted else "returned"
        await books.run(
            """UPDATE submission SET decision = :decision, decision_reason = :reason, decided_at = :now,
                 decided_by = :person WHERE id = :id""",
            decision=decision,
            reason=reason,
            now=now,
            person=actor.person,
            id=submission["id"],
        )
        if accepted:
            await books.run(
                "UPDATE obligation SET accepted_at = :now, effective_at = :effective WHERE id = :id",
                now=now,
                effective=submission["effective_at"],
                id=obligation,
            )
        else:
            await books.run("UPDATE obligation SET epoch = epoch + 1, raised = -1 WHERE id = :id", id=obligation)
        words = "Tiếp nhận" if accepted else "Trả lại"
        await books.fact(
            workflow_of(row), decision, now, f"{words} báo cáo {about(row)} của {row['unit_name']} (lần {revision})",
            person_id=actor.person, plan_id=row["plan_id"], task_id=row["task_id"], obligation_id=obligation,
            submission_id=submission["id"], unit_id=row["unit_id"], occurrence=revision,
        )  # fmt: skip
        return books.rings


async def ask_extension(door: Door, actor: Actor, obligation: int, until: date, reason: str) -> tuple[int, list[str]]:
    """Ask for time until the end of a day; returns the request's number and whom to ring.

    Raises `Refusal` after the due instant, for a day not later than the present one or far beyond the plan, without a
    reason or beyond the number the policy allows, and `Conflict` while a request waits or the report is in.
    """
    if not reason.strip():
        raise Refusal("reason-missing", "Đề nghị gia hạn phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        row = await locked(books, obligation)
        now = await books.now()
        if row["accepted_at"] is not None:
            raise Conflict("already-accepted", "Báo cáo đã được tiếp nhận; không cần gia hạn.")
        if now >= row["late_at"] and row["suspended_at"] is None:
            raise Refusal("extension-too-late", "Đã quá hạn; hãy gửi báo cáo kèm giải trình thay cho đề nghị gia hạn.")
        policy = Policy.from_json(row["policy"])
        if until.year > policy.last_year + 1:
            words = f"Ngày đề nghị phải trong thời gian của kế hoạch và năm liền sau (đến hết {policy.last_year + 1})."
            raise Refusal("extension-beyond-plan", words)
        asked = due_by(until, await read_calendar(books.connection, books.realm))
        if asked.late(policy.lateness) <= row["late_at"]:
            raise Refusal("extension-not-later", "Ngày đề nghị phải sau hạn hiện tại.")
        earlier = await books.rows("SELECT decision FROM extension WHERE obligation_id = :id", id=obligation)
        if any(e["decision"] is None for e in earlier):
            raise Conflict("extension-waiting", "Đã có đề nghị gia hạn đang chờ quyết định.")
        if sum(e["decision"] == "granted" for e in earlier) >= policy.extensions:
            raise Refusal("extension-limit", "Nghĩa vụ này đã được gia hạn hết số lần cho phép.")
        made = await books.rows(
            """INSERT INTO extension (obligation_id, until, reason, asked_at, asked_by, decision_reason)
               VALUES (:id, :until, :reason, :now, :person, '') RETURNING id""",
            id=obligation,
            until=until,
            reason=reason,
            now=now,
            person=actor.person,
        )
        number = int(made[0]["id"])
        await books.fact(
            workflow_of(row), "extension_requested", now, f"{row['unit_name']} đề nghị gia hạn {about(row)}",
            person_id=actor.person, plan_id=row["plan_id"], task_id=row["task_id"], obligation_id=obligation,
            unit_id=row["unit_id"], occurrence=number,
        )  # fmt: skip
        return number, books.rings


async def decide_extension(door: Door, actor: Actor, extension: int, granted: bool, reason: str = "") -> list[str]:
    """Grant (the due instants move and the ladder starts anew) or refuse with a reason; returns whom to ring."""
    if not granted and not reason.strip():
        raise Refusal("reason-missing", "Không gia hạn thì phải nêu lý do.")
    async with ledger(door, actor.realm) as books:
        asked = await books.one(
            """SELECT e.* FROM extension e JOIN obligation o ON o.id = e.obligation_id JOIN round r ON r.id = o.round_id
               JOIN task t ON t.id = r.task_id JOIN plan p ON p.id = t.plan_id WHERE e.id = :id AND p.realm = :realm""",
            NotFound("extension-unknown", f"Không có đề nghị gia hạn số {extension}."),
            id=extension,
            realm=actor.realm,
        )
        row = await locked(books, asked["obligation_id"])
        decided = (await books.rows("SELECT decision FROM extension WHERE id = :id", id=extension))[0]["decision"]
        if decided is not None:
            raise Conflict("already-decided", "Đề nghị này đã được quyết định.")
        if granted and row["accepted_at"] is not None:
            raise Conflict("already-accepted", "Báo cáo đã được tiếp nhận; không còn gì để gia hạn.")
        now = await books.now()
        decision = "granted" if granted else "refused"
        await books.run(
            """UPDATE extension SET decision = :decision, decision_reason = :reason, decided_at = :now,
                 decided_by = :person WHERE id = :id""",
            decision=decision,
            reason=reason,
            now=now,
            person=actor.person,
            id=extension,
        )
        if granted:
            calendar = await read_calendar(books.connection, books.realm)
            due = due_by(asked["until"], calendar)
            if due.late(Policy.from_json(row["policy"]).lateness) <= row["late_at"]:
                words = "Hạn báo cáo đã đổi và không sớm hơn ngày đề nghị; không cần gia hạn nữa."
                raise Refusal("extension-not-later", words)
            await books.run(
                """UPDATE obligation SET due_strict = :strict, due_literal = :literal, due_lenient = :lenient,
                     late_at = :late, due_text = :words, due_rule = :rule, calendar_version = :version,
                     epoch = epoch + 1, raised = -1
                   WHERE id = :id""",
                strict=due.strict,
                literal=due.literal,
                lenient=due.lenient,
                late=due.late(Policy.from_json(row["policy"]).lateness),
                words=f"gia hạn đến hết ngày {day_text(asked['until'])}",
                rule=f"by:{asked['until']}",
                version=calendar.version,
                id=asked["obligation_id"],
            )
        words = "Chấp thuận" if granted else "Không chấp thuận"
        await books.fact(
            workflow_of(row), f"extension_{decision}", now, f"{words} gia hạn {about(row)} cho {row['unit_name']}",
            person_id=actor.person, plan_id=row["plan_id"], task_id=row["task_id"],
            obligation_id=asked["obligation_id"], unit_id=row["unit_id"], occurrence=extension,
        )  # fmt: skip
        return books.rings


async def issue_guidance(door: Door, actor: Actor, plan: str, ordinal: int, number: str, issued_on: date) -> list[str]:
    """Record the guidance that an event-timed task waits for; returns whom to ring.

    Raises `Refusal` where the task waits for none or the date is still to come, `Conflict` where it is recorded.
    """
    async with ledger(door, actor.realm) as books:
        task = await books.one(
            """SELECT t.* FROM task t JOIN plan p ON p.id = t.plan_id
               WHERE p.realm = :realm AND p.slug = :plan AND t.ordinal = :ordinal FOR UPDATE OF t""",
            NotFound("task-unknown", f"Không có nhiệm vụ {ordinal} trong kế hoạch {plan}."),
            realm=actor.realm,
            plan=plan,
            ordinal=ordinal,
        )
        now = await books.now()
        if not task["after_event"] or task["withdrawn_at"] is not None:
            raise Refusal("guidance-not-awaited", f"Nhiệm vụ {ordinal} không chờ văn bản hướng dẫn.")
        if issued_on > local_date(now):
            raise Refusal("date-in-future", "Ngày ban hành văn bản chưa đến.")
        if await books.rows("SELECT 1 FROM guidance WHERE task_id = :id", id=task["id"]):
            raise Conflict("guidance-recorded", "Văn bản hướng dẫn của nhiệm vụ này đã được ghi nhận.")
        await books.run(
            """INSERT INTO guidance (task_id, number, issued_on, recorded_at, recorded_by)
               VALUES (:task, :number, :issued_on, :now, :person)""",
            task=task["id"],
            number=number,
            issued_on=issued_on,
            now=now,
            person=actor.person,
        )
        await books.fact(
            task_id(actor.realm, plan, ordinal), "guidance_issued", now,
            f"Đã có văn bản {number} cho {task_label(ordinal)}", person_id=actor.person, plan_id=task["plan_id"],
            task_id=task["id"],
        )  # fmt: skip
        return books.rings
