"""What leaves is true when it leaves, short where it must be, and of a bounded size."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import REPORT, World, at, make_world, small_plan

from documents.render_mail import render_digest, render_zalo
from domain.ids import dispatch_id
from domain.notices import Digest, DigestItem, NoticeKind, Role
from domain.policy import Policy
from models.facts.reports import submit_report
from models.steps.digests import DIGEST
from models.steps.dispatch import step_dispatch

DISPATCH = dispatch_id("thu")


async def gather(world: World) -> None:
    await step_dispatch(world.engine, world.request(DISPATCH, 0, "gather"))


async def test_what_is_taken_along_before_its_time_is_true_too(engine: AsyncEngine) -> None:
    """What is urgent takes along what waits in its window; what has become untrue meanwhile stays behind."""
    world = await make_world(engine, "2024-10-14 08:00", draft=small_plan(("Hàng năm", "Hàng năm")),
                             policy=Policy(last_year=2024))  # fmt: skip
    for ordinal in (1, 2):
        await world.step_task(ordinal)
        await world.step_round(ordinal, name="open_round")
    await world.clock("2024-10-14 09:00")
    await gather(world)
    await world.run("UPDATE notice SET state = 'sent'")
    await world.run("UPDATE delivery SET state = 'sent'")
    await world.clock("2024-11-28 08:00")
    await world.step_round(1)  # a reminder, which waits ten minutes for others
    await world.clock("2024-11-28 08:03")
    await submit_report(engine, await world.actor("bao-can-bo"), await world.obligation("bao"), REPORT)
    await world.run("UPDATE obligation SET due_strict = due_strict - interval '1 day' WHERE id = :id",
                    id=await world.obligation("bao", 2))  # fmt: skip
    await world.step_round(2)  # due today: urgent
    await world.clock("2024-11-28 08:04")
    assert await world.value("SELECT count(*) FROM notice WHERE kind = 'due' AND state = 'pending'") == 1
    await gather(world)
    told = await world.rows(
        """SELECT n.kind, n.obligation_id FROM delivery_notice m JOIN notice n ON n.id = m.notice_id
           JOIN delivery d ON d.id = m.delivery_id JOIN person p ON p.id = d.person_id
           WHERE p.slug = 'bao-can-bo' AND d.state = 'reserved'"""
    )
    assert {row["obligation_id"] for row in told} == {await world.obligation("bao", 2)}


async def test_thousands_of_things_are_one_mail_of_bounded_size(engine: AsyncEngine) -> None:
    world = await make_world(engine, "2024-10-14 08:00", draft=small_plan(), policy=Policy(last_year=2024))
    await world.step_task()
    await world.step_round(name="open_round")
    await world.run("UPDATE notice SET state = 'sent'")
    await world.run(
        """INSERT INTO notice (realm, subject, epoch, rung, occurrence, role, unit_id, kind, plan_id, task_id, round_id,
             obligation_id, detail, raised_at, send_at, state)
           SELECT 'thu', 'obligation/' || o.id, g, 'received', 0, 'coordinator', p.lead_unit_id, 'received', p.id, t.id,
             r.id, o.id, repeat('x', 500), business_now('thu'), business_now('thu'), 'pending'
           FROM plan p JOIN task t ON t.plan_id = p.id JOIN round r ON r.task_id = t.id
           JOIN obligation o ON o.round_id = r.id, generate_series(0, 2999) g
           WHERE o.id = (SELECT min(id) FROM obligation)"""
    )
    await world.run("UPDATE notice SET kind = 'received', occurrence = epoch WHERE state = 'pending'")
    await world.clock("2024-10-14 08:05")
    await gather(world)
    rows = await world.rows("SELECT content FROM delivery WHERE state = 'reserved'")
    assert len(rows) == 1
    content = {name: value for name, value in rows[0]["content"].items() if name not in ("realm", "person")}
    digest = DIGEST.validate_python(content)
    assert len(digest.items) + digest.more == 3000
    mail = render_digest(digest)
    assert len(mail.html.encode()) + len(mail.text.encode()) < 1_500_000
    assert all(len(value) <= 30 for value in render_zalo(digest).values())


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_fits_into_zalo(kind: NoticeKind) -> None:
    for rung in ("before-30", "overdue-7", "truoc-han-mot-tuan-ruoi", ""):
        for days in (None, 0, 12345):
            item = DigestItem(
                kind, rung, "ke-hoach-phat-trien-bao-chi-2024/123/rollup/2024", 12345, "Việc " * 60, "Kế hoạch " * 40,
                "quý IV năm 2024 " * 9, "Ủy ban nhân dân " * 9, "gia hạn đến hết ngày 05/12/2024; tạm dừng 12 ngày",
                at("2024-12-06 00:00"), "lý do " * 900, "/obligations/1", days,
            )  # fmt: skip
            digest = Digest("Nguyễn " * 20, Role.COORDINATOR, "Sở " * 50, "UBND " * 20, "Sở " * 20, True,
                            at("2024-12-06 08:00"), None, (item,) * 3, "/inbox", 12_345)  # fmt: skip
            assert {name: value for name, value in render_zalo(digest).items() if len(value) > 30} == {}
            assert len(render_digest(digest).subject) <= 90
