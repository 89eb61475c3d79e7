"""The settings of one process, read once in its `main` from `DONDOC_*` variables; nothing here is read at import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from domain.errors import Refusal


@dataclass(frozen=True)
class Settings:
    """Everything a process may be told from outside. Seconds are real seconds, not business time."""

    dsn: str = ""
    """PostgreSQL, as `postgresql://user:password@host:port/database`."""
    temporal_address: str = "127.0.0.1:7233"
    temporal_namespace: str = "dondoc"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    """The address that links in messages begin with."""
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 2525
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_tls: str = "none"
    """`none` (this host or a closed network, then without a password), `starttls` or `implicit`."""
    smtp_relays: str = field(default="", repr=False)
    """Instead of the five above: several mail servers in order, as `activities.relays` reads them; not in a sandbox."""
    smtp_connections: int = 4
    """At most so many connections to mail servers from one worker process."""
    bounce_address: str = ""
    """Where mail servers report what they could not deliver (Return-Path); empty: to the sender."""
    mail_from: str = "Đôn Đốc <dondoc@dondoc.example>"
    zalo_oauth_url: str = "https://oauth.zaloapp.com"
    zalo_message_url: str = "https://business.openapi.zalo.me"
    zalo_app_id: str = ""
    zalo_secret_key: str = ""
    zalo_oa_secret: str = field(default="", repr=False)
    """The official account's secret, by which the events sent to /zalo/webhook are signed; empty: none are taken."""
    bounce_imap: str = field(default="", repr=False)
    """The mailbox of `bounce_address`, as imaps://user:password@host/INBOX; empty: none is read."""
    bounce_seconds: float = 60.0
    delivery: str = "real"
    """`sandbox` where SMTP and Zalo above are the embedded mailbox and sandbox; a rehearsal delivers nowhere else."""
    lease_seconds: float = 20.0
    """A delivery whose sender has been silent for so long is adopted by another."""
    relay_seconds: float = 2.0
    sticky_seconds: float = 120.0
    """How long a workflow task may wait for the worker that has it cached; shorter recovers sooner from kill -9."""
    step_seconds: float = 20.0
    """Start-to-close time-out of a step; must be above PostgreSQL's statement time-out."""
    body_limit: int = 1_000_000
    """The largest request body the API reads, in bytes."""
    heartbeat_url: str = field(default="", repr=False)
    """Called with GET every `heartbeat_seconds` by each worker, only while escalation moves; empty: nobody is."""
    heartbeat_file: str = ""
    """The same for a file, which is replaced by one line of JSON."""
    heartbeat_seconds: float = 60.0
    log_level: str = "INFO"

    def environment(self) -> dict[str, str]:
        """These settings as variables for a child process."""
        return {f"DONDOC_{f.name.upper()}": str(getattr(self, f.name)) for f in fields(self)}


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read `DONDOC_*`; raises `Refusal` with code `settings-invalid` naming the variable that cannot be read."""
    given: dict[str, Any] = {}
    for f in fields(Settings):
        name = f"DONDOC_{f.name.upper()}"
        if name not in environ:
            continue
        kind: type[Any] = type(f.default)
        try:
            given[f.name] = kind(environ[name])
        except ValueError:
            raise Refusal(
                "settings-invalid", f"{name}={environ[name]!r} is not a {kind.__name__}; correct or unset the variable."
            ) from None
    return Settings(**given)
