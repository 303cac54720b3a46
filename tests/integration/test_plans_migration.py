"""An installation from before there were plans: what it holds counts from the beginning."""

import psycopg
from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.migrate import migrate, migrations_folder

NAME = "from_before_plans"
OLD = """
INSERT INTO workspaces (id, name, plan, created_at) VALUES
  ('ws_1', 'Engines', 'free', now()), ('ws_2', 'Empty', 'free', now());
INSERT INTO bots (tenant_id, id, name, description, configuration, public_id, version, created_at,
    updated_at, deleted_at)
  SELECT 'ws_1', id, id, '', '{}', id, 1, now(), now(), gone
  FROM (VALUES ('bot_1', null), ('bot_2', null), ('bot_3', now())) AS b(id, gone);
INSERT INTO documents (tenant_id, bot_id, id, title, status, stage, done, total, chunk_count, revision,
    target, sha256, metadata, version, created_at, updated_at, deleted_at)
  SELECT 'ws_1', 'bot_1', id, id, 'ready', 'done', 0, 0, 0, revision, target, id, '{}', 1, now(), now(),
    gone
  FROM (VALUES ('doc_1', 2, 4, null), ('doc_2', 1, 1, now())) AS d(id, revision, target, gone);
INSERT INTO document_revisions (tenant_id, document_id, revision, filename, media_type, size, sha256,
    blob_key)
  SELECT 'ws_1', document, revision, '', '', size, '', key
  FROM (VALUES ('doc_1', 1, 1000, 'a'), ('doc_1', 2, 200, 'b'), ('doc_1', 3, 200, 'b'),
    ('doc_1', 4, 30, 'c'), ('doc_2', 1, 5000, 'd')) AS r(document, revision, size, key);
"""


def test_what_was_there_before_plans_counts_and_what_was_deleted_does_not(
    postgres_url: str,
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {NAME}")
    try:
        own = conninfo_to_dict(postgres_url)["dbname"]
        url = postgres_url.replace(f"/{own}?", f"/{NAME}?", 1)
        config = Config()
        config.set_main_option("script_location", str(migrations_folder()))
        config.attributes["conninfo"] = url
        command.upgrade(config, "0001")
        with psycopg.connect(url) as connection:
            connection.execute(OLD)
        assert migrate(url)
        with psycopg.connect(url) as connection:
            counters = connection.execute("SELECT tenant_id, name, used FROM usage_counters")
            assert set(counters) == {
                ("ws_1", "bots", 2),
                ("ws_1", "documents", 1),
                ("ws_1", "bytes", 230),
            }
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
