"""Provider credentials in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from adapters.postgres.schema import provider_credentials as table
from application.ports.credentials import CredentialsRepository, WorkspaceList
from application.queries.credentials import CredentialQueries
from domain.credentials import StoredCredentials
from domain.errors import NotFound

_SELECT = (
    select(table).where(table.c.tenant_id == bindparam("tenant_id")).order_by(table.c.provider)
)
_LOCK = _SELECT.with_for_update()
_CHANGING = ("fields", "sealed", "key_id", "hint", "updated_by", "updated_at")
_INSERT = upsert(table)
_SAVE = _INSERT.on_conflict_do_update(
    index_elements=["tenant_id", "provider"],
    set_={name: _INSERT.excluded[name] for name in _CHANGING},
)
_REMOVE = delete(table).where(
    table.c.tenant_id == bindparam("tenant_id"), table.c.provider == bindparam("provider")
)
_DEFAULT_MODEL = text("SELECT default_model FROM workspaces WHERE id = :tenant_id")
_WORKSPACES = text("SELECT id FROM workspaces WHERE id > :after ORDER BY id LIMIT :limit")


def to_credentials(row: Row) -> StoredCredentials:
    """Make the value from its row."""
    return StoredCredentials(
        tenant_id=row.tenant_id,
        provider=row.provider,
        shown=row.fields,
        sealed=row.sealed,
        key_id=row.key_id,
        hint=row.hint,
        updated_by=row.updated_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


class PostgresCredentialsRepository(CredentialsRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def list(self, *, lock: bool = False) -> Sequence[StoredCredentials]:
        statement = _LOCK if lock else _SELECT
        rows = await self._connection.execute(statement, {"tenant_id": self._tenant_id})
        return [to_credentials(row) for row in rows]

    async def default_model(self) -> str | None:
        name = await self._connection.scalar(_DEFAULT_MODEL, {"tenant_id": self._tenant_id})
        return None if name is None else str(name)

    async def save(self, credentials: StoredCredentials) -> None:
        values = {
            "tenant_id": self._tenant_id,
            "provider": credentials.provider,
            "fields": dict(credentials.shown),
            "sealed": credentials.sealed,
            "key_id": credentials.key_id,
            "hint": credentials.hint,
            "updated_by": credentials.updated_by,
            "created_at": credentials.created_at,
            "updated_at": credentials.updated_at,
        }
        await self._connection.execute(_SAVE, values)

    async def remove(self, provider: str) -> None:
        values = {"tenant_id": self._tenant_id, "provider": provider}
        if (await self._connection.execute(_REMOVE, values)).rowcount == 0:
            raise NotFound("This workspace has no key of its own for this provider.")


class PostgresCredentialQueries(CredentialQueries):
    """Single statements, no transaction."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def list(self, tenant_id: str) -> Sequence[StoredCredentials]:
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_SELECT, {"tenant_id": tenant_id})
        return [to_credentials(row) for row in rows]


class PostgresWorkspaceList(WorkspaceList):
    """Reads over all tenants, on a pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def ids(self, after: str | None, limit: int) -> Sequence[str]:
        values = {"after": after or "", "limit": limit}
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_WORKSPACES, values)
        return [row.id for row in rows]
