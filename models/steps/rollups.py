"""The steps of a rollup: compile and freeze, have it signed, render, send, and wait for the acknowledgement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.contracts import StepRequest, StepResult, Wait
from domain.deadlines import Due
from domain.ids import plan_id
from domain.notices import NoticeKind, Role, heading
from domain.reporting import canonical_json, sha256_hex
from models.bells import ring_bell
from models.queries.compilation import compile_rollup
from models.steps.context import PlanContext, plan_context
from models.steps.frame import Books, take
from models.steps.raising import Wanted, raise_notices
from models.steps.supplements import want_supplement

LOOK_AGAIN = timedelta(hours=1)
"""A recipient whom no channel reaches leaves no delivery that could ring, so the sending is looked at by itself too."""


async def step_rollup(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Do what is due for the rollup `request.subject`."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    await _lock(books)
    await books.begin()
    row = await _read(books)
    plan = await plan_context(books, row["plan_id"])
    did = [str(fact["summary"]) for fact in await books.facts()]
    if row["compiled_at"] is None:
        if books.now < row["compile_at"]:
            words = f"Tổng hợp báo cáo kỳ {row['period']}"
            return StepResult(tuple(did), "compile", words, Wait(row["compile_at"]), state="gathering",
                              due_at=row["due_strict"], details="Đang chờ báo cáo của các đơn vị")  # fmt: skip
        did.append(await _compile(books, row, plan))
        row = await _read(books)
    if row["signed_at"] is None:
        return await _wait_for_signature(books, row, plan, did)
    return await _after_signature(books, row, plan, did)


async def _lock(books: Books) -> None:
    await books.row("SELECT id FROM rollup WHERE id = :id FOR UPDATE", id=books.request.subject)


async def _read(books: Books) -> RowMapping:
    return await books.row("SELECT * FROM rollup WHERE id = :id", id=books.request.subject)


def _notice(
    plan: PlanContext, row: RowMapping, rung: str, role: Role, kind: NoticeKind, unit: int | None = None
) -> Wanted:
    held_by = plan.authority_unit if role is Role.LEADER else plan.lead_unit
    return Wanted(
        f"rollup/{row['id']}", row["version"], rung, 0, role, unit or held_by, kind, plan.id, rollup_id=row["id"]
    )


async def _compile(books: Books, row: RowMapping, plan: PlanContext) -> str:
    compilation = await compile_rollup(books.connection, row["id"], books.now)
    frozen = canonical_json(compilation.document)
    version = row["version"] + 1
    await books.run(
        """INSERT INTO rollup_version (rollup_id, version, frozen, sha256, compiled_at, last_submission_id)
           VALUES (:id, :version, :frozen, :sha256, :now, :last)""",
        {
            "id": row["id"],
            "version": version,
            "frozen": frozen,
            "sha256": sha256_hex(frozen),
            "now": books.now,
            "last": compilation.last_submission,
        },
    )
    await books.run(
        "UPDATE rollup SET compiled_at = :now, version = :version, raised = -1 WHERE id = :id",
        {"now": books.now, "version": version, "id": row["id"]},
    )
    kind = NoticeKind.ROLLUP_COMPILED
    wanted = _notice(plan, {**row, "version": version}, "compiled", Role.SIGNER, kind)  # type: ignore[arg-type]
    await raise_notices(books, [wanted], plan.policy)
    counts = compilation.document.obligation_counts
    return f"Tổng hợp lần {version} · {counts.done}/{counts.total} nghĩa vụ đã hoàn thành"


async def _wait_for_signature(books: Books, row: RowMapping, plan: PlanContext, did: list[str]) -> StepResult:
    ladder = plan.policy.climbing(plan.policy.rollup_ladder, plan.calendar)
    due = Due(row["due_strict"], row["due_literal"], row["due_lenient"])
    raised = row["raised"]
    standing = ladder.standing(due, max(raised, 0), books.now)
    if standing.due_rung is not None:
        rung = standing.due_rung
        # What passed before it was compiled is behind, unless it is overdue already: then those above must know.
        told = raised >= 0 or rung.kind is NoticeKind.ROLLUP_OVERDUE
        raised = standing.reached
        if told:
            await raise_notices(books, [_notice(plan, row, rung.name, r, rung.kind) for r in rung.roles], plan.policy)
            did.append(heading(rung.kind, rung.name))
    await books.run("UPDATE rollup SET raised = :n WHERE id = :id", {"n": max(raised, 0), "id": row["id"]})
    upcoming = ladder.standing(due, max(raised, 0), books.now)
    words = heading(upcoming.next_rung.kind, upcoming.next_rung.name) if upcoming.next_rung else "Chờ ký"
    return StepResult(
        did=tuple(did),
        next_step="wait_for_signature",
        next_summary=words,
        wait=Wait(upcoming.next_at),
        state="unsigned",
        due_at=row["due_strict"],
        details="Đang chờ ký báo cáo tổng hợp",
        open_count=1,
    )


async def _after_signature(books: Books, row: RowMapping, plan: PlanContext, did: list[str]) -> StepResult:
    if row["rendered_at"] is None:
        if await _missed(books, row):
            await want_supplement(books, plan, row["period_to"])
        return StepResult(tuple(did), "render", "Kết xuất DOCX, PDF, XLSX", Wait(books.now), state="signed")
    if row["sent_at"] is None:
        return await _send(books, row, plan, did)
    if row["acknowledged_at"] is None:
        words = "Chờ nơi nhận xác nhận"
        return StepResult(tuple(did), "wait_for_acknowledgement", words, Wait(), state="sent", details=words)
    above = plan_id(plan.realm, plan.slug)
    if await ring_bell(books.connection, above):
        books.rings.append(above)
    return StepResult((*did, "Kết thúc báo cáo tổng hợp"), closed=True, state="closed", details="Đã được tiếp nhận")


_MISSED = """
SELECT (SELECT count(*) FROM obligation o JOIN round r ON r.id = o.round_id JOIN task t ON t.id = r.task_id
        WHERE t.plan_id = :plan AND r.period_to BETWEEN :from AND :to AND o.accepted_at IS NOT NULL
          AND o.withdrawn_at IS NULL)
     > (SELECT max((c.counts ->> 'done_on_time')::int + (c.counts ->> 'done_late')::int)
        FROM rollup x JOIN rollup_version v ON v.rollup_id = x.id AND v.version = x.version,
             LATERAL (SELECT convert_from(v.frozen, 'UTF8')::jsonb -> 'obligation_counts' AS counts) c
        WHERE x.plan_id = :plan AND x.period = :period) AS missed
