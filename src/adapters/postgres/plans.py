"""Plans in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.plans import PlanRepository
from application.queries.usage import PlanQueries
from domain.errors import NotFound
from domain.plans import Plan, Quota, Standing

_FIND = text("SELECT * FROM plans WHERE id = :id FOR NO KEY UPDATE")
_SAVE = text("""
INSERT INTO plans (id, name, position, limits, version)
SELECT :id, :name, coalesce(max(position), 0) + 1, cast(:limits AS jsonb), cast(:version AS integer)
FROM plans
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, limits = excluded.limits, version = excluded.version
""").bindparams(bindparam("limits", type_=JSONB))
_ASSIGN = text(
    "UPDATE workspaces SET plan = :plan, version = version + 1 "
    "WHERE id = :id AND deleted_at IS NULL"
)
_LOCK_WORKSPACE = text("SELECT id FROM workspaces WHERE id = :id FOR NO KEY UPDATE")
_SEATS = text("""
SELECT cast(p.limits ->> 'members' AS bigint) AS most,
  (SELECT count(*) FROM memberships m WHERE m.tenant_id = w.id) AS used
FROM workspaces w JOIN plans p ON p.id = w.plan WHERE w.id = :id
""")
_LIST = text("SELECT * FROM plans ORDER BY position, id")
_OF_WORKSPACE = text("SELECT p.* FROM workspaces w JOIN plans p ON p.id = w.plan WHERE w.id = :id")


def _to_plan(row: Row) -> Plan:
    return Plan(row.id, row.name, {q: row.limits.get(q.value) for q in Quota}, row.version)


class PostgresPlanRepository(PlanRepository):
    """Works in the connection's transaction, on the system role."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, plan_id: str) -> Plan | None:
        row = (await self._connection.execute(_FIND, {"id": plan_id})).one_or_none()
        return None if row is None else _to_plan(row)

    async def save(self, plan: Plan) -> None:
        limits = {quota.value: limit for quota, limit in plan.limits.items()}
        values = {"id": plan.id, "name": plan.name, "limits": limits, "version": plan.version}
        await self._connection.execute(_SAVE, values)

    async def assign(self, workspace_id: str, plan_id: str) -> None:
        values = {"id": workspace_id, "plan": plan_id}
        if (await self._connection.execute(_ASSIGN, values)).rowcount == 0:
            raise NotFound("There is no such workspace.")

    async def seats(self, workspace_id: str) -> Standing:
        # Two statements: the second sees what was committed while the first waited.
        await self._connection.execute(_LOCK_WORKSPACE, {"id": workspace_id})
        row = (await self._connection.execute(_SEATS, {"id": workspace_id})).one_or_none()
        if row is None:
            raise NotFound("There is no such workspace.")
        return Standing(Quota.MEMBERS, row.used, row.most)


class PostgresPlanQueries(PlanQueries):
    """Single statements, on a pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def list(self) -> Sequence[Plan]:
        async with self._reader.connect(None) as connection:
            return [_to_plan(row) for row in await connection.execute(_LIST)]

    async def of_workspace(self, workspace_id: str) -> Plan:
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_OF_WORKSPACE, {"id": workspace_id})).one_or_none()
        if row is None:
            raise NotFound("There is no such workspace.")
        return _to_plan(row)
