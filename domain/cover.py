"""The covering letter with which a rollup travels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RollupFile:
    """One attached file with the SHA-256 (hexadecimal) of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class RollupMail:
    """The covering letter of a rollup. `number` is number and notation ("15/BC-STTTT") or empty.

    `supplement` is 0 for the main report; `inputs_sha256` is that of the frozen inputs; `link`, where given, is where
    the recipient acknowledges receipt.
    """

    recipient_name: str
    sender_name: str
    plan_title: str
    period_label: str
    number: str
    signed_by: str
    signed_at: datetime | None
    inputs_sha256: str
    files: tuple[RollupFile, ...]
    at: datetime
    rehearsal: bool
    supplement: int = 0
    reference: str = ""
    link: str = ""
