"""Deadlines that move, the longer ladder, receipts of the channels, and the watch over all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# While a task is suspended time stands still for its obligations: they stay in the state they had.
OBLIGATION_STATE = """
CREATE OR REPLACE FUNCTION obligation_state(o obligation, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN o.withdrawn_at <= at THEN NULL
        WHEN o.accepted_at <= at THEN
            CASE WHEN o.effective_at < o.late_at THEN 'done_on_time' ELSE 'done_late' END
        WHEN {standing} < o.late_at THEN 'open_in_term'
        WHEN EXISTS (
            SELECT FROM submission s
            WHERE s.obligation_id = o.id AND s.received_at <= at AND (s.decided_at IS NULL OR s.decided_at > at)
              AND s.effective_at < o.late_at
        ) THEN 'open_in_term'
        ELSE 'open_overdue'
    END
$$
"""

# The day an instant was made from, for obligations of before: "trước ngày X" ends with the day before X, an extension
# "đến hết ngày X" with X itself.
DUE_RULES = """
UPDATE obligation SET due_rule = CASE
    WHEN due_text LIKE 'gia hạn %'
    THEN 'by:' || to_char(due_literal AT TIME ZONE INTERVAL '7 hours' - INTERVAL '1 day', 'YYYY-MM-DD')
    ELSE 'before:' || to_char(due_literal AT TIME ZONE INTERVAL '7 hours', 'YYYY-MM-DD') END
"""
# Whoever was told before there was a ladder for it is not asked again for an acknowledgement.
TOLD = """
UPDATE task_owner o SET told_at = t.assigned_at, raised = 1000 FROM task t WHERE t.id = o.task_id
"""
MARKED = """
UPDATE contact_mark m SET address = CASE m.channel WHEN 'mail' THEN p.email ELSE p.phone END
FROM person p WHERE p.id = m.person_id
"""
AUDITS = """
INSERT INTO wake (workflow, realm, process, subject, title, at, next_step, bell)
SELECT id || '/audit', id, 'audit', 0, 'Tự kiểm tra hằng ngày', clock_timestamp(), '', 0 FROM realm WHERE kind = 'live'
ON CONFLICT DO NOTHING
"""


def _instant(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _words(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")


def _number(name: str, default: str = "0") -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def _key(name: str, of: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), sa.ForeignKey(f"{of}.id", name=f"fk_{{}}_{name}_{of}"), nullable=nullable)


def _list(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default="[]")


ADDED: tuple[tuple[str, tuple[sa.Column[object], ...]], ...] = (
    ("realm", (_number("calendar_edits"),)),
    ("task", (_instant("suspended_at"), _words("suspended_reason"))),
    ("task_owner", (_instant("told_at"), _number("raised"))),
    ("round", (_words("title"),)),
    ("obligation", (_words("due_rule"), _instant("suspended_at"))),
    ("person", (_list("preferred"), _list("muted"), _number("feed"))),
    ("contact_mark", (_words("address"),)),
    ("delivery", (_instant("received_at"), _instant("bounced_at"))),
    ("zalo_token", (_instant("refreshed_at"),)),
)


def _table(name: str, *columns: sa.Column[object] | sa.schema.SchemaItem) -> None:
    """A table whose foreign keys carry its name in theirs."""
    for column in columns:
        for key in getattr(column, "foreign_keys", ()):
            key.name = str(key.name).format(name)
    op.create_table(name, *columns)


def upgrade() -> None:
    for table, columns in ADDED:
        for column in columns:
            op.add_column(table, column)
    _create_calendar()
    _create_task_changes()
    _create_letters()
    _create_receipts()
    _create_watch()
    op.create_index(
        "ix_delivery_provider", "delivery", ["channel", "provider_id"], postgresql_where=sa.text("provider_id <> ''")
    )
    op.execute(DUE_RULES)
    op.execute(TOLD)
    op.execute(MARKED)
    op.execute(AUDITS)
    op.execute(OBLIGATION_STATE.format(standing="LEAST(at, o.suspended_at)"))


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _realm(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (sa.ForeignKeyConstraint(["realm"], ["realm.id"], name=f"fk_{table}_realm_realm"),)


def _create_calendar() -> None:
    _table(
        "calendar_override", _id(), sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False), sa.Column("working", sa.Boolean(), nullable=False),
        _words("reason"), _instant("at", nullable=False), _key("person_id", "person", nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name="pk_calendar_override"),
        *_realm("calendar_override"),
    )  # fmt: skip


def _create_task_changes() -> None:
    _table(
        "suspension", _id(), _key("task_id", "task"), _instant("suspended_at", nullable=False),
        _key("suspended_by", "person"), _words("reason"), _instant("resumed_at"),
        _key("resumed_by", "person", nullable=True), _words("resume_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_suspension"),
    )  # fmt: skip
    op.create_index(
        "ix_suspension_running", "suspension", ["task_id"], unique=True, postgresql_where=sa.text("resumed_at IS NULL")
    )
    _table(
        "hand_back", _id(), _key("task_id", "task"), _key("unit_id", "unit"),
        _key("suggested_unit_id", "unit", nullable=True), _words("reason"), _instant("asked_at", nullable=False),
        _key("asked_by", "person"), sa.Column("decision", sa.Text(), nullable=True), _words("decision_reason"),
        _instant("decided_at"), _key("decided_by", "person", nullable=True), _key("given_to", "unit", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hand_back"),
    )  # fmt: skip
    op.create_index(
        "ix_hand_back_waiting", "hand_back", ["task_id", "unit_id"], unique=True,
        postgresql_where=sa.text("decision IS NULL"),
    )  # fmt: skip


def _create_letters() -> None:
    _table(
        "letter", _id(), _key("plan_id", "plan"), _key("unit_id", "unit"), _instant("drafted_at", nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False), sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True), _instant("settled_at"),
        _key("settled_by", "person", nullable=True), _words("dropped_reason"),
        sa.PrimaryKeyConstraint("id", name="pk_letter"),
    )  # fmt: skip
    op.create_index(
        "ix_letter_drafted", "letter", ["plan_id", "unit_id"], unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )  # fmt: skip
    _table(
        "letter_obligation", _key("letter_id", "letter"), _key("obligation_id", "obligation"), _number("epoch"),
        sa.PrimaryKeyConstraint("letter_id", "obligation_id", name="pk_letter_obligation"),
    )  # fmt: skip


def _create_receipts() -> None:
    _table(
        "receipt", _id(), sa.Column("source", sa.Text(), nullable=False), sa.Column("key", sa.Text(), nullable=False),
        _instant("received_at", nullable=False), sa.Column("body", sa.LargeBinary(), nullable=False),
        _instant("processed_at"), _words("outcome"), sa.PrimaryKeyConstraint("id", name="pk_receipt"),
        sa.UniqueConstraint("source", "key", name="uq_receipt_source_key"),
    )  # fmt: skip
    op.create_index("ix_receipt_waiting", "receipt", ["id"], postgresql_where=sa.text("processed_at IS NULL"))
    _table(
        "bounce_mailbox", sa.Column("name", sa.Text(), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False), sa.Column("last_uid", sa.BigInteger(), nullable=False),
        _instant("looked_at"), sa.PrimaryKeyConstraint("name", name="pk_bounce_mailbox"),
    )  # fmt: skip
    _table(
        "signing_key", sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False), _instant("made_at", nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_signing_key"),
    )  # fmt: skip


def _create_watch() -> None:
    _table(
        "audit", _id(), sa.Column("realm", sa.Text(), nullable=False), _instant("at", nullable=False),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("repaired", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"), *_realm("audit"),
    )  # fmt: skip


# The release before cannot read these; what they told was told, what waits is told by the ladder of that release.
NEW_KINDS = """
kind IN ('assigned_again', 'overdue_weekly', 'letter_drafted', 'task_suspended', 'task_resumed', 'hand_back_requested',
         'hand_back_refused', 'contact_bounced')
"""
FORGET = (
    f"DELETE FROM delivery_notice WHERE notice_id IN (SELECT id FROM notice WHERE {NEW_KINDS})",
    f"DELETE FROM notice WHERE {NEW_KINDS}",
    "UPDATE notice SET state = 'sent' WHERE state = 'muted'",
    "UPDATE delivery SET state = 'refused' WHERE state IN ('bounced', 'moot')",
)


def downgrade() -> None:
    for statement in FORGET:
        op.execute(statement)
    op.execute(OBLIGATION_STATE.format(standing="at"))
    op.execute("DELETE FROM wake WHERE process = 'audit'")
    op.drop_index("ix_delivery_provider", "delivery")
    for table in (
        "audit", "signing_key", "bounce_mailbox", "receipt", "letter_obligation", "letter", "hand_back", "suspension",
        "calendar_override",
    ):  # fmt: skip
        op.drop_table(table)
    for table, columns in reversed(ADDED):
        for column in columns:
            op.drop_column(table, column.name)
