"""One moment of the whole database, held still for a backup; and what of it a restore looks at."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from domain.errors import ChatSphereError

_TABLES = (
    "workspaces", "users", "memberships", "api_keys", "bots", "documents", "document_revisions",
    "chunks", "chunk_vectors", "conversations", "messages", "audit_events",
)  # fmt: skip
_SEES_ALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
_ROWS = "SELECT count(*) FROM {}"
# The bytes of a deleted document are not kept: they may be gone already, and nobody is to have them. Nor
# are those of a revision before the live one; and what was never fetched has none.
_BLOBS = """
SELECT DISTINCT r.blob_key, r.size, r.sha256
FROM document_revisions r JOIN documents d USING (tenant_id)
WHERE d.id = r.document_id AND d.deleted_at IS NULL
AND r.revision >= d.revision AND r.blob_key <> '' ORDER BY r.blob_key
"""
_OWN_TABLES = """
SELECT count(*) FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND NOT EXISTS (
  SELECT FROM pg_depend d
  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
)
"""


@dataclass(frozen=True, slots=True)
class BlobOfRevision:
    """The bytes that a revision in a snapshot needs: key, size in bytes, hex SHA-256."""

    key: str
    size: int
    sha256: str


class Snapshot:
    """A transaction that goes on seeing one moment; `id` lets other connections see the same."""

    def __init__(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        self._connection = connection
        self.id = str(self._one("SELECT pg_export_snapshot()"))
        self.revision = str(self._one("SELECT version_num FROM alembic_version"))
        self.server_version = connection.info.parameter_status("server_version") or "?"

    def tables(self) -> int:
        """Return how many tables there are."""
        return int(str(self._one(_OWN_TABLES)))

    def counts(self) -> dict[str, int]:
        """Return how many rows the tables have that tell whether a backup is whole."""
        return _counts(self._connection, _TABLES)

    def blobs(self) -> list[BlobOfRevision]:
        """Return the bytes that documents in use need."""
        found = self._connection.execute(_BLOBS).fetchall()
        return [BlobOfRevision(str(k), int(str(size)), str(digest)) for k, size, digest in found]

    def _one(self, query: str) -> object:
        row = self._connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]


@contextmanager
def snapshot(conninfo: str) -> Iterator[Snapshot]:
    """Hold a moment of the database still, all tenants' rows of it.

    Raises ChatSphereError `sees_too_little` where row-level security hides rows from this role, and
    `database_empty`.
    """
    with psycopg.connect(conninfo, connect_timeout=10) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute("SET row_security = off")  # an error is better than some of the rows
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_in_transaction_session_timeout = 0")
        _require_sight(connection)
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            raise ChatSphereError("The database is empty.", code="database_empty")
        yield Snapshot(connection)


def table_count(conninfo: str) -> int:
    """Return how many tables a database has, those of extensions apart."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        row = connection.execute(_OWN_TABLES).fetchone()
        return 0 if row is None else int(row[0])


def row_counts(conninfo: str, tables: Iterable[str]) -> dict[str, int]:
    """Return how many rows some tables have now. Raises ChatSphereError `sees_too_little`."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        connection.execute("SET row_security = off")
        _require_sight(connection)
        return _counts(connection, tables)


def require_sight(conninfo: str) -> None:
    """Raise ChatSphereError `sees_too_little` where row-level security hides rows from this role."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        _require_sight(connection)


def _require_sight(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    if connection.execute(_SEES_ALL).fetchone() != (True,):
        role = connection.info.user
        raise ChatSphereError(
            f"Row-level security hides rows from the role {role}. Let an administrator of the server "
            f'run: ALTER ROLE "{role}" BYPASSRLS; (requests do not profit from it: they work as another '
            "role) or name a role that has it in CHATSPHERE_MIGRATION_DATABASE_URL for this command.",
            code="sees_too_little",
        )


def _counts(
    connection: "psycopg.Connection[tuple[object, ...]]", tables: Iterable[str]
) -> dict[str, int]:
    found = {}
    for table in tables:
        row = connection.execute(sql.SQL(_ROWS).format(sql.Identifier(table))).fetchone()
        found[table] = 0 if row is None else int(str(row[0]))
    return found
