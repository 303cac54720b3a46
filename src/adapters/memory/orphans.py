"""What waits in the dictionaries for a job that there is not."""

from adapters.memory.job_queue import InMemoryJobOutbox
from adapters.memory.state import TenantTables
from application.ports.orphans import Orphans
from domain.jobs import JobKind


class InMemoryOrphans(Orphans):
    """Compares the tenant's tables with the queue."""

    def __init__(self, tables: TenantTables, jobs: InMemoryJobOutbox) -> None:
        self._tables = tables
        self._jobs = jobs

    async def documents(self, limit: int) -> list[str]:
        """Return documents that wait without a job."""
        standing = (self._tables.document(one) for one in sorted(self._tables.documents))
        waiting = (d.id for d in standing if d is not None and not d.status.is_settled)
        return [one for one in waiting if not self._has(one, JobKind.FETCH, JobKind.INGEST)][:limit]

    async def crawls(self, limit: int) -> list[str]:
        """Return running crawls without a job."""
        crawls = self._tables.crawls.values()
        running = (c.id for c in crawls if c.is_running and self._tables.bot(c.bot_id) is not None)
        return [one for one in sorted(running) if not self._has(one, JobKind.CRAWL)][:limit]

    async def tombstones(self, limit: int) -> list[tuple[JobKind, str]]:
        """Return deleted bots and documents that no job erases."""
        tables = self._tables
        gone = [(JobKind.PURGE_BOT, bot) for bot in tables.bots if bot in tables.tombstones]
        gone += [
            (JobKind.PURGE_DOCUMENT, document.id)
            for document in tables.documents.values()
            if document.id in tables.tombstones and tables.bot(document.bot_id) is not None
        ]
        return [one for one in gone if not self._has(one[1], one[0])][:limit]

    def _has(self, subject_id: str, *kinds: JobKind) -> bool:
        return any(self._jobs.knows(kind, subject_id) for kind in kinds)
