"""Drafts with versions, and amendments of running plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SET_AT_ACTIVATION = ("lead_unit_id", "authority_unit_id", "common_group_id", "units_before", "lead_before")

# What was withdrawn is in no state at all, so that whoever forgets to leave it out of a count is told by an error.
OBLIGATION_STATE = """
CREATE OR REPLACE FUNCTION obligation_state(o obligation, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        {withdrawn}WHEN o.accepted_at <= at THEN
            CASE WHEN o.effective_at < o.late_at THEN 'done_on_time' ELSE 'done_late' END
        WHEN at < o.late_at THEN 'open_in_term'
        WHEN EXISTS (
            SELECT FROM submission s
            WHERE s.obligation_id = o.id AND s.received_at <= at AND (s.decided_at IS NULL OR s.decided_at > at)
              AND s.effective_at < o.late_at
        ) THEN 'open_in_term'
        ELSE 'open_overdue'
    END
$$
"""


def _instant(name: str, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _person(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def upgrade() -> None:
    op.add_column("realm", sa.Column("reporting_group", sa.Text(), nullable=False, server_default=""))
    for name in SET_AT_ACTIVATION:
        op.alter_column("plan", name, nullable=True)
    op.add_column("plan", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("plan", _instant("changed_at"))
    op.add_column("plan", _person("changed_by"))
    op.create_foreign_key(op.f("fk_plan_changed_by_person"), "plan", "person", ["changed_by"], ["id"])
    op.add_column("plan", _instant("amended_at"))
    op.add_column("task", sa.Column("printed", sa.Integer(), nullable=True))
    op.add_column("task", _instant("withdrawn_at"))
    op.add_column("task", _instant("counts_from"))
    op.add_column("task_owner", _instant("ended_at"))
    op.add_column("round", sa.Column("stands_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("obligation", _instant("withdrawn_at"))
    op.add_column("obligation", sa.Column("withdrawn_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("obligation", sa.Column("amendment", sa.Integer(), nullable=False, server_default="0"))
    _create_amendment()
    op.execute(OBLIGATION_STATE.format(withdrawn="WHEN o.withdrawn_at <= at THEN NULL\n        "))


def _create_amendment() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaced", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        _instant("imported_at", nullable=False),
        sa.Column("imported_by", sa.BigInteger(), nullable=False),
        _instant("changed_at"),
        _person("changed_by"),
        _instant("decided_at"),
        _person("decided_by"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_amendment_plan_id_plan")),
        sa.ForeignKeyConstraint(["imported_by"], ["person.id"], name=op.f("fk_amendment_imported_by_person")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_amendment_changed_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_amendment_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_amendment_plan_id_number")),
    )
    op.create_index(
        "ix_amendment_proposed", "amendment", ["plan_id"], unique=True,
        postgresql_where=sa.text("status = 'proposed'"),
    )  # fmt: skip


def downgrade() -> None:
    """Refused by the database where a draft is incomplete: activate or complete it first."""
    op.drop_table("amendment")
    op.execute(OBLIGATION_STATE.format(withdrawn=""))
    for table, name in (
        ("obligation", "amendment"), ("obligation", "withdrawn_reason"), ("obligation", "withdrawn_at"),
        ("round", "stands_for"), ("task_owner", "ended_at"), ("task", "counts_from"), ("task", "withdrawn_at"),
        ("task", "printed"),
        ("plan", "amended_at"), ("plan", "changed_by"), ("plan", "changed_at"), ("plan", "version"),
        ("realm", "reporting_group"),
    ):  # fmt: skip
        op.drop_column(table, name)
    for name in SET_AT_ACTIVATION:
        op.alter_column("plan", name, nullable=False)
