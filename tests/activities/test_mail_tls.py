"""Mail over STARTTLS and TLS: whom we believe, and what is never said to those we do not."""

from __future__ import annotations

import base64
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiosmtplib
import pytest
import trustme
from smtp_troubles import Troubles

from activities.mail import MailServer, MailSession, build_message, message_id
from activities.opening import RelayDown, Trouble, open_relay
from activities.outcomes import ChannelDown, Outcome, Sent
from activities.relays import read_relays, secure_context
from documents.render_mail import MailContent

AT = datetime(2024, 11, 20, 1, 0, tzinfo=UTC)
USER, PASSWORD = "dondoc@so.example", "mật khẩu: p@ss/wörd?#%"
CONTENT = MailContent("Nhắc trước hạn", "Kính gửi\n", "<p>Kính gửi</p>\n")
BOTH = pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])


@dataclass
class Servers:
    """Certificates, and servers that show them."""

    ca: trustme.CA
    ca_file: Path
    ends: AsyncExitStack

    async def start(
        self,
        scheme: str,
        ca: trustme.CA | None = None,
        host: str = "localhost",
        context: ssl.SSLContext | None = None,
        **how: Any,
    ) -> Troubles:
        if context is None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            (ca or self.ca).issue_cert(host).configure_cert(context)
        how.setdefault("login", (USER, PASSWORD))
        server = Troubles(context, implicit=scheme == "smtps", **how)
        return await self.ends.enter_async_context(server)

    def address(self, scheme: str, server: Troubles, user: str = USER, password: str = PASSWORD) -> str:
        login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return f"{scheme}://{login}localhost:{server.port}?ca={self.ca_file}"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def servers(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[Servers]:
    file = tmp_path / "ca+tinh.pem"
    authority.cert_pem.write_to_path(str(file))
    async with AsyncExitStack() as ends:
        yield Servers(authority, file, ends)


async def send(*addresses: str, timeout: float = 5.0) -> Outcome:
    relays = read_relays(" ".join(addresses))
    server = MailServer("unused.invalid", 1, relays=relays, timeout=timeout)
    message = build_message(server, "an@thu.example", "An", CONTENT, message_id(server, "thu", 1), AT)
    async with MailSession(server) as session:
        return await session.send(message)


def assert_nothing_was_given_away(server: Troubles) -> None:
    """Neither login nor envelope nor message, encrypted or not."""
    assert not {"AUTH", "MAIL", "RCPT", "DATA"} & set(server.verbs())
    assert server.taken == []


@BOTH
async def test_the_right_authority_and_name(servers: Servers, scheme: str) -> None:
    server = await servers.start(scheme)
    assert isinstance(await send(servers.address(scheme, server)), Sent)
    assert server.people() == ["an"]
    assert all(each.secure for each in server.heard if each.verb in {"AUTH", "MAIL", "RCPT", "DATA"})
    plain = [each.verb for each in server.heard if not each.secure]
    assert plain == (["EHLO", "STARTTLS"] if scheme == "smtp+starttls" else [])
    assert server.verbs()[-1] == "QUIT"


@BOTH
async def test_an_authority_we_do_not_know(servers: Servers, scheme: str) -> None:
    server = await servers.start(scheme, ca=trustme.CA())
    with pytest.raises(ChannelDown, match=r"localhost:\d+: certificate: "):
        await send(servers.address(scheme, server))
    assert_nothing_was_given_away(server)


@BOTH
async def test_without_an_authority_of_ones_own_the_systems_are_asked(servers: Servers, scheme: str) -> None:
    server = await servers.start(scheme)
    with pytest.raises(ChannelDown, match="certificate: "):
        await send(servers.address(scheme, server).partition("?")[0])
    assert_nothing_was_given_away(server)


@BOTH
async def test_the_certificate_of_another_host(servers: Servers, scheme: str) -> None:
    server = await servers.start(scheme, host="mail.tinh.example")
    with pytest.raises(ChannelDown, match=r"certificate: .*localhost"):
        await send(servers.address(scheme, server))
    assert_nothing_was_given_away(server)


@BOTH
async def test_an_expired_certificate(servers: Servers, scheme: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    servers.ca.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    server = await servers.start(scheme, context=context)
    with pytest.raises(ChannelDown, match=r"certificate: .*expired"):
        await send(servers.address(scheme, server))
    assert_nothing_was_given_away(server)


@BOTH
async def test_tls_1_1_is_too_old(servers: Servers, scheme: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    servers.ca.issue_cert("localhost").configure_cert(context)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        old = ssl.create_default_context(cafile=str(servers.ca_file))
        old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    server = await servers.start(scheme, context=context)
    with pytest.raises(ChannelDown, match=r": (tls|hung-up): "):
        await send(servers.address(scheme, server))
    assert_nothing_was_given_away(server)
    smtp = aiosmtplib.SMTP(hostname="localhost", port=server.port, use_tls=scheme == "smtps", tls_context=old)
    await smtp.connect()  # whoever does not mind can talk to it
    assert smtp.get_transport_info("ssl_object").version() == "TLSv1.1"
    await smtp.quit()


def test_what_the_context_demands(servers: Servers) -> None:
    for context in (secure_context(""), secure_context(str(servers.ca_file))):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(secure_context(str(servers.ca_file)).get_ca_certs()) == 1, "a private authority is trusted alone"


async def test_a_server_that_strips_starttls_gets_no_password_and_no_mail(servers: Servers) -> None:
    server = await servers.start("smtp+starttls", strips_starttls=True)
    with pytest.raises(ChannelDown, match="no-starttls: "):
        await send(servers.address("smtp+starttls", server))
    assert server.verbs() == ["EHLO"]
    assert_nothing_was_given_away(server)


@pytest.mark.parametrize("answer", ["454 4.7.0 TLS not available", "502 5.5.1 not implemented", "250 fine", None])
async def test_a_server_that_does_not_start_tls_gets_nothing(servers: Servers, answer: str | None) -> None:
    server = await servers.start("smtp+starttls", answers={"STARTTLS": answer})
    with pytest.raises(ChannelDown):
        await send(servers.address("smtp+starttls", server))
    assert server.verbs() == ["EHLO", "STARTTLS"]


async def test_words_put_before_the_handshake_are_not_believed(servers: Servers) -> None:
    """RFC 3207 §6: somebody in between adds an answer in plain text, to be read as if it had come encrypted."""
    injected = "220 go ahead\r\n250-troubles.example\r\n250 AUTH PLAIN"
    server = await servers.start("smtp+starttls", answers={"STARTTLS": injected}, login=None)
    address = servers.address("smtp+starttls", server)
    with pytest.raises(ChannelDown):
        await send(address)
    assert_nothing_was_given_away(server)


async def test_tls_at_once_where_the_server_waits_for_starttls(servers: Servers) -> None:
    server = await servers.start("smtp+starttls")
    with pytest.raises(RelayDown) as down:
        await open_relay(read_relays(servers.address("smtps", server))[0], 5.0)
    assert down.value.trouble in {Trouble.TLS, Trouble.HUNG_UP}
    assert_nothing_was_given_away(server)


async def test_starttls_where_the_server_speaks_tls_at_once(servers: Servers) -> None:
    server = await servers.start("smtps")
    with pytest.raises(RelayDown) as down:
        await open_relay(read_relays(servers.address("smtp+starttls", server))[0], 0.5)
    assert down.value.trouble is Trouble.TIMED_OUT
    assert_nothing_was_given_away(server)


# Login


@BOTH
@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN", "XOAUTH2 PLAIN", "GSSAPI LOGIN"])
async def test_login_with_letters_of_every_kind(servers: Servers, scheme: str, mechanisms: str) -> None:
    server = await servers.start(scheme, mechanisms=mechanisms)
    assert isinstance(await send(servers.address(scheme, server)), Sent)


async def test_a_way_offered_and_not_supported_is_followed_by_the_next(servers: Servers) -> None:
    server = await servers.start("smtps", answers={"AUTH": ["504 5.5.4 not this one"]})
    assert isinstance(await send(servers.address("smtps", server)), Sent)
    assert server.verbs().count("AUTH") == 2


@BOTH
async def test_a_wrong_password_is_tried_once_and_is_nobodys_fault_but_ours(servers: Servers, scheme: str) -> None:
    server = await servers.start(scheme)
    with pytest.raises(ChannelDown, match=r"login: 535 5\.7\.8"):
        await send(servers.address(scheme, server, password="sai"))
    assert server.verbs().count("AUTH") == 1, "tried in every way there is, it locks the account"
    assert not {"MAIL", "RCPT", "DATA"} & set(server.verbs())


@pytest.mark.parametrize(
    "answer", ["454 4.7.0 temporary authentication failure", "432 4.7.12 transition needed", "421 4.7.0 too many"]
)
async def test_a_login_that_fails_for_a_while(servers: Servers, answer: str) -> None:
    server = await servers.start("smtps", answers={"AUTH": [answer]})
    with pytest.raises(ChannelDown, match=rf"login-later: {answer[:3]}"):
        await send(servers.address("smtps", server))
    assert isinstance(await send(servers.address("smtps", server)), Sent)


@pytest.mark.parametrize("how", [{"mechanisms": "GSSAPI XOAUTH2"}, {"login": None}])
async def test_a_server_that_offers_no_login(servers: Servers, how: dict[str, Any]) -> None:
    server = await servers.start("smtps", **how)
    with pytest.raises(ChannelDown, match="no-login: "):
        await send(servers.address("smtps", server))
    assert_nothing_was_given_away(server)


async def test_a_bad_password_here_and_the_next_server_takes_it(servers: Servers) -> None:
    first, second = await servers.start("smtp+starttls"), await servers.start("smtps")
    wrong, right = servers.address("smtp+starttls", first, password="sai"), servers.address("smtps", second)
    assert isinstance(await send(wrong, right), Sent)
    assert (first.people(), second.people()) == ([], ["an"])


@pytest.mark.parametrize("echo", ["{plain}", "{password}", "{login}"])
async def test_a_server_that_repeats_what_it_was_told_does_not_spread_the_password(servers: Servers, echo: str) -> None:
    written = {
        "plain": base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
        "login": base64.b64encode(PASSWORD.encode()).decode(),
        "password": PASSWORD,
    }
    server = await servers.start("smtps", answers={"AUTH": f"500 5.5.2 what is {echo.format(**written)}"})
    with pytest.raises(ChannelDown) as down:
        await send(servers.address("smtps", server))
    error: BaseException | None = down.value
    assert "500 5.5.2 what is ***" in str(error)
    while error is not None:  # causes are kept in the history of the workflow
        assert not any(secret in repr(error) for secret in written.values())
        error = error.__cause__


async def test_an_authority_that_was_renewed_on_disk_counts_at_once(servers: Servers) -> None:
    other = trustme.CA()
    server = await servers.start("smtps", ca=other)
    relays = read_relays(servers.address("smtps", server))
    with pytest.raises(RelayDown) as down:
        await open_relay(relays[0], 5.0)
    assert down.value.trouble is Trouble.CERTIFICATE
    other.cert_pem.write_to_path(str(servers.ca_file))
    smtp = await open_relay(relays[0], 5.0)
    await smtp.quit()
    servers.ca_file.unlink()
    with pytest.raises(RelayDown) as gone:
        await open_relay(relays[0], 5.0)
    assert gone.value.trouble is Trouble.CA_FILE
