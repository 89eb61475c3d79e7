"""What an administrator does to the channels: authorise the Zalo app, and put a stopped channel to work again."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from models.facts.frame import ledger
from models.truth import revive


async def authorise_zalo(engine: AsyncEngine, app_id: str, refresh_token: str) -> None:
    """Store the refresh token that a person got by authorising the app; replaces what was there."""
    await _store_zalo(engine, app_id, refresh_token, replace=True)


async def authorise_zalo_once(engine: AsyncEngine, app_id: str, refresh_token: str) -> None:
    """The same for an app that has no pair yet: the embedded sandbox, whose first token is known beforehand."""
    await _store_zalo(engine, app_id, refresh_token, replace=False)


async def _store_zalo(engine: AsyncEngine, app_id: str, refresh_token: str, replace: bool) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text(
                """INSERT INTO zalo_token (app_id, access, refresh, expires_at, needs_authorisation, refreshed_at)
                   VALUES (:app, '', :refresh, clock_timestamp(), false, clock_timestamp())
                   ON CONFLICT (app_id) DO UPDATE SET access = '', refresh = EXCLUDED.refresh,
                     expires_at = EXCLUDED.expires_at, needs_authorisation = false, refreshed_at = EXCLUDED.refreshed_at
                   WHERE :replace"""
            ),
            {"app": app_id, "refresh": refresh_token, "replace": replace},
        )


async def reopen_channel(engine: AsyncEngine, realm: str, channel: str) -> tuple[bool, list[str]]:
    """Lift the alarm of a channel that was mended; whether there was one, and whom to ring.

    What could not be sent without it, and is still true, is sent now.
    """
    async with ledger(engine, realm) as books:
        lifted = await books.rows(
            "DELETE FROM channel_alarm WHERE realm = :realm AND channel = :channel RETURNING channel",
            realm=realm,
            channel=channel,
        )
        if not lifted:
            return False, []
        _, ring = await revive(books.connection, realm, await books.now())
        return True, [ring] if ring else []
