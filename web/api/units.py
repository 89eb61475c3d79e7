"""The bodies of the registry that can be chosen as owners: all in force, or the likeliest for some words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.resolution import Directory
from web.auth import Action
from web.bodies import tidy
from web.desk import Desk, reading
from web.names import NameLine, in_force, likely, read_names

router = APIRouter(tags=["Rà soát kế hoạch"])


@router.get(
    "/units",
    summary="Đơn vị và nhóm trong danh bạ",
    description="Còn hiệu lực hôm nay, theo tên; có q thì chỉ những tên giống nhất, giống nhất trước.",
)
async def get_units(
    desk: Annotated[Desk, reading(Action.READ_SELF)],
    q: Annotated[str, Query(max_length=500, description="Tên cần tìm, như ghi trong kế hoạch")] = "",
    limit: Annotated[int, Query(ge=1, le=2_000, description="Nhiều nhất bao nhiêu dòng")] = 500,
) -> tuple[NameLine, ...]:
    """Units and groups in force."""
    async with desk.books() as books:
        names = await read_names(books, desk.actor.realm)
    words = tidy(q)
    if not words:
        return in_force(names)[:limit]
    return likely(Directory(names.registry, names.today), words, limit)
