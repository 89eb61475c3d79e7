"""Zalo's webhook, what becomes of its events and of bounces, and contacts that are tried again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sites import FakeBells, Site
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world, small_registry

from activities.receipts import process_receipts
from api import create_app
from domain.ids import dispatch_id
from domain.receipts import event_mac, is_signed
from embedded.zalo import SANDBOX_APP_ID, SANDBOX_OA_SECRET, SANDBOX_REFRESH_TOKEN, SANDBOX_SECRET_KEY, ZaloSandbox
from models.facts.receipts import receipt_key
from models.steps.dispatch import step_dispatch
from models.steps.sending import claim, mark_sent
from settings import Settings

APP, SECRET = "1000000000000000001", "khoa-bi-mat-cua-oa"
BODY = (
    b'{"event_name":"user_received_message","app_id":"1000000000000000001","timestamp":"1705287600123",'
    b'"message":{"msg_id":"m1","delivery_time":"1705287600000","tracking_id":"thu.7"}}'
)
MAC = "74e0420e9cd0ec5877ec83c736db579ff800b715fe0c14e18fddff39cd5ced73"
"""Of app id, BODY, 1705287600123 and the secret, one behind the other; made with sha256sum."""

# The signature


def test_the_signature_is_the_one_on_file() -> None:
    assert event_mac(APP, BODY, "1705287600123", SECRET) == MAC
    assert is_signed(f"mac={MAC}", APP, BODY, "1705287600123", SECRET)
    assert is_signed(MAC.upper(), APP, BODY, "1705287600123", SECRET)


@pytest.mark.parametrize(
    ("header", "body", "stamp", "secret"),
    [
        (f"mac={MAC}", BODY.replace(b'":"', b'": "'), "1705287600123", SECRET),
        (f"mac={MAC}", json.dumps(json.loads(BODY)).encode(), "1705287600123", SECRET),
        (f"mac={MAC}", BODY, "1705287600124", SECRET),
        (f"mac={MAC}", BODY, "1705287600123", "khoa-khac"),
        ("mac=", BODY, "1705287600123", SECRET),
        ("", BODY, "1705287600123", SECRET),
        ("mac=ỡ", BODY, "1705287600123", SECRET),
        (f"mac={hashlib.sha256(APP.encode() + BODY + b'1705287600123').hexdigest()}", BODY, "1705287600123", ""),
    ],
)
def test_any_other_byte_is_not_signed(header: str, body: bytes, stamp: str, secret: str) -> None:
    assert not is_signed(header, APP, body, stamp, secret)


def test_keys_are_the_providers_or_the_bodys() -> None:
    assert receipt_key(("user_received_message", "m1", "thu.7"), BODY) == "user_received_message/m1/thu.7"
    assert receipt_key(("oa_send_text", "m1", ""), BODY) == "oa_send_text/m1/"
    for parts in (("follow", "", ""), ("x" * 300, "m1", ""), ("su\x00kien", "m1", ""), ("sự kiện", "m1", "")):
        assert receipt_key(parts, BODY) == hashlib.sha256(BODY).hexdigest()


# The webhook


@pytest.fixture
async def hook(dsn: str, engine: AsyncEngine) -> AsyncIterator[Site]:
    """The application with a secret, over a world without worker and Temporal."""
    world = await make_world(engine, registry=small_registry(zalo=("bao",)))
    bells = FakeBells()
    bells.up = False
    app = create_app(Settings(dsn=dsn, zalo_app_id=APP, zalo_oa_secret=SECRET), bells)
    async with app.router.lifespan_context(app):
        yield Site(app, world, bells)


def event(ago: float = 0.0, /, **message: str) -> tuple[bytes, dict[str, str]]:
    """An event signed so many seconds ago, with its header."""
    stamp = str(int((time.time() - ago) * 1000))
    told = {"event_name": "user_received_message", "app_id": APP, "timestamp": stamp, "message": message}
    return signed(json.dumps(told).encode(), stamp)


def signed(body: bytes, stamp: str) -> tuple[bytes, dict[str, str]]:
    return body, {"X-ZEvent-Signature": f"mac={event_mac(APP, body, stamp, SECRET)}"}


async def tell(hook: Site, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    async with hook.browser() as zalo:
        return await zalo.post("/zalo/webhook", content=body, headers=headers)


async def kept(world: World) -> list[str]:
    return [row["key"] for row in await world.rows("SELECT key FROM receipt WHERE source = 'zalo' ORDER BY id")]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_signed_event_is_kept_as_it_came_and_once(hook: Site) -> None:
    body, headers = event(msg_id="m1", tracking_id="thu.1")
    answers = [await tell(hook, body, headers) for _ in range(3)]
    assert [(a.status_code, a.json()) for a in answers] == [
        (200, {"kept": True}), (200, {"kept": False}), (200, {"kept": False}),
    ]  # fmt: skip
    assert await hook.world.rows("SELECT source, key, body, processed_at FROM receipt") == [
        {"source": "zalo", "key": "user_received_message/m1/thu.1", "body": body, "processed_at": None}
    ]


async def test_a_repetition_signed_anew_is_the_same_event(hook: Site) -> None:
    for ago in (10, 5):
        assert (await tell(hook, *event(ago, msg_id="m1"))).status_code == 200
    assert await kept(hook.world) == ["user_received_message/m1/"]


async def test_events_of_any_kind_are_answered(hook: Site) -> None:
    stamp = str(int(time.time() * 1000))
    body, headers = signed(b'{"event_name": "follow", "timestamp": %s}' % stamp.encode(), stamp)
    assert (await tell(hook, body, headers)).status_code == 200
    assert await process_receipts(hook.world.engine, nobody) == 1
    assert await hook.world.value("SELECT outcome FROM receipt") == "không dùng"


@pytest.mark.parametrize("ago", [301.0, -302.0])
async def test_an_old_event_is_a_replay(hook: Site, ago: float) -> None:
    assert refusal(await tell(hook, *event(ago, msg_id="m1"))) == (422, "event-stale")
    assert await kept(hook.world) == []


async def test_what_is_not_signed_is_not_kept(hook: Site) -> None:
    body, headers = event(msg_id="m1")
    assert refusal(await tell(hook, body)) == (401, "signature-invalid")
    assert refusal(await tell(hook, body.replace(b'": ', b'":'), headers)) == (401, "signature-invalid")
    assert refusal(await tell(hook, body, {"X-ZEvent-Signature": "mac=" + "0" * 64})) == (401, "signature-invalid")
    assert await kept(hook.world) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"khong phai json", b"[]", b'{"event_name":"x"}', b'{"timestamp":"hom nay"}', b'{"timestamp":-1}',
     b'{"timestamp":"17052876001231705287600123"}', b"\xff\xfe", b"[" * 50_000, b'{"timestamp":1.5e400}'],
)  # fmt: skip
async def test_what_is_no_event_is_refused(hook: Site, body: bytes) -> None:
    assert refusal(await tell(hook, body, {"X-ZEvent-Signature": f"mac={MAC}"})) == (400, "request-malformed")


async def test_too_much_is_refused(hook: Site) -> None:
    assert refusal(await tell(hook, *event(msg_id="m" * 70_000))) == (413, "body-too-large")


async def test_without_a_secret_nothing_is_taken(site: Site) -> None:
    body = BODY
    mac = event_mac("", body, "1705287600123", "")
    assert refusal(await tell(site, body, {"X-ZEvent-Signature": f"mac={mac}"})) == (404, "webhook-off")


# What becomes of an event


async def nobody(workflows: object) -> int:
    return 0


@dataclass
class Sent:
    """A Zalo message as it was sent."""

    id: int
    provider: str


async def send_zalo(world: World) -> Sent:
    """The officer of `bao` is told of the task by Zalo."""
    await world.step_task()
    await world.clock("2024-01-15 09:00")
    took = await step_dispatch(world.engine, world.request(dispatch_id(world.realm), 0, "gather"))
    ids = [d for batch in took.deliveries for d in batch.deliveries]
    for delivery in await claim(world.engine, ids, "a", 20):
        if delivery.channel == "zalo":
            await mark_sent(world.engine, delivery, f"zalo{delivery.id}")
            return Sent(delivery.id, f"zalo{delivery.id}")
    raise AssertionError("nothing went by Zalo")


def ms(ago: float) -> str:
    return str(int((time.time() - ago) * 1000))


async def received(world: World, sent: Sent) -> Any:
    (row,) = await world.rows(
        "SELECT received_at, received_at >= sent_at AS after, state FROM delivery WHERE id = :id", id=sent.id
    )
    return row


@pytest.mark.parametrize("by", ["msg_id", "tracking_id"])
async def test_a_message_that_was_received_is_noted(hook: Site, by: str) -> None:
    sent = await send_zalo(hook.world)
    name = (
        {"msg_id": sent.provider, "tracking_id": ""}
        if by == "msg_id"
        else {"msg_id": "x", "tracking_id": f"thu.{sent.id}"}
    )
    await asyncio.sleep(0.05)
    await tell(hook, *event(delivery_time=ms(0), **name))
    assert await process_receipts(hook.world.engine, nobody) == 1
    row = await received(hook.world, sent)
    assert row["after"] and row["state"] == "sent"
    await tell(hook, *event(delivery_time=ms(0), msg_id=sent.provider, tracking_id="khac"))
    await process_receipts(hook.world.engine, nobody)
    assert (await received(hook.world, sent))["received_at"] == row["received_at"], "the first word counts"


@pytest.mark.parametrize("when", ["0", "1", "99999999999999999999", "hom nay", ""])
async def test_no_message_is_received_before_it_was_sent_or_after_it_was_told(hook: Site, when: str) -> None:
    sent = await send_zalo(hook.world)
    await tell(hook, *event(delivery_time=when, msg_id=sent.provider))
    await process_receipts(hook.world.engine, nobody)
    row = await received(hook.world, sent)
    assert row["after"]
    assert await hook.world.value("SELECT :at <= received_at FROM receipt", at=row["received_at"])


async def test_unknown_messages_and_other_realms_are_passed_over(hook: Site) -> None:
    sent = await send_zalo(hook.world)
    for number, tracking in enumerate((f"khac.{sent.id}", "thu.999999", "thu.x", "")):
        await tell(hook, *event(msg_id=f"la{number}", tracking_id=tracking))
    assert await process_receipts(hook.world.engine, nobody) == 4
    assert (await received(hook.world, sent))["received_at"] is None
    assert set(await outcomes(hook.world)) == {"không có tin Zalo này trong sổ"}


async def outcomes(world: World) -> list[str]:
    return [row["outcome"] for row in await world.rows("SELECT outcome FROM receipt ORDER BY id")]


async def test_poison_is_set_aside_and_holds_up_nothing(hook: Site) -> None:
    sent = await send_zalo(hook.world)
    for key, body in (("a", b"khong phai json"), ("b", b"[]"), ("c", b"\xff")):
        await hook.world.run(
            "INSERT INTO receipt (source, key, received_at, body) VALUES ('zalo', :key, clock_timestamp(), :body)",
            key=key, body=body,
        )  # fmt: skip
    await tell(hook, *event(msg_id=sent.provider + "\x00"))
    await tell(hook, *event(msg_id=sent.provider, tracking_id="\ud800"))
    assert await process_receipts(hook.world.engine, nobody) == 5
    assert await process_receipts(hook.world.engine, nobody) == 0
    assert await outcomes(hook.world) == [
        "lỗi: JSONDecodeError", "lỗi: AttributeError", "lỗi: UnicodeDecodeError", "không có tin Zalo này trong sổ",
        "đã tới nơi nhận",
    ]  # fmt: skip


async def test_two_workers_share_the_receipts(hook: Site) -> None:
    await send_zalo(hook.world)
    for number in range(12):
        await tell(hook, *event(msg_id=f"m{number}"))
    counts = await asyncio.gather(*(process_receipts(hook.world.engine, nobody) for _ in range(3)))
    assert sum(counts) == 12
    assert await hook.world.value("SELECT count(*) FROM receipt WHERE processed_at IS NULL") == 0


# The sandbox tells of itself


async def test_the_sandbox_signs_what_it_tells(dsn: str, engine: AsyncEngine, tmp_path: Path) -> None:
    world = await make_world(engine)
    app = create_app(Settings(dsn=dsn, zalo_app_id=SANDBOX_APP_ID, zalo_oa_secret=SANDBOX_OA_SECRET), FakeBells())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    zalo = ZaloSandbox(tmp_path / "zalo", webhook=f"http://127.0.0.1:{port}/zalo/webhook")
    await zalo.start()
    try:
        await send_one(zalo)
        while not zalo.events():
            await asyncio.sleep(0.01)
        server.should_exit = True
        await serving
        await send_one(zalo)
        while len(zalo.events()) < 2:
            await asyncio.sleep(0.01)
    finally:
        server.should_exit = True
        await zalo.stop()
        await serving
    assert [told["answer"] for told in zalo.events()] == [{"status": 200}, {"error": "ConnectError"}]
    assert await kept(world) == ["user_received_message/sandbox00000001/thu.1"]


async def send_one(zalo: ZaloSandbox) -> None:
    form = {"app_id": SANDBOX_APP_ID, "grant_type": "refresh_token", "refresh_token": SANDBOX_REFRESH_TOKEN}
    form["refresh_token"] = zalo._state["refresh_token"]
    async with httpx.AsyncClient() as client:
        pair = await client.post(
            f"{zalo.url}/v4/oa/access_token", data=form, headers={"secret_key": SANDBOX_SECRET_KEY}
        )
        message = {"phone": "84900000001", "template_id": "7", "template_data": {"so": "3"}, "tracking_id": "thu.1"}
        headers = {"access_token": pair.json()["access_token"]}
        assert (await client.post(f"{zalo.url}/message/template", json=message, headers=headers)).json()["error"] == 0


# Contacts that are tried again


async def mark(world: World, person: str, channel: str, code: str) -> None:
    await world.run(
        """INSERT INTO contact_mark (person_id, channel, code, address, since)
           SELECT id, :channel, :code, CASE :channel WHEN 'mail' THEN email ELSE phone END, clock_timestamp()
           FROM person WHERE slug = :person""",
        person=person, channel=channel, code=code,
    )  # fmt: skip


async def test_an_administrator_has_a_mended_address_tried_again(hook: Site) -> None:
    path = "/people/bao-can-bo/channels/mail/clear"
    answer = await hook.post("quan-tri", path)
    assert (answer.status_code, answer.json()["code"]) == (409, "contact-not-marked")
    await mark(hook.world, "bao-can-bo", "mail", "5.1.1")
    assert (await hook.post("so-tong-hop", path)).status_code == 403
    answer = await hook.post("quan-tri", path)
    assert (answer.status_code, answer.json()) == (200, {"person": "bao-can-bo", "channel": "mail"})
    assert await hook.world.rows("SELECT 1 FROM contact_mark") == []
    assert (await hook.post("quan-tri", "/people/khong-co/channels/mail/clear")).status_code == 404
    assert (await hook.post("quan-tri", "/people/bao-can-bo/channels/fax/clear")).status_code == 422


@pytest.mark.parametrize("code", ["-139", "-141"])
async def test_who_has_opted_out_is_not_written_to_at_that_number(hook: Site, code: str) -> None:
    await mark(hook.world, "bao-can-bo", "zalo", code)
    path = "/people/bao-can-bo/channels/zalo/clear"
    answer = await hook.post("quan-tri", path)
    assert (answer.status_code, answer.json()["code"]) == (422, "contact-opted-out")
    assert await hook.world.value("SELECT count(*) FROM contact_mark") == 1
    await hook.world.run("UPDATE person SET phone = '84911111111' WHERE slug = 'bao-can-bo'")
    answer = await hook.post("quan-tri", path)
    assert (answer.status_code, answer.json()["code"]) == (409, "contact-not-marked"), "a mark is of its number"
