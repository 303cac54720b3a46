"""The first schema: identities, bots, documents, retrieval, conversations, streams, jobs."""

from alembic import op

revision = "0001"
down_revision = None

# Ids are text (TypeID over UUIDv7). tenant_id stands first in every key of a tenant's table, so that
# row-level security and composite foreign keys need no new index.
STATEMENTS = """
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE workspaces (
  id text PRIMARY KEY,
  name text NOT NULL,
  plan text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE users (
  id text PRIMARY KEY,
  email text NOT NULL UNIQUE,
  full_name text NOT NULL,
  password_hash text NOT NULL,
  disabled boolean NOT NULL DEFAULT false,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL
);
CREATE TABLE memberships (
  tenant_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id, created_at);
CREATE TABLE sessions (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE refresh_tokens (
  token_hash text PRIMARY KEY,
  session_id text NOT NULL REFERENCES sessions ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE bots (
  tenant_id text NOT NULL REFERENCES workspaces ON DELETE CASCADE,
  id text NOT NULL UNIQUE,
  name text NOT NULL,
  description text NOT NULL,
  configuration jsonb NOT NULL,
  public_id text NOT NULL UNIQUE,
  published_version integer,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE TABLE bot_versions (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  number integer NOT NULL,
  configuration jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, bot_id, number),
  FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE TABLE index_generations (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  id text NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('building', 'live', 'retired')),
  space text NOT NULL,
  dimensions integer NOT NULL,
  chunker text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, bot_id, id),
  FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX index_generations_one_live ON index_generations (tenant_id, bot_id)
  WHERE state = 'live';

CREATE TABLE documents (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  id text NOT NULL UNIQUE,
  title text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'processing', 'ready', 'failed')),
  stage text NOT NULL,
  done integer NOT NULL,
  total integer NOT NULL,
  error_code text,
  error_detail text,
  chunk_count integer NOT NULL,
  revision integer NOT NULL,
  target integer NOT NULL,
  sha256 text NOT NULL,
  source_url text,
  metadata jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX documents_bot ON documents (tenant_id, bot_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX documents_same_bytes ON documents (tenant_id, bot_id, sha256)
  WHERE deleted_at IS NULL;
CREATE TABLE document_revisions (
  tenant_id text NOT NULL,
  document_id text NOT NULL,
  revision integer NOT NULL,
  filename text NOT NULL,
  media_type text NOT NULL,
  size bigint NOT NULL,
  sha256 text NOT NULL,
  blob_key text NOT NULL,
  text text,
  sections jsonb,
  language text NOT NULL DEFAULT '',
  text_title text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, document_id, revision),
  FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX document_revisions_blob ON document_revisions (blob_key);
CREATE TABLE chunks (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  document_id text NOT NULL,
  revision integer NOT NULL,
  ordinal integer NOT NULL,
  start_offset integer NOT NULL,
  end_offset integer NOT NULL,
  page integer,
  heading_path text[] NOT NULL,
  content_hash text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  text text NOT NULL,
  PRIMARY KEY (tenant_id, document_id, revision, ordinal),
  FOREIGN KEY (tenant_id, document_id, revision)
    REFERENCES document_revisions (tenant_id, document_id, revision) ON DELETE CASCADE
);
CREATE INDEX chunks_content ON chunks (tenant_id, content_hash);

-- Keyword index: one row for each term of a live document, its chunks packed as
-- ordinal << 32 | frequency << 16 | length. Scopes and documents have numbers because the ids would
-- be two thirds of this table; both are found through (tenant_id, ...) only.
CREATE TABLE keyword_scopes (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  PRIMARY KEY (tenant_id, bot_id)
);
CREATE TABLE keyword_documents (
  tenant_id text NOT NULL,
  document_id text NOT NULL,
  bot_id text NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  revision integer NOT NULL,
  language text NOT NULL,
  chunks bigint NOT NULL,
  terms bigint NOT NULL,
  PRIMARY KEY (tenant_id, document_id)
);
CREATE TABLE keyword_postings (
  scope bigint NOT NULL,
  term text NOT NULL,
  document bigint NOT NULL,
  places bigint[] NOT NULL,
  PRIMARY KEY (scope, term, document)
);
CREATE INDEX keyword_postings_document ON keyword_postings (document);
CREATE TABLE keyword_totals (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  language text NOT NULL,
  documents bigint NOT NULL,
  chunks bigint NOT NULL,
  terms bigint NOT NULL,
  PRIMARY KEY (tenant_id, bot_id, language)
);

CREATE TABLE embedding_cache (
  tenant_id text NOT NULL,
  space text NOT NULL,
  content_hash text NOT NULL,
  vector bytea NOT NULL,
  PRIMARY KEY (tenant_id, content_hash, space)
);

CREATE TABLE conversations (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  id text NOT NULL UNIQUE,
  title text NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, bot_id) REFERENCES bots (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX conversations_bot ON conversations (tenant_id, bot_id, id) WHERE deleted_at IS NULL;
CREATE TABLE messages (
  tenant_id text NOT NULL,
  conversation_id text NOT NULL,
  id text NOT NULL UNIQUE,
  parent_id text,
  role text NOT NULL CHECK (role IN ('user', 'assistant')),
  content text NOT NULL,
  status text NOT NULL
    CHECK (status IN ('pending', 'streaming', 'completed', 'stopped', 'failed')),
  citations jsonb NOT NULL,
  prompt_tokens integer NOT NULL,
  completion_tokens integer NOT NULL,
  timings jsonb NOT NULL,
  model text,
  degraded boolean NOT NULL,
  error_code text,
  error_detail text,
  stop_requested boolean NOT NULL DEFAULT false,
  lease_until timestamptz,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation ON messages (tenant_id, conversation_id, id);
CREATE INDEX messages_unfinished ON messages (lease_until)
  WHERE status IN ('pending', 'streaming');

CREATE TABLE events (
  tenant_id text NOT NULL,
  stream_id text NOT NULL,
  seq integer NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, stream_id, seq)
);
CREATE INDEX events_age ON events USING brin (created_at);
-- Appends to a stream and tells listeners up to which event; returns the last one's number. The lock
-- makes concurrent writers queue up until the commit, so that the numbers have neither gap nor double.
CREATE FUNCTION append_events(for_tenant text, for_stream text, types text[], payloads text[])
RETURNS integer LANGUAGE plpgsql AS $$
DECLARE newest integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(for_stream, 0));
  SELECT coalesce(max(seq), 0) INTO newest FROM events
    WHERE tenant_id = for_tenant AND stream_id = for_stream;
  INSERT INTO events (tenant_id, stream_id, seq, type, data)
    SELECT for_tenant, for_stream, newest + u.place, u.type, u.payload::jsonb
    FROM unnest(types, payloads) WITH ORDINALITY AS u(type, payload, place);
  newest := newest + cardinality(types);
  PERFORM pg_notify('chatsphere', for_stream || ' ' || newest);
  RETURN newest;
END $$;

CREATE TABLE jobs (
  id text PRIMARY KEY,
  tenant_id text NOT NULL,
  kind text NOT NULL,
  subject_id text NOT NULL,
  revision integer NOT NULL,
  priority integer NOT NULL,
  run_at timestamptz NOT NULL,
  lease_until timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  errors integer NOT NULL DEFAULT 0,
  losses integer NOT NULL DEFAULT 0,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, kind, subject_id)
);
CREATE INDEX jobs_due ON jobs (run_at);
CREATE TABLE job_turns (
  tenant_id text PRIMARY KEY,
  served_at timestamptz NOT NULL
);

CREATE TABLE idempotency_keys (
  tenant_id text NOT NULL,
  actor_id text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  resource_ids text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, actor_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys USING brin (created_at);

-- Vectors by id only; texts are read from the tables above. `graph` marks the rows of large
-- namespaces: only these are in the HNSW graph, small ones are scanned exactly.
CREATE TABLE vector_namespaces (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  generation_id text NOT NULL,
  dimensions integer NOT NULL,
  graph boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, bot_id, generation_id)
);
CREATE TABLE chunk_vectors (
  tenant_id text NOT NULL,
  bot_id text NOT NULL,
  generation_id text NOT NULL,
  document_id text NOT NULL,
  chunk_id text NOT NULL,
  graph boolean NOT NULL DEFAULT false,
  embedding halfvec NOT NULL,
  PRIMARY KEY (tenant_id, bot_id, generation_id, chunk_id)
) PARTITION BY HASH (bot_id);
"""

PARTITIONS = 8


def upgrade() -> None:
    """Create everything."""
    op.execute(STATEMENTS)
    for part in range(PARTITIONS):
        op.execute(
            f"CREATE TABLE chunk_vectors_{part} PARTITION OF chunk_vectors "
            f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {part}) "
            "WITH (toast_tuple_target = 8160)"  # long vectors stay in the row: a scan reads them all
        )
    # Of the document alone: an index that begins like the primary key would be taken for it where
    # there are no statistics yet, and each look-up of a chunk would read its whole namespace.
    op.execute("CREATE INDEX chunk_vectors_document ON chunk_vectors (document_id)")
    op.execute(
        "CREATE INDEX chunk_vectors_graph_384 ON chunk_vectors "
        "USING hnsw ((embedding::halfvec(384)) halfvec_cosine_ops) "
        "WHERE graph AND vector_dims(embedding) = 384"
    )


def downgrade() -> None:
    """The first schema has nothing before it."""
    raise NotImplementedError("there is no schema before the first")
