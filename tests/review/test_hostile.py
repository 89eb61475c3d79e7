"""What nobody should send: it is refused in a sentence, and every table stays as it was."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sites import API, FakeBells, Site
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import make_world, small_plan

from api import create_app
from models.facts.decisions import ask_extension
from models.facts.transfers import hand_back
from settings import Settings

TASK = "/plans/ke-hoach/tasks/1"
BOTTOM = ("0001-01-01", "9999-12-31", "9999-12-30", "2024-02-30", "10000-01-01", 0, None, "", "2024-12-01T10:00:00")
TEXTS: tuple[Any, ...] = ("", " ", "\x00", "a\x00b", "\ud800", "x" * 300_000, 7, None, [], {}, "\u2028", "<script>")
NUMBERS = ("0", "-1", "9007199254740993", "99999999999999999999", "x", "1.5", "%00", "٣")
ROUTES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("so-tong-hop", "POST", f"{TASK}/suspension", {"reason": "thử"}),
    ("so-tong-hop", "POST", f"{TASK}/resumption", {"reason": ""}),
    ("bao-can-bo", "POST", f"{TASK}/hand-back", {"reason": "nhầm", "suggested": "hoi"}),
    ("so-tong-hop", "POST", "/hand-backs/{hand_back}/decision", {"granted": True, "to": "hoi", "reason": "được"}),
    ("so-tong-hop", "POST", f"{TASK}/reassignment", {"from_unit": "bao", "to_unit": "hoi", "reason": "thử"}),
    ("so-tong-hop", "POST", f"{TASK}/rounds",
     {"kind": "ad_hoc", "title": "Tình hình", "units": ["bao"], "due": "2024-10-30", "hour": "16:00",
      "cutoff": "2024-10-20", "period_from": "2024-01-01", "period_to": "2024-10-20"}),
    ("bao-can-bo", "POST", "/obligations/{obligation}/extensions", {"until": "2024-12-06", "reason": "ốm"}),
    ("so-tong-hop", "POST", "/extensions/{extension}/decision", {"granted": True, "reason": ""}),
    ("so-tong-hop", "POST", "/letters/{letter}/issue", {"number": "12", "issued_on": "2024-09-27"}),
    ("so-tong-hop", "POST", "/letters/{letter}/drop", {"reason": "thôi"}),
    ("quan-tri", "POST", "/calendar/preview", {"day": "2024-10-30", "working": False}),
    ("quan-tri", "POST", "/calendar/overrides",
     {"day": "2024-10-30", "working": False, "reason": "thử", "running": "move", "expected": 0}),
    ("bao-can-bo", "PUT", "/preferences", {"channels": ["mail"], "muted": ["accepted"]}),
)  # fmt: skip
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
ONCE = ("/suspension", "/hand-back", "/reassignment", "/decision", "/issue", "/drop", "/extensions")
OURS = ("access_token", "alembic_version")


@pytest.fixture
async def site(dsn: str, engine: AsyncEngine) -> AsyncIterator[Site]:
    """The small site, with something of each kind that can be decided; and another realm beside it."""
    world = await make_world(engine, draft=small_plan())
    bells = FakeBells()
    app = create_app(Settings(dsn=dsn, body_limit=1_000_000), bells)
    async with app.router.lifespan_context(app):
        made = Site(app, world, bells)
        await made.open_round()
        now = await world.value("SELECT now FROM realm")
        await ask_extension(engine, await world.actor("tap-chi-can-bo"), await world.obligation("tap-chi"),
                            now.date() + timedelta(days=90), "ốm")  # fmt: skip
        await hand_back(engine, await world.actor("tap-chi-can-bo"), "ke-hoach", 1, "nhầm")
        await world.run(
            """INSERT INTO letter (plan_id, unit_id, drafted_at, answer_by)
               SELECT p.id, u.id, now(), '2024-12-20' FROM plan p, unit u WHERE u.slug = 'bao'"""
        )
        yield made


async def books(site: Site) -> dict[str, str]:
    """What is in each table, as one sum; but for those that signing in writes."""
    names = [row["tablename"] for row in await site.world.rows(TABLES) if row["tablename"] not in OURS]
    line = "CAST(t AS text)"
    sums = (
        f"SELECT '{name}' AS name, md5(string_agg({line}, '|' ORDER BY {line})) AS sum FROM {name} t" for name in names
    )
    return {row["name"]: row["sum"] for row in await site.world.rows(" UNION ALL ".join(sums))}


async def path_of(site: Site, path: str) -> str:
    return path.format(
        hand_back=await site.world.value("SELECT min(id) FROM hand_back"),
        extension=await site.world.value("SELECT min(id) FROM extension"),
        letter=await site.world.value("SELECT min(id) FROM letter"),
        obligation=await site.world.obligation("bao"),
    )


def hostile(body: dict[str, Any]) -> list[Any]:
    """The body with one field spoilt at a time, and what is no body at all."""
    spoilt: list[Any] = [None, [], "x", 1, {}, {**body, "more": 1}]
    for name, value in body.items():
        is_day = isinstance(value, str) and value.startswith("2024-")
        given: tuple[Any, ...] = BOTTOM if is_day else TEXTS
        if isinstance(value, list):
            given = ([], [1], ["x\x00"], ["bo"], ["bao", "khong-co"], ["mail", "mail", "x" * 61], "bao", {})
        if name == "hour":
            given = ("24:00", "-1:00", "08:00:00.5", 1e30, True)
        if isinstance(value, bool) or name == "expected":
            given = ("x", 2, None, [], -1, 10**30)
        spoilt += [{**body, name: one} for one in given]
    return spoilt


@pytest.mark.parametrize("who, method, path, body", ROUTES, ids=[path for _, _, path, _ in ROUTES])
async def test_what_is_no_request_changes_nothing(
    site: Site, who: str, method: str, path: str, body: dict[str, Any]
) -> None:
    person, before = await site.person(who), await books(site)
    where = API + await path_of(site, path)
    for one in hostile(body):
        content = json.dumps(one).encode("ascii")
        answer = await person.request(method, where, content=content, headers={"content-type": "application/json"})
        assert answer.status_code < 500, (content[:200], answer.text)
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["code"], content[:200]
            assert await books(site) == before, content[:200]
        else:
            before = await books(site)
            if path.endswith(ONCE):
                break  # done; whatever follows is refused because of that


@pytest.mark.parametrize("path", sorted({path for _, _, path, _ in ROUTES if "{" in path}))
async def test_numbers_that_are_none_of_ours(site: Site, path: str) -> None:
    before = await books(site)
    who, method, _, body = next(route for route in ROUTES if route[2] == path)
    name = path[path.index("{") : path.index("}") + 1]
    for number in NUMBERS:
        answer = await (await site.person(who)).request(method, API + path.replace(name, number), json=body)
        assert answer.status_code in (404, 422), (number, answer.text)
    assert await books(site) == before
