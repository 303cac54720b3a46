"""API keys in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.api_keys import ApiKeyRepository, ApiKeyUses
from application.queries.api_keys import ApiKeyQueries
from application.queries.page import Page, PageRequest
from domain.api_keys import ApiKey
from domain.errors import NotFound

_COLUMNS = (
    "tenant_id, id, name, hint, secret_hash, previous_hash, previous_until, scopes, created_by, "
    "created_at, expires_at, revoked_at, last_used_at, version"
)
_LIVE = f"SELECT {_COLUMNS} FROM api_keys WHERE tenant_id = :tenant_id AND revoked_at IS NULL"  # noqa: S608  # constants
_GET = text(f"{_LIVE} AND id = :id")
_LOCK = text(f"{_LIVE} AND id = :id FOR UPDATE")
_LIST = text(
    f"{_LIVE} AND (cast(:after AS text) IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit"
)
_ADD = text(
    f"INSERT INTO api_keys ({_COLUMNS}) VALUES "  # noqa: S608  # constants
    f"({', '.join(f':{name}' for name in _COLUMNS.split(', '))})"
)
_CHANGING = (
    "name", "hint", "secret_hash", "previous_hash", "previous_until", "revoked_at", "version",
)  # fmt: skip
_SAVE = text(
    f"UPDATE api_keys SET {', '.join(f'{name} = :{name}' for name in _CHANGING)} "  # noqa: S608  # constants
    "WHERE tenant_id = :tenant_id AND id = :id"
)
# Keys of all tenants, by their ids, as they were used.
# nosemgrep: statement-without-tenant
_USED = text("""
UPDATE api_keys k SET last_used_at = u.at
FROM unnest(cast(:ids AS text[]), cast(:times AS timestamptz[])) AS u (id, at)
WHERE k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at - interval '1 minute')
""")


def _to_key(row: Row) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        hint=row.hint,
        secret_hash=row.secret_hash,
        scopes=tuple(row.scopes),
        created_by=row.created_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        previous_hash=row.previous_hash,
        previous_until=row.previous_until,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        version=row.version,
    )


class PostgresApiKeyRepository(ApiKeyRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, key: ApiKey) -> None:
        values = {name: getattr(key, name) for name in _COLUMNS.split(", ")}
        await self._connection.execute(
            _ADD, {**values, "tenant_id": self._tenant_id, "scopes": list(key.scopes)}
        )

    async def get(self, key_id: str, *, lock: bool = False) -> ApiKey:
        values = {"tenant_id": self._tenant_id, "id": key_id}
        row = (await self._connection.execute(_LOCK if lock else _GET, values)).one_or_none()
        if row is None:
            raise NotFound
        return _to_key(row)

    async def save(self, key: ApiKey) -> None:
        key.version += 1
        values = {name: getattr(key, name) for name in _CHANGING}
        await self._connection.execute(
            _SAVE, {**values, "tenant_id": self._tenant_id, "id": key.id}
        )


class PostgresApiKeyUses(ApiKeyUses):
    """One statement for any number of keys, on a pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def record(self, used: Mapping[str, datetime]) -> None:
        values = {"ids": list(used), "times": list(used.values())}
        async with self._reader.connect(None) as connection:
            await connection.execute(_USED, values)


class PostgresApiKeyQueries(ApiKeyQueries):
    """Single statements, no transaction."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, key_id: str) -> ApiKey:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(_GET, {"tenant_id": tenant_id, "id": key_id})
        row = found.one_or_none()
        if row is None:
            raise NotFound
        return _to_key(row)

    async def list(self, tenant_id: str, page: PageRequest) -> Page[ApiKey]:
        values = {"tenant_id": tenant_id, "after": page.after, "limit": page.limit + 1}
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_LIST, values)
        return Page.cut([_to_key(row) for row in rows], page.limit, lambda key: key.id)
