"""The second wall: roles that own nothing, and row-level security on every tenant table."""

from alembic import op

revision = "0003"
down_revision = "0002"

TENANT_TABLES = (
    "bots", "bot_versions", "index_generations",
    "documents", "document_revisions", "chunks", "crawls",
    "keyword_scopes", "keyword_documents", "keyword_totals", "embedding_cache",
    "vector_namespaces", "chunk_vectors", *(f"chunk_vectors_{part}" for part in range(8)),
    "conversations", "messages", "events", "idempotency_keys", "jobs", "job_turns",
    "memberships", "invitations", "api_keys", "provider_credentials",
    "usage_counters", "usage_records", "audit_events",
)  # fmt: skip
# The tables of people: of no one tenant, so tenants' requests have no right to them at all.
PEOPLE_TABLES = (
    "users", "sessions", "refresh_tokens", "one_time_tokens", "external_identities", "erasures",
)  # fmt: skip
# Tenant tables that the system role sees as a whole: who asks, and which job is next.
SYSTEM_TABLES = ("memberships", "invitations", "api_keys", "jobs", "job_turns", "audit_events")

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')"
ROLES = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['chatsphere_app', 'chatsphere_system'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', name);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;  -- made by another database's migration
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'The migrating role may not create roles. Let an administrator run: '
          'CREATE ROLE chatsphere_app NOLOGIN NOINHERIT; '
          'CREATE ROLE chatsphere_system NOLOGIN NOINHERIT; '
          'GRANT chatsphere_app, chatsphere_system TO %', current_user;
    END;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', name);
  END LOOP;
END $$;
"""


def _isolate(table: str, rule: str) -> str:
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {table} TO chatsphere_app USING ({rule}) WITH CHECK ({rule});
"""


def upgrade() -> None:
    """Make the roles, their rights and the policies."""
    op.execute(ROLES)
    for table in TENANT_TABLES:
        op.execute(_isolate(table, f"tenant_id = {CURRENT_TENANT}"))
        if not table.startswith("chunk_vectors_"):  # partitions are reached through their parent
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO chatsphere_app")
    # Postings carry the number of their scope in the place of tenant and bot.
    op.execute(_isolate("keyword_postings", "scope IN (SELECT number FROM keyword_scopes)"))
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON keyword_postings TO chatsphere_app")
    op.execute(_isolate("workspaces", f"id = {CURRENT_TENANT}"))
    op.execute("GRANT SELECT ON workspaces, plans TO chatsphere_app")
    for table in ("workspaces", *SYSTEM_TABLES):
        op.execute(f"CREATE POLICY system ON {table} TO chatsphere_system USING (true)")
    for table in ("workspaces", "plans", *SYSTEM_TABLES, *PEOPLE_TABLES):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO chatsphere_system")
    op.execute(
        "CREATE POLICY system ON messages FOR SELECT TO chatsphere_system "
        "USING (status IN ('pending', 'streaming'));"
        "GRANT SELECT (tenant_id, id, conversation_id, status, lease_until) ON messages "
        "TO chatsphere_system;"
        "CREATE POLICY system ON conversations FOR SELECT TO chatsphere_system USING (true);"
        "GRANT SELECT (tenant_id, id, deleted_at) ON conversations TO chatsphere_system"
    )
    # History is written, never rewritten: not even by a request that was tricked into it.
    op.execute("REVOKE UPDATE, DELETE ON audit_events FROM chatsphere_app")
    op.execute(
        "REVOKE UPDATE ON audit_events FROM chatsphere_system;"
        # It ends with what it tells of, once that is gone.
        "CREATE POLICY erasure ON audit_events AS RESTRICTIVE FOR DELETE TO chatsphere_system "
        "USING (NOT EXISTS (SELECT FROM workspaces w WHERE w.id = audit_events.tenant_id) "
        "AND NOT EXISTS (SELECT FROM users u WHERE u.id = audit_events.tenant_id))"
    )
    op.execute("REVOKE UPDATE ON usage_records FROM chatsphere_app")


def downgrade() -> None:
    """There is no way back to one wall."""
    raise NotImplementedError("row-level security stays")
