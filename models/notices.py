"""Notices, the digests that carry them, and the state of the channels."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Instant, identity, instant, json_column


class Notice(SQLModel, table=True):
    """One thing that one role of one unit must be told; its key is the promise "told once".

    `subject` is made of ids (`obligation/7`). States: pending, reserved, sent, muted (all its readers read it in their
    inbox only), moot, unroutable, failed.
    """

    __table_args__ = (
        UniqueConstraint("subject", "epoch", "rung", "occurrence", "role", "unit_id", name="uq_notice_key"),
        Index("ix_notice_pending", "realm", "send_at", postgresql_where=text("state = 'pending'")),
    )
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    subject: str
    epoch: int = 0
    rung: str
    occurrence: int = 0
    role: str
    unit_id: int = Field(foreign_key="unit.id", sa_type=BigInteger, index=True)
    kind: str
    plan_id: int = Field(foreign_key="plan.id", sa_type=BigInteger, index=True)
    task_id: int | None = Field(default=None, foreign_key="task.id", sa_type=BigInteger)
    round_id: int | None = Field(default=None, foreign_key="round.id", sa_type=BigInteger)
    obligation_id: int | None = Field(default=None, foreign_key="obligation.id", sa_type=BigInteger, index=True)
    rollup_id: int | None = Field(default=None, foreign_key="rollup.id", sa_type=BigInteger)
    detail: str = ""
    raised_at: Instant = instant(nullable=False)
    send_at: Instant = instant(nullable=False)
    state: str = "pending"


class Delivery(SQLModel, table=True):
    """One digest, or one rollup, to one person on one channel. The lease is real time, `at` business time.

    States: reserved, waiting, sent, refused, bounced, moot. `received_at` is the recipient's side's word, if any.
    """

    __table_args__ = (
        Index("ix_delivery_open", "realm", postgresql_where=text("state IN ('reserved', 'waiting')")),
        Index("ix_delivery_provider", "channel", "provider_id", postgresql_where=text("provider_id <> ''")),
    )
    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    person_id: int = Field(foreign_key="person.id", sa_type=BigInteger, index=True)
    channel: str
    address: str
    rollup_id: int | None = Field(default=None, foreign_key="rollup.id", sa_type=BigInteger)
    content: dict[str, Any] = json_column(dict)
    at: Instant = instant(nullable=False)
    state: str = "reserved"
    attempts: int = 0
    lease_owner: str = ""
    lease_until: Instant = instant()
    retry_at: Instant = instant()
    sent_at: Instant = instant()
    received_at: Instant = instant()
    bounced_at: Instant = instant()
    provider_id: str = ""
    error_code: str = ""
    error: str = ""


class DeliveryNotice(SQLModel, table=True):
    """Membership of a notice in a digest; the key keeps it from going twice to a person on a channel."""

    __tablename__ = "delivery_notice"
    notice_id: int = Field(primary_key=True, foreign_key="notice.id", sa_type=BigInteger)
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=BigInteger)
    channel: str = Field(primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", sa_type=BigInteger, index=True)


class ChannelAlarm(SQLModel, table=True):
    """A channel that was stopped because only a person can mend it (money, configuration)."""

    __tablename__ = "channel_alarm"
    realm: str = Field(primary_key=True, foreign_key="realm.id")
    channel: str = Field(primary_key=True)
    code: str
    reason: str
    since: Instant = instant(nullable=False)


class ContactMark(SQLModel, table=True):
    """A person who cannot be reached at an address of a channel, and why; a new address is tried again."""

    __tablename__ = "contact_mark"
    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_type=BigInteger)
    channel: str = Field(primary_key=True)
    code: str
    address: str = Field(default="", sa_column_kwargs={"server_default": ""})
    since: Instant = instant(nullable=False)


class ZaloToken(SQLModel, table=True):
    """The current pair of an app. The refresh token is single use, so the row is locked while it is exchanged."""

    __tablename__ = "zalo_token"
    app_id: str = Field(primary_key=True)
    access: str = ""
    refresh: str
    expires_at: Instant = instant(nullable=False)
    needs_authorisation: bool = False
    refreshed_at: Instant = instant()
