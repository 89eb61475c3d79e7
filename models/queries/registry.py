"""The registry as the books hold it, as the edge asks for it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.plan import Registry
from models.registry import read_registry


async def read_units(connection: AsyncConnection, realm: str) -> Registry:
    """The realm's units, groups and vague words; its people are left out."""
    return await read_registry(connection, realm)
