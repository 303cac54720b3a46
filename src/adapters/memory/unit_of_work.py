"""Units of work over dictionaries: one at a time, on a copy that the commit puts in place."""

from types import TracebackType
from typing import Self

from adapters.memory.api_keys import InMemoryApiKeyRepository
from adapters.memory.audit import InMemoryAuditTrail
from adapters.memory.bots import InMemoryBotRepository, InMemoryGenerationRepository
from adapters.memory.conversations import InMemoryConversationRepository, InMemoryMessageRepository
from adapters.memory.crawls import InMemoryCrawlRepository
from adapters.memory.credentials import InMemoryCredentialsRepository
from adapters.memory.documents import InMemoryChunkRepository, InMemoryDocumentRepository
from adapters.memory.erasures import InMemoryErasureReceipts
from adapters.memory.estate import InMemoryEstate
from adapters.memory.event_log import InMemoryEventAppender
from adapters.memory.feedback import InMemoryFeedbackRepository
from adapters.memory.idempotency import InMemoryIdempotencyRecords
from adapters.memory.job_queue import InMemoryJobOutbox
from adapters.memory.keyword_index import InMemoryKeywordPostings
from adapters.memory.orphans import InMemoryOrphans
from adapters.memory.state import MemoryState, copy_tables
from adapters.memory.upkeep import InMemoryUpkeep
from adapters.memory.usage import InMemoryUsageMeter
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork


class InMemoryUnitOfWork(UnitOfWork):
    """One transaction in one tenant; others wait until it ends."""

    def __init__(self, state: MemoryState, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self._state = state

    async def __aenter__(self) -> Self:
        await self._state.unit_lock.acquire()
        self._tables = tables = copy_tables(self._state.tenant(self.tenant_id))
        self._postings = self._state.postings.copy()
        self.bots = InMemoryBotRepository(tables)
        self.generations = InMemoryGenerationRepository(tables)
        self.documents = InMemoryDocumentRepository(tables)
        self.chunks = InMemoryChunkRepository(tables)
        self.postings = InMemoryKeywordPostings(self._postings, self.tenant_id)
        self.crawls = InMemoryCrawlRepository(tables)
        self.conversations = InMemoryConversationRepository(tables)
        self.messages = InMemoryMessageRepository(tables, self._state, self.tenant_id)
        self.feedback = InMemoryFeedbackRepository(tables)
        self.events = InMemoryEventAppender(tables)
        self.audit = self._audit = InMemoryAuditTrail(self._state, self.tenant_id)
        self.jobs = self._jobs = InMemoryJobOutbox(self._state, self.tenant_id)
        self.orphans = InMemoryOrphans(tables, self._jobs)
        self.idempotency = InMemoryIdempotencyRecords(tables, self._state.clock)
        self.credentials = InMemoryCredentialsRepository(tables, self._state, self.tenant_id)
        self.estate = InMemoryEstate(
            self._state, self.tenant_id, tables, self._postings, self._jobs
        )
        self.erasures = self._receipts = InMemoryErasureReceipts(self._state, self.tenant_id)
        self.upkeep = InMemoryUpkeep(tables, self._postings, self.tenant_id, self._state.clock)
        self.usage = InMemoryUsageMeter(tables, self._state, self.tenant_id)
        self.api_keys = InMemoryApiKeyRepository(tables)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self._state.tenants[self.tenant_id] = self._tables
            self._state.postings.replace_with(self._postings)
            self._jobs.commit()
            self._receipts.commit()
            self._audit.commit()
            self._state.committed.ring()
        self._jobs.unlock()
        self._state.unit_lock.release()


class InMemoryUnitsOfWork(UnitsOfWork):
    """Opens units of work on one state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def open(self, tenant_id: str) -> InMemoryUnitOfWork:
        """Return a fresh unit of work of this tenant."""
        return InMemoryUnitOfWork(self._state, tenant_id)
