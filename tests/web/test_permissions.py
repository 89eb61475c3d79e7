"""Every route has its permission, and every permission reaches as far as the table says."""

from __future__ import annotations

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sites import GOOD, Site

from api import API_PARTS, create_app
from domain.notices import Role
from models.facts.frame import Actor
from models.queries.subjects import Subject
from settings import Settings
from web.auth import PERMISSIONS, Action, Reach, allowed

P = "/api/v1"
ROUTES = {
    f"GET {P}/me": Action.READ_SELF,
    f"GET {P}/clock": Action.READ_SELF,
    f"GET {P}/health": None,
    f"GET {P}/ready": None,
    f"GET {P}/obligations": Action.READ_SELF,
    f"GET {P}/obligations/{{obligation}}": Action.READ_OBLIGATION,
    f"PUT {P}/obligations/{{obligation}}/draft": Action.REPORT,
    f"POST {P}/obligations/{{obligation}}/reports": Action.REPORT,
    f"POST {P}/obligations/{{obligation}}/reports/{{revision}}/accept": Action.DECIDE_REPORT,
    f"POST {P}/obligations/{{obligation}}/reports/{{revision}}/return": Action.DECIDE_REPORT,
    f"POST {P}/obligations/{{obligation}}/extensions": Action.ASK_EXTENSION,
    f"POST {P}/extensions/{{extension}}/grant": Action.DECIDE_EXTENSION,
    f"POST {P}/extensions/{{extension}}/refuse": Action.DECIDE_EXTENSION,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/acknowledge": Action.ACKNOWLEDGE_TASK,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/guidance": Action.ISSUE_GUIDANCE,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/suspension": Action.DIRECT_TASK,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/resumption": Action.DIRECT_TASK,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/reassignment": Action.DIRECT_TASK,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/rounds": Action.DIRECT_TASK,
    f"POST {P}/plans/{{slug}}/tasks/{{ordinal}}/hand-back": Action.HAND_BACK,
    f"GET {P}/plans/{{slug}}/hand-backs": Action.READ_PROGRESS,
    f"POST {P}/hand-backs/{{number}}/decision": Action.DIRECT_TASK,
    f"POST {P}/plans": Action.IMPORT_PLAN,
    f"POST {P}/plans/{{slug}}/activate": Action.ACTIVATE_PLAN,
    f"GET {P}/plans/{{slug}}/draft": Action.READ_DRAFT,
    f"PATCH {P}/plans/{{slug}}/draft": Action.CHANGE_DRAFT,
    f"PUT {P}/plans/{{slug}}/draft": Action.CHANGE_DRAFT,
    f"POST {P}/plans/{{slug}}/draft/discard": Action.CHANGE_DRAFT,
    f"GET {P}/plans/{{slug}}/source": Action.READ_DRAFT,
    f"GET {P}/plans/{{slug}}/amendments": Action.READ_DRAFT,
    f"GET {P}/plans/{{slug}}/amendments/{{number}}": Action.READ_DRAFT,
    f"PATCH {P}/plans/{{slug}}/amendments/{{number}}": Action.CHANGE_DRAFT,
    f"GET {P}/plans/{{slug}}/amendments/{{number}}/source": Action.READ_DRAFT,
    f"POST {P}/plans/{{slug}}/amendments/{{number}}/approve": Action.ACTIVATE_PLAN,
    f"POST {P}/plans/{{slug}}/amendments/{{number}}/discard": Action.CHANGE_DRAFT,
    f"GET {P}/plans/{{slug}}/letters": Action.READ_PROGRESS,
    f"GET {P}/letters/{{letter}}": Action.READ_PROGRESS,
    f"GET {P}/letters/{{letter}}/document": Action.READ_PROGRESS,
    f"POST {P}/letters/{{letter}}/issue": Action.SETTLE_LETTER,
    f"POST {P}/letters/{{letter}}/drop": Action.SETTLE_LETTER,
    f"GET {P}/preferences": Action.READ_SELF,
    f"PUT {P}/preferences": Action.READ_SELF,
    f"POST {P}/preferences/calendar": Action.READ_SELF,
    f"POST {P}/people/{{slug}}/channels/{{channel}}/clear": Action.MEND_CONTACT,
    f"GET {P}/calendar": Action.READ_SELF,
    f"POST {P}/calendar/preview": Action.CHANGE_CALENDAR,
    f"POST {P}/calendar/overrides": Action.CHANGE_CALENDAR,
    f"GET {P}/units": Action.READ_SELF,
    f"GET {P}/plans": Action.READ_SELF,
    f"GET {P}/plans/{{slug}}": Action.READ_PLAN,
    f"GET {P}/plans/{{slug}}/progress": Action.READ_PROGRESS,
    f"GET {P}/plans/{{slug}}/timeline": Action.READ_TIMELINE,
    f"GET {P}/plans/{{slug}}/tasks/{{ordinal}}/timeline": Action.READ_TIMELINE,
    f"GET {P}/units/{{unit}}/timeline": Action.READ_TIMELINE,
    f"GET {P}/plans/{{slug}}/rollups": Action.READ_ROLLUP,
    f"GET {P}/plans/{{slug}}/rollups/{{period}}": Action.READ_ROLLUP,
    f"GET {P}/plans/{{slug}}/rollups/{{period}}/files/{{name}}": Action.READ_ROLLUP,
    f"POST {P}/plans/{{slug}}/rollups/{{period}}/sign": Action.SIGN_ROLLUP,
    f"POST {P}/plans/{{slug}}/rollups/{{period}}/unlock": Action.UNLOCK_ROLLUP,
    f"POST {P}/plans/{{slug}}/rollups/{{period}}/acknowledge": Action.ACKNOWLEDGE_ROLLUP,
}


