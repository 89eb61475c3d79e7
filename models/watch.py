"""What comes back from the channels, the keys that sign links, and what the daily audit found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import Instant, binary, identity, instant, json_column


class Receipt(SQLModel, table=True):
    """Something a provider told us (`source` zalo or mail), kept as it came and processed after it was answered.

    `key` is the provider's own, so that what is told twice is kept once.
    """

    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("ix_receipt_waiting", "id", postgresql_where=text("processed_at IS NULL")),
    )
    id: int = identity()
    source: str
    key: str
    received_at: Instant = instant(nullable=False)
    body: bytes = binary(nullable=False)
    processed_at: Instant = instant()
    outcome: str = Field(default="", sa_column_kwargs={"server_default": ""})


class BounceMailbox(SQLModel, table=True):
    """How far a mailbox of bounces was read (IMAP UID and UIDVALIDITY); people may read in it too."""

    __tablename__ = "bounce_mailbox"
    name: str = Field(primary_key=True)
    validity: int = Field(sa_type=BigInteger)
    last_uid: int = Field(sa_type=BigInteger)
    looked_at: Instant = instant()


class SigningKey(SQLModel, table=True):
    """A random key made by the first process that needs it, so that all processes sign and read the same links."""

    __tablename__ = "signing_key"
    name: str = Field(primary_key=True)
    key: bytes = binary(nullable=False)
    made_at: Instant = instant(nullable=False)


class Audit(SQLModel, table=True):
    """One look over a realm: how much was checked, and what was found and repaired, by name."""

    id: int = identity()
    realm: str = Field(foreign_key="realm.id")
    at: Instant = instant(nullable=False)
    checked: int
    repaired: dict[str, Any] = json_column(dict)
