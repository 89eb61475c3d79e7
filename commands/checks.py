"""What `dondoc doctor` asks the parts themselves: configuration, database, Temporal, queues, mail, clocks."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from domain.watching import Checkup, Level
from settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

Clock = Callable[[], datetime]
PLACEHOLDERS = {"", "changeme", "change-me", "change_me", "example", "password", "secret", "todo", "xxx", "dondoc"}
SKEW_LOOK, SKEW_BROKEN = timedelta(seconds=2), timedelta(seconds=30)
CONNECTIONS_SHARE = 0.8
"""Of the database's connections in use, from which on it is time to look."""
RETENTION = timedelta(days=3)
"""Closed histories are exported within minutes; a server that keeps them for less could lose one in a long weekend."""


def check_settings(settings: Settings) -> list[Checkup]:
    """What can be seen of the configuration without asking anybody."""
    found = [*_address(settings), *_secrets(settings), *_sender(settings)]
    return found or [Checkup("settings", "Cấu hình", Level.GOOD, "Cấu hình đọc được, không thấy gì lạ.")]


def _address(settings: Settings) -> list[Checkup]:
    try:
        parts = urlsplit(settings.public_url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        return [_setting("public-url-invalid", Level.BROKEN, "DONDOC_PUBLIC_URL không phải là địa chỉ http(s); "
                         "đường dẫn trong thư sẽ không mở được.", "Đặt ví dụ https://dondoc.tinh.gov.vn.")]  # fmt: skip
    if settings.public_url.endswith("/") or parts.query or parts.fragment:
        return [_setting("public-url-tail", Level.BROKEN, "DONDOC_PUBLIC_URL có phần thừa ở cuối, nên đường dẫn trong "
                         "thư sai.", "Bỏ dấu / cuối và mọi thứ sau tên máy, cổng.")]  # fmt: skip
    if settings.delivery == "real" and _is_loopback(host):
        return [_setting("public-url-local", Level.LOOK, "DONDOC_PUBLIC_URL chỉ mở được trên chính máy chủ này.",
                         "Đặt địa chỉ mà người nhận thư mở được.")]  # fmt: skip
    if settings.delivery == "real" and parts.scheme == "http":
        return [_setting("public-url-plain", Level.LOOK, "DONDOC_PUBLIC_URL không dùng https; mã đăng nhập đi không mã "
                         "hóa.", "Đặt một máy chủ https phía trước.")]  # fmt: skip
    return []


def _secrets(settings: Settings) -> list[Checkup]:
    given = {
        "DONDOC_SMTP_PASSWORD": (settings.smtp_user, settings.smtp_password),
        "DONDOC_ZALO_SECRET_KEY": (settings.zalo_app_id, settings.zalo_secret_key),
        "DONDOC_DSN": (settings.dsn, urlsplit(settings.dsn).password or "unset"),
    }
    return [
        _setting("secret-placeholder", Level.BROKEN, f"{name} còn trống hoặc là chữ mẫu.", "Đặt mật khẩu thật.")
        for name, (used, secret) in given.items()
        if used and secret.strip().lower() in PLACEHOLDERS
    ]


def _sender(settings: Settings) -> list[Checkup]:
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    if settings.delivery == "real" and (domain == "example" or domain.endswith((".example", ".invalid", ".test"))):
        return [_setting("sender-example", Level.BROKEN, "DONDOC_MAIL_FROM còn là địa chỉ mẫu; máy chủ thư sẽ từ chối.",
                         "Đặt địa chỉ thật của cơ quan.")]  # fmt: skip
    return []


def _setting(code: str, level: Level, sentence: str, remedy: str) -> Checkup:
    return Checkup(code, "Cấu hình", level, sentence, remedy)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def check_database(engine: AsyncEngine) -> list[Checkup]:
    """Whether the books answer, have the schema of this code, and have room for more connections."""
    from sqlalchemy import text

    from models.migrate import head

    async with engine.connect() as connection:
        known = await connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
        found = await connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
        used = await connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        )
        most = await connection.scalar(text("SELECT current_setting('max_connections')::int"))
        size = await connection.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
    if found != head():
        return [Checkup("database-not-migrated", "Cơ sở dữ liệu", Level.BROKEN,
                        f"Cơ sở dữ liệu ở phiên bản {found or 'trống'}, chương trình cần {head()}.",
                        "Chạy dondoc migrate.")]  # fmt: skip
    words = f"Trả lời, phiên bản {found}, {size}, dùng {used}/{most} kết nối."
    if int(used or 0) > CONNECTIONS_SHARE * int(most or 1):
        return [Checkup("database-crowded", "Cơ sở dữ liệu", Level.LOOK, words, "Tăng max_connections của PostgreSQL.")]
    return [Checkup("database", "Cơ sở dữ liệu", Level.GOOD, words)]


