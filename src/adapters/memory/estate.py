"""All that a tenant stores in dictionaries."""

from collections.abc import Mapping
from dataclasses import fields

from adapters.memory.job_queue import InMemoryJobOutbox
from adapters.memory.keyword_index import InMemoryPostingsStore
from adapters.memory.state import MemoryState, TenantTables
from application.ports.estate import Estate
from domain.bots import IndexGeneration
from domain.conversations import MessageStatus
from domain.jobs import Job, JobKind

_UNFINISHED = {MessageStatus.PENDING, MessageStatus.STREAMING}


class InMemoryEstate(Estate):
    """Works on what a unit of work holds; cached embeddings are of no unit, and go at once."""

    def __init__(
        self,
        state: MemoryState,
        tenant_id: str,
        tables: TenantTables,
        postings: InMemoryPostingsStore,
        jobs: InMemoryJobOutbox,
    ) -> None:
        self._state = state
        self._tenant_id = tenant_id
        self._tables = tables
        self._postings = postings
        self._jobs = jobs

    async def is_busy(self) -> bool:
        """Tell whether somebody works for the tenant."""
        now = self._state.clock.now()
        leases = [row.lease_until for row in self._state.jobs.values() if self._is_other(row.job)]
        leases += [
            row.lease_until
            for row in self._tables.messages.values()
            if row.message.status in _UNFINISHED
        ]
        return any(lease is not None and lease > now for lease in leases)

    async def generations(self) -> list[IndexGeneration]:
        """Return every index generation."""
        return list(self._tables.generations.values())

    async def count(self) -> Mapping[str, int]:
        """Return how much there is of each kind."""
        counts = {f.name: len(getattr(self._tables, f.name)) for f in fields(self._tables)}
        counts["embedding_cache"] = sum(key[0] == self._tenant_id for key in self._state.vectors)
        return {kind: count for kind, count in counts.items() if count}

    async def erase(self, most: int) -> bool:
        """Remove up to `most` rows of one kind."""
        for job in [row.job for row in self._state.jobs.values() if self._is_other(row.job)]:
            await self._jobs.cancel(job.kind, job.subject_id)
        doomed = [key for key in self._postings.documents if key[0] == self._tenant_id]
        for key in doomed:
            del self._postings.documents[key]
        self._state.vectors = {
            key: vector for key, vector in self._state.vectors.items() if key[0] != self._tenant_id
        }
        for each in fields(self._tables):
            rows = getattr(self._tables, each.name)
            if rows:
                for key in list(rows)[:most]:
                    rows.discard(key) if isinstance(rows, set) else rows.pop(key)
                return True
        return False

    def _is_other(self, job: Job) -> bool:
        return job.tenant_id == self._tenant_id and job.kind is not JobKind.ERASE_WORKSPACE
