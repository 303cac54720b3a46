"""What swapping parts needs: which store holds a generation, which models fell out, cache, limits."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Vectors stay where they were written: a search elsewhere would find nothing.
GENERATIONS = """
ALTER TABLE index_generations ADD COLUMN store text NOT NULL DEFAULT 'pgvector';
ALTER TABLE index_generations ALTER COLUMN store DROP DEFAULT;
"""
# The models that were asked before the one that answered, each with the code of its error.
MESSAGES = """
ALTER TABLE messages ADD COLUMN fallbacks jsonb NOT NULL DEFAULT '[]';
"""
# What may be lost is not worth a log: after a crash of the database these tables are empty.
CACHE = """
CREATE UNLOGGED TABLE cache_entries (
  key text PRIMARY KEY,
  value bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX cache_entries_over ON cache_entries (expires_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON cache_entries TO chatsphere_system;
"""
LIMITS = """
CREATE UNLOGGED TABLE rate_limits (
  key text PRIMARY KEY,
  used bigint NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX rate_limits_over ON rate_limits (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO chatsphere_system;
"""


def upgrade() -> None:
    """Add the columns and tables."""
    for part in (GENERATIONS, MESSAGES, CACHE, LIMITS):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