def actions_of(dependant: Dependant) -> list[Action]:
    own = getattr(dependant.call, "action", None)
    return ([own] if own else []) + [action for below in dependant.dependencies for action in actions_of(below)]


def test_every_api_route_has_the_permission_of_the_table() -> None:
    found: dict[str, Action | None] = {}
    for route in (route for part in API_PARTS for route in part.routes):
        assert isinstance(route, APIRoute)
        actions = actions_of(route.dependant)
        assert len(actions) <= 1, route.path
        found |= {f"{method} {P}{route.path}": next(iter(actions), None) for method in route.methods or ()}
    assert found == ROUTES


def test_no_api_route_is_beside_the_table() -> None:
    paths = create_app(Settings()).openapi()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == set(ROUTES)


OWN, LED, OTHER = Subject(unit=1), Subject(unit=2, lead=1), Subject(unit=2, lead=3)
WRITES = {action for action in Action if not action.value.startswith("read")}
UNITS_OWN = (Action.REPORT, Action.ASK_EXTENSION, Action.ACKNOWLEDGE_TASK, Action.HAND_BACK)
REACH = {
    Role.OFFICER: dict.fromkeys(UNITS_OWN, OWN),
    Role.HEAD: dict.fromkeys(UNITS_OWN, OWN),
    Role.COORDINATOR: dict.fromkeys(
        (
            Action.DECIDE_REPORT, Action.DECIDE_EXTENSION, Action.ISSUE_GUIDANCE, Action.DIRECT_TASK,
            Action.UNLOCK_ROLLUP, Action.ACKNOWLEDGE_ROLLUP, Action.SETTLE_LETTER,
        ),
        LED,
    ),
    Role.SIGNER: {Action.SIGN_ROLLUP: LED, Action.UNLOCK_ROLLUP: LED},
    Role.LEADER: {Action.SETTLE_LETTER: OTHER},
    Role.ADMIN: dict.fromkeys(
        (Action.IMPORT_PLAN, Action.CHANGE_DRAFT, Action.ACTIVATE_PLAN, Action.MEND_CONTACT, Action.CHANGE_CALENDAR),
        OTHER,
    ),
    Role.RECIPIENT: {},
}  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_who_may_write_what(role: Role) -> None:
    actor = Actor(1, "a", "A", "r", 1, "u", frozenset({role.value}))
    expected = REACH[role]
    for action in WRITES:
        subjects = [each for each in (OWN, LED, OTHER) if allowed(actor, action, each)]
        if action not in expected:
            assert subjects == []
        elif expected[action] is OTHER:
            assert subjects == [OWN, LED, OTHER]
        else:
            assert subjects == [expected[action]]


def test_every_role_is_in_the_table_and_no_reading_goes_beyond() -> None:
    assert set(PERMISSIONS) == set(Role)
    readers = {role: PERMISSIONS[role].get(Action.READ_OBLIGATION) for role in Role}
    assert readers == {
        Role.OFFICER: Reach.OWN, Role.HEAD: Reach.OWN, Role.COORDINATOR: Reach.LED, Role.SIGNER: Reach.LED,
        Role.LEADER: Reach.ALL, Role.ADMIN: Reach.ALL, Role.RECIPIENT: None,
    }  # fmt: skip


def test_drafts_are_read_by_who_changes_them_and_by_the_plans_coordinator() -> None:
    readers = {role: PERMISSIONS[role].get(Action.READ_DRAFT) for role in Role}
    assert {role: reach for role, reach in readers.items() if reach is not None} == {
        Role.COORDINATOR: Reach.LED, Role.ADMIN: Reach.ALL,
    }  # fmt: skip


async def test_another_units_obligation_is_forbidden(site: Site) -> None:
    theirs = await site.world.obligation("bao")
    assert (await site.get("tap-chi-can-bo", f"/obligations/{theirs}")).status_code == 403
    answer = await site.post("tap-chi-can-bo", f"/obligations/{theirs}/reports", GOOD)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    draft = await (await site.person("tap-chi-can-bo")).put(f"{P}/obligations/{theirs}/draft", json=GOOD)
    assert draft.status_code == 403
    assert (await site.post("tap-chi-can-bo", f"/obligations/{theirs}/reports/1/accept")).status_code == 403
    assert (await site.get("tap-chi-can-bo", "/units/bao/timeline")).status_code == 403
    assert (await site.get("tap-chi-can-bo", "/plans/ke-hoach/progress")).status_code == 403
    assert await site.world.rows("SELECT 1 FROM submission") == []


async def test_lists_show_ones_own_and_the_coordinator_all(site: Site) -> None:
    mine = (await site.get("bao-can-bo", "/obligations?task=1&round=2024")).json()
    assert [line["unit"] for line in mine["items"]] == ["bao"]
    assert mine["counts"] == {"done_on_time": 0, "done_late": 0, "open_in_term": 1, "open_overdue": 0}
    assert (await site.get("bao-can-bo", "/obligations?scope=all")).status_code == 403
    for reader in ("so-tong-hop", "so-giam-doc", "chu-tich", "quan-tri"):
        everything = (await site.get(reader, "/obligations?scope=all&plan=ke-hoach&task=1")).json()
        assert [line["unit"] for line in everything["items"]] == ["bao", "tap-chi"]
    assert (await site.get("bo-van-thu", "/obligations?scope=all")).status_code == 403


async def test_nobody_gets_in_without_a_token(site: Site) -> None:
    async with site.browser() as nobody:
        for path in ("/me", "/obligations", "/plans/ke-hoach/progress"):
            answer = await nobody.get(P + path)
            assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        answer = await nobody.get(f"{P}/me", headers={"Authorization": "Bearer nonsense"})
        assert (answer.status_code, answer.json()["code"]) == (401, "token-invalid")
