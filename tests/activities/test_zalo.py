"""Zalo: the single-use refresh token, what each code asks for, and exactly what goes over the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from worlds import World, make_world, small_registry

from activities.deliveries import PATIENCE, Deliveries
from activities.mail import MailServer
from activities.outcomes import ChannelDown, HungUp, Later, Outcome, Refused, Sent
from activities.zalo import BACK_OFF_SECONDS, QUIET_HOURS_SECONDS, ZaloApp, ZaloSession, classify
from domain.contracts import Channel, SendResult, StepResult
from domain.ids import dispatch_id
from embedded.zalo import (
    MESSAGE_PATH,
    SANDBOX_APP_ID,
    SANDBOX_REFRESH_TOKEN,
    SANDBOX_SECRET_KEY,
    TOKEN_PATH,
    ZaloSandbox,
)
from models.facts.channels import authorise_zalo
from models.steps.dispatch import step_dispatch

FIXTURES = Path(__file__).parent.parent / "fixtures" / "zalo"
PHONE = "84900000001"
DATA = {"ten": "Nguyễn Thị Hằng", "so_viec": "3"}


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


# What each code asks for: one line a code of the guides


def later(seconds: float) -> Callable[[str], Outcome]:
    return lambda code: Later(code, "words", seconds)


def other_channel(code: str) -> Outcome:
    return Refused(code, "words")


def other_channel_and_mark(code: str) -> Outcome:
    return Refused(code, "words", mark_contact=True)


def stop(code: str) -> Outcome:
    return Refused(code, "words", stop_channel=True)


CODES: list[tuple[int, Callable[[str], Outcome], str]] = [
    (-133, later(QUIET_HOURS_SECONDS), "quiet hours"),
    (-100, later(BACK_OFF_SECONDS), "unknown at their side"),
    (-144, other_channel, "daily quota"),
    (-147, other_channel, "quota of the template"),
    (-118, other_channel_and_mark, "no such account"),
    (-119, other_channel_and_mark, "account cannot receive"),
    (-139, other_channel_and_mark, "opted out"),
    (-141, other_channel_and_mark, "opted out"),
    (-114, other_channel_and_mark, "inactive account"),
    (-110, other_channel_and_mark, "old version of the app"),
    (-108, other_channel_and_mark, "bad phone number"),
    (-115, stop, "no money"),
    (-137, stop, "no money"),
    (-101, stop, "configuration"),
    (-102, stop, "configuration"),
    (-103, stop, "configuration"),
    (-104, stop, "configuration"),
    (-105, stop, "configuration"),
    (-106, stop, "configuration"),
    (-107, stop, "configuration"),
    (-117, stop, "configuration"),
    (-120, stop, "configuration"),
    (-125, stop, "configuration"),
    (-131, stop, "configuration"),
    (-135, stop, "configuration"),
    (-136, stop, "configuration"),
    (-14014, stop, "a person must authorise again"),
    (-109, other_channel, "our bug: not tried again"),
    (-111, other_channel, "our bug"),
    (-112, other_channel, "our bug"),
    (-1121, other_channel, "our bug"),
    (-1122, other_channel, "our bug"),
    (-999, later(BACK_OFF_SECONDS), "a code of next year"),
]


@pytest.mark.parametrize(("code", "action", "why"), CODES)
def test_each_code(code: int, action: Callable[[str], Outcome], why: str) -> None:
    assert classify(code, "words") == action(str(code)), why


# Over the wire


@dataclass
class Wire:
    """Answers from a list, and what was asked."""

    answers: list[httpx.Response]

    def __post_init__(self) -> None:
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers.pop(0)

    def session(self, engine: AsyncEngine, app: str = "2000000000000000002") -> ZaloSession:
        """A session that talks to this."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return ZaloSession(engine, http, ZaloApp("https://oauth.example", "https://api.example", app, "khoa-bi-mat"))


def compare(request: httpx.Request, wanted: dict[str, Any]) -> None:
    """The literal request: method, path, the headers that matter, body."""
    assert (request.method, request.url.path) == (wanted["method"], wanted["path"])
    assert {name: request.headers[name] for name in wanted["headers"]} == wanted["headers"]
    body = request.content.decode()
    assert (json.loads(body) if isinstance(wanted["body"], dict) else body) == wanted["body"]


