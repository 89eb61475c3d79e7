"""`dondoc doctor` and `dondoc audit`: every part is looked at whichever is down, and the exit code tells a monitor."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from worlds import World, make_world, small_plan

from commands.checks import check_clock, check_settings
from commands.doctor import examine
from domain.watching import Checkup, Level, worst
from models.queries.diagnosis import diagnose
from models.queries.health import read_health
from settings import Settings

NOWHERE = {"DONDOC_TEMPORAL_ADDRESS": "127.0.0.1:1", "DONDOC_SMTP_PORT": "1", "DONDOC_DELIVERY": "sandbox"}


def now() -> datetime:
    return datetime.now(UTC)


def codes(found: list[Checkup]) -> dict[str, Level]:
    return {each.code: each.level for each in found}


async def test_without_a_stack_it_says_so_and_what_to_do(dondoc, tmp_path: Path) -> None:
    said = await dondoc.beside("doctor", "--data", tmp_path)
    assert said.code == 2
    assert "make up" in said.out
    assert said.error == ""


async def test_with_everything_down_each_part_is_told(dondoc) -> None:
    said = await dondoc.beside("doctor", "--json", DONDOC_DSN="postgresql://x:geheim@127.0.0.1:1/x", **NOWHERE)
    assert said.code == 2
    told = json.loads(said.out)
    assert told["level"] == "broken"
    broken = {each["part"] for each in told["findings"] if each["level"] == "broken"}
    assert broken >= {"Cơ sở dữ liệu", "Temporal", "Thư"}
    assert all(each["sentence"] for each in told["findings"])
    assert "geheim" not in said.out + said.error


async def test_the_books_are_looked_at_though_the_rest_is_down(dondoc, dsn: str, engine: AsyncEngine) -> None:
    await make_world(engine, draft=small_plan())
    said = await dondoc.beside("doctor", "--json", DONDOC_DSN=dsn, **NOWHERE)
    found = {each["code"]: each["level"] for each in json.loads(said.out)["findings"]}
    assert found["database"] == found["moving"] == found["clock-skew"] == found["channels"] == "good"
    assert found["temporal-unavailable"] == found["relay-down"] == "broken"


async def test_the_table_fits_a_terminal(dondoc, dsn: str) -> None:
    said = await dondoc.beside("doctor", DONDOC_DSN=dsn, **NOWHERE)
    assert said.code == 2
    assert "Tình trạng hệ thống" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80
    assert "Có phần hỏng." in said.out


async def test_a_database_of_another_schema_is_told(dondoc, dsn: str, engine: AsyncEngine) -> None:
    world = World(engine)
    await world.run("UPDATE alembic_version SET version_num = '0001'")
    said = await dondoc.beside("doctor", "--json", DONDOC_DSN=dsn, **NOWHERE)
    assert "database-not-migrated" in said.out
    await world.run("DROP TABLE alembic_version")
    said = await dondoc.beside("doctor", "--json", DONDOC_DSN=dsn, **NOWHERE)
    assert "database-not-migrated" in said.out


async def test_an_address_that_is_none_is_told_without_its_password(dondoc) -> None:
    said = await dondoc.beside("doctor", DONDOC_DSN="mysql://x:geheim@nirgends/x", **NOWHERE)
    assert said.code == 2
    assert "DONDOC_DSN" in said.out
    assert "geheim" not in said.out + said.error


SOUND = Settings(
    dsn="postgresql://dondoc:S3hr-Lang@db.tinh.gov.vn/dondoc", public_url="https://dondoc.tinh.gov.vn",
    mail_from="Đôn Đốc <dondoc@tinh.gov.vn>",
)  # fmt: skip


def test_a_sound_configuration_is_good() -> None:
    assert codes(check_settings(SOUND)) == {"settings": Level.GOOD}


@pytest.mark.parametrize(
    ("changed", "code", "level"),
    [
        ({"public_url": "dondoc.tinh.gov.vn"}, "public-url-invalid", Level.BROKEN),
        ({"public_url": "https://[x"}, "public-url-invalid", Level.BROKEN),
        ({"public_url": "https://dondoc.tinh.gov.vn/"}, "public-url-tail", Level.BROKEN),
        ({"public_url": "http://127.0.0.1:8080"}, "public-url-local", Level.LOOK),
        ({"public_url": "http://dondoc.tinh.gov.vn"}, "public-url-plain", Level.LOOK),
        ({"smtp_user": "dondoc", "smtp_password": "changeme"}, "secret-placeholder", Level.BROKEN),
        ({"zalo_app_id": "1", "zalo_secret_key": ""}, "secret-placeholder", Level.BROKEN),
        ({"dsn": "postgresql://dondoc:password@db/dondoc"}, "secret-placeholder", Level.BROKEN),
        ({"mail_from": "Đôn Đốc <dondoc@dondoc.example>"}, "sender-example", Level.BROKEN),
    ],
)
def test_what_is_wrong_with_a_configuration(changed: dict[str, Any], code: str, level: Level) -> None:
    found = check_settings(replace(SOUND, **changed))
    assert codes(found) == {code: level}
    assert found[0].remedy
    assert "changeme" not in found[0].sentence


def test_the_embedded_stack_is_sound_as_it_is() -> None:
    assert worst(check_settings(Settings(delivery="sandbox"))) is Level.GOOD


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.GOOD), (5, Level.LOOK), (-5, Level.LOOK), (40, Level.BROKEN), (-40, Level.BROKEN)]
)
async def test_clocks_apart(engine: AsyncEngine, seconds: int, level: Level) -> None:
    (found,) = await check_clock(engine, lambda: now() + timedelta(seconds=seconds))
    assert (found.code, found.level) == ("clock-skew", level)


STATES = {
    "channel-stopped": """INSERT INTO channel_alarm (realm, channel, code, reason, since)
                          VALUES ('thu', 'zalo', '-115', 'hết tiền', clock_timestamp())""",
    "zalo-unauthorised": """INSERT INTO zalo_token (app_id, access, refresh, expires_at, needs_authorisation)
                            VALUES ('1', '', 'x', clock_timestamp(), true)""",
    "zalo-token-old": """INSERT INTO zalo_token (app_id, access, refresh, expires_at, refreshed_at, needs_authorisation)
                         VALUES ('1', '', 'x', clock_timestamp(), clock_timestamp() - interval '61 days', false)""",
    "zalo-token-expired": """INSERT INTO zalo_token (app_id, access, refresh, expires_at, refreshed_at,
                                                     needs_authorisation)
                             VALUES ('1', '', 'x', clock_timestamp(), clock_timestamp() - interval '91 days', false)""",
    "unreachable-units": "UPDATE person SET email = '' WHERE slug LIKE 'bao-%'",
    "contacts-marked": """INSERT INTO contact_mark (person_id, channel, code, address, since)
                          SELECT id, 'mail', '550', email, clock_timestamp() FROM person WHERE slug = 'bao-can-bo'""",
    "wakes-overdue": "UPDATE wake SET at = clock_timestamp() - interval '1 hour' WHERE process = 'plan'",
    "audit-missing": "DELETE FROM wake WHERE process = 'audit'",
    "relay-busy": "INSERT INTO relay_count (reason, times) VALUES ('bell', 500)",
    "audit-left": """INSERT INTO audit (realm, at, checked, repaired) VALUES ('thu', clock_timestamp(), 1,
                     '{"facts-orphaned": {"found": 1, "repaired": 0, "examples": []}}')""",
    "receipts-waiting": """INSERT INTO receipt (source, key, received_at, body)
                           SELECT 'zalo', n::text, clock_timestamp(), '' FROM generate_series(1, 101) n""",
}


@pytest.mark.parametrize("code", STATES)
async def test_what_the_books_say(engine: AsyncEngine, code: str) -> None:
    world = await make_world(engine, live=True, draft=small_plan())
    await world.run("UPDATE fact SET taken_in_at = clock_timestamp()")
    await world.run("UPDATE wake SET at = clock_timestamp() + interval '1 day'")
    async with engine.connect() as connection:
        assert worst(diagnose(await read_health(connection))) is Level.GOOD
    await world.run(STATES[code])
    async with engine.connect() as connection:
        found = {each.code: each for each in diagnose(await read_health(connection))}
        other = diagnose(await read_health(connection, "khac"))
    assert found[code].level is not Level.GOOD
    assert found[code].remedy
    ours = not code.startswith(("zalo", "relay", "receipts"))
    assert (code not in codes(other)) is ours, "another realm is shown what is its own only"


async def test_a_part_that_hangs_does_not_hold_up_the_others(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    import commands.doctor

    async def hang(settings: Settings) -> list[Checkup]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(commands.doctor, "check_mail", hang)
    monkeypatch.setattr(commands.doctor._isolated, "__defaults__", (0.5,))
    given = Settings(dsn=dsn, temporal_address="127.0.0.1:1", delivery="sandbox")
    found = codes(await examine(argparse.Namespace(), given, now))
    assert found["no-answer"] is Level.BROKEN


async def test_an_audit_by_hand_prints_what_it_found_and_repaired(dondoc, dsn: str, engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan())
    await world.run("DELETE FROM wake WHERE process = 'plan'")
    said = await dondoc.beside("audit", "thu", DONDOC_DSN=dsn, **NOWHERE)
    assert said.code == 0
    assert "thu/plan/ke-hoach" in said.out
    assert "thấy 1 chỗ sai, đã xử lý 1." in said.out
    assert "Temporal không trả lời" in said.out
    assert max(len(line) for line in said.out.splitlines()) <= 80
    said = await dondoc.beside("audit", "thu", "--json")
    told = json.loads(said.out)
    assert (said.code, told["found"], told["temporal_asked"]) == (0, {}, False)
    assert await world.value("SELECT count(*) FROM audit") == 2


async def test_what_people_must_decide_is_the_exit_code(dondoc, dsn: str, engine: AsyncEngine) -> None:
    world = await make_world(engine, draft=small_plan())
    await world.run("UPDATE plan SET status = 'closed'")
    said = await dondoc.beside("audit", "thu", DONDOC_DSN=dsn, **NOWHERE)
    assert said.code == 1
    said = await dondoc.beside("audit", "khac", DONDOC_DSN=dsn)
    assert (said.code, "[realm-unknown]" in said.error) == (2, True)
