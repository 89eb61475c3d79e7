"""As whom a command acts in the books: an administrator of the realm, so that each fact has somebody who did it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import NotFound
from models.facts.frame import Actor

_ADMINS = """
SELECT p.id, p.slug, p.name, p.realm, p.unit_id, u.slug AS unit_slug,
       ARRAY(SELECT role FROM person_role r WHERE r.person_id = p.id) AS roles
FROM person p JOIN unit u ON u.id = p.unit_id
WHERE p.realm = :realm AND EXISTS (SELECT FROM person_role r WHERE r.person_id = p.id AND r.role = 'admin')
  AND (CAST(:person AS text) IS NULL OR p.slug = :person)
  AND COALESCE(p.valid_from, '-infinity') <= CAST(business_now(p.realm) + interval '7 hours' AS date)
  AND COALESCE(p.valid_to, 'infinity') >= CAST(business_now(p.realm) + interval '7 hours' AS date)
ORDER BY p.id LIMIT 1
"""


async def acting_admin(engine: AsyncEngine, realm: str, person: str | None = None) -> Actor:
    """The realm's administrator: the one named by slug, else the first; raises `NotFound`."""
    async with engine.connect() as connection:
        if not await connection.scalar(text("SELECT true FROM realm WHERE id = :realm"), {"realm": realm}):
            raise NotFound("realm-unknown", f"Không có không gian {realm!r}.")
        row = (await connection.execute(text(_ADMINS), {"realm": realm, "person": person})).mappings().one_or_none()
    if row is None:
        who = f"{person!r} không phải" if person else "Chưa có"
        raise NotFound("admin-missing", f"{who} quản trị còn hiệu lực của {realm}; hãy sửa danh mục (vai trò admin).")
    return Actor.of(row)
