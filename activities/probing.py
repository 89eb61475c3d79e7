"""Whether the mail servers would take mail now, found out without sending any: for whoever looks after the site."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib

from activities.mail import QUIT_SECONDS, MailServer
from activities.opening import RelayDown, Trouble, open_relay
from activities.relays import Relay

PROBE_SECONDS = 10.0
_SAYS: dict[Trouble, tuple[str, str]] = {
    Trouble.UNREACHABLE: (
        "không kết nối được",
        "Hãy kiểm tra tên, cổng, tường lửa, và máy chủ thư có đang chạy không",
    ),
    Trouble.TIMED_OUT: (
        "không trả lời kịp",
        "Hãy kiểm tra tường lửa, cổng và kiểu mã hóa, hoặc máy chủ thư có quá tải không",
    ),
    Trouble.HUNG_UP: (
        "ngắt kết nối giữa chừng",
        "Hãy xem nhật ký của máy chủ thư, kiểm tra cổng và kiểu mã hóa",
    ),
    Trouble.TURNED_AWAY: (
        "từ chối phục vụ máy này",
        "Hãy xem câu trả lời của nó; có thể địa chỉ IP này chưa được phép gửi",
    ),
    Trouble.CA_FILE: (
        "chưa thử được vì không đọc được tệp chứng thực",
        "Hãy sửa đường dẫn ở ?ca= hoặc quyền đọc của tệp",
    ),
    Trouble.NO_STARTTLS: (
        "không mời STARTTLS, nên không gửi gì",
        "Hãy dùng đúng cổng (thường 587) hoặc smtps:// (465), và xem có thiết bị nào trên đường cắt bỏ STARTTLS không",
    ),
    Trouble.CERTIFICATE: (
        "đưa ra chứng thư không tin được",
        "Hãy kiểm tra tên máy chủ và hạn của chứng thư; chứng thư nội bộ thì thêm ?ca= chỉ tới tệp CA",
    ),
    Trouble.TLS: (
        "không bắt tay TLS được",
        "Hãy kiểm tra cổng và kiểu mã hóa (465: smtps, 587: smtp+starttls), TLS từ 1.2",
    ),
    Trouble.NO_LOGIN: (
        "không nhận đăng nhập theo cách nào đã biết",
        "Hãy kiểm tra cổng (thường 587), hoặc bỏ tên và mật khẩu",
    ),
    Trouble.LOGIN: (
        "không nhận tên hoặc mật khẩu",
        "Hãy sửa tên và mật khẩu trong cấu hình, hoặc xin cấp lại",
    ),
    Trouble.LOGIN_LATER: (
        "tạm thời không cho đăng nhập",
        "Hãy thử lại sau ít phút; nếu vẫn vậy, hỏi người quản trị máy chủ thư",
    ),
}
"""What is wrong, and what to do."""


@dataclass(frozen=True)
class RelayHealth:
    """One mail server: `name` as host:port, whether it would take mail, and in Vietnamese what to do."""

    name: str
    ok: bool
    sentence: str


async def probe(server: MailServer, seconds: float = PROBE_SECONDS) -> list[RelayHealth]:
    """Each server in its order, all asked at once: connect, EHLO, TLS, login, NOOP, QUIT; at most `seconds` for each.

    Nothing is sent. It never raises for what a server does.
    """
    return list(await asyncio.gather(*(_probe(relay, seconds) for relay in server.in_order)))


async def _probe(relay: Relay, seconds: float) -> RelayHealth:
    try:
        async with asyncio.timeout(seconds):
            await _try(relay, seconds)
    except RelayDown as down:
        return _ill(relay, down.trouble, down.detail)
    except aiosmtplib.SMTPResponseException as error:
        return _ill(relay, Trouble.TURNED_AWAY, f"{error.code} {error.message}")
    except aiosmtplib.SMTPServerDisconnected as error:
        return _ill(relay, Trouble.HUNG_UP, str(error))
    except (aiosmtplib.SMTPException, OSError) as error:
        return _ill(relay, Trouble.TIMED_OUT, f"{type(error).__name__} {error}".strip())
    return RelayHealth(relay.name, True, f"Máy chủ thư {relay.name} sẵn sàng nhận thư ({_manner(relay)}).")


async def _try(relay: Relay, seconds: float) -> None:
    smtp = await open_relay(relay, seconds)
    try:
        await smtp.noop()
        with suppress(aiosmtplib.SMTPException, OSError):  # whatever it says now, it would have taken a message
            await smtp.quit(timeout=min(QUIT_SECONDS, seconds / 4))
    finally:
        smtp.close()


def _manner(relay: Relay) -> str:
    manner = {"none": "không mã hóa", "starttls": "STARTTLS", "implicit": "TLS"}[relay.tls]
    return f"{manner}, đã đăng nhập" if relay.user else f"{manner}, không đăng nhập"


def _ill(relay: Relay, trouble: Trouble, detail: str) -> RelayHealth:
    wrong, to_do = _SAYS[trouble]
    return RelayHealth(relay.name, False, f"Máy chủ thư {relay.name} {wrong} ({detail}). {to_do}.")
