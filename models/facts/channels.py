"""What an administrator does to the channels: authorise the Zalo app, and put a stopped channel to work again."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


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
                """INSERT INTO zalo_token (app_id, access, refresh, expires_at, needs_authorisation)
                   VALUES (:app, '', :refresh, clock_timestamp(), false)
                   ON CONFLICT (app_id) DO UPDATE SET access = '', refresh = EXCLUDED.refresh,
                     expires_at = EXCLUDED.expires_at, needs_authorisation = false
                   WHERE :replace"""
            ),
            {"app": app_id, "refresh": refresh_token, "replace": replace},
        )


async def reopen_channel(engine: AsyncEngine, realm: str, channel: str) -> bool:
    """Lift the alarm of a channel that was mended; False where there was none."""
    async with engine.begin() as connection:
        lifted = await connection.execute(
            text("DELETE FROM channel_alarm WHERE realm = :realm AND channel = :channel RETURNING channel"),
            {"realm": realm, "channel": channel},
        )
        return lifted.first() is not None
