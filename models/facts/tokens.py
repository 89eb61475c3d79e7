"""Sign-in tokens: made once, kept as hashes, revoked in time."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound, Unauthenticated
from models.facts.frame import Actor, ledger

_FIND = """
SELECT p.id, p.slug, p.name, p.realm, p.unit_id, u.slug AS unit_slug,
       ARRAY(SELECT role FROM person_role r WHERE r.person_id = p.id) AS roles
FROM access_token t JOIN person p ON p.id = t.person_id JOIN unit u ON u.id = p.unit_id
WHERE t.hash = :hash AND t.expires_at > clock_timestamp() AND t.revoked_at IS NULL
  AND COALESCE(p.valid_from, '-infinity') <= CAST(business_now(p.realm) + interval '7 hours' AS date)
  AND COALESCE(p.valid_to, 'infinity') >= CAST(business_now(p.realm) + interval '7 hours' AS date)
"""


def token_hash(token: str) -> str:
    """What the books keep of a token. It has 256 random bits, so a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue_token(engine: AsyncEngine, realm: str, person: str, days: int) -> str:
    """Make a token for a person, by slug; it is shown once and never again. Raises `NotFound`."""
    token = secrets.token_urlsafe(32)
    async with ledger(engine, realm) as books:
        row = await books.one(
            "SELECT id FROM person WHERE realm = :realm AND slug = :slug",
            NotFound("person-unknown", f"Không có người dùng {person!r}."),
            realm=realm,
            slug=person,
        )
        await books.run(
            """INSERT INTO access_token (hash, person_id, expires_at)
               VALUES (:hash, :person, clock_timestamp() + make_interval(days => :days))""",
            hash=token_hash(token),
            person=row["id"],
            days=days,
        )
    return token


async def actor_of(engine: AsyncEngine, token: str) -> Actor:
    """Who holds this token; raises `Unauthenticated` for one that is unknown, expired or revoked."""
    async with engine.connect() as connection:
        row = (await connection.execute(text(_FIND), {"hash": token_hash(token)})).mappings().one_or_none()
    if row is None:
        raise Unauthenticated("token-invalid", "Phiên đăng nhập không hợp lệ hoặc đã hết hạn; hãy đăng nhập lại.")
    return Actor.of(row)


async def revoke_token(engine: AsyncEngine, token: str) -> None:
    """End a token; one that is unknown is left unknown."""
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE access_token SET revoked_at = clock_timestamp() WHERE hash = :hash AND revoked_at IS NULL"),
            {"hash": token_hash(token)},
        )
