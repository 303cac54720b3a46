"""Usage counters and records in PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time

from sqlalchemy import text

from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader
from application.ports.usage import UsageMeter
from application.queries.usage import UsageQueries
from domain.errors import NotFound
from domain.plans import Grouping, Quota, Standing, Usage, UsageRecord, period_of

# One statement: what is counted is added in the order of names, so that two units never wait for each
# other, and read back with the limits of the plan. What is only looked at is not locked.
_COUNT = text("""
WITH given AS (
  SELECT * FROM unnest(
    cast(:names AS text[]), cast(:periods AS text[]), cast(:amounts AS bigint[])
  ) AS g(name, period, amount)
), counted AS (
  INSERT INTO usage_counters AS c (tenant_id, name, period, used)
  SELECT :tenant_id, name, period, greatest(amount, 0) FROM given WHERE amount <> 0 ORDER BY name
  ON CONFLICT (tenant_id, name, period) DO UPDATE
  SET used = greatest(c.used + (SELECT amount FROM given WHERE given.name = c.name), 0)
  RETURNING name, used
)
SELECT given.name, cast(p.limits ->> given.name AS bigint) AS most, coalesce(
  (SELECT used FROM counted WHERE counted.name = given.name),
  (SELECT used FROM usage_counters known WHERE known.tenant_id = :tenant_id
    AND known.name = given.name AND known.period = given.period),
  0) AS used
FROM workspaces w JOIN plans p ON p.id = w.plan CROSS JOIN given
WHERE w.id = :tenant_id
""")
_RECORD = text("""
WITH recorded AS (
  INSERT INTO usage_records (tenant_id, id, kind, bot_id, model, prompt_tokens, completion_tokens,
    bytes, chunks, created_at)
  VALUES (:tenant_id, :id, :kind, :bot_id, :model, :prompt_tokens, :completion_tokens,
    :bytes, :chunks, :created_at)
  ON CONFLICT DO NOTHING RETURNING prompt_tokens + completion_tokens AS tokens
)
INSERT INTO usage_counters AS c (tenant_id, name, period, used)
SELECT :tenant_id, :name, :period, tokens FROM recorded WHERE tokens > 0
ON CONFLICT (tenant_id, name, period) DO UPDATE SET used = c.used + excluded.used
""")
_STANDINGS = text("""
SELECT given.name, cast(p.limits ->> given.name AS bigint) AS most,
  CASE WHEN given.name = 'members'
    THEN (SELECT count(*) FROM memberships m WHERE m.tenant_id = :tenant_id)
    ELSE coalesce(known.used, 0) END AS used
FROM workspaces w JOIN plans p ON p.id = w.plan
CROSS JOIN unnest(cast(:names AS text[]), cast(:periods AS text[])) WITH ORDINALITY
  AS given(name, period, place)
LEFT JOIN usage_counters known ON known.tenant_id = :tenant_id
  AND known.name = given.name AND known.period = given.period
WHERE w.id = :tenant_id ORDER BY given.place
""")
_USED = """
SELECT {group} AS label, count(*) FILTER (WHERE kind = 'answer') AS messages,
  cast(sum(prompt_tokens) AS bigint) AS prompt_tokens,
  cast(sum(completion_tokens) AS bigint) AS completion_tokens,
  count(*) FILTER (WHERE kind = 'document') AS documents,
  cast(sum(bytes) AS bigint) AS bytes, cast(sum(chunks) AS bigint) AS chunks
FROM usage_records
WHERE tenant_id = :tenant_id AND created_at BETWEEN :first AND :last
GROUP BY 1 ORDER BY 1 NULLS LAST
"""
_USED_BY = {
    Grouping.DAY: text(_USED.format(group="to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')")),
    Grouping.BOT: text(_USED.format(group="bot_id")),
    Grouping.MODEL: text(_USED.format(group='model COLLATE "C"')),
}


class PostgresUsageMeter(UsageMeter):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def count(self, amounts: Mapping[Quota, int], now: datetime) -> Sequence[Standing]:
        values = {
            "tenant_id": self._tenant_id,
            "names": [quota.value for quota in amounts],
            "periods": [period_of(quota, now) for quota in amounts],
            "amounts": list(amounts.values()),
        }
        rows = await self._connection.execute(_COUNT, values)
        found = {row.name: Standing(Quota(row.name), row.used, row.most) for row in rows}
        if not found:
            raise NotFound("There is no such workspace.")
        return [found[quota] for quota in amounts]

    async def record(self, record: UsageRecord) -> None:
        await self._connection.execute(
            _RECORD,
            {
                "tenant_id": self._tenant_id,
                "id": record.id,
                "kind": record.kind.value,
                "bot_id": record.bot_id,
                "model": record.model,
                "prompt_tokens": record.prompt_tokens,
                "completion_tokens": record.completion_tokens,
                "bytes": record.size,
                "chunks": record.chunks,
                "created_at": record.at,
                "name": Quota.TOKENS_MONTH.value,
                "period": period_of(Quota.TOKENS_MONTH, record.at),
            },
        )


class PostgresUsageQueries(UsageQueries):
    """Single statements, no transaction."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def standings(self, tenant_id: str, now: datetime) -> Sequence[Standing]:
        values = {
            "tenant_id": tenant_id,
            "names": [quota.value for quota in Quota],
            "periods": [period_of(quota, now) for quota in Quota],
        }
        async with self._reader.connect(tenant_id) as connection:
            rows = (await connection.execute(_STANDINGS, values)).all()
        if not rows:
            raise NotFound("There is no such workspace.")
        return [Standing(Quota(row.name), row.used, row.most) for row in rows]

    async def used(self, tenant_id: str, first: date, last: date, by: Grouping) -> Sequence[Usage]:
        values = {
            "tenant_id": tenant_id,
            "first": datetime.combine(first, time.min, UTC),
            "last": datetime.combine(last, time.max, UTC),
        }
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_USED_BY[by], values)
        return [
            Usage(
                row.label,
                row.messages,
                row.prompt_tokens,
                row.completion_tokens,
                row.documents,
                row.bytes,
                row.chunks,
            )
            for row in rows
        ]