async def test_literal_requests_and_answers(engine: AsyncEngine) -> None:
    refresh, message = fixture("refresh.json"), fixture("message.json")
    await authorise_zalo(engine, "2000000000000000002", "lam-moi-1")
    wire = Wire([httpx.Response(200, json=refresh["response"]), httpx.Response(200, json=message["response"])])
    body = message["request"]["body"]
    outcome = await wire.session(engine).send(body["phone"], body["template_data"], body["tracking_id"])
    assert outcome == Sent(message["response"]["data"]["msg_id"])
    compare(wire.asked[0], refresh["request"])
    compare(wire.asked[1], message["request"])
    assert wire.asked[0].url.host == "oauth.example"
    assert wire.asked[1].url.host == "api.example"
    assert "access_token" not in wire.asked[0].headers
    assert "secret_key" not in wire.asked[1].headers, "the secret goes to the one service that needs it"
    assert (await tokens(engine))[:2] == ("truy-cap-2", "lam-moi-2")
    hours = await value(engine, "SELECT EXTRACT(EPOCH FROM expires_at - clock_timestamp()) / 3600 FROM zalo_token")
    assert 24 < hours <= 25


async def test_failure_is_200_with_a_code(engine: AsyncEngine) -> None:
    await signed_in(engine)
    wire = Wire([httpx.Response(200, json=fixture("refused.json"))])
    outcome = await wire.session(engine).send(PHONE, DATA, "t")
    assert outcome == Refused("-118", "Zalo account not existed or deactivated", mark_contact=True)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"error": "-118", "message": "x"}, Refused("-118", "x", mark_contact=True)),
        ({"error": "0", "data": {"msg_id": 17}}, Sent("17")),
        ({"error": 0, "data": None}, Sent("")),
        ({"error": 0}, Sent("")),
        ({"error": -118, "message": None}, Refused("-118", "", mark_contact=True)),
    ],
)
async def test_numbers_come_as_texts_and_parts_are_missing(
    engine: AsyncEngine, answer: dict[str, Any], found: Outcome
) -> None:
    await signed_in(engine)
    assert await Wire([httpx.Response(200, json=answer)]).session(engine).send(PHONE, DATA, "t") == found


@pytest.mark.parametrize("answer", [{}, {"message": "welcome to the hotel"}, {"error": "none"}, {"error": None}])
async def test_an_answer_without_a_number_is_never_taken_for_sent(engine: AsyncEngine, answer: dict[str, Any]) -> None:
    await signed_in(engine)
    outcome = await Wire([httpx.Response(200, json=answer)]).session(engine).send(PHONE, DATA, "t")
    assert isinstance(outcome, Later)


@pytest.mark.parametrize(
    "response",
    [httpx.Response(502, text="bad gateway"), httpx.Response(200, text="<html>"), httpx.Response(200, json=[1])],
)
async def test_no_sensible_answer_to_a_message(engine: AsyncEngine, response: httpx.Response) -> None:
    await signed_in(engine)
    with pytest.raises(HungUp):
        await Wire([response]).session(engine).send(PHONE, DATA, "t")


async def test_nobody_answers_at_all(engine: AsyncEngine) -> None:
    await signed_in(engine)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as http:
        session = ZaloSession(engine, http, ZaloApp("https://o.example", "https://a.example", "app", "key"))
        with pytest.raises(ChannelDown) as down:
            await session.send(PHONE, DATA, "t")
    assert not isinstance(down.value, HungUp), "no message is to blame"


# Tokens


async def value(engine: AsyncEngine, sql: str) -> Any:
    async with engine.connect() as connection:
        return await connection.scalar(text(sql))


async def tokens(engine: AsyncEngine) -> tuple[str, str, bool]:
    """access, refresh, needs_authorisation as another transaction sees them."""
    async with engine.connect() as connection:
        row = (await connection.execute(text("SELECT access, refresh, needs_authorisation FROM zalo_token"))).one()
        return row[0], row[1], row[2]


