"""Making a realm, and writing its registry of units and people."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Process
from domain.errors import Conflict, NotFound
from domain.ids import audit_id
from domain.plan import Registry
from domain.watching import next_audit
from models.bells import want
from models.facts.frame import Ledger, ledger
from models.realm_calendar import fill_calendar
from models.truth import revive


async def create_realm(
    engine: AsyncEngine, realm: str, registry: Registry, begins: datetime | None, first_year: int, last_year: int
) -> None:
    """Make a realm with its registry and working days; a rehearsal where `begins` gives its clock's first instant.

    Raises `Conflict` where the realm is already there.
    """
    async with ledger(engine, realm) as books:
        if await books.rows("SELECT 1 FROM realm WHERE id = :id", id=realm):
            raise Conflict("realm-exists", f"Không gian {realm!r} đã có; hãy chọn tên khác.")
        await books.run(
            """INSERT INTO realm (id, kind, authority, province, reporting_group, now, calendar_version)
               VALUES (:id, :kind, :authority, :province, '', :now, '')""",
            id=realm,
            kind="live" if begins is None else "rehearsal",
            authority=registry.authority.name,
            province=registry.authority.province,
            now=begins,
        )
        await fill_calendar(books.connection, realm, first_year, last_year)
        await _write_registry(books, registry)
        if begins is None:
            await _want_audit(books)


async def _want_audit(books: Ledger) -> None:
    """A live realm is looked over every day, from its first morning on."""
    first = next_audit(await books.now())
    title = "Tự kiểm tra hằng ngày"
    await want(books.connection, audit_id(books.realm), books.realm, Process.AUDIT, 0, title, first)


async def update_registry(engine: AsyncEngine, realm: str, registry: Registry) -> list[str]:
    """Take in a corrected registry file: what is new is added, what is named again is as the file now says.

    Nothing is removed, since reports keep the names valid then: a unit or person ends by its `valid_to`. What had
    reached nobody, and is still true, goes to whom the file now names. Returns whom to ring; else the relay does.
    Raises `NotFound` for an unknown realm.
    """
    async with ledger(engine, realm) as books:
        missing = NotFound("realm-unknown", f"Không có không gian {realm!r}.")
        await books.one("SELECT id FROM realm WHERE id = :id", missing, id=realm)
        await _write_registry(books, registry)
        _, ring = await revive(books.connection, realm, await books.now())
        return [ring] if ring else []


async def _write_registry(books: Ledger, registry: Registry) -> None:
    await books.run(
        "UPDATE realm SET reporting_group = :group WHERE id = :id",
        group=registry.authority.reporting_group or "",
        id=books.realm,
    )
    await _write_units(books, registry)
    await _write_groups(books, registry)
    await _write_people(books, registry)


async def _write_units(books: Ledger, registry: Registry) -> None:
    for unit in registry.units:
        await books.run(
            """WITH made AS (
                 INSERT INTO unit (realm, slug, name, superior, valid_from, valid_to)
                 VALUES (:realm, :slug, :name, :superior, :from, :to)
                 ON CONFLICT (realm, slug) DO UPDATE SET name = EXCLUDED.name, superior = EXCLUDED.superior,
                   valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to RETURNING id)
               INSERT INTO unit_alias (unit_id, alias)
               SELECT made.id, a FROM made, jsonb_array_elements_text(CAST(:aliases AS jsonb)) a
               ON CONFLICT DO NOTHING""",
            **{"from": unit.valid_from, "to": unit.valid_to},
            realm=books.realm,
            slug=unit.id,
            name=unit.name,
            superior=unit.superior,
            aliases=json.dumps(unit.aliases),
        )


async def _write_groups(books: Ledger, registry: Registry) -> None:
    groups = [(g.id, [g.name, *g.aliases], g.members, False) for g in registry.groups]
    if registry.vague:
        groups.append(("vague", list(registry.vague), (), True))
    for slug, names, members, vague in groups:
        await books.run(
            """WITH made AS (
                 INSERT INTO unit_group (realm, slug, names, vague)
                 VALUES (:realm, :slug, CAST(:names AS jsonb), :vague)
                 ON CONFLICT (realm, slug) DO UPDATE SET names = EXCLUDED.names RETURNING id)
               INSERT INTO group_member (group_id, unit_id)
               SELECT made.id, u.id FROM made, unit u
               WHERE u.realm = :realm AND u.slug IN (SELECT jsonb_array_elements_text(CAST(:members AS jsonb)))
               ON CONFLICT DO NOTHING""",
            realm=books.realm,
            slug=slug,
            names=json.dumps(names),
            vague=vague,
            members=json.dumps(members),
        )


async def _write_people(books: Ledger, registry: Registry) -> None:
    for person in registry.people:
        await books.run(
            """WITH made AS (
                 INSERT INTO person (realm, slug, unit_id, name, email, phone, channels, valid_from, valid_to)
                 SELECT :realm, :slug, id, :name, :email, :phone, CAST(:channels AS jsonb), :from, :to
                 FROM unit WHERE realm = :realm AND slug = :unit
                 ON CONFLICT (realm, slug) DO UPDATE SET unit_id = EXCLUDED.unit_id, name = EXCLUDED.name,
                   email = EXCLUDED.email, phone = EXCLUDED.phone, channels = EXCLUDED.channels,
                   valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to RETURNING id)
               INSERT INTO person_role (person_id, role)
               SELECT made.id, r FROM made, jsonb_array_elements_text(CAST(:roles AS jsonb)) r
               ON CONFLICT DO NOTHING""",
            **{"from": person.valid_from, "to": person.valid_to},
            realm=books.realm,
            slug=person.id,
            unit=person.unit,
            name=person.name,
            email=person.email or "",
            phone=person.phone or "",
            channels=json.dumps(person.channels),
            roles=json.dumps(person.roles),
        )


async def move_clock(engine: AsyncEngine, realm: str, to: datetime) -> None:
    """Step a rehearsal's clock forward; never back, and never a live realm's."""
    async with engine.begin() as connection:
        await connection.execute(
            text("""UPDATE realm SET now = :to, moved_at = clock_timestamp()
                   WHERE id = :id AND kind = 'rehearsal' AND now <= :to"""),
            {"to": to, "id": realm},
        )
