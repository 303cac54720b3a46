"""What keeping promises under faults needs: fences of answers, who works on what, sweeps, receipts."""

from alembic import op

revision = "0004"
down_revision = "0003"

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')"

# The process that writes an answer holds it by lease and attempt: whoever takes it over counts up,
# and goes by the same configuration.
ANSWERS = """
ALTER TABLE messages
  ADD COLUMN attempt integer NOT NULL DEFAULT 0,
  ADD COLUMN draft boolean NOT NULL DEFAULT false;
"""
# Who has a job since when, and how often it had to wait for something that was out: what a person
# is told who asks why a document is not ready. Workers note that they live.
JOBS = """
ALTER TABLE jobs
  ADD COLUMN worker text,
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN outages integer NOT NULL DEFAULT 0,
  ADD COLUMN last_code text,
  ADD COLUMN last_blame boolean;
-- A claim skips from tenant to tenant, takes the head of one's queue, and counts what is in work.
CREATE INDEX jobs_turn ON jobs
  (tenant_id, (errors + losses + (lease_until IS NOT NULL)::int), priority, run_at, id);
CREATE INDEX jobs_held ON jobs (tenant_id) WHERE lease_until IS NOT NULL;
CREATE INDEX jobs_purges ON jobs (tenant_id, kind, run_at, id)
  WHERE kind IN ('purge_document', 'purge_bot');
DROP INDEX jobs_due;
CREATE TABLE workers (
  id text PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  concurrency integer NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO chatsphere_system;
GRANT SELECT ON workers TO chatsphere_app;
"""
# Where another transport tells of new events, the transaction does not: NOTIFY makes commits queue up.
# Four arguments mean what they did, for processes of the version before.
EVENTS = """
DROP FUNCTION append_events(text, text, text[], text[]);
CREATE FUNCTION append_events(
  for_tenant text, for_stream text, types text[], payloads text[], notifies boolean DEFAULT true
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE newest integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(for_stream, 0));
  SELECT coalesce(max(seq), 0) INTO newest FROM events
    WHERE tenant_id = for_tenant AND stream_id = for_stream;
  INSERT INTO events (tenant_id, stream_id, seq, type, data)
    SELECT for_tenant, for_stream, newest + u.place, u.type, u.payload::jsonb
    FROM unnest(types, payloads) WITH ORDINALITY AS u(type, payload, place);
  newest := newest + cardinality(types);
  IF notifies THEN
    PERFORM pg_notify('chatsphere', for_stream || ' ' || newest);
  END IF;
  RETURN newest;
END $$;
"""
# Work that one process at a time does for all: whoever holds the lease.
SINGLETONS = """
CREATE TABLE singletons (
  name text PRIMARY KEY,
  holder text NOT NULL,
  fence bigint NOT NULL,
  lease_until timestamptz NOT NULL,
  done_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON singletons TO chatsphere_system;
"""
SWEEPS = f"""
CREATE TABLE sweeps (
  tenant_id text NOT NULL,
  id text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  counts jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
ALTER TABLE sweeps ENABLE ROW LEVEL SECURITY;
ALTER TABLE sweeps FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sweeps TO chatsphere_app
  USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT});
CREATE POLICY system ON sweeps TO chatsphere_system USING (true);
GRANT SELECT, INSERT, DELETE ON sweeps TO chatsphere_app;
GRANT SELECT, DELETE ON sweeps TO chatsphere_system;
"""
# Receipts of documents and bots belong to a tenant; those of workspaces and people to none.
RECEIPTS = f"""
ALTER TABLE erasures
  ADD COLUMN tenant_id text,
  ADD COLUMN stores jsonb NOT NULL DEFAULT '[]';
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasures TO chatsphere_app
  USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT});
CREATE POLICY system ON erasures TO chatsphere_system USING (true);
GRANT SELECT, INSERT, UPDATE ON erasures TO chatsphere_app;
CREATE INDEX erasures_subject ON erasures (subject_type, subject_id);
CREATE INDEX erasures_tenant ON erasures (tenant_id) WHERE tenant_id IS NOT NULL;
"""
# What a deleted bot leaves is erased by batches.
CONVERSATIONS = """
CREATE INDEX conversations_gone ON conversations (tenant_id, bot_id) WHERE deleted_at IS NOT NULL;
"""


def upgrade() -> None:
    """Add columns and tables; nothing that is there changes its meaning."""
    for part in (EVENTS, ANSWERS, JOBS, SINGLETONS, SWEEPS, RECEIPTS, CONVERSATIONS):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
