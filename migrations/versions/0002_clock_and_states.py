"""The owner of time, and the four states in SQL."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BUSINESS_NOW = """
CREATE FUNCTION business_now(realm_id text, floor timestamptz DEFAULT NULL) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT CASE r.kind WHEN 'live' THEN GREATEST(clock_timestamp(), floor) ELSE r.now END
    FROM realm r WHERE r.id = realm_id
$$
"""

# The same rule as domain/status.py, held equal by a property test.
OBLIGATION_STATE = """
CREATE FUNCTION obligation_state(o obligation, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN o.accepted_at <= at THEN CASE WHEN o.effective_at < o.late_at THEN 'done_on_time' ELSE 'done_late' END
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


def upgrade() -> None:
    op.execute(BUSINESS_NOW)
    op.execute(OBLIGATION_STATE)


def downgrade() -> None:
    op.execute("DROP FUNCTION obligation_state(obligation, timestamptz)")
    op.execute("DROP FUNCTION business_now(text, timestamptz)")
