"""What units do: see what they owe, keep a draft, report, ask for more time."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from models.facts.decisions import ask_extension
from models.facts.reports import save_draft, submit_report
from models.queries.clock import read_now
from models.queries.obligations import ObligationList, ObligationView, Wanted, list_obligations, read_obligation
from models.queries.subjects import Subject
from web.answers import Asked, Receipt, Saved
from web.auth import Action, Reach, authorise, reaches
from web.bodies import ExtensionBody, ReportBody
from web.desk import Desk, Done, Id, of_obligation, reading, recording

router = APIRouter(tags=["Báo cáo của đơn vị"])
Reader = Annotated[Desk, reading(Action.READ_OBLIGATION, of_obligation)]
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
OnePlan = Annotated[str | None, Query(pattern=_NAME, max_length=60, description="Mã kế hoạch")]
OneUnit = Annotated[str | None, Query(pattern=_NAME, max_length=60, description="Mã đơn vị")]
OneRound = Annotated[str | None, Query(pattern=_NAME, max_length=60, description="Kỳ báo cáo, ví dụ 2024")]
OneTask = Annotated[int | None, Query(ge=0, le=99_999, description="Số thứ tự nhiệm vụ")]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Nhiều nhất bao nhiêu dòng")]
Skip = Annotated[int, Query(ge=0, le=10_000_000, description="Bỏ qua bao nhiêu dòng đầu")]


def scoped(desk: Desk, scope: Literal["mine", "all"]) -> Wanted:
    """What this person may list: their own unit's, or as much of everything as they may read."""
    actor = desk.actor
    if scope == "mine":
        authorise(actor, Action.READ_OBLIGATION, Subject(actor.unit, actor.unit))
        return Wanted(actor.realm, unit_id=actor.unit)
    authorise(actor, Action.READ_OBLIGATION, Subject(lead=actor.unit))
    everything = Reach.ALL in reaches(actor, Action.READ_OBLIGATION)
    return Wanted(actor.realm, lead_id=None if everything else actor.unit)


@router.get(
    "/obligations",
    summary="Danh sách nghĩa vụ báo cáo",
    description="Kèm trạng thái tại một thời điểm và bốn con số của cả phạm vi.",
)
async def get_obligations(
    desk: Annotated[Desk, reading(Action.READ_SELF)],
    scope: Annotated[Literal["mine", "all"], Query(description="Của đơn vị mình, hoặc tất cả được xem")] = "mine",
    state: Annotated[Literal["open", "all"], Query(description="Đang thực hiện, hoặc tất cả")] = "all",
    plan: OnePlan = None,
    unit: OneUnit = None,
    task: OneTask = None,
    round: OneRound = None,
    limit: Limit = 2000,
    skip: Skip = 0,
) -> ObligationList:
    """Obligations with their states at one instant, and the four counts of the scope, open or not."""
    bounds = scoped(desk, scope)
    wanted = Wanted(
        bounds.realm, bounds.unit_id, bounds.lead_id, state == "open", False, plan, unit, task, round, None, limit, skip
    )
    async with desk.books() as books:
        return await list_obligations(books, wanted, await read_now(books, desk.actor.realm))


@router.get(
    "/obligations/{obligation}",
    summary="Một nghĩa vụ báo cáo",
    description="Kèm các lần gửi, các đề nghị gia hạn và bản nháp.",
)
async def get_obligation(obligation: Id, desk: Reader) -> ObligationView:
    """One obligation with its submissions, requests for more time and draft."""
    async with desk.books() as books:
        at = await read_now(books, desk.actor.realm)
        return await read_obligation(books, desk.actor.realm, obligation, at)


@router.put(
    "/obligations/{obligation}/draft",
    summary="Lưu nháp báo cáo",
    description="Bản nháp chưa được gửi đi.",
)
async def put_draft(
    obligation: Id, body: ReportBody, desk: Annotated[Desk, recording(Action.REPORT, of_obligation)]
) -> Saved:
    """Keep what is written so far; it is not reported."""
    return Saved(await save_draft(desk.office.engine, desk.actor, obligation, body.report()))


@router.post(
    "/obligations/{obligation}/reports",
    status_code=201,
    response_model=Receipt,
    summary="Gửi báo cáo",
    description="Trả lời là biên nhận; received_at là thời điểm nhận có giá trị. Không phát sinh: nil, nil_reason.",
)
async def post_report(
    obligation: Id, body: ReportBody, desk: Annotated[Desk, recording(Action.REPORT, of_obligation)]
) -> JSONResponse:
    """Send the report; the answer is its receipt, with the legal time."""

    async def act(books: AsyncConnection) -> Done:
        got = await submit_report(books, desk.actor, obligation, body.report())
        return Done(Receipt(got.submission, got.revision, got.received_at, got.in_time), got.rings)

    return await desk.record(body, act, 201)


@router.post(
    "/obligations/{obligation}/extensions",
    status_code=201,
    response_model=Asked,
    summary="Đề nghị gia hạn",
    description="Phải gửi trước khi hết hạn.",
)
async def post_extension(
    obligation: Id, body: ExtensionBody, desk: Annotated[Desk, recording(Action.ASK_EXTENSION, of_obligation)]
) -> JSONResponse:
    """Ask for more time, before the due instant."""

    async def act(books: AsyncConnection) -> Done:
        number, rings = await ask_extension(books, desk.actor, obligation, body.until, body.reason)
        return Done(Asked(number), rings)

    return await desk.record(body, act, 201)
