"""The registry as the books hold it, for resolving the names in a plan: read by facts and for pages alike."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.plan import Registry, RegistryAuthority, RegistryGroup, RegistryUnit

_HEAD = "SELECT authority, province, reporting_group FROM realm WHERE id = :realm"
_UNITS = """
SELECT u.slug, u.name, u.valid_from, u.valid_to, u.superior,
       ARRAY(SELECT alias FROM unit_alias a WHERE a.unit_id = u.id ORDER BY alias) AS aliases
FROM unit u WHERE u.realm = :realm ORDER BY u.id
"""
_GROUPS = """
SELECT g.slug, g.names, g.vague,
       ARRAY(SELECT u.slug FROM group_member m JOIN unit u ON u.id = m.unit_id WHERE m.group_id = g.id ORDER BY u.id)
         AS members
FROM unit_group g WHERE g.realm = :realm ORDER BY g.id
"""


async def read_registry(connection: AsyncConnection, realm: str) -> Registry:
    """The realm's units, groups and vague words; its people are left out."""
    head = (await connection.execute(text(_HEAD), {"realm": realm})).mappings().one()
    units = (await connection.execute(text(_UNITS), {"realm": realm})).mappings()
    groups = list((await connection.execute(text(_GROUPS), {"realm": realm})).mappings())
    return Registry(
        authority=RegistryAuthority(head["authority"], "", head["province"], head["reporting_group"] or None),
        units=tuple(
            RegistryUnit(
                id=u["slug"],
                name=u["name"],
                valid_from=u["valid_from"] or date.min,
                aliases=tuple(u["aliases"]),
                valid_to=u["valid_to"],
                superior=u["superior"],
            )
            for u in units
        ),
        groups=tuple(
            RegistryGroup(id=g["slug"], name=g["names"][0], aliases=tuple(g["names"][1:]), members=tuple(g["members"]))
            for g in groups
            if not g["vague"]
        ),
        vague=tuple(name for g in groups if g["vague"] for name in g["names"]),
    )
