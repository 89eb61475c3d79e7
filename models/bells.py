"""Bells and wakes: how a fact reaches the workflow that must take it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.contracts import Process
from domain.ids import dispatch_id


async def ring_bell(connection: AsyncConnection, workflow: str) -> bool:
    """Count one more fact for this workflow; True where it was silent before, so that the caller is to signal it.

    A workflow that had closed is opened again: its next run begins with a step.
    """
    return bool(await ring_bells(connection, [workflow]))


async def ring_bells(connection: AsyncConnection, workflows: Sequence[str]) -> list[str]:
    """The same for many at once, whose rows are locked already; returns those to signal, in order."""
    rung = await connection.execute(
        text(
            """UPDATE wake SET bell = bell + 1, bell_at = COALESCE(bell_at, clock_timestamp()),
                 closed_at = NULL, archived_at = NULL
               WHERE workflow = ANY(:workflows) RETURNING workflow, bell"""
        ),
        {"workflows": list(workflows)},
    )
    return sorted(workflow for workflow, bell in rung if bell == 1)


async def want(
    connection: AsyncConnection, workflow: str, realm: str, process: Process, subject: int, title: str, at: datetime
) -> None:
    """Write that a workflow is to run and first has something to do at `at`; one that is known is left as it is."""
    await connection.execute(
        text(
            """INSERT INTO wake (workflow, realm, process, subject, title, at, next_step, bell)
               VALUES (:workflow, :realm, :process, :subject, :title, :at, '', 0) ON CONFLICT (workflow) DO NOTHING"""
        ),
        {
            "workflow": workflow,
            "realm": realm,
            "process": process.value,
            "subject": subject,
            "title": title,
            "at": at,
        },
    )


async def want_dispatch(connection: AsyncConnection, realm: str, send_at: datetime) -> str | None:
    """Notices wait from `send_at` on. Returns the dispatch's id where it must be rung, else None: it wakes in time.

    One that is at work now, perhaps for hours over a server that is down, may have looked already and is rung too.

    The row is locked even when nothing changes: a dispatch that is taking a step has not seen these notices, and what
    it decides to wait for must be known before it is decided here whether to ring.
    """
    workflow = dispatch_id(realm)
    bell = await connection.scalar(
        text(
            """INSERT INTO wake (workflow, realm, process, subject, title, at, next_step, bell, bell_at)
               VALUES (:workflow, :realm, 'dispatch', 0, :title, :at, '', 1, clock_timestamp())
               ON CONFLICT (workflow) DO UPDATE SET
                 at = LEAST(wake.at, EXCLUDED.at), bell = wake.bell + 1,
                 bell_at = COALESCE(wake.bell_at, clock_timestamp()), closed_at = NULL
               WHERE wake.at IS NULL OR wake.at > EXCLUDED.at OR wake.at <= business_now(wake.realm)
                 OR wake.closed_at IS NOT NULL
               RETURNING bell"""
        ),
        {"workflow": workflow, "realm": realm, "title": "Phát thông báo", "at": send_at},
    )
    return workflow if bell == 1 else None
