"""What the books' figures mean, as sentences that say what to do: for `dondoc doctor` and the page of admins."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.notices import instant_text
from domain.watching import Checkup, Level
from models.queries.health import Health, Late, TokenLine

REFRESH_SOON = timedelta(days=60)
"""A refresh token lives three months; one that nobody has used for so long will soon be worth nothing."""
REFRESH_DEAD = timedelta(days=90)
RELAY_MANY = 200
"""The relay rings now and then for a lost signal; more than this in a day is a fault somewhere."""
OLD_RECEIPTS = 100
"""So many receipts do not wait while somebody processes them."""


def diagnose(health: Health) -> list[Checkup]:
    """How the processes, the channels, the contacts and the audit are doing."""
    return [*_stalls(health), _backlog(health), *_channels(health), *_tokens(health), *_contacts(health),
            *_audits(health), _relay(health)]  # fmt: skip


def _stalls(health: Health) -> list[Checkup]:
    stall = health.stall
    kinds = (
        ("wakes-overdue", stall.wakes, "quy trình ngủ quá giờ", "xem worker và Temporal có chạy không"),
        ("notices-late", stall.notices, "thông báo quá giờ gửi", "xem worker, máy chủ thư và nhật ký"),
        (
            "deliveries-unsent",
            stall.deliveries,
            "bản tin chưa máy chủ nào nhận",
            "xem máy chủ thư, Zalo và worker",
        ),
        ("facts-unheard", stall.facts, "việc đã ghi sổ mà chưa quy trình nào xử lý", "xem worker và Temporal"),
    )
    found = [_stall(code, late, words, remedy, health.at) for code, late, words, remedy in kinds if late.count]
    return found or [Checkup("moving", "Đôn đốc", Level.GOOD, "Mọi quy trình, thông báo đều đúng giờ.")]


def _stall(code: str, late: Late, words: str, remedy: str, now: datetime) -> Checkup:
    since = f", lâu nhất từ {instant_text(late.oldest)}" if late.oldest else ""
    names = f" ({', '.join(late.examples)})" if late.examples else ""
    return Checkup(code, "Đôn đốc", Level.BROKEN, f"{late.count} {words}{since}{names}.",
                   f"{remedy[0].upper()}{remedy[1:]}; sau đó chạy dondoc audit KHÔNG-GIAN.")  # fmt: skip


def _backlog(health: Health) -> Checkup:
    b = health.backlog
    words = (
        f"{b.pending} thông báo chờ giờ gửi, {b.reserved} lượt đang gửi, {b.waiting} lượt chờ gửi lại; "
        f"không gửi được: {b.failed} hỏng, {b.unroutable} không có người nhận, {b.refused_today} lượt trong một ngày."
    )
    if b.receipts > OLD_RECEIPTS:
        words = f"{b.receipts} phản hồi của kênh chưa xử lý. {words}"
        return Checkup("receipts-waiting", "Tồn đọng", Level.LOOK, words, "Xem worker có chạy không.")
    if b.failed or b.unroutable:
        remedy = "Sửa địa chỉ trong danh mục rồi chạy dondoc registry; thông báo còn đúng sẽ được gửi lại."
        return Checkup("undelivered", "Tồn đọng", Level.LOOK, words, remedy)
    return Checkup("backlog", "Tồn đọng", Level.GOOD, words)


def _channels(health: Health) -> list[Checkup]:
    return [
        Checkup("channel-stopped", "Kênh gửi", Level.BROKEN,
                f"Kênh {a.channel} của {a.realm} bị dừng từ {instant_text(a.since)} (mã {a.code}: {a.reason}).",
                f"Sửa nguyên nhân (tiền, cấu hình, ủy quyền), rồi chạy dondoc channel {a.realm} {a.channel}.")
        for a in health.alarms
    ] or [Checkup("channels", "Kênh gửi", Level.GOOD, "Không kênh nào bị dừng.")]  # fmt: skip


def _tokens(health: Health) -> list[Checkup]:
    return [_token(token, health.at) for token in health.tokens]


def _token(token: TokenLine, now: datetime) -> Checkup:
    again = "Ủy quyền lại ứng dụng, rồi chạy dondoc zalo < tệp-refresh-token."
    if token.needs_authorisation:
        words = f"Ứng dụng Zalo {token.app} cần người ủy quyền lại."
        return Checkup("zalo-unauthorised", "Zalo", Level.BROKEN, words, again)
    age = now - (token.refreshed_at or token.expires_at)
    if age >= REFRESH_DEAD:
        words = f"Refresh token của ứng dụng Zalo {token.app} đã {age.days} ngày không được đổi; có thể đã hết hạn."
        return Checkup("zalo-token-expired", "Zalo", Level.BROKEN, words, again)
    if age >= REFRESH_SOON:
        words = f"Refresh token của ứng dụng Zalo {token.app} đã {age.days} ngày tuổi; nó hết hạn sau 3 tháng."
        return Checkup("zalo-token-old", "Zalo", Level.LOOK, words, again)
    return Checkup("zalo-token", "Zalo", Level.GOOD, f"Ủy quyền của ứng dụng Zalo {token.app} còn dùng được.")


def _contacts(health: Health) -> list[Checkup]:
    found = []
    if health.unreachable:
        some = ", ".join(health.unreachable[:5]) + (", …" if len(health.unreachable) > 5 else "")
        found.append(
            Checkup("unreachable-units", "Đầu mối", Level.LOOK,
                    f"{len(health.unreachable)} đơn vị có nhiệm vụ mà không có đầu mối liên hệ được: {some}.",
                    "Bổ sung người hoặc địa chỉ vào danh mục, rồi chạy dondoc registry.")
        )  # fmt: skip
    if health.backlog.marks:
        found.append(
            Checkup("contacts-marked", "Đầu mối", Level.LOOK,
                    f"{health.backlog.marks} địa chỉ bị đánh dấu là không nhận được thông báo.",
                    "Hỏi lại đơn vị địa chỉ đúng; địa chỉ mới trong danh mục được dùng ngay.")
        )  # fmt: skip
    return found or [Checkup("contacts", "Đầu mối", Level.GOOD, "Đơn vị nào có nhiệm vụ cũng liên hệ được.")]


def _audits(health: Health) -> list[Checkup]:
    found = [
        Checkup("audit-missing", "Tự kiểm tra", Level.BROKEN,
                f"Không gian {realm} đã quá 26 giờ chưa được tự kiểm tra.",
                f"Chạy dondoc audit {realm}; nếu mai vẫn vậy, chạy dondoc rebuild.")
        for realm in health.stall.unaudited
    ]  # fmt: skip
    latest = {line.realm: line for line in reversed(health.audits)}
    for realm, line in sorted(latest.items()):
        seen = sum(d["found"] for d in line.repaired.values())
        left = seen - sum(d["repaired"] for d in line.repaired.values())
        words = f"Không gian {realm}: tự kiểm tra lúc {instant_text(line.at)}, {line.checked} mục"
        if left:
            words += f", thấy {seen} chỗ sai, {left} chỗ chưa sửa được."
            found.append(Checkup("audit-left", "Tự kiểm tra", Level.LOOK, words, f"Xem dondoc audit {realm}."))
        elif seen:
            found.append(Checkup("audit-repaired", "Tự kiểm tra", Level.GOOD, f"{words}, đã sửa {seen} chỗ sai."))
        else:
            found.append(Checkup("audit", "Tự kiểm tra", Level.GOOD, f"{words}, không thấy gì sai."))
    words = "Chưa tự kiểm tra lần nào; không gian thật được kiểm tra lúc 6 giờ hằng ngày."
    return found or [Checkup("audit-none", "Tự kiểm tra", Level.GOOD, words)]


def _relay(health: Health) -> Checkup:
    """What the relay had to ring since the last audit; all is well where everybody hears at once."""
    since = max(health.audits, key=lambda line: line.at, default=None)
    before = sum(since.relay.values()) if since else 0
    grown = sum(health.relay.values()) - before
    words = f"Bộ nhắc lại đã phải gọi thay {grown} lần" + (f" từ {instant_text(since.at)}." if since else " tới nay.")
    if grown > RELAY_MANY:
        return Checkup("relay-busy", "Nhắc lại", Level.LOOK, words,
                       "Chuông báo hay bị lỡ: xem mạng giữa API, worker và Temporal.")  # fmt: skip
    return Checkup("relay", "Nhắc lại", Level.GOOD, words)