async def signed_in(engine: AsyncEngine) -> None:
    """A pair that is good for a day, for any app."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                """INSERT INTO zalo_token (app_id, access, refresh, expires_at, needs_authorisation)
                   SELECT app, 'truy-cap', 'lam-moi', clock_timestamp() + interval '1 day', false
                   FROM unnest(ARRAY['2000000000000000002', 'app']) AS app"""
            )
        )


@pytest.fixture
async def zalo(tmp_path: Path) -> AsyncIterator[ZaloSandbox]:
    sandbox = ZaloSandbox(tmp_path / "zalo")
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def app_of(zalo: ZaloSandbox, secret: str = SANDBOX_SECRET_KEY) -> ZaloApp:
    return ZaloApp(zalo.url, zalo.url, SANDBOX_APP_ID, secret)


def paths(zalo: ZaloSandbox) -> list[str]:
    return [request["path"] for request in zalo.requests()]


async def test_the_token_is_got_once_and_used_until_it_is_old(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    for number in range(3):
        session = ZaloSession(engine, http, app_of(zalo))
        assert isinstance(await session.send(PHONE, DATA, f"t{number}"), Sent)
    assert paths(zalo) == [TOKEN_PATH, MESSAGE_PATH, MESSAGE_PATH, MESSAGE_PATH]
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE zalo_token SET expires_at = clock_timestamp() + interval '1 minute'"))
    assert isinstance(await ZaloSession(engine, http, app_of(zalo)).send(PHONE, DATA, "t"), Sent)
    assert paths(zalo)[4:] == [TOKEN_PATH, MESSAGE_PATH], "refreshed before it dies in our hands"


async def test_the_new_pair_is_stored_before_it_is_used(engine: AsyncEngine) -> None:
    """Whoever dies after the exchange has the pair in the books; looked at from another connection, mid-send."""
    await authorise_zalo(engine, "2000000000000000002", "lam-moi-1")
    seen: list[tuple[str, str, bool]] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return httpx.Response(200, json=fixture("refresh.json")["response"])
        seen.append(await tokens(engine))
        return httpx.Response(200, json=fixture("message.json")["response"])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        app = ZaloApp("https://o.example", "https://a.example", "2000000000000000002", "key")
        await ZaloSession(engine, http, app).send(PHONE, DATA, "t")
    assert seen == [("truy-cap-2", "lam-moi-2", False)]


async def test_a_token_that_expired_unexpectedly_is_refreshed_once_and_the_message_sent_once(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    session = ZaloSession(engine, http, app_of(zalo))
    await session.send(PHONE, DATA, "t1")
    zalo.expire_tokens()
    assert isinstance(await session.send(PHONE, DATA, "t2"), Sent)
    assert paths(zalo) == [TOKEN_PATH, MESSAGE_PATH, MESSAGE_PATH, TOKEN_PATH, MESSAGE_PATH]
    answers = [r["answer"]["error"] for r in zalo.requests() if r["path"] == MESSAGE_PATH]
    assert answers == [0, -124, 0]


async def test_a_new_token_that_is_refused_too_is_not_tried_for_ever(engine: AsyncEngine) -> None:
    await signed_in(engine)
    expired = httpx.Response(200, json={"error": -124, "message": "Access token is invalid"})
    wire = Wire([expired, httpx.Response(200, json=fixture("refresh.json")["response"]), expired])
    outcome = await wire.session(engine).send(PHONE, DATA, "t")
    assert isinstance(outcome, Refused)
    assert outcome.stop_channel
    assert len(wire.asked) == 3


async def test_two_sessions_at_once_refresh_once(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    """The second waits for the row, and finds the first one's pair."""
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    sessions = [ZaloSession(engine, http, app_of(zalo)) for _ in range(6)]
    outcomes = await asyncio.gather(*(s.send(PHONE, DATA, f"t{n}") for n, s in enumerate(sessions)))
    assert all(isinstance(o, Sent) for o in outcomes)
    assert paths(zalo).count(TOKEN_PATH) == 1
    zalo.expire_tokens()
    outcomes = await asyncio.gather(*(s.send(PHONE, DATA, f"u{n}") for n, s in enumerate(sessions)))
    assert all(isinstance(o, Sent) for o in outcomes)
    assert paths(zalo).count(TOKEN_PATH) == 2
    assert not (await tokens(engine))[2]


