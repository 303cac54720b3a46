"""All that a tenant stores in PostgreSQL: counted and erased table by table."""

from collections.abc import Mapping

from sqlalchemy import text

from adapters._psycopg import Connection
from adapters.postgres.bots import to_generation
from application.ports.estate import Estate
from domain.bots import IndexGeneration
from domain.jobs import JobKind

# Every table of a tenant, those first whose rows hang on others; a test holds it to the catalogue.
_TABLES = (
    "keyword_documents", "keyword_totals", "keyword_scopes",
    "chunks", "document_revisions", "documents", "embedding_cache",
    "events", "message_traces", "message_feedback", "messages", "conversations",
    "crawls", "provider_credentials", "idempotency_keys", "usage_records", "usage_counters",
    "api_keys", "bot_versions", "vector_namespaces", "index_generations", "bots", "job_turns",
    "sweeps",
)  # fmt: skip
# What belongs to the workspace itself, and is erased with it.
_OF_THE_WORKSPACE = ("memberships", "invitations", "audit_events")
_POSTINGS = "scope IN (SELECT number FROM keyword_scopes WHERE tenant_id = :tenant_id)"
_OTHER_JOBS = f"tenant_id = :tenant_id AND kind <> '{JobKind.ERASE_WORKSPACE.value}'"


def _erase(table: str, where: str = "tenant_id = :tenant_id", key: str = "ctid") -> str:
    return (
        f"DELETE FROM {table} WHERE ({key}) IN "  # noqa: S608  # constants only
        f"(SELECT {key} FROM {table} WHERE {where} LIMIT :most)"
    )


_VECTOR_KEY = "tenant_id, bot_id, generation_id, chunk_id"  # a ctid is of one partition only
_ERASE = tuple(
    map(
        text,
        (
            _erase("jobs", _OTHER_JOBS),  # first: whoever works for the tenant is fenced off
            _erase("keyword_postings", _POSTINGS),
            _erase("chunk_vectors", key=_VECTOR_KEY),
            *map(_erase, _TABLES),
        ),
    )
)
_COUNTED = dict.fromkeys(("chunk_vectors", *_TABLES, *_OF_THE_WORKSPACE), "tenant_id = :tenant_id")
_COUNTED |= {"keyword_postings": _POSTINGS}
del _COUNTED["job_turns"]
_COUNT = text(
    " UNION ALL ".join(
        f"SELECT '{table}' AS kind, count(*) AS rows FROM {table} WHERE {where}"  # noqa: S608
        for table, where in sorted(_COUNTED.items())
    )
)
_BUSY = text(f"""
SELECT EXISTS (SELECT FROM jobs WHERE {_OTHER_JOBS} AND lease_until > now())
  OR EXISTS (SELECT FROM messages WHERE tenant_id = :tenant_id
    AND status IN ('pending', 'streaming') AND lease_until > now())
""")  # noqa: S608
_GENERATIONS = text("SELECT * FROM index_generations WHERE tenant_id = :tenant_id ORDER BY id")


class PostgresEstate(Estate):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant = {"tenant_id": tenant_id}

    async def is_busy(self) -> bool:
        return bool(await self._connection.scalar(_BUSY, self._tenant))

    async def generations(self) -> list[IndexGeneration]:
        rows = await self._connection.execute(_GENERATIONS, self._tenant)
        return [to_generation(row) for row in rows]

    async def count(self) -> Mapping[str, int]:
        rows = await self._connection.execute(_COUNT, self._tenant)
        return {kind: count for kind, count in rows if count}

    async def erase(self, most: int) -> bool:
        for statement in _ERASE:
            gone = await self._connection.execute(statement, {**self._tenant, "most": most})
            if gone.rowcount > 0:
                return True
        return False
