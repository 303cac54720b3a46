"""Workspaces with members, invitations, keys, plans and usage; credentials, crawls, the audit log."""

from alembic import op

revision = "0002"
down_revision = "0001"

WORKSPACES_AND_PEOPLE = """
ALTER TABLE workspaces
  ADD version integer NOT NULL DEFAULT 1,
  ADD deleted_at timestamptz,
  ADD erase_after timestamptz;
ALTER TABLE users
  ALTER password_hash DROP NOT NULL,  -- who logs in by OpenID Connect only has none
  ADD email_verified_at timestamptz,
  ADD instance_admin boolean NOT NULL DEFAULT false,
  ADD totp_secret text,               -- sealed
  ADD totp_confirmed_at timestamptz,
  ADD totp_last_step bigint NOT NULL DEFAULT 0,  -- a code is good once
  ADD recovery_hashes text[] NOT NULL DEFAULT '{}';
ALTER TABLE memberships ADD version integer NOT NULL DEFAULT 1;
ALTER TABLE sessions
  ADD last_used_at timestamptz,
  ADD address text NOT NULL DEFAULT '',
  ADD user_agent text NOT NULL DEFAULT '';
ALTER TABLE refresh_tokens ADD used_for text;  -- sealed successor, for a client whose answer got lost
CREATE TABLE external_identities (
  issuer text NOT NULL,
  subject text NOT NULL,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX external_identities_user ON external_identities (user_id);
-- Password resets, e-mail verifications, second steps of a log-in, socket tickets: each good once.
CREATE TABLE one_time_tokens (
  token_hash text PRIMARY KEY,
  purpose text NOT NULL,
  user_id text REFERENCES users ON DELETE CASCADE,
  data jsonb NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_age ON one_time_tokens (expires_at);
CREATE TABLE invitations (
  tenant_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  id text NOT NULL UNIQUE,
  email text NOT NULL,
  role text NOT NULL CHECK (role IN ('admin', 'editor', 'viewer')),
  token_hash text NOT NULL UNIQUE,
  invited_by text REFERENCES users ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
);
CREATE TABLE api_keys (
  tenant_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  id text NOT NULL UNIQUE,
  name text NOT NULL,
  hint text NOT NULL,
  secret_hash text NOT NULL UNIQUE,
  previous_hash text UNIQUE,
  previous_until timestamptz,
  scopes text[] NOT NULL,
  created_by text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id)
);
"""

PLANS_AND_USAGE = """
CREATE TABLE plans (
  id text PRIMARY KEY,
  name text NOT NULL,
  position integer NOT NULL,
  limits jsonb NOT NULL,  -- a number for each limit; null: no limit
  version integer NOT NULL DEFAULT 1
);
-- What was used of a limit in a period ('' for what is not counted by the month).
CREATE TABLE usage_counters (
  tenant_id text NOT NULL,
  name text NOT NULL,
  period text NOT NULL,
  used bigint NOT NULL,
  PRIMARY KEY (tenant_id, name, period)
);
-- Append-only: one record for each thing that costs.
CREATE TABLE usage_records (
  tenant_id text NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  bot_id text NOT NULL,
  model text,
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  bytes bigint NOT NULL,
  chunks bigint NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX usage_records_time ON usage_records (tenant_id, created_at);
INSERT INTO plans (id, name, position, limits) VALUES
  ('free', 'Free', 1, '{"bots": 100, "documents": 50000, "bytes": 21474836480,
    "messages_month": 100000, "tokens_month": 500000000, "members": 25}'),
  ('pro', 'Pro', 2, '{"bots": 1000, "documents": 500000, "bytes": 214748364800,
    "messages_month": 1000000, "tokens_month": 5000000000, "members": 250}'),
  ('enterprise', 'Enterprise', 3, '{"bots": null, "documents": null, "bytes": null,
    "messages_month": null, "tokens_month": null, "members": null}');
ALTER TABLE workspaces ADD FOREIGN KEY (plan) REFERENCES plans;
-- What there is counts from the beginning.
INSERT INTO usage_counters (tenant_id, name, period, used)
SELECT tenant_id, 'bots', '', count(*) FROM bots WHERE deleted_at IS NULL GROUP BY tenant_id
UNION ALL
SELECT tenant_id, 'documents', '', count(*) FROM documents
WHERE deleted_at IS NULL GROUP BY tenant_id
UNION ALL
SELECT tenant_id, 'bytes', '', sum(size) FROM (
  SELECT DISTINCT r.tenant_id, r.document_id, r.blob_key, r.size FROM document_revisions r
  JOIN documents d ON d.tenant_id = r.tenant_id AND d.id = r.document_id
  WHERE d.deleted_at IS NULL AND r.revision >= d.revision
) stored GROUP BY tenant_id;
"""

CREDENTIALS_CRAWLS_AUDIT = """
CREATE TABLE provider_credentials (
  tenant_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  provider text NOT NULL,
  fields jsonb NOT NULL,  -- what may be shown
  sealed text NOT NULL,   -- what may not
  key_id text NOT NULL,
  hint text NOT NULL,
  updated_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, provider)
);
CREATE TABLE crawls (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  id text NOT NULL UNIQUE,
  url text NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'stopped')),
  max_pages integer NOT NULL,
  max_depth integer NOT NULL,
  rules jsonb NOT NULL,
  frontier jsonb NOT NULL,
  found integer NOT NULL DEFAULT 0,
  added integer NOT NULL DEFAULT 0,
  skipped integer NOT NULL DEFAULT 0,
  failed integer NOT NULL DEFAULT 0,
  error_code text,
  error_detail text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX crawls_bot ON crawls (tenant_id, bot_id, id);
-- A document of an address has no bytes until it is fetched, and an address is one document of a bot.
DROP INDEX documents_same_bytes;
CREATE UNIQUE INDEX documents_same_bytes ON documents (tenant_id, bot_id, sha256)
  WHERE deleted_at IS NULL AND sha256 <> '';
CREATE UNIQUE INDEX documents_same_url ON documents (tenant_id, bot_id, source_url)
  WHERE deleted_at IS NULL AND source_url IS NOT NULL;
-- A chain for each workspace, and for each person's account: every entry carries the hash of the one
-- before. `body` is what is hashed; `action` stands beside it to be searched for.
CREATE TABLE audit_events (
  tenant_id text NOT NULL,
  seq bigint NOT NULL,
  id text NOT NULL UNIQUE,
  action text NOT NULL,
  body text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
CREATE FUNCTION append_audit(for_scope text, entry_id text, entry_action text, entry_body text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE place bigint; before text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || for_scope, 0));
  SELECT seq, hash INTO place, before FROM audit_events
    WHERE tenant_id = for_scope ORDER BY seq DESC LIMIT 1;
  place := coalesce(place, 0) + 1;
  before := coalesce(before, repeat('0', 64));
  INSERT INTO audit_events (tenant_id, seq, id, action, body, previous_hash, hash)
    VALUES (for_scope, place, entry_id, entry_action, entry_body, before,
      encode(sha256(convert_to(before || E'\\n' || place || E'\\n' || entry_body, 'UTF8')), 'hex'));
  RETURN place;
END $$;
-- What was erased from which store and when; it outlives what it tells of.
CREATE TABLE erasures (
  id text PRIMARY KEY,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  finished_at timestamptz,
  counts jsonb NOT NULL
);
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(WORKSPACES_AND_PEOPLE)
    op.execute(PLANS_AND_USAGE)
    op.execute(CREDENTIALS_CRAWLS_AUDIT)


def downgrade() -> None:
    """Going back would lose what people stored."""
    raise NotImplementedError("restore a backup to go back")