async def test_a_refresh_token_used_elsewhere_needs_a_person(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    await authorise_zalo(engine, SANDBOX_APP_ID, "used-already")
    session = ZaloSession(engine, http, app_of(zalo))
    outcome = await session.send(PHONE, DATA, "t")
    assert outcome == Refused("-14014", "the refresh token was refused", stop_channel=True)
    assert (await tokens(engine))[2]
    again = await session.send(PHONE, DATA, "t")
    assert isinstance(again, Refused)
    assert again.stop_channel
    assert paths(zalo) == [TOKEN_PATH], "once is enough: it will not get better by asking"
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    assert isinstance(await session.send(PHONE, DATA, "t"), Sent)


async def test_the_literal_answer_to_a_used_token(engine: AsyncEngine) -> None:
    await authorise_zalo(engine, "2000000000000000002", "lam-moi-1")
    wire = Wire([httpx.Response(200, json=fixture("token-used.json"))])
    outcome = await wire.session(engine).send(PHONE, DATA, "t")
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.stop_channel) == ("-14014", True)
    assert (await tokens(engine)) == ("", "lam-moi-1", True)


async def test_an_app_never_authorised_needs_a_person(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    outcome = await ZaloSession(engine, http, app_of(zalo)).send(PHONE, DATA, "t")
    assert isinstance(outcome, Refused)
    assert outcome.stop_channel
    assert paths(zalo) == []


async def test_a_wrong_secret_is_configuration_and_does_not_cost_the_authorisation(
    engine: AsyncEngine, zalo: ZaloSandbox, http: httpx.AsyncClient
) -> None:
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    outcome = await ZaloSession(engine, http, app_of(zalo, "wrong")).send(PHONE, DATA, "t")
    assert isinstance(outcome, Refused)
    assert outcome.stop_channel
    assert (await tokens(engine)) == ("", SANDBOX_REFRESH_TOKEN, False)
    assert isinstance(await ZaloSession(engine, http, app_of(zalo)).send(PHONE, DATA, "t"), Sent)


async def test_an_oauth_service_that_is_down_leaves_the_pair(engine: AsyncEngine) -> None:
    await authorise_zalo(engine, "2000000000000000002", "lam-moi-1")
    wire = Wire([httpx.Response(503, text="later"), httpx.Response(200, json={"error": -100, "message": "unknown"})])
    for _ in range(2):
        with pytest.raises(ChannelDown) as down:
            await wire.session(engine).send(PHONE, DATA, "t")
        assert not isinstance(down.value, HungUp)
    assert (await tokens(engine)) == ("", "lam-moi-1", False)


# A batch, with the books


@dataclass
class Town:
    """Two units whose officers prefer Zalo."""

    world: World
    deliveries: Deliveries
    zalo: ZaloSandbox

    async def gather(self) -> StepResult:
        """One step of the dispatch."""
        return await step_dispatch(self.world.engine, self.world.request(dispatch_id(self.world.realm), 0, "gather"))

    async def send(self, took: StepResult) -> SendResult:
        """One attempt of the batch of Zalo messages."""
        (batch,) = (b for b in took.deliveries if b.channel is Channel.ZALO)
        return await ActivityEnvironment().run(self.deliveries.send_zalo, batch)

    async def phone(self, person: str) -> str:
        """A person's number."""
        return str(await self.world.value("SELECT phone FROM person WHERE slug = :s", s=person))

    async def refuse(self, person: str, code: int) -> None:
        """Let the sandbox refuse this person."""
        (self.zalo.folder / "refusals.json").write_text(json.dumps({await self.phone(person): code}))

    async def states(self) -> list[tuple[str, str, str]]:
        """(person, channel, state) of every delivery to those who prefer Zalo."""
        rows = await self.world.rows(
            """SELECT p.slug, d.channel, d.state FROM delivery d JOIN person p ON p.id = d.person_id
               WHERE p.slug IN ('bao-can-bo', 'tap-chi-can-bo') ORDER BY p.slug, d.id"""
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
async def town(engine: AsyncEngine, zalo: ZaloSandbox) -> Town:
    world = await make_world(engine, registry=small_registry(zalo=("bao", "tap-chi")))
    await authorise_zalo(engine, SANDBOX_APP_ID, SANDBOX_REFRESH_TOKEN)
    await world.step_task()
    await world.clock("2024-01-15 09:00")

    async def ring(workflows: Sequence[str]) -> int:
        return len(workflows)

    mail = MailServer("127.0.0.1", 1)
    made = Deliveries(engine, ring, mail, app_of(zalo), "worker-1", 20.0, "https://dondoc.example", sandbox=True)
    return Town(world, made, zalo)


async def test_a_digest_goes_out_as_a_template_message(town: Town) -> None:
    assert await town.send(await town.gather()) == SendResult(sent=2)
    sent = [r["body"] for r in town.zalo.requests() if r["path"] == MESSAGE_PATH]
    assert [s["phone"] for s in sent] == [await town.phone("bao-can-bo"), await town.phone("tap-chi-can-bo")]
    assert all(len(v) <= 30 for s in sent for v in s["template_data"].values())
    assert sent[0]["template_data"]["so_viec"] == "1"
    ids = await town.world.rows("SELECT id, provider_id FROM delivery WHERE channel = 'zalo' ORDER BY id")
    assert [s["tracking_id"] for s in sent] == [f"thu.{row['id']}" for row in ids]
    assert all(row["provider_id"].startswith("sandbox") for row in ids)


@pytest.mark.parametrize(("code", "marks"), [(-118, 1), (-139, 1), (-108, 1), (-144, 0), (-109, 0)])
async def test_mail_takes_over_where_zalo_refuses(town: Town, code: int, marks: int) -> None:
    await town.refuse("bao-can-bo", code)
    assert await town.send(await town.gather()) == SendResult(sent=1, refused=1)
    assert await town.states() == [
        ("bao-can-bo", "zalo", "refused"),
        ("bao-can-bo", "mail", "reserved"),
        ("tap-chi-can-bo", "zalo", "sent"),
    ]
    assert await town.world.value("SELECT count(*) FROM contact_mark") == marks
    assert await town.world.value("SELECT count(*) FROM channel_alarm") == 0
    same = await town.world.value(
        """SELECT count(*) FROM delivery_notice z JOIN delivery_notice m USING (notice_id, person_id)
           WHERE z.channel = 'zalo' AND m.channel = 'mail'"""
    )
    assert same == 1


async def test_quiet_hours_wait(town: Town) -> None:
    await town.refuse("bao-can-bo", -133)
    assert await town.send(await town.gather()) == SendResult(sent=1, waiting=1)
    assert ("bao-can-bo", "zalo", "waiting") in await town.states()
    back = await town.world.value("SELECT retry_at = '2024-01-15 17:00+07' FROM delivery WHERE state = 'waiting'")
    assert back


async def test_money_stops_the_channel_for_everybody(town: Town) -> None:
    await town.refuse("bao-can-bo", -115)
    await town.send(await town.gather())
    alarms = await town.world.rows("SELECT channel, code FROM channel_alarm")
    assert [tuple(a.values()) for a in alarms] == [("zalo", "-115")]
    assert ("bao-can-bo", "mail", "reserved") in await town.states()


async def test_a_message_that_zalo_cannot_answer_does_not_block_the_others(town: Town, monkeypatch: Any) -> None:
    took, poison, error_for = await town.gather(), await town.phone("bao-can-bo"), town.zalo._error_for

    def broken(token: str, body: dict[str, Any]) -> int:
        if body.get("phone") == poison:
            raise ValueError("their bug")
        return error_for(token, body)

    monkeypatch.setattr(town.zalo, "_error_for", broken)
    for _ in range(PATIENCE - 1):
        with pytest.raises(ApplicationError, match="channel down"):
            await town.send(took)
    assert await town.send(took) == SendResult(sent=1, waiting=1)
    assert await town.states() == [("bao-can-bo", "zalo", "waiting"), ("tap-chi-can-bo", "zalo", "sent")]
