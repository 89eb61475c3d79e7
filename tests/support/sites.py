"""A small world behind the real application, and people who talk to it over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from worlds import World

from models.facts.tokens import issue_token

API = "/api/v1"
GOOD = {"result": "Đã tập huấn 120 cán bộ.", "progress": "Đạt", "percent": 100}


class FakeBells:
    """Bells that remember; `up` is whether anybody hears them."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.up = True

    def ring(self, workflows: Sequence[str]) -> None:
        self.rung += workflows if self.up else []

    async def reachable(self) -> bool:
        return self.up

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return


@dataclass
class Site:
    """The application with its world."""

    app: Any
    world: World
    bells: FakeBells
    _people: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def token(self, slug: str) -> str:
        return await issue_token(self.world.engine, self.world.realm, slug, 1)

    def browser(self) -> httpx.AsyncClient:
        """Somebody who has not signed in."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://dondoc.test")

    async def person(self, slug: str) -> httpx.AsyncClient:
        """Somebody of the registry, with their token."""
        if slug not in self._people:
            made = self.browser()
            made.headers["Authorization"] = f"Bearer {await self.token(slug)}"
            self._people[slug] = made
        return self._people[slug]

    async def post(self, slug: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """A POST below /api/v1."""
        return await (await self.person(slug)).post(API + path, json=json, headers=headers)

    async def get(self, slug: str, path: str) -> httpx.Response:
        """A GET below /api/v1."""
        return await (await self.person(slug)).get(API + path)

    async def open_round(self) -> None:
        """The first task's round of 2024, open."""
        await self.world.clock("2024-09-27 08:00")
        await self.world.step_task()
        await self.world.step_round(name="open_round")
