"""How answers came about; and what the audit log is searched by."""

from alembic import op

revision = "0007"
down_revision = "0006"

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')"
# Beside the messages: conversations are read far more often than traces. No text of a document is in
# one, only where it stands, so nothing has to be taken out when a document is deleted.
TRACES = f"""
CREATE TABLE message_traces (
  tenant_id text NOT NULL,
  message_id text NOT NULL,
  trace jsonb NOT NULL,
  PRIMARY KEY (tenant_id, message_id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE message_traces ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_traces FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_traces TO chatsphere_app
  USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT});
GRANT SELECT, INSERT, DELETE ON message_traces TO chatsphere_app;
"""
# Out of the body, which alone is hashed: they cannot tell of anything else. Times are ISO 8601 in UTC
# with microseconds, so their texts are in their order. Rows are written anew, about a million in ten
# seconds. Columns, not indexes on expressions: row-level security lets those go unused.
AUDIT = """
ALTER TABLE audit_events
  ADD COLUMN actor_id text GENERATED ALWAYS AS (body::jsonb ->> 'actor_id') STORED,
  ADD COLUMN subject_id text GENERATED ALWAYS AS (body::jsonb ->> 'subject_id') STORED,
  ADD COLUMN at text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'at') STORED;
CREATE INDEX audit_events_actor ON audit_events (tenant_id, actor_id, seq);
CREATE INDEX audit_events_subject ON audit_events (tenant_id, subject_id, seq);
CREATE INDEX audit_events_at ON audit_events (tenant_id, at);
"""


def upgrade() -> None:
    """Add the table and the columns."""
    for part in (TRACES, AUDIT):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
