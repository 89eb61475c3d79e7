"""Commands of a realm's administrator: realm, registry, channel, zalo, token."""

from __future__ import annotations

import argparse
import re
import sys

from commands.frame import books, file_bytes, instant, running
from domain.errors import Refusal
from settings import Settings

YEARS = 2000, 2100
"""Between which a realm may have its working days."""
MOST_DAYS = 3650


async def realm(a: argparse.Namespace, settings: Settings) -> int:
    """Make a realm from a registry file."""
    from documents.read_registry import read_registry
    from models.facts.realms import create_realm

    if not re.fullmatch(r"[a-z0-9-]{1,40}", a.realm):
        words = f"Tên không gian {a.realm!r} chỉ được gồm chữ thường không dấu, số và gạch nối, tối đa 40 ký tự."
        raise Refusal("realm-name-invalid", words)
    if not YEARS[0] <= a.first_year <= a.last_year <= YEARS[1]:
        words = (
            f"Các năm {a.first_year}–{a.last_year} không dùng được: năm đầu ≤ năm cuối, trong {YEARS[0]}–{YEARS[1]}."
        )
        raise Refusal("years-invalid", words)
    registry = read_registry(file_bytes(a.registry))
    begins = instant(a.rehearse_from) if a.rehearse_from else None
    async with books(running(a, settings)) as engine:
        await create_realm(engine, a.realm, registry, begins, a.first_year, a.last_year)
    print(f"Đã tạo không gian {a.realm}: {len(registry.units)} đơn vị, {len(registry.people)} người.")
    return 0


async def registry(a: argparse.Namespace, settings: Settings) -> int:
    """Take in a corrected registry file."""
    from documents.read_registry import read_registry
    from models.facts.realms import update_registry

    found = read_registry(file_bytes(a.registry))
    async with books(running(a, settings)) as engine:
        await update_registry(engine, a.realm, found)
    print(f"Đã cập nhật danh mục {a.realm}: {len(found.units)} đơn vị, {len(found.people)} người.")
    return 0


async def channel(a: argparse.Namespace, settings: Settings) -> int:
    """Put a channel that was stopped, and has been mended, to work again."""
    from models.facts.channels import reopen_channel

    async with books(running(a, settings)) as engine:
        lifted, _ = await reopen_channel(engine, a.realm, a.channel)
    print(f"Kênh {a.channel} hoạt động lại." if lifted else f"Kênh {a.channel} không bị dừng.")
    return 0


async def zalo(a: argparse.Namespace, settings: Settings) -> int:
    """Store the refresh token of the authorised app, read from standard input so that no list of processes shows it."""
    from models.facts.channels import authorise_zalo

    given = sys.stdin.readline().strip()
    if not given or not settings.zalo_app_id:
        words = "Đặt DONDOC_ZALO_APP_ID và đưa refresh token qua đầu vào chuẩn: dondoc zalo < tệp."
        raise Refusal("zalo-token-missing", words)
    async with books(running(a, settings)) as engine:
        await authorise_zalo(engine, settings.zalo_app_id, given)
    print(f"Đã lưu ủy quyền của ứng dụng Zalo {settings.zalo_app_id}.")
    return 0


async def token(a: argparse.Namespace, settings: Settings) -> int:
    """Make a sign-in token for a person; printed once."""
    from models.facts.tokens import issue_token

    if not 1 <= a.days <= MOST_DAYS:
        raise Refusal("days-invalid", f"--days {a.days}: hạn dùng phải từ 1 đến {MOST_DAYS} ngày.")
    async with books(running(a, settings)) as engine:
        print(await issue_token(engine, a.realm, a.person, a.days))
    return 0
