"""All tables, imported in one place so that the metadata is whole."""

from __future__ import annotations

from models import notices, plans, process, realms, rollups, rounds, units
from models.base import METADATA

MODULES = (realms, units, plans, rounds, rollups, notices, process)

__all__ = ["METADATA", "MODULES"]
