"""What swapping parts needs: which store holds a generation, which models fell out, cache, limits."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Vectors stay where they were written: a search elsewhere would find nothing.
GENERATIONS = """
ALTER TABLE index_generations ADD COLUMN store text NOT NULL DEFAULT 'pgvector';
ALTER TABLE index_generations ALTER COLUMN store DROP DEFAULT;
-- At its start an installation looks whether its embedder and store still fit what there is.
CREATE POLICY system ON index_generations FOR SELECT TO chatsphere_system USING (true);
GRANT SELECT (tenant_id, state, space, store) ON index_generations TO chatsphere_system;
"""
# What the bots of a workspace answer with that name no model.
WORKSPACES = "ALTER TABLE workspaces ADD COLUMN default_model text"
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
# Charges all keys, or none where one has no room; a negative cost gives back. Who is refused writes
# nothing; who is not takes the keys in order, so that nobody waits in a circle. `used` is before the
# charge; a window with nothing used has not begun.
HIT = """
CREATE FUNCTION hit_rate_limits(
  keys text[], quotas bigint[], costs bigint[], seconds float8[],
  OUT used bigint[], OUT left_seconds float8[], OUT room boolean
) LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := clock_timestamp();
  locks boolean := false;
BEGIN
  LOOP
    SELECT array_agg(coalesce(r.used, 0) ORDER BY a.place),
      array_agg(coalesce(extract(epoch FROM r.ends_at - moment)::float8, a.lasts) ORDER BY a.place),
      bool_and(coalesce(r.used, 0) + a.cost <= a.quota)
    INTO used, left_seconds, room
    FROM unnest(keys, quotas, costs, seconds) WITH ORDINALITY AS a(key, quota, cost, lasts, place)
    LEFT JOIN rate_limits r ON r.key = a.key AND r.used > 0 AND r.ends_at > moment;
    EXIT WHEN locks OR NOT room OR 0 = ALL (costs);
    INSERT INTO rate_limits AS r (key, used, ends_at)
      SELECT a.key, 0, moment FROM unnest(keys, costs) AS a(key, cost)
      WHERE a.cost <> 0 ORDER BY a.key
      ON CONFLICT (key) DO UPDATE SET used = 0 WHERE r.ends_at <= moment AND r.used > 0;
    locks := true;
  END LOOP;
  IF locks AND room THEN
    UPDATE rate_limits r SET used = greatest(0, r.used + a.cost),
      ends_at = CASE WHEN r.used = 0 THEN moment + make_interval(secs => a.lasts) ELSE r.ends_at END
    FROM unnest(keys, costs, seconds) AS a(key, cost, lasts)
    WHERE r.key = a.key AND a.cost <> 0;
  END IF;
END $$;
"""


def upgrade() -> None:
    """Add the columns and tables."""
    for part in (GENERATIONS, WORKSPACES, MESSAGES, CACHE, LIMITS, HIT):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
