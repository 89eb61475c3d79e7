"""The steps of a round: open it, climb the ladder, take in what was reported and decided, close it.

Whatever its name, a step does all that is due by now and not yet done, so it may be late, early or repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import StepRequest, StepResult, Wait
from domain.deadlines import Due
from domain.ids import task_id
from domain.notices import NoticeKind, Role, heading
from domain.policy import Ladder, Rung
from domain.workdays import local_date
from models.bells import ring_bell
from models.reachable import REACHABLE
from models.steps.context import PlanContext, plan_context
from models.steps.frame import Books, take
from models.steps.letters import draft_letters
from models.steps.news import news_of
from models.steps.raising import Wanted, raise_notices
from models.steps.supplements import want_supplement

_LOCK = "SELECT id FROM obligation WHERE round_id = :round ORDER BY id FOR UPDATE"
_ANEW = ("returned", "extension_granted", "resumed", "round_moved", "calendar_moved")
"""Facts that begin a ladder anew; no step need have run since."""
_READ = f"""
SELECT o.*, EXISTS (SELECT FROM submission s WHERE s.obligation_id = o.id AND s.decision IS NULL) AS answered,
       {REACHABLE.format(unit="o.unit_id")} AS reachable
FROM obligation o WHERE o.round_id = :round AND o.withdrawn_at IS NULL ORDER BY o.id
"""


@dataclass
class RoundStep:
    """One step of one round while it is being taken."""

    books: Books
    plan: PlanContext
    ladder: Ladder
    round: RowMapping
    wanted: list[Wanted] = field(default_factory=list)
    did: list[str] = field(default_factory=list)
    raised: list[dict[str, int]] = field(default_factory=list)
    anew: dict[int | None, datetime] = field(default_factory=dict)
    """Obligation, or None for the whole round → when its ladder began anew, of what this step has taken in."""
    long_overdue: list[RowMapping] = field(default_factory=list)
    """Whose unit is to be urged by a letter."""
    next_at: datetime | None = None
    next_rungs: Counter[Rung] = field(default_factory=Counter)

    def notice(
        self, o: RowMapping, rung: str, role: Role, kind: NoticeKind, occurrence: int = 0, detail: str = ""
    ) -> Wanted:
        """A notice about an obligation to one role, addressed to the unit that holds the role."""
        unit = {Role.COORDINATOR: self.plan.lead_unit, Role.LEADER: self.plan.authority_unit}.get(role, o["unit_id"])
        return Wanted(
            f"obligation/{o['id']}",
            o["epoch"],
            rung,
            occurrence,
            role,
            unit,
            kind,
            self.plan.id,
            self.round["task_id"],
            self.round["id"],
            o["id"],
            detail=detail,
        )

    def needs_letter(self, reached: int) -> bool:
        """Whether one who has so many rungs behind is to be urged by a letter."""
        name = self.plan.policy.letter_rung
        return any(rung.name == name for rung in self.ladder.rungs[:reached])


async def step_round(engine: AsyncEngine, request: StepRequest) -> StepResult:
    """Do what is due in the round `request.subject`."""
    return await take(engine, request, _advance)


async def _advance(books: Books) -> StepResult:
    round_pk = books.request.subject
    await books.rows(_LOCK, round=round_pk)
    await books.begin()
    row = await books.row(
        "SELECT r.*, t.plan_id, t.ordinal FROM round r JOIN task t ON t.id = r.task_id WHERE r.id = :id", id=round_pk
    )
    plan = await plan_context(books, row["plan_id"])
    ladder = plan.policy.climbing(plan.policy.ladder, plan.calendar, plan.policy.weekly)
    step = RoundStep(books, plan, ladder, row)
    await _take_in(step)
    obligations = await books.rows(_READ, round=round_pk, today=local_date(books.now))
    for o in obligations:
        if o["suspended_at"] is not None:
            continue  # nothing is opened and nobody is reminded while the task rests
        if not o["opened"]:
            _open(step, o)
        elif o["accepted_at"] is None and not o["answered"]:
            _climb(step, o)
    await _write(step)
    return await _result(step, obligations)


async def _take_in(step: RoundStep) -> None:
    for fact in await step.books.facts():
        step.did.append(str(fact["summary"]))
        if fact["kind"] in _ANEW:
            step.anew[fact["obligation_id"]] = fact["at"]
        step.wanted += await news_of(step.books, step.plan, step.round, fact)
        if fact["kind"] == "accepted":
            await want_supplement(step.books, step.plan, step.round["period_to"])


def _open(step: RoundStep, o: RowMapping) -> None:
    """Tell of the opening; reminders that had passed by then are behind, the opening says it all.

    What is overdue already, since nothing ran until now, is told to those above too.
    """
    if o["accepted_at"] is None:
        step.wanted.append(step.notice(o, "opened", Role.OFFICER, NoticeKind.OPENED))
        if not o["reachable"]:
            unit = f"unit:{o['unit_id']}"
            step.wanted.append(step.notice(o, "unreachable", Role.COORDINATOR, NoticeKind.UNREACHABLE, detail=unit))
    rung = step.ladder.standing(_due(o), 0, step.books.now).due_rung
    if rung is not None and rung.kind is NoticeKind.OVERDUE and o["accepted_at"] is None and not o["answered"]:
        _climb(step, o)
    else:
        _skip_passed(step, o)


def _climb(step: RoundStep, o: RowMapping) -> None:
    """Raise the highest rung due; what had passed when the ladder began anew is behind, what came since is not."""
    standing = step.ladder.standing(_due(o), _behind(step, o), step.books.now)
    if standing.due_rung is not None:
        rung = standing.due_rung
        step.wanted += [step.notice(o, rung.name, role, rung.kind, standing.occurrence) for role in rung.roles]
        if step.needs_letter(standing.reached):
            step.long_overdue.append(o)
    _stand(step, o, standing.reached)


def _behind(step: RoundStep, o: RowMapping) -> int:
    if o["raised"] >= 0:
        return int(o["raised"])
    since = max((step.anew[key] for key in (o["id"], None) if key in step.anew), default=step.books.now)
    return step.ladder.standing(_due(o), 0, since).reached


def _skip_passed(step: RoundStep, o: RowMapping) -> None:
    _stand(step, o, step.ladder.standing(_due(o), 0, step.books.now).reached)


def _stand(step: RoundStep, o: RowMapping, raised: int) -> None:
    step.raised.append({"id": o["id"], "raised": raised})
    standing = step.ladder.standing(_due(o), raised, step.books.now)
    if standing.next_at is None or standing.next_rung is None or o["accepted_at"] is not None:
        return
    if step.next_at is None or standing.next_at < step.next_at:
        step.next_at = standing.next_at
        step.next_rungs.clear()
    if standing.next_at == step.next_at:
        step.next_rungs[standing.next_rung] += 1


def _due(o: RowMapping) -> Due:
    return Due(o["due_strict"], o["due_literal"], o["due_lenient"])


async def _write(step: RoundStep) -> None:
    step.wanted += await draft_letters(step.books, step.plan, step.long_overdue)
    new = await raise_notices(step.books, step.wanted, step.plan.policy)
    if new:
        told = Counter(heading(w.kind, w.rung) for w in step.wanted)
        step.did += [f"{words} · {count} thông báo" for words, count in told.items()]
    await step.books.run(
        """UPDATE obligation o SET raised = w.raised, opened = true
           FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (id bigint, raised int)
           WHERE o.id = w.id AND (o.raised <> w.raised OR NOT o.opened)""",
        {"rows": _json(step.raised)},
    )


def _json(rows: list[dict[str, int]]) -> str:
    return "[" + ",".join(f'{{"id":{r["id"]},"raised":{r["raised"]}}}' for r in rows) + "]"


async def _result(step: RoundStep, obligations: Sequence[RowMapping]) -> StepResult:
    waiting = [o for o in obligations if o["accepted_at"] is None]
    total = len(obligations)
    due_at = max((o["late_at"] for o in waiting), default=None)
    if not waiting:
        return await _close(step, total)
    rung = next(iter(step.next_rungs), None)
    details = f"Đang chờ {len(waiting)}/{total} đơn vị"
    if any(o["suspended_at"] is not None for o in waiting):
        details += "; nhiệm vụ tạm dừng"
    if rung is None or step.next_at is None:
        words = "Chờ báo cáo của đơn vị"
        return StepResult(tuple(step.did), "take_in", words, Wait(), state="open", due_at=due_at,
                          details=details, open_count=len(waiting))  # fmt: skip
    words = f"{heading(rung.kind, rung.name)} · {step.next_rungs[rung]} đơn vị"
    return StepResult(
        did=tuple(step.did),
        next_step=step_name(rung),
        next_summary=words,
        wait=Wait(step.next_at),
        state="open",
        due_at=due_at,
        details=f"{details}; bước tới {local_date(step.next_at):%d/%m/%Y}: {words}",
        open_count=len(waiting),
    )


def step_name(rung: Rung) -> str:
    """The named step that a rung is, as the history shows it."""
    if rung.kind not in (NoticeKind.OVERDUE, NoticeKind.OVERDUE_WEEKLY):
        return "remind"
    return "mark_overdue" if rung.name == "overdue-1" else "escalate"


async def _close(step: RoundStep, total: int) -> StepResult:
    """All is accepted: say so first, and close in the step of that name, so that the history shows it."""
    if step.books.request.name != "close_round":
        words = "Kết thúc kỳ báo cáo"
        return StepResult(tuple(step.did), "close_round", words, Wait(step.books.now), state="open",
                          details=f"Đủ {total}/{total} đơn vị")  # fmt: skip
    await step.books.run(
        "UPDATE round SET closed_at = :now WHERE id = :id", {"now": step.books.now, "id": step.round["id"]}
    )
    task = task_id(step.plan.realm, step.plan.slug, step.round["ordinal"])
    if await ring_bell(step.books.connection, task):
        step.books.rings.append(task)
    return StepResult((*step.did, "Kết thúc kỳ báo cáo"), closed=True, state="closed", details="Đã kết thúc")
