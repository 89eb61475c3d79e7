"""Reads the Zalo sandbox's log: each request for a message with its answer, one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TOKEN_EXPIRED = -124
"""Answered when a token has to be exchanged first; says nothing about the message."""


@dataclass(frozen=True)
class ZaloMessage:
    """One attempt. `error` 0 is taken; `count` is of how many things it tells, `reference` the most urgent's code."""

    line: int
    phone: str
    error: int
    count: int
    reference: str
    message_id: str
    tracking_id: str


def read_zalo(log: Path) -> list[ZaloMessage]:
    """Every attempt, oldest first, without those for which only the token was too old. Empty if there is no log."""
    if not log.exists():
        return []
    entries = ((n, json.loads(line)) for n, line in enumerate(log.read_text().splitlines(), start=1) if line.strip())
    found = [_message(n, entry) for n, entry in entries if entry["path"].endswith("/message/template")]
    return [message for message in found if message.error != TOKEN_EXPIRED]


def _message(line: int, entry: dict[str, dict[str, object]]) -> ZaloMessage:
    body, answer = entry["body"], entry["answer"]
    told, taken = body.get("template_data"), answer.get("data")
    data = told if isinstance(told, dict) else {}
    receipt = taken if isinstance(taken, dict) else {}
    return ZaloMessage(
        line, str(body.get("phone", "")), int(str(answer.get("error", -1))), int(data.get("so_viec", "0") or 0),
        str(data.get("ma", "")), str(receipt.get("msg_id", "")), str(body.get("tracking_id", "")),
    )  # fmt: skip
