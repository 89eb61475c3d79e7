"""A connection to a mail server: reached, greeted, encrypted, logged in; and why it could not be opened.

Certificate and host name are always verified, and nothing falls back to plain text (RFC 3207 §6).
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from enum import StrEnum

import aiosmtplib

from activities.relays import Relay, secure_context

OPENING_SECONDS = 30.0
"""So long a server has for greeting, TLS and login together, before the next one is tried."""
_NOT_THIS_WAY = 504
"""Offered and then not supported after all (RFC 4954 §4): no word on the password."""
_DETAIL = 300


class Trouble(StrEnum):
    """Why a connection could not be opened."""

    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    HUNG_UP = "hung-up"
    TURNED_AWAY = "turned-away"
    CA_FILE = "ca-file"
    NO_STARTTLS = "no-starttls"
    CERTIFICATE = "certificate"
    TLS = "tls"
    NO_LOGIN = "no-login"
    LOGIN = "login"
    LOGIN_LATER = "login-later"


class RelayDown(Exception):
    """This server cannot be used just now; `detail` is its own word or the system's, without any secret."""

    def __init__(self, trouble: Trouble, detail: str) -> None:
        super().__init__(f"{trouble.value}: {detail}")
        self.trouble = trouble
        self.detail = detail


async def open_relay(relay: Relay, seconds: float = OPENING_SECONDS) -> aiosmtplib.SMTP:
    """A connection that is greeted, encrypted and logged in as the relay asks. Raises `RelayDown` within `seconds`."""
    smtp = aiosmtplib.SMTP(
        hostname=relay.host, port=relay.port, use_tls=relay.tls == "implicit", start_tls=False, timeout=seconds
    )
    try:
        async with asyncio.timeout(seconds):
            await _open(smtp, relay)
    except RelayDown:
        smtp.close()
        raise
    except (aiosmtplib.SMTPException, OSError) as error:
        smtp.close()
        # Without the cause: a server may repeat what it was told, a password for instance, and causes are kept.
        raise RelayDown(_trouble(error), _detail(error, relay)) from None
    except BaseException:
        smtp.close()
        raise
    return smtp


async def _open(smtp: aiosmtplib.SMTP, relay: Relay) -> None:
    context = await _context(relay)
    await smtp.connect(tls_context=context)
    await smtp.ehlo()
    if relay.tls == "starttls":
        if not smtp.supports_extension("starttls"):
            raise RelayDown(Trouble.NO_STARTTLS, "the server does not offer STARTTLS; nothing was sent")
        await smtp.starttls()
        await smtp.ehlo()
    if relay.user:
        await _log_in(smtp, relay)


async def _log_in(smtp: aiosmtplib.SMTP, relay: Relay) -> None:
    """One attempt: a wrong password tried in every way there is locks the account so much sooner."""
    ways = {"plain": smtp.auth_plain, "login": smtp.auth_login, "cram-md5": smtp.auth_crammd5}
    offered = [way for name, way in ways.items() if name in smtp.server_auth_methods]
    if not offered:
        raise RelayDown(Trouble.NO_LOGIN, "the server offers no way to log in that we know")
    for way in offered:
        try:
            await way(relay.user, relay.password)
            return
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != _NOT_THIS_WAY or way == offered[-1]:
                raise


async def _context(relay: Relay) -> ssl.SSLContext | None:
    """Read anew for each connection, so that an authority renewed on disk counts at once."""
    if relay.tls == "none":
        return None
    try:
        return await asyncio.to_thread(secure_context, relay.ca)
    except OSError as error:
        raise RelayDown(Trouble.CA_FILE, f"{relay.ca}: {error}") from None


def _trouble(error: BaseException) -> Trouble:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Trouble.LOGIN_LATER if 400 <= error.code < 500 else Trouble.LOGIN
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Trouble.TURNED_AWAY
    causes = (error, error.__cause__)
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Trouble], ...] = (
        (ssl.SSLCertVerificationError, Trouble.CERTIFICATE),
        (ssl.SSLError, Trouble.TLS),
        (TimeoutError, Trouble.TIMED_OUT),
        ((aiosmtplib.SMTPServerDisconnected, ConnectionResetError), Trouble.HUNG_UP),
    )
    for kind, trouble in kinds:
        if any(isinstance(each, kind) for each in causes):
            return trouble
    return Trouble.UNREACHABLE


def _detail(error: Exception, relay: Relay) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _without_secrets(f"{error.code} {error.message}", relay)
    return _without_secrets(str(error) or type(error).__name__, relay)


def _without_secrets(said: str, relay: Relay) -> str:
    """One line of what a server said, without the password, however it was written when the server was told it."""
    for secret in _written(relay) if relay.password else ():
        said = said.replace(secret, "***")
    return " ".join(said.split())[:_DETAIL]


def _written(relay: Relay) -> list[str]:
    """The ways a password is put in AUTH PLAIN and LOGIN (RFC 4616, and the draft of LOGIN), longest first."""
    forms = (f"\0{relay.user}\0{relay.password}", relay.password)
    return [base64.b64encode(each.encode()).decode() for each in forms] + [relay.password]