async def check_books(engine: AsyncEngine) -> list[Checkup]:
    """What the books say of processes, channels, contacts and audits."""
    from models.queries.diagnosis import diagnose
    from models.queries.health import read_health

    async with engine.connect() as connection:
        return diagnose(await read_health(connection))


async def check_clock(engine: AsyncEngine, clock: Clock) -> list[Checkup]:
    """How far the database's clock and this machine's are apart; the answer's way there and back is left out."""
    from sqlalchemy import text

    async with engine.connect() as connection:
        before = clock()
        at: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
        after = clock()
    skew = max(abs(at - (before + (after - before) / 2)) - (after - before) / 2, timedelta(0))
    words = f"Đồng hồ máy này và cơ sở dữ liệu lệch {skew.total_seconds():.1f} giây."
    remedy = "Bật đồng bộ giờ (chrony, systemd-timesyncd) trên cả hai máy; hạn báo cáo tính theo cơ sở dữ liệu."
    level = Level.BROKEN if skew > SKEW_BROKEN else Level.LOOK if skew > SKEW_LOOK else Level.GOOD
    return [Checkup("clock-skew", "Đồng hồ", level, words, "" if level is Level.GOOD else remedy)]


async def check_temporal(client: Client) -> list[Checkup]:
    """Whether Temporal answers, has the namespace and its search attributes, and keeps closed histories long enough."""
    from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    from embedded.temporal import SEARCH_ATTRIBUTES

    space = client.namespace
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=space))
    asked = ListSearchAttributesRequest(namespace=space)
    known = (await client.operator_service.list_search_attributes(asked)).custom_attributes
    missing = sorted(set(SEARCH_ATTRIBUTES) - set(known))
    if missing:
        return [Checkup("search-attributes-missing", "Temporal", Level.BROKEN,
                        f"Không gian tên {space} thiếu thuộc tính tìm kiếm {', '.join(missing)}; quy trình không khởi "
                        "động được.", "Chạy deploy/temporal-namespace.sh.")]  # fmt: skip
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    words = f"Trả lời, không gian tên {space}, giữ lịch sử {kept.days} ngày."
    if kept < RETENTION:
        return [Checkup("retention-short", "Temporal", Level.LOOK, words,
                        "Đặt thời gian giữ lịch sử từ 3 ngày trở lên.")]  # fmt: skip
    return [Checkup("temporal", "Temporal", Level.GOOD, words)]


async def check_queues(client: Client, clock: Clock) -> list[Checkup]:
    """Whether a worker polls each queue."""
    from workflows.polled import QUEUES, unpolled

    idle = await unpolled(client, clock().astimezone(UTC))
    return [
        Checkup("queue-unpolled", "Worker", Level.BROKEN, f"Không worker nào nhận việc ở hàng đợi {queue}.",
                "Chạy dondoc-worker, hoặc xem nhật ký của nó vì sao dừng.")
        for queue in idle
    ] or [Checkup("queues", "Worker", Level.GOOD, f"Cả {len(QUEUES)} hàng đợi đều có worker nhận việc.")]  # fmt: skip


async def check_mail(settings: Settings) -> list[Checkup]:
    """Whether the mail servers would take mail, without sending any."""
    from activities.probing import probe
    from worker import mail_server

    health = await probe(mail_server(settings), seconds=8.0)
    spare = any(each.ok for each in health)
    bad = Level.LOOK if spare else Level.BROKEN
    return [
        Checkup("relay-ok" if each.ok else "relay-down", "Thư", Level.GOOD if each.ok else bad, each.sentence)
        for each in health
    ]
