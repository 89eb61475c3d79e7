"""The mail servers that mail is handed in at, as the settings name them.

Several stand in `DONDOC_SMTP_RELAYS`, separated by blanks, in the order in which they are tried. Each says how it is
protected (RFC 8314 §3.3): `smtp+starttls://user:password@host:587`, `smtps://user:password@host:465`, both perhaps with
`?ca=/path/to/ca.pem` for an authority of the province's own, or `smtp://127.0.0.1:25`, plain, on this machine only.
User and password are percent-encoded.
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from domain.errors import Refusal

RELAYS = "DONDOC_SMTP_RELAYS"
_SCHEMES = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("implicit", 465)}


@dataclass(frozen=True)
class Relay:
    """One mail server. `tls` is "none", "starttls" or "implicit"; `ca` a PEM file that alone is trusted, or empty."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: str = "none"
    ca: str = ""

    @property
    def name(self) -> str:
        """What people call it; never a secret."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_relays(addresses: str) -> tuple[Relay, ...]:
    """The servers of `DONDOC_SMTP_RELAYS`, in order; raises `Refusal` (`settings-invalid`), which tells no password."""
    return tuple(_read(number, address) for number, address in enumerate(addresses.split(), 1))


def single_relay(host: str, port: int, user: str, password: str, tls: str) -> Relay:
    """The one server of `DONDOC_SMTP_HOST` and its like; raises `Refusal`.

    Without TLS it may stand on another host of a closed network, but is then given no password.
    """
    if tls not in {"none", "starttls", "implicit"}:
        raise _invalid("DONDOC_SMTP_TLS", "phải là none, starttls hoặc implicit")
    if not _is_host(host):
        raise _invalid("DONDOC_SMTP_HOST", "không phải là tên máy chủ hay địa chỉ IP")
    if not 0 < port < 65536:
        raise _invalid("DONDOC_SMTP_PORT", "phải từ 1 đến 65535")
    if tls == "none" and user and not is_loopback(host):
        raise _invalid(
            "DONDOC_SMTP_TLS", "mật khẩu không được gửi qua mạng khi không mã hóa; hãy đặt starttls hoặc implicit"
        )
    return Relay(host, port, user, password, tls)


def checked_address(variable: str, written: str) -> str:
    """`written` (an address, perhaps with a name), if mail can be sent from it; raises `Refusal`."""
    try:
        address = Address(addr_spec=parseaddr(written)[1])
    except (MessageError, ValueError, IndexError):
        raise _invalid(variable, "không phải là địa chỉ thư") from None
    if not (address.username and address.domain and address.addr_spec.isascii()):
        raise _invalid(variable, "không phải là địa chỉ thư")
    return written


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine for certain; a name that must be looked up is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secure_context(ca: str) -> ssl.SSLContext:
    """Verifies certificate and host name, from TLS 1.2 on (RFC 8996). Raises `OSError` for a file that is no CA."""
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _read(number: int, address: str) -> Relay:
    """One address; what is wrong is told by its number, since the address holds a password."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(number, "có máy chủ hoặc cổng không đọc được") from None
    if parts.scheme not in _SCHEMES:
        raise _wrong(number, "phải bắt đầu bằng smtp://, smtp+starttls:// hoặc smtps://")
    tls, usual = _SCHEMES[parts.scheme]
    if not _is_host(host) or port == 0 or parts.path not in {"", "/"} or parts.fragment:
        raise _wrong(number, "phải có dạng smtps://tên:mật-khẩu@máy-chủ:cổng")
    if tls == "none" and not is_loopback(host):
        raise _wrong(
            number, "không mã hóa nên chỉ dùng được trên chính máy này; hãy dùng smtp+starttls:// hoặc smtps://"
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise _wrong(number, "phải có cả tên và mật khẩu, hoặc không có cả hai")
    return Relay(host, port or usual, user, password, tls, _ca(number, parts, tls))


def _ca(number: int, parts: SplitResult, tls: str) -> str:
    if not parts.query:
        return ""
    asked, _, file = parts.query.partition("=")
    file = unquote(file)
    if asked != "ca" or not file or tls == "none":
        raise _wrong(number, "chỉ nhận một tham số ?ca=/đường/dẫn/ca.pem, và chỉ khi có mã hóa")
    try:
        secure_context(file)
    except OSError:
        raise _wrong(number, f"chỉ tới tệp chứng thực {file!r} không có, không đọc được hoặc không phải PEM") from None
    return file


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            host.encode("idna")
        except UnicodeError:
            return False
        return bool(host) and all(c.isalnum() or c in "-._" for c in host)
    return True


def _wrong(number: int, why: str) -> Refusal:
    hint = "; các ký tự @ : / ? # % trong tên và mật khẩu phải viết theo mã phần trăm, thí dụ %40"
    return _invalid(RELAYS, f"địa chỉ thứ {number} {why}{hint}")


def _invalid(variable: str, why: str) -> Refusal:
    return Refusal("settings-invalid", f"{variable}: {why}. Hãy sửa hoặc bỏ biến này rồi chạy lại.")
