"""Refusals that only HTTP knows, for which it has statuses of its own."""

from __future__ import annotations

from domain.errors import Conflict, Refusal


class VersionMissing(Refusal):
    """A change that does not say which version was seen. HTTP 428."""


class UnknownMedia(Refusal):
    """A body of another kind than this address takes. HTTP 415."""


class Stale(Conflict):
    """Somebody was first: `version` is the one that is stored now. HTTP 412."""

    def __init__(self, error: Conflict, version: int) -> None:
        super().__init__(error.code, error.message)
        self.version = version