"""


async def _missed(books: Books, row: RowMapping) -> bool:
    """Whether a report was accepted while what it is missing from waited for its signature."""
    days = {"from": row["period_from"], "to": row["period_to"]}
    return bool((await books.row(_MISSED, plan=row["plan_id"], period=row["period"], **days))["missed"])


async def _send(books: Books, row: RowMapping, plan: PlanContext, did: list[str]) -> StepResult:
    """Raise the sending once, then wait until the dispatch says that every recipient has it."""
    units = await books.rows("SELECT unit_id FROM plan_recipient WHERE plan_id = :id ORDER BY unit_id", id=plan.id)
    wanted = [_notice(plan, row, "rollup", Role.RECIPIENT, NoticeKind.ROLLUP, u["unit_id"]) for u in units]
    if await raise_notices(books, wanted, plan.policy):
        did.append(f"Gửi báo cáo tổng hợp tới {len(units)} nơi nhận")
    outstanding = await books.row(
        """SELECT count(*) AS n FROM notice
           WHERE subject = :subject AND epoch = :version AND rung = 'rollup' AND state IN ('pending', 'reserved')""",
        subject=f"rollup/{row['id']}",
        version=row["version"],
    )
    if outstanding["n"]:
        words = "Chờ thư đi tới nơi nhận"
        again = Wait(plan.policy.send_at(books.now, NoticeKind.ROLLUP) + LOOK_AGAIN)
        return StepResult(tuple(did), "wait_for_sending", words, again, state="sending", details=words)
    await books.run("UPDATE rollup SET sent_at = :now WHERE id = :id", {"now": books.now, "id": row["id"]})
    did.append(await _tell_of_sending(books, row, plan))
    words = "Chờ nơi nhận xác nhận"
    return StepResult(tuple(did), "wait_for_acknowledgement", words, Wait(), state="sent", details=words)


async def _tell_of_sending(books: Books, row: RowMapping, plan: PlanContext) -> str:
    """Tell the coordinator that it has gone, and which recipients could not be reached and need another way."""
    found = await books.rows(
        "SELECT unit_id, state FROM notice WHERE subject = :subject AND epoch = :version AND rung = 'rollup'",
        subject=f"rollup/{row['id']}",
        version=row["version"],
    )
    missing = [_unreached(plan, row, n["unit_id"]) for n in found if n["state"] != "sent"]
    gone = [_notice(plan, row, "sent", Role.COORDINATOR, NoticeKind.ROLLUP_SENT)] if len(found) > len(missing) else []
    await raise_notices(books, gone + missing, plan.policy)
    return "Đã gửi báo cáo tổng hợp" if gone else "Không gửi được báo cáo tổng hợp tới nơi nhận nào"


def _unreached(plan: PlanContext, row: RowMapping, unit: int) -> Wanted:
    wanted = _notice(plan, row, "unreachable", Role.COORDINATOR, NoticeKind.UNREACHABLE)
    return replace(wanted, subject=f"rollup/{row['id']}/unit/{unit}", detail=f"unit:{unit}")


async def store_artefacts(
    engine: AsyncEngine, request: StepRequest, version: int, files: list[tuple[str, str, bytes]], made_with: str
) -> StepResult:
    """Keep the rendered files of a signed version, as the step that rendering is.

    `files` are (name, media type, bytes). A version unlocked meanwhile keeps its files too, and is not sent.
    """

    async def body(books: Books) -> StepResult:
        await _lock(books)
        await books.begin()
        row = await _read(books)
        await books.run(
            """INSERT INTO artefact (rollup_id, version, name, media_type, content, sha256, made_with)
               VALUES (:id, :version, :name, :media, :content, :sha256, :made) ON CONFLICT DO NOTHING""",
            [
                {
                    "id": row["id"],
                    "version": version,
                    "name": n,
                    "media": m,
                    "content": c,
                    "sha256": sha256_hex(c),
                    "made": made_with,
                }
                for n, m, c in files
            ],
        )
        if row["version"] == version and row["signed_at"] is not None:
            await books.run("UPDATE rollup SET rendered_at = :now WHERE id = :id", {"now": books.now, "id": row["id"]})
        did = (f"Kết xuất {len(files)} tệp của bản {version}",)
        return StepResult(did, "send", "Gửi báo cáo tổng hợp", Wait(books.now), state="rendered")

    return await take(engine, request, body)


@dataclass(frozen=True)
class SignedVersion:
    """The current version of a rollup with its frozen bytes; `number` is the clerk's, where already given."""

    version: int
    frozen: bytes
    period: str
    supplement: int
    signed_at: datetime | None
    signer_name: str | None
    number: str | None


_CURRENT = """
SELECT r.version, v.frozen, r.period, r.supplement, r.signed_at, p.name, r.signed_number
FROM rollup r JOIN rollup_version v ON v.rollup_id = r.id AND v.version = r.version
LEFT JOIN person p ON p.id = r.signed_by WHERE r.id = :id
"""


async def current_version(connection: AsyncConnection, rollup: int) -> SignedVersion | None:
    """What there is to render; None before the first compilation."""
    row = (await connection.execute(text(_CURRENT), {"id": rollup})).one_or_none()
    return None if row is None else SignedVersion(*row)
