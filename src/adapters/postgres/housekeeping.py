"""What one process does for all, in PostgreSQL: who does it, sweeps to come, rows past their time."""

from collections.abc import Mapping

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.ports.singletons import Singletons
from application.ports.upkeep import Housekeeping
from domain.jobs import JobKind
from domain.sweeps import PRIORITY

_HOLD = text("""
INSERT INTO singletons (name, holder, fence, lease_until)
VALUES (:name, :holder, 1, now() + make_interval(secs => :seconds))
ON CONFLICT (name) DO UPDATE SET
  holder = excluded.holder, lease_until = excluded.lease_until,
  fence = singletons.fence
    + (singletons.holder <> excluded.holder OR singletons.lease_until <= now())::int
WHERE singletons.holder = excluded.holder OR singletons.lease_until <= now()
RETURNING fence
""")
_HELD = "name = :name AND fence = :fence AND lease_until > now()"
_IS_DUE = text(f"""
SELECT EXISTS (SELECT FROM singletons WHERE {_HELD} AND (
  done_at IS NULL OR done_at <= now() - make_interval(secs => :seconds)))
""")  # noqa: S608
_DONE = text(f"UPDATE singletons SET done_at = now() WHERE {_HELD}")  # noqa: S608
_LEAVE = text("UPDATE singletons SET lease_until = now() WHERE name = :name AND holder = :holder")

_PLAN = text(f"""
INSERT INTO jobs (id, tenant_id, kind, subject_id, revision, priority, run_at)
SELECT planned.job_id, w.id, '{JobKind.SWEEP.value}', w.id, 0, {PRIORITY},
  now() + make_interval(secs => :seconds * (planned.place - 1) / cardinality(:job_ids))
FROM unnest(cast(:workspace_ids AS text[]), cast(:job_ids AS text[]))
  WITH ORDINALITY AS planned(workspace_id, job_id, place)
JOIN workspaces w ON w.id = planned.workspace_id AND w.deleted_at IS NULL
ON CONFLICT DO NOTHING
""")  # noqa: S608
_LONG_AGO = "now() - interval '1 day'"
_PAST: Mapping[str, str] = {
    "refresh_tokens": f"expires_at < {_LONG_AGO}",
    "one_time_tokens": f"expires_at < {_LONG_AGO}",
    "sessions": "least(expires_at, revoked_at) < now() - interval '30 days'",
    "job_turns": "NOT EXISTS (SELECT FROM workspaces w WHERE w.id = job_turns.tenant_id) "
    "AND NOT EXISTS (SELECT FROM jobs j WHERE j.tenant_id = job_turns.tenant_id)",
    "sweeps": "finished_at < now() - interval '30 days'",
    "cache_entries": "expires_at <= now()",
    "rate_limits": "ends_at <= now()",
}
# Others write these at any moment, in the order of their keys: who trims waits for none of them.
_IN_USE = frozenset({"cache_entries", "rate_limits"})
_TRIM = {
    table: text(
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY("  # noqa: S608  # constants only
        f"SELECT ctid FROM {table} WHERE {past} LIMIT :most"
        f"{' FOR UPDATE SKIP LOCKED' if table in _IN_USE else ''}))"
    )
    for table, past in _PAST.items()
}


class PostgresSingletons(Singletons):
    """Leases in a table, on a pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def hold(self, name: str, holder: str, seconds: float) -> int | None:
        values = {"name": name, "holder": holder, "seconds": seconds}
        async with self._reader.connect(None) as connection:
            fence: int | None = await connection.scalar(_HOLD, values)
        return fence

    async def is_due(self, name: str, fence: int, every_seconds: float) -> bool:
        values = {"name": name, "fence": fence, "seconds": every_seconds}
        async with self._reader.connect(None) as connection:
            return bool(await connection.scalar(_IS_DUE, values))

    async def done(self, name: str, fence: int) -> None:
        async with self._reader.connect(None) as connection:
            await connection.execute(_DONE, {"name": name, "fence": fence})

    async def leave(self, name: str, holder: str) -> None:
        async with self._reader.connect(None) as connection:
            await connection.execute(_LEAVE, {"name": name, "holder": holder})


class PostgresHousekeeping(Housekeeping):
    """Single statements on a pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def plan_sweeps(self, job_ids: Mapping[str, str], spread_seconds: float) -> int:
        values = {
            "workspace_ids": list(job_ids),
            "job_ids": list(job_ids.values()),
            "seconds": spread_seconds,
        }
        async with self._reader.connect(None) as connection:
            return (await connection.execute(_PLAN, values)).rowcount

    async def trim(self, most: int) -> Mapping[str, int]:
        gone: dict[str, int] = {}
        for table, statement in _TRIM.items():
            async with self._reader.connect(None) as connection:
                removed = (await connection.execute(statement, {"most": most})).rowcount
            if removed:
                gone[table] = removed
        return gone
