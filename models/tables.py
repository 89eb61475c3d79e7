"""All tables, imported in one place so that the metadata is whole."""

from __future__ import annotations

from models import changes, notices, plans, process, realms, rollups, rounds, units, watch
from models.base import METADATA

MODULES = (realms, units, plans, rounds, changes, rollups, notices, process, watch)

__all__ = ["METADATA", "MODULES"]
