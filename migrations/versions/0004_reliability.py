"""What keeping promises under faults needs: fences of answers, who works on what, sweeps, receipts."""

from alembic import op

revision = "0004"
down_revision = "0003"

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')"

# The process that writes an answer holds it by lease and attempt: whoever takes it over counts up.
ANSWERS = """
ALTER TABLE messages ADD COLUMN attempt integer NOT NULL DEFAULT 0;
"""
# Who has a job since when, and how often it had to wait for something that was out: what a person
# is told who asks why a document is not ready. Workers note that they live.
JOBS = """
ALTER TABLE jobs
  ADD COLUMN worker text,
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN outages integer NOT NULL DEFAULT 0;
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
ALTER TABLE erasures ADD COLUMN tenant_id text;
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasures TO chatsphere_app
  USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT});
CREATE POLICY system ON erasures TO chatsphere_system USING (true);
GRANT SELECT, INSERT, UPDATE ON erasures TO chatsphere_app;
CREATE INDEX erasures_subject ON erasures (subject_type, subject_id);
"""


def upgrade() -> None:
    """Add columns and tables; nothing that is there changes its meaning."""
    for part in (ANSWERS, JOBS, SINGLETONS, SWEEPS, RECEIPTS):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
