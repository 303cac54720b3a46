"""By which embedders and stores bots are indexed, in PostgreSQL."""

from collections.abc import Callable, Sequence

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader, database_errors
from application.ports.index_census import IndexCensus, Indexing, IndexUse

_OTHERS = "state = 'live' AND (space <> :space OR store <> :store)"
_TENANTS = text(f"SELECT DISTINCT tenant_id FROM index_generations WHERE {_OTHERS}")  # noqa: S608
_EMPTY = f"""{_OTHERS} AND NOT EXISTS (
  SELECT FROM documents d WHERE d.tenant_id = g.tenant_id AND d.bot_id = g.bot_id)
"""
_BOTS = text(f"""
SELECT bot_id FROM index_generations g WHERE g.tenant_id = :tenant_id AND {_EMPTY}
""")  # noqa: S608
_ADOPT = text(f"""
UPDATE index_generations g
SET id = :id, space = :space, dimensions = :dimensions, store = :store
WHERE g.tenant_id = :tenant_id AND g.bot_id = :bot_id AND {_EMPTY}
""")  # noqa: S608
# For the operator, who has all workspaces in one installation.
# nosemgrep: statement-without-tenant
_USES = text("""
SELECT space, store, count(*) AS bots FROM index_generations
WHERE state = 'live' GROUP BY space, store ORDER BY bots DESC, space, store
""")


class PostgresIndexCensus(IndexCensus):
    """Counts for all tenants by the system role, which may not look into their documents; what
    depends on these is done in each tenant by itself."""

    def __init__(self, pool: Pool, system_pool: Pool) -> None:
        self._pool = pool
        self._system = Reader(system_pool)

    async def adopt(self, present: Indexing, new_id: Callable[[], str]) -> None:
        """Give every bot without a document the present space and store."""
        values: dict[str, object] = {
            "space": present.space,
            "dimensions": present.dimensions,
            "store": present.store,
        }
        async with self._system.connect(None) as connection:
            tenants = [row.tenant_id for row in await connection.execute(_TENANTS, values)]
        for tenant_id in tenants:
            with database_errors():
                async with self._pool.begin(tenant_id) as connection:
                    its = values | {"tenant_id": tenant_id}
                    for row in list(await connection.execute(_BOTS, its)):
                        bot = {"id": new_id(), "bot_id": row.bot_id}
                        await connection.execute(_ADOPT, its | bot)

    async def uses(self) -> Sequence[IndexUse]:
        """Return how many bots are indexed by what."""
        async with self._system.connect(None) as connection:
            rows = await connection.execute(_USES, {})
        return [IndexUse(row.space, row.store, row.bots) for row in rows]
