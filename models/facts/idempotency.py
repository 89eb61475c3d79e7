"""A POST that is repeated under its Idempotency-Key: done once, answered twice with the same words.

The reply is stored in the transaction of the fact, so there is never one without the other: an answer that was lost on
its way is found again, and an attempt that failed leaves nothing to find.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Conflict

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('idempotency/' || :person || '/' || :key, 0))"
_FIND = "SELECT request_sha256, status, body FROM idempotent_reply WHERE person_id = :person AND key = :key"
_KEEP = """
INSERT INTO idempotent_reply (person_id, key, request_sha256, status, body)
VALUES (:person, :key, :sha256, :status, CAST(:body AS jsonb)) RETURNING body
"""


@dataclass(frozen=True)
class Attempt:
    """One attempt at a request. `sha256` is of what was asked, without anything that differs between two attempts."""

    person: int
    key: str
    sha256: str


@dataclass(frozen=True)
class Reply:
    """What a request was answered."""

    status: int
    body: dict[str, Any]


def fingerprint(method: str, path: str, asked: object) -> str:
    """The hash of a request: `asked` is its content as plain JSON values."""
    words = json.dumps([method, path, asked], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


async def earlier_reply(connection: AsyncConnection, attempt: Attempt) -> Reply | None:
    """What the same request was answered before, None for the first attempt. Later attempts wait for this transaction.

    Raises `Conflict` where the key was used for something else.
    """
    await connection.execute(text(_LOCK), {"person": str(attempt.person), "key": attempt.key})
    values = {"person": attempt.person, "key": attempt.key}
    row = (await connection.execute(text(_FIND), values)).mappings().one_or_none()
    if row is None:
        return None
    if row["request_sha256"] != attempt.sha256:
        raise Conflict(
            "idempotency-key-reused",
            "Mã Idempotency-Key này đã dùng cho một yêu cầu khác; hãy dùng mã mới cho mỗi yêu cầu mới.",
        )
    return Reply(row["status"], row["body"])


async def keep_reply(connection: AsyncConnection, attempt: Attempt, reply: Reply) -> Reply:
    """Store the reply with the fact; both are committed by the caller. Returns it as it will be read again."""
    stored: dict[str, Any] = (
        await connection.execute(
            text(_KEEP),
            {
                "person": attempt.person,
                "key": attempt.key,
                "sha256": attempt.sha256,
                "status": reply.status,
                "body": json.dumps(reply.body, ensure_ascii=False),
            },
        )
    ).scalar_one()
    return Reply(reply.status, stored)
